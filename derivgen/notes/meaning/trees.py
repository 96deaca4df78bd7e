"""Surface trees of an author's formulas: how they are read, walked and changed before anything is known of their letters."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import dropwhile, takewhile
from typing import Any

from derivgen.errors import ParseError
from derivgen.read.declarations import Declarations
from derivgen.read.kinds.letters import atoms, is_word
from derivgen.read.latex.grammar import Parser
from derivgen.read.latex.names import Lexicon, plain_name, taken_apart
from derivgen.read.latex.spelling import plain
from derivgen.read.latex.tokens import tokenise
from derivgen.read.surface import (
    Binder,
    Branches,
    Called,
    Chain,
    Derivative,
    Dots,
    Fenced,
    Group,
    Infix,
    Letter,
    Literal,
    Nabla,
    Primed,
    Product,
    Scripted,
    Sequence,
    Surface,
    Tabulated,
    Transposed,
    Unsaid,
    fields_with_parts,
    inside,
    walk,
)
from derivgen.tex.macros import Macro

OTHER = 0xFEE0
"""How far the letters are in Unicode that stand for italic ones beside bold ones of the same name."""

_INDICES = frozenset("ijklpq")

Name = tuple[str, bool]
"""The plain name of a letter, and whether it is bold."""


def parsed(
    source: str,
    low: int,
    high: int,
    known: Declarations,
    macros: Mapping[str, Macro],
    *,
    differentials: bool = False,
    holds: bool = False,
    called: frozenset[str] = frozenset(),
    labelled: frozenset[str] = frozenset(),
    spelled: frozenset[str] = frozenset(),
) -> Surface:
    """The tree of ``source[low:high]``, one side of an equation; where it ``holds``, what is not read may be in it.

    Letters that are ``called`` are functions before parentheses; what is ``labelled`` is part of a name above a letter, and
    what is ``spelled`` is a word.

    Raises:
        DerivgenError: it cannot be read, or is no expression.
    """
    tokens = tokenise(source, low, high, macros, known.glossary, holds=holds, document=True)
    parser = Parser(source, tokens, Lexicon(known, called, spelled))
    parser.differentials, parser.holds, parser.labelled, parser.document = differentials, holds, labelled, True
    try:
        found = parser.whole()
    except RecursionError:
        raise ParseError("the formula is nested too deeply", source=source) from None
    if isinstance(found, Chain | Sequence | Dots):
        raise ParseError("this is no expression", span=found.span, source=source)
    return found


def name_of(s: Surface) -> Name | None:
    """The name that a letter with all its subscripts is."""
    head = taken_apart(s)
    name = plain_name(s)
    return None if head is None or name is None else (name, head[0].font == "bold")


def base_of(s: Surface) -> Name | None:
    """The name without the places below it; an accent or a word belongs to it."""
    head = taken_apart(s)
    if head is None:
        return None
    words = tuple([sub.stem for sub in takewhile(is_word, head[1]) if isinstance(sub, Letter)])
    return plain(head[0].stem, words), head[0].font == "bold"


def is_numbered(name: Name, base: Name, known: Iterable[Name]) -> bool:
    """Whether u_2 is a letter of its own, as a u_1 among ``known`` is, and no entry of a u."""
    stem, bold = base
    return name[0].removeprefix(stem).isdigit() and any(
        other.startswith(stem) and other[len(stem) :].isdigit() for other, is_bold in known if is_bold == bold
    )


def names(s: Surface) -> Iterator[tuple[Surface, Name]]:
    """The names that occur, each at its place: a letter with its subscripts is one."""
    for part in walk(s, lambda part: () if taken_apart(part) is not None else inside(part)):
        base = base_of(part)
        if base is not None:
            yield part, name_of(part) or base


def changed(s: Surface, change: Callable[[Surface], Surface | None]) -> Surface:
    """The tree with parts replaced from the top on; what replaces a part is not looked into again."""
    new = change(s)
    if new is not None:
        return new
    found: dict[str, Any] = {}
    for name in fields_with_parts(type(s)):
        value = getattr(s, name)
        if isinstance(value, Surface):
            made = changed(value, change)
            if made is not value:
                found[name] = made
        elif isinstance(value, tuple) and value:
            parts = tuple([_inside(v, change) for v in value])
            if any(a is not b for a, b in zip(parts, value, strict=True)):
                found[name] = parts
    return replace(s, **found) if found else s


def _inside(v: Any, change: Callable[[Surface], Surface | None]) -> Any:
    if isinstance(v, Surface):
        return changed(v, change)
    if isinstance(v, tuple):
        parts = tuple([_inside(w, change) for w in v])
        return parts if any(a is not b for a, b in zip(parts, v, strict=True)) else v
    return v


def calls(s: Surface) -> Iterator[tuple[Called, Surface, int]]:
    """Functions before their arguments: each with the letter that is its name, and how many primes it has."""
    for part in walk(s):
        if isinstance(part, Called):
            primed = isinstance(part.head, Primed)
            head = part.head.base if isinstance(part.head, Primed) else part.head
            if taken_apart(head) is not None:
                yield part, head, part.head.count if primed and isinstance(part.head, Primed) else 0


def derivatives(s: Surface) -> Iterator[tuple[Surface, Surface]]:
    """What is differentiated by what: pairs of a body and one variable."""
    for part in walk(s):
        match part:
            case Derivative(_, body, by) if body is not None:
                for v in by:
                    yield unwrapped(body), unwrapped(v)
            case Nabla(_, body, by_one, _) if body is not None and by_one is not None:
                for v in by_one.items if isinstance(by_one, Sequence) else (by_one,):
                    yield unwrapped(body), unwrapped(v)


def varied(trees: Iterable[Surface]) -> set[str]:
    """The letters by which, or by whose entries, something is differentiated, in any font."""
    return {
        name[0]
        for tree in trees
        for _, by in derivatives(tree)
        for name in (name_of(by), base_of(by))
        if name is not None
    }


def unwrapped(s: Surface) -> Surface:
    """Without brackets around it, and without a transpose."""
    while True:
        match s:
            case Group(_, inner) | Transposed(_, inner) | Fenced(_, "(" | "[" | "{" | ".", (inner,)):
                s = inner
            case _:
                return s


def is_letter(s: Surface) -> bool:
    """Whether a part is a letter with anything below it."""
    return taken_apart(s) is not None


def is_named(s: Surface) -> bool:
    """Whether it is a letter, or a function."""
    return is_letter(s) or isinstance(s, Called)


def is_point(s: Surface | None) -> bool:
    """Whether a function is taken at a letter with a number or a word below it, such as x_0."""
    head = taken_apart(s.args[0]) if isinstance(s, Called) and len(s.args) == 1 else None
    return head is not None and all(isinstance(a, Literal) or is_word(a) for a in atoms(head[1]))


def stepped(trees: list[Surface]) -> Surface | None:
    r"""The letter that an iteration goes on from: w^{(t)} in w^{(t+1)} = w^{(t)} - \eta \nabla L; None where none does."""
    to = base_of(trees[0]) if trees and is_letter(trees[0]) else None
    for tree in trees[1:] if to is not None else ():
        match tree:
            case Infix(_, "+" | "-", left, _) if base_of(left) == to and is_letter(left):
                return left
    return None


def listed_in(s: Surface) -> Name | None:
    """The letter of which a matrix is a list, [w_1 w_2 … w_k] or (a_ij), and nothing else; None where it is another thing."""
    match s:
        case Group(_, Product(_, factors, signs)) if not any(signs) and any(isinstance(f, Dots) for f in factors):
            found = {base_of(f) for f in factors if not isinstance(f, Dots)}
        case Group(_, Scripted(_, Letter()) as entry) if len(atoms(entry.subs)) > 1:
            found = {base_of(entry)}
        case _:
            return None
    return found.pop() if len(found) == 1 else None


def is_zero(s: Surface) -> bool:
    """Whether it is the number 0, also a bold one."""
    s = unwrapped(s)
    head = taken_apart(s)
    return (isinstance(s, Literal) and s.value == 0) or (head is not None and head[0].stem == "0")


def is_kronecker(s: Surface) -> bool:
    """Whether a letter is Kronecker's delta, whatever a δ with fewer indices stands for."""
    head = taken_apart(s)
    return head is not None and head[0].stem == "δ" and len(atoms(head[1])) == 2 and not any(map(is_word, head[1]))


def mentioned(tree: Surface, defined: Iterable[Name]) -> Iterator[Name]:
    """The names that may stand for something: each with its subscripts, and without those that are places."""
    for s, name in names(tree):
        if is_kronecker(s):
            continue
        yield name
        base = base_of(s)
        if base is not None and not is_numbered(name, base, defined):
            yield base


def index_of(s: Surface) -> str | None:
    """The one small letter that stands below a name: i of p_i."""
    head = taken_apart(s)
    below = list(dropwhile(is_word, head[1])) if head is not None else []  # a word, or an accent, belongs to the name
    if len(below) != 1:
        return None
    match atoms(tuple(below)):
        case [Letter(_, stem, "")] if stem in _INDICES:
            return stem
        case _:
            return None


def indices_of(s: Surface) -> tuple[str, ...]:
    """The small letters that stand below a name, one or two: i and j of C_{ij}."""
    one, head = index_of(s), taken_apart(s)
    match atoms(tuple(dropwhile(is_word, head[1]))) if head is not None and one is None else ():
        case [Letter(_, i, ""), Letter(_, j, "")] if i != j and i in _INDICES and j in _INDICES:
            return i, j
        case _:
            return () if one is None else (one,)


def index_running(head: Surface, value: Surface, running: Container[str]) -> str:
    """The small letter below a head that is an index: it runs somewhere in the text, and stands below a letter of the value."""
    found = taken_apart(head)
    match atoms(found[1]) if found is not None else ():
        case [Letter(_, stem, "")] if len(stem) == 1 and stem in running:
            bound = {p.name for p in walk(value) if isinstance(p, Binder)}
            return stem if stem not in bound and any(stem in _places(p) for p in walk(value)) else ""
        case _:
            return ""


def _places(s: Surface) -> set[str]:
    """The letters that stand below a name, or below the value of a function."""
    return {a.stem for a in atoms(s.subs) if isinstance(a, Letter)} if isinstance(s, Scripted) else set()


def last_of_rows(s: Surface) -> Surface | None:
    """In a case that goes on with a sign, 0·x = 0, what it comes to."""
    if not isinstance(s, Branches):
        return None
    if not any(isinstance(value, Chain) for value, _ in s.rows):
        return None
    rows = [(v.sides[-1] if isinstance(v, Chain) and set(v.signs) == {"="} else v, when) for v, when in s.rows]
    return replace(s, rows=tuple(rows))


def applied_to_itself(s: Surface) -> Surface | None:
    """x(x + 1), which is a product, since no function stands in its own argument without one."""
    if not isinstance(s, Called) or len(s.args) != 1 or not is_letter(s.head):
        return None
    called = [c.head for c in walk(s.args[0]) if isinstance(c, Called)]
    name, heads = name_of(s.head), {id(h.base if isinstance(h, Primed) else h) for h in called}
    base = base_of(s.head) if not is_letter(s.args[0]) else None  # p_i(1 - p_k), but not f_1(f_2)
    if not any(id(part) not in heads and (n == name or base_of(part) == base) for part, n in names(s.args[0])):
        return None
    return Product(s.span, (s.head, Group(s.args[0].span, s.args[0])), ("",))


def changed_head(s: Surface, letter: Letter, subs: tuple[Surface, ...]) -> Surface:
    """The same name with another letter, and what stands below it."""
    return Scripted(s.span, letter, subs) if subs else replace(letter, span=s.span)


def changed_subs(subs: tuple[Surface, ...], change: Callable[[Surface], Surface | None]) -> tuple[Surface, ...]:
    """Subscripts, each changed throughout."""
    return tuple([changed(sub, change) for sub in subs])


def renamed_name(name: Name, one: set[str], two: set[str]) -> Name:
    """A name after bold letters of ``one`` have become plain, and plain ones of ``two`` letters of their own."""
    stem, bold = name
    if bold and stem in one:
        return stem, False
    if not bold and stem in two:
        return chr(ord(stem) + OTHER), False
    return name


def with_arguments(tree: Surface, params: tuple[Name, ...], args: Iterable[Surface]) -> Surface:
    """A tree with arguments in place of parameters."""
    given = dict(zip(params, args, strict=True))
    given |= {
        (stem, False): given[stem, True] for stem, bold in params if bold and (stem, False) not in given
    }  # u_i of u

    def put(s: Surface) -> Surface | None:
        name = name_of(s)
        if name in given:
            return Group(s.span, given[name])
        base = base_of(s)
        if base in given and isinstance(s, Scripted) and is_letter(given[base]):
            head = taken_apart(s)
            assert head is not None
            whole = given[base]
            new = taken_apart(whole)
            if (
                new is not None and new[0].font == "bold" and head[0].font != "bold"
            ):  # an entry, not one of several vectors
                whole = Group(s.span, whole)
            return Scripted(s.span, whole, head[1])
        return None

    return changed(tree, put)


def tabulated(s: Surface, indices: str) -> Surface:
    """An array by its entry, which has these indices."""
    for index in reversed(indices):
        s = Tabulated(s.span, Binder(s.span, index, Unsaid(s.span)), s, of_members=True)
    return s


def value_at(s: Surface) -> tuple[Called, str] | None:
    """A function of letters of which one entry is meant, f(x)_i, with the index of that; "" where the whole is."""
    whole, below = (s.base, s.subs) if isinstance(s, Scripted) and not is_letter(s) else (s, ())
    s = unwrapped(whole) if below else whole
    match s, atoms(below):
        case Called() as called, []:
            return called, ""
        case Called() as called, [Letter(_, stem, "")] if len(stem) == 1 and stem.islower():
            return called, stem
        case _:
            return None


def primed_bracket(s: Surface) -> Surface | None:
    """(f(x) g(x))' is the derivative by x, where that is the one letter that its functions are of."""
    match s:
        case Primed(_, Fenced(_, "(" | "[", (inner,)) | Group(_, inner) as body, count):
            given = [a for called, _, _ in calls(inner) for a in called.args if is_letter(a)]
            if given and len({name_of(a) for a in given}) == 1:
                return Derivative(s.span, Group(body.span, body), (given[0],) * count)
    return None
