"""HOW a derivation proceeds: the question, the methods, the answer and what is said of it."""

from __future__ import annotations

from derivgen.derivation.derivation import Derivation, derive, equal
from derivgen.derivation.report import Report

__all__ = ["Derivation", "Report", "derive", "equal"]
