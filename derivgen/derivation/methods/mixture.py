"""The logarithm of a sum of exponentials by what one term is made of: each term by its share of the sum, γ.

So the gradient of a mixture's log-likelihood by a mean is known, with the responsibilities for weights.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from derivgen.catalog.build import factors_of, product
from derivgen.catalog.elementwise import exp, log
from derivgen.catalog.linear import transpose
from derivgen.derivation.jacobian import build, jacobian, turned, variable_name
from derivgen.derivation.methods.chain import coefficient_of
from derivgen.derivation.methods.link import derived_link, link_step
from derivgen.derivation.methods.scalar import Derived, finish, in_order, recombined
from derivgen.derivation.words.links import links
from derivgen.derivation.words.naming import Letters, member
from derivgen.expr import (
    MINUS_ONE,
    At,
    Build,
    Call,
    Definition,
    Expr,
    Index,
    Mul,
    Power,
    Shape,
    Sum,
    Symbol,
    bound_indices,
    depends_on,
    indices_in,
    rename,
    replace_parts,
    walk,
)
from derivgen.options import Layout
from derivgen.rules import moves, unfold
from derivgen.rules.engine import Context, Engine
from derivgen.rules.reason import Reason, filled
from derivgen.rules.rule import Phase
from derivgen.rules.step import Step, end_of


@dataclass(frozen=True, slots=True)
class _Mixture:
    """c Σᵢ log Σₖ wₖ exp(qₖ), or without a logarithm c Σₖ wₖ exp(qₖ), of which one term alone contains the variable, a member at the place of that term."""

    front: tuple[Expr, ...]
    over: Index | None
    term: Index
    body: Expr
    exponent: Expr
    shared: bool = True  # whether a logarithm stands before the sum, so that a term counts by its share

    def whole(self, e: Expr) -> Expr:
        """c Σᵢ e."""
        return product(*self.front, e if self.over is None else Sum(self.over, e))

    def summed(self, e: Expr) -> Expr:
        """c Σᵢ Σₖ e."""
        return self.whole(Sum(self.term, e))


def _side(layout: Layout) -> Layout:
    """The layout of the derivative of a number: as a row, or in every other layout as a column."""
    return "numerator" if layout == "numerator" else "gradient"


def mixture_method(f: Expr, x: Expr, name: Symbol, ctx: Context, layout: Layout) -> Derived | None:
    """The derivation by a member of a family that one term of such a sum has to itself; None where f is another."""
    found = _read(f, x)
    if found is None or not isinstance(x, At):
        return None
    (place,) = x.places
    ctx, side = ctx.local(), _side(layout)
    ctx.taken.update(i.name for i in indices_in(x.places))
    left = jacobian(name, x, ctx, side)
    family = (*([found.over] if found.over is not None else []), found.term)
    exponent = _letter("q", family, found.exponent, ctx)
    shares = _shares(found.body, found, ctx)
    short = replace_parts(found.body, {found.exponent: member(exponent.symbol, family)})
    gamma = _letter("gamma", family, _shares(short, found, ctx), ctx)
    own = {found.term: place}
    at_place = tuple([place if i == found.term else i for i in family])
    weight, inner_name = At(gamma.symbol, at_place), At(exponent.symbol, at_place)
    inner = rename(found.exponent, own)
    definitions = (Definition(name, f), exponent, gamma)
    derived = derived_link(inner, x, inner_name, ctx, layout=side)
    link = link_step(inner, x, inner_name, derived, ctx, layout=side, definitions=definitions)
    move = moves.share_of_term if found.shared else moves.term_by_itself
    why = filled(move.because, {"k": found.term, "q_j": inner_name, "x_j": x, r"\gamma_j": weight})
    outcome = _by_shares(jacobian(f, x, ctx, side), left, move, why, found.whole, weight, link, layout, ctx)
    return replace(outcome, result=replace_parts(outcome.result, {weight: rename(shares, own)}))


def mixture_by_all(
    f: Expr, x: Symbol, name: Symbol, ctx: Context, layout: Layout, start: Expr, whole: Expr
) -> Derived | None:
    """The derivation by a vector that stands in the exponents of all terms, or by a matrix of which each has a row to itself."""
    if x.shape.rank == 2:
        by_rows = _by_rows(f, x, name, ctx, layout, whole)
        return by_rows or _by_columns(f, x, name, ctx, layout, start, whole)
    found = _read(f, x) if x.shape.rank == 1 else None
    if found is None:
        return None
    ctx, side = ctx.local(), _side(layout)
    left = jacobian(name, x, ctx, side)
    family = (*([found.over] if found.over is not None else []), found.term)
    exponent = _letter("q", family, found.exponent, ctx)
    inner_name = member(exponent.symbol, family)
    derived = derived_link(found.exponent, x, inner_name, ctx, layout=side)
    if not depends_on(derived.result, x.name):  # of what is linear the exponentials are a softmax
        return None
    if not found.shared and len(links(found.exponent, x)) > 1:  # what is named within each term says more
        return None
    shares = _shares(found.body, found, ctx)
    short = replace_parts(found.body, {found.exponent: inner_name})
    gamma = _letter("gamma", family, _shares(short, found, ctx), ctx)
    weight = member(gamma.symbol, family)
    definitions = (Definition(name, f), exponent, gamma)
    link = link_step(found.exponent, x, inner_name, derived, ctx, layout=side, definitions=definitions)
    move = moves.shares_of_terms if found.shared else moves.terms_by_themselves
    why = filled(move.because, {"k": found.term, "q_k": inner_name, "x": x, r"\gamma_k": weight})
    outcome = _by_shares(jacobian(f, x, ctx, side), left, move, why, found.summed, weight, link, layout, ctx)
    return replace(outcome, result=replace_parts(outcome.result, {weight: shares}))


def _by_shares(start: Expr, left: Expr, move: moves.Move, why: Reason, whole: Callable[[Expr], Expr], weight: Expr,
               link: Step, layout: Layout, ctx: Context) -> Derived:  # fmt: skip
    """The steps of such a derivation, and the derivative in the letters of the shares.

    ``whole`` makes of a term what stands for all, ``weight`` is its share, ``link`` the derivative of its exponent.
    """
    assert link.left is not None
    pending = whole(product(weight, link.left))
    first = move.step(
        start, pending, left=left, introduces=link.definitions[1:], definitions=link.definitions, reason=why
    )
    named = in_order(whole(product(weight, link.after)), ctx)
    tidied = () if layout == "numerator" else tuple(finish(named, ctx, left, by_cases=False))
    named = end_of(tidied, named)
    last = _put_in(pending, named, left, link.left, weight, link.definitions, tidied)
    return Derived((first, link, last), named)


def _by_rows(f: Expr, x: Symbol, name: Symbol, ctx: Context, layout: Layout, whole: Expr) -> Derived | None:
    """By one row of a matrix, and the matrix read from the rows."""
    ctx = ctx.local()
    rows, columns = x.shape.axes
    place = ctx.fresh(rows)
    row = At(x, (place,))
    fixed = replace(ctx, sample_indices=ctx.sample_indices | {place})
    by_row = mixture_method(f, row, name, fixed, "numerator")
    if by_row is None:
        return None
    *_, last = by_row.steps
    at = ctx.fresh(columns)
    ctx.taken.update(i.name for s in by_row.steps for i in bound_indices(s.after))
    ctx.taken.update(d.symbol.name for d in last.definitions)
    entry = _opened(unfold.entry_of(last.after, (at,)), ctx)
    built = build(entry, (), (place, at), layout)
    found = recombined(built, replace(ctx, sample_indices=frozenset()), whole)
    after = end_of(found, built)
    if any(isinstance(e, Build) for e in walk(after)):
        return None
    gamma = last.definitions[-1]
    said = filled(
        "In this layout the derivative by {m}, written as a row, is row {i} of the whole.", {"m": row, "i": place}
    )
    read = moves.read_as_matrix.step(
        built, after, left=whole, substeps=tuple(found), definitions=last.definitions,
        **({} if layout == "numerator" else {"reason": said}),
    )  # fmt: skip
    return Derived((*by_row.steps, read), replace_parts(after, {gamma.symbol: _written_out(gamma, last.definitions)}))


def _by_columns(
    f: Expr, x: Symbol, name: Symbol, ctx: Context, layout: Layout, start: Expr, whole: Expr
) -> Derived | None:
    """By a matrix of which each term has a column to itself: these are the rows of the transpose, which has a letter."""
    across = Call(transpose, (x,))
    if not f.kinds & Sum.bit or across not in set(walk(f)):
        return None
    ctx = ctx.local()
    rows = Definition(Letters(ctx).intermediate(across), across)
    outer = replace_parts(f, {across: rows.symbol})
    if depends_on(outer, x.name):
        return None
    left = jacobian(name, rows.symbol, ctx, layout)
    inner = _by_rows(outer, rows.symbol, name, ctx, layout, left)
    if inner is None:
        return None
    introduces = (rows, Definition(name, outer))
    naming = moves.name_intermediates.step(
        f, outer, left=name, picture="names", introduces=introduces, definitions=introduces,
        reason=filled("The columns of {x} are the rows of {r}, which has the letter {R}.", {"x": x, "r": across, "R": rows.symbol}),
    )  # fmt: skip
    *_, last = inner.steps
    back = in_order(replace_parts(turned(last.after), {rows.symbol: across}), ctx)
    tidied = tuple(finish(back, ctx, whole, by_cases=False))
    after = end_of(tidied, back)
    definitions = (rows, *last.definitions)
    turn = moves.value_by_letter.step(
        start, after, left=whole, definitions=definitions, substeps=tidied, title=moves.letters_back.title, via=(turned(left),),
        reason=filled("{R} is {r}, so the derivative by {x} is the transpose of that by {R}.", {"x": x, "r": across, "R": rows.symbol}),
    )  # fmt: skip
    gamma = last.definitions[-1]
    shares = replace_parts(_written_out(gamma, last.definitions), {rows.symbol: across})
    return Derived((naming, *inner.steps, turn), replace_parts(after, {gamma.symbol: shares}))


def _opened(e: Expr, ctx: Context) -> Expr:
    """An entry in those of the arrays that it is made of; of a sum over samples that of each."""
    match e:
        case At(Sum(index, body), places):
            return Sum(index, _opened(unfold.entry_of(body, places), ctx))
        case At(Mul() as array, places) if any(isinstance(g, Sum) for g in array.factors):
            return product(*(_opened(unfold.entry_of(g, places), ctx) if g.shape.axes else g for g in array.factors))
        case _:
            pass
    steps = Engine(ctx.book.shown(Phase.UNFOLD), ctx.book.silent(Phase.ALWAYS, Phase.INWARD), ctx.local()).run(e)
    return end_of(steps, e)


def _written_out(gamma: Definition, definitions: Sequence[Definition]) -> Expr:
    """What the shares are in the letters of the question."""
    *_, exponent, _gamma = definitions
    assert isinstance(exponent.value, Build)
    own = exponent.value
    reads = {e for e in walk(gamma.value) if isinstance(e, At) and e.array == exponent.symbol}
    put: dict[Expr, Expr] = {
        e: rename(own.body, dict(zip(indices_in(own.indices), e.places, strict=True))) for e in reads
    }
    return replace_parts(gamma.value, put)


def _put_in(
    pending: Expr,
    named: Expr,
    left: Expr,
    link: Expr,
    weight: Expr,
    definitions: tuple[Definition, ...],
    tidied: tuple[Step, ...],
) -> Step:
    """The derivative of the exponent beside the share, which keeps its letter."""
    return moves.value_by_letter.step(
        pending, named, left=left, definitions=definitions, title="Put the derivative in", substeps=tidied,
        reason=filled("{q} is put in; {g} keeps its letter.", {"q": link, "g": weight}),
    )  # fmt: skip


def _shares(body: Expr, found: _Mixture, ctx: Context) -> Expr:
    """A term over the sum of all, which has an index of its own; without a logarithm the term."""
    if not found.shared:
        return body
    other = ctx.local().fresh(found.term.dim)
    return product(body, Power(Sum(other, rename(body, {found.term: other})), MINUS_ONE))


def _letter(stem: str, family: tuple[Index, ...], value: Expr, ctx: Context) -> Definition:
    """A letter for a member of a family, and what it stands for."""
    name = next(n for n in (stem, *(f"{stem}{k}" for k in range(2, 100))) if n not in ctx.taken)
    ctx.taken.add(name)
    return Definition(Symbol(name, Shape(tuple([i.dim for i in family]))), Build(family, value))


def _read(f: Expr, x: Expr) -> _Mixture | None:
    """The parts of such a sum."""
    if f.shape.axes or (isinstance(x, At) and len(x.places) != 1):
        return None
    front, core = coefficient_of(f, x)
    over, logarithm = (core.index, core.body) if isinstance(core, Sum) else (None, core)
    shared = True
    match logarithm:
        case Call(op, (Sum(Index() as k, body),)) if op is log and (over is None or isinstance(over, Index)):
            pass
        case body if isinstance(over, Index) and x.shape.rank == 1:
            k, over, shared = over, None, False
        case _:
            return None
    name = variable_name(x)
    moving = [g for g in factors_of(body) if depends_on(g, name)]
    if not isinstance(x, At):
        match moving:
            case [Call(op, (exponent,))] if op is exp:
                return _Mixture(front, over, k, body, exponent, shared)
            case _:
                return None
    if x.array.shape.axes[0] != k.dim:  # the sum is over something else than the members
        return None
    own = At(x.array, (k,))
    match moving:
        case [Call(op, (exponent,))] if op is exp and exponent != own and not depends_on(_without(body, own), name):
            return _Mixture(front, over, k, body, exponent, shared)
        case _:
            return None


def _without(e: Expr, own: Expr) -> Expr:
    """``e`` with a letter of no meaning in the place of a member of a family."""
    return replace_parts(e, {own: Symbol("_", own.shape)})
