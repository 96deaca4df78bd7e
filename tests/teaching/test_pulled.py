"""How the change of a differential comes to the end is told by the moves that were made, and by no other."""

from __future__ import annotations

import pytest

import derivgen

OWN_TRACE = "number is its own trace"
FRONT = "last factor"
TRANSPOSED = "all of it is transposed"
NUMBERS = "numbers are multiplied in any order"
OWN_TRANSPOSE = "number is its own transpose"
ALREADY = "at the end of each product already"
EVERY = {OWN_TRACE, FRONT, TRANSPOSED, NUMBERS, OWN_TRANSPOSE, ALREADY}


def pulled(text: str, wrt: str, where: str) -> str:
    d = derivgen.derive(text, wrt, where)
    assert d.verdict == "verified"
    words = " ".join(d.to("text").split())
    return words[words.index("Pull the change to the end") : words.index("[pull-out-change]")]


@pytest.mark.parametrize(
    ("text", "wrt", "where", "moves"),
    [
        ("2*logdet(A + X) + trace(B @ X)/3", "X", "A, B, X in R^(n*n)", {ALREADY}),
        ("trace(inv(T) @ S) - logdet(S)", "S", "T, S in PD(n)", {ALREADY}),
        ("trace(A @ inv(X) @ B)", "X", "A in R^(m*n); X in R^(n*n); B in R^(n*m)", {FRONT}),
        ("trace(A @ X @ B) + logdet(X)", "X", "A, B, X in R^(n*n)", {FRONT}),
        ("trace(X.T) + logdet(X)", "X", "X in R^(n*n)", {TRANSPOSED}),
        ("trace(inv(X).T @ A)", "X", "X, A in R^(n*n)", {FRONT, TRANSPOSED}),
        ("logdet(X.T @ X + s*eye(m))", "X", "X in R^(n*m); s in R; s > 0", {FRONT, TRANSPOSED}),
        ("x.T @ inv(M) @ y", "M", "M in R^(n*n); x, y in R^n", {OWN_TRACE, FRONT}),
        ("x.T @ inv(M) @ y + logdet(M)", "M", "M in PD(n); x, y in R^n", {OWN_TRACE, FRONT}),
        ("x.T @ inv(M.T) @ y", "M", "M in R^(n*n); x, y in R^n", {OWN_TRACE, FRONT, TRANSPOSED}),
        ("logdet(A + x @ x.T)", "x", "A in PD(n); x in R^n", {OWN_TRACE, FRONT, TRANSPOSED}),
        ("y.T @ inv(A + x @ x.T) @ y", "x", "A in PD(n); x, y in R^n", {NUMBERS, OWN_TRANSPOSE}),
    ],
)
def test_only_the_moves_that_were_made_are_told(text: str, wrt: str, where: str, moves: set[str]) -> None:
    words = pulled(text, wrt, where)
    assert {m for m in EVERY if m in words} == moves
    assert ("goes to the end" in words) == (ALREADY not in moves)


def test_a_term_in_which_the_change_is_last_hides_no_move_of_another() -> None:
    words = pulled("trace(B @ X) + c.T @ inv(X) @ c", "X", "B, X in R^(n*n); c in R^n")
    assert OWN_TRACE in words
    assert FRONT in words
    assert ALREADY not in words


@pytest.mark.parametrize(("text", "wrt", "where"), [
    ("det(A.T @ A)", "A", "A in R^(m*n)"),
    ("logdet(W @ W.T + s*eye(d)) + trace(inv(W @ W.T + s*eye(d)) @ S)", "W", "W in R^(d*q); S in Sym(d); s in R; s > 0"),
    ("trace(W.T @ S @ W) - trace(L @ (W.T @ W - eye(k)))", "W", "W in R^(n*k); S in Sym(n); L in Sym(k)"),
])  # fmt: skip
def test_that_each_factor_changes_in_turn_is_said_once(text: str, wrt: str, where: str) -> None:
    words = " ".join(derivgen.derive(text, wrt, where, check=False).to("text").split())
    assert words.count("two changes at once are of second order") == 1
