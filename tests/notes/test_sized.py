"""Sizes that an author gives with different letters are different: nothing is verified as if they were one."""

from __future__ import annotations

from pathlib import Path

import pytest

from derivgen.notes.check import check_notes
from derivgen.notes.find import notes_of


def verdict(words: str, equation: str) -> tuple[str, str]:
    found = check_notes(notes_of(Path("notes.md"), f"{words}\n\n$${equation}$$\n")).equalities[-1]
    return found.verdict, found.code


WAYS = [
    r"Let $G \in \mathbb{R}^{q \times r}$.",
    r"Let $G$ be a $q \times r$ matrix.",
    r"Let $G$ be a real $q$ by $r$ matrix.",
    r"Here $G$ is $q \times r$.",
    r"The design matrix $G$ ($q \times r$) is known.",
    r"Let $G$ be a matrix of size $q \times r$.",
    r"Let $G$ be a matrix with $q$ rows and $r$ columns.",
    r"For a $q \times r$ matrix $G$ the following holds.",
    r"Let $G \in \mathbb{R}^{q \times r}$. The matrix $G$ has full rank.",
    r"Let $G \in \mathbb{R}^{q \times r}$ and $b \in \mathbb{R}^q$. Since $G$ is a matrix and $b$ is a vector, we get",
    "# Setting\n\nLet $G$ be a $q \\times r$ matrix.\n\n## What follows\n\nFor the matrix $G$ we have",
]
"""Each says that G has q rows and r columns."""


@pytest.mark.parametrize("words", WAYS)
def test_what_holds_of_a_square_matrix_only_is_not_verified_of_one_with_two_sizes(words: str) -> None:
    assert verdict(words, r"(G^\top G)^\top = G^\top G") == ("verified", "")
    for square in (
        r"\operatorname{tr}(G) = \operatorname{tr}(G^\top)",
        r"\det(G) = \det(G^\top)",
        r"(G G)^\top = G^\top G^\top",
        r"G^{-1} G = G G^{-1}",
        r"G (G^\top G)^{-1} G^\top G^\top = G^\top",
    ):
        assert verdict(words, square) == ("unchecked", "reading")


LENGTHS = [
    r"Let $g \in \mathbb{R}^q$ and $h \in \mathbb{R}^r$.",
    r"Let $g$ be a $q$-dimensional vector and $h$ a vector of length $r$.",
    r"Let $g$ be a vector with $q$ entries, and $h$ an $r$-vector.",
    r"Here $g$ is $q \times 1$ and $h$ is $r \times 1$.",
    r"Here $g$ has length $q$ and $h$ has length $r$.",
    r"Let $g \in \mathbb{R}^q$ and $h \in \mathbb{R}^r$. For the vectors $g$ and $h$ we have",
]


@pytest.mark.parametrize("words", LENGTHS)
def test_vectors_of_two_lengths_are_not_added(words: str) -> None:
    assert verdict(words, r"(g h^\top)^\top = h g^\top") == ("verified", "")
    for alike in (r"g^\top h = h^\top g", "g + h = h + g", r"\frac{\partial g^\top h}{\partial g} = h^\top"):
        assert verdict(words, alike) == ("unchecked", "reading")


@pytest.mark.parametrize(
    "words",
    [
        r"Let $G \in \mathbb{R}^{q \times r}$. The matrix $G$ is tall. From now on let $G$ be a square matrix.",
        r"Let $G \in \mathbb{R}^{q \times r}$. Next, let $G$ be a matrix.",
        "# First\n\nLet $G$ be a $q \\times r$ matrix.\n\n# Second\n\nLet $G$ be a matrix.",
        r"Let $G$ be a $q \times q$ matrix.",
        r"The product $G^\top$ is an $r \times q$ matrix.",
    ],
)
def test_a_letter_that_is_taken_anew_or_is_square_is_read_by_its_use(words: str) -> None:
    assert verdict(words, r"\operatorname{tr}(G) = \operatorname{tr}(G^\top)") == ("verified", "")


def test_what_is_false_whatever_its_sizes_are_is_refuted() -> None:
    words = r"Here $G$ is a $q \times r$ matrix and $g$ is $q \times 1$."
    assert verdict(words, r"(G^\top g)^\top = 2 g^\top G") == ("refuted", "false")
    assert verdict(words, r"(g^\top G)^\top = G g") == ("refuted", "shape")
