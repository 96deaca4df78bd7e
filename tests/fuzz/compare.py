"""One question: what derivgen answers, against automatic differentiation of the text, and where the two differ, who is right."""

from __future__ import annotations

import warnings
import zlib
from dataclasses import dataclass
from typing import Any

import autograd
import autograd.numpy as anp
import mpmath
import numpy as np

import derivgen
from derivgen.derivation.numbers import laid_out
from tests.fuzz.given import Given
from tests.fuzz.interpret import Scope, Unknown, Value, interpret
from tests.fuzz.points import declared, draw, length, size_names
from tests.fuzz.spaces import Digits, Floats
from tests.fuzz.words import VARIABLES, Question

RIGHT, WRONG, FALSE_ALARM, UNCHECKED, REFUSED, ERROR = (
    "verified and right",
    "verified and wrong",
    "refuted",
    "unchecked",
    "refused",
    "internal error",
)
NO_VALUE = "verified, with no value where the derivative has one"
NO_POINT, NOT_COMPARED = "verified, not differentiable at any point tried", "verified, not compared"
NOWHERE = "unchecked, with no derivative at any point tried"
SLOW = "too slow"

SCALES = (0.3, 1.0, 1.0, 3.0)
POINTS = 3
DIGITS = 70
STEP = mpmath.mpf(10) ** -20
TOLERANCE = 1e-6
"""How far floats may be off, against the largest entry, before many digits are asked."""


@dataclass(frozen=True, slots=True)
class Derived:
    """What became of a question.

    Attributes:
        kind: one of those above.
        reason: of a refusal, an unchecked step, an error; or at what point the answer is wrong.
        digits_lost: whether floats are off where the formula is right.
    """

    kind: str
    reason: str = ""
    digits_lost: bool = False


class TooSlow(BaseException):
    """Time is up. It is no Exception: nobody on the way is to catch it."""


class NoValue(Exception):
    """derivgen's own evaluation failed."""


def outcome(q: Question) -> Derived:
    try:
        d = derivgen.derive(q.expression, wrt=q.wrt, where=q.where, **q.options())
    except derivgen.NoRule as refusal:
        return Derived(REFUSED, str(refusal.hint or refusal.message))
    except derivgen.DerivgenError as error:
        return Derived(REFUSED, f"{type(error).__name__}: {error.message}")
    except Exception as error:
        return Derived(ERROR, f"{type(error).__name__}: {error}"[:200])
    try:
        found, why, lost = compared(q, d)
    except NoValue as error:
        return Derived(ERROR, str(error))
    except (Unknown, IndexError) as unknown:  # a place that the axis does not have
        found, why, lost = "not compared", str(unknown), False
    except TooSlow:  # derivgen was done in time; what it is compared with is not
        found, why, lost = "not compared", "the comparison was not done in time", False
    bad = next((v.reason for v in d.report.verdicts if v.status == d.verdict), "") if d.report else ""
    match d.verdict, found:
        case "refuted", _:
            return Derived(FALSE_ALARM, f"{bad} [the answer: {found}]", lost)
        case "unchecked", "nowhere":
            return Derived(NOWHERE)
        case "unchecked", _:
            return Derived(UNCHECKED, f"{bad} [the answer: {found}]", lost)
        case _, "right":
            return Derived(RIGHT, "", lost)
        case _, "wrong":
            return Derived(WRONG, f"{d.result}: {why}")
        case _, "no value":
            return Derived(NO_VALUE, f"{d.result}: {why}")
        case _, "not compared":
            return Derived(NOT_COMPARED, why)
        case _:
            return Derived(NO_POINT)


def compared(q: Question, d: derivgen.Derivation) -> tuple[str, str, bool]:
    """What the answer is at a few points, the point at which it is not right, and whether floats lose digits."""
    rng = np.random.default_rng(zlib.crc32(q.expression.encode()))
    looked, lost = 0, False
    for trial in range(4 * POINTS):
        sizes = {name: q.sizes[name] for name in size_names(q.where)}
        at = draw(q.where, sizes, rng, SCALES[trial % len(SCALES)])
        says = Problem(q, d, at, sizes).verdict()
        if says in ("wrong", "no value"):
            return says, f"at { ({k: np.round(v, 4).tolist() for k, v in at.items()}) }"[:300], lost
        lost = lost or says == "lost"
        looked += says in ("right", "lost")
        if looked == POINTS:
            break
    return ("right" if looked else "nowhere"), "", lost


OUTSIDE = "the expression has no value at this point"
"""What is said of a point outside the domain of an expression, where its derivative is asked for."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A question at a point."""

    q: Question
    d: derivgen.Derivation
    at: dict[str, Any]
    sizes: dict[str, int]

    def verdict(self) -> str:
        """ "right", "lost" (right, but not in floats), "wrong", "no value", or "nowhere": not differentiable here."""
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            try:
                if not np.isfinite(self.value(Floats(), self.variable(Floats()))).all():
                    return "nowhere"
                theirs = self.traced()
            except (np.linalg.LinAlgError, ZeroDivisionError):  # a number of Python's own is no number of NumPy's
                return "nowhere"
            try:
                ours = self.evaluated()
            except NoValue as error:
                if OUTSIDE in str(error):  # a comparison of floats with nan chose a branch that has one
                    return "nowhere"
                raise
            if alike(self.along(ours), self.along(theirs), TOLERANCE):
                return "right"
            with mpmath.workdps(DIGITS):
                return self.in_many_digits(self.along(ours))

    # --- theirs ---

    def variable(self, space: Floats | Digits) -> Any:
        return numbers(space, self.at[self.q.wrt])

    def scope(self, space: Floats | Digits, variable: Any) -> Scope:
        values = {name: Value(numbers(space, self.at[name])) for name in declared(self.q.where)}
        scope = Scope({**values, self.q.wrt: Value(variable)}, self.sizes, {}, functions(self.q, self.sizes, space))
        for said in self.q.let:
            name, _, formula = said.partition("=")
            scope = scope.having(name.strip(), interpret(formula, scope, space))
        return scope

    def value(self, space: Floats | Digits, variable: Any) -> Any:
        return interpret(self.q.expression, self.scope(space, variable), space).data

    def traced(self) -> Any:
        def value(variable: Any) -> Any:
            return self.value(Floats(), variable) + 0.0 * anp.sum(variable)  # traced even where it is constant

        inner = autograd.grad(value) if self.q.order == 2 else value
        return autograd.jacobian(inner)(np.asarray(self.at[self.q.wrt], dtype=float))

    # --- ours ---

    def evaluated(self) -> Any:
        """By derivgen's own evaluation, or, where a function is only declared, by that of its text."""
        if ":" in self.q.where:
            try:
                return self.read(Floats())
            except ZeroDivisionError as error:
                raise NoValue(f"its text: {error}") from error
        try:
            return self.d.evaluate(self.at, layout="tensor")
        except Exception as error:
            raise NoValue(f"evaluate: {type(error).__name__}: {error}") from error

    def read(self, space: Floats | Digits) -> Any:
        answer = interpret(str(self.d.result), self.scope(space, self.variable(space)), space)
        return laid_out(self.d.problem, np.asarray(answer.data), "tensor")

    # --- comparison ---

    def basis(self) -> list[Any]:
        """Directions in which the variable may move."""
        shape = np.shape(self.at[self.q.wrt])
        places = list(np.ndindex(*shape))
        family = VARIABLES[self.q.wrt][0]
        if family in ("Sym", "PD", "Diag"):
            places = [p for p in places if p[0] == p[1] or (p[0] < p[1] and family != "Diag")]
        found = []
        for place in places:
            e = np.zeros(shape)
            e[place] = 1
            found.append(np.maximum(e, e.T) if family in ("Sym", "PD") else e)
        return found

    def along(self, tensor: Any) -> Any:
        """The derivative in each direction: where a matrix is symmetric, single entries have no meaning."""
        if VARIABLES[self.q.wrt][0] not in ("Sym", "PD", "Diag"):
            return np.asarray(tensor)
        return np.stack([(np.asarray(tensor) * e).sum((-2, -1)) for e in self.basis()], -1)

    def in_many_digits(self, ours: Any) -> str:
        space = Digits()
        try:
            truth = self.differences(space)
        except (ZeroDivisionError, ValueError):
            truth = None
        if truth is None or not _finite(truth):
            return "nowhere"
        truth = _flat(truth)
        good = np.shape(ours) == np.shape(truth) and _finite(ours) and alike(ours, truth, TOLERANCE)
        if good:
            return "right"
        try:
            exact = self.along(self.read(space))
        except Unknown:
            exact = ours
        except ZeroDivisionError:
            exact = ours * np.nan
        if not _finite(exact):
            return "nowhere" if self.d.conditions else "no value"
        return "lost" if alike(_flat(exact), truth, 1e-8) else "wrong"

    def differences(self, space: Digits) -> Any:
        """The derivative by its definition, in axes as ``along`` has them; None at a kink."""
        at = self.variable(space)
        basis = self.basis()
        plain = VARIABLES[self.q.wrt][0] not in ("Sym", "PD", "Diag")

        def moved(*steps: Any) -> Any:
            return self.value(space, at + sum(STEP * sign * e for sign, e in steps))

        if self.q.order == 2:
            rows = [[(moved((1, e), (1, f)) - moved((1, e), (-1, f)) - moved((-1, e), (1, f)) + moved((-1, e), (-1, f)))
                     / (4 * STEP**2) for f in basis] for e in basis]  # fmt: skip
            return np.array(rows, dtype=object).reshape(np.shape(at) * 2)
        here = self.value(space, at)
        columns = []
        for e in basis:
            ahead, behind = (moved((1, e)) - here) / STEP, (here - moved((-1, e))) / STEP
            if not alike(_flat(ahead), _flat(behind), 1e-8):
                return None
            columns.append((ahead + behind) / 2)
        out = np.stack([np.asarray(c, dtype=object) for c in columns], -1)
        return out.reshape(np.shape(here) + (np.shape(at) if plain else (len(basis),)))


def numbers(space: Floats | Digits, value: Any) -> Any:
    return value if isinstance(space, Floats) else np.frompyfunc(lambda u: mpmath.mpf(float(u)), 1, 1)(value)


def _flat(value: Any) -> Any:
    return np.array(np.frompyfunc(float, 1, 1)(value), dtype=float)


def _finite(value: Any) -> bool:
    return bool(np.isfinite(_flat(value)).all())


def alike(a: Any, b: Any, tolerance: float) -> bool:
    """Entry by entry, against the largest."""
    if np.shape(a) != np.shape(b) or not np.isfinite(b).all():
        return False
    return bool(np.allclose(a, b, rtol=tolerance, atol=tolerance * np.max(np.abs(b), initial=0) + 1e-12))


CONCRETE = {
    "f": ("tanh(F1 @ z) + (F2 @ z)**2 / 4", False), "k": ("sin(z) + z**2 / 3", True), "g": ("sin(z) + z**2 / 3", True),
    "q": ("sum(sin(z)) + sum(z)**2 / 3 + sum(z**3) / 5", False), "h": ("sin(z + 2*w) + z * w", True),
}  # fmt: skip
"""What declared functions are; F1 and F2 are fixed matrices."""


def functions(q: Question, sizes: dict[str, int], space: Floats | Digits) -> dict[str, Given]:
    found = {}
    for clause in q.where.split(";"):
        name, colon, spaces = clause.partition(":")
        if colon:
            formula, pointwise = CONCRETE[name.strip()]
            found[name.strip()] = Given(formula, pointwise, space, constants=_constants(spaces, sizes, space))
    for said in q.define:
        head, _, formula = said.partition(" = ")
        name, _, letters = head.partition("(")
        found[name] = Given(formula, True, space, tuple(u.strip() for u in letters.rstrip(")").split(",")))
    return found


def _constants(spaces: str, sizes: dict[str, int], space: Floats | Digits) -> dict[str, Value]:
    domain, _, codomain = spaces.partition("->")
    if "^" not in domain or "^" not in codomain:
        return {}
    n, m = (length(side.partition("^")[2].split()[0], sizes) for side in (domain, codomain))
    rng = np.random.default_rng(5)
    return {name: Value(numbers(space, rng.normal(size=(m, n)) / 2)) for name in ("F1", "F2")}
