"""A product of entries: its letters, the rule of its derivative, the sign for all factors but one, and an answer in its own letter."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from derivgen import derive
from derivgen.derivation.report import every_step
from derivgen.expr import Build, Expr, Partial, Sum, walk

OF_POWERS = "prod(x[i]**a[i] for i in range(n))"
POWERS = "x, a in R^n; x > 0"
OF_DATA = "prod(1 + w.T @ X[i] for i in range(N))"
DATA = "w in R^n; X in R^(N*n)"


def said(text: str, wrt: str, where: str, **more: str) -> str:
    return " ".join(derive(text, wrt, where, **more).to("text").split())  # type: ignore[call-overload]


def bound(e: Expr) -> Iterator[str]:
    for here in walk(e):
        match here:
            case Sum(index):
                yield index.name
            case Build() if not isinstance(here.body, Partial):
                yield from (i.name for i in here.bound)
            case _:
                pass


@pytest.mark.parametrize(
    ("text", "wrt", "where"),
    [
        (OF_POWERS, "x", POWERS),
        (OF_POWERS, "a", POWERS),
        (OF_DATA, "w", DATA),
        ("x * prod(x)", "x", "x in R^n"),
        ("prod(A @ x)", "A", "x in R^n; A in R^(m*n)"),
        ("prod(x / (1 + x))", "x", "x in R^n"),
        ("sum(prod(1 + x[i]*A[j,i] for i in range(n)) for j in range(m))", "x", "x in R^n; A in R^(m*n)"),
        ("sum(c[j]*prod(x[i]**A[j,i] for i in range(n)) for j in range(m))", "x", "x in R^n; A in R^(m*n); x > 0; c in R^m"),
    ],
)  # fmt: skip
def test_no_letter_is_free_and_bound_in_one_line(text: str, wrt: str, where: str) -> None:
    d = derive(text, wrt, where)
    assert d.verdict == "verified"
    for s in every_step(d.steps):
        for e in (s.before, *s.via, s.after):
            free = {i.name for side in (e, s.left) if side is not None for i in side.free}
            assert not free.intersection(bound(e)), str(e)


@pytest.mark.parametrize(
    ("text", "wrt", "where", "answer"),
    [
        (OF_POWERS, "x", POWERS, "∂y/∂x = y(a ⊘ x)ᵀ where y = ∏ᵢ₌₁ⁿ xᵢ^(aᵢ)"),
        (OF_POWERS, "a", POWERS, "∂y/∂a = y log(x)ᵀ where y = ∏ᵢ₌₁ⁿ xᵢ^(aᵢ)"),
        ("A*prod(x**a)", "x", POWERS + "; A in R", "∂y/∂x = y(a ⊘ x)ᵀ where y = A ∏ᵢ₌₁ⁿ xᵢ^(aᵢ)"),
        ("prod(x)", "x", "x in R^n; x > 0", "∂y/∂x = y(𝟏 ⊘ x)ᵀ where y = ∏ᵢ₌₁ⁿ xᵢ"),
    ],
)
def test_a_product_without_zeros_stands_in_its_derivative_by_its_letter(
    text: str, wrt: str, where: str, answer: str
) -> None:
    assert answer in said(text, wrt, where)


def test_a_product_that_may_be_zero_keeps_no_letter() -> None:
    assert "itself, which so stands" not in said("prod(x)", "x", "x in R^n")


@pytest.mark.parametrize(("text", "wrt", "where"), [(OF_POWERS, "x", POWERS), (OF_DATA, "w", DATA)])
def test_the_rule_of_a_product_and_its_sign_are_said(text: str, wrt: str, where: str) -> None:
    written = said(text, wrt, where)
    assert "Take the partials: the product rule" in written
    assert "is differentiated in turn while all others stay, and what this gives is added up." in written
    assert written.count("is over all") == 1


def test_the_brackets_are_explained_in_the_letter_that_they_have() -> None:
    answer = said(OF_DATA, "w", DATA).partition("Answer")[2]
    assert "]ⱼᵀ […]ⱼ is the vector with what stands in the brackets as entry j." in answer
    assert "A product over p ≠ l is over all p but l." in said(OF_DATA, "w", DATA)


def test_a_base_that_stays_is_not_said_to_be_differentiated() -> None:
    assert "differentiated under the exponential, with log(xₖ) as a factor." in said(OF_POWERS, "a", POWERS)
    assert "and a as in a power" in said("a**a", "a", "a in R; a > 0")
