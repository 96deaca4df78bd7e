"""The function of a library that an operation is compared with."""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

from derivgen.catalog.base import Elementwise, Operation
from derivgen.errors import OperationError
from derivgen.expr import Shape
from derivgen.trials.lines import Floats

_DOTTED = re.compile(r"\b(?:numpy|scipy|mpmath|functools)(?:\.[A-Za-z_]\w*)+")


@dataclass(frozen=True, slots=True)
class Reference:
    """The function that an operation is compared with."""

    op: Operation
    function: Callable[..., Any]

    @classmethod
    def of(cls, op: Operation) -> Reference:
        """The function that the operation names, or holds; a name is looked up now, and its library imported."""
        found: Any = op.reference
        if isinstance(found, str):
            names: dict[str, Any] = {}
            try:
                for path in _DOTTED.findall(found):
                    pkgutil.resolve_name(path)  # imports the modules on the way
                    library = path.partition(".")[0]
                    names[library] = import_module(library)
                found = eval(found, names)
            except Exception as error:
                raise OperationError(
                    f"the reference of {op.name}, {op.reference!r}, cannot be read: {error}",
                    hint='it is text such as "numpy.tanh" or "lambda u: numpy.maximum(0, u)", of a library that is installed',
                ) from error
        if not callable(found):
            return cls(op, lambda: found)
        if isinstance(op, Elementwise) and op.derivatives:
            found = np.frompyfunc(found, len(op.derivatives), 1)  # it may know single numbers only
        return cls(op, found)

    def __str__(self) -> str:
        return self.op.reference if isinstance(self.op.reference, str) else "the reference"

    def __call__(self, args: Sequence[Floats | int], shape: Shape, lengths: tuple[int, ...]) -> Floats:
        """The value in the engine's axes; nan where there is none, or none that is real."""
        with np.errstate(all="ignore"):
            try:
                found = np.asarray(self.function(*args))
            except (ArithmeticError, ValueError):
                return np.full(lengths, np.nan)
            except TypeError as error:
                raise OperationError(f"{self} does not take the arguments of {self.op.name}: {error}") from error
        if found.dtype == object:
            found = np.asarray(np.frompyfunc(complex, 1, 1)(found), dtype=complex)
        if found.dtype.kind == "c":
            found = np.where(found.imag == 0, found.real, np.nan)
        seen = (1, *lengths) if shape.row else (*lengths, 1) if len(lengths) == 1 else lengths
        if found.shape not in (seen, lengths) and not (found.size == 1 and not lengths):
            by = "×".join(map(str, found.shape)) or "number"
            raise OperationError(
                f"a value of {self.op.name} is {'×'.join(map(str, seen)) or 'a number'}, that of {self} {by}"
            )
        return found.reshape(lengths).astype(float)
