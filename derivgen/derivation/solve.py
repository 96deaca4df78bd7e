"""The pipeline: a problem in, a checked derivation out."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from derivgen.arguments import require
from derivgen.catalog.elementwise import greater, not_equal
from derivgen.catalog.letters import spell
from derivgen.catalog.linear import sum_
from derivgen.check.kinks import BothSides
from derivgen.deadline import doing
from derivgen.derivation import shadows
from derivgen.derivation.answer_notes import added, answer_notes
from derivgen.derivation.bends import is_bent
from derivgen.derivation.borders import takes_sides, torn
from derivgen.derivation.conditions import ARITHMETIC, Condition, conditions
from derivgen.derivation.derivation import Derivation
from derivgen.derivation.jacobian import second_definition, turned
from derivgen.derivation.methods.carried import carried_through, own_transposes
from derivgen.derivation.methods.chain import chain_method
from derivgen.derivation.methods.gradient_lists import definition, is_stack, letters_of, stacked_method
from derivgen.derivation.methods.hessian import Twice, hessian_method
from derivgen.derivation.methods.kept import with_letters_kept
from derivgen.derivation.methods.link import Task
from derivgen.derivation.methods.mixture import mixture_by_all, mixture_method
from derivgen.derivation.methods.quotient import in_letter_of_quotient
from derivgen.derivation.methods.routine import in_brief
from derivgen.derivation.methods.scalar import Derived, finish, in_order, scalar_method
from derivgen.derivation.methods.structured import (
    exchanged,
    put_back,
    structure,
    structured_definition,
    unstructured,
    value_called,
    within,
)
from derivgen.derivation.methods.vectorised import Stacked, in_letters_of, stacked_form
from derivgen.derivation.problem import Problem
from derivgen.derivation.report import every_step, judge
from derivgen.derivation.settled import settling
from derivgen.derivation.undefined import refuse_division_by_zero
from derivgen.derivation.words.naming import Letters
from derivgen.expr import (
    MINUS_ONE,
    ZERO,
    Add,
    At,
    Build,
    Call,
    Definition,
    Expr,
    Mul,
    Symbol,
    indices_in,
    substitute,
    walk,
)
from derivgen.rules import moves
from derivgen.rules.engine import Context, Engine
from derivgen.rules.form_cost import measure
from derivgen.rules.monomials import samples_index
from derivgen.rules.step import Step, end_of
from derivgen.rules.told_of_changes import of_read_transposed


def solve(problem: Problem) -> Derivation:
    """The pipeline: name the value, derive it, lay it out, let the judge see it."""
    require(problem, Problem, "what is solved is a problem", "derivgen.derivation.read_problem reads one")
    parts = sum(1 for _ in walk(problem.expression))
    with doing(f"a derivation of an expression with {parts:,} parts"):
        ctx = context_for(problem)
        refuse_division_by_zero(problem.expression, ctx)
        letters, f, listed = Letters(ctx), problem.expression, isinstance(problem.wrt, tuple)
        name = letters.named(f, problem.called) if problem.called else letters.value(f, listed=listed)
        shown = letters_of(problem.expression, name, ctx)
        asked, problem = problem, _generalised(problem)
        problem, first = _settled(problem, shown, ctx)
        start, left = (_definition(problem, f, ctx) for f in (problem.expression, shown))
        outcome = _outcome(problem, name, shown, ctx, start, left)
        outcome = _in_brief(Derived((*first, *outcome.steps), outcome.result), problem)
        if structure(asked.wrt) is not None and not asked.places:
            problem, start, left, outcome = _structured(asked, problem, outcome, start, left, ctx)
        elif problem.options.order == 1 and not problem.places:
            outcome = with_letters_kept(outcome, left, tuple(ctx.taken))
        result = in_letters_of(left, outcome.result)
        stacked = _stacked(problem, name, result, ctx)
        if stacked is not None:
            outcome = Derived((*outcome.steps, *stacked.steps), outcome.result)
        made = (e for s in every_step(outcome.steps) for e in (s.before, s.after))
        shadows.refuse_mixed((asked.expression,), (*made, result), problem.world.glossary)
        o = problem.options
        called = value_called(name, problem.expression, asked.wrt)
        report = judge(start, outcome, o.seed, o.samples, stacked, called) if o.check else None
        steps = report.steps if report else outcome.steps
        return Derivation(asked, name, left, start, steps, result, _limits(asked, problem, result), stacked, report)


def _in_brief(outcome: Derived, problem: Problem) -> Derived:
    """A derivation term by term that is long with all that stands around the terms: its routine chains are one step each."""
    if problem.options.method != "auto" or not any(s.rule == moves.derive_terms.name for s in outcome.steps):
        return outcome
    return replace(outcome, steps=tuple(in_brief(outcome.steps, 0)))


def _generalised(problem: Problem) -> Problem:
    """The question as if nothing were declared about the entries of the variable, where that is asked for."""
    x = problem.wrt
    if problem.options.structured != "free" or not isinstance(x, Symbol) or structure(x) is None or problem.places:
        return problem
    general = unstructured(x)
    put: dict[str, Expr] = {x.name: general}
    definitions = tuple(Definition(d.symbol, substitute(d.value, put)) for d in problem.definitions)
    expression = substitute(problem.expression, put)
    return replace(problem, expression=expression, wrt=general, definitions=definitions)


def _structured(
    asked: Problem, problem: Problem, outcome: Derived, start: Expr, left: Expr, ctx: Context
) -> tuple[Problem, Expr, Expr, Derived]:
    """What is derived by a matrix with structure: its definition, its name, and the way to it.

    Where the entries are free, what was derived of any matrix is read for one with structure; but not where slopes
    differ, for those of max(S, Sᵀ) do so at each symmetric S.
    """
    x, general = asked.wrt, problem.wrt
    assert isinstance(x, Symbol)
    assert isinstance(general, Symbol)
    if asked.options.structured != "free":
        start = structured_definition(problem.expression, x, ctx, problem.options.layout, problem.options.structured)
        return problem, start, left, within(outcome, left, x, problem.options.structured, ctx)
    if any(c.of_slopes for c in conditions(problem.expression, x.name)):
        return problem, start, left, outcome
    problem = replace(problem, expression=exchanged(problem.expression, general, x), wrt=x)
    start, left = (exchanged(e, general, x) for e in (start, left))
    return problem, start, left, put_back(outcome, left, general, x, ctx)


def _settled(problem: Problem, shown: Expr, ctx: Context) -> tuple[Problem, list[Step]]:
    """The question without ties that are always there, and the steps to it."""
    steps = settling(
        problem.expression, problem.wrt, shown, ctx, problem.definitions, by_entries=problem.options.method == "scalar"
    )
    return (replace(problem, expression=steps[-1].after) if steps else problem), steps


def _stacked(problem: Problem, name: Symbol, result: Expr, ctx: Context) -> Stacked | None:
    """The answer as a matrix where it is known by its entries only, and has a form of that kind."""
    if problem.options.order == 2 or problem.places or not isinstance(problem.wrt, Symbol):
        return None
    f, x = problem.expression, problem.wrt
    return stacked_form(f, x, name, result, problem.options.layout, problem.options.structured, ctx)


def context_for(problem: Problem) -> Context:
    """Names in use: those of the expression, everything declared, the sizes, and the letters in which rows are printed."""
    declared = [*problem.symbols, *problem.functions, *(d.symbol.name for d in problem.definitions)]
    sizes = [str(d) for s in problem.symbols.values() for d in s.shape.axes]
    rows = [
        spell(e.array.name).stem.lower()
        for e in walk(problem.expression)
        if isinstance(e, At) and isinstance(e.array, Symbol) and e.array.shape.rank == 2 and len(e.places) == 1
    ]
    variables = problem.wrt if isinstance(problem.wrt, tuple) else (problem.wrt,)
    fixed = problem.expression.free | frozenset(indices_in(problem.places))
    # an index that an array has for its own places is none that stays fixed: sum(A[i] for i) @ [i for i]
    own = {i for e in walk(problem.expression) if isinstance(e, Build) for i in e.bound}
    sample_indices = (samples_index(problem.expression, variables) - own) | fixed
    taken = (*declared, *sizes, *rows, *(i.name for i in fixed))
    return Context.of(problem.expression, problem.world.book, taken=taken, sample_indices=sample_indices)


def _definition(problem: Problem, f: Expr, ctx: Context) -> Expr:
    """The derivative of f as it is defined, in the layout asked for."""
    if problem.options.order == 2:
        assert isinstance(problem.wrt, Symbol)
        return second_definition(f, problem.wrt, ctx)
    wrt = problem.variable if problem.places else problem.wrt
    return definition(f, wrt, ctx, problem.options.layout, problem.expression)


def _outcome(problem: Problem, name: Symbol, shown: Expr, ctx: Context, start: Expr, left: Expr) -> Derived:
    """The steps, in the layout asked for.

    Entry by entry, the layout is only the order of the axes. Jacobians are multiplied, and gradients stacked, in
    numerator layout, and a last step turns the product; but the gradient of a number is a column on the way already.
    """
    f, x = problem.expression, problem.wrt
    if problem.options.order == 2:
        assert isinstance(x, Symbol)
        return hessian_method(Twice(f, x, name, problem.options.method), ctx)
    if problem.places and not is_stack(f):
        layout, by_entries = problem.options.layout, problem.options.method == "scalar"
        mixed = None if by_entries else mixture_method(f, problem.variable, name, ctx, layout)
        return mixed or scalar_method(f, problem.variable, name, ctx, layout)
    if isinstance(x, tuple) or is_stack(f):
        outcome = stacked_method(f, problem.variable if problem.places else x, shown, ctx)
    else:
        mixed = (
            mixture_by_all(f, x, name, ctx, problem.options.layout, start, left)
            if problem.options.method == "auto"
            else None
        )
        if mixed is not None:
            return mixed
        # by a vector the derivative of a number is a column in denominator layout too
        columns = ("gradient",) if x.shape.rank > 1 else ("gradient", "denominator")
        column = problem.options.layout in columns and not f.shape.axes
        task = Task(f, x, name, problem.options.method, given=_expanded(problem.definitions), column=column)
        chained = chain_method(task, ctx) if problem.options.method != "scalar" else None
        if chained is None:
            outcome = scalar_method(f, x, name, ctx, problem.options.layout)
            return in_letter_of_quotient(outcome, f, x, name, ctx, left) if x.shape.rank <= 1 else outcome
        outcome = chained
    as_it_is = definition(f, x, ctx, "numerator").shape == start.shape and start.shape.rank != 2
    if not (
        as_it_is
        or outcome.turned
        or problem.options.layout == "numerator"
        or (problem.options.layout == "gradient" and f.shape.axes)
    ):
        outcome = _turned(outcome, ctx, start, left)
    if isinstance(x, Symbol) and any(s.rule == moves.quotient_of_values.name for s in outcome.steps):
        return in_letter_of_quotient(outcome, f, x, name, ctx, left)
    return outcome


def _expanded(definitions: tuple[Definition, ...]) -> tuple[Definition, ...]:
    """The reader's names, each for an expression without any of them."""
    values: dict[str, Expr] = {}
    for d in definitions:
        values[d.symbol.name] = substitute(d.value, values)
    return tuple(Definition(d.symbol, values[d.symbol.name]) for d in definitions)


def _turned(outcome: Derived, ctx: Context, start: Expr, left: Expr) -> Derived:
    """The transpose, for the denominator layout and for gradients of the variable's shape; what was read off beside a change is
    read in the layout at once."""
    *before, last = outcome.steps
    ways = [turned(outcome.result)]
    if last.rule == moves.read_derivative.name:
        ways.append(carried_through(outcome.result))
    found: list[tuple[Expr, list[Step]]] = []
    for way in ways:
        after = in_order(way, ctx)
        tidied = finish(after, ctx, left, by_cases=start.shape.rank == 2)
        found.append((end_of(tidied, after), tidied))
    result, tidied = min(found, key=lambda f: measure(f[0], frozenset(ctx.asked(Add))))
    if last.rule == moves.read_derivative.name and last.left is not None:
        via = (ways[0],) if ways[0] != result else ()
        read = moves.read_derivative.step(start, result, left=left, via=via, substeps=tuple(tidied),
                                          reason=of_read_transposed(last.left, left, own_transposes(outcome.result)))  # fmt: skip
        return Derived((*before, replace(read, definitions=last.definitions)), result)
    return Derived((*outcome.steps, moves.turn_layout.step(start, result, left=left, substeps=tuple(tidied))), result)


def _limits(asked: Problem, settled: Problem, result: Expr) -> tuple[Condition, ...]:
    """What limits the answer: the kinks that are left without what always ties, and the domain of all that was asked."""
    wrt = asked.wrt if isinstance(asked.wrt, tuple) else (asked.wrt,)
    found = dict.fromkeys(c for x in wrt for c in conditions(asked.expression, x.name))
    if settled is not asked:
        kinks = dict.fromkeys(c for x in wrt for c in conditions(settled.expression, x.name) if c.of_slopes)
        found = dict.fromkeys((*kinks, *(c for c in found if not c.of_slopes)))
    found = dict.fromkeys(_seen(found, settled, result))
    read = [replace(c, order=settled.options.order) for c in answer_notes(result, settled.expression)]
    further = added(result, found, settled.expression)
    without = {c.relation.children[0] for c in further if isinstance(c.relation, Call) and c.relation.op is not_equal}
    valued = (replace(c, valued=False) if c.of_slopes and c.relation.children[0] in without else c for c in found)
    return (*valued, *further, *read)


def _seen(found: Collection[Condition], problem: Problem, result: Expr) -> Iterator[Condition]:
    """The conditions, but of the kinks those only where slopes differ or may differ: max(0, x)² has one slope at 0."""
    wrt = problem.wrt if isinstance(problem.wrt, tuple) else (problem.wrt,)
    order = problem.options.order
    sides: BothSides | None = None
    asked = {c.relation for c in found if c.kind == "domain"}
    alone = sum(c.kind in ("kink", "tie", "root") for c in found) == 1
    for c in found:
        if c.kind == "kink" and isinstance(c.relation, Call):
            names = [x.name for x in wrt]
            sides = sides or BothSides(problem.expression, result, names, order)
            left, right = c.relation.args
            border = left if right == ZERO else Add((left, Mul((MINUS_ONE, right))))
            differ = sides.differ(border)
            if differ is not False or _is_torn(result, border, names, order):
                bent = differ is True and all(is_bent(problem.expression, c.relation, x) for x in wrt)
                yield replace(c, order=order, surely=bent)
            elif alone and takes_sides(result):
                yield Condition("joined", c.relation, order=order)
        elif c.kind == "root" and Call(greater, c.relation.children) in asked:
            pass  # where it is 0 there is not even a value
        elif c.kind in ("tie", "root"):
            yield replace(c, order=order, surely=all(is_bent(problem.expression, c.relation, x) for x in wrt))
        else:
            yield c


def _is_torn(result: Expr, border: Expr, names: list[str], order: int) -> bool:
    """Whether an answer with one value on both sides of a border has another at it."""
    off = torn(result, border, Engine((), ARITHMETIC, Context()))
    if off is None:
        return False
    behind = Call(greater, (border, ZERO))  # of which one entry more is 1 behind the border
    beyond = Mul((Call(sum_, (behind,)) if behind.shape.axes else behind, off))
    return BothSides(beyond, beyond, names, 1).differ(border) is not False
