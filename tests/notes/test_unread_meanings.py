"""A letter of which the meaning is not read is no free letter: what rests on it is not refuted, what does not still is."""

from __future__ import annotations

from pathlib import Path

import pytest

from derivgen.notes.check import check_notes
from derivgen.notes.find import notes_of
from derivgen.notes.verdict import Equality


def last(text: str) -> Equality:
    return check_notes(notes_of(Path("text.md"), text)).equalities[-1]


SYMMETRIC = r"Let $M = \int_0^1 e^t x x^\top dt$. Then with $A \in \mathbb R^{n\times n}$, "
ONE = r"Let $q = \int_0^1 2t\,dt$ and $s \in \mathbb R$. Then "
TURNED = r"$$\operatorname{tr}(M^\top A) = \operatorname{tr}(M A)$$"
SQUARED = "$$(q + s)^2 = 1 + 2qs + s^2$$"


@pytest.mark.parametrize(
    "text",
    [
        SYMMETRIC + TURNED,
        r"<!-- derivgen: where: x in R^n; A in R^(n*n) -->" "\n\n" + SYMMETRIC + TURNED,
        r"Let $M = \mathbb E[x x^\top]$ and $A \in \mathbb R^{n\times n}$. Then " + TURNED,
        r"Let $M = \text{the covariance of } x$ and $A \in \mathbb R^{n\times n}$. Then " + TURNED,
        r"Let $M = \lim_{k\to\infty} C_k$, and $A \in \mathbb R^{n\times n}$. Then " + TURNED,
        r"Let $M = \begin{pmatrix} \int_0^1 t\,dt & \int_0^1 t^2\,dt \\ \int_0^1 t^2\,dt & \int_0^1 t^3\,dt \end{pmatrix}$, and $A \in \mathbb R^{2\times 2}$. Then "
        + TURNED,
        ONE + SQUARED,
        r"Let $q = \frobnicate{1}$ and $s \in \mathbb R$. Then " + SQUARED,
        ONE + r"with $r = 2q$, $$(r + s)^2 = 4 + 4s + s^2$$",  # through another definition
        r"We have $$(q + s)^2 = 1 + 2qs + s^2$$ where $q = \int_0^1 2t\,dt$ and $s \in \mathbb R$.",
        r"Let $H_{ij} = \int_0^1 t x_i x_j\,dt$. Then with $x, y \in \mathbb R^n$, $$y^\top H x = x^\top H y$$",
        r"Let $q = 3$. Later we take $q = \int_0^1 2t\,dt$ for it, with $s \in \mathbb R$. Then " + SQUARED,
        r"Let $g(x) = \int_0^x e^{-t^2}\,dt$ for $x \in \mathbb R$. Then $$g(-x) = -g(x)$$",
    ],
)  # fmt: skip
def test_what_rests_on_a_meaning_that_is_not_read_is_not_refuted(text: str) -> None:
    found = last(text)
    assert found.verdict == "unchecked", found.reason
    assert found.code != "doubtful"
    assert found.repair is None


def test_the_letter_is_named_whose_meaning_is_not_read() -> None:
    found = last(ONE + SQUARED)
    assert (found.code, found.reason) == ("unread", "what q stands for is not read here")
    assert last(SYMMETRIC + TURNED).reason == "what M stands for is not read here"


@pytest.mark.parametrize(
    "text",
    [
        ONE + "$$(r + s)^2 = 1 + 2rs + s^2$$",  # of other letters
        ONE + r"$$\operatorname{tr}(AB) = \operatorname{tr}(AB^\top)$$",
        r"Let $q = \int_0^1 2t\,dt = 3$. Then with $s \in \mathbb R$, $$(q + s)^2 = 1 + 2qs + s^2$$",  # read further on
        r"# One" "\n\n" r"Let $q = \int_0^1 2t\,dt$." "\n\n# Two\n\n" r"For $q, s \in \mathbb R$, $$(q + s)^2 = q^2 + qs + s^2$$",
        r"Let $M = \int_0^1 e^t x x^\top dt$. Now let $M$ and $A$ be $n\times n$ matrices. Then " + TURNED,  # any, from there on
    ],
)  # fmt: skip
def test_what_does_not_rest_on_it_is_refuted_as_before(text: str) -> None:
    assert last(text).verdict == "refuted"


def test_shapes_do_not_fit_whatever_a_letter_stands_for() -> None:
    where = "<!-- derivgen: where: A in R^(m*n); v in R^n; q in R -->\n\n"
    assert last(where + r"Let $q = \int_0^1 2t\,dt$. $$q A v = q v^\top A$$").verdict == "refuted"


def test_a_slip_in_a_chain_rule_is_found_whatever_is_differentiated() -> None:
    said = r"Let $L = \int_0^1 \ell(t, z)\,dt$, where $z = w x$ and $w, x \in \mathbb R$. Then "
    true = r"$$\frac{\partial L}{\partial w} = \frac{\partial L}{\partial z}\frac{\partial z}{\partial w}$$"
    assert last(said + true).verdict == "verified"
    assert last(said + true.replace(r"\partial z}{\partial w", r"\partial z}{\partial x")).verdict == "refuted"


def test_a_matrix_of_entries_that_are_not_read_is_any_matrix_where_the_identity_does_as_little() -> None:
    said = (
        "<!-- derivgen: where: X in R^(m*n); z in R^n; L in R^(m*m) -->\n\n"
        r"Let $L = \operatorname{diag}(\int_0^1 t\,dt, \ldots, \int_0^1 t^m\,dt)$ and $t = Xz$. Then "
    )
    assert last(said + r"$$z^\top X^\top L X z = t^\top L t$$").verdict == "verified"
    assert last(said + r"$$z^\top X^\top L X z = 2 t^\top L t$$").verdict == "refuted"
    assert last(said + r"$$z^\top X^\top L^\top X z = t^\top L t$$").verdict != "refuted"
