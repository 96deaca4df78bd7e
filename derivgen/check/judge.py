"""The judge: whether two expressions are equal, by their values alone. It knows no rule."""

from __future__ import annotations

from collections.abc import Iterable
from time import monotonic, thread_time

from derivgen.check.case import Case, Depth
from derivgen.check.constants import Measured
from derivgen.check.context import Contexts
from derivgen.check.hearing import Hearing
from derivgen.check.lengths import ONES
from derivgen.check.pool import Pool
from derivgen.check.room import Room
from derivgen.check.sides import Equality
from derivgen.check.verdict import Verdict
from derivgen.deadline import Deadline
from derivgen.errors import CheckError
from derivgen.expr import Definition, Expr, Partial

SECONDS = 2.0
ALL_SECONDS = 6.0
"""How long one equality may take, and all of a derivation, in time of the processor: on a busy machine as on an idle
one. More points than usual may take longer."""

MOST_SAMPLES = 10_000
"""The most points that one may ask for."""


class Judge:
    """Compares the two sides of each step of a derivation.

    One judge serves a whole derivation, but for the links of a chain, which have one each: it draws its points once for
    each assignment of lengths, and computes every expression that steps share once. Points depend on ``seed`` and on the
    names of the variables.

    Attributes:
        left: how long all equalities that are still to come may take together, in seconds of the processor.
        late: whether the last one was left open since its time was over: with more of it, it may be decided.

    Raises:
        CheckError: the seed is negative, or there are to be no points, or too many.
    """

    def __init__(self, definitions: Iterable[Definition] = (), seed: int = 0, samples: int | None = None) -> None:
        if samples is not None and samples < 1:
            raise CheckError(
                f"{samples} points check nothing", hint="take samples of at least 1, or turn the check off"
            )
        if samples is not None and samples > MOST_SAMPLES:
            raise CheckError(
                f"{samples} points are more than {MOST_SAMPLES:,}",
                hint=f"take samples of at most {MOST_SAMPLES:,}: a few dozen find what there is to find",
            )
        if seed < 0:
            raise CheckError(f"the seed {seed} is negative", hint="a seed is a whole number from 0 on")
        self.definitions = tuple(definitions)
        self.seed = seed
        self.samples = samples
        self._pool = Pool()
        more = max(1.0, (samples or 0) / 16)
        self._each = SECONDS * more
        self.left = ALL_SECONDS * more
        self.late = False
        self._measured: Measured = {}
        self._rooms: dict[int, Room] = {}
        self._contexts = Contexts(self._pool)
        self._preferred = 0
        self._given: tuple[tuple[Definition, ...] | None, dict[str, int]] | None = None

    @property
    def sizes(self) -> dict[str, int]:
        """The length given to each symbolic size, at first."""
        return {str(name): length for name, length in self.room(0).lengths.sizes.items()}

    @property
    def hurried(self) -> bool:
        """Whether less time is left than one equality may take, so that there may be less evidence than usual."""
        return self.left < self._each

    def expect(self, e: Expr) -> None:
        """Say that ``e`` will be judged, so that the sizes are chosen with it in mind."""
        self._pool.number(e)

    def agree(
        self, left: Expr, right: Expr, definitions: Iterable[Definition] | None = None, depth: Depth = "step"
    ) -> Verdict:
        """Whether ``left`` equals ``right`` for all values of the variables.

        Names in ``definitions`` stand for their values, in addition to the judge's own. Expressions of different
        shapes are not equal: a row is no column, and a scalar 0 no vector. ``depth`` says how closely it is looked at:
        a step at one assignment of lengths, and at others and at points of all magnitudes where these leave a question
        open; an answer at several and at such points; a question that somebody asks at all and at many.
        """
        if left.shape != right.shape:
            return Verdict("refuted", f"the shapes differ: {left.shape} on the left, {right.shape} on the right")
        self.late = self.left <= 0
        if self.late:
            return Verdict("unchecked", "the time for checks is used up")
        start = thread_time()
        try:
            seconds = min(self.left, self._each)
            deadline = Deadline(monotonic() + seconds, start + seconds)
            found = self._agree(left, right, definitions, depth, deadline)
            self.late = found.status == "unchecked" and deadline.is_over()
            return found
        except CheckError as error:
            return Verdict("unchecked", error.message)
        except (ArithmeticError, RecursionError, MemoryError) as error:
            return Verdict("unchecked", f"the values cannot be computed: {error}")
        finally:
            self.left -= thread_time() - start

    def agree_as_numbers(self, left: Expr, right: Expr) -> bool | None:
        """Whether two expressions of one shape are equal where every size is 1, so that arrays are single numbers.

        What differs there is not made equal by another reading of what is a number and what is an array: each has this
        case. None where it is not found out.
        """
        self.late = left.shape == right.shape and self.left <= 0
        if left.shape != right.shape or self.late:
            return None
        start = thread_time()
        seconds = min(self.left, self._each)
        try:
            a, b = self._pool.number(left), self._pool.number(right)
            context = self._contexts.of(a, b, self._named(()))
            deadline = Deadline(monotonic() + seconds, start + seconds)
            equality = Equality(a, b, context, self._measured, deadline, lenient=True)
            found = Case(self.room(ONES), equality).finding()
            if any(length != 1 for length in found.sizes.values()):
                return None  # a place further on stands there
            self.late = found.refuted is None and not found.points and deadline.is_over()
            return False if found.refuted is not None else True if found.points else None
        except (CheckError, ArithmeticError, ValueError, RecursionError, MemoryError):
            return None
        finally:
            self.left -= thread_time() - start

    def _agree(
        self, left: Expr, right: Expr, definitions: Iterable[Definition] | None, depth: Depth, deadline: Deadline
    ) -> Verdict:
        a, b = self._pool.number(left), self._pool.number(right)
        if a == b:
            return Verdict("verified", "both sides are the same expression", bound=0.0)
        context = self._contexts.of(a, b, self._named(definitions))
        derives = bool((left.kinds | right.kinds) & Partial.bit)
        equality = Equality(a, b, context, self._measured, deadline, lenient=derives or depth != "question")
        hearing = Hearing(equality, depth, derives, self._preferred, self.room)
        verdict = hearing.verdict()
        self._preferred = hearing.preferred
        return verdict

    def _named(self, definitions: Iterable[Definition] | None) -> dict[str, int]:
        """What names stand for; the steps of a derivation bring the same tuple of definitions again and again."""
        if self._given is not None and self._given[0] is definitions:
            return self._given[1]
        named = (*self.definitions, *(definitions or ()))
        found = {d.symbol.name: self._pool.number(d.value) for d in named}
        # a list may have grown when it comes again
        self._given = (definitions, found) if definitions is None or isinstance(definitions, tuple) else None
        return found

    def room(self, number: int) -> Room:
        """The room of an assignment of lengths."""
        found = self._rooms.get(number)
        if found is None:
            found = self._rooms[number] = Room(self._pool, number, self.seed, self.samples)
        return found
