"""Shapes, counts and names in words."""

from __future__ import annotations

import difflib

from derivgen.expr import Dim, Shape
from derivgen.read.kinds.sizes import is_open


def described(shape: Shape) -> str:
    """A shape with its article, as one says it."""
    match shape.axes:
        case ():
            return "a scalar"
        case axes if any(map(is_open, axes)):
            return "a matrix" if len(axes) == 2 else "a row" if shape.row else "a column"
        case (n,):
            return f"a 1×{n} row" if shape.row else f"{article(n)} {n}×1 column"
        case _:
            return f"{article(shape.axes[0])} {shape} matrix"


def article(dim: Dim) -> str:
    """A or an, as the size is spoken."""
    said = str(dim)
    if said[0] == "8" or said in ("11", "18"):
        return "an"
    return "an" if (len(said) == 1 or isinstance(dim.size, tuple)) and said[0] in "aefhilmnorsxAEFHILMNORSX" else "a"


def extents(shape: Shape) -> tuple[Dim, Dim]:
    """Rows and columns, as the reader sees them."""
    match shape.axes:
        case (n,):
            return (Dim(1), n) if shape.row else (n, Dim(1))
        case axes:
            return axes[0], axes[-1]


def counted(n: int) -> str:
    """So many arguments, in words."""
    return "1 argument" if n == 1 else f"{n} arguments"


def called(name: str, n: int) -> str:
    """How a function of n arguments is written."""
    return f"write {name}({', '.join('uvwxyz'[:n])})"


def exchanged(name: str, known: tuple[str, ...]) -> str | None:
    """The known name that ``name`` is but for its case, or but for two neighbours that changed places."""
    low = name.lower()
    for turned in ({low}, {low[:k] + low[k + 1] + low[k] + low[k + 2 :] for k in range(len(low) - 1)}):
        for other in known:
            if other.lower() in turned:
                return other
    return None


def nearest(name: str, known: tuple[str, ...]) -> str | None:
    """The known name that is most like ``name``."""
    typed = exchanged(name, known)
    if typed is not None:
        return typed
    found = difflib.get_close_matches(name, known, n=1, cutoff=0.7)
    return found[0] if found else None
