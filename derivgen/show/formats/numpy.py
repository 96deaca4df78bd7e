"""A derivation as code for NumPy."""

from __future__ import annotations

from derivgen.derivation.derivation import Derivation
from derivgen.errors import DerivgenError
from derivgen.expr.text import text
from derivgen.show.code.dialect import Dialect
from derivgen.show.code.module import in_dialect, module

SUFFIXES = (".py",)

NUMPY = Dialect(
    name="numpy",
    title="NumPy",
    module="np",
    imports=("import numpy as np",),
    reads="np.asarray({}, dtype=float)",
    reads_number="np.asarray({}, dtype=float)",
    array="np.array({0}, dtype=float)",
    indicator="np.where({0}, 1.0, 0.0)",
    number="np.float64({})",
)

FORMAT = in_dialect(NUMPY)


def code(d: Derivation) -> str:
    """A function that computes the derivative; where that cannot be written, the answer as text."""
    try:
        return module([d], NUMPY)
    except DerivgenError:
        return f"{text(d.result)}\n"
