"""From LaTeX's surface tree to an expression: the same walk as for text, with what mathematics reads differently."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from derivgen.catalog import elementwise, formulas, linear, opaque
from derivgen.catalog.formulas import size as size_as_number
from derivgen.catalog.notation import Spelling
from derivgen.errors import DerivgenError, NameUnknown
from derivgen.expr import At, Build, Call, Delta, Dim, Expr, Index, Number, Place, Position, Power, Shape, Symbol, deep
from derivgen.parse.declare import Declarations
from derivgen.parse.elaborate import OPEN_CONSTANTS
from derivgen.parse.fitting import Said, SizeFound, described, is_open, nearest
from derivgen.parse.latex_calculus import Calculus
from derivgen.parse.latex_cases import Choices
from derivgen.parse.latex_guess import Guesses, Layout
from derivgen.parse.latex_names import Lexicon, plain_name, spelling, taken_apart
from derivgen.parse.surface import (
    Apply,
    Branches,
    Called,
    Chain,
    Derivative,
    Dots,
    Evaluated,
    Fenced,
    Grid,
    Infix,
    Letter,
    Literal,
    Multiplied,
    Nabla,
    Primed,
    Product,
    Quotient,
    Raised,
    Root,
    Scripted,
    Sequence,
    Surface,
    Unsaid,
    ungrouped,
)

MOST_RESTARTS = 300
"""How often a formula is gone through anew because a size was found."""


class RankFound(Exception):
    """A constant such as 𝟎 has met a matrix: the tree is made anew with it as one."""

    def __init__(self, constant: str) -> None:
        self.constant = constant


class LatexElaborator(Choices, Calculus):
    """One pass over the surface tree of a formula.

    Attributes:
        notes: what was guessed, in sentences.
        guesses: names that were not declared, with what their fonts say.
    """

    def __init__(
        self,
        source: str,
        declarations: Declarations,
        root: Surface,
        *,
        free_indices: bool = False,
        layout: Layout = "numerator",
        like: Shape | None = None,
        applied: Mapping[str, tuple[Expr, ...]] | None = None,
    ) -> None:
        super().__init__(source, declarations, free_indices=free_indices)
        self.lexicon = Lexicon(declarations)
        self.layout = layout
        self.like = like
        self.applied_to = dict(applied or {})
        self.guesses = Guesses(self, root)
        self.matrices: set[str] = set()
        self.notes: dict[str, None] = {}

    # --- the walk ---

    def run(self, s: Surface) -> Expr:
        for _ in range(MOST_RESTARTS):
            self.left_open.clear()
            self.notes.clear()
            self.scope = dict(self.declarations.indices)
            self.guesses.begin()
            self.layout_counts = True
            try:
                e = self.expr(s)
                if self.like is not None:
                    self.same_shape(e.shape, self.like)
                if self.guesses.name_sizes():
                    continue
            except SizeFound as known:
                self.found[known.open_size] = known.length
                continue
            except RankFound as known:
                self.matrices.add(known.constant)
                vector = Dim(f"?{known.constant}")
                self.found = {
                    open_size: length for open_size, length in self.found.items() if vector not in (open_size, length)
                }
                continue
            for where in self.left_open.values():
                name = self.said(where)
                raise self.fail(f"the size of {name} is not known here", where, f"write it below: {name}_n")
            self.guesses.report()
            return e
        raise self.fail("too many sizes are left open here", s, "declare the variables in the where text")

    def settled(self, dim: Dim) -> Dim:
        """What is known of a size that was left open."""
        while dim in self.found:
            dim = self.found[dim]
        return dim

    def note(self, sentence: str) -> None:
        self.notes[sentence] = None

    def expr_of(self, s: Surface) -> Expr:
        match s:
            case Letter():
                return self.letter(s, s, ())
            case Scripted():
                return self.scripted(s)
            case Product():
                return self.multiplied(s)
            case Infix(_, "⊗" | "⊘" | "∘"):
                return self.entrywise(s)
            case Quotient(_, over, under):
                return self.quotient(over, under)
            case Raised():
                return self.raised(s)
            case Primed(_, base, count):
                return self.primed(s, base, count)
            case Root(_, body, degree):
                return self.root(body, degree)
            case Fenced():
                return self.fenced(s)
            case Grid():
                return self.grid(s)
            case Branches():
                return self.branches(s)
            case Chain():
                return self.indicator(s)
            case Apply():
                return self.function_of(s)
            case Called():
                return self.called(s)
            case Derivative():
                return self.differentiated(s)
            case Nabla():
                return self.nabla(s)
            case Evaluated():
                return self.evaluated(s)
            case Multiplied():
                return self.product_over(s)
            case Dots():
                raise self.fail("dots are read in a matrix, in brackets and in \\operatorname{diag} only", s)
            case Sequence():
                raise self.fail("a comma stands between arguments and entries only", s, r"a row is written [f, g]")
            case _:
                return super().expr_of(s)

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
        if found is not None:
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
        return self.guesses.name(s, head, subs)

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
        if stem in ("1", "0"):
            name = "ones" if stem == "1" else "zeros"
        elif stem == "I" and (font == "upright" or not self.lexicon.knows("I")):
            name = "eye"
        elif stem == "e" and font == "bold" and len(self.atoms(subs)) == 1 and not self.lexicon.knows("e"):
            return At(self.open_constant("eye", head), (self.place(self.atoms(subs)[0], self.unit(head)),))
        else:
            return None
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
        return Call(OPEN_CONSTANTS[name], (), tuple(sizes))

    def unit(self, head: Letter) -> Dim:
        """The length of the unit vector that stands here."""
        return self.open_dim(f"eye {head.span.start}", head)

    def sizes_below(self, subs: tuple[Surface, ...]) -> list[Dim] | None:
        """A subscript as sizes: n, 3, m × n; None where it holds places."""
        parts: list[Surface] = []
        for s in subs:
            parts += s.factors if isinstance(s, Product) and set(s.signs) == {"×"} else [s]
        if any(not isinstance(p, Literal) and (plain_name(p) is None or plain_name(p) in self.scope) for p in parts):
            return None
        if self.free_indices and any(
            plain_name(p) not in self.declarations.sizes for p in parts if not isinstance(p, Literal)
        ):
            return None
        return [self.dim(p) for p in parts]

    def open_constant(self, name: str, s: Surface) -> Expr:
        key = f"{name} {s.span.start}"
        if key in self.matrices:
            return Call(OPEN_CONSTANTS[name], (), (self.open_dim(f"{key} rows", s), self.open_dim(f"{key} columns", s)))
        return Call(OPEN_CONSTANTS[name], (), (self.open_dim(key, s),))

    def same_shape(self, left: Shape, right: Shape) -> bool:
        if left.rank != right.rank:
            for shape, other in ((left, right), (right, left)):
                if shape.rank == 1 and other.rank == 2 and str(shape.axes[0]).startswith(("?ones", "?zeros")):
                    raise RankFound(str(shape.axes[0])[1:])
        return super().same_shape(left, right)

    def fit(self, what: str, parts: list[Said], where: Surface) -> None:
        """As for text; all sizes that the parts say of each other are noted before the formula is gone through anew."""
        arrays = [p for p in parts if p[1].shape.axes]
        known: SizeFound | None = None
        for part in arrays[1:]:
            a, b = arrays[0][1].shape, part[1].shape
            if a.rank != b.rank or a.row != b.row:
                break
            for left, right in zip(map(self.settled, a.axes), map(self.settled, b.axes), strict=True):
                if left != right and (is_open(left) or is_open(right)):
                    known = SizeFound(left, right) if is_open(left) else SizeFound(right, left)
                    self.found[known.open_size] = known.length
        if known is not None:
            raise known
        super().fit(what, parts, where)

    def dim(self, s: Surface) -> Dim:
        match ungrouped(s):
            case Unsaid():
                return self.open_dim(f"length {s.span.start}", s)
            case Literal(_, value) if value.denominator == 1 and 0 < value < 10**9:
                return Dim(int(value))
            case Letter() | Scripted() as here:
                head = taken_apart(here)
                found = self.lexicon.find(spelling(*_parts(head))) if head else None
                if found in self.declarations.sizes:
                    return Dim(found)
                name = plain_name(here)
                if found is None and name is not None and name not in self.scope:
                    return self.guesses.size(name)
                raise self.fail(
                    f"{self.said(s)} is no size", s, "a size is a name from the declarations, or a number from 1"
                )
        raise self.fail(
            f"{self.said(s)} is no size", s, "an index runs along a whole axis; a size is a name or a number"
        )

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
                            raise self.misfit(f"{index} runs to {index.dim}, but the axis has length {dim}", s)
                        return index
                raise self.fail(
                    f"{self.said(s)} is no index here",
                    s,
                    rf"an index is bound by a sum, such as \sum_{{{self.said(s)}=1}}^{{n}}",
                )
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
                case Chain(_, (index, length), ("<=",)):
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

    # --- fences ---

    def fenced(self, s: Fenced) -> Expr:
        match s.left, s.items:
            case "|", (Fenced() | Grid() as inner,) if isinstance(inner, Grid):
                return Call(opaque.det, (self.expr(inner),))
            case "|", (inner,):
                e = self.expr(inner)
                if e.shape.rank == 2:
                    self.note(
                        f"{self.said(s)} is read as the absolute value entry by entry; the determinant is written \\det"
                    )
                return Call(elementwise.absolute, (e,))
            case "‖", (inner,):
                return self.norm(s, inner, ())
            case "⟨", (left, right):
                return self.matmul((left, self.expr(left)), (right, self.expr(right)), s)
            case (("(" | "[" | "{" | "."), (inner,)):
                return self.expr(inner)
            case "[", _:
                return self.row(s)
            case _:
                raise self.fail("several items stand between these fences", s, r"a row is written [f, g]")

    def norm(self, s: Surface, inner: Surface, subs: tuple[Surface, ...]) -> Expr:
        """‖x‖ and ‖x‖₂, ‖x‖₁, ‖X‖_F."""
        e = self.expr(inner)
        kind = "".join(str(a.value) if isinstance(a, Literal) else getattr(a, "stem", "?") for a in self.atoms(subs))
        matrix = e.shape.rank == 2
        if not e.shape.axes:
            raise self.misfit(
                f"a norm is of a vector or a matrix: {self.shaped((inner, e))}", s, r"the absolute value is written |x|"
            )
        if kind in ("F", "Fro", "fro", "HS") or (not kind and matrix) or (kind in ("", "2") and not matrix):
            if matrix and not kind:
                self.note(f"{self.said(s)} is read as the Frobenius norm")
            return Call(formulas.norm, (e,))
        if kind == "1" and not matrix:
            return Call(formulas.norm1, (e,))
        known = r"\|X\|_F is the Frobenius norm" if matrix else r"\|x\|_2 and \|x\|_1 are known"
        raise self.fail("this norm is not read", s, known)

    # --- errors ---

    def shaped(self, part: Said) -> str:
        """What a part is; a size that is open still is not said."""
        shape = part[1].shape
        if not any(map(is_open, shape.axes)):
            return super().shaped(part)
        return f"{self.said(part[0])} is a {'matrix' if shape.rank == 2 else 'row' if shape.row else 'column'}"

    def unknown_function(self, s: Surface) -> DerivgenError:
        name = self.said(s)
        near = nearest(name, tuple(self.declarations.functions))
        hint = f"did you mean {near}?" if near else f'declare it in the where text: "{name}: R^n -> R^m"'
        return NameUnknown(f"{name} is no function that is declared", span=s.span, hint=hint, source=self.source)

    def root(self, body: Surface, degree: Surface | None) -> Expr:
        if degree is None:
            return Power(self.expr(body), Number(Fraction(1, 2)))
        match degree:
            case Literal(_, value) if value > 0:
                return Power(self.expr(body), Number(1 / value))
        raise self.fail("the degree of a root is a number", degree)


def _parts(head: tuple[Letter, tuple[Surface, ...]] | None) -> tuple[str, tuple[Surface, ...]]:
    assert head is not None
    return head[0].stem, head[1]


def elaborate_latex(read: LatexElaborator, s: Surface) -> Expr:
    """The expression that ``s`` says."""
    with deep():
        return read.run(s)
