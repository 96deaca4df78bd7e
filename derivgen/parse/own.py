"""Functions that a reader defines: "gelu(z) = z*(1 + erf(z/sqrt(2)))/2"."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from derivgen.catalog.base import Elementwise
from derivgen.catalog.own import Own
from derivgen.errors import DerivgenError, NameUnknown, ParseError, Span
from derivgen.expr import Add, Call, Cases, Expr, Mul, Number, Power, Symbol, walk
from derivgen.parse.characters import plain_name
from derivgen.parse.declare import Declarations, check_name, known_functions
from derivgen.parse.elaborate import elaborate
from derivgen.parse.fitting import described
from derivgen.parse.numpy_like import surface
from derivgen.sympy_derivative import own_function
from derivgen.text import text

HINT = 'write define "gelu(z) = z*(1 + erf(z/sqrt(2)))/2"'

_HEAD = re.compile(r"\s*(?P<name>[^\W\d]\w*)\s*\((?P<arguments>[^()=]*)\)\s*=(?!=)")
_ARGUMENT = re.compile(r"\s*(?P<name>[^\W\d]\w*)\s*$")


def read_own(definitions: str | Iterable[str], declarations: Declarations) -> Declarations:
    """The declarations, and the functions that these texts define, each in terms of those before it."""
    if isinstance(definitions, str):
        definitions = [part for part in re.split(r"[;\n]", definitions) if part.strip()]
    for source in definitions:
        made = _read(source, declarations)
        declarations = replace(declarations, own={**declarations.own, made.name: made})
    return declarations


def _read(source: str, declarations: Declarations) -> Own:
    head = _HEAD.match(source)
    if head is None:
        raise ParseError(
            "a function is given as name(argument) = formula", span=Span(0, len(source)), source=source, hint=HINT
        )
    name = _name(head["name"], head.start("name"), source)
    span = Span(*head.span("name"))
    if name in declarations.names:
        raise ParseError(f"{name} has a meaning already", span=span, source=source, hint="choose another name")
    if name in known_functions():
        raise ParseError(f"{name} is an operation already", span=span, source=source, hint="choose another name")
    parameters = _parameters(head["arguments"], head.start("arguments"), source)
    if name in parameters:
        raise ParseError(f"{name} is its own argument", span=span, source=source, hint="choose another name")
    scope = Declarations(symbols={p: Symbol(p) for p in parameters}, own=declarations.own)
    try:
        # what stands before the formula is blanked, so that places in errors are those of the whole
        formula = elaborate(surface(" " * head.end() + source[head.end() :]), source, scope)
    except DerivgenError as wrong:
        wrong.source = source
        if not isinstance(wrong, NameUnknown):
            raise
        unknown = wrong
        if unknown.span is not None and source[unknown.span.start : unknown.span.end] == head["name"]:
            raise ParseError(f"{name} is defined by itself", span=unknown.span, source=source) from None
        unknown.hint = f"a formula is made of its arguments, {', '.join(parameters)}, numbers, and functions of numbers"
        raise
    span = Span(head.end() + len(source[head.end() :]) - len(source[head.end() :].lstrip()), len(source.rstrip()))
    if formula.shape.axes:
        raise ParseError(
            f"the value of {name} is a number; this is {described(formula.shape)}", span=span, source=source
        )
    for part in walk(formula):
        if not _is_of_numbers(part):
            raise ParseError(f"{text(part)} cannot stand in the formula of {name}", span=span, source=source,
                             hint="a formula is made of its arguments, numbers, and functions of numbers")  # fmt: skip
    return own_function(name, tuple(scope.symbols.values()), formula)


def _name(name: str, at: int, source: str) -> str:
    plain = plain_name(name, at, source)
    check_name(plain, Span(at, at + len(name)), source)
    return plain


def _parameters(inside: str, at: int, source: str) -> list[str]:
    found: list[str] = []
    for piece in inside.split(","):
        match = _ARGUMENT.match(piece)
        if match is None:
            raise ParseError("an argument is a name", span=Span(at, at + max(len(piece), 1)), source=source, hint=HINT)
        start = at + match.start("name")
        name = _name(match["name"], start, source)
        if name in found:
            raise ParseError(f"{name} is named twice", span=Span(start, start + len(match["name"])), source=source)
        found.append(name)
        at += len(piece) + 1
    return found


def _is_of_numbers(e: Expr) -> bool:
    match e:
        case Number() | Symbol() | Add() | Mul() | Power() | Cases():
            return True
        case Call(Elementwise()):
            return True
        case _:
            return False
