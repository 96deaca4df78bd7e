"""WHY one line follows from another: the book of rules, in the order of the method."""

from __future__ import annotations

from derivgen.rules import arithmetic, collapse, differentiate, moves, recombine, simplify, unfold
from derivgen.rules.engine import Rule
from derivgen.rules.moves import Move

RULES: tuple[Rule, ...] = (
    *unfold.RULES, *differentiate.RULES, *collapse.RULES, *recombine.RULES, *simplify.RULES, *arithmetic.RULES,
)  # fmt: skip
"""Every law that rewrites."""

BOOK: dict[str, Rule | Move] = {entry.name: entry for entry in (*moves.MOVES, *RULES)}
"""Every rule that a step can cite, by name."""

VOCABULARY = (
    "a, c, z in R; w, x, y in R^n; u, v in R^m; A in R^(m*n); B in R^(n*p); M, N in R^(n*n); "
    "f: R^n -> R^m; g: R^n -> R; h: R^n -> R^n elementwise; phi: R -> R elementwise; q: R, R -> R"
)
"""The letters in which the examples of the rules are written."""
