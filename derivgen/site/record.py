"""What a page needs of a derivation, as plain data: made once by the engine, kept in the cache, sent between processes."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from derivgen.errors import DerivgenError
from derivgen.options import Options, plain


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
        """An error as what can be kept and sent."""
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
        formula: the question and its answer on a line, for lists of derivations.
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
    formula: str = ""
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


def failed(error: DerivgenError) -> Record:
    """A record of something that may go better the next time."""
    return Record(trouble=Trouble.of(error), verdict="refuted", lasting=False)


def question(expression: str, options: Options, math: str, *, inline: bool = False, world: str = "") -> dict[str, Any]:
    """What is asked, as plain data; ``world`` is packed, where it is not the default one."""
    asked = plain(replace(options, id=""), "block")  # an id is put in where the card is placed
    return {"expression": expression, "math": math, "inline": inline, **({"world": world} if world else {}), **asked}
