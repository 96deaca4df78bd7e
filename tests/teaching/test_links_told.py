"""A link tells what its reader must see: the one term, the law before it is worked out, the Jacobian that is multiplied by."""

from __future__ import annotations

from typing import Literal

import pytest

from derivgen import Derivation, derive
from derivgen.derivation.report import every_step

LOGISTIC = ("sum(log(1 + exp(-y[i] * (w.T @ X[i]))) for i in range(N))", "w", "w in R^n; y in R^N; X in R^(N*n)")


def reasons(d: Derivation, rule: str) -> list[str]:
    return [str(s.reason) for s in d.steps if s.rule == rule]


def test_a_linear_link_names_the_one_term_that_contains_the_variable() -> None:
    first, second = reasons(derive("norm(A @ x - b)**2", "x", "A in R^(m*n); x in R^n; b in R^m"), "derive-link")
    assert first == (
        "In r[i] = sum(A[i, j] * x[j] for j in range(n)) - b[i] only A[i, k] * x[k] contains x[k], "
        "so partial(r[i], x[k]) is A[i, k], entry (i + 1, k + 1) of A."
    )
    assert "In y = sum(r[i]**2 for i in range(m)) only r[j]**2 contains r[j]" in second
    assert "multiplied by the derivative of r[i]" not in second


def test_a_term_that_is_the_entry_itself_stands_once() -> None:
    d = derive("w.T @ x", "w", "w, x in R^n")
    assert "contains u[j] once, as a term of its own" in reasons(d, "derive-link")[1]


def test_a_sum_of_rows_and_columns_names_no_single_term() -> None:
    """Each entry of x stands in two sums of xᵀAx: no term is the only one."""
    for d in (derive("exp(x.T @ A @ x)", "x", "x in R^n; A in R^(n*n)"), derive("sum(x)**2", "x", "x in R^n")):
        assert not any("only" in str(s.reason) and "[k]**2" in str(s.reason) for s in d.steps)


def test_a_law_is_shown_before_it_is_worked_out() -> None:
    text = derive(*LOGISTIC).to("text")
    lines = ["(1 / (1 + exp(zᵢ))) ∂/∂zᵢ (1 + exp(zᵢ))", "exp(zᵢ) / (1 + exp(zᵢ))\n", "σ(zᵢ)\n"]
    places = [text.index(f"= {line}") for line in lines]
    assert places == sorted(places)
    assert "1(z > 0) ∂" not in derive("max(0, w.T @ x + b)", "w", "w, x in R^n; b in R").to("text")


def test_carrying_back_says_the_jacobian_and_why() -> None:
    where = "W1 in R^(h*n); W2 in R^(m*h); x in R^n; y in R^m"
    _, by_z = reasons(derive("norm(W2 @ tanh(W1 @ x) - y)**2", "W1", where), "carry-back")
    assert "a[i] = tanh(z[i]) contains no other entry of z than z[i]" in by_z
    assert "is 1 - tanh(z[i])**2, the slope of the hyperbolic tangent tanh(z[i]), if i" in by_z
    assert "each entry of the row by that of 1 - a**2 in its place" in by_z
    d = derive("norm(V.T @ softmax(K @ q) - y)**2", "K", "q in R^k; K in R^(p*k); V in R^(p*m); y in R^m")
    assert any("= diag(s) - s @ s.T, the Jacobian of softmax" in why for why in reasons(d, "carry-back"))


def test_the_logarithm_of_a_softmax_is_a_difference_before_it_is_derived() -> None:
    """So nothing has to cancel: the exponentials over their sum are the softmax."""
    d = derive("-y.T @ log(softmax(W @ x))", "W", "y in R^k; W in R^(k*n); x in R^n")
    assert str(d.steps[0].after) == "(ones(k).T @ y) * log(sum(exp(W @ x))) - y.T @ (W @ x)"
    text = " ".join(d.to("text").split())
    assert "so ∂C/∂zₗ is (𝟏ᵀy) softmax(z)ₗ − yₗ" in text
    assert "⊘" not in text
    assert len(d.steps) == 6
    known = derive("-y.T @ log(softmax(W @ x))", "W", "y in Simplex(k); W in R^(k*n); x in R^n")
    assert "The entries of y sum to 1" in " ".join(known.to("text").split())
    assert "∂C/∂W = x(s − y)ᵀ" in known.to("text").split("Answer")[1]


def test_weights_that_are_the_variable_are_not_said_to_sum_to_one() -> None:
    d = derive("-y.T @ log(softmax(y))", "y", "y in Simplex(k)")
    assert d.verdict == "verified"
    d = derive("y.T @ log(softmax(x))", "y", "y in Simplex(k); x in R^k")
    assert d.verdict == "verified"
    assert "log-of-softmax" not in {s.rule for s in d.steps}


def test_both_ways_to_read_entries_are_told() -> None:
    step = derive("softmax(x)", "x", "x in R^n").steps[-1]
    assert str(step.reason) == (
        "The matrix with s on its diagonal and 0 elsewhere is diag(s). "
        "s[i] * s[k], an entry of a column times an entry of a row, is an entry of s @ s.T."
    )


def test_a_linear_term_is_one_step_and_each_chain_has_its_own_plan() -> None:
    where = "x, c, d in R^n; A in R^(m*n); b in R^m"
    d = derive("norm(A @ x - b)**2 - c.T @ x + exp(d.T @ x)", "x", where)
    assert d.verdict == "verified"
    (linear,) = (s for s in d.steps if str(s.after) == "-c.T")
    assert (
        str(linear.reason)
        == "In s = -sum(c[i] * x[i] for i in range(n)) only c[j] * x[j] contains x[j], so partial(s, x[j]) is -c[j], entry j + 1 of the row -c.T."
    )
    named = [str(s.reason) for s in every_step(d.steps) if s.rule == "name-intermediates"]
    assert len(named) == len({*named}) == 2
    long = derive("exp(log(1 + c.T @ x)) + exp(cos(d.T @ x)) * a", "x", "x, c, d in R^n; a in R", check=False)
    plans = [str(s.reason).split(": ")[-1] for s in long.steps if s.rule == "name-intermediates"]
    assert len(plans) == len({*plans}) == 2  # each is about its own chain


def test_the_hessian_and_the_product_that_it_is_are_two_steps() -> None:
    d = derive(*LOGISTIC, order=2)
    hessian, back, read = d.steps[-3:]
    assert (hessian.rule, back.rule, read.rule) == ("hessian", "letters-back", "samples-as-product")
    assert "does not change with w. So of partial(f[i], z[i])" in str(hessian.reason)
    assert "one minus that is exp(t) / (1 + exp(t)), which is sigmoid(t)" in str(back.reason)
    assert "outer products" in str(read.reason)
    assert len(d.steps) <= 8


def test_one_range_for_all_names_is_said_once() -> None:
    text = derive(*LOGISTIC).to("text")
    naming = text[text.index("2. Name") : text.index("3. ")]
    assert naming.count("for i = 1, …, N") == 1
    assert "Differentiate fᵢ by zᵢ" in text


def test_brief_names_the_links() -> None:
    brief = derive("max(0, w.T @ x + b)", "w", "w, x in R^n; b in R").to("text", detail="brief")
    assert "u is differentiated by w, s by u, z by s and y by z" in " ".join(brief.split())


@pytest.mark.parametrize(
    ("text", "wrt", "where", "words"),
    [
        ("max(0, w.T @ x + b)", "w", "w, x in R^n; b in R",
         ["∂y/∂w = ∂y/∂z · ∂z/∂s · ∂s/∂u · ∂u/∂w", "the ones add up each column of diag(x)", "0 becomes 𝟎ᵀ and 1 becomes xᵀ", "z stands for wᵀx + b"]),
        ("sum(log(1 + exp(-y[i] * (w.T @ X[i]))) for i in range(N))", "w", "w in R^n; y in R^N; X in R^(N*n)",
         ["The logarithm log(t) has the slope 1/t", "it is the quotient found"]),
        ("sum((y[i] - tanh(w.T @ X[i]))**2 for i in range(N))", "w", "w in R^n; y in R^N; X in R^(N*n)",
         ["The hyperbolic tangent tanh(sᵢ) has the slope", "rᵢ² has the slope 2rᵢ"]),
        ("softmax(x)", "x", "x in R^n", ["In the sum over j only the term with j = k contains xₖ"]),
    ],
)  # fmt: skip
def test_brief_says_all_that_it_does_at_once(text: str, wrt: str, where: str, words: list[str]) -> None:
    brief = " ".join(derive(text, wrt, where, check=False).to("text", detail="brief").split())
    assert [w for w in words if w not in brief] == []


@pytest.mark.parametrize(
    ("text", "said"),
    [("1/2 * N * logdet(S)", "(N/2) log det(S)"), ("1/2 * lam * norm(S)**2", "(λ/2) ‖S‖_F²"), ("1/2 * norm(S)**2", "(1/2) ‖S‖_F²")],
)  # fmt: skip
def test_a_fraction_takes_the_plain_letters_behind_it(text: str, said: str) -> None:
    d = derive(text, "S", "S in R^(n*n); N, lam in R", check=False)
    assert f"y = {said}\n" in d.to("text")


def test_the_factor_in_common_is_named() -> None:
    d = derive("x.T @ A @ x", "x", "x in R^n; A in R^(n*n)")
    assert str(d.steps[-1].reason) == "x.T is a factor of x.T @ A.T and x.T @ A, so it is taken out."


def test_the_ones_pick_from_the_diagonal_beside_them() -> None:
    d = derive("sqrt(sum(exp(tanh(A @ x + b))))", "x", "A in R^(m*n); x in R^n; b in R^m")
    (why,) = reasons(d, "multiply-by-diagonal")
    assert "In ones(m).T @ diag(h) the ones add up each column of diag(h), which holds one entry of h" in why


def test_numbers_of_the_links_stand_in_front() -> None:
    d = derive("-sum(log(b - A @ x))", "x", "A in R^(m*n); x in R^n; b in R^m")
    (chain,) = (s for s in d.steps if s.rule == "chain-rule")
    assert str(chain.after) == "(1 / r).T @ A"
    d = derive("(y - X @ w).T @ inv(S) @ (y - X @ w)", "w", "y in R^N; X in R^(N*k); w in R^k; S in PD(N)")
    (chain,) = (s for s in d.steps if s.rule == "chain-rule")
    assert str(chain.after) == "-2 * r.T @ inv(S) @ X"


def test_a_link_says_what_is_done_with_its_arrays() -> None:
    d = derive("(y - X @ w).T @ inv(S) @ (y - X @ w)", "w", "y in R^N; X in R^(N*k); w in R^k; S in PD(N)")
    _, by_r = (s for s in d.steps if s.rule == "derive-link")
    assert "S is symmetric, and so is its inverse" in str(by_r.reason)
    assert [str(e) for e in by_r.via] == ["r.T @ inv(S).T + r.T @ inv(S)"]


def test_a_penalty_on_a_matrix_is_one_step() -> None:
    d = derive(
        "norm(x - V @ sigmoid(W @ x))**2 + lam * norm(W)**2", "W", "x in R^n; V in R^(n*h); W in R^(h*n); lam in R"
    )
    (penalty,) = (s for s in d.steps if str(s.after) == "2 * lam * W.T")
    assert "only W[k, l]**2 contains W[k, l]" in str(penalty.reason)


def test_long_chains_of_vectors_and_a_softmax_are_carried_back() -> None:
    where = "W in R^(h*h); U in R^(h*n); c, b, y in R^h; a, d in R^n"
    for wrt, last in (("b", "b acts on C through each of z1 and z2"), ("c", "c acts on C through z1 alone")):
        d = derive("norm(tanh(W @ tanh(W @ c + U @ a + b) + U @ d + b) - y)**2", wrt, where)
        assert d.verdict == "verified"
        assert last in reasons(d, "carry-back")[-1]
        assert "by its entries" not in str(d.steps[0].reason)
    d = derive("-y.T @ log(softmax(W @ x + b))", "b", "y, b in R^k; W in R^(k*n); x in R^n", layout="gradient")
    assert d.verdict == "verified"
    assert len(d.steps) <= 7


def test_a_softmax_that_has_a_letter_keeps_it_in_the_answer() -> None:
    d = derive("-y.T @ log(softmax(W @ x))", "W", "y in R^k; W in R^(k*n); x in R^n", layout="gradient")
    answer = d.to("text").partition("Answer")[2]
    assert "∂C/∂W = ((𝟏ᵀy)s − y)xᵀ" in answer
    assert "s = softmax(Wx)" in answer
    assert "softmax" in str(d.result)


def test_the_gradient_of_a_hessian_has_its_name() -> None:
    text = derive("log(sum(exp(x)))", "x", "x in R^n", order=2).to("text")
    assert "s = (∂y/∂x)ᵀ = softmax(x)" in text
    text = derive("log(sum(exp(x))) - c.T @ x", "x", "c, x in R^n", order=2).to("text")
    assert "g = (∂y/∂x)ᵀ = s − c" in text


def test_a_question_that_is_written_by_its_entries_is_not_repeated() -> None:
    d = derive("sum(x)", "x", "x in R^n")
    assert "y = ∑ᵢ₌₁ⁿ xᵢ" in d.to("text")
    assert "scalar equations" not in d.to("text")
    assert "scalar equations" in d.to("text", detail="full")


def test_the_derivative_of_a_declared_function_by_a_number_is_a_column() -> None:
    d = derive("f(g(x))", "x", "x in R; g: R -> R^k; f: R^k -> R^m")
    first, _ = reasons(d, "derive-link")
    assert first.startswith(
        "v is g(x): entry i + 1 is the derivative of g(x)[i] by x, so partial(v[i], x) is D(g)(x)[i]."
    )
    assert "∂v/∂x = ⎢∂g₂/∂x⎥" in d.to("text")


def test_one_term_goes_back_under_its_sum() -> None:
    d = derive("sum((y[i] - w.T @ X[i] - b)**2 for i in range(N))", "b", "w in R^n; b in R; y in R^N; X in R^(N*n)")
    assert d.verdict == "verified"
    assert "∂C/∂b = ∑ᵢ₌₁ᴺ ∂fᵢ/∂b = " in d.to("text")


def test_constants_of_a_sum_are_named() -> None:
    d = derive("sum((X[i] - m).T @ inv(S) @ (X[i] - m) for i in range(N))", "S", "S in PD(n); X in R^(N*n); m in R^n")
    (why,) = reasons(d, "pull-out-change")
    assert "inv(S) is the same in every term" in why


def test_brief_carries_back_in_one_step() -> None:
    where = "W1 in R^(h*n); W2 in R^(m*h); x in R^n; y in R^m"
    d = derive("norm(W2 @ tanh(W1 @ x) - y)**2", "W1", where)
    brief = d.to("text", detail="brief")
    assert brief.count("\n5. ") == 0
    assert "C is differentiated by r, and that is carried back to a and z" in " ".join(brief.split())
    assert "δ = ∂C/∂z = 2((W₂ᵀr) ⊗ (1 − a²))ᵀ" in brief
    assert d.to("text").count("\n7. ") == 1


def test_the_last_link_is_told_where_a_matrix_is_a_factor() -> None:
    d = derive("norm(Y - U @ V.T)**2", "U", "Y in R^(N*m); U in R^(N*k); V in R^(m*k)")
    (why,) = reasons(d, "carry-by-entries")
    assert why.startswith(
        "U[l, p] stands in R[l, i] = Y[l, i] - sum(U[l, r] * V[i, r] for r in range(k)) for every i + 1"
    )
    assert why.endswith(
        "which changes with it at the rate -V[i, p], and y with R[l, i] at Delta[i, l]: by the chain rule the products of these "
        "rates are added up."
    )


@pytest.mark.parametrize(
    ("asked", "variable", "where"),
    [
        ("max(0, w.T @ x + b)", "w", "w, x in R^n; b in R"),
        ("sum((y[i] - max(0, w.T @ X[i]))**2 for i in range(N))", "w", "w in R^n; y in R^N; X in R^(N*n)"),
        ("sum(max(0, 1 - y[i]*(w.T @ X[i]))**2 for i in range(N))", "w", "w in R^n; y in R^N; X in R^(N*n)"),
        ("u.T @ max(0, A @ tanh(B @ x))", "x", "A in R^(m*k); B in R^(k*n); x in R^n; u in R^m"),
        ("norm(abs(A @ x))**2", "x", "A in R^(m*n); x in R^n"),
        ("sum(abs(A @ x - b))", "x", "A in R^(m*n); x in R^n; b in R^m"),
    ],
)
@pytest.mark.parametrize("layout", ["numerator", "gradient"])
def test_the_chain_rule_is_not_said_to_hold_where_a_link_has_no_slope(
    asked: str, variable: str, where: str, layout: Literal["numerator", "gradient"]
) -> None:
    d = derive(asked, variable, where, method="chain", layout=layout)
    (why,) = reasons(d, "chain-rule")
    assert " = 0" in why.partition("The rule says nothing where ")[2].partition("; the convention stays.")[0]


def test_the_chain_rule_holds_through_links_that_have_slopes() -> None:
    for asked in ("tanh(w.T @ x)", "log(1 + exp(w.T @ x))", "max(0, w.T @ x)*0 + (w.T @ x)**2"):
        assert all("says nothing" not in str(s.reason) for s in derive(asked, "w", "w, x in R^n").steps)


def test_a_rate_is_one_at_a_point() -> None:
    """r² changes by 2r + 1 for a unit of r: 2r is a rate."""
    d = derive("sum((y[i] - tanh(w.T @ X[i]))**2 for i in range(N))", "w", "w in R^n; y in R^N; X in R^(N*n)")
    (why,) = reasons(d, "chain-rule")
    assert "f[i] with r[i] at 2 * r[i]" in why
    assert "unit" not in why


def test_the_slope_of_a_clipped_entry_is_explained_where_the_chain_is_taken_by_entries() -> None:
    d = derive("norm(max(0, X @ W) @ V - Y)**2", "W", "X in R^(N*n); W in R^(n*h); V in R^(h*m); Y in R^(N*m)")
    (why,) = [r for r in reasons(d, "carry-by-entries") if "In A only" in r]
    assert why.startswith("Where Z[i, j] $<$ 0, max(0, Z[i, j]) is 0, a constant, with slope 0; where Z[i, j] $>$ 0")
    assert "Z[i, j] acts on y through A[i, j] alone: by the chain rule the two rates are multiplied." in why


def test_a_number_in_front_is_a_factor_in_common() -> None:
    d = derive("(a.T @ x)**2 * (x.T @ x)", "x", "a, x in R^n")
    assert str(d.steps[-1].reason).startswith("2 * a.T @ x is a factor of")


@pytest.mark.parametrize(
    ("expression", "where"),
    [("max(x)**2 + max(x**2)", "x in R^n"), ("sum(sin(x)) + x[0] / 7", "x in R^n"),
     ("relu(tanh(sign((2/3 >= x[0]) * b)))", "x in R^n; b in R")],
)  # fmt: skip
def test_what_stands_between_has_the_shape_of_both_sides(expression: str, where: str) -> None:
    """A link whose entries become a row shows no entry on its way."""
    d = derive(expression, "x", where)
    assert d.verdict == "verified"
    assert all(e.shape == s.after.shape for s in d.steps for e in s.via)


@pytest.mark.parametrize(
    ("expression", "where"),
    [("norm((1 + X)**x)", "x in R; X in R^(m*n)"), ("norm(abs(B.T * x))", "x in R; B in R^(m*n)"),
     ("norm(X @ exp(x*W))**2", "x in R; X in R^(m*n); W in R^(n*k)")],
)  # fmt: skip
def test_through_a_matrix_to_a_number_goes_entry_by_entry(expression: str, where: str) -> None:
    """The derivative by a matrix times that of the matrix by a number would be a matrix, and no number."""
    assert derive(expression, "x", where).verdict == "verified"


def test_what_is_carried_is_held_while_entries_are_differentiated() -> None:
    """Where it contains the variable itself it cannot be: another method is taken."""
    assert derive("mean(x @ x**2 - P)", "x", "x in R^m; P in PD(n)").verdict == "verified"
    assert derive("mean(x @ sin(x) * P)", "x", "x in R^m; P in R^(n*n)").verdict == "verified"


@pytest.mark.parametrize(("expression", "answer"), [
    ("-y.T @ log(softmax(W @ x))", "x((𝟏ᵀy)s − y)ᵀ"),
    ("-sum(y * log(softmax(W @ x)))", "x((∑ᵢ₌₁ᵏ yᵢ)s − y)ᵀ"),
    ("-sum(y[i] * log(softmax(W @ x)[i]) for i in range(k))", "x((∑ᵢ₌₁ᵏ yᵢ)s − y)ᵀ"),
])  # fmt: skip
def test_a_sum_of_entries_is_written_as_the_question_writes_sums(expression: str, answer: str) -> None:
    simplex = derive(expression, "W", "y in Simplex(k); W in R^(k*n); x in R^n")
    assert "x(s − y)ᵀ" in simplex.to("text").split("Answer")[1]
    d = derive(expression, "W", "y in R^k; W in R^(k*n); x in R^n")
    assert d.verdict == "verified"
    assert answer in d.to("text").split("Answer")[1]


def test_what_is_too_long_for_a_sentence_is_said_by_a_letter() -> None:
    text = " ".join(derive("log(sum(exp(A[i] @ x + b[i]) for i in range(m)))", "x", "A in R^(m*n); x in R^n; b in R^m",
                           method="scalar").to("text").split())  # fmt: skip
    assert "The logarithm log(t) has the slope 1/t, here with t for ∑ᵢ" in text
    matrix = " ".join(
        derive("norm(A @ X - B)**2", "A", "A in R^(m*k); X in R^(k*n); B in R^(m*n)", method="scalar")
        .to("text")
        .split()
    )
    assert "^(⊗2)" not in matrix  # the square of the whole, which the definition of the norm has, stands in no line


def test_a_number_beside_a_vector_is_expanded() -> None:
    text = derive("sum(x) * b + b.T @ x", "x", "x, b in R^n").to("text")
    assert "y = (∑ᵢ₌₁ⁿ xᵢ)b + bᵀx = (∑ᵢ₌₁ⁿ xᵢ)b + (bᵀx) 𝟏" in text


def test_the_term_that_contains_the_variable_is_named_before_its_slope() -> None:
    loss = (
        "sum((y[i] - max(0, w.T @ X[i] + b))**2 for i in range(N)) / N",
        "w",
        "w in R^n; b in R; y in R^N; X in R^(N*n)",
    )
    text = " ".join(derive(*loss).to("text").split())
    assert "In yᵢ − max(0, zᵢ) only −max(0, zᵢ) contains zᵢ." in text


def test_what_is_known_of_the_softmax_is_said() -> None:
    text = " ".join(derive("softmax(x)", "x", "x in R^n").to("text").split())
    assert "By its definition entry i of softmax(x) is exp(xᵢ) / (∑ⱼ₌₁ⁿ exp(xⱼ))." in text
    assert "exp(xᵢ) is its own slope" in text


def test_the_symmetry_of_a_term_is_a_step_of_its_own() -> None:
    d = derive("norm(A @ x - b)**2 + x.T @ M @ x", "x", "A in R^(m*n); b in R^m; M in Sym(n); x in R^n")
    assert d.verdict == "verified"
    assert [s.rule for s in d.steps][-3:] == ["derive-link", "symmetric", "add-terms"]
    assert str(d.steps[-2].before) == "x.T @ M.T + x.T @ M"


def test_terms_that_begin_again_with_i_are_told_so() -> None:
    text = " ".join(derive("1/2 * x.T @ M @ x - b.T @ x", "x", "M in Sym(n); x, b in R^n").to("text").split())
    assert "bᵀx is a sum of products over i:" in text


def test_a_sum_over_a_matrix_is_told_with_both_of_its_places() -> None:
    text = " ".join(derive("sum(exp(X))", "X", "X in R^(m*n)").to("text").split())
    assert "contains Aₖₗ once, as a term of its own, so ∂y/∂Aₖₗ is 1 for every k and l." in text
    assert "y only within exp_∘(X)" in text
    assert "this array" not in text
