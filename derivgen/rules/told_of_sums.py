"""What is told of a sum over samples: what is the same in every term, and which product of arrays it is."""

from __future__ import annotations

from derivgen.catalog.build import factors_of, number, product, split_coefficient, transposed, without
from derivgen.catalog.linear import diag, matmul, sum_
from derivgen.expr import ONE, Add, At, Call, Expr, Index, Sum, indices_in, walk
from derivgen.rules.reason import Reason, Term, Terms, filled
from derivgen.rules.told_of_moves import derivatives


def same_in_all(e: Sum, new: Expr) -> Reason | Terms:
    """The factors that are the same in every term of a sum, which stand beside it."""
    assert isinstance(new, Call)
    beside = tuple(dict.fromkeys(a for a in new.args if e.index not in a.free and not isinstance(a, Sum)))
    is_, it = ("is", "it") if len(beside) == 1 else ("are", "them")
    words = (
        f"[{{c}} {is_} the same in every term of the sum over {{i}}, so the sum of the others is multiplied by {it}|"
        "Factors that are the same in every term of the sum over {i} multiply the sum of the others]."
    )
    return filled(words, {"c": beside, "i": e.index})


LONG_WEIGHT = 14
"""How many nodes a weight has at most that a sentence repeats."""


def gathered(e: Sum, new: Expr) -> Reason | Terms:
    """What a sum over the samples is a product of: which array holds the weights of all, and where they stand in it."""
    weight = product(*(f for f in factors_of(e.body) if not f.shape.axes and e.index in f.free))
    arrays = [f for f in factors_of(e.body) if f.shape.axes]
    whole = next((f for f in factors_of(new) if isinstance(f, Call) and f.op is matmul), None)
    terms: dict[str, Term | None] = {
        "i": e.index, "w": weight, "e": e, "new": new, "x": arrays[0] if arrays else None
    }  # fmt: skip
    if weight == ONE and e.shape.rank == 2 and whole is not None and len(whole.args) == 2 and isinstance(e.body, Call):
        return filled("{x} is column {i} of {left} times row {i} of {right}, and added up over {i} these make their product.",
                      {**terms, "left": whole.args[0], "right": whole.args[1]})  # fmt: skip
    if not arrays and not isinstance(e.body, Add) and whole is None:
        return filled("The terms of the sum over {i} are the entries of one vector, which it adds up[: {new}|].", terms)
    if isinstance(e.body, Add) or whole is None or weight == ONE or not arrays:
        return filled(
            "Each term[ of {e}|] is a product of entries or rows, so the sum over {i} is a matrix product[: {new}|].",
            terms,
        )
    since = _entry_of_data(weight, e.index)
    why = " (since {wx} is entry {i} of {Xw})" if since is not None else ""
    terms |= {"wx": since[0], "Xw": since[1]} if since is not None else {}
    on = next((p for p in walk(whole) if isinstance(p, Call) and p.op is diag and p.args[0].shape.rank == 1), None)
    if e.shape.rank == 2 and on is not None:
        return filled(f"The weight of {{x}}, {{w}}, is entry {{i}} under diag{why}: such a sum of outer products "
                      "is a product with the weights on a diagonal between {left} and {right}.",
                      {**terms, "left": whole.args[0], "right": whole.args[-1]})  # fmt: skip
    v, rows = (whole.args[0], whole.args[1]) if e.shape.row else (whole.args[-1], whole.args[0])
    if e.shape.rank == 1 and len(whole.args) == 2 and v.shape.rank == 1 and rows.shape.rank == 2:
        kind = "row" if e.shape.row else "column"
        if weight.written > LONG_WEIGHT:
            return filled(f"{{x}} is {kind} {{i}} of {{X}}, and the number that it is multiplied by is entry {{i}} of a vector{why}: "
                          "the weighted sum is the product of this vector and {X}.", {**terms, "X": rows})  # fmt: skip
        return filled(f"{{x}} is {kind} {{i}} of {{X}}, and its weight {{w}} is entry {{i}} of {{v}}{why}: "
                      "the weighted sum is [the product {new}|their product].", {**terms, "v": v, "X": rows})  # fmt: skip
    return filled("A weighted sum over {i} is a matrix product with the vector of the weights[: {new}|].", terms)


def _entry_of_data(weight: Expr, i: Index) -> tuple[Expr, Expr] | None:
    """An inner product with row i of a matrix in a weight, and the product of arrays that it is entry i of."""
    for e in walk(weight):
        match e:
            case Call(op, (left, At(rows, (place,)))) if op is matmul and place == i and i not in left.free:
                return e, Call(matmul, (rows, transposed(left)))
            case Call(op, (Call(_, (At(rows, (place,)),)), right)) if (
                op is matmul and place == i and i not in right.free
            ):
                return e, Call(matmul, (rows, right))
            case _:
                continue
    return None


def rows_read(e: Call, new: At) -> Terms:
    """Of an inner product with a row of a matrix: the row, the matrix, and the product that it is an entry of."""
    (place,) = new.places
    row = next((p for p in walk(e) if isinstance(p, At) and p.shape.axes and place in indices_in(p.places)), e)
    of = row.array if isinstance(row, At) else e
    return {r"\mathbf x_i": row, "X": of, r"X\mathbf u": new.array, r"\mathbf u^{\mathsf T}\mathbf x_i": e}


def data_inside(e: Expr, new: Expr) -> Reason | Terms | None:
    """Of a sum over rows of data within a function: the product of arrays that it reads, and the vector whose entries it adds up."""
    sums = [s for s in walk(e) if isinstance(s, Sum) and s not in set(walk(new))]
    since = _entry_of_data(sums[0].body, sums[0].index) if sums else None
    vector = next(
        (p.args[0] for p in walk(new) if isinstance(p, Call) and p.op is sum_ and p not in set(walk(e))), None
    )
    if since is None:
        return filled("The terms of the sum are the entries of one vector[, {v}|].", {"v": vector})
    terms: Terms = {
        r"\mathbf w^{\mathsf T}\mathbf x_j": since[0],
        "j": sums[0].index,
        r"X\mathbf w": since[1],
        "v": vector,
    }
    return terms


def of_samples(left: Expr, named: Expr) -> Reason:
    """How the derivative of the whole is made of that of one sample."""
    found = next(d for d in derivatives(named))
    total = next(e for e in walk(named) if isinstance(e, Sum))
    front = without(factors_of(named), total)
    times = " and multiplied by {c}" if front else ""
    return filled(f"{{d}}, added up over {{i}}{times}, is {{whole}}.",
                  {"d": found, "i": total.index, "c": product(*front), "whole": left})  # fmt: skip


def of_number_in_front(term: Expr, total: Expr) -> Reason | None:
    """That a number in each term went in front of the sum; None where there is none, or it stays in the terms."""
    count, _ = split_coefficient(term)
    sums = [e for e in factors_of(total) if isinstance(e, Sum)]
    if count == 1 or len(sums) != 1 or split_coefficient(sums[0].body)[0] != 1:
        return None
    what = "minus sign" if count == -1 else "factor {c}"
    gone = ", where the numbers cancel" if abs(count) != 1 == abs(split_coefficient(total)[0]) else ""
    return filled(f"The {what} of each term goes in front of the sum{gone}.", {"c": number(count)})
