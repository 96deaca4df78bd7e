"""What a folded line leaves unseen and has to say: which term of a sum is left, which numbers cancel, what a linear term gives."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import lru_cache, reduce

from derivgen.catalog.base import Elementwise
from derivgen.catalog.build import factors_of, product, split_base, split_coefficient, terms_of, without
from derivgen.expr import (
    ONE,
    ZERO,
    Add,
    At,
    Binder,
    Build,
    Call,
    Delta,
    Expr,
    Index,
    Mul,
    Number,
    Partial,
    Place,
    Power,
    Sum,
    all_indices,
    depends_on,
    rename,
    symbols,
    walk,
)
from derivgen.expr.change import skeleton
from derivgen.rules import arithmetic, collapse, differentiate
from derivgen.rules.book import Book
from derivgen.rules.engine import Context, Engine
from derivgen.rules.reason import Either, Reason, Terms, filled
from derivgen.rules.rule import Phase
from derivgen.rules.step import Step, end_of
from derivgen.rules.told import places_read, variable_of


def of_sums(steps: Sequence[Step]) -> Reason:
    """Which term is left of each sum over entries of the variable; nothing where no sum is gone."""
    wrt = steps[0].left.wrt if isinstance(steps[0].left, Partial) else None
    if not isinstance(wrt, At) or all(s.rule != collapse.collapse_delta.name for s in steps):
        return Reason()
    gone = _gone(steps)
    if not gone or not set(gone.values()) <= set(wrt.places):
        return Reason()
    moving = _entry_of(steps, wrt, gone) if _in_several(steps) else None
    terms: Terms = {"x": wrt, "x_i": moving}
    for n, (index, place) in enumerate(gone.items()):
        terms = {**terms, f"i{n}": index, f"j{n}": place}
    if moving is not None:
        own = [(i, j) for i, j in zip(moving.places, wrt.places, strict=True) if i != j]
        for n, (i, j) in enumerate(own):
            terms = {**terms, f"p{n}": i, f"q{n}": j}
        where = " and ".join(f"{{p{n}}} = {{q{n}}}" for n in range(len(own)))
        likewise = "; likewise of that over {i1}" if len(gone) > len(set(gone.values())) else ""
        said = f"{{x_i}} changes with {{x}} only where {where}, and then at rate 1"
        left = f", so of the sum over {{i0}} that one term is left{likewise}." if own else "."
        return filled(said + left, terms)
    return _of_alone(steps, wrt, gone)


def _of_alone(steps: Sequence[Step], wrt: At, gone: dict[Index, Place]) -> Reason:
    """Of which sums one term alone contains the variable; of the others what a change of it leaves.

    Where a mean of all entries stands within each term, each contains the variable, and where it has been
    differentiated before, none does: a delta leaves one.
    """
    parts: list[Reason] = []
    found = {i: _read_in_sum(steps, i, wrt) for i in gone}
    alone = [i for i, read in found.items() if read and all(i in places for places in read)]
    if alone:
        over = " and ".join(f"{{i{n}}}" for n in range(len(alone)))
        at = " and ".join(f"{{i{n}}} = {{j{n}}}" for n in range(len(alone)))
        terms: Terms = {"x": wrt}
        for n, i in enumerate(alone):
            terms = {**terms, f"i{n}": i, f"j{n}": gone[i]}
        sums = "sums" if len(alone) > 1 else "sum"
        nested = len({gone[i] for i in alone}) == len(alone)  # else the sums stand side by side, each with its term
        said = "the term with {} contains" if nested else "the terms with {} contain"
        parts.append(filled(f"In the {sums} over {over} only {said.format(at)} {{x}}", terms))
    for i in gone:
        moving = next((places for places in found[i] if i in places and len(places) == len(wrt.places)), None)
        if i in alone:
            continue
        if moving is None:
            parts.append(
                filled(
                    f"{'of' if parts else 'Of'} the sum over {{i}} the term with {{i}} = {{j}} is left",
                    {"i": i, "j": gone[i]},
                )
            )
            continue
        where = [(a, b) for a, b in zip(moving, wrt.places, strict=True) if a != b]
        terms = {"x": wrt, "x_i": At(wrt.array, moving)}
        for n, (p, q) in enumerate(where):
            terms = {**terms, f"p{n}": p, f"q{n}": q}
        only = " and ".join(f"{{p{n}}} = {{q{n}}}" for n in range(len(where)))
        parts.append(filled(f"{{x_i}} changes with {{x}} only where {only}, and then at rate 1", terms))
    return reduce(Reason.also, (p.going_on(Reason((".",))) for p in parts))


def _read_in_sum(steps: Sequence[Step], index: Index, wrt: At) -> set[tuple[Place, ...]]:
    """At which places the terms of the sum over an index, as the first line shows it, read the variable."""
    sums = (e for s in steps for e in walk(s.before) if isinstance(e, Sum) and e.index == index)
    for e in sums:
        if read := set(places_read(e.body, wrt.array)):
            return read
    return set()


def _in_several(steps: Sequence[Step]) -> bool:
    """Whether a term of the sum reads the variable more than once, so that others are not without the entry in question."""
    return any(s.rule == differentiate.product_rule.name for s in steps)


def _gone(steps: Sequence[Step]) -> dict[Index, Place]:
    """The indices of the sums of which a delta left one term, each with the place of that term, as they stand in the line."""
    found: dict[Index, Place] = {}
    for s in steps:
        if s.rule == collapse.collapse_delta.name:
            _deltas(s.before, (), found)
    if len(found) < 2:
        return found
    order = [e.index for e in walk(steps[0].before) if isinstance(e, Sum)]
    return {i: found[i] for i in dict.fromkeys(order) if i in found}


def _deltas(e: Expr, sums: tuple[Index, ...], found: dict[Index, Place], within: tuple[Binder, ...] = ()) -> None:
    """The indices of the sums around ``e`` that stand in a delta within, each with the other of its two places; of one that
    runs over the entries of an array, ``within``, the sum is not rid."""
    match e:
        case Delta(a, b):
            for i in sums:
                other = b if a == i else a
                if a != b and i in (a, b) and other not in within:
                    found.setdefault(i, other)
        case _ if e.kinds & Delta.bit:
            within = (*within, *e.bound) if isinstance(e, Build) else within
            sums = (*sums, e.index) if isinstance(e, Sum) and isinstance(e.index, Index) else sums
            for child in e.children:
                _deltas(child, sums, found, within)
        case _:
            pass


def _entry_of(steps: Sequence[Step], wrt: At, gone: dict[Index, Place]) -> At | None:
    """The entry of the variable in the first of these sums."""
    first = next(iter(gone))
    entries = (e for e in walk(steps[0].before) if isinstance(e, At) and e.array == wrt.array)
    return next((e for e in entries if first in e.places), None)


def of_numbers(steps: Sequence[Step]) -> Reason:
    """That the exponent that comes down and the number in front cancel."""
    power = next((s for s in steps if s.rule == differentiate.power_rule.name), None)
    if power is None:
        return Reason()
    after = abs(split_coefficient(steps[-1].after)[0])
    inner = [e.body for e in walk(power.before) if isinstance(e, Partial) and isinstance(e.body, Power)]
    exponents = {e.exponent for e in inner}
    match [*exponents]:
        case [Number(p)] if p not in (1, -1):
            numbers = _numbers_of(steps[0].before, Number(p))
            before = next((c for c in numbers if abs(c * p) == 1), None)
            if before is not None and len(numbers) == 1 and (after == 1 or isinstance(steps[-1].after, Add)):
                return filled("{p} and {c} cancel.", {"p": Number(abs(p)), "c": Number(before)}).also(_of_sign(steps))
        case _:
            pass
    return _of_sign(steps)


def _numbers_of(e: Expr, exponent: Number) -> set[Fraction]:
    """The numbers, without their signs, in front of what is derived, or of the product in which a derivative stands; of a
    sum those of the terms with a power of that exponent."""
    terms = terms_of(e.body if isinstance(e, Partial) else e)
    powers = [t for t in terms if any(isinstance(p, Power) and p.exponent == exponent for p in walk(t))]
    return {abs(split_coefficient(t)[0]) for t in (powers if len(terms) > 1 else terms)}


def _number_of(e: Expr) -> Fraction:
    """The number in front of what is derived, or of the product in which a derivative stands."""
    return split_coefficient(e.body if isinstance(e, Partial) else e)[0]


def _of_sign(steps: Sequence[Step]) -> Reason:
    """That a minus went into a difference of entries: one in front, or one that the derivative of what is squared has."""
    if split_coefficient(steps[-1].after)[0] < 0:
        return Reason()
    known = {e for e in walk(steps[0].before) if isinstance(e, Add)}
    turned = (
        f for f in _factors_within(steps[-1].after) if isinstance(f, Add) and len(f.terms) == 2 and f not in known
    )
    differences = (f for f in turned if sum(split_coefficient(t)[0] < 0 for t in f.terms) == 1)
    if _number_of(steps[0].before) < 0:
        met = {frozenset((not minus, of) for minus, of in _signs(e)) for e in known}
        found = next((f for f in differences if _signs(f) in met), None)
    else:  # an entry of its own may have the other sign too, so it has to be the same terms
        exact = {frozenset(map(split_coefficient, e.terms)) for e in known}
        found = next(
            (f for f in differences if frozenset((-c, t) for c, t in map(split_coefficient, f.terms)) in exact), None
        )
    return Reason() if found is None else filled("The minus sign turns the difference around[, to {d}|].", {"d": found})


def _factors_within(e: Expr) -> Iterator[Expr]:
    """The factors of a product, and of what a sum among them adds up."""
    for f in factors_of(e):
        yield f
        if isinstance(f, Sum):
            yield from _factors_within(f.body)


TURNS = ("a minus sign in front of ", "the minus sign turns the difference around")
"""How the clauses begin that tell of a difference which a sign turned around: see absorb-sign, and _of_sign."""


def without_unseen_turns(reason: Reason, line: Expr) -> Reason:
    """The reason without what it says of a turned difference that does not stand so in the ``line`` that is shown.

    Of a folded derivation single steps turn a difference, and later ones turn it back.
    """
    parts: list[str | Expr | Either] = []
    rest = [*reason.parts]
    while rest:
        match rest:
            case [str() as words, Either(ways), str() as after, *others] if after.startswith((".", ";")):
                begins = next((words.lower().rfind(t) for t in TURNS if words.lower().endswith(t)), -1)
                new = [e for e in ways[0] if isinstance(e, Expr)]
                if begins > 1 and words[begins - 2] == ";" and new and not _shows(line, new[-1]):
                    rest = [words[: begins - 2] + after, *others]
                    continue
            case _:
                pass
        parts.append(rest.pop(0))
    return Reason().going_on(Reason(tuple(parts)))


def _shows(line: Expr, e: Expr) -> bool:
    """Whether a line has a difference, of entries or of the arrays whose entries they are."""
    return any(isinstance(here, Add) and _signs(here) == _signs(e) for here in walk(line))


def _signs(e: Expr) -> frozenset[tuple[bool, frozenset[str]]]:
    return frozenset((split_coefficient(t)[0] < 0, frozenset(symbols(t))) for t in terms_of(e))


def beside(steps: Sequence[Step], book: Book) -> Reason | None:
    """Of a sum with one term that a law is about, what the other one gives, where it is linear: −yⱼ comes of −yᵀz."""
    match next((s.before for s in steps if isinstance(s.before, Partial)), None):
        case Partial(Add(terms), wrt):
            moving = [t for t in terms if depends_on(t, variable_of(wrt).name)]
            rates = [(t, _rate_of_linear(t, wrt, book)) for t in moving] if len(moving) == 2 else []
        case _:
            return None
    match [(t, rate) for t, rate in rates if rate is not None]:
        case [(t, rate)]:
            return filled("{t} changes with {x} at the rate {r}.", {"t": t, "x": wrt, "r": rate})
        case _:
            return None


@lru_cache(maxsize=64)
def _rate_of_linear(e: Expr, wrt: Expr, book: Book) -> Expr | None:
    """The derivative of what changes with the variable at a constant rate, by the rules; None of anything else."""
    name = variable_of(wrt).name
    if any(_bends(p) and depends_on(p, name) for p in walk(e)):
        return None
    ctx = Context(book, {*symbols(e), *(i.name for i in (*all_indices(e), *wrt.free))}, variable=name)
    laws = book.shown(Phase.DIFFERENTIATE, Phase.COLLAPSE)
    engine = Engine(laws, book.silent(Phase.ALWAYS, Phase.INWARD), ctx)
    rate, _ = engine.tidy(Partial(e, wrt))
    found = engine.run(rate)
    rate = end_of(found, rate)
    taken = any(isinstance(p, Partial | Build) for p in walk(rate))
    return None if taken or depends_on(rate, name) else rate


def _bends(e: Expr) -> bool:
    """Whether an operation is not linear, whatever stands in it."""
    return isinstance(e, Power) or (isinstance(e, Call) and isinstance(e.op, Elementwise))


MOST_CANCELLED = 3
"""How many things that cancel a sentence names; of more it would be a list."""


def of_cancelled(s: Step) -> Reason:
    """That a denominator which stood beside a derivative is gone once the derivative is taken, or a factor beside its inverse."""
    if s.rule not in _OF_ONE_ARGUMENT or s.after == ZERO:
        return Reason()  # in 0 nothing is left of anything, and nothing of that has cancelled
    if (
        s.rule == differentiate.chain_of_function.name
        and not isinstance(s.before, Partial)
        and s.before.kinds & Power.bit
    ):
        divided = [e for e in _divided(s.before) if isinstance(e, Add)]
        left = (
            {skeleton(e) for e in _divided(s.after)} if divided else set()
        )  # a sum that is gone gives it another index
        if (gone := next((e for e in divided if skeleton(e) not in left), None)) is not None:
            return filled("{u} cancels.", {"u": gone})
    found = _multiplied_away(s)
    if not found or len(found) > MOST_CANCELLED:
        return Reason()
    return filled(
        f"[{{u}} cancel{'' if len(found) > 1 else 's'}|what is multiplied and divided by cancels].", {"u": found}
    )


_OF_ONE_ARGUMENT = (differentiate.chain_of_function.name, differentiate.power_rule.name)
"""Laws that multiply a slope by the derivative of what it is the slope at."""


def _multiplied_away(s: Step) -> tuple[Expr, ...]:
    """What a product has as a factor and as a denominator while a line is found, as it stands in the line."""
    found: dict[Expr, None] = {}
    todo = [*s.substeps]
    while todo:
        one = todo.pop(0)
        todo = [*one.substeps, *todo]
        if one.rule != arithmetic.collect_powers.name or one.substeps or not isinstance(one.before, Mul):
            continue
        powers: dict[Expr, list[Fraction]] = {}
        for base, exponent in map(split_base, one.before.factors):
            powers.setdefault(base, []).append(exponent)
        found |= {e: None for e, of in powers.items() if len(of) > 1 and not sum(of)}
    left: dict[Index, Place] = dict(_gone(s.substeps)) if found else {}
    return tuple(dict.fromkeys(rename(e, {i: p for i, p in left.items() if i in e.free}) for e in found))


def _divided(e: Expr) -> Iterator[Expr]:
    """What divides outside of the derivatives that are still to be taken."""
    match e:
        case Partial():
            return
        case Power(base, Number(value)) if value == -1:
            yield base
        case _ if e.kinds & Power.bit:
            for child in e.children:
                yield from _divided(child)
        case _:
            return


def factor_of(entry: At, body: Expr) -> Expr | None:
    """What the entry of a variable is multiplied by in the one term that contains it; None where that moves, too."""
    name = variable_of(entry).name
    moving = [t for t in terms_of(body) if depends_on(t, name)]
    if len(moving) != 1 or entry not in (factors := factors_of(moving[0])):
        return None
    others = product(*without(factors, entry))
    return None if depends_on(others, name) else others


def staying(law: Step) -> Reason:
    """That what stands beside the derivative that a law is about, and is no number, does not contain the variable."""
    for term in terms_of(law.before):
        moving = [f for f in factors_of(term) if isinstance(f, Partial)]
        others = without(factors_of(term), *moving)
        stays = product(*(f for f in others if not isinstance(f, Number)))
        if (
            len(moving) == 1
            and stays != ONE
            and not stays.free
            and not depends_on(stays, variable_of(moving[0].wrt).name)
        ):
            return filled("[{c}|What does not contain {x}] stays.", {"c": stays, "x": moving[0].wrt})
    return Reason()
