"""HOW a derivation proceeds: the question, the methods, the answer and what is said of it."""

from __future__ import annotations

from derivgen.derivation.ask import compare, derive, derive_by, equal, read_problem
from derivgen.derivation.derivation import Derivation
from derivgen.derivation.report import Report
from derivgen.derivation.solve import solve

__all__ = ["Derivation", "Report", "compare", "derive", "derive_by", "equal", "read_problem", "solve"]
