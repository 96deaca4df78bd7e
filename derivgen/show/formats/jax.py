"""A derivation as code for JAX."""

from __future__ import annotations

from derivgen.show.code.dialect import Dialect
from derivgen.show.code.module import in_dialect

SUFFIXES = (".jax",)

JAX = Dialect(
    name="jax",
    title="JAX",
    module="jnp",
    imports=("import jax", "import jax.numpy as jnp"),
    reads="jnp.asarray({}, dtype=float)",
    reads_number="jnp.asarray({}, dtype=float)",
    array="jnp.array({0}, dtype=float)",
    indicator="jnp.where({0}, 1.0, 0.0)",
    number="jnp.asarray({}, dtype=float)",
)

FORMAT = in_dialect(JAX)
