"""Every rule of the book: it acts on its examples, what it says is true there, and its examples reach all of it."""

from __future__ import annotations

import linecache
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from types import CodeType, FrameType
from typing import Any

import pytest

import derivgen
from derivgen.check.judge import Judge
from derivgen.derivation.report import every_step
from derivgen.expr import Add, Expr, Mul, children, with_children
from derivgen.read import parse_text
from derivgen.rules import BOOK, RULES, VOCABULARY, collapse, demonstrate, recombine, unfold
from derivgen.rules.engine import Application, Context, Engine, Rule, apply
from derivgen.rules.monomials import samples_index
from derivgen.rules.moves import MOVES, Move
from derivgen.text import text


def applications(rule: Rule, example: str) -> tuple[Expr, Expr, list[Application]]:
    return demonstrate(rule, parse_text(example, VOCABULARY))


def named(rules: Any) -> list[Any]:
    return [pytest.param(r, id=r.name) for r in rules]


@pytest.mark.parametrize("rule", named(RULES))
def test_a_rule_acts_on_its_examples_and_is_true_there(rule: Rule) -> None:
    assert rule.examples
    for example in rule.examples:
        before, after, record = applications(rule, example)
        assert record, f"{rule.name} has nothing to say of {example}"
        verdict = Judge().agree(before, after)
        assert verdict.status == "verified", f"{text(before)} = {text(after)}: {verdict.reason}"
        for use in record:
            assert Judge().agree(use.before, use.after).status == "verified"


@pytest.mark.parametrize("rule", named(RULES))
def test_what_a_rule_takes_away_it_takes_once(rule: Rule) -> None:
    """A factor or a term that is there twice is no news to it: u u/u is u, not 1."""
    for example in rule.examples:
        before, _, record = applications(rule, example)
        for twice in (d for use in record for d in doubled(use.before)):
            after, _ = apply(rule, twice, Context.of(twice, sample_indices=samples_index(before)))
            assert Judge().agree(twice, after).status != "refuted", f"{text(twice)} = {text(after)}"


def doubled(e: Expr) -> Iterator[Expr]:
    """The expression with a factor or a term, each in turn, written twice."""
    match e:
        case Mul(factors):
            yield from (Mul((*factors, f)) for f in factors)
        case Add(terms):
            yield from (Add((*terms, t)) for t in terms)
    inside = children(e)
    for k, child in enumerate(inside):
        for new in doubled(child):
            if new.shape == child.shape:
                yield with_children(e, (*inside[:k], new, *inside[k + 1 :]))


@pytest.mark.parametrize("rule", named(RULES))
def test_the_examples_reach_every_line(rule: Rule) -> None:
    """Its own examples reach what a rule does; where it declines, an example of any rule may be the reason."""
    code = rule.rewrite.__code__
    with lines_of(code) as reached:
        for example in rule.examples:
            applications(rule, example)
    missing = {line for _, _, line in code.co_lines() if line and line != code.co_firstlineno} - reached
    declining = {line for line in missing if declines(rule, line)}
    assert not missing - declining, f"no example of {rule.name} reaches {sorted(missing - declining)}"
    if not declining:
        return
    with lines_of(code) as reached:
        for state, context in states():
            apply(rule, state, context)
    assert not declining - reached, f"no example of any rule reaches {sorted(declining - reached)} of {rule.name}"


@cache
def states() -> list[tuple[Expr, Context]]:
    """All examples of the book, as they stand and on their way to entries and back."""
    found: list[tuple[Expr, Context]] = []
    for example in dict.fromkeys(example for rule in RULES for example in rule.examples):
        e = parse_text(example, VOCABULARY)
        context = Context.of(e, sample_indices=samples_index(e))
        found.append((e, context))
        for rules in ((*unfold.LOUD, *collapse.LOUD), recombine.LOUD):
            found += [(s.after, context) for s in Engine(rules, (), context).run(e)]
    return found


def declines(rule: Rule, line: int) -> bool:
    source = linecache.getline(rule.rewrite.__code__.co_filename, line).strip()
    return source in ("return None", "continue", "case _:")


@contextmanager
def lines_of(code: CodeType) -> Iterator[set[int]]:
    """The lines of one function that are run."""
    reached: set[int] = set()

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        if frame.f_code is not code:
            return None
        reached.add(frame.f_lineno)
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        yield reached
    finally:
        sys.settrace(before)


@pytest.mark.parametrize("move", named(MOVES))
def test_a_move_is_made_in_its_example(move: Move) -> None:
    expression, variable = move.example
    d = derivgen.derive(expression, wrt=variable, where=VOCABULARY, **move.choices)
    steps = [s for s in every_step(d.steps) if s.rule == move.name]
    assert steps
    assert d.verdict == "verified"


def test_names_are_told_apart() -> None:
    assert len(BOOK) == len(RULES) + len(MOVES)


@pytest.mark.parametrize("entry", named(BOOK.values()))
def test_an_entry_explains_itself(entry: Rule | Move) -> None:
    assert entry.because.endswith(".")
    assert entry.states
    assert entry.title[0].isupper()
