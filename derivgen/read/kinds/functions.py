"""The shapes of functions: those of the catalog, those that are declared, and those that nothing declares."""

from __future__ import annotations

from collections.abc import Sequence

from derivgen.catalog import OPERATIONS
from derivgen.catalog.base import GENERIC, Abstract, is_pointwise_scalar
from derivgen.expr import SCALAR, Dim, Shape
from derivgen.read.kinds.accounts import Accounts, Said
from derivgen.read.kinds.letters import atoms
from derivgen.read.latex.names import plain_name, spelling, taken_apart
from derivgen.read.latex.spelling import plain
from derivgen.read.surface import (
    Apply,
    Called,
    Infix,
    Letter,
    Literal,
    Primed,
    Scripted,
    Surface,
)

_SQUARE = frozenset({"trace", "det", "logdet", "inv"})
_REDUCING = frozenset({"sum", "mean", "logsumexp", "norm", "norm1"})
_EXTREMES = frozenset({"max", "min", "maximum", "minimum", "amax", "amin"})


def applied(walk: Accounts, s: Apply) -> Shape | None:
    parts = [(arg, walk.shape(arg)) for arg in s.args]
    name = s.function
    declared = walk.declarations.functions.get(name)
    if declared is not None:
        return of_declared(walk, declared, parts, s)
    shape = parts[0][1] if parts else None
    if name in _SQUARE:
        return of_square(walk, name, parts[0], s)
    if name in _REDUCING or (name in _EXTREMES and len(parts) == 1):
        return walk.reduced(parts[:1], "norm of a number")
    if name == "softmax":
        if shape is not None and shape.rank != 1:
            walk.misfit(s)
        return shape
    match name, len(parts):
        case "diag", 1:
            if shape is None:
                return None
            if shape.rank == 2:
                walk.same(shape.axes[0], shape.axes[1], s)
                return walk.sizes.shape(Shape(shape.axes[:1]))
            if shape.rank == 1:
                return Shape(shape.axes * 2)
            walk.misfit(s)
            return None
        case "dot", 2:
            return SCALAR
        case ("transpose", 1):
            return walk.transposed(s.args[0], shape)
        case (("diag" | "outer" | "vec" | "kron" | "commutation" | "matmul" | "eye" | "ones" | "zeros"), _):
            return None
        case "len", _:
            return SCALAR
        case "where", _:
            return walk.fitted([*parts[1::2], parts[-1]], s)
    known = name in walk.declarations.user_functions or name in OPERATIONS
    return walk.of_numbers(parts, s) if known or name in ("sqrt", "square", "log10", "abs") else None


def of_square(walk: Accounts, name: str, part: Said, s: Surface) -> Shape | None:
    shape = part[1]
    if shape is None:
        return None if name == "inv" else SCALAR
    if not shape.axes:
        walk.pay("trace of a number")
        return SCALAR
    if shape.rank != 2:
        walk.misfit(s)
        return None if name == "inv" else SCALAR
    walk.same(shape.axes[0], shape.axes[1], s)
    return walk.sizes.shape(shape) if name == "inv" else SCALAR


def of_declared(walk: Accounts, op: Abstract, parts: Sequence[Said], s: Surface) -> Shape | None:
    if is_pointwise_scalar(op):
        return walk.fitted(parts, s)
    for (_, shape), wanted in zip(parts, op.domain, strict=False):
        if shape is not None and not walk.sizes.same_shape(Shape(shape.axes), wanted):
            walk.misfit(s)
    return op.codomain


def called(walk: Accounts, s: Called) -> Shape | None:
    head = s.head.base if isinstance(s.head, Primed) else s.head
    parts = [(arg, walk.shape(arg)) for arg in s.args]
    match head:
        case Letter(_, "1"):
            return SCALAR
        case Letter(_, "◯"):
            return walk.fitted(parts, s)
        case Letter(_, _, "operator"):
            return walk.fitted(parts, s)
        case Infix(_, "∘", left, right):
            return walk.shape(Called(s.span, left, (Called(s.span, right, s.args),)))
    found = taken_apart(head)
    if found is None:
        return None
    letter, subs = found
    for own in range(len(subs), -1, -1):
        name = walk.letters.lexicon.find(spelling(letter.stem, subs[:own]))
        op = GENERIC if letter.stem == "◯" else walk.declarations.functions.get(name or "")
        if op is not None:
            whole = of_declared(walk, op, parts, s)
            return walk.entry(whole, subs[own:], s) if subs[own:] and whole is not None else whole
        if name in walk.declarations.user_functions:
            return walk.fitted(parts, s)
    return of_undeclared(walk, letter, subs, parts, s)


def of_undeclared(
    walk: Accounts, head: Letter, subs: tuple[Surface, ...], parts: Sequence[Said], s: Called
) -> Shape | None:
    """A function that nothing declares: on what it is given, vector-valued where it is bold or has components."""
    places = atoms(subs)
    component = len(subs) == 1 and all(plain_name(a) in walk.scope or isinstance(a, Literal) for a in places)
    name = plain(head.stem) if component or not subs else plain_name(Scripted(head.span, head, subs))
    if name is None or any(shape is None for _, shape in parts):
        return None
    domain = tuple(Shape(shape.axes) for _, shape in parts if shape is not None)
    known = walk.functions.get(name)
    if known is None:
        vector = head.stem in walk.letters.bold or head.font == "bold" or head.stem in walk.letters.components
        codomain = Shape((Dim(f"?{name}() 0"),)) if vector else SCALAR
        known = Abstract(name, domain, codomain, not vector and not any(d.axes for d in domain))
        walk.functions[name] = known
        walk.applied_at[name] = s, walk.letters.source
    elif len(known.domain) != len(domain) or not all(map(walk.sizes.same_shape, known.domain, domain)):
        walk.misfit(s)
    return walk.entry(known.codomain, subs, s) if component else known.codomain
