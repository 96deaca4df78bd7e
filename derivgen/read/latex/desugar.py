"""What needs no shape is taken away from a surface tree: matrices by their cells, rows, diagonals, and what dots stand for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from derivgen.errors import ParseError
from derivgen.read.latex.dots import between, diagonal_of, repeated, series, table, total
from derivgen.read.latex.names import taken_apart
from derivgen.read.surface import (
    Apply,
    Binder,
    Called,
    Chain,
    Derivative,
    Dots,
    Fenced,
    Grid,
    Group,
    Held,
    Infix,
    Letter,
    Listed,
    Literal,
    Multiplied,
    Product,
    Quotient,
    Scripted,
    Sequence,
    Summed,
    Surface,
    Tabulated,
    Transposed,
    Unsaid,
    fields_with_parts,
    walk,
)


def desugared(s: Surface, source: str, taken: frozenset[str]) -> Surface:
    """The tree without grids and rows; ``taken`` are names that the index of what dots stand for cannot have.

    Raises:
        ParseError: cells or dots make no sense.
    """
    made = _part(s, source, taken)
    assert isinstance(made, Surface)
    return made


def _desugared(s: Surface, source: str, taken: frozenset[str]) -> Surface:
    match s:
        case Fenced(span, "|", (Grid(),) as grid):
            s = Apply(span, "det", grid, span)
        case Summed(_, binders, _):
            taken |= {binder.name for binder in binders}
        case Multiplied(_, Binder(_, name, _), _):
            taken |= {name}
    made = {name: _part(getattr(s, name), source, taken) for name in fields_with_parts(type(s))}
    if any(after is not getattr(s, name) for name, after in made.items()):
        s = replace(s, **made)
    match s:
        case Fenced(span, "[", (_, _, *_) as items):
            return Transposed(span, _listed(s, items, source, taken))
        case Group(span, Product() as inner, "[") if (several := _side_by_side(inner)) is not None:
            return Transposed(span, _listed(s, several, source, taken))
        case Apply(span, "diag", (Product() as inner,), named) if (found := between(inner)) is not None:
            return Apply(span, "diag", (found,), named)
        case Infix(_, "+") if (found := total(s, taken)) is not None:
            return found
        case Called(span, head, args) if any(isinstance(a, Dots) for a in args):
            return Called(span, head, _arguments(args, taken))
        case Product(_, factors, signs):
            means = {k: mean for k in range(1, len(factors)) if signs[k - 1] in ("", "·")
                     and (mean := _mean(factors[k - 1], factors[k], taken)) is not None}  # fmt: skip
            means |= {k: below for k in range(1, len(factors)) if signs[k - 1] in ("", "·")
                      and (below := _stacked(factors[k - 1], factors[k], taken)) is not None}  # fmt: skip
            return replace(s, factors=tuple([means.get(k, f) for k, f in enumerate(factors)])) if means else s
        case Apply(span, "diag", (_, _, *_) as items, named):
            return Apply(span, "diag", (_listed(s, items, source, taken),), named)
        case _:
            return s


def _stacked(left: Surface, right: Surface, taken: frozenset[str]) -> Surface | None:
    """In W [h_t, x_t] the letters of the list below each other, for a matrix is multiplied by a column."""
    head = taken_apart(left)
    if head is None or not head[0].stem[:1].isupper() or head[0].stem in taken:
        return None
    match right:
        case Transposed(_, Listed(_, items)) if len(items) > 1 and all(map(_is_indexed, items)):
            said = "a list is of scalars, or of rows: columns below each other are not read"
            return Held(right.span, "stacked", items, said, "a row is written x^{\\mathsf T}", (), "stacked")
        case _:
            return None


def _is_indexed(s: Surface) -> bool:
    found = taken_apart(s)
    return found is not None and (bool(found[1]) or found[0].font == "bold")


_HOW_MANY = frozenset("nmNMKTPdk")
"""Letters that say how many there are."""


def _mean(quotient: Surface, total: Surface, taken: frozenset[str]) -> Surface | None:
    r"""The sum of a mean, \frac1n \sum_i x_i, which runs as far as it is divided by, where nothing says how far it runs."""
    match quotient, total:
        case Quotient(_, _, under), Summed(_, (Binder(_, _, Unsaid()) as binder,), _):
            match under:
                case Letter() as length:
                    pass
                case Product(_, (Literal(), Letter() as length), ("",)):  # \frac1{2n}
                    pass
                case Infix(_, "-", Letter() as length, Literal(_, value)) if value == 1:
                    pass
                case _:
                    return None
            if length.stem not in _HOW_MANY or length.font == "bold" or length.stem in taken | {binder.name}:
                return None
            return replace(total, binders=(replace(binder, length=length),))
        case _:
            return None


def _part(before: Any, source: str, taken: frozenset[str]) -> Any:
    match before:
        case Surface():
            after = _desugared(before, source, taken)
            return _matrix(after, source, taken) if isinstance(after, Grid) else after
        case tuple():
            found = tuple([_part(one, source, taken) for one in before])
            return before if all(a is b for a, b in zip(found, before, strict=True)) else found
        case _:
            return before


def _listed(s: Surface, items: tuple[Surface, ...], source: str, taken: frozenset[str]) -> Surface:
    """The items, or what the dots among them stand for."""
    if not any(isinstance(i, Dots) for i in items):
        return Listed(s.span, items)
    found = series(items, taken) or repeated(items, taken)
    if found is None:
        raise ParseError("it is not clear what goes on here", span=s.span, source=source,
                         hint=r"write the first, dots and the last: x_1, \ldots, x_n")  # fmt: skip
    return found


def _side_by_side(s: Product) -> tuple[Surface, ...] | None:
    """Items of a row without commas, dots among them; each has as many factors as stand behind the dots."""
    dots = [k for k, factor in enumerate(s.factors) if isinstance(factor, Dots)]
    if len(dots) != 1 or any(s.signs):
        return None
    before, after = s.factors[: dots[0]], s.factors[dots[0] + 1 :]
    if not after or len(before) not in (len(after), 2 * len(after)):
        return s.factors if before and after else None
    parts = [before[k : k + len(after)] for k in range(0, len(before), len(after))]
    items = [_product(p) for p in (*parts, after)]
    return (*items[:-1], s.factors[dots[0]], items[-1])


def _cells(cell: Surface | None) -> tuple[Surface | None, ...]:
    """The cells of a row that are divided by blanks only, dots among them; ∂/∂x f ∂/∂y f are two."""
    match cell:
        case Product() if (several := _side_by_side(cell)) is not None:
            return several
        case Derivative(_, Product(_, factors, signs), by) if any(isinstance(p, Dots) for p in walk(cell)):
            own = next((k for k, f in enumerate(factors) if isinstance(f, Derivative | Dots)), 0)
            if not own or any(signs):
                return (cell,)
            rest = [c for f in factors[own:] for c in _cells(f)]
            return (replace(cell, body=_product(factors[:own]), by=by), *rest)
        case _:
            return (cell,)


def _product(factors: tuple[Surface, ...]) -> Surface:
    span = factors[0].span | factors[-1].span
    return factors[0] if len(factors) == 1 else Product(span, factors, ("",) * (len(factors) - 1))


def _arguments(args: tuple[Surface, ...], taken: frozenset[str]) -> tuple[Surface, ...]:
    """f(x, u_1, …, u_n) is of x and of all u."""
    at = next((k for k, a in enumerate(args) if isinstance(a, Dots)), None)
    for start in (at - 2, at - 1) if at is not None else ():
        found = series(args[start : at + 2], taken) if at is not None and start >= 0 else None
        if at is None or not isinstance(found, Tabulated):
            continue
        match found.body:
            case Scripted(_, Letter() as letter, (Letter(),)):
                one: Surface = letter
            case _:
                one = found
        return (*args[:start], one, *_arguments(args[at + 2 :], taken))
    return args


def _matrix(s: Grid, source: str, taken: frozenset[str]) -> Surface:
    """A matrix by its cells: a diagonal, a column, a row, or a full table."""

    def fail(message: str, where: Surface, hint: str | None = None) -> ParseError:
        return ParseError(message, span=where.span, source=source, hint=hint)

    if len(s.rows) > 1 and all(len(r) == 1 for r in s.rows):
        s = replace(s, rows=tuple([_cells(r[0]) for r in s.rows]))
    dots = any(isinstance(c, Dots) for r in s.rows for c in r)
    found = diagonal_of(s, taken) or (table(s, taken) if dots else None)
    if found is not None:
        return found
    if dots and len(s.rows) == 1 and None not in s.rows[0]:
        items = tuple([c for c in s.rows[0] if c is not None])
        if len(items) > 1:
            return Transposed(s.span, _listed(s, items, source, taken))
    elif dots:
        raise fail("it is not clear what goes on in this matrix", s)
    if len({len(r) for r in s.rows}) > 1:
        raise fail("the rows of this matrix are not of one length", s)
    cells = [[c for c in r if c is not None] for r in s.rows]
    if any(len(kept) < len(r) for kept, r in zip(cells, s.rows, strict=True)):
        raise fail("a cell of this matrix is empty", s, "a zero is written 0")
    for cell in (c for r in cells for c in r):
        if isinstance(cell, Chain):
            raise fail("an equation is no entry", cell)
    match cells:
        case [[Sequence(_, items)]]:
            return _listed(s, items, source, taken)
        case [[Product() as product]] if (several := _side_by_side(product)) is not None:
            return Transposed(s.span, _listed(s, several, source, taken))
        case [row] if len(row) > 1:
            return Transposed(s.span, Listed(s.span, tuple(row)))
        case _ if len(cells[0]) == 1:
            return Listed(s.span, tuple([r[0] for r in cells]))
        case _:
            return Listed(s.span, tuple([Listed(s.span, tuple(r)) for r in cells]))
