"""From a derivation to a page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Unpack

from derivgen.arguments import require
from derivgen.errors import ArgumentError, DerivgenError, proposal, shown
from derivgen.formats import FORMATS
from derivgen.options import Options, Showing, chosen
from derivgen.show.formats import Wishes, find

if TYPE_CHECKING:
    from derivgen.derivation.derivation import Derivation


def render(
    d: Derivation, format: str, options: Options | None = None, *, color: bool = False, **wishes: Unpack[Showing]
) -> str:
    """A derivation in the format of that name; it must be one of text.

    Raises:
        DerivgenError: there is no such format or option, or what it gives is bytes.
    """
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
        options: what the reader chose; without them, what each derivation was made with.
        color: whether a terminal is to show colours.
        **wishes: options of ``derivgen.options.Showing``, instead of those.

    Raises:
        DerivgenError: there is no such format or option, or this one cannot show the derivations.
    """
    require(format, str, "a format is named", proposal("", FORMATS))
    require(options, (Options, type(None)), "options are a record", "such as derivgen.options.Options()")
    require(color, bool, "color is True or False", "write color=True for a terminal")
    require(ds, Sequence, "derivations are a list", "write render_all([d], …)")
    if not ds or not all(hasattr(d, "steps") for d in ds):
        raise ArgumentError(f"derivations are printed, not {shown(ds)}", hint="derivgen.derive makes one")
    return find(format).write(
        ds, Wishes(chosen(wishes, "derivgen.Derivation.to", options), color, own=options is None and not wishes)
    )
