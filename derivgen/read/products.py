"""Products, quotients, powers and fences as mathematics writes them: side by side, entry by entry, of matrices."""

from __future__ import annotations

from fractions import Fraction

from derivgen.catalog import elementwise, linear, opaque
from derivgen.catalog.build import operands_of, reciprocal, times
from derivgen.expr import ONE, Call, Expr, Mul, Number, Power
from derivgen.read.abbreviations import cross
from derivgen.read.context import Context, Said
from derivgen.read.held import hold
from derivgen.read.kinds.letters import atoms
from derivgen.read.kinds.usual import is_tensor_sign
from derivgen.read.latex.names import is_function_name
from derivgen.read.latex.scope import loosely
from derivgen.read.shapes import fit, matmul
from derivgen.read.surface import (
    Called,
    Fenced,
    Grid,
    Group,
    Infix,
    Letter,
    Literal,
    Product,
    Quotient,
    Raised,
    Root,
    Surface,
    Transposed,
    Unsaid,
    spine,
)

MOST_FACTORS = 200
"""How many factors the power of a matrix may come to."""

# --- side by side ---


def product(read: Context, s: Product) -> Expr:
    """Scalars go where they stand, arrays make matrix products with their neighbours."""
    for sign, after in zip(s.signs, s.signs[1:], strict=False):
        if sign == "/" and not after:
            read.note(f"in {read.said(s)} only the factor behind the slash is below it", s)
    if any(sign == "/" and isinstance(factor, Product) for sign, factor in zip(s.signs, s.factors[1:], strict=True)):
        read.note(f"in {read.said(s)} the whole product behind the slash is below it", s)
    loose = loosely(s)
    if loose is None:
        return _in_turn(read, s)
    said = f"in {read.said(s)} the product"
    if read.chosen("loosely", s):
        read.note(f"{said} by juxtaposition is taken before the one entry by entry", s)
        return read.expr(loose)
    e = _in_turn(read, s)
    if sum(read.expr(f).shape.rank > 0 for f in s.factors) > 1:
        read.note(f"{said} entry by entry is taken before the one by juxtaposition", s)
    return e


def _in_turn(read: Context, s: Product) -> Expr:
    front: list[Expr] = []
    behind: list[Expr] = []
    current: Said | None = None
    for k, factor in enumerate(s.factors):
        sign = s.signs[k - 1] if k else ""
        e = read.expr(factor)
        if k and not sign and isinstance(factor, Group) and factor.fence == "(":
            _note_product(read, s.factors[k - 1], factor)
        if sign == "/":
            current = _over(read, front, behind, current, (factor, e))
        elif not e.shape.axes:
            (front if current is None else behind).extend(_flat(factor, e))
        elif current is None:
            current = (factor, e)
            if isinstance(factor, Quotient | Product) and isinstance(e, Mul) and not e.factors[0].shape.axes:
                front += [f for f in e.factors if not f.shape.axes]
                current = (factor, times([f for f in e.factors if f.shape.axes]))
        else:
            joined = _joined(read, current, (factor, e), sign)
            front += behind
            behind = []
            current = (Unsaid(current[0].span | factor.span), joined) if joined.shape.axes else None
            front += [joined] if not joined.shape.axes else []
    return times([*front, *([current[1]] if current is not None else []), *behind])


def _flat(s: Surface, e: Expr) -> tuple[Expr, ...]:
    """The factors of a scalar, where no parentheses hold them together."""
    return e.factors if isinstance(e, Mul) and isinstance(s, Quotient | Product) else (e,)


def _note_product(read: Context, before: Surface, after: Surface) -> None:
    """a(b + c) is a product where a is no function; that is said where nothing declares it."""
    if isinstance(before, Letter) and before.font in ("", "bold") and len(before.stem) == 1 and not read.given.knows(before.stem) \
            and before.stem.isalpha() and before.stem not in ("I", "e"):  # fmt: skip
        read.note(f"{read.said(before)}{read.said(after)} is read as a product", after)


def _over(read: Context, front: list[Expr], behind: list[Expr], current: Said | None, divisor: Said) -> Said | None:
    """What has been read so far, divided by what follows a slash."""
    e = divisor[1]
    _refuse_divisor(read, *divisor)
    if e.shape.axes:
        whole = times([*front, *([current[1]] if current else []), *behind])
        front.clear()
        behind.clear()
        if current is not None:
            fit(read, "/", [(current[0], whole), divisor], divisor[0])
        return divisor[0], reciprocal(e) if whole == ONE else Mul((whole, reciprocal(e)))
    target = front if current is None else behind
    if target and isinstance(target[-1], Number):
        last = [target.pop()]
        divide(read, last, e, divisor[0])
        target += last
    else:
        divide(read, target, e, divisor[0])
    return current


def divide(read: Context, factors: list[Expr], right: Expr, where: Surface) -> None:
    """Divide a product; a number alone is divided by another at once."""
    if isinstance(right, Number) and right.value == 0:
        raise read.fail("this divides by zero", where)
    match factors, right:
        case [Number(a)], Number(b):
            factors[0] = Number(a / b)
        case [one], _ if one == ONE:
            factors[0] = reciprocal(right)
        case _:
            factors.append(reciprocal(right))


def _joined(read: Context, left: Said, right: Said, sign: str) -> Expr:
    """Two arrays side by side, or with a dot between them."""
    a, b = left[1].shape, right[1].shape
    where = Unsaid(left[0].span | right[0].span)
    if sign == "*":
        raise read.fail("* is no product of arrays", where,
                        r"write \otimes for the product entry by entry, nothing for the matrix product")  # fmt: skip
    if a.rank == b.rank == 1 and a.row == b.row and not (sign == "·" and not a.row):
        if sign == "×":
            return cross(read, where, left, right)
        first, second = read.said(left[0]), read.said(right[0])
        raise read.misfit(f"two {'rows' if a.row else 'columns'} side by side are no product: {read.shaped(left)}, {read.shaped(right)}", where,
                          rf"write {first}^{{\mathsf T}} {second} for the dot product, {first} \otimes {second} entry by entry")  # fmt: skip
    return matmul(read, left, right, where)


# --- entry by entry ---


def entrywise(read: Context, s: Infix) -> Expr:
    r"""A chain of \otimes and \oslash, or functions composed by \circ."""
    chain = spine(s, ("⊗", "⊘", "∘"))
    first = chain[-1].left
    factors = [first, *(c.right for c in reversed(chain))]
    if all(c.operator == "∘" for c in chain) and is_function_name(read.lexicon, first):  # f ∘ g(x) is f(g(x))
        inner = factors[-1]
        for function in reversed(factors[:-1]):
            inner = Called(s.span, function, (inner,))
        return read.expr(inner)
    chosen = read.chosen("⊗", s) if (tensor := is_tensor_sign(s, read.source)) else None
    if chosen:
        return _tensor(read, factors, s, kronecker=chosen == 1)
    head = read.expr(first)
    made = list(head.factors) if isinstance(head, Mul) and isinstance(first, Infix) else [head]
    parts: list[Said] = [(first, head)]
    for here in reversed(chain):
        right = read.expr(here.right)
        parts.append((here.right, right))
        if here.operator != "⊘":
            made.append(right)
        elif here.left is first and _bold_one(first) and len(made) == 1:
            made = [reciprocal(right)]
        else:
            divide(read, made, right, here.right)
    fit(read, chain[0].operator, parts, s)
    if chosen == 0 or (tensor and all(e.shape.axes for _, e in parts)):
        read.note(f"⊗ in {read.said(s)} is read as the Hadamard product; product: kronecker or outer reads it so", s)
    return times(made)


def _bold_one(s: Surface) -> bool:
    """Whether ``s`` is 𝟏 or 𝟏ᵀ, which stands over ⊘ for the number 1."""
    inner = s.operand if isinstance(s, Transposed) else s
    return isinstance(inner, Letter) and inner.stem == "1"


def _tensor(read: Context, factors: list[Surface], s: Infix, *, kronecker: bool) -> Expr:
    """⊗ where it is no Hadamard product."""
    made, *others = [(factor, read.expr(factor)) for factor in factors]
    for other in others:
        if kronecker:
            value: Expr = Call(linear.kron, (made[1], other[1]))
        else:
            value = matmul(read, made, (other[0], Call(linear.transpose, (other[1],))), s)
        made = s, value
    read.note(f"⊗ in {read.said(s)} is read as the {'Kronecker' if kronecker else 'outer'} product", s)
    return made[1]


# --- quotients and powers ---


def quotient(read: Context, s: Quotient) -> Expr:
    """A fraction: what is below becomes factors with negative exponents."""
    above, below = read.expr(s.over), read.expr(s.under)
    _refuse_divisor(read, s.under, below)
    fit(read, "/", [(s.over, above), (s.under, below)], Unsaid(s.over.span | s.under.span))
    factors = list(above.factors) if isinstance(above, Mul) and isinstance(s.over, Product) else [above]
    divide(read, factors, below, s.under)
    return times(factors)


def _refuse_divisor(read: Context, s: Surface, e: Expr) -> None:
    """Refuse to divide by a square matrix."""
    if is_square(e):
        said = read.said(s)
        raise read.fail(f"{said} is a matrix, by which nothing is divided", s,
                        rf"the inverse is written {said}^{{-1}}, division entry by entry \mathbf 1 \oslash {said}")  # fmt: skip


def raised(read: Context, s: Raised) -> Expr:
    """A power; what is raised to T is a transpose, and e raised is the exponential function."""
    base, exponent = s.base, s.exponent
    match base, exponent:
        case Letter(_, "e", "" | "upright"), _ if not read.lexicon.knows("e"):
            e = read.expr(exponent)
            if not s.sign and is_square(e):
                return of_matrix(read, s, e, "exp", rf"\exp_{{\circ}}({read.said(exponent)})")
            if not s.sign:
                say_entrywise(read, s, e)
            return Call(elementwise.exp, (e,))
        case _, Letter(_, "T" | "t" as sign) if not s.sign:
            b, known = read.expr(base), read.lexicon.knows(sign)
            is_function = read.lexicon.declared_function(sign) is not None  # nothing is raised to one
            if b.shape.axes:
                if known:
                    read.note(f"{read.said(s)} is read as a transpose, though {sign} is declared", s)
                return read.expr(Transposed(s.span, base))
            if (not known or is_function) and sign == "T":
                return b
    b, e = read.expr(base), read.expr(exponent)
    if b.shape.rank == 2 and not s.sign:
        return _matrix_power(read, (base, b), (exponent, e), s)
    fit(read, "^", [(base, b), (exponent, e)], s)
    return Power(b, e)


def _matrix_power(read: Context, base: Said, exponent: Said, s: Raised) -> Expr:
    """X² is XX, X⁻¹ the inverse."""
    b, e = base[1], exponent[1]
    entrywise = rf"{read.said(base[0])}^{{\circ {read.said(exponent[0])}}} is the power entry by entry"
    if not isinstance(e, Number) or e.value.denominator != 1:
        if is_square(b):
            return hold(
                read, exponent[0], "power", "the power of a matrix is a whole number", (b, e), b.shape, hint=entrywise
            )
        raise read.fail("the power of a matrix is a whole number", exponent[0], entrywise)
    if not is_square(b):
        raise read.misfit(f"a power is of a square matrix: {read.shaped(base)}", s, entrywise)
    count = int(e.value)
    if count < 0:
        b, count = Call(opaque.inv, (b,)), -count
    if count == 0:
        return Call(opaque.eye, (), b.shape.axes[:1])
    factors = operands_of(b) * min(count, MOST_FACTORS + 1)
    if len(factors) > MOST_FACTORS:
        raise read.fail("this power is too large to be written out", s)
    return factors[0] if len(factors) == 1 else Call(linear.matmul, factors)


def root(read: Context, s: Root) -> Expr:
    """A root: a power with the exponent one half, or one over the degree."""
    e = read.expr(s.body)
    if is_square(e):
        return of_matrix(read, s, e, "root", rf"{read.said(s.body)}^{{\circ 1/2}}")
    say_entrywise(read, s, e)
    match s.degree:
        case None:
            return Power(e, Number(Fraction(1, 2)))
        case Literal(_, value) if value > 0:
            return Power(e, Number(1 / value))
        case degree:
            raise read.fail("the degree of a root is a number", degree)


def is_square(e: Expr) -> bool:
    """Whether it is a matrix whose two axes are of one length."""
    axes = e.shape.axes
    return len(axes) == 2 and axes[0] == axes[1]


def of_matrix(read: Context, s: Surface, e: Expr, name: str, entrywise: str) -> Expr:
    """A function of a square matrix, which is another than that of its entries.

    Raises:
        ParseError: nothing is held abstract here.
    """
    said = f"{read.said(s)} is a function of a matrix, which is not read"
    return hold(read, s, name, said, (e,), e.shape, hint=f"entry by entry it is written {entrywise}")


def say_entrywise(read: Context, s: Surface, e: Expr) -> None:
    """Say of a function of a matrix that is no square that it is taken entry by entry."""
    if e.shape.rank == 2:
        read.note(f"{read.said(s)} is taken entry by entry", s)


# --- fences ---


def fenced(read: Context, s: Fenced) -> Expr:
    """What stands between bars, double bars or angles: a determinant or an absolute value, a norm, a product."""
    match s.left, s.items:
        case "|", (inner,):
            e = read.expr(inner)
            if is_square(e) or isinstance(inner, Grid):
                if not isinstance(inner, Grid):
                    read.note(f"{read.said(s)} is read as the determinant", s)
                return Call(opaque.det, (e,))
            if e.shape.rank == 2:
                read.note(f"{read.said(s)} is read as the absolute value entry by entry: the matrix is not square", s)
            return Call(elementwise.absolute, (e,))
        case "‖", (inner,):
            return norm(read, s, inner, ())
        case "⟨", (left, right):
            a, b = read.expr(left), read.expr(right)
            if a.shape.rank == b.shape.rank == 2:
                fit(read, "an inner product", [(left, a), (right, b)], s)
                read.note(
                    rf"{read.said(s)} is read as the trace of {read.said(left)}^{{\mathsf T}}{read.said(right)}", s
                )
                return Call(linear.trace, (matmul(read, (left, Call(linear.transpose, (a,))), (right, b), s),))
            return matmul(read, (left, a), (right, b), s)
        case _:
            raise read.fail("several items stand between these fences", s, r"a row is written [f, g]")


def norm(read: Context, s: Surface, inner: Surface, subs: tuple[Surface, ...]) -> Expr:
    """‖x‖ and ‖x‖₂, ‖x‖₁, ‖X‖_F."""
    e = read.expr(inner)
    kind = "".join(str(a.value) if isinstance(a, Literal) else getattr(a, "stem", "?") for a in atoms(subs))
    matrix = e.shape.rank == 2
    if not e.shape.axes:
        raise read.misfit(f"a norm is of a vector or a matrix: {read.shaped((inner, e))}", s,
                          r"the absolute value is written |x|").marked("vector")  # fmt: skip
    norms = read.declarations.glossary.fences["‖"]
    op = next((op for op in norms if kind in (op.notation.under_matrix if matrix else op.notation.under)), None)
    if op is not None:
        if matrix and not kind:
            read.note(f"{read.said(s)} is read as the Frobenius norm", s)
        return Call(op, (e,))
    said = read.said(inner)
    known = rf"\|{said}\|_F is the Frobenius norm" if matrix else rf"\|{said}\|_2 and \|{said}\|_1 are known"
    named = {"2": "the spectral norm", "star": "the nuclear norm", "∞": "the maximum norm"}.get(kind, "this norm")
    return hold(read, s, "norm", f"{named} is not read", (e,), hint=known)
