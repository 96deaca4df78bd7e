"""What a page needs of a derivation, as plain data: made once by the engine, kept in the cache, sent between processes."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from derivgen.deadline import TooLong
from derivgen.errors import DerivgenError
from derivgen.options import Options, chosen, declared, plain

SCHEMA = 4
"""Counted up when the fields below change."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """An error of the engine's, or why there is no answer.

    ``source`` is the text that it points into, from ``start`` to ``end``, where there is one; ``first`` is where in it the
    same thing stands before.
    """

    kind: str
    message: str
    hint: str | None = None
    source: str | None = None
    start: int | None = None
    end: int | None = None
    first: int | None = None

    @classmethod
    def of(cls, error: DerivgenError) -> Trouble:
        span = error.span
        return cls(
            error.kind,
            error.message,
            error.hint,
            error.source,
            span.start if span else None,
            span.end if span else None,
            error.first.start if error.first else None,
        )


@dataclass(frozen=True, slots=True)
class Record:
    """A derivation as a page shows it, or the trouble with it.

    Attributes:
        html: the card, with the marks of ``show.card`` for its id and number; for a sentence the answer alone.
        title: its heading.
        said: its headings and reasons, without mathematics.
        verdict: "verified", "refuted" or "unchecked".
        checked: whether the check was asked for.
        doubts: what was not verified: (status, where, evidence).
        rules: the rules that it uses, by name, with their titles.
        facts: what the report says of it, as an object of JSON: a build that derives nothing only copies it there.
        trouble: why there is nothing of all that.
        lasting: whether the same question gets the same record again.
    """

    html: str = ""
    title: str = ""
    said: str = ""
    verdict: str = "unchecked"
    checked: bool = True
    doubts: tuple[tuple[str, str, str], ...] = ()
    rules: dict[str, str] = field(default_factory=dict)
    facts: str = "{}"
    trouble: Trouble | None = None
    lasting: bool = True

    def told(self) -> dict[str, Any]:
        """The facts."""
        found = json.loads(self.facts)
        return found if isinstance(found, dict) else {}

    def dump(self) -> bytes:
        """A line of JSON, one with the facts, and the HTML as it is: most of a record is that, and it is read often."""
        head = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in ("html", "facts")}
        head["trouble"] = asdict(self.trouble) if self.trouble else None
        return f"{compact(head)}\n{self.facts}\n{self.html}".encode("utf-8", "surrogatepass")


def compact(data: Any) -> str:
    """JSON on one line, in ASCII."""
    return json.dumps(data, ensure_ascii=True, separators=(",", ":"))


def load(data: bytes) -> Record | None:
    """A record from its bytes; None if they are not those of a record."""
    try:
        end = data.index(b"\n")
        last = data.index(b"\n", end + 1)
        found = json.loads(data[:end])
        facts = data[end + 1 : last].decode("ascii")
        html = data[last + 1 :].decode("utf-8", "surrogatepass")
        trouble = found.pop("trouble")
        doubts = tuple((status, where, how) for status, where, how in found.pop("doubts"))
        return Record(html, **found, facts=facts, doubts=doubts, trouble=Trouble(**trouble) if trouble else None)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def failed(kind: str, message: str, hint: str | None = None) -> Record:
    """A record of something that may go better the next time."""
    return Record(trouble=Trouble(kind, message, hint), verdict="refuted", lasting=False)


def question(expression: str, options: Options, math: str, *, inline: bool = False) -> dict[str, Any]:
    """What is asked, as plain data."""
    asked = plain(replace(options, id=""), "block")  # an id is put in where the card is placed
    return {"expression": expression, "math": math, "inline": inline, **asked}


def make(asked: dict[str, Any]) -> Record:
    """Derive what is asked. No exception leaves this: an error is a record too."""
    try:
        if "book" in asked:
            from derivgen.site.book import make_book

            return make_book(asked["book"], asked["math"])
        return _made(asked)
    except TooLong as error:
        return failed(error.kind, error.message, error.hint)
    except DerivgenError as error:
        return Record(trouble=Trouble.of(error), verdict="refuted")
    except (RecursionError, MemoryError):
        return failed("too large", "the expression is too large or nested too deeply to be derived")
    except Exception as bug:
        what = " ".join(f"{type(bug).__name__}: {bug}".split())[:300]
        return failed("internal error", what, "this is a mistake in derivgen: please report it")


def _made(asked: dict[str, Any]) -> Record:
    from derivgen.derivation import derive_by
    from derivgen.derivation.report import every_step
    from derivgen.show.card import Card, answer, embedded, title_of
    from derivgen.show.document.context import answer_latex
    from derivgen.show.document.prose import for_terminal
    from derivgen.show.document.verdicts import evidence
    from derivgen.show.formats import markdown

    options = chosen({o.name: asked[o.name] for o in declared("block")})
    ds = [derive_by(asked["expression"], name, options) for name in options.wrt]
    math = asked["math"]
    title = options.title or title_of(ds)
    if math == "markdown":
        card = Card(markdown.plain(ds, options, inline=asked["inline"]))
    elif asked["inline"]:
        card = Card(", ".join(answer(d, math) for d in ds))
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
    verdicts = [d.verdict for d in ds]
    worst = next((v for v in ("refuted", "unchecked") if v in verdicts), "verified")
    answers = [{"text": str(d.result), "latex": answer_latex(d)} for d in ds]
    facts = {
        "expression": asked["expression"], "wrt": options.wrt, "where": options.where, **plain(options, "json"),
        "results": answers, "steps": [_fact(s) for d in ds for s in d.steps],
    }  # fmt: skip
    return Record(card.html, title, card.said, worst, options.check, tuple(doubts), rules, compact(facts))


def _fact(step: Any) -> dict[str, Any]:
    from derivgen.show.document.prose import for_terminal
    from derivgen.show.document.verdicts import evidence

    check = step.check
    return {
        "rule": step.rule, "title": for_terminal(step.title), "verdict": check.status if check else "unchecked",
        "evidence": for_terminal(evidence(check)) if check else "",
    }  # fmt: skip
