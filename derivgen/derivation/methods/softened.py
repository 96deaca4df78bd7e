"""A gradient in which a softmax holds the variable: it has a letter, and its Jacobian is known by its two cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from derivgen.catalog.formulas import softmax
from derivgen.catalog.opaque import eye
from derivgen.derivation.jacobian import compose, jacobian, variable_name
from derivgen.derivation.methods.link import derived_link, link_step
from derivgen.derivation.words.folding import opened
from derivgen.derivation.words.naming import Letters
from derivgen.expr import Build, Call, Cases, Definition, Expr, Symbol, depends_on, replace_parts, walk
from derivgen.rules import told_of_hessians
from derivgen.rules.engine import Context
from derivgen.rules.reason import Reason
from derivgen.rules.step import Step
from derivgen.rules.told_of_chains import of_product


@dataclass(frozen=True, slots=True)
class Softened:
    """A column that depends on ``inner`` through one softmax alone.

    Attributes:
        softmax: its letter, and what it stands for.
        gradient: the letter of the column, and what it is in that of the softmax; the same where it is the softmax.
        inner: what the softmax is of: the variable, or a letter.
        slope: the Jacobian of the softmax, in its letter.
        outer: that of the column by the softmax; None where it changes as the softmax does.
        steps: what derives the softmax.
    """

    softmax: Definition
    gradient: Definition
    inner: Expr
    slope: Expr
    outer: Expr | None
    steps: tuple[Step, ...]

    @property
    def introduces(self) -> tuple[Definition, ...]:
        """The letters, each once."""
        return tuple(dict.fromkeys((self.softmax, self.gradient)))

    def chained(self, further: Sequence[tuple[Expr, Expr, Expr]], ctx: Context) -> tuple[Expr, Expr]:
        """The Jacobian of the gradient as a product, in names and filled in; ``further`` are the links from the variable on,
        each a name, what it is derived by, and its Jacobian."""
        s, g = self.softmax.symbol, self.gradient.symbol
        links = [(s, self.inner, self.slope), *further[::-1]]
        if self.outer is not None:
            links = [(g, s, self.outer), *links]
        return compose([jacobian(u, v, ctx) for u, v, _ in links]), compose([j for *_, j in links])

    def why(self, y: Expr, x: Expr, further: Sequence[tuple[Expr, Expr, Expr]], ctx: Context) -> Reason:
        """Why that product holds the second partials of ``y``."""
        s, g = self.softmax.symbol, self.gradient.symbol
        of_gradient = told_of_hessians.of_second(y, g, jacobian(g, x, ctx))
        links = [*further, (s, self.inner, jacobian(s, self.inner, ctx))]
        if self.outer is not None:
            links.append((g, s, self.outer))
        if len(links) < 2:
            return of_gradient if g == s else of_gradient + told_of_hessians.of_moving(g, s, x)
        names, rates = [n for n, *_ in links], [j for *_, j in links]
        return of_gradient + of_product(x, names, rates, jacobian(g, x, ctx), (None, None, None), whole=True)

    def put_back(self, e: Expr) -> Expr:
        """``e`` without these letters."""
        s, g = self.softmax, self.gradient
        return replace_parts(replace_parts(e, {g.symbol: g.value}), {s.symbol: s.value})


def softened(column: Expr, inner: Expr, ctx: Context, definitions: tuple[Definition, ...]) -> Softened | None:
    """The letters for a gradient of that kind, and the derivative of its softmax; None where it is of another."""
    name = variable_name(inner)
    found = {e for e in walk(column) if isinstance(e, Call) and e.op is softmax and depends_on(e, name)}
    if len(found) != 1:
        return None
    (whole,) = found
    if depends_on(replace_parts(column, {whole: Symbol("_", whole.shape)}), name) or not whole.free <= column.free:
        return None
    letters = Letters(ctx)
    s = letters.intermediate(whole)
    short = replace_parts(column, {whole: s})
    own = Definition(s, whole)
    gradient = own if short == s else Definition(letters.gradient(short), short)
    derived = derived_link(whole, inner, s, ctx)
    slope = replace_parts(derived.result, {whole: s})
    by_cases = [e for t in opened(derived.steps) for e in t.via if isinstance(e, Build) and isinstance(e.body, Cases)]
    step = link_step(
        whole, inner, s, derived, ctx, after=slope, via=tuple(by_cases[:1]), definitions=(*definitions, own)
    )
    outer = None if short == s else derived_link(short, s, gradient.symbol, ctx).result
    if isinstance(outer, Call) and outer.op is eye:  # s - y changes as s does
        outer = None
    return Softened(own, gradient, inner, slope, outer, (step,))
