"""What a step between arrays and entries tells: which index is summed, which entry of which array it reads."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from derivgen.catalog.base import Formula
from derivgen.catalog.build import (
    chain,
    factors_of,
    plus,
    product,
    split_base,
    split_coefficient,
    terms_of,
    transposed,
    without,
)
from derivgen.catalog.elementwise import exp, greater, less, log, sigmoid
from derivgen.catalog.formulas import norm, softmax
from derivgen.catalog.linear import diag, matmul
from derivgen.expr import (
    MINUS_ONE,
    ONE,
    ZERO,
    Add,
    At,
    Build,
    Call,
    Cases,
    Delta,
    Expr,
    Index,
    Mul,
    Number,
    Pair,
    Place,
    Position,
    Power,
    Sum,
    Symbol,
    children,
    symbols,
    walk,
)
from derivgen.rules.arithmetic import is_ones
from derivgen.rules.reason import Reason, Term, Terms, filled, stand_in

ON_DIAGONAL = (
    r"[The matrix with {\mathbf u} on its diagonal and 0 elsewhere is {\operatorname{diag}(\mathbf u)}|"
    "diag of a vector is the matrix with its entries on the diagonal and 0 elsewhere]."
)


SHORT_ARGUMENT = 3
"""Nodes of what a function is of up to which a sentence about it needs no letter for that."""

LONGEST_ROW = 8
"""Nodes of a row up to which its product with a diagonal matrix is written in a sentence."""

MOST_TERMS, SHORT = 3, 12
"""How many terms a sentence lists, and their nodes."""


def indices(e: At) -> tuple[Expr, ...] | Place:
    """The place of an entry, that of an entry of a matrix in brackets; of more axes the indices among them."""
    match e.places:
        case (place,):
            return place
        case (Index() as i, Index() as j):
            return Pair(i, j)
        case _:
            return tuple(Position(p) for p in e.places if isinstance(p, Index))


BY_DEFINITION = (
    r"[By its definition {\operatorname{softmax}(\mathbf x)} is {\exp(\mathbf x)/\textstyle\sum_k \exp(x_k)}|"
    "The definition is written out]."
)


def of_definition(e: Call | Power, new: Expr) -> Reason | Terms | None:
    """What a formula abbreviates; one that is too long for a line is called by its name."""
    sides: Terms = {r"\operatorname{softmax}(\mathbf x)": e, r"\exp(\mathbf x)/\textstyle\sum_k \exp(x_k)": new}
    match e:
        case Power(Call(op), Number(value)) if op is norm and value == 2:
            return filled(BY_DEFINITION.replace("The definition", "The definition of the squared norm"), sides)
        case Power(Call(Formula() as op)) | Call(Formula() as op):
            name = "the norm" if op is norm else op.name
            return filled(BY_DEFINITION.replace("The definition", f"The definition of {name}"), sides)
        case Call():
            return sides
        case _:
            return None


def summed(before: Expr, after: Expr) -> tuple[Expr, ...]:
    """The indices over which a sum was written that was not there before."""
    known = {e.index for e in walk(before) if isinstance(e, Sum)}
    return tuple(Position(e.index) for e in walk(after) if isinstance(e, Sum) and e.index not in known)


def of_product(before: Expr, after: Expr) -> Reason | Terms:
    """An entry of a matrix product, and the indices over which it is a sum; an outer product has none."""
    indices = summed(before, after)
    if not indices:
        return filled("[{u} is {v}: no|No] index is shared, so nothing is summed.", {"u": before, "v": after})
    return {r"(A\mathbf x)_i": before, "j": indices}


def last_entry(e: Expr) -> At | None:
    """The entry among the factors of a product that was recognised, the last."""
    found = [f for f in factors_of(e) if isinstance(f, At)]
    return found[-1] if found else None


def array_of(e: Expr) -> Expr | None:
    """The array of that entry."""
    found = last_entry(e)
    return None if found is None else found.array


def arguments(e: Expr) -> tuple[Expr, ...]:
    """What an operation at the end of a product is of."""
    call = factors_of(e)[-1]
    return call.args if isinstance(call, Call) else ()


def expanded(before: Expr, after: Expr) -> Reason:
    """The scalar beside a vector, and the vector that it stands for; of a product also which factor an entry begins with."""
    old = children(before)
    new = next(c for c in children(after) if c not in old)
    scalar = next(c for c in old if not c.shape.axes)
    turned = isinstance(before, Mul) and scalar is old[-1] and isinstance(scalar, Symbol)
    return filled(
        "Beside {x} the scalar {z} stands for {v}, the vector with {z} in every entry."
        + (" In an entry of the product the number {z} is written first." if turned else ""),
        {
            "x": next(c for c in old if c.shape.axes),
            "z": scalar,
            "v": new,
        },
    )


def collapsed(e: Sum, _: Expr) -> Terms | None:
    """The delta that leaves one term of a sum, and at which place."""
    for f in factors_of(e.body):
        if isinstance(f, Delta) and f.left != f.right and e.index in (f.left, f.right):
            return {r"\delta_{jk}": f, "j": e.index, "k": f.right if f.left == e.index else f.left}
    return None


def cancelled(e: Mul, new: Expr) -> Terms:
    """The factor that divides, and is a factor of every term."""
    left = factors_of(new)
    gone = (split_base(f)[0] for f in e.factors if f not in left and not isinstance(f, Add))
    return {"u": next(gone, None)}


def added_up(e: Call, new: Expr) -> Reason | Terms:
    """What is left of the products of entries that an inner product adds up: where a factor cancels, the other."""
    left, right = transposed(e.args[0]), e.args[1]
    if is_ones(left) or is_ones(right):
        v = right if is_ones(left) else left
        return {r"\mathbf 1^{\mathsf T}\mathbf v": e, r"\mathbf v": v, r"\operatorname{sum}(\mathbf v)": new}
    below = dict(map(split_base, factors_of(left)))
    gone = next(base for base, power in map(split_base, factors_of(right)) if below.get(base) == -power)
    return filled(
        "[{a} adds up products of entries, in which {u} cancels, so it is {b}|Products of entries are added up, in which a factor cancels].",
        {"a": e, "u": gone, "b": new},
    )


def decided(e: Mul, _: Expr) -> Terms:
    """The indicator, and the comparison that it decides."""
    f = next(f for f in e.factors if isinstance(f, Call) and f.op in (greater, less))
    pairs = (f.args, f.args[::-1], *((a,) for a in f.args))
    found = (c for c in walk(product(*without(e.factors, f))) if isinstance(c, Call) and c.args in pairs)
    return {r"\mathbf 1(z > 0)": f, r"\max(0, z)": next(found, None)}


def logistic(e: Mul, new: Expr) -> Terms:
    """The exponential over one plus itself, and the logistic function that it is."""
    found = next((c for c in walk(new) if isinstance(c, Call) and c.op is sigmoid), None)
    if found is None:
        return {}
    terms: dict[str, Term | None] = {"t": stand_in("t")}
    for name, u in (("u", found.args[0]), ("t", stand_in("t"))):
        below = Add((ONE, Call(exp, (product(MINUS_ONE, u),))))
        terms |= {f"e^{name}": Call(exp, (u,)), rf"\sigma({name})": Call(sigmoid, (u,))}
        terms[rf"\frac{{1}}{{1 + e^{{-{name}}}}}"] = Power(below, MINUS_ONE)
        large = Call(exp, (u,))
        terms[rf"\frac{{e^{name}}}{{1 + e^{name}}}"] = product(large, Power(Add((ONE, large)), MINUS_ONE))
    return terms


def complement(e: Add, new: Expr) -> Reason:
    """One minus the logistic function worked out, with a letter for what it is of where that is long."""
    inside = [c for c in walk(new) if isinstance(c, Call) and c.op is sigmoid]
    known = {c for c in walk(e) if isinstance(c, Call) and c.op is sigmoid}
    (u,) = next(c for c in inside if c not in known).args
    t = (
        u
        if isinstance(u, Symbol) or u.written <= SHORT_ARGUMENT
        else stand_in(next(x for x in "tuvqsp" if x not in symbols(e)))
    )
    large = Call(exp, (t,))
    over = Power(Add((ONE, large)), MINUS_ONE)
    terms = {
        "u": t,
        "s": Call(sigmoid, (product(MINUS_ONE, t),)),
        "q": over,
        "p": product(large, over),
        "v": Call(sigmoid, (t,)),
        "w": u,
    }
    said = "{s} is {q}, and one minus that is {p}, which is {v}"
    return filled(f"{said}." if t is u else f"{said}, here with {{u}} for {{w}}.", terms)


def diagonal(e: Mul, new: Expr) -> Reason | Terms:
    """The vector that stands on a diagonal; the identity has ones there."""
    array = array_of(new)
    if isinstance(array, Call) and array.op is diag:
        (on,) = array.args
        if isinstance(on, Build):
            return filled("[A matrix with {u} in place {i} of its diagonal, and 0 elsewhere, is diag of the vector with that entry {i}|"
                          "diag of a vector is the matrix with its entries on the diagonal and 0 elsewhere].",
                          {"u": on.body, "i": on.indices[0]})  # fmt: skip
        return {r"\mathbf u": array.args[0], r"\operatorname{diag}(\mathbf u)": array}
    return filled("[{f} is the same in all places on the diagonal and 0 off it:|What is the same in all places on the diagonal and 0 off it is] a multiple of the identity {d}.",
                  {"f": e, "d": array})  # fmt: skip


def outer(e: Mul, new: Expr) -> Reason | Terms:
    """The entries of a column and of a row whose product is recognised; the numbers beside it stay where they are."""
    beside = [f for f in factors_of(new) if not isinstance(f, At)]
    array, entry = array_of(new), product(*without(e.factors, *beside))
    if array is None or any("symmetric" in s.traits for s in symbols(array).values()):  # its transposes are not printed
        return filled(
            "[{u} is an entry of a column times an entry of a row:|An entry of a column times an entry of a row is one] of their outer product.",
            {"u": entry},
        )
    return {"u_i v_j": entry, r"\mathbf u\mathbf v^{\mathsf T}": array}


def combined(e: Build, new: Expr) -> Reason | Terms:
    """The array that has these entries; one that has the same everywhere, or on its diagonal, is said to be so."""
    if e.body == ONE and not isinstance(new, Build):
        kind = "matrix" if new.shape.rank == 2 else "row" if new.shape.row else "column"
        return filled(f"Every entry is {{c}}, so the whole is {{d}}, a {kind} of ones.", {"c": e.body, "d": new})
    if isinstance(e.body, Number):
        return filled("Every entry is {c}, so the whole is {d}.", {"c": e.body, "d": new})
    if {*e.indices} in [{f.left, f.right} for f in factors_of(e.body) if isinstance(f, Delta)]:
        kept = product(*(f for f in factors_of(e.body) if not isinstance(f, Delta)))
        return filled(ON_DIAGONAL, {r"\mathbf u": kept, r"\operatorname{diag}(\mathbf u)": new})
    if e.body.shape.axes or len(e.indices) not in (1, 2):
        return {"A_{ij}": e.body, "A": new}
    terms: Terms = {"a": e.body, "A": new, "i": e.indices[0], "j": e.indices[-1]}
    if len(e.indices) == 2:
        return filled(
            "[The matrix with {a} in row {i} and column {j} is {A}|What was found for row {i} and column {j} is put there].",
            terms,
        )
    kind = "row" if e.row else "column"
    return filled(f"[The {kind} with {{a}} as entry {{i}} is {{A}}|What was found is entry {{i}} of a {kind}].", terms)


def by_diagonal(e: Call, new: Expr) -> Reason | Terms:
    """A row of ones collects what stands on the diagonal; any other is multiplied by it entry by entry."""
    for row, matrix in pairwise(e.args):
        if is_ones(row) and isinstance(matrix, Call) and matrix.op is diag:
            words = (
                "[In {f} the ones add up each column of {m}, which holds one entry of {d}, on the diagonal, and 0 elsewhere: the|"
                "The ones add up each column of a diagonal matrix, which holds one entry and 0 elsewhere: the] sum is that entry."
            )
            return filled(words, {"f": Call(matmul, (row, matrix)), "m": matrix, "d": matrix.args[0]})
        if row.shape.row and isinstance(matrix, Call) and matrix.op is diag and row.written > LONGEST_ROW:
            words = "The row before {m} meets one entry of {d} in each column: each of its entries is multiplied by the one in its place."
            return filled(words, {"m": matrix, "d": matrix.args[0]})
    return {
        r"\mathbf v^{\mathsf T}\operatorname{diag}(\mathbf u)": e,
        r"(\mathbf v \otimes \mathbf u)^{\mathsf T}": new,
    }


def written_matrix(e: Add, new: Expr) -> Terms:
    """A sum of entries, and the sum of the arrays that they are read from."""
    arrays = [t.array for t in terms_of(new) if isinstance(t, At)]
    return {"A_{ij} + v_i": e, r"A + \mathbf v\mathbf 1^{\mathsf T}": Add(tuple(arrays)) if len(arrays) > 1 else None}


def collected(e: Add, new: Expr) -> Reason:
    """The factor that terms of a sum have in common, and these terms where they are short."""
    gone = tuple(without(e.terms, *(t for t in terms_of(new) if t in e.terms)))
    made = [t for t in terms_of(new) if t not in e.terms]
    sums = [p for f in factors_of(made[0]) for p in _in_chain(f) if isinstance(p, Add)] if len(made) == 1 else []
    common = _beside(made[0], sums[-1]) if sums else None
    count = _COUNTS.get(len(gone), "several")
    several = "the terms" if len(gone) == len(e.terms) else f"{count} terms"
    if common is None:
        return filled(
            f"{several.capitalize()}[ of {{e}}|] have a factor in common, which is taken out[: {{new}}|].",
            {"e": e, "new": new},
        )
    short = 1 < len(gone) <= MOST_TERMS and all(t.written <= SHORT for t in gone)
    each = "{gone}" if short else "every term of {gone}"
    words = (
        f"[{{u}} is a factor of {each}, so it is taken out|{{u}} is a factor of {count} terms, so it is taken out|"
        f"{several.capitalize()} have a factor in common, which is taken out]."
    )
    said = filled(words, {"u": common, "gone": gone if short else plus(*gone)})
    left = [t for part in sums[-1].terms for t in terms_of(part)]
    counts: dict[Expr, list[Fraction]] = {}
    for value, rest in map(split_coefficient, left):
        counts.setdefault(rest, []).append(value)
    cancelled = [rest for rest, values in counts.items() if len(values) > 1 and not sum(values)]
    return said.also(filled("{x} cancels.", {"x": cancelled[0]})) if len(cancelled) == 1 else said


_COUNTS = {2: "two", 3: "three", 4: "four"}


def _beside(e: Expr, rest: Add) -> Expr | None:
    """What ``rest`` is multiplied by in ``e``, from one side; None where that is nothing, or stands on both sides of it."""
    factors = factors_of(e)
    if rest in factors:
        return product(*without(factors, rest)) if len(factors) > 1 else None
    links = next(f for f in factors if rest in _in_chain(f))
    others, before = without(factors, links), _in_chain(links)
    if rest not in (before[0], before[-1]) or any(f.shape.axes for f in others):
        return None
    return product(*others, chain(*without(before, rest)))


def _in_chain(f: Expr) -> tuple[Expr, ...]:
    return f.args if isinstance(f, Call) and f.op is matmul and f.shape.axes else (f,)


def log_of_softmax(e: Expr, new: Expr) -> Reason:
    """The softmax whose logarithm is a difference, and what the weights of its entries make of the logarithm subtracted."""
    found = next(c for c in walk(e) if isinstance(c, Call) and c.op is softmax)
    subtracted = next((c for c in walk(new) if isinstance(c, Call) and c.op is log and not c.shape.axes), None)
    terms = {"s": found, "x": found.args[0], "L": subtracted}
    said = filled(
        "[Each entry of {s} is an exponential over their sum, so its logarithm is the entry of {x} less {L}|"
        "Each entry of a softmax is an exponential over their sum, so its logarithm is the exponent less the logarithm of "
        "that sum].",
        terms,
    )
    weights = next(
        (
            f
            for t in terms_of(new)
            for f in factors_of(t)
            if isinstance(f, Call) and f.op is matmul and is_ones(transposed(f.args[0]))
        ),
        None,
    )
    if weights is not None:
        return said + filled(
            "Multiplied by the entries of {y} and added up, [{L} gets|what is subtracted gets] the factor {w}.",
            {**terms, "y": weights.args[1], "w": weights},
        )
    known = next((y for y in symbols(e).values() if "simplex" in y.traits and not e.shape.axes), None)
    if known is None:
        return said
    return said + filled("The entries of {y} sum to 1, so [{L}|what is subtracted] stands once.", {**terms, "y": known})


def folded_softmax(_: Mul, new: Expr) -> Terms:
    """The softmax that was recognised."""
    return {
        r"\operatorname{softmax}(\mathbf x)": next(
            (c for c in walk(new) if isinstance(c, Call) and c.op is softmax), None
        )
    }


def indicator(e: Expr, _: Expr) -> Terms:
    """The comparison in a product."""
    return {r"\mathbf 1(c)": next(f for f in factors_of(e) if isinstance(f, Call) and f.op in (greater, less))}


def beside_cases(e: Mul, new: Expr) -> Terms | Reason:
    """What multiplies each case, and what that makes of each; a number that stays in front does not."""
    cases = next(f for f in e.factors if isinstance(f, Cases) and not f.shape.axes)
    made = next((f for f in factors_of(new) if isinstance(f, Cases)), None)
    beside = without(e.factors, cases)
    by = product(*without(beside, *(f for f in factors_of(new) if f in beside)))
    if made is None or len(cases.branches) > 1:
        return {"u": by}
    (_, value), (_, after) = cases.branches[0], made.branches[0]
    signed = split_coefficient(value)[0] < 0 and cases.otherwise == ZERO
    sign = "; the minus sign goes in front of the cases" if signed else ""
    return filled(f"Each case is multiplied by {{u}}: {{c}} becomes {{d}} and {{a}} becomes {{b}}{sign}.",
                  {"u": by, "a": value, "b": after, "c": cases.otherwise, "d": made.otherwise})  # fmt: skip
