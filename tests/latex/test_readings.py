"""What LaTeX says, in the words of text: every spelling that authors use is read."""

from __future__ import annotations

import pytest

from derivgen.expr.text import text
from derivgen.read.latex.formula import parse_latex
from derivgen.read.latex.question import read_latex

WHERE = (
    "w, x, y in R^n; b, lam, x2 in R; A, S in R^(n*n); B, W1 in R^(m*n); u in R^m; X in R^(N*p); t in R^N; c in R^p;"
    "f: R^n -> R^m; g: R -> R elementwise; h: R, R -> R elementwise; k: R^n -> R^n elementwise; q: R^n -> R"
)

READINGS = {
    "transposes": [
        (r"\mathbf w^\top\mathbf x", "w.T @ x"),
        (r"\mathbf w^T\mathbf x", "w.T @ x"),
        (r"\mathbf{w}^{\mathsf T}\mathbf{x}", "w.T @ x"),
        (r"\mathbf{w}^{\rm T}\mathbf{x}", "w.T @ x"),
        (r"\mathbf{w}^{\mathrm{T}}\mathbf{x}", "w.T @ x"),
        (r"\mathbf{w}^{\text T}\mathbf{x}", "w.T @ x"),
        (r"\mathbf{w}^{\intercal}\mathbf{x}", "w.T @ x"),
        (r"\mathbf{w}{^\mathsf T}\mathbf{x}", "w.T @ x"),
        (r"\mathbf w'\mathbf x", "w.T @ x"),
        (r"\mathbf w^\prime\mathbf x", "w.T @ x"),
        ("𝐰ᵀ𝐱", "w.T @ x"),
        (r"\sum_{i=1}^N X^{(i)\top}c + \sum_{i=1}^N X^{(i)T}c", "sum(X[i].T @ c for i in range(N)) + sum(X[i].T @ c for i in range(N))"),
        (r"A^{-1} + A^{-T} + A^{-\mathsf T}", "inv(A) + inv(A).T + inv(A).T"),
    ],
    "fonts": [
        ("w^T x", "w.T @ x"),
        (r"{\bf w}^T {\bf x}", "w.T @ x"),
        (r"\boldsymbol{w}^T \bm{x}", "w.T @ x"),
        (r"\vec{w}\cdot\vec{x}", "w.T @ x"),
        (r"\boldsymbol\lambda + \lambda + \mathrm{lam}", "lam + lam + lam"),
        (r"\mathbf{W}_1\mathbf x + W_{1}x", "W1 @ x + W1 @ x"),
        (r"\displaystyle\mathbf w\,\mathbf x^T \; \mathbf{y}\!", "w @ x.T @ y"),
    ],
    "numbers": [
        (r"\frac12 b + \dfrac{3}{4} + \tfrac 5 6", "1 / 2 * b + 3 / 4 + 5 / 6"),
        ("0.5b + 10", "1 / 2 * b + 10"),
        (r"-2b - (-b)", "-2 * b - (-b)"),
        (r"\pi b + e", "pi * b + exp(1)"),
        (r"b/2 + 1/b", "b / 2 + 1 / b"),
    ],
    "products": [
        (r"b\mathbf x + \mathbf x b + 2b\lambda", "b * x + x * b + 2 * b * lam"),
        (r"\mathbf w \cdot \mathbf x", "w.T @ x"),
        (r"\langle\mathbf w, \mathbf x\rangle", "w.T @ x"),
        (r"\mathbf w \otimes \mathbf x \oslash \mathbf y", "w * x / y"),
        (r"\mathbf w \odot \mathbf x + \mathbf w \circ \mathbf x", "w * x + w * x"),
        (r"\mathbf w \bigcirc \mathbf x", "w ◯ x"),
        (r"g(\mathbf w) \bigcirc \mathbf{x}\otimes \mathbf y", "g(w) ◯ (x * y)"),
        (r"A \times S + A S + A \cdot S", "A @ S + A @ S + A @ S"),
        (r"\mathbf{x}^T A\, \mathbf{y}\, \mathbf{w}", "(x.T @ A @ y) * w"),
        (r"b(b+1)(b + 2)", "b * (b + 1) * (b + 2)"),
        (r"\frac{\mathbf{x}}{\|\mathbf x\|}", "x / norm(x)"),
        (r"\mathbf 1 \oslash \mathbf x", "1 / x"),
        (r"\mathbf 1^T\mathbf x + \mathbf x^T\mathbb 1", "ones(n).T @ x + x.T @ ones(n)"),
        (r"(A - \lambda I)\mathbf x", "(A - lam * eye(n)) @ x"),
        (r"\mathbf I_n \mathbf x + I_{n\times n}\mathbf x", "eye(n) @ x + eye(n) @ x"),
        (r"\mathbf x + \mathbf 0", "x + zeros(n)"),
        (r"A + \mathbf 0 + \mathbf 1\mathbf 1^T", "A + zeros(n, n) + ones(n) @ ones(n).T"),
        (r"\mathbf e_2^T\mathbf x", "eye(n)[1].T @ x"),
    ],
    "powers": [
        (r"\mathbf x^2 + b^{2} + b^{b+1}", "x**2 + b**2 + b**(b + 1)"),
        ("A^2 + A^{-2}", "A @ A + inv(A) @ inv(A)"),
        (r"A^{\otimes 2} + A^{\circ 2} + A^{\odot 2}", "A**2 + A**2 + A**2"),
        (r"\mathbf w^{\mathbf x - 1}", "w**(x - 1)"),
        (r"\sqrt{b} + \sqrt[3]{b} + \sqrt 2", "sqrt(b) + b**(1 / 3) + sqrt(2)"),
        (r"e^{-b^2} + \mathrm e^{\mathbf x}", "exp(-b**2) + exp(x)"),
        ("x_3^2 + x^2_3", "x[2]**2 + x[2]**2"),
    ],
    "norms": [
        (r"\|\mathbf x\| + \|\mathbf x\|_2 + \lVert x\rVert_2^2", "norm(x) + norm(x) + norm(x)**2"),
        (r"\left\|A\mathbf x - \mathbf y\right\|_2^2", "norm(A @ x - y)**2"),
        (r"||\mathbf x||_1 + \Vert x\Vert", "norm(x, 1) + norm(x)"),
        (r"\|X\|_F^2 + \lVert X \rVert_{\mathrm{F}}", "norm(X)**2 + norm(X)"),
        (r"|b| + \lvert b\rvert + \left|b\right| + |\mathbf x|^T\mathbf y", "abs(b) + abs(b) + abs(b) + abs(x).T @ y"),
        (r"|b|b| - 1|", "abs(b) * b * abs(-1)"),
    ],
    "functions": [
        (r"\exp(b) + \exp\left(-\frac{b}{2}\right)", "exp(b) + exp(-b / 2)"),
        (r"\log b + \ln(b) + \log_2 b", "log(b) + log(b) + log(b) / log(2)"),
        (r"\cosh b - \sinh^2(b) + \operatorname{sinh} 2b", "cosh(b) - sinh(b)**2 + sinh(2 * b)"),
        (r"\sin 2b + \cos b\sin b + \sin^2 b + \tanh^2(b)", "sin(2 * b) + cos(b) * sin(b) + sin(b)**2 + tanh(b)**2"),
        (r"\sigma(b)(1-\sigma(b)) + \operatorname{sigmoid}\bigl(b\bigr)", "sigmoid(b) * (1 - sigmoid(b)) + sigmoid(b)"),
        (r"\sigma'(b)", "sigmoid(b) * (1 - sigmoid(b))"),
        (r"\sigma^{\mathsf T}(\mathbf x)\mathbf y + \sigma^\top(\mathbf x)\mathbf y", "sigmoid(x).T @ y + sigmoid(x).T @ y"),
        (r"\operatorname{ReLU}(b) + \text{relu}(b)", "relu(b) + relu(b)"),
        (r"\operatorname{softmax}(\mathbf x)^T\mathbf y", "softmax(x).T @ y"),
        (r"\mathbf y^T\log\operatorname{softmax}(\mathbf x)", "y.T @ log(softmax(x))"),
        (r"\max(0,b) + \max\{0,b\} + \min\left(b, 1, 2\right)", "max(0, b) + max(0, b) + min(min(b, 1), 2)"),
        (r"\max \mathbf x + \max_i x_i", "max(x) + max([x[i] for i in range(n)])"),
        (r"\operatorname{tr} A S + \operatorname{Tr}(A)S", "trace(A @ S) + trace(A) * S"),
        (r"\det A + \det(A) + \log\det A", "det(A) + det(A) + logdet(A)"),
        (r"\operatorname{diag}(\mathbf x)A", "diag(x) @ A"),
        (r"\operatorname{diag}(b, 2b)", "diag([b, 2 * b])"),
        (r"\operatorname{sign}(b) + \operatorname{sgn}(b)", "sign(b) + sign(b)"),
    ],
    "declared functions": [
        (r"f(\mathbf x) + \mathbf f(\mathbf w)", "f(x) + f(w)"),
        (r"g(\mathbf x) + g(b)\mathbf x", "g(x) + g(b) * x"),
        (r"g'(b) + g''(b) + g^{(4)}(b)", "D(g)(b) + D(g, 0, 0)(b) + D(g, 0, 0, 0, 0)(b)"),
        (r"h(b, \lambda)", "h(b, lam)"),
        (r"\partial_1 h(b, \lambda) + \partial_1\partial_2 h(b,\lambda)", "D(h, 0)(b, lam) + D(h, 0, 1)(b, lam)"),
        (r"f_1(\mathbf x) + f_{2}(\mathbf x)", "f(x)[0] + f(x)[1]"),
        (r"\sum_{i=1}^n k_i(x_i)", "sum(k(x)[i] for i in range(n))"),
        (r"\sum_{i=1}^n k_i'(x_i + 1)", "sum(D(k)([x[j] + 1 for j in range(n)])[i] for i in range(n))"),
        (r"g\circ g(b) + (g\circ g)(b)", "g(g(b)) + g(g(b))"),
        (r"\mathbf f^{\mathsf T}(\mathbf x)\mathbf u + q^2(\mathbf x)", "f(x).T @ u + q(x)**2"),
    ],
    "entries and sums": [
        (r"\sum_{i=1}^{n} w_i x_i", "sum(w[i] * x[i] for i in range(n))"),
        (r"\sum\limits_{i=1}^n w_i x_i + b", "sum(w[i] * x[i] for i in range(n)) + b"),
        (r"\sum_i x_i^2", "sum(x[i]**2 for i in range(n))"),
        (r"\sum_{i,j} A_{ij}x_i x_j", "sum(A[i, j] * x[i] * x[j] for i in range(n) for j in range(n))"),
        (r"\sum_{i,j=1}^n A_{i,j}", "sum(A[i, j] for i in range(n) for j in range(n))"),
        (r"\sum_{1\le i\le n} i x_i", "sum((i + 1) * x[i] for i in range(n))"),
        (r"\frac1N\sum_{i=1}^N (t_i - \mathbf c^T X_{i,:}^T)^2", "1 / N * sum((t[i] - c.T @ X[i])**2 for i in range(N))"),
        (r"\prod_{i=1}^3 b", "b * b * b"),
        (r"x_1 + x_{2} + A_{12} + A_{1,2}", "x[0] + x[1] + A[0, 1] + A[0, 1]"),
        (r"X_{1,:}\mathbf c + X_{:,2}^T t", "X[0].T @ c + X.T[1].T @ t"),
        (r"[x_i]_i^T\mathbf y", "[x[i] for i in range(n)].T @ y"),
        (r"[x_i y_j]_{ij}", "[[x[i] * y[j] for j in range(n)] for i in range(n)]"),
        (r"[b]_{i \leq m}", "[b for i in range(m)]"),
        (r"\sum_{i=1}^n\sum_{j=1}^n \delta_{ij} x_i", "sum((i == j) * x[i] for i in range(n) for j in range(n))"),
        (r"(A\mathbf x)_3 + (\mathbf 1_n)_2", "(A @ x)[2] + ones(n)[1]"),
    ],
    "conditions": [
        (r"\mathbf 1(b > 0) + \mathbb 1\{b > 0\} + \mathbf{1}_{b>0} + \mathbf 1_{\{b > 0\}}",
         "(b > 0) + (b > 0) + (b > 0) + (b > 0)"),
        (r"\mathbf 1(0 < b \leq 1)", "(0 < b) * (b <= 1)"),
        (r"\mathbf x \otimes \mathbf 1(\mathbf x \geq 0)", "x * (x >= 0)"),
        (r"\begin{cases} b & \text{if } b > 0 \\ 0 & \text{otherwise} \end{cases}", "where(b > 0, b, 0)"),
        (r"\begin{cases} b, & b > 0, \\ 0, & b \le 0. \end{cases}", "where(b > 0, b, 0)"),
        (r"\begin{cases} b & \text{if $b > 0$} \\ 0 & \text{else} \end{cases}", "where(b > 0, b, 0)"),
        (r"\left\{\begin{array}{ll}0 & b\leq 0\\ \mathbf x^T & b>0\end{array}\right.", "where(b <= 0, 0, x.T)"),
        (r"\begin{cases} \mathbf 0^T & b\leq 0\\ \mathbf x^T & b>0\end{cases}", "where(b <= 0, zeros(n).T, x.T)"),
    ],
    "matrices": [
        (r"\begin{bmatrix} b & 1 \\ 0 & b \end{bmatrix}", "[[b, 1], [0, b]]"),
        (r"\left[\begin{array}{c|c} b & 1 \\[6pt] \hline 0 & b \\ \end{array}\right]", "[[b, 1], [0, b]]"),
        (r"\begin{pmatrix} b \\ 1 \end{pmatrix}", "[b, 1]"),
        (r"[b, 2b] + \left[\begin{array}{cc} b & 1\end{array}\right]", "[b, 2 * b].T + [b, 1].T"),
        (r"[x_1, x_2, \ldots, x_n]", "[x[i] for i in range(n)].T"),
        (r"\begin{bmatrix} w_1x_1 \\ w_2 x_2 \\ \vdots \\ w_nx_n \end{bmatrix}", "[w[i] * x[i] for i in range(n)]"),
        (r"\begin{bmatrix} A_{11} & A_{12} & \cdots & A_{1n} \\ A_{21} & A_{22} & \cdots & A_{2n} \\ \vdots & \vdots &"
         r" \ddots & \vdots \\ A_{n1} & A_{n2} & \cdots & A_{nn} \end{bmatrix}",
         "[[A[i, j] for j in range(n)] for i in range(n)]"),
        (r"\begin{bmatrix} y_1 & & & \\ & y_2 & & \smash{\text{\huge 0}} \\ \smash{\text{\huge 0}} & & \ddots & \\"
         r" & & & y_n \end{bmatrix}", "diag([y[i] for i in range(n)])"),
        (r"\operatorname{diag}(y_1^2, y_2^2, \ldots, y_n^2)", "diag([y[i]**2 for i in range(n)])"),
        (r"\left|\begin{array}{cc} b & 1 \\ 0 & b\end{array}\right|", "det([[b, 1], [0, b]])"),
    ],
    "derivatives": [
        (r"\frac{\partial b^2}{\partial b}", "partial(b**2, b)"),
        (r"\frac{\partial}{\partial b} b^2 + 1", "partial(b**2, b) + 1"),
        (r"\frac{d}{db} b^2 + \frac{\text d b}{\text d b} + \frac{\mathrm d b}{\mathrm db}",
         "partial(b**2, b) + partial(b, b) + partial(b, b)"),
        (r"\frac{\partial^2 h(b,\lambda)}{\partial b\,\partial\lambda}", "partial(partial(h(b, lam), lam), b)"),
        (r"\frac{\partial^2 b^3}{\partial b^2}", "partial(partial(b**3, b), b)"),
        (r"\frac{\partial \mathbf u}{\partial \mathbf x}", "[[partial(u[i], x[j]) for j in range(n)] for i in range(m)]"),
        (r"\frac{\partial}{\partial\mathbf x}(\mathbf w^T\mathbf x)", "[partial(w.T @ x, x[i]) for i in range(n)].T"),
        (r"\nabla_{\mathbf x}(\mathbf w^T\mathbf x)", "[partial(w.T @ x, x[i]) for i in range(n)].T"),
        (r"\nabla h(b, \lambda)", "[partial(h(b, lam), b), partial(h(b, lam), lam)].T"),
        (r"\frac{\partial \mathbf f}{\partial \mathbf x}", "D(f)(x)"),
        (r"\frac{\partial f_1}{\partial x_2}", "D(f)(x)[0, 1]"),
        (r"\frac{\partial q}{\partial \mathbf x}", "D(q)(x).T"),
        (r"\left.\frac{\partial \mathbf f}{\partial \mathbf z}\right|_{\mathbf z = A\mathbf x}", "D(f)(A @ x)"),
        (r"\nabla^2_{\mathbf x} q(\mathbf x)",
         "[[partial(partial(q(x), x[j]), x[i]) for j in range(n)] for i in range(n)]"),
    ],
    "around": [
        ("$b^2$", "b**2"),
        ("  $$ b^2. $$\n", "b**2"),
        (r"\[ b^2, \]", "b**2"),
        (r"\(b\)", "b"),
        (r"\begin{equation*} b^2 \end{equation*}", "b**2"),
        ("b % what follows is a remark\n + 1", "b + 1"),
        (r"{b}^{2} + {b + 1}", "b**2 + (b + 1)"),
    ],
}  # fmt: skip

CASES = [pytest.param(tex, plain, id=f"{group}: {tex}") for group, pairs in READINGS.items() for tex, plain in pairs]


@pytest.mark.parametrize(("tex", "plain"), CASES)
def test_reading(tex: str, plain: str) -> None:
    assert text(parse_latex(tex, WHERE)) == plain


@pytest.mark.parametrize(
    ("tex", "where", "plain"),
    [
        (r"\sum_{i=1}^N \mathbf x_i^T\mathbf w", "X in R^(N*n); w in R^n", "sum(X[i].T @ w for i in range(N))"),
        (r"\sum_{i=1}^n \mathbf x_i", "X in R^(N*n); x in R^n", "sum(x[i] for i in range(n))"),
        (r"\sum_{i=1}^{mn} y_i", "A in R^(m*n); y in R^((m*n))", "sum(y[i] for i in range(m*n))"),
        (r"\mathbf 1_{mn}^T\mathbf y", "A in R^(m*n); y in R^((m*n))", "ones(m*n).T @ y"),
        ("x_1 + x_2", "x_1, x_2 in R", "x_1 + x_2"),
        ("x_1 + x_2", "x1, x2 in R", "x1 + x2"),
        ("x_1 + x_2", "x in R^n", "x[0] + x[1]"),
        (r"x_{\mathrm{max}} + x_{\max} + x_{max}", "x_max in R", "x_max + x_max + x_max"),
        (r"\hat\theta + \hat{\theta}", "theta_hat in R", "theta_hat + theta_hat"),
        (r"W^{(1)}\mathbf x^{(2)}", "W1 in R^(m*n); X in R^(k*n)", "W1 @ X[1]"),
        (r"\mathbf{Xw}", "X in R^(m*n); w in R^n", "X @ w"),
        (r"I\,\mathbf x + \mathrm I\,\mathbf x", "I in R; x in R^n", "I * x + eye(n) @ x"),
        (r"\sigma(x)", "sigma in R; x in R", "sigma * x"),
        (r"T x^T y", "T in R; x, y in R^n", "T * x.T @ y"),
        (r"e^x", "e, x in R", "e**x"),
        (r"\frac{d x}{d}", "d, x in R", "d * x / d"),
        (r"\operatorname{tr}(A) + \mathrm{tr}", "tr in R; A in R^(n*n)", "trace(A) + tr"),
        ("f(x)", "f, x in R", "f * x"),
        (r"A\mathbf x \otimes \mathbf y", "A in R^(m*n); x in R^n; y in R^m", "(A @ x) * y"),
        (r"A\mathbf x \otimes \mathbf y", "A in R^(m*n); x, y in R^n", "A @ (x * y)"),
    ],
)
def test_declarations_decide(tex: str, where: str, plain: str) -> None:
    assert text(parse_latex(tex, where)) == plain


@pytest.mark.parametrize(
    ("tex", "note"),
    [
        ("a(b + 1)", "a(b + 1) is read as a product"),
        ("b/2b", "in b/2b the whole product behind the slash is below it"),
        (r"\|A\|", r"\|A\| is read as the Frobenius norm"),
        ("|A|", "|A| is read as the determinant"),
        ("|B|", "|B| is read as the absolute value entry by entry: the matrix is not square"),
        (r"\exp(B)", r"\exp(B) is taken entry by entry"),
        (r"\langle A, S\rangle", r"\langle A, S\rangle is read as the trace of A^{\mathsf T}S"),
        (r"\nabla q(\mathbf x)", "∇ is read as the row of all partials"),
        (r"B\mathbf x\otimes\mathbf u",
         r"in B\mathbf x\otimes\mathbf u the product by juxtaposition is taken before the one entry by entry"),
        (r"\begin{cases} 1 & b > 1 \\ 0 & b < 0 \end{cases}", "the case b < 0 is read as all that the cases before it leave"),
    ],
)  # fmt: skip
def test_guesses_are_said(tex: str, note: str) -> None:
    assert note in read_latex([tex], WHERE)[3].sentences()


def test_what_is_no_guess_is_not_remarked_on() -> None:
    assert (
        read_latex([r"\max(0, \mathbf w^{\mathsf T}\mathbf x + b) + f(\mathbf x)^T\mathbf u"], WHERE)[3].sentences()
        == ()
    )


def test_names_for_intermediates() -> None:
    (e,), declarations, (u, s), notes = read_latex(
        [r"s^2"], "w, x in R^n", [r"\mathbf u = \mathbf w\otimes\mathbf x", r"s = \mathbf 1^T\mathbf u"]
    )
    assert text(e) == "s**2"
    assert (u.symbol.name, text(u.value)) == ("u", "w * x")
    assert (s.symbol.name, text(s.value)) == ("s", "ones(n).T @ u")
    assert declarations.defined == {"u", "s"}
    assert not notes.inferred
