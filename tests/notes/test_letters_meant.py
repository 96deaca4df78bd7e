"""Letters that could be several things: members beside an entry, lengths beside letters, solutions beside variables."""

from __future__ import annotations

from pathlib import Path

import pytest

from derivgen.notes.check import check_notes
from derivgen.notes.find import notes_of
from tests.notes.test_meant import read

X = chr(ord("x") + 0xFEE0)
"""The letter that members x^{(i)} have beside another x."""

MEANT = [
    (r"$r = \sum_{i=1}^m (x - x^{(i)})^\top B (x - x^{(i)})$", r"\sum_{i=1}^m (x - x^{(i)})^\top B (x - x^{(i)})",
     f"sum((x - {X}[i]).T @ B @ (x - {X}[i]) for i in range(m))"),
    (r"$w_j = w_j + t (y^{(i)} - e^{w^\top x^{(i)}}) x_j$", r"w_j + t (y^{(i)} - e^{w^\top x^{(i)}}) x_j",
     f"w[j] + t * (y[i] - exp(w.T @ {X}[i])) * x[j]"),
    (r"For a vector $x$ it is $r = \sum_{i=1}^m \|x - x^{(i)}\|^2$", r"\sum_{i=1}^m \|x - x^{(i)}\|^2",
     f"sum(norm(x - {X}[i])**2 for i in range(m))"),
    # alone they keep their letter
    (r"$r = \sum_{i=1}^m (y^{(i)} - w^\top x^{(i)})^2$", r"\sum_{i=1}^m (y^{(i)} - w^\top x^{(i)})^2",
     "sum((y[i] - w.T @ x[i])**2 for i in range(m))"),
    (r"With $z^{(i)} = B x^{(i)}$ it is $r = \sum_{i=1}^m z^{(i)}_k + z_k$", r"\sum_{i=1}^m z^{(i)}_k + z_k",
     "sum(z[i, k] for i in range(m)) + z[k]"),
    (r"With $y = [y^{(1)}, \ldots, y^{(m)}]^\top$ it is $r = \sum_{i=1}^m (y^{(i)})^2 + y^\top y$", r"\sum_{i=1}^m (y^{(i)})^2 + y^\top y",
     "sum(y[i]**2 for i in range(m)) + y.T @ y"),
    (r"With $H = [x^{(1)}, \ldots, x^{(m)}]^\top$ it is $r = \sum_{i=1}^m w^\top x^{(i)} + w^\top H w$", r"[x^{(1)}, \ldots, x^{(m)}]^\top",
     "[[(x[i])[j] for i in range(m)] for j in range(N)].T"),
    # a label that has the value of another letter is a member, and what a definition needs it for stays open
    (r"$H = \frac1m\sum_{i=1}^m (x^{(i)} - \mu_{y^{(i)}})(x^{(i)} - \mu_{y^{(i)}})^\top$",
     r"\frac1m\sum_{i=1}^m (x^{(i)} - \mu_{y^{(i)}})(x^{(i)} - \mu_{y^{(i)}})^\top",
     "1 / m * sum((x[i] - member(mu_y[i])) @ (x[i] - member(mu_y[i])).T for i in range(m))"),
    # a function that is declared, by an entry of its argument; by a number below the sign
    (r"For $f: \mathbb R^n \to \mathbb R$ it is $H_{ij} = \frac{\partial^2 f}{\partial u_i \partial u_j}$",
     r"\frac{\partial^2 f}{\partial u_i \partial u_j}", "D(f, 0, 0)(u)[j, i]"),
    (r"$\frac{\partial q}{\partial u_i} = \partial_i q$", r"\partial_i q", "partial(q, u[i])"),
    # nothing is raised to a function
    (r"For a function $T(s)$ and a number $r$: $q = \exp(r^T T(s))$", r"\exp(r^T T(s))", "exp(r * T(s))"),
    # a letter with members, and a length
    (r"With $B \in \mathbb R^{h\times d}$ and $\mathbf h_t \in \mathbb R^h$ it is $r = \sum_{t=1}^N \|\mathbf h_t - B\mathbf v\|^2$",
     r"\sum_{t=1}^N \|\mathbf h_t - B\mathbf v\|^2", "sum(norm(h[t] - B @ v)**2 for t in range(N))"),
    # the set that a member belongs to is no member, and says nothing of its shape
    (r"$X = \begin{bmatrix} x_1^\top \\ \vdots \\ x_m^\top \end{bmatrix} \in \mathbb R^{m\times n}$",
     r"\begin{bmatrix} x_1^\top \\ \vdots \\ x_m^\top \end{bmatrix}", "[[x[i].T[j] for j in range(N)] for i in range(m)]"),
    (r"$r = q(v) \in \mathbb R$", r"\mathbb R", "a set is no expression"),
    # columns side by side are those of a matrix
    (r"$r = \|[\mathbf u, \mathbf v]\|_F^2$", r"\|[\mathbf u, \mathbf v]\|_F^2", "norm([u.T, v.T].T)**2"),
    # of a definition that makes no sense the rest says what it says
    (r"With $c = a^\top [A, 1]$ it is $r = c^2 + v^\top v$", r"c^2 + v^\top v", "c**2 + v.T @ v"),
    # an iteration goes on from the letter by which its gradient is
    (r"$\mathbf w^{(k+1)} = \mathbf w^{(k)} - c (\nabla q)^\top$", r"\mathbf w^{(k)} - c (\nabla q)^\top",
     "w_k - c * [partial(q, w_k[i]) for i in range(N)].T.T"),
    # labels: a half step, a sign below, capitals that spell a word
    (r"$\mathbf u^{(k+1/2)} = \mathbf a + \mathbf b$. Then $r = \mathbf c^\top \mathbf u^{(k+1/2)}$", r"\mathbf c^\top \mathbf u^{(k+1/2)}",
     "c.T @ u_kplus1over2"),
    (r"$r = \frac{s_-}{s_+ + s_-}$", r"\frac{s_-}{s_+ + s_-}", "s_minus / (s_plus + s_minus)"),
    (r"$r = \hat\beta^{ML} + 1$", r"\hat\beta^{ML} + 1", "beta_hat_ML + 1"),
    (r"Let $M$ be a number and $N$ a number. $r = s^{MN}$", r"s^{MN}", "s**(M * N)"),
    # a letter Σ with the limits of a sum is one, and a step below a letter may stand in parentheses
    (r"$r = \Sigma_{i=1}^n s_i^2$", r"\Sigma_{i=1}^n s_i^2", "sum(s[i]**2 for i in range(n))"),
    (r"$r = \mathbf u^\top \Sigma_{1} \mathbf u$", r"\mathbf u^\top \Sigma_{1} \mathbf u", "u.T @ Sigma1 @ u"),
    (r"$\mathbf q = B \mathbf h_{(t-1)} + \mathbf b$", r"B \mathbf h_{(t-1)} + \mathbf b", "B @ h_tminus1 + b"),
    # rows side by side make one row
    (r"$\mathbf a^\top = [\mathbf v^\top, 1]$", r"[\mathbf v^\top, 1]", "beside(v.T, 1).T"),
    # a remark at the end of a row
    ("$$\\begin{array}{ll} r &= s^2 \\\\ t &= \\ln(r) (q = t) \\end{array}$$", r"\ln(r)", "log(r)"),
    # where something is least is no definition of the variable
    (r"$r = \|Bx - c\|^2$. Setting its gradient to zero, we solve for $x = B^{-1} c$. Then $\nabla_x r = 2 B^\top (Bx - c)$",
     r"2 B^\top (Bx - c)", "2 * B.T @ (B @ x - c)"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "latex", "wanted"), MEANT)
def test_members_are_read_as_they_are_meant(source: str, latex: str, wanted: str) -> None:
    assert read(source)[latex] == wanted


def test_a_gradient_beside_a_solution_is_judged_of_the_variable() -> None:
    (source, *_) = MEANT[-1]
    last = check_notes(notes_of(Path("text.md"), source)).equalities[-1]
    assert last.verdict == "verified"
    assert "x = " not in " ".join(last.reading)


@pytest.mark.parametrize("claim", ["c = 2", "c + 1 = c + 2 - d", "v^\\top v + c = v^\\top v + 1"])
def test_nothing_is_refuted_of_a_name_of_which_the_definition_is_not_read(claim: str) -> None:
    source = f"Let $c = a^\\top [A, 1]$ and $d = s^2$. Then $${claim}$$"
    last = check_notes(notes_of(Path("text.md"), source)).equalities[-1]
    assert last.verdict == "unchecked"


@pytest.mark.parametrize("name", [r"\mathbf y", "c"])
def test_a_chain_rule_holds_though_the_definition_of_a_letter_in_it_is_not_read(name: str) -> None:
    rule = r"\frac{\partial z}{\partial x} = \frac{\partial z}{\partial NAME}\frac{\partial NAME}{\partial x}".replace(
        "NAME", name
    )
    source = f"Let ${name} = a^\\top [A, 1]$. Then $${rule}$$"
    assert check_notes(notes_of(Path("text.md"), source)).equalities[-1].verdict == "verified"
