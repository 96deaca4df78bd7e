"""How much of a text is read is counted by its members."""

from __future__ import annotations

from pathlib import Path

from derivgen.notes.find import notes_of
from tests.bench.reads import Side, sides

TEXT = r"""
Let $v$ be a vector and $B$ a matrix.

$$\frac{\partial}{\partial v} v^\top B v = v^\top(B + B^\top)$$

With $t_i \in \mathbb R$ the mean of a class is $m_{-1} = \frac1K\sum_{i=1}^K 1\{t_i = -1\} u_i$, for $i = 1, \ldots, K$.
Then $u_{k+1} = u_k - \eta s_k$ and $c = \arg\max_k s_k$.

| first | second |
|-------|--------|
| $h(v; \theta) = v^\top\theta$ | $1, \ldots, 1$ |

The labels are $\Lambda = \begin{bmatrix} l_1 & 0 & \cdots & 0 \\ 0 & l_2 & \cdots & 0 \\ & & \ddots & \\ 0 & 0 & \cdots & l_n \end{bmatrix}$
and $r = w_1^2 + \cdots + w_n^2$.
"""


def read() -> dict[str, Side]:
    return {side.latex: side for side in sides(notes_of(Path("text.md"), TEXT))}


def test_each_member_is_read_or_held_abstract() -> None:
    assert {latex for latex, side in read().items() if side.value is None or side.held} == {r"\arg\max_k s_k"}
    assert read()[r"\arg\max_k s_k"].value == "argmax(s[k])"


def test_members_are_read_as_they_are_meant() -> None:
    found = read()
    assert found[r"v^\top(B + B^\top)"].value == "v.T @ (B + B.T)"
    assert found[r"u_k - \eta s_k"].value == "u_k - eta * s[k]"
    assert (found[r"v^\top\theta"].value or "").replace("theta", "t") == "v.T @ t"
    assert found[r"1, \ldots, K"].value == "a setting"
    indicator = found[r"\frac1K\sum_{i=1}^K 1\{t_i = -1\} u_i"].value or ""
    assert "t[i] == -1" in indicator, indicator
