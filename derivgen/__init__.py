"""derivgen derives, explains, typesets and proves numerically the derivative of a vector expression."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derivgen import doors
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
from derivgen.version import __version__ as __version__

if TYPE_CHECKING:
    from derivgen.derivation import Derivation, derive, equal
    from derivgen.expr import Expr
    from derivgen.world import World

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


def _render(d: Derivation, format: str, *rest: Any, **wishes: Any) -> str:
    from derivgen.show import render

    return render(d, format, *rest, **wishes)


def _answer(d: Derivation) -> str:
    from derivgen.show.document.context import answer_latex

    return answer_latex(d)


def _formula(e: Expr) -> str:
    from derivgen.show.math.latex import latex

    return latex(e)


def _card(d: Derivation) -> str:
    from derivgen.notebook import card

    return card([d])


doors.render, doors.answer, doors.formula, doors.card = _render, _answer, _formula, _card


def __getattr__(name: str) -> Any:
    # The engine is imported when it is first asked for: ``derivgen --help`` does not wait for it.
    if name in ("Derivation", "derive", "equal"):
        from derivgen import derivation

        return getattr(derivation, name)
    if name == "World":
        from derivgen.world import World

        return World
    raise AttributeError(f"module 'derivgen' has no attribute {name!r}")
