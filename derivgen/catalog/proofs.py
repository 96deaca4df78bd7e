"""Proofs of the derivatives that the catalog declares: each line is an equality, which is judged as a step is."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from derivgen.catalog.base import Elementwise
from derivgen.catalog.build import chain, product, times, transposed
from derivgen.catalog.proof import Line
from derivgen.expr import (
    MINUS_ONE,
    ONE,
    ZERO,
    Add,
    At,
    Call,
    Cases,
    Delta,
    Expr,
    Index,
    Mul,
    Number,
    Op,
    Partial,
    Power,
    Sum,
    Symbol,
)

Lines = tuple[Line, ...]


def _minus(u: Expr) -> Expr:
    return Mul((MINUS_ONE, u))


def _square(u: Expr) -> Expr:
    return Power(u, Number(Fraction(2)))


def _over(u: Expr, v: Expr, power: int = 1) -> Expr:
    below = Power(v, Number(Fraction(-power)))
    return below if u == ONE else Mul((u, below))


# --- functions of numbers --------------------------------------------------------------------------------------------------


def of_inverse(f: Op, g: Op) -> Callable[[int, Expr], Lines]:
    """f undoes g, and the derivative of g is known to be g itself: log and exp."""

    def lines(_: int, u: Expr) -> Lines:
        value = Call(f, (u,))
        undone, slope = Call(g, (value,)), Partial(value, u)
        return (
            Line("What it undoes", undone, u, (value, " is the number whose exponential is ", u, ".")),
            Line("Differentiate both sides", Mul((undone, slope)), ONE,
                 ("On the left ", undone, " is its own slope, times the derivative of ", value, "; on the right ", u, " changes with itself at rate 1.")),
            Line("Divide", slope, _over(ONE, u), (undone, ", which is ", u, ", is divided out.")),
        )  # fmt: skip

    return lines


def of_quotient(f: Op, top: Callable[[Expr], Expr], bottom: Callable[[Expr], Expr], above: Callable[[Expr, Expr], Expr],
                found: Callable[[Expr], Expr], why: str) -> Callable[[int, Expr], Lines]:  # fmt: skip
    """f is a quotient; ``above`` is the numerator that the quotient rule gives, over the square of the denominator."""

    def lines(_: int, u: Expr) -> Lines:
        value, a, b = Call(f, (u,)), top(u), bottom(u)
        slope, quotient = Partial(value, u), _over(above(a, b), b, 2)
        return (
            Line("The quotient", value, _over(a, b), ("By its definition ", value, " is a quotient.")),
            Line("The quotient rule", slope, quotient,
                 ("Denominator times the derivative of ", a, ", minus ", a, " times the derivative of ", b, ", over the square of ", b, ".")),
            Line("In the function itself", slope, found(u), (why, value, ".")),
        )  # fmt: skip

    return lines


def of_half(f: Op, exp: Op, sign: Expr, found: Expr) -> Callable[[int, Expr], Lines]:
    """Half of exp(u) and ``sign`` times exp(-u), with the slope ``found``: sinh, cosh."""

    def lines(_: int, u: Expr) -> Lines:
        value, large, small = Call(f, (u,)), Call(exp, (u,)), Call(exp, (_minus(u),))
        slope, half = Partial(value, u), Number(Fraction(1, 2))
        signed = small if sign == ONE else _minus(small)
        other = _minus(small) if sign == ONE else small
        return (
            Line("The definition", value, Mul((half, Add((large, signed)))), ("By its definition ", value, " is this half.")),
            Line("Term by term", slope, Mul((half, Add((large, other)))),
                 (large, " is its own slope, and ", small, " has its negative for a slope.")),
            Line("The other function", slope, found, ("By its definition this is ", found, ".")),
        )  # fmt: skip

    return lines


def of_logistic(f: Op, exp: Op) -> Callable[[int, Expr], Lines]:
    """σ(u) = 1/(1 + exp(-u))."""

    def lines(_: int, u: Expr) -> Lines:
        value, small = Call(f, (u,)), Call(exp, (_minus(u),))
        below, slope = Add((ONE, small)), Partial(value, u)
        return (
            Line("The quotient", value, _over(ONE, below), ("By its definition ", value, " is this quotient.")),
            Line("The quotient rule", slope, _over(small, below, 2),
                 ("One over ", below, " has the slope minus one over its square, times the derivative of ", below, ", which is minus ", small, ".")),
            Line("One minus it", _over(small, below), Add((ONE, _minus(value))),
                 ("Over the denominator ", below, " one minus one over it has the numerator ", small, ".")),
            Line("Two factors", slope, Mul((value, Add((ONE, _minus(value))))),
                 ("One of the two factors ", below, " goes with 1, which makes ", value, ", the other with ", small, ".")),
        )  # fmt: skip

    return lines


def of_softplus(f: Op, log: Op, exp: Op, sigmoid: Op) -> Callable[[int, Expr], Lines]:
    """log(1 + exp(u))."""

    def lines(_: int, u: Expr) -> Lines:
        value, large = Call(f, (u,)), Call(exp, (u,))
        inner, slope = Add((ONE, large)), Partial(value, u)
        return (
            Line("The definition", value, Call(log, (inner,)), ("By its definition ", value, " is this logarithm.")),
            Line("The chain rule", slope, _over(large, inner),
                 ("The logarithm has the slope one over ", inner, ", times the derivative of ", inner, ", which is ", large, ".")),
            Line("The logistic function", slope, Call(sigmoid, (u,)),
                 ("Numerator and denominator divided by ", large, ", the quotient is ", Call(sigmoid, (u,)), ".")),
        )  # fmt: skip

    return lines


def of_normal(f: Op, erf: Op, density: Callable[[Expr], Expr]) -> Callable[[int, Expr], Lines]:
    """(1 + erf(u/√2))/2, of which the slope of erf is known: the distribution function of the standard normal."""

    def lines(_: int, u: Expr) -> Lines:
        value, root = Call(f, (u,)), Power(Number(Fraction(2)), Number(Fraction(-1, 2)))
        error = Call(erf, (Mul((u, root)),))
        return (
            Line("By the error function", value, Mul((Number(Fraction(1, 2)), Add((ONE, error)))),
                 ("Both sides are ", Number(Fraction(1, 2)), " at 0, and ", error, " is the same integral in another unit.")),
            Line("The chain rule", Partial(value, u), density(u),
                 (error, " has the slope of the error function, times ", root, ", the rate at which its argument changes with ", u, ".")),
        )  # fmt: skip

    return lines


def of_ramp(f: Op, g: Op, slope_of_g: Callable[[Expr], Expr]) -> Callable[[int, Expr], Lines]:
    """u g(u), of which the slope of g is known: silu, gelu."""

    def lines(_: int, u: Expr) -> Lines:
        value, share = Call(f, (u,)), Call(g, (u,))
        return (
            Line("The definition", value, Mul((u, share)), ("By its definition ", value, " is this product.")),
            Line("The product rule", Partial(value, u), Add((share, product(u, slope_of_g(u)))),
                 (u, " changes with itself at rate 1, which leaves ", share, "; and ", share, " has the slope ", slope_of_g(u), ", times ", u, ".")),
        )  # fmt: skip

    return lines


def of_cases(f: Op, condition: Op, other: Callable[[Expr, Expr], Expr], border: Callable[[Expr], Expr] | None = None,
             slope_of_other: Expr = ZERO) -> Callable[..., Lines]:  # fmt: skip
    """f is the argument w where the condition holds, and something else elsewhere: max, min, |w|, the ramp."""

    def lines(k: int, *args: Expr) -> Lines:
        w = args[k]
        c = border(w) if border is not None else args[1 - k]
        holds, value, rest = Call(condition, (w, c)), Call(f, args), other(w, c)
        slope = Partial(value, w)
        still = " does not change with " if slope_of_other == ZERO else " has the slope -1 by "
        return (
            Line("By cases", value, Cases(((holds, w),), rest), ("By its definition ", value, " is ", w, " or ", rest, ".")),
            Line("Each case by itself", slope, Cases(((holds, ONE),), slope_of_other),
                 ("Away from the border ", w, " changes with itself at rate 1, and ", rest, still, w, ".")),
        )  # fmt: skip

    return lines


def named(f: Elementwise, k: int, *args: Expr) -> Line:
    """What the catalog writes for the slope by cases."""
    value, slope = Call(f, args), f.derivatives[k](*args)
    return Line(
        "In one sign", Partial(value, args[k]), slope, (slope, " says which of the cases of ", value, " it is.")
    )


# --- functions of matrices ----------------------------------------------------------------------------------------------------


def of_inverse_matrix(inv: Op) -> Callable[..., Lines]:
    """∂(X⁻¹)_ij/∂X_pq, from X X⁻¹ = I."""

    def lines(x: Expr, out: tuple[Index, Index], at: tuple[Index, Index], k: Index, _: Symbol) -> Lines:
        (i, j), (p, q) = out, at
        inverse, moved = Call(inv, (x,)), At(x, (p, q))

        def rate(row: Index) -> Expr:
            return Partial(At(inverse, (row, j)), moved)

        added = Sum(k, Mul((At(x, (i, k)), rate(k))))
        jump = Mul((Delta(i, p), At(inverse, (q, j))))
        return (
            Line("What it is the inverse of", Sum(k, Mul((At(x, (i, k)), At(inverse, (k, j))))), Delta(i, j),
                 ("A matrix times its inverse is the identity, here in the entry with ", At(x, (i, k)), " and ", At(inverse, (k, j)), ".")),
            Line("Differentiate both sides", Add((jump, added)), ZERO,
                 ("By the product rule: ", moved, " stands in row ", At(x, (i, k)), " only if both are one entry, and the identity does not change.")),
            Line("Multiply by the inverse", rate(i), Mul((MINUS_ONE, At(inverse, (i, p)), At(inverse, (q, j)))),
                 ("Multiplied by ", inverse, " from the left, the sum is the derivative ", rate(i), " alone.")),
        )  # fmt: skip

    return lines


def of_determinant(det: Op, inv: Op, eye: Op) -> Callable[..., Lines]:
    """∂det(X)/∂X_pq is det(X) (X⁻¹)_qp: when X_pq grows by t, X is multiplied by I + t X⁻¹e_p e_qᵀ."""

    def lines(x: Expr, _: tuple[Index, ...], at: tuple[Index, Index], __: Index, t: Symbol) -> Lines:
        p, q = at
        value, moved, inverse = Call(det, (x,)), At(x, (p, q)), Call(inv, (x,))
        unit = Call(eye, (), x.shape.axes[:1])
        place = chain(At(unit, (p,)), transposed(At(unit, (q,))))
        grown, factor = Add((x, Mul((t, place)))), Add((unit, Mul((t, chain(inverse, place)))))
        entry = At(inverse, (q, p))
        growth = Add((ONE, Mul((t, entry))))
        return (
            Line("Let one entry grow", grown, chain(x, factor),
                 (place, " is 1 where ", moved, " stands and 0 elsewhere, so on the left ", moved, " has grown by ", t, "; on the right ", x, " is taken out.")),
            Line("One column differs", Call(det, (factor,)), growth,
                 ("But for one column ", factor, " is the identity. Expanded along each of its other columns, which have a single 1, only the entry on the diagonal of that one column is left.")),
            Line("The determinant of a product", Call(det, (grown,)), Mul((value, growth)),
                 ("The determinant of a product is the product of the determinants: ", value, " is multiplied by ", growth, ".")),
            Line("Read the slope off", Partial(value, moved), Mul((value, entry)),
                 ("So ", value, " grows in proportion to ", t, ", at the rate ", Mul((value, entry)), ".")),
        )  # fmt: skip

    return lines


def of_log_determinant(logdet: Op, det: Op, inv: Op, eye: Op) -> Callable[..., Lines]:
    """∂log det(X)/∂X_pq is (X⁻¹)_qp."""

    def lines(x: Expr, out: tuple[Index, ...], at: tuple[Index, Index], k: Index, t: Symbol) -> Lines:
        p, q = at
        value, whole, moved = Call(logdet, (x,)), Call(det, (x,)), At(x, (p, q))
        entry = At(Call(inv, (x,)), (q, p))
        return (
            Line("The chain rule", Partial(value, moved), Mul((Power(whole, MINUS_ONE), Partial(whole, moved))),
                 ("The logarithm has the slope one over ", whole, ", times the derivative of ", whole, ".")),
            *of_determinant(det, inv, eye)(x, out, at, k, t),
            Line("The determinant cancels", Partial(value, moved), entry,
                 ("Put in, ", whole, " cancels, and ", entry, " is left.")),
        )  # fmt: skip

    return lines


def of_product(prod: Op, without_entry: Callable[[Expr, Index], Expr]) -> Callable[..., Lines]:
    """∂(∏ x_i)/∂x_k is the product of all others."""

    def lines(x: Expr, _: tuple[Index, ...], at: tuple[Index], __: Index, ___: Symbol) -> Lines:
        value, moved, others = Call(prod, (x,)), At(x, at), without_entry(x, at[0])
        return (
            Line("One factor taken out", value, Mul((moved, others)), ("Among the factors ", moved, " stands once; the others make ", others, ".")),
            Line("The others stay", Partial(value, moved), others,
                 (others, " does not contain ", moved, ", which changes with itself at rate 1.")),
        )  # fmt: skip

    return lines


def of_softmax_rows(softmax_rows: Op, exp: Op) -> Callable[..., Lines]:
    """∂S_ij/∂X_pq is δ_ip S_ij (δ_jq - S_iq): a quotient in every row."""

    def lines(x: Expr, out: tuple[Index, Index], at: tuple[Index, Index], k: Index, _: Symbol) -> Lines:
        (i, j), (p, q) = out, at
        weights = Call(softmax_rows, (x,))
        value, moved, own, other = At(weights, out), At(x, at), At(weights, (i, q)), Delta(j, q)

        def large(*places: Index) -> Expr:
            return Call(exp, (At(x, places),))

        k = Index(k.name, q.dim)
        below = Sum(k, large(i, k))
        top, bottom = (
            Mul((other, large(i, j), Power(below, MINUS_ONE))),
            Mul((large(i, j), large(i, q), Power(below, Number(Fraction(-2))))),
        )
        return (
            Line("The quotient", value, _over(large(i, j), below), ("By its definition ", value, " is this quotient, with a sum over its row.")),
            Line("The quotient rule", Partial(value, moved), Mul((Delta(i, p), Add((top, _minus(bottom))))),
                 (moved, " stands in it only if it is of the same row; then it is in one term of the sum, and above only if it is ", At(x, out), " itself.")),
            Line("In the function itself", Partial(value, moved), times([Delta(i, p), value, Add((other, _minus(own)))]),
                 ("Divided term by term, the exponentials over their sum are ", value, " and ", own, ".")),
        )  # fmt: skip

    return lines
