"""What stands at the top of a page, between lines of ---."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from derivgen.errors import DerivgenError
from derivgen.options import WrongOption

_FRONT = re.compile(r"\A---[ \t]*\n(?P<yaml>(?:.*\n)*?)(?:---|\.\.\.)[ \t]*(?:\n|\Z)")


def front_matter(text: str) -> Mapping[str, Any]:
    """The front matter of a page; nothing of one that is no YAML, as generators of sites have it too."""
    found = _FRONT.match(text)
    if found is None or "derivgen" not in found["yaml"]:
        return {}
    import yaml

    try:
        given = yaml.safe_load(found["yaml"])
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}
    return given if isinstance(given, Mapping) else {}


def line_of(error: DerivgenError, content: str) -> int:
    """The line of the front matter that an error is about: that of the option, else that of all of them."""
    found = 1
    for k, row in enumerate(content.split("\n"), 1):
        if row.startswith("derivgen"):
            found = k
        elif (
            isinstance(error, WrongOption)
            and error.key
            and re.match(rf"\s+['\"]?{re.escape(error.key)}['\"]?\s*:", row)
        ):
            return k
    return found


def place_in(content: str, said: str, at: int) -> tuple[int, int] | None:
    """The line and the column, from 1, at which the front matter has a place of what it declares, if it is found there."""
    front = _FRONT.match(content)
    begin = max(said.rfind(mark, 0, at) for mark in ";\n") + 1
    clause = re.split(r"[;\n]", said[begin:], maxsplit=1)[0].strip()
    found = content.find(clause, 0, front.end() if front else 0) if clause else -1
    if found < 0:
        return None
    place = found + max(at - said.index(clause, begin), 0)
    return content.count("\n", 0, place) + 1, place - content.rfind("\n", 0, place)
