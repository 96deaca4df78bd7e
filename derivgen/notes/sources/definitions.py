r"""The commands of an author: from the text, from ``macros`` in the configuration of a site or a book."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from derivgen.deadline import TooLong
from derivgen.errors import DerivgenError
from derivgen.files import read_text
from derivgen.notes.sources.plain_yaml import plain_yaml
from derivgen.tex.macros import Macro, preamble

CONFIGURATIONS = (
    "mkdocs.yml", "mkdocs.yaml", "properdocs.yml", "zensical.toml", "_quarto.yml", "_quarto.yaml", "_config.yml", "myst.yml",
)  # fmt: skip

_LONGEST = 500_000
_MOST = 10_000
_STRING = r"""(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`)"""
_TABLE = re.compile(r"\bmacros\s*[:=]\s*\{")
_ENTRY = re.compile(
    rf"""(?P<name>{_STRING}|[A-Za-z]+)\s*:\s*
    (?:(?P<body>{_STRING})|\[\s*(?P<first>{_STRING})\s*,\s*(?P<count>\d)\s*(?:,\s*(?P<default>{_STRING})\s*)?\])""",
    re.VERBOSE,
)
_COMMAND = re.compile(r"\\?([A-Za-z]+|[^A-Za-z\s\\])")


def macros_of(*sources: str) -> dict[str, Macro]:
    """What LaTeX defines, the later before the earlier; what is no definition, or a broken one, is passed over."""
    found: dict[str, Macro] = {}
    for source in sources:
        # each file by itself: what \providecommand provides may be there from another
        try:
            found |= preamble(source, strict=False)
        except TooLong:
            raise
        except DerivgenError:
            continue
    return found


def definition(name: object, body: object, count: int = 0, default: str | None = None) -> str:
    r"""A ``\newcommand`` for what a table of macros says; "" where it says nothing that is one."""
    command = _COMMAND.fullmatch(name) if isinstance(name, str) else None
    if command is None or not isinstance(body, str) or not 0 <= count <= 9:
        return ""
    arguments = max([count, *map(int, re.findall(r"#([1-9])", body))])
    first = "" if default is None else f"[{default}]"
    return f"\\newcommand{{\\{command[1]}}}[{arguments}]{first}{{{body}}}\n"


def site_definitions(path: Path, root: Path) -> str:
    """What the configurations in the folders from that of a file up to ``root`` define, as LaTeX."""
    out: list[str] = []
    folder = path.parent
    for here in (folder, *folder.parents):
        for name in CONFIGURATIONS:
            out[:0] = [configured(here / name)]
        if here == root:
            break
    return "".join(out)


def configured(path: Path) -> str:
    """What one configuration and the scripts that it names define, as LaTeX."""
    try:
        state = path.stat()
    except OSError:
        return ""
    return _read(path, state.st_mtime_ns, state.st_size) if path.is_file() else ""


@lru_cache(maxsize=64)
def _read(path: Path, changed: int, size: int) -> str:
    """What a configuration defines, read once for all the pages of a site."""
    try:
        found = _plain(path)
    except TooLong:
        raise
    except DerivgenError:
        return ""
    scripts = ""
    if isinstance(found, dict) and isinstance(found.get("extra_javascript"), list):
        folder = path.parent / str(found.get("docs_dir", "docs"))
        for entry in found["extra_javascript"]:
            name = entry.get("path") if isinstance(entry, dict) else entry
            if isinstance(name, str) and "://" not in name:
                scripts += _scripted(folder / name, path.parent)
    return scripts + defined_in(found)


def _plain(path: Path) -> Any:
    """A configuration as plain data; Zensical has all of it in a table of its own."""
    text = read_text(path, _LONGEST)
    if path.suffix != ".toml":
        return plain_yaml(text)
    import tomllib

    try:
        found = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as wrong:
        raise DerivgenError(f"{path} is no TOML: {str(wrong)[:200]}") from None
    return found.get("project", found)


def defined_in(value: Any) -> str:
    """What tables called ``macros`` define, wherever they stand in plain data, and LaTeX that goes into a header."""
    return "".join(_defined(value, set()))


def _defined(value: Any, seen: set[int]) -> Iterator[str]:
    if id(value) in seen or len(seen) > _MOST:  # names in YAML may lead back, or to the same again and again
        return
    seen.add(id(value))
    if isinstance(value, list):
        for inner in value:
            yield from _defined(inner, seen)
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            if key in ("macros", "math") and isinstance(inner, Mapping):
                yield from (_entry(name, body) for name, body in inner.items())
            elif key in ("include-in-header", "include-before-body", "header-includes", "text", "preamble"):
                yield from (text for text in _texts(inner) if "\\" in text)
            if isinstance(inner, Mapping | list):
                yield from _defined(inner, seen)


def _entry(name: object, body: object) -> str:
    match body:
        case [str() as text, int() as count]:
            return definition(name, text, count)
        case [str() as text, int() as count, str() as default]:
            return definition(name, text, count, default)
        case _:
            return definition(name, body)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value + "\n"
    elif isinstance(value, list):
        for inner in value:
            if isinstance(inner, str):
                yield inner + "\n"


def _scripted(path: Path, root: Path) -> str:
    r"""The macros that a script sets for MathJax or KaTeX. It is looked at as text and never run."""
    if not path.resolve().is_relative_to(root.resolve()) or not path.is_file():
        return ""
    try:
        text = read_text(path, _LONGEST)
    except TooLong:
        raise
    except DerivgenError:
        return ""
    table = _TABLE.search(text)
    if table is None:
        return ""
    out: list[str] = []
    at = table.end()
    space = re.compile(r"(?:\s|,|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
    while True:
        blank = space.match(text, at)
        entry = _ENTRY.match(text, blank.end() if blank else at)
        if entry is None:
            return "".join(out)
        at = entry.end()
        default = _string(entry["default"]) if entry["default"] else None
        out.append(definition(_string(entry["name"]), _string(entry["body"] or entry["first"]), int(entry["count"] or 0), default))  # fmt: skip


def _string(written: str) -> str:
    """The text of a string in a script."""
    return re.sub(r"\\(.)", r"\1", written[1:-1], flags=re.DOTALL) if written[0] in "\"'`" else written
