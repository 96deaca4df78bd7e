"""More than two hundred files that nobody should write: each is read or refused in words, soon, and nothing in them is run."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.limited import Ended, command

COUNT = 240

_HALVES = ("$\\frac{a}{b", "$$\nx = \\left( y", "\\[ x = ", "$x = }$", "\\begin{align} a &= b \\\\", "${{{{$", "$\\sqrt[$", "$^^$", "$_$",
           "$\\\\$", "$=$", "$a=$", "$=b$", "$a = = b$", "$\\left$", "$\\begin{matrix}$", "$a & b = c$", "$\\operatorname{$",
           "$\\text{$ x = y", "$\\frac$", "$x^{2^{2^{2^{9}}}} = 1$", "$9^{9^{9^{9}}} = 9$", "$\\sum_{i=1}^{10^{99}} i = 0$")  # fmt: skip
_MACROS = ("\\newcommand{\\a}{\\a}$\\a = 1$", "$\\newcommand{\\a}{\\b\\b}\\newcommand{\\b}{\\a\\a} \\a = x$",
           "$\\def\\x#1{\\x{\\x{#1}}} \\x{y} = 1$", "\\newcommand{\\a}[9]{#1#9} $\\a = 1$", "$\\newcommand{\\}{} x = 1$",
           "".join(f"\\newcommand{{\\{chr(97 + k)}}}{{{(chr(92) + chr(98 + k)) * 10}}}" for k in range(20)) + "$\\a = 1$")  # fmt: skip
_RUN = ("\\immediate\\write18{touch CANARY}$x=1$", "\\input{|\"touch CANARY\"}", "$\\directlua{os.execute('touch CANARY')} = 1$",
        "```{python}\nopen('CANARY','w')\n```\n$x=1$", "<script>fetch('CANARY')</script>$x = 1$", "$(touch CANARY)$ `touch CANARY`",
        "---\nderivgen: !!python/object/apply:os.system ['touch CANARY']\n---\n$x=1$", "<!-- derivgen: preamble: |touch CANARY -->$x=1$",
        "<!-- derivgen: define: f(z) = __import__('os').system('touch CANARY') -->\n$f(x) = 1$",
        "<!-- derivgen: where: x in R^(open('CANARY','w')) -->\n$x = x$")  # fmt: skip
_NOTEBOOKS = ("", "{", "nul", "[1]", '{"cells": 3}', '{"cells": [null, 1, "a", {}]}', "[" * 50_000, '{"cells":' * 20_000,
              '{"cells": [{"cell_type": "markdown", "source": {"a": 1}}]}', '{"cells": [{"cell_type": "code", "source": "open(\'CANARY\',\'w\')"}]}',
              '{"cells": [{"cell_type": "markdown", "source": ["$x = 1$\\n", 5, "\\ud800"]}], "a": 1e999}')  # fmt: skip
_DEEP = ("> ", "- ", "{", "$", "\\left(", "\\begin{align}", "((((", "\\frac{", "# ", "`", "<!-- ", "```\n", "1. ", "!!! a\n    ", "|", "\\sqrt{")  # fmt: skip
_ODD = ("$x^ = 1$", "$a_ = b_$", "$\\frac{x}{} = 1$", "$x^2^2 = 1$", "$''' = '$", "$\\sqrt{} = \\sqrt{}$", "$1 = 1 = 1 = $", "$:= x$", "$x := := y$",
        "$\\begin{bmatrix} & & \\\\ & \\end{bmatrix} = 0$", "$\\begin{bmatrix} 1 \\\\ \\vdots \\end{bmatrix} = x$", "$[\\ldots, \\ldots] = x$",
        "$\\sum = 1$", "$\\sum_{i=1}^{0} i = 0$", "$\\sum_{i=n}^{1} i = \\sum_{=}$", "$\\prod_{i}^{i} i = i$", "$\\nabla = \\nabla$", "$\\partial = 1$",
        "$\\frac{\\partial}{\\partial} = \\frac{d}{d}$", "$\\frac{\\partial x}{\\partial x^{x}} = x$", "$d d d d x = d$", "$x^{T^{T^T}} = x$", "$^\\top x = x^\\top{}^\\top$",
        "$f(f(f)) = f(f)(f)$", "$f = f(f)$ $f(x) = f$ $f(f) = x$", "$a = b$ $b = c$ $c = a$ $a = c$", "$x(x) = x(x(x))$", "$\\mathbf{} = \\mathbf{\\mathbf{}}$",
        "$\\begin{cases} \\end{cases} = 0$", "$\\begin{cases} 1 & 2 & 3 \\\\ & \\end{cases} = x$", "$\\max = \\min()$", "$\\log_{\\log_{}} = e$", "$\\int\\int\\int = d$",
        "$\\lim_{x \\to x} x = x$", "$\\| x = \\| x$", "$| | | = |$", "$\\left. x \\right. = y$", "$1/0 = 0/0$", "$0^{0} = 0^{-1}$", "$10^{400} = 10^{400} + 1$",
        "$x_{x_{x_{x}}} = x_{1_{2}}$", "$\\det \\det \\det = A^{-1^{-1}}$")  # fmt: skip
_LETTERS = "$\\{}[]()^_&%#~`'\"<>|=+-*/ \n\txyzABC0123456789αβ∂∇ℝ∈…\u200b\u2028\0\ufeff𝒙é"


def files(seed: int) -> Iterator[tuple[str, bytes]]:
    """So many files that they name themselves: what is wrong with each is drawn."""
    draw = random.Random(seed)

    def text() -> str:
        return "".join(draw.choice(_LETTERS) for _ in range(draw.randrange(400)))

    kinds: list[Callable[[], tuple[str, bytes]]] = [
        lambda: (draw.choice(("md", "tex", "qmd")), "\n\n".join(draw.sample(_HALVES, 4)).encode()),
        lambda: (draw.choice(("md", "tex")), ("\n\n".join(draw.sample(_MACROS, 2))).encode()),
        lambda: (draw.choice(("md", "tex", "qmd")), draw.choice(_RUN).encode()),
        lambda: ("ipynb", draw.choice(_NOTEBOOKS).encode("utf-8", "surrogatepass")),
        lambda: (draw.choice(("md", "tex")), (draw.choice(_DEEP) * draw.randrange(100, 3_000) + "x = y").encode()),
        lambda: (draw.choice(("md", "tex", "ipynb")), text().encode(draw.choice(("utf-16", "utf-32", "utf-8", "cp1252")), "replace")),
        lambda: (draw.choice(("md", "tex")), draw.randbytes(draw.randrange(2_000))),
        lambda: (draw.choice(("md", "tex")), f"$$ {text()} = {text()} $$\n{text()}".encode("utf-8", "surrogatepass")),
    ]  # fmt: skip
    for k, line in enumerate(_ODD):
        yield f"odd{k:02}.md", f"Let $x$ be a vector.\n\n{line}\n\n${line.strip('$')} = x$\n".encode()
    for k in range(COUNT - len(_ODD)):
        suffix, data = kinds[k % len(kinds)]()
        yield f"f{k:03}.{suffix}", data


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    for name, data in files(14):
        (folder / name).write_bytes(data.replace(b"CANARY", bytes(folder / "canary")))
    return folder


def checked(*words: str, seconds: int = 120) -> Ended:
    return command(
        "check", *words, "--no-cache", "--jobs", "1", "--timeout", "0.5", "--format", "json", seconds=seconds
    )


def test_each_is_read_or_refused_and_nothing_is_run(folder: Path) -> None:
    ended = checked(str(folder))
    assert ended.status == 2
    assert ended.fine
    found = json.loads(ended.stdout)
    assert len(found["files"]) == COUNT
    read = [f for f in found["files"] if f["error"] is None]
    assert 100 < len(read) < COUNT
    assert len(ended.stderr.splitlines()) == COUNT - len(read)
    assert not (folder / "canary").exists()
    assert {p.name for p in folder.iterdir()} == {name for name, _ in files(14)}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.md", "$x = y$ " * 1_300_000),
        pytest.param("a.md", "$$ x = \n" * 3_000, marks=pytest.mark.slow),
        pytest.param("a.tex", "\\begin{align} x = " * 50_000, marks=pytest.mark.slow),
        ("a.md", "$x = " + "(" * 100_000),
        ("a.ipynb", json.dumps({"cells": [{"cell_type": "markdown", "source": "word " * 2_000_000}]})),
        ("a.ipynb", json.dumps({"cells": [{"cell_type": "code", "outputs": ["A" * 10_000_000], "source": ""}]})),
        ("a.md", "<!-- derivgen: where: x in R -->\n" * 1_000),
        ("a.md", "$" + " + ".join(f"x_{{{k}}}" for k in range(5_000)) + " = 0$"),
    ],
    ids=range(8),
)
def test_large_files_end(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    ended = checked(str(tmp_path / name), seconds=45)
    assert ended.fine, ended.stderr[-500:]


def test_a_table_beside_formulas_takes_no_time(tmp_path: Path) -> None:
    dashes = "|".join("-" * k for k in (20, 40, 80, 160))
    rows = "\n".join("| $f$ | $x$ is a number | a-b-c-d-e-f-g | vector |" for _ in range(20))
    file = tmp_path / "table.md"
    file.write_text(
        f"| **Scalar** | **Vector** | **Matrix** | Notes |\n|{dashes}|\n{rows}\n\n$y = x$\n", encoding="utf-8"
    )
    ended = checked(str(file), seconds=20)
    assert ended.fine
