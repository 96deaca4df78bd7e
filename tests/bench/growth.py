"""``python -m tests.bench.growth``: how the cost grows with the length of a question, beside SymPy in the same run.

Each measurement is a process of its own with a cap on its processor time. All numbers are judged: by the derivative of
the same text in complex steps (Squire and Trapp, SIAM Review 40, 1998), which knows neither program.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from multiprocessing.connection import Connection
from time import process_time
from typing import Any

import numpy as np
import sympy as sp

from tests.bench import clock, with_sympy
from tests.bench.corpus import Case

N = 3
"""The length of every axis, in numbers, and for SymPy entry by entry."""

STEP = 1e-30


@dataclass(frozen=True, slots=True)
class Family:
    """Questions of one kind, of any size.

    Attributes:
        name: what the size counts.
        sizes: those that are measured.
        text: the expression of a size, differentiated by x.
        where: its declarations.
        form: the same for SymPy with matrix symbols; None where it has none.
        lets: names for intermediates, each in those before it, which only derivgen reads.
    """

    name: str
    sizes: tuple[int, ...]
    text: Callable[[int], str]
    where: Callable[[int], str]
    form: Callable[[Any, int], Any] | None = None
    lets: Callable[[int], list[str]] | None = None

    def case(self, size: int) -> Case:
        """The question with a point and the derivative there."""
        draw = np.random.default_rng(size)
        dims = {"n": N}
        found = Case(f"{self.name} {size}", self.name, self.text(size), self.where(size), "x", 1, dims, {}, None)
        for name, axes in found.spaces().items():
            if len(axes) == 2:  # turned, so that a long product neither vanishes nor explodes
                found.point[name] = np.linalg.qr(draw.normal(size=(N, N)))[0].tolist()
            else:
                found.point[name] = draw.normal(size=N * len(axes)).tolist()
        lets = (
            [] if self.lets is None else [(name, text) for name, _, text in (p.partition("=") for p in self.lets(size))]
        )
        return replace(found, jacobian=in_complex_steps(found, lets))


def in_complex_steps(case: Case, lets: Sequence[tuple[str, str]] = ()) -> Any:
    """The derivative by x: the imaginary part of the value a tiny imaginary step away, over the step."""
    words = {"__builtins__": {}, "exp": np.exp, "tanh": np.tanh, "sum": _sum, "range": range, **case.dims}
    point = {name: np.array(value, dtype=complex) for name, value in case.point.items()}
    columns = []
    for k in range(N):
        moved = point["x"].copy()
        moved[k] += 1j * STEP
        known = {**words, **point, "x": moved}
        for name, text in lets:
            known[name] = eval(text, known)  # the texts are our own
        value = eval(case.text, known)
        columns.append(np.imag(value) / STEP)
    return np.stack(columns, axis=-1).tolist()


def _sum(terms: Any) -> Any:
    return terms.sum() if isinstance(terms, np.ndarray) else reduce(lambda a, b: a + b, terms)


def _names(letter: str, size: int) -> str:
    return ", ".join(f"{letter}{k}" for k in range(1, size + 1))


def _chain(size: int) -> str:
    return reduce(lambda inner, k: f"tanh(W{k} @ {inner})", range(1, size + 1), "x")


def _over(size: int) -> str:
    letters = "ijklpq"[:size]
    term = " * ".join(f"a{k}[{i}] * exp(x[{i}])" for k, i in enumerate(letters, 1))
    return f"sum({term} {' '.join(f'for {i} in range(n)' for i in letters)})"


def _each(v: Any, letter: str, size: int) -> list[Any]:
    return [getattr(v, f"{letter}{k}") for k in range(1, size + 1)]


def _product(factors: Sequence[Any]) -> Any:
    return reduce(lambda a, b: a * b, factors)


def _total(terms: Sequence[Any]) -> Any:
    return reduce(lambda a, b: a + b, terms)


DOUBLING = (1, 2, 4, 8, 16, 32, 64)

SHARED = (1, 10, 20, 40, 100, 300, 1000)
"""Depths of questions in names, whose text is as long as they are many."""

FAMILIES = (
    Family(
        "depth of tanh(W2 @ tanh(W1 @ x))", DOUBLING, _chain,
        lambda size: f"{_names('W', size)} in R^(n*n); x in R^n",
        lambda v, size: reduce(lambda inner, w: with_sympy.each(sp.tanh, w * inner), _each(v, "W", size), v.x),
    ),
    Family(
        "layers in names: h2 = tanh(W2 @ h1)", SHARED, lambda size: f"h{size}",
        lambda size: f"{_names('W', size)} in R^(n*n); x in R^n",
        lets=lambda size: ["h1=tanh(W1 @ x)", *(f"h{k}=tanh(W{k} @ h{k - 1})" for k in range(2, size + 1))],
    ),
    Family(
        "names used twice: u2 = tanh(u1 + u1)", (1, 5, 10, 20), lambda size: f"sum(u{size})", lambda size: "x in R^n",
        lets=lambda size: ["u1=x + x", *(f"u{k}=tanh(u{k - 1} + u{k - 1})" for k in range(2, size + 1))],
    ),
    Family(
        "factors of (x + a1) * (x + a2)", (1, 4, 15, 30, 60),
        lambda size: f"sum({' * '.join(f'(x + a{k})' for k in range(1, size + 1))})",
        lambda size: f"{_names('a', size)}, x in R^n",
    ),
    Family(
        "factors of x.T @ A1 @ A2 @ x", DOUBLING,
        lambda size: " @ ".join(["x.T", *(f"A{k}" for k in range(1, size + 1)), "x"]),
        lambda size: f"{_names('A', size)} in R^(n*n); x in R^n",
        lambda v, size: _product([v.x.T, *_each(v, "A", size), v.x]),
    ),
    Family(
        "terms of x.T @ A1 @ x + x.T @ A2 @ x", DOUBLING,
        lambda size: " + ".join(f"x.T @ A{k} @ x" for k in range(1, size + 1)),
        lambda size: f"{_names('A', size)} in R^(n*n); x in R^n",
        lambda v, size: _total([v.x.T * a * v.x for a in _each(v, "A", size)]),
    ),
    Family(
        "terms of a1.T @ x * exp(b1.T @ x) + a2.T @ …", DOUBLING,
        lambda size: " + ".join(f"a{k}.T @ x * exp(b{k}.T @ x)" for k in range(1, size + 1)),
        lambda size: f"{_names('a', size)}, {_names('b', size)}, x in R^n",
        lambda v, size: _total([
            (a.T * v.x) * with_sympy.each(sp.exp, b.T * v.x)
            for a, b in zip(_each(v, "a", size), _each(v, "b", size), strict=True)
        ]),
    ),
    Family("indices of sum(a1[i] * exp(x[i]) * a2[j] * exp(x[j]) for i … for j …)", (1, 2, 3, 4, 5, 6), _over,
           lambda size: f"{_names('a', size)}, x in R^n"),
    Family(
        "factors of sum(exp(a1 * x) * exp(a2 * x))", (1, 2, 4, 8, 16, 32),
        lambda size: f"sum({' * '.join(f'exp(a{k} * x)' for k in range(1, size + 1))})",
        lambda size: f"{_names('a', size)}, x in R^n",
        lambda v, size: with_sympy.ones(v.n).T * reduce(
            sp.HadamardProduct, [with_sympy.each(sp.exp, sp.HadamardProduct(a, v.x)) for a in _each(v, "a", size)]
        ),
    ),
    Family(
        "factors of (a1.T @ x) * (a2.T @ x)", (1, 2, 4, 8, 16),
        lambda size: " * ".join(f"(a{k}.T @ x)" for k in range(1, size + 1)),
        lambda size: f"{_names('a', size)}, x in R^n",
        lambda v, size: _product([a.T * v.x for a in _each(v, "a", size)]),
    ),
)  # fmt: skip
"""The answer to the last has as many terms as it has factors, each with the others in it: its length grows as the square."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What came of one question: milliseconds of processor time, and whether the numbers are right."""

    outcome: str
    derive: float = 0.0
    all: float = 0.0


def ours(family: Family, case: Case, size: int) -> Measured:
    from derivgen.derivation import derive

    derive("x", wrt="x", where="x in R^n").to("latex")  # what is imported is not measured
    start = process_time()
    lets = [] if family.lets is None else family.lets(size)
    d = derive(case.text, wrt="x", where=case.where, let=lets, check=False, timeout=600)
    derived = process_time()
    refuted = not d.check().passed
    d.to("latex")
    end = process_time()
    outcome = "refuted" if refuted else judged(case, d.evaluate(case.point | case.dims))
    return Measured(outcome, 1000 * (derived - start), 1000 * (end - start))


def sympy_arrays(family: Family, case: Case, size: int) -> Measured:
    form = family.form
    if form is None:
        return Measured("no form")
    return _of_sympy(case, lambda: with_sympy.derive_arrays(case, lambda v: form(v, size)), with_sympy.number_arrays)


def sympy_entries(family: Family, case: Case, size: int) -> Measured:
    if family.lets is not None:
        return Measured("no form")
    return _of_sympy(case, lambda: with_sympy.derive_entries(case), with_sympy.number_entries)


def _of_sympy(case: Case, derive: Callable[[], Any], numbers: Callable[[Case, Any], Any]) -> Measured:
    x = sp.MatrixSymbol("x", 2, 1)
    sp.latex((x.T * x).diff(x)), sp.latex(sp.diff(sp.exp(sp.Symbol("z") ** 2)))  # what is loaded is not measured
    start = process_time()
    found = derive()
    derived = process_time()
    with_sympy.typeset(found)
    end = process_time()
    return Measured(judged(case, numbers(case, found)), 1000 * (derived - start), 1000 * (end - start))


def judged(case: Case, derivative: Any) -> str:
    """Whether numbers are the derivative's, in either layout, relative to the largest of them."""
    got, wanted = (np.squeeze(np.asarray(a, dtype=float)) for a in (derivative, case.jacobian))
    scale = np.abs(wanted).max()
    fits = any(g.shape == wanted.shape and np.allclose(g, wanted, rtol=1e-7, atol=1e-7 * scale) for g in (got, got.T))
    return "right" if fits else "wrong"


SIDES: dict[str, Callable[[Family, Case, int], Measured]] = {
    "derivgen": ours, "SymPy, matrix symbols": sympy_arrays, f"SymPy, entries at n = {N}": sympy_entries,
}  # fmt: skip


def capped(side: Callable[[Family, Case, int], Measured], family: Family, size: int, seconds: int) -> Measured:
    """A measurement in a process of its own, which is ended when it has used that much processor time."""
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=_measure, args=(side, family, size, seconds, sender))
    child.start()
    sender.close()
    try:
        found: Measured = receiver.recv()
    except EOFError:
        found = Measured(f"over {seconds} s")
    child.join()
    return found


def _measure(
    side: Callable[[Family, Case, int], Measured], family: Family, size: int, seconds: int, to: Connection
) -> None:
    used = int(process_time()) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (used + seconds, used + seconds))
    try:
        found = side(family, family.case(size), size)
    except (Exception, RecursionError) as error:
        found = Measured(f"fails ({type(error).__name__})")
    to.send(found)


def table(family: Family, sizes: Sequence[int], seconds: int) -> str:
    """One family: a line for each size, and the exponents that the times grow with."""
    rows: list[list[str]] = []
    done: dict[str, dict[int, Measured]] = {name: {} for name in SIDES}
    given_up: set[str] = set()
    for size in sizes:
        cells = [str(size)]
        for name, side in SIDES.items():
            if name in given_up:
                cells.append("-")
                continue
            found = capped(side, family, size, seconds)
            done[name][size] = found
            if found.outcome.startswith(("over", "no form")):
                given_up.add(name)
            cells.append(f"{found.derive:.1f} / {found.all:.1f} {found.outcome}" if found.all else found.outcome)
        rows.append(cells)
    ends = ["exponent"]
    for name in SIDES:
        right = {size: m for size, m in done[name].items() if m.all}
        ends.append(f"{exponent(right, 'derive')} / {exponent(right, 'all')}")
    head = ["size", *SIDES]
    widths = [max(len(row[k]) for row in (head, ends, *rows)) for k in range(len(head))]
    lines = ["  ".join(cell.rjust(w) for cell, w in zip(row, widths, strict=True)) for row in (head, *rows, ends)]
    return "\n".join([family.name, *lines])


def exponent(found: dict[int, Measured], part: str) -> str:
    """The slope between the logarithms of sizes and times, of the larger half: the small ones are all overhead."""
    sizes = sorted(found)[-4:]
    if len(sizes) < 3:
        return "-"
    return f"{clock.growth(sizes, [max(getattr(found[s], part), 0.01) for s in sizes])[2]:.1f}"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.growth", description=__doc__)
    parser.add_argument("--largest", type=int, default=1000, help="the largest size (%(default)s)")
    parser.add_argument("--seconds", type=int, default=20, help="processor time after which one is ended (%(default)s)")
    parser.add_argument("--only", default="", help="families whose name contains this")
    given = parser.parse_args(arguments)
    print("Milliseconds of processor time: to derive / and to check (derivgen) and typeset; 1.0 is linear.\n")
    for family in FAMILIES:
        if given.only in family.name:
            sizes = [s for s in family.sizes if s <= given.largest]
            print(table(family, sizes, given.seconds), end="\n\n", flush=True)


if __name__ == "__main__":
    main()
