"""A reason is about its own line: it names terms of the step, and says no more than two things."""

from __future__ import annotations

import json
import re
from collections import Counter
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import pytest

from derivgen.catalog.build import plus, product, transposed
from derivgen.derivation import derive
from derivgen.derivation.derivation import Derivation
from derivgen.derivation.report import every_step
from derivgen.expr import SCALAR, Expr, Number, Symbol, walk
from derivgen.rules import BOOK
from derivgen.rules.reason import Reason, filled, in_letters, places_of
from derivgen.rules.rule import Rule
from derivgen.show.document.context import context_of
from derivgen.show.document.reasons import LONGEST, sentence
from derivgen.show.math.unicode_line import linear

CASES = json.loads((Path(__file__).parent.parent / "data" / "cases.json").read_text(encoding="utf-8"))

TASKS = (
    ("f(w) <> g(x)", "w", "w, x in R^n; f, g: R -> R elementwise", 1),
    ("x + z", "z", "x in R^n; z in R", 1),
    ("sum(f(x))", "x", "x in R^n; f: R^n -> R^n", 1),
    ("f(g(x))", "x", "x in R^n; g: R^n -> R^k; f: R^k -> R^m", 1),
    ("max(0, w.T @ x + b)", "w", "w, x in R^n; b in R", 1),
    ("sum((y[i] - max(0, w.T @ X[i] + b))**2 for i in range(N)) / N", "w", "w in R^n; b in R; y in R^N; X in R^(N*n)", 1),
    ("softmax(x)", "x", "x in R^n", 1),
    ("-y.T @ log(softmax(W @ x))", "W", "y in R^k; W in R^(k*n); x in R^n", 1),
    ("norm(A @ x - b)**2", "x", "A in R^(m*n); x in R^n; b in R^m", 1),
    ("sum(log(1 + exp(-y[i] * (w.T @ X[i]))) for i in range(N))", "w", "w in R^n; y in R^N; X in R^(N*n)", 2),
    ("N/2*logdet(S) + 1/2*sum((X[i]-m).T @ inv(S) @ (X[i]-m) for i in range(N))", "S", "S in PD(n); X in R^(N*n); m in R^n", 1),
    ("norm(W2 @ tanh(W1 @ x) - y)**2", "W1", "W1 in R^(h*n); W2 in R^(m*h); x in R^n; y in R^m", 1),
)  # fmt: skip


@lru_cache
def derived() -> tuple[Derivation, ...]:
    found = [derive(c["text"], c["wrt"], c["where"], order=c["order"], check=False) for c in CASES]
    return (*found, *(derive(text, wrt, where, order=order, check=False) for text, wrt, where, order in TASKS))


@pytest.mark.parametrize("entry", BOOK.by_name.values(), ids=lambda e: e.name)
def test_every_sentence_of_the_book_names_terms_or_is_marked_as_a_general_law(entry: Rule) -> None:
    places = places_of(entry.because)
    assert not (entry.general and places), "a general law has no places"
    if entry.terms is not None:
        assert places, "terms without places to stand in"


def test_few_laws_are_general() -> None:
    general = [e.name for e in BOOK.by_name.values() if e.general]
    assert 5 * len(general) < len(BOOK.by_name)


def test_steps_name_their_own_terms() -> None:
    """Over the corpus and the tasks: each step by what is no general law names a term, and four of five steps do."""
    steps = [s for d in derived() for s in every_step(d.steps)]
    shown = [s for d in derived() for s in d.steps]
    for group in (steps, shown):
        without = Counter(s.rule for s in group if not s.reason.terms)
        unmarked = {name: n for name, n in without.items() if not BOOK.by_name[name].general}
        assert not unmarked
        assert 5 * without.total() < len(group)


def test_a_reason_is_one_thought_or_two() -> None:
    for d in derived():
        c = context_of(d)
        for s in d.steps:
            said = re.sub(r"\$[^$]*\$", "x", sentence(s.reason, c))
            assert said.endswith(".")
            assert len(re.findall(r"\.(?: |$)", said)) <= 2, said
            assert len(said) <= 330, said


def test_places_are_letters_on_the_page_of_a_law_and_terms_in_a_step() -> None:
    words = r"{c} does not contain $x_{\{1\}}$ or {\frac{a}{b}}."
    assert places_of(words) == ("c", r"\frac{a}{b}")
    assert in_letters(words) == r"$c$ does not contain $x_{\{1\}}$ or $\frac{a}{b}$."
    assert str(filled(words, {"c": "x"})) == r"x does not contain $x_{\{1\}}$ or $\frac{a}{b}$."


WORDINGS = "Here [{u} is {v}|{u} is found|something is found][, as {w}|]; [b] stays."


def test_of_several_wordings_the_first_is_said_whose_terms_fit_into_a_line() -> None:
    d = derive("x.T @ A @ x", "x", "x in R^n; A in R^(n*n)", check=False)
    c, known = context_of(d), {e.name: e for e in walk(d.problem.expression) if isinstance(e, Symbol)}
    x, A = known["x"], known["A"]
    long = plus(*(product(Number(Fraction(k)), A, transposed(A)) for k in range(2, 9)), product(A, A, A, A, A, A, A))
    assert len(linear(c.box(long))) > LONGEST

    def said(u: Expr, v: Expr, w: Expr) -> str:
        return sentence(filled(WORDINGS, {"u": u, "v": v, "w": w}), c)

    assert said(x, A, A) == r"Here $\mathbf{x}$ is $A$, as $A$; [b] stays."
    assert said(x, long, A) == r"Here $\mathbf{x}$ is found, as $A$; [b] stays."
    assert said(long, A, long) == "Here something is found; [b] stays."


def test_the_page_of_a_law_has_the_first_wording_and_terms_of_all_are_changed_together() -> None:
    assert in_letters(WORDINGS) == "Here $u$ is $v$, as $w$; [b] stays."
    assert places_of(WORDINGS) == ("u", "v", "w")
    assert in_letters(r"In {[U_{ij}]_{k}} $[a|b]$ stays.") == r"In $[U_{ij}]_{k}$ $[a|b]$ stays."
    one, other = Symbol("a", SCALAR), Symbol("c", SCALAR)
    reason = filled("[So {u} is 1.|It is {u}.]", {"u": one})
    assert reason.terms == (one,)
    assert reason.of(lambda _: other) == filled("[So {u} is 1.|It is {u}.]", {"u": other})
    assert str(Reason(("Yes.",)).also(reason)) == "Yes; so a is 1."


def test_no_reason_of_the_corpus_says_a_long_term_in_words() -> None:
    """Who writes a sentence says how it reads without the term; what is left is an entry that is spoken of as itself."""
    for d in derived():
        c = context_of(d)
        for s in every_step(d.steps):
            own = _IN_WORDS.findall("".join(s.reason.words))
            assert _IN_WORDS.findall(sentence(s.reason, c)) == own, sentence(s.reason, c)


_IN_WORDS = re.compile(
    r"\b[Tt]h(?:is|ese) (?:sum|product|quotient|square|power|derivative|cases|array|value|term|norm)\b"
)


def test_no_sentence_has_a_clause_without_words() -> None:
    for d in derived():
        c = context_of(d)
        for s in every_step(d.steps):
            assert not EMPTY.search(re.sub(r"\$[^$]*\$", "x", said := sentence(s.reason, c))), said


EMPTY = re.compile(
    r"\s[.,;:)]|[,;:(]\s*[.,;:)]|\s\s|\.\.|\b(?:and|or|of|by|with|to|are|when|where)(?:[.;:]|$)|[.;:] to first order ?[.;:]"
)
"""A sign that ends a clause behind a blank, behind another such sign, or behind a word that wants another one."""


@pytest.mark.parametrize(
    "words",
    [
        "It grows; to first order .",
        "So it is; .",
        "It is x; to first order; so.",
        "It is x; to first order: so.",
        "x and.",
    ],
)
def test_a_clause_without_words_is_seen(words: str) -> None:
    assert EMPTY.search(words)


def test_a_reason_that_is_said_is_not_said_again() -> None:
    one, two = Reason(("So.",)), Reason(("Then.",))
    assert (one + two + one).parts == ("So. Then.",)


def test_the_step_that_was_asked_for() -> None:
    d = derive("max(0, w.T @ x + b)", "w", "w, x in R^n; b in R", check=False)
    reasons = {s.title: " ".join(str(s.reason).split()) for s in d.steps}
    assert reasons["Differentiate u by w"].endswith("is x[i] if i + 1 = j + 1 and 0 otherwise.")
    text = " ".join(d.to("text").split())
    assert (
        "uᵢ = wᵢxᵢ contains no other entry of w than wᵢ, which has the constant factor xᵢ, so ∂uᵢ/∂wⱼ is xᵢ if i = j and 0 otherwise."
        in text
    )
    assert "b does not contain s and has the derivative 0." in text
    assert "z stands for wᵀx + b." in text


@pytest.mark.parametrize("form", ["text", "markdown", "latex", "html", "beamer", "json"])
def test_every_format_says_it(form: str) -> None:
    d = derive("w * x", "w", "w, x in R^n", check=False)
    said = re.sub(r"<[^>]*>", "", d.to(form))
    assert "contains no other entry of" in said
    assert "{" not in sentence(d.steps[2].reason, context_of(d)).replace(r"\mathbf{w}", "")


def test_what_would_fill_a_line_is_said_in_a_word() -> None:
    d = derive("(norm(A @ x - b)**2 + x.T @ M @ x + a)**2", "x", "A in R^(m*n); x in R^n; b in R^m; M in R^(n*n); a in R",
               method="scalar", check=False)  # fmt: skip
    c = context_of(d)
    assert all(len(sentence(s.reason, c)) < 700 for s in every_step(d.steps))
    assert any(
        "his sum" in sentence(s.reason, c) or "the sum over" in sentence(s.reason, c) for s in every_step(d.steps)
    )


def test_an_outer_product_is_no_sum() -> None:
    first = derive("outer(x, y)", "x", "x in R^n; y in R^m", method="scalar").to("text")
    assert "no index is shared, so nothing is summed" in " ".join(first.split())
