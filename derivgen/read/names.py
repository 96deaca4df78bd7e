"""Names with what stands below them: variables, entries, rows, constants such as 𝟏 and I."""

from __future__ import annotations

from fractions import Fraction

from derivgen.catalog import elementwise, linear, opaque
from derivgen.catalog.base import GENERIC
from derivgen.catalog.formulas import size as size_as_number
from derivgen.errors import DerivgenError, NameUnknown
from derivgen.expr import (
    MINUS_ONE,
    Add,
    At,
    Build,
    Call,
    Delta,
    Dim,
    Expr,
    Index,
    Number,
    Pair,
    Place,
    Position,
    Symbol,
)
from derivgen.read.calculus import by_number
from derivgen.read.called import dependent
from derivgen.read.conditions import indicator
from derivgen.read.context import Context, Said
from derivgen.read.functions import is_function
from derivgen.read.kinds.letters import atoms, digits
from derivgen.read.kinds.meaning import ByItsSize, Dependent, Numeral, Several, Variable
from derivgen.read.latex.commands import REFUSED
from derivgen.read.latex.names import plain_name, taken_apart
from derivgen.read.places import free_index, open_constant, place, place_like, size
from derivgen.read.products import norm
from derivgen.read.surface import (
    Called,
    Chain,
    Derivative,
    Fenced,
    Grid,
    Group,
    Letter,
    Literal,
    Name,
    Paired,
    Scripted,
    Subscript,
    Surface,
)
from derivgen.read.wording import described, nearest

# --- names ---


def word(read: Context, s: Name) -> Expr:
    """A name in text, most often that of a variable."""
    symbol = read.declarations.symbols.get(s.name)
    return name(read, s) if symbol is None or s.name in read.scope else symbol


def name(read: Context, s: Name | Letter | Scripted) -> Expr:
    """A name: a constant, an index, or what is declared."""
    match read.letters.look_up(s):
        case Variable(symbol, places):
            if len(places) == 1 and symbol.shape.rank == 2 and _is_row(s, symbol):
                read.note(f"{read.said(s)} is row {read.said(places[0])} of {symbol.name}", s)
            if len(places) == 1 and symbol.shape.rank == 2 and read.of.free_indices and _is_capital(s, symbol):
                read.note(f"{read.said(s)} is read as row {read.said(places[0])} of {symbol.name}, set upright", s)
            return entry(read, (s, symbol), places) if places else symbol
        case Numeral("index", index):
            along = read.scope[index] if index in read.scope else place_like(read, s)
            if not isinstance(along, Index):
                raise read.fail(f"{index} is no index here", s).marked("letter")
            at = Position(along)
            return at if read.of.latex else Add((at, MINUS_ONE))  # text counts from 0
        case Numeral("size", length):
            return size_as_number(Dim(length))
        case Numeral("constant", constant):
            return Call(read.declarations.glossary.constants[constant], ())
        case Numeral("e"):
            return Call(elementwise.exp, (Number(Fraction(1)),))
        case Numeral("indicator", _, (relation,)):
            return indicator(read, relation)
        case Numeral("delta", _, (one, other)) if (delta := _delta(read, s, one, other)) is not None:
            return delta
        case ByItsSize(constant, subs):
            return constant_of(read, constant, subs, s)
        case Dependent(letter):
            return dependent(read, letter)
        case Several(product):
            return read.expr(product)
        case _ if (free := free_index(read, s)) is not None:
            return Position(free)
        case _ if isinstance(s, Name):
            raise _unknown_in_text(read, s)
        case _:
            raise _unknown(read, s)


def _is_row(s: Surface, symbol: Symbol) -> bool:
    """Whether an italic letter stands for a row of the matrix of its capital."""
    head = taken_apart(s)
    return head is not None and head[0].font != "bold" and head[0].stem.upper() == symbol.name != head[0].stem


def _is_capital(s: Surface, symbol: Symbol) -> bool:
    """Whether a capital letter with one place stands for a row of the matrix of the same letter."""
    head = taken_apart(s)
    return head is not None and head[0].stem == symbol.name and head[0].stem.isupper()


def _unknown(read: Context, s: Letter | Scripted) -> DerivgenError:
    said, plain = read.said(s), plain_name(s)
    head, subs = taken_apart(s) or (Letter(s.span, ""), ())
    if plain in read.declarations.functions or plain in read.declarations.user_functions:
        unsaid = f"{said} is a function and stands without its argument"
        return read.fail(unsaid, s, f"write {said}(x)").marked("letter")
    if head.font == "words" or "_" in head.stem:
        return read.fail(f"{said} is no part of a formula", s)
    if head.font == "upright" and head.stem in REFUSED:
        return read.fail(f"{said}: {REFUSED[head.stem]}", s)
    hint = "declare the array in the where text" if subs else None
    return read.fail(f"{said} is no name that is declared", s, hint).marked("undeclared", said)


def _unknown_in_text(read: Context, s: Name) -> DerivgenError:
    name = s.name
    if name == GENERIC.name:
        return read.fail("◯ stands between two operands", s, "its derivatives are D(◯, 0)(u, v) and D(◯, 1)(u, v)")
    if name in read.declarations.functions:
        return read.fail(f"{name} is a function and stands without its argument", s, f"write {name}(x)")
    if is_function(read, name):
        return read.fail(f"{name} is an operation and stands without its argument", s, f"write {name}(x)")
    near = nearest(name, read.declarations.names)
    space = "R^(m*n)" if len(name) <= 2 and name[0].isupper() else "R^n"
    declare = f'declare it in the where text: "{name} in {space}", or "{name} in R" for a scalar'
    hint = f"did you mean {near}? Or {declare}" if near else declare
    if near is None and name.isalpha() and name.isupper() and 1 < len(name) < 6:  # trace(AXB)
        hint = f"a product is written {' @ '.join(name)}, each letter declared; {declare}"
    return NameUnknown(f"{name} is not declared", span=s.span, hint=hint, source=read.source)


def _delta(read: Context, s: Surface, one: Surface, other: Surface) -> Expr | None:
    """Kronecker's delta of two places."""
    left, right = place_like(read, one), place_like(read, other)
    if left is None or right is None:
        return None
    if isinstance(left, Index | Pair) and isinstance(right, Index | Pair) and left.dim != right.dim:
        raise read.misfit(f"{left} runs to {left.dim}, {right} to {right.dim}", s).marked("lengths")
    return Delta(left, right)


# --- constants ---


def constant_of(read: Context, name: str, subs: tuple[Surface, ...], s: Surface) -> Expr:
    """A constant of the size below it, or of one that follows from what stands around it."""
    if name == "unit":
        n = read.length("eye", s)
        return At(Call(opaque.eye, (), (n,)), (place(read, atoms(subs)[0], n),))
    below = read.letters.sizes_below(subs) if subs else None
    if below is None:
        e = open_constant(read, name, s)
        return entry(read, (s, e), tuple(digits(atoms(subs), e.shape.rank))) if subs else e
    sizes = [size(read, p) for p in below]
    if name == "commutation":
        return Call(opaque.commutation, (), tuple(sizes))
    if len(sizes) == 2 and name == "eye" and sizes[0] == sizes[1]:
        del sizes[1]
    return Call(read.declarations.glossary.constants[name], (), tuple(sizes))


# --- entries ---


def scripted(read: Context, s: Scripted) -> Expr:
    """A letter, brackets or a value with something below."""
    if taken_apart(s) is not None:
        return name(read, s)
    match s.base:
        case Fenced(_, "‖", (inner,)):
            return norm(read, s, inner, s.subs)
        case Group(_, inner, "[") if not isinstance(inner, Grid):
            built = _built(read, s, inner)
            if built is not None:
                return built
        case Group(_, Derivative(_, Called(), (Literal(), *_)) as inner):
            e = by_number(read, inner, as_entries=True)
            return entry(read, (s.base, e), tuple(digits(atoms(s.subs), e.shape.rank)))
    e = read.expr(s.base)
    return entry(read, (s.base, e), tuple(digits(atoms(s.subs), e.shape.rank)))


def subscript(read: Context, s: Subscript) -> Expr:
    """Brackets behind an array, as text has them."""
    base, whole = s.array, read.expr(s.array)
    before: tuple[Place, ...] = ()
    if isinstance(base, Subscript) and isinstance(whole, At):  # X[i][j] is X[i, j]
        before, whole = whole.places, whole.array
        while isinstance(base, Subscript):
            base = base.array
    return entry(read, (base, whole), s.places, before, s)


def entry(
    read: Context, part: Said, subs: tuple[Surface, ...], before: tuple[Place, ...] = (), where: Surface | None = None
) -> Expr:
    """The entry of an array at places, some of them given ``before``; : is a whole axis."""
    base, array = part
    axes = array.shape.axes
    if len(axes) == 1 and not before and len(subs) == 2 and isinstance(axes[0].size, tuple):
        subs = (Paired(subs[0].span | subs[1].span, *subs),)  # y[l, k] of a vector of length nm
    if len(before) + len(subs) > len(axes):
        latex = read.of.latex
        hint = None if axes else "leave the subscript out" if latex else "leave the brackets out"
        if len(axes) == 1 and not latex:
            hint = f"one place is enough: {read.said(base)}[{read.said(subs[0])}]"
        missing = "further axis" if axes else "entries"
        said = f"{read.said(base)} is {described(array.shape)}: it has no {missing}"
        raise read.misfit(said, where or base, hint).marked("entry")
    match [isinstance(a, Letter) and a.stem == ":" for a in subs]:
        case [False, True]:  # row i, written as a row
            return Call(linear.transpose, (At(array, (place(read, subs[0], axes[0]),)),))
        case [True, False]:
            return At(Call(linear.transpose, (array,)), (place(read, subs[1], axes[1]),))
        case whole if any(whole):
            raise read.fail("at least one place must be given", base)
    return At(array, (*before, *[place(read, a, axes[len(before) + k]) for k, a in enumerate(subs)]))


def _built(read: Context, s: Scripted, inner: Surface) -> Expr | None:
    """[body]_{ij}, the array of these entries; None where the brackets hold an array already."""
    indices: list[Index] = []
    for atom in atoms(s.subs):
        index, said = (
            (atom.sides[0], atom.sides[1]) if isinstance(atom, Chain) and atom.signs == ("≤",) else (atom, None)
        )
        plain = plain_name(index)
        if plain is None:
            return None
        length = read.known_length("built", atom) if said is None else size(read, said)
        if length is None:
            return None
        indices.append(Index(plain, length))
    with read.running(*indices):
        body = read.expr(inner)
    if body.shape.axes or len({index.name for index in indices}) != len(indices):
        return None
    return Build(tuple(indices), body)
