"""What is said of an answer: where there is none, where it is a convention, and where it is zero and why."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest

import derivgen
from derivgen.catalog.elementwise import absolute, exp
from derivgen.catalog.sign_facts import signs
from derivgen.errors import CheckError
from derivgen.expr import Add, Call, Expr, Mul, Number, Power, Symbol


def said(expression: str, wrt: str, where: str) -> list[str]:
    d = derivgen.derive(expression, wrt, where, check=False)
    assert isinstance(d, derivgen.Derivation)
    return [str(c) for c in d.conditions]


@pytest.mark.parametrize("name", ["max", "min"])
def test_largest_entry_has_a_kink(name: str) -> None:
    (note,) = said(f"{name}(x)", "x", "x in R^n")
    assert (
        note
        == f"not differentiable where x == {name}(x) in several entries with different slopes; the value there is a convention"
    )
    assert said(f"{name}(x) * b", "b", "x in R^n; b in R") == []


def test_empty_domain_is_said_to_be_empty() -> None:
    for e in ("log(-1 - b**2)", "log(-exp(b))", "sqrt(-abs(b) - 2)", "log(0 * b)"):
        assert any(note.startswith("defined nowhere: ") for note in said(e, "b", "b in R")), e
    for e in ("log(1 - b**2)", "log(b - 1)", "sqrt(abs(b) - 2)", "1/(b**2)", "log(-b)"):
        assert not any("nowhere" in note for note in said(e, "b", "b in R")), e


def test_domain_that_is_everything_is_not_mentioned() -> None:
    for e in ("log(1 + exp(x))", "1/(1 + x**2)", "sqrt(abs(x) + 1)", "log(2)*x"):
        assert said(e, "x", "x in R") == [note for note in said(e, "x", "x in R") if "defined" not in note], e
    assert said("log(x**2)", "x", "x in R") == ["defined where x**2 > 0"]
    given = "s in R, s > 0; t in R; x in R^n, x > 0; v in R^n; S in PD(n); p in Simplex(n)"
    for e in ("log(2*pi*s)/s", "t/sqrt(sum(x))", "v / x", "log(x[0])/n", "logdet(S) + t", "log(sum(exp(v)) * trace(S))",
              "log(1 - sigmoid(t))", "log(3 - sigmoid(t) - 2*sigmoid(s))"):  # fmt: skip
        assert said(f"({e}) * t", "t", given) == [], e


def test_numbers_of_known_sign_are_left_out_of_a_domain() -> None:
    given = "s, t in R; r in R, r > 0; v in R^n; p in Simplex(n)"
    for e, note in (
        ("log(2*pi*s*r)", "s > 0"), ("1/(-2*r*s)", "s != 0"), ("log(-s)", "-s > 0"), ("t/(p[0]*r)", "p[0] != 0"),
        ("sqrt(exp(s)*t)", "t > 0"), ("log(1 - 2*sigmoid(t))", "1 - 2 * sigmoid(t) > 0"), ("sum(log(2*v))", "v > 0 in every entry"),
    ):  # fmt: skip
        assert said(e + " * t", "t", given) == [f"defined where {note}"], e


def test_a_norm_has_a_value_everywhere_and_a_slope_from_its_square_on() -> None:
    given = "x, v in R^n; A in R^(n*n); s, t in R"
    for e in ("norm(x)**2", "norm(x)**3", "x.T @ A @ x * norm(x)**4", "sum(x) * norm(v)"):
        assert said(e, "x", given) == [], e
    assert said("norm(x)", "x", given) == ["not differentiable where norm(x) == 0"]
    assert said("norm(x) + sum(x)**2", "x", given) == ["not differentiable where norm(x) == 0"]
    for e in ("norm(x) * sum(x)", "x * norm(x)"):  # of which the second has a derivative there
        assert said(e, "x", given) == ["there may be no derivative where norm(x) == 0"], e
    (written,) = said("norm(x)**(3/2)", "x", given)  # it has one, which the answer does not give
    assert written == "written for norm(x) > 0; elsewhere the derivative may exist, but not in this form"
    assert said("std(x)", "x", given) == ["there may be no derivative where std(x) == 0"]
    assert said("log(std(x))", "x", given) == ["defined where std(x) > 0"]
    assert said("x / norm(v)", "x", given) == ["defined where norm(v) > 0"]
    assert said("sum(x) / (s * t)", "x", given) == ["defined where s != 0", "defined where t != 0"]


def test_a_square_is_known_as_one_behind_what_is_opened() -> None:
    """The absolute values of ‖x‖₁ are opened for their kinks: a norm around them is squared all the same."""
    for inside in ("norm(x, 1) * y", "norm(x, 1) * y + x"):
        assert not any("defined where" in note for note in said(f"norm({inside})**2", "x", "x, y in R^n")), inside


def test_only_what_is_clipped_is_said_to_be() -> None:
    assert "zero where w <= 0: what is clipped passes no gradient" in said("a * max(0, w)", "w", "a, w in R")
    assert "zero where x <= 0: the expression is constant there" in said("where(x > 0, x**2, 3)", "x", "x in R")
    assert not any("clipped" in note for note in said("where(x > 0, x**2, 3)", "x", "x in R"))
    # neither summand makes the sum zero, and e⁰ is 1
    assert not any(note.startswith("zero") for note in said("max(0, b)**2 + min(b, a)", "b", "a, b in R"))


def test_what_declarations_settle_is_not_mentioned() -> None:
    where = "x, mu in R^n; S in PD(n); p in R^n, p > 0; a in R"
    for e in ("logdet(2 * inv(S) + eye(n))", "sqrt((2 * pi)**n * det(S))", "sum(log(p)) + log(mean(p)) / n",
              "(x - mu).T @ inv(S) @ (x - mu)", "sqrt(sum(x**2) / n + 1)", "log(1 + x.T @ x + sum(x[i]**4 for i in range(n)))"):  # fmt: skip
        assert said(e, "x", where) == [], e
    assert said("logdet(S - eye(n)) * a", "a", where) == ["defined where det(S - eye(n)) > 0"]
    assert said("logdet(a * S)", "a", where) == ["defined where det(a * S) > 0"]
    assert said("x.T @ mu / (norm(x) * norm(mu))", "x", where) == [
        "defined where norm(x) > 0",
        "defined where norm(mu) > 0",
    ]


def test_what_definite_matrices_settle_is_not_mentioned() -> None:
    where = "W in R^(n*m); x, y in R^n; X in R^(N*n); M in R^(n*n); S in PD(n); T in PD(m); d in R^n, d > 0; s, v in R; s > 0"
    for e, wrt in (("logdet(W @ W.T + s*eye(n))", "W"), ("logdet(W @ T @ W.T + S)", "W"), ("logdet(W.T @ diag(d) @ W + T)", "d"),
              ("sum(log(1 + (X[i] - x).T @ S @ (X[i] - x)/s) for i in range(N))", "x"), ("log(s + x.T @ S @ x)", "x"),
              ("logdet(S + sum(X[i] @ X[i].T for i in range(N)))", "X"), ("y.T @ inv(W @ T @ W.T + s*eye(n)) @ y", "W"),
              ("sqrt(1 + x.T @ M.T @ M @ x)", "x"), ("log(1 + trace(W.T @ W))", "W")):  # fmt: skip
        assert said(e, wrt, where) == [], e
    for e, wrt, left in (("logdet(W.T @ W)", "W", "det(W.T @ W)"), ("logdet(W @ W.T + v*eye(n))", "W", "det(W @ W.T + v * eye(n))"),
              ("logdet(W @ T @ W.T - S)", "W", "det(W @ T @ W.T - S)"), ("log(x.T @ S @ x)", "x", "x.T @ S @ x"),
              ("log(1 + x.T @ M @ x)", "x", "1 + x.T @ M @ x"), ("log(1 + x.T @ S @ y)", "x", "1 + x.T @ S @ y"),
              ("logdet(W.T @ diag(y) @ W + T)", "W", "det(W.T @ diag(y) @ W + T)")):  # fmt: skip
        assert said(e, wrt, where) == [f"defined where {left} > 0"], e


@pytest.mark.parametrize(
    ("expression", "wrt", "added"),
    [
        ("det(X)", "X", "det(X) != 0"),
        ("det(relu(X))", "X", "det(relu(X)) != 0"),
        ("det(Z.T @ Z)", "Z", "det(Z.T @ Z) != 0"),
        ("det(X @ Y)**2", "X", "det(X) != 0"),
        ("abs(det(X))", "X", "det(X) != 0"),
        ("det(a * X)", "a", "a != 0"),
    ],
)
def test_what_only_the_answer_divides_by_is_said(expression: str, wrt: str, added: str) -> None:
    notes = said(expression, wrt, "X, Y in R^(n*n); Z in R^(m*n); a in R")
    everywhere = len(notes) == 1  # det(XᵀX) is a polynomial
    exists = "exists, too" if everywhere else "may exist"
    assert f"written for {added}; elsewhere the derivative {exists}, but not in this form" in notes


@pytest.mark.parametrize(
    ("expression", "wrt"),
    [
        ("logdet(X)", "X"), ("logdet(X.T)", "X"), ("log(det(X)**2)", "X"), ("inv(X)", "X"), ("trace(inv(Y @ X))", "X"),
        ("det(inv(X))", "X"), ("det(S)", "S"), ("norm(x)", "x"), ("sqrt(x.T @ x)", "x"), ("sqrt(sum(x**2))", "x"), ("1 / x", "x"),
        ("sqrt(trace(X.T @ X))", "X"), ("x.T @ y / norm(x)", "x"), ("sqrt(relu(x))", "x"), ("softmax(x)", "x"), ("max(x @ x.T)", "x"),
        ("max(kron(X, X))", "X"),
    ],
)  # fmt: skip
def test_what_the_question_divides_by_is_not_said_again(expression: str, wrt: str) -> None:
    notes = said(expression, wrt, "X, Y in R^(n*n); x, y in R^n; S in PD(n)")
    assert not [note for note in notes if note.startswith("written")]


def test_kinks_are_where_slopes_differ() -> None:
    assert said("max(x**2, x * x)", "x", "x in R^n") == []
    assert said("max(exp(log(x)), x)", "x", "x in R^n") == ["defined where x > 0 in every entry"]
    assert said("max(x, x[0])", "x", "x in R^n") == [
        "there may be no derivative where x == x[0] in some entry; the value there is a convention"
    ]
    (note,) = said("max(x @ x.T)", "x", "x in R^n")
    assert note.startswith(
        "there may be no derivative where x @ x.T == max(x @ x.T) in several entries with different slopes"
    )


def test_a_point_outside_the_domain_of_what_was_left_out_is_refused() -> None:
    d = derivgen.derive("max(exp(log(x)), x)", "x", "x in R", check=False)
    assert isinstance(d, derivgen.Derivation)
    assert d.evaluate({"x": 2.0}) == 1
    with pytest.raises(CheckError, match="no value at this point") as refusal:
        d.evaluate({"x": -2.0})
    assert refusal.value.hint == "it is defined where x > 0"


def test_signs_hold_at_points() -> None:
    """Random trees of what ``signs`` knows, computed by hand at a few values."""
    x = Symbol("x")
    values = [Fraction(v, 2) for v in (-5, -2, -1, 0, 1, 3)]
    leaves: list[tuple[Expr, list[float]]] = [
        (Number(Fraction(c)), [float(c)] * len(values)) for c in (-2, 0, 1)
    ] + [(x, [float(v) for v in values])]  # fmt: skip
    level = list(leaves)
    for (a, u), (b, v) in product(leaves, leaves):
        level += [(Add((a, b)), [p + q for p, q in zip(u, v, strict=True)])]
        level += [(Mul((a, b)), [p * q for p, q in zip(u, v, strict=True)])]
    for a, u in list(level):
        level += [(Power(a, Number(Fraction(2))), [p**2 for p in u]), (Call(absolute, (a,)), [abs(p) for p in u])]
        level += [
            (Call(exp, (a,)), [2.718281828459045**p for p in u]),
            (Power(a, Number(Fraction(3))), [p**3 for p in u]),
        ]
    for (a, u), (b, v) in product(level, leaves + level[20:60]):
        found = signs(Add((a, b)))
        assert {(t > 0) - (t < 0) for t in (p + q for p, q in zip(u, v, strict=True))} <= found, Add((a, b))


def test_of_a_sum_each_term_is_zero_and_not_the_whole() -> None:
    where = "w in R^n; y in R^N; X in R^(N*n)"
    notes = derivgen.derive("sum((y[i] - max(0, w.T @ X[i]))**2 for i in range(N))", "w", where).to("text")
    assert "Each term is zero where wᵀxᵢ ≤ 0" in notes
    assert "Zero where wᵀx ≤ 0" in derivgen.derive("max(0, w.T @ x)", "w", "w, x in R^n").to("text")


DATA = "w in R^n; y in R^N; X in R^(N*n); b in R"


def kinks(expression: str, wrt: str, where: str, order: int = 1) -> list[str]:
    d = derivgen.derive(expression, wrt, where, check=False, order=order)
    assert isinstance(d, derivgen.Derivation)
    return [str(c).removesuffix("; the value there is a convention") for c in d.conditions if c.of_slopes]


@pytest.mark.parametrize(
    ("expression", "wrt", "where"),
    [
        ("max(0, x)**2", "x", "x in R"), ("abs(x)*x", "x", "x in R"), ("max(0, x)*x", "x", "x in R"),
        ("max(0, x)**2 + max(0, -x)**2", "x", "x in R"),
        ("max(40, x)*(x - 40)", "x", "x in R"), ("where(x > 0, x**2, 0)", "x", "x in R"), ("abs(x**2)", "x", "x in R"),
        ("max(0, f(x))**2", "x", "x in R; f: R -> R"), ("norm(max(0, x))**2", "x", "x in R^n"),
        ("x.T @ max(0, x)", "x", "x in R^n"), ("sum(abs(w.T @ X[i] - y[i])**3 for i in range(N))", "w", DATA),
        ("sum(max(0, 1 - y[i]*(w.T @ X[i]))**2 for i in range(N)) + norm(w)", "w", DATA),
        ("abs(b)**3 * sum(y)", "b", DATA), ("[max(0, x)**2, abs(x)*x*b]", "[x, b]", "x, b in R"),
    ],
)  # fmt: skip
def test_a_kink_with_one_slope_is_none(expression: str, wrt: str, where: str) -> None:
    listed = derivgen.derive(expression, wrt, where, check=False)
    assert isinstance(listed, derivgen.Derivation)
    assert not [c for c in listed.conditions if c.of_slopes]


@pytest.mark.parametrize(
    ("expression", "wrt", "where", "relation"),
    [
        ("max(0, x)", "x", "x in R", "x == 0"), ("abs(x)", "x", "x in R^n", "x == 0 in some entry"),
        ("max(0, x)*(x + 1)", "x", "x in R", "x == 0"), ("max(0, x - 40)*x", "x", "x in R", "x - 40 == 0"),
        ("where(x > 0, x**2, 3)", "x", "x in R", "x == 0"),
        ("where(x > 0, x, 0)", "x", "x in R", "x == 0"), ("sqrt(relu(x))", "x", "x in R", "x == 0"),
        ("norm(x, 1)", "x", "x in R^n", "x == 0 in some entry"),
        ("max(0, x)**2 + abs(x)/1000", "x", "x in R", "x == 0"),
        ("max(x, y)", "x", "x, y in R^n", "x == y in some entry"), ("max(0, w.T @ x + b)", "b", "w, x in R^n; b in R", "w.T @ x + b == 0"),
        ("norm(w)**2 + a*norm(w, 1)", "w", DATA + "; a in R; a > 0", "w == 0 in some entry"),
        ("sum(abs(w[j] - 2*v[j]) for j in range(n)) / 2", "w", "w, v in R^n", "w[j] - 2 * v[j] == 0"),
    ],
)  # fmt: skip
def test_a_kink_with_two_slopes_is_told(expression: str, wrt: str, where: str, relation: str) -> None:
    assert kinks(expression, wrt, where) == [f"not differentiable where {relation}"]


@pytest.mark.parametrize(
    ("expression", "wrt", "where", "relation"),
    [
        ("max(0, w.T @ X[0] + b)", "w", DATA, "w.T @ X[0] + b == 0"),  # X[0] may be 0
        ("sum((y[i] - max(0, w.T @ X[i] + b))**2 for i in range(N)) / N", "w", DATA, "w.T @ X[i] + b == 0"),  # so may y
        ("max(0, f(x))", "x", "x in R; f: R -> R", "f(x) == 0"),
        ("norm(w)**2 + b*norm(w, 1)", "w", DATA, "w == 0 in some entry"),
        ("abs(x)*a", "x", "x, a in R", "x == 0"),
        ("a*abs(x) + abs(-x)/2", "x", "x, a in R", "x == 0"),  # a may be -1/2
        ("max(0, x) + a*where(x > 0, x, 0)", "x", "x, a in R", "x == 0"),
        ("max(x)**2", "x", "x in R^n", "x == max(x) in several entries with different slopes"),
        ("max(0, a*u + b)", "[a, u]", "a, u, b in R", "a * u + b == 0"),
    ],
)
def test_where_a_kink_may_be_smoothed_it_is_not_said_that_there_is_no_derivative(
    expression: str, wrt: str, where: str, relation: str
) -> None:
    assert kinks(expression, wrt, where) == [f"there may be no derivative where {relation}"]


def joined(expression: str, wrt: str, where: str, order: int = 1) -> list[str]:
    d = derivgen.derive(expression, wrt, where, check=False, order=order)
    assert isinstance(d, derivgen.Derivation)
    return [str(c) for c in d.conditions if c.kind == "joined"]


def test_a_value_at_a_border_that_both_sides_tend_to_is_the_derivative() -> None:
    said = "where {} both sides tend to the value there, which is the {}"
    assert joined("max(0, x)**2", "x", "x in R") == [said.format("x == 0", "derivative")]
    hinge = "sum(max(0, 1 - y[i]*(w.T @ X[i]))**2 for i in range(N))"
    assert joined(hinge, "w", DATA) == [said.format("1 == y[i] * w.T @ X[i]", "derivative")]
    assert joined("max(0, x)**3", "x", "x in R", order=2) == [said.format("x == 0", "second derivative")]
    assert joined("x*abs(x)", "x", "x in R") == []  # 2|x| needs no case


def test_of_a_clipped_error_it_is_said_where_it_is_not_clipped_that_no_error_passes_no_gradient() -> None:
    loss = derivgen.derive("sum((y[i] - max(0, w.T @ X[i] + b))**2 for i in range(N)) / N", "w", DATA).to("text")
    assert "Elsewhere each term is zero where wᵀxᵢ + b − yᵢ = 0: no error, no gradient." in " ".join(loss.split())
    hinge = derivgen.derive("sum(max(0, 1 - y[i]*(w.T @ X[i]))**2 for i in range(N))", "w", DATA).to("text")
    assert "no error" not in hinge  # the error is 0 at the border alone, which is said already


def test_of_a_second_derivative_the_slopes_of_the_slope_count() -> None:
    for e in ("abs(x)**3", "x*max(0, x)**2", "x**2 * abs(x)"):
        assert kinks(e, "x", "x in R", order=2) == [], e
    for e in ("abs(x)", "max(0, x)", "max(0, x)**2", "x*abs(x)", "where(x > 0, x, 0)"):
        assert kinks(e, "x", "x in R", order=2) == ["not twice differentiable where x == 0"], e
    hinge = "sum(max(0, 1 - y[i]*(w.T @ X[i]))**2 for i in range(N))"
    (note,) = kinks(hinge, "w", DATA, order=2)
    assert note.startswith("there may be no second derivative where 1 == y[i]")


def test_a_border_that_is_not_reached_is_left_open() -> None:
    assert kinks("abs(x - 10**9)*x", "x", "x in R") == ["there may be no derivative where x - 1000000000 == 0"]


def test_nobody_looks_for_kinks_where_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[Expr] = []
    monkeypatch.setattr("derivgen.check.kinks.BothSides.differ", lambda _, border: looked.append(border))
    for e in ("x.T @ x", "norm(x)", "softmax(x)", "log(sum(exp(x)))", "max(x)", "max(b, 0) * sum(x)"):
        kinks(e, "x", "x in R^n; b in R")
    assert not looked
    kinks("max(b, 0) * sum(x)", "b", "x in R^n; b in R")
    assert len(looked) == 1


@pytest.mark.parametrize(
    "expression",
    ["sum(max(0, 1 - y[i]*(w.T @ X[i]))**2 for i in range(N))", "sum(max(0, w.T @ X[i])**2 for i in range(N))"],
)
def test_a_case_does_not_ask_again_what_decides_it(expression: str) -> None:
    shown = derivgen.derive(expression, "w", DATA, order=2).to("text")
    assert "𝟏(" not in shown
    assert "✓ Verified" in shown
    # another condition is asked in a case as before
    assert "𝟏(1 − wᵀx > 0)" in derivgen.derive("max(0, 1 - max(0, w.T @ x))", "w", "w, x in R^n").to("text")


@pytest.mark.parametrize(("text", "where", "limited"), [
    ("log(a.T @ x)", "a, x in R^n; a > 0; x > 0", False),
    ("log(a.T @ x)", "a, x in R^n; x > 0", True),
    ("sum(a[i]*x[i]**r for i in range(n))**(1/r)", "a, x in R^n; r in R; a > 0; x > 0; r > 0", False),
    ("log(x.T @ M @ x)", "x in R^n; M in R^(n*n); x > 0", True),
])  # fmt: skip
def test_sums_of_products_of_positive_entries_are_positive(text: str, where: str, limited: bool) -> None:
    d = derivgen.derive(text, "x", where, check=False)
    assert bool(d.conditions) is limited


@pytest.mark.parametrize(("text", "order", "relation"), [
    ("sum(log(1 + exp(-y[i] * (w.T @ X[i]))) for i in range(N))", 2, "y**2 == 1"),
    ("sum(log(1 + exp(-y * (X @ w))))", 2, "y**2 == 1"),
    ("sum(log(1 + exp(-y[i] * (w.T @ X[i]))) for i in range(N))", 1, ""),
    ("norm(y * sigmoid(X @ w))**2", 1, ""),
])  # fmt: skip
def test_that_the_square_of_a_label_is_one_is_said_where_it_stands_in_the_answer(
    text: str, order: int, relation: str
) -> None:
    d = derivgen.derive(text, "w", "w in R^n; X in R^(N*n); y in R^N", order=order, check=False)
    assert [str(c.relation) for c in d.conditions if c.kind == "labels"] == ([relation] if relation else [])
    said = " ".join(d.to("text").split())
    assert ("as for labels −1 and 1, that factor can be left out." in said) is bool(relation)


def test_where_a_second_derivative_is_zero_the_first_is_constant() -> None:
    """There the value may change, and a gradient may pass: neither is a reason."""
    for e in ("max(0, w)**2", "max(2 * w, w**2)", "where(w > 0, w**2, 3 * w)"):
        notes = [str(c) for c in derivgen.derive(e, "w", "w in R", order=2).conditions]
        (zero,) = [note for note in notes if note.startswith("zero")]
        assert zero.endswith(": the first derivative is constant there"), e
    vector = derivgen.derive("max(0, w.T @ x)**2", "w", "w, x in R^n", order=2)
    assert "zero where w.T @ x <= 0: the first derivative is constant there" in [str(c) for c in vector.conditions]


def test_where_slopes_do_not_settle_or_meet_slowly_it_is_not_said_that_there_is_none() -> None:
    """x² sin(1/x) has the slope 0 at 0, and that of |x|^1.5 is 0 there, too: both were called not differentiable."""
    (swings, zero) = said("where(t > 0, t**2 * sin(1/t), 0)", "t", "t in R")
    assert swings == "there may be no derivative where t == 0; the value there is a convention"
    assert zero.startswith("zero where t <= 0")
    assert said("abs(x)**1.5", "x", "x in R") == [
        "where x == 0 both sides tend to the value there, which is the derivative"
    ]
    assert any(s.startswith("not differentiable where x == 0") for s in said("sqrt(relu(x)) + x", "x", "x in R"))


def test_what_a_case_asks_for_is_no_condition_of_the_whole() -> None:
    assert not any("defined" in s for s in said("where(t > 0, exp(-1/t), 0)", "t", "t in R"))
    assert not any("defined" in s for s in said("where(0 < t, log(t), t)", "t", "t in R"))
    assert "defined where t != 0" in said("where(t > 1, 1/t, 0)", "t", "t in R")  # t > 1 is not asked for what follows
    assert "defined where t != 0" in said("where(t > 0, 1/t, 0) + 1/t", "t", "t in R")


def test_a_convention_is_only_where_the_answer_has_a_value() -> None:
    said_of_size = said("abs(det(X))", "X", "X in R^(n*n)")
    assert said_of_size[0] == "there may be no derivative where det(X) == 0"
    assert "elsewhere the derivative may exist" in said_of_size[1]
    (exists,) = said("det(X)", "X", "X in R^(n*n)")
    assert "elsewhere the derivative exists, too" in exists


def test_a_kink_within_an_extreme_is_not_said_to_be_none() -> None:
    """The largest of |x| has no slope at x = 0, though both sides tend to one value where another entry is the largest."""
    assert not any("which is the derivative" in s for s in said("max(abs(x))", "x", "x in R^n"))


def test_what_is_asked_of_all_entries_is_not_asked_again_of_each() -> None:
    assert said("prod(x) / x", "x", "x in R^n") == ["defined where x != 0 in every entry"]
    asked = said("(x - sum(x)/n) / sqrt(sum((x[i] - sum(x)/n)**2 for i in range(n))/n)", "x", "x in R^n")
    assert len(asked) == 1
    assert asked[0].startswith("defined where ")
