"""Tables for the manual, made from the declarations: options, settings, and the help of the commands."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from textwrap import dedent

from derivgen.codes import CODES
from derivgen.mkdocs.settings import BuildSettings
from derivgen.options import table


def build_table() -> str:
    """The settings of the build, each with the sentence under its declaration."""
    (body,) = ast.parse(dedent(inspect.getsource(BuildSettings))).body
    assert isinstance(body, ast.ClassDef)
    rows = ["| Setting | Default | What it does |", "| --- | --- | --- |"]
    defaults = {name: option.default for name, option in BuildSettings._schema}
    for line, after in zip(body.body, body.body[1:], strict=False):
        match line, after:
            case ast.Assign([ast.Name(name)]), ast.Expr(ast.Constant(str(said))):
                default = defaults[name]
                shown = str(default).lower() if isinstance(default, bool) else default
                rows.append(f"| `{name}` | {f'`{shown}`' if shown != '' else ''} | {' '.join(said.split())} |")
    return "\n".join(rows) + "\n"


def commands() -> str:
    """The help of every command."""
    import click

    from derivgen.cli import program

    out = []
    with click.Context(program, info_name="derivgen", **program.context_settings) as top:
        for name, command in program.commands.items():
            with click.Context(command, info_name=name, parent=top, max_content_width=92, terminal_width=92) as ctx:
                out += [f"## {name}", "", "````text", command.get_help(ctx).rstrip(), "````", ""]
    return "\n".join(out)


def weights() -> str:
    """What the measure of a form counts."""
    from derivgen.rules.form_cost import WEIGHTS

    rows = ["| Counted | Cost | Why |", "| --- | ---: | --- |"]
    return "\n".join([*rows, *(f"| {w.what} | {w.cost} | {w.why} |" for w in WEIGHTS)]) + "\n"


def preferred() -> str:
    """The preferred forms, typeset, each with what its plain form and itself measure."""
    from derivgen.read import parse_text
    from derivgen.rules.form_cost import PREFERRED, measure
    from derivgen.show.layout.notate import context
    from derivgen.show.layout.style import Style
    from derivgen.show.math.mathml import FULL_SIZE, element, markup

    rows = ["| Not | But | Costs | Because |", "| --- | --- | --- | --- |"]
    for row in PREFERRED:
        sides = [parse_text(side, row.where) for side in (row.plain, row.preferred)]
        formulas = [element(markup(context(Style()).box(e)), None, FULL_SIZE).replace("|", "&#124;") for e in sides]
        rows.append(f"| {' | '.join(formulas)} | {measure(sides[0])} → {measure(sides[1])} | {row.why} |")
    return "\n".join(rows) + "\n"


def signs() -> str:
    """The operations that have several names or a sign, with all that is read for them in both dialects."""
    from derivgen.expr.text import name_of
    from derivgen.world import World

    glossary = World.default().glossary
    spelled: dict[str, list[str]] = {}
    for word, sign in glossary.signs.items():
        spelled.setdefault(sign, []).append(word)
    words: dict[str, list[str]] = {}
    for word, name in glossary.words.items():
        words.setdefault(name, []).append(word)
    rows = ["| In text | In LaTeX | Meaning |", "| --- | --- | --- |"]
    for op in glossary.operations:
        said, name = op.notation, name_of(op)
        text = [said.text] if said.text and said.form != "infix" else [*dict.fromkeys((name, *said.aliases))]
        latex = [f"\\{w}" if w.isascii() and w.isalpha() else w for w in spelled.get(said.unicode, ())]
        if not latex and said.form in ("postfix", "letter"):
            scripts = (said.latex, *(w if not w.isascii() else f"\\{w}" for w in said.latex_aliases))
            latex = [f"^{{{s}}}" if said.form == "postfix" else s for s in scripts]
        latex += [w for w in words.get(name, ()) if w not in latex]
        if said.form == "function":
            latex = [
                *(f"{said.word}_{u}" for u in said.under if u),
                *(w for w in latex if not any(said.under) or "_" not in w),
            ]
        if said.form == "fence":
            latex = [f"{said.unicode}·{said.unicode}" + "".join(f"_{u}" for u in said.under if u), *latex]
        if len(text) + len(latex) > 2 or said.form not in ("function", "juxtaposed", "grid"):
            cells = (", ".join(f"`{w}`" for w in part) for part in (text, latex))
            rows.append(f"| {' | '.join(cells)} | {op.states} |")
    return "\n".join(rows) + "\n"


def codes() -> str:
    """What the checker of texts says, by its codes."""
    shown = {"none": "not judged"}
    rows = [f"| `{code}` | {shown.get(c.level, c.level)} | {c.sentence} |" for code, c in CODES.items()]
    return "\n".join(["| Code | | What it says |", "| --- | --- | --- |", *rows]) + "\n"


TABLES: dict[str, Callable[[], str]] = {
    "block-options": lambda: table("block"),
    "site-options": lambda: table("site"),
    "list-options": lambda: table("list"),
    "serve-options": lambda: table("serve"),
    "check-options": lambda: table("check"),
    "notes-options": lambda: table("notes"),
    "check-codes": codes,
    "python-options": lambda: table("derivgen.derive"),
    "build-options": build_table,
    "commands": commands,
    "signs": signs,
    "weights": weights,
    "preferred-forms": preferred,
}
"""What stands for a marker of that name."""
