"""Matrices that are symmetric by what they are: words that say so are taken, and a density speaks for the author."""

from __future__ import annotations

from pathlib import Path

import pytest

from derivgen.notes.check import check_notes
from derivgen.notes.find import notes_of
from derivgen.notes.verdict import Equality

FORM = r"$$\frac{\partial}{\partial \mathbf v} \mathbf v^\top \mathbf P^{-1} \mathbf v = 2 \mathbf P^{-1} \mathbf v$$"
MEMBERS = (
    r"$$\frac{\partial}{\partial \mathbf m_k} (\mathbf v_j - \mathbf m_k)^\top \mathbf P_k^{-1} (\mathbf v_j - \mathbf m_k)"
    r" = 2 \mathbf P_k^{-1} (\mathbf m_k - \mathbf v_j)$$"
)


def last(text: str) -> Equality:
    return check_notes(notes_of(Path("notes.md"), f"{text}\n")).equalities[-1]


@pytest.mark.parametrize(
    "said",
    [
        r"Let $\mathbf P$ be the covariance of the noise.",
        r"The covariance matrix is $\mathbf P$.",
        r"The covariance of $\mathbf v$ is given by $\mathbf P$.",
        r"We write $\mathbf P$ for the kernel matrix.",
        r"Here $\mathbf P$, the precision matrix, is known.",
        r"$\mathbf P$ is the Fisher information matrix.",
        r"The scatter matrix $\mathbf P$ is computed first.",
        r"其中 $\mathbf P$ 为协方差矩阵。",
        r"海森矩阵 $\mathbf P$ 可逆。",
    ],
)
def test_a_matrix_is_symmetric_by_what_it_is_called(said: str) -> None:
    assert last(f"{said}\n\n{FORM}").verdict == "verified"


@pytest.mark.parametrize(
    "said",
    [
        r"We have $\mathbf v \sim \mathcal N(\mathbf m, \mathbf P)$.",
        r"A multivariate normal distribution has a centre.",
        r"多元高斯分布如下。",
        r"The Kalman filter goes on from here.",
        r"The Mahalanobis distance is measured so.",
        r"Here $\mathbf P \succ 0$.",
        r"Put $\mathbf P = \operatorname{Cov}(\mathbf v)$.",
        r"Put $\mathbf P = \mathbb E[(\mathbf v - \mathbf m) (\mathbf v - \mathbf m)^\top]$.",
        r"Its logarithm is $-\frac12 \log |\mathbf P| - \frac12 (\mathbf v - \mathbf m)^\mathrm{T} \mathbf P^{-1} (\mathbf v - \mathbf m)$.",
        r"Its logarithm is $-\frac12 \log\det \mathbf P - \frac12 \left(\mathbf v - \mathbf m\right)^{\top} \mathbf P ^ {-1} \left(\mathbf v - \mathbf m\right)$.",
    ],
)
@pytest.mark.parametrize("equation", [FORM, MEMBERS])
def test_a_density_speaks_of_symmetric_matrices(said: str, equation: str) -> None:
    found = last(f"{said}\n\n{equation}")
    assert (found.verdict, found.code) == ("unchecked", "reading"), found.reason


@pytest.mark.parametrize(
    "said", ["Let us see.", r"Its logarithm is $\log |\mathbf P|$.", r"Put $\mathbf Q = \mathbf P^{-1}$."]
)
def test_without_such_words_a_transpose_is_missing(said: str) -> None:
    assert last(f"{said}\n\n{FORM}").verdict == "refuted"


def test_what_no_symmetry_saves_is_refuted() -> None:
    wrong = FORM.replace("= 2", "= 3")
    assert last(f"Let $\\mathbf P$ be the covariance of the noise.\n\n{wrong}").verdict == "refuted"
    assert last(f"We have $\\mathbf v \\sim \\mathcal N(\\mathbf m, \\mathbf P)$.\n\n{wrong}").verdict == "refuted"


def test_the_rows_of_a_matrix_are_not_symmetric_together_where_the_text_speaks_of_symmetry() -> None:
    said = (
        r"The Hessian is a symmetric matrix. We collect the samples $d_k \in \mathbb R^m$ as the rows of "
        r"$$D = \begin{bmatrix} d_1^\top \\ \vdots \\ d_m^\top \end{bmatrix}$$ and set $$G = D^\top P D$$ "
        r"for a matrix $P \in \mathbb R^{m\times m}$. Then for any vector $z \in \mathbb R^m$ "
    )
    assert last(said + r"$$z^\top G z = z^\top D^\top P D z$$").verdict == "verified"
    assert last(said + r"$$z^\top G z = z^\top D P D^\top z$$").verdict == "refuted"
