"""What names stand for, and how long axes are, where expressions are given values."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from math import prod
from typing import Any, TypeVar

from derivgen.check.pool import Pool
from derivgen.errors import CheckError
from derivgen.expr import At, Definition, Dim, Partial


def divided(products: Iterable[tuple[Dim, int]], sizes: Mapping[str, int]) -> dict[str, int]:
    """The sizes that follow by division: a length that is N times n has N, where n is in ``sizes``; one of n·n has n."""
    found: dict[str, int] = {}
    todo = list(products)
    while todo:
        left: list[tuple[Dim, int]] = []
        for dim, length in todo:
            known = {**sizes, **found}
            unknown = [f for f in dim.factors if isinstance(f, str) and f not in known]
            if len(set(unknown)) > 1:
                left.append((dim, length))
                continue
            over = prod([f if isinstance(f, int) else known[f] for f in dim.factors if f not in unknown])
            root = round((length // over) ** (1 / len(unknown))) if unknown and over else 0
            if root and root ** len(unknown) * over == length:
                found[unknown[0]] = root
        if len(left) == len(todo):
            break
        todo = left
    return found


class Names:
    """What names stand for, at all lengths."""

    def __init__(self, pool: Pool, definitions: Iterable[Definition] = ()) -> None:
        self.pool = pool
        self.defined: dict[str, int] = {}
        self.bits = 0  # of those that are defined
        self.met = 0  # the names that some value was found to depend on, as bits
        self._behind: dict[int, int] = {}
        for d in definitions:
            self.define(d.symbol.name, pool.number(d.value))

    def define(self, name: str, value: int) -> None:
        """Let a name stand for an expression, by its number in the pool."""
        self.defined[name] = value
        self.bits |= self.pool.bit(name)

    def behind(self, number: int) -> int:
        """All names that a value depends on, through definitions too, as bits.

        Raises:
            CheckError: a name is defined by itself.
        """
        found = self._behind.get(number)
        if found is None:
            found = self.pool.mentions[number]
            self.met |= found
            for name in self.pool.names_in(found & self.bits):
                found |= self._behind_name(name)
            self._behind[number] = found
        return found

    def _behind_name(self, name: str) -> int:
        """The names that a defined one depends on. A chain of definitions is as deep as it is long: no recursion here."""
        open_names: dict[str, None] = {}
        todo = [(name, False)]
        while todo:
            here, ready = todo.pop()
            value = self.defined[here]
            if ready:
                del open_names[here]
                bits = self.pool.mentions[value]
                self.met |= bits
                for inner in self.pool.names_in(bits & self.bits):
                    bits |= self._behind[self.defined[inner]]
                self._behind[value] = bits
            elif here in open_names:
                raise CheckError(f"{here} is defined by itself")
            elif value not in self._behind:
                open_names[here] = None
                todo.append((here, True))
                mentioned = self.pool.mentions[value] & self.bits
                todo.extend((inner, False) for inner in self.pool.names_in(mentioned))
        return self._behind[self.defined[name]]


class Scope:
    """The pool, seen with definitions and sizes: what each name stands for and how long each axis is."""

    def __init__(self, names: Names, sizes: dict[Any, int]) -> None:
        self.pool = names.pool
        self.defined = names.defined
        self.names = names.behind
        self.sizes = sizes
        self._names = names

    def length(self, dim: Dim) -> int:
        """How long an axis is, in numbers.

        Raises:
            CheckError: nothing says how long.
        """
        if isinstance(dim.size, int):
            return self.sizes.get(dim.size, dim.size)
        if isinstance(dim.size, tuple):
            return prod([self.length(Dim(factor)) for factor in dim.size])
        try:
            return self.sizes[dim.size]
        except KeyError:
            hint = f"give it beside the variables: {dim.size!r}: 4"
            raise CheckError(f"the length {dim} follows from no array of the point", hint=hint) from None

    def lengths(self, dims: Iterable[Dim]) -> tuple[int, ...]:
        """How long several axes are, as ``length``."""
        return tuple([self.length(d) for d in dims])

    def sizes_in(self, *numbers: int) -> dict[str, int]:
        """The lengths of the symbolic sizes that occur, in definitions too."""
        names = bits = 0
        for number in numbers:
            names |= self.names(number)
            bits |= self.pool.sizes[number]
        for name in self.pool.names_in(names & self._names.bits):
            bits |= self.pool.sizes[self.defined[name]]
        return {str(dim.size): self.length(dim) for dim, bit in self.pool.dims.items() if bit & bits}

    def weight(self, numbers: Iterable[int]) -> int:
        """About how many numbers all these expressions have for values, derivatives included."""
        entries, directions = 1, 1
        for k in numbers:
            e = self.pool.nodes[k]
            own, free = e.shape.axes, e.free
            if own or free:
                entries += prod(self.lengths(own)) * prod(self.lengths([i.dim for i in free]))
            else:
                entries += 1
            if isinstance(e, Partial):
                variable = e.wrt.array if isinstance(e.wrt, At) else e.wrt
                directions = max(directions, prod(self.lengths(variable.shape.axes)))
        return entries * directions


K = TypeVar("K")


def before(start: K, needs: Callable[[K], Iterable[K]], known: Container[K]) -> Iterator[K]:
    """All that ``start`` needs, in turn, and that is not yet known, each after what it needs itself."""
    met: set[K] = set()
    todo = [(start, False)]
    while todo:
        here, ready = todo.pop()
        if ready:
            yield here
        elif here not in met and here not in known:
            met.add(here)
            todo.append((here, True))
            todo.extend((need, False) for need in needs(here))
