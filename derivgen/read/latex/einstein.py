r"""Einstein's convention: an index that stands twice in a product is summed over, A_{ij}x_j for \sum_j A_{ij}x_j."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from derivgen.catalog.letters import GREEK
from derivgen.errors import ParseError
from derivgen.read.latex.names import plain_name, taken_apart
from derivgen.read.surface import (
    Binder,
    Chain,
    Group,
    Infix,
    Letter,
    Literal,
    Multiplied,
    Negated,
    Product,
    Quotient,
    Raised,
    Scripted,
    Summed,
    Surface,
    Transposed,
    Unsaid,
    fields_with_parts,
)

Found = tuple[Surface, Counter[str]]
"""A part with its sums written out, and how often each index stands free in it."""


class Convention:
    """The convention for one formula; ``known`` are the names that are no indices, those of sizes and variables.

    Raises:
        ParseError: an index stands more than twice in a product, or in a power.
    """

    def __init__(self, source: str, known: Collection[str]) -> None:
        self.source = source
        self.known = known

    def term(self, s: Surface) -> Found:
        """A part by itself: the terms of a sum, or a product, in which the indices that stand twice are summed over."""
        match s:
            case Infix(_, "+" | "-", left, right):
                (one, free), (other, more) = self.term(left), self.term(right)
                return replace(s, left=one, right=other), free | more
            case Group(_, inner):
                made, free = self.term(inner)
                return replace(s, inner=made), free
            case Negated(_, inner):
                made, free = self.term(inner)
                return replace(s, operand=made), free
        made, free = self.factor(s)
        twice = [name for name, count in free.items() if count == 2]
        more_often = [name for name, count in free.items() if count > 2]
        if more_often:
            raise self.fail(f"{more_often[0]} stands more than twice in a product", s)
        if twice:
            made = Summed(s.span, tuple([Binder(s.span, name, Unsaid(s.span)) for name in twice]), made)
        return made, Counter({name: 1 for name in free if name not in twice})

    def factor(self, s: Surface) -> Found:
        """A factor, its inner sums written out, with the indices that stand free in it, counted."""
        match s:
            case Scripted() if taken_apart(s) is not None:
                return s, Counter(self.below(s))
            case Product(_, factors):
                found = [self.factor(f) for f in factors]
                return replace(s, factors=tuple([f for f, _ in found])), _together(found)
            case Quotient(_, over, under):
                found = [self.factor(over), self.factor(under)]
                return replace(s, over=found[0][0], under=found[1][0]), _together(found)
            case Transposed(_, operand):
                made, free = self.factor(operand)
                return replace(s, operand=made), free
            case Raised(_, base, Literal()):
                made, free = self.term(base)
                if free:
                    raise self.fail(f"whether {next(iter(free))} is summed over in this power is not said", s)
                return replace(s, base=made), free
            case Summed(_, binders, body):
                made, free = self.term(body)
                return replace(s, body=made), _without(free, {b.name for b in binders})
            case Multiplied(_, binder, body):
                made, free = self.term(body)
                return replace(s, body=made), _without(free, {binder.name})
            case Group() | Infix(_, "+" | "-") | Negated():
                return self.term(s)
            case Letter() | Chain():
                return s, Counter()
            case Scripted(_, base):
                made, free = self.term(base)
                return replace(s, base=made), free + Counter(self.below(s))
            case _:
                return self.parts(s)

    def parts(self, s: Surface) -> Found:
        """A function, a fence or the like: what it holds stands by itself."""
        free: Counter[str] = Counter()
        made: dict[str, Any] = {}
        for name in fields_with_parts(type(s)):
            part = getattr(s, name)
            if isinstance(part, Surface) and name != "head":
                made[name], more = self.term(part)
                free |= more
            elif isinstance(part, tuple) and part and all(isinstance(p, Surface) for p in part):
                found = [self.term(p) for p in part]
                made[name] = tuple([p for p, _ in found])
                for _, more in found:
                    free |= more
        return replace(s, **made), free

    def below(self, s: Scripted) -> list[str]:
        """The indices that stand below a letter or below brackets."""
        subs: list[Surface] = []
        while True:
            for sub in s.subs:
                subs += sub.factors if isinstance(sub, Product) and not any(sub.signs) else [sub]
            if not isinstance(s.base, Scripted):
                break
            s = s.base
        names = [plain_name(a) or "" for a in subs if isinstance(a, Letter)]
        small = [n for n in names if n in GREEK or (len(n) == 1 and n.islower())]
        return [n for n in small if n not in self.known]

    def fail(self, message: str, where: Surface) -> ParseError:
        """The error that the convention says nothing of a place."""
        return ParseError(message, span=where.span, source=self.source, hint=r"write the sum out: \sum_i")


def _together(found: list[Found]) -> Counter[str]:
    total: Counter[str] = Counter()
    for _, free in found:
        total += free
    return total


def _without(free: Counter[str], names: set[str]) -> Counter[str]:
    return Counter({name: count for name, count in free.items() if name not in names})


def with_sums(s: Surface, source: str, known: Collection[str]) -> Surface:
    """The formula with the sums that the convention leaves out."""
    return Convention(source, known).term(s)[0]
