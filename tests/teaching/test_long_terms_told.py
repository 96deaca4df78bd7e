"""What a sentence says of a term: as it stands in the line, or where it is too long for one a fact, and no reference."""

from __future__ import annotations

from typing import Literal

import pytest

import derivgen


def said(text: str, wrt: str, where: str, method: Literal["auto", "scalar"] = "auto") -> str:
    d = derivgen.derive(text, wrt, where, method=method)
    assert d.verdict == "verified"
    return " ".join(d.to("text").split())


GATE = "W, V in R^(h*n); x in R^n; y in R^h"


@pytest.mark.parametrize(("text", "where", "noun"), [
    ("log(sum(exp(V @ x) * tanh(W @ x) + y**2))", GATE, "has the slope 1/t, here with t for the argument of the function"),
    ("norm((W @ x) * sigmoid(V @ x) - y)**2", GATE, "coming down as a factor, here with t for what is squared"),
    ("sum(((W @ x) * tanh(V @ x) - y)**4)", GATE, "here with t for the base of the power"),
    ("sqrt(sum(exp(V @ x) * tanh(W @ x) + y**2))", GATE, "here with t for what stands under the root"),
    ("1 / sum(exp(V @ x) * tanh(W @ x) + y**2)", GATE, "here with t for what stands below the bar"),
    ("max(0, a + norm(x - p)**2 - norm(x - q)**2)", "x, p, q in R^n; a in R; a>0", "here with t for the argument that changes"),
])  # fmt: skip
def test_a_long_argument_that_has_a_letter_is_called_by_its_part_in_the_function(
    text: str, where: str, noun: str
) -> None:
    told = said(text, "x", where, "scalar")
    assert noun in told
    assert "stands in its place" not in told


def test_a_short_argument_that_has_a_letter_stands_there_itself() -> None:
    assert "here with t for ∑ₖ₌₁ⁿ Vᵢₖxₖ" in said("norm((W @ x) * sigmoid(V @ x) - y)**2", "x", GATE, "scalar")


def test_a_long_common_factor_is_not_called_by_what_was_not_mentioned() -> None:
    told = said("exp(-1/2*(x-m).T @ inv(S) @ (x-m)) / sqrt(det(2*pi*S))", "S", "S in PD(n); x, m in R^n")
    assert "The terms have a factor in common, which is taken out." in told
    assert "This quotient" not in told
    assert "is a factor of" in said("max(0, a + norm(x - p)**2 - norm(x - q)**2)", "x", "x, p, q in R^n; a in R")


def test_a_quotient_of_numbers_is_not_said_to_be_itself() -> None:
    kernel = "sum(a[i]*a[j]*exp(-norm(X[i]-X[j])**2) for i in range(N) for j in range(N))"
    for number in ("2", "3"):
        assert "meaning of a power" not in said(f"{kernel}/{number} - sum(a)", "a", "a in R^N; X in R^(N*n)")


@pytest.mark.parametrize("text", ["norm(x + W @ tanh(V @ x + y) - x)**2", "norm((V @ x) * tanh(V @ x) - y)**2"])
def test_no_index_is_named_for_products_of_which_each_has_its_own(text: str) -> None:
    told = said(text, "x", "V in R^(h*n); W in R^(n*h); x in R^n; y in R^h", "scalar")
    assert "Each product of arrays is a sum of products over an index of its own: neighbours share" in told
    assert "The definition of the squared norm is written out." in told
    assert "is a sum of products over i:" not in told
    assert "wᵀx is a sum of products over i:" in said("exp(w.T @ x)", "x", "w, x in R^n", "scalar")


def test_the_square_of_a_norm_has_no_root() -> None:
    where = "x, p, q in R^n; a in R; a>0"
    told = said("max(0, a + norm(x - p)**2 - norm(x - q)**2)", "x", where)
    assert "By its definition ‖x − p‖² is (x − p)ᵀ(x − p). Likewise for ‖x − q‖²." in told
    assert "√" not in told
    assert "By its definition ‖x − p‖⁴ is ((x − p)ᵀ(x − p))²." in said("norm(x - p)**4", "x", where, "scalar")
    assert "By its definition ‖x − p‖ is √((x − p)ᵀ(x − p))." in said("norm(x - p)", "x", where, "scalar")


def test_a_term_is_said_in_the_order_of_the_line_above_it() -> None:
    told = said("x * z", "x", "x in R^n; z in R")
    assert "Entry i of x ⊗ (𝟏z) is zxᵢ." in told
    assert "(x ⊗ (𝟏z))ᵢ = zxᵢ" in told
    assert "of zx is" not in told


def test_the_slope_between_two_others_is_told_where_the_last_is_that_of_a_square() -> None:
    told = said("(x - mean(x)) / sqrt(sum((x - mean(x))**2)/n)", "x", "x in R^n")
    assert "1/√t has the slope −1 / (2t^(3/2))" in told
    assert "rⱼ² has the slope 2rⱼ" in told


def test_the_slope_of_a_power_of_what_a_matrix_moves_is_told() -> None:
    where = "X in R^(N*n); y in R^N; b in R^n; l in R; l>0"
    trace = "trace(X @ inv(X.T @ X + l*eye(n)) @ X.T)"
    told = said(f"norm(y - X @ b)**2 / (1 - {trace}/N)**2", "l", where)
    assert (
        "a function of a number changes by its slope times the change of the number; 1/t² has the slope −2/t³." in told
    )
    assert "a function of a number" not in said(trace, "l", where)


def test_a_letter_of_a_sentence_is_no_index_of_what_is_derived_by() -> None:
    text = "sum(norm(V.T @ softmax(K @ Q[i] / sqrt(d)) - Y[i])**2 for i in range(m))"
    told = said(text, "Q", "Q in R^(m*d); K in R^(n*d); V in R^(n*p); Y in R^(m*p)")
    assert "with i = j" in told
    assert "here with t for" not in told
    assert "so the sum over k is a matrix product" not in told
    assert "The terms of the sum over q are the entries of one vector, which it adds up." in told
    assert "entries of two vectors: their inner product" not in told


def test_a_common_factor_of_a_number_and_matrices_is_named() -> None:
    """Both are taken out together, so both are named; it stands on one side of what is left."""
    assert "2Qᵀ is a factor of" in said("norm(y - Q @ Q.T @ y)**2", "Q", "Q in R^(n*k); y in R^n")
    assert "2Wᵀ is a factor of" in said("norm(W @ W.T @ x - x)**2", "W", "W in R^(n*k); x in R^n")
