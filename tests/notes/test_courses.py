"""What courses write that is no fault: numbers by their first digits, equations to solve, members of families in bold."""

from __future__ import annotations

from pathlib import Path

import pytest

from derivgen.notes.check import check_notes
from derivgen.notes.find import notes_of
from derivgen.notes.verdict import Checked
from derivgen.options import Options


def checked(source: str) -> Checked:
    return check_notes(notes_of(Path("text.md"), source), Options())


def verdicts(source: str) -> list[tuple[str, str]]:
    return [(e.verdict, e.code) for e in checked(source).equalities]


@pytest.mark.parametrize(("claim", "verdict"), [
    ("f'(4) = 0.0013", "verified"),  # rounded
    ("f'(4) = 0.0014", "verified"),  # one more in the last place
    ("f'(4) = 0.0023", "refuted"),
    ("f'(4) = 0.00135", "verified"),
    ("f'(4) = 0.001350", "refuted"),
    ("f'(1) = .41", "verified"),  # cut off
    ("f'(0) = 1.0", "verified"),
    ("f'(0) = 1.1", "refuted"),
])  # fmt: skip
def test_a_decimal_number_says_no_more_than_its_digits(claim: str, verdict: str) -> None:
    assert verdicts(f"Let $f(x) = \\tanh(x)$. Then ${claim}$.")[-1][0] == verdict


@pytest.mark.parametrize(("claim", "verdict"), [
    (r"\frac{1}{3} = 0.333", "verified"),
    (r"\frac{2}{3} = 0.67", "verified"),
    (r"e^2 = 7.389", "verified"),
    (r"\frac{x}{3} = 0.333", "unchecked"),  # it may be solved for x
])  # fmt: skip
def test_numbers_alone_are_compared_by_their_digits(claim: str, verdict: str) -> None:
    assert verdicts(f"Here ${claim}$.")[-1][0] == verdict


@pytest.mark.parametrize(("likelihood", "code"), [(r"P(Z \mid q)", "equation"), (r"R(q \mid Z)", "dependence")])
def test_what_is_set_to_zero_in_front_is_an_equation_to_solve(likelihood: str, code: str) -> None:
    found = verdicts(
        rf"The estimate is where $$0 = \frac{{d}}{{dq}} {likelihood} = \frac{{d}}{{dq}} q^7(1-q)^3 = 7q^6(1-q)^3 - 3q^7(1-q)^2.$$"
    )
    assert [verdict for verdict, _ in found] == ["unchecked", "unchecked", "verified"]
    assert found[1][1] == code
    wrong = verdicts(r"Solve $$0 = \frac{d}{dq} q^7(1-q)^3 = 7q^6(1-q)^3 + 3q^7(1-q)^2.$$")
    assert [verdict for verdict, _ in wrong] == ["unchecked", "refuted"]


def test_italic_letters_of_chance_are_no_factors_where_a_text_speaks_of_chance() -> None:
    claim = r"Here $E(w - m) = E(w) - m$ and $Var(3w) = 9 Var(w)$."
    assert ("refuted", "false") not in verdicts(f"Let $w$ be a random variable. {claim}")
    assert verdicts("Here $E(w - m) = E w - m$ for numbers.")[-1] == ("refuted", "false")


def bold(source: str) -> list[str]:
    return [f.message for f in checked(source).findings if f.code == "bold"]


@pytest.mark.parametrize("source", [
    r"Heads are $\mathbf{h}_i = B\mathbf{v}_i$, so $\sum_i \mathbf{h}_i = B\sum_i\mathbf{v}_i$.",
    r"Keys $\mathbf{k}_i = \mathbf{v}_i$ give $f = \sum_i a_i \mathbf{k}_i$ and $g = \sum_i a_i \mathbf{v}_i$.",
    r"Let $\mathbf{z} = B(\mathbf{v} - \mathbf{c})$. Then $\mathbf{z}_t = \mathbf{z}_{t-1} - B\mathbf{z}_{t-1} = (I - B)\mathbf{z}_{t-1}$.",
])  # fmt: skip
def test_members_of_families_and_steps_of_a_method_may_be_bold(source: str) -> None:
    assert bold(source) == []


@pytest.mark.parametrize("source", [
    r"Let $\mathbf{u} = B\mathbf{v}$. Then $\mathbf{u}_i = \sum_j B_{ij} v_j$.",
    r"Let $\mathbf{C} = \mathbf{A}\mathbf{B}$. Then $\mathbf{C}_{ij} = \sum_k A_{ik} B_{kj}$.",
])  # fmt: skip
def test_entries_in_bold_are_found(source: str) -> None:
    assert len(bold(source)) == 1


@pytest.mark.parametrize("claim", [
    r"\frac{d}{dq} R(q) = 7q^6",
    r"\frac{dR(q)}{dq} = 7q^6",
    r"\nabla_{\mathbf w} J(\mathbf w) = 2\mathbf w",
    r"\frac{d}{dt} \mathbf{v}(t) = B\mathbf{v}(t)",
    r"\frac{d}{dq} R(q \mid Z) = \frac{d}{dq} q^7(1-q)^3",
])  # fmt: skip
def test_the_rate_of_what_is_defined_nowhere_is_told_and_not_refuted(claim: str) -> None:
    assert verdicts(f"Here ${claim}$.") == [("unchecked", "dependence")]


@pytest.mark.parametrize("source", [
    r"Let $R(q) = q^7$. Here $\frac{d}{dq} R(q) = 7q^5$.",
    r"Here $\frac{d}{dq}(R(q)S(q)) = R'(q)S'(q)$.",
])  # fmt: skip
def test_what_is_made_of_it_is_refuted(source: str) -> None:
    assert verdicts(source)[-1] == ("refuted", "false")
