"""A link that other chains have too is derived and judged once, and that changes no derivation."""

from __future__ import annotations

import pytest

import derivgen.derivation.methods.link
import derivgen.derivation.report
from derivgen import Derivation, derive
from derivgen.check.judge import Judge

CHAINS = (
    ("max(0, w.T @ x + b)", "w", "w, x in R^n; b in R"),
    ("max(0, w.T @ x + b)", "w", "w, x in R^3; b in R"),
    ("max(0, w.T @ x + 3*c)", "w", "w, x in R^n; c in R"),
    ("max(0, w.T @ x + b)**2", "x", "w, x in R^n; b in R"),
    ("log(w.T @ x + b)", "w", "w, x in R^n; b in R"),
    ("sigmoid(w.T @ u + b)", "w", "w, u in R^n; b in R"),
    ("softmax(A @ x)", "x", "A in R^(m*n); x in R^n"),
    ("logsumexp(A @ x)", "x", "A in R^(m*n); x in R^n"),
    ("norm(A @ x - y)", "x", "A in R^(m*n); x in R^n; y in R^m"),
    ("sqrt(exp(w.T @ x) + 1)", "w", "w, x in R^n"),
)


def forget() -> None:
    derivgen.derivation.methods.link._derived.cache_clear()
    derivgen.derivation.report._links.clear()


def told(d: Derivation) -> str:
    return d.to("json") + d.to("text", detail="full")


@pytest.mark.parametrize("seed", [0, 5])
def test_a_derivation_does_not_depend_on_those_before(seed: int) -> None:
    alone = []
    for text, wrt, where in CHAINS:
        forget()
        alone.append(told(derive(text, wrt, where, seed=seed)))
    forget()
    for _ in range(2):
        assert [told(derive(text, wrt, where, seed=seed)) for text, wrt, where in CHAINS] == alone


def test_a_link_is_judged_once(monkeypatch: pytest.MonkeyPatch) -> None:
    forget()
    judged: list[str] = []
    agree = Judge.agree

    def noted(self: Judge, left: object, right: object, *rest: object, **depth: object) -> object:
        judged.append(f"{left} == {right}")
        return agree(self, left, right, *rest, **depth)  # type: ignore[arg-type]

    monkeypatch.setattr(Judge, "agree", noted)
    first = derive(*CHAINS[0])
    count = len(judged)
    second = derive("max(0, w.T @ x + 7*b)", *CHAINS[0][1:])
    assert first.verdict == second.verdict == "verified"
    assert len(judged) - count < count
    assert len(first.check().verdicts) == len(second.check().verdicts)


def test_other_points_are_other_verdicts() -> None:
    forget()
    d = derive(*CHAINS[0])
    assert d.check(seed=1, samples=40).passed
    few, many = ({v.points for v in r.verdicts} for r in (d.check(samples=8), d.check(samples=40)))
    assert max(few) < 40 <= max(many)
