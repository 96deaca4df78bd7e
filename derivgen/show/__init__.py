"""From a derivation to a page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Unpack

from derivgen.errors import DerivgenError
from derivgen.options import Options, Showing, chosen
from derivgen.show.formats import Wishes, find

if TYPE_CHECKING:
    from derivgen.derivation.derivation import Derivation


def render(
    d: Derivation, format: str, options: Options | None = None, *, color: bool = False, **wishes: Unpack[Showing]
) -> str:
    """A derivation in the format of that name; it must be one of text."""
    found = render_all([d], format, options, color=color, **wishes)
    if isinstance(found, bytes):
        raise DerivgenError(f"{format} is not text", hint=f"render_all([d], {format!r}) gives its bytes")
    return found


def render_all(
    ds: Sequence[Derivation], format: str, options: Options | None = None, *, color: bool = False,
    **wishes: Unpack[Showing],
) -> str | bytes:  # fmt: skip
    """Derivations as one document in the format of that name; bytes where the format is not text.

    Args:
        ds: the derivations.
        format: the name.
        options: what the reader chose.
        color: whether a terminal is to show colours.
        **wishes: options of ``derivgen.options.Showing``, instead of those.

    Raises:
        DerivgenError: there is no such format or option, or this one cannot show the derivations.
    """
    return find(format).write(ds, Wishes(chosen(wishes, "derivgen.Derivation.to", options), color))
