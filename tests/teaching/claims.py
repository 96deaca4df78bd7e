"""What sentences of a derivation claim, read from their words and terms, before the judge: a false sentence is a false step.

A sentence is a row of words and terms. Each kind of claim is a pattern of words with places for the terms, and what it
says of these: an equality, or a dependence, which is one about partials. Nothing here knows why a sentence was said.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from itertools import product as cartesian
from math import gcd
from random import Random
from typing import Any

import numpy as np

from derivgen.catalog.base import Elementwise
from derivgen.catalog.build import plus, product, split_coefficient, terms_of, transposed
from derivgen.catalog.elementwise import greater, greater_equal, less, less_equal, sign
from derivgen.catalog.linear import diag, matmul, transpose
from derivgen.check.evaluate import evaluate
from derivgen.check.judge import Judge
from derivgen.derivation.derivation import Derivation
from derivgen.derivation.report import every_step
from derivgen.errors import DerivgenError
from derivgen.expr import (
    MINUS_ONE,
    ONE,
    SCALAR,
    ZERO,
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
    Pair,
    Partial,
    Place,
    Position,
    Power,
    Sum,
    Symbol,
    depends_on,
    rename,
    replace_parts,
    symbols,
    walk,
)
from derivgen.rules.reason import Either
from derivgen.rules.step import Step

T = r"⟨(\d+)⟩"
LIST = r"(⟨\d+⟩(?:(?:, | and )⟨\d+⟩)*)"


@dataclass(frozen=True)
class Claim:
    """One claim of one sentence.

    Attributes:
        kind: the words that make it.
        words: the sentence around it, with its terms.
        holds: whether it is true; None where that could not be decided.
    """

    kind: str
    words: str
    holds: bool | None


class Court:
    """Decides the claims of the steps of one derivation."""

    def __init__(self, step: Step, letters: Iterable[Definition] = ()) -> None:
        self.step = step
        known = {d.symbol.name: d for d in (*letters, *step.definitions, *step.introduces)}
        self.definitions = tuple(known.values())
        self.own = step.definitions
        self.known = {*known, *(name for side in (step.before, step.after) for name in symbols(side))}
        self.judge = Judge()
        self.sums = [
            e for s in (step, *step.substeps) for side in (s.before, *s.via) for e in walk(side) if isinstance(e, Add)
        ]

    def equal(self, a: Expr, b: Expr, definitions: tuple[Definition, ...] | None = None) -> bool | None:
        """Whether two expressions are; a number beside an array stands for all its entries."""
        if a.shape != b.shape:
            return None if not (a.shape.axes and b.shape.axes) else a.shape == b.shape
        verdict = self.judge.agree(a, b, self.definitions if definitions is None else definitions)
        return {"verified": True, "refuted": False}.get(verdict.status)

    def taken(self, d: Expr) -> Expr:
        """A partial with what its letter stands for in its place: one step into the definitions."""
        match d:
            case Partial(At(Symbol() as letter, places), wrt):
                value = next((n.value for n in self.definitions if n.symbol == letter), letter)
                return Partial(At(value, places), wrt)
            case _:
                return d

    def still(self, f: Expr, x: Expr, but: Sequence[tuple[Place, Place]] = ()) -> bool | None:
        """Whether ``f`` does not change with ``x``, unless pairs of places agree; what a letter outside the step stands
        for is held."""
        if f.shape.axes or x.shape.axes:
            name = x.array if isinstance(x, At) else x
            return True if isinstance(name, Symbol) and not depends_on(f, name.name) else None
        off = [Add((ONE, product(MINUS_ONE, product(*(Delta(i, j) for i, j in but)))))] if but else []
        return self.equal(product(*off, Partial(f, x)), ZERO, self.own)

    def moves_everywhere(self, f: Expr, x: Expr) -> bool | None:
        """Whether ``f`` changes with ``x`` whatever the places in both are."""
        found: Any = False
        for seed in range(12):
            try:
                found = found | (np.abs(self.value(jacobian(f, x), seed)) > 1e-12)
            except DerivgenError:
                return None
        moves = bool(np.any(found) if f.shape.axes or x.shape.axes else np.all(found))
        if moves or any(
            isinstance(p, Cases) or (isinstance(p, Call) and p.op in (sign, *RELATIONS.values())) for p in walk(f)
        ):
            return moves or None  # what stands in a condition or a sign alone moves nothing
        return False

    def value(self, e: Expr, seed: int) -> Any:
        """The value at a random point, with an axis for each free index."""
        rng = Random(seed)
        named = {d.symbol.name for d in self.definitions}
        parts = [e, *(d.value for d in self.definitions)]
        point: dict[str, Any] = {}
        for s in {
            s for part in parts for s in symbols(part).values() if s.name not in named or s == getattr(e, "wrt", None)
        }:
            shape = [3 for _ in s.shape.axes]
            point[s.name] = np.array([rng.uniform(-2, 2) for _ in range(int(np.prod(shape)))]).reshape(shape)
        for d in {d for part in parts for n in walk(part) for d in (*n.shape.axes, *(i.dim for i in n.free))}:
            for letter in re.findall(r"[A-Za-z]+", str(d)):
                point[letter] = 3
        return evaluate(e, point, self.definitions)


def jacobian(f: Expr, x: Expr) -> Expr:
    """The derivative of a number or a vector in numerator layout."""
    rows = tuple(Index(f"row_{k}", d) for k, d in enumerate(f.shape.axes))
    columns = tuple(Index(f"column_{k}", d) for k, d in enumerate(x.shape.axes))
    entry = Partial(_at(f, rows), _at(x, columns))
    over = (*rows, *reversed(columns))
    return Build(over, entry, row=len(columns) == 1 and not rows) if over else entry


def _at(e: Expr, places: tuple[Index, ...]) -> Expr:
    if not places:
        return e
    return At(e.array, (*e.places, *places)) if isinstance(e, At) else At(e, places)


Decide = Callable[[Court, "Terms"], "bool | None"]


class Terms:
    """The terms that a pattern found in its places."""

    def __init__(self, found: re.Match[str], terms: Sequence[Expr]) -> None:
        self.found, self.all = found, terms

    def __getitem__(self, k: int) -> Expr:
        return self.all[int(self.found[k])]

    def several(self, k: int) -> list[Expr]:
        """The terms of a list."""
        return [self.all[int(n)] for n in re.findall(r"\d+", self.found[k])]

    def place(self, k: int) -> Index | None:
        """The index that a term is."""
        term = self[k]
        return term.index if isinstance(term, Position) and isinstance(term.index, Index) else None


def all_of(answers: Iterator[bool | None]) -> bool | None:
    """Whether all hold; None where none is false and one is not known."""
    found = list(answers)
    return False if False in found else None if None in found else True


# --- equalities --------------------------------------------------------------------------------------------------------------


def is_value(c: Court, t: Terms) -> bool | None:
    """``a is b``; a letter of which nothing else is known is defined by this."""
    if t.place(1) or t.place(2) or (isinstance(t[1], Symbol) and t[1].name not in c.known):
        return None
    return c.equal(t[1], t[2])


def is_value_where(c: Court, t: Terms) -> bool | None:
    """``Where u > v, m is w``."""
    relation = RELATIONS[t.found[2]]
    u, v, m, w = t[1], t[3], t[4], t[5]
    return c.equal(product(Call(relation, (u, v)), plus(m, product(MINUS_ONE, w))), ZERO)


RELATIONS = {"<": less, ">": greater, r"\leq": less_equal, r"\geq": greater_equal}


def is_value_on_diagonal(c: Court, t: Terms) -> bool | None:
    """``d is v if i = j and 0 otherwise``; of a partial that the step takes, with its other letters held as there."""
    i, j = t.place(3), t.place(4)
    if i is None or j is None:
        return None
    value = product(t[2], Delta(i, j))
    return c.equal(t[1], value) or c.equal(c.taken(t[1]), value, c.own)


def is_zero_off_diagonal(c: Court, t: Terms) -> bool | None:
    """``d is 0 unless i = j``."""
    i, j = t.place(2), t.place(3)
    if i is None or j is None:
        return None
    return c.equal(product(Add((ONE, product(MINUS_ONE, Delta(i, j)))), t[1]), ZERO)


def is_entry(c: Court, t: Terms) -> bool | None:
    """``Entry i of f is e``."""
    i = t.place(1)
    return None if i is None or t[2].shape.rank != 1 else c.equal(At(t[2], (i,)), t[3])


def is_entry_of_two(c: Court, t: Terms) -> bool | None:
    """``Entry (i, j) of f is e``."""
    i, j = t.place(1), t.place(2)
    return None if i is None or j is None or t[3].shape.rank != 2 else c.equal(At(t[3], (i, j)), t[4])


def is_matrix(c: Court, t: Terms) -> bool | None:
    """``The matrix with a in row i and column j is A``."""
    i, j = t.place(2), t.place(3)
    return None if i is None or j is None else c.equal(Build((i, j), t[1]), t[4])


def is_vector(c: Court, t: Terms) -> bool | None:
    """``The row with a as entry i is v``."""
    i = t.place(2)
    return None if i is None else c.equal(Build((i,), t[1], row=t[3].shape.row), t[3])


def has_slope(c: Court, t: Terms) -> bool | None:
    """``f has the slope d``: that of a function of one argument, by it."""
    match t[1]:
        case Call(Elementwise(), args):
            moving = [a for a in args if symbols(a)]
        case Power(base, exponent):
            moving = [a for a in (base, exponent) if symbols(a)]
        case _:
            return None
    if len(moving) > 1:
        by = {s for p in walk(c.step.before) if isinstance(p, Partial) for s in symbols(p.wrt)}
        moving = [a for a in moving if by & symbols(a).keys()]
    if len(moving) != 1 or moving[0].shape.axes:
        return None
    letter = Symbol("slope_of", SCALAR)
    f, slope = (replace_parts(e, {moving[0]: letter}) for e in (t[1], t[2]))
    return c.equal(Partial(f, letter), slope)


def changes_at_rate(c: Court, t: Terms) -> bool | None:
    """``u changes with x at the rate r``."""
    y, x, r = t[1], t[2], t[3]
    if not isinstance(x, Symbol | At) and not x.shape.axes:  # of a part, for which a letter stands
        letter = Symbol("part_of", SCALAR)
        y, x, r = (replace_parts(e, {x: letter}) for e in (y, x, r))
    return c.equal(jacobian(y, x), r) if y.shape.rank + x.shape.rank < 3 else None


def is_symmetric(c: Court, t: Terms) -> bool | None:
    """``S is its own transpose``."""
    return c.equal(transposed(t[1]), t[1]) if t[1].shape.rank == 2 else None


def are_equal(c: Court, _: Terms) -> bool | None:
    """``There the two terms are equal``: two terms of a sum in the step, as one of them shows."""
    sums = [
        e for s in (c.step, *c.step.substeps) for side in (s.before, s.after) for e in walk(side) if isinstance(e, Add)
    ]
    found = [c.equal(*e.terms) for e in sums if len(e.terms) == 2]
    return True if True in found else None if None in found else False


# --- dependences -------------------------------------------------------------------------------------------------------------


def contains_no_other(c: Court, t: Terms) -> bool | None:
    """``f contains no other entry of w than w_i``."""
    f, own = t[1], t[3]
    if not isinstance(own, At) or f.shape.axes or any(isinstance(p, Pair) for p in own.places):
        return None
    others = tuple([Index(f"other_{k}", d) for k, d in enumerate(own.array.shape.axes)])
    return c.still(f, At(own.array, others), tuple(zip(own.places, others, strict=True)))


def contains_not(c: Court, t: Terms) -> bool | None:
    """``c does not contain x``."""
    return all_of(c.still(e, t[2]) for e in t.several(1))


def contain_all(c: Court, t: Terms) -> bool | None:
    """``u and v both contain x``."""
    return all_of(c.moves_everywhere(e, t[2]) for e in t.several(1))


def contains_only_in(c: Court, t: Terms) -> bool | None:
    """``In u only t contains x``."""
    u, own, x = t[1], t[2], t[3]
    if isinstance(own, At) and own.array == u and not x.shape.axes and all(isinstance(p, Index) for p in own.places):
        others = tuple([Index(f"{p.name}_other", p.dim) for p in own.places if isinstance(p, Index)])
        return c.still(At(u, others), x, tuple(zip(own.places, others, strict=True)))
    letter = (u.array if isinstance(u, At) else u) in {d.symbol for d in c.definitions}
    if letter or any(e.shape.axes for e in (u, own, x)):  # a wording beside it says what the letter stands for
        return None
    found = _own_terms(u, own, x)
    if found is None:
        return c.still(plus(u, product(MINUS_ONE, own)), x)
    e, pairs = found
    return all_of(iter((c.still(e.body, x, pairs), c.still(replace_parts(u, {e: ZERO}), x))))


def contains_only_in_several(c: Court, t: Terms) -> bool | None:
    """``In u only a and b contain x``: each of a sum of its own, or a term."""
    u, x = t[1], t[3]
    if any(e.shape.axes for e in (u, x, *t.several(2))):
        return None
    answers: list[bool | None] = []
    for own in t.several(2):
        found = _own_terms(u, own, x)
        if found is None:
            u = plus(u, product(MINUS_ONE, own))
            continue
        e, pairs = found
        answers.append(c.still(e.body, x, pairs))
        u = replace_parts(u, {e: ZERO})
    return all_of(iter((*answers, c.still(u, x))))


def _own_terms(u: Expr, own: Expr, x: Expr) -> tuple[Sum, tuple[tuple[Place, Place], ...]] | None:
    """The sum in ``u`` of which ``own`` is the term at the places of ``x``, and these."""
    bound = [e.index for e in walk(u) if isinstance(e, Sum)]
    places = x.places if isinstance(x, At) else ()
    for e in (e for e in walk(u) if isinstance(e, Sum)):
        for at in cartesian(*([i, *(p for p in places if not isinstance(p, Index) or p.dim == i.dim)] for i in bound)):
            put = {i: p for i, p in zip(bound, at, strict=True) if i != p}
            if put and rename(e.body, put) == own:
                return e, tuple([(i, p) for i, p in put.items() if i in e.body.free])
    return None


def contains_only_at(c: Court, t: Terms) -> bool | None:
    """``In the sum over i only the term with i = j contains x``, of every such sum in the step."""
    i, j, x = t.place(1), t.place(3), t[4]
    steps = (c.step, *c.step.substeps)
    sums = {e for s in steps for e in walk(s.before) if isinstance(e, Sum) and e.index == i}
    sums = {e for e in sums if not any(isinstance(p, Partial) for p in walk(e))}
    if i is None or j is None or not sums:
        return None
    return all_of(c.still(e.body, x, ((i, j),)) for e in sums)


def same_in_every_term(_: Court, t: Terms) -> bool | None:
    """``c is the same in every term of the sum over i``."""
    return all_of(t.place(2) not in e.free for e in t.several(1))


def without_index(_: Court, t: Terms) -> bool | None:
    """``c does not contain the index i``."""
    return t.place(2) not in t[1].free


def divides(c: Court, t: Terms) -> bool | None:
    """``u is a factor of a, b and c``: each is u times something, on one side or the other."""
    return all_of(_divides(t[1], e) for e in t.several(2))


def divides_sum(c: Court, t: Terms) -> bool | None:
    """``u is a factor of every term of e``."""
    return all_of(_divides(t[1], e) for e in terms_of(t[2]))


COUNTS = {"two": 2, "three": 3, "four": 4}


def divides_some(c: Court, t: Terms) -> bool | None:
    """``u is a factor of two terms``, of a sum in the step."""
    count = COUNTS.get(t.found[2], 2)
    return any(sum(_divides(t[1], e) for e in found.terms) >= count for found in c.sums)


def have_common(c: Court, t: Terms) -> bool | None:
    """``Two terms have a factor in common``: so many of a sum in the step, all of one where none are counted."""
    sums = c.sums if t.found[2] is None else [e for e in (t[2],) if isinstance(e, Add)]
    for e in sums:
        count = COUNTS.get(t.found[1].lower(), 2 if t.found[1] == "Several" else len(e.terms))
        if any(_share(group) for group in combinations(e.terms, count)):
            return True
    return False


def cancels(c: Court, t: Terms) -> bool | None:
    """``x cancels``: in a sum of the step its terms add up to nothing, or it multiplies and divides a product, or rates."""
    return _cancels_there(c, t[1])


def _cancels_there(c: Court, x: Expr) -> bool:
    """Whether it does, in the place of the entry or in that of the sums of which that entry is left."""
    sums = {e.index for e in walk(c.step.before) if isinstance(e, Sum)}
    places = sorted(x.free, key=str)
    moved = cartesian(*([p, *(i for i in sums if p.dim == i.dim)] for p in places))
    return any(_cancels(c, rename(x, dict(zip(places, to, strict=True))) if places else x) for to in moved)


def _cancels(c: Court, x: Expr) -> bool:
    steps = list(every_step((c.step,)))
    for e in (e for s in steps for side in (s.before, *s.via, s.after) for e in walk(side)):
        match e:
            case Add(terms):
                parts = [part for term in terms for part in _opened(term)]
                values = [value for value, rest in parts if rest == x]
                if len(values) > 1 and not sum(values):
                    return True
            case Mul() | Call():
                powers = _exponents(e, x)
                if len(powers) > 1 and not sum(powers):
                    return True
    rates = [n for e in c.step.reason.terms if e != x for n in _exponents(e, x)]  # which are multiplied
    alone = c.step.reason.terms.count(x) - 1  # x is such a rate itself, or a letter by which another is
    return any(len(of) > 1 and not sum(of) for of in (rates, [*rates, *[Fraction(1)] * alone]))


def _opened(term: Expr) -> list[tuple[Fraction, Expr]]:
    """The terms of a multiple of a sum, each with its number."""
    value, rest = split_coefficient(term)
    return [(value * c, part) for c, part in map(split_coefficient, terms_of(rest))]


def _exponents(e: Expr, x: Expr) -> list[Fraction]:
    """The powers of ``x`` among the factors of a product."""
    match e:
        case Mul(parts):
            return [n for part in parts for n in _exponents(part, x)]
        case Call(op, parts) if op is matmul:
            return [n for part in parts for n in _exponents(part, x)]
        case Power(base, Number(n)) if base == x:
            return [n]
        case _:
            return [Fraction(1)] if e == x else []


def cancel_each_other(c: Court, t: Terms) -> bool | None:
    """``2 and 1/2 cancel``: the exponent of a power that is differentiated in the step, and a number that stands there; of
    others each has to."""
    p, number, *_ = several = t.several(1)
    if not all(isinstance(e, Number) for e in several):
        return all_of(_cancels_there(c, e) for e in several)
    lines = [side for s in (c.step, *c.step.substeps) for side in (s.before, *s.via)]
    powers = {e.exponent for side in lines for e in walk(side) if isinstance(e, Power)}
    numbers = {abs(split_coefficient(e)[0]) for side in lines for e in walk(side)}
    assert isinstance(p, Number)
    assert isinstance(number, Number)
    return p.value * number.value == 1 and number.value in numbers and bool({p, Number(-p.value)} & powers)


def turns_around(c: Court, t: Terms) -> bool | None:
    """``the minus sign turns the difference around, to v - u``: that stands in the line, and its negative in what led to it."""
    d, steps = t[1], [*every_step((c.step,))]
    before = [*(side for s in steps for side in (s.before, *s.via)), *(e.value for e in c.definitions)]
    shown = [*c.step.via, *(s.after for s in steps)]
    minus = product(MINUS_ONE, d)
    return all(any(c.equal(e, wanted) for side in sides for e in walk(side) if isinstance(e, Add) and e.shape == d.shape)
               for sides, wanted in ((shown, d), ([*before, *shown], minus)))  # fmt: skip


def stands_once(c: Court, t: Terms) -> bool | None:
    """``So u stands once``: in the line that the step ends with."""
    return _times(t[1], c.step.via[-1] if c.step.via and c.step.left is None else c.step.after) == 1


def _times(u: Expr, e: Expr) -> int:
    """How often a part stands in an expression."""
    return 1 if u == e else sum(_times(u, child) for child in e.children)


def _share(terms: Sequence[Expr]) -> bool:
    """Whether terms have a number, or a part with exponents of one sign, in common."""
    (number, first), *others = [_powers(e) for e in terms]
    if any(all(n * powers.get(p, 0) > 0 for _, powers in others) for p, n in first.items()):
        return True
    numbers = [number, *(n for n, _ in others)]
    if all(n < 0 for n in numbers):
        return True  # the minus sign
    below = {n.denominator for n in numbers}
    return gcd(*(n.numerator for n in numbers)) > 1 or (len(below) == 1 and below != {1})


def _divides(u: Expr, e: Expr) -> bool:
    """Whether what ``u`` multiplies stands in ``e``, to no lower powers; a number divides by its multiples."""
    (c, mine), (d, theirs) = _powers(u), _powers(e)
    whole = abs(c) == 1 or (d / c).denominator == 1
    return whole and all(n == 0 or 0 < n <= theirs.get(p, 0) or theirs.get(p, 0) <= n < 0 for p, n in mine.items())


def _powers(e: Expr) -> tuple[Fraction, dict[Expr, Fraction]]:
    """The number and what else an expression multiplies, each with its exponent; a difference is the same turned around."""
    number = Fraction(1)
    found: dict[Expr, Fraction] = {}
    todo: list[tuple[Expr, Fraction]] = [(e, Fraction(1))]
    while todo:
        here, n = todo.pop()
        match here:
            case Mul(factors):
                todo += [(f, n) for f in factors]
            case Power(base, Number(k)):
                todo.append((base, n * k))
            case Call(op, args) if op in (matmul, transpose, diag):
                todo += [(f, n) for f in args]
            case Number(value):
                number *= value ** int(n) if n.denominator == 1 else value
            case Add(terms) if n.denominator == 1:
                sign, turned = _turned(terms)
                number *= Fraction(sign) ** int(n)
                found[turned] = found.get(turned, Fraction(0)) + n
            case _:
                found[here] = found.get(here, Fraction(0)) + n
    return number, found


def _turned(terms: Sequence[Expr]) -> tuple[int, Expr]:
    """A sum in one order whose first term is positive, and the sign that it then has."""
    parts = sorted((split_coefficient(t) for t in terms), key=lambda part: str(part[1]))
    sign = -1 if parts[0][0] < 0 else 1
    return sign, Add(tuple([product(Number(sign * c), rest) for c, rest in parts]))


KINDS: tuple[tuple[str, str, Decide], ...] = (
    ("entry", rf"[Ee]ntry {T} of {T} is {T}", is_entry),
    ("entry of a matrix", rf"[Ee]ntry \({T}, {T}\) of {T} is {T}", is_entry_of_two),
    ("matrix", rf"[Tt]he matrix with {T} in row {T} and column {T} is {T}", is_matrix),
    ("vector", rf"[Tt]he (?:row|column) with {T} as entry {T} is {T}", is_vector),
    ("on the diagonal", rf"{T} is {T} if {T} = {T} and 0 otherwise", is_value_on_diagonal),
    ("slope on the diagonal", rf"{T} is {T}, the slope of [A-Za-z ]+ ⟨\d+⟩, if {T} = {T} and 0 otherwise", is_value_on_diagonal),
    ("off the diagonal", rf"{T} is 0 unless {T} = {T}", is_zero_off_diagonal),
    ("value of a case", rf"(?<=[Ww]here ){T} \$([<>]|\\[lg]eq)\$ {T}, {T} is {T}", is_value_where),
    ("value", rf"(?<!of )(?<!row ){T} is {T}(?= for every|[.,;:]|$| and (?!0 otherwise))", is_value),
    ("equal", rf"(?<!with )(?<!if )(?<!at )(?<!where ){T} = {T}", is_value),
    ("slope", rf"{T} has the slope {T}", has_slope),
    ("rate", rf"{T} changes with {T} at the rate {T}", changes_at_rate),
    ("symmetric", rf"{T} is its own transpose", is_symmetric),
    ("equal terms", r"There the two terms are equal", are_equal),
    ("no other entry", rf"{T} contains no other entry of {T} than {T}", contains_no_other),
    ("no other entry of a letter", rf"⟨\d+⟩ = {T} contains no other entry of {T} than {T}", contains_no_other),
    ("without", rf"{LIST} (?:does|do) not contain {T}(?! and)", contains_not),
    ("without, of a sum", rf"{LIST} (?:does|do) not contain {T} and", contains_not),
    ("contain", rf"{LIST} (?:both|all) contain {T}", contain_all),
    ("only in", rf"[Ii]n (?:⟨\d+⟩ = )?{T} only {T} contains {T}", contains_only_in),
    ("only in several", rf"[Ii]n (?:⟨\d+⟩ = )?{T} only {LIST} contain {T}", contains_only_in_several),
    ("only at", rf"[Ii]n the sum over {T} only the term with {T} = {T} contains {T}", contains_only_at),
    ("the same in every term", rf"{LIST} (?:is|are) the same in every term of the sum over {T}", same_in_every_term),
    ("without an index", rf"{T} does not contain the index {T}", without_index),
    ("factor", rf"{T} is a factor of {LIST}, so", divides),
    ("factor of some terms", rf"{T} is a factor of (two|three|four|several) terms", divides_some),
    ("factor in common", rf"(The|Two|Three|Four|Several) terms (?:of {T} )?have a factor in common", have_common),
    ("cancels", rf"{T} cancels(?=[.;])", cancels),
    ("cancel each other", r"(⟨\d+⟩(?:, ⟨\d+⟩)* and ⟨\d+⟩) cancel(?=[.;])", cancel_each_other),
    ("turned around", rf"turns (?:the difference|it) around, to {T}", turns_around),
    ("once", rf"so {T} stands once", stands_once),
    ("factor of a sum", rf"{T} is a factor of every term of {T}", divides_sum),
)  # fmt: skip


def claims_of(step: Step, letters: Iterable[Definition] = ()) -> Iterator[Claim]:
    """What the reason of a step claims in its longest wording, in the next and in its shortest, decided."""
    court = Court(step, letters)
    seen: set[str] = set()
    rows: list[list[str | Expr]] = []
    for way in (0, 1, -1):
        parts = [
            q for p in step.reason.parts for q in (p.ways[min(way, len(p.ways) - 1)] if isinstance(p, Either) else (p,))
        ]
        if parts not in rows:
            rows.append(parts)
            yield from _read(parts, court, seen)


def _read(parts: Sequence[str | Expr], court: Court, seen: set[str]) -> Iterator[Claim]:
    """What is not ``seen`` yet; a place of the row belongs to one claim of value at most."""
    terms, taken = [p for p in parts if isinstance(p, Expr)], set[int]()
    count = iter(range(len(terms)))
    row = "".join([p if isinstance(p, str) else f"⟨{next(count)}⟩" for p in parts])
    for kind, pattern, decide in KINDS:
        for found in re.finditer(pattern, row):
            places = all(isinstance(terms[int(n)], Position) for n in re.findall(T, found[0]))
            if decide is is_value and (places or taken.intersection(range(*found.span()))):
                continue
            taken.update(range(*found.span()))
            words = re.sub(T, lambda m: str(terms[int(m[1])]), found[0])
            if words not in seen:
                seen.add(words)
                yield Claim(kind, words, decide(court, Terms(found, terms)))


def letters_of(d: Derivation) -> tuple[Definition, ...]:
    """What all letters of a derivation stand for, the value's too; of the top level, where each has one meaning."""
    found = [e for s in d.steps for e in (*s.definitions, *s.introduces)]
    for name in {p.body for s in d.steps if s.left is not None for p in walk(s.left) if isinstance(p, Partial)}:
        symbol = name.array if isinstance(name, At) else name
        known = {e.symbol.name for e in found}
        if isinstance(symbol, Symbol) and symbol.shape == d.problem.expression.shape and symbol.name not in known:
            found.append(Definition(symbol, d.problem.expression))
    return tuple(found)


def all_claims(d: Derivation) -> Iterator[tuple[Step, Claim]]:
    """Of every step, smaller ones too."""
    letters = letters_of(d)
    for top in d.steps:
        for s in every_step((top,)):
            for claim in claims_of(s, letters if s.rule != "known-derivative" else ()):
                yield s, claim
