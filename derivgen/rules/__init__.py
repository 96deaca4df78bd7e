"""WHY one line follows from another: the book of rules, in the order of the method."""

from __future__ import annotations

from derivgen.expr import Expr
from derivgen.rules import (
    arithmetic,
    cases,
    coincidence,
    collapse,
    collect,
    data_sums,
    diagonals,
    differentiate,
    factor_order,
    fold,
    inverses,
    kronecker,
    literals,
    max_min,
    moves,
    orientation,
    pair_axes,
    products_of_entries,
    properties,
    recombine,
    simplify,
    singular,
    symmetric_terms,
    ties,
    traces,
    unfold,
    unit_vectors,
)
from derivgen.rules.book import Book, declared
from derivgen.rules.engine import Context, Engine, apply
from derivgen.rules.monomials import samples_index
from derivgen.rules.rule import Application, Phase, Rule

CHAPTERS = (
    arithmetic, cases, max_min, ties, singular, coincidence, differentiate, unfold, collapse, products_of_entries, properties, inverses, unit_vectors, simplify, diagonals, fold, literals, recombine,
    kronecker, pair_axes, factor_order, symmetric_terms, collect, traces, data_sums, orientation,
)  # fmt: skip
"""In the order in which their rules act."""

BOOK = Book(tuple(r for chapter in CHAPTERS for r in declared(chapter)), moves.MOVES)
"""Every rule that a step can cite; a world may have more."""

VOCABULARY = (
    "a, c, z in R; w, x, y in R^n; u, v in R^m; A in R^(m*n); B in R^(n*p); M, N in R^(n*n); "
    "f: R^n -> R^m; F: R^m -> R^n; g: R^n -> R; k: R^n, R^m -> R^m; h: R^n -> R^n elementwise; phi: R -> R elementwise; q: R, R -> R; "
    "Q in Sym(n); L in Diag(n); d in Simplex(n); t in R^((m*n))"
)
"""The letters in which the examples of the rules are written."""


def demonstrate(r: Rule, e: Expr, book: Book = BOOK) -> tuple[Expr, Expr, list[Application]]:
    """The rule at work on an example: before, after, and its single uses.

    Not all that a rule acts on can be written in text (an entry of an entry, a delta of two numbers). Where it has
    nothing to say of the example as it stands, other rules work on the example until it has.
    """
    ctx = Context.of(e, book, sample_indices=samples_index(e))
    for inward in ((), book.shown(Phase.UNFOLD, Phase.COLLAPSE), book.shown(Phase.RECOMBINE)):
        others = tuple(o for o in inward if o is not r)
        for here in (e, *(s.after for s in Engine(others, (), ctx).run(e))):
            after, record = apply(r, here, ctx)
            if record:
                return here, after, record
    return e, e, []
