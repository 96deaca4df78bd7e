"""What is held abstract is judged as any function of what it is made of: what holds for all holds, what differs is left open."""

from __future__ import annotations

from pathlib import Path

import pytest

from derivgen.notes.check import check_notes
from derivgen.notes.find import notes_of


def verdict(equation: str) -> str:
    notes = notes_of(Path("notes.md"), f"Here.\n\n$${equation}$$\n")
    return check_notes(notes).equalities[-1].verdict


@pytest.mark.parametrize(
    "equation",
    [
        r"\frac{e^{-r} r^k}{k!} = \frac{1}{k!} e^{k \log r - r}",
        r"\operatorname{rank}(u^T) = \operatorname{rank}(u)",
        r"\mathbb E_{q}[(v - c)^2] = \mathbb E_{q}[v^2 - 2vc + c^2]",
        r"\int_0^1 (s - c)^2 ds = \int_0^1 (s^2 - 2sc + c^2) ds",
        r"\arg\max_w \operatorname{tr}(A W W^T) = \arg\max_w \operatorname{tr}(W W^T A)",
        r"\max_v \frac{\|M v\|^2}{\|v\|^2} = \max_v \frac{t^2 \|M v\|^2}{t^2 \|v\|^2}",
        r"d(M^{-0.5} Q \xi) = M^{-0.5} Q \, d\xi",
    ],
)
def test_what_holds_whatever_the_value_is(equation: str) -> None:
    assert verdict(equation) == "verified"


@pytest.mark.parametrize(
    "equation",
    [
        r"\frac{e^{-r} r^k}{k!} = \frac{1}{k!} e^{k \log r + r}",
        r"\operatorname{rank}(A^T) = \operatorname{rank}(A)",
        r"\mathbb E[2v] = 2\,\mathbb E[v]",
        r"\mathbb E_{p}[v + c] = \mathbb E_{q}[v + c]",
        r"p(k|r) = p(k, r)",
        r"\int_0^1 (s - c)^2 ds = \int_0^2 (s - c)^2 ds",
        r"\max_v v^T M v = \max_u v^T M v",
        r"\|M\|_* + 1 = \|M\|_2 + 1",
        r"\frac{\partial}{\partial v} \max_v (v^2 + c) = \frac{\partial}{\partial v} \max_v (c + v^2)",
    ],
)
def test_what_differs_is_left_open(equation: str) -> None:
    assert verdict(equation) == "unchecked"
