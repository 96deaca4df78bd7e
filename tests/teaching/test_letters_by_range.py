"""A letter of an index has one range in a derivation, and what it is called changes nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from random import Random

import pytest

import derivgen
from derivgen.derivation.derivation import Derivation
from derivgen.derivation.report import every_step
from derivgen.expr import Build, Dim, Expr, Index, Partial, Sum, all_indices, walk
from derivgen.expr.change import skeleton
from derivgen.rules.step import Step
from derivgen.show.document.letters import by_range
from tests.fuzz.generate import question
from tests.teaching.test_claims import ASKED

FANNED = (
    ("norm(A - B @ X @ C)**2", "X", "A in R^(m*n); B in R^(m*k); X in R^(k*l); C in R^(l*n)", 1),
    ("norm(X - U @ V.T)**2 + c*norm(U)**2 + c*norm(V)**2", "U", "X in R^(m*n); U in R^(m*k); V in R^(n*k); c in R", 1),
    ("norm(X @ W + ones(N) @ b.T - Y)**2 / N", "b", "X in R^(N*n); W in R^(n*k); b in R^k; Y in R^(N*k)", 1),
    ("norm(tanh(X @ W + ones(N) @ b.T) @ V - Y)**2 / N", "W", "X in R^(N*n); W in R^(n*h); V in R^(h*k); b in R^h; Y in R^(N*k)", 1),
    ("norm(V.T @ softmax(K @ q / sqrt(d)) - y)**2", "q", "q in R^d; K in R^(n*d); V in R^(n*p); y in R^p", 1),
    ("1/2*norm(sigmoid(X @ w) - y)**2", "w", "X in R^(N*n); w in R^n; y in R^N", 2),
)  # fmt: skip


@lru_cache
def of_asked(number: int) -> Derivation:
    text, wrt, where, order = (*FANNED, *ASKED)[number]
    return derived(text, wrt, where, order=order)


def derived(text: str, wrt: str, where: str, **options: object) -> Derivation:
    d = derivgen.derive(text, wrt, where, check=False, **options)  # type: ignore[call-overload]
    assert isinstance(d, Derivation)
    return d


def displays(s: Step) -> Iterator[Expr]:
    yield from (n.value for n in s.introduces)
    yield from (e for e in (s.left, s.before, *s.via, s.after) if e is not None)


def letters(e: Expr) -> set[Index]:
    """Those that are printed: none of an array of derivatives in names."""
    found = set(e.free)
    for here in walk(e):
        if isinstance(here, Sum):
            found.add(here.index)
        elif isinstance(here, Build) and not isinstance(here.body, Partial):
            found.update(here.bound)
    return found


def own(d: Derivation) -> set[Index]:
    """The reader's letters, who may have one for several ranges."""
    return {i for e in (d.problem.expression, *(n.value for n in d.problem.definitions)) for i in all_indices(e)}


def ambiguous(found: set[Index]) -> dict[str, set[Dim]]:
    ranges: dict[str, set[Dim]] = {}
    for i in found:
        ranges.setdefault(i.name, set()).add(i.dim)
    return {name: dims for name, dims in ranges.items() if len(dims) > 1}


def check(d: Derivation) -> None:
    moved, _ = by_range(d)
    said = own(d) | letters(d.result)
    if not ambiguous(said):
        assert not ambiguous({i for s in moved.steps for e in displays(s) for i in letters(e)}), d
        for s in moved.steps:
            assert not ambiguous({i for e in (*displays(s), *s.reason.terms) for i in letters(e)}), s
    for old, new in zip(every_step(d.steps), every_step(moved.steps), strict=True):
        sides = zip((*displays(old), *old.reason.terms), (*displays(new), *new.reason.terms), strict=True)
        for a, b in sides:
            assert skeleton(a) == skeleton(b)
            assert len(all_indices(a)) == len(all_indices(b)), (str(a), str(b))  # none was taken for another


@pytest.mark.parametrize("number", range(len(FANNED) + len(ASKED)), ids=lambda n: (*FANNED, *ASKED)[n][0])
def test_a_letter_has_one_range(number: int) -> None:
    check(of_asked(number))


@pytest.mark.parametrize("part", range(4))
def test_a_letter_has_one_range_whatever_is_asked(part: int) -> None:
    for k in range(12 * part, 12 * part + 12):
        q = question(Random(f"letters {k}"))
        try:
            d = derived(q.expression, q.wrt, q.where, timeout=20, **q.options())
        except derivgen.DerivgenError:  # too long, or undefined
            continue
        check(d)


def test_one_letter_of_two_ranges_is_seen() -> None:
    i, other = Index("i", Dim("n")), Index("i", Dim("m"))
    assert ambiguous({i, other, Index("j", Dim("n"))}) == {"i": {Dim("n"), Dim("m")}}
    d = of_asked(0)
    assert ambiguous({i for s in d.steps for e in displays(s) for i in letters(e)})


def test_what_is_carried_by_entries_keeps_its_letters() -> None:
    lines = of_asked(0).to("text")
    assert "= ∑ᵢ₌₁ᵐ ∑ⱼ₌₁ⁿ Δⱼᵢ · ∂Rᵢⱼ/∂Xₚᵣ = −∑ⱼ₌₁ⁿ Cᵣⱼ ∑ᵢ₌₁ᵐ ΔⱼᵢBᵢₚ" in lines
    assert "= ∑ᵢ₌₁ᴺ ∑ⱼ₌₁ᵏ Δⱼᵢ · ∂Rᵢⱼ/∂bₗ = ∑ᵢ₌₁ᴺ Δₗᵢ" in of_asked(2).to("text")
    assert "bₗ stands in Rᵢₗ for every i" in of_asked(2).to("text")


def test_the_letters_of_the_reader_stay() -> None:
    d = derived("sum((y[i] - X[i].T @ b)**2 for i in range(N)) + norm(A @ b)**2", "b",
                "y in R^N; X in R^(N*n); b in R^n; A in R^(m*n)")  # fmt: skip
    assert "∑ᵢ₌₁ᴺ (yᵢ − xᵢᵀb)²" in d.to("text")
    assert "∑ᵢ₌₁ᵐ" not in d.to("text")
