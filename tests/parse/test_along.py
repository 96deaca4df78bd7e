"""Functions along an axis of a matrix: what is said is read so, and what is not said is shown, or asked back."""

from __future__ import annotations

import pytest

import derivgen
from derivgen.errors import DerivgenError, ParseError, ShapeError
from derivgen.read import parse_text
from derivgen.read.latex.formula import parse_latex

WHERE = "A, B in R^(m*n); V in R^(n*p); x in R^n; Q in R^(m*d); K in R^(n*d)"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("softmax(A, axis=1)", "softmax_rows(A)"),
        ("softmax(A, axis=-1)", "softmax_rows(A)"),
        ("torch.softmax(A, dim=1)", "softmax_rows(A)"),
        ("torch.softmax(A, 1)", "softmax_rows(A)"),
        ("A.softmax(dim=-1)", "softmax_rows(A)"),
        ("F.softmax(A, dim=0)", "softmax_rows(A.T).T"),
        ("jax.nn.softmax(x, axis=-1)", "softmax(x)"),
        ("F.log_softmax(A, dim=1)", "log(softmax_rows(A))"),
        ("np.sum(A, axis=1)", "A @ ones(n)"),
        ("A.sum(axis=0)", "A.T @ ones(m)"),
        ("A.sum(0)", "A.T @ ones(m)"),
        ("np.sum(x, axis=0)", "sum(x)"),
        ("logsumexp(A, axis=1)", "log(exp(A) @ ones(n))"),
        ("np.linalg.norm(A, axis=1)", "sqrt(A**2 @ ones(n))"),
        ("np.max(A, axis=1)", "[max(A[i]) for i in range(m)]"),
        ("A.min(axis=0)", "[min(A.T[i]) for i in range(n)]"),
    ],
)
def test_an_axis_that_is_said_is_meant(written: str, meant: str) -> None:
    assert parse_text(written, WHERE) == parse_text(meant, WHERE)


def test_a_mean_along_an_axis_is_that_of_each_row() -> None:
    assert derivgen.equal("np.mean(A, axis=1)", "A @ ones(n) / n", where=WHERE).passed
    assert derivgen.equal("A.mean(axis=0)", "A.T @ ones(m) / m", where=WHERE).passed


@pytest.mark.parametrize(
    ("written", "error", "said"),
    [
        ("softmax(x, axis=1)", ShapeError, "there is no axis 1 here"),
        ("softmax(A, axis=2)", ShapeError, "there is no axis 2 here"),
        ("exp(A, axis=1)", ParseError, "the option axis is not read"),
        ("np.sum(A, axis=1, keepdims=True)", ParseError, "the option keepdims is not read"),
        ("sum(A, axis=0, dim=1)", ParseError, "the option dim is not read"),
        ("softmax(A)", ShapeError, "whether of each row or of each column"),
        ("V.T @ softmax(A.T)", ShapeError, "whether of each row or of each column"),
        ("log(softmax(A))", ShapeError, "whether of each row or of each column"),
        ("sum(B * softmax(A))", ShapeError, "whether of each row or of each column"),
    ],
)
def test_what_is_not_so_or_not_said_is_refused(written: str, error: type[DerivgenError], said: str) -> None:
    with pytest.raises(error, match=said):
        parse_text(written, WHERE)


def test_the_refusal_says_how_either_is_written() -> None:
    for read, written in ((parse_text, "softmax(A)"), (parse_latex, r"\operatorname{softmax}(A)")):
        with pytest.raises(ShapeError) as caught:
            read(written, WHERE)
        assert caught.value.hint is not None
        rows, columns = caught.value.hint.removeprefix("write ").split(" for the rows, ")
        columns = columns.removesuffix(" for the columns")
        assert read(rows, WHERE) == parse_text("softmax_rows(A)", WHERE)
        assert read(columns, WHERE) == parse_text("softmax_rows(A.T).T", WHERE)


@pytest.mark.parametrize(
    ("written", "where"),
    [
        ("softmax(Q @ K.T / sqrt(d)) @ V", WHERE),
        (r"\operatorname{softmax}\left(\frac{Q K^\top}{\sqrt d}\right) V", WHERE),
        (r"\operatorname{softmax}\left(\frac{Q K^\top}{\sqrt{d_k}}\right) V", ""),
        ("softmax(A) @ x", WHERE),
    ],
)
def test_the_weights_of_rows_are_read_as_rows_and_it_is_shown(written: str, where: str) -> None:
    found = derivgen.derive(written, "V" if "V" in written else "x", where)
    assert "softmax_rows" in str(found.problem.expression)
    told = "the softmax of a matrix, which weighs the rows beside it, is read as that of each row"
    assert told in found.reading.sentences()
    assert f"{told[1:]}." in " ".join(found.to("text").split())


def test_an_axis_that_is_said_leaves_nothing_to_be_told() -> None:
    assert not derivgen.derive("softmax(A, axis=1) @ V", "V", WHERE).reading.choices


@pytest.mark.parametrize("below", ["rows", r"\text{rows}", r"\mathrm{row}", r"\text{row-wise}"])
def test_a_word_below_the_name_says_the_rows(below: str) -> None:
    written = rf"\operatorname{{softmax}}_{{{below}}}(A)"
    assert parse_latex(written, WHERE) == parse_text("softmax_rows(A)", WHERE)
