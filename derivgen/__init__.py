"""derivgen derives, explains, typesets and proves numerically the derivative of a vector expression."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derivgen.errors import (
    ArgumentError,
    CheckError,
    DerivgenError,
    ExtensionError,
    NameUnknown,
    NoRule,
    ParseError,
    ShapeError,
)

if TYPE_CHECKING:
    from derivgen.derivation import Derivation, derive, equal
    from derivgen.world import World

__version__ = "0.1.0"
__all__ = [
    "ArgumentError",
    "CheckError",
    "Derivation",
    "DerivgenError",
    "ExtensionError",
    "NameUnknown",
    "NoRule",
    "ParseError",
    "ShapeError",
    "World",
    "derive",
    "equal",
]


def load_ipython_extension(shell: Any) -> None:
    """What ``%load_ext derivgen`` does in a notebook: the magic ``%%derive`` is there."""
    from derivgen import notebook

    notebook.load_ipython_extension(shell)


def __getattr__(name: str) -> Any:
    # The engine is imported when it is first asked for: ``derivgen --help`` does not wait for it.
    if name in ("Derivation", "derive", "equal"):
        from derivgen import derivation

        return getattr(derivation, name)
    if name == "World":
        from derivgen.world import World

        return World
    raise AttributeError(f"module 'derivgen' has no attribute {name!r}")
