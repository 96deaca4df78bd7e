"""``python -m tests.bench``: derivgen beside SymPy and, where it is installed, tensorgrad, in one run on one machine.

Nothing here passes or fails by the clock: it prints what it measured, beside what we aim at.
"""

from __future__ import annotations

import argparse
import importlib.util
import platform
import statistics
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from tests.bench import clock, growth, with_sympy
from tests.bench.corpus import Case, cases

MAIN_JOB = ("derive", "max(0, w.T @ x + b)", "--wrt", "w", "--where", "w, x in R^n; b in R")
PARTS = ("derive", "check", "typeset")


@dataclass(slots=True)
class Side:
    """One program on the corpus: how it derives, checks and typesets, and what came of it."""

    name: str
    derive: Callable[[Case], Any]
    numbers: Callable[[Case, Any], Any]
    typeset: Callable[[Any], str]
    check: Callable[[Any], Any] | None = None
    outcomes: Counter[str] = field(default_factory=Counter)
    times: dict[str, list[float]] = field(default_factory=lambda: {part: [] for part in (*PARTS, "all", "first")})
    slowest: tuple[float, str] = (0.0, "")

    def run(self, case: Case, repeats: int) -> None:
        """Measure one case. A failure of any kind is an outcome, and its time is not counted."""
        try:
            (derived, checked, _), first = clock.timed(lambda: self.whole(case))
        except (Exception, RecursionError):
            self.outcomes["fails"] += 1
            return
        whole = {
            "derive": clock.typical(lambda: self.derive(case), repeats),
            "check": clock.typical(partial(self.check, derived), repeats) if self.check else 0.0,
            "typeset": clock.typical(lambda: self.typeset(checked), repeats),
        }
        for part, time in (whole | {"all": sum(whole.values()), "first": first}).items():
            self.times[part].append(time)
        self.slowest = max(self.slowest, (sum(whole.values()), case.id))
        try:
            outcome: str = case.judge(self.numbers(case, derived))
        except NotImplementedError:
            outcome = "not judged"
        except (Exception, RecursionError):
            outcome = "fails"
        self.outcomes[outcome] += 1

    def whole(self, case: Case) -> tuple[Any, Any, str]:
        derived = self.derive(case)
        checked = self.check(derived) if self.check else derived
        return derived, checked, self.typeset(checked)


def ours() -> Side:
    from derivgen.derivation import derive

    def run(case: Case) -> Any:
        return derive(case.text, wrt=case.wrt, where=case.where, order=case.order, check=False)

    def check(derivation: Any) -> Any:
        if not derivation.check().passed:
            raise ArithmeticError("refuted")
        return derivation

    def numbers(case: Case, derivation: Any) -> Any:
        return derivation.evaluate(case.point, layout="tensor")

    return Side("derivgen", run, numbers, lambda d: d.to("latex"), check)


def others() -> Iterator[Side]:
    yield Side("SymPy, matrix symbols", with_sympy.derive_arrays, with_sympy.number_arrays, with_sympy.typeset)
    yield Side("SymPy, entries at n = 4", with_sympy.derive_entries, with_sympy.number_entries, with_sympy.typeset)
    if installed("tensorgrad"):
        from tests.bench import with_tensorgrad as tensorgrad

        yield Side("tensorgrad", tensorgrad.derive, tensorgrad.numbers, tensorgrad.typeset)


def installed(package: str) -> bool:
    return importlib.util.find_spec(package) is not None


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    lines = [head, ["-" * w for w in widths], *rows]
    return "\n".join(
        "  ".join(_cell(k, c, w) for k, (c, w) in enumerate(zip(line, widths, strict=True))) for line in lines
    )


def _cell(column: int, text: str, width: int) -> str:
    return text.rjust(width) if column else text.ljust(width)


def imports(repeats: int) -> str:
    """Time to import, each in a process of its own."""
    statements = ["pass", "import derivgen", "from derivgen.derivation import derive", "import sympy"]
    statements += ["import tensorgrad"] if installed("tensorgrad") else []
    found = clock.processes([(sys.executable, "-c", s) for s in statements], repeats)
    return table(["python -c", "ms"], [[s, f"{t:.0f}"] for s, t in zip(statements, found, strict=True)])


def corpus(sides: Sequence[Side], chosen: Sequence[Case], repeats: int) -> str:
    """Derive, check and typeset every case."""
    for side in sides:
        for case in chosen:
            side.run(case, repeats)
    rows = []
    for side in sides:
        cells = [f"{side.outcomes[o]}" for o in ("right", "wrong", "fails", "not judged")]
        for part in (*PARTS, "all", "first"):
            times = side.times[part]
            if part == "check" and not side.check:
                cells.append("none")
            else:
                cells.append(f"{statistics.median(times):.2f} / {max(times):.0f}" if times else "-")
        rows.append([side.name, *cells, f"{side.slowest[1]} {side.slowest[0]:.0f}"])
    head = ["median / worst, ms", "right", "wrong", "fails", "not judged", *PARTS, "all", "first run", "slowest"]
    return table(head, rows)


def main_job(repeats: int) -> str:
    """The whole command of the README, checks included, against importing SymPy."""
    job, sympy = clock.processes(
        [(sys.executable, "-m", "derivgen", *MAIN_JOB), (sys.executable, "-c", "import sympy")], repeats
    )
    return table(["whole process", "ms"], [["derivgen derive …", f"{job:.0f}"], ["import sympy", f"{sympy:.0f}"]])


def chain(depth: int) -> tuple[str, str]:
    """tanh(W3 @ tanh(W2 @ tanh(W1 @ x))) of any depth, and its declarations."""
    text = "x"
    for k in range(1, depth + 1):
        text = f"tanh(W{k} @ {text})"
    return text, ", ".join(f"W{k}" for k in range(1, depth + 1)) + " in R^(n*n); x in R^n"


def deep(depths: Sequence[int], repeats: int) -> str:
    """How the cost of a chain grows with its depth: derive, check and typeset together."""
    side = ours()
    done: dict[int, float] = {}
    rows = []
    for depth in depths:
        text, where = chain(depth)
        case = Case(f"depth {depth}", "chain", text, where, "x", 1, {}, {}, None)
        try:
            done[depth] = clock.typical(partial(side.whole, case), repeats)
            rows.append([str(depth), f"{done[depth]:.1f}", f"{done[depth] / depth:.2f}"])
        except Exception as error:
            rows.append([str(depth), type(error).__name__, "-"])
    found = table(["depth", "ms", "ms a layer"], rows)
    if len(done) < 3:
        return found
    slope, fit, exponent = clock.growth(list(done), list(done.values()))
    return f"{found}\n{slope:.2f} ms a layer, R² of the line {fit:.3f}, exponent between logarithms {exponent:.2f} (1 is linear)"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--repeats", type=int, default=5, help="runs of which the median is taken (%(default)s)")
    parser.add_argument("--depth", type=int, default=100, help="the deepest chain (%(default)s)")
    parser.add_argument("--only", default="", help="cases whose id contains this")
    parser.add_argument("--growth", type=int, default=8, help="the largest size of the tables of growth (%(default)s)")
    given = parser.parse_args()
    chosen = [c for c in cases() if given.only in c.id]
    depths = [d for d in (1, 2, 5, 10, 20, 40, 60, 80, 100) if d <= given.depth]
    print(
        f"Python {platform.python_version()}, {platform.machine()}, {len(chosen)} cases, medians of {given.repeats}\n"
    )
    if not installed("tensorgrad"):
        print("tensorgrad is not installed and not measured.\n")
    print(imports(given.repeats), end="\n\n")
    print(corpus([ours(), *others()], chosen, given.repeats))
    print("We aim at derive ≤ 3 and all ≤ 8 in the median, and at no case over 100.\n")
    print(main_job(given.repeats))
    print("We aim at less than importing SymPy.\n")
    print(deep(depths, given.repeats), end="\n\n")
    growth.main(["--largest", str(given.growth), "--seconds", "5"])


if __name__ == "__main__":
    main()
