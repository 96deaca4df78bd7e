"""Functions of numbers that a reader gives by a formula: mish(z) = z*tanh(softplus(z))."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from derivgen.catalog.base import Elementwise
from derivgen.errors import CheckError
from derivgen.expr import ZERO, Add, Call, Cases, Expr, Mul, Once, Shape, Symbol, map_children, walk
from derivgen.expr.notation import Notation


def _no_value(*_: Any) -> Any:
    raise CheckError("a function given by a formula has the value of its formula")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class UserFunction(Elementwise):
    """An element-wise function with a name of its own.

    Its value is that of the formula, which the judge writes out and differentiates by itself; the declared derivatives
    come from elsewhere. Two of one name with one formula are the same.
    """

    parameters: tuple[Symbol, ...] = ()
    formula: Expr = ZERO
    composed: ClassVar[bool] = True

    @staticmethod
    def of(
        name: str, parameters: tuple[Symbol, ...], formula: Expr, derivatives: tuple[Callable[..., Expr], ...]
    ) -> UserFunction:
        """A function with a formula and the derivatives by each parameter."""
        latex = name if len(name) == 1 else rf"\operatorname{{{name.replace('_', chr(92) + '_')}}}"
        states = f"The function given as {name}({', '.join(p.name for p in parameters)})."
        return UserFunction(
            name, states, Notation(latex), derivatives, _no_value, parameters=parameters, formula=formula
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, UserFunction):
            return False
        return self is other or (self.name, self.parameters, self.formula) == (
            other.name,
            other.parameters,
            other.formula,
        )

    def __hash__(self) -> int:
        return hash(self.name)

    def __reduce__(self) -> Any:
        return UserFunction.of, (self.name, self.parameters, self.formula, self.derivatives)

    def definition(self, *args: Expr) -> Expr:
        """The formula at arguments, which may be arrays."""
        return put(self.formula, self.parameters, args)


def put(formula: Expr, parameters: tuple[Symbol, ...], args: tuple[Expr, ...]) -> Expr:
    """A formula of numbers at arguments, which may be arrays."""
    values = dict(zip([p.name for p in parameters], args, strict=True))

    def go(here: Expr, again: Callable[[Expr], Expr]) -> Expr:
        if isinstance(here, Symbol):
            return values.get(here.name, here)
        if isinstance(here, Cases):
            branches = tuple((again(c), again(v)) for c, v in here.branches)
            otherwise = again(here.otherwise)
            shape = next((c.shape for c, _ in branches if c.shape.axes), None)
            if shape is not None and not any(v.shape.axes for v in (*(v for _, v in branches), otherwise)):
                otherwise = Add((otherwise, Mul((ZERO, _of(shape, args)))))  # entry by entry, as the condition is
            return Cases(branches, otherwise)
        return map_children(again, here)

    return Once(go)(formula)


def _of(shape: Shape, args: tuple[Expr, ...]) -> Expr:
    return next(a for a in args if a.shape == shape)


def written_out(e: Expr) -> Expr:
    """``e`` with the formulas of such functions in their places."""
    if not any(isinstance(here, Call) and isinstance(here.op, UserFunction) for here in walk(e)):
        return e

    def go(here: Expr, again: Callable[[Expr], Expr]) -> Expr:
        here = map_children(again, here)
        return (
            again(here.op.definition(*here.args))
            if isinstance(here, Call) and isinstance(here.op, UserFunction)
            else here
        )

    return Once(go)(e)


def user_functions(*expressions: Expr) -> dict[str, UserFunction]:
    """Those that occur, in formulas too, by name: one comes after those that its formula uses."""
    found: dict[str, UserFunction] = {}
    for e in expressions:
        _look_for_own(e, found)
    return found


def _look_for_own(e: Expr, found: dict[str, UserFunction]) -> None:
    for here in walk(e):
        if isinstance(here, Call) and isinstance(here.op, UserFunction) and here.op.name not in found:
            _look_for_own(here.op.formula, found)
            found[here.op.name] = here.op
