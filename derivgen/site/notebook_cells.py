"""The cells of a notebook in which somebody wrote a derivation block, which nothing reads there."""

from __future__ import annotations

import json
from collections.abc import Iterator

from derivgen.site.fences import found


def fenced_cells(text: str) -> Iterator[int]:
    """The numbers of the cells, from 1; none of what is no notebook."""
    try:
        cells = json.loads(text)["cells"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return
    for k, cell in enumerate(cells if isinstance(cells, list) else (), 1):
        if isinstance(cell, dict) and cell.get("cell_type") == "markdown":
            source = cell.get("source", "")
            lines = ("".join(map(str, source)) if isinstance(source, list) else str(source)).split("\n")
            if any(True for _ in found(lines)):
                yield k
