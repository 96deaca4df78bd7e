"""A step is displayed with the right thing on either side, by cases, by entries, as a picture."""

from __future__ import annotations

import pytest

from derivgen.expr import Definition, Expr, Symbol
from derivgen.read import parse_text
from derivgen.rules.reason import Reason
from derivgen.rules.step import Step
from derivgen.show.document.display import displayed
from derivgen.show.layout.notate import context
from derivgen.show.layout.style import Style
from derivgen.show.math.latex_lines import equation

WHERE = "w, x, y in R^n; A in R^(n*n); X, U in R^(N*n); c, z, s in R; f: R^n -> R^n"


def read(text: str) -> Expr:
    return parse_text(text, WHERE, free_indices=True)


def shown(before: str, after: str, left: str = "", picture: str = "") -> str:
    step = Step(
        "rule",
        "Title",
        read(before),
        read(after),
        Reason(("Reason.",)),
        left=read(left) if left else None,
        picture=picture,
    )
    return " | ".join(equation(line, "") for line in displayed(step, context(Style())))


def test_without_a_name_the_two_sides_stand_alone() -> None:
    assert shown("w.T @ x", "sum(w * x)") == r"\mathbf{w}^{\mathsf T} \mathbf{x} = \sum_{i=1}^{n} w_i x_i"


def test_with_a_name_both_sides_follow_it() -> None:
    assert shown("w.T @ x", "sum(w * x)", "z") == r"z = \mathbf{w}^{\mathsf T} \mathbf{x} = \sum_{i=1}^{n} w_i x_i"


def test_an_entry_says_for_which_places_it_is_meant() -> None:
    assert shown("(w * x)[i]", "w[i] * x[i]", "y[i]") == (
        r"y_i = (\mathbf{w} \otimes \mathbf{x})_i = w_i x_i, \quad i = 1, \ldots, n"
    )


def test_a_delta_between_free_places_is_shown_by_cases() -> None:
    tex = shown("partial(w[i] * x[i], w[j])", "x[i] * partial(w[i], w[j])", "partial(y[i], w[j])")
    assert r"\begin{cases}" not in tex
    whole = "[[partial(y[i], w[j]) for j in range(n)] for i in range(n)]"
    body = "[[x[i] * (i == j) for j in range(n)] for i in range(n)]"
    assert shown(body, body, whole) == (
        r"\frac{\partial y_i}{\partial w_j} = \begin{cases} x_i & i = j \\ 0 & i \neq j \end{cases}"
    )


def test_of_several_deltas_the_first_letter_decides() -> None:
    """The same page is made again, whatever the order in which a set of indices is walked."""
    assert shown("A[i, k] * (i == j) * (k == l)", "A[i, k] * (k == l) * (i == j)").endswith(
        r"\begin{cases} A_{ik} \delta_{kl} & i = j \\ 0 & i \neq j \end{cases}"
    )


def test_an_array_of_entries_is_shown_by_its_entry() -> None:
    whole = "[partial(z, x[k]) for k in range(n)].T"
    assert shown(whole, "[2 * x[k] for k in range(n)].T", whole) == r"\frac{\partial z}{\partial x_k} = 2 x_k"


@pytest.mark.parametrize(
    ("picture", "tex"),
    [
        (
            "diagonal",
            r"\frac{\partial \mathbf{y}}{\partial \mathbf{w}} = \begin{bmatrix} x_1 & & & \\ & x_2 & & "
            r"\smash{\text{\huge 0}} \\ \smash{\text{\huge 0}} & & \ddots & \\ & & & x_n \end{bmatrix}",
        ),
        (
            "table",
            r"\frac{\partial \mathbf{y}}{\partial \mathbf{w}} = \begin{bmatrix} x_1 & 0 & \cdots & 0 \\ "
            r"0 & x_2 & \cdots & 0 \\ \vdots & \vdots & \ddots & \vdots \\ 0 & 0 & \cdots & x_n \end{bmatrix}",
        ),
    ],
)
def test_pictures_of_an_array(picture: str, tex: str) -> None:
    body = "[[x[i] * (i == j) for j in range(n)] for i in range(n)]"
    assert shown(body, body, "[[partial(y[i], w[j]) for j in range(n)] for i in range(n)]", picture) == tex


def test_entries_are_gathered_to_the_column_that_they_belong_to() -> None:
    assert shown("(w * x)[i]", "w[i] * x[i]", "y[i]", "stack") == (
        r"\mathbf{y} = \begin{bmatrix} y_1 \\ y_2 \\ \vdots \\ y_n \end{bmatrix} = "
        r"\begin{bmatrix} w_1 x_1 \\ w_2 x_2 \\ \vdots \\ w_n x_n \end{bmatrix}"
    )


def test_a_row_of_ones() -> None:
    whole = "[partial(z, x[k]) for k in range(n)].T"
    assert shown(whole, "[1 for k in range(n)].T", whole, "stack") == (
        r"\frac{\partial z}{\partial \mathbf{x}} = [1, 1, \ldots, 1]"
    )


def test_names_are_listed_in_their_order() -> None:
    z, s = read("z"), read("s")
    assert isinstance(z, Symbol)
    assert isinstance(s, Symbol)
    names = (Definition(s, read("w.T @ x")), Definition(z, read("s + c")))
    step = Step(
        "name", "Name", read("z"), read("max(0, z)"), Reason(), left=read("c"), picture="names", introduces=names
    )
    assert [equation(line, "") for line in displayed(step, context(Style()))] == [
        r"s = \mathbf{w}^{\mathsf T} \mathbf{x}",
        "z = s + c",
        r"c = \max(0, z)",
    ]


def test_a_family_is_named_by_its_member() -> None:
    u = read("U")
    assert isinstance(u, Symbol)
    value = read("[[(w * X[i])[j] for j in range(n)] for i in range(N)]")
    step = Step("name", "Name", read("z"), read("c"), Reason(), picture="names", introduces=(Definition(u, value),))
    (line,) = displayed(step, context(Style()))
    assert equation(line, "") == r"\mathbf{u}_i = \mathbf{w} \otimes \mathbf{x}_i, \quad i = 1, \ldots, N"
