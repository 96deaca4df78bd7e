"""Which line of a file a line of a text is, where a program has taken it out or changed it."""

from __future__ import annotations

from collections.abc import Sequence


def origins(text: Sequence[str], made: Sequence[str]) -> Sequence[int]:
    """For each line of a text that a program has made of another the line that it came from, or () if none moved.

    A line that was put in is said to come from the one in whose place it stands.
    """
    from difflib import SequenceMatcher

    before, after = ([line.expandtabs(4).rstrip() for line in lines] for lines in (text, made))
    if before == after[: len(before)]:
        return ()
    found: list[int] = []
    for _, a, b, begin, end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        found += [min(a + k, max(b - 1, a)) for k in range(end - begin)]
    return found


def lines_before(file: str, text: str) -> int:
    """How many lines of a file stand before the text that was taken from it."""
    if file.endswith(text):
        return file.count("\n", 0, len(file) - len(text))
    start = file.find(text.rstrip())
    return file.count("\n", 0, start) if start >= 0 else 0
