"""True identities of which nothing is declared: none is refuted, and each is told alike from both sides."""

from __future__ import annotations

import re

import pytest

import derivgen
from derivgen.errors import DerivgenError

IDENTITIES = (
    (r"\operatorname{tr}(AB)", r"\operatorname{tr}(BA)"),
    (r"\operatorname{tr}(ABC)", r"\operatorname{tr}(CAB)"),
    (r"\operatorname{tr}(A^T)", r"\operatorname{tr}(A)"),
    (r"\operatorname{tr}(A + B)", r"\operatorname{tr} A + \operatorname{tr} B"),
    (r"\operatorname{tr}(A^T B)", r"\sum_{i}\sum_{j} A_{ij}B_{ij}"),
    (r"\operatorname{tr}(A^T B)", r"\operatorname{tr}(B^T A)"),
    (r"\operatorname{tr}(u v^T)", r"v^T u"),
    (r"u^T A u", r"\operatorname{tr}(A u u^T)"),
    (r"\langle A, B\rangle", r"\operatorname{tr}(A^T B)"),
    (r"(AB)^{-1}", r"B^{-1}A^{-1}"),
    (r"(A^{-1})^{-1}", "A"),
    (r"(A^T)^{-1}", r"(A^{-1})^T"),
    (r"A^{-1}A B", "B"),
    (r"\det(AB)", r"\det(A)\det(B)"),
    (r"\det(A^T)", r"\det(A)"),
    (r"\det(A^{-1})", r"1/\det(A)"),
    (r"\log\det(A^{-1})", r"-\log\det A"),
    (r"(AB)^T", r"B^T A^T"),
    (r"(A + B)^T", r"A^T + B^T"),
    (r"(A^T)^T", "A"),
    (r"(u^T A v)^T", r"v^T A^T u"),
    (r"u^T v", r"v^T u"),
    (r"u^T A v", r"v^T A^T u"),
    (r"\|u\|_2^2", r"u^T u"),
    (r"\|A\|_F^2", r"\operatorname{tr}(A^T A)"),
    (r"\|A u - v\|^2", r"u^T A^T A u - 2 v^T A u + v^T v"),
    (r"\|u + v\|^2", r"\|u\|^2 + 2 u^T v + \|v\|^2"),
    (r"\|u\|^2", r"\sum_i u_i^2"),
    (r"(A + B)u", r"Au + Bu"),
    (r"A(u + v)", r"Au + Av"),
    (r"\mathbf 1^T u", r"\sum_i u_i"),
    (r"\operatorname{vec}(A B C)", r"(C^T \otimes A)\operatorname{vec}(B)"),
    (r"\operatorname{diag}(u) v", r"u \odot v"),
    (r"u^T \operatorname{diag}(v) u", r"\sum_i v_i u_i^2"),
)  # fmt: skip

LETTERS: tuple[dict[str, str], ...] = ({}, {"A": "X", "B": "Y", "C": "Z", "u": "x", "v": "y"}, {"A": r"\mathbf{P}", "B": r"\mathbf{Q}", "C": r"\mathbf{R}", "u": r"\mathbf{a}", "v": r"\mathbf{b}"})  # fmt: skip


def written(latex: str, letters: dict[str, str]) -> str:
    """An identity in other letters; commands and the words in their braces stay."""

    def put(m: re.Match[str]) -> str:
        return m[0] if m["word"] else "".join(f"{{{letters[c]}}}" if c in letters else c for c in m[0])

    return re.sub(r"(?P<word>\\operatorname\{[a-z]+\}|\\[A-Za-z]+)|[A-Za-z]+", put, latex)


CASES = [(written(a, letters), written(b, letters)) for letters in LETTERS for a, b in IDENTITIES]


def told(left: str, right: str) -> str:
    try:
        return derivgen.equal(left, right, dialect="latex").status
    except DerivgenError as asked_back:
        return asked_back.message


def test_there_are_a_hundred() -> None:
    assert len(CASES) >= 100


@pytest.mark.parametrize(("left", "right"), CASES)
def test_nothing_true_is_refuted(left: str, right: str) -> None:
    one, other = told(left, right), told(right, left)
    assert "refuted" not in (one, other)
    assert (one == "verified") == (other == "verified"), (one, other)


def test_most_are_verified_and_the_rest_are_asked_back() -> None:
    assert sum(told(left, right) == "verified" for left, right in CASES) >= 90
