"""The way of a board: what needs two lines in a lecture has no detour through letters and matrices of ones."""

from __future__ import annotations

import re

import pytest

from derivgen import derive
from derivgen.expr import walk


@pytest.mark.parametrize(("text", "where"), [
    ("-p.T @ log(p)", "p in R^n"),
    ("p.T @ (log(p) - log(q))", "p, q in R^n"),
    ("p.T @ tanh(p)", "p in R^n"),
])  # fmt: skip
def test_an_inner_product_of_a_vector_and_its_own_function_goes_by_its_entries(text: str, where: str) -> None:
    d = derive(text, "p", where)
    assert d.verdict == "verified"
    assert [s.rule for s in d.steps[:2]] == ["entry-of-product", "product-rule"]
    assert not any("ones(" in str(s.after) for s in d.steps)


def test_an_inner_product_with_what_is_constant_still_has_its_letters() -> None:
    d = derive("max(0, w.T @ x + b)", "w", "w, x in R^n; b in R")
    assert str(d.steps[0].introduces[0].value) == "w * x"


@pytest.mark.parametrize(("text", "names"), [
    ("-sum(log(b - A @ x))", ["r", "y"]),
    ("sum(max(0, A @ x - b))", ["r", "y"]),
    ("exp(sum(log(x)) / n)", []),
    ("sqrt(sum(exp(x)))", ["s", "y"]),
])  # fmt: skip
def test_what_one_function_makes_of_each_entry_is_added_up_in_the_same_link(text: str, names: list[str]) -> None:
    d = derive(text, "x", "x in R^n; A in R^(m*n); b in R^m")
    assert d.verdict == "verified"
    assert [str(i.symbol) for s in d.steps for i in s.introduces] == names


def test_a_sum_of_two_functions_of_each_entry_is_cut_between_them() -> None:
    d = derive("sqrt(sum(exp(tanh(A @ x))))", "x", "x in R^n; A in R^(m*n)", check=False)
    assert [str(i.symbol) for i in d.steps[0].introduces] == ["z", "a", "h", "s", "y"]


def test_no_root_of_a_softmax_is_folded() -> None:
    d = derive("sqrt(sum(exp(x)))", "x", "x in R^n")
    assert str(d.result) == "1 / 2 * exp(x).T / sqrt(sum(exp(x)))"


GAUSS = ("exp(-(x - m).T @ inv(S) @ (x - m) / 2)", "x, m in R^n; S in PD(n)", "y * (u @ u.T - inv(S))")


@pytest.mark.parametrize(("text", "where", "hessian"), [
    GAUSS,
    ("exp(sum(log(x)) / n)", "x in R^n", "y * (u @ u.T - 1 / n * diag(1 / x**2))"),
    ("c * sqrt((x - m).T @ S @ (x - m))", "x, m in R^n; c in R; S in PD(n)", "c**2 * S / y - u @ u.T / y**3"),
    ("1 / (1 + x.T @ x)", "x in R^n", "2 * y**2 * (y * u @ u.T - eye(n))"),
])  # fmt: skip
def test_a_value_that_stands_in_its_own_gradient_keeps_its_letter(text: str, where: str, hessian: str) -> None:
    d = derive(text, "x", where, order=2)
    assert d.verdict == "verified"
    assert len(d.steps) <= 9
    (second,) = (s for s in d.steps if s.rule == "hessian")
    assert str(second.after) == hessian
    assert "known by now" in str(second.reason)
    shown, names = d.said_result
    assert [str(n.symbol) for n in names] == ["y"]
    assert "y" in str(shown)
    assert not re.search(r"\by\b", str(d.result))


@pytest.mark.parametrize(("text", "hessian"), [
    ("(1 + x.T @ x)**2", "2 * u @ x.T + 4 * z * eye(n)"),
    ("log(1 + x.T @ x)", "2 * eye(n) / z - 2 * u @ x.T / z**2"),
])  # fmt: skip
def test_a_number_with_a_name_in_the_gradient_keeps_it_when_that_is_derived_again(text: str, hessian: str) -> None:
    d = derive(text, "x", "x in R^n", order=2)
    assert d.verdict == "verified"
    assert len(d.steps) <= 8
    (second,) = (s for s in d.steps if s.rule == "hessian")
    assert str(second.after) == hessian
    assert d.steps[-1].rule == "letters-back"


def test_with_a_constant_in_front_the_factor_is_said_to_be_the_share_that_it_is() -> None:
    d = derive("3 * exp(x.T @ x)", "x", "x in R^n", order=2, check=False)
    (first,) = (s for s in d.steps if s.rule == "first-derivative")
    assert "exp(x.T @ x) in it is 1 / 3 * y" in str(first.reason)


def test_by_entries_no_letter_of_the_value_is_kept() -> None:
    text, where, _ = GAUSS
    d = derive(text, "x", where, order=2, method="scalar", check=False)
    assert "value-by-letter" not in {s.rule for s in d.steps}


@pytest.mark.parametrize(("text", "where", "names"), [
    ("(x - mean(x)) / sqrt(var(x) + c)", "x in R^n; c in R", ["u", "v", "y"]),
    ("(x - mean(x)) / std(x)", "x in R^n", ["u", "v", "y"]),
    ("x * exp(-x.T @ x)", "x in R^n", ["u", "y"]),
    ("(A @ x) * sigmoid(w.T @ x)", "x, w in R^n; A in R^(m*n)", ["u", "v", "y"]),
    ("c * x / sqrt(1 + x.T @ x)", "x in R^n; c in R", ["u", "v", "y"]),
])  # fmt: skip
def test_a_vector_with_a_number_that_moves_too_goes_by_the_rule_for_both(
    text: str, where: str, names: list[str]
) -> None:
    d = derive(text, "x", where)
    assert d.verdict == "verified"
    assert len(d.steps) <= 6
    assert [str(i.symbol) for i in d.steps[0].introduces] == names
    (rule,) = (s for s in d.steps if s.rule in ("quotient-of-values", "product-of-values"))
    assert "each is differentiated in turn while the other stays" in str(rule.reason)


@pytest.mark.parametrize(("text", "where"), [
    ("x / norm(x)", "x in R^n"),
    ("x * (a.T @ x)", "x, a in R^n"),
    ("x / (a.T @ x)", "x, a in R^n"),
])  # fmt: skip
def test_a_number_of_sums_of_products_or_a_length_needs_no_letter(text: str, where: str) -> None:
    d = derive(text, "x", where)
    assert d.verdict == "verified"
    assert not d.steps[0].introduces


@pytest.mark.parametrize(("text", "where", "steps"), [
    ("sum(log(1 + exp(-y[i] * (X[i].T @ w))) for i in range(N)) + c * norm(w)**2", "w in R^n; X in R^(N*n); y in R^N; c in R", 10),
    ("norm(A @ w - b)**2 + c * w.T @ w", "w in R^n; A in R^(m*n); b in R^m; c in R", 10),
])  # fmt: skip
def test_the_hessian_of_a_sum_is_taken_term_by_term(text: str, where: str, steps: int) -> None:
    d = derive(text, "w", where, order=2)
    assert d.verdict == "verified"
    assert len(d.steps) <= steps
    assert (d.steps[0].rule, d.steps[-1].rule) == ("derive-terms", "add-terms")
    terms = {i.symbol for i in d.steps[0].introduces}
    names = [str(i.symbol) for s in d.steps for i in s.introduces if s is d.steps[0] or i.symbol not in terms]
    assert len(names) == len(set(names))


def test_a_softmax_in_the_hessian_of_a_sum_keeps_its_letter() -> None:
    d = derive("log(sum(exp(x))) + norm(A @ x - b)**2", "x", "x in R^n; A in R^(m*n); b in R^m", order=2)
    assert d.verdict == "verified"
    assert len(d.steps) <= 10
    assert "diag(s) - s @ s.T" in " ".join(str(s.after) for s in d.steps)


def test_beside_linear_terms_the_hessian_is_that_of_the_rest() -> None:
    d = derive("t * c.T @ x - sum(log(b - A @ x))", "x", "x, c in R^n; A in R^(m*n); b in R^m; t in R", order=2)
    first, *rest = d.steps
    assert "linear in x: its gradient does not change" in str(first.reason)
    (name,) = first.introduces
    assert str(name.value) == "-sum(log(b - A @ x))"
    assert "zeros" not in " ".join(str(s.after) for s in rest)


def test_among_several_terms_that_of_a_linear_one_is_zero() -> None:
    d = derive("log(1 + exp(a.T @ x)) + log(1 + exp(c.T @ x)) + sum(x)", "x", "x, a, c in R^n", order=2)
    (linear,) = (s for s in d.steps if "linear in x" in str(s.reason))
    assert str(linear.after) == "zeros(n, n)"


@pytest.mark.parametrize(("text", "where"), [
    ("log(sum(exp(A @ x))) + norm(A @ x)**2", "x in R^n; A in R^(m*n)"),
    ("x.T @ A @ x + c.T @ x", "x, c in R^n; A in R^(n*n)"),
])  # fmt: skip
def test_a_sum_through_one_letter_or_without_any_is_not_split(text: str, where: str) -> None:
    d = derive(text, "x", where, order=2)
    assert d.verdict == "verified"
    assert d.steps[0].rule != "derive-terms"


def test_a_linear_gradient_is_derived_again_in_one_step() -> None:
    d = derive("x.T @ A @ x / 2 - b.T @ x", "x", "x, b in R^n; A in Sym(n)", order=2)
    assert [s.rule for s in d.steps[-3:]] == ["first-derivative", "derive-link", "hessian"]


@pytest.mark.parametrize(("text", "where", "name", "value"), [
    ("norm(V.T @ softmax(K @ x / sqrt(d)) - y)**2", "x in R^d; K in R^(n*d); V in R^(n*p); y in R^p", "s", "softmax(K @ x / sqrt(d))"),
    ("norm(V.T @ softmax(K @ x) - y)**2", "x in R^d; K in R^(n*d); V in R^(n*p); y in R^p", "s", "softmax(K @ x)"),
    ("norm(V @ tanh(K @ x / sqrt(d)) - y)**2", "x in R^d; K in R^(n*d); V in R^(p*n); y in R^p", "a", "tanh(K @ x / sqrt(d))"),
])  # fmt: skip
def test_the_letter_of_a_part_in_the_answer_is_that_of_the_steps(text: str, where: str, name: str, value: str) -> None:
    d = derive(text, "x", where)
    own = {str(i.symbol): i for s in d.steps for i in s.introduces}
    assert name in own
    shown, names = d.said_result
    assert [(str(n.symbol), str(n.value)) for n in names] == [(name, value)]
    assert name in {str(e) for e in walk(shown)}


def test_what_is_carried_back_is_said_to_be_multiplied_by_a_jacobian_each_time() -> None:
    where = "x in R^d; K in R^(n*d); V in R^(n*p); y in R^p"
    d = derive("norm(V.T @ softmax(K @ x) - y)**2", "x", where)
    carried = [s for s in d.steps if s.rule == "carry-back"]
    assert len(carried) > 1
    assert all("what was found for" in str(s.reason) for s in carried)  # a row times one Jacobian
    text = " ".join(d.to("text").split())
    assert "a row at each of r, s and z, multiplied by one more Jacobian each time." in text


def test_the_logarithm_of_a_logistic_function_is_one_link_whose_slope_is_told_whole() -> None:
    d = derive(
        "-log(sigmoid(u.T @ v)) - sum(log(sigmoid(-Z[j].T @ v)) for j in range(m))", "v", "u, v in R^d; Z in R^(m*d)"
    )
    assert d.verdict == "verified"
    assert len(d.steps) <= 8
    told = [" ".join(str(s.reason).split()) for s in d.steps if s.rule == "chain-at-once"]
    assert len(told) == 2
    assert all("he logarithm" in words and "he logistic function" in words and "cancels" in words for words in told)


@pytest.mark.parametrize(("text", "wrt", "where", "let", "names"), [
    ("log(sigmoid(w.T @ x))", "w", "w, x in R^n", (), ["s", "y"]),
    ("-log(sigmoid(x.T @ W @ y))", "W", "x in R^m; y in R^n; W in R^(m*n)", (), ["s", "C"]),
    ("sum(log(sigmoid(X @ w)))", "w", "w in R^n; X in R^(N*n)", (), ["z", "a", "y"]),
    ("-log(p)", "w", "w, x in R^n", ("p = sigmoid(w.T @ x)",), ["s", "p", "y"]),  # the reader's own name is a link
])  # fmt: skip
def test_no_letter_stands_between_a_logarithm_and_its_logistic_function(
    text: str, wrt: str, where: str, let: tuple[str, ...], names: list[str]
) -> None:
    d = derive(text, wrt, where, let=list(let))
    assert d.verdict == "verified"
    assert [str(i.symbol) for i in d.steps[0].introduces] == names


def test_a_brief_link_with_one_law_says_that_alone() -> None:
    d = derive(
        "sum((w.T @ A[i])**2 + exp(w.T @ A[i]) for i in range(m)) + norm(N @ w)**2",
        "w",
        "w in R^n; A in R^(m*n); N in R^(k*n)",
    )
    assert d.verdict == "verified"
    assert any(s.rule == "chain-at-once" for s in d.steps)
    assert not any("cancels" in str(s.reason) for s in d.steps)


@pytest.mark.parametrize(("text", "where", "result", "steps"), [
    ("sum(w.T @ X[i] - log(sum(exp(w.T @ X[j]) for j in range(N))) for i in range(N))", "w in R^n; X in R^(N*n)",
     "(ones(N) - N * softmax(X @ w)).T @ X", 7),
    ("log(sum(exp(w.T @ X[j]) for j in range(N)))", "w in R^n; X in R^(N*n)", "softmax(X @ w).T @ X", 6),
    ("sqrt(1 + sum(tanh(X[j].T @ w) for j in range(N)))", "w in R^n; X in R^(N*n)", "", 8),
])  # fmt: skip
def test_what_is_the_same_in_a_sum_is_counted_and_data_within_a_function_are_a_matrix(
    text: str, where: str, result: str, steps: int
) -> None:
    d = derive(text, "w", where)
    assert d.verdict == "verified"
    assert len(d.steps) <= steps
    assert "samples-inside" in {s.rule for s in d.steps}
    assert not result or str(d.result) == result


@pytest.mark.parametrize(("text", "where"), [
    ("sum((w.T @ X[i] - b)**2 for i in range(N))", "w in R^n; X in R^(N*n); b in R"),
    ("sum(w.T @ X[i] + log(b) for i in range(N))", "w in R^n; X in R^(N*n); b in R"),
])  # fmt: skip
def test_a_constant_in_a_sum_needs_no_counting(text: str, where: str) -> None:
    assert "constant-terms-of-sum" not in {s.rule for s in derive(text, "w", where, check=False).steps}


@pytest.mark.parametrize(("text", "result", "steps"), [
    ("softmax(q.T @ K)", "(diag(softmax(K.T @ q)) - softmax(K.T @ q) @ softmax(K.T @ q).T) @ K.T", 6),
    ("softmax(q.T @ K / c) @ V", "", 6),
    ("logsumexp(q.T @ K)", "softmax(K.T @ q).T @ K.T", 6),
])  # fmt: skip
def test_a_row_within_a_softmax_is_written_as_the_column_that_it_is(text: str, result: str, steps: int) -> None:
    d = derive(text, "q", "q in R^d; K in R^(d*n); V in R^(n*p); c in R")
    assert d.verdict == "verified"
    assert len(d.steps) <= steps
    assert d.steps[0].rule == "row-as-column"
    assert not result or str(d.result) == result
    assert "row-as-column" not in {
        s.rule
        for s in derive(text, "q", "q in R^d; K in R^(d*n); V in R^(n*p); c in R", method="scalar", check=False).steps
    }


@pytest.mark.parametrize(
    "text",
    [
        "g * (x - mean(x)) / sqrt(var(x) + c) + b",
        "(x - mean(x)) / sqrt(var(x) + c) - b",
    ],
)
def test_a_constant_beside_a_scaled_vector_stays_beside_it(text: str) -> None:
    d = derive(text, "x", "x, g, b in R^n; c in R; c > 0")
    assert d.verdict == "verified"
    assert len(d.steps) <= 5
    assert "b does not contain x." in " ".join(d.to("text").split())


def test_the_logarithm_of_an_exponential_over_a_sum_is_a_difference_first() -> None:
    d = derive(
        "-log(exp(q.T @ p / t) / sum(exp(q.T @ K[j] / t) for j in range(N)))",
        "q",
        "q, p in R^d; K in R^(N*d); t in R; t > 0",
    )
    assert d.verdict == "verified"
    assert len(d.steps) <= 7
    assert d.steps[0].rule == "log-of-exponential"
    assert str(d.result) == "(softmax(K @ q / t).T @ K - p.T) / t"
    assert "log-of-exponential" not in {
        s.rule for s in derive("log(exp(a) * q.T @ p)", "q", "q, p in R^d; a in R", check=False).steps[1:]
    }


def test_a_barrier_of_a_box_is_derived_twice_by_its_entries_and_not_by_letters() -> None:
    d = derive("-sum(log(1 - x**2)) - sum(log(b - A @ x))", "x", "x in R^n; A in R^(m*n); b in R^m", order=2)
    assert d.verdict == "verified"
    assert len(d.steps) <= 11
    assert all("diag" not in str(e) for s in d.steps[:5] for e in (s.after, *s.via))
