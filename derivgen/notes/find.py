"""From a file to what stands in it: Markdown, Quarto, LaTeX and Jupyter notebooks."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from derivgen.deadline import TooLong, bounded, doing
from derivgen.errors import DerivgenError
from derivgen.files import CONFIGURATION, LONGEST_TEXT, read_text
from derivgen.notes.sources import latex, markdown, notebook
from derivgen.notes.sources.definitions import CONFIGURATIONS, defined_in, macros_of, site_definitions
from derivgen.notes.sources.header import Header, concerned, file_options, in_front, merged, over, read_comment
from derivgen.notes.sources.markdown import FRONT_MATTER
from derivgen.notes.sources.pieces import Found, blank
from derivgen.notes.sources.plain_yaml import plain_yaml
from derivgen.notes.sources.source import Finding, Formula, Heading, Ignored, Notes, Prose, Segment, Value
from derivgen.notes.sources.taken_in import take_in

MARKDOWN = frozenset({".md", ".markdown", ".mkd", ".mdown", ".qmd", ".rmd", ".mdx"})
LATEX = frozenset({".tex", ".ltx", ".latex"})
NOTEBOOK = frozenset({".ipynb"})
SUFFIXES = MARKDOWN | LATEX | NOTEBOOK
"""The files that are read; lower case."""

SECONDS = 10.0
"""What finding the formulas of one file may take, of processor time."""

_ROOTS = (CONFIGURATION, ".git", *CONFIGURATIONS, "pyproject.toml")
_MAIN = re.compile(r"\A(?:\s*%.*\n)*?\s*%\s*!\s*TeX\s+root\s*=\s*(?P<name>\S.*?)\s*$", re.IGNORECASE | re.MULTILINE)
_PREAMBLE = re.compile(r"preamble\s*:\s*(?P<name>[^\s>]+)")
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


@dataclass(slots=True)
class Gathered:
    """A text with all that is outside it and matters to how it is read; nothing is looked for in it yet.

    Attributes:
        text: with what it takes in.
        options: of the configuration, and of the one who asks.
        definitions: LaTeX that may define commands, the stronger later.
        files: more of it, by a folder and a name there.
        segments, findings: of what is taken in.
        paths: the files that were read besides its own.
    """

    path: Path
    root: Path
    text: str
    options: dict[str, Value]
    definitions: list[str]
    files: list[tuple[Path, str]] = field(default_factory=list)
    segments: tuple[Segment, ...] = ()
    findings: tuple[Finding, ...] = ()
    paths: tuple[Path, ...] = ()

    def digest(self) -> str:
        """A digest of all that what is found depends on."""
        named = [(folder, name) for folder, name in self.files]
        named += [(self.path.parent, m["name"]) for m in _PREAMBLE.finditer(self.text)]
        files = [_preamble(Header(), folder, self.root, name) for folder, name in named]
        parts = [self.path.suffix.lower(), self.text, repr(sorted(self.options.items())), *self.definitions, *files,
                 repr([(s.start, str(s.path), s.line, s.column) for s in self.segments])]  # fmt: skip
        whole = hashlib.sha256()
        for part in parts:
            data = part.encode("utf-8", "surrogatepass")
            whole.update(b"%d\0" % len(data) + data)
        return whole.hexdigest()


def gather(
    path: Path, text: str | None = None, base: Mapping[str, Value] = MappingProxyType({}), preamble: str = ""
) -> Gathered:
    """A file, or a text that is to be one, with all that matters to how it is read.

    ``base`` are options that hold where the file says nothing else, ``preamble`` is LaTeX.

    Raises:
        DerivgenError: it cannot be read, or is too long; the configuration is wrong.
    """
    suffix = path.suffix.lower()
    if text is None:
        if path.exists() and not path.is_file():
            raise DerivgenError(f"{path} is no regular file")
        text = read_text(path, notebook.LONGEST if suffix in NOTEBOOK else LONGEST_TEXT, encoding="utf-8-sig")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    root = root_of(path)
    table, where = configuration(path.resolve().parent, root)
    found = Gathered(path, root, text, {}, [site_definitions(path, root), preamble])
    if where is not None:
        given = {key: value for key, value in table.items() if not isinstance(value, dict)}
        found.files = [(where.parent, str(given.pop("preamble")))] if "preamble" in given else []
        found.options |= file_options(given, where)
    found.options = over(base, found.options)
    if suffix in LATEX:
        taken = take_in(path, text, root)
        found.text, found.segments = taken.text, tuple(taken.segments)
        found.findings, found.paths = tuple(taken.findings), tuple(taken.paths)
        found.definitions += ["" if "\\begin{document}" in found.text else _main_file(path, text, root)]
    return found


def notes_of(path: Path, text: str | None = None) -> Notes:
    """All that stands in a file, or in a text that will be that of the file: an editor has it before the disk.

    Raises:
        DerivgenError: it cannot be read, is too long, or is no notebook; reading it takes too long; the configuration is wrong.
    """
    return found_in(gather(path, text))


def found_in(gathered: Gathered) -> Notes:
    """What stands in a text.

    Raises:
        DerivgenError: it is no notebook; reading it takes too long.
    """
    suffix = gathered.path.suffix.lower()
    with bounded(SECONDS), doing(f"reading {gathered.path.name}"):
        if suffix in LATEX:
            return _from_latex(gathered)
        if suffix in NOTEBOOK:
            return _from_notebook(gathered)
        return _from_markdown(gathered)


def _from_markdown(gathered: Gathered) -> Notes:
    found = markdown.find(gathered.text)
    front, end = _front_matter(gathered.text)
    header = Header()
    in_front(header, front, end)
    gathered.definitions.append(defined_in(front))
    return _notes(gathered, gathered.text, found, header)


def _from_notebook(gathered: Gathered) -> Notes:
    path = gathered.path
    found, parts, segments, at = Found(), [], [], 0
    for number, source in notebook.cells(gathered.text, path):
        segments.append(Segment(at, path, cell=number))
        cell = markdown.find(source)
        found.pieces += [replace(piece, start=piece.start + at) for piece in cell.pieces]
        found.comments += [(start + at, end + at, said) for start, end, said in cell.comments]
        parts.append(source)
        at += len(source) + len(notebook.BETWEEN)
        if at > LONGEST_TEXT:
            raise DerivgenError(f"{path} has more than {LONGEST_TEXT:,} characters of text", hint="take a smaller file")
    gathered.segments = tuple(segments)
    return _notes(gathered, notebook.BETWEEN.join(parts), found, Header())


def _from_latex(gathered: Gathered) -> Notes:
    text, above = gathered.text, gathered.definitions[-1]
    found = latex.find(text, latex.Shorthands.of(above + text))
    gathered.definitions.append(text)
    return _notes(gathered, text, found, Header(findings=list(gathered.findings)))


def _notes(outside: Gathered, text: str, found: Found, header: Header) -> Notes:
    ends = partial(concerned, text)
    for start, end, said in found.comments:
        read_comment(header, start, end, said, ends)
    headings = [p for p in found.pieces if isinstance(p, Heading)]
    if (
        headings
        and not text[: headings[0].start].strip("# \n")
        and all(p.level > headings[0].level for p in headings[1:])
    ):
        headings.pop(0)  # the title of a page is no section of it, where all of the page stands under it
    top = headings[0].start if headings else len(text)
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
        outside.segments,
    )


def _take_definitions(found: Found) -> list[str]:
    """What formulas define, which is taken out of them: blank, so that places stay; and what lines of prose do, as in Pandoc."""
    taken = []
    pieces = []
    for piece in found.pieces:
        if isinstance(piece, Formula) and _DEFINITION.search(piece.latex):
            rest = piece.latex
            for start, end in reversed(latex.definitions(piece.latex)):
                taken.append(rest[start:end])
                rest = rest[:start] + blank(rest[start:end]) + rest[end:]
            piece = replace(piece, latex=rest)
        elif isinstance(piece, Prose) and _DEFINITION.search(piece.text):
            found_here = latex.definitions(piece.text)
            taken += [
                piece.text[start:end] for start, end in found_here if not piece.text[:start].rpartition("\n")[2].strip()
            ]
        if not isinstance(piece, Formula) or piece.latex.strip():
            pieces.append(piece)
    found.pieces[:] = pieces
    return taken[::-1]


# --- what stands outside ------------------------------------------------------------------------------------------------


def configuration(folder: Path, root: Path) -> tuple[dict[str, Any], Path | None]:
    """The nearest ``derivgen.toml``, and where it is.

    Raises:
        DerivgenError: it is no TOML.
    """
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
    except TooLong:
        raise
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
