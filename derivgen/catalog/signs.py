"""The signs that numbers can have: a set of -1, 0 and 1."""

from __future__ import annotations

Signs = frozenset[int]

ALL: Signs = frozenset({-1, 0, 1})
NOT_NEGATIVE: Signs = frozenset({0, 1})
POSITIVE: Signs = frozenset({1})
