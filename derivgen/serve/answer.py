"""What the page is told of a question: the card that a site would show, how it was read, and what can be copied."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from derivgen.errors import AmbiguousError, DerivgenError, ParseError
from derivgen.option import Option
from derivgen.options import Options, chosen, declared
from derivgen.site.answer import derived, guarded, shown
from derivgen.site.markdown_page import ANCHOR, NUMBER
from derivgen.site.record import compact

if TYPE_CHECKING:
    from derivgen.catalog.base import Abstract
    from derivgen.derivation.derivation import Derivation
    from derivgen.expr import Symbol
    from derivgen.read.reading import Read

FUNCTION = "derivgen.serve.answer:answer"
"""How the processes that derive are asked."""

FACE = "block"
"""The page offers what a block of a site has, so that one can be copied into the other."""


def offered() -> tuple[Option, ...]:
    """The options on the page. One that names a file of this machine would be none for it."""
    return tuple(o for o in declared(FACE) if not o.file)


def answer(asked: Mapping[str, Any]) -> bytes:
    """What is said to the expression and the options of a page, as a line of JSON; every error is an answer too.

    Markdown, which few want, is made when it is asked for, as the one ``part``.
    """
    if asked.get("part") == "markdown":
        return _markdown(asked)
    found: dict[str, Any] = {}
    record = guarded(lambda: shown(*_derived(asked, found)))
    options = found.pop("options", Options())
    if "letters" not in found:
        found["letters"] = []
        with contextlib.suppress(Exception):  # the error itself is told; of the letters as much as is to be had
            found["letters"] = _told(_letters_of(asked["expression"], options))
    return compact({
        "card": record.html.replace(NUMBER, "1", 1).replace(ANCHOR, "derivation"), "title": record.title, "verdict": record.verdict,
        "trouble": asdict(record.trouble) if record.trouble else None, **found,
    }).encode()  # fmt: skip


def _derived(asked: Mapping[str, Any], found: dict[str, Any]) -> tuple[Options, list[Derivation]]:
    """The options of a question and its derivations; what else the page wants to know goes to ``found``."""
    expression = asked["expression"]
    options = found["options"] = _options(asked)
    if not expression.strip():
        raise ParseError("there is no expression yet", hint="write one, or take an example")
    if not options.wrt:
        raise ParseError("it is not said by what it is derived", hint="name a variable")
    try:
        ds = derived(expression, options)
    except AmbiguousError as error:
        found["readings"] = [{"reading": reading, "where": where} for reading, where in error.readings]
        raise
    found["letters"] = _told(ds[0].reading.letters)
    found["choices"] = [f"{c.taken}{f': {c.instead}' if c.instead else ''}" for c in ds[0].reading.choices]
    found["block"] = block(expression, options)
    return options, ds


def _options(asked: Mapping[str, Any]) -> Options:
    known = {o.key for o in offered()}
    return chosen({key: value for key, value in asked["options"].items() if value or key not in known}, FACE)


def _markdown(asked: Mapping[str, Any]) -> bytes:
    from derivgen.show.formats import markdown

    with contextlib.suppress(Exception):  # the error was told with the card
        options = _options(asked)
        return compact(
            {"markdown": markdown.plain(derived(asked["expression"], options), options, inline=False)}
        ).encode()
    return b"{}"


def block(expression: str, options: Options) -> str:
    """The block of Markdown that asks the same."""
    lines = [expression.strip()]
    for o in declared(FACE):
        value = getattr(options, o.name)
        if value != o.default:
            lines += [f"{o.key}: {text}" for text in _texts(o, value)]
    return "\n".join(["```derivation", *lines, "```"])


def _texts(o: Option, value: Any) -> list[str]:
    """The value of an option as it stands behind its name, on a line or several."""
    if o.kind is bool:
        return ["yes" if value else "no"]
    if o.many and (o.values or o.split):
        return [", ".join(value)]
    parts = value if o.many else str(value).split("\n") if o.separator else [str(value)]
    return [" ".join(part.split()).rstrip(" ;") for part in parts if part.strip()]


def _letters_of(expression: str, options: Options) -> Sequence[Read]:
    """What is known of the letters of a question that was not derived: as it is read, else as it is declared."""
    from derivgen.read.declare import declare
    from derivgen.read.question import read_any
    from derivgen.read.reading import Read
    from derivgen.world import World

    with contextlib.suppress(DerivgenError):
        return read_any(expression, options, World.default().glossary, "".join(options.wrt[:1])).reading.letters
    known = declare(options.where)
    letters: list[Symbol | Abstract] = [*known.symbols.values(), *known.functions.values()]
    return [Read(one, "declared") for one in letters]


def _told(letters: Sequence[Read]) -> list[dict[str, Any]]:
    from derivgen.expr import Symbol
    from derivgen.read.reading import SAID
    from derivgen.show.card import SiteCard
    from derivgen.show.layout.declarations import declarations
    from derivgen.show.layout.notate import context
    from derivgen.show.layout.style import Style

    c = context(Style(symbols=tuple(one.letter for one in letters if isinstance(one.letter, Symbol))))
    told = []
    for one in letters:
        symbol = isinstance(one.letter, Symbol)
        (box,) = declarations([one.letter] if symbol else [], [] if symbol else [one.letter], c)  # type: ignore[list-item]
        told.append({
            "name": one.letter.name, "kind": one.kind, "where": one.where, "shown": SiteCard().formula(box),
            "how": SAID.get(one.source, one.source), "declared": one.source == "declared",
        })  # fmt: skip
    return told
