"""What the judge says of an equality: verified, refuted or unchecked, each with its evidence."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Status = Literal["verified", "refuted", "unchecked"]


_SIDES = {"both": "both sides", "possible": "each side that is not empty", "one": "one side not met"}


@dataclass(frozen=True, slots=True, repr=False)
class Verdict:
    """The outcome of comparing two sides.

    Attributes:
        status: "verified", "refuted" or "unchecked".
        reason: one sentence: why it is refuted or unchecked; how it was verified.
        points: the number of points at which both sides were computed.
        sizes: the length given to each symbolic size, at first; for a refutation, those at which the sides differ.
        lengths: all assignments of lengths at which both sides were computed, the first included.
        arithmetic: "exact" (rational) or "ball" (enclosures; a refutation is then a proof), or "" where none was used.
        sides: "both" where each branch was met from both sides; "possible" where it was, or its other side is known to
            be empty; "one" where one was looked for and not met; "" where nothing branches.
        partial: whether points were met at which a side has no value: nothing is said of these.
        unmet: the sides that were looked for and not met, as text.
        bound: an upper bound on the probability that a false equality passes at these lengths (None where none is
            known).
        point: for a refutation, the values of the variables.
        place: for a refutation, the entry (counted from 1) and the indices at which the sides differ.
        left, right: for a refutation, the two values there, as text.
        reading: how both sides were read, where anything in them was not declared; a sentence each.
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
    lengths: tuple[dict[str, int], ...] = ()
    sides: Literal["", "both", "possible", "one"] = ""
    unmet: tuple[str, ...] = ()
    partial: bool = False
    reading: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether it is verified; what is unchecked is not known to hold."""
        return self.status == "verified"

    def __repr__(self) -> str:
        """Short: the status with what it rests on; the attributes have the whole."""
        if self.status == "verified":
            return f"<Verdict: verified, {self.evidence or self.reason}>"
        return f"<Verdict: {self.status}, {self.reason}>" if self.reason else f"<Verdict: {self.status}>"

    @property
    def passed(self) -> bool:
        """Whether nothing speaks against the equality; an unchecked one is not refuted."""
        return self.status != "refuted"

    @property
    def evidence(self) -> str:
        """What was looked at, in a short phrase: points, sizes, sides and bound; "" where no number was drawn."""
        if not self.points:
            return ""
        how = {"exact": "exactly ", "ball": "with error bounds "}.get(self.arithmetic, "")
        parts = [f"{how}at {self.points} point{'s' * (self.points != 1)}"]
        if told := told_lengths(self.lengths or ((self.sizes,) if self.sizes else ())):
            parts.append(told)
        if self.sides:
            parts.append(_SIDES[self.sides])
        if self.partial:
            parts.append("where both sides have a value")
        if self.bound:  # of constants it is 0
            parts.append(f"chance of error below {_rounded_up(self.bound)}")
        return ", ".join(parts)


def told_lengths(lengths: tuple[dict[str, int], ...]) -> str:
    """Assignments in few words: "n = 1, 2, 3, 7", or "(m, n) = (3, 4), (1, 2)"; a number stands for a declared length."""
    if not lengths or not lengths[0]:
        return ""
    # a declared length that was kept tells nothing
    names = [name for name in lengths[0] if any(name != str(one.get(name)) for one in lengths)]
    if not names:
        return ""
    rows = list(dict.fromkeys(tuple(one.get(name, 0) for name in names) for one in lengths))
    if len(names) == 1:
        values = ", ".join(str(n) for (n,) in sorted(rows))
        (name,) = names
        return f"length {name} taken as {values}" if name.isdecimal() else f"{name} = {values}"
    sign = "taken as" if any(name.isdecimal() for name in names) else "="
    shown = ", ".join("({})".format(", ".join(map(str, row))) for row in rows)
    return f"{'lengths ' if sign != '=' else ''}({', '.join(names)}) {sign} {shown}"


def _rounded_up(bound: float) -> str:
    """A power of ten that the bound does not exceed."""
    exponent = 0
    while exponent > -300 and bound <= 10.0 ** (exponent - 1):
        exponent -= 1
    return f"10^{exponent}"
