"""What a folded derivation is told by: the law at its heart, and what it finds for one entry."""

from __future__ import annotations

from derivgen.catalog.base import Elementwise
from derivgen.catalog.build import product, terms_of
from derivgen.catalog.elementwise import exp
from derivgen.catalog.formulas import softmax
from derivgen.catalog.linear import sum_
from derivgen.derivation.words.folding import CARRIED, opened
from derivgen.derivation.words.left_over import beside, factor_of, of_numbers, staying, without_unseen_turns
from derivgen.expr import (
    MINUS_ONE,
    ONE,
    Add,
    At,
    Build,
    Call,
    Delta,
    Expr,
    Index,
    Mul,
    Pair,
    Partial,
    Power,
    Sum,
    children,
    depends_on,
    rename,
    replace_parts,
    walk,
)
from derivgen.rules import collapse, differentiate, fold, moves
from derivgen.rules.book import Book, Entry
from derivgen.rules.engine import Engine
from derivgen.rules.reason import Reason, Terms, filled
from derivgen.rules.rule import Rule, Stage
from derivgen.rules.step import Step
from derivgen.rules.told import variable_of
from derivgen.rules.told_of_chains import of_declared

SETTING_UP = (moves.write_jacobian.name, differentiate.element_wise_condition.name, differentiate.variable.name)
"""Steps whose reason does not tell what a derivative came from, where another does."""

SPLIT = "{d} is [{v} if {i} = {j} and 0 otherwise|0 unless {i} = {j}]"
"""What an entry with a delta is."""

LONGEST_LINE = 60
"""Nodes of a line between up to which it is shown."""

LONGEST_LAW = 40
"""Nodes of the terms of a law that is used twice up to which both uses are told."""

SHORT_TERM = 12
"""Nodes of a term of a sum up to which it is shown itself; of a longer one it is said where it stands."""


def told(steps: tuple[Step, ...], book: Book) -> Reason:
    """The reason of a derivation that is folded to one step, in at most two sentences."""
    return without_unseen_turns(_told(steps, book), steps[-1].after)


def told_of_table(steps: tuple[Step, ...], value: Expr, name: Expr, x: Expr, *, further: bool) -> Reason | None:
    """The reason of a table of the partials of a function that is only declared."""
    found = _last_entry(opened(steps))
    return None if found is None else of_declared(name, value, x, *found, further=further)


def _told(steps: tuple[Step, ...], book: Book) -> Reason:
    steps = opened(steps)
    on_diagonal, laws = _on_diagonal(steps), laws_of(steps, book)
    law = laws[0].reason if laws else Reason()
    if numbers := of_numbers(steps):
        law = law.also(numbers)
    if on_diagonal is not None:
        aloud = any(r.name == s.rule and not r.silent for s in laws[:1] for r in book.rules)
        if not aloud:
            return on_diagonal
        inner = [s.reason.first for s in laws[1:] if s.rule == differentiate.chain_of_function.name]
        if inner and laws[0].rule == differentiate.chain_of_function.name and not set(inner[0].terms) <= set(law.terms):
            law = law.first.also(inner[0])
        return _on_diagonal(steps, laws[0]) or law + on_diagonal
    of_sum = in_a_sum(steps)
    if law and (known := simplified(steps)) is not None:
        again = _softmax_again(steps)
        end = known.reason.first if again is None else again.also(known.reason.first)
        return (_in_turn(steps, laws) or law.first.also(beside(steps, book) or Reason())) + end
    if of_sum is not None and all(s.rule in CARRIED for s in steps if s.stage in (Stage.DIFFERENTIATE, Stage.COLLAPSE)):
        return of_sum
    second = _folded(steps) or ((of_sum or _entry_found(steps)) if len(laws) < 2 else _last_of(laws))
    if not law:
        return second or steps[0].reason
    if not second and (both := _in_turn(steps, laws)) is not None:
        return both
    alone = _alone(steps[0], laws[0])
    if alone is not None:
        return alone + law.first
    linear = beside(steps, book)
    if _folded(steps) and laws[0].rule == differentiate.chain_of_function.name:
        linear = staying(laws[0]).also(linear or Reason())
    first = law.first
    if first is not law and len(laws) < 2 and sum([e.written for e in law.terms]) <= LONGEST_LAW:
        first = law.at_once
    if (
        laws[0].rule == differentiate.quotient_rule.name
    ):  # what is above and below is differentiated by a law of its own
        slopes = [s.reason.first for s in laws[1:] if s.rule == differentiate.chain_of_function.name]
        first = first.also(slopes[0]) if slopes else first
    return first.also(linear or Reason()) + (second or Reason()) if second or linear else law


def _in_turn(steps: tuple[Step, ...], laws: list[Step]) -> Reason | None:
    """What an entry is where both factors of a product of entries were differentiated, and what it is an entry of."""
    if [s.rule for s in laws] != [differentiate.product_rule.name] or (found := _last_entry(steps)) is None:
        return None
    read = next((s.after for s in steps if isinstance(s.left, Build) and not isinstance(s.after, Build)), None)
    match found:
        case Partial(wrt=At(_, (*_, Index() as k))) as left, Add((one, other)) as after if read is not None:
            of = ", entry {k} of {a}"
            entry = filled(f"[, so {{d}} is {{v}}{of}|, so {{d}} is {{p}} plus {{q}}{of}|].",
                           {"d": left, "v": after, "p": one, "q": other, "k": k, "a": read})  # fmt: skip
            *law, words = laws[0].reason.first.parts
            return Reason((*law, str(words).removesuffix("."))).going_on(entry)
        case _:
            return None


def _last_of(laws: list[Step]) -> Reason:
    """What the last law says; where that is only the slope of a power of an entry, after what the one before it says."""
    *_, before, last = laws
    match last.reason.terms:
        case (Power(At()), *_) if len(laws) > 2 and before.rule in _OF_SLOPES and last.rule in _OF_SLOPES:
            return before.reason.first.also(last.reason.first)
        case _:
            return last.reason.first


_OF_SLOPES = (differentiate.power_rule.name, differentiate.chain_of_function.name)
"""The laws of the slope of a function of a number."""


def _alone(first: Step, law: Step) -> Reason | None:
    """Of a sum in which one term alone contains the variable, and a law is about that: which term it is."""
    match first.before:
        case Partial(Add(terms) as whole, wrt) if law.rule != differentiate.sum_rule.name:
            moving = [t for t in terms if depends_on(t, variable_of(wrt).name)]
            if len(moving) != 1 or len(terms) < 2:
                return None
            return filled(
                "[In {u} only {t} contains {x}.|Only one term contains {x}.]", {"u": whole, "t": moving[0], "x": wrt}
            )
        case _:
            return None


def lines_between(steps: tuple[Step, ...], result: Expr) -> tuple[Expr, ...]:
    """What a link by a scalar shows on its way: the first law before the factors are put in, and what is named at its end.

    Where ``result`` is an array whose entries were found there is nothing between, since a line is equal to both sides.
    """
    if len(steps) == 1:
        return steps[0].via
    first, last = steps[0], steps[-1]
    if (written := _softmax_written_out(steps, result)) is not None:
        return (written,)
    if (known := simplified(opened(steps))) is not None:
        return (known.before,)
    if first.left is None or first.left.shape.axes or not isinstance(first.before, Partial):
        return ()
    applied = next((s.after for s in first.substeps if s.before == first.before), first.after)
    if not any(isinstance(p, Partial) and p.body != p.wrt for p in walk(applied)):
        return ()
    if result.shape != applied.shape:  # its entries were put together
        return ()
    named = (last.before,) if last.rule.startswith("fold-") else ()
    return tuple(dict.fromkeys(e for e in (applied, *named) if e.written <= LONGEST_LINE))


def _softmax_written_out(steps: tuple[Step, ...], result: Expr) -> Expr | None:
    """What was found before its exponentials over their sum were known as a softmax, where they were."""
    if not any(s.rule == fold.fold_softmax.name for s in opened(steps)):
        return None
    found: dict[Expr, Expr] = {
        e: product(Call(exp, e.args), Power(Call(sum_, (Call(exp, e.args),)), MINUS_ONE))
        for e in walk(result)
        if isinstance(e, Call) and e.op is softmax and not e.free
    }
    written = replace_parts(result, found)
    return written if found and written.written <= LONGEST_LINE else None


def simplified(steps: tuple[Step, ...]) -> Step | None:
    """What is done last with the arrays that the entries of a link were read as, where a law of its own does it."""
    last = steps[-1]
    arrays = isinstance(last.left, Build) and not isinstance(last.before, Build) and last.stage == Stage.SIMPLIFY
    return last if arrays and last.before.written <= LONGEST_LINE and last.before.shape.axes else None


def laws_of(steps: tuple[Step, ...], book: Book) -> list[Step]:
    """The laws of calculus in a derivation that are worth telling: those that make steps, if there are any."""
    laws = [s for s in steps if s.stage == Stage.DIFFERENTIATE and s.rule not in SETTING_UP]
    return [s for s in laws if not _is_silent(book.by_name.get(s.rule))] or laws


def _is_silent(entry: Entry | None) -> bool:
    return isinstance(entry, Rule) and entry.silent


def _folded(steps: tuple[Step, ...]) -> Reason | None:
    """Why what is left has a name of its own, such as σ."""
    named = next((s for s in steps if s.rule.startswith("fold-") and s.stage == Stage.COLLAPSE), None)
    if named is not None:
        return named.reason
    return _softmax_again(steps)


def _softmax_again(steps: tuple[Step, ...]) -> Reason | None:
    """That exponentials over their sum are a softmax, and what that makes of one entry."""
    for s in steps:
        match s.left, s.after:
            case Build(_, Partial() as d), Build(_, value) if s.rule == fold.fold_softmax.name:
                (c, *_) = (*s.reason.terms, d)
                return filled(
                    "The exponentials over their sum are {c}[, so {d} is {v}|].", {"c": c, "d": d, "v": value}
                )
            case _:
                pass
    return None


def _on_diagonal(steps: tuple[Step, ...], law: Step | None = None) -> Reason | None:
    """Of an element-wise operation: which entry of the variable each entry contains, and what that leaves.

    With the ``law`` by which it was found in one sentence, where that is the slope of a function of one entry, else None.
    """
    found = _last_entry(steps)
    start = next((s.before for s in steps if isinstance(s.left, Partial) and isinstance(s.before, Partial)), None)
    if found is None or start is None:
        return None
    left, after = found
    split, variable = _on_deltas(after), variable_of(left.wrt)
    entries = {e for e in walk(start.body) if isinstance(e, At) and e.array == variable}
    if split is None or len(entries) != 1:
        return None
    body, (kept,) = start.body, entries
    if not kept.free <= body.free:  # a sum over entries has them all
        return None
    y: Terms = {"y": left.body, "u": body, "w": variable, "w_i": kept, "d": left, **split}
    name = "{u}" if left.body == body else "{y}[ = {u}|]"
    so = SPLIT
    if law is not None:
        match law.reason.terms:
            case (Call(Elementwise() as op, (At(),)) as f, slope) if op.proof and op.proof.noun and slope == split["v"]:
                y, so = {**y, "f": f}, SPLIT.replace("{v}", f"{{v}}, the slope of {op.proof.noun} {{f}},")
            case _:
                return None
    factor = factor_of(kept, body)
    beside = "[, which has the constant factor {c},|]" if factor is not None and factor != ONE else ","
    return filled(f"{name} contains no other entry of {{w}} than {{w_i}}{beside} so {so}.", {**y, "c": factor})


def in_a_sum(steps: tuple[Step, ...]) -> Reason | None:
    """Of a sum each term of which has an entry of the variable of its own: the term that contains the one derived by."""
    steps = opened(steps)
    found = _last_entry(steps)
    body = next((s.before.body for s in steps if isinstance(s.left, Partial) and isinstance(s.before, Partial)), None)
    if (
        found is None
        or body is None
        or not isinstance(found[0].wrt, At)
        or any(isinstance(p, Partial) for p in walk(found[1]))
    ):
        return None
    left, after = found
    assert isinstance(left.wrt, At)
    variable = variable_of(left.wrt)
    sums = [e for e in walk(body) if isinstance(e, Sum) and depends_on(e, variable.name)]
    read = {e for here in walk(body) for e in (here, *children(here)) if variable in children(e)}
    if not sums or len(read) != 1 or collapse.collapse_delta.name not in {s.rule for s in steps}:
        return None
    (here,), inner = read, min(sums, key=lambda e: e.height)
    if not isinstance(here, At) or len(here.places) != len(left.wrt.places) or inner.index not in here.places:
        return None
    at = {i: p for i, p in zip(here.places, left.wrt.places, strict=True) if isinstance(i, Index)}
    others = [e for e in sums if e.index not in at]  # of which each term has such a sum
    if inner in others or any(e.index in at for e in others):
        return None
    term = rename(inner.body, at)
    index, place = inner.index, at[inner.index]
    terms: Terms = {"y": left.body, "u": body, "t": term, "x": left.wrt, "d": left, "v": after, "i": index, "j": place}
    every = " for every {j}" if not after.free and isinstance(place, Index) else ""
    over = [p for p in (at.get(e.index) for e in sums) if isinstance(p, Index)]
    if every and len(over) == 2:
        every, terms = " for every {j} and {k}", {**terms, "j": over[0], "k": over[1]}
    moving = [t for t in terms_of(body) if depends_on(t, variable.name)]
    if term == left.wrt:  # of a power or a multiple of the sum it is no term
        outer = max(sums, key=lambda e: e.height)
        whole = "{y}[ = {u}|]" if moving == [outer] else "[{s}|The sum]"
        said = f"{whole} contains {{x}} once, as a term of its own[, so {{d}} is {{v}}{every}|]."
        return filled(said, {**terms, "s": outer})
    so = "[, so {d} is {v}|]"
    if term.written > SHORT_TERM and len(sums) == 1:
        return filled(f"In {{y}}[ = {{u}}|] only the term with {{i}} = {{j}} contains {{x}}{so}.", terms)
    if len(moving) > 1:
        summed = [[e for e in walk(t) if isinstance(e, Sum) and e.index in at] for t in moving]
        if others or not all(summed):
            return None
        own = tuple(rename(min(found, key=lambda e: e.height).body, at) for found in summed)
        return filled(
            f"In {{y}}[ = {{u}}|] only [{{o}} contain|terms with {{i}} = {{j}} contain] {{x}}{so}.", {**terms, "o": own}
        )
    if others:
        return filled(f"In {{y}}[ = {{u}}|] only the terms with {{t}} contain {{x}}{so}.", terms)
    where, more = _within(steps[-1].after, left)
    return filled(
        f"In {{y}}[ = {{u}}|] only {{t}} contains {{x}}[, so {{d}} is {{v}}{every}{where}|, so {{d}} is {{v}}{every}|].",
        {**terms, **more},
    )


LONGEST_ARRAY = 16
"""Nodes of a Jacobian up to which it is said which of its entries was found."""


def _within(whole: Expr, left: Partial) -> tuple[str, Terms]:
    """Which entry of the row or the matrix that is printed was found."""
    assert isinstance(left.wrt, At)
    match left.body, left.wrt.places[-1]:
        case _ if whole.written > LONGEST_ARRAY:
            return "", {}
        case _, Index() as k if whole.shape.row:
            return ", entry {k} of the row {a}", {"k": k, "a": whole}
        case body, Index() as k if whole.shape.rank == 1 and not body.shape.axes and not isinstance(body, At):
            return ", entry {k} of {a}", {"k": k, "a": whole}
        case At(_, (*_, Index() as i)), Index() as k if whole.shape.rank == 2 and len(left.wrt.places) == 1:
            return ", entry {k} of {a}", {"k": Pair(i, k), "a": whole}
        case _:
            return "", {}


def _last_entry(steps: tuple[Step, ...]) -> tuple[Partial, Expr] | None:
    """What is found for one entry; None where the whole is no array."""
    if not any(isinstance(s.left, Build) for s in steps):
        return None
    entries = [(s.left, s.after) for s in steps if isinstance(s.left, Partial) and not s.after.shape.axes]
    placed = next((s for s in steps if s.rule == moves.place_entries.name), None)
    if (
        placed is not None
        and isinstance(placed.left, Build)
        and isinstance(placed.after, Build)
        and isinstance(placed.left.body, Partial)
    ):
        return placed.left.body, placed.after.body
    return entries[-1] if entries else None


def _on_deltas(e: Expr) -> Terms | None:
    """Of an entry with a delta: what it is where its two indices agree, and which these are."""
    factors = e.factors if isinstance(e, Mul) else (e,)
    deltas = [f for f in factors if isinstance(f, Delta)]
    if len(deltas) != 1 or any(isinstance(p, Delta) for f in factors if f not in deltas for p in walk(f)):
        return None
    match deltas[0]:
        case Delta(Index() as i, Index() as j):
            return {"v": rename(product(*(f for f in factors if f not in deltas)), {j: i}), "i": i, "j": j}
        case _:
            return None


def _entry_found(steps: tuple[Step, ...]) -> Reason | None:
    """What is found for one entry, where the matrix that it is put into says it less plainly."""
    found = _last_entry(steps)
    if found is None or any(isinstance(p, Partial) for p in walk(found[1])):
        return None
    left, after = found
    terms: Terms = {"d": left, "v": after}
    split = _on_deltas(after)
    if split is not None:
        return filled(f"So {SPLIT}.", {**terms, **split})
    if not after.free and isinstance(left.wrt, At):
        return filled("[So {d} is {v} for every {j}.|]", {**terms, "j": left.wrt.places[-1]})
    return filled("[So {d} is {v}.|]", terms)


def as_it_stands(reason: Reason, start: Expr, after: Expr, engine: Engine) -> Reason:
    """A reason with its arrays as they stand in a line ``start`` that was not put in order, unless they stand in either
    line as they are."""

    def printed(e: Expr) -> Expr:
        if not e.shape.axes or e in walk(start) or e in walk(after):
            return e
        return next((part for part in walk(start) if part.shape == e.shape and engine.tidy(part)[0] == e), e)

    return reason.of(printed)
