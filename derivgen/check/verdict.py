"""What the judge says of an equality: verified, refuted or unchecked, each with its evidence."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Status = Literal["verified", "refuted", "unchecked"]


@dataclass(frozen=True, slots=True, repr=False)
class Verdict:
    """The outcome of comparing two sides.

    Attributes:
        status: "verified", "refuted" or "unchecked".
        reason: one sentence: why it is refuted or unchecked; how it was verified.
        points: the number of points at which both sides were computed.
        sizes: the length given to each symbolic size.
        arithmetic: "exact" (rational) or "ball" (enclosures; a refutation is then a proof), or "" where none was used.
        bound: an upper bound on the probability that a false equality passes (None where none is known).
        point: for a refutation, the values of the variables.
        place: for a refutation, the entry (counted from 1) and the indices at which the sides differ.
        left, right: for a refutation, the two values there, as text.
    """

    status: Status
    reason: str
    points: int = 0
    sizes: dict[str, int] = field(default_factory=dict)
    arithmetic: str = ""
    bound: float | None = None
    point: dict[str, Any] = field(default_factory=dict)
    place: str = ""
    left: str = ""
    right: str = ""

    def __bool__(self) -> bool:
        """Whether it is verified; what is unchecked is not known to hold."""
        return self.status == "verified"

    def __repr__(self) -> str:
        """Short: the status with what it rests on; the attributes have the whole."""
        if self.status == "verified":
            how = f"{self.points} point{'s' * (self.points != 1)}" if self.points else self.reason
            return f"<Verdict: verified, {how}>"
        return f"<Verdict: {self.status}, {self.reason}>" if self.reason else f"<Verdict: {self.status}>"

    @property
    def passed(self) -> bool:
        """Whether nothing speaks against the equality; an unchecked one is not refuted."""
        return self.status != "refuted"
