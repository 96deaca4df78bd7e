"""A file of derivations to be made: YAML in, one job for each derivation and variable out; mistakes have their line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from derivgen.errors import DerivgenError, ParseError, Span, proposal
from derivgen.files import read_text
from derivgen.formats import parted, suffixes
from derivgen.options import Options, keys

if TYPE_CHECKING:
    import yaml

LONGEST = 1_000_000
"""Characters of a file."""

MOST_NODES = 100_000
"""Values in a file, those that an alias repeats counted each time."""

LIST, EXPRESSION = "derivations", "expression"


@dataclass(frozen=True, slots=True)
class Job:
    """One derivation by one variable (or by one list of scalars).

    Attributes:
        name: what it is called in the summary; unique.
        line: where it stands in the file, from 1 on.
        outputs: the files to be made, under the folder for all, with the format of each.
    """

    name: str
    line: int
    expression: str
    wrt: str
    options: Options
    outputs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A derivation of the file that cannot be asked for as it is written."""

    name: str
    line: int
    error: DerivgenError


@dataclass(slots=True)
class _Wanted:
    """The keys of one entry: option names with their values, each with the place that it stands at."""

    values: dict[str, Any] = field(default_factory=dict)
    formats: tuple[str, ...] = ()
    expression: str = ""
    output: str = ""


def read_list(file: str) -> list[Job | Refusal]:
    """The jobs of a file, in its order.

    Raises:
        DerivgenError: the file cannot be read, or is no list of derivations. A mistake in one of the derivations is a
            Refusal in its place.
    """
    return _Reader(file, read_text(file, LONGEST).removeprefix("\ufeff")).jobs()


class _Reader:
    """One file while it is read. All errors that leave it name the file and the line."""

    def __init__(self, file: str, source: str) -> None:
        self.file = file
        self.source = source
        self.known = keys("list")
        self.taken: dict[str, int] = {}

    def jobs(self) -> list[Job | Refusal]:
        root = self._composed()
        pairs = self._pairs(root, f"the file is a mapping of options, with the list {LIST!r}")
        shared, entries = _Wanted(), None
        for key, value in pairs:
            if key.value == LIST:
                entries = value
            else:
                self._take(key, value, shared, (*self.known, LIST))
        if entries is None:
            raise self._error(root, f"there is no list {LIST!r}", f"write '{LIST}:' and under it '- {EXPRESSION}: …'")
        if not _is(entries, "sequence"):
            raise self._error(entries, f"{LIST!r} is not a list", "begin each derivation with '- '")
        found: list[Job | Refusal] = []
        for k, entry in enumerate(entries.value, 1):
            try:
                found += self._entry(entry, shared, k)
            except DerivgenError as error:
                found.append(Refusal(self._called(entry, k), entry.start_mark.line + 1, error))
        return found

    # one entry

    def _entry(self, entry: yaml.Node, shared: _Wanted, k: int) -> list[Job]:
        own = replace(shared, values=dict(shared.values), formats=())
        for key, value in self._pairs(entry, f"a derivation is a mapping, with the key {EXPRESSION!r}"):
            self._take(key, value, own, (EXPRESSION, *self.known))
        if not own.expression.strip():
            raise self._error(entry, "this derivation has no expression", f"write '{EXPRESSION}: max(0, w.T @ x)'")
        names = own.values.get("wrt", ())
        if not names:
            raise self._error(entry, "this derivation does not say by what it is derived", "write 'wrt: w'")
        stem, by_suffix = parted(own.output)
        formats = own.formats or (by_suffix and (by_suffix,)) or shared.formats or ("text",)
        stem = stem or own.values.get("id") or _slug(own.values.get("title", "")) or f"derivation-{k}"
        jobs = []
        for name in names:
            called = stem if len(names) == 1 else f"{stem}-{_slug(name)}"
            outputs = tuple((called + suffixes(form)[0], form) for form in dict.fromkeys(formats))
            self._reserve(entry, outputs)
            options = Options(**{**own.values, "wrt": (name,)})
            jobs.append(Job(called, entry.start_mark.line + 1, own.expression, name, options, outputs))
        return jobs

    def _called(self, entry: yaml.Node, k: int) -> str:
        """A name for an entry with a mistake in it."""
        if _is(entry, "mapping"):
            named = {
                key.value: value.value for key, value in entry.value if _is(key, "scalar") and _is(value, "scalar")
            }
            for key in ("id", "output", "title"):
                if key in named:
                    return " ".join(named[key].split())[:40]
        return f"derivation-{k}"

    def _reserve(self, entry: yaml.Node, outputs: Sequence[tuple[str, str]]) -> None:
        for path, _ in outputs:
            before = self.taken.setdefault(path.casefold(), entry.start_mark.line + 1)
            if before != entry.start_mark.line + 1:
                raise self._error(entry, f"{path} is made by the derivation at line {before} already", "give one an id")

    # one key

    def _take(self, key: yaml.Node, value: yaml.Node, into: _Wanted, allowed: Sequence[str]) -> None:
        name = key.value
        if name not in allowed or not isinstance(name, str):
            hint = proposal(str(name), allowed)
            if name == "<<":
                hint = "what is common to all derivations stands at the top of the file"
            raise self._error(key, f"there is no key {str(name)!r} here", hint)
        if name == EXPRESSION:
            into.expression = self._text(value)
        elif name == "to":
            forms = [part for text in self._texts(value) for part in text.split(",")]
            into.formats = tuple(self._value("to", value, form) for form in forms)
        elif name == "output":
            into.output = self._path(value)
        elif name == "id":
            into.values["id"] = self._path(value)
        else:
            texts = self._texts(value)
            into.values[self.known[name].name] = self._value(name, value, texts if len(texts) != 1 else texts[0])

    def _value(self, key: str, at: yaml.Node, given: object) -> Any:
        try:
            return self.known[key].value(given)
        except DerivgenError as error:
            raise self._error(at, error.message, error.hint) from None

    def _path(self, value: yaml.Node) -> str:
        """A name of files, perhaps in folders under the one for all."""
        text = self._text(value).strip()
        parts = text.replace("\\", "/").split("/")
        strange = not text.isprintable() or any(ch in text for ch in ':*?"<>|')
        if strange or any(p.strip(". ") == "" or p.startswith("~") for p in parts):
            raise self._error(
                value, f"{text[:40]!r} is no name of a file in the output folder", "use letters, digits and -"
            )
        return "/".join(parts)

    # nodes

    def _texts(self, value: yaml.Node) -> tuple[str, ...]:
        """One text or a list of them."""
        return tuple(map(self._text, value.value)) if _is(value, "sequence") else (self._text(value),)

    def _text(self, value: yaml.Node) -> str:
        """A scalar as it is written: nothing is taken for a number, a date or a truth value."""
        if not _is(value, "scalar"):
            raise self._error(value, "a text is wanted here, not a list or a mapping", "put it in quotation marks")
        return str(value.value)

    def _pairs(self, node: yaml.Node, wanted: str) -> list[tuple[yaml.Node, yaml.Node]]:
        """The keys and values of a mapping, no key twice."""
        if not _is(node, "mapping"):
            raise self._error(node, wanted)
        seen: dict[str, int] = {}
        for key, _ in node.value:
            if not _is(key, "scalar"):
                raise self._error(key, "a key is a word")
            if key.value in seen:
                raise self._error(key, f"{key.value!r} stands here twice, first at line {seen[key.value]}")
            seen[key.value] = key.start_mark.line + 1
        return list(node.value)

    def _composed(self) -> yaml.Node:
        """The nodes of the document: nothing in it is constructed, whatever its tags ask for."""
        import yaml

        try:
            root = yaml.compose(self.source, Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as wrong:
            mark = wrong.problem_mark or wrong.context_mark
            at = mark.index if mark is not None else 0
            colon = "mapping values are not allowed" in (wrong.problem or "")
            hint = "a text with ': ' in it needs quotation marks" if colon else None
            raise self._placed(f"this is not YAML: {wrong.problem or wrong.context}", at, at + 1, hint) from None
        except yaml.reader.ReaderError as wrong:
            raise self._placed(f"this is not YAML: {wrong.reason}", wrong.position, wrong.position + 1) from None
        except RecursionError:
            raise DerivgenError(f"{self.file} is nested too deeply") from None
        if root is None:
            raise DerivgenError(f"{self.file} is empty", hint=f"write '{LIST}:' and under it '- {EXPRESSION}: …'")
        self._bounded(root)
        return root

    def _bounded(self, root: yaml.Node) -> None:
        """Refuse what aliases make endless: a value that holds itself, or more values than a file would list."""
        count = 0
        todo: list[tuple[Any, frozenset[int]]] = [(root, frozenset())]
        while todo:
            node, around = todo.pop()
            count += 1
            if count > MOST_NODES or id(node) in around or len(around) > 50:
                raise self._error(node, "the aliases or the nesting of this file have no end", "write the values out")
            inside = around | {id(node)}
            todo += [(child, inside) for child in _children(node)]

    def _error(self, node: yaml.Node, message: str, hint: str | None = None) -> DerivgenError:
        end = node.end_mark.index if _is(node, "scalar") else node.start_mark.index + 1
        return self._placed(message, node.start_mark.index, end, hint)

    def _placed(self, message: str, start: int, end: int, hint: str | None = None) -> DerivgenError:
        before = self.source[:start]
        line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
        return ParseError(
            f"{self.file}:{line}:{column}: {message}", span=Span(start, end), source=self.source, hint=hint
        )


def _is(node: yaml.Node, kind: str) -> bool:
    return bool(getattr(node, "id", "") == kind)


def _children(node: yaml.Node) -> Iterator[yaml.Node]:
    if _is(node, "mapping"):
        for key, value in node.value:
            yield key
            yield value
    elif _is(node, "sequence"):
        yield from node.value


def _slug(text: str) -> str:
    """A text as the name of a file."""
    words = "".join(ch if ch.isalnum() else " " for ch in text).split()
    return "-".join(words).lower()[:60]
