"""What is not declared is taken from fonts and from use, sizes by comparison, and all of it is said."""

from __future__ import annotations

import json

import pytest

import derivgen
from derivgen.errors import AmbiguousError, DerivgenError
from derivgen.expr.text import text
from derivgen.options import Options
from derivgen.read.latex.question import read_latex
from derivgen.read.question import read_any
from derivgen.read.text.scan import looks_like_latex


@pytest.mark.parametrize(
    ("tex", "plain", "where"),
    [
        (r"\mathbf{w}^{\mathsf T}\mathbf{x}+b", "w.T @ x + b", "w, x in R^n; b in R"),
        (r"\|A\mathbf x - \mathbf b\|^2", "norm(A @ x - b)**2", "A in R^(m*n); x in R^n; b in R^m"),
        (r"\mathbf{Xw} - \mathbf y", "X @ w - y", "X in R^(m*n); w in R^n; y in R^m"),
        (r"\frac1N\|\mathbf y - X\mathbf w\|^2", "1 / N * norm(y - X @ w)**2",
         "N in R; y in R^m; X in R^(m*n); w in R^n"),
        (r"\frac{1}{N}\sum_{i=1}^{N}(y_i - \mathbf w^T\mathbf x_i)^2", "1 / N * sum((y[i] - w.T @ X[i])**2 for i in range(N))",
         "y in R^N; w in R^n; X in R^(N*n)"),
        (r"\frac{1}{N}\sum_{i=1}^{N}(y^{(i)} - \mathbf w^T\mathbf x^{(i)})^2",
         "1 / N * sum((y[i] - w.T @ X[i])**2 for i in range(N))", "y in R^N; w in R^n; X in R^(N*n)"),
        (r"W_2\tanh(W_1\mathbf x+\mathbf b_1)+\mathbf b_2", "W2 @ tanh(W1 @ x + b1) + b2",
         "W2 in R^(m*n); W1 in R^(n*k); x in R^k; b1 in R^n; b2 in R^m"),
        (r"(\mathbf x-\boldsymbol\mu)^T\Sigma^{-1}(\mathbf x-\boldsymbol\mu)", "(x - mu).T @ inv(Sigma) @ (x - mu)",
         "x, mu in R^n; Sigma in R^(n*n)"),
        (r"\sum_{i=1}^n\sum_{j=1}^n A_{ij}x_ix_j", "sum(A[i, j] * x[i] * x[j] for i in range(n) for j in range(n))",
         "A in R^(n*n); x in R^n"),
        (r"-\sum_{k=1}^K y_k\log\hat p_k", "-sum(y[k] * log(p_hat[k]) for k in range(K))", "y, p_hat in R^K"),
        (r"\operatorname{tr}(AX)", "trace(A @ X)", "A in R^(m*n); X in R^(n*m)"),
        (r"\theta_0 + \theta_1 x_{\mathrm{new}}", "theta0 + theta1 * x_new", "theta0, theta1, x_new in R"),
        (r"\mathbf a^t\mathbf b", "a.T @ b", "a, b in R^n"),  # t is met only as long as nothing is known of a
        (r"\mathbf x^T\mathbf 1\, x_1", "x.T @ ones(n) * x[0]", "x in R^n"),
        (r"\|\mathbf w-\mathbf w^*\| + \mathcal L", "norm(w - w_star) + L", "w, w_star in R^n; L in R"),
        (r"f(\mathbf x) + g(y) + h(a, b)", "f(x) + g(y) + h(a, b)",
         "x in R^n; y, a, b in R; f: R^n -> R; g: R -> R elementwise; h: R, R -> R elementwise"),
        (r"\mathbf f(\mathbf x) + A\mathbf f(\mathbf y)", "f(x) + A @ f(y)", "x, y in R^k; A in R^(n*n); f: R^k -> R^n"),
        (r"\sum_{i=1}^m f_i(\mathbf x)", "sum(f(x)[i] for i in range(m))", "x in R^n; f: R^n -> R^m"),
    ],
)  # fmt: skip
def test_inferred(tex: str, plain: str, where: str) -> None:
    (e,), declarations, _, reading = read_latex([tex])
    assert text(e).replace("(x.T @ ones(n)) *", "x.T @ ones(n) *") == plain
    assert str(declarations) == where
    assert {one.letter.name for one in reading.inferred} == {*declarations.symbols, *declarations.functions}
    again = read_latex([tex], reading.where)  # what is said of the reading, given as declarations, reads the same
    assert again[0] == (e,)
    assert not again[3].inferred


def test_what_is_declared_is_not_inferred() -> None:
    _, declarations, _, reading = read_latex([r"\mathbf w^T\mathbf x + b"], "w in R^3")
    assert str(declarations) == "w, x in R^3; b in R"
    assert reading.sentences() == ("Read as x in R^3, by font; b in R, by custom",)
    assert [(one.letter.name, one.source) for one in reading.letters] == [
        ("w", "declared"),
        ("x", "font"),
        ("b", "habit"),
    ]


@pytest.mark.parametrize(
    ("tex", "said"),
    [
        (r"x + \mathbf x", "x stands here and in bold"),
        (r"\mathbf 1", "the size of"),
        (r"\operatorname{sofmax}(\mathbf x)", "there is no function sofmax"),
        (r"\operatorname*{arg\,max}_x f(x)", "an argument of the maximum"),
        (r"b + \mathrm{if}", "if is a word"),
        ("+".join(rf"\mathbf a_{{{k}}}" for k in range(100)), "more than 60 names"),
    ],
)
def test_what_cannot_be_guessed_is_refused(tex: str, said: str) -> None:
    with pytest.raises(DerivgenError) as caught:
        read_latex([tex])
    assert said in caught.value.message


@pytest.mark.parametrize(
    ("source", "is_latex"),
    [
        (r"\mathbf w", True), ("x^{2}", True), ("x_{1}", True), ("$x + y$", True), (r"\(x\)", True), (r"\[x\]", True),
        (r"\|x\|", True), ("w.T @ x", False), ("x**2", False), ("x^2", False), ("[[a, b], [c, d]]", False),
        ("sum(x[i] for i in range(n))", False), ("x_1 + y", False), ("", False), ("5 $", False),
    ],
)  # fmt: skip
def test_the_dialect_is_seen(source: str, is_latex: bool) -> None:
    assert looks_like_latex(source) is is_latex


@pytest.mark.parametrize("wrt", [r"\mathbf{w}", r"\mathbf w", r"$\mathbf{w}$", "w", r"\boldsymbol{w}"])
def test_the_variable_in_latex(wrt: str) -> None:
    d = derivgen.derive(r"\max(0, \mathbf{w}^{\mathsf T}\mathbf{x}+b)", wrt=wrt)
    assert str(d.result) == str(derivgen.derive("max(0, w.T @ x + b)", wrt="w", where="w, x in R^n; b in R").result)


@pytest.mark.parametrize(
    ("where", "plain"),
    [
        (r"\mathbf w, \mathbf x \in \mathbb R^n; b \in \mathbb{R}", "w, x in R^n; b in R"),
        (r"\mathbf{w}_1 \in \mathbb{R}^{n}, W_{12} \in \mathbb R^{m\times n}", "w1 in R^n; W12 in R^(m*n)"),
        (r"\theta_1, \varepsilon, \ell \in \mathbb R", "theta1, epsilon, ell in R"),
        (r"x_{\mathrm{max}}, \hat{\mathbf y}, \mathbf w^*, \mathbf b^{(1)} \in \mathbb R^{n_x}",
         "x_max, y_hat, w_star, b1 in R^n_x"),
        (r"\mathbf f\colon \mathbb R^n \to \mathbb R^m; \operatorname{act}: \mathbb R \to \mathbb R",
         "f: R^n -> R^m; act: R -> R elementwise"),
        (r"$A \in \mathbb{R}^{m \times n}$", "A in R^(m*n)"),
        (r"\lambda \in \mathbb R, \lambda > 0", "lambda in R, lambda > 0"),
    ],
)  # fmt: skip
def test_declarations_in_latex(where: str, plain: str) -> None:
    from derivgen.read import declare

    assert str(declare(where)) == plain


def test_functions_of_ones_own() -> None:
    reading = read_any(r"\operatorname{swish}(\mathbf w^T\mathbf x)", Options(define=("swish(z) = z * sigmoid(z)",)))
    assert text(reading.expression) == "swish(w.T @ x)"


KINDS = (
    ("x^T A x", "x in R^n; A in R^(n*n)"),
    (r"w^\top x + b", "w, x in R^n; b in R"),
    (r"\|Ax - b\|^2", "A in R^(m*n); x in R^n; b in R^m"),
    (r"\sqrt{(x-y)^TA(x-y)}", "x, y in R^n; A in R^(n*n)"),
    (r"-e^{-x^Tx}", "x in R^n"),
    (r"\hat{\beta}^T X^T X\hat{\beta}", "beta_hat in R^n; X in R^(m*n)"),
    (r"\|x\|_2", "x in R^n"),
    (r"\langle a, x\rangle", "a, x in R^n"),
    (r"\operatorname{softmax}(Wx+b)", "W in R^(m*n); x in R^n; b in R^m"),
    (r"\mathbf{1}^\top x", "x in R^n"),
    (r"\operatorname{diag}(x)A", "x in R^m; A in R^(m*n)"),
    (r"\frac{x}{K+x}", "x, K in R"),
    (r"a x^2 + b x + c", "a, x, b, c in R"),
    (r"\lambda \operatorname{tr}(X^T L X)", "lambda in R; X in R^(m*n); L in R^(m*m)"),
)


@pytest.mark.parametrize(("tex", "where"), KINDS)
def test_use_beats_the_font(tex: str, where: str) -> None:
    assert str(read_latex([tex])[1]) == where


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (r"\operatorname{tr}(AB)", r"\operatorname{tr}(BA)"),
        (r"(AB)^{-1}", r"B^{-1}A^{-1}"),
        (r"\det(AB)", r"\det(A)\det(B)"),
        (r"(A B)^{\top}", r"B^{\top} A^{\top}"),
        (r"x^{\top} A x", r"\operatorname{tr}(A x x^{\top})"),
        (r"\|A x\|^2", r"x^{\top} A^{\top} A x"),
        (r"\operatorname{tr}(A^{\top} B)", r"\sum_{i=1}^m\sum_{j=1}^n A_{ij} B_{ij}"),
    ],
)
def test_both_sides_have_one_reading(left: str, right: str) -> None:
    assert derivgen.equal(left, right).status == derivgen.equal(right, left).status == "verified"


@pytest.mark.parametrize(
    ("tex", "ways"),
    [
        (r"b^T a^{-1} b", ["b in R^n; a in R^(n*n)", "b in R^n; a in R"]),
        (r"\frac12\|Xw-Y\|^2", ["X, Y in R^(m*n); w in R", "X in R^(m*n); w in R^n; Y in R^m"]),
    ],
)
def test_what_may_be_meant_in_two_ways_is_asked_back(tex: str, ways: list[str]) -> None:
    with pytest.raises(AmbiguousError) as asked:
        read_latex([tex])
    assert sorted(where for _, where in asked.value.readings) == sorted(ways)
    values = [read_latex([tex], where)[0] for _, where in asked.value.readings]  # each settles it
    assert values[0] != values[1]


def test_the_reading_stands_beside_the_answer() -> None:
    d = derivgen.derive("x^T A x", "x", dialect="latex")
    assert [(one.letter.name, one.kind, one.size, one.source) for one in d.reading.letters] == [
        ("x", "column", "R^n", "use"), ("A", "matrix", "R^(n*n)", "habit"),
    ]  # fmt: skip
    assert "Read as x in R^n" in d.to("text")
    assert json.loads(d.to("json"))["reading"]["inferred"][0] == {
        "name": "x", "kind": "column", "size": "R^n", "from": "use"}  # fmt: skip


@pytest.mark.parametrize(
    ("left", "right", "where"),
    [
        (r"\operatorname{vec}(AXB)", r"(B^\top \otimes A)\operatorname{vec}(X)", ""),
        (r"\operatorname{tr}(A \otimes B)", r"\operatorname{tr}(A)\operatorname{tr}(B)", "A in R^(m*m); B in R^(n*n)"),
        (r"(A\otimes B)(x\otimes y)", r"(Ax)\otimes(By)", "A in R^(m*m); B in R^(n*n); x in R^m; y in R^n"),
    ],
)
def test_the_tensor_sign_is_the_product_that_fits(left: str, right: str, where: str) -> None:
    assert derivgen.equal(left, right, where).status == "verified"


def test_what_holds_of_another_product_is_not_refuted() -> None:
    for left, right in (
        (r"\operatorname{tr}(A\otimes B)", r"\operatorname{tr}(A)\operatorname{tr}(B)"),
        (r"(A\otimes B)^{-1}", r"A^{-1}\otimes B^{-1}"),
    ):
        for one, other in ((left, right), (right, left)):
            assert derivgen.equal(one, other).status == "unchecked"
            assert derivgen.equal(one, other, product="kronecker").status == "verified"
    assert derivgen.equal(r"A\otimes B", r"2 A\otimes B").status == "refuted"
    nowhere = (
        r"\log(\operatorname{tr}(A\otimes B) - \operatorname{tr}(A)\operatorname{tr}(B))"  # as a Kronecker product
    )
    assert derivgen.equal(nowhere, "1", "A, B in R^(n*n)", product="kronecker").status == "unchecked"
    found = derivgen.equal(nowhere, "1", "A, B in R^(n*n)")
    assert (found.status, "it is not known" in str(found)) == ("unchecked", True)


def test_where_several_products_fit_the_option_says_which() -> None:
    tex, where = r"\operatorname{tr}(A \otimes X)", "A, X in R^(n*n)"
    found = {p: derivgen.derive(tex, "X", where, product=p) for p in ("hadamard", "kronecker")}
    assert derivgen.equal(found["hadamard"].result, "diag(diag(A))", where)
    assert derivgen.equal(found["kronecker"].result, "trace(A) * eye(n)", where)
    assert "Hadamard" in found["hadamard"].reading.sentences()[0]
    assert "Kronecker" in found["kronecker"].reading.sentences()[0]
    signs = derivgen.derive(r"x^\top (x \otimes y)", "x", "x, y in R^n", product="hadamard")
    assert signs.reading.choices
    assert not derivgen.derive(r"x^\top (x \odot y)", "x", "x, y in R^n").reading.choices


@pytest.mark.parametrize(
    ("tex", "where"),
    [
        (r"(A x) \odot y", "A in R^(m*n); x in R^n; y in R^m"),
        (r"x \odot y", "x, y in R^n"),
        (r"B (A x \odot y)", None),
    ],
)
def test_entry_by_entry_is_of_arrays(tex: str, where: str | None) -> None:
    reading = derivgen.derive(tex, wrt="x").reading
    assert {one.kind for one in reading.letters if one.letter.name in ("x", "y")} == {"column"}
    assert where is None or reading.where == where
