"""Functions of other libraries: read where ours have the same name, else refused with what to write instead."""

from __future__ import annotations

import re

import pytest

from derivgen import derive
from derivgen.catalog import GLOSSARY
from derivgen.errors import DerivgenError
from derivgen.expr.text import text
from derivgen.read import parse_text
from derivgen.read.text.characters import ELSEWHERE

WHERE = "x, y, F in R^n; A, B in R^(n*n)"


@pytest.mark.parametrize(
    ("source", "plain"),
    [
        ("F.softmax(x)", "softmax(x)"),
        ("F.relu(x) + tf.exp(y)", "relu(x) + exp(y)"),
        ("F.dot(y)", "F.T @ y"),
        ("F.sum()", "sum(F)"),
        ("F.tanh()", "tanh(F)"),
        ("np.linalg.norm(A @ x - y)**2", "norm(A @ x - y)**2"),
    ],
)
def test_modules_are_left_out(source: str, plain: str) -> None:
    assert text(parse_text(source, WHERE)) == plain


@pytest.mark.parametrize(
    ("source", "hint"),
    [
        ("tf.reduce_sum(x)", "write sum(x)"),
        ("x.reduce_mean()", "write mean(x)"),
        ("torch.mm(A, B)", "write A @ B"),
        ("np.einsum('ij,j->i', A, x)", "A @ x"),
        ("einsum('i,i->', x, y)", "sum(x[i] * y[i] for i in range(n))"),
        ("torch.sort(x)", "the largest is max(x)"),
        ("F.cross_entropy(x, y)", "log(softmax(z)"),
    ],
)
def test_others_are_refused_with_what_to_write(source: str, hint: str) -> None:
    with pytest.raises(DerivgenError) as caught:
        parse_text(source, WHERE)
    assert hint in (caught.value.hint or "")


def test_no_function_of_ours_is_said_to_be_unread() -> None:
    assert not ELSEWHERE.keys() & GLOSSARY.by_name.keys()


def test_capitals_side_by_side_may_be_a_product() -> None:
    with pytest.raises(DerivgenError) as caught:
        parse_text("trace(AXB)", WHERE)
    assert (caught.value.hint or "").startswith("a product is written A @ X @ B, each letter declared")


def test_an_entry_that_nothing_declares_is_named_in_the_hint() -> None:
    with pytest.raises(DerivgenError) as caught:
        derive("x_n^2", wrt="x")
    assert "x_n is a letter of its own here" in (caught.value.hint or "")
    with pytest.raises(DerivgenError, match="n is a length, and the last entry has no name") as caught:
        derive("x_n^2", wrt="x", where="x in R^n")
    assert "x in R^3 has x_3" in (caught.value.hint or "")
    assert derive("x_3^2", wrt="x", where="x in R^3").verdict == "verified"


INSTEAD = {
    hint.removeprefix("write ")
    for hint in ELSEWHERE.values()
    if hint.startswith("write ") and not re.search(r", (or|with) ", hint)
}


@pytest.mark.parametrize("formula", sorted(INSTEAD))
def test_what_to_write_instead_is_read(formula: str) -> None:
    assert parse_text(formula, "x, y, z, p, q in R^n; A, B, C in R^(n*n)").shape is not None


@pytest.mark.parametrize(("text", "hint"), [
    ("trace(A^-1 @ B)", "of each entry; the inverse of a matrix is inv(A)"),
    ("norm(x, ord=1)", "norm(x, 1)"),
    ("norm_1(x)", "write norm(x, 1)"),
])  # fmt: skip
def test_what_is_meant_elsewhere_is_named(text: str, hint: str) -> None:
    with pytest.raises(DerivgenError) as refused:
        derive(text, "x", "x in R^n; A, B in R^(n*n)", check=False)
    assert hint in (refused.value.hint or "")
