"""Random well-typed expressions: no derivative is wrong, and what keeps its indices, is refused or unchecked is counted.

``DERIVGEN_PROFILE=long python -m pytest -v tests/test_random.py`` runs ten thousand over the whole dialect, in parts:
one that fails is seen at once, and the others go on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

import derivgen
from derivgen.errors import NoRule
from derivgen.expr import Build, Expr, symbols, walk
from derivgen.expr.text import text
from derivgen.options import Method
from derivgen.read import Declarations, parse_text
from tests.dialect import questions
from tests.strategies import expressions

METHODS: tuple[Method, ...] = ("auto", "scalar", "chain")
OUTCOMES: Counter[str] = Counter()
REASONS: Counter[str] = Counter()
ASKED: set[tuple[str, str, int, str]] = set()

DRAWN = settings().max_examples
PART = 500
"""How many are drawn in one part; the number of the part is its seed."""


def in_parts(drawn: int) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("part", range(-(-drawn // PART)))


def ask(part: int, drawn: int, question: Callable[[st.DataObject], None]) -> None:
    reproducible = settings(max_examples=min(drawn, PART), derandomize=False, database=None)
    seed(part)(reproducible(given(st.data())(question)))()


def derived(e: Expr, declarations: Declarations, name: str, order: int, method: Method) -> None:
    asked = text(e), name, order, method
    if asked in ASKED:
        return
    ASKED.add(asked)
    OUTCOMES["all"] += 1
    try:
        d = derivgen.derive(e, wrt=name, where=str(declarations), order=order, method=method)
    except NoRule as refusal:
        OUTCOMES["refused"] += 1
        REASONS[f"refused: {refusal.hint}"] += 1
        return
    assert d.report is not None
    bad = [(v.status, v.reason, v.point) for v in d.report.verdicts if not v.passed]
    assert d.verdict != "refuted", f"{text(e)} by {name}, {order}, {method}: {text(d.result)}: {bad}"
    OUTCOMES[d.verdict] += 1
    if d.verdict == "unchecked":
        REASONS[f"unchecked: {next(v.reason for v in d.report.verdicts if v.status == 'unchecked')}"] += 1
    else:  # of what has no value anywhere, such as x/0, no text can be read
        assert parse_text(str(d.result), declarations) == d.result
    if any(isinstance(part, Build) for part in walk(d.result)):
        OUTCOMES["in index form, more than two axes" if d.result.shape.rank > 2 else "in index form"] += 1


@in_parts(DRAWN)
def test_no_derivative_is_wrong(part: int) -> None:
    ask(part, DRAWN, plain_question)


def plain_question(data: st.DataObject) -> None:
    e, declarations = data.draw(expressions(shape=None))
    if symbols(e):
        derived(e, declarations, data.draw(st.sampled_from(list(symbols(e)))), 1, data.draw(st.sampled_from(METHODS)))


@in_parts(2 * DRAWN)
def test_no_derivative_of_the_whole_dialect_is_wrong(part: int) -> None:
    """About half of what Hypothesis draws was drawn before."""
    ask(part, 2 * DRAWN, question)


def question(data: st.DataObject) -> None:
    e, declarations = data.draw(questions())
    if not symbols(e):
        return
    name = data.draw(st.sampled_from(list(symbols(e))))
    twice = not e.shape.axes and symbols(e)[name].shape.rank < 2
    order = data.draw(st.sampled_from([1, 1, 2])) if twice else 1
    derived(e, declarations, name, order, data.draw(st.sampled_from(METHODS)))


MENDED = (
    ("norm(f(w), 1)", "w", "w in R^n; f: R^n -> R^m", 2, "auto"),  # two indices of one name, of different lengths
    ("inv(A.T @ A + P) @ y", "A", "A in R^(m*n); P in PD(n); y in R^n", 1, "auto"),
    ("p.T @ log(1 + (inv(A.T @ A + P) @ p)**2)", "A", "p in R^n; A in R^(m*n); P in PD(n)", 1, "chain"),
    ("max(D[0])", "D", "D in Diag(n)", 1, "scalar"),  # a whole row is read; entries that tie
    ("[q(C[i]) for i in range(n)]", "C", "C in Sym(n); q: R^n -> R", 1, "auto"),
    ("min(relu(x))", "x", "x in R^n", 1, "chain"),
    ("max(S)", "S", "S in Sym(n)", 1, "auto"),
    ("-p.T @ log(softmax(p))", "p", "p in Simplex(n)", 2, "chain"),  # sum(p) = 1 was used between two derivatives
    ("relu(min(a, g(z.T)))", "z", "a in R; z in R^n; g: R -> R elementwise", 1, "chain"),  # a scalar beside a row
    ("b * a**g(2)", "b", "a, b in R; g: R -> R", 1, "auto"),
    ("sum(u.T @ B @ P[j] for j in range(n))", "u", "u in R^m; B in R^(m*n); P in PD(n)", 1, "chain"),
    (
        "trace((v @ p.T).T @ D(f)(y))",
        "y",
        "v in R^m; p in Simplex(n); y in R^n; f: R^n -> R^m",
        2,
        "scalar",
    ),  # an index had the name of a variable
    ("max(x * max(a, y))", "a", "a in R; x, y in R^n", 1, "auto"),
    ("trace(where(1 > 2, A, b).T @ A) * a", "b", "a, b in R; A in R^(m*n)", 1, "chain"),
    ("where(a > b, max(where(3 > 1, A, A < B, B, 1)), b)", "b", "a, b in R; A, B in R^(m*n)", 1, "auto"),
    ("(w * C[0] * sqrt(5)) / norm(w * C[0] * sqrt(5))", "C", "w in R^n; C in Sym(n)", 1, "chain"),  # √5 √5 was 1
    ("max(exp(x))", "x", "x in R^n", 1, "scalar"),  # the largest entry met itself in a ball, and nobody could tell
    ("abs(min(y / norm(y)))", "y", "y in R^n", 2, "chain"),
    ("min(inv(P) @ y)", "y", "y in R^n; P in PD(n)", 1, "auto"),
    ("x.T / (1 + relu(-z.T)**2)", "x", "x in R^n; z in R^n, z > 0", 1, "auto"),  # a row of zeros was a column
    ("max([a, a, 0])", "a", "a in R", 1, "auto"),  # from here on entries that are always equal, once refused
    ("min(A.T @ A)", "A", "A in R^(m*n)", 1, "auto"),
    ("max(max(w) * ones(n) + 1)", "w", "w in R^n", 1, "auto"),
    ("min(ones(m) @ x.T)", "x", "x in R^n; v in R^m", 1, "auto"),
    ("max(minimum(x, a))", "a", "x in R^n; a in R", 1, "auto"),
    (
        "sum(diag(diag(y)) @ X[i] for i in range(N))",
        "y",
        "y in R^4; X in R^(N*4)",
        1,
        "auto",
    ),  # a letter was left in the answer
    (
        "sum(diag(where(x[0] < c, where(E < 2, C, E[0, 0]), C)).T @ X[i] for i in range(N)) / N",
        "E",
        "c in R, c > 0; x in R^n; C in R^(n*n); X in R^(N*n); E in Diag(n)",
        1,
        "auto",
    ),
    ("amin([[X[1, j] for j in range(n)] for i in range(n)]) <= 2", "X", "X in R^(N*n)", 1, "auto"),
    (
        "max(H, where(3 < w[0], H, w[0]))",
        "H",
        "w in R^n; H in R^(n*n)",
        1,
        "scalar",
    ),  # ties in a case that is seldom met
    ("max(x, where(norm(x) > 100, x, 0))", "x", "x in R^n", 1, "auto"),
    ("max(where(a > 50, a, 0), a)", "a", "a in R", 1, "auto"),
)
"""Found by the properties above, and mended."""


@pytest.mark.parametrize(("expression", "wrt", "where", "order", "method"), MENDED)
def test_what_was_mended(expression: str, wrt: str, where: str, order: int, method: Method) -> None:
    d = derivgen.derive(expression, wrt=wrt, where=where, order=order, method=method)
    assert d.verdict == "verified"
    assert parse_text(str(d.result), where) == d.result


@pytest.mark.parametrize(
    ("expression", "wrt", "where"),
    [
        ("[trace(C), b]", "C", "C in R^(n*n); b in R"),
    ],
)
def test_what_is_refused(expression: str, wrt: str, where: str) -> None:
    methods: tuple[Method, ...] = ("auto", "scalar", "chain")
    for method in methods:
        with pytest.raises(NoRule) as refusal:
            derivgen.derive(expression, wrt=wrt, where=where, method=method)
        assert refusal.value.hint


def test_the_outcomes(record_property: Callable[[str, object], None], capsys: pytest.CaptureFixture[str]) -> None:
    """Kept in the report; printed where there are many."""
    lines = [f"random expressions: {OUTCOMES['all']}, refuted 0"]
    for outcome, count in (*OUTCOMES.items(), *REASONS.most_common()):
        record_property(outcome, count)
        lines.append(f"  {count:6} {count / max(OUTCOMES['all'], 1):6.1%}  {outcome}")
    with capsys.disabled():
        if OUTCOMES["all"] > 1000:
            print("", *lines, sep="\n")
    assert OUTCOMES["refused"] + OUTCOMES["verified"] + OUTCOMES["unchecked"] == OUTCOMES["all"]
