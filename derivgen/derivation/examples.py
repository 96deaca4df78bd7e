"""The examples that the rules declare, run as they are looked at."""

from __future__ import annotations

from derivgen.derivation.ask import derive
from derivgen.derivation.report import every_step
from derivgen.expr import Expr
from derivgen.read import declare, parse_text
from derivgen.rules import VOCABULARY
from derivgen.rules.engine import Context, apply
from derivgen.rules.moves import Move
from derivgen.rules.rule import Rule
from derivgen.world import World


def pages(world: World) -> dict[str, Rule]:
    """Every rule that a step can cite, by name; a move of a method looks like a rule with one example."""
    return {name: _as_rule(e) if isinstance(e, Move) else e for name, e in world.book.by_name.items()}


def live(world: World, rule: Rule, example: str) -> tuple[Expr, Expr] | None:
    """The example before and after the rule; None where the rule does not act on it."""
    entry = world.book.by_name[rule.name]
    if isinstance(entry, Move):
        return _step_of(entry)
    before = parse_text(example, declare(VOCABULARY, world.glossary))
    after, record = apply(rule, before, Context.of(before, world.book))
    return (before, after) if record else None


def _step_of(move: Move) -> tuple[Expr, Expr] | None:
    """The sides of the step that makes the move in the derivation of its example."""
    expression, wrt = move.example
    steps = every_step(derive(expression, wrt, VOCABULARY, check=False, **move.choices).steps)
    return next(((s.before, s.after) for s in steps if s.rule == move.name), None)


def _as_rule(move: Move) -> Rule:
    expression, wrt = move.example
    example = f"{expression} by {wrt}"
    return Rule(
        move.name, move.title, move.stage, move.states, move.because, (example,), (), lambda e, ctx: None,
        reference=move.reference, general=move.general,
    )  # fmt: skip
