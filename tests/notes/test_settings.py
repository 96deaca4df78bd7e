"""Options of a text: from Python as from its header, for a section alone, and what of them cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from derivgen.notes.check import check_notes
from derivgen.notes.find import notes_of
from derivgen.notes.reports.entry import report_of
from derivgen.notes.verdict import Checked
from derivgen.options import Options


def checked(text: str, **options: object) -> Checked:
    return check_notes(notes_of(Path("notes.md"), text), Options(**options))  # type: ignore[arg-type]


def verdicts(text: str, **options: object) -> list[tuple[str, str]]:
    return [(e.verdict, e.code) for e in checked(text, **options).equalities]


KRONECKER = "$(A \\otimes B)^\\top = A^\\top \\otimes B^\\top$ and $\\operatorname{tr}(A \\otimes B) = \\operatorname{tr}(A) \\operatorname{tr}(B)$\n"
SQUARE = "A, B in R^(n*n)"


@pytest.mark.parametrize("way", ["header", "python", "both"])
def test_product_is_what_is_chosen(way: str) -> None:
    header = "" if way == "python" else f"<!-- derivgen: where: {SQUARE} -->\n<!-- derivgen: product: kronecker -->\n"
    given = {} if way == "header" else {"where": "" if way == "both" else SQUARE, "product": "kronecker"}
    assert verdicts(header + KRONECKER, **given) == [("verified", "")] * 2
    assert verdicts(f"<!-- derivgen: where: {SQUARE} -->\n" + KRONECKER)[1] == (
        "unchecked",
        "doubtful",
    )  # ⊗ was guessed


def test_the_sum_convention_is_what_is_chosen() -> None:
    text = "$\\operatorname{tr}(A B) = A_{ij} B_{ji}$\n"
    assert verdicts(text, where=SQUARE, einstein=True) == [("verified", "")]
    assert verdicts("<!-- derivgen: einstein: yes -->\n" + text, where=SQUARE) == [("verified", "")]
    assert verdicts(text, where=SQUARE)[0][0] != "verified"


@pytest.mark.parametrize("definition", ["swish(z) = z / (1 + exp(-z))", "\\operatorname{swish}(z) = z \\sigma(z)"])
def test_a_function_of_ones_own_is_known(definition: str) -> None:
    true = "$\\operatorname{swish}(x) - \\operatorname{swish}(-x) = x$\n"
    false = "$\\operatorname{swish}(x) + \\operatorname{swish}(-x) = x$\n"
    assert verdicts(true + "\n" + false, where="x in R", define=(definition,)) == [
        ("verified", ""),
        ("refuted", "false"),
    ]
    header = f"<!-- derivgen: where: x in R -->\n<!-- derivgen: define: {definition} -->\n"
    assert verdicts(header + true + "\n" + false) == [("verified", ""), ("refuted", "false")]


def test_what_python_declares_is_added_to() -> None:
    text = "<!-- derivgen: where: x in R^n -->\n$\\nabla_x (x^\\top A x) = (A + A^\\top) x$\n"
    found = checked(text, where="A in R^(n*n)")
    assert [e.verdict for e in found.equalities] == ["verified"]
    assert found.declared == (("layout", "denominator"),)  # there is nothing else to guess
    assert dict(checked("$\\nabla_x (x^\\top A x) = (A + A^\\top) x$\n").declared).keys() == {"where", "layout"}


SECTIONS = """# Title

<!-- derivgen: where: x in R^n -->

## One

<!-- derivgen: layout: numerator -->

$\\frac{\\partial}{\\partial x} x^\\top x = 2 x^\\top$

## Two

<!-- derivgen: layout: denominator -->
<!-- derivgen: where: A in R^(n*n) -->

$\\frac{\\partial}{\\partial x} x^\\top x = 2 x$

### Below

$\\frac{\\partial}{\\partial x} x^\\top x = 2 x^\\top$, $A x = x^\\top A^\\top$

## Three

$A_1 = 1$
"""


def test_a_section_has_options_of_its_own() -> None:
    found = checked(SECTIONS)
    said = [(e.verdict, e.code) for e in found.equalities]
    assert said[:4] == [("verified", ""), ("verified", ""), ("unchecked", "layout"), ("refuted", "shape")]
    assert "rest of the text is in denominator layout" in found.equalities[2].reason


def test_what_cannot_be_read_is_said() -> None:
    text = (
        "# T\n\n<!-- derivgen: where: x in R^n; y ni R -->\n<!-- derivgen: define: g(z) = z + q -->\n\n$x + x = 2x$\n"
    )
    found = checked(text)
    assert [(f.code, text[f.start : f.end]) for f in found.findings] == [
        ("option", "y ni R"),
        ("option", "g(z) = z + q"),
    ]
    assert [e.verdict for e in found.equalities] == ["verified"]


FALSE = "$\\nabla_x (x^\\top x) = 3 x$\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<!-- derivgen: ignore: false -->\n{}\n# A\n\n{}", [True, True]),
        ("---\nderivgen:\n  ignore: [kink, false]\n---\n{}", [True]),
        ("<!-- derivgen: ignore: kink -->\n{}\n\n# A\n\n{}", [False, False]),
        ("# T\n\nText\n\n## A\n\n<!-- derivgen: ignore: kink false -->\n{}\n### A1\n\n{}\n## B\n\n{}", [True, True, False]),
    ],
)  # fmt: skip
def test_codes_are_ignored_in_a_text_or_a_section(text: str, expected: list[bool]) -> None:
    found = checked(text.replace("{}", FALSE), where="x in R^n")
    assert [e.ignored for e in report_of(found).entries if e.verdict] == expected


def test_codes_are_ignored_from_python_too() -> None:
    assert [e.ignored for e in report_of(checked(FALSE, where="x in R^n", ignore=("false",))).entries] == [True]


def test_a_code_that_is_ignored_is_one() -> None:
    (finding,) = checked("<!-- derivgen: ignore: kinks -->\n").notes.findings
    assert "there is no code 'kinks' (did you mean kink?)" in finding.message


SIGNS = """---
derivgen:
  where: lambda, mu in R; lambda > 0
---

# A

$\\sqrt{\\lambda^2} = \\lambda$

## B

<!-- derivgen: where: mu > 0 -->

$\\sqrt{\\mu^2} = \\mu$
"""


def test_that_a_letter_is_positive_is_said_of_one_that_is_declared_before() -> None:
    found = checked(SIGNS)
    assert [(e.verdict, e.code) for e in found.equalities] == [("verified", "")] * 2
    assert not found.findings
    wrong = checked(SIGNS.replace("; lambda > 0", "; lambda > 0 in R; nu > 0"))
    assert len(wrong.findings) == 2
    assert "write nu in R; nu > 0" in wrong.findings[1].message
