"""The array libraries that code is written for: how each spells the operations, as data."""

from __future__ import annotations

from dataclasses import dataclass

from derivgen.expr.notation import Notation


@dataclass(frozen=True, slots=True)
class Dialect:
    """One array library.

    Attributes:
        name: as asked for, "numpy".
        title: as said in a sentence.
        module: the name that it is imported under.
        imports: the lines that import it.
        reads: what makes an argument an array of real numbers, with a hole for it.
        reads_number: the same for an argument that is one number.
        array: an array of the numbers in a list, with a hole for the list.
        indicator: 1 where a condition holds, else 0, with a hole for the condition and one as above.
        kind: what stands behind an array that is made of single numbers, to make it one of the kind.
        picky: whether functions take arrays only, so that a plain number must be made one.
        number: a plain number as a number of the library.
    """

    name: str
    title: str
    module: str
    imports: tuple[str, ...]
    reads: str
    reads_number: str
    array: str
    indicator: str
    number: str
    kind: str = ""
    picky: bool = False

    @property
    def words(self) -> frozenset[str]:
        """Names that no variable may have."""
        return frozenset({self.module, "jax", "math", "sum", "range", "float"})

    def spelled(self, said: Notation) -> str:
        """How this library calls an operation: source with holes, or the definition of a function; "" where it does not."""
        code = said.code if isinstance(said.code, str) else said.code.get(self.name, said.code.get("", ""))
        plain = code.replace(".", "").isidentifier()
        return f"{self.module}.{code}({{all}})" if plain else code
