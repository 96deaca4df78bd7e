"""What dots stand for: the general entry of a series or of a table, found by comparing the first with the last."""

from __future__ import annotations

from dataclasses import fields
from fractions import Fraction
from typing import Any

from derivgen.errors import Span
from derivgen.read.surface import (
    Apply,
    Binder,
    Dots,
    Grid,
    Infix,
    Letter,
    Literal,
    Product,
    Scripted,
    Summed,
    Surface,
    Tabulated,
    Unsaid,
    fields_with_parts,
)

_LETTERS = "ijklpqrst"
_FIRST, _SECOND = Fraction(1), Fraction(2)


class _Differs(Exception):
    """Two entries are not of one form."""


class _General:
    """The common form of two entries: where one has ``low`` and the other the last place, there is an index."""

    def __init__(self, low: Fraction, index: str) -> None:
        self.low = low
        self.index = index
        self.last: Surface | None = None

    def of(self, a: Any, b: Any) -> Any:
        if isinstance(a, Surface) and isinstance(b, Surface):
            if same(a, b):
                return a
            if isinstance(a, Literal) and a.value == self.low and isinstance(b, Literal | Letter):
                if self.last is not None and not same(self.last, b):
                    raise _Differs
                self.last = b
                return Letter(a.span, self.index)
            if isinstance(a, Literal) and isinstance(b, Product) and 10 < a.value < 100 and a.value.denominator == 1:
                a = Product(
                    a.span, tuple([Literal(a.span, Fraction(d)) for d in str(a.value)]), ("",)
                )  # A_{11} and A_{1n}
            if type(a) is not type(b):
                raise _Differs
            return type(a)(*[getattr(a, f.name) if f.name in ("span", "named") else self.of(getattr(a, f.name), getattr(b, f.name))
                             for f in fields(a)])  # fmt: skip
        if isinstance(a, tuple) and isinstance(b, tuple) and len(a) == len(b):
            return tuple([self.of(x, y) for x, y in zip(a, b, strict=True)])
        if a == b and type(a) is type(b):
            return a
        raise _Differs


def same(a: Any, b: Any) -> bool:
    """Whether two trees say the same, wherever they stand."""
    if isinstance(a, Surface) and isinstance(b, Surface):
        return type(a) is type(b) and all(
            same(getattr(a, f.name), getattr(b, f.name)) for f in fields(a) if f.name not in ("span", "named")
        )
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    return bool(a == b)


def general(first: Surface, second: Surface | None, last: Surface, index: str) -> tuple[Surface, Surface] | None:
    """The entry at ``index`` and the last place, where the entries at 1 and 2 and the last are of one form."""
    form = _General(_FIRST, index)
    try:
        found = form.of(first, last)
        if form.last is None:
            return None
        after = _General(_SECOND, index)
        if second is not None and not (same(after.of(second, last), found) and same(after.last, form.last)):
            return None
    except _Differs:
        return None
    return found, form.last


def fresh(taken: frozenset[str]) -> str:
    """A letter for an index that is not taken; i with a subscript where all are."""
    return next((c for c in _LETTERS if c not in taken), "i_0")


def series(items: tuple[Surface, ...], taken: frozenset[str]) -> Surface | None:
    """a_1, a_2, …, a_n as [a_i for i in 1…n]; None where that is not what it is."""
    at = [k for k, item in enumerate(items) if isinstance(item, Dots)]
    if len(at) != 1 or at[0] not in (1, 2) or len(items) != at[0] + 2:
        return None
    index = fresh(taken | letters(items))
    found = general(items[0], items[1] if at[0] == 2 else None, items[-1], index)
    if found is None:
        return None
    span = items[0].span | items[-1].span
    return Tabulated(span, Binder(span, index, found[1]), found[0])


def repeated(items: tuple[Surface, ...], taken: frozenset[str]) -> Surface | None:
    """1, 1, …, 1 as so many of one; None where that is not what it is."""
    said = [item for item in items if not isinstance(item, Dots)]
    if len(said) != len(items) - 1 or len(said) < 2 or not all(same(said[0], other) for other in said[1:]):
        return None
    span = items[0].span | items[-1].span
    return Tabulated(span, Binder(span, fresh(taken | letters(items)), Unsaid(span)), said[0])


def between(s: Surface) -> Surface | None:
    r"""\ldots x_i \ldots as all x_i: what stands between dots, with its one index; None for anything else."""
    match s:
        case Product(span, (Dots(), *body, Dots()), (_, *signs, _)) if body and not any(signs):
            inner = body[0] if len(body) == 1 else Product(span, tuple(body), tuple(signs))
        case _:
            return None
    found = _places(inner)
    return Tabulated(span, Binder(span, found.pop(), Unsaid(span)), inner) if len(found) == 1 else None


def _places(s: Any) -> set[str]:
    """The single small letters that stand below others."""
    if isinstance(s, tuple):
        return set().union(*map(_places, s)) if s else set()
    if not isinstance(s, Surface):
        return set()
    own = (
        {sub.stem for sub in s.subs if isinstance(sub, Letter) and sub.stem in _LETTERS}
        if isinstance(s, Scripted)
        else set()
    )
    return own.union(*(_places(getattr(s, name)) for name in fields_with_parts(type(s))))


def total(s: Infix, taken: frozenset[str]) -> Surface | None:
    """a_1 + a_2 + … + a_n as a sum over an index, with what stands before it; None where that is not what it is."""
    terms: list[Surface] = [s.right]
    here: Surface = s.left
    while isinstance(here, Infix) and here.operator == "+":
        terms.insert(0, here.right)
        here = here.left
    terms.insert(0, here)
    if len(terms) < 3 or not isinstance(terms[-2], Dots) or sum(isinstance(t, Dots) for t in terms) != 1:
        return None
    for count in (2, 1):
        before, first = terms[: -2 - count], terms[-2 - count : -2]
        found = series((*first, *terms[-2:]), taken) if len(first) == count else None
        if isinstance(found, Tabulated) and isinstance(found.binder, Binder):
            added: Surface = Summed(found.span, (found.binder,), found.body)
            for term in reversed(before):
                added = Infix(s.span, "+", term, added)
            return added
    return None


def table(s: Grid, taken: frozenset[str]) -> Surface | None:
    """A matrix with dots as the list of its rows by two indices."""
    rows = [r for r in s.rows if not all(c is None or isinstance(c, Dots) for c in r)]
    if len({len(r) for r in rows}) != 1 or any(c is None for r in rows for c in r):
        return None
    across = [tuple(c for c in r if c is not None) for r in rows]
    down = len(s.rows) > len(rows)
    taken |= letters(tuple(across))
    i = fresh(taken)
    if len(across[0]) == 1:
        return None if not down else _column([r[0] for r in across], i, s.span)
    lines = [series(r, taken | {i}) for r in across]
    if not down or None in lines:
        return None
    bodies = [line for line in lines if isinstance(line, Tabulated)]
    found = general(bodies[0], bodies[1] if len(bodies) > 2 else None, bodies[-1], i)
    if found is None:
        return None
    return Tabulated(s.span, Binder(s.span, i, found[1]), found[0])


def _column(cells: list[Surface], index: str, span: Span) -> Surface | None:
    found = general(cells[0], cells[1] if len(cells) > 2 else None, cells[-1], index)
    return None if found is None else Tabulated(span, Binder(span, index, found[1]), found[0])


def diagonal_of(s: Grid, taken: frozenset[str]) -> Surface | None:
    """A matrix with nothing but zeros off its diagonal as diag of that; empty cells are zeros there."""
    dotted = _dotted_diagonal(s, taken)
    if dotted is not None:
        return dotted
    size = len(s.rows)
    if size < 2 or any(len(r) > size for r in s.rows):
        return None
    entries: list[Surface] = []
    empty = False
    for k, r in enumerate(s.rows):
        cells = [*r, *[None] * (size - len(r))]
        for j, cell in enumerate(cells):
            if j == k:
                if cell is None:
                    return None
                entries.append(cell)
            elif cell is None:
                empty = True
            elif not (isinstance(cell, Literal) and cell.value == 0):
                return None
    if not empty:
        return None
    whole: Surface | None = series(tuple(entries), taken) if any(isinstance(e, Dots) for e in entries) else None
    if whole is not None:
        return Apply(s.span, "diag", (whole,), s.span)
    return None if any(isinstance(e, Dots) for e in entries) else Apply(s.span, "diag", tuple(entries), s.span)


def _dotted_diagonal(s: Grid, taken: frozenset[str]) -> Surface | None:
    """A diagonal matrix of which dots leave out rows and columns in the middle."""
    rows = [r for r in s.rows if not all(c is None or isinstance(c, Dots) for c in r)]
    if len(rows) == len(s.rows) or len({len(r) for r in rows}) != 1:
        return None
    columns = [k for k in range(len(rows[0])) if not all(isinstance(r[k], Dots) for r in rows)]
    if len(columns) != len(rows) or len(rows) not in (2, 3) or len(columns) == len(rows[0]):
        return None
    cells = [[r[k] for k in columns] for r in rows]
    if not all(_is_zero(cell) for i, r in enumerate(cells) for j, cell in enumerate(r) if i != j):
        return None
    entries = [r[k] for k, r in enumerate(cells)]
    if any(e is None or _is_zero(e) for e in entries):
        return None
    items = (*entries[:-1], Dots(s.span), entries[-1])
    given = tuple([e for e in items if e is not None])
    if any(isinstance(cell, Letter) for i, r in enumerate(cells) for j, cell in enumerate(r) if i != j):
        return _blocks(s.span, given)
    found = series(given, taken) or repeated(given, taken)
    return None if found is None else Apply(s.span, "diag", (found,), s.span)


def _blocks(span: Span, items: tuple[Surface, ...]) -> Surface | None:
    """One array again and again along the diagonal of a matrix; None where they differ."""
    blocks = [item for item in items if not isinstance(item, Dots)]
    if not all(same(blocks[0], other) for other in blocks[1:]):
        return None
    return Apply(span, "kron", (Apply(span, "eye", (), span), blocks[0]), span)


def _is_zero(s: Surface | None) -> bool:
    match s:
        case Literal(_, value):
            return value == 0
        case Letter(_, "0", "bold"):  # an array of zeros, among blocks
            return True
        case _:
            return False


def letters(s: Any) -> frozenset[str]:
    """The letters that stand in a part, so that an index does not mean one of them."""
    if isinstance(s, tuple):
        return frozenset().union(*map(letters, s)) if s else frozenset()
    if isinstance(s, Letter):
        return frozenset((s.stem,))
    if isinstance(s, Surface):
        return frozenset().union(*(letters(getattr(s, name)) for name in fields_with_parts(type(s))))
    return frozenset()
