"""One option as one face shows it, and how what is given for it is read: as text, or as plain data."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from numbers import Integral, Real
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin
from unicodedata import category

from derivgen.deadline import sensible
from derivgen.errors import ParseError, proposal
from derivgen.files import read_text

LONGEST_FILE = 1_000_000
"""Characters of a file that holds the value of an option."""

_TRUTH = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_WANTED = {bool: "yes or no", int: "a whole number", float: "a number", str: "a text"}
_TURNS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
"""What turns the direction of all text behind it."""


def is_on(text: str) -> bool:
    """Whether a text says yes; one that says neither yes nor no does not."""
    return _TRUTH.get(text.strip().lower(), False)


def split_names(text: str) -> tuple[str, ...]:
    """The variables of ``wrt``, split at the commas outside brackets.

    Raises:
        ParseError: there is no name between two commas.
    """
    names: list[str] = []
    depth, begin = 0, 0
    for k, letter in enumerate(text + ","):
        depth += (letter in "([{") - (letter in ")]}")
        if letter == "," and (depth <= 0 or k == len(text)):
            names.append(text[begin:k].strip())
            begin = k + 1
    if not all(names):
        raise ParseError(f"{text!r} names no variable between its commas", hint="write w,x for two variables")
    return tuple(names)


def split_words(text: str) -> tuple[str, ...]:
    """The words of a text, between commas or spaces."""
    return tuple(text.replace(",", " ").split())


def identifier(text: str) -> str:
    """An id as it was given.

    Raises:
        ParseError: it is none.
    """
    if text and not re.fullmatch(r"[A-Za-z][\w.-]*", text):
        raise ParseError(
            f"{text[:40]!r} is no id", hint="an id is a letter, and then letters, digits, '-', '_' and '.'"
        )
    return text


def visible(title: str) -> str:
    """A title as it was given.

    Raises:
        ParseError: it has a character that is not visible, or that turns the writing round.
    """
    hidden = next((ch for ch in title if category(ch) == "Cc" or ch in _TURNS), "")
    if hidden:
        raise ParseError(f"the title has a character that is not visible, U+{ord(hidden):04X}", hint="take it out")
    return title


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """An option as one face shows it.

    Attributes:
        name: of the field, and of the keyword in Python.
        key: how the face spells it; where a switch has a value, it is called by what it turns on.
        kind, values, default: the Python type of one value, those that are allowed, or none, and what it is without.
        many: whether it may have several values.
        help: one sentence, in the imperative.
        flags: how the command line spells it; the first is the long one. For a switch, the flag that turns it off.
        metavar: what stands for its value in a usage line.
        separator: what joins several texts to one: those of the site, the page and the block, too.
        adds: whether its several values come to those of the site and the page, and do not take their place.
        required: whether the face cannot do without it.
        on: for a switch, what it does when it is on: the faces that write "yes" or "no" say this.
        least: the smallest number that makes sense.
        file: whether the face takes the name of a file, which holds the value.
        typed: whether the face has numbers and truth values, so that a text is none.
        split: what takes a text apart, or refuses it.
        unquoted: values that YAML takes for truth values where nobody quotes them.
    """

    name: str
    key: str
    kind: type
    values: tuple[Any, ...]
    default: Any
    many: bool
    help: str
    flags: tuple[str, ...] = ()
    metavar: str = ""
    separator: str = ""
    adds: bool = False
    required: bool = False
    on: str = ""
    least: int | None = None
    file: bool = False
    typed: bool = False
    split: Callable[[str], Any] | None = None
    unquoted: tuple[str, ...] = ()

    def value(self, given: object) -> Any:
        """What was given, as text or as plain data such as JSON has, as the value of this option.

        Raises:
            DerivgenError: it is none, or names a file that cannot be read. It is never shown whole: it may be endless.
        """
        if given is None and self.default is None:
            return None
        if isinstance(given, list | tuple) and not (self.many or self.separator):
            raise ParseError(f"{self.key} has one value, and {len(given)} are given")
        several = given if isinstance(given, list | tuple) else (given,)
        found = [self._read(self._text(part)) for part in several]
        if self.separator:
            return self.separator.join(filter(None, found))
        return tuple(one for part in found for one in part) or self.default if self.many else found[0]

    def _text(self, given: object) -> str:
        """The text of one value; plain data is written as its text would be."""
        if isinstance(given, str) and not (self.typed and self.kind is not str):
            return given
        if isinstance(given, bool) and "yes" in self.values:
            return "yes" if given else "no"
        if isinstance(given, bool) and str(given).lower() in self.unquoted:
            return str(given).lower()
        number = isinstance(given, Integral if self.kind is int else Real) and not isinstance(given, bool)
        if (self.kind is bool and isinstance(given, bool)) or (self.kind in (int, float) and number):
            return str(given)
        raise ParseError(f"{self.key} is {_WANTED[self.kind]}, not {named(given)}")

    def _read(self, text: str) -> Any:
        if self.file:
            return read_text(text, LONGEST_FILE) if text else ""
        if self.values:
            parts = split_words(text) if self.many else (text.strip(),)
            found = tuple(map(self._one_of, parts))
            return found if self.many else found[0]
        if self.split is not None:
            return self.split(text)
        if self.many:
            return (text,) if text.strip() else ()
        if self.kind is bool and text.strip().lower() in _TRUTH:
            return _TRUTH[text.strip().lower()]
        return text if self.kind is str else self._number(text)

    def _one_of(self, text: str) -> Any:
        known = [str(v) for v in self.values]
        if "yes" in known and text.lower() in _TRUTH:
            text = "yes" if _TRUTH[text.lower()] else "no"
        if text not in known:
            raise ParseError(f"{text[:40]!r} is no value of {self.key}", hint=proposal(text, known))
        return self.values[known.index(text)]

    def _number(self, text: str) -> Any:
        try:
            number = self.kind(text) if self.kind is not bool and len(text) < 40 else None
        except ValueError:
            number = None
        if number is None:
            raise ParseError(f"{self.key} is {_WANTED[self.kind]}, not {text[:40]!r}")
        if self.kind is float:
            return sensible(number)
        if self.least is not None and number < self.least:
            raise ParseError(f"{self.key} cannot be {number}", hint=f"take {self.name} of at least {self.least}")
        return number


def named(given: object) -> str:
    """What was given, in words for an error: a number or None as it is, else its type."""
    return repr(given) if isinstance(given, bool | int | float) or given is None else f"a {type(given).__name__}"


def taken_apart(hint: Any) -> tuple[type, bool, tuple[Any, ...]]:
    """A type as (the type of one value, whether there may be several, the values of a Literal)."""
    if get_origin(hint) in (Union, UnionType):
        hint = next(part for part in get_args(hint) if part is not type(None))
    if get_origin(hint) is Literal:
        values = get_args(hint)
        return type(values[0]), False, values
    if get_origin(hint) is tuple:
        kind, _, values = taken_apart(get_args(hint)[0])
        return kind, True, values
    return hint, False, ()
