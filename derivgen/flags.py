"""The command line as it is read: the flags of a command, made from the options, and expressions that look like flags."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import click

from derivgen.console import STANDARD, read_input
from derivgen.errors import DerivgenError, proposal
from derivgen.option import Option
from derivgen.options import Options, declared

_FLAG = re.compile(r"--[A-Za-z]")

_MINUS = "\0"
"""Set before an expression that begins with a minus sign while click reads the line."""


def flags(face: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A decorator that gives a command the flags of ``face`` and hands it one Options record for all of them."""
    shown = declared(face)

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(**given: Any) -> Any:
            found = {o.name: _value(o, given.pop(o.name)) for o in shown}
            return command(Options(**found), **given)

        wrapped.__name__, wrapped.__doc__ = command.__name__, command.__doc__
        wrapped.__click_params__ = list(getattr(command, "__click_params__", ()))  # type: ignore[attr-defined]
        for o in reversed(shown):
            wrapped = _flag(o)(wrapped)
        return wrapped

    return decorate


WIDEST = 60
"""Columns of words that are listed beside a flag; more of them are part of its help."""


def _flag(o: Option) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    names = (o.name, *o.flags)
    if o.kind is bool:
        return click.option(*names, is_flag=True, help=o.help)
    many = o.many or bool(o.separator)
    words = [str(v) for v in o.values]
    listed = len("|".join(words)) > WIDEST
    return click.option(
        *names,
        type=_OneOf(words) if words else str,
        multiple=many,
        required=o.required,
        default=None if many or o.default not in o.values else str(o.default),
        show_default=bool(o.values) and o.default in o.values,
        metavar=o.metavar or ("NAME" if listed else None),
        help=f"{o.help} There are {', '.join(words[:-1])} and {words[-1]}." if listed else o.help,
    )


class _OneOf(click.Choice[str]):
    """Words that are listed and completed; what else is given the option refuses, as it does on all faces."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        return str(value)


def _value(o: Option, given: Any) -> Any:
    """What the command line gave for an option, as the Options record holds it."""
    if o.kind is bool:
        return given != o.default
    return o.default if given in (None, ()) else o.value(given)


class Expressions(click.Command):
    """A command whose arguments are expressions: one that begins with a minus sign is no option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As click does, but what begins with a minus sign and is no flag is an argument."""
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


class ExpressionText(click.ParamType):  # type: ignore[type-arg]
    """The text of an expression; ``-`` reads it from standard input."""

    name = "expression"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The text itself, or what standard input holds."""
        return read_input() if value == STANDARD else str(value).removeprefix(_MINUS)


def without_marks(message: str) -> str:
    """A message of click's in the letters that the user gave."""
    return message.replace(_MINUS, "")


def from_usage(usage: click.ClickException) -> DerivgenError:
    """An error of click's, in our own form."""
    ctx = getattr(usage, "ctx", None)
    message, hint = usage.format_message(), f"{ctx.command_path} --help shows the usage" if ctx else None
    if isinstance(usage, click.NoSuchOption) and usage.possibilities:
        message, hint = f"there is no option {usage.option_name}", proposal(usage.option_name, usage.possibilities)
    error = DerivgenError(without_marks(message), hint=hint)
    error.kind = "bad usage"
    return error
