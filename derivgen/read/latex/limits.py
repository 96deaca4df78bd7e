r"""What stands below and above Σ: which indices run, how far, and under what conditions: \sum_{i<j}, \sum_{i=2}^{n-1}."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from fractions import Fraction

from derivgen.errors import ParseError, Span
from derivgen.read.latex.names import plain_name
from derivgen.read.surface import Binder, Chain, Group, Infix, Letter, Literal, Product, Scripted, Surface, Unsaid, walk

_ORDERED = ("<", "≤", ">", "≥", "≠")


@dataclass(frozen=True, slots=True)
class Limits:
    """The indices that run, and the conditions under which a term counts."""

    binders: tuple[Binder, ...]
    conditions: tuple[Surface, ...] = ()

    def standing(self, body: Surface) -> Limits:
        r"""Each index once; and of i \ne k the second, where only the first stands in the body, is one that is given."""
        letters = {part.stem for part in walk(body) if isinstance(part, Letter)}
        given: set[str] = set()
        for condition in self.conditions:
            match condition:
                case Infix(_, "-", Literal(), Group(_, Chain(_, (Letter(_, one), Letter(_, other) as right)))):
                    name = plain_name(right)
                    given |= {name} if name is not None and one in letters and other not in letters else set()
        kept = {b.name: b for b in reversed(self.binders) if b.name not in given}
        return Limits(tuple(b for b in self.binders if kept.get(b.name) is b), self.conditions)

    def held(self, body: Surface) -> Surface:
        """The body times 1 where the conditions hold, and times 0 where they do not."""
        for condition in self.conditions:
            body = Product(body.span, (Group(condition.span, condition), Group(body.span, body)), ("",))
        return body


def limits(below: tuple[Surface, ...], above: Surface | None, running: Collection[str], hint: str) -> Limits:
    """What the limits say. ``running`` are the indices that run around the sign, ``hint`` is a form that is read.

    Of two letters that are compared both run, as in i < j; the second is given where it runs already, or where it comes first
    in the alphabet, as in j ≠ i.

    Raises:
        ParseError: this is no index, or what it runs along is no axis.
    """
    binders: list[Binder] = []
    conditions: list[Surface] = []
    last = below[-1]
    low = last.sides[1] if isinstance(last, Chain) and last.signs == ("=",) else None
    for s in _each(below):
        first = Chain(s.span, (s, low), ("=",)) if low is not None and not isinstance(s, Chain) else s
        found = _of_pair(first, above, running) or _of_index(first, above, running, hint)
        binders += found.binders
        conditions += found.conditions
    return Limits(tuple(binders), tuple(conditions))


def _each(below: tuple[Surface, ...]) -> Iterator[Surface]:
    """The parts of a subscript; letters side by side run each for itself."""
    for s in below:
        if isinstance(s, Product) and not any(s.signs):
            yield from s.factors
        else:
            yield s


def _of_pair(s: Surface, above: Surface | None, running: Collection[str]) -> Limits | None:
    r"""i < j, j \ne i, 1 ≤ i < j ≤ n."""
    match s:
        case Chain(_, (Letter() as left, Literal()), ("≠",)):
            name = plain_name(left)
            binder = (
                ()
                if name is None or name in running
                else (Binder(left.span, name, Unsaid(s.span) if above is None else above),)
            )
            return Limits(binder, (_not(s),))
        case Chain(_, (left, right), (sign,)) if sign in _ORDERED:
            length: Surface = Unsaid(s.span) if above is None else above
        case Chain(_, (Literal(_, low), left, right, length), ("≤", sign, "≤")) if low == 1 and above is None:
            pass
        case _:
            return None
    one, other = plain_name(left), plain_name(right)
    if not isinstance(left, Letter) or not isinstance(right, Letter) or one is None or other is None:
        return None
    binders = [Binder(left.span, one, length)]
    if other not in running and one < other:
        binders.append(Binder(right.span, other, length))
    if sign == "≠":
        return Limits(tuple(binders), (_not(s),))
    return Limits(tuple(binders), (Chain(s.span, (left, right), (sign,)),))


def _not(s: Chain) -> Infix:
    """1 where two sides are not equal."""
    return Infix(s.span, "-", Literal(s.span, Fraction(1)), Group(s.span, Chain(s.span, s.sides, ("=",))))


def _of_index(s: Surface, above: Surface | None, running: Collection[str], hint: str) -> Limits:
    r"""i, i = 1, i = 2 and i = j + 1, each up to n, n − 1, j or j − 1; 1 ≤ i ≤ n."""
    low: Surface = Literal(s.span, Fraction(1))
    index: Surface = s
    match s:
        case Chain(_, (index, low), ("=",)):
            pass
        case Chain(_, (low, index, above), ("≤", "≤")):
            pass
        case Chain(_, _, ("∈",)):
            raise _fail("a sum over a set is not read", s, hint)
    name = plain_name(index)
    if name is None or not name[0].isalpha() or not isinstance(index, Letter | Scripted):
        raise _fail("this is no index", s, hint)
    conditions: list[Surface] = []
    if low != Literal(low.span, Fraction(1)):
        if isinstance(low, Literal) and (low.value < 1 or low.value.denominator != 1):
            raise _fail("an index runs along a whole axis, from 1", low, hint)
        conditions.append(Chain(s.span, (index, low), ("≥",)))
    length: Surface = Unsaid(s.span) if above is None else above
    match above:
        case Letter() if plain_name(above) in running:
            length = Unsaid(above.span)
            conditions.append(Chain(s.span, (index, above), ("≤",)))
        case Infix(_, "-", Letter() as whole, Literal()):
            length = Unsaid(above.span) if plain_name(whole) in running else whole
            conditions.append(Chain(s.span, (index, above), ("≤",)))
    return Limits((Binder(s.span, name, length),), tuple(conditions))


def _fail(message: str, where: Surface, hint: str) -> ParseError:
    return ParseError(message, span=Span(where.span.start, where.span.end), hint=hint)
