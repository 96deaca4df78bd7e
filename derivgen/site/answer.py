"""What is asked for a page, a derivation or a book, and the record that answers it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from derivgen.deadline import TooLong
from derivgen.errors import DerivgenError
from derivgen.options import Options, chosen, declared, plain
from derivgen.plugins import whose
from derivgen.site.book import make_book
from derivgen.site.record import Record, Trouble, compact, failed, load
from derivgen.work.store import Service

if TYPE_CHECKING:
    from derivgen.derivation.derivation import Derivation
    from derivgen.world import World

RECORDS = Service("derivgen.site.answer:answer", load, failed, lambda record: record.lasting)
"""The questions of pages."""


def answer(asked: Mapping[str, Any]) -> bytes:
    """The record of what is asked, as its bytes."""
    return make(asked).dump()


def make(asked: Mapping[str, Any]) -> Record:
    """Derive what is asked. No exception leaves this: an error is a record too."""
    return guarded(lambda: make_book(asked["book"], asked["math"]) if "book" in asked else _made(asked))


def guarded(make: Callable[[], Record]) -> Record:
    """A record, or one that says why it could not be made."""
    try:
        return make()
    except TooLong as error:
        return failed(error)
    except DerivgenError as error:
        return Record(trouble=Trouble.of(error), verdict="refuted")
    except (RecursionError, MemoryError):
        return failed(TooLong("the expression is too large or nested too deeply to be derived"))
    except Exception as bug:
        return failed(whose(bug))


def _made(asked: Mapping[str, Any]) -> Record:
    from derivgen.world import unpacked

    options = chosen({o.name: asked[o.name] for o in declared("block")})
    world = unpacked(asked["world"]) if "world" in asked else None
    return recorded(asked, options, derived(asked["expression"], options, world))


def derived(expression: str, options: Options, world: World | None = None) -> list[Derivation]:
    """The derivations of a block.

    Raises:
        DerivgenError: as ``derive`` does.
    """
    from derivgen.derivation import derive_by

    return [derive_by(expression, name, options, world) for name in options.wrt]


def shown(options: Options, ds: list[Derivation]) -> Record:
    """The card of derivations, without what a site finds and lists them by."""
    from derivgen.show.card import embedded, title_of
    from derivgen.show.document.prose import for_terminal

    title = options.title or title_of(ds)
    card = embedded(ds, options, title=title, math="mathml")
    return Record(card.html, title if options.title else for_terminal(title), verdict=_worst(ds))


def _worst(ds: list[Derivation]) -> str:
    """The verdict on all of them."""
    verdicts = [d.verdict for d in ds]
    return next((v for v in ("refuted", "unchecked") if v in verdicts), "verified")


def recorded(asked: Mapping[str, Any], options: Options, ds: list[Derivation]) -> Record:
    """The record of derivations that were made."""
    from derivgen.derivation.report import every_step
    from derivgen.show.card import Card, answer_alone, embedded, in_short, title_of
    from derivgen.show.document.context import answer_latex
    from derivgen.show.document.prose import for_terminal
    from derivgen.show.document.verdicts import evidence
    from derivgen.show.formats import markdown

    math = asked["math"]
    title = options.title or title_of(ds)
    if math == "markdown":
        card = Card(markdown.plain(ds, options, inline=asked["inline"]))
    elif asked["inline"]:
        card = Card(", ".join(answer_alone(d, math) for d in ds))
    else:
        card = embedded(ds, options, title=title, math=math)
    doubts: list[tuple[str, str, str]] = []
    rules: dict[str, str] = {}
    for d in ds:
        for k, step in enumerate(d.steps, 1):
            for inner in every_step((step,)):
                if inner.rule:
                    rules.setdefault(inner.rule, for_terminal(inner.title))
                if inner.check is not None and inner.check.status != "verified":
                    doubts.append(
                        (
                            inner.check.status,
                            f"step {k}, {for_terminal(inner.title)}",
                            for_terminal(evidence(inner.check)),
                        )
                    )
        if d.answer_check is not None and d.answer_check.status != "verified":
            doubts.append((d.answer_check.status, "the answer", for_terminal(evidence(d.answer_check))))
    answers = [{"text": str(d.result), "latex": answer_latex(d)} for d in ds]
    facts = {
        "expression": asked["expression"], "wrt": options.wrt, "where": options.where, **plain(options, "json"),
        "results": answers, "steps": [_fact(s) for d in ds for s in d.steps],
    }  # fmt: skip
    formula = "" if asked["inline"] or math == "markdown" else "<br>".join(in_short(d, math) for d in ds)
    title = title if options.title else for_terminal(title)
    return Record(card.html, title, formula, card.said, _worst(ds), options.check, tuple(doubts), rules, compact(facts))


def _fact(step: Any) -> dict[str, Any]:
    from derivgen.show.document.prose import for_terminal
    from derivgen.show.document.verdicts import evidence

    check = step.check
    return {
        "rule": step.rule, "title": for_terminal(step.title), "verdict": check.status if check else "unchecked",
        "evidence": for_terminal(evidence(check)) if check else "",
    }  # fmt: skip
