"""Names in the code that is written: no variable shadows a word of the language or what the code itself uses."""

from __future__ import annotations

import keyword
import unicodedata
from collections.abc import Iterable

from derivgen.catalog.base import GENERIC, Abstract
from derivgen.expr import Dim


class Names:
    """The names of one function, each given to one thing."""

    def __init__(self, reserved: frozenset[str], variables: Iterable[str]) -> None:
        self._taken = set(reserved) | set(keyword.kwlist) | set(keyword.softkwlist)
        self._of: dict[str, str] = {}
        self._sizes: dict[str, str] = {}
        for name in variables:
            self._of[name] = self.fresh(name)

    def __getitem__(self, variable: str) -> str:
        return self._of[variable]

    def fresh(self, wanted: str | None = None) -> str:
        """A name that nothing has yet, like the one that is wanted: lambda is lambda_."""
        plain = unicodedata.normalize("NFKC", wanted or "")  # as Python reads names
        if not plain.isidentifier() or plain.startswith("_"):
            count = 1
            while f"t{count}" in self._taken:
                count += 1
            plain = f"t{count}"
        while plain in self._taken:
            plain += "_"
        self._taken.add(plain)
        return plain

    def size(self, dim: Dim) -> str:
        """A length: a number, the name of a local variable, or a product of these."""
        return " * ".join(map(self._factor, dim.factors))

    def _factor(self, size: str | int) -> str:
        if isinstance(size, int):
            return str(size)
        if size not in self._sizes:
            self._sizes[size] = self.fresh(size)
        return self._sizes[size]

    @property
    def sizes(self) -> dict[str, str]:
        """The lengths that the code uses by name."""
        return self._sizes

    def function(self, op: Abstract) -> str:
        """The argument that stands for a function, or for a derivative of one: D_f, D_f_0_1."""
        name = "op" if op.name == GENERIC.name else op.name
        if op.orders:
            by = "" if op.orders == (0,) and len(op.domain) == 1 else "".join(f"_{k}" for k in op.orders)
            name = f"D_{name}{by}"
        key = f"{name}()"
        if key not in self._of:
            self._of[key] = self.fresh(name)
        return self._of[key]
