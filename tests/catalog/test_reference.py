"""Every operation of the catalog beside a library that knows nothing of derivgen; and that a wrong declaration is seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import mpmath
import pytest

from derivgen.catalog import OPERATIONS, elementwise, formulas, linear, opaque
from derivgen.catalog.base import Constant, Domain, Elementwise, Formula, Linear, Opaque, Operation, signature
from derivgen.catalog.elementwise import cos, exp, greater, log, maximum, relu, sign, tan, tanh
from derivgen.catalog.user_functions import UserFunction
from derivgen.errors import OperationError, ShapeError
from derivgen.expr import MINUS_ONE, ONE, ZERO, Add, At, Call, Expr, Mul, Number, Power, Symbol
from derivgen.expr.notation import Notation
from derivgen.testing import check_operation

HALF = Number(Fraction(1, 2))


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_declaration_agrees_with_the_library(name: str) -> None:
    check_operation(OPERATIONS[name])


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 6))
@pytest.mark.parametrize("name", OPERATIONS)
def test_the_declaration_agrees_at_other_points(name: str, seed: int) -> None:
    check_operation(OPERATIONS[name], seed=seed)


def one_minus_square(u: Expr) -> Expr:
    return Add((ONE, Mul((MINUS_ONE, Power(Call(tanh, (u,)), Number(Fraction(2)))))))


def one_over_one_plus_square(u: Expr) -> Expr:
    return Power(Add((ONE, Power(u, Number(Fraction(2))))), MINUS_ONE)


def declared(
    name: str, slope: Callable[..., Expr], value: Callable[..., Any], reference: Any, **more: Any
) -> Elementwise:
    return Elementwise(name, f"The {name}.", Notation(rf"\{name}"), (slope,), value, reference=reference, **more)


def test_a_value_and_a_derivative_of_another_function_are_refused() -> None:
    """Rules and judge both read the declaration: only the reference tells that this is not the inverse tangent."""
    catalog: dict[str, Operation] = {
        "arctan": declared("arctan", one_minus_square, lambda m, u: m.tanh(u), "numpy.arctan")
    }
    with pytest.raises(OperationError) as refused:
        check_operation(catalog["arctan"])
    assert str(refused.value) == (
        "the value of arctan, in floats, at u = 2.106417 is 0.970823219, but that of numpy.arctan is 1.12756025"
    )


def test_a_primitive_may_be_declared_in_terms_of_what_the_arithmetics_have() -> None:
    check_operation(declared("sinh", lambda u: Mul((HALF, Add((Call(exp, (u,)), Call(exp, (Mul((MINUS_ONE, u)),)))))),
                             lambda m, u: (m.exp(u) - m.exp(-u)) / 2, mpmath.sinh))  # fmt: skip
    check_operation(declared("sqrt", lambda u: Mul((HALF, Power(u, Number(Fraction(-1, 2))))), lambda m, u: m.sqrt(u),
                             "mpmath.sqrt", domain=Domain(lambda u: u, ">=")))  # fmt: skip


def lopsided(u: Expr) -> Expr:
    return Add((Call(greater, (u, ZERO)), Mul((Number(Fraction(1, 100)), Call(greater, (ZERO, u))))))


def test_a_kink_between_other_slopes_may_be_declared() -> None:
    leaky = declared("leaky", lopsided, lambda m, u: m.where_positive(u, u, u / 100), "lambda u: numpy.maximum(u, u / 100)",
                     kink=lambda u: u)  # fmt: skip
    with pytest.raises(OperationError, match=r"of leaky by u at u = 0\. is 0, which is not between .* 0\.01 and 1$"):
        check_operation(leaky)


def transposed(args: tuple[Expr, ...], k: int, out: Any, at: Any) -> Expr:
    return Mul((MINUS_ONE, At(Call(opaque.inv, args), (at[0], out[0])), At(Call(opaque.inv, args), (at[1], out[1]))))


def scaled(op: Elementwise, k: int, factor: Fraction) -> Elementwise:
    slopes = list(op.derivatives)
    right = slopes[k]
    slopes[k] = lambda *args: Mul((Number(factor), right(*args)))
    return replace(op, derivatives=tuple(slopes))


SMOOTH = [op for op in vars(elementwise).values() if isinstance(op, Elementwise) and op.derivatives and op.kink is None]


@pytest.mark.parametrize("op", SMOOTH, ids=lambda op: str(op.name))
def test_a_derivative_that_is_a_little_wrong_is_refused(op: Elementwise) -> None:
    with pytest.raises(OperationError, match=rf"the declared derivative of {op.name} by u at u = .* the slope of"):
        check_operation(scaled(op, 0, Fraction(10_001, 10_000)))


def _refused(shapes: object) -> Any:
    raise ShapeError("it is never right")


WRONG: list[tuple[str, Operation, str]] = [
    ("a value of exact numbers", replace(sign, value=lambda m, u: m.where_positive(u, 1, 0)), "value of sign, in floats"),
    ("a value that only balls have wrong", replace(exp, value=lambda m, u: m.exp(u) * _only_in_balls(m)),
     "value of exp, in balls"),
    ("a value that jets have wrong", replace(exp, value=lambda m, u: m.exp(u) + 0 * m.magnitude(u) if not _jets(m) else u + 1),
     "derivative of exp by u in forward mode, in floats"),
    ("a value that nobody can compute", replace(exp, value=lambda m, u: m.expm1(u)), "value of exp at .* no attribute 'expm1'"),
    ("arguments exchanged", replace(maximum, derivatives=maximum.derivatives[::-1]), "declared derivative of max by u"),
    ("no domain", replace(log, domain=None), "numpy.log has no real value at"),
    ("a domain too wide", replace(log, domain=Domain(lambda u: Add((u, ONE)), ">")), "numpy.log has no real value at"),
    ("a domain too narrow", replace(log, domain=Domain(lambda u: Add((u, MINUS_ONE)), ">")), "log is declared to have no value"),
    ("a domain without need", replace(exp, domain=Domain(lambda u: u, "!=")), "exp is declared to have no value"),
    ("a border that is none", replace(tan, domain=Domain(lambda u: u, "!=")), "tan is declared to have no value"),
    ("the border in it", replace(log, domain=Domain(lambda u: u, ">=")), "numpy.log has no real value at"),
    ("a domain that is empty", replace(log, domain=Domain(lambda u: Number(Fraction(-1)), ">")), "no point of the domain of log"),
    ("no kink", replace(relu, kink=None), "has a kink or a jump near u = .*, where relu is declared to have none"),
    ("a kink elsewhere", replace(relu, kink=lambda u: Add((u, MINUS_ONE))), "relu is declared to have a kink at u = 1"),
    ("a kink too many", replace(cos, kink=lambda u: u), "cos is declared to have a kink at u = 0"),
    ("no jump", replace(sign, kink=None), "numpy.sign has a kink or a jump near"),
    ("two arguments", replace(exp, reference="numpy.maximum"), "numpy.maximum does not take the arguments of exp"),
    ("no such function", replace(exp, reference="numpy.exponential"), "the reference of exp, 'numpy.exponential', cannot be read"),
    ("a transpose that is none", replace(linear.transpose, signature=lambda s: signature("ij->ij" if s[0].rank == 2 else "i->i")),
     "a value of transpose is"),
    ("a sum of the diagonal", replace(linear.trace, reference="numpy.sum"), "value of trace, in floats"),
    ("rows, not columns", replace(linear.vec, reference="numpy.ravel"), "value of vec, in floats"),
    ("the factors exchanged", replace(linear.kron, reference="lambda a, b: numpy.kron(b, a)"), "of kron"),
    ("another norm", replace(formulas.norm, reference="lambda x: numpy.linalg.norm(x, 1)"), "value of norm, in floats"),
    ("no domain of a norm", replace(formulas.logsumexp, domain=Domain(lambda x: Call(linear.sum_, (x,)), "!=")),
     "logsumexp is declared to have no value or no derivative"),
    ("a partial transposed", replace(opaque.inv, partial=transposed), "declared derivative of inv by u at .*, at place"),
    ("an inverse of all", replace(opaque.inv, domain=None), "inv has no real value"),
    ("a logarithm of all", replace(opaque.logdet, domain=Domain(lambda a: Call(opaque.det, (a,)), "!=")), "has no real value"),
    ("a constant", replace(opaque.ones, entry=lambda places: ZERO), "value of ones, in floats"),
    ("another permutation", replace(opaque.commutation, reference="lambda m, n: numpy.eye(m * n)"), "value of commutation"),
    ("a shape that nothing has", replace(opaque.det, shape_rule=_refused), "det takes neither numbers nor vectors nor matrices"),
    ("a shape of more arguments", replace(opaque.det, arity=4), "the shape of det of 4 arguments cannot be told"),
]  # fmt: skip


def _jets(m: Any) -> bool:
    return type(m).__name__ == "JetArithmetic"


def _only_in_balls(m: Any) -> Any:
    return m.exp(m.pi() * 0) if type(m).__name__ != "BallField" else m.exp(m.pi() / 10**6)


@pytest.mark.parametrize(("op", "says"), [w[1:] for w in WRONG], ids=[w[0] for w in WRONG])
def test_what_is_wrong_is_refused_with_the_place(op: Operation, says: str) -> None:
    with pytest.raises(OperationError, match=says):
        check_operation(op)


KINDS: list[tuple[type[Operation], list[Any]]] = [
    (Elementwise, [(), None]), (Linear, [None]), (Formula, [None]), (Opaque, [None] * 3), (Constant, [0, None]),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "given"), KINDS, ids=[kind.__name__.lower() for kind, _ in KINDS])
def test_an_operation_without_a_reference_cannot_be_made(kind: Any, given: list[Any]) -> None:
    with pytest.raises(OperationError, match="the operation arctan has no reference") as refused:
        kind("arctan", "The inverse tangent.", Notation(r"\arctan"), *given)
    assert refused.value.hint is not None
    assert 'reference="numpy.' in refused.value.hint


def test_a_function_of_ones_own_is_its_own_reference() -> None:
    x = Symbol("x")
    cube = UserFunction.of(
        "cube", (x,), Power(x, Number(Fraction(3))), (lambda u: Mul((Number(Fraction(3)), Mul((u, u)))),)
    )
    with pytest.raises(OperationError, match="cube is composed of others"):
        check_operation(cube)
