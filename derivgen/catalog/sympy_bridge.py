"""Formulas of numbers to SymPy and back. SymPy is imported only where a formula needs it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from functools import lru_cache
from typing import Any

from derivgen.catalog import elementwise as ops
from derivgen.catalog.base import Elementwise
from derivgen.catalog.build import times
from derivgen.catalog.user_functions import written_out
from derivgen.errors import NoRule
from derivgen.expr import LONGEST_NUMBER, MINUS_ONE, ONE, ZERO, Add, Call, Cases, Expr, Mul, Number, Power, Symbol


@lru_cache(maxsize=1)
def _indicator() -> Any:
    """1 where its argument is positive, else 0: a function, so that a derivative does not fall into cases."""
    import sympy

    class Positive(sympy.Function):  # type: ignore[misc]
        def fdiff(self, argindex: int = 1) -> Any:
            return sympy.Integer(0)

    return Positive


@lru_cache(maxsize=64)
def _class(op: Elementwise) -> Any:
    """SymPy's function for an operation; what SymPy lacks stays what it is, with the derivative that is declared."""
    import sympy

    if op.notation.sympy and op in _OPS:  # what is not of the catalog would not be known when it comes back
        return getattr(sympy, op.notation.sympy)

    def fdiff(self: Any, argindex: int = 1) -> Any:
        names = [Symbol(f"_{k}") for k in range(len(self.args))]
        slope = _there(op.derivatives[argindex - 1](*names), chosen=False)
        return slope.subs({_there(name): arg for name, arg in zip(names, self.args, strict=True)}, simultaneous=True)

    return type(op.name.capitalize(), (sympy.Function,), {"fdiff": fdiff, "operation": op})


@lru_cache(maxsize=1)
def _known_classes() -> dict[Any, Elementwise]:
    """SymPy's classes, with the operations that they are."""
    return {_class(op): op for op in _OPS if op.notation.sympy}


# --- there -----------------------------------------------------------------------------------------------------------


def to_sympy(e: Expr) -> Any:
    """A formula of numbers as SymPy has it; its variables are real.

    Raises:
        NoRule: it holds arrays, sums over an index, or functions that SymPy cannot take.
    """
    return _there(written_out(e))


def _there(e: Expr, chosen: bool = True) -> Any:
    """``chosen``: whether a relation is a choice between 1 and 0, else it is a function of the difference."""
    import sympy

    match e:
        case Number(value):
            return sympy.Rational(value.numerator, value.denominator)
        case Symbol(name) if not e.shape.axes:
            return sympy.Symbol(name, real=True, positive=True if "positive" in e.traits else None)
        case Add(terms):
            return sympy.Add(*[_there(t, chosen) for t in terms])
        case Mul(factors):
            return sympy.Mul(*[_there(f, chosen) for f in factors])
        case Power(base, exponent):
            return _power_there(_there(base, chosen), _there(exponent, chosen))
        case Call(Elementwise() as op, args):
            return _function_there(op, [_there(a, chosen) for a in args], chosen)
        case Cases(branches, otherwise):
            pairs = [(_there(value), _condition_there(c)) for c, value in branches]
            return sympy.Piecewise(*pairs, (_there(otherwise), True))
        case _:
            raise NoRule(f"{e!s} is not handed to SymPy", hint="a formula is made of numbers and functions of numbers")


def _power_there(base: Any, exponent: Any) -> Any:
    """A power; SymPy writes one of numbers out at once, however long it is."""
    import sympy

    if base.is_Rational and exponent.is_Rational:
        bits = max(abs(int(base.p)), int(base.q)).bit_length()
        if bits * abs(int(exponent.p)) // int(exponent.q) > LONGEST_NUMBER:
            raise NoRule("a power of a number in a formula has too many digits", hint="take a smaller exponent")
    return sympy.Pow(base, exponent)


def _function_there(op: Elementwise, args: list[Any], chosen: bool) -> Any:
    import sympy

    if op is ops.pi:
        return sympy.pi
    if op is ops.greater and not chosen:
        return _indicator()(args[0] - args[1])
    if op is ops.less and not chosen:
        return _indicator()(args[1] - args[0])
    if _is_relation_there(op):
        return sympy.Piecewise((1, _class(op)(*args)), (0, True))
    return _class(op)(*args)


def _is_relation_there(op: Elementwise) -> bool:
    return op.notation.form == "relation" and bool(op.notation.sympy) and op in _OPS


def _condition_there(c: Expr) -> Any:
    import sympy

    if isinstance(c, Call) and isinstance(c.op, Elementwise) and _is_relation_there(c.op):
        return _class(c.op)(*map(_there, c.args))
    return sympy.Ne(_there(c), 0)


# --- and back --------------------------------------------------------------------------------------------------------


def from_sympy(formula: Any, variables: Iterable[Symbol] = ()) -> Expr:
    """A formula of SymPy's as an expression; a symbol that is not among the variables is a scalar of its name.

    Raises:
        NoRule: it holds something that the catalog does not have.
    """
    import sympy

    known = {v.name: v for v in variables}
    return _back(sympy.sympify(formula), known)


def _back(s: Any, known: dict[str, Symbol]) -> Expr:
    import sympy

    def args() -> tuple[Expr, ...]:
        return tuple([_back(a, known) for a in s.args])

    if s.is_Symbol:
        return known.get(s.name) or Symbol(s.name)
    if s.is_Rational:
        return Number(Fraction(int(s.p), int(s.q)))
    if s.is_Float:
        return Number(Fraction(str(s)))
    if s is sympy.pi:
        return Call(ops.pi, ())
    if s is sympy.E:
        return Call(ops.exp, (ONE,))
    if s.is_Add:
        return Add(tuple([_back(a, known) for a in _led_by_plus(s)]))
    if s.is_Mul:
        return _product(s, known)
    if s.is_Pow:
        return Power(*args())
    if isinstance(s, sympy.Piecewise):
        return _cases(s, known)
    op = getattr(type(s), "operation", None) or _known_classes().get(type(s))
    if op in (ops.maximum, ops.minimum):
        first, *others = args()
        for other in others:
            first = Call(op, (first, other))
        return first
    if op is not None:
        return Call(op, args())
    if isinstance(s, (_indicator(), sympy.Heaviside)):
        return _positive(s.args[0], known)
    more = _FURTHER.get(type(s).__name__)
    if more is not None:
        return more(*args())
    raise NoRule(f"SymPy's answer holds {s}, which has no form in the catalog")


_OPS = {op: None for op in vars(ops).values() if isinstance(op, Elementwise)}


def _half(sign: int) -> Callable[[Expr], Expr]:
    """sinh and cosh by exponentials."""
    return lambda u: Mul((Number(Fraction(1, 2)), Add((
        Call(ops.exp, (u,)), Mul((Number(Fraction(sign)), Call(ops.exp, (Mul((MINUS_ONE, u)),)))) if sign < 0
        else Call(ops.exp, (Mul((MINUS_ONE, u)),))))))  # fmt: skip


_FURTHER: dict[str, Callable[..., Expr]] = {
    "sinh": _half(-1),
    "cosh": _half(1),
    "erfc": lambda u: Add((ONE, Mul((MINUS_ONE, Call(ops.erf, (u,)))))),
    "sign": lambda u: Call(ops.sign, (u,)),
    "DiracDelta": lambda *_: ZERO,  # a kink, where the value is a convention
}


def _positive(s: Any, known: dict[str, Symbol]) -> Expr:
    """1 where s > 0: the relation without a number in front."""
    number, rest = s.as_coeff_Mul()
    if s.is_Add and len(s.args) == 2 and s.args[1].could_extract_minus_sign() != s.args[0].could_extract_minus_sign():
        more, less = s.args if s.args[1].could_extract_minus_sign() else s.args[::-1]
        return Call(ops.greater, (_back(more, known), _back(-less, known)))
    return Call(ops.greater if number > 0 else ops.less, (_back(rest, known), ZERO))


def _led_by_plus(s: Any) -> list[Any]:
    """The terms in SymPy's printed order, but one without a minus sign first."""
    terms = list(s.as_ordered_terms())
    first = next((k for k, t in enumerate(terms) if not t.could_extract_minus_sign()), 0)
    return [terms[first], *terms[:first], *terms[first + 1 :]]


def _product(s: Any, known: dict[str, Symbol]) -> Expr:
    number, above, rest = _constant(s)
    factors = [*above, *(_back(f, known) for f in rest.as_ordered_factors() if f != 1)]
    factors.sort(key=_is_below)
    return times(factors) if number == 1 else Mul((_back(number, known), *factors))


def _constant(s: Any) -> tuple[Any, list[Expr], Any]:
    """The numbers in front of a product, with one root at most: √2/(2√π) is 1/√(2π)."""
    import sympy

    constant, rest = s.as_independent(*s.free_symbols, as_Add=False)
    if constant.is_Rational:
        return constant, [], rest
    number, pi_power = (constant**2).as_coeff_Mul()
    raised = pi_power.as_powers_dict()
    if not constant.has(sympy.Pow) or not set(raised) <= {sympy.pi, sympy.Integer(1)} or number <= 0:
        number, rest = s.as_coeff_Mul()
        return number, [], rest
    k = int(raised.get(sympy.pi, 0))
    sign = sympy.Integer(1 if constant > 0 else -1)
    over, under = sympy.sqrt(number.p), sympy.sqrt(number.q)
    if not all(part.is_Integer or part.is_Pow for part in (over, under)):
        number, rest = s.as_coeff_Mul()
        return number, [], rest
    pis: list[Expr] = [Call(ops.pi, ())] if k % 2 else []
    roots: list[Expr] = []
    for part, up in ((over, True), (under, False)):
        inside = [Number(Fraction(int(part**2)))] * (not part.is_Integer) + (pis if (k > 0) is up else [])
        if inside:
            exponent = Number(Fraction(1 if up else -1, 2))
            roots.append(Power(times(inside), exponent))
        sign = sign * (part if up else 1 / part) if part.is_Integer else sign
    if abs(k) > 1:
        roots.append(Power(Call(ops.pi, ()), Number(Fraction(k // 2 if k > 0 else -(-k // 2)))))
    return sign, roots, rest


def _is_below(f: Expr) -> bool:
    return isinstance(f, Power) and isinstance(f.exponent, Number) and f.exponent.value < 0


def _cases(s: Any, known: dict[str, Symbol]) -> Expr:
    import sympy

    pairs = [(_back(value, known), condition) for value, condition in s.args]
    if pairs[-1][1] is not sympy.true:
        raise NoRule(f"SymPy's answer {s} has no value in some cases")
    branches = tuple((_condition(condition, known), value) for value, condition in pairs[:-1])
    if len(branches) == 1 and branches[0][1] == ONE and pairs[-1][0] == ZERO:
        return branches[0][0]  # a relation is the number 1 where it holds
    return Cases(branches, pairs[-1][0]) if branches else pairs[-1][0]


def _condition(c: Any, known: dict[str, Symbol]) -> Expr:
    """A relation; two that hold together are a product of their indicators."""
    import sympy

    op = _known_classes().get(type(c))
    if op is not None:
        return Call(op, (_back(c.lhs, known), _back(c.rhs, known)))
    if isinstance(c, sympy.And):
        return Mul(tuple([_condition(part, known) for part in c.args]))
    if isinstance(c, sympy.Or):
        return Add(tuple([_condition(part, known) for part in c.args]))
    raise NoRule(f"SymPy's condition {c} has no form in the catalog")
