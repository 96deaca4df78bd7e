"""A problem in, a checked derivation out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypedDict, Unpack, get_args, overload

from derivgen.catalog.notation import spell
from derivgen.catalog.user_functions import own_functions
from derivgen.check.evaluate import evaluate
from derivgen.check.judge import Judge
from derivgen.check.verdict import Status, Verdict
from derivgen.deadline import bounded, doing, seconds_left, unbounded
from derivgen.derivation.chain import Method, Task, chain_method
from derivgen.derivation.conditions import Condition, added, conditions, readings
from derivgen.derivation.gradient_lists import definition, is_stack, letters_of, stacked_method
from derivgen.derivation.hessian import Twice, hessian_method, refuse_twice, second_definition
from derivgen.derivation.jacobian import Layout, turned
from derivgen.derivation.naming import Letters
from derivgen.derivation.numbers import lengths
from derivgen.derivation.problem import Notation, Problem
from derivgen.derivation.report import Report, judge
from derivgen.derivation.scalar import Outcome, finish, in_order, scalar_method
from derivgen.derivation.settled import settling
from derivgen.derivation.shorten import shorten
from derivgen.derivation.structured import (
    Convention,
    exchanged,
    put_back,
    structure,
    structure_note,
    structured_definition,
    unstructured,
    within,
)
from derivgen.derivation.undefined import refuse_division_by_zero
from derivgen.derivation.vectorised import Stacked, in_letters_of, stacked_form
from derivgen.errors import CheckError, NoRule, ParseError
from derivgen.expr import (
    At,
    Definition,
    Expr,
    Partial,
    Symbol,
    apart,
    depends_on,
    substitute,
    symbols,
    walk,
)
from derivgen.read.dialects import read_any, variable_any
from derivgen.rules import moves, singular, ties
from derivgen.rules.engine import Context, Stage
from derivgen.rules.monomials import samples_index
from derivgen.rules.step import Step

if TYPE_CHECKING:
    import numpy
    from numpy.typing import ArrayLike


COMMUTATION = (
    r"$K_{mn}$ is the commutation matrix, the permutation for which "
    r"$K_{mn}\operatorname{vec}(A) = \operatorname{vec}(A^{\mathsf T})$ for every matrix $A$ with $m$ rows and $n$ columns"
)

UNLINKED = "The chain rule has no Jacobians to multiply here that are all matrices, so this was derived entry by entry"


@dataclass(frozen=True, slots=True, repr=False)
class Derivation:
    """A derivative with the way to it.

    Attributes:
        problem: the question.
        name: the letter that the expression bears in the steps.
        left: the left-hand side of the answer, ∂y/∂w, in names.
        start: the derivative as it is defined, nothing carried out.
        steps: from the question to the answer; each equality stands by itself.
        result: the answer, in the letters of the question.
        conditions: where it holds, and where it is zero.
        stacked: of an answer with three axes or more, ∂vec(Y)/∂vec(X) as a matrix; None where it has no such form.
        report: the judge's verdicts; None where no check was asked for.
    """

    problem: Problem
    name: Symbol
    left: Expr
    start: Expr
    steps: tuple[Step, ...]
    result: Expr
    conditions: tuple[Condition, ...]
    stacked: Stacked | None = None
    report: Report | None = None

    @property
    def checked(self) -> bool:
        return self.report is not None

    @property
    def verdict(self) -> Status:
        """The worst verdict; "unchecked" where no check was asked for."""
        return self.report.verdict if self.report else "unchecked"

    @property
    def answer_check(self) -> Verdict | None:
        return self.report.answer if self.report else None

    @property
    def notes(self) -> tuple[str, ...]:
        """Remarks on the answer that are no conditions."""
        wrt = self.problem.wrt if isinstance(self.problem.wrt, tuple) else (self.problem.wrt,)
        absent = [x.name for x in wrt if not depends_on(self.problem.expression, x.name)]
        zero = [f"{name} does not occur in the expression, so the derivative by it is zero" for name in absent]
        unlinked = [UNLINKED] if self.problem.method == "chain" and not zero and not self._by_links() else []
        stacked = [COMMUTATION] if self.stacked is not None and self.stacked.commutes else []
        kept = [] if zero else structure_note(wrt, self.problem.structured)
        return (*self.problem.remarks, *zero, *kept, *unlinked, *stacked)

    def _by_links(self) -> bool:
        """Whether the chain rule, if it was asked for, had something to do; of a list each function has a way of its own."""
        listed = isinstance(self.problem.wrt, tuple) or is_stack(self.problem.expression)
        return listed or any(s.stage == Stage.CHAIN for s in self.steps)

    @property
    def printed_result(self) -> Expr:
        """The answer as it is printed: long parts that repeat have names."""
        return shorten(self.result, self.steps)[0]

    @property
    def where_names(self) -> tuple[Definition, ...]:
        """The names that the printed answer uses, on either side, each explained by those before it."""
        if is_stack(self.problem.expression):
            return tuple(d for s in self.steps for d in s.introduces)
        return shorten(self.result, self.steps)[1]

    def check(self, seed: int = 0, samples: int = 16) -> Report:
        """Let the judge see every step: both sides are computed, never rewritten.

        ``seed`` draws the points; ``samples`` is the least number of points where a side has branches.
        """
        return judge(self.start, Outcome(self.steps, self.result), seed, samples, self.stacked)

    def evaluate(
        self, point: Mapping[str, ArrayLike], layout: str = "tensor", *, timeout: float | None = None
    ) -> numpy.ndarray[Any, Any]:
        """The derivative in numbers at ``point``.

        ``layout="tensor"`` gives the axes of the value, then those of the variable (of each, for order 2); vectors
        count one axis. "numerator", "denominator" and "gradient" give the reader's array: vectors as n×1 or 1×n.
        Indices that stand free in the expression have axes before these, in the order of their names, unless the point
        gives their places, counted from 0. ``timeout`` is in seconds of processor time, 8 unless said otherwise.

        Raises:
            CheckError, ShapeError: a variable is missing or does not fit, an array is too large, or the expression has no
                value there although the answer, which was simplified, has.
        """
        from derivgen.derivation.numbers import laid_out

        self._within_domain(point)
        free = self.problem.expression.free
        return laid_out(self, evaluate(self.result, self._with_sizes(point), indices=free, timeout=timeout), layout)

    def _within_domain(self, point: Mapping[str, ArrayLike]) -> None:
        """Refuse a point at which only the simplified answer has a value: max(exp(log(x)), x) is x for x > 0."""
        if not any(s.rule in ties.NARROWING for s in self.steps):
            return
        left = [str(c) for c in self.conditions if c.kind == "domain"]
        if left and any(v != v for v in self.value(point).reshape(-1)):
            raise CheckError("the expression has no value at this point", hint=f"it is {' and '.join(left)}")

    def value(self, point: Mapping[str, ArrayLike]) -> numpy.ndarray[Any, Any]:
        """The expression's own value at ``point``."""
        return evaluate(self.problem.expression, self._with_sizes(point))

    def _with_sizes(self, point: Mapping[str, ArrayLike]) -> dict[str, ArrayLike]:
        """The point, and the lengths that its arrays give to sizes: an answer such as I needs no array, but n."""
        sizes = lengths(self.problem.symbols.values(), point)
        return {**sizes, **point}

    def to(self, format: str, **options: Any) -> str:
        """The derivation in a format of ``derivgen.show``: "latex", "tex", "markdown", "text" or "json"."""
        from derivgen.show import render

        return render(self, format, **options)

    def __repr__(self) -> str:
        asked, found = self.problem, self.result
        by = asked.wrt.name if isinstance(asked.wrt, Symbol) else [x.name for x in asked.wrt]
        long = max(asked.expression.written, found.written) > 10_000
        return f"<derivation of {'a long expression' if long else asked.expression} by {by}: {'' if long else f'{found}, '}{self.verdict}>"

    def _repr_latex_(self) -> str:
        from derivgen.show import answer_latex

        return f"$\\displaystyle {answer_latex(self)}$"

    def _repr_markdown_(self) -> str:
        return self.to("markdown")


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
                   layout, method, notation, source, where, tuple(own_functions(expression).values()), reading.remarks, structured)  # fmt: skip


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


def solve(problem: Problem, *, check: bool = True, seed: int = 0, samples: int | None = None) -> Derivation:
    """The pipeline: name the value, derive it, lay it out, let the judge see it."""
    parts = sum(1 for _ in walk(problem.expression))
    with doing(f"a derivation of an expression with {parts:,} parts"):
        ctx = _context(problem)
        refuse_division_by_zero(problem.expression, ctx)
        name = Letters(ctx).value(problem.expression)
        shown = letters_of(problem.expression, name, ctx)
        asked, problem = problem, _generalised(problem)
        problem, first = _settled(problem, shown, ctx)
        start, left = (_definition(problem, f, ctx) for f in (problem.expression, shown))
        outcome = _outcome(problem, name, shown, ctx, start, left)
        outcome = Outcome((*first, *outcome.steps), outcome.result)
        if structure(asked.wrt) is not None:
            problem, start, left, outcome = _structured(asked, problem, outcome, start, left, ctx)
        result = in_letters_of(left, outcome.result)
        stacked = _stacked(problem, name, result, ctx)
        if stacked is not None:
            outcome = Outcome((*outcome.steps, *stacked.steps), outcome.result)
        report = judge(start, outcome, seed, samples, stacked) if check else None
        steps = report.steps if report else outcome.steps
        return Derivation(asked, name, left, start, steps, result, _limits(asked, problem, result), stacked, report)


def _generalised(problem: Problem) -> Problem:
    """The question as if nothing were declared about the entries of the variable, where that is asked for."""
    x = problem.wrt
    if problem.structured != "free" or not isinstance(x, Symbol) or structure(x) is None:
        return problem
    general = unstructured(x)
    put: dict[str, Expr] = {x.name: general}
    definitions = tuple(Definition(d.symbol, substitute(d.value, put)) for d in problem.definitions)
    expression = substitute(problem.expression, put)
    return replace(problem, expression=expression, wrt=general, definitions=definitions)


def _structured(
    asked: Problem, problem: Problem, outcome: Outcome, start: Expr, left: Expr, ctx: Context
) -> tuple[Problem, Expr, Expr, Outcome]:
    """What is derived by a matrix with structure: its definition, its name, and the way to it.

    Where the entries are free, what was derived of any matrix is read for one with structure; but not where slopes
    differ, for those of max(S, Sᵀ) do so at each symmetric S.
    """
    x, general = asked.wrt, problem.wrt
    assert isinstance(x, Symbol)
    assert isinstance(general, Symbol)
    if asked.structured != "free":
        start = structured_definition(problem.expression, x, ctx, problem.layout, problem.structured)
        return problem, start, left, within(outcome, left, x, problem.structured, ctx)
    if any(c.of_slopes for c in conditions(problem.expression, x.name)):
        return problem, start, left, outcome
    problem = replace(problem, expression=exchanged(problem.expression, general, x), wrt=x)
    start, left = (exchanged(e, general, x) for e in (start, left))
    return problem, start, left, put_back(outcome, left, general, x, ctx)


def _settled(problem: Problem, shown: Expr, ctx: Context) -> tuple[Problem, list[Step]]:
    """The question without ties that are always there, and the steps to it."""
    steps = settling(problem.expression, problem.wrt, shown, ctx)
    return (replace(problem, expression=steps[-1].after) if steps else problem), steps


def _stacked(problem: Problem, name: Symbol, result: Expr, ctx: Context) -> Stacked | None:
    """The answer as a matrix where it is known by its entries only, and has a form of that kind."""
    if problem.order == 2 or not isinstance(problem.wrt, Symbol):
        return None
    f, x = problem.expression, problem.wrt
    return stacked_form(f, x, name, result, problem.layout, problem.structured, ctx)


def _context(problem: Problem) -> Context:
    """Names in use: those of the expression, everything declared, the sizes, and the letters in which rows are printed."""
    declared = [*problem.symbols, *problem.functions, *(d.symbol.name for d in problem.definitions)]
    sizes = [str(d) for s in problem.symbols.values() for d in s.shape.axes]
    rows = [
        spell(e.array.name).stem.lower()
        for e in walk(problem.expression)
        if isinstance(e, At) and isinstance(e.array, Symbol) and e.array.shape.rank == 2 and len(e.places) == 1
    ]
    variables = problem.wrt if isinstance(problem.wrt, tuple) else (problem.wrt,)
    kept = samples_index(problem.expression, variables)
    return Context.of(problem.expression, taken=(*declared, *sizes, *rows), kept=kept)


def _definition(problem: Problem, f: Expr, ctx: Context) -> Expr:
    """The derivative of f as it is defined, in the layout asked for."""
    if problem.order == 2:
        assert isinstance(problem.wrt, Symbol)
        return second_definition(f, problem.wrt, ctx)
    return definition(f, problem.wrt, ctx, problem.layout, problem.expression)


def _outcome(problem: Problem, name: Symbol, shown: Expr, ctx: Context, start: Expr, left: Expr) -> Outcome:
    """The steps, in the layout asked for.

    Entry by entry, the layout is only the order of the axes. Jacobians are multiplied, and gradients stacked, in
    numerator layout; a last step turns the product.
    """
    f, x = problem.expression, problem.wrt
    if problem.order == 2:
        assert isinstance(x, Symbol)
        return hessian_method(Twice(f, x, name, problem.method), ctx)
    if isinstance(x, tuple) or is_stack(f):
        outcome = stacked_method(f, x, shown, ctx)
    else:
        task = Task(f, x, name, problem.method, given=_expanded(problem.definitions))
        chained = chain_method(task, ctx) if problem.method != "scalar" else None
        if chained is None:
            return scalar_method(f, x, name, ctx, problem.layout)
        outcome = chained
    if (
        definition(f, x, ctx, "numerator").shape == start.shape and start.shape.rank != 2
    ) or problem.layout == "numerator":
        return outcome
    if problem.layout == "gradient" and f.shape.axes:
        return outcome
    return _turned(outcome, ctx, start, left)


def _expanded(definitions: tuple[Definition, ...]) -> tuple[Definition, ...]:
    """The reader's names, each for an expression without any of them."""
    values: dict[str, Expr] = {}
    for d in definitions:
        values[d.symbol.name] = substitute(d.value, values)
    return tuple(Definition(d.symbol, values[d.symbol.name]) for d in definitions)


def _turned(outcome: Outcome, ctx: Context, start: Expr, left: Expr) -> Outcome:
    """The transpose, for the denominator layout and for gradients of the variable's shape."""
    after = turned(outcome.result)
    after = in_order(after, ctx)
    tidied = finish(after, ctx, left, by_cases=False)
    result = tidied[-1].after if tidied else after
    return Outcome((*outcome.steps, moves.turn_layout.step(start, result, left=left, substeps=tuple(tidied))), result)


def _limits(asked: Problem, settled: Problem, result: Expr) -> tuple[Condition, ...]:
    """What limits the answer: the kinks that are left without what always ties, and the domain of all that was asked."""
    wrt = asked.wrt if isinstance(asked.wrt, tuple) else (asked.wrt,)
    found = dict.fromkeys(c for x in wrt for c in conditions(asked.expression, x.name))
    if settled is not asked:
        kinks = dict.fromkeys(c for x in wrt for c in conditions(settled.expression, x.name) if c.of_slopes)
        found = dict.fromkeys((*kinks, *(c for c in found if not c.of_slopes)))
    return (*found, *added(result, found), *readings(result, settled.expression))


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
