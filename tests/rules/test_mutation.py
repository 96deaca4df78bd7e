"""The judge refutes wrong rules: for every rule of the book, every wrong twin of what it makes of its examples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import pytest

import derivgen
from derivgen.catalog import OPERATIONS
from derivgen.catalog.base import Elementwise, Opaque
from derivgen.check.judge import Judge
from derivgen.derivation.jacobian import jacobian
from derivgen.derivation.methods.scalar import scalar_method
from derivgen.derivation.report import every_step
from derivgen.expr import MINUS_ONE, Call, Expr, Mul, Number, Shape, Symbol
from derivgen.read import parse_text
from derivgen.rules import BOOK, VOCABULARY
from derivgen.rules.engine import Context
from derivgen.rules.moves import Move
from derivgen.rules.rule import Rule
from derivgen.trials.rule import check_rule

TRIED: Counter[str] = Counter()
CAUGHT: Counter[str] = Counter()


@pytest.mark.parametrize("rule", [pytest.param(r, id=r.name) for r in BOOK.rules])
def test_a_rule_says_what_is_so_and_its_wrong_twins_are_refuted(rule: Rule) -> None:
    TRIED[rule.name] = CAUGHT[rule.name] = check_rule(rule)
    assert TRIED[rule.name]


@pytest.mark.parametrize("move", [pytest.param(m, id=m.name) for m in BOOK.moves])
def test_wrong_twins_of_a_move_are_refuted(move: Move) -> None:
    expression, variable = move.example
    d = derivgen.derive(expression, wrt=variable, where=VOCABULARY, **move.choices, check=False)
    for step in every_step(d.steps):
        if step.rule != move.name:
            continue
        twin = Mul((MINUS_ONE, step.after))
        TRIED[move.name] += 1
        verdict = Judge(definitions=step.definitions).agree(step.before, twin, step.definitions)
        CAUGHT[move.name] += verdict.status == "refuted"
    assert TRIED[move.name] == CAUGHT[move.name] > 0


def test_the_number_tried_and_caught(record_property: Callable[[str, object], None]) -> None:
    """All of them; the figures are shown by -s, and stand in the report."""
    tried, caught = sum(TRIED.values()), sum(CAUGHT.values())
    record_property("twins tried", tried)
    record_property("twins refuted", caught)
    print(f"\n{tried} wrong twins of {len(TRIED)} rules tried, {caught} refuted")
    if len(TRIED) == len(BOOK.by_name):  # the whole file was run
        assert tried == caught > 700


X = Symbol("x", Shape(()))
Derivative = Callable[..., Expr]
CORRUPTIONS: dict[str, Callable[[Derivative], Derivative]] = {
    "doubled": lambda d: lambda *u: Mul((Number(Fraction(2)), d(*u))),
    "negated": lambda d: lambda *u: Mul((MINUS_ONE, d(*u))),
    "one": lambda d: lambda *u: Number(Fraction(1)),
}


@pytest.mark.parametrize("how", CORRUPTIONS)
@pytest.mark.parametrize(
    "op", [pytest.param(o, id=o.name) for o in OPERATIONS.values() if isinstance(o, Elementwise) and o.derivatives]
)
def test_a_corrupted_derivative_is_refuted(op: Elementwise, how: str) -> None:
    """The judge differentiates the value; what the catalog declares is only what the rules believe."""
    for k in range(len(op.derivatives)):
        false = CORRUPTIONS[how](op.derivatives[k])
        wrong = replace(op, derivatives=(*op.derivatives[:k], false, *op.derivatives[k + 1 :]))
        variables = [Symbol(name) for name in ("a", "c")][: len(op.derivatives)]
        e = Call(wrong, tuple(variables))
        outcome = scalar_method(e, variables[k], Symbol("y"), Context.of(e, BOOK))
        honest = op.derivatives[k](*variables)
        if Judge().agree(honest, outcome.result).status == "verified":
            continue  # twice 0 is 0: nothing was corrupted
        verdict = Judge().agree(jacobian(e, variables[k], Context.of(e, BOOK)), outcome.result)
        assert verdict.status == "refuted", f"{op.name}: {verdict.reason}"


@pytest.mark.parametrize("op", [pytest.param(o, id=o.name) for o in OPERATIONS.values() if isinstance(o, Opaque)])
def test_a_corrupted_partial_is_refuted(op: Opaque) -> None:
    wrong = replace(op, partial=lambda *given: Mul((MINUS_ONE, op.partial(*given))))
    where = "M in R^(n*n); x in R^n; a in R"
    example = {"stack": "a", "largest": "a * x", "smallest": "a * x", "prod": "a * x"}.get(op.name, "a * M")
    args = (parse_text(example, where), parse_text("a**2", where))[: 2 if op.name == "stack" else 1]
    e = Call(wrong, args)
    a = parse_text("a", where)
    outcome = scalar_method(e, a, Symbol("y", e.shape), Context.of(e, BOOK))
    assert Judge().agree(jacobian(e, a, Context.of(e, BOOK)), outcome.result).status == "refuted"
