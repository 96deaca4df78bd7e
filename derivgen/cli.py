"""The command ``derivgen``: its commands and their flags, which are made from the options.

The engine is imported by the commands, not here, so that ``--help`` and ``--version`` are quick.
"""

from __future__ import annotations

import difflib
import errno
import os
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from derivgen import __version__
from derivgen.console import (
    BAD_INPUT,
    DONE,
    INTERRUPTED,
    PIPE_CLOSED,
    REFUTED,
    STANDARD,
    coloured,
    complain,
    dump,
    emit,
    grid,
    is_terminal,
    output_format,
    plug,
    read_input,
    read_point,
    report,
    say,
    silence,
    to_file,
    told_to_end,
)
from derivgen.deadline import bounded, doing, limit_memory, no_memory, sensible
from derivgen.errors import CheckError, DerivgenError, NameUnknown
from derivgen.options import Declared, Options, choices_of, declared, split_names

if TYPE_CHECKING:
    from derivgen.work.cache import Cache

MOST_NUMBERS = 250_000
"""Numbers of an array that are printed."""

MOST_WORKERS = 61
"""Windows waits for no more processes than these."""


_NO_WRITING = (errno.ENOSPC, errno.EFBIG, errno.EIO, errno.EBADF)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status. No error leaves a traceback, unless DERIVGEN_DEBUG is set."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    plug()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
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
        return complain(_from_usage(usage), given)
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
        what = " ".join(f"{type(bug).__name__}: {bug}".split())[:300]
        hint = "this is a mistake in derivgen: please report it, with what DERIVGEN_DEBUG=1 shows"
        return complain(DerivgenError(f"internal error, {what}", hint=hint), given)
    finally:
        limit_memory(None)


def _from_usage(usage: click.ClickException) -> DerivgenError:
    """An error of click's, in our own form."""
    ctx = getattr(usage, "ctx", None)
    error = DerivgenError(
        usage.format_message().replace(_MINUS, ""), hint=f"{ctx.command_path} --help shows the usage" if ctx else None
    )
    error.kind = "bad usage"
    return error


# --- flags, made from the options ------------------------------------------------------------------------------------


def _flags(face: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A decorator that gives a command the flags of ``face`` and hands it one Options record for all of them."""
    shown = declared(face)

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(**given: Any) -> Any:
            chosen = {o.name: _value(o, given.pop(o.name)) for o in shown}
            return command(Options(**chosen), **given)

        wrapped.__name__, wrapped.__doc__ = command.__name__, command.__doc__
        wrapped.__click_params__ = list(getattr(command, "__click_params__", ()))  # type: ignore[attr-defined]
        for o in reversed(shown):
            wrapped = _flag(o, face)(wrapped)
        return wrapped

    return decorate


def _flag(o: Declared, face: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    names = (o.name, *o.choice.flags)
    if o.kind is bool:
        return click.option(*names, is_flag=True, help=o.choice.help)
    many = o.repeatable or bool(o.choice.separator)
    return click.option(
        *names,
        type=click.Choice([str(v) for v in o.values]) if o.values else o.kind,
        multiple=many,
        required=face in o.choice.required,
        default=None if many or o.default not in o.values else str(o.default),
        show_default=bool(o.values) and o.default in o.values,
        metavar=o.choice.metavar or None,
        help=o.choice.help,
    )


def _value(o: Declared, given: Any) -> Any:
    """What the command line gave for an option, as the Options record holds it."""
    if o.kind is bool:
        return given != o.default
    if o.choice.separator:
        return o.choice.separator.join(given) if given else o.default
    if o.repeatable:
        return tuple(given)
    return o.default if given is None else o.kind(given)


class _Expressions(click.Command):
    """A command whose arguments are expressions: one that begins with a minus sign is no option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        tokens = list(args)
        for _ in args:
            try:
                return super().parse_args(ctx, list(tokens))
            except click.NoSuchOption as unknown:
                name = unknown.option_name
                at = next((k for k, t in enumerate(tokens) if t.startswith(name) and not _FLAG.match(t)), None)
                if at is None and unknown.possibilities:
                    raise
                if at is None:
                    raise click.UsageError(
                        f"{unknown.format_message()} An expression that begins with -- is set in brackets: ({name}).",
                        ctx,
                    ) from None
                tokens[at] = _MINUS + tokens[at]
        return super().parse_args(ctx, tokens)


_FLAG = re.compile(r"--[A-Za-z]")

_MINUS = "\0"
"""Set before an expression that begins with a minus sign while click reads the line."""


class _Text(click.ParamType):  # type: ignore[type-arg]
    """The text of an expression; ``-`` reads it from standard input."""

    name = "expression"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        return read_input() if value == STANDARD else str(value).removeprefix(_MINUS)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, message="%(prog)s %(version)s")
def program() -> None:
    """Derive vector and matrix derivatives step by step, with every step explained and checked."""


def _command(face: str, name: str = "") -> Callable[[Callable[..., Any]], click.Command]:
    def decorate(function: Callable[..., Any]) -> click.Command:
        return program.command(name or face, cls=_Expressions)(_flags(face)(function))

    return decorate


def _cache(options: Options) -> Cache | None:
    """Where results are kept; without a folder for them there is a warning, and all is derived anew."""
    from derivgen.work.cache import Cache

    if not options.cache:
        return None
    try:
        Path(options.cache_dir).mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as wrong:
        say(
            f"warning: nothing is kept for the next time: {options.cache_dir[:80]}: {getattr(wrong, 'strerror', wrong)}"
        )
        return None
    return Cache(Path(options.cache_dir))


# --- commands --------------------------------------------------------------------------------------------------------


@_command("derive")
@click.argument("expression", metavar="EXPR", type=_Text())
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
    names = split_names(options.wrt)
    from derivgen.derivation import derive as run
    from derivgen.show import render_all

    choices = choices_of(options)
    colour = coloured(sys.stdout) and not to_file(options)
    with bounded(options.timeout):
        derivations = [run(expression, name, options.where, **choices) for name in names]
        with doing("printing it"):
            printed = render_all(derivations, form, detail=options.detail, color=colour)
    emit(printed, options)
    return max(report(d) for d in derivations)


@_command("equal")
@click.argument("left", metavar="A", type=_Text())
@click.argument("right", metavar="B", type=_Text())
def equal(options: Options, left: str, right: str) -> int:
    """Say whether A and B are equal.

    The answer is verified, refuted (with a point at which they differ) or not checked (with the reason).

    \b
    Examples:
      derivgen equal "x.T @ (A + A.T)" "x.T @ A + (A @ x).T" --where "x in R^n; A in R^(n*n)"
      derivgen equal "ones(n).T @ diag(x)" "x.T" --where "x in R^n"
    """
    form = output_format(options)
    from derivgen.derivation import equal as compare
    from derivgen.show.document.document import evidence as in_words
    from derivgen.show.document.json import verdict_data

    chosen = choices_of(options)
    verdict = compare(
        left, right, options.where, define=options.define, dialect=options.dialect, preamble=chosen["preamble"],
        seed=options.seed, samples=options.samples, timeout=options.timeout,
    )  # fmt: skip
    answer = (
        dump({"verdict": verdict.status, "evidence": verdict_data(verdict)}) if form == "json" else in_words(verdict)
    )
    emit(answer, options)
    return REFUTED if verdict.status == "refuted" else DONE


@_command("eval")
@click.argument("expression", metavar="EXPR", type=_Text())
def eval_(options: Options, expression: str) -> int:
    """Compute EXPR or its derivative at a point.

    With --wrt it is the derivative. The values of the variables come from a file.

    \b
    Examples:
      derivgen eval "w.T @ x" --where "w, x in R^n" --at point.json
      derivgen eval "softmax(x)" --wrt x --where "x in R^n" --at point.npz --to json
    """
    form = output_format(options)
    names = split_names(options.wrt)
    point = read_point(str(options.at))
    from derivgen.check.evaluate import evaluate
    from derivgen.derivation import derive as run
    from derivgen.derivation.numbers import lengths
    from derivgen.read.question import read_any

    preamble = choices_of(options)["preamble"]
    arrays = {}
    with bounded(options.timeout):
        for name in names:
            derivation = run(
                expression, name, options.where, order=options.order, structured=options.structured,
                define=options.define, dialect=options.dialect, preamble=preamble, check=False,
            )  # fmt: skip
            arrays[name] = derivation.evaluate(point, options.layout)
        if not names:
            given = read_any(
                expression, options.where, define=options.define, dialect=options.dialect, preamble=preamble
            )
            arrays[""] = evaluate(given.expression, {**lengths(given.declarations.symbols.values(), point), **point})
    for array in arrays.values():
        if array.size > MOST_NUMBERS:
            raise CheckError(
                f"{array.size:,} numbers are too many to print, more than {MOST_NUMBERS:,}",
                hint="take smaller arrays, or Derivation.evaluate in Python",
            )
    if form == "json":
        found = [
            {"expression": expression, "wrt": name or None, "layout": options.layout if name else None,
             "structured": options.structured if name else None, "shape": list(array.shape), "value": array.tolist()}
            for name, array in arrays.items()
        ]  # fmt: skip
        emit(dump(found[0] if len(found) == 1 else found), options)
    else:
        emit("\n\n".join(map(grid, arrays.values())), options)
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
    from derivgen.site.folder import render_folder
    from derivgen.work.store import Store
    from derivgen.work.workers import SECONDS, Workers

    if options.jobs is not None and options.jobs < 1:
        raise click.UsageError("--jobs is at least 1")
    store = Store(
        _cache(options), Workers(options.jobs, SECONDS if options.timeout is None else sensible(options.timeout))
    )
    try:
        made = render_folder(source, target, options, store, lambda done, count: say(f"{done} of {count} derivations"))
    except BaseException:
        store.stop()
        raise
    store.close()
    for problem in made.problems:
        say(f"{problem.level}: {problem}")
    say(f"{made.pages} pages with {made.derivations} derivations")
    if any(p.broken for p in made.problems):
        return BAD_INPUT
    return REFUTED if any(p.level == "error" for p in made.problems) else DONE


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
    from derivgen.derivation.examples import live, pages
    from derivgen.show.document import rulebook

    known = pages()
    if name is None:
        chosen = list(known.values())
        printed = {"text": rulebook.index_text, "markdown": rulebook.index_markdown}
        emit(printed[form](chosen) if form in printed else dump([rulebook.page_data(r, live) for r in chosen]), options)
        return DONE
    rule = known.get(name.strip().lower().replace("_", "-").replace(" ", "-"))
    if rule is None:
        close = difflib.get_close_matches(name, known, 1)
        hint = f"did you mean {close[0]}?" if close else "derivgen rules lists them all"
        raise NameUnknown(f"there is no rule called {name}", hint=hint)
    page = {"text": rulebook.page_text, "markdown": rulebook.page_markdown}
    emit(page[form](rule, live) if form in page else dump(rulebook.page_data(rule, live)), options)
    return DONE


@_command("run")
@click.argument("file", metavar="FILE.yml")
def run(options: Options, file: str) -> int:
    """Make all derivations listed in a YAML file.

    The keys are those of derive's options: wrt, where, let, define, order, layout, structured, method, detail, notation, from,
    preamble, to, check, seed, samples, timeout. Those at the top hold for all derivations; each has an expression, and may have a
    title, an id, and the name of its output. Where 'to' is a list there is a file for each format.

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
    if options.jobs is not None and options.jobs < 1:
        raise click.UsageError("--jobs is at least 1")
    from derivgen.work import batch
    from derivgen.work.worklist import read_list

    jobs = read_list(file)
    workers = min(options.jobs or os.cpu_count() or 1, MOST_WORKERS)
    cache = _cache(options)
    with click.progressbar(
        length=len(jobs), label="deriving", file=sys.stderr, hidden=not is_terminal(sys.stderr)
    ) as bar:
        made = batch.run(
            jobs,
            Path(options.output_dir),
            workers=workers,
            cache=cache,
            timeout=options.timeout,
            tick=lambda: bar.update(1),
        )
    for m in made:
        if m.message:
            word = {"refuted": "refuted", "unchecked": "warning"}.get(m.verdict, "error")
            say(f"{word}: " + (f"{file}:{m.line}: " if m.line else "") + f"{m.name}: {m.message}")
    emit(batch.summary(made), options)
    verdicts = {m.verdict for m in made}
    return REFUTED if "refuted" in verdicts else BAD_INPUT if "error" in verdicts else DONE
