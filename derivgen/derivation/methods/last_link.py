"""What is told of a link that is taken by its entries: which of them contain an entry of the variable, and how they change."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from derivgen.catalog.base import Elementwise
from derivgen.catalog.build import factors_of, product, without
from derivgen.catalog.opaque import softmax_rows
from derivgen.catalog.proof import Proof
from derivgen.expr import (
    MINUS_ONE,
    ONE,
    Add,
    At,
    Call,
    Delta,
    Expr,
    Index,
    Mul,
    Partial,
    Place,
    Sum,
    Symbol,
    all_indices,
    indices_in,
    walk,
)
from derivgen.rules import told as told_of
from derivgen.rules.engine import Context, Engine
from derivgen.rules.reason import Reason, Term, filled
from derivgen.rules.rule import Phase
from derivgen.rules.unfold import entry_of

LONGEST = 12
"""Nodes of an entry of a link up to which a sentence writes it out."""


def entry(e: Expr, places: tuple[Place, ...]) -> Expr:
    """The entry of an array, or of a member of a family."""
    return At(e.array, (*e.places, *places)) if isinstance(e, At) else entry_of(e, places)


def of_uses(left: Partial, names: Sequence[Expr]) -> Reason:
    """That a variable stands in several links: there is a term for each use of it."""
    return filled(
        "{W_{jk}} is used in each of {z}, and {C} changes through every use: one term for each, the total derivative.",
        {"W_{jk}": left.wrt, "z": tuple(names), "C": left.body},
    )


def of_letters_for_uses(x: Expr, uses: Sequence[Expr]) -> Reason:
    """That a variable has a letter at each of its places."""
    return filled(
        "Each use of {W} has a letter of its own, {u}, and is followed by itself.", {"W": x, "u": tuple(uses)}
    )


def of_all_uses(whole: Expr, x: Expr, uses: Sequence[Expr]) -> Reason:
    """That a change of a variable is a change of all its uses at once."""
    return filled(
        "All of {u} are {W}, so {W} acts on {C} through every use: what was found for each is added up, the total derivative.",
        {"u": tuple(uses), "W": x, "C": whole},
    )


def of_vector(left: Partial, *, column: bool) -> Reason | None:
    """Where the derivative by an entry of a vector stands."""
    said = (
        "In gradient layout the derivative by {b_k} stands in row {k} of a column."
        if column
        else "In numerator layout the derivative by {b_k} stands in column {k} of a row."
    )
    match left.wrt:
        case At(_, (*_, Index() as i)):
            return filled(said, {"b_k": left.wrt, "k": i})
        case _:
            return None


def of_entry(left: Partial, start: Expr, after: Expr, carried: Expr, name: Expr, value: Expr, ctx: Context,
             places_of: Callable[[Sequence[Place]], tuple[Place, ...]]) -> Reason | None:  # fmt: skip
    """Which entries of a link contain an entry of the variable, and at which rate they change with it.

    ``start`` is the sum over the links that it begins with, whose indices are no others here; ``after`` is what was found,
    a product with one entry of what is ``carried``, of which ``places_of`` says which one of the link it belongs to. None where it
    is of another form.
    """
    letter = carried.array if isinstance(carried, At) else carried
    places = entries_of(after, carried)
    if places is None:
        return None
    own = places_of(places)
    family = carried.places if isinstance(carried, At) else ()
    rate = _rate(after, At(letter, (*family, *places)))
    bound = [i for i in indices_in(own) if i not in after.free]
    inner = Context(
        ctx.book,
        {*ctx.taken, *(i.name for i in (*indices_in((*own, *left.free)), *all_indices(start)))},
        ctx.sample_indices,
    )
    steps = Engine(ctx.book.shown(Phase.UNFOLD), ctx.book.silent(Phase.ALWAYS, Phase.INWARD), inner).run(
        entry_of(value, own)
    )
    if rate is None or len(bound) > 2 or not steps:
        return None
    value = steps[-1].after
    told = "[ = {f}|]" if value.written <= LONGEST else ""
    terms: dict[str, Term | None] = {
        "W_{jk}": left.wrt,
        "z": name,
        "z_j": entry(name, own),
        "f": value,
        "x_k": rate,
        "C": left.body,
        "d": At(letter, (*family, *places)),
    }
    if bound:
        every = " and ".join(f"{{i{k}}}" for k in range(len(bound)))
        terms |= {f"i{k}": i for k, i in enumerate(bound)}
        return filled(f"{{W_{{jk}}}} stands in {{z_j}}{told} for every {every}, which changes with it at the rate {{x_k}}, and {{C}} with "
                      "{z_j} at {d}: by the chain rule the products of these rates are added up.", terms)  # fmt: skip
    of_them = "In {z} only {z_j}" if name.shape.axes else "{z_j}"
    return _law_of(value, left.wrt) + filled(
        f"{of_them}{told} contains {{W_{{jk}}}}, with which it changes at the rate {{x_k}}; {{C}} changes with {{z_j}} at the rate {{d}}. "
        "{W_{jk}} acts on {C} through {z_j} alone: by the chain rule the two rates are multiplied.", terms)  # fmt: skip


def _law_of(value: Expr, wrt: Expr) -> Reason:
    """Why the function that an entry is the value of has its slope, where no remark of the document says so."""
    match value:
        case Call(Elementwise(proof=Proof(short="")), args) if sum(1 for a in args if told_of.moves(a, wrt)) == 1:
            return told_of.of_function(Partial(value, wrt)) or Reason()
        case _:
            return Reason()


def of_softmax_rows(left: Partial, after: Expr, name: Expr, value: Expr) -> Reason | None:
    """How the rows of a softmax change with those of what it is of, each by itself; None where the link is none."""
    sums = [e for e in walk(after) if isinstance(e, Sum)]
    match value, left.wrt, sums:
        case Call(op, (Symbol() as z,)), At(array, (Index() as k, Index() as j)), [Sum(Index() as p)] if (
            op is softmax_rows and array == z
        ):
            rate = product(entry(name, (k, p)), Add((Delta(p, j), Mul((MINUS_ONE, entry(name, (k, j)))))))
            return filled("Row {k} of {H} is the softmax of row {k} of {Z} alone, so {H_p} changes with {Z_j} at the rate {r}: what all "
                          "entries of the row pass on is added up over {p}.",
                          {"H": name, "Z": z, "k": k, "H_p": entry(name, (k, p)), "Z_j": left.wrt, "p": p, "r": rate})  # fmt: skip
        case _:
            return None


def entries_of(after: Expr, carried: Expr) -> tuple[Place, ...] | None:
    """The places of the one entry of what is ``carried`` that an expression reads, those of the family left out; None where
    there is no such entry, or several."""
    family = len(carried.places) if isinstance(carried, At) else 0
    letter = carried.array if isinstance(carried, At) else carried
    read = {e.places for e in walk(after) if isinstance(e, At) and e.array == letter}
    return read.pop()[family:] if len(read) == 1 else None


def _rate(after: Expr, weight: Expr) -> Expr | None:
    """What an entry of what is carried is multiplied by."""
    match after:
        case _ if after == weight:
            return ONE
        case Sum(_, body):
            return _rate(body, weight)
        case Mul():
            first, *more = [f for f in factors_of(after) if weight in set(walk(f))] or [ONE]
            inner = None if more or not isinstance(first, Sum | At) else _rate(first, weight)
            return (
                None
                if inner is None
                else product(*(f for f in (*without(factors_of(after), first), inner) if f != ONE))
            )
        case _:
            return None
