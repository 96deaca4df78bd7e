"""Verdicts in words."""

from __future__ import annotations

from collections.abc import Sequence

from derivgen.check.verdict import Verdict
from derivgen.derivation.derivation import Derivation
from derivgen.show.document.blocks import Item

MARKS = {"verified": "✓", "refuted": "✗", "unchecked": "?"}


def evidence(v: Verdict) -> str:
    """A verdict in a few words; of a refutation the point, the place and both values."""
    match v.status:
        case "verified":
            return f"checked {v.evidence}".rstrip()
        case "refuted":
            parts = [f"refuted: {v.reason}".rstrip(": ")]
            if v.left or v.right:
                where = f" at {v.place}" if v.place else ""
                parts.append(f"left {v.left}, right {v.right}{where}")
            if v.point:
                parts.append("for " + ", ".join(f"{name} = {_number(value)}" for name, value in v.point.items()))
            return "; ".join(parts)
        case _:
            return f"not checked: {v.reason}"


def _number(value: object) -> str:
    """A value of a refuting point: numbers and nested lists of them."""
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_number(v) for v in value) + "]"
    return str(value)


def summary_of(d: Derivation, steps: Sequence[Item]) -> str:
    """The verdict on a whole derivation in a sentence; its steps are counted and numbered as they are shown."""
    if not d.checked:
        return "Not checked: the numeric check was turned off."
    found = [step.check.status if step.check is not None else "unchecked" for step in steps if not step.depth]
    total = len(found)
    smaller = d.answer_check is not None and d.answer_check.status != d.verdict and d.verdict not in found
    if d.verdict == "refuted":
        which = [str(k) for k, status in enumerate(found, 1) if status == "refuted"]
        if len(which) > 1:
            return f"Refuted: steps {', '.join(which[:-1])} and {which[-1]} do not hold.{_of_answer(d)}"
        what = f"step {which[0]}" if which else "a smaller step" if smaller else "the answer"
        return f"Refuted: {what} does not hold.{_of_answer(d)}"
    if d.verdict == "verified":
        shown = "the step" if total == 1 else f"all {total} steps"
        held = f"{shown} and the answer hold" if total else "the answer holds"
        how = d.answer_check.evidence if d.answer_check is not None else ""
        verified = "Verified, as read above" if d.reading.guessed else "Verified"
        return f"{verified}: {held} numerically{f'; the answer was checked {how}' if how else ''}."
    counts = f"{found.count('verified')} of {total} steps verified, {found.count('unchecked')} not checked"
    also = ", nor was a smaller step" if smaller else ""
    return f"{counts}{also}; nothing refuted.{_of_answer(d)}"


def _of_answer(d: Derivation) -> str:
    """What is to be said of an answer that is not verified."""
    if d.answer_check is None or d.answer_check.status == "verified":
        return ""
    return f" The answer: {evidence(d.answer_check)}."


_ORDER = {"verified": 0, "unchecked": 1, "refuted": 2}


def worse(a: Verdict | None, b: Verdict | None) -> Verdict | None:
    """The one of two verdicts that says less good of a step."""
    if a is None or b is None:
        return a or b
    return a if _ORDER[a.status] > _ORDER[b.status] else b
