"""The texts of a Jupyter notebook: those of its Markdown cells. Code is not looked at."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from derivgen.errors import DerivgenError

LONGEST = 60_000_000
"""Characters of a notebook: pictures stand in it as text."""

BETWEEN = "\n\n"
"""What stands between two cells in the text of all of them."""


def cells(text: str, path: object) -> list[tuple[int, str]]:
    """Each cell of text with its number, counted from 1 among all cells.

    Raises:
        DerivgenError: this is no notebook.
    """
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as wrong:
        line = f" (line {wrong.lineno})" if isinstance(wrong, json.JSONDecodeError) else ""
        raise DerivgenError(f"{path} is no notebook: it is not JSON{line}") from None
    if not isinstance(found, dict) or not isinstance(found.get("cells", found.get("worksheets")), list):
        raise DerivgenError(f"{path} is no notebook: it has no cells")
    return [(number, source) for number, source in enumerate(map(_source, _cells(found)), 1) if source.strip()]


def _cells(found: dict[str, Any]) -> Iterator[Any]:
    if isinstance(found.get("cells"), list):
        yield from found["cells"]
    else:  # before version 4 of the format
        for sheet in found["worksheets"]:
            if isinstance(sheet, dict) and isinstance(sheet.get("cells"), list):
                yield from sheet["cells"]


def _source(cell: Any) -> str:
    if not isinstance(cell, dict):
        return ""
    source = cell.get("source")
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    if not isinstance(source, str):
        return ""
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    match cell.get("cell_type"):
        case "markdown":
            return source
        case "heading":
            level = cell.get("level")
            return f"{'#' * (level if isinstance(level, int) and 0 < level < 7 else 1)} {source}"
        case _:
            return ""
