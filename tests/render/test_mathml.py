"""MathML is printed from the tree: whole, well nested, in the elements and attributes of MathML Core, read aloud right."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest

from derivgen import derive
from derivgen.derivation import Derivation
from derivgen.derivation.examples import pages
from derivgen.derivation.report import every_step
from derivgen.read import parse_text
from derivgen.show.document.blocks import Item
from derivgen.show.document.context import context_of
from derivgen.show.document.document import document_of
from derivgen.show.document.equations import grid
from derivgen.show.document.prose import for_html
from derivgen.show.document.reasons import sentence
from derivgen.show.formats import Wishes
from derivgen.show.layout.box import Letter
from derivgen.show.layout.latex_to_box import read
from derivgen.show.math.latex import latex
from derivgen.show.math.mathml import NAMESPACE, markup, mathml
from derivgen.world import World

WHERE = "w, x in R^n; b, theta in R; A in R^(m*n)"

# MathML Core, 1.2 and 2.1: the elements used here with what they may hold, and the attributes of their own
CHILDREN: dict[str, tuple[int, int | None]] = {
    "math": (1, 1), "semantics": (2, 2), "annotation": (0, 0), "mrow": (0, None), "mi": (0, 0), "mn": (0, 0), "mo": (0, 0),
    "mtext": (0, 0), "mspace": (0, 0), "mfrac": (2, 2), "msqrt": (0, None), "msub": (2, 2), "msup": (2, 2),
    "msubsup": (3, 3), "munderover": (3, 3), "mpadded": (0, None), "mstyle": (0, None), "mtable": (1, None),
    "mtr": (1, None), "mtd": (0, None),
}  # fmt: skip
ANYWHERE = {"style", "class", "displaystyle"}
ATTRIBUTES = {
    "math": {"display"}, "annotation": {"encoding"}, "mi": {"mathvariant"}, "mspace": {"width"}, "mstyle": {"mathsize"},
    "mpadded": {"height", "depth", "voffset", "width", "lspace"},
    "mo": {"form", "stretchy", "symmetric", "lspace", "rspace", "fence", "separator", "movablelimits", "largeop"},
}  # fmt: skip


def shown(text: str) -> str:
    """The markup without its annotation."""
    return re.sub(r"<annotation.*?</annotation>", "", mathml(parse_text(text, WHERE)))


def problems(node: ET.Element) -> list[str]:
    """What MathML Core does not allow in an element and in what is in it."""
    name = node.tag.removeprefix(f"{{{NAMESPACE}}}")
    if name not in CHILDREN:
        return [f"no element {node.tag}"]
    least, most = CHILDREN[name]
    found = []
    if len(node) < least or (most is not None and len(node) > most):
        found.append(f"{name} holds {len(node)} elements")
    if least == most == 0 and name not in ("mspace", "annotation") and not (node.text or "").strip("\n\t "):
        found.append(f"{name} is empty")
    if (most is None or most > 0) and (node.text or "").strip():
        found.append(f"{name} holds the text {node.text!r}")
    found += [f"{name} with {a}" for a in node.attrib if a not in ANYWHERE | ATTRIBUTES.get(name, set())]
    if node.get("mathvariant") not in (None, "normal"):
        found.append("mathvariant is for normal letters only")
    if name == "mtable" and {child.tag for child in node} != {f"{{{NAMESPACE}}}mtr"}:
        found.append("a table of other things than rows")
    return found + [p for child in node for p in problems(child)]


def test_every_line_of_the_corpus_is_mathml_core(corpus: dict[str, Derivation]) -> None:
    count = 0
    for name, d in corpus.items():
        page = ET.fromstring(d.to("mathml", detail="full"))  # well-formed
        for math in page.iter("math"):  # within sentences: HTML, which puts them into the namespace itself
            for node in math.iter():
                node.tag = f"{{{NAMESPACE}}}{node.tag}"
        for math in page.iter(f"{{{NAMESPACE}}}math"):
            assert problems(math) == [], name
            count += 1
    assert count > 2000


@pytest.mark.parametrize(
    "wrong", ["<mfrac><mi>x</mi></mfrac>", "<mi></mi>", "<mfenced><mi>x</mi></mfenced>", '<mi mathvariant="bold">x</mi>',
              "<mrow>x</mrow>", '<mtable columnalign="left"><mtr></mtr></mtable>']
)  # fmt: skip
def test_the_validator_does_refuse(wrong: str) -> None:
    assert problems(ET.fromstring(f'<mrow xmlns="{NAMESPACE}">{wrong}</mrow>'))


def test_the_latex_goes_along() -> None:
    e = parse_text("(w.T @ x + b) / (1 + b)", WHERE)
    math = ET.fromstring(mathml(e))
    (note,) = math.iter("annotation")
    assert (note.get("encoding"), note.text) == ("application/x-tex", latex(e))


def test_letters_in_their_fonts() -> None:
    assert "<mi>𝐰</mi>" in shown("w")
    assert "<mi>b</mi>" in shown("b")
    assert "<mi>θ</mi>" in shown("theta")
    assert markup(Letter("θ", "bold")) == "<mi>𝜽</mi>"
    assert markup(Letter("Γ")) == '<mi mathvariant="normal">Γ</mi>'
    assert markup(Letter("1", "bold")) == "<mn>𝟏</mn>"
    assert markup(Letter("ж", "bold")) == '<mi style="font-weight: bold">ж</mi>'


def test_each_pair_of_fences_has_a_row_of_its_own_and_grows_only_around_what_is_high() -> None:
    assert '<mrow><mo stretchy="false">(</mo><mi>𝐰</mi>' in shown("b * (w + x)")
    assert "<mrow><mo>(</mo>" in shown("(sum(x) + b)**2")


def test_what_is_not_printed_is_there_to_be_read_aloud() -> None:
    assert "<mi>exp</mi><mo>&#x2061;</mo>" in shown("exp(b)")
    assert "<mi>b</mi><mo>&#x2062;</mo><mi>𝐱</mi>" in shown("b * x")
    assert "<mi>i</mi><mo>&#x2063;</mo><mi>j</mi>" in mathml(parse_text("A[i, j]", WHERE, free_indices=True))


def test_large_zeros_and_cases() -> None:
    d = derive("w * x", wrt="w", where="w, x in R^n", check=False)
    assert d.to("mathml").count('<mstyle mathsize="200%"><mn>0</mn></mstyle>') == 2
    d = derive("max(0, b)", wrt="b", where="b in R", check=False)
    assert "<mrow><mo>{</mo><mtable>" in d.to("mathml")


def test_pieces_of_an_equation_keep_what_stands_between_them() -> None:
    d = derive("max(0, w.T @ x + b)", wrt="w", where="w, x in R^n; b in R", check=False)
    *_, line = next(item.lines for item in document_of(d, Wishes()).find(Item) if item.rule == "chain-rule")
    assert '<mspace width="0.167em"></mspace><mi>diag</mi>' in grid([line], source=False).partition("𝟏")[2]
    d = derive("X @ X.T", wrt="X", where="X in R^(m*n)", check=False)
    line = next(document_of(d, Wishes()).find(Item)).lines[0]
    *_, before, remark = grid([line], source=False).split("<math")
    assert "<mo>,</mo></math>" in before  # no comma begins a line
    assert '><mspace width="1em"></mspace><mi>i</mi>' in remark


def test_a_name_stands_apart_from_a_letter_that_leans_over() -> None:
    assert '<mi>V</mi><mo>&#x2062;</mo><mspace width="0.3em"></mspace><mi>tanh</mi>' in mathml(
        parse_text("V @ tanh(x)", "V in R^(m*n); x in R^n")
    )
    assert '<mi>b</mi><mo>&#x2062;</mo><mspace width="0.167em"></mspace><mi>tanh</mi>' in shown("b * tanh(x)")


# --- the formulas of sentences -------------------------------------------------------------------------------------


def test_every_formula_of_a_reason_is_understood(corpus: dict[str, Derivation]) -> None:
    sentences = [sentence(s.reason, context_of(d)) for d in corpus.values() for s in every_step(d.steps)]
    sentences += [rule.sentence for rule in pages(World.default()).values()] + [
        f"${rule.states}$" for rule in pages(World.default()).values()
    ]
    for said in sentences:
        assert all(read(tex) is not None for tex in said.split("$")[1::2]), said


@pytest.mark.parametrize(
    "tex", [r"\input{x}", r"\href{javascript:alert(1)}{x}", r"\write18{x}", "a}", "{a", "a_1_2", "x_12", "%", r"\text{$}",
            "(a", "<b", r"\frac 1", "^2", r"\csname x", "a & b", "{" * 500, r"\sqrt" * 500,
            r"\begin{bmatrix} a & b \\ c \end{bmatrix}", r"\begin{bmatrix} a", r"a \end{bmatrix}"]
)  # fmt: skip
def test_what_is_no_formula_of_ours_is_text(tex: str) -> None:
    if tex != "<b":
        assert read(tex) is None
    assert "<b" not in for_html(f"see ${tex}$ here")


def test_a_sentence_keeps_its_words_and_no_comma_begins_a_line() -> None:
    said = for_html(r"entry $\delta_{ij}$, which is <1>")
    assert said.startswith("entry <span")
    assert "</math>,</span> which is &lt;1&gt;" in said
