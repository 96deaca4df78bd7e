"""The rule book and the list of operations as pages of a site: made from the declarations, examples run as they are made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derivgen.site.record import Record, compact

if TYPE_CHECKING:
    from derivgen.catalog.base import Operation


def make_book(kind: str, math: str) -> Record:
    """The entries of a book, in the facts of a record."""
    return Record(facts=compact({"entries": {"rules": _rules, "operations": _operations}[kind](math)}))


def _rules(math: str) -> list[dict[str, str]]:
    from derivgen.derivation.examples import live, pages
    from derivgen.expr import symbols
    from derivgen.rules.rule import Stage
    from derivgen.show.card import CARDS, in_ascii
    from derivgen.show.document.prose import for_terminal
    from derivgen.show.layout import latex_to_box
    from derivgen.show.layout.lines import Line
    from derivgen.show.layout.notate import context
    from derivgen.show.layout.style import Style
    from derivgen.show.rulebook import ROLES
    from derivgen.world import World

    writer = CARDS[math]()
    entries = []
    world = World.default()
    for rule in pages(world).values():
        body = [f"<p>{writer.prose(rule.sentence)}</p>"]
        if (
            math != "mathml" or latex_to_box.read(rule.states) is not None
        ):  # what has no MathML of its own, the examples show
            body.insert(0, f'<p class="dg-states">{writer.prose(f"${rule.states}$")}</p>')
        if rule.when:
            body.append(f"<p>It holds when {writer.prose(rule.when)}.</p>")
        if ROLES[rule.role]:
            body.append(f"<p>{ROLES[rule.role]}</p>")
        examples = []
        for example in rule.examples:
            found = live(world, rule, example)
            if found is not None:
                c = context(Style(symbols=tuple((symbols(found[0]) | symbols(found[1])).values())))
                line = Line(c.box(found[0]), c.box(found[1]))
                if line.left != line.right:  # a definition may be printed as what it defines
                    examples += writer.lines((line,))
        if examples:
            body.append(f'<p class="dg-part">{"Examples" if len(examples) > 1 else "Example"}</p>{"".join(examples)}')
        entries.append({
            "name": rule.name, "title": for_terminal(rule.title), "stage": str(rule.stage),
            "html": in_ascii(f'<div class="derivgen dg-entry">{"".join(body)}</div>'),
        })  # fmt: skip
    order = [str(stage) for stage in Stage]
    return sorted(entries, key=lambda entry: order.index(entry["stage"]))


KINDS = {"Elementwise": "Entry by entry", "Linear": "Linear in each argument", "Formula": "Defined by other operations",
         "Opaque": "With partials of their own", "Constant": "Without arguments"}  # fmt: skip
"""The chapters of the catalog."""

TRIALS = (
    ("{}(u)", "u in R"), ("{}(u, v)", "u, v in R"), ("{}(x)", "x in R^n"), ("{}(A)", "A in R^(n*n)"),
)  # fmt: skip


def _operations(math: str) -> list[dict[str, str]]:
    from derivgen.catalog.base import Elementwise
    from derivgen.expr.text import name_of
    from derivgen.show.card import CARDS, in_ascii
    from derivgen.show.document.prose import for_terminal
    from derivgen.world import World

    entries = []
    for op in World.default().glossary.operations:
        said = op.notation
        spelled = dict.fromkeys((name_of(op), *said.aliases, *([said.text] if said.text else [])))
        body = [f"<p>{CARDS[math]().prose(op.states)}</p>"]
        body.append(f"<p>Written {', '.join(f'<code>{_escaped(s)}</code>' for s in spelled)}.</p>")
        shown = _derivative(op, math)
        body += [shown] if shown else []
        kind = next((KINDS[c.__name__] for c in type(op).__mro__ if c.__name__ in KINDS), "Others")
        if isinstance(op, Elementwise) and not op.derivatives:
            kind = KINDS["Constant"]
        entries.append({
            "name": op.name, "title": for_terminal(op.states), "stage": kind,
            "html": in_ascii(f'<div class="derivgen dg-entry">{"".join(body)}</div>'),
        })  # fmt: skip
    chapters = [*KINDS.values(), "Others"]
    return sorted(entries, key=lambda entry: chapters.index(entry["stage"]))


def _derivative(op: Operation, math: str) -> str:
    """The derivative of the operation by its first argument, derived and checked now; "" where none is to be had."""
    from derivgen.derivation import derive
    from derivgen.errors import DerivgenError
    from derivgen.expr.text import name_of
    from derivgen.options import Options
    from derivgen.show.card import CARDS
    from derivgen.show.document.blocks import Answer, Equations, Notes, Question, Sentence
    from derivgen.show.document.document import document_of
    from derivgen.show.document.verdicts import MARKS, evidence
    from derivgen.show.formats import Wishes
    from derivgen.show.formats.mathml import with_powers

    trials = [(text.format(name_of(op)), where) for text, where in TRIALS]
    if op.notation.form == "relation" and op.notation.text:
        trials = [(f"x {op.notation.text} y", "x, y in R^n")]
    for trial, where in [op.notation.example] if op.notation.example else trials:
        wrt = "x" if "x in" in where or where.startswith("x") else where[0]
        try:
            d = derive(trial, wrt, where)
        except DerivgenError:
            continue
        if d.verdict != "verified":
            continue
        writer = CARDS[math]()
        document = document_of(d, Wishes(Options(detail="brief")))
        (question,), (answer,) = document.find(Question), document.find(Answer)
        parts = writer.lines((*question.lines, answer.line))
        parts += writer.blocks(b for b in answer.blocks if isinstance(b, Sentence | Equations))
        conditions = [note for b in document.find(Notes) for note in b.notes if note.relation is not None]
        parts += [writer.paragraph(writer.note(note)) for note in conditions]
        if wrt != "u":
            parts.append(writer.paragraph(writer.prose(question.convention)))
        if d.answer_check is not None:
            how = with_powers(evidence(d.answer_check))
            parts.append(f'<p class="dg-facts"><span class="dg-verified">{MARKS["verified"]} {how}</span></p>')
        return "".join(parts)
    return ""


def _escaped(text: str) -> str:
    from html import escape

    return escape(text)
