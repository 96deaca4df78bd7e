"""A derivation as code for PyTorch."""

from __future__ import annotations

from derivgen.show.code.dialect import Dialect
from derivgen.show.code.module import in_dialect

SUFFIXES = (".torch",)

TORCH = Dialect(
    name="torch",
    title="PyTorch",
    module="torch",
    imports=("import torch",),
    reads="torch.as_tensor({}) * 1.0",  # of integers too
    reads_number="torch.as_tensor({}, dtype=torch.float64)",  # beside an array it takes on the precision of that
    array="torch.stack({0})",
    indicator="({0}).to({like})",
    number="torch.tensor({}, dtype=torch.float64)",
    kind=".to({like})",
    picky=True,
)

FORMAT = in_dialect(TORCH)
