"""The files that are meant by names, folders and patterns."""

from __future__ import annotations

import glob
import os
import re
from pathlib import Path

from derivgen.errors import DerivgenError, nearest
from derivgen.files import read_text
from derivgen.notes.find import LATEX, SUFFIXES, root_of
from derivgen.notes.sources.taken_in import take_in


def files_of(names: tuple[str, ...]) -> list[Path]:
    """The files of names, which may be those of folders and patterns, each once, in their order.

    Raises:
        DerivgenError: there is no such file, or none in a folder that is read.
    """
    found: dict[Path, None] = {}
    for name in names:
        path = Path(name)
        if path.is_dir():
            inside = _below(path)
            if not inside:
                raise DerivgenError(f"there is no {' or '.join(('.md', '.qmd', '.tex', '.ipynb'))} file in {name}")
        elif path.exists():
            inside = [path]
        else:
            inside = _matching(name)
            if not inside:
                raise DerivgenError(f"there is no file {name[:200]}", hint=_near(path))
        found.update(dict.fromkeys(inside))
    return list(found)


def _below(folder: Path) -> list[Path]:
    """The files of a folder that are read, without those in hidden folders."""
    found: list[Path] = []
    for here, folders, names in os.walk(folder):
        folders[:] = sorted(
            f for f in folders if not f.startswith(".") and f not in ("node_modules", "_site", "site-packages")
        )
        found += [Path(here, n) for n in sorted(names) if Path(n).suffix.lower() in SUFFIXES and not n.startswith(".")]
    return found


def _matching(name: str) -> list[Path]:
    if not glob.has_magic(name):
        return []
    try:
        paths = [Path(p) for p in sorted(glob.glob(name, recursive=True))]
    except (OSError, ValueError, re.error):
        return []
    return [p for p in paths if p.suffix.lower() in SUFFIXES and p.is_file()]


def _near(path: Path) -> str | None:
    try:
        near = nearest(path.name, [p.name for p in path.parent.iterdir()])
    except OSError:
        return f"there is no folder {path.parent}" if not path.parent.exists() else None
    return f"did you mean {path.parent / near}?" if near else None


def alone(paths: list[Path]) -> list[Path]:
    """Files without those that another of them takes in: these are read as a part of it."""
    inside: set[Path] = set()
    for path in paths:
        if path.suffix.lower() in LATEX:
            try:
                taken = take_in(path, read_text(path, encoding="utf-8-sig"), root_of(path))
            except DerivgenError:
                continue
            inside.update(p.resolve() for p in taken.paths)
    return [p for p in paths if p.resolve() not in inside]
