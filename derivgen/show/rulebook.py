"""The page of a rule, from its declaration: what it states, why, when, and examples that are run as it is made."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from typing import Any

from derivgen.expr import Expr, symbols
from derivgen.expr.text import text
from derivgen.rules.rule import Role, Rule, Stage
from derivgen.show.document.prose import for_markdown, for_terminal, markdown_math, plain_markdown, unicode_math
from derivgen.show.formats.markdown import displays
from derivgen.show.formats.text import equations
from derivgen.show.layout.lines import Line
from derivgen.show.layout.notate import context
from derivgen.show.layout.style import Style

Live = Callable[[Rule, str], tuple[Expr, Expr] | None]
"""Runs an example, given as text: the expression before and after the rule, or None where it does not act."""

WIDTH = 88

ROLES: dict[Role, str] = {
    "shown": "",
    "silent": "It needs no line of its own and is applied silently, as part of the step before.",
    "offered": "It offers another form, which is taken where it makes the whole shorter.",
}

_ROLE: dict[Role, str] = {"shown": "", "silent": " (silent)", "offered": " (offered)"}


def page_text(rule: Rule, live: Live) -> str:
    """The page for a terminal."""
    out = [f"{rule.name}: {for_terminal(rule.title)}", ""]
    out += [f"  {unicode_math(rule.states)}", ""]
    out += _wrapped(for_terminal(rule.sentence))
    out += _wrapped(for_terminal(_remarks(rule)))
    out += ["", "Examples" if len(rule.examples) > 1 else "Example"]
    for example in rule.examples:
        line = _example(rule, example, live)
        out += ["", f"  {example}"]
        out += equations((line,), 4) if line else ["    (the rule does not act here)"]
    return "\n".join(row.rstrip() for row in out) + "\n"


def page_markdown(rule: Rule, live: Live) -> str:
    """The page for a site."""
    blocks = [f"## {plain_markdown(rule.title)}", f"Rule `{rule.name}`, stage *{plain_markdown(str(rule.stage))}*."]
    blocks += [f"$$\n{markdown_math(rule.states)}\n$$", for_markdown(rule.sentence)]
    remarks = _remarks(rule)
    if remarks:
        blocks.append(for_markdown(remarks))
    for example in rule.examples:
        line = _example(rule, example, live)
        blocks.append(f"Example: `{example}`")
        blocks += displays((line,)) if line else ["The rule does not act here."]
    return "\n\n".join(blocks) + "\n"


def page_data(rule: Rule, live: Live) -> dict[str, Any]:
    """The page as plain lists and dictionaries, for JSON."""
    examples = []
    for example in rule.examples:
        found = live(rule, example)
        sides = {"before": text(found[0]), "after": text(found[1])} if found else {"before": example, "after": None}
        examples.append({"source": example, **sides})
    return {
        "name": rule.name, "title": rule.title, "stage": str(rule.stage), "states": rule.states,
        "because": rule.sentence, "when": rule.when, "reference": rule.reference, "role": rule.role,
        "examples": examples,
    }  # fmt: skip


def index_text(rules: Sequence[Rule]) -> str:
    """All rules by their stage, a line each, for a terminal."""
    out: list[str] = []
    width = max((len(r.name) for r in rules), default=0)
    for stage, members in _by_stage(rules):
        out += ["", stage]
        out += [f"  {r.name.ljust(width)}  {for_terminal(r.title)}{_ROLE[r.role]}" for r in members]
    return "\n".join(out[1:]) + "\n"


def index_markdown(rules: Sequence[Rule]) -> str:
    """All rules as tables, one for each stage."""
    blocks: list[str] = []
    for stage, members in _by_stage(rules):
        rows = ["| Rule | What it does |", "| --- | --- |"]
        rows += [f"| `{r.name}` | {for_markdown(r.title)}{_ROLE[r.role]} |" for r in members]
        blocks += [f"## {plain_markdown(stage.capitalize())}", "\n".join(rows)]
    return "\n\n".join(blocks) + "\n"


def _by_stage(rules: Sequence[Rule]) -> list[tuple[str, list[Rule]]]:
    return [(str(stage), members) for stage in Stage if (members := [r for r in rules if r.stage is stage])]


def _remarks(rule: Rule) -> str:
    parts = [
        f"It holds when {rule.when}." if rule.when else "",
        f"See the notes on {rule.reference}." if rule.reference else "",
    ]
    parts.append(ROLES[rule.role])
    return " ".join(p for p in parts if p)


def _example(rule: Rule, example: str, live: Live) -> Line | None:
    found = live(rule, example)
    if found is None:
        return None
    before, after = found
    c = context(Style(symbols=tuple((symbols(before) | symbols(after)).values())))
    return Line(c.box(before), c.box(after))


def _wrapped(sentence: str) -> list[str]:
    return textwrap.wrap(sentence, WIDTH, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False)
