"""Every rule of the book: it acts on its examples, what it says is true there, and its examples reach all of it."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import Any

import pytest

import derivgen
from derivgen import rules
from derivgen.derivation.report import every_step
from derivgen.expr import Expr, Mul
from derivgen.read import parse_text
from derivgen.rules import BOOK, VOCABULARY, book
from derivgen.rules.book import Book, declared
from derivgen.rules.engine import Context, Engine, apply
from derivgen.rules.monomials import samples_index
from derivgen.rules.moves import Move
from derivgen.rules.rule import ASKED, Phase, Role, Rule, Stage, rule
from derivgen.trials.rule import declines, lines, lines_of


def named(rules: Any) -> list[Any]:
    return [pytest.param(r, id=r.name) for r in rules]


@pytest.mark.parametrize("rule", named(BOOK.rules))
def test_where_a_rule_declines_some_example_is_the_reason(rule: Rule) -> None:
    declining = {line for line in lines(rule) if declines(rule, line)}
    if not declining:
        return
    with lines_of(rule.rewrite.__code__) as reached:
        for state, context in states():
            apply(rule, state, context)
    assert not declining - reached, f"no example of any rule reaches {sorted(declining - reached)} of {rule.name}"


@cache
def states() -> list[tuple[Expr, Context]]:
    """All examples of the book, as they stand and on their way to entries and back."""
    found: list[tuple[Expr, Context]] = []
    for example in dict.fromkeys(example for r in BOOK.rules for example in r.examples):
        e = parse_text(example, VOCABULARY)
        context = Context.of(e, BOOK, sample_indices=samples_index(e))
        found.append((e, context))
        for inward in (BOOK.shown(Phase.UNFOLD, Phase.COLLAPSE), BOOK.shown(Phase.RECOMBINE)):
            found += [(s.after, context) for s in Engine(inward, (), context).run(e)]
    return found


@pytest.mark.parametrize("move", named(BOOK.moves))
def test_a_move_is_made_in_its_example(move: Move) -> None:
    expression, variable = move.example
    d = derivgen.derive(expression, wrt=variable, where=VOCABULARY, **move.choices)
    steps = [s for s in every_step(d.steps) if s.rule == move.name]
    assert steps
    assert d.verdict == "verified"


@pytest.mark.parametrize("entry", named(BOOK.by_name.values()))
def test_an_entry_explains_itself(entry: Rule | Move) -> None:
    assert entry.because.endswith(".")
    assert entry.states
    assert entry.title[0].isupper()


def law(name: str = "halve", **said: Any) -> Rule:
    given: dict[str, Any] = {
        "stage": Stage.SIMPLIFY,
        "on": (Mul,),
        "examples": ("x",),
        "phases": (Phase.SIMPLIFY,),
    } | said
    return Rule(name, "Halve", states="u", because="So.", rewrite=lambda e, ctx: None, **given)


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (law(phases=(Phase.INWARD,)), "no method reaches rule halve: none asks for rules that are shown in the phase inward"),
        (law(role="silent"), "none asks for rules that are silent in the phase simplify"),
        (law(role="offered", phases=(Phase.FORM, Phase.UNFOLD)), "none asks for rules that are offered in the phase unfold"),
        (law(phases=()), "none asks for rules that are shown at the stage simplify"),
        (law(on=()), "rule halve looks at no kind of node, so it would never act"),
        (law(role="loud"), "rule halve has the role 'loud'"),
        (law("collapse-delta"), "two rules are called collapse-delta"),
        (law("chain-rule"), "two rules are called chain-rule"),
    ],
)  # fmt: skip
def test_a_rule_that_would_never_act_is_refused(wrong: Rule, reason: str) -> None:
    with pytest.raises(derivgen.ExtensionError, match=reason) as found:
        BOOK.extended([wrong])
    assert found.value.hint


def test_a_rule_has_the_phase_of_its_stage_unless_it_says_otherwise() -> None:
    declare: dict[str, Any] = {"states": "u", "because": "So.", "examples": ("x",)}
    assert rule(Stage.CHAIN, Mul, **declare)(lambda e, ctx: None).phases == ()  # only moves are made there
    for stage in Stage:
        shown = rule(stage, Mul, **declare)(lambda e, ctx: None)
        assert stage is Stage.CHAIN or BOOK.extended([shown]).shown(Phase(stage.value))[-1] is shown
        silent = rule(stage, Mul, role="silent", **declare)(lambda e, ctx: None)
        assert silent in BOOK.extended([silent]).silent(Phase.ALWAYS, Phase.INWARD, Phase.OUTWARD)


def test_rules_of_one_phase_act_by_their_order() -> None:
    first, last = law("halve", order=-1), law("double")
    found = BOOK.extended([last, first]).shown(Phase.SIMPLIFY)
    assert (found[0], found[-1]) == (first, last)


def test_methods_ask_for_every_role_in_every_phase_that_a_rule_may_name(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: set[tuple[str, Phase]] = set()
    collect = book._collected

    def spy(of: Book, role: Role, phases: tuple[Phase, ...]) -> tuple[Rule, ...]:
        asked.update((role, phase) for phase in phases)
        return collect(of, role, phases)

    monkeypatch.setattr(book, "_collected", spy)
    derivgen.derive("max(x[0], x) + A @ tanh(x)", "x", "x in R^n; A in R^(n*n)", check=False)
    assert asked == {(role, phase) for role, phases in ASKED.items() for phase in phases}


def test_every_rule_of_a_chapter_is_in_the_book() -> None:
    for found in pkgutil.iter_modules(rules.__path__, "derivgen.rules."):
        module = importlib.import_module(found.name)
        assert set(declared(module)) <= set(BOOK.rules), f"{found.name} is no chapter of the book"
