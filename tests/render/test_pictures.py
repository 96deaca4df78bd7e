"""The pictures of the notes: the stacked column, the full table, the diagonal with large zeros, rows and lists."""

from __future__ import annotations

import pytest

from derivgen.expr import Build, Expr
from derivgen.read import parse_text
from derivgen.show.layout import pictures
from derivgen.show.layout.notate import context
from derivgen.show.math.latex import write
from derivgen.show.math.unicode import block

WHERE = "w, x in R^n; y in R^m; a, b, c in R^3; u in R^7; f: R^n -> R^m; g: R^n -> R^n elementwise"


def built(text: str) -> Build:
    e: Expr = parse_text(text, WHERE, free_indices=True)
    assert isinstance(e, Build)
    return e


def drawn(text: str, picture: str) -> tuple[str, list[str]]:
    e = built(text)
    c = context(e=e)
    if picture == "diagonal":
        entries = pictures.on_diagonal(e)
        assert entries is not None
        box = pictures.diagonal(entries, c)
    else:
        box = {"stack": pictures.stack, "table": pictures.table}[picture](e, c)
    return write(box), [line.rstrip() for line in block(box).lines]


def test_a_column_of_symbolic_length() -> None:
    tex, plain = drawn("[w[i] * x[i] for i in range(n)]", "stack")
    assert tex == r"\begin{bmatrix} w_1 x_1 \\ w_2 x_2 \\ \vdots \\ w_n x_n \end{bmatrix}"
    assert plain == ["⎡w₁x₁⎤", "⎢w₂x₂⎥", "⎢ ⋮  ⎥", "⎣wₙxₙ⎦"]


def test_a_short_column_is_drawn_whole() -> None:
    assert drawn("[2 * a[i] for i in range(3)]", "stack")[0] == r"\begin{bmatrix} 2 a_1 \\ 2 a_2 \\ 2 a_3 \end{bmatrix}"


def test_a_long_column_of_known_length_ends_with_its_number() -> None:
    assert drawn("[2 * u[i] for i in range(7)]", "stack")[0] == (
        r"\begin{bmatrix} 2 u_1 \\ 2 u_2 \\ \vdots \\ 2 u_7 \end{bmatrix}"
    )


def test_a_row() -> None:
    assert drawn("[x[i]**2 for i in range(n)].T", "stack") == (r"[x_1^2, x_2^2, \ldots, x_n^2]", ["[x₁², x₂², …, xₙ²]"])


def test_the_full_jacobian() -> None:
    tex, plain = drawn("[[w[j] * y[i] for j in range(n)] for i in range(m)]", "table")
    assert tex == (
        r"\begin{bmatrix} w_1 y_1 & w_2 y_1 & \cdots & w_n y_1 \\ w_1 y_2 & w_2 y_2 & \cdots & w_n y_2 \\ "
        r"\vdots & \vdots & \ddots & \vdots \\ w_1 y_m & w_2 y_m & \cdots & w_n y_m \end{bmatrix}"
    )
    assert plain == [
        "⎡w₁y₁  w₂y₁  ⋯  wₙy₁⎤",
        "⎢w₁y₂  w₂y₂  ⋯  wₙy₂⎥",
        "⎢ ⋮     ⋮    ⋱   ⋮  ⎥",
        "⎣w₁yₘ  w₂yₘ  ⋯  wₙyₘ⎦",
    ]


def test_fractions_in_a_matrix_are_set_full_size_and_apart() -> None:
    tex, _ = drawn("[[partial(f(x)[i], x[j]) for j in range(n)] for i in range(m)]", "table")
    assert tex.startswith(
        r"\begin{bmatrix} \dfrac{\partial f_1(\mathbf{x})}{\partial x_1} & "
        r"\dfrac{\partial f_1(\mathbf{x})}{\partial x_2}"
    )
    assert r"\\[10pt]" in tex


def test_deltas_are_settled_in_a_table() -> None:
    tex, _ = drawn("[[w[i] * x[j] + (i == j) * x[i] for j in range(n)] for i in range(n)]", "table")
    assert tex.startswith(r"\begin{bmatrix} w_1 x_1 + x_1 & w_1 x_2 & \cdots & w_1 x_n \\ w_2 x_1")
    assert tex.endswith(r"w_n x_1 & w_n x_2 & \cdots & w_n x_n + x_n \end{bmatrix}")


def test_the_diagonal_with_large_zeros_is_spelled_as_all_engines_print_it() -> None:
    tex, plain = drawn("[[(i == j) * x[i] for j in range(n)] for i in range(n)]", "diagonal")
    assert tex == (
        r"\begin{bmatrix} x_1 & & & \\ & x_2 & & \smash{\text{\huge 0}} \\ "
        r"\smash{\text{\huge 0}} & & \ddots & \\ & & & x_n \end{bmatrix}"
    )
    assert plain == ["⎡x₁           ⎤", "⎢    x₂     0 ⎥", "⎢0       ⋱    ⎥", "⎣           xₙ⎦"]


def test_large_zeros_between_tall_rows_are_not_smashed() -> None:
    tex, _ = drawn("[[(i == j) / x[i] for j in range(n)] for i in range(n)]", "diagonal")
    assert tex.count(r"\text{\huge 0}") == 2
    assert r"\smash" not in tex


def test_a_sum_of_terms_that_all_carry_the_delta_is_a_diagonal() -> None:
    tex, _ = drawn("[[(i == j) * x[i] - w[i] * (i == j) for j in range(n)] for i in range(n)]", "diagonal")
    assert r"x_1 - w_1 & & &" in tex


def test_a_small_diagonal_has_its_zeros_written_out() -> None:
    tex, _ = drawn("[[(i == j) * a[i] for j in range(3)] for i in range(3)]", "diagonal")
    assert tex == r"\begin{bmatrix} a_1 & 0 & 0 \\ 0 & a_2 & 0 \\ 0 & 0 & a_3 \end{bmatrix}"


def test_what_has_entries_off_the_diagonal_is_no_diagonal() -> None:
    assert pictures.on_diagonal(built("[[w[i] + (i == j) for j in range(n)] for i in range(n)]")) is None


@pytest.mark.parametrize("picture", ["stack", "table"])
def test_places_used_as_numbers(picture: str) -> None:
    assert drawn("[(i + 1) * x[i] for i in range(n)]", picture)[0] == (
        r"\begin{bmatrix} 1 \cdot x_1 \\ 2 x_2 \\ \vdots \\ n x_n \end{bmatrix}"
    )
