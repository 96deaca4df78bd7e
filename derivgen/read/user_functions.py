"""Functions that a reader defines: "mish(z) = z*tanh(softplus(z))"."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from derivgen.catalog.base import Abstract, Elementwise
from derivgen.catalog.letters import LATEX_LETTERS
from derivgen.catalog.sympy_derivative import own_function
from derivgen.catalog.user_functions import UserFunction
from derivgen.errors import DerivgenError, NameUnknown, ParseError, Span
from derivgen.expr import Add, Call, Cases, Expr, Mul, Number, Power, Symbol, walk
from derivgen.expr.text import name_of, text
from derivgen.read.declarations import Declarations, check_function_name, check_name
from derivgen.read.elaborate import elaborate
from derivgen.read.latex.names import plain_name as plain_of_latex
from derivgen.read.latex.spelling import plain
from derivgen.read.surface import Apply, Called, Letter, Scripted
from derivgen.read.text.characters import plain_name
from derivgen.read.text.numpy_like import surface
from derivgen.read.text.scan import looks_like_latex
from derivgen.read.wording import described

HINT = 'write define "mish(z) = z*tanh(softplus(z))"'

_HEAD = re.compile(r"\s*(?P<name>[^\W\d]\w*)\s*\((?P<arguments>[^()=]*)\)\s*=(?!=)")
_ARGUMENT = re.compile(r"\s*(?P<name>[^\W\d]\w*)\s*$")


def read_own(definitions: str | Iterable[str], declarations: Declarations, preamble: str = "") -> Declarations:
    """The declarations, and the functions that these texts define, each in terms of those before it.

    A definition that looks like LaTeX is read as that, whatever the expression is given in.
    """
    if isinstance(definitions, str):
        definitions = [part for part in re.split(r"(?<!\\);|\n", definitions) if part.strip()]
    for source in definitions:
        made = _read_latex(source, declarations, preamble) if looks_like_latex(source) else _read(source, declarations)
        declarations = replace(declarations, user_functions={**declarations.user_functions, made.name: made})
    return declarations


def _read(source: str, declarations: Declarations) -> UserFunction:
    head = _HEAD.match(source)
    if head is None:
        raise _no_head(source)
    name = _name(head["name"], head.start("name"), source)
    parameters = _parameters(head["arguments"], head.start("arguments"), source)
    scope = _scope(name, Span(*head.span("name")), parameters, source, declarations)
    try:
        # what stands before the formula is blanked, so that places in errors are those of the whole
        formula = elaborate(surface(" " * head.end() + source[head.end() :], scope.glossary), source, scope)
    except DerivgenError as wrong:
        wrong.source = source
        if not isinstance(wrong, NameUnknown):
            raise
        unknown = wrong
        if unknown.span is not None and source[unknown.span.start : unknown.span.end] == head["name"]:
            raise ParseError(f"{name} is defined by itself", span=unknown.span, source=source) from None
        meant = re.match(r"did you mean \w+\?", unknown.hint or "")
        unknown.hint = f"{meant[0]} {_made_of(parameters, 'A')}" if meant else _made_of(parameters)
        raise
    return _checked(name, formula, head.end(), source, scope)


def _read_latex(source: str, declarations: Declarations, preamble: str) -> UserFunction:
    r"""\operatorname{gelu}(z) = z\,(1 + \operatorname{erf}(z/\sqrt 2))/2."""
    from derivgen.read.latex.formula import parse_latex, window
    from derivgen.read.latex.formula import surface as latex_surface

    start, end = window(source)
    equals = source.find("=", start, end)
    if equals < 0:
        raise _no_head(source)
    left = source[:equals].rstrip().removesuffix(":")
    known = Declarations(glossary=declarations.glossary)
    head = latex_surface(" " * start + left[start:], known, preamble) if left[start:].strip() else None
    match head:
        case Apply(named=named):  # an operation, which gives its name away
            word = source[named.start : named.end].rstrip("} ").rpartition("\\")[2].rpartition("{")[2]
            name: str | None = plain(LATEX_LETTERS.get(word, word))
        case Called(head=Letter() | Scripted() as spelled_head):
            named, name = spelled_head.span, plain_of_latex(spelled_head)
        case _:
            raise _no_head(source)
    if name is None:
        raise _no_head(source)
    parameters: list[str] = []
    for arg in head.args:
        parameter = plain_of_latex(arg)
        if parameter is None:
            raise ParseError("an argument is a name", span=arg.span, source=source, hint=HINT)
        check_name(parameter, arg.span, source)
        if parameter in parameters:
            raise ParseError(f"{parameter} is named twice", span=arg.span, source=source)
        parameters.append(parameter)
    scope = _scope(name, named, parameters, source, declarations)
    spelled = source[named.start : named.end]
    try:
        formula = parse_latex(source[:end], scope, preamble, start=equals + 1)
    except NameUnknown as unknown:
        if unknown.span is None or not source.startswith(spelled, unknown.span.start):
            raise
        raise ParseError(f"{name} is defined by itself", span=unknown.span, source=source) from None
    for part in walk(formula):
        if isinstance(part, Call) and isinstance(part.op, Abstract) and part.op.name == name:
            raise ParseError(f"{name} is defined by itself", span=Span(equals + 1, end), source=source)
        stray = part.name if isinstance(part, Symbol) and part.name not in parameters else ""
        stray = stray or (part.op.name if isinstance(part, Call) and isinstance(part.op, Abstract) else "")
        if stray:
            raise NameUnknown(f"{stray} is not declared", span=Span(equals + 1, end), source=source,
                              hint=_made_of(parameters))  # fmt: skip
    return _checked(name, formula, equals + 1, source, scope)


def _no_head(source: str) -> ParseError:
    return ParseError(
        "a function is given as name(argument) = formula", span=Span(0, len(source)), source=source, hint=HINT
    )


def _made_of(parameters: list[str], article: str = "a") -> str:
    return f"{article} formula is made of its arguments, {', '.join(parameters)}, numbers, and functions of numbers"


def _scope(name: str, span: Span, parameters: list[str], source: str, declarations: Declarations) -> Declarations:
    """What may stand in the formula; the name must be new."""
    if name in declarations.names:
        raise ParseError(f"{name} has a meaning already", span=span, source=source, hint="choose another name")
    check_function_name(name, span, source)
    if name in parameters:
        raise ParseError(f"{name} is its own argument", span=span, source=source, hint="choose another name")
    return Declarations(
        {p: Symbol(p) for p in parameters}, user_functions=declarations.user_functions, glossary=declarations.glossary
    )


def _checked(name: str, formula: Expr, start: int, source: str, scope: Declarations) -> UserFunction:
    """The function, if its formula is one of numbers; it stands from ``start`` on."""
    span = Span(start + len(source[start:]) - len(source[start:].lstrip()), len(source.rstrip()))
    if formula.shape.axes:
        raise ParseError(
            f"the value of {name} is a number; this is {described(formula.shape)}", span=span, source=source
        )
    for part in walk(formula):
        if isinstance(part, Call) and name_of(part.op) == name:
            raise ParseError(f"{name} is defined by itself", span=span, source=source)
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
