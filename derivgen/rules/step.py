"""A step of a derivation: an equality, the rule that it follows by, and the reason in a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from derivgen.check.verdict import Verdict
from derivgen.expr import Definition, Expr
from derivgen.rules.reason import Reason


@dataclass(frozen=True, slots=True)
class Step:
    """One line: ``before`` equals ``after``.

    Attributes:
        rule: the name of the rule in the rule book.
        title: the heading: what is done.
        before, after: the two sides, whole (not only the part that changed). What is derived changes in form from
            line to line: an entry ∂yᵢ/∂wⱼ first, then an array built from entries, then matrices.
        reason: a sentence or two that a student understands, about the terms of this step.
        left: what both sides are equal to, in names: ∂yᵢ/∂wⱼ or ∂y/∂w. It is printed on the left of ``after``.
            None prints ``before`` there.
        picture: how ``after`` is drawn: "" as a formula, "stack" a Build as a column of entries, "table" a Build with
            ⋯ ⋮ ⋱, "diagonal" a Build with a delta as the diagonal matrix with large zeros,
            "product" a matrix product with its factors in full, "row by diagonal" such a factor pair before the formula,
            "stages" a Jacobian as gradients, then as a table,
            "names" a list of definitions (those that this step introduces: ``introduces``).
        definitions: the names in force, for whoever evaluates the sides.
        introduces: the names explained by this step.
        substeps: how it came about in detail; a sub-derivation, or the single applications that were folded.
        check: the judge's verdict; None where it was not asked.
        via: what stands between the two sides where the reader is shown how the one becomes the other, each equal to both.
    """

    rule: str
    title: str
    before: Expr
    after: Expr
    reason: Reason
    stage: str = ""
    left: Expr | None = None
    picture: str = ""
    definitions: tuple[Definition, ...] = ()
    introduces: tuple[Definition, ...] = ()
    substeps: tuple[Step, ...] = ()
    check: Verdict | None = None
    via: tuple[Expr, ...] = ()

    def judged(self, check: Verdict, substeps: tuple[Step, ...]) -> Step:
        """The step with a verdict, and sub-steps with theirs."""
        return Step(
            self.rule, self.title, self.before, self.after, self.reason, self.stage, self.left, self.picture,
            self.definitions, self.introduces, substeps, check, self.via,
        )  # fmt: skip


def end_of(steps: Sequence[Step], start: Expr) -> Expr:
    """What the last of some steps comes to; where there are none, that is ``start``."""
    return steps[-1].after if steps else start
