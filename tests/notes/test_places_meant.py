"""Values at places, remainders, means, primes: what such signs stand for in a text."""

from __future__ import annotations

from pathlib import Path

import pytest

from derivgen.expr import Expr
from derivgen.expr.text import text
from derivgen.notes.check import check_notes
from derivgen.notes.find import notes_of
from tests.notes.test_meant import read, readings


def defined_in(source: str, chain: int = -1) -> set[str]:
    """The names that one of the chains of a text takes a definition of."""
    return {d.symbol.name for d in list(readings(source))[chain][1].definitions}


def verdicts(text: str) -> list[str]:
    return [e.verdict for e in check_notes(notes_of(Path("text.md"), text)).equalities]


@pytest.mark.parametrize(
    ("said", "left", "right", "wrong"),
    [
        ("$q = s^3$", r"\frac{dq}{ds}\bigg|_{s = 2}", "12", "13"),
        ("$q = s^3$", r"\left.\frac{dq}{ds}\right|_{s = 2}", "12", "8"),
        ("", r"\frac{d}{ds} s^2 \Big|_{s = 3}", "6", "9"),
        ("", r"\frac{d(s^2 + 1)}{ds}\bigg|_{s = r}", "2r", "2s"),
        (r"$\mathbf q(s) = \begin{bmatrix} \cos s \\ s \end{bmatrix}$", r"\frac{d\mathbf q}{ds}\bigg|_{s = 0}",
         r"\begin{bmatrix} 0 \\ 1 \end{bmatrix}", r"\begin{bmatrix} 1 \\ 0 \end{bmatrix}"),
        ("", r"\frac{d(\mathbf v^\top \mathbf v)}{d\mathbf v} d\mathbf v\Big|_{\mathbf v = H\mathbf u}",
         r"2(H\mathbf u)^\top H d\mathbf u", r"2(H\mathbf u)^\top d\mathbf u"),
    ],
)  # fmt: skip
def test_a_derivative_at_a_place_is_taken_there(said: str, left: str, right: str, wrong: str) -> None:
    assert verdicts(f"{said}\n\n$${left} = {right}$$")[-1] == "verified"
    assert verdicts(f"{said}\n\n$${left} = {wrong}$$")[-1] != "verified"


def test_of_a_letter_that_nothing_defines_the_value_at_a_place_is_held_abstract() -> None:
    (found,) = check_notes(
        notes_of(Path("text.md"), r"$$\frac{\partial q}{\partial s}\bigg|_{s = s_0} = 3$$")
    ).equalities
    assert (found.verdict, found.reason) == (
        "unchecked",
        "how this depends on what is put in at the place is not known",
    )
    assert any("is held abstract" in line for line in found.reading)


MEANT = [
    # how far the sum of a mean runs
    (r"$q = \frac1n\sum_i u_i$", r"\frac1n\sum_i u_i", "1 / n * sum(u[i] for i in range(n))"),
    (r"$q = \frac{1}{2m}\sum_i (t_i - w^\top u_i)^2$", r"\frac{1}{2m}\sum_i (t_i - w^\top u_i)^2",
     "1 / (2 * m) * sum((t[i] - w.T @ u[i])**2 for i in range(m))"),
    (r"$q = \frac{1}{n - 1}\sum_i (u_i - r)^2$", r"\frac{1}{n - 1}\sum_i (u_i - r)^2",
     "1 / (n - 1) * sum((u[i] - r)**2 for i in range(n))"),
    (r"$q = \frac{1}{n}\sum_{i=1}^{m} u_i$", r"\frac{1}{n}\sum_{i=1}^{m} u_i", "1 / n * sum(u[i] for i in range(m))"),
    (r"$q = \frac{1}{c}\sum_i u_i$", r"\frac{1}{c}\sum_i u_i", "1 / c * sum(u[i] for i in range(N))"),
    # a remainder
    (r"$f(s + r) = f(s) + f'(s)r + o(r)$", r"f(s) + f'(s)r + o(r)", "f(s) + D(f)(s) * r + o(r)"),
    (r"$q = s + O(s^2)$", "s + O(s^2)", "s + O(s**2)"),
    (r"$q = O(s^2)$", "O(s^2)", "O(s**2)"),
    (r"$q = P + O^\top O(P + 1)$", r"P + O^\top O(P + 1)", "P + O.T @ O @ (P + 1)"),
    # a derivative of a component
    (r"$q = c\,Df_1(s)$", r"c\,Df_1(s)", "c * D(f)(s)[0]"),
    # a letter below a function that is no index is what it depends on
    (r"$q = h_\theta(s)(1 - h_\theta(s))$", r"h_\theta(s)(1 - h_\theta(s))", "h_theta(s) * (1 - h_theta(s))"),
    (r"$q = (h_\theta(s))^{y}(1 - h_\theta(s))^{1 - y}$", r"(h_\theta(s))^{y}(1 - h_\theta(s))^{1 - y}",
     "h_theta(s)**y * (1 - h_theta(s))**(1 - y)"),
    (r"$q = h(s)h_\theta(s)$", r"h(s)h_\theta(s)", "h(s) * h_theta(s)"),
    (r"$q = \sum_{i=1}^n h_i(s) + \mathbf 1^\top h(s)$", r"\sum_{i=1}^n h_i(s) + \mathbf 1^\top h(s)",
     "sum(h(s)[i] for i in range(n)) + ones(n).T @ h(s)"),
    # an inner product by a matrix is another one
    (r"$q = \langle u, v\rangle_A$", r"\langle u, v\rangle_A", "inner(u.T @ v, A)"),
    (r"$q = \langle U, V\rangle_F$", r"\langle U, V\rangle_F", "trace(U.T @ V)"),
    # σ beside μ is how far values spread
    (r"$q = N(\vec\mu(s), \vec\sigma(s)^2)$", r"N(\vec\mu(s), \vec\sigma(s)^2)", "N(mu(s), sigma(s)**2)"),
    (r"$q = \mu(s) + \epsilon\sigma(s)$", r"\mu(s) + \epsilon\sigma(s)", "mu(s) + epsilon * sigma(s)"),
    (r"$q = \mu(s) + \epsilon\sigma(r)$", r"\mu(s) + \epsilon\sigma(r)", "mu(s) + epsilon * sigmoid(r)"),
    # 𝟏 with its sizes
    (r"$Q = \mathbf 1_{\text{R},1} u^\top$", r"\mathbf 1_{\text{R},1} u^\top", "ones(R, 1) @ u.T"),
    (r"$Q = \mathbf 1_{n,m}$", r"\mathbf 1_{n,m}", "ones(n, m)"),
    # a point beside the letter that varies, and a letter with an accent beside it
    (r"$q = (u - u_0)^\top H (u - u_0)$", r"(u - u_0)^\top H (u - u_0)", "(u - u0).T @ H @ (u - u0)"),
    (r"$\bar u_1 = u^\top u$", r"\bar u_1", "u_bar_1"),
    # a prime where another sign transposes
    (r"$Q = HCH^\top + \Sigma'$ and $P = H^\top H$", r"HCH^\top + \Sigma'", "H @ C @ H.T + Sigma_prime"),
    (r"$Q = \Sigma^\prime + HCH^\top$ and $P = H^\top H$", r"\Sigma^\prime + HCH^\top", "Sigma_prime + H @ C @ H.T"),
    (r"$Q = HCH^\top + C'$ and $P = H^\top C'H$", r"HCH^\top + C'", "H @ C @ H.T + C.T"),
    (r"$Q = HCH' + C'$", r"HCH' + C'", "H @ C @ H.T + C.T"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "latex", "value"), MEANT)
def test_signs_are_read_as_their_text_uses_them(source: str, latex: str, value: str) -> None:
    assert read(source)[latex] == value


def test_members_beside_the_letter_are_shown_in_a_face_of_their_own() -> None:
    text = r"$J = \sum_i \|u - u^{(i)}\|^2$ and $$\frac{\partial J}{\partial u} = \sum_i 2(u - u^{(i)})^\top$$"
    *_, found = check_notes(notes_of(Path("text.md"), text)).equalities
    assert found.verdict == "verified"
    assert found.reading[0] == "Read as u in R^M; 𝑢[i] in R^M for i in range(N), by use"


@pytest.mark.parametrize(
    ("words", "verdict"),
    [
        ("The mean", None),
        ("**Mean**", None),
        ("the variance", None),
        ("so", "verified"),
        ("which is", "verified"),
        ("", "verified"),
    ],
)
def test_a_formula_that_begins_with_a_sign_is_of_the_word_before_it(words: str, verdict: str | None) -> None:
    text = rf"$$\frac{{d}}{{ds}} s^3 = 3s^2$$ {words} $= 3s \cdot s$."
    found = check_notes(notes_of(Path("text.md"), text)).equalities[1:]
    assert [e.verdict for e in found] == ([] if verdict is None else [verdict])


def test_where_an_inverse_is_symmetric_so_is_the_matrix() -> None:
    claim = r"$$\frac{\partial (u^\top H^{-1} u)}{\partial u} = 2 H^{-1} u$$"
    assert verdicts(f"For symmetric $H^{{-1}}$: {claim}")[-1] == "verified"
    assert verdicts(f"For a matrix $H^{{-1}}$: {claim}")[-1] == "refuted"


@pytest.mark.parametrize("row", [r"\mathbf u^T", r"\mathbf u^\top"])
def test_the_hessian_of_a_declared_function_is_by_a_column_and_a_row(row: str) -> None:
    latex = rf"\frac{{\partial^2 f}}{{\partial \mathbf u \partial {row}}}"
    text = rf"Let $f: \mathbb R^n \to \mathbb R$ be a function of $\mathbf u$ and $\mathbf H = {latex}$."
    assert read(text)[latex] == "D(f, 0, 0)(u)"


@pytest.mark.parametrize("before", ["At the point", "For", "at", "What happens for"])
def test_a_point_at_which_one_looks_says_nothing_of_formulas_without_numbers(before: str) -> None:
    point = rf"{before} $\mathbf v = [1, 0]^T$."
    general = r"$$\frac{\partial q}{\partial\mathbf v} = \frac{\partial q}{\partial\mathbf u}\frac{\partial\mathbf u}{\partial\mathbf v}$$"
    assert "v" not in defined_in(f"{point}\n\n{general}")
    assert "v" not in defined_in(f"Let $q(\\mathbf v) = \\|\\mathbf v\\|_2$. {point}", 0)
    given = r"Let $B = \begin{bmatrix} 2 & 1 \\ 0 & 3 \end{bmatrix}$. "
    assert verdicts(given + point + r"$$B\mathbf v = \begin{bmatrix} 2 \\ 0 \end{bmatrix}$$")[-1] == "verified"
    assert verdicts(given + point + r"$$B\mathbf v = \begin{bmatrix} 1 \\ 0 \end{bmatrix}$$")[-1] != "verified"


def test_a_letter_that_is_defined_is_taken_at_a_place_with_what_it_stands_for() -> None:
    said = r"$J = \begin{bmatrix} 2v_1 & 1 \\ v_2 & v_1 \end{bmatrix}$. At the point $\mathbf v = [3, 0]^\top$:"
    at = r"$$J\bigg|_{\mathbf v = [3, 0]^\top} = "
    assert verdicts(said + at + r"\begin{bmatrix} 6 & 1 \\ 0 & 3 \end{bmatrix}$$")[-1] == "verified"
    assert verdicts(said + at + r"\begin{bmatrix} 6 & 1 \\ 1 & 3 \end{bmatrix}$$")[-1] != "verified"


def test_a_gradient_at_one_of_several_points_is_that_of_the_function_there() -> None:
    step = r"v^{(i)} - s\nabla_v f(v^{(i)})"
    assert read(f"$$v^{{(i+1)}} = {step}$$")[step] == "ｖ[i] - s * D(f)(ｖ[i])"


def test_a_derivative_by_an_entry_that_the_argument_does_not_hold_is_by_the_argument() -> None:
    given = "Let $h(z) = f(Bz)$. "
    true = r"\sum_{k=1}^n \frac{\partial f(Bz)}{\partial v_k} B_{ki}"
    assert verdicts(f"{given}$$\\frac{{\\partial h(z)}}{{\\partial z_i}} = {true}$$")[-1] == "verified"
    assert verdicts(f"{given}$$\\frac{{\\partial h(z)}}{{\\partial z_i}} = 2{true}$$")[-1] != "verified"
    twice = r"\sum_{k=1}^n\sum_{l=1}^n \frac{\partial^2 f(Bz)}{\partial v_l\partial v_k} B_{lj}B_{ki}"
    assert verdicts(f"{given}$$\\frac{{\\partial^2 h(z)}}{{\\partial z_j\\partial z_i}} = {twice}$$")[-1] == "verified"
    plain = r"\frac{\partial f(v)}{\partial v_k}"
    assert read(f"$u_k = {plain}$")[plain] == "partial(f, v[k])"


def test_functions_that_differentiate_each_other_bare_are_letters() -> None:
    given = r"With $\mathbf g: \mathbb R^p \to \mathbb R^n$ and $\mathbf f: \mathbb R^n \to \mathbb R^m$, "
    found = read(
        given + r"$$J = \frac{\partial\mathbf f}{\partial\mathbf g}\frac{\partial\mathbf g}{\partial\mathbf x}$$"
    )
    assert found[r"\frac{\partial\mathbf f}{\partial\mathbf g}\frac{\partial\mathbf g}{\partial\mathbf x}"].startswith(
        "[[partial(f[i], g[j])"
    )


def test_a_function_of_other_arguments_is_another_one() -> None:
    given = "Let $g(x, y) = 2x + y^8$. "
    assert read(f"{given}$$q = g(t) + 1$$")["g(t) + 1"] == "g(t) + 1"
    assert read(f"{given}$$q = g(s, t) + 1$$")["g(s, t) + 1"] == "(2 * s + t**8) + 1"
    chain = r"\frac{d}{ds} f(g(s)) = \frac{df}{dg}\frac{dg}{ds}"
    assert verdicts(f"{given}$${chain}$$")[-1] == "verified"
    assert verdicts(f"{given}$$\\frac{{d}}{{ds}} f(g(s)) = 2\\frac{{df}}{{dg}}$$")[-1] != "verified"


@pytest.mark.parametrize("listed", [r"u_1, \ldots, u_m", r"u_1, u_2, \dots, u_m", r"u_1, …, u_m"])
def test_a_function_of_the_list_of_all_entries_is_of_the_vector(listed: str) -> None:
    chain = rf"\frac{{\partial q({listed})}}{{\partial s}} = \sum_{{i=1}}^m \frac{{\partial q}}{{\partial u_i}}\frac{{\partial u_i}}{{\partial s}}"
    assert verdicts(f"$${chain}$$")[-1] == "verified"
    assert verdicts(f"$${chain.replace('= ', '= 2')}$$")[-1] != "verified"
    assert read(rf"$$t = f({listed})$$")[f"f({listed})"] == "f(u)"


def test_a_list_among_other_arguments_is_a_vector_too_and_one_of_several_letters_is_none() -> None:
    (_, meant), *_ = readings(r"$$t = f(s, u_1, \ldots, u_m)$$")
    assert isinstance(value := meant.values[1], Expr)
    assert text(value) == "f(s, u)"
    assert meant.understood.declarations.symbols["u"].space.rank == 1
    mixed = r"f(u_1, v_2, \ldots, u_m)"
    assert "dots" in read(f"$$t = {mixed}$$")[mixed]
