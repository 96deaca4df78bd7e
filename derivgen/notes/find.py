"""From a file to what stands in it: Markdown, Quarto, LaTeX and Jupyter notebooks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from derivgen.deadline import bounded, doing
from derivgen.errors import DerivgenError
from derivgen.files import LONGEST_TEXT, read_text
from derivgen.notes import latex, markdown, notebook
from derivgen.notes.definitions import defined_in, macros_of, site_definitions
from derivgen.notes.header import Header, concerned, file_options, in_front, merged, read_comment
from derivgen.notes.markdown import FRONT_MATTER
from derivgen.notes.pieces import Found, blank
from derivgen.notes.plain_yaml import plain_yaml
from derivgen.notes.source import Finding, Formula, Heading, Ignored, Notes, Segment, Value
from derivgen.notes.taken_in import take_in

MARKDOWN = frozenset({".md", ".markdown", ".mkd", ".mdown", ".qmd", ".rmd", ".mdx"})
LATEX = frozenset({".tex", ".ltx", ".latex"})
NOTEBOOK = frozenset({".ipynb"})
SUFFIXES = MARKDOWN | LATEX | NOTEBOOK
"""The files that are read; lower case."""

SECONDS = 20.0
"""What finding the formulas of one file may take, of processor time."""

CONFIGURATION = "derivgen.toml"

_ROOTS = (CONFIGURATION, ".git", "mkdocs.yml", "_quarto.yml", "_config.yml", "myst.yml", "pyproject.toml")
_MAIN = re.compile(r"\A(?:\s*%.*\n)*?\s*%\s*!\s*TeX\s+root\s*=\s*(?P<name>\S.*?)\s*$", re.IGNORECASE | re.MULTILINE)
_DEFINITION = re.compile(
    r"\\(?:(?:re)?newcommand|providecommand|DeclareMathOperator|DeclareRobustCommand|DeclarePairedDelimiter|def)\b"
)


def root_of(path: Path) -> Path:
    """The folder of the project that a file belongs to: what it takes in, and what says how to read it, is within.

    It is the nearest with a configuration or under version control, else where the command runs, if that is above it.
    """
    folder = path.resolve().parent
    for here in (folder, *folder.parents):
        if any((here / name).exists() for name in _ROOTS):
            return here
    here = Path.cwd().resolve()
    return here if folder.is_relative_to(here) else folder


def read_notes(path: Path, base: Mapping[str, Value] = MappingProxyType({}), preamble: str = "") -> Notes:
    """All that stands in a file. ``base`` are options that hold where the file says nothing else, ``preamble`` is LaTeX.

    Raises:
        DerivgenError: it cannot be read, is too long, or is no notebook; reading it takes too long.
    """
    longest = notebook.LONGEST if path.suffix.lower() in NOTEBOOK else LONGEST_TEXT
    if not path.is_file() and path.exists():
        raise DerivgenError(f"{path} is no regular file")
    return notes_of(path, read_text(path, longest, encoding="utf-8-sig"), base, preamble)


def notes_of(path: Path, text: str, base: Mapping[str, Value] = MappingProxyType({}), preamble: str = "") -> Notes:
    """All that stands in a text that is, or will be, that of a file: an editor has it before the disk.

    Raises:
        DerivgenError: it is no notebook; reading it takes too long; the configuration is wrong.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    root = root_of(path)
    table, where = configuration(path.resolve().parent, root)
    outside = _Outside(path, root, {}, [site_definitions(path, root), preamble])
    if where is not None:
        given = {key: value for key, value in table.items() if not isinstance(value, dict)}
        outside.files = [(where.parent, str(given.pop("preamble")))] if "preamble" in given else []
        outside.options |= file_options(given, where)
    outside.options |= base
    suffix = path.suffix.lower()
    with bounded(SECONDS), doing(f"reading {path.name}"):
        if suffix in LATEX:
            return _from_latex(outside, text)
        if suffix in NOTEBOOK:
            return _from_notebook(outside, text)
        return _from_markdown(outside, text)


@dataclass(slots=True)
class _Outside:
    """What holds for a text without standing in it.

    Attributes:
        options: of the configuration, and of the one who asks.
        definitions: LaTeX that may define commands, the stronger later.
        files: more of it, by a folder and a name there.
    """

    path: Path
    root: Path
    options: dict[str, Value]
    definitions: list[str]
    files: list[tuple[Path, str]] = field(default_factory=list)


def _from_markdown(outside: _Outside, text: str) -> Notes:
    found = markdown.find(text)
    front, end = _front_matter(text)
    header = Header()
    in_front(header, front, end)
    outside.definitions.append(defined_in(front))
    return _notes(outside, text, found, header)


def _from_notebook(outside: _Outside, text: str) -> Notes:
    path = outside.path
    found, parts, segments, at = Found(), [], [], 0
    for number, source in notebook.cells(text, path):
        segments.append(Segment(at, path, cell=number))
        cell = markdown.find(source)
        found.pieces += [replace(piece, start=piece.start + at) for piece in cell.pieces]
        found.comments += [(start + at, end + at, said) for start, end, said in cell.comments]
        parts.append(source)
        at += len(source) + len(notebook.BETWEEN)
        if at > LONGEST_TEXT:
            raise DerivgenError(f"{path} has more than {LONGEST_TEXT:,} characters of text", hint="take a smaller file")
    return _notes(outside, notebook.BETWEEN.join(parts), found, Header(), tuple(segments))


def _from_latex(outside: _Outside, text: str) -> Notes:
    path, root = outside.path, outside.root
    taken = take_in(path, text, root)
    whole = taken.text
    above = "" if "\\begin{document}" in whole else _main_file(path, text, root)
    found = latex.find(whole, latex.Shorthands.of(above + whole))
    outside.definitions += [above, whole]
    return _notes(outside, whole, found, Header(findings=list(taken.findings)), tuple(taken.segments))


def _notes(outside: _Outside, text: str, found: Found, header: Header, segments: tuple[Segment, ...] = ()) -> Notes:
    ends = partial(concerned, text)
    for start, end, said in found.comments:
        read_comment(header, start, end, said, ends)
    headings = [p.start for p in found.pieces if isinstance(p, Heading)]
    if headings and not text[: headings[0]].strip("# \n"):  # the title of a page is no section of it
        headings.pop(0)
    top = headings[0] if headings else len(text)
    settings = sorted(header.settings, key=lambda s: s.start)
    if outside.path.suffix.lower() not in LATEX:
        outside.definitions += _take_definitions(found)
    outside.files += [(outside.path.parent, name) for name in header.preambles]
    outside.definitions[:0] = [_preamble(header, folder, outside.root, name) for folder, name in outside.files]
    return Notes(
        outside.path,
        text,
        tuple(found.pieces),
        MappingProxyType(merged((s for s in settings if s.start < top), outside.options)),
        tuple(s for s in settings if s.start >= top),
        MappingProxyType(macros_of(*outside.definitions)),
        tuple(Ignored(0, len(text), i.codes) if i.end < 0 else i for i in header.ignored),
        tuple(header.findings),
        segments,
    )


def _take_definitions(found: Found) -> list[str]:
    """What formulas define, which is taken out of them: blank, so that places stay."""
    taken = []
    pieces = []
    for piece in found.pieces:
        if isinstance(piece, Formula) and _DEFINITION.search(piece.latex):
            rest = piece.latex
            for start, end in reversed(latex.definitions(piece.latex)):
                taken.append(rest[start:end])
                rest = rest[:start] + blank(rest[start:end]) + rest[end:]
            piece = replace(piece, latex=rest)
        if not isinstance(piece, Formula) or piece.latex.strip():
            pieces.append(piece)
    found.pieces[:] = pieces
    return taken[::-1]


# --- what stands outside ------------------------------------------------------------------------------------------------


def configuration(folder: Path, root: Path) -> tuple[dict[str, Any], Path | None]:
    """The nearest ``derivgen.toml``, and where it is."""
    import tomllib

    for here in (folder, *folder.parents):
        path = here / CONFIGURATION
        if path.is_file():
            try:
                return tomllib.loads(read_text(path)), path
            except (tomllib.TOMLDecodeError, RecursionError) as wrong:
                raise DerivgenError(f"{path} is no TOML: {str(wrong)[:200]}") from None
        if here == root:
            break
    return {}, None


def _front_matter(text: str) -> tuple[Any, int]:
    front = FRONT_MATTER.match(text)
    if front is None:
        return None, 0
    try:
        return plain_yaml(front["yaml"]), front.end()
    except DerivgenError:  # the site's own tool says so
        return None, front.end()


def _preamble(header: Header, folder: Path, root: Path, name: str) -> str:
    """A file of definitions that is named beside the text."""
    for here in (folder, root):
        file = here / name
        try:
            inside = file.is_file() and file.resolve().is_relative_to(root)
        except (OSError, RuntimeError, ValueError):
            inside = False
        if inside:
            return take_in(file, read_text(file, encoding="utf-8-sig"), root).text
    header.findings.append(
        Finding(0, 0, "option", "warning", f"there is no preamble {name[:60]!r} below {root.name or root}")
    )
    return ""


def _main_file(path: Path, text: str, root: Path) -> str:
    r"""The preamble of the document that takes in a chapter: named by ``% !TeX root``, else found beside or above it."""
    named = _MAIN.match(text)
    folder = path.parent
    if named is not None:
        return _before_document(folder / named["name"], root, "")
    for here in (folder, folder.parent):
        if not here.resolve().is_relative_to(root):
            break
        for other in sorted(here.glob("*.tex"))[:50]:
            if other != path and (found := _before_document(other, root, path.stem)):
                return found
    return ""


def _before_document(path: Path, root: Path, mentions: str) -> str:
    try:
        if not path.resolve().is_relative_to(root):
            return ""
        text = read_text(path, encoding="utf-8-sig")
    except (DerivgenError, OSError):
        return ""
    if "\\begin{document}" not in text or not re.search(rf"\{{[^{{}}]*{re.escape(mentions)}(?:\.tex)?\}}", text):
        return ""
    return take_in(path, text[: text.index("\\begin{document}")], root).text
