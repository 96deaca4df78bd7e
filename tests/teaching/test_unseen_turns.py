"""A sentence says that a sign turns a difference around where the line shows it so, and only there."""

from __future__ import annotations

import derivgen


def test_a_difference_that_is_turned_back_before_the_line_is_shown_is_not_called_turned() -> None:
    d = derivgen.derive("1/2*norm(sigmoid(X @ w) - y)**2", "w", "X in R^(N*n); w in R^n; y in R^N", order=2)
    words = " ".join(d.to("text").split())
    assert "turns it around" not in words
    kernel = "sum(a[i]*exp(-norm(x - X[i])**2/(2*s**2)) for i in range(N))"
    d = derivgen.derive(kernel, "x", "a in R^N; X in R^(N*n); x in R^n; s in R; s > 0", order=2)
    words = " ".join(d.to("text").split())
    assert "turns the difference around" not in words[words.index("Differentiate g by x") :]


def test_a_difference_that_the_line_shows_turned_is_called_so() -> None:
    kernel = "sum(a[i]*exp(-norm(x - X[i])**2/(2*s**2)) for i in range(N))"
    d = derivgen.derive(kernel, "x", "a in R^N; X in R^(N*n); x in R^n; s in R; s > 0", order=2)
    assert "the minus sign turns the difference around, to Xᵢₖ − xₖ" in " ".join(d.to("text").split())
