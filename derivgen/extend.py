"""What the declarations of operations and rules are made of, under names that stay."""

from __future__ import annotations

from derivgen.catalog import operation
from derivgen.catalog.base import (
    Constant,
    Domain,
    Elementwise,
    Formula,
    Linear,
    Opaque,
    Signature,
    signature,
)
from derivgen.catalog.build import chain, negative, number, plus, product, reciprocal, transposed
from derivgen.catalog.primitives import Arithmetic
from derivgen.errors import ExtensionError, ShapeError
from derivgen.expr import (
    Add,
    At,
    Build,
    Call,
    Cases,
    Delta,
    Expr,
    Index,
    Mul,
    Number,
    Position,
    Power,
    Size,
    Sum,
    Symbol,
)
from derivgen.expr.notation import Notation
from derivgen.rules.engine import Context
from derivgen.rules.rule import Phase, Role, Rule, Stage, rule

__all__ = [
    "Add", "Arithmetic", "At", "Build", "Call", "Cases", "Constant", "Context", "Delta", "Domain", "Elementwise", "Expr",
    "ExtensionError", "Formula", "Index", "Linear", "Mul", "Notation", "Number", "Opaque", "Phase", "Position", "Power",
    "Role", "Rule", "ShapeError", "Signature", "Size", "Stage", "Sum", "Symbol", "chain", "negative", "number",
    "operation", "plus", "product", "reciprocal", "rule", "signature", "transposed",
]  # fmt: skip
