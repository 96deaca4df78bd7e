"""A derivative with the way to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Unpack

from derivgen import doors
from derivgen.arguments import require
from derivgen.check.evaluate import POINT, evaluate
from derivgen.check.judge import Judge
from derivgen.check.verdict import Status, Verdict
from derivgen.derivation.conditions import Condition
from derivgen.derivation.methods.gradient_lists import is_stack
from derivgen.derivation.methods.scalar import Derived
from derivgen.derivation.methods.structured import structure_note, value_called
from derivgen.derivation.methods.vectorised import Stacked
from derivgen.derivation.numbers import laid_out, lengths
from derivgen.derivation.problem import Problem
from derivgen.derivation.report import Report, judge
from derivgen.derivation.words.shorten import needed, shorten, with_letter
from derivgen.errors import CheckError
from derivgen.expr import Definition, Expr, Symbol, depends_on, symbols
from derivgen.options import Showing, chosen
from derivgen.read.reading import Reading
from derivgen.rules.moves import share_of_term, shares_of_terms, term_by_itself, terms_by_themselves, value_by_letter
from derivgen.rules.rule import Stage
from derivgen.rules.step import Step

if TYPE_CHECKING:
    import numpy
    from numpy.typing import ArrayLike


COMMUTATION = (
    r"$K_{mn}$ is the commutation matrix, the permutation for which "
    r"$K_{mn}\operatorname{vec}(A) = \operatorname{vec}(A^{\mathsf T})$ for every matrix $A$ with $m$ rows and $n$ columns"
)

SHARES = (share_of_term.name, shares_of_terms.name, term_by_itself.name, terms_by_themselves.name)

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
    _said: tuple[Expr, tuple[Definition, ...]] | None = field(default=None, init=False, compare=False)
    _printed: tuple[Expr, tuple[Definition, ...]] | None = field(default=None, init=False, compare=False)

    @property
    def reading(self) -> Reading:
        """How the question was read: what each letter is, and what signs were taken for."""
        return self.problem.reading

    @property
    def checked(self) -> bool:
        """Whether the judge was asked."""
        return self.report is not None

    @property
    def verdict(self) -> Status:
        """The worst verdict; "unchecked" where no check was asked for."""
        return self.report.verdict if self.report else "unchecked"

    @property
    def answer_check(self) -> Verdict | None:
        """The verdict on the answer; None where the judge was not asked."""
        return self.report.answer if self.report else None

    @property
    def notes(self) -> tuple[str, ...]:
        """Remarks on the answer that are no conditions."""
        return self.remarks(str)

    def remarks(self, called: Callable[[str], str]) -> tuple[str, ...]:
        """Remarks on the answer that are no conditions; ``called`` writes the names and the indices in them."""
        wrt = self.problem.wrt if isinstance(self.problem.wrt, tuple) else (self.problem.wrt,)
        absent = [x.name for x in wrt if not depends_on(self.problem.expression, x.name)]
        zero = [f"{called(name)} does not occur in the expression, so the derivative by it is zero" for name in absent]
        unlinked = [UNLINKED] if self.problem.options.method == "chain" and not zero and not self._by_links() else []
        stacked = [COMMUTATION] if self.stacked is not None and self.stacked.commutes else []
        kept = [] if zero else structure_note(wrt, self.problem.options.structured, called)
        return (*zero, *kept, *unlinked, *stacked)

    def _by_links(self) -> bool:
        """Whether the chain rule, if it was asked for, had something to do; of a list each function has a way of its own."""
        listed = isinstance(self.problem.wrt, tuple) or is_stack(self.problem.expression)
        return listed or any(s.stage == Stage.CHAIN for s in self.steps)

    @property
    def printed_result(self) -> Expr:
        """The answer as it is printed: long parts that repeat have names."""
        return self._by_names()[0]

    @property
    def where_names(self) -> tuple[Definition, ...]:
        """The names that the printed answer uses, on either side, each explained by those before it."""
        if is_stack(self.problem.expression):
            return tuple(d for s in self.steps for d in s.introduces)
        return self._by_names()[1]

    def _by_names(self) -> tuple[Expr, tuple[Definition, ...]]:
        """The answer as it is printed and its names: what the judge does not find equal to the answer is not printed for it."""
        if self._printed is None:
            shown, names = shorten(self.left, self.result, self.steps)
            if names and Judge().agree(shown, self.result, names).status != "verified":
                shown, names = self.result, ()
            object.__setattr__(self, "_printed", (shown, names))
        assert self._printed is not None
        return self._printed

    @property
    def said_result(self) -> tuple[Expr, tuple[Definition, ...]]:
        """The answer at the end of a document, and the names in it: a function that stands in it twice has a letter."""
        if self._said is None:
            object.__setattr__(self, "_said", self._find_said())
        assert self._said is not None
        return self._said

    def _find_said(self) -> tuple[Expr, tuple[Definition, ...]]:
        if self.steps and (self.steps[-1].rule == value_by_letter.name or self.steps[0].rule in SHARES):
            return self.steps[-1].after, needed(self.steps[-1].after, self.steps[-1].definitions)
        if self.where_names or is_stack(self.problem.expression) or len(self.result.free):
            return self.printed_result, self.where_names
        problem = self.problem
        own = (*problem.definitions, *(n for s in self.steps for n in s.introduces))
        sizes = (str(d) for s in problem.symbols.values() for d in s.shape.axes)
        varied = (name for s in self.steps if s.left is not None for name in symbols(s.left))  # h of a change by h too
        names = (*problem.symbols, *problem.functions, *(d.symbol.name for d in own), *sizes, *varied, self.name.name)
        return with_letter(self.result, (Definition(self.name, problem.expression), *own), names)

    def with_steps(self, steps: tuple[Step, ...]) -> Derivation:
        """The same answer, as it is printed, after steps whose indices have other letters."""
        other = replace(self, steps=steps)
        object.__setattr__(other, "_printed", self._by_names())
        object.__setattr__(other, "_said", self.said_result)
        return other

    def check(self, seed: int = 0, samples: int = 16) -> Report:
        """Let the judge see every step: both sides are computed, never rewritten.

        ``seed`` draws the points; ``samples`` is the least number of points where a side has branches.
        """
        options = chosen({"seed": seed, "samples": samples}, "derivgen.equal")
        called = value_called(self.name, self.problem.expression, self.problem.wrt)
        return judge(self.start, Derived(self.steps, self.result), options.seed, options.samples, self.stacked, called)

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
        self._within_domain(point)
        free = self.problem.expression.free
        return laid_out(
            self.problem, evaluate(self.result, self._with_sizes(point), indices=free, timeout=timeout), layout
        )

    def _within_domain(self, point: Mapping[str, ArrayLike]) -> None:
        """Refuse a point at which only the simplified answer has a value: max(exp(log(x)), x) is x for x > 0."""
        narrowing = {r.name for r in self.problem.world.book.rules if r.narrows}
        if not any(s.rule in narrowing for s in self.steps):
            return
        left = [str(c) for c in self.conditions if c.kind == "domain"]
        if left and any(v != v for v in self.value(point).reshape(-1)):
            raise CheckError("the expression has no value at this point", hint=f"it is {' and '.join(left)}")

    def value(self, point: Mapping[str, ArrayLike]) -> numpy.ndarray[Any, Any]:
        """The expression's own value at ``point``."""
        return evaluate(self.problem.expression, self._with_sizes(point))

    def _with_sizes(self, point: Mapping[str, ArrayLike]) -> dict[str, ArrayLike]:
        """The point, and the lengths that its arrays give to sizes: an answer such as I needs no array, but n."""
        require(point, Mapping, POINT, 'such as {"x": [1, 2, 3]}')
        sizes = lengths(self.problem.symbols.values(), point)
        return {**sizes, **point}

    def to(self, format: str, *, color: bool = False, **wishes: Unpack[Showing]) -> str:
        """The derivation in one of the formats of ``derivgen.show.formats``, such as "latex", "markdown" or "html".

        Args:
            format: its name.
            color: whether a terminal is to show colours.
            **wishes: ``detail`` ("brief", "normal" or "full") and ``title``.

        Raises:
            DerivgenError: there is no such format or option, or what it gives is bytes.
        """
        return doors.render(self, format, self.problem.options, color=color, **wishes)

    def __repr__(self) -> str:
        asked, found = self.problem, self.result
        by = asked.variable if isinstance(asked.wrt, Symbol) else [x.name for x in asked.wrt]
        long = max(asked.expression.written, found.written) > 10_000
        return f"<derivation of {'a long expression' if long else asked.expression} by {by}: {'' if long else f'{found}, '}{self.verdict}>"

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {doors.answer(self)}$"

    def _repr_markdown_(self) -> str:
        return self.to("markdown")

    def _repr_html_(self) -> str:
        return doors.card(self)
