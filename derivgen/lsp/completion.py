"""What may come next in a block of a derivation, or in a comment for the checker."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from derivgen.option import Option
from derivgen.options import keys
from derivgen.site.fences import Fence, found


@dataclass(frozen=True, slots=True)
class Proposal:
    """A word that may come next: ``kind`` is option, value or letter; ``text`` is put in."""

    label: str
    kind: str
    detail: str
    text: str


_KEY = re.compile(r"[\s>]*(?P<key>[A-Za-z_-]*)")
_VALUE = re.compile(r"[\s>]*(?P<key>[A-Za-z_-]+)\s*:(?P<value>.*)")
_COMMENT = re.compile(r"(?:<!--|%)\s*derivgen\s*:\s*(?P<inside>[^>]*)")
_WHERE = re.compile(
    r"^[\s>%]*(?:<!--\s*)?(?:derivgen\s*:\s*)?where\s*:\s*(?P<clauses>.*?)\s*(?:-->)?\s*$", re.MULTILINE
)
_CLAUSE = re.compile(r"\s*(?P<names>[^:∈]+?)\s*(?:\bin\b|∈|:|\\in\b)")
_NAME = re.compile(r"\\?[^\W\d]\w*")


def proposals(lines: Sequence[str], line: int, column: int) -> list[Proposal]:
    """What may be written at a place, from 0, in code points."""
    before = lines[line][:column] if line < len(lines) else ""
    block = next(
        (f for f in found(lines) if isinstance(f, Fence) and f.start < line and (line < f.end - 1 or not f.closed)),
        None,
    )
    comment = _COMMENT.search(before)
    if block is not None:
        above = [text for text in lines[block.start + 1 : line] if text.strip(" \t>")]
        return list(_in_block(lines, before, bool(above)))
    if comment is not None:
        return list(_after(comment["inside"], "notes", lines))
    return []


def _in_block(lines: Sequence[str], before: str, has_expression: bool) -> Iterator[Proposal]:
    if has_expression:
        yield from _after(before, "block", lines)
    if not has_expression or not _KEY.fullmatch(before):
        value = _VALUE.fullmatch(before)
        if value is None or value["key"] not in keys("block"):
            yield from _letters(lines)


def _after(before: str, face: str, lines: Sequence[str]) -> Iterator[Proposal]:
    """Options, or the values of the one that is begun."""
    value = _VALUE.fullmatch(before)
    if value is None:
        if _KEY.fullmatch(before):
            yield from (Proposal(o.key, "option", o.help, f"{o.key}: ") for o in keys(face).values())
        return
    o = keys(face).get(value["key"])
    if o is None:
        return
    if o.name in ("wrt", "let"):
        yield from _letters(lines)
    yield from (Proposal(text, "value", o.help, text) for text in _values(o))


def _values(o: Option) -> tuple[str, ...]:
    return ("yes", "no") if o.kind is bool else tuple(str(v) for v in o.values)


def _letters(lines: Sequence[str]) -> Iterator[Proposal]:
    """The letters that are declared anywhere in the text."""
    seen: set[str] = set()
    for m in _WHERE.finditer("\n".join(lines)):
        for clause in m["clauses"].split(";"):
            declared = _CLAUSE.match(clause)
            if declared is None:
                continue
            for name in declared["names"].split(","):
                if _NAME.fullmatch(name.strip()) and name.strip() not in seen:
                    seen.add(name.strip())
                    yield Proposal(name.strip(), "letter", clause.strip(), name.strip())
