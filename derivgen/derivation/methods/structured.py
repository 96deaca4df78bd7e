"""The derivative by a symmetric or a diagonal matrix: of which changes of the variable it speaks.

Entry by entry, an expression has as many derivatives by a symmetric S as there are ways to write it: tr(AS) and tr(AᵀS)
are one function of S, but the partials by S_ij, all other entries held, are A_ji and A_ij. What all of them share is how
the function changes while S stays symmetric, and that is the symmetric part of each of those arrays.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable
from dataclasses import replace
from fractions import Fraction
from typing import Literal

from derivgen.catalog.build import chain, factors_of, number, plus, product, terms_of, transposed
from derivgen.catalog.linear import diag, matmul, transpose
from derivgen.catalog.opaque import eye
from derivgen.derivation.jacobian import build, entry_at, partial_of
from derivgen.derivation.methods.freely import freely
from derivgen.derivation.methods.scalar import Derived, finish, in_order, recombined
from derivgen.expr import (
    MINUS_ONE,
    ONE,
    Add,
    At,
    Binder,
    Build,
    Call,
    Definition,
    Delta,
    Expr,
    Mul,
    Number,
    Partial,
    Power,
    Sum,
    Symbol,
    bind,
    bound_indices,
    canonical,
    indices_in,
    rename,
    replace_parts,
    substitute,
    symbols,
    walk,
)
from derivgen.options import Convention, Layout
from derivgen.rules import moves
from derivgen.rules.arithmetic import is_zero
from derivgen.rules.axis_parts import fresh_places, variable_places
from derivgen.rules.book import Book
from derivgen.rules.engine import Context
from derivgen.rules.form_cost import measure
from derivgen.rules.properties import across, is_diagonal, is_symmetric
from derivgen.rules.reason import filled
from derivgen.rules.step import Step, end_of

HALF = Number(Fraction(1, 2))

TYING = ("symmetric", "positive-definite", "diagonal")
"""The traits of a matrix that tie its entries to each other, or to zero."""


def structure(x: Expr | tuple[Symbol, ...]) -> Literal["symmetric", "diagonal"] | None:
    """What ties the entries of a variable: it equals its transpose, or is zero off its diagonal."""
    if not isinstance(x, Symbol) or x.shape.rank != 2:
        return None
    return "diagonal" if "diagonal" in x.traits else "symmetric" if "symmetric" in x.traits else None


def value_called(name: Symbol, f: Expr, x: Expr | tuple[Symbol, ...]) -> Definition | None:
    """What the name of a value stands for in ∂y/∂x; None where x has structure, since ∂y/∂x is then what a convention says."""
    return None if structure(x) is not None else Definition(name, f)


def unstructured(x: Symbol) -> Symbol:
    """The variable with nothing declared about its entries."""
    return Symbol(x.name, x.space, tuple(t for t in x.traits if t not in TYING))


# --- the derivative as it is defined -------------------------------------------------------------------------------------


def structured_definition(f: Expr, x: Symbol, ctx: Context, layout: Layout, convention: Convention) -> Expr:
    """The derivative that keeps to the structure of ``x``, nothing carried out.

    Its partials are those of f with (S + Sᵀ)/2 in the place of S, which has the value of S and stays symmetric whichever
    entry is moved; with I ⊗ D in the place of D.
    """
    ctx = ctx.local()
    ctx.taken.update(i.name for i in bound_indices(f))
    out, at = fresh_places(f, ctx), variable_places(f, x, ctx)
    return build(structured_partial(f, x, out, at, convention), out, at, layout)


def structured_partial(
    f: Expr, x: Symbol, out: tuple[Binder, ...], at: tuple[Binder, ...], convention: Convention
) -> Expr:
    """The entry of that derivative at ``out`` and ``at``."""
    kind = structure(x)
    if convention == "free" or kind is None:
        return partial_of(f, out, x, at)
    j, k = at
    if any(isinstance(e, Partial) and x.name in symbols(e.wrt) for e in walk(f)):
        # A derivative by x stands in f: there x is no value that another could take the place of.
        there, across = partial_of(f, out, x, at), partial_of(f, out, x, (k, j))
        moved = product(HALF, Add((there, across))) if kind == "symmetric" else product(Delta(j, k), there)
    else:
        moved = partial_of(substitute(f, {x.name: _kept(x)}), out, x, at)
    return product(_count(at), moved) if convention == "entries" and kind == "symmetric" else moved


def _kept(x: Symbol) -> Expr:
    """The variable as an expression that has its structure even where the variable has not."""
    if structure(x) == "diagonal":
        return product(Call(eye, (), x.shape.axes[:1]), x)
    return product(HALF, Add((x, Call(transpose, (x,)))))


def _count(at: tuple[Binder, ...]) -> Expr:
    """2 - δ_jk: how often an entry of a symmetric matrix stands in it."""
    return Add((number(2), product(MINUS_ONE, Delta(*at))))


# --- from the partials by single entries to it ---------------------------------------------------------------------------


def within(outcome: Derived, left: Expr, x: Symbol, convention: Convention, ctx: Context) -> Derived:
    """The derivation with a last step that keeps to the structure of ``x``; the same where the derivative does already.

    Args:
        outcome: the derivation with each entry moved by itself.
        left: its derivative in names.
        x: the variable; its axes are the last two of the derivative.
        convention: "within" or "entries".
        ctx: the names in use.
    """
    g = outcome.result
    if is_zero(g):
        return outcome
    outcome = Derived(_freely_at_first(outcome.steps, x), g)
    free = freely(outcome, left, x, ctx)
    named: Expr = left if free is None else free.letter
    diagonal = structure(x) == "diagonal"
    if not isinstance(g, Build) and g.shape.rank == 2:
        if is_diagonal(g) if diagonal else convention == "within" and is_symmetric(g):
            return _kept_already(outcome, x)
        before, shown = (_kept_matrix(e, x, convention) for e in (g, named))
        after = _parted(g, x, convention)
    else:
        assert isinstance(left, Build)
        body = entry_at(g, left.indices)
        body = At(g, indices_in(left.indices)) if body is None else body
        if not diagonal and convention == "within" and _alike(body, _mirrored(body, left.indices[-2:])):
            return _kept_already(outcome, x)
        before, shown = (
            Build(left.indices, _kept_entry(e, left.indices[-2:], x, convention))
            for e in (body, left.body if free is None else At(free.letter, left.indices))
        )
        after = Build(left.indices, _parted_entry(body, left.indices[-2:], x, convention))
    after = in_order(after, ctx)
    substeps = recombined(after, ctx, shown if free is None else left)
    result = end_of(substeps, after)
    move = moves.keep_diagonal if diagonal else moves.keep_symmetric if convention == "within" else moves.free_entries
    below = tuple(substeps) if len(substeps) > 1 else ()
    if free is None:
        return Derived((*outcome.steps, move.step(before, result, left=shown, substeps=below)), result)
    via = () if isinstance(shown, Build) else (before,)
    own = (Definition(free.letter, g),)
    step = move.step(shown, result, left=left, via=via, definitions=own, substeps=below)
    return Derived((*free.said(outcome.steps), step), result)


def _freely_at_first(steps: tuple[Step, ...], x: Symbol) -> tuple[Step, ...]:
    """The steps, the first that derives by ``x`` with a word on what is varied in it."""
    said = filled("Each entry of {S} is varied by itself at first, as if {S} were any matrix.", {"S": x})
    for k, s in enumerate(steps):
        if s.rule == moves.take_differential.name:
            return steps  # it says so itself
        if s.left is not None and any(isinstance(e, Partial) and x.name in symbols(e.wrt) for e in walk(s.left)):
            reason = said + s.reason if s.reason.first == s.reason else s.reason.also(said)
            return (*steps[:k], replace(s, reason=reason), *steps[k + 1 :])
    return steps


def _kept_already(outcome: Derived, x: Symbol) -> Derived:
    """The derivation of what keeps to the structure of ``x`` without more, and why that is so."""
    if not outcome.steps:
        return outcome
    last = outcome.steps[-1]
    said = filled(
        _ALREADY["diagonal" if structure(x) == "diagonal" else "symmetric"], {"S": x, "G": last.left or last.after}
    )
    return replace(outcome, steps=(*outcome.steps[:-1], replace(last, reason=last.reason.besides(said))))


_ALREADY = {
    "symmetric": "While {S} stays symmetric, an entry and the one across the diagonal change together and both get the mean of their two partials; these are equal here, so {G} is that mean.",
    "diagonal": "Off the diagonal {S} cannot change, and there {G} is 0 as it should be.",
}  # fmt: skip


def kept(g: Expr, x: Symbol, convention: Convention, book: Book) -> Expr:
    """What is left of the derivative ``g`` of a link, each entry moved by itself; of partials that are only named, all."""
    if not isinstance(g, Build) and g.shape.rank != 2:
        return g
    return within(Derived((), g), g, x, convention, Context.of(g, book)).result


def _kept_matrix(g: Expr, x: Symbol, convention: Convention) -> Expr:
    """(G + Gᵀ)/2, G + Gᵀ - I ⊗ G, or I ⊗ G, as it stands."""
    unit = Call(eye, (), x.shape.axes[:1])
    if structure(x) == "diagonal":
        return product(g, unit)
    both = plus(g, across(g))
    return product(HALF, both) if convention == "within" else plus(both, product(MINUS_ONE, g, unit))


def _parted(g: Expr, x: Symbol, convention: Convention) -> Expr:
    """The same, with the terms that are symmetric or diagonal already left alone."""
    terms = terms_of(g)
    unit = Call(eye, (), x.shape.axes[:1])
    if structure(x) == "diagonal":
        return plus(*(t if is_diagonal(t) else _on_diagonal(t, unit) for t in terms))
    still = [t for t in terms if is_symmetric(t) or not t.shape.axes]
    rest = [t for t in terms if t not in still]
    both = sorted((plus(*rest), plus(*map(across, rest))), key=measure)
    if convention == "within":
        return plus(*still, *([product(HALF, plus(*both))] if rest else ()))
    doubled = [product(number(2), t) for t in still]
    diagonal = [product(MINUS_ONE, _on_diagonal(t, unit)) for t in (*still, *terms_of(both[0]))]
    return plus(*doubled, *(both if rest else ()), *diagonal)


def _on_diagonal(t: Expr, unit: Expr) -> Expr:
    """A term without what stands off its diagonal; of u vᵀ that is diag(u ⊗ v)."""
    scalars = [f for f in factors_of(t) if not f.shape.axes and f != ONE]
    arrays = [f for f in factors_of(t) if f.shape.axes]
    match arrays:
        case [Call(op, args)] if op is matmul:
            for k in range(1, len(args)):
                u, v = chain(*args[:k]), transposed(chain(*args[k:]))
                if u.shape.rank == v.shape.rank == 1:
                    return product(*scalars, Call(diag, (product(u, v),)))
        case _:
            pass
    return product(*scalars, *arrays, unit)


def _mirrored(body: Expr, at: tuple[Binder, ...]) -> Expr:
    """The entry at the places across the diagonal of the variable."""
    j, k = at
    moved = bind((j, k), (k, j))
    assert moved is not None
    return rename(body, moved)


def _kept_entry(body: Expr, at: tuple[Binder, ...], x: Symbol, convention: Convention) -> Expr:
    if structure(x) == "diagonal":
        return product(Delta(*at), body)
    both = plus(body, _mirrored(body, at))
    return product(HALF, both) if convention == "within" else plus(both, product(MINUS_ONE, Delta(*at), body))


def _parted_entry(body: Expr, at: tuple[Binder, ...], x: Symbol, convention: Convention) -> Expr:
    if structure(x) == "diagonal" or convention == "entries":
        return _kept_entry(body, at, x, convention)
    alike = {t: _alike(t, _mirrored(t, at)) for t in terms_of(body)}
    return plus(*(t if alike[t] else _kept_entry(t, at, x, convention) for t in terms_of(body)))


def _alike(a: Expr, b: Expr) -> bool:
    """Whether two entries are seen to be equal: terms and factors in any order, symmetric arrays read either way."""
    return _sorted(canonical(a)) == _sorted(canonical(b))


def _sorted(e: Expr) -> Hashable:
    match e:
        case Add(parts) | Mul(parts):
            return type(e), frozenset(Counter(map(_sorted, parts)).items())
        case Sum(index, body):
            return Sum, index, _sorted(body)
        case Power(base, exponent):
            return Power, _sorted(base), exponent
        case Delta(left, right):
            return Delta, frozenset((left, right))
        case At(array, (i, k)) if array.shape.rank == 2 and is_symmetric(array):
            return At, array, frozenset((i, k))
        case _:
            return e


# --- as if nothing were declared -----------------------------------------------------------------------------------------


def exchanged(e: Expr, old: Symbol, new: Symbol) -> Expr:
    """``e`` with one variable in the place of another of the same name."""
    return replace_parts(e, {old: new})


def put_back(outcome: Derived, left: Expr, general: Symbol, x: Symbol, ctx: Context) -> Derived:
    """What was derived of a variable without structure, read where it has one; that may make the answer shorter."""

    def read(e: Expr) -> Expr:
        return exchanged(e, general, x)

    def of(s: Step) -> Step:
        definitions, introduces = (
            tuple([Definition(d.symbol, read(d.value)) for d in group]) for group in (s.definitions, s.introduces)
        )
        return replace(
            s, before=read(s.before), after=read(s.after), left=s.left and read(s.left), definitions=definitions,
            introduces=introduces, substeps=tuple(map(of, s.substeps)), reason=s.reason.of(read),
        )  # fmt: skip

    steps = [*map(of, outcome.steps)]
    result = read(outcome.result)
    tidied = finish(result, ctx, left) if result != outcome.result else []
    return Derived((*steps, *tidied), end_of(tidied, result))


# --- said with the answer --------------------------------------------------------------------------------------------------


def structure_note(
    variables: tuple[Symbol, ...], convention: Convention, called: Callable[[str], str] = str
) -> list[str]:
    """Which changes of a variable the derivative speaks of, where its entries are tied to each other.

    Args:
        variables: what is differentiated by.
        convention: what counts as a change of one.
        called: how a name, or a pair of indices, is written in the sentence.
    """
    said: list[str] = []
    for x in variables:
        kind = structure(x)
        if "simplex" in x.traits:
            said.append(
                f"The entries of {called(x.name)} are varied independently, as if their sum need not be one. A change that keeps "
                "the sum has entries that add up to zero; for such a change it does not matter if a number is added to "
                "every entry of the derivative"
            )
        if kind is not None:
            said.append(_NOTES[convention, kind].format(called(x.name), ij=called("(i, j)"), ji=called("(j, i)")))
    return said


_AS_IF = "Each entry of {{0}} is varied by itself, as if {{0}} were any matrix. Textbooks often do so; expressions that are equal for {} {{0}} only may then have different derivatives"

_NOTES: dict[tuple[Convention, str], str] = {
    ("within", "symmetric"): "{0} is symmetric, so entries {ij} and {ji} change together. The derivative is the one within the symmetric matrices: each of the two entries gets half of what the pair does. Multiplied entry by entry by a small symmetric change of {0}, and added up, it is the change of the value to first order",
    ("within", "diagonal"): "{0} is diagonal, so only the entries on the diagonal change. The derivative is the one within the diagonal matrices: off the diagonal it is zero, since nothing can change there",
    ("entries", "symmetric"): "The derivative is by the free entries of {0}: entries {ij} and {ji} are one variable, counted once, and each of the two places gets all of what it does. Off the diagonal this is twice the derivative within the symmetric matrices",
    ("entries", "diagonal"): "The derivative is by the free entries of {0}, which are those on its diagonal",
    ("free", "symmetric"): _AS_IF.format("symmetric"),
    ("free", "diagonal"): _AS_IF.format("diagonal"),
}  # fmt: skip
