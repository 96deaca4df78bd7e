"""The cases that all sides are measured on, and the verdict on a side's numbers."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

FILE = Path(__file__).resolve().parent.parent / "data" / "cases.json"

Derived = Literal["right", "wrong", "fails"]


@dataclass(frozen=True, slots=True)
class Case:
    """An expression, what it is differentiated by, and the derivative's value at a point."""

    id: str
    group: str
    text: str
    where: str
    wrt: str
    order: int
    dims: dict[str, int]
    point: dict[str, Any]
    jacobian: Any

    def spaces(self) -> dict[str, tuple[str, ...]]:
        """The sizes of each variable's axes, by name."""
        found: dict[str, tuple[str, ...]] = {}
        for names, power in re.findall(r"([\w, ]+?) in R(?:\^\(?([\w*]+)\)?)?", self.where):
            for name in names.split(","):
                found[name.strip()] = tuple(power.split("*")) if power else ()
        return found

    def judge(self, derivative: Any) -> Derived:
        """Whether numbers are the derivative's, in either layout."""
        got = np.squeeze(np.asarray(derivative, dtype=float))
        wanted = np.squeeze(np.asarray(self.jacobian, dtype=float))
        fits = any(
            np.shape(g) == wanted.shape and np.allclose(g, wanted, rtol=1e-7, atol=1e-9)
            for g in (got, np.transpose(got))
        )
        return "right" if fits else "wrong"


def cases() -> list[Case]:
    """The whole corpus."""
    names = Case.__slots__
    with FILE.open(encoding="utf-8") as file:
        return [Case(**{name: entry[name] for name in names}) for entry in json.load(file)]
