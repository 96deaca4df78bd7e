"""What an author says to the checker: options in comments and front matter, and what not to hear of."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeGuard

from derivgen.errors import DerivgenError, proposal
from derivgen.notes.sources.source import Finding, Ignored, Setting, Value
from derivgen.option import Option
from derivgen.options import Options, WrongOption, chosen, declared, keys

FACE = "notes"
"""The face of the options that hold for an author's text."""

OTHER_FACES = ("page", "block", "site")
"""Options of derivations in pages stand in the same comments and front matter: they are not wrong here."""

_MARK = re.compile(r"\s*derivgen\s*:(?P<said>.*)", re.DOTALL)
_PAIR = re.compile(r"\s*(?P<key>[A-Za-z_-]+)\s*:[ \t]*(?P<value>.*?)\s*")
_IGNORE = re.compile(r"\s*ignore(?P<file>-file)?\b(?P<codes>[\w\s,-]*)")


@dataclass(slots=True)
class Header:
    """What is set, where, and what is wrong with it."""

    settings: list[Setting] = field(default_factory=list)
    preambles: list[str] = field(default_factory=list)
    ignored: list[Ignored] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def take(self, key: str, value: str, start: int, end: int) -> None:
        """An option, if there is one that is called so and can have this value."""
        known = keys(FACE)
        if key == "preamble":
            self.preambles.append(value)
            return
        if key not in known:
            if not any(key in keys(face) for face in OTHER_FACES):
                hint = proposal(key, known)
                self.findings.append(
                    Finding(start, end, "option", "warning", f"there is no option {key[:40]!r} ({hint})")
                )
            return
        try:
            chosen({key: value}, FACE)
        except WrongOption as wrong:
            self.findings.append(Finding(start, end, "option", "error", wrong.advised))
            return
        self.settings.append(Setting(key, value, start))


def read_comment(header: Header, start: int, end: int, said: str, ends: Callable[[int, int], tuple[int, int]]) -> None:
    """One comment of the text; ``ends`` says which stretch one concerns that stands alone on its line, or does not."""
    mark = _MARK.fullmatch(said)
    if mark is None:
        return
    ignore = _IGNORE.fullmatch(mark["said"])
    if ignore is not None:
        codes = frozenset(re.split(r"[\s,]+", ignore["codes"].strip())) - {""}
        stretch = (0, -1) if ignore["file"] else ends(start, end)
        header.ignored.append(Ignored(*stretch, codes))
        return
    for line in mark["said"].split("\n"):
        pair = _PAIR.fullmatch(line)
        if pair is not None and pair["value"]:
            header.take(pair["key"], pair["value"], start, end)


def concerned(text: str, start: int, end: int) -> tuple[int, int]:
    """What a comment concerns: its line, and where that holds nothing else, what stands below it up to a blank line."""
    begin = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", end)
    line_end = len(text) if line_end < 0 else line_end
    if text[begin:start].strip() or text[end:line_end].strip():
        return begin, line_end
    below = re.compile(r"\s*").match(text, line_end)
    first = line_end if below is None else below.end()
    blank = re.compile(r"\n[ \t]*\n").search(text, first)
    return begin, len(text) if blank is None else blank.start()


def in_front(header: Header, front: Any, end: int) -> None:
    """The options in front matter, under ``derivgen``; ``end`` is where it ends."""
    given = front.get("derivgen") if isinstance(front, Mapping) else None
    if isinstance(given, Mapping):
        for key, value in given.items():
            for text in _texts(value, keys(FACE).get(key) if isinstance(key, str) else None):
                if isinstance(key, str) and text is not None:
                    header.take(key, text, 0, end)


def _texts(value: object, known: Option | None) -> list[str | None]:
    """The values of an option as one writes them behind a colon: several where it may have several."""
    several = value if isinstance(value, list) and known is not None and known.many else [value]
    return [plain_text(one, known) for one in several]


def plain_text(value: object, known: Option | None = None) -> str | None:
    """A value of plain data as one writes it behind a colon."""
    match value:
        case bool() if known is not None and str(value).lower() in known.unquoted:
            return str(value).lower()
        case bool():
            return "yes" if value else "no"
        case str() | int() | float():
            return str(value)
        case _ if _is_texts(value):
            return "; ".join(value)
        case _:
            return None


def _is_texts(value: object) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(part, str) for part in value)


def merged(settings: Iterable[Setting], base: Mapping[str, Value]) -> dict[str, Value]:
    """Settings on top of what holds already; declarations and definitions are added to those before them."""
    found = dict(base)
    for s in settings:
        before = found.get(s.key, ())
        several = (before,) if isinstance(before, str) else before
        o = keys(FACE)[s.key]
        if o.separator:
            found[s.key] = o.separator.join((*several, s.value))
        else:
            found[s.key] = (*several, s.value) if o.many else s.value
    return found


def file_options(given: Mapping[str, Any], path: object) -> dict[str, Value]:
    """The options at the top of a ``derivgen.toml``.

    Raises:
        DerivgenError: there is no such option, or it cannot have this value.
    """
    found: dict[str, Value] = {}
    for key, value in given.items():
        texts = _texts(value, keys(FACE).get(key))
        try:
            chosen({key: texts if len(texts) != 1 else texts[0]}, FACE)
        except WrongOption as wrong:
            raise DerivgenError(f"{path}: {wrong.message}", hint=wrong.hint) from None
        several = tuple([text or "" for text in texts])
        found[key] = several if len(several) != 1 else several[0]
    return found


def base_of(options: Options) -> dict[str, Value]:
    """What the one who asks has chosen of what a header may say, too."""
    usual = Options()
    found: dict[str, Value] = {}
    for o in declared(FACE):
        value = getattr(options, o.name)
        if value != getattr(usual, o.name):
            found[o.key] = (
                value if isinstance(value, tuple) else ("yes" if value else "no") if o.kind is bool else str(value)
            )
    return found


def over(given: Mapping[str, Value], base: Mapping[str, Value]) -> dict[str, Value]:
    """What a text says, on top of what the one who asks has chosen."""
    said = [Setting(key, part, 0) for key, value in given.items() for part in _parts(value)]
    return merged(said, base)


def _parts(value: Value) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value
