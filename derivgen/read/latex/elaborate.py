"""From LaTeX's surface tree to an expression: the same walk as for text, with what mathematics reads differently."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from derivgen.catalog import elementwise, linear, opaque
from derivgen.expr import Call, Dim, Expr, Number, Power, Shape, product_dim
from derivgen.options import Layout
from derivgen.read import functions
from derivgen.read.declarations import Declarations
from derivgen.read.kinds.sizes import is_open
from derivgen.read.latex.calculus import Calculus
from derivgen.read.latex.cases import Choices
from derivgen.read.latex.entries import Entries
from derivgen.read.latex.names import Lexicon, spelling, taken_apart
from derivgen.read.reading import Choice
from derivgen.read.shapes import Said, SizeFound
from derivgen.read.surface import (
    Apply,
    Branches,
    Called,
    Chain,
    Derivative,
    Differential,
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


class LatexElaborator(Entries, Choices, Calculus):
    """One pass over the surface tree of a formula.

    Attributes:
        notes: what signs were taken for, by the sentence that says so.
        given: what was declared, before anything was understood.
    """

    def __init__(
        self,
        source: str,
        declarations: Declarations,
        given: Declarations,
        sizes: Mapping[Dim, Dim],
        chosen: dict[str, int],
        *,
        free_indices: bool = False,
        layout: Layout = "numerator",
        like: Shape | None = None,
        applied: Mapping[str, tuple[Expr, ...]] | None = None,
    ) -> None:
        super().__init__(source, declarations, free_indices=free_indices)
        self.lexicon = Lexicon(self.declarations)
        self.given = Lexicon(given)
        self.layout = layout
        self.like = like
        self.applied_to = dict(applied or {})
        self.found = dict(sizes)
        self.chosen = chosen
        self.notes: dict[str, Choice] = {}

    # --- the walk ---

    def run(self, s: Surface) -> Expr:
        for _ in range(MOST_RESTARTS):
            self.left_open.clear()
            self.notes.clear()
            self.scope = dict(self.declarations.indices)
            self.layout_counts = True
            try:
                e = self.expr(s)
                if self.like is not None:
                    self.same_shape(e.shape, self.like)
            except SizeFound as known:
                self.found[known.open_size] = known.length
                continue
            except RankFound as known:
                self.chosen[known.constant] = 2
                vector = Dim(f"?{known.constant}")
                self.found = {
                    open_size: length for open_size, length in self.found.items() if vector not in (open_size, length)
                }
                continue
            for where in self.left_open.values():
                name = self.said(where)
                raise self.fail(f"the size of {name} is not known here", where, f"write it below: {name}_n")
            return e
        raise self.fail("too many sizes are left open here", s, "declare the variables in the where text")

    def settled(self, dim: Dim) -> Dim:
        """What is known of a size that was left open."""
        while dim in self.found:
            dim = self.found[dim]
        return dim

    def note(self, sentence: str, where: Surface) -> None:
        """Remember what a sign was taken for."""
        self.notes.setdefault(sentence, Choice(where.span, self.source, sentence))

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
            case Infix(span, sign, left, right) if sign in self.declarations.glossary.infixes:
                return functions.apply(
                    self, Apply(span, self.declarations.glossary.infixes[sign].name, (left, right), span)
                )
            case Quotient(_, over, under):
                return self.quotient(over, under)
            case Raised():
                return self.raised(s)
            case Primed(_, base, count):
                return self.primed(s, base, count)
            case Root():
                return self.root(s)
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
            case Derivative() | Nabla():
                return self.scoped(s)
            case Differential(_, body):
                return self.differential(body)
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

    # --- sizes ---

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
                raise self.fail(
                    f"{self.said(s)} is no size", s, "a size is a name from the declarations, or a number from 1"
                )
            case Product(_, factors, signs) if "/" not in signs:
                return product_dim(map(self.dim, factors))
        raise self.fail(
            f"{self.said(s)} is no size", s, "an index runs along a whole axis; a size is a name or a number"
        )

    # --- fences ---

    def fenced(self, s: Fenced) -> Expr:
        match s.left, s.items:
            case "|", (Fenced() | Grid() as inner,) if isinstance(inner, Grid):
                return Call(opaque.det, (self.expr(inner),))
            case "|", (inner,):
                if self.is_square(inner):
                    self.note(f"{self.said(s)} is read as the determinant", s)
                    return Call(opaque.det, (self.expr(inner),))
                e = self.expr(inner)
                if e.shape.rank == 2:
                    self.note(
                        f"{self.said(s)} is read as the absolute value entry by entry: the matrix is not square", s
                    )
                return Call(elementwise.absolute, (e,))
            case "‖", (inner,):
                return self.norm(s, inner, ())
            case "⟨", (left, right):
                a, b = self.expr(left), self.expr(right)
                if a.shape.rank == b.shape.rank == 2:
                    self.fit("an inner product", [(left, a), (right, b)], s)
                    self.note(
                        rf"{self.said(s)} is read as the trace of {self.said(left)}^{{\mathsf T}}{self.said(right)}", s
                    )
                    return Call(linear.trace, (self.matmul((left, Call(linear.transpose, (a,))), (right, b), s),))
                return self.matmul((left, a), (right, b), s)
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
        norms = self.declarations.glossary.fences["‖"]
        if not e.shape.axes:
            raise self.misfit(
                f"a norm is of a vector or a matrix: {self.shaped((inner, e))}", s, r"the absolute value is written |x|"
            )
        op = next((op for op in norms if kind in (op.notation.under_matrix if matrix else op.notation.under)), None)
        if op is not None:
            if matrix and not kind:
                self.note(f"{self.said(s)} is read as the Frobenius norm", s)
            return Call(op, (e,))
        known = r"\|X\|_F is the Frobenius norm" if matrix else r"\|x\|_2 and \|x\|_1 are known"
        named = {"2": "the spectral norm", "star": "the nuclear norm", "∞": "the maximum norm"}.get(kind, "this norm")
        raise self.fail(f"{named} is not read", s, known)

    # --- errors ---

    def shaped(self, part: Said) -> str:
        """What a part is; a size that is open still is not said."""
        shape = part[1].shape
        if not any(map(is_open, shape.axes)):
            return super().shaped(part)
        return f"{self.said(part[0])} is a {'matrix' if shape.rank == 2 else 'row' if shape.row else 'column'}"

    def root(self, s: Root) -> Expr:
        e = self.expr(s.body)
        self.refuse_matrix(s, e, rf"{self.said(s.body)}^{{\circ 1/2}}")
        match s.degree:
            case None:
                return Power(e, Number(Fraction(1, 2)))
            case Literal(_, value) if value > 0:
                return Power(e, Number(1 / value))
            case degree:
                raise self.fail("the degree of a root is a number", degree)


def _parts(head: tuple[Letter, tuple[Surface, ...]] | None) -> tuple[str, tuple[Surface, ...]]:
    assert head is not None
    return head[0].stem, head[1]


def elaborate_latex(read: LatexElaborator, s: Surface) -> Expr:
    """The expression that ``s`` says."""
    return read.run(s)
