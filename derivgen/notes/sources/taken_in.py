r"""What a LaTeX file takes in by ``\input`` and ``\include``: within a folder, never out of it, and not in a circle."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from derivgen.errors import DerivgenError
from derivgen.files import LONGEST_TEXT, read_text
from derivgen.notes.sources.environments import UNREAD
from derivgen.notes.sources.source import Finding, Segment

_DEEPEST, _MOST = 12, 2_000
"""How deep files may take in one another, and how many may be taken in."""

_TOKEN = re.compile(
    r"""%[^\n]*|\\begin\s*\{(?P<name>[A-Za-z]+\*?)\}
    |\\(?P<how>input|include|subfile|import|subimport)(?![A-Za-z@])\s*(?:\{(?P<first>[^{}\n]*)\}\s*(?:\{(?P<second>[^{}\n]*)\})?|(?P<bare>[^\s{}\\%]+))
    |\\(?P<end>endinput)\b|\\verb\*?(?P<mark>[^\sA-Za-z*]).*?(?P=mark)|\\.""",
    re.VERBOSE | re.DOTALL,
)
_DOCUMENT = re.compile(
    r"^[^%\n]*?\\begin\s*\{document\}(?P<inside>.*?)(?:\\end\s*\{document\}|\Z)", re.MULTILINE | re.DOTALL
)


@dataclass(slots=True)
class Taken:
    """A text with all that it takes in, where each part comes from, and which files these are."""

    parts: list[str] = field(default_factory=list)
    segments: list[Segment] = field(default_factory=list)
    paths: list[Path] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    length: int = 0

    @property
    def text(self) -> str:
        """All that was taken in so far."""
        return "".join(self.parts)

    def add(self, text: str, segment: Segment) -> None:
        """Take in a text, with where it comes from; an empty one is passed over."""
        if text:
            self.parts.append(text)
            self.segments.append(segment)
            self.length += len(text)


def take_in(path: Path, text: str, root: Path) -> Taken:
    """The text of a file with what it takes in; what is not there, or not below ``root``, is left out with a warning."""
    taken = Taken()
    _take(taken, path, text, 0, len(text), root.resolve(), path.parent, (path.resolve(),))
    return taken


def _take(
    taken: Taken, path: Path, text: str, start: int, end: int, root: Path, folder: Path, above: tuple[Path, ...]
) -> None:
    """``text[start:end]`` of a file; names are looked for in ``folder``, that of the document, as TeX does, and beside the file."""
    at = from_ = start

    def keep(until: int) -> None:
        line = text.count("\n", 0, from_) + 1
        column = from_ - (text.rfind("\n", 0, from_) + 1) + 1
        taken.add(text[from_:until], Segment(taken.length, path, line, column))

    while (token := _TOKEN.search(text, at, end)) is not None:
        at = token.end()
        if token["end"]:
            end = token.start()
            break
        if token["name"] in UNREAD:
            close = text.find(f"\\end{{{token['name']}}}", at, end)
            at = end if close < 0 else close
        if not token["how"]:
            continue
        name = token["bare"] or token["first"] or ""
        if token["how"].endswith("import"):
            name = f"{name}/{token['second'] or ''}"
        found, why = _found(name.strip(), (folder, path.parent), root, above)
        if found is None:
            if why:
                here = taken.length + token.start() - from_
                taken.findings.append(Finding(here, here + len(token[0]), "input", "warning", why))
            continue
        inner = ""
        if taken.length < LONGEST_TEXT and len(taken.paths) < _MOST:
            try:
                inner = read_text(found, LONGEST_TEXT, encoding="utf-8-sig")
            except DerivgenError as wrong:
                here = taken.length + token.start() - from_
                taken.findings.append(Finding(here, here + len(token[0]), "input", "warning", wrong.message))
                continue
        keep(token.start())
        from_ = at
        taken.paths.append(found)
        document = _DOCUMENT.search(inner)
        span = document.span("inside") if document else (0, len(inner))
        _take(taken, found, inner, *span, root, folder, (*above, found.resolve()))
        taken.add("\n" if inner[-1:] != "\n" else "", Segment(taken.length, found, inner.count("\n") + 1))
    keep(end)


def _found(name: str, folders: tuple[Path, ...], root: Path, above: tuple[Path, ...]) -> tuple[Path | None, str]:
    """The file of a name, or why there is none; no words where the name is made by commands."""
    if not name or any(c in name for c in "#\\|\0~*"):
        return None, ""
    for folder in folders:
        for suffix in (".tex", "") if not name.endswith(".tex") else ("",):
            path = folder / (name + suffix)
            try:
                if not path.is_file():
                    continue
                real = path.resolve()
            except (OSError, RuntimeError, ValueError):
                continue
            if not real.is_relative_to(root):
                return None, f"{name} is not taken in: it is not in the folder {root.name or root}"
            if real in above or len(above) > _DEEPEST:
                return None, f"{name} is not taken in: files take in one another in a circle, or too deeply"
            return path, ""
    return None, f"{name} is not taken in: there is no such file"
