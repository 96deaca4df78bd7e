"""Members of equalities are read as a text means them: what it says, defines and leaves abstract."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from derivgen import derive
from derivgen.check.judge import Judge
from derivgen.errors import DerivgenError
from derivgen.expr import MINUS_ONE, Mul
from derivgen.expr.text import text
from derivgen.notes.check import check_notes
from derivgen.notes.find import notes_of
from derivgen.notes.judge.court import Court
from derivgen.notes.meaning.chains import chains
from derivgen.notes.meaning.context import Context
from derivgen.notes.meaning.prose import has_differentials
from derivgen.notes.meaning.question import Meant
from derivgen.notes.reports.proposal import proposed
from derivgen.options import Options
from derivgen.read.latex.formula import parse_latex


def readings(source: str) -> Iterator[tuple[tuple[str, ...], Meant]]:
    """The chains of a text, each with its cheapest reading."""
    context = Context(notes_of(Path("text.md"), source), Options())
    for chain in chains(context.rows):
        latexes = tuple(link.member.text for link in chain.links)
        differentials = has_differentials(source)
        court = Court(
            latexes, context.scope(chain.row), {}, differentials, context.words.product or "hadamard", ("numerator",)
        )
        yield latexes, court.meant("numerator")[0]


def read(source: str) -> dict[str, str]:
    """Members as they are read, or why they are not."""
    found: dict[str, str] = {}
    for latexes, meant in readings(source):
        for k, (latex, value) in enumerate(zip(latexes, meant.values, strict=True)):
            e = meant.held.get(k, value)
            found[latex] = e.message if isinstance(e, DerivgenError) else text(e)
    return found


HELD = [
    (r"$q = \mathbb E[\mathbf v^\top B\mathbf v]$", "E(v.T @ B @ v)", "expectations and probabilities"),
    (r"$q = p(t \mid \mathbf v; \beta)$", "p(t, v, beta)", "conditional probabilities"),
    (r"$q = P(t = 1 \mid s)P(s = 1)$", "P(t, 1, s) * P(s, 1)", "conditional probabilities"),
    (r"$q = \operatorname{rank}(B)$", "rank(B)", "rank"),
    (r"$q = \lambda_{\max}(B^\top B)$", "λ_max(B.T @ B)", "eigenvalues"),
    (r"$q = \max_{v} \frac{\|Bv\|^2}{\|v\|^2}$", "max(norm(B @ v)**2 / norm(v)**2)", "the maximum over all v"),
    (r"$q = \underset{s}{\max}\, s^2$", "max(s**2)", "the maximum over all s"),
    (r"$q = \int_{-\infty}^{\infty} s^2 e^{-s^2} ds$", "int(s**2 * exp(-s**2))", "integrals"),
    (r"$q = \lim_{h \to 0} \frac{r + h}{h}$", "lim((r + h) / h)", "limits"),
    (r"$r = \operatorname{arg\,max} \operatorname{tr}(B)$", "argmax(trace(B))", "an argument of the maximum"),
    (r"$\hat v = \arg\max_v v^\top b$", "argmax(v.T @ b)", "an argument of the maximum"),
    (r"$q = \frac{\lambda^k}{k!}$", "lambda**k / factorial(k)", "factorials"),
    (r"$\frac{\partial r}{\partial H} = \mathrm{pair}\left(\frac{\partial r}{\partial \mathbf u}, \frac{\partial \mathbf u}{\partial H}\right)"
     r" + \mathrm{pair}\left(\frac{\partial r}{\partial s}, \frac{\partial s}{\partial H}\right)$",
     "pair([partial(r, u[i]) for i in range(K)].T, [[[partial(u[i], H[j, k]) for k in range(M)] for j in range(N)] for i in range(K)])"
     " + pair(partial(r, s), [[partial(s, H[i, j]) for i in range(N)] for j in range(M)])", "three axes"),
    (r"$q = \|B\|_*$", "norm(B)", "nuclear"),
    (r"$q = E_{\mathbf v \sim p}[\mathbf v^\top \mathbf v]$", "E(v.T @ v)", "expectations and probabilities"),
    (r"$q = E_\theta[s^2]$", "E(s**2)", "expectations and probabilities"),
    (r"$q = \mathbf a^\top \operatorname{Cov}(\mathbf u, \mathbf v) \mathbf b$", "a.T @ Cov(u, v) @ b", "expectations and probabilities"),
    (r"$q = \mathbf a^\top \mathrm{Var}(\mathbf u) \mathbf a$", "a.T @ Var(u) @ a", "expectations and probabilities"),
    (r"$q = \sum_{i \in S} (y_i - \mathbf w^\top \mathbf x_i)^2$",
     "sum([(y[i] - w.T @ X[i])**2 for i in range(N)])", "a sum over a set"),
    (r"$\mathbf q = \sum_{i \in S} \alpha_i \mathbf x_i + \mathbf w$",
     "sum([[(alpha[i] * X[i])[j] for j in range(N)] for i in range(M)]) + w", "a sum over a set"),
    # columns below each other: what a matrix stands before, and what is written so
    (r"$q_t = \tanh(W_h [h_{t-1}, x_t] + b_h)$", "tanh(W_h @ stacked(h_tminus1, x[t]) + b_h)", "columns below each other"),
    (r"$q = \mathbf a^\top \begin{bmatrix} \mathbf u \\ 1 \end{bmatrix}$", "a.T @ stacked(u, 1)", "columns below each other"),
    (r"$q = \frac{\partial (v^\top Bv)}{\partial (Bv)}$", "partial(v.T @ B @ v, B @ v)", "a derivative is by a variable"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "wanted", "said"), HELD)
def test_what_is_not_read_is_held_abstract_and_refused_by_its_name(source: str, wanted: str, said: str) -> None:
    ((latexes, meant),) = readings(source)
    assert text(meant.held[1]) == wanted, latexes
    refusal = meant.values[1]
    assert isinstance(refusal, DerivgenError)
    assert said in refusal.message
    assert any("is held abstract" in choice.taken for choice in meant.choices)
    assert [e.verdict for e in check_notes(notes_of(Path("text.md"), source)).equalities] == ["unchecked"]


def test_what_depends_on_something_held_is_not_judged_either() -> None:
    source = r"With $q = \prod_{i=1}^n s_i$ it is $\frac{\partial q}{\partial s_j} = 0$, and $r = q + 1$."
    assert {e.verdict for e in check_notes(notes_of(Path("text.md"), source)).equalities} == {"unchecked"}
    assert read(source)["q + 1"] == "q + 1"


def test_nothing_judges_what_is_held() -> None:
    ((_, meant),) = readings(HELD[0][0])
    verdict = Judge().agree(meant.held[1], Mul((MINUS_ONE, meant.held[1])), depth="step")
    assert (verdict.status, verdict.reason) == ("unchecked", "E has no value")


def test_in_a_question_it_is_refused() -> None:
    for source, _, said in HELD[:11]:
        with pytest.raises(DerivgenError, match=said):
            derive(
                source.strip("$").partition("=")[2],
                wrt="r",
                where="r in R; v, b in R^n; B in R^(n*n); t, s, beta, k, h in R",
            )


BLOCKS = (
    r"\begin{bmatrix} H & \mathbf 0 & \cdots & \mathbf 0\\ \mathbf 0 & H & \cdots & \mathbf 0\\ \vdots & \vdots & \ddots & \vdots\\"
    r" \mathbf 0 & \mathbf 0 & \cdots & H\end{bmatrix}"
)

MEANT = [
    # what a text says
    ("For a column vector variable $u$, $r = u^\\top u$.", r"u^\top u", "u.T @ u"),
    ("The Kronecker product of $M$ and $N$ is $M \\otimes N = T$, say.", r"M \otimes N", "kron(M, N)"),
    ("**Kronecker product** $P \\otimes Q$ of matrices: $(P \\otimes Q)^\\top = P^\\top \\otimes Q^\\top$.",
     r"P^\top \otimes Q^\top", "kron(P.T, Q.T)"),
    ("The Hadamard product is $a \\otimes b$; $c = a \\otimes b$ for vectors $a$ and $b$.", r"a \otimes b", "a * b"),
    # functions of functions, and of entries
    (r"$r = s(\mathbf t(\mathbf u))$", r"s(\mathbf t(\mathbf u))", "s(t(u))"),
    (r"$r = s(q(t_k))$", r"s(q(t_k))", "s(q(t[k]))"),
    (r"$r = 3(q + t_k)$", r"3(q + t_k)", "3 * (q + t[k])"),
    (r"$\mathbf s = \mathbf H(\mathbf u)^{-1}\mathbf u$", r"\mathbf H(\mathbf u)^{-1}\mathbf u", "inv(H(u)) @ u"),
    # f(x) = 0 is to be solved, and says nothing of f
    (r"To find a root, $\mathbf f(\mathbf u) = \mathbf 0$, write $\mathbf v = \mathbf f(\mathbf u) + \mathbf u$.",
     r"\mathbf f(\mathbf u) + \mathbf u", "f(u) + u"),
    # what one section takes f for does not bind another
    ("# One\n\n$f(s) = s^2$\n\n# Two\n\n$r = f(s) + 1$", "f(s) + 1", "f(s) + 1"),
    ("# One\n\n$f(s) = s^2$\n\n## More\n\n$r = f(s) + 1$", "f(s) + 1", "f + 1"),
    ("# One\n\n$\\operatorname{bump}(s) = s^2$\n\n# Two\n\n$r = \\operatorname{bump}(s) + 1$",
     r"\operatorname{bump}(s) + 1", "bump + 1"),
    # fonts, examples, primes
    ("Vectors such as $\\mathbf u$ are bold.\n\n# A\n\nFor the vector $u$.\n\n# B\n\n$r = 3u^2$", "3u^2", "3 * u**2"),
    ("# A\n\nFor the vector $u$.\n\n# B\n\n$r = 3u^2$", "3u^2", "3 * u**2"),
    ("$M = \\begin{bmatrix}1 & 2\\\\3 & 4\\end{bmatrix}$. $a$ $b$ $c$ $d$ $e$ $f$ $g$ and $N = M K$", "M K", "M @ K"),
    (r"A step gives $s' = s + h$.", "s'", "s_prime"),
    (r"$t' = \frac{dt}{ds}$", "t'", "partial(t, s)"),
    (r"With $t = s^2$ it is $Dg(s) = g'(s)$.", "Dg(s)", "D(g)(s)"),
    (r"The induced norm is $q = \|B\|^2$.", r"\|B\|^2", "norm(B)**2"),
    # gradients at a place
    (r"$\mathbf u = \nabla_{\mathbf t} f(B\mathbf z)$", r"\nabla_{\mathbf t} f(B\mathbf z)", "D(f)(B @ z).T"),
    (r"$r = \nabla_t f(Bt)$", r"\nabla_t f(Bt)", "[partial(f(B @ t), t[i]) for i in range(M)].T"),
    ("$$\\begin{aligned}s_4 &= \\log(s_3) (q = s_4)\\\\ r &= g(s) + (s - t)\\end{aligned}$$", r"\log(s_3)", "log(s3)"),
    ("$$\\begin{aligned}&(r = 2 s)\\\\ &t = 3\\end{aligned}$$", "2 s", "2 * s"),
    # values in bold
    (r"If $\mathbf t = f(\mathbf u)$ and $\mathbf u = g(\mathbf v)$, then $\frac{\partial \mathbf t}{\partial \mathbf v} = H$",
     r"\frac{\partial \mathbf t}{\partial \mathbf v}", "[[partial(t[i], v[j]) for j in range(N)] for i in range(K)]"),
    (r"If $\mathbf t = f(\mathbf u)$ and $r = g(\mathbf t)$, then $\frac{\partial r}{\partial \mathbf u} = s$",
     r"\frac{\partial r}{\partial \mathbf u}", "[partial(r, u[i]) for i in range(n)].T"),
    # arrays by their entries, and by their blocks
    (r"$K_{ij} = s_i t_j$ and $r = \sum_j K_{ij} v_j$", r"\sum_j K_{ij} v_j", "sum(K[i, j] * v[j] for j in range(M))"),
    (r"$M = \operatorname{diag}(s_i t_i)$", r"\operatorname{diag}(s_i t_i)", "diag([s[i] * t[i] for i in range(N)])"),
    (r"$M = [H\mathbf u_1~~~H\mathbf u_2~~~\cdots~~~H\mathbf u_k]$", r"[H\mathbf u_1~~~H\mathbf u_2~~~\cdots~~~H\mathbf u_k]",
     "[[(H @ U[i])[j] for i in range(k)] for j in range(N)]"),
    (BLOCKS.join((r"$M = ", r" \operatorname{vec}(B)$ with $B \in \mathbb R^{n\times k}$ and $H \in \mathbb R^{n\times n}$")),
     BLOCKS + r" \operatorname{vec}(B)", "kron(eye(k), H) @ vec(B)"),
    (r"$M = K \circ (\mathbf{1_{k\times k}} - \mathbf{I})$", r"K \circ (\mathbf{1_{k\times k}} - \mathbf{I})", "K * (ones(k, k) - eye(k))"),
    (r"$K_{ij} = (-1)^{i+j}H_{ij}$", r"(-1)^{i+j}H_{ij}", "(-1)**(i + 1 + (j + 1)) * H[i, j]"),
    (r"$r = \frac{(v - \mu_v)^2}{2}$", r"\frac{(v - \mu_v)^2}{2}", "(v - mu_v)**2 / 2"),
    # letters that are said to be functions, and what they stood for before
    ("$g(s) = s^2$. For any differentiable functions $g$ and $h$: $\\frac{d}{ds}[g(s) + h(s)] = r$",
     r"\frac{d}{ds}[g(s) + h(s)]", "partial(g(s) + h(s), s)"),
    ("Here $q$ is a loss function and $\\sigma$ is an element-wise function. $r = q(\\sigma(H\\mathbf u))$",
     r"q(\sigma(H\mathbf u))", "q(sigma(H @ u))"),
    (r"$r = \sigma'(\mathbf K) \circ \mathbf H~~\text{where $\sigma$ is an entry-wise function}$", r"\sigma'(\mathbf K) \circ \mathbf H",
     "D(sigma)(K) * H"),
    ("With respect to the scalar parameter $t$ the derivative is $\\frac{\\partial}{\\partial t}(\\mathbf u t) = \\mathbf v$",
     r"\frac{\partial}{\partial t}(\mathbf u t)", "[partial((u * t)[i], t) for i in range(N)]"),
    # arguments of functions, columns, remarks, matrices without signs of alignment
    (r"$H = I ~~~(I \text{ is the identity matrix})$", "I", "eye(N)"),
    (r"$M = \begin{bmatrix} \frac{\partial}{\partial u_1} s_1~ \ldots~ \frac{\partial}{\partial u_n} s_1 \\ \ldots\\ \frac{\partial}{\partial u_1} s_m~ \ldots~ \frac{\partial}{\partial u_n} s_m \end{bmatrix}$",
     r"\begin{bmatrix} \frac{\partial}{\partial u_1} s_1~ \ldots~ \frac{\partial}{\partial u_n} s_1 \\ \ldots\\ \frac{\partial}{\partial u_1} s_m~ \ldots~ \frac{\partial}{\partial u_n} s_m \end{bmatrix}",
     "[[partial(s[i], u[j]) for j in range(n)] for i in range(m)]"),
    (r"$M = \det|H| (H^{-1})^\top$", r"\det|H| (H^{-1})^\top", "det(H) * inv(H).T"),
    # gradients at a point, changes, means; by what is a number in an example
    (r"At a minimum $\mathbf v = \nabla_{\mathbf u} f(\mathbf u_0)$", r"\nabla_{\mathbf u} f(\mathbf u_0)", "D(f)(u0).T"),
    (r"A step is $r = (t + \Delta t)^2$", r"(t + \Delta t)^2", "(t + t_Delta)**2"),
    (r"The mean of $\xi$ is $r = (\xi - \mu_\xi)^\top H\mu_\xi$", r"(\xi - \mu_\xi)^\top H\mu_\xi", "(xi - mu_xi).T @ H @ mu_xi"),
    (r"$K = \operatorname{adj}(H)$", r"\operatorname{adj}(H)", "det(H) * inv(H)"),
    ("For $M = \\begin{bmatrix}1 & 2\\\\3 & 4\\end{bmatrix}$ and $g(M) = \\operatorname{tr}(M)$ it is $\\frac{\\partial g}{\\partial M_{ij}} = s$",
     r"\frac{\partial g}{\partial M_{ij}}", "partial(g, M[i, j])"),
    (r"$r = \mathbf 1_m^\top H\mathbf 1_n$", r"\mathbf 1_m^\top H\mathbf 1_n", "ones(m).T @ H @ ones(n)"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "latex", "wanted"), MEANT)
def test_members_are_read_as_they_are_meant(source: str, latex: str, wanted: str) -> None:
    assert read(source)[latex] == wanted


def test_a_function_that_was_put_in_says_no_more_of_its_letters() -> None:
    source = r"With $h_w(u) = w^\top u$ the loss is $r = \frac1m\sum_{i=1}^m h_w(c_i u_i)^2$."
    ((_, _), (_, meant)) = readings(source)
    assert [d.symbol.name for d in meant.definitions] == ["r"]
    u = meant.understood.declarations.symbols["u"]
    assert [str(d) for d in u.shape.axes] == ["m", "N"]
    assert str(meant.understood.declarations.symbols["w"].shape.axes[0]) == "N"


def test_nothing_is_differentiated_by_the_numbers_of_an_example() -> None:
    source = r"For $M = \begin{bmatrix}1 & 2\\3 & 4\end{bmatrix}$ and $g(M) = \operatorname{tr}(M)$ it is $\frac{\partial g}{\partial M_{ij}} = s$"
    (*_, (_, meant)) = readings(source)
    assert [d.symbol.name for d in meant.definitions] == ["g"]


def test_the_sign_of_the_logistic_function_is_named() -> None:
    (found,) = check_notes(notes_of(Path("text.md"), r"$1 - \sigma(s) = \sigma(-s)$")).equalities
    assert (found.verdict, found.reading[-1]) == ("verified", "σ is read as the logistic function")


def test_labels_are_one_or_minus_one_where_the_text_says_so() -> None:
    claim = r"$\frac{\partial}{\partial s} (c^2 s) = 1$"
    said = notes_of(Path("text.md"), rf"The label is $c \in \{{-1, 1\}}$. Then {claim}.")
    (found,) = [e for e in check_notes(said).equalities if e.verdict != "unchecked" or e.code == "hypothesis"]
    assert found.code == "hypothesis"
    silent = check_notes(notes_of(Path("text.md"), f"Let $c, s \\in \\mathbb R$. Then {claim}."))
    assert [e.code for e in silent.equalities] == ["doubtful"]  # c may be such a number all the same


def test_entries_between_braces_are_those_of_a_diagonal_matrix() -> None:
    given = r"$X \in \mathbb R^{m\times n}$, $w, y \in \mathbb R^m$ and $v \in \mathbb R^n$. Let $W = \text{diag}\{w_1, \ldots, w_m\}$. "
    claim = r"$$(Xv - y)^T W (Xv - y) = v^T X^T W X v - 2 y^T W^T X v + y^T"
    found = [check_notes(notes_of(Path("text.md"), f"{given}{claim} {rest}$$")).equalities[-1] for rest in ("W y", "y")]
    assert [(e.verdict, bool(e.values)) for e in found] == [("verified", False), ("unchecked", True)]  # and doubtful


def test_arrays_in_the_place_of_entries_are_blocks() -> None:
    row = parse_latex(r"[B_1, \ldots, B_p]", "B_i in R^(m*n)")
    column = parse_latex(r"\begin{bmatrix} B_1 \\ \vdots \\ B_p\end{bmatrix}", "B_i in R^(m*n)")
    whole = parse_latex(
        r"\begin{bmatrix} B_{11} & \cdots & B_{1q} \\ \vdots & \ddots & \vdots \\ B_{p1} & \cdots & B_{pq}\end{bmatrix}",
        "B_{ij} in R^(m*n)",
    )
    assert [str(e.shape) for e in (row, column, whole)] == ["m×np", "mp×n", "mp×nq"]
    one, other = [
        parse_latex(s, "B_i in R^(m*n); v_i in R^n")
        for s in (r"[B_1, \ldots, B_p]\begin{bmatrix} v_1 \\ \vdots \\ v_p\end{bmatrix}", r"\sum_{i=1}^p B_i v_i")
    ]
    assert Judge().agree(one, other, depth="answer").status == "verified"


def test_an_example_in_numbers_holds_for_its_numbers() -> None:
    letters = " ".join(f"${c}$" for c in "abcdefgh")
    source = rf"$M = \begin{{bmatrix}}1 & 2\\3 & 4\end{{bmatrix}}$. {letters} and $\operatorname{{tr}}(M) = 5$."
    assert [e.verdict for e in check_notes(notes_of(Path("text.md"), source)).equalities][-1] == "verified"


@pytest.mark.parametrize(
    "said",
    [
        r"Let $S$ be symmetric positive definite, $S \in \mathbb R^{n\times n}$.",
        r"Let $S \in \mathbb R^{n\times n}$ be symmetric.",
        r"The matrix $S$ is symmetric.",
    ],
)
def test_a_matrix_that_varies_stays_what_it_is_said_to_be(said: str) -> None:
    claim = r"With $a = S^{-1}b$, $$\frac{\partial}{\partial s}\, b^\top S^{-1} b = -a^\top \frac{\partial S}{\partial s} a.$$"
    found = check_notes(notes_of(Path("text.md"), f"{said} {claim}")).equalities[-1]
    assert found.verdict == "verified"
    anything = check_notes(
        notes_of(
            Path("text.md"), rf"Let $S \in \mathbb R^{{n\times n}}$, $b \in \mathbb R^n$ and $s \in \mathbb R$. {claim}"
        )
    ).equalities[-1]
    assert anything.verdict == "refuted"


def test_a_function_that_is_called_in_another_holds_nothing_fixed() -> None:
    source = (
        r"For $w \in \mathbb R^d$ let $L(w) = \|Xw - y\|^2$ and $J(w) = L(w) + \lambda\|w\|^2$. "
        r"Then $$\nabla J(w) = 2X^\top(Xw - y) + {} \lambda w.$$"
    )
    verdicts = [
        check_notes(notes_of(Path("text.md"), source.replace("{}", factor))).equalities[-1].verdict for factor in "24"
    ]
    assert verdicts == ["verified", "refuted"]


def test_the_slope_of_a_known_function_is_judged() -> None:
    claims = r"$\tanh'(s) = 1 - \tanh^2(s)$, $\tanh'(s) = 1 - \tanh(s)$"
    found = check_notes(notes_of(Path("text.md"), claims)).equalities
    assert [e.verdict for e in found] == ["verified", "refuted"]
    assert found[1].repair is not None


def test_a_repair_that_leaves_something_out_says_so() -> None:
    source = r"For $w \in \mathbb R^d$, $\nabla_w\, \tfrac12 w^\top w = w 2$"
    (wrong,) = [e for e in check_notes(notes_of(Path("text.md"), source)).equalities if e.verdict == "refuted"]
    assert (wrong.repair or "").strip() == ""
    assert proposed(wrong.repair or "") == "did you mean to leave this out?"


@pytest.mark.parametrize(
    "said",
    [
        r"With the covariance $C$ and the data $u$,",
        r"$C$ is the sample covariance.",
        r"$C$ is the Gram matrix.",
        r"For symmetric $C$,",
        r"With symmetric positive definite $C$",
    ],
)
def test_some_matrices_are_symmetric_by_what_they_are(said: str) -> None:
    claim = r"$$\nabla_u (u^\top C u) = 2 C u$$"
    verdicts = [
        check_notes(notes_of(Path("text.md"), f"{words} {claim}")).equalities[-1].verdict
        for words in (said, "With the matrix $C$ and the data $u$,")
    ]
    assert verdicts == ["verified", "refuted"]


def test_one_case_of_a_function_is_not_the_function() -> None:
    cases = r"Let $h(s) = \frac12 s^2$ for $|s| \leq c$ and $c(|s| - \frac12 c)$ otherwise. Then $h'(s) = \min(s, c)$."
    (*_, found) = check_notes(notes_of(Path("text.md"), cases)).equalities
    assert found.verdict == "unchecked"
    whole = r"Let $h(s) = \frac12 s^2$. Then $h'(s) = \min(s, c)$."
    (*_, found) = check_notes(notes_of(Path("text.md"), whole)).equalities
    assert found.verdict == "refuted"


@pytest.mark.parametrize(
    ("source", "latex", "wanted"),
    [
        ("By RSS we mean the sum. $$RSS = RSS_0 + q$$", "RSS", "RSS"),
        ("Count the hits (HT) and the rest. $$q = HT / n$$", "HT / n", "HT / n"),
        (r"$$q = \frac{correct}{output\_length}$$", r"\frac{correct}{output\_length}", "correct / outputlength"),
        (r"$$q = \log\Phi(w^\top x)$$", r"\log\Phi(w^\top x)", "log(Phi(w.T @ x))"),
        (r"$$q = \ln \Gamma(s + 1) + s$$", r"\ln \Gamma(s + 1) + s", "log(Gamma(s + 1)) + s"),
        (r"$$q = \operatorname{tr}(C^\top s)$$", r"\operatorname{tr}(C^\top s)", "trace(C.T @ s)"),
        (r"$$q = \operatorname{tr}(s^\top v)$$", r"\operatorname{tr}(s^\top v)", "s.T @ v"),
    ],
)
def test_words_and_functions_are_told_from_products(source: str, latex: str, wanted: str) -> None:
    assert read(source)[latex] == wanted
    assert read("$$BDH = A$$")["BDH"] == "B @ D @ H"


@pytest.mark.parametrize(
    ("source", "latex", "wanted"),
    [
        (r"$$q = s^{1\{y = 1\}}$$", r"s^{1\{y = 1\}}", "s**(1 * (y == 1))"),
        (r"$$q = s^{^{1\{y = -1\}}}$$", r"s^{^{1\{y = -1\}}}", "s**(1 * (y == -1))"),
        (r"$$u_i = 1\{i = 2\} v_i$$", r"1\{i = 2\} v_i", "1 * (i == 1) * v[i]"),
        (r"$$q = \log_b(s) + t$$", r"\log_b(s) + t", "log(s) / log(b) + t"),
        (r"$$q = H(S|T) + H(T)$$", r"H(S|T) + H(T)", "H(S, T) + H(T)"),
        (r"$$u_k = \sum_{i\neq k} a_i b_k$$", r"\sum_{i\neq k} a_i b_k",
         "sum((1 - (i == k)) * (a[i] * b[k]) for i in range(N))"),
        (r"$$q = \sum_{i\neq k} a_i b_k$$", r"\sum_{i\neq k} a_i b_k",
         "sum((1 - (i == k)) * (a[i] * b[k]) for i in range(N) for k in range(N))"),
        (r"$$q = \sum_k (a_k + \sum_{i\neq k} B_{ik})$$", r"\sum_k (a_k + \sum_{i\neq k} B_{ik})",
         "sum(a[k] + sum((1 - (i == k)) * B[i, k] for i in range(N)) for k in range(N))"),
        (r"$$Q(f) = \frac{\partial}{\partial s}\left(\frac{\partial f}{\partial s^T}\right)$$",
         r"\frac{\partial}{\partial s}\left(\frac{\partial f}{\partial s^T}\right)", "partial(partial(f, s), s)"),
    ],
)  # fmt: skip
def test_indices_indicators_and_bases(source: str, latex: str, wanted: str) -> None:
    assert read(source)[latex] == wanted


@pytest.mark.parametrize(
    ("said", "left", "right"),
    [
        ("Let $f(s, t) = s^2 t$. ", r"\mathbf H f(s, t)", r"\begin{pmatrix} 2t & 2s \\ 2s & 0 \end{pmatrix}"),
        (r"Let $f(v) = v^\top B v$. ", r"\mathbf H f(v)", r"B + B^\top"),
    ],
)
def test_a_bold_h_before_a_function_is_its_hessian(said: str, left: str, right: str) -> None:
    def verdict(member: str) -> str:
        return check_notes(notes_of(Path("text.md"), f"{said}$${left} = {member}$$")).equalities[-1].verdict

    assert verdict(right) == "verified"
    assert verdict(f"2({right})") != "verified"
    assert read(rf"{said}$$C = \mathbf H \mathbf v$$")[r"\mathbf H \mathbf v"] == "H @ v"


def test_a_word_of_the_catalog_with_more_arguments_is_a_function_of_the_author() -> None:
    found = read(r"$$q = \textrm{prod}(s, t) + 1$$ $$r = \textrm{prod}(\mathbf v) + 1$$")
    assert (found[r"\textrm{prod}(s, t) + 1"], found[r"\textrm{prod}(\mathbf v) + 1"]) == (
        "prod(s, t) + 1",
        "prod(v) + 1",
    )


def test_members_that_are_declared_give_way_to_what_each_of_them_stands_for() -> None:
    text = (
        r"With $\mathbf o_t \in \mathbb R^q$ and $\mathbf h_t \in \mathbb R^p$: $$\mathbf o_t = W\mathbf h_t$$ "
        r"$$L = \frac1T\sum_{t=1}^T l(\mathbf o_t, y_t)$$ "
        r"$$\frac{\partial L}{\partial W} = \sum_{t=1}^T \frac{\partial L}{\partial\mathbf o_t} \mathbf h_t^\top$$"
    )
    assert check_notes(notes_of(Path("text.md"), text)).equalities[-1].verdict == "verified"
