"""Which sizes must be written: those of 𝟏, 𝟎, I and of arrays by their entries that nothing around them says."""

from __future__ import annotations

from collections.abc import Mapping

from derivgen.catalog import linear, opaque
from derivgen.catalog.base import Abstract, Constant, Elementwise, Formula, Linear, is_pointwise_scalar, takes_square
from derivgen.expr import (
    Add,
    At,
    Build,
    Call,
    Cases,
    Delta,
    Expr,
    Index,
    Mul,
    Place,
    Power,
    Sum,
    Symbol,
    children,
    indices_in,
    walk,
)

KNOWN = 0
"""The slot of every size that is said."""

Slots = tuple[int, ...]


class _Comparison:
    """Sizes that are said to be the same by what is done with the arrays; each axis has a slot."""

    def __init__(self) -> None:
        self.parent = [KNOWN]
        self.asking: list[tuple[Expr, Slots]] = []
        self.lost: set[Expr] = set()

    def slot(self) -> int:
        self.parent.append(len(self.parent))
        return len(self.parent) - 1

    def root(self, slot: int) -> int:
        while self.parent[slot] != slot:
            slot = self.parent[slot]
        return slot

    def same(self, left: int, right: int) -> None:
        a, b = self.root(left), self.root(right)
        self.parent[max(a, b)] = min(a, b)

    def alike(self, parts: list[Slots]) -> Slots:
        """Arrays that are combined entry by entry; scalars expand."""
        arrays = [p for p in parts if p]
        for other in arrays[1:]:
            for a, b in zip(arrays[0], other, strict=True):
                self.same(a, b)
        return arrays[0] if arrays else ()

    def of(self, e: Expr, scope: Mapping[Index, int]) -> Slots:
        """The slots of the axes of ``e``."""
        match e:
            case Symbol():
                return (KNOWN,) * e.shape.rank
            case Add() | Mul() | Power() | Cases():
                parts = [self.of(c, scope) for c in children(e)]
                found = self.alike([p for p in parts if len(p) == e.shape.rank])
                return found or (KNOWN,) * e.shape.rank
            case Call():
                return self.of_call(e, scope)
            case At(array, places):
                axes = self.of(array, scope)
                for p, axis in zip(places, axes, strict=False):
                    if isinstance(p, Index):
                        self.same(axis, scope.get(p, KNOWN))
                if isinstance(array, Call) and array.op is opaque.zeros and array.shape.rank > 1:
                    self.lost.add(array)
                return axes[len(places) :]
            case Build(indices, body):
                slots = tuple([self.slot() for _ in indices])
                self.asking.append((e, slots))
                own = {i: s if i == b else KNOWN for b, s in zip(indices, slots, strict=True) for i in indices_in((b,))}
                self.of(body, {**scope, **own})
                return slots
            case Sum(index, body):
                return self.of(body, {**scope, index: KNOWN})
            case Delta(left, right):
                self.same(self.place(left, scope), self.place(right, scope))
                return ()
            case _:
                for c in children(e):
                    self.of(c, scope)
                return ()

    def place(self, p: Place, scope: Mapping[Index, int]) -> int:
        return scope.get(p, KNOWN) if isinstance(p, Index) else self.slot()

    def of_call(self, e: Call, scope: Mapping[Index, int]) -> Slots:
        op = e.op
        if isinstance(op, Constant):
            return self.constant(e)
        parts = [self.of(a, scope) for a in e.args]
        if isinstance(op, Elementwise) or is_pointwise_scalar(op):
            return self.alike(parts)
        self.matrices_within(e.args)
        match op:
            case Abstract():
                for axis in (a for p in parts for a in p):
                    self.same(axis, KNOWN)
                return (KNOWN,) * e.shape.rank
            case Linear():
                if op is linear.sum_ or (op is linear.diag and _is_series(e.args[0])):
                    for axis in parts[0]:  # the last place is written
                        self.same(axis, KNOWN)
                labels: dict[str, int] = {}
                rule = op.signature(tuple([a.shape for a in e.args]))
                for names, slots in zip(rule.inputs, parts, strict=True):
                    for name, slot in zip(names, slots, strict=True):
                        self.same(labels.setdefault(name, slot), slot)
                return tuple([self.of_axis([labels[name] for name in names]) for names in rule.axes])
            case Formula():
                return parts[0] if e.shape.axes else ()
            case _ if op is opaque.stack:
                return (KNOWN, *self.alike(parts))
            case _:
                if takes_square(op, ()):
                    self.same(*parts[0])
                return parts[0] if e.shape.axes else ()

    def of_axis(self, parts: list[int]) -> int:
        """The slot of an axis that is a product: its length says no factor's, so each factor must say its own."""
        return parts[0] if len(parts) == 1 else self.slot()

    def constant(self, e: Call) -> Slots:
        if e.op is opaque.commutation:  # written with its sizes in any case
            return (KNOWN, KNOWN)
        if len(set(e.dims)) == 1 and e.op is opaque.eye:
            slot = self.slot()
            slots: Slots = (slot, slot)
        elif e.op is opaque.eye:  # written with its sizes in any case
            return (KNOWN, KNOWN)
        else:
            slots = tuple([self.slot() for _ in e.shape.axes])
        self.asking.append((e, slots))
        return slots

    def matrices_within(self, args: tuple[Expr, ...]) -> None:
        """𝟎 is taken for a vector where it is a factor or an argument by itself; a matrix must say so there."""
        for arg in args:
            if arg.shape.rank == 2 and _is_zeros(arg):
                self.lost.update(z for z in walk(arg) if isinstance(z, Call) and z.op is opaque.zeros)


def _is_series(e: Expr) -> bool:
    """Whether a vector is written by its entries, with dots between them."""
    return isinstance(e, Build) and len(e.indices) == 1 and e.indices[0] in e.body.free


def _is_zeros(e: Expr) -> bool:
    """Whether ``e`` is made of nothing but 𝟎, so that nothing shows that it is a matrix."""
    match e:
        case Call(op) if op is opaque.zeros:
            return True
        case Add() | Mul() | Power() | Cases() | Call(Elementwise() | Abstract(pointwise=True)):
            return all(_is_zeros(c) for c in children(e) if c.shape.axes)
        case Call(op, (arg,)) if op is linear.transpose:
            return _is_zeros(arg)
        case Sum(_, body):
            return _is_zeros(body)
        case _:
            return False


def unsettled(e: Expr) -> frozenset[Expr]:
    """The constants and the arrays by entries in ``e`` whose sizes nothing says; the shape of ``e`` itself is known."""
    if not any(isinstance(x, Build) or (isinstance(x, Call) and isinstance(x.op, Constant)) for x in walk(e)):
        return frozenset()
    seen = _Comparison()
    for axis in seen.of(e, {}):
        seen.same(axis, KNOWN)
    open_ones = {x for x, slots in seen.asking if any(seen.root(s) != KNOWN for s in slots)}
    return frozenset(open_ones | seen.lost)
