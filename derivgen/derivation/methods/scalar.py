"""The method of the lecture: write the scalar equations, take all the partials, put the entries together again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from derivgen.catalog.base import Abstract, Elementwise, Formula
from derivgen.catalog.build import factors_of, terms_of
from derivgen.catalog.formulas import norm
from derivgen.derivation.jacobian import build, partial_of, variable_name
from derivgen.derivation.words.folding import folded, in_own_letter, is_unseen
from derivgen.derivation.words.naming import begun_again
from derivgen.derivation.words.telling import as_it_stands
from derivgen.expr import (
    ONE,
    ZERO,
    Add,
    At,
    Binder,
    Build,
    Call,
    Definition,
    Delta,
    Expr,
    Index,
    Mul,
    Number,
    Partial,
    Place,
    Position,
    Power,
    Sum,
    Symbol,
    all_indices,
    children,
    depends_on,
    indices_in,
    rename,
    replace_parts,
    walk,
)
from derivgen.options import Layout
from derivgen.rules import arithmetic, differentiate, moves, told_of_entries, unfold
from derivgen.rules.axis_parts import fresh_places, variable_places
from derivgen.rules.engine import Context, Engine
from derivgen.rules.form_cost import PAYS, measure
from derivgen.rules.reason import Reason, filled
from derivgen.rules.rule import Application, Phase, Stage
from derivgen.rules.step import Step, end_of

TWO = Number(Fraction(2))

TELLING = (Stage.DIFFERENTIATE, Stage.RECOMBINE, Stage.COLLAPSE, Stage.UNFOLD)
"""Stages whose silent laws are worth a line where nothing else is said; the most telling first."""

INWARD = (Phase.ALWAYS, Phase.INWARD)
OUTWARD = (Phase.ALWAYS, Phase.OUTWARD)
ARRAYS = (Phase.SIMPLIFY, Phase.COLLAPSE)
"""Whose rules bring an array into its printed form."""


@dataclass(frozen=True, slots=True)
class Derived:
    """A derivation under way: the steps so far, and the derivative that they end with, ``turned`` to a column already or not."""

    steps: tuple[Step, ...]
    result: Expr
    turned: bool = False


def scalar_method(f: Expr, x: Expr, name: Expr, ctx: Context, layout: Layout = "numerator",
                  definitions: tuple[Definition, ...] = ()) -> Derived:  # fmt: skip
    """Derive f by x entry by entry.

    ``x`` is a variable, or a member of a family, At(z, (i,)); ``name`` is what f is called on the left-hand sides.
    """
    ctx = ctx.about(variable_name(x)).local()
    ctx.taken.update(i.name for i in all_indices(f))
    ctx.question = (*ctx.question, f)
    ctx.held |= _lengths(f, x)
    steps: list[Step] = []
    if not depends_on(f, variable_name(x)):
        return _constant(f, x, name, ctx, layout, definitions)

    steps += _run(f, (Phase.EXPAND,), ctx, left=name) or _whole(f, Phase.WIDEN, ctx, name)
    here = end_of(steps, f)

    out = fresh_places(f, ctx)
    ctx.entry = frozenset(indices_in(out))
    entry = unfold.entry_of(here, out)
    named_entry = _named(name, out)
    picture = "stack" if len(out) == 1 and _shows_table(f) else ""
    unfolded = _run(entry, (Phase.UNFOLD,), ctx, left=named_entry)
    if unfolded and isinstance(unfolded[-1].after, Add):
        again = begun_again(unfolded[-1].after, (*all_indices(f), *indices_in(out)), ctx)
        lettered = _letters_of(unfolded[-1].after, again)
        unfolded = [replace(u, reason=u.reason.of(lambda e: _lettered(e, lettered))) for u in unfolded]
        unfolded[-1] = replace(unfolded[-1], after=again)
    if unfolded:
        equations = _merge(unfolded, "Write the scalar equations", picture)
        if steps and steps[0].rule == unfold.write_definition.name and not picture:  # an abbreviation, by its entries
            both = _merge([*steps, *unfolded], equations.title, picture)
            means = _by_definition(f, out, equations.after) if out else both.reason
            equations = replace(equations, before=unfold.entry_of(f, out), reason=means, substeps=both.substeps)
            steps = []
        steps.append(equations)
    body = unfolded[-1].after if unfolded else _tidied(entry, ctx)

    at = variable_places(f, x, ctx)
    start: Expr = partial_of(body, (), x, at)
    left = partial_of(name, out, x, at)
    if picture and len(at) == 1:
        whole = build(left, out, at, layout)
        defined = build(partial_of(f, out, x, at), out, at, layout)
        steps.append(moves.write_jacobian.step(defined, build(start, out, at, layout), left=whole, picture="table"))
    if picture and at:
        narrowed = differentiate.element_wise_condition.rewrite(start, ctx)
        if narrowed is not None:
            use = Application(differentiate.element_wise_condition, start, narrowed)
            steps.append(replace(use.step(), left=left))
            start = narrowed
    here = start
    for phases in ((Phase.DIFFERENTIATE, Phase.EXPAND, Phase.UNFOLD), (Phase.COLLAPSE,)):
        found = _run(here, phases, ctx, left=left)
        steps += found
        here = end_of(found, here)

    whole = build(left, out, at, layout)
    outcome = _put_together(here, start, steps, out, at, whole, ctx, layout, definitions)
    if layout != "denominator" and isinstance(x, Symbol) and _is_declared(f, x):
        # the general Jacobian ends with its table: ∂y/∂x = ∂f/∂x would say nothing more
        defined = build(partial_of(f, out, x, at), out, at, layout)
        general = moves.write_jacobian.step(
            defined, outcome.result, left=whole, picture="stages", substeps=outcome.steps
        )
        return Derived((replace(general, definitions=definitions),), outcome.result)
    return Derived(in_own_letter(outcome.steps, f, name), outcome.result)


def _lengths(f: Expr, x: Expr) -> frozenset[Expr]:
    """The lengths of the variable in f, moved by constants or not, beside which it stands by itself too: as in x/‖x‖.

    Of one whose square stands in f the squares are differentiated.
    """
    if not f.kinds & Call.bit or x.shape.rank != 1:
        return frozenset()
    found = lengths(f, x)
    squared = {e.base for e in walk(f) if isinstance(e, Power) and e.exponent == TWO} if found else frozenset()
    beside = replace_parts(f, dict.fromkeys(found, ONE)) if found else f
    return frozenset(found - squared) if found and depends_on(beside, variable_name(x)) else frozenset()


def lengths(f: Expr, x: Expr) -> set[Expr]:
    """The lengths of the variable in f, moved by constants or not; a matrix has none, for no law knows how its length changes."""
    if x.shape.rank != 1:
        return set()
    return {e for e in walk(f) if isinstance(e, Call) and e.op is norm and _moved(e.args[0], x)}


def _moved(e: Expr, x: Expr) -> bool:
    """Whether ``e`` is the variable, or that and constants added up."""
    moving = [t for t in terms_of(e) if depends_on(t, variable_name(x))]
    return e.shape == x.shape and moving == [x]


def _letters_of(before: Expr, after: Expr) -> dict[Index, Index]:
    """The indices of the sums in each term of a sum, by those that they had before."""
    found: dict[Index, Index] = {}
    for old, new in zip(terms_of(before), terms_of(after), strict=True):
        pairs = zip(
            (e for e in walk(old) if isinstance(e, Sum)), (e for e in walk(new) if isinstance(e, Sum)), strict=False
        )
        found.update({a.index: b.index for a, b in pairs})
    return found


def _lettered(e: Expr, letters: dict[Index, Index]) -> Expr:
    """A term of a sentence in these indices."""
    match e:
        case Position(Index() as i):
            return Position(letters.get(i, i))
        case _:
            put: dict[Index, Place] = {i: letters[i] for i in e.free if i in letters}
            return rename(e, put) if put else e


def _by_definition(f: Expr, out: tuple[Binder, ...], entry: Expr) -> Reason:
    """What an entry of an abbreviation is."""
    inner = next((e for e in walk(f) if isinstance(e, Call) and isinstance(e.op, Formula)), f)
    its = "its definition" if inner == f else "the definition of {g}"
    terms = {"i": told_of_entries.indices(At(f, out)), "f": f, "e": entry, "g": inner}
    return filled(f"By {its} entry {{i}}[ of {{f}} is {{e}}| of {{f}} is written out| is written out].", terms)


def _is_declared(f: Expr, x: Symbol) -> bool:
    """Whether f is a function of vectors that is only declared, of the variable itself."""
    match f:
        case Call(Abstract(pointwise=False, orders=()), (arg,)):
            return arg == x and f.shape.rank == x.shape.rank == 1
        case _:
            return False


def _put_together(body: Expr, start: Expr, steps: list[Step], out: tuple[Binder, ...], at: tuple[Binder, ...],
                  whole: Expr, ctx: Context, layout: Layout, definitions: tuple[Definition, ...]) -> Derived:  # fmt: skip
    """The entries become an array; the array takes the form that a textbook prints."""
    state = build(body, out, at, layout)
    if _is_diagonal(state):
        whole_start = build(start, out, at, layout)
        steps.append(moves.place_entries.step(whole_start, state, left=whole, picture="diagonal"))
    arrays = recombined(state, ctx, whole)
    steps += arrays
    result = end_of(arrays, state)
    return Derived(tuple(replace(s, definitions=definitions) for s in folded(steps, ctx.book)), result)


def recombined(state: Expr, ctx: Context, left: Expr) -> list[Step]:
    """The steps from an array known by its entries to its printed form."""
    steps = _run(state, (Phase.RECOMBINE,), ctx, left=left, silent=OUTWARD)
    return steps + finish(end_of(steps, state), ctx, left)


def finish(e: Expr, ctx: Context, left: Expr, *, by_cases: bool = True) -> list[Step]:
    """The steps that bring an array into its printed form, by cases where one indicator rules the whole."""
    steps = _run(e, ARRAYS, ctx, left=left, silent=OUTWARD)
    here = end_of(steps, e)
    chosen = prefer(here, Engine(ctx.book.shown(*ARRAYS), ctx.book.silent(*OUTWARD), ctx))
    if chosen:
        steps += [replace(s, left=left) for s in chosen]
        here = chosen[-1].after
    return steps + _whole(here, Phase.BY_CASES, ctx, left) if by_cases else steps


def _whole(e: Expr, phase: Phase, ctx: Context, left: Expr) -> list[Step]:
    """The step by the first rule that acts on the expression as a whole."""
    for r in ctx.book.shown(phase):
        after = r.rewrite(e, ctx) if isinstance(e, r.on) else None
        if after is not None:
            return [replace(Application(r, e, after).step(), left=left)]
    return []


LONGEST = 1_000
"""Nodes of a form, written out, up to which others are tried: what is longer nobody reads for its form."""


def prefer(e: Expr, engine: Engine) -> list[Step]:
    """The steps to the form that is printed: as long as a choice makes the whole shorter, the one that does so most."""
    steps: list[Step] = []
    if e.written > LONGEST:
        return steps
    known: frozenset[Expr] | None = None
    while True:
        best: list[Step] = []
        least = -1
        for phase, part in ((Phase.FORM, Fraction(1)), (Phase.LONG_FORM, PAYS)):
            for step in engine.offers(e, engine.context.book.offered(phase)):
                way = [step, *engine.run(step.after)]
                if known is None:
                    known = frozenset(engine.context.asked(Add))
                if least < 0:
                    least = measure(e, known)
                size = measure(way[-1].after, known)
                if size < least and size <= part * least:
                    best, least = way, size
            if best:
                break
        if not best:
            return steps
        steps += best
        e = best[-1].after


def _constant(
    f: Expr, x: Expr, name: Expr, ctx: Context, layout: Layout, definitions: tuple[Definition, ...]
) -> Derived:
    """The derivative of what does not contain the variable: zero, of the shape that it would have."""
    out = fresh_places(f, ctx)
    at = tuple(ctx.fresh(d) for d in x.shape.axes)
    start = build(partial_of(f, out, x, at), out, at, layout)
    zero = arithmetic.filled(ZERO, start.shape)
    left = build(partial_of(name, out, x, at), out, at, layout)
    step = Application(differentiate.constant, start, zero).step()
    return Derived((replace(step, left=left, definitions=definitions),), zero)


def _run(start: Expr, phases: Sequence[Phase], ctx: Context, *, left: Expr | None,
         silent: Sequence[Phase] = INWARD) -> list[Step]:  # fmt: skip
    """Rules to a fixed point; the silent laws that act on the start itself make the first step."""
    engine = Engine(ctx.book.shown(*phases), ctx.book.silent(*silent), ctx)
    tidied, record = engine.tidy(start)
    steps: list[Step] = []
    if tidied != start:
        steps.append(replace(_opening(start, tidied, record), via=_term_by_term(start, ctx)))
    shown = engine.run(tidied)
    if steps and not shown and not any(a.rule.stage in TELLING for a in record):
        return []  # only put in order, and the next station does that again
    if steps and shown and steps[0].stage != Stage.DIFFERENTIATE:
        # Putting the start in order needs no line of its own where one follows anyway.
        parts = (*(steps[0].substeps or steps), *(shown[0].substeps or shown[:1]))
        said = as_it_stands(shown[0].reason, start, shown[0].after, engine)
        shown[0] = replace(shown[0], before=start, substeps=parts, reason=said)
        steps = []
    return [replace(s, left=left) for s in steps + shown]


def _tidied(e: Expr, ctx: Context) -> Expr:
    return Engine((), ctx.book.silent(*INWARD), ctx).tidy(e)[0]


def in_order(e: Expr, ctx: Context) -> Expr:
    """An array with the silent laws applied, for a move whose result needs putting in order."""
    return ordered(e, ctx)[0]


def ordered(e: Expr, ctx: Context) -> tuple[Expr, Reason]:
    """The same, and what a reader is told of it."""
    engine = Engine((), ctx.book.silent(*OUTWARD), ctx)
    after, record = engine.tidy(e)
    return after, engine.aloud(record, after)


def _opening(before: Expr, after: Expr, record: list[Application]) -> Step:
    """The silent laws that start a stage, said aloud: nothing stands before them to be folded into."""
    named = list(dict.fromkeys(a.rule for a in record))
    loudest = sorted(named, key=lambda r: TELLING.index(r.stage) if r.stage in TELLING else len(TELLING))
    told = [next(a.reason for a in record if a.rule is r) for r in loudest[:2]]
    reason = told[0] + told[1] if len(told) > 1 else told[0]
    return Step(loudest[0].name, loudest[0].title, before, after, reason, loudest[0].stage,
                substeps=tuple(a.step() for a in record) if len(record) > 1 else ())  # fmt: skip


def _term_by_term(e: Expr, ctx: Context) -> tuple[Expr, ...]:
    """The derivative of a sum with the number that each term gives, where a constant is among them: 1 + 0."""
    match e:
        case Partial(Add(terms), wrt) if not all(depends_on(t, variable_name(wrt)) for t in terms):
            found = tuple([_tidied(Partial(t, wrt), ctx) for t in terms])
            return (Add(found),) if all(isinstance(t, Number) for t in found) else ()
        case _:
            return ()


def _merge(steps: list[Step], title: str, picture: str) -> Step:
    """Steps of one thought as one step; the single ones stay as its substeps."""
    first, last = steps[0], steps[-1]
    if len(steps) == 1:
        return replace(first, title=title, picture=picture)
    laws: dict[str, Reason] = {}
    for s in steps:
        laws.setdefault(s.rule, s.reason)
    by_entry = next((k for k, s in enumerate(steps) if s.rule == unfold.entry_by_entry.name), None)
    through = (unfold.entry_by_entry.name, unfold.entry_of_linear.name)
    whole = by_entry is not None and isinstance(steps[by_entry].before, At)
    if by_entry is not None and whole and all(s.rule in through for s in steps[by_entry:]):
        laws[steps[by_entry].rule] = unfold.entry_by_entry.reason(steps[by_entry].before, last.after)
    if len(laws) > 1:
        laws.pop(unfold.entry_of_linear.name, None)  # what is added up is seen
    if len(laws) > 1 and by_entry is not None and not whole and is_unseen(steps[by_entry].before, first.before):
        laws.pop(unfold.entry_by_entry.name)
    told = list(laws.values())[:2]
    reason = told[0] + told[1] if len(told) > 1 else told[0]
    return replace(first, title=title, after=last.after, reason=reason, picture=picture, substeps=tuple(steps))


def _named(name: Expr, out: tuple[Binder, ...]) -> Expr:
    return At(name, out) if out else name


def _shows_table(f: Expr) -> bool:
    """Whether the reader is to see the whole table of partials.

    It is shown where functions are not known, and for an element-wise operation on two vectors, which the lecture
    treats in this way.
    """
    if any(isinstance(e, Call) and isinstance(e.op, Abstract) for e in walk(f)):
        return True
    parts = children(f)
    binary = isinstance(f, Add | Mul | Power) or (isinstance(f, Call) and isinstance(f.op, Elementwise))
    return binary and len(parts) == 2 and all(p.shape.rank == 1 and _is_letter(p) for p in parts)


def _is_letter(e: Expr) -> bool:
    """Whether ``e`` is a variable, its negative or its reciprocal."""
    match e:
        case Mul((Number(), Symbol())) | Power(Symbol(), Number()):
            return True
        case _:
            return isinstance(e, Symbol)


def _is_diagonal(state: Expr) -> bool:
    """Whether every term of a matrix of entries carries the delta of its two places."""
    if not isinstance(state, Build) or len(state.indices) != 2:
        return False
    wanted = set(state.indices)
    return all(
        any(isinstance(f, Delta) and {f.left, f.right} == wanted for f in factors_of(t)) for t in terms_of(state.body)
    )
