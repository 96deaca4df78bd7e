"""What the functions of the interface take. Whatever else they are given is refused with what to write."""

from __future__ import annotations

from collections.abc import Collection

from derivgen.errors import ArgumentError, shown


def require(given: object, kind: type | tuple[type, ...], said: str, hint: str) -> None:
    """Refuse what is not of a kind; True is no number. ``said`` is "a point is a dictionary", up to the comma.

    Raises:
        ArgumentError: it is of another kind.
    """
    if not isinstance(given, kind) or (isinstance(given, bool) and kind is not bool):
        raise ArgumentError(f"{said}, not {shown(given)}", hint=hint)


def require_all(given: object, kind: type | tuple[type, ...], said: str, hint: str) -> None:
    """Refuse what is not a collection of things of one kind.

    Raises:
        ArgumentError: it is none, or has something else in it.
    """
    require(given, Collection, said, hint)
    assert isinstance(given, Collection)
    for one in given:
        require(one, kind, said, hint)
