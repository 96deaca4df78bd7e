"""Doors that go up: what a value shows of itself is made floors above it, and ``derivgen`` itself hangs them.

No module below knows what is behind them, so imports go down only and in no circle.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

render: Callable[..., str]
"""A derivation in a format, as ``derivgen.show.render`` gives it."""

answer: Callable[[Any], str]
"""The answer of a derivation alone, in LaTeX without dollar signs."""

formula: Callable[[Any], str]
"""An expression in LaTeX without dollar signs."""

card: Callable[[Any], str]
"""A derivation as a card of HTML with its style, for a notebook."""
