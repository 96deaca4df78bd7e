"""What is known at a place while a surface tree becomes an expression: names, indices, lengths, and how errors are said."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from derivgen.deadline import refusals
from derivgen.errors import DerivgenError, ParseError, ShapeError, Span
from derivgen.expr import STEP, Dim, Expr, Index, Shape
from derivgen.options import Layout
from derivgen.read.declarations import Declarations
from derivgen.read.kinds.letters import Letters
from derivgen.read.kinds.sizes import INDEX, Hole, Sign
from derivgen.read.kinds.understand import Understood
from derivgen.read.latex.names import Lexicon
from derivgen.read.reading import Choice
from derivgen.read.surface import Apply, Surface, landings
from derivgen.read.wording import described

Said = tuple[Surface, Expr]
"""An expression, and how it was written."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What holds for a whole formula.

    Attributes:
        latex: whether it is LaTeX, where places count from 1, and the transpose is a superscript.
        free_indices: whether an unknown letter at a place is an index.
        layout: which of a derivative and its transpose ∂y/∂x is.
        applied: the arguments of functions that stand without them under ∂.
        asked: whether the formula is a question by itself, not a line of a document.
        given: what was declared, before anything was understood.
        number: which formula of the question it is.
        holds: whether what is known and not read is held abstract.
    """

    latex: bool = False
    free_indices: bool = False
    layout: Layout = "numerator"
    applied: Mapping[str, tuple[Expr, ...]] = field(default_factory=dict)
    asked: bool = False
    given: Declarations = field(default_factory=Declarations)
    number: int = 0
    holds: bool = False


class Context:
    """One walk over a surface tree, whose spans point into ``source``; kinds and lengths are known before.

    Attributes:
        scope: the indices that run here, and those that stand free.
        local: letters for the place of a value.
        notes: what signs were taken for, by the sentence that says so.
    """

    def __init__(
        self,
        source: str,
        declarations: Declarations,
        of: Circumstances,
        readers: Mapping[type[Surface], Callable[[Context, Any], Expr]],
        understand: Callable[[], Understood],
    ) -> None:
        self.source = source
        self.of = of
        self.readers = readers
        self._understand = understand
        self.declare(declarations)
        self.scope: dict[str, Index] = dict(declarations.indices)
        self.local: frozenset[str] = frozenset()
        self.notes: dict[str, Choice] = {}
        self.rowwise: dict[Expr, Apply] = {}  # where the softmax of a matrix is written
        self.settled_rows: set[Expr] = set()  # and of which of them rows are meant
        self.left_open: list[tuple[Hole, Surface]] = []
        self.depth = 0
        self.known: dict[int, Expr] = {}  # of parts that were read before their turn

    def declare(self, declarations: Declarations) -> None:
        """Let names mean what is declared here."""
        self.declarations = declarations
        self.__dict__.pop("letters", None)

    @cached_property
    def letters(self) -> Letters:
        """What the letters stand for here, bound ones too."""
        found = Letters(self.declarations, (), free_indices=self.of.free_indices, settled=True)
        found.bound = self.scope
        return found

    @property
    def lexicon(self) -> Lexicon:
        """The names that are declared, by how they are spelt."""
        return self.letters.lexicon

    @cached_property
    def given(self) -> Lexicon:
        """The names that the author declared, by how they are spelt."""
        return Lexicon(self.of.given)

    # --- the walk ---

    def run(self, s: Surface) -> Expr:
        """The expression that the whole says."""
        e = self.expr(s)
        self.refuse_open()
        self.refuse_unsettled()
        return e

    def expr(self, s: Surface) -> Expr:
        """The expression that a part of the tree says."""
        known = self.known.pop(id(s), None)
        if known is not None:
            return known
        depth = self.depth
        try:
            if depth >= STEP:
                self.read_below(s)
            self.depth = depth + 1
            return self.readers[type(s)](self, s)
        except DerivgenError as error:
            raise error.at(s.span, self.source) from None
        finally:
            self.depth = depth

    def read_below(self, s: Surface) -> None:
        """Find what lies deep in a part before the part itself. What is wrong there is said when its turn comes."""
        for here in landings(s):
            self.depth = 0
            with refusals():
                self.known[id(here)] = self.expr(here)

    def note(self, sentence: str, where: Surface) -> None:
        """Remember what a sign was taken for."""
        self.notes.setdefault(sentence, Choice(where.span, self.source, sentence))

    # --- what was understood ---

    @cached_property
    def understood(self) -> Understood:
        """The kinds and sizes that were found for what is not declared."""
        return self._understand()

    def chosen(self, what: str, s: Surface) -> int | None:
        """What was chosen about a sign."""
        return self.understood.chosen.get(Sign(what, s.span, self.of.number))

    def known_length(self, what: str, s: Surface) -> Dim | None:
        """The length found for what was left open at a place; None where none was."""
        return self.understood.lengths.get(Hole(Sign(what, s.span, self.of.number)))

    def length(self, what: str, s: Surface, axis: int = 0) -> Dim:
        """A length that is not said where ``what`` stands."""
        return self.filled(Hole(Sign(what, s.span, self.of.number), axis), s)

    def filled(self, hole: Hole, s: Surface) -> Dim:
        """The length of what is left open; one that nothing tells is refused once all else makes sense."""
        dim = self.understood.lengths.get(hole)
        if dim is None:
            dim = Dim(f"?{len(self.left_open)}")
            self.left_open.append((hole, s))
        return dim

    def refuse_open(self) -> None:
        """Refuse what is of a length that nothing tells."""
        for hole, s in self.left_open[:1]:
            name = self.said(s)
            if hole.axis == INDEX or (isinstance(hole.of, Sign) and hole.of.what.startswith("length")):
                raise self.fail(f"it is not said how far {name} runs", s, "give its last value where it is bound")
            hint = f"write it below: {name}_n" if self.of.latex else None
            if not self.of.latex and name.isascii():
                hint = f"write it out, such as {name.rstrip('()')}(n)"
            raise self.fail(f"the size of {name} is not known here", s, hint).marked("letter")

    def refuse_unsettled(self) -> None:
        """Refuse the softmax of a matrix of which nothing shows that rows are meant, not columns.

        In softmax(A) V each row of the softmax weighs the rows of V, so that it sums to one; ``shapes.matmul`` notes that.
        """
        for e, s in self.rowwise.items():
            if e not in self.settled_rows:
                inner = self.said(s.args[0])
                ways = [f"softmax({inner}, axis={axis})" for axis in (1, 0)]
                if self.of.latex:
                    ways = [rf"\operatorname{{softmax}}_{{\text{{{of}}}}}({inner})" for of in ("rows", "columns")]
                said = f"{self.said(s)} is of a matrix, and it is not said whether of each row or of each column"
                raise self.misfit(said, s, f"write {ways[0]} for the rows, {ways[1]} for the columns")

    # --- names that are known for a while ---

    @contextmanager
    def running(self, *indices: Index) -> Iterator[None]:
        """Let indices run."""
        outer = dict(self.scope)
        self.scope.update({index.name: index for index in indices})
        try:
            yield
        finally:
            free = {name: index for name, index in self.scope.items() if name not in outer and index not in indices}
            self.scope.clear()
            self.scope.update(outer | free)

    # --- errors ---

    def fail(self, message: str, where: Surface | Span, hint: str | None = None) -> ParseError:
        """The error that a place cannot be read."""
        span = where.span if isinstance(where, Surface) else where
        return ParseError(message, span=span, hint=hint, source=self.source)

    def misfit(self, message: str, where: Surface, hint: str | None = None) -> ShapeError:
        """The error that shapes do not fit at a place."""
        message = re.sub(r"\?\d+(?: of [a-z])?", "…", message)  # a length that is not found yet
        return ShapeError(message, span=where.span, hint=hint, source=self.source)

    def said(self, s: Surface) -> str:
        """The source of a part, cut where it is long."""
        words = " ".join(self.source[s.span.start : s.span.end].split())
        return words if len(words) <= 40 else f"{words[:24]}…{words[-15:]}"

    def shaped(self, part: Said) -> str:
        """ "W @ x is an m×1 column"."""
        return f"{self.said(part[0])} is {described(part[1].shape)}"


def same_shape(left: Shape, right: Shape) -> bool:
    """Whether the axes agree, and how a vector lies."""
    return left.row == right.row and left.axes == right.axes
