"""The command ``derivgen``: its commands and their flags, which are made from the options.

The engine is imported by the commands, not here, so that ``--help`` and ``--version`` are quick.
"""

from __future__ import annotations

import errno
import functools
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from derivgen.console import (
    BAD_INPUT,
    DONE,
    INTERRUPTED,
    PIPE_CLOSED,
    REFUTED,
    complain,
    dump,
    emit,
    fitted,
    grid,
    is_terminal,
    output_format,
    painted,
    plug,
    read_point,
    report,
    say,
    silence,
    speak_unicode,
    told_to_end,
)
from derivgen.deadline import bounded, doing, limit_memory, no_memory
from derivgen.errors import CheckError, DerivgenError, NameUnknown, nearest
from derivgen.flags import Expressions, ExpressionText, flags, from_usage
from derivgen.options import Options, keys
from derivgen.version import __version__

if TYPE_CHECKING:
    from derivgen.work.store import Service, Store

T = TypeVar("T")

MOST_NUMBERS = 250_000
"""Numbers of an array that are printed."""

_NO_WRITING = (errno.ENOSPC, errno.EFBIG, errno.EIO, errno.EBADF)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status. No error leaves a traceback, unless DERIVGEN_DEBUG is set."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    plug()
    speak_unicode()
    try:
        with told_to_end():
            limit_memory()
            return int(program.main(given, prog_name="derivgen", standalone_mode=False) or 0)
    except DerivgenError as error:
        return complain(error, given)
    except click.exceptions.NoArgsIsHelpError as usage:
        say(usage.format_message())
        return BAD_INPUT
    except click.ClickException as usage:
        return complain(from_usage(usage), given)
    except (click.exceptions.Abort, KeyboardInterrupt):
        say("derivgen: interrupted")
        return INTERRUPTED
    except SystemExit:  # so click ends where the reader of a help page has gone away
        silence(sys.stdout)
        return PIPE_CLOSED
    except OSError as wrong:
        if os.environ.get("DERIVGEN_DEBUG"):
            raise
        lost = wrong.filename is None and wrong.errno in _NO_WRITING  # the help, which is not ours to print
        silence(sys.stdout if lost else None)
        what = "cannot write to standard output" if lost else "the system refuses"
        return complain(DerivgenError(f"{what}: {wrong.strerror or wrong}"), given)
    except MemoryError:
        return complain(no_memory(), given)
    except Exception as bug:
        if os.environ.get("DERIVGEN_DEBUG"):
            raise
        from derivgen.plugins import whose

        return complain(whose(bug), given)
    finally:
        limit_memory(None)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, message="%(prog)s %(version)s")
def program() -> None:
    """Derive vector and matrix derivatives step by step, with every step explained and checked."""


def _command(face: str, name: str = "") -> Callable[[Callable[..., Any]], click.Command]:
    def decorate(function: Callable[..., Any]) -> click.Command:
        help = (function.__doc__ or "").replace("<keys>", ", ".join(keys("list")))
        return program.command(name or face, cls=Expressions, help=help)(flags(face)(function))

    return decorate


def _store(service: Service[T], options: Options, most: int | None = None) -> Store[T]:
    from derivgen.work.opened import opened_store

    return opened_store(service, options, most, say)


# --- commands --------------------------------------------------------------------------------------------------------


@_command("derive")
@click.argument("expression", metavar="EXPR", type=ExpressionText())
def derive(options: Options, expression: str) -> int:
    """Derive EXPR step by step.

    It is differentiated by each variable given with --wrt. If EXPR is -, it is read from standard input.

    \b
    Examples:
      derivgen derive "max(0, w.T @ x + b)" --wrt w --where "w, x in R^n; b in R"
      derivgen derive "w * x" --wrt w,x --where "w, x in R^n" --to markdown
      derivgen derive "[f(x, y), g(x, y)]" --wrt "[x, y]" --where "x, y in R; f, g: R, R -> R"
      derivgen derive "sum(x * z)" --wrt z --where "x in R^n; z in R" -o sum.tex
    """
    form = output_format(options)
    from derivgen.derivation import derive_by
    from derivgen.show import render_all

    with bounded(options.timeout):
        derivations = [derive_by(expression, name, options) for name in options.wrt]
        with doing("printing it"):
            printed = render_all(derivations, form, fitted(options), color=painted(options))
    emit(printed, options)
    return max(report(d) for d in derivations)


@_command("equal")
@click.argument("left", metavar="A", type=ExpressionText())
@click.argument("right", metavar="B", type=ExpressionText())
def equal(options: Options, left: str, right: str) -> int:
    """Say whether A and B are equal.

    The answer is verified, refuted (with a point at which they differ) or not checked (with the reason).

    \b
    Examples:
      derivgen equal "x.T @ (A + A.T)" "x.T @ A + (A @ x).T" --where "x in R^n; A in R^(n*n)"
      derivgen equal "ones(n).T @ diag(x)" "x.T" --where "x in R^n"
    """
    form = output_format(options)
    from derivgen.derivation.ask import compared
    from derivgen.show.document.verdicts import evidence as in_words
    from derivgen.show.formats.json import reading_data, verdict_data

    verdict, reading = compared(left, right, options)
    data = {"verdict": verdict.status, "evidence": verdict_data(verdict), "reading": reading_data(reading)}
    emit(dump(data) if form == "json" else "\n".join([in_words(verdict), *verdict.reading]), options)
    return REFUTED if verdict.status == "refuted" else DONE


@_command("eval")
@click.argument("expression", metavar="EXPR", type=ExpressionText())
def eval_(options: Options, expression: str) -> int:
    """Compute EXPR or its derivative at a point.

    With --wrt it is the derivative. The values of the variables come from a file.

    \b
    Examples:
      derivgen eval "w.T @ x" --where "w, x in R^n" --at point.json
      derivgen eval "softmax(x)" --wrt x --where "x in R^n" --at point.npz --to json
    """
    form = output_format(options)
    point = read_point(str(options.at))
    from derivgen.check.evaluate import evaluate
    from derivgen.derivation import derive_by
    from derivgen.derivation.numbers import lengths
    from derivgen.read.question import read_any
    from derivgen.show.formats.json import reading_data
    from derivgen.world import World

    arrays = {}
    with bounded(options.timeout):
        for name in options.wrt:
            derivation = derive_by(expression, name, replace(options, layout="numerator", check=False))
            arrays[name], reading = derivation.evaluate(point, options.layout), derivation.reading
        if not options.wrt:
            given = read_any(expression, options, World.default().glossary)
            arrays[""] = evaluate(given.expression, {**lengths(given.declarations.symbols.values(), point), **point})
            reading = given.reading
    for array in arrays.values():
        if array.size > MOST_NUMBERS:
            raise CheckError(
                f"{array.size:,} numbers are too many to print, more than {MOST_NUMBERS:,}",
                hint="take smaller arrays, or Derivation.evaluate in Python",
            )
    if form == "json":
        found = [
            {"expression": expression, "wrt": name or None, "layout": options.layout if name else None,
             "structured": options.structured if name else None, "shape": list(array.shape), "value": array.tolist(),
             "reading": reading_data(reading)}
            for name, array in arrays.items()
        ]  # fmt: skip
        emit(dump(found[0] if len(found) == 1 else found), options)
    else:
        emit("\n\n".join(map(grid, arrays.values())), options)
        for sentence in reading.sentences():  # beside the numbers, which programs read
            say(sentence)
    return DONE


@_command("render")
@click.argument("source", metavar="SRC", type=click.Path(path_type=Path))
@click.argument("target", metavar="OUT", type=click.Path(path_type=Path))
def render(options: Options, source: Path, target: Path) -> int:
    """Write Markdown with its derivations made.

    SRC is a file or a folder. Blocks of ```derivation become plain Markdown with dollar mathematics; all other text
    and all other files are copied. The status is 2 if a block is broken, else 1 if anything was refuted.

    \b
    Examples:
      derivgen render notes/ out/
      derivgen render lecture.md lecture-out.md --layout gradient
    """
    from derivgen.site.answer import RECORDS
    from derivgen.site.folder import render_folder

    with _store(RECORDS, options) as store:
        made = render_folder(source, target, options, store, lambda done, count: say(f"{done} of {count} derivations"))
    for problem in made.problems:
        say(f"{problem.level}: {problem}")
    say(f"{made.pages} pages with {made.derivations} derivations")
    if any(p.broken for p in made.problems):
        return BAD_INPUT
    return REFUTED if any(p.level == "error" for p in made.problems) else DONE


@_command("check")
@click.argument("files", metavar="FILE…", nargs=-1)
def check(options: Options, files: tuple[str, ...]) -> int:
    """Check the equations that stand in texts.

    A FILE is Markdown, Quarto, LaTeX or a Jupyter notebook, a folder of these, or a pattern. The status is 1 if
    anything was refuted, 2 if a file cannot be read.

    \b
    Examples:
      derivgen check notes.md chapters/*.tex lectures/
      derivgen check notes.md --explain notes.md:12
      derivgen check notes.md --declare
    """
    if not files and options.explain is None:
        raise click.UsageError("Missing argument 'FILE…'.", click.get_current_context())
    from derivgen.notes.answer import FILE_SECONDS, REPORTS
    from derivgen.notes.command import check as check_files

    return check_files(files, options, lambda count: _store(REPORTS, replace(options, timeout=FILE_SECONDS), count))


@program.command("lsp")
def lsp() -> int:
    """Serve an editor that speaks the Language Server Protocol, on standard input and output.

    It checks Markdown and LaTeX as one types, and the derivations in Markdown.
    """
    try:
        from derivgen.lsp.server import run as serve_editor
    except ModuleNotFoundError as missing:
        if missing.name not in ("pygls", "lsprotocol"):
            raise
        raise DerivgenError("the language server needs pygls", hint="pip install 'derivgen[lsp]'") from None
    limit_memory(None)  # it runs all day
    serve_editor()
    return DONE


@_command("rules")
@click.argument("name", required=False)
def rules(options: Options, name: str | None) -> int:
    """List the rules, or show the one called NAME.

    A rule is what a step cites as its reason. Its examples are run as you look.

    \b
    Examples:
      derivgen rules
      derivgen rules collapse-delta
    """
    form = output_format(options)
    from derivgen.derivation.examples import live as live_in
    from derivgen.derivation.examples import pages
    from derivgen.show import rulebook
    from derivgen.world import World

    world = World.default()
    known, live = pages(world), functools.partial(live_in, world)
    if name is None:
        chosen = list(known.values())
        printed = {"text": rulebook.index_text, "markdown": rulebook.index_markdown}
        emit(printed[form](chosen) if form in printed else dump([rulebook.page_data(r, live) for r in chosen]), options)
        return DONE
    rule = known.get(name.strip().lower().replace("_", "-").replace(" ", "-"))
    if rule is None:
        near = nearest(name, known)
        hint = f"did you mean {near}?" if near else "derivgen rules lists them all"
        raise NameUnknown(f"there is no rule called {name}", hint=hint)
    page = {"text": rulebook.page_text, "markdown": rulebook.page_markdown}
    emit(page[form](rule, live) if form in page else dump(rulebook.page_data(rule, live)), options)
    return DONE


@_command("run")
@click.argument("file", metavar="FILE.yml")
def run(options: Options, file: str) -> int:
    """Make all derivations listed in a YAML file.

    The keys are named like derive's options: <keys>. Those at the top hold for all derivations, and each has an expression.
    Where 'to' is a list there is a file for each format.

    \b
      where: w, x in R^n; b in R
      to: [latex, svg]
      derivations:
        - expression: max(0, w.T @ x + b)
          wrt: w
          id: neuron
        - {expression: w * x, wrt: [w, x], title: The Hadamard product}

    The verdicts are printed as a table. The status is 2 if a derivation could not be made (the others are), else 1 if
    anything was refuted.
    """
    from derivgen.work import batch
    from derivgen.work.worklist import read_list

    jobs = read_list(file)
    store = _store(batch.RESULTS, options, len(jobs))
    bar = click.progressbar(length=len(jobs), label="deriving", file=sys.stderr, hidden=not is_terminal(sys.stderr))
    with store, bar:
        made = batch.run(jobs, Path(options.output_dir), store, timeout=options.timeout, tick=lambda: bar.update(1))
    for m in made:
        if m.message:
            word = {"refuted": "refuted", "unchecked": "warning"}.get(m.verdict, "error")
            say(f"{word}: " + (f"{file}:{m.line}: " if m.line else "") + f"{m.name}: {m.message}")
    emit(batch.summary(made), options)
    verdicts = {m.verdict for m in made}
    return REFUTED if "refuted" in verdicts else BAD_INPUT if "error" in verdicts else DONE


@_command("exercise")
@click.argument("file", metavar="FILE.yml")
def exercise(options: Options, file: str) -> int:
    """Make a sheet of exercises, and one with the solutions.

    FILE lists derivations as for derivgen run. The steps that 'exercise' names are left blank, every second one where
    nothing is named; the sheet has hints at the end. Both sheets are written into the output folder, under the name of
    FILE with -sheet and -solutions behind it.

    \b
    Examples:
      derivgen exercise week3.yml
      derivgen exercise week3.yml --to pdf --output-dir sheets
    """
    from derivgen.work.sheets import write_sheets
    from derivgen.work.worklist import read_list

    stem = Path(options.output_dir) / Path(file).stem
    made = write_sheets(read_list(file), stem, options.to or "markdown", options.timeout)
    emit("\n".join(map(str, made.files)), options)
    return max(report(d) for d in made.derivations)


@_command("serve")
def serve(options: Options) -> int:
    """Show a page in the browser on which to ask.

    It answers as one types: how the question is read, the answer and the steps. Nobody reaches it from outside this
    machine unless --host says so.

    \b
    Examples:
      derivgen serve
      derivgen serve --port 80 --host 0.0.0.0 --name derive.example.org
    """
    from derivgen.serve.server import run as serve_page

    serve_page(options, say)
    return DONE
