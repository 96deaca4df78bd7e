"""Pages of equations checked, cold, warm, and after one keystroke, by time of the processor: machines are busy.

``python -m tests.bench.notes [PAGES]``
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from derivgen.notes.check import check_notes
from derivgen.notes.find import notes_of

PAGES, EACH = 100, 20
CORES = 2

EQUATIONS = (
    r"\frac{\partial}{\partial x}(A x) = A",
    r"\nabla_x (x^\top A x + {k} b^\top x) = (A + A^\top) x + {k} b",
    r"\frac{d}{dt} t^{k} \sin t = {k} t^{m} \sin t + t^{k} \cos t",
    r"\frac{\partial}{\partial x_j} \sum_i {k} x_i^3 = {l} x_j^2",
    r"(A B)^\top = B^\top A^\top",
    r"\frac{\partial}{\partial X} \operatorname{tr}(X^\top A X) = (A + A^\top) X",
    r"d(X^{-1}) = -X^{-1} (dX) X^{-1}",
    r"\frac{\partial \|A x - {k} b\|^2}{\partial x} = 2 A^\top (A x - {k} b)",
    r"\frac{\partial}{\partial W} \log\det(W + {k} A) = (W + {k} A)^{-\top}",
    r"\sigma'({k} t) = \sigma({k} t)(1 - \sigma({k} t))",
    r"\|x + {k} y\|^2 = \|x\|^2 + {p} x^\top y + {s} \|y\|^2",
    r"\frac{\partial E}{\partial v} = \frac{\partial E}{\partial z}\frac{\partial z}{\partial v}",
    r"\operatorname{tr}(A B C) = \operatorname{tr}(C A B)",
    r"\frac{d}{dt} e^{{k} t^2} = {p} t e^{{k} t^2}",
    r"x^\top (y \odot z) = (x \odot y)^\top z",
    r"\frac{\partial}{\partial \mathbf{w}} \exp({k} \mathbf{w}^\top \mathbf{x}) = {k} \exp({k} \mathbf{w}^\top \mathbf{x}) \mathbf{x}^\top",
    r"\frac{\partial}{\partial x}(x \odot y) = \operatorname{diag}(y)",
    r"\frac{d}{dt} \frac{1}{t + {k}} = \frac{1}{(t + {k})^2}",
    r"\frac{\partial}{\partial x} x^\top B x = {k} B x",
    r"\frac{d}{dt} \tanh({k} t) = {k} (1 - \tanh^2({k} t))",
)
"""As authors write them; two are wrong."""

WORDS = "The next line follows from the one before, for vectors $x$, $y$ and $z$, and it is used below.\n\n"


def equation(number: int, page: int) -> str:
    k = page + 2
    values = {"k": k, "m": k - 1, "l": 3 * k, "p": 2 * k, "s": k * k}
    text = EQUATIONS[number % len(EQUATIONS)]
    for name, value in values.items():
        text = text.replace("{" + name + "}", "{" + str(value) + "}" if name in "m" else str(value))
    return text.replace("t^" + str(k), "t^{" + str(k) + "}")


def page(number: int) -> str:
    parts = [f"# Page {number}\n\n"]
    for j in range(EACH):
        if j % 5 == 0:
            parts.append(f"## Section {j // 5 + 1}\n\n")
        parts.append(f"{WORDS}$$\n{equation(j, number)}\n$$\n\n")
    return "".join(parts)


def run(folder: Path, cache: Path) -> tuple[float, float, str]:
    """The seconds of the processor and of the clock of one ``derivgen check``, and its last words."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [sys.executable, "-m", "derivgen", "check", str(folder), "--cache-dir", str(cache), "--jobs", str(CORES)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return used, time.perf_counter() - begun, " ".join(done.stdout.strip().splitlines()[-2:])


def keystroke() -> list[float]:
    """The seconds of the processor that a page takes after each change of one of its formulas."""
    kept: dict[str, str] = {}

    class Kept:
        get = staticmethod(kept.get)
        put = staticmethod(kept.__setitem__)

    text = page(1)
    check_notes(notes_of(Path("page.md"), text), memo=Kept())
    found = []
    for j in range(EACH):
        formula = equation(j, 1)
        begun = time.process_time()
        check_notes(notes_of(Path("page.md"), text.replace(formula, formula + " + 0", 1)), memo=Kept())
        found.append(time.process_time() - begun)
    return found


def main() -> None:
    pages = int(sys.argv[1]) if len(sys.argv) > 1 else PAGES
    with tempfile.TemporaryDirectory() as name:
        folder, cache = Path(name) / "pages", Path(name) / "cache"
        folder.mkdir()
        for k in range(pages):
            (folder / f"page{k:03}.md").write_text(page(k), encoding="utf-8")
        for what in ("cold", "warm"):
            used, clock, said = run(folder, cache)
            print(
                f"{what}: {used:.1f} s of processor, {used / CORES:.1f} s on {CORES} cores, {clock:.1f} s by the clock; {said}"
            )
    keys = keystroke()
    print(f"one keystroke: {median(keys) * 1000:.0f} ms in the middle, {max(keys) * 1000:.0f} ms at most")


if __name__ == "__main__":
    main()
