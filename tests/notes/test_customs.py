"""Where a member is written in a way that means something else than its letters do, no true equality is called wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from derivgen.notes.check import check_notes
from derivgen.notes.find import notes_of
from derivgen.notes.verdict import Equality


def last(text: str) -> Equality:
    return check_notes(notes_of(Path("notes.md"), text)).equalities[-1]


@pytest.mark.parametrize(
    "text",
    [
        r"Put $\text{logit}(s) := \log \frac{s}{1-s}$. Then $$\text{logit}^{-1}(s) = \frac{1}{1+e^{-s}}$$",
        r"Put $\text{logit}(s) := \log \frac{s}{1-s}$. Then $$\text{logit}^{-1} \left( s \right) = \frac{1}{1+e^{-s}}$$",
        r"It is known that $$\tanh^{-1}(s) = \frac{1}{2} \log \frac{1+s}{1-s}$$",
    ],
)
def test_the_power_of_a_named_function_may_be_its_inverse(text: str) -> None:
    assert last(text + "\n").verdict != "refuted"


def test_a_power_of_what_a_function_gives_is_a_reciprocal() -> None:
    assert last("$$(\\exp(s))^{-1} = e^{s}$$\n").verdict == "refuted"
    assert last("$$\\exp(s)^{-1} = e^{-s}$$\n").verdict == "verified"


DUAL = r"$$(p + r\eta)(q + s\eta) = pq + (ps + rq)\eta$$"


@pytest.mark.parametrize(
    "said",
    [
        r"Let $\eta$ be nilpotent, that is $\eta^2 = 0$.",
        r"Dual numbers are of the form $p + r\eta$ where $\eta ^ {2}=0$.",
    ],
)
def test_the_square_of_a_letter_may_be_nothing(said: str) -> None:
    assert last(f"{said}\n\n{DUAL}\n").verdict == "unchecked"


@pytest.mark.parametrize("said", ["Let $\\eta$ be a number.", r"Dual numbers have a $\xi$ with $\xi^2 = 0$."])
def test_without_such_words_a_square_is_missing(said: str) -> None:
    assert last(f"{said}\n\n{DUAL}\n").verdict == "refuted"


@pytest.mark.parametrize("text", [r"$\nabla g(x) = Dg(x)^\top$", r"$Dh(v)^T = \nabla h(v)$"])
def test_the_gradient_is_the_jacobian_turned(text: str) -> None:
    assert last(f"Write $D$ for the Jacobian; then {text}.\n").verdict != "refuted"


@pytest.mark.parametrize(
    "text",
    [
        r"$$e^{i\varphi} = \cos\varphi + i \sin\varphi$$",
        r"$$-\nu(\sin \nu t - j \cos \nu t) = j \nu \exp(j \nu t)$$",
        r"$$\frac{1}{p + \mathrm{i} q} = \frac{p - \mathrm{i} q}{p^2 + q^2}$$",
        r"$$r + \frac{1}{j \omega c} = r - \frac{j}{\omega c}$$",
        r"$$\frac{1}{2\pi i} + s = s - \frac{i}{2\pi}$$",
        "The impedance of a coil depends on what flows.\n\n$$s + \\frac{1}{jt} = s - \\frac{j}{t}$$",
        "The roots are complex.\n\n$$s + \\frac{1}{it} = s - \\frac{i}{t}$$",
        "A complex number has two parts.\n\n$$\\frac{1}{p + iq} = \\frac{p - iq}{p^2 + q^2}$$",
        "Over $\\mathbb{C}$ one has\n\n$$\\frac{1}{p + iq} = \\frac{p - iq}{p^2 + q^2}$$",
        "With $i^2 = -1$ one has\n\n$$\\frac{1}{p + iq} = \\frac{p - iq}{p^2 + q^2}$$",
        "Soit $s = p + iq$ un nombre complexe.\n\n$$\\frac{\\partial}{\\partial \\bar{s}}(p - iq) = 1$$",
        "Let $s$ and $t$ be complex numbers.\n\n$$|s + t|^2 = s \\bar s + s \\bar t + t \\bar s + t \\bar t$$",
    ],
)
def test_a_letter_may_be_the_imaginary_unit_and_a_bar_the_conjugate(text: str) -> None:
    found = last(f"{text}\n")
    assert (found.verdict, found.code) == ("unchecked", "reading"), found.reason


@pytest.mark.parametrize(
    "text",
    [
        "The networks are complex functions.\n\n$$s + \\frac{1}{it} = s - \\frac{i}{t}$$",
        r"$$\frac{d}{di} (r i^2) = 3 r i$$",  # a current, of a text that speaks of nothing complex
        "A complex number has two parts.\n\n$$\\frac{\\partial}{\\partial p} (p^2 + q^2) = 3p$$",
        "A complex number has two parts.\n\n$$\\sum_{i=1}^n (v_i + w_i) = \\sum_{i=1}^n v_i + \\sum_{i=1}^n v_i$$",
        "Over $\\mathbb{C}$ much is easier.\n\n<!-- derivgen: where: i, r in R -->\n\n$$\\frac{d}{di} (r i^2) = 3 r i$$",
    ],
)
def test_what_has_no_imaginary_unit_is_judged(text: str) -> None:
    assert last(f"{text}\n").verdict == "refuted"


@pytest.mark.parametrize(
    "derivative", [r"\frac{d}{ds^2}", r"\frac{\partial}{\partial s^{2}}", r"\frac{\mathrm{d}}{\mathrm ds^2}"]
)
def test_below_the_line_a_square_may_be_what_is_derived_by(derivative: str) -> None:
    assert last(rf"$${derivative} \exp(s^2) = \exp(s^2)$$" + "\n").code == "reading"


def test_a_second_derivative_says_how_often_it_derives() -> None:
    assert last(r"$$\frac{d^2}{ds^2} \exp(2s) = 4\exp(2s)$$" + "\n").verdict == "verified"
    assert last(r"$$\frac{d^2}{ds^2} \exp(2s) = 2\exp(2s)$$" + "\n").verdict == "refuted"


@pytest.mark.parametrize("said", ["Here.", r"All points lie in $\mathbb R^d$."])
@pytest.mark.parametrize(
    "steps",
    [
        r"\frac{d}{ds} \frac{1}{2 + s^3} = (\frac{d}{d(2 + s^3)} \cdot \frac{1}{2 + s^3}) \cdot \frac{d(2 + s^3)}{ds}",
        r"\frac{d}{ds} \cos(r s) = \frac{d \cos(r s)}{d(r s)} \frac{d(r s)}{ds}",
    ],
)
def test_a_derivative_is_by_a_whole_expression_whatever_d_counts(said: str, steps: str) -> None:
    assert last(f"{said}\n\n$${steps}$$\n").verdict == "verified"
    assert last(f"{said}\n\n$${steps} \\cdot 2$$\n").verdict == "refuted"


def test_a_length_is_no_sign_of_a_derivative() -> None:
    assert last("Points lie in $\\mathbb R^d$.\n\n$$\\frac{d(d + 1)}{2} = \\frac{d^2 + d}{2}$$\n").verdict == "verified"
