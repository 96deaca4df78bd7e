"""Names with their subscripts: variables, entries, rows, constants such as 𝟏 and I."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from derivgen.catalog import elementwise, linear, opaque
from derivgen.catalog.base import Constant
from derivgen.catalog.formulas import size as size_as_number
from derivgen.catalog.letters import Spelling
from derivgen.expr import At, Build, Call, Delta, Dim, Expr, Index, Number, Place, Position, Symbol
from derivgen.read.kinds.letters import BESIDE_PI
from derivgen.read.kinds.sizes import is_open
from derivgen.read.latex.commands import REFUSED
from derivgen.read.latex.names import plain_name, spelling, taken_apart
from derivgen.read.latex.products import Products
from derivgen.read.shapes import Said, described
from derivgen.read.surface import (
    Called,
    Chain,
    Derivative,
    Fenced,
    Grid,
    Infix,
    Letter,
    Literal,
    Product,
    Scripted,
    Surface,
    ungrouped,
)


class Entries(Products):
    """The part of the walk that looks names up. ``chosen`` is the number of axes of each constant, and what each ⊗ is."""

    if TYPE_CHECKING:

        def norm(self, s: Surface, inner: Surface, subs: tuple[Surface, ...]) -> Expr: ...
        def indicator(self, s: Surface) -> Expr: ...

    # --- names ---

    def letter(self, s: Surface, head: Letter, subs: tuple[Surface, ...]) -> Expr:
        """A name: a constant, an index, what is declared, or what its font says."""
        known = self.constant(s, head, subs)
        if known is not None:
            return known
        spelled = spelling(head.stem, subs)
        name = plain_name(s)
        if name is not None and name in self.scope:
            return Position(self.scope[name])
        found = self.lexicon.find(spelled)
        if found is not None and (found != BESIDE_PI or subs or head.font == "bold"):
            return self.declared(found, s)
        if subs:
            entry = self.entry_of_name(s, head, subs)
            if entry is not None:
                return entry
        elif head.stem == "π":
            return Call(elementwise.pi, ())
        elif head.stem == "e" and head.font in ("", "upright"):
            return Call(elementwise.exp, (Number(Fraction(1)),))
        elif len(head.stem) > 1 and head.font != "words" and all(self.lexicon.find(Spelling(c)) for c in head.stem):
            letters = tuple(Letter(head.span, c, head.font) for c in head.stem)  # \mathbf{Xw}
            return self.expr(Product(s.span, letters, ("",) * (len(letters) - 1)))
        if head.font == "words" or "_" in head.stem:
            raise self.fail(f"{self.said(s)} is no part of a formula", s)
        if head.font == "upright" and head.stem in REFUSED:
            raise self.fail(f"{self.said(s)}: {REFUSED[head.stem]}", s)
        hint = "declare the array in the where text" if subs else None
        raise self.fail(f"{self.said(s)} is no name that is declared", s, hint)

    def declared(self, name: str, s: Surface) -> Expr:
        symbol = self.declarations.symbols.get(name)
        if symbol is not None:
            return symbol
        if name in self.declarations.sizes:
            return size_as_number(Dim(name))
        if name in self.scope:
            return Position(self.scope[name])
        raise self.fail(f"{self.said(s)} is a function and stands without its argument", s, f"write {self.said(s)}(x)")

    def entry_of_name(self, s: Surface, head: Letter, subs: tuple[Surface, ...]) -> Expr | None:
        """Subscripts as the places of an entry: of a declared array, of a row of one, of I, as Kronecker's delta."""
        row = head.font == "bold"  # \mathbf x_{12} is row 12, X_{12} an entry
        found: list[tuple[Symbol, tuple[Surface, ...]]] = []
        for k in range(len(subs) - 1, -1, -1):
            atoms = self.atoms(subs[k:])
            if any(isinstance(a, Letter) and a.font == "upright" and len(a.stem) > 1 for a in atoms):
                break  # a word is part of a name
            name = self.lexicon.find(spelling(head.stem, subs[:k]))
            if name is None and row and len(atoms) == 1:  # \mathbf x_i is row i of X
                name = self.lexicon.find(spelling(head.stem.upper(), subs[:k]))
                symbol = self.declarations.symbols.get(name or "")
                if symbol is None or symbol.shape.rank != 2:
                    continue
            symbol = self.declarations.symbols.get(name or "")
            if symbol is not None and symbol.shape.axes:
                places = atoms if row else self.digits(atoms, symbol.shape.rank)
                found.insert(0 if len(places) == symbol.shape.rank else len(found), (symbol, tuple(places)))
        if found:
            return self.entry((s, found[0][0]), found[0][1])
        if head.stem == "δ" and len(atoms := self.atoms(subs)) == 2:
            left, right = map(self.place_like, atoms)
            if left is not None and right is not None:
                return self.delta(s, left, right)
        return None

    def delta(self, s: Surface, left: Place, right: Place) -> Expr:
        if isinstance(left, Index) and isinstance(right, Index) and not self.same(left.dim, right.dim):
            raise self.misfit(f"{left} runs to {left.dim}, {right} to {right.dim}", s)
        return Delta(left, right)

    # --- constants ---

    def constant(self, s: Surface, head: Letter, subs: tuple[Surface, ...]) -> Expr | None:
        """𝟏, 𝟎, I and 𝐞_i, their sizes from the context or from a subscript."""
        stem, font = head.stem, head.font
        op = self.declarations.glossary.letters.get(stem)
        if stem == "e" and font == "bold" and len(self.atoms(subs)) == 1 and not self.lexicon.knows("e"):
            return At(self.open_constant("eye", head), (self.place(self.atoms(subs)[0], self.unit(head)),))
        if not isinstance(op, Constant) or (font != "upright" and self.lexicon.knows(stem)):
            return None
        if op.axes is not None:
            return self.commutation(subs)
        name = op.name
        if not subs:
            return self.open_constant(name, s)
        if name == "ones" and len(subs) == 1 and isinstance(subs[0], Chain):
            return self.indicator(subs[0])
        sizes = self.sizes_below(subs)
        if sizes is None:
            e = self.open_constant(name, head)
            return self.entry((s, e), tuple(self.digits(self.atoms(subs), e.shape.rank)))
        if len(sizes) == 2 and name == "eye" and sizes[0] == sizes[1]:
            del sizes[1]
        return Call(self.declarations.glossary.constants[name], (), tuple(sizes))

    def commutation(self, subs: tuple[Surface, ...]) -> Expr | None:
        """K_mn of two sizes is the commutation matrix."""
        atoms = self.atoms(subs)
        if len(atoms) != 2 or not all(plain_name(a) in self.declarations.sizes for a in atoms):
            return None
        return Call(opaque.commutation, (), tuple(map(self.dim, atoms)))

    def unit(self, head: Letter) -> Dim:
        """The length of the unit vector that stands here."""
        return self.open_dim(f"eye {head.span.start}", head)

    def sizes_below(self, subs: tuple[Surface, ...]) -> list[Dim] | None:
        """A subscript as sizes: n, 3, m × n, and mn where m and n are sizes; None where it holds places."""
        parts: list[Surface] = []
        for s in subs:
            parts += s.factors if isinstance(s, Product) and set(s.signs) == {"×"} else [s]
        for p in parts:
            if isinstance(p, Literal):
                continue
            must_be_known = self.free_indices or isinstance(p, Product)
            for name in map(plain_name, self.atoms((p,))):
                if name is None or name in self.scope or (must_be_known and name not in self.declarations.sizes):
                    return None
        return [self.dim(p) for p in parts]

    def open_constant(self, name: str, s: Surface) -> Expr:
        key = f"{name} {s.span.start}"
        if self.chosen.get(key) == 2:
            rows, columns = self.open_dim(f"{key} rows", s), self.open_dim(f"{key} columns", s)
            return Call(self.declarations.glossary.constants[name], (), (rows, columns))
        return super().open_constant(name, s)

    # --- entries ---

    def atoms(self, subs: tuple[Surface, ...]) -> list[Surface]:
        """The places that subscripts hold: those without commas between them stand side by side."""
        found: list[Surface] = []
        for s in subs:
            found += s.factors if isinstance(s, Product) and not any(s.signs) else [s]
        return found

    def scripted(self, s: Scripted) -> Expr:
        head = taken_apart(s)
        if head is not None:
            return self.letter(s, *head)
        match s.base:
            case Fenced(_, "‖", (inner,)):
                return self.norm(s, inner, s.subs)
            case Fenced(_, "[", (inner,)) if not isinstance(inner, Grid):
                built = self.built(s, inner)
                if built is not None:
                    return built
            case Fenced(_, "(", (Derivative(_, Called(), (Literal(), *_)),)):
                self.layout_counts = False
                base = self.expr(s.base)
                self.layout_counts = True
                return self.entry((s.base, base), tuple(self.digits(self.atoms(s.subs), base.shape.rank)))
        e = self.expr(s.base)
        return self.entry((s.base, e), tuple(self.digits(self.atoms(s.subs), e.shape.rank)))

    def entry(self, part: Said, subs: tuple[Surface, ...]) -> Expr:
        """The entry of an array at places that count from 1; : is a whole axis."""
        base, array = part
        axes = array.shape.axes
        atoms = self.atoms(subs)
        whole = [isinstance(a, Letter) and a.stem == ":" for a in atoms]
        if len(atoms) > len(axes):
            hint = "leave the subscript out" if not axes else None
            raise self.misfit(f"{self.said(base)} is {described(array.shape)}: it has no {'further axis' if axes else 'entries'}",
                              base, hint)  # fmt: skip
        match whole:
            case [False, True]:  # row i, written as a row
                return Call(linear.transpose, (At(array, (self.place(atoms[0], axes[0]),)),))
            case [True, False]:
                return At(Call(linear.transpose, (array,)), (self.place(atoms[1], axes[1]),))
            case _ if any(whole):
                raise self.fail("at least one place must be given", base)
        return At(array, tuple([self.place(a, d) for a, d in zip(atoms, axes, strict=False)]))

    def transposed(self, operand: Surface) -> Expr:
        r"""X_{i,:}^{\mathsf T} is row i as a column."""
        e = super().transposed(operand)
        match e:
            case Call(outer, (Call(inner, (row,)),)) if outer is inner is linear.transpose and isinstance(
                operand, Scripted
            ):
                return row
            case Call(_, (Build(indices, body, False),)) if len(indices) == 1 and isinstance(operand, Scripted):
                return Build(indices, body, row=True)
            case _:
                return e

    def digits(self, atoms: list[Surface], rank: int) -> list[Surface]:
        """X_{12} is at places 1 and 2 of a matrix, x_{12} at place 12 of a vector; the digits are parted."""
        match atoms:
            case [Literal(span, value)] if rank == 2 and 10 < value < 100 and value.denominator == 1:
                return [Literal(span, Fraction(d)) for d in str(value)]
            case _:
                return atoms

    def place(self, s: Surface, dim: Dim) -> Place:
        match s:
            case Literal(_, value) if value.denominator == 1 and value >= 1:
                if isinstance(dim.size, int) and not is_open(dim) and value > dim.size:
                    raise self.fail(f"place {value} is outside an axis of length {dim}", s)
                return int(value) - 1
            case Letter() | Scripted():
                name = plain_name(s)
                if name is not None:
                    if name not in self.scope and self.is_new_index(name):
                        self.scope[name] = Index(name, self.open_dim(f"index {name}", s))
                    index = self.scope.get(name)
                    if index is not None:
                        if not self.same(index.dim, dim):
                            raise self.misfit(
                                f"{index} runs to {index.dim}, but the axis has length {dim}",
                                s,
                                f"let it run to {dim}, or give both one size",
                            )
                        return index
                raise self.fail(
                    f"{self.said(s)} is no index here",
                    s,
                    rf"an index is bound by a sum, such as \sum_{{{self.said(s)}=1}}^{{n}}",
                )
            case Infix(_, "+" | "-"):
                raise self.fail("an index cannot be shifted: it would run over the end of the axis", s,
                                "an index stands alone below its letter")  # fmt: skip
            case _:
                raise self.fail("a place is an index, or a number that counts from 1", s)

    def place_like(self, s: Surface) -> Place | None:
        match ungrouped(s):
            case Letter() | Scripted() as here:
                name = plain_name(here)
                if name is None:
                    return None
                if name not in self.scope and self.is_new_index(name):
                    self.scope[name] = Index(name, self.open_dim(f"index {name}", here))
                return self.scope.get(name)
            case Literal(_, value) if value.denominator == 1 and value >= 1:
                return int(value) - 1
            case _:
                return None

    def built(self, s: Scripted, inner: Surface) -> Expr | None:
        """[body]_{ij}, the array of these entries; None where the brackets hold an array already."""
        names: list[str] = []
        lengths: list[Surface | None] = []
        for atom in self.atoms(s.subs):
            match atom:
                case Chain(_, (index, length), ("≤",)):
                    name = plain_name(index)
                    lengths.append(length)
                case _:
                    name = plain_name(atom)
                    lengths.append(None)
            if name is None:
                return None
            names.append(name)
        outer = dict(self.scope)
        indices: list[Index] = []
        for atom, name, said in zip(self.atoms(s.subs), names, lengths, strict=True):
            dim = self.open_dim(f"built {name} {s.span.start}", atom) if said is None else self.dim(said)
            indices.append(Index(name, dim))
            self.scope[name] = indices[-1]
        body = self.expr(inner)
        self.scope = outer
        if body.shape.axes or len(set(names)) != len(names):
            return None
        return Build(tuple(indices), body)
