"""What sentences claim is true: each claim is read from its words and terms, and decided as a step is."""

from __future__ import annotations

import json
from collections import Counter
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any

import pytest

import derivgen
from derivgen.catalog.build import product
from derivgen.derivation.derivation import Derivation
from derivgen.expr import ONE, ZERO, Add, At, Delta, Dim, Expr, Index, Number, Power, Sum, Symbol
from derivgen.expr.sizes import Shape
from derivgen.rules.reason import Reason, Terms, filled
from derivgen.rules.step import Step
from tests.fuzz.generate import question
from tests.teaching.claims import KINDS, Claim, all_claims, claims_of
from tests.teaching.test_backward import NETS
from tests.teaching.test_reasons import TASKS

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parent.parent / "data" / "cases.json").read_text("utf-8"))
ASKED: tuple[tuple[str, str, str, int], ...] = (
    *((c["text"], c["wrt"], c["where"], c["order"]) for c in CASES),
    *TASKS,
    ("norm(X)*trace(X)", "X", "X in R^(n*n)", 1),
    ("det(X.T @ X)", "X", "X in R^(n*k)", 1),
    ("det(X.T @ A @ X)", "X", "X in R^(n*k); A in R^(n*n)", 1),
    ("sum((x[i] - mean(x))**2 for i in range(n))", "x", "x in R^n", 1),
    ("sum(x)**2 / (x.T @ x)", "x", "x in R^n", 1),
    ("a.T @ X @ X @ b", "X", "X in R^(n*n); a, b in R^n", 1),
    ("norm(W @ W.T @ x - x)**2", "W", "W in R^(n*k); x in R^n", 1),
    ("sum(max(0, w.T @ X[i])**2 for i in range(N))", "w", "w in R^n; X in R^(N*n)", 2),
    ("-sum(y*log(sigmoid(X @ w)) + (1-y)*log(1-sigmoid(X @ w)))", "w", "w in R^n; X in R^(N*n); y in R^N", 1),
    ("max(0, a + norm(x - p)**2 - norm(x - q)**2)", "x", "x, p, q in R^n; a in R", 1),
    ("c.T @ x + l.T @ (A @ x - b) + r/2*norm(A @ x - b)**2", "x", "c, x in R^n; A in R^(m*n); b, l in R^m; r in R", 1),
    ("(y - X @ b).T @ W @ (y - X @ b) + l*b.T @ b", "b", "y in R^N; X in R^(N*n); b in R^n; W in Sym(N); l in R", 1),
    ("c.T @ x - m*sum(log(x))", "x", "c, x in R^n; m in R", 2),
    ("-log(sigmoid(x.T @ W @ y))", "W", "x in R^m; y in R^n; W in R^(m*n)", 1),
    ("sum(log(1 + (y - X @ b)**2/v))", "b", "X in R^(N*n); y in R^N; b in R^n; v in R; v>0", 1),
    ("1/2*sum((y[i] - a*exp(-b*t[i]))**2 for i in range(m))", "b", "y, t in R^m; a, b in R", 1),
    ("(a.T @ b)/(norm(a)*norm(b))", "a", "a, b in R^n", 1),
    ("1/2*norm(sigmoid(X @ w) - y)**2", "w", "X in R^(N*n); w in R^n; y in R^N", 2),
    ("sum(p*log(p/q))", "p", "p, q in R^n; p > 0; q > 0", 1),
    ("-t.T @ log(softmax(W @ x))", "W", "W in R^(k*n); x in R^n; t in Simplex(k)", 1),
    ("trace((eye(n) - K @ H) @ P @ (eye(n) - K @ H).T + K @ R @ K.T)", "K", "K in R^(n*m); H in R^(m*n); P in PD(n); R in PD(m)", 1),
    ("logdet(W @ W.T + s*eye(d)) + trace(inv(W @ W.T + s*eye(d)) @ S)", "W", "W in R^(d*q); S in Sym(d); s in R; s > 0", 1),
)  # fmt: skip


def claims(d: Derivation) -> list[tuple[str, Claim]]:
    return [(s.rule, claim) for s, claim in all_claims(d)]


def derived(text: str, wrt: str, where: str, **options: Any) -> Derivation:
    d = derivgen.derive(text, wrt, where, check=False, **options)
    assert isinstance(d, Derivation)
    return d


@lru_cache
def of_asked(number: int) -> tuple[tuple[str, Claim], ...]:
    text, wrt, where, order = ASKED[number]
    methods = ("auto", "scalar") if number < len(CASES) else ("auto",)
    return tuple([found for m in methods for found in claims(derived(text, wrt, where, order=order, method=m))])


@pytest.mark.parametrize("number", range(len(ASKED)), ids=lambda n: ASKED[n][0])
def test_no_sentence_is_false(number: int) -> None:
    found = of_asked(number)
    assert [(rule, c.words) for rule, c in found if c.holds is False] == []
    assert 10 * sum(c.holds is None for _, c in found) <= max(10, len(found))


@pytest.mark.parametrize("net", NETS)
def test_no_sentence_about_columns_is_false(net: str) -> None:
    text, wrt, where, _ = NETS[net]
    found = claims(derived(text, wrt, where, layout="gradient"))
    assert [(rule, c.words) for rule, c in found if c.holds is False] == []
    assert any(c.holds for _, c in found)


def test_claims_of_every_kind_are_met_and_decided() -> None:
    met = Counter(c.kind for k in range(len(ASKED)) for _, c in of_asked(k) if c.holds)
    assert {kind for kind, *_ in KINDS} - met.keys() == set()


def of_question(number: int) -> list[tuple[str, Claim]]:
    q = question(Random(f"sentences {number}"))
    try:
        return claims(derived(q.expression, q.wrt, q.where, timeout=20, **q.options()))
    except derivgen.DerivgenError:  # too long, or undefined
        return []


@pytest.mark.parametrize("part", range(4))
def test_no_sentence_about_a_random_question_is_false(part: int) -> None:
    found = [said for k in range(8 * part, 8 * part + 8) for said in of_question(k)]
    assert found
    assert [(rule, c.words) for rule, c in found if c.holds is False] == []


@pytest.mark.slow
@pytest.mark.parametrize("part", range(10))
def test_no_sentence_about_hundreds_of_random_questions_is_false(part: int) -> None:
    found = [said for k in range(100 + 40 * part, 140 + 40 * part) for said in of_question(k)]
    assert [(rule, c.words) for rule, c in found if c.holds is False] == []


# --- false sentences are seen to be -------------------------------------------------------------------------------------------

n = Dim("n")
x, M = Symbol("x", Shape((n,))), Symbol("M", Shape((n, n)))
i, j = Index("i", n), Index("j", n)
SQUARES = Sum(i, Power(At(x, (i,)), Number(ONE.value + 1)))


def decided(words: str, terms: Terms, of: Expr = ZERO) -> list[bool | None]:
    reason: Reason = filled(words, terms)
    return [c.holds for c in claims_of(Step("", "", of, of, reason))]


@pytest.mark.parametrize(("words", "true", "false"), [
    ("{u} is {v}.", {"u": At(M, (i, i)), "v": At(M, (i, i))}, {"u": At(M, (i, j)), "v": At(M, (j, i))}),
    ("Entry {i} of {u} is {v}.", {"i": i, "u": x, "v": At(x, (i,))}, {"i": i, "u": x, "v": At(M, (i, i))}),
    ("{u} has the slope {v}.", {"u": Power(At(x, (i,)), Number(ONE.value * 2)), "v": product(Number(ONE.value * 2), At(x, (i,)))},
     {"u": Power(At(x, (i,)), Number(ONE.value * 2)), "v": At(x, (i,))}),
    ("{u} contains no other entry of {x} than {v}.", {"u": product(At(x, (i,)), At(M, (i, j))), "x": x, "v": At(x, (i,))},
     {"u": SQUARES, "x": x, "v": At(x, (i,))}),
    ("In {u} only {t} contains {v}.", {"u": SQUARES, "t": Power(At(x, (j,)), Number(ONE.value * 2)), "v": At(x, (j,))},
     {"u": Add((SQUARES, At(x, (j,)))), "t": At(x, (j,)), "v": At(x, (j,))}),
    ("In {u} only {t} contains {v}.", {"u": product(At(M, (i, j)), SQUARES), "t": Power(At(x, (j,)), Number(ONE.value * 2)), "v": At(x, (j,))},
     {"u": Add((SQUARES, Sum(i, At(x, (i,))))), "t": Power(At(x, (j,)), Number(ONE.value * 2)), "v": At(x, (j,))}),
    ("In {u} only {t} and {w} contain {v}.", {"u": Add((SQUARES, Sum(i, At(x, (i,))))), "t": Power(At(x, (j,)), Number(ONE.value * 2)), "w": At(x, (j,)), "v": At(x, (j,))},
     {"u": Add((SQUARES, Sum(i, product(Number(ONE.value * 3), At(x, (i,)))))), "t": Power(At(x, (j,)), Number(ONE.value * 2)), "w": At(x, (j,)), "v": At(x, (j,))}),
    ("{u} and {w} both contain {v}.", {"u": SQUARES, "w": At(x, (j,)), "v": At(x, (j,))},
     {"u": SQUARES, "w": At(x, (i,)), "v": At(x, (j,))}),
    ("{u} does not contain {v}.", {"u": At(M, (i, j)), "v": At(x, (j,))}, {"u": SQUARES, "v": At(x, (j,))}),
    ("{d} is 0 unless {i} = {j}.", {"d": product(At(x, (i,)), Delta(i, j)), "i": i, "j": j}, {"d": At(x, (i,)), "i": i, "j": j}),
    ("{u} is a factor of {v} and {w}, so it is taken out.", {"u": At(x, (i,)), "v": product(At(x, (i,)), At(M, (i, j))), "w": At(x, (i,))},
     {"u": At(x, (i,)), "v": At(M, (i, j)), "w": At(x, (i,))}),
    ("{u} changes with {v} at the rate {w}.", {"u": SQUARES, "v": At(x, (j,)), "w": product(Number(ONE.value * 2), At(x, (j,)))},
     {"u": SQUARES, "v": At(x, (j,)), "w": At(x, (j,))}),
    ("{u} is its own transpose.", {"u": Symbol("S", Shape((n, n)), ("symmetric",))}, {"u": M}),
])  # fmt: skip
def test_a_false_sentence_is_seen_to_be_false(words: str, true: Terms, false: Terms) -> None:
    assert decided(words, true) == [True]
    assert decided(words, false) == [False]


PRODUCTS = Add((product(At(x, (i,)), At(M, (i, j))), product(At(x, (i,)), At(x, (j,))), At(M, (j, j))))


@pytest.mark.parametrize(("words", "true", "false"), [
    ("{u} is a factor of two terms, so it is taken out.", {"u": At(x, (i,))}, {"u": At(x, (j,))}),
    ("{u} is a factor of three terms, so it is taken out.", {}, {"u": At(x, (i,))}),
    ("Two terms of {e} have a factor in common, which is taken out.", {"e": PRODUCTS}, {"e": Add((At(x, (i,)), At(x, (j,))))}),
    ("The terms of {e} have a factor in common, which is taken out.", {"e": Add(PRODUCTS.terms[:2])}, {"e": PRODUCTS}),
    ("{u} cancels.", {}, {"u": At(x, (i,))}),
    ("The entries of it sum to 1, so {u} stands once.", {"u": At(M, (j, j))}, {"u": At(x, (i,))}),
])  # fmt: skip
def test_a_factor_that_stands_more_often_is_not_said_to_stand_once(words: str, true: Terms, false: Terms) -> None:
    assert decided(words, false, PRODUCTS) == [False]
    assert not true or decided(words, true, PRODUCTS) == [True]


def test_what_cancels_is_decided() -> None:
    a, b = At(M, (i, j)), At(x, (i,))
    less = Number(-ONE.value)
    assert decided("{u} cancels.", {"u": a}, Add((a, b, product(less, a)))) == [True]
    assert decided("{u} cancels.", {"u": a}, Add((a, b, product(Number(-ONE.value * 2), a)))) == [False]
    assert decided("{u} cancels.", {"u": a}, product(b, a, Power(a, less))) == [True]
    assert decided("{u} cancels.", {"u": b}, product(b, a, Power(a, less))) == [False]


def test_numbers_and_signs_that_are_gone_are_decided() -> None:
    half, two, less = Number(ONE.value / 2), Number(ONE.value * 2), Number(-ONE.value)
    square = product(half, Power(At(x, (i,)), two))
    assert decided("{p} and {c} cancel.", {"p": two, "c": half}, square) == [True]
    assert decided("{p} and {c} cancel.", {"p": two, "c": Number(ONE.value / 3)}, square) == [False]
    assert decided("{p} and {c} cancel.", {"p": At(x, (i,)), "c": At(x, (j,))}, product(At(x, (i,)), Power(At(x, (i,)), less))) == [False]  # fmt: skip
    d = Add((At(x, (i,)), product(less, At(x, (j,)))))
    turned = Add((At(x, (j,)), product(less, At(x, (i,)))))
    words = "The minus sign turns the difference around, to {d}."
    line = product(At(x, (i,)), turned)
    for new, holds in ((turned, True), (d, False)):
        step = Step("", "", product(less, At(x, (i,)), d), line, filled(words, {"d": new}))
        assert [c.holds for c in claims_of(step)] == [holds]


def test_a_term_that_cancels_is_said() -> None:
    assert "so it is taken out; x cancels." in said(
        "max(0, a + norm(x - p)**2 - norm(x - q)**2)", "x", "x, p, q in R^n; a in R"
    )
    where = "x in R^m; y in R^n; W in R^(m*n)"
    assert "σ(s)(1 − σ(s)), its value times one minus it; σ(s) cancels." in said(
        "-log(sigmoid(x.T @ W @ y))", "W", where
    )
    assert "is the product of these rates; p cancels." in said("-log(p)", "W", where, let=["p = sigmoid(x.T @ W @ y)"])


def test_a_factor_may_stand_turned_around() -> None:
    words = "{u} is a factor of {v} and {w}, so it is taken out."
    u, a = Add((At(x, (i,)), product(Number(-ONE.value), At(x, (j,))))), At(M, (i, j))
    turned = Add((At(x, (j,)), product(Number(-ONE.value), At(x, (i,)))))
    assert decided(words, {"u": u, "v": product(u, a), "w": product(turned, At(x, (i,)))}) == [True]
    assert decided(words, {"u": u, "v": product(u, a), "w": Add((At(x, (i,)), At(x, (j,))))}) == [False]


def test_terms_that_are_not_equal_are_not_called_so() -> None:
    words = "There the two terms are equal."
    one, other = At(M, (i, j)), At(M, (j, i))
    assert decided(words, {}, Add((one, other))) == [False]
    s = Symbol("S", Shape((n, n)), ("symmetric",))
    assert decided(words, {}, Add((At(s, (i, j)), At(s, (j, i))))) == [True]


# --- kinds that were false ----------------------------------------------------------------------------------------------------


def said(text: str, wrt: str, where: str, **options: Any) -> str:
    return " ".join(derived(text, wrt, where, **options).to("text").split())


def test_a_sum_over_entries_of_the_variable_contains_them_all() -> None:
    words = said("norm(X)*trace(X)", "X", "X in R^(n*n)")
    assert "contains no other entry of X" not in words
    assert "contains no other entry of x than xᵢ" in said("x * y", "x", "x, y in R^n")


def test_the_slope_of_a_power_is_in_the_letter_of_its_base() -> None:
    words = said("(len(A) * S**2)**2", "S", "S in R^(n*n); A in R^(m*n)")
    assert "t² has the slope 2t, the exponent coming down as a factor, here with t for mSᵢⱼ²" in words


def test_a_product_with_a_whole_row_of_the_variable_is_told() -> None:
    factor = "(C - x @ X[0].T)"
    words = said(
        f"inv({factor}.T @ {factor} + eye(n)) @ x", "X", "x in R^n; C in R^(n*n); X in R^(N*n)", method="scalar"
    )
    assert "each is differentiated in turn" in words


def test_an_entry_of_a_sum_of_arrays_does_not_contain_every_entry_of_the_variable() -> None:
    words = said("logdet((1 + tanh(A)).T @ (1 + tanh(A)) + eye(n))", "A", "A in R^(m*n)", method="scalar")
    assert "both depend on A" in words
    assert "both contain A" not in words


def test_a_variable_that_stands_in_the_value_itself_does_not_act_on_it_through_the_value() -> None:
    words = said("log(1 + (exp(x) * a * sinh(x))**2).T @ x", "x", "x, a in R^n", method="chain")
    assert "x stands in y itself, and acts on it through each of a₁ and a₂ besides" in words
