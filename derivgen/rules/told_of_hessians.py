"""What the steps of a second derivative tell: which gradient is differentiated again, and what of it contains the variable."""

from __future__ import annotations

from collections.abc import Sequence

from derivgen.catalog.build import chain, factors_of, product, split_coefficient, transposed
from derivgen.expr import MINUS_ONE, ONE, At, Build, Cases, Expr, Index, Partial, walk
from derivgen.rules.reason import Reason, Term, Terms, filled

LONGEST_RATE = 14
"""Nodes of a derivative up to which a sentence says it; a longer one by its name."""


def of_gradient(first: Expr, g: Expr, total: Expr | None) -> Reason:
    """The first derivative as a column; of a sum over samples also that it is the ``total`` of theirs."""
    terms: Terms = {"d": first, "g": g, "sum": total}
    if total is not None:
        return filled(
            "{d} is {sum}, into which what was found for one term is put; written as a column it has the letter {g}.",
            terms,
        )
    if first.shape.axes:
        return filled("{d}, written as a column, has the letter {g}.", terms)
    return filled("{d} has the letter {g}, and is differentiated again.", terms)


def of_term(u: Expr, value: Expr, r: Expr, g: Expr, total: Expr, why: Reason) -> Reason:
    """Of which terms the gradient is the ``total``, and what in one of them changes."""
    moving = [f for f in factors_of(value) if any(e == r for e in walk(f))]
    only = "[; in {u} only {f} contains {r}|]" if len(moving) == 1 and moving[0] not in (r, value) else ""
    terms: Terms = {"u": u, "g": g, "sum": total, "f": moving[0] if moving else None, "r": r}
    return filled(f"{{g}} is {{sum}}{only}.", terms) + why.at_once


def of_links(y: Expr, g: Expr, names: tuple[Expr, Expr, Expr], derivatives: Sequence[Expr], found: Sequence[Expr],
             places: tuple[Index, ...], family: tuple[Index, ...], front: Expr = ONE) -> Reason:  # fmt: skip
    """Why the second partials are the derivative of the gradient, and through which letter that changes; an index of
    ``places`` is a place in the gradient, one of the ``family`` a sample; ``front`` stands before the sum of these."""
    u, r, x = names
    rates = [d if f.written > LONGEST_RATE or any(isinstance(e, Cases) for e in walk(f)) else f
             for d, f in zip(derivatives, found, strict=True)]  # fmt: skip
    terms: dict[str, Term | None] = {"y": y, "g": g, "u": u, "r": r, "x": x, "A": rates[1], "B": rates[0]}
    terms |= {"k": places[0] if places else None, "i": family[0] if family else None, "c": front}
    row = "The Hessian is the Jacobian of {g}: its row {k} is the gradient of entry {k}."
    if not places:
        row = "The second derivative of {y} is the derivative of {g}."
    added = ", and these are added up over {i}" if family else ""
    if family and front != ONE:
        added += ", with the minus sign in front" if front == MINUS_ONE else ", with {c} in front"
    signs = [split_coefficient(f)[0] < 0 for f in found]
    before = bool(family) and split_coefficient(front)[0] < 0
    own = " of the rates" if before and all(signs) else ""
    added += f"; the two minus signs{own} cancel" if all(signs) or (before and any(signs)) else ""
    return filled(
        f"{row} {{r}} changes with {{x}} at the rate {{A}} and {{u}} with {{r}} at {{B}}: their product is how {{u}} changes "
        f"with {{x}}{added}.",
        terms,
    )


def of_moving(g: Expr, s: Expr, x: Expr) -> Reason:
    """That a gradient is its one part that contains the variable, but for a constant."""
    return filled("Of {g} only {s} contains {x}, so {g} changes as {s} does.", {"g": g, "s": s, "x": x})


def of_second(y: Expr, g: Expr, jacobian: Expr) -> Reason:
    """Why the Jacobian of the gradient holds the second partials."""
    match jacobian:
        case Build((Index() as k, *_)):
            return filled("{g} holds the partials of {y}, and row {k} of its Jacobian {d} is the gradient of entry {k}: these are "
                          "the second partials.", {"g": g, "y": y, "d": jacobian, "k": k})  # fmt: skip
        case _:
            return filled("The derivative of {g} is the second derivative of {y}.", {"g": g, "y": y})


def of_own_value(first: Expr, g: Expr, read: Expr, y: Expr, u: Expr) -> Reason:
    """That the value is read in its own gradient, as ``y``, and what is left there has a letter."""
    return of_gradient(first, g, None) + filled(
        "{e} in it is {y}, so the value stands in its own gradient; what it multiplies has the letter {u}.",
        {"e": read, "y": y, "u": u},
    )


def of_known_factor(first: Expr, g: Expr, power: Expr, u: Expr) -> Reason:
    """That what a number multiplies in the gradient has a letter."""
    return of_gradient(first, g, None) + filled("What {z} multiplies in it has the letter {u}.", {"z": power, "u": u})


def of_two_factors(y: Expr, u: Expr, gradient: Expr, known: Expr) -> Reason:
    """Why the product rule needs nothing new but the Jacobian of ``u``."""
    return filled(
        "{y} and {u} both change: each is differentiated in turn while the other stays, and {d} is known by now, for it is {g}.",
        {"y": y, "u": u, "d": gradient, "g": known},
    )


def of_kept(stand_for: Reason, kept: Expr | None) -> Reason:
    """What the letters stand for that are put back, and which stays."""
    return stand_for if kept is None else stand_for.also(filled("{y} keeps its letter.", {"y": kept}))


def of_sum(y: Expr, names: Sequence[Expr]) -> Reason:
    """That the Hessian of a sum is the sum of those of its terms."""
    return filled("The Hessian of {y} is the sum of those of {n}.", {"y": y, "n": tuple(names)})


def of_term_at_once(first: Expr, row: Expr, column: Expr, found: Expr) -> Reason:
    """The gradient of a term, and the Jacobian of that."""
    return filled(
        "So {d} is {r}, and the Jacobian of the column {c} is {h}.", {"d": first, "r": row, "c": column, "h": found}
    )


def of_linear(y: Expr, x: Expr, first: Expr, row: Expr) -> Reason:
    """That a linear term has no second derivative."""
    return filled(
        "{y} is linear in {x}: {d} is {r}, which does not change with {x}.", {"y": y, "x": x, "d": first, "r": row}
    )


def of_one_in_a_sum(y: Expr, f: Expr, i: Index) -> Reason:
    """That a value adds up one term for each sample, and which letter such a term has."""
    return filled("{y} adds up one term for each {i}, which has the letter {f}.", {"y": y, "f": f, "i": i})


def of_all_terms(left: Expr, one: Expr, i: Index) -> Reason:
    """That the derivative of a sum over samples is the sum of theirs."""
    return filled("The derivative of a sum is the sum of the derivatives: in {d} the {e} are added up over {i}.",
                  {"d": left, "e": one, "i": i})  # fmt: skip


def of_linear_number(
    names: tuple[Expr, Expr, Expr], rate: Expr, found: Expr, slopes: tuple[Expr, Expr], family: tuple[Index, ...]
) -> Reason:
    """Why only one factor of a first derivative changes, and what the second derivative is by that.

    ``names`` are those of a term, of the number in it and of the variable; ``rate`` is the derivative of that number, which
    was ``found``; ``slopes`` are those of the term by it, the first and the second.
    """
    *_, x = names
    first, second = slopes
    terms: dict[str, Term | None] = {"x": x, "d": rate, "J": found, "s": first, "i": family[0] if family else None}
    if not second.shape.axes:
        terms |= {"t": product(first, rate), "D": product(second, rate)}
    columns = "times {d} that is the second derivative"
    if found.shape.axes:
        columns = "the column of these rates times the row {d} holds the second partials"
    if second.shape.axes:
        columns = "as a column the product begins with {T}, and so does the Hessian"
        terms["D"] = chain(second, rate) if rate.shape.axes else product(second, rate)
        terms["t"] = chain(first, rate) if rate.shape.axes else product(first, rate)
        terms["T"] = transposed(rate)
    added = ", which are added up over {i}" if family else ""
    signs = "; {d} stands there twice, so that its minus sign is gone" if split_coefficient(found)[0] < 0 else ""
    return filled(
        "{d}[, which is {J},|] does not change with {x}. So of {t} only {s} changes with {x}, at the rate {D}; "
        f"{columns}{added}{signs}.",
        terms,
    )


def of_linear_terms(y: Expr, n: Expr, x: Expr, straight: Sequence[Expr]) -> Reason:
    """That of a sum the linear terms have no second derivative, so that it has that of the one other term."""
    is_, has = ("is", "its gradient does") if len(straight) == 1 else ("are", "their gradients do")
    return filled(
        f"[{{t}} {is_}|The other terms are] linear in {{x}}: {has} not change, so that the Hessian of {{y}} is that of {{n}}, the rest of it.",
        {"t": tuple(straight), "x": x, "y": y, "n": n},
    )


def of_entries(first: Partial, second: Partial, x: Expr, value: Expr) -> Reason:
    """That a partial contains one entry of the variable alone, so that the second partials by two entries are zero."""
    match first.wrt:
        case At(array, (*_, Index() as j)):
            terms: dict[str, Term | None] = {"d": first, "x": array, "x_j": first.wrt, "D": second, "v": value, "j": j}
            return filled("{d} contains no other entry of {x} than {x_j}, so the Hessian has {D}[, {v},|] as entry {j} of its diagonal, "
                          "and 0 elsewhere.", terms)  # fmt: skip
        case _:
            return Reason()
