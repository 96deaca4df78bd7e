"""Functions by their names in text: most are the catalog's own; the rest have a reading of their own here."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from derivgen.catalog import OPERATIONS, elementwise, formulas, linear, opaque
from derivgen.catalog.base import (
    Abstract,
    Constant,
    Elementwise,
    Formula,
    Linear,
    Opaque,
    Operation,
    is_pointwise_scalar,
)
from derivgen.errors import NameUnknown, ParseError, Span
from derivgen.expr import Call, Cases, Dim, Expr, Number, Power
from derivgen.read.declarations import GENERIC
from derivgen.read.places import Places
from derivgen.read.shapes import Said, called, counted, described, nearest
from derivgen.read.surface import Apply, ApplyDerivative, Listed, Literal, Surface, ungrouped
from derivgen.text import function_declaration

HALF = Number(Fraction(1, 2))
TWO = Number(Fraction(2))

_HIDDEN = frozenset({opaque.largest, opaque.smallest, opaque.stack, formulas.norm1, linear.matmul})
"""Operations that are not called by their own names."""

BY_NAME: dict[str, Operation] = {
    name: op for op in OPERATIONS.values() if op not in _HIDDEN for name in (op.name, *op.notation.aliases)
} | {"absolute": elementwise.absolute}


def apply(read: Places, s: Apply) -> Expr:
    """A function of its arguments: a declared one before one of the catalog."""
    name = s.function
    declared = read.declarations.functions.get(name)
    if declared is not None:
        return applied(read, declared, s.args, s)
    special = SPECIAL.get(name)
    if special is not None:
        return special(read, s)
    op = read.declarations.user_functions.get(name) or BY_NAME.get(name)
    if name == "sigma" and op is None and name not in read.declarations.symbols:  # σ(x)
        op = elementwise.sigmoid
    if op is None:
        raise unknown(read, s)
    if isinstance(op, Constant):
        return constant(read, s, op)
    return call(read, s, op, [(a, read.expr(a)) for a in s.args])


def derivative(read: Places, s: ApplyDerivative) -> Expr:
    op = _function(read, s.function, s.named)
    orders = s.orders
    if not orders:
        if len(op.domain) > 1:
            raise read.fail(
                f"{op.name} has {len(op.domain)} arguments",
                s.named,
                f"say by which one, counting from 0: D({op.name}, 0) or D({op.name}, 1)",
            )
        orders = (0,)
    for k in orders:
        if k >= len(op.domain):
            raise read.fail(f"{op.name} has no argument number {k}", s.named, "arguments count from 0")
        op = op.derivative(k)
    return applied(read, op, s.args, s)


def _function(read: Places, name: str, where: Span) -> Abstract:
    op = GENERIC if name == "◯" else read.declarations.functions.get(name)
    if op is None:
        near = nearest(name, tuple(read.declarations.functions))
        hint = f"did you mean {near}?" if near else f'declare it in the where text: "{name}: R^n -> R^m"'
        raise NameUnknown(f"{name} is no function that is declared", span=where, hint=hint, source=read.source)
    return op


def applied(read: Places, op: Abstract, args: tuple[Surface, ...], where: Surface) -> Expr:
    """A declared function of its arguments."""
    if len(args) != len(op.domain):
        declared = f"it is declared as {function_declaration(op)}"
        raise read.fail(f"{op.name} takes {counted(len(op.domain))}, not {len(args)}", where, declared)
    parts = [(a, read.expr(a)) for a in args]
    if is_pointwise_scalar(op):
        read.fit(op.name, parts, where)
    else:
        for part, wanted in zip(parts, op.domain, strict=True):
            if not read.same_shape(part[1].shape, wanted):
                said = f"{op.name} is declared on {described(wanted)}: {read.shaped(part)}"
                raise read.misfit(said, part[0], f"it is declared as {function_declaration(op)}")
    return Call(op, tuple([e for _, e in parts]))


def is_function(name: str) -> bool:
    return name in BY_NAME or name in SPECIAL


def unknown(read: Places, s: Apply) -> NameUnknown | ParseError:
    name = s.function
    scope = read.declarations
    if name in scope.symbols or name in scope.sizes or name in read.scope:
        inside = ", ".join(read.said(a) for a in s.args)
        what = "a size" if name in scope.sizes else "an index" if name in read.scope else "a variable"
        return read.fail(f"{name} is {what}, not a function", s.named, f"a product is written {name} * ({inside})")
    near = nearest(name, (*scope.functions, *scope.user_functions, *BY_NAME, *SPECIAL))
    if name == "D":
        return read.fail("D takes a declared function and makes its derivative", s.named, "write D(f)(x)")
    if name == "range":
        return read.fail("range stands after for … in", s.named, "write sum(x[i] for i in range(n))")
    own = f'function of your own is declared in the where text, such as "{name}: R^n -> R^m"'
    hint = f"did you mean {near}? A {own}" if near else f"a {own}"
    return NameUnknown(f"there is no function {name}", span=s.named, hint=hint, source=read.source)


def arity(op: Operation) -> int:
    match op:
        case Elementwise(derivatives=derivatives):
            return len(derivatives)
        case Formula(arity=int(count)) | Linear(arity=int(count)) | Opaque(arity=int(count)):
            return count
        case _:
            return 1


def call(read: Places, s: Apply, op: Operation, parts: list[Said]) -> Expr:
    """An operation of the catalog. Shapes are compared here first, where the words of the source are at hand."""
    if len(parts) != arity(op):
        raise read.fail(f"{s.function} takes {counted(arity(op))}, not {len(parts)}", s, called(s.function, arity(op)))
    match op:
        case Elementwise():
            read.fit(s.function, parts, s)
        case Linear() if len(parts) > 1 and not all(e.shape.axes for _, e in parts):
            scalar = next(part for part in parts if not part[1].shape.axes)
            raise read.misfit(f"{s.function} is of vectors and matrices: {read.shaped(scalar)}", s,
                              "a product with a scalar is written *")  # fmt: skip
        case Formula() | Linear() | Opaque() if not parts[0][1].shape.axes:
            instead = {"norm": "abs(x) is the absolute value of a scalar",
                       "sum": "a sum over an index is written sum(x[i] for i in range(n))"}.get(s.function)  # fmt: skip
            if op not in (linear.transpose,):
                raise read.misfit(f"{s.function} is of a vector or a matrix: {read.shaped(parts[0])}", s, instead)
        case Formula() if op is formulas.softmax and parts[0][1].shape.rank > 1:
            row = f"softmax({read.said(parts[0][0])}[i])"
            raise read.misfit(f"softmax is of a vector: {read.shaped(parts[0])}", s, f"the softmax of row i is {row}")
        case _:
            axes = parts[0][1].shape.axes
            square = op in (linear.trace, opaque.inv, opaque.det, opaque.logdet)
            if (square and len(axes) != 2) or (
                (square or op is linear.diag) and len(axes) == 2 and not read.same(axes[0], axes[1])
            ):
                square_one = "declare a matrix with one size twice, A in R^(n*n)"
                raise read.misfit(f"{s.function} is of a square matrix: {read.shaped(parts[0])}", s, square_one)
    return Call(op, tuple([e for _, e in parts]))


def constant(read: Places, s: Apply, op: Constant) -> Expr:
    """eye(n), ones(n), ones(m, n), and NumPy's ones((m, n))."""
    given: tuple[Surface, ...] = s.args
    if len(given) == 1 and isinstance(given[0], Listed):
        given = given[0].items
    if not given:
        return read.open_constant(s.function, s)
    if len(given) > 2 and op.rank != -1:
        raise read.fail(f"{op.name} has two axes at most", s)
    dims: list[Dim] = []
    for g in given:
        inner = ungrouped(g)
        if isinstance(inner, Literal) and inner.value == 1:
            raise read.fail("there are no axes of length 1", g, "a vector has one axis; x.T is its row")
        dims.append(read.dim(g))
    if len(dims) == 2 and op is opaque.eye and dims[0] == dims[1]:
        del dims[1]
    return Call(op, (), tuple(dims))


def _one(read: Places, s: Apply, count: int = 1) -> list[Said]:
    if len(s.args) != count:
        raise read.fail(f"{s.function} takes {counted(count)}, not {len(s.args)}", s, called(s.function, count))
    return [(a, read.expr(a)) for a in s.args]


def _extreme(reduced: Operation, of_two: Operation) -> Callable[[Places, Apply], Expr]:
    """max(e) is the largest entry; max(a, b, c) is taken entry by entry."""

    def read_extreme(read: Places, s: Apply) -> Expr:
        parts = [(a, read.expr(a)) for a in s.args]
        if not parts:
            raise read.fail(f"{s.function} takes at least one argument", s, called(s.function, 2))
        if len(parts) == 1:
            if not parts[0][1].shape.axes:
                raise read.misfit(
                    f"{s.function} of one argument is its {reduced.name} entry: {read.shaped(parts[0])}",
                    s,
                    f"{s.function}(a, b) is of two scalars",
                )
            return Call(reduced, (parts[0][1],))
        read.fit(s.function, parts, s)
        value = parts[0][1]
        for _, e in parts[1:]:
            value = Call(of_two, (value, e))
        return value

    return read_extreme


def _sqrt(read: Places, s: Apply) -> Expr:
    return Power(_one(read, s)[0][1], HALF)


def _square(read: Places, s: Apply) -> Expr:
    return Power(_one(read, s)[0][1], TWO)


def _norm(read: Places, s: Apply) -> Expr:
    if len(s.args) == 2:
        kind = ungrouped(s.args[1])
        if isinstance(kind, Literal) and kind.value in (1, 2):
            part = (s.args[0], read.expr(s.args[0]))
            op = formulas.norm1 if kind.value == 1 else formulas.norm
            if part[1].shape.rank == 2 or not part[1].shape.axes:
                raise read.misfit(
                    f"norm(x, {kind.value}) is of a vector: {read.shaped(part)}",
                    s,
                    "norm(X) is the Frobenius norm of a matrix",
                )
            return Call(op, (part[1],))
        raise read.fail("only the norms norm(x) and norm(x, 1) are known", s.args[1])
    return call(read, s, formulas.norm, [(a, read.expr(a)) for a in s.args])


def _dot(read: Places, s: Apply) -> Expr:
    left, right = _one(read, s, 2)
    return read.matmul(left, right, s)


def _outer(read: Places, s: Apply) -> Expr:
    left, right = _one(read, s, 2)
    for part in (left, right):
        if part[1].shape.rank != 1:
            raise read.misfit(f"outer is of two vectors: {read.shaped(part)}", s)
    a = Call(linear.transpose, (left[1],)) if left[1].shape.row else left[1]
    b = right[1] if right[1].shape.row else Call(linear.transpose, (right[1],))
    return read.matmul((left[0], a), (right[0], b), s)


def _where(read: Places, s: Apply) -> Expr:
    """where(c, a, b); with more branches, where(c, a, d, b, otherwise)."""
    if len(s.args) < 3 or len(s.args) % 2 == 0:
        raise read.fail(f"where takes a condition, its value and the value otherwise, not {len(s.args)} arguments", s,
                        "write where(c, a, b)")  # fmt: skip
    parts = [(a, read.expr(a)) for a in s.args]
    values = [*parts[1::2], parts[-1]]
    read.fit("where", values, s)
    shaped = [v for v in values if v[1].shape.axes]
    for condition in parts[:-1:2]:
        if not condition[1].shape.axes:
            continue
        if not shaped:
            raise read.misfit(f"where chooses between scalars by a scalar: {read.shaped(condition)}", s,
                              "give the values that shape, such as ones(n)")  # fmt: skip
        read.fit("where", [condition, shaped[0]], s)
    branches = tuple((parts[k][1], parts[k + 1][1]) for k in range(0, len(parts) - 1, 2))
    return Cases(branches, parts[-1][1])


def _length(read: Places, s: Apply) -> Expr:
    return formulas.size(read.dim(s))


SPECIAL: dict[str, Callable[[Places, Apply], Expr]] = {
    "max": _extreme(opaque.largest, elementwise.maximum),
    "maximum": _extreme(opaque.largest, elementwise.maximum),
    "min": _extreme(opaque.smallest, elementwise.minimum),
    "minimum": _extreme(opaque.smallest, elementwise.minimum),
    "amax": _extreme(opaque.largest, elementwise.maximum),
    "amin": _extreme(opaque.smallest, elementwise.minimum),
    "sqrt": _sqrt,
    "square": _square,
    "norm": _norm,
    "dot": _dot,
    "matmul": _dot,
    "outer": _outer,
    "where": _where,
    "len": _length,
}
"""Names with a reading of their own."""
