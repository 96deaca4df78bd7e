"""What is known of a function is said where it is used, and proved: each operation declares both."""

from __future__ import annotations

import re

import pytest

from derivgen.catalog import GLOSSARY
from derivgen.catalog.base import Elementwise, Opaque, Operation
from derivgen.catalog.opaque import prod, stack
from derivgen.check.judge import Judge
from derivgen.derivation import derive
from derivgen.derivation.report import every_step
from derivgen.expr import At, Call, Dim, Index, Partial, Shape, Symbol
from derivgen.rules.reason import places_of

KNOWN = [
    op
    for op in GLOSSARY.operations
    if (isinstance(op, Elementwise) and op.derivatives) or (isinstance(op, Opaque) and op is not stack)
]
DEFINED = {"exp", "sin", "cos", "erf", "sign", "largest", "smallest"} | {
    op.name for op in KNOWN if op.notation.form == "relation"
}
"""Whose derivative is a definition, or follows from a limit, which no equality of expressions says."""

PROVED = [op for op in KNOWN if op.name not in DEFINED]


@pytest.mark.parametrize("op", KNOWN, ids=lambda op: op.name)
def test_every_derivative_that_is_declared_is_said_in_a_sentence(op: Operation) -> None:
    assert op.proof is not None
    assert "{f}" in op.proof.fact
    grows = {"g", "t"} if op.name in ("det", "logdet") else set()
    assert set(places_of(op.proof.fact)) <= {"f", "d", "w", "c"} | grows
    assert not op.proof.fact.endswith(".")


@pytest.mark.parametrize("op", PROVED, ids=lambda op: op.name)
def test_every_line_of_a_proof_holds_and_the_last_is_what_is_declared(op: Elementwise | Opaque) -> None:
    assert op.proof is not None
    assert op.proof.lines is not None
    court = Judge()
    if isinstance(op, Elementwise):
        args = tuple(Symbol(name) for name in "uv"[: len(op.derivatives)])
        proofs = [
            (op.proof.lines(k, *args), Partial(Call(op, args), args[k]), derivative(*args))
            for k, derivative in enumerate(op.derivatives)
        ]
    else:
        n = Dim("n")
        i, j, p, q, k = (Index(name, n) for name in "ijpqk")
        x, at = (Symbol("x", Shape((n,))), (p,)) if op is prod else (Symbol("X", Shape((n, n))), (p, q))
        value = Call(op, (x,))
        out = (i, j) if value.shape.axes else ()
        whole = Partial(At(value, out) if out else value, At(x, at))
        proofs = [(op.proof.lines(x, out, at, k, Symbol("t")), whole, op.partial((x,), 0, out, at))]
    for lines, left, right in proofs:
        assert (lines[-1].left, lines[-1].right) == (left, right)
        assert len(lines) > 1
        for line in lines:
            verdict = court.agree(line.left, line.right)
            assert verdict.status == "verified", (line.title, verdict)
            assert any(not isinstance(part, str) for part in line.because), line.title


def test_what_no_line_proves_is_no_more_than_that() -> None:
    assert {op.name for op in KNOWN if op.proof is not None and op.proof.lines is None} == DEFINED


def test_a_step_says_the_fact_and_holds_the_proof() -> None:
    d = derive("max(0, z)", "z", "z in R")
    (step, *_) = d.steps
    assert str(step.reason).startswith("Where z $<$ 0, max(0, z) is 0, a constant, with slope 0")
    assert "at z = 0 these differ, so there is no slope" in str(step.reason)
    (fact,) = [s for s in step.substeps if s.rule == "known-derivative"]
    assert [s.title for s in fact.substeps] == ["By cases", "Each case by itself", "In one sign"]
    assert all(s.check is not None and s.check.status == "verified" for s in every_step(d.steps))


def test_proofs_are_printed_in_full_detail_only_and_each_once() -> None:
    d = derive("norm(W @ tanh(A @ tanh(a * x)))**2", "a", "a in R; x in R^n; W, A in R^(n*n)")
    assert "The quotient rule" not in d.to("text")
    full = d.to("text", detail="full")
    assert full.count("The quotient rule") == 1
    assert len(re.findall(r"By its definition tanh\(.\) is a quotient", full)) == 1


def test_the_letters_of_a_proof_are_no_letters_of_the_question() -> None:
    d = derive("tanh(u * v)", "u", "u, v in R")
    (fact,) = [s for s in every_step(d.steps) if s.rule == "known-derivative" and s.substeps]
    assert str(fact.before) == "partial(tanh(t), t)"


@pytest.mark.parametrize("text", ["logdet(S)", "logdet(2 * S)", "trace(inv(S))", "det(S)"])
def test_matrices_have_their_proofs_too(text: str) -> None:
    d = derive(text, "S", "S in R^(n*n)")
    facts = [s for s in every_step(d.steps) if s.rule == "known-derivative" and s.substeps]
    assert facts
    assert all(s.check is not None and s.check.status == "verified" for s in facts)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sum(sigmoid(x)) + sum(tanh(sigmoid(x)))", "By the quotient rule 1 / (1 + exp(−u)) has the slope"),
        (
            "sum(tanh(x)) + sum(tanh(tanh(x)))",
            "tanh(u) is exp(u) − exp(−u) over exp(u) + exp(−u), each the slope of the other",
        ),
        ("sum(tan(x))", "tan(u) is sin(u) over cos(u)"),
        ("sum(sinh(x))", "sinh(u) is half of exp(u) − exp(−u)"),
        ("sum(cosh(x))", "cosh(u) is half of exp(u) + exp(−u)"),
        ("sum(softplus(x))", "By the chain rule log(1 + exp(u)) has the slope"),
    ],
)
def test_a_slope_that_is_no_school_knowledge_is_proved_once_where_it_is_met(text: str, words: str) -> None:
    d = derive(text, "x", "x in R^n; A in R^(n*n)", check=False)
    assert " ".join(d.to("text").split()).count(words) == 1
    assert words not in " ".join(d.to("text", detail="full").split())  # its lines are printed


def test_a_function_that_is_only_the_slope_of_another_is_not_proved() -> None:
    said = " ".join(derive("sum(softplus(x))", "x", "x in R^n", check=False).to("text").split())
    assert "By the quotient rule" not in said
    assert "σ(u) = 1 / (1 + exp(−u)) is the logistic function" in said


def test_the_letter_of_a_short_proof_is_none_of_the_question() -> None:
    said = " ".join(derive("tanh(u.T @ x)", "x", "u, x in R^n", check=False).to("text").split())
    assert "tanh(t) is exp(t) − exp(−t) over" in said


@pytest.mark.parametrize("op", [op for op in PROVED if op.proof is not None and op.proof.short], ids=lambda op: op.name)
def test_a_short_proof_has_lines_and_a_noun(op: Operation) -> None:
    assert op.proof is not None
    assert op.proof.lines is not None
    assert op.proof.noun.startswith("the ")


@pytest.mark.parametrize(("text", "result"), [
    ("norm(diag(x) @ a - b)**2", "2 * (a * (x * a - b)).T"),
    ("a.T @ inv(diag(x)) @ b", "-(a * b / x**2).T"),
    ("logdet(diag(x))", "(1 / x).T"),
    ("sum(A @ diag(exp(x)) @ b)", "ones(n).T @ A @ diag(b * exp(x))"),
    ("trace(diag(x @ a.T) @ b.T)", "(a * b).T"),
])  # fmt: skip
def test_a_diagonal_matrix_that_moves_is_multiplied_and_inverted_entry_by_entry(text: str, result: str) -> None:
    d = derive(text, "x", "x, a, b in R^n; A in R^(n*n)")
    assert d.verdict == "verified"
    assert str(d.result) == result


def test_a_diagonal_matrix_that_stays_is_left_as_it_is_written() -> None:
    d = derive("norm(diag(a) @ x - b)**2", "x", "x, a, b in R^n")
    assert not any(s.rule == "multiply-by-moving-diagonal" for s in d.steps)
