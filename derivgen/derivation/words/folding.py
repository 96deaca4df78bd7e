"""Steps that only regroup are folded into their neighbours, so that each line that is left is one thought."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from functools import reduce
from itertools import groupby
from math import prod
from operator import add

from derivgen.catalog.build import factors_of, plus, product, split_coefficient, terms_of, transposed, without
from derivgen.catalog.linear import matmul
from derivgen.catalog.opaque import eye
from derivgen.derivation.words.left_over import beside, of_cancelled, of_numbers, of_sums
from derivgen.expr import (
    ONE,
    Add,
    At,
    Build,
    Call,
    Cases,
    Definition,
    Delta,
    Expr,
    Index,
    Mul,
    Number,
    Partial,
    Power,
    Sum,
    Symbol,
    children,
    how_often,
    rename,
    replace_parts,
    walk,
)
from derivgen.rules import collapse, differentiate, fold, recombine, told
from derivgen.rules.book import Book
from derivgen.rules.cases import is_indicator
from derivgen.rules.reason import Reason, filled
from derivgen.rules.rule import Rule, Stage
from derivgen.rules.step import Step


def _names(*rules: Rule) -> frozenset[str]:
    return frozenset(r.name for r in rules)


CARRIED = _names(
    differentiate.variable, differentiate.itself, differentiate.constant, differentiate.constant_factor,
    differentiate.partial_of_sum, differentiate.sum_rule, collapse.collapse_delta,
)  # fmt: skip
"""What a derivative is carried through without a thought of its own; it goes with the law before it."""

WITHIN = _names(differentiate.element_wise_condition)
"""What is said of single terms only, where it has no line of its own: the partials that follow are taken with it."""

LINEAR = _names(differentiate.constant_factor, differentiate.sum_rule)
"""Why an entry that changes at a constant rate does so at this one, where no other law says how it changes."""

GROUPING = _names(
    recombine.lift_entries, recombine.sum_of_entries, recombine.sum_of_matrix_entries, recombine.combine_entries,
    recombine.sum_term_by_term, recombine.sum_arrays, recombine.multiply_out,
)  # fmt: skip
"""What only writes entries as arrays: it goes with what is recognised in them."""

KNOWN_AGAIN = _names(fold.fold_softmax, fold.fold_norm)
"""What finds the definition again that was written out: it ends a line."""


def folded(steps: Sequence[Step], book: Book) -> tuple[Step, ...]:
    """The steps of a derivation entry by entry with one thought a step; the single ones are steps of these."""
    found: list[Step] = []
    for (kind, _), group in groupby(steps, key=lambda s: (_kind(s), s.left)):  # an equation of the value is no partial
        those = list(group)
        match kind:
            case "partials":
                found += [_with_cancelled(s) for s in _with_linear(_partials(those), those, book)]
            case "arrays":
                found += _arrays(those)
            case _:
                found += those
    return tuple([_titled(s) for s in _by_cases_at_once(found)])


def _titled(s: Step) -> Step:
    """A step without the name of the chain rule where it takes the slope of a function of the variable itself."""
    single = [t for t in opened((s,)) if t.rule == differentiate.chain_of_function.name]
    named = s.title == differentiate.chain_of_function.title and all(map(_is_direct, single))
    if not (s.substeps or named):
        return s
    title = SLOPE_OF_FUNCTION if named else s.title
    return replace(s, title=title, substeps=tuple(map(_titled, s.substeps)))


SLOPE_OF_FUNCTION = "The slope of the function"


def _is_direct(s: Step) -> bool:
    """Whether all functions that a step differentiates are of the variable, or of an entry of it, and of nothing else."""
    found = [p for p in walk(s.before) if isinstance(p, Partial) and isinstance(p.body, Call)]
    return bool(found) and all(_is_variable(a, p.wrt) for p in found for a in children(p.body) if told.moves(a, p.wrt))


def _is_variable(e: Expr, wrt: Expr) -> bool:
    return e == wrt or (isinstance(e, At) and isinstance(wrt, At) and e.array == wrt.array)


def _with_cancelled(s: Step) -> Step:
    if s.rule in _OF_TWO_FACTORS and _sums_of_partials(s.after) and not _sums_of_partials(s.before):
        s = replace(s, reason=s.reason.also(TERM_BY_TERM))
    cancelled = of_cancelled(s)
    return replace(s, reason=s.reason.also(cancelled)) if cancelled else s


_OF_TWO_FACTORS = _names(differentiate.quotient_rule, differentiate.product_rule)

TERM_BY_TERM = Reason(("A sum is differentiated term by term.",))


def _sums_of_partials(e: Expr) -> bool:
    """Whether partials are added up by an index in it."""
    return bool(e.kinds & Sum.bit) and any(isinstance(p, Sum) and isinstance(p.body, Partial) for p in walk(e))


def _with_linear(found: list[Step], steps: list[Step], book: Book) -> list[Step]:
    """The laws, the first of which says what a linear term beside it gives."""
    law, *rest = found
    linear = beside(steps[:1], book) if law.rule in _OF_ONE_TERM else None
    return [replace(law, reason=law.reason.also(linear)), *rest] if linear is not None else found


_OF_ONE_TERM = _names(differentiate.chain_of_function, differentiate.power_rule, differentiate.element_wise_condition)
"""Laws about one term of a sum."""


def _by_cases_at_once(steps: list[Step]) -> list[Step]:
    """The steps without an indicator that a slope by cases became, and that is nothing but these cases again."""
    match steps:
        case [*first, slope, last] if last.rule == fold.indicator_by_cases.name and slope.stage == Stage.DIFFERENTIATE:
            if is_indicator(slope.after):
                return [*first, replace(slope, after=last.after, substeps=(*(slope.substeps or (slope,)), last))]
    return steps


def opened(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The single steps again of which those of a derivation are made."""
    found: list[Step] = []
    for step in steps:
        parts = step.substeps
        whole = parts and all(s.left is not None for s in parts) and parts[-1].after == step.after
        found += opened(parts) if whole else [step]
    return tuple(found)


def in_own_letter(steps: tuple[Step, ...], f: Expr, name: Expr) -> tuple[Step, ...]:
    """The steps from where f is found again on in the letter of f, where it stands there more than once: s_i (δ_ik - s_k)."""
    first = next((k for k, s in enumerate(steps) if s.rule in KNOWN_AGAIN), None)
    if first is None or not isinstance(name, Symbol) or how_often(f, steps[-1].after) < 2:
        return steps
    own: dict[Expr, Expr] = {f: name}
    return (*steps[:first], *(
        replace(s, before=s.before if k == 0 else replace_parts(s.before, own), after=replace_parts(s.after, own), via=tuple(replace_parts(e, own) for e in s.via),
                reason=s.reason.of(lambda e: replace_parts(e, own)) if k or s.via else s.reason, definitions=(*s.definitions, Definition(name, f)))
        for k, s in enumerate(steps[first:])
    ))  # fmt: skip


def _kind(step: Step) -> str:
    if step.picture:
        return ""
    if step.stage in (Stage.DIFFERENTIATE, Stage.COLLAPSE):
        return "partials"
    return "arrays" if step.stage == Stage.RECOMBINE or step.rule in KNOWN_AGAIN else ""


def _partials(steps: list[Step]) -> list[Step]:
    """Each law of calculus with what it needs no line for; what stands before the first law goes with it."""
    groups: list[list[Step]] = []
    for step in steps:
        if groups and (
            step.rule in CARRIED or all(s.rule in CARRIED | WITHIN for s in groups[-1]) or _is_said(step, groups[-1])
        ):
            groups[-1].append(step)
        else:
            groups.append([step])
    return [_one(group, CARRIED) for group in groups]


def _is_said(step: Step, before: Sequence[Step]) -> bool:
    """Whether the law before said what an exponential gives already: of the sum that it is of, its own slope."""
    if step.rule != differentiate.chain_of_function.name or not _is_direct(step):
        return False
    law = next(s for s in before if s.rule not in CARRIED | WITHIN)
    return law.rule == step.rule and any(told.OWN_SLOPE in words for words in law.reason.words)


def _arrays(steps: list[Step]) -> list[Step]:
    """All that is recognised in the entries is one line, but a definition that is found again ends one."""
    groups: list[list[Step]] = [[]]
    for step in steps:
        if not groups[-1] or groups[-1][-1].rule not in KNOWN_AGAIN or step.rule in KNOWN_AGAIN:
            groups[-1].append(step)
        else:
            groups.append([step])
    found = [_one(group, GROUPING) for group in groups]
    for k, step in enumerate(found):
        if step.rule in KNOWN_AGAIN and isinstance(step.after, Build):
            terms = Build(step.after.indices, _signed(step.after.body), step.after.row)
            after = replace(terms, body=_collected(terms.body))
            apart = _two_cases(after.body)
            found[k] = replace(step, after=after)
            if apart is not None:
                between = replace(terms, body=plus(*map(_delta_last, terms_of(terms.body))))
                via = (*([between] if terms != after else []), replace(after, body=apart))
                found[k] = _told_by_cases(replace(found[k], via=via), apart)
            if k + 1 < len(found):
                found[k + 1] = replace(found[k + 1], before=after)
    return found


def _signed(e: Expr) -> Expr:
    """A sum of entries in which a number stands before the entry, not in the array: -y_j for (-y)_j."""
    terms: list[Expr] = []
    for t in terms_of(e):
        match t:
            case At(Mul() as array, places) if split_coefficient(array)[0] != 1:
                number, rest = split_coefficient(array)
                unit = isinstance(rest, At) and isinstance(rest.array, Call) and rest.array.op is eye
                entry = Delta(rest.places[0], places[0]) if isinstance(rest, At) and unit else At(rest, places)
                terms.append(product(Number(number), entry))
            case _:
                terms.append(t)
    return plus(*terms)


def _delta_last(e: Expr) -> Expr:
    """A product with its delta behind: s_i δ_ik."""
    return product(
        *(f for f in factors_of(e) if not isinstance(f, Delta)), *(f for f in factors_of(e) if isinstance(f, Delta))
    )


def _collected(e: Expr) -> Expr:
    """A sum of products with what all have in common in front, as in s_i (δ_ik - s_k)."""
    if not isinstance(e, Add):
        return e
    first, *rest = (list(factors_of(t)) for t in e.terms)
    common: list[Expr] = []
    for f in first:
        if f.free and all(f in other for other in rest):
            common.append(f)
            rest = [without(other, f) for other in rest]
    left = without(first, *common)
    return product(*common, plus(product(*left), *(product(*other) for other in rest))) if common else e


def is_unseen(read: Expr, shown: Expr) -> bool:
    """Whether what is read by its entries came in by a definition, so that it stands in no line."""
    arrays = {e.array for e in walk(read) if isinstance(e, At) and isinstance(e.array, Call | Power)}
    return bool(arrays) and not arrays & set(walk(shown))


def _two_cases(e: Expr) -> Cases | None:
    """An entry u (δ - v) by cases: what it is where the two indices agree, and where they do not."""
    for k, f in enumerate(factors_of(e)):
        match f:
            case Add((Delta(Index() as i, Index() as j) as d, *rest)):
                beside = without(factors_of(e), f)
                numbers = [split_coefficient(plus(*rest)), *map(split_coefficient, beside)]
                sign = Number(prod([value for value, _ in numbers], start=Fraction(1)))
                same = rename(product(*beside[:k], plus(ONE, *rest), *beside[k:]), {j: i})
                kept = [g for _, g in [*numbers[1 : k + 1], numbers[0], *numbers[k + 1 :]] if g != ONE]
                return Cases(((d, same),), product(*([sign] if sign != ONE else []), *kept))
            case _:
                continue
    return None


def _told_by_cases(step: Step, cases: Cases) -> Step:
    """A line that is seen by cases: which is which, and the one expression for both."""
    (d, same), other = cases.branches[0], cases.otherwise
    assert isinstance(d, Delta)
    terms = {"i": d.left, "k": d.right, "u": same, "v": other, "d": d}
    said = filled(
        "[So it is {u} if {i} = {k} and {v} otherwise, which with {d} is one expression|With {d} both cases are one expression].",
        terms,
    )
    return replace(step, reason=step.reason.first + said)


def _as_printed(reason: Reason, steps: list[Step]) -> Reason:
    """A reason with an outer product as it stands in the last line, where that has the transpose of what was recognised."""
    if not any(s.rule == recombine.outer_product.name for s in steps):
        return reason
    printed = set(walk(steps[-1].after))
    return reason.of(lambda e: t if e not in printed and (t := _turned(e)) in printed else e)


def _turned(e: Expr) -> Expr:
    """The transpose of a product, factor by factor; anything else as it is."""
    match e:
        case Call(op, args) if op is matmul and e.shape.rank == 2:
            return Call(matmul, tuple(map(transposed, reversed(args))))
        case _:
            return e


def _one(steps: list[Step], by_the_way: frozenset[str]) -> Step:
    """Several steps as one, under the heading of the one that tells most."""
    if len(steps) == 1:
        said = _as_printed(steps[0].reason, steps)
        return steps[0] if said is steps[0].reason else replace(steps[0], reason=said)
    telling = [s for s in steps if s.rule not in by_the_way] or steps
    lead = next((s for s in telling if s.rule in KNOWN_AGAIN), telling[0])
    title, reason = lead.title, lead.reason
    laws = {s.rule: s for s in reversed(telling)}  # the first of each
    if lead.stage == Stage.RECOMBINE and len(laws) > 1:
        lead, title = replace(lead, rule=recombine.combine_entries.name), recombine.combine_entries.title
        reason = reduce(add, [s.reason.first for s in telling if laws[s.rule] is s][:2])
    if lead.rule in WITHIN or all(s.rule in CARRIED for s in steps):
        law = next((s for s in steps if s.rule not in CARRIED | WITHIN), lead if lead.rule in WITHIN else steps[0])
        title = law.title
        within = lead.rule in WITHIN
        if within and law.rule == differentiate.chain_of_function.name:
            title = lead.title
        first = [s for s in steps if s.rule not in CARRIED] or [
            steps[0],
            *(s for s in steps if s.rule == differentiate.variable.name),
        ]
        said, *more = [*dict.fromkeys(s.reason.first for s in first)][:3]
        reason = reduce(add, [said.also(more[1]) if more[1:] else said, *more[:1]])  # a third law is said besides
        if within and not more:
            linear = [s.reason.first for s in steps if s.rule in LINEAR]
            itself = filled("{x} changes with itself at rate 1.", {"x": lead.reason.terms[-1]})
            reason = said + reduce(Reason.also, [*linear, itself]) if linear else said
        if within and len(more) == 1 and any(s.rule == collapse.collapse_delta.name for s in steps):
            reason = said.also(more[0])
    if lead.stage in (Stage.DIFFERENTIATE, Stage.COLLAPSE):
        own = any(told.OWN_SLOPE in words for words in reason.words)  # which term contains the variable, is said then
        left, numbers = Reason() if own else of_sums(steps), of_numbers(steps)
        reason = reason.besides(left) if left else reason
        reason = reason.also(numbers) if numbers else reason
    reason = _as_printed(reason, steps)
    return replace(lead, title=title, reason=reason, before=steps[0].before, after=steps[-1].after, left=steps[-1].left,
                   substeps=tuple(steps))  # fmt: skip
