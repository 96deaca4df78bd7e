"""The doors: a question in text or in trees, to its derivation or to a verdict."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict, Unpack, get_args, overload

from derivgen.catalog.user_functions import user_functions
from derivgen.check.judge import Judge
from derivgen.check.verdict import Verdict
from derivgen.deadline import bounded, doing, seconds_left, unbounded
from derivgen.derivation.chain import Method
from derivgen.derivation.derivation import Derivation
from derivgen.derivation.hessian import refuse_twice
from derivgen.derivation.jacobian import Layout
from derivgen.derivation.problem import Notation, Problem
from derivgen.derivation.solve import solve
from derivgen.derivation.structured import Convention
from derivgen.errors import NoRule, ParseError
from derivgen.expr import Definition, Expr, Partial, Symbol, apart, substitute, symbols
from derivgen.read.question import read_any, variable_any
from derivgen.rules import singular


class Choices(TypedDict, total=False):
    """What a reader may choose of a question; described at ``derive``."""

    order: int
    layout: Layout
    structured: Convention
    method: Method
    notation: Notation
    let: Sequence[str]
    define: Sequence[str]
    dialect: str
    preamble: str


class Checking(Choices, total=False):
    """The choices, and how the answer is checked."""

    check: bool
    seed: int
    samples: int | None
    timeout: float | None


@overload
def derive(expr: str | Expr, wrt: str | Symbol, where: str = "", **choices: Unpack[Checking]) -> Derivation: ...
@overload
def derive(
    expr: str | Expr, wrt: list[str] | tuple[str, ...], where: str = "", **choices: Unpack[Checking]
) -> list[Derivation]: ...


def derive(
    expr: str | Expr,
    wrt: str | Symbol | list[str] | tuple[str, ...],
    where: str = "",
    *,
    order: int = 1,
    layout: Layout = "numerator",
    structured: Convention = "within",
    method: Method = "auto",
    notation: Notation = "notes",
    check: bool = True,
    let: Sequence[str] = (),
    define: Sequence[str] = (),
    seed: int = 0,
    samples: int | None = None,
    timeout: float | None = None,
    dialect: str = "auto",
    preamble: str = "",
) -> Derivation | list[Derivation]:
    """Derive an expression, step by step, each step checked.

    Args:
        expr: text as a NumPy user types it, such as "max(0, w.T @ x + b)", or an expression.
        wrt: the variable; "[x, y]" is the list of several scalars; a list of names gives a list of derivations.
        where: the declarations, "w, x in R^n; b in R".
        order: 1, or 2 for the Hessian of a scalar.
        layout: "numerator", "denominator" or "gradient".
        structured: by a symmetric or diagonal matrix, "within" gives the derivative within the matrices of that kind,
            "entries" that by the free entries, each counted once, "free" that by entries varied independently.
        method: "scalar" writes out the entries, "chain" names intermediates, "auto" takes what a teacher would.
        notation: "notes" prints ⊗ for the Hadamard product, "modern" ⊙.
        check: whether the judge sees every step.
        let: names for intermediates, such as "u = w * x".
        define: functions of numbers by a formula, such as "gelu(z) = z*(1 + erf(z/sqrt(2)))/2"; SymPy differentiates them.
        seed: for the judge (see ``Derivation.check``).
        samples: the same.
        timeout: seconds of processor time that all of it may take, 8 unless said otherwise; checks take what is left.
        dialect: "text", "latex", or "auto": the one that the expression looks like.
        preamble: text with \\newcommand and \\DeclareMathOperator, for LaTeX.

    Raises:
        DerivgenError: bad input, shapes that do not fit, a derivative that no rule covers, or one that takes too long.
    """
    choices: Choices = {
        "order": order, "layout": layout, "structured": structured, "method": method, "notation": notation, "let": let, "define": define,
        "dialect": dialect, "preamble": preamble,
    }  # fmt: skip
    with bounded(timeout):
        given: tuple[object, object] = (wrt, where)
        if not (isinstance(given[0], str | Symbol | list | tuple) and isinstance(given[1], str)):
            raise ParseError("a variable and declarations are given as text", hint='such as "w" and "w, x in R^n"')
        if not isinstance(wrt, str | Symbol):
            return [derive(expr, x, where, check=check, seed=seed, samples=samples, **choices) for x in wrt]
        with doing("reading it"):
            problem = read_problem(expr, wrt, where, **choices)
        return solve(problem, check=check, seed=seed, samples=samples)


def read_problem(
    expr: str | Expr,
    wrt: str | Symbol,
    where: str = "",
    *,
    order: int = 1,
    layout: Layout = "numerator",
    structured: Convention = "within",
    method: Method = "auto",
    notation: Notation = "notes",
    let: Sequence[str] = (),
    define: Sequence[str] = (),
    dialect: str = "auto",
    preamble: str = "",
) -> Problem:
    """Read the texts of a question."""
    for given, known in (
        (layout, get_args(Layout)),
        (structured, get_args(Convention)),
        (method, get_args(Method)),
        (notation, get_args(Notation)),
    ):
        if given not in known:
            raise ParseError(f"{given!r} is not among the choices", hint=f"take {' or '.join(known)}")
    texts: tuple[object, ...] = (expr, wrt)
    if not all(isinstance(given, str | Expr) for given in texts):
        raise ParseError("an expression and a variable are given as text", hint='such as "w.T @ x" and "w"')
    if order not in (1, 2):
        raise NoRule(
            f"derivatives of order {order} are not derived", hint="take order=1, or order=2 for the Hessian of a scalar"
        )
    reading = read_any(expr, where, let, define, dialect=dialect, preamble=preamble)
    expression, declarations, definitions = reading.expression, reading.declarations, reading.definitions
    variable = wrt if isinstance(wrt, Symbol) else variable_any(wrt, reading, preamble=preamble)
    if isinstance(variable, Symbol):
        variable = symbols(expression).get(variable.name, variable)  # with the traits that it has there
    expression = _written_out(apart(expression), [d for d in definitions if d.symbol != variable])
    source = expr if isinstance(expr, str) else ""
    if order == 2 and not isinstance(variable, Symbol):
        raise NoRule(
            "a Hessian by a list of scalars is not derived",
            hint="declare a vector instead, and take its entries x[0], x[1]",
        )
    if order == 2 and isinstance(variable, Symbol):
        refuse_twice(expression, variable)
    for x in (variable,) if isinstance(variable, Symbol) else variable:
        singular.refuse_singular(expression, x.name)
    return Problem(expression, variable, dict(declarations.symbols), dict(declarations.functions), definitions, order,
                   layout, method, notation, source, where, tuple(user_functions(expression).values()), reading.remarks, structured)  # fmt: skip


def _written_out(e: Expr, definitions: Sequence[Definition]) -> Expr:
    """The expression in the letters of the variables; what a name stands for is one tree, wherever the name stands."""
    if any(part.kinds & Partial.bit for part in (e, *(d.value for d in definitions))):
        for d in reversed(definitions):  # by a name that is defined, a derivative is taken before it is written out
            e = substitute(e, {d.symbol.name: d.value})
        return e
    values: dict[str, Expr] = {}
    for d in definitions:  # a later name may use an earlier one
        values[d.symbol.name] = substitute(d.value, values)
    return substitute(e, values)


def equal(
    a: str | Expr,
    b: str | Expr,
    where: str = "",
    *,
    define: Sequence[str] = (),
    dialect: str = "auto",
    preamble: str = "",
    seed: int = 0,
    samples: int | None = None,
    timeout: float | None = None,
) -> Verdict:
    """Whether two expressions agree wherever both have a value.

    Args:
        a: a text as a NumPy user types it, or an expression.
        b: the same.
        where: the declarations, "x in R^n; A in R^(n*n)".
        define: functions of numbers by a formula, as in ``derive``.
        dialect: "text", "latex", or "auto" for each side by itself.
        preamble: text with \\newcommand and \\DeclareMathOperator, for LaTeX.
        seed: what draws the points.
        samples: the least number of points where a side has branches.
        timeout: seconds of processor time that all of it may take, 8 unless said otherwise.

    Returns:
        A verdict: its ``status`` is "verified", "refuted" or "unchecked", with the evidence. One that is refuted has the
        ``point``, the ``place`` of the entry and both values, ``left`` and ``right``; or the shapes, where these differ.

    Raises:
        DerivgenError: a side cannot be read.
    """
    with bounded(timeout), doing("reading it"):
        left, right = (
            read_any(side, where, define=define, dialect=dialect, preamble=preamble).expression for side in (a, b)
        )
        court = Judge(seed=seed, samples=samples)
        court.left = min(court.left, seconds_left())
        with unbounded():  # the judge looks at its own clock
            return court.agree(left, right, depth="question")
