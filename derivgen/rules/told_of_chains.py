"""What a chain tells of its links: how a change goes through them, and what each of their rates depends on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import pairwise

from derivgen.catalog.build import factors_of, product, split_base, split_coefficient
from derivgen.catalog.elementwise import greater, greater_equal, less, less_equal, sign
from derivgen.catalog.linear import diag, transpose
from derivgen.catalog.opaque import eye, largest, ones, smallest
from derivgen.expr import ONE, ZERO, At, Binder, Call, Cases, Expr, Index, Number, Partial, Symbol, symbols
from derivgen.rules.reason import Reason, Term, filled, listing

MOST_RATES = 4
"""How many links a sentence goes through one by one."""


def in_turn(x: Expr, names: Sequence[Expr]) -> Reason:
    """Why several have names: each stands in the next alone, from the variable ``x`` to the value, the last of ``names``."""
    parts: list[str | Expr] = []
    for k, (one, within) in enumerate(pairwise((x, *names))):
        parts += [" and " if k == len(names) - 1 else ", "] if k else []
        parts += [one, " in ", within] if k else [one, " stands in ", within, " alone"]
    return Reason((*parts, "."))


# --- the product of the Jacobians ----------------------------------------------------------------------------------------


def of_product(x: Expr, names: Sequence[Expr], rates: Sequence[Expr], left: Expr,
               places: Sequence[Index | None], *, whole: bool = False, column: bool = False) -> Reason:  # fmt: skip
    """How ``x`` changes the last of ``names`` through the others, each of which changes with the one before at its rate.

    Of two links with a vector between it is said for one entry, unless an entry has a step of its own (``whole``):
    ``places`` are three indices for the value, the vector and the variable. In gradient layout the derivative of a number
    is a ``column`` behind the transposes of the Jacobians.
    """
    if all(not u.shape.axes for u in names[:-1]):
        return _through_numbers(x, names, rates, left)
    if len(names) > 2 or whole or x.shape.rank > 1:
        return _backwards(names, rates, left) if column else _in_order(x, names, rates, left)
    return _through_entries(x, names, rates, places, column=column)


def of_declared(y: Expr, f: Expr, u: Expr, left: Partial, entry: Expr, *, further: bool) -> Reason:
    """What the table of a function that is only declared holds; ``further`` out the variable is only a letter of the chain."""
    i = left.body.places[-1] if isinstance(left.body, At) else None
    terms: dict[str, Term | None] = {
        "y": y,
        "f": f,
        "u": u,
        "i": i,
        "f_i": f if i is None else At(f, (i,)),
        "d": left,
        "v": entry,
    }
    what = "row {i} holds the partials of {f_i}" if u.shape.axes else "entry {i} is the derivative of {f_i} by {u}"
    where = " by the entries of {u}, wherever {u} comes from" if further and u.shape.axes else ""
    if i is None and isinstance(left.wrt, At):
        terms |= {"k": left.wrt.places[-1], "u_k": left.wrt}
        what = "entry {k} of its derivative is that by {u_k}"
        where = ", wherever {u} comes from" if further else ""
    return filled(f"{{y}} is {{f}}: {what}{where}, so {{d}} is {{v}}.", terms)


def of_fan(z: Expr, row: Binder, left: Partial, rate: Expr) -> Reason:
    """Through which entry of a vector an entry of a matrix acts on another vector."""
    return filled("In {z} only {z_j} contains {w}, with which it changes at the rate {r}: of the sum only that term is left.",
                  {"z": z, "z_j": At(z, (row,)), "w": left.wrt, "r": rate})  # fmt: skip


def of_mixed_fan(z: Expr, between: Binder, factor: At, left: Partial, rate: Expr) -> Reason:
    """How an entry of a matrix acts on another vector through all entries of one that a further matrix makes of its rows."""
    return filled("Every {z_p} contains {w} with the factor {K_{pj}}, and changes with it at the rate {r}: the sum over {p} is of these entries.",
                  {"z_p": At(z, (between,)), "w": left.wrt, "K_{pj}": factor, "r": product(factor, rate), "p": between})  # fmt: skip


def in_short(y: Expr, x: Expr, u: Expr, inner: Expr, outer: Expr, within: Expr | None = None) -> Reason:
    """A chain of two links in one sentence, with what the letter ``u`` stands for where its rate is seen in that."""
    signs = ", in which the minus signs cancel" if all(split_coefficient(e)[0] < 0 for e in (inner, outer)) else ""
    value = "[, which is {v},|]" if within is not None else ""
    return filled(f"{{u}}{value} changes with {{x}} at the rate {{A}} and {{y}} with {{u}} at {{B}}: by the chain rule {{y}} changes with "
                  f"{{x}} at their product{signs}.", {"x": x, "y": y, "u": u, "v": within, "A": inner, "B": outer})  # fmt: skip


def _through_numbers(x: Expr, names: Sequence[Expr], rates: Sequence[Expr], left: Expr) -> Reason:
    """Through numbers alone: at which rate each changes with the one before."""
    terms: dict[str, Term | None] = {"u0": x, "d": left}
    parts: list[str] = []
    for k, (name, rate) in enumerate(zip(names, rates, strict=True), 1):
        terms |= {f"u{k}": name, f"J{k}": rate}
        changes, at = ("changes ", "at the rate") if k == 1 else ("", "at")
        parts.append(f"{{u{k}}} {changes}with {{u{k - 1}}} {at} {{J{k}}}")
    if len(parts) > MOST_RATES:
        parts = [parts[0], "so on", parts[-1]]
    said = f"{', '.join(parts[:-1])} and {parts[-1]}"
    both = "{J2} times {J1}" if len(names) == 2 else "the product of these rates"
    gone = _cancelled(rates)
    both += "; {c} cancels" if gone is not None else ""
    return filled(f"{said}: by the chain rule {{d}} is {both}.", {**terms, "c": gone})


def without_slope(rates: Iterable[Expr]) -> Reason:
    """Where a link has no slope, so that the chain rule does not hold: its rate is one number on one side and another beyond."""
    for rate in rates:
        v = rate.args[0] if isinstance(rate, Call) and rate.op in (diag, transpose) else rate
        match split_coefficient(v)[1]:
            case Cases(((Call(op, (z, c)), Number()),), Number()) if op in _ORDERINGS:
                pass
            case Call(op, (z, c)) if op in _ORDERINGS:
                pass
            case Call(op, (z,)) if op is sign:
                c = ZERO
            case _:
                continue
        reached = " in several entries" if _is_extreme(z) or _is_extreme(c) else " in some entry"
        entry = reached if v.shape.axes else ""
        return filled(f"The rule says nothing where {{z}} = {{c}}{entry}; the convention stays.", {"z": z, "c": c})
    return Reason()


def _is_extreme(e: Expr) -> bool:
    return isinstance(e, Call) and e.op in (largest, smallest)


_ORDERINGS = (greater, less, greater_equal, less_equal)


def _cancelled(rates: Sequence[Expr]) -> Expr | None:
    """What numbers among the rates are multiplied and divided by; None where that is nothing, or more than one thing."""
    powers: dict[Expr, list[Fraction]] = {}
    for base, exponent in (split_base(f) for rate in rates for f in factors_of(rate)):
        powers.setdefault(base, []).append(exponent)
    gone = [e for e, of in powers.items() if len(of) > 1 and not sum(of) and not isinstance(e, Number)]
    return gone[0] if len(gone) == 1 else None


def _in_order(x: Expr, names: Sequence[Expr], rates: Sequence[Expr], left: Expr) -> Reason:
    """Through several links: what each Jacobian, read from the right, does with the change that the one before gave."""
    terms: dict[str, Term | None] = {"x": x, "d": left}
    parts: list[str] = []
    for k, (name, rate) in enumerate(zip(names, rates, strict=True)):
        terms |= {f"u{k}": name, f"J{k}": rate}
        said, on_it = _done_by(rate, names[k - 1] if k else x, name, k)
        terms |= {f"v{k}": on_it}
        parts.append(said)
    if len(parts) > MOST_RATES:
        parts = [parts[0], "so on", parts[-1]]
    said = f"{', '.join(parts[:-1])} and {parts[-1]}"
    return filled(f"Read from the right, {said}: by the vector chain rule {{d}} is their product.", terms)


def _done_by(rate: Expr, inner: Expr, outer: Expr, k: int) -> tuple[str, Expr | None]:
    """What the Jacobian of link ``k`` does with a small change, and what stands on its diagonal."""
    it = "it" if k else "a small change of {x}"
    match rate:
        case Call(op, (v,)) if op is diag and v.shape.rank == 1:
            return f"{{J{k}}} multiplies each entry of {it} by that of {{v{k}}}", v
        case Call(op, (Call(inner_op),)) if op is transpose and inner_op is ones:
            return f"{{J{k}}} adds up " + ("its entries" if k else f"the entries of {it}"), None
        case Call(op) if op is eye:
            return f"{{J{k}}} leaves {it} as it is", None
        case Number() if rate == ONE:
            return f"{{J{k}}} leaves {it} as it is", None
        case _ if not inner.shape.axes and not outer.shape.axes:
            return f"{{J{k}}} multiplies {it}", None
        case _:
            return f"{{J{k}}} turns {it} into one of {{u{k}}}", None


def _backwards(names: Sequence[Expr], rates: Sequence[Expr], left: Expr) -> Reason:
    """Through several links in gradient layout: the column of the last is multiplied by the transposes of the others."""
    arrays = [(n, r) for n, r in zip(names, rates, strict=True) if n.shape.axes]
    turned: dict[str, Term | None] = {f"J{k}": r for k, (_, r) in enumerate(arrays[::-1])}
    said = [f"{{J{k}}}" for k in range(len(arrays))]
    if len(said) > MOST_RATES:
        said = [said[0], "so on", said[-1]]
    by = f"the transposes of {', '.join(said[:-1])} and {said[-1]}" if len(said) > 1 else "the transpose of {J0}"
    order = " in this order" if len(said) > 1 else ""
    return filled(f"{{d}} is a column: the derivative of {{y}} by {{u}} is multiplied by {by}{order}, by the vector chain rule.",
                  {"d": left, "y": names[-1], "u": arrays[-1][0], **turned})  # fmt: skip


def _through_entries(x: Expr, names: Sequence[Expr], rates: Sequence[Expr],
                     places: Sequence[Index | None], *, column: bool = False) -> Reason:  # fmt: skip
    """Through the entries of one vector: for one entry of the variable, and which row and column that is."""
    (u, y), (inner, outer), (i, k, j) = names, rates, places
    assert k is not None
    ends = y if i is None else _entry(y, i)
    at = x if j is None else _entry(x, j)
    terms: dict[str, Term | None] = {
        "x": at,
        "y": ends,
        "u": _entry(u, k),
        "i": i,
        "k": k,
        "j": j,
        "A": outer,
        "B": inner,
    }
    match outer:
        case Call(op, (v,)) if op is diag and i is not None and j is not None and v.shape.rank == 1:
            return filled("{y} changes with {u_i} alone, at the rate in place {i} of {v}: by that entry row {i} of {B} is multiplied.",
                          {**terms, "u_i": _entry(u, i), "v": v})  # fmt: skip
        case _:
            pass
    terms |= {"dy": Partial(ends, _entry(u, k)), "du": Partial(_entry(u, k), at)}
    if column and j is not None:
        return filled("{x} changes {y} through the entries {u}, each of which passes on {dy} times {du}: added up over {k}, by the "
                      "vector chain rule, that is row {j} of the transpose of [{B}|the Jacobian] times the column [{A}|on the right].",
                      terms)  # fmt: skip
    if column and i is None:
        return filled("{x} changes {y} through the entries {u}, each of which passes on {dy} times {du}: added up over {k}, by the "
                      "vector chain rule, that is the transpose of the column [{B}|of these] times the column [{A}|on the right].",
                      terms)  # fmt: skip
    row = (
        "row {i} of [{A} times |the matrix on the left times ]"
        if i is not None
        else "the row [{A} times |on the left times ]"
    )
    of_inner = "column {j} of [{B}|the matrix on the right]" if j is not None else "the column [{B}|on the right]"
    return filled(f"{{x}} changes {{y}} through the entries {{u}}, each of which passes on {{dy}} times {{du}}: "
                  f"added up over {{k}}, by the vector chain rule, that is {row}{of_inner}.", terms)  # fmt: skip


# --- plans -----------------------------------------------------------------------------------------------------------------


def plan_of(names: Sequence[Expr], inner: Sequence[Expr], jacobians: Sequence[Expr]) -> Reason:
    """Which of the links change at a constant rate, and what the rates of the others depend on."""
    known = {_name(e): e for e in (*inner, *names)}
    constant: list[Expr] = []
    others: list[tuple[Expr, Expr, bool]] = []
    for name, argument, jacobian in zip(names, inner, jacobians, strict=True):
        met = [known[s] for s in symbols(jacobian) if s in known]
        if not met:
            constant.append(name)
            continue
        cases = bool(jacobian.kinds & Cases.bit)
        others.append((name, argument if name in met or argument in met else met[0], cases))
    parts: list[str | Expr] = []
    for k, (name, argument, cases) in enumerate(others):
        parts += [" and " if k == len(others) - 1 else ", "] if k else []
        parts += [name, " at one that ", "has cases in " if cases else "depends on ", argument]
    steady = [*listing(constant), " change" if len(constant) > 1 else " changes", " at a constant rate"]
    if not others:
        return Reason(("each link is linear: ", *steady, "."))
    if not constant:
        return Reason(("no rate is constant: ", *parts, "."))
    return Reason((*steady, ", but " if len(others) == 1 else ", ", *parts, "."))


def plan_backward(y: Expr, through: Sequence[Expr], x: Expr, *, by_entries: bool, column: bool) -> Reason:
    """Why the derivative is carried back, and how it goes to the variable: how many axes the Jacobian of the last link has."""
    if not by_entries:
        what = (
            "column at each of {u}, multiplied by the transpose of" if column else "row at each of {u}, multiplied by"
        )
        return filled(f"{{y}} is a number, so what is carried back is a {what} one more Jacobian each time.",
                      {"y": y, "u": tuple(through)})  # fmt: skip
    axes = max(u.shape.rank for u in through) + x.shape.rank
    count = {3: "three", 4: "four"}.get(axes, str(axes))
    what, each = ("Jacobians", " each") if len(through) > 1 else ("Jacobian", "")
    return filled(
        f"the {what} of {{u}} by {{x}} would have {count} axes{each}, so the derivative of {{y}} is carried back to {{u}} first, "
        "and from there to single entries of {x}.",
        {"y": y, "u": tuple(through), "x": x},
    )


def _entry(e: Expr, i: Index) -> Expr:
    """An entry of a vector, or of a member of a family of vectors."""
    return At(e.array, (*e.places, i)) if isinstance(e, At) else At(e, (i,))


def _name(e: Expr) -> str:
    symbol = e.array if isinstance(e, At) else e
    assert isinstance(symbol, Symbol)
    return symbol.name
