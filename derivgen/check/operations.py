"""The values of operations, computed from what the catalog says of their values, and never of their derivatives."""

from __future__ import annotations

from typing import Any

import numpy as np

from derivgen.catalog.base import Elementwise, Opaque, Signature
from derivgen.catalog.opaque import inv
from derivgen.check.fields import Field
from derivgen.check.jets import Jet, JetArithmetic, bilinear, constant
from derivgen.check.labelled import LabelledArray, Labels, add, bare, contract, refuse_large, spread, union


def elementwise(op: Elementwise, site: int, args: list[Jet], jets: JetArithmetic) -> Jet:
    """A function of numbers, on whole arrays; on plain numbers without the detour by jets."""
    field = jets.field
    if not all(a.plain for a in args):
        field.at(site)
        value = op.value(jets, *args)
        return value if isinstance(value, Jet) else constant(field.lift(value))
    labels: Labels = ()
    rank = 0
    for arg in args:
        labels = union(labels, arg.value.labels)
        rank = max(rank, arg.value.rank)
    field.at(site, labels)
    data = field.lift(op.value(field, *[spread(a.value, labels, rank) for a in args]))
    return constant(data, labels if isinstance(data, np.ndarray) else ())


def linear(rule: Signature, args: list[Jet], field: Field) -> Jet:
    """The sum of products that a signature says, factor by factor."""
    inputs, out = list(rule.inputs), ""
    if len(inputs) == 1 and sorted(inputs[0]) == sorted(rule.output) == sorted(set(inputs[0])):
        return _transposed(args[0], inputs[0], rule.output)
    if len(inputs) == 1 and rule.output == inputs[0] * 2 and len(inputs[0]) == 1:
        return Jet({s: _on_diagonal(a, field) for s, a in args[0].parts.items()})
    for letter in rule.output:
        new = letter
        if letter in out:  # a repeated label is a delta between the label and a new one
            new = next(c for c in "zyxwvutsrqponm" if c not in "".join(inputs))
            arg, axis = next((k, own.index(letter)) for k, own in enumerate(inputs) if letter in own)
            inputs.append(letter + new)
            args = [*args, constant(field.eye(args[arg].value.own[axis]))]
        out += new
    current, letters = args[0], inputs[0]
    if len(args) == 1:
        return Jet({s: contract([(a, letters)], out) for s, a in current.parts.items()})
    for k in range(1, len(args)):
        later = out + "".join(inputs[k + 1 :])
        keep = "".join(dict.fromkeys(c for c in letters + inputs[k] if c in later)) if k < len(args) - 1 else out
        current = product(current, letters, args[k], inputs[k], keep)
        letters = keep
    return current


def _on_diagonal(a: LabelledArray, field: Field) -> LabelledArray:
    """A vector on the diagonal: what has no value stands there only, as it would not in a product with the identity."""
    length = a.own[0]
    shape = (*a.data.shape, length)
    refuse_large(shape, field.dtype)
    out = np.full(shape, field.lift(0), dtype=a.data.dtype)
    places = np.arange(length)
    out[..., places, places] = a.data
    return LabelledArray(a.labels, out)


def product(a: Jet, left: str, b: Jet, right: str, out: str) -> Jet:
    """The sum of products of two arrays, their own axes named by letters."""
    return bilinear(a, b, lambda x, y: contract([(x, left), (y, right)], out))


def _transposed(u: Jet, have: str, want: str) -> Jet:
    if have == want:
        return u
    order = [have.index(letter) for letter in want]
    parts = {}
    for s, a in u.parts.items():
        first = len(a.labels)
        parts[s] = LabelledArray(a.labels, a.data.transpose(list(range(first)) + [first + k for k in order]))
    return Jet(parts)


def opaque(op: Opaque, site: int, args: list[Jet], jets: JetArithmetic, lengths: tuple[int, ...]) -> Jet:
    """An operation on nested lists, of numbers or of jets; it computes at all places and points at once."""
    if op is inv and not args[0].plain:
        return _inverse(op, site, args[0], jets, lengths)
    field = jets.field
    field.at(site)
    single = all(a.plain and not a.value.labels for a in args)
    flat = _flat(op.value(field if single else jets, *[_nested(a, a.value.own, single) for a in args]), len(lengths))
    if not single:
        return _stacked([u if isinstance(u, Jet) else constant(field.lift(u)) for u in flat], lengths, field)
    if not lengths:
        return constant(field.lift(flat[0]))
    out = np.empty(len(flat), dtype=field.dtype)
    out[:] = [field.lift(u) for u in flat]
    return constant(out.reshape(lengths))


def _inverse(op: Opaque, site: int, a: Jet, jets: JetArithmetic, lengths: tuple[int, ...]) -> Jet:
    """The inverse of A + E, where E vanishes to a power: (A + E)⁻¹ = A⁻¹ - A⁻¹EA⁻¹ + A⁻¹EA⁻¹EA⁻¹ - …"""
    term = inverse = opaque(op, site, [Jet({0: a.value})], jets, lengths)
    parts = dict(inverse.parts)
    small = Jet({s: part for s, part in a.parts.items() if s})
    for _ in range(a.order):
        term = -product(product(term, "ij", small, "jk", "ik"), "ij", inverse, "jk", "ik")
        for s, part in term.parts.items():
            parts[s] = add(parts[s], part) if s in parts else part
    return Jet(parts)


def _nested(u: Jet, own: tuple[int, ...], single: bool) -> Any:
    """The entries as nested lists, of numbers or of jets."""
    if not own:
        return u.value.data if single else u
    if single:
        return [_nested(constant(part), own[1:], True) for part in u.value.data]
    out = []
    for k in range(own[0]):
        part = {
            s: LabelledArray(a.labels, bare(a.data[(slice(None),) * len(a.labels) + (k,)])) for s, a in u.parts.items()
        }
        out.append(_nested(Jet(part), own[1:], False))
    return out


def _flat(nested: Any, rank: int) -> list[Any]:
    return [nested] if rank == 0 else [u for part in nested for u in _flat(part, rank - 1)]


def _stacked(entries: list[Jet], lengths: tuple[int, ...], field: Field) -> Jet:
    """Scalar entries put together to an array."""
    if not lengths:
        return entries[0]
    parts = {}
    zero = LabelledArray((), field.lift(0))
    for s in dict.fromkeys(s for u in entries for s in u.parts):
        found = [u.parts.get(s, zero) for u in entries]
        labels: Labels = ()
        for a in found:
            labels = union(labels, a.labels)
        data = [spread(a, labels, 0) for a in found]
        shape = np.broadcast_shapes(*[np.shape(d) for d in data])
        out = np.empty((len(entries), *shape), dtype=field.dtype)
        for k, d in enumerate(data):
            out[k] = d
        out = np.moveaxis(out, 0, -1)
        parts[s] = LabelledArray(labels, out.reshape(out.shape[:-1] + lengths))
    return Jet(parts)
