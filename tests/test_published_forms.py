"""Answers beside the forms in which textbooks print them: equal, and not longer, in every layout."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

import derivgen
from derivgen.expr import walk

PUBLISHED: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "data" / "forms_published.json").read_text(encoding="utf-8")
)
LAYOUTS = ("numerator", "denominator", "gradient")


def tokens(form: str) -> int:
    """Names, numbers, transpositions and signs; brackets are not counted."""
    return len(re.findall(r"\.T\b|[A-Za-z_]\w*|\d+\.?\d*|\*\*|[-+*/@<>=]+", form))


def answer(form: dict[str, Any], layout: Any) -> str:
    asked = {name: form[name] for name in ("where", "order")}
    d: derivgen.Derivation = derivgen.derive(form["text"], form["wrt"], layout=layout, check=False, **asked)
    return str(d.result)


@pytest.mark.parametrize("layout", [pytest.param(x, marks=[pytest.mark.slow] * (x != "numerator")) for x in LAYOUTS])
def test_answers_are_the_published_forms_and_about_as_short(layout: str) -> None:
    """All of them at once: each is derived once, to be compared and to be counted among those that are not longer."""
    wrong, longer = [], 0
    for form in PUBLISHED:
        found, published = answer(form, layout), form[layout]
        asked = f"{form['text']} by {form['wrt']}, {form['order']}"
        if derivgen.equal(found, published, form["where"]).status != "verified":
            wrong.append(f"{asked}: {found} is not {published}")
        if tokens(found) > 1.25 * tokens(published) + 1 or ("for " in found and "for " not in published):
            wrong.append(f"{asked}: {found} is longer than {published}")
        longer += tokens(found) > tokens(published)
    assert wrong == []
    assert len(PUBLISHED) - longer >= 0.93 * len(PUBLISHED)


@pytest.mark.parametrize(
    ("expression", "wrt", "where", "expected"),
    [
        ("norm(A @ x - b)**2 + r*norm(x)**2", "x", "A in R^(m*n); x in R^n; b in R^m; r in R", "2 * A.T @ (A @ x - b) + 2 * r * x"),
        ("x.T @ sin(A @ x)", "x", "A in R^(n*n); x in R^n", "sin(A @ x) + A.T @ (x * cos(A @ x))"),
        ("var(x)", "x", "x in R^n", "2 / n * (x - mean(x))"),
        ("std(x)", "x", "x in R^n", "1 / n * (x - mean(x)) / std(x)"),
        ("sum(x * log(x)) - sum(x) * log(sum(x))", "x", "x in R^n; x > 0", "log(x) - log(sum(x)) * ones(n)"),
        ("det(k*A)", "k", "A in R^(n*n); k in R", "n * det(k * A) / k"),
        ("sum(log(1 + exp(-y[i] * X[i] @ w)) for i in range(N))", "w", "X in R^(N*n); y in R^N; w in R^n", "-X.T @ (y * sigmoid(-y * (X @ w)))"),
        ("logdet(sum(b[i] * (X[i] @ X[i].T) for i in range(N)))", "b", "b in R^N; X in R^(N*n)", "diag(X @ inv(X.T @ diag(b) @ X) @ X.T)"),
        ("-sum(y*log(softmax(W @ x)))", "W", "W in R^(m*n); x in R^n; y in Simplex(m)", "(softmax(W @ x) - y) @ x.T"),
        ("[[k, k**2], [sin(k), exp(k)]]", "k", "k in R", "[[1, 2 * k], [cos(k), exp(k)]]"),
        ("a.T @ [[1, 2], [0, 1]] @ a", "a", "a in R^2", "[[2, 2], [2, 2]] @ a"),
        ("x[1]**2", "x", "x in R^n", "2 * x[1] * eye(n)[1]"),
        ("x[0]**2 * x[1]", "x", "x in R^2", "[2 * x[0] * x[1], x[0]**2]"),
        ("trace(X.T @ X @ inv(X.T @ X))", "X", "X in R^(m*n)", "zeros(m, n)"),
    ],
)  # fmt: skip
def test_forms_in_gradient_layout(expression: str, wrt: str, where: str, expected: str) -> None:
    d = derivgen.derive(expression, wrt, where, layout="gradient")
    assert d.verdict == "verified"
    assert str(d.result) == expected


@pytest.mark.parametrize(
    ("expression", "wrt", "where", "said"),
    [
        ("softmax(W @ x + b)", "x", "W in R^(m*n); x in R^n; b in R^m", ["∂s/∂x = (diag(s) − ssᵀ)W", "s = softmax(Wx + b)"]),
        ("c.T @ softmax(W @ x)", "x", "W in R^(m*n); x in R^n; c in R^m", ["∂y/∂x = (s ⊗ (c − cᵀs))ᵀW", "s = softmax(Wx)"]),
        ("sigmoid(w.T @ x + b)", "w", "w, x in R^n; b in R", ["∂y/∂w = y(1 − y)xᵀ", "y = σ(wᵀx + b)"]),
    ],
)  # fmt: skip
def test_a_function_that_stands_twice_has_a_letter(expression: str, wrt: str, where: str, said: list[str]) -> None:
    d = derivgen.derive(expression, wrt, where)
    answer = d.to("text").split("Answer\n")[1]
    for part in said:
        assert part in answer
    assert not {"y", "s", "a"} & {str(e) for e in walk(d.result)}  # the value itself keeps the author's letters
