"""Which formats there are: each is a file of ``show/formats``, known by its name without being imported.

Such a file declares its ``FORMAT``, and ``SUFFIXES``, those of its files: a tuple of texts on one line, which is read
here, since to import it would bring the whole engine.
"""

from __future__ import annotations

import ast
import re
from functools import lru_cache
from pathlib import Path, PurePath
from pkgutil import iter_modules

_FOLDER = Path(__file__).parent / "show" / "formats"

FORMATS = tuple(sorted(module.name for module in iter_modules([str(_FOLDER)])))
"""The names of all formats."""


@lru_cache(maxsize=64)
def suffixes(name: str) -> tuple[str, ...]:
    """The suffixes of files in a format; the first is given to those that are made."""
    declared = re.search(r"^SUFFIXES = (.*)$", (_FOLDER / f"{name}.py").read_text(encoding="utf-8"), re.MULTILINE)
    found: tuple[str, ...] = ast.literal_eval(declared[1]) if declared else ()
    return found


def parted(file: str) -> tuple[str, str | None]:
    """The name of a file without the suffix that asks for a format, and the format; None where none is asked for."""
    own = PurePath(file).name.lower()[1:]  # a name that is nothing but a suffix has none
    asked = {suffix: name for name in FORMATS for suffix in suffixes(name) if own.endswith(suffix)}
    longest = max(asked, key=len, default="")
    return file[: len(file) - len(longest)], asked.get(longest)


def format_of(file: str) -> str | None:
    """The format that the name of a file asks for; None where it asks for none that there is."""
    return parted(file)[1]
