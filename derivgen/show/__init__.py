"""From a derivation to a page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from derivgen.errors import DerivgenError
from derivgen.options import Detail
from derivgen.show.formats import Wishes, find

if TYPE_CHECKING:
    from derivgen.derivation.derivation import Derivation


def render(d: Derivation, format: str, *, detail: Detail = "normal", color: bool = False) -> str:
    """A derivation in the format of that name; it must be one of text."""
    found = render_all([d], format, detail=detail, color=color)
    if isinstance(found, bytes):
        raise DerivgenError(f"{format} is not text", hint=f"render_all([d], {format!r}) gives its bytes")
    return found


def render_all(
    ds: Sequence[Derivation], format: str, *, detail: Detail = "normal", color: bool = False, title: str = ""
) -> str | bytes:
    """Derivations as one document in the format of that name; bytes where the format is not text."""
    return find(format).write(ds, Wishes(detail, color, title=title))
