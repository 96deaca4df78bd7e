"""Functions by their names in text: most are the catalog's own; the rest have a reading of their own here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from derivgen.catalog import elementwise, formulas, linear, opaque
from derivgen.catalog.base import (
    Abstract,
    Constant,
    Elementwise,
    Formula,
    Linear,
    Opaque,
    Operation,
    is_pointwise_scalar,
    takes_square,
)
from derivgen.catalog.declared import function_declaration
from derivgen.catalog.letters import GREEK
from derivgen.errors import NameUnknown, ParseError
from derivgen.expr import Build, Call, Cases, Dim, Expr, Mul, Number, Power
from derivgen.read.abbreviations import abbreviated
from derivgen.read.along import along, of_each_row, softmax_of_matrix
from derivgen.read.context import Context, Said
from derivgen.read.places import open_constant, size
from derivgen.read.products import is_square, of_matrix, say_entrywise
from derivgen.read.shapes import fit, matmul
from derivgen.read.surface import Apply, Fenced, Listed, Literal, Name, Surface, ungrouped
from derivgen.read.text.characters import ELSEWHERE
from derivgen.read.wording import called, counted, described, nearest

HALF = Number(Fraction(1, 2))
TWO = Number(Fraction(2))
FROBENIUS = "fro"
"""What NumPy calls the norm of a matrix as a list of its entries."""


def application(read: Context, s: Apply) -> Expr:
    """A function of its arguments; in LaTeX, with what mathematics reads differently."""
    known = read.declarations
    if not read.of.latex or s.function in known.functions or s.function in known.user_functions:
        return apply(read, s)
    spelled = read.source[s.named.start : s.named.end]
    if len(spelled) > 1 and spelled.isalpha():
        read.note(f"{spelled} in {read.said(s)} is read as the function", s)
    if s.function.endswith("∘"):  # entry by entry
        return apply(read, replace(s, function=s.function[:-1]))
    match s.function, s.args:
        case "log", (Fenced(_, "|", (inner,)) as bars,) if is_square(read.expr(inner)):
            read.note(f"{read.said(bars)} is read as the determinant", s)
            return Call(opaque.logdet, (read.expr(inner),))
        case "log", (Apply(_, "det", inner),):
            return apply(read, Apply(s.span, "logdet", inner, s.named))
        case "trace", (inner,) if not (number := read.expr(inner)).shape.axes:
            read.note(f"{read.said(s)} is the trace of a number, which is the number", s)
            return number
        case "log10", _:
            natural = apply(read, replace(s, function="log"))
            return Mul((natural, Power(Call(elementwise.log, (Number(Fraction(10)),)), Number(Fraction(-1)))))
    if s.function == "diag" and len(s.args) == 1 and read.of.free_indices:  # diag(a_i b_i), over all i
        number = read.expr(s.args[0])
        free = [i for i in number.free if i.name in read.scope]
        if not number.shape.axes and len(free) == 1:
            return Call(linear.diag, (Build((free[0],), number),))
    e = apply(read, s)
    if isinstance(e, Call) and isinstance(e.op, Elementwise) and e.op.notation.of_matrices:
        if is_square(e):
            return of_matrix(read, s, e.args[0], e.op.name, rf"\{e.op.name}_{{\circ}}({read.said(s.args[0])})")
        say_entrywise(read, s, e)
    return e


def apply(read: Context, s: Apply) -> Expr:
    """A function of its arguments: a declared one before one of the catalog."""
    name = s.function
    if s.axis is not None:
        return along(read, s, apply)
    declared = read.declarations.functions.get(name)
    if declared is not None:
        return applied(read, declared, [(a, read.expr(a)) for a in s.args], s)
    own = read.declarations.user_functions.get(name)
    special = SPECIAL.get(name)
    if special is not None and own is None:
        return special(read, s)
    match (own,) if own is not None else named(read, name):
        case ():
            made = abbreviated(read, s)
            if made is None:
                raise unknown(read, s)
            return made
        case (Constant() as op,):
            return constant(read, s, op)
        case (op,):
            return call(read, s, op, [(a, read.expr(a)) for a in s.args])
        case (Elementwise() as of_two, reduced):
            return _extreme(read, s, reduced, of_two)
        case kinds:
            return _of_kind(read, s, kinds)


def named(read: Context, name: str) -> tuple[Operation, ...]:
    """The operations of the catalog that are called so, by their letter too: σ(x)."""
    glossary = read.declarations.glossary
    found = glossary.by_name.get(name, ())
    letter = glossary.letters.get(GREEK.get(name, ""))
    return (letter,) if not found and letter is not None and name not in read.declarations.symbols else found


def applied(read: Context, op: Abstract, parts: list[Said], where: Surface) -> Expr:
    """A declared function of its arguments."""
    if len(parts) != len(op.domain):
        declared = f"it is declared as {function_declaration(op)}"
        raise read.fail(f"{op.name} takes {counted(len(op.domain))}, not {len(parts)}", where, declared)
    if is_pointwise_scalar(op):
        fit(read, op.name, parts, where)
    else:
        for part, wanted in zip(parts, op.domain, strict=True):
            is_row = part[1].shape.row and not read.of.latex
            if is_row or part[1].shape.axes != wanted.axes:
                said = f"{op.name} is declared on {described(wanted)}: {read.shaped(part)}"
                raise read.misfit(said, part[0], f"it is declared as {function_declaration(op)}")
    return Call(op, tuple([e for _, e in parts]))


def is_function(read: Context, name: str) -> bool:
    """Whether a name is that of a function which needs no declaration."""
    return name in read.declarations.glossary.by_name or name in SPECIAL


def unknown(read: Context, s: Apply) -> NameUnknown | ParseError:
    """The error that there is no function of a name, with what might be meant."""
    name = s.function
    scope = read.declarations
    if name in scope.symbols or name in scope.sizes or name in read.scope:
        inside = ", ".join(read.said(a) for a in s.args)
        what = "a size" if name in scope.sizes else "an index" if name in read.scope else "a variable"
        return read.fail(f"{name} is {what}, not a function", s.named, f"a product is written {name} * ({inside})")
    near = nearest(name, (*scope.functions, *scope.user_functions, *scope.glossary.typed, *SPECIAL))
    if name == "D":
        return read.fail("D takes a declared function and makes its derivative", s.named, "write D(f)(x)")
    if name == "range":
        return read.fail("range stands after for … in", s.named, "write sum(x[i] for i in range(n))")
    if name == "solve":
        return read.fail("solve is not read here", s.named, "the solution of A z = b is written inv(A) @ b")
    if name in ELSEWHERE:
        return NameUnknown(f"there is no function {name}", span=s.named, hint=ELSEWHERE[name], source=read.source)
    own = f'function of your own is declared in the where text, such as "{name}: R^n -> R^m"'
    hint = f"did you mean {near}? A {own}" if near else f"a {own}"
    return NameUnknown(f"there is no function {name}", span=s.named, hint=hint, source=read.source)


def call(read: Context, s: Apply, op: Operation, parts: list[Said]) -> Expr:
    """An operation of the catalog. Shapes are compared here first, where the words of the source are at hand."""
    count = op.arguments or max(len(parts), 1)
    if len(parts) != count:
        raise read.fail(f"{s.function} takes {counted(count)}, not {len(parts)}", s, called(s.function, count))
    match op:
        case Elementwise():
            fit(read, s.function, parts, s)
        case Linear() if len(parts) > 1 and not all(e.shape.axes for _, e in parts):
            scalar = next(part for part in parts if not part[1].shape.axes)
            raise read.misfit(f"{s.function} is of vectors and matrices: {read.shaped(scalar)}", s,
                              "a product with a scalar is written *")  # fmt: skip
        case Formula() | Linear() | Opaque() if not parts[0][1].shape.axes:
            instead = {"norm": "abs(x) is the absolute value of a scalar",
                       "sum": "a sum over an index is written sum(x[i] for i in range(n))"}.get(s.function)  # fmt: skip
            if op is not linear.transpose:
                said = f"{s.function} is of a vector or a matrix: {read.shaped(parts[0])}"
                raise read.misfit(said, s, instead).marked("vector")
        case Formula() if op is formulas.softmax and parts[0][1].shape.rank > 1:
            return softmax_of_matrix(read, s, parts[0][1])
        case Opaque() if op is opaque.prod and parts[0][1].shape.rank == 2:
            return Call(op, (of_each_row(op, parts[0][1]),))
        case _:
            axes = parts[0][1].shape.axes
            if takes_square(op, tuple([e.shape for _, e in parts])) and not (len(axes) == 2 and axes[0] == axes[1]):
                square_one = "declare a matrix with one size twice, A in R^(n*n)"
                raise read.misfit(f"{s.function} is of a square matrix: {read.shaped(parts[0])}", s, square_one)
    return Call(op, tuple([e for _, e in parts]))


def constant(read: Context, s: Apply, op: Constant) -> Expr:
    """eye(n), ones(n), ones(m, n), and NumPy's ones((m, n))."""
    given: tuple[Surface, ...] = s.args
    if len(given) == 1 and isinstance(given[0], Listed):
        given = given[0].items
    if not given and op.name in read.declarations.glossary.constants:
        return open_constant(read, op.name, s)
    if len(given) > 2 and op.rank != -1:
        raise read.fail(f"{op.name} has two axes at most", s)
    dims: list[Dim] = []
    for g in given:
        inner = ungrouped(g)
        if isinstance(inner, Literal) and inner.value == 1:
            raise read.fail("there are no axes of length 1", g, "a vector has one axis; x.T is its row")
        dims.append(size(read, g))
    if len(dims) == 2 and op is opaque.eye and dims[0] == dims[1]:
        del dims[1]
    return Call(op, (), tuple(dims))


def _one(read: Context, s: Apply, count: int = 1) -> list[Said]:
    if len(s.args) != count:
        raise read.fail(f"{s.function} takes {counted(count)}, not {len(s.args)}", s, called(s.function, count))
    return [(a, read.expr(a)) for a in s.args]


def _extreme(read: Context, s: Apply, reduced: Operation, of_two: Operation) -> Expr:
    """max(e) is the largest entry; max(a, b, c) is taken entry by entry."""
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
    fit(read, s.function, parts, s)
    value = parts[0][1]
    for _, e in parts[1:]:
        value = Call(of_two, (value, e))
    return value


def _sqrt(read: Context, s: Apply) -> Expr:
    return Power(_one(read, s)[0][1], HALF)


def _square(read: Context, s: Apply) -> Expr:
    return Power(_one(read, s)[0][1], TWO)


def _of_kind(read: Context, s: Apply, kinds: tuple[Operation, ...]) -> Expr:
    """norm(x), norm(x, 1) and norm(X, "fro"), in which the last argument says which norm."""
    if len(s.args) != 2:
        return call(read, s, kinds[0], [(a, read.expr(a)) for a in s.args])
    said = ungrouped(s.args[1])
    kind = str(said.value) if isinstance(said, Literal) else None
    part = (s.args[0], read.expr(s.args[0]))
    if isinstance(said, Name) and said.name == FROBENIUS and part[1].shape.rank == 2:
        return Call(next(op for op in kinds if FROBENIUS in op.notation.under_matrix), (part[1],))
    op = next((op for op in kinds if kind in op.notation.under), None)
    hint = "norm(X) is the Frobenius norm of a matrix"
    if op is None:
        known = " and ".join(f"{s.function}({', '.join(['x', *filter(None, op.notation.under[:1])])})" for op in kinds)
        raise read.fail(f"only the norms {known} are known", s.args[1], hint)
    if part[1].shape.rank != 1:
        raise read.misfit(f"norm(x, {kind}) is of a vector: {read.shaped(part)}", s, hint).marked("vector")
    return Call(op, (part[1],))


def _dot(read: Context, s: Apply) -> Expr:
    left, right = _one(read, s, 2)
    return matmul(read, left, right, s)


def _outer(read: Context, s: Apply) -> Expr:
    left, right = _one(read, s, 2)
    for part in (left, right):
        if part[1].shape.rank != 1:
            raise read.misfit(f"outer is of two vectors: {read.shaped(part)}", s)
    a = Call(linear.transpose, (left[1],)) if left[1].shape.row else left[1]
    b = right[1] if right[1].shape.row else Call(linear.transpose, (right[1],))
    return matmul(read, (left[0], a), (right[0], b), s)


def _where(read: Context, s: Apply) -> Expr:
    """where(c, a, b); with more branches, where(c, a, d, b, otherwise)."""
    if len(s.args) < 3 or len(s.args) % 2 == 0:
        raise read.fail(f"where takes a condition, its value and the value otherwise, not {len(s.args)} arguments", s,
                        "write where(c, a, b)")  # fmt: skip
    parts = [(a, read.expr(a)) for a in s.args]
    values = [*parts[1::2], parts[-1]]
    fit(read, "where", values, s)
    shaped = [v for v in values if v[1].shape.axes]
    for condition in parts[:-1:2]:
        if not condition[1].shape.axes:
            continue
        if not shaped:
            raise read.misfit(f"where chooses between scalars by a scalar: {read.shaped(condition)}", s,
                              "give the values that shape, such as ones(n)")  # fmt: skip
        fit(read, "where", [condition, shaped[0]], s)
    branches = tuple((parts[k][1], parts[k + 1][1]) for k in range(0, len(parts) - 1, 2))
    return Cases(branches, parts[-1][1])


def _length(read: Context, s: Apply) -> Expr:
    return formulas.size(size(read, s))


SPECIAL: dict[str, Callable[[Context, Apply], Expr]] = {
    "sqrt": _sqrt,
    "square": _square,
    "dot": _dot,
    "matmul": _dot,
    "outer": _outer,
    "where": _where,
    "len": _length,
}
"""Names with a reading of their own."""
