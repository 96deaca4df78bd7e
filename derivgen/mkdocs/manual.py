"""Tables for the manual, made from the declarations: options, settings, and the help of the commands."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from textwrap import dedent

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


TABLES: dict[str, Callable[[], str]] = {
    "block-options": lambda: table("block"),
    "site-options": lambda: table("site"),
    "list-options": lambda: table("list"),
    "serve-options": lambda: table("serve"),
    "python-options": lambda: table("derivgen.derive"),
    "build-options": build_table,
    "commands": commands,
    "weights": weights,
    "preferred-forms": preferred,
}
"""What stands for a marker of that name."""
