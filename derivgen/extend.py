"""What the declarations of operations and rules are made of, under names that stay."""

from __future__ import annotations

from derivgen.catalog.base import (
    Arithmetic,
    Constant,
    Domain,
    Elementwise,
    Formula,
    Linear,
    Opaque,
    Signature,
    signature,
)
from derivgen.errors import ExtensionError, ShapeError
from derivgen.expr.notation import Notation
from derivgen.rules.engine import Context
from derivgen.rules.rule import Phase, Role, Rule, Stage, rule

__all__ = [
    "Arithmetic",
    "Constant",
    "Context",
    "Domain",
    "Elementwise",
    "ExtensionError",
    "Formula",
    "Linear",
    "Notation",
    "Opaque",
    "Phase",
    "Role",
    "Rule",
    "ShapeError",
    "Signature",
    "Stage",
    "rule",
    "signature",
]
