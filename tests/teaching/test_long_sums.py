"""Sums of several losses: what is shared is derived once, and a routine chain is one step where there are many."""

from __future__ import annotations

import pytest

from derivgen import derive

LOGISTIC = "w in R^n; X in R^(N*n); y in R^N"


@pytest.mark.parametrize(("text", "where", "steps"), [
    ("-sum(y[i] * log(sigma(w.T @ X[i])) for i in range(N)) - sum((1 - y[i]) * log(1 - sigma(w.T @ X[i])) for i in range(N))", LOGISTIC, 11),
    ("-sum(y[i] * log(sigma(w.T @ X[i])) + (1 - y[i]) * log(1 - sigma(w.T @ X[i])) for i in range(N))", LOGISTIC, 10),
    ("-y * log(sigma(w.T @ x)) - (1 - y) * log(1 - sigma(w.T @ x))", "w, x in R^n; y in R", 7),
    ("sum(exp(-(A[i].T @ w)) + c * (A[i].T @ w) for i in range(m)) + norm(D @ w)**2 / 2", "A in R^(m*n); w in R^n; c in R; D in R^(k*n)", 7),
    ("norm(A @ w - b)**2 + norm(D @ w)**2", "A in R^(m*n); w in R^n; b in R^m; D in R^(k*n)", 5),
])  # fmt: skip
def test_it_has_so_many_steps(text: str, where: str, steps: int) -> None:
    d = derive(text, "w", where)
    assert d.verdict == "verified"
    assert len(d.steps) <= steps


def test_sums_over_the_same_samples_are_one_sum() -> None:
    d = derive(
        "sum(y[i] * (w.T @ X[i]) for i in range(N)) + sum(exp(w.T @ X[j]) for j in range(N)) + w.T @ w", "w", LOGISTIC
    )
    assert d.verdict == "verified"
    (joined,) = (s for s in d.steps if s.rule == "join-sums")
    assert str(joined.after) == "sum(y[i] * w.T @ X[i] + exp(w.T @ X[i]) for i in range(N)) + w.T @ w"


@pytest.mark.parametrize(("text", "where"), [
    ("sum(exp(w.T @ X[i]) for i in range(N)) + sum(exp(w.T @ Z[i]) for i in range(N))", "w in R^n; X, Z in R^(N*n)"),
    ("sum(exp(w.T @ X[i]) for i in range(N)) + sum(exp(w.T @ Z[i]) for i in range(M))", "w in R^n; X in R^(N*n); Z in R^(M*n)"),
])  # fmt: skip
def test_sums_that_share_nothing_stay_two(text: str, where: str) -> None:
    d = derive(text, "w", where)
    assert d.verdict == "verified"
    assert "join-sums" not in {s.rule for s in d.steps}


def test_a_chain_at_once_has_its_steps_below_it() -> None:
    d = derive(
        "sum(exp(-(A[i].T @ w)) for i in range(m)) + norm(D @ w)**2", "w", "A in R^(m*n); w in R^n; D in R^(k*n)"
    )
    assert d.verdict == "verified"
    chains = [s for s in d.steps if s.rule == "chain-at-once"]
    assert [[str(i.symbol) for i in s.introduces] for s in chains] == [["t"], ["u"]]
    of_one = ["name-intermediates", "derive-link", "derive-link", "chain-rule"]
    of_sample, of_term = ([t.rule for t in s.substeps] for s in chains)
    assert of_sample == of_one  # its letters are put back where the samples are added up
    assert of_term == [*of_one, "letters-back"]
    assert all(s.after == s.substeps[-1].after for s in chains)


def test_where_there_are_few_steps_a_chain_is_not_folded() -> None:
    d = derive("norm(A @ x - b)**2 + c * x.T @ x", "x", "A in R^(m*n); x in R^n; b in R^m; c in R")
    assert "chain-at-once" not in {s.rule for s in d.steps}


@pytest.mark.parametrize(("text", "where", "turned", "found"), [
    ("sum(a[i]*a[j]*y[i]*y[j]*exp(-g*norm(X[i]-X[j])**2) for i in range(N) for j in range(N))/2 - sum(a)",
     "a, y in R^N; X in R^(N*n); g in R", "‖xᵢ − xₖ‖ is ‖xₖ − xᵢ‖", "∂C/∂aₖ = yₖ ∑ⱼ₌₁ᴺ aⱼyⱼ exp(−g‖xₖ − xⱼ‖²) − 1"),
    ("sum(a[i]*a[j]*y[i]*y[j]*(X[i].T @ X[j] + c)**2 for i in range(N) for j in range(N))/2 - sum(a)",
     "a, y in R^N; X in R^(N*n); c in R", "xᵢᵀxₖ is xₖᵀxᵢ", "∂C/∂aₖ = yₖ ∑ⱼ₌₁ᴺ aⱼyⱼ(xₖᵀxⱼ + c)² − 1"),
    ("sum(a[i]*a[j]*(x[i]-x[j])**4 for i in range(N) for j in range(N))/2", "a, x in R^N", "(xᵢ − xₖ)⁴ is (xₖ − xᵢ)⁴",
     "∂y/∂aₖ = ∑ⱼ₌₁ᴺ aⱼ(xₖ − xⱼ)⁴"),
    ("sum(a[i]*a[j]*exp(-g*abs(x[i]-x[j])) for i in range(N) for j in range(N))/2", "a, x in R^N; g in R",
     "|xᵢ − xₖ| is |xₖ − xᵢ|", "∂y/∂aₖ = ∑ⱼ₌₁ᴺ aⱼ exp(−g|xₖ − xⱼ|)"),
])  # fmt: skip
def test_two_sums_that_are_equal_by_symmetry_are_counted_together(
    text: str, where: str, turned: str, found: str
) -> None:
    d = derive(text, "a", where)
    assert d.verdict == "verified"
    said = " ".join(d.to("text").split())
    assert f"{turned}, so " in said
    assert found in said
    assert sum(s.rule == "count-equal-sums" for s in d.steps) == 1


@pytest.mark.parametrize("weight", ["(x[i]-x[j])**3", "(x[i]-2*x[j])**2", "exp(x[i]-x[j])"])
def test_sums_that_are_not_symmetric_stay_two(weight: str) -> None:
    d = derive(f"sum(a[i]*a[j]*{weight} for i in range(N) for j in range(N))/2", "a", "a, x in R^N")
    assert d.verdict == "verified"
    assert not any(s.rule == "count-equal-sums" for s in d.steps)
