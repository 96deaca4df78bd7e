"""LaTeX in the blocks and sentences of a page: what it says, what is inferred, and where an error is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.site.sites import build, write_site

markdown = pytest.importorskip("markdown")

GELU = r"define: \operatorname{gelu}(z) = z(1 + \operatorname{erf}(z/\sqrt 2))/2"

BLOCKS = (
    # in LaTeX, and the same in text
    (
        "\\mathbf{w}^{\\mathsf T}\\mathbf{x}\n+ b\nwrt: \\mathbf{w}\n"
        "where: \\mathbf{w}, \\mathbf{x} \\in \\mathbb{R}^n; b \\in \\mathbb{R}",
        "w.T @ x + b\nwrt: w\nwhere: w, x in R^n; b in R",
    ),
    (
        "$$\n\\|A\\mathbf{x} - \\mathbf{b}\\|_2^2\n$$\nwrt: x\nwhere: A \\in \\mathbb{R}^{m \\times n}\n"
        "where: \\mathbf{x} \\in \\mathbb{R}^n; \\mathbf b \\in \\mathbb R^m",
        "norm(A @ x - b)**2\nwrt: x\nwhere: A in R^(m*n); x in R^n; b in R^m",
    ),
    ("a^3 b\nwrt: a\nfrom: latex\nwhere: a, b in R", "a**3 * b\nwrt: a\nwhere: a, b in R"),
    (
        f"\\operatorname{{gelu}}(W\\mathbf{{x}})\nwrt: \\mathbf{{x}}\nwhere: W in R^(m*n); x in R^n\n{GELU}",
        "gelu(W @ x)\nwrt: x\nwhere: W in R^(m*n); x in R^n\ndefine: gelu(z) = z*(1 + erf(z/sqrt(2)))/2",
    ),
    (
        "\\mathbf{u}^\\top\\mathbf{v}\nwrt: \\mathbf{w}\nlet: \\mathbf u = \\mathbf w \\otimes \\mathbf v\nwhere: w, v in R^n",
        "u.T @ v\nwrt: w\nlet: u = w * v\nwhere: w, v in R^n",
    ),
)


def page(text: str, folder: Path, **settings: Any) -> str:
    configured = {"derivgen.markdown": {"cache_dir": str(folder), "style": False, **settings}}
    found = markdown.markdown(text, extensions=["derivgen.markdown"], extension_configs=configured)
    return str(found)


def block(body: str) -> str:
    return f"Text.\n\n```derivation\n{body}\nid: one\nshow: answer\n```\n"


@pytest.mark.parametrize(("latex", "text"), BLOCKS)
def test_a_block_says_the_same_in_latex_and_in_text(latex: str, text: str, tmp_path: Path) -> None:
    shown, same = (page(block(body), tmp_path) for body in (latex, text))
    assert 'id="one"' in shown
    assert "dg-error" not in shown
    assert formulas(shown) == formulas(same)


def formulas(html: str) -> list[str]:
    return [part.split("</math>")[0] for part in html.split("<math")[1:]]


def test_what_is_inferred_is_said(tmp_path: Path) -> None:
    assert "Read as x in R^n, by font; A in R^(m*n), by custom." in page(
        "```derivation\nA\\mathbf{x}\nwrt: \\mathbf{x}\n```\n", tmp_path
    )


SENTENCES = (
    (r"\|A\mathbf x - \mathbf b\|_2^2 | wrt: \mathbf x", "norm(A @ x - b)**2 | wrt: x | where: A in R^(m*n); x in R^n; b in R^m"),
    (r"|a|^{2} | wrt: a", "abs(a)**2 | wrt: a | where: a in R"),
    ("x^3 | wrt: x | from: latex", "x**3 | wrt: x | where: x in R"),
)  # fmt: skip


@pytest.mark.parametrize(("latex", "text"), SENTENCES)
def test_a_sentence_says_the_same_in_latex_and_in_text(latex: str, text: str, tmp_path: Path) -> None:
    shown, same = (page(f"The gradient is `derivation: {body}` there.", tmp_path) for body in (latex, text))
    assert "<math" in shown
    assert formulas(shown) == formulas(same)


WRONG = (
    # block, its line and column on the page, and what is said
    ("\\mathbf{w}^{\\mathsf T}\\mathbf{x}\n  + \\foo{b}\nwrt: w", "5:5", r"the command \foo is not known"),
    ("$$\n\\mathbf{w}^\\top\\mathbf{x}\n+ \\frac{b}{}\n$$\nwrt: w", "6:11", "nothing stands between these braces"),
    ("\\mathbf{x}\nwrt: \\mathbf{w}\nwhere: \\mathbf{x} \\in \\mathbb{R}^n", "5:6", "w"),
    ("\\mathbf{x} + b\nwrt: x\nwhere: \\mathbf{x} \\in \\mathbb{R}^n\nwhere: b \\in \\mathbb{Q}", "7:14", r"\mathbb"),
    ("\\operatorname{gelu}(\\mathbf{x})\nwrt: x\ndefine: \\operatorname{gelu}(z) = \\frac{z", "6:39", "never closed"),
    ("\\mathbf{u}^\\top\\mathbf{x}\nwrt: x\nlet: \\mathbf u = \\foo", "6:18", r"the command \foo is not known"),
    ("\\mathbf{x}\nwrt: \\foo{x}", "5:6", r"the command \foo is not known"),
)


@pytest.mark.parametrize(("body", "place", "said"), WRONG)
def test_an_error_has_the_line_and_the_column(body: str, place: str, said: str, tmp_path: Path) -> None:
    from derivgen.markdown import BrokenDerivations

    with pytest.raises(BrokenDerivations) as broken:
        page(block(body), tmp_path)
    (line,) = str(broken.value).splitlines()
    assert line.startswith(f"<text>:{place}: "), line
    assert said in line


def test_on_a_site(tmp_path: Path) -> None:
    good = "".join(f"```derivation\n{latex}\n```\n\n" for latex, _ in BLOCKS)
    bad = "# Bad\n\n> ```derivation\n> \\mathbf{w}^\\top\n> \\foo{x}\n> wrt: w\n> ```\n\nA `derivation: \\foo{b} | wrt: b`.\n"
    made = build(write_site(tmp_path, {"index.md": "# Good\n\n" + good, "bad.md": bad}))
    found = made.data()
    assert [d["verdict"] for d in found["derivations"] if d["file"] == "index.md"] == ["verified"] * len(BLOCKS)
    assert "bad.md:5:3: cannot read: the command \\foo is not known" in made.said
    assert "bad.md:9: cannot read: the command \\foo is not known" in made.said
