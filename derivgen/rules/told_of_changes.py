"""What the steps of a differential tell: which change of the variable moves the value by how much."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from derivgen.catalog.base import Elementwise, Opaque
from derivgen.catalog.build import chain, plus, product, terms_of, to_power, transposed
from derivgen.catalog.formulas import norm
from derivgen.catalog.linear import diag, matmul, trace, transpose
from derivgen.catalog.opaque import det, inv
from derivgen.expr import (
    Add,
    Call,
    Definition,
    Expr,
    Mul,
    Number,
    Op,
    Partial,
    Power,
    Sum,
    Symbol,
    children,
    depends_on,
    replace_parts,
    symbols,
    walk,
)
from derivgen.rules.reason import Reason, Terms, filled, stand_in
from derivgen.rules.step import Step
from derivgen.rules.told import call_of
from derivgen.rules.told_of_moves import derivatives, value_of, variable_of

MOST_LAWS = 2
"""How many known changes a sentence lists."""


def _partial(e: Expr) -> Partial:
    return next(p for p in walk(e) if isinstance(p, Partial))


def of_change(s: Step) -> Terms | None:
    """What changes, by how much, when which matrix changes by what."""
    call = call_of(_partial(s.before).body)
    (x,) = call.args
    (change,) = (e for e in symbols(s.before).values() if e != x)
    return {"X": x, "E": change, "u": call, "v": s.after}


def of_differential(s: Step) -> Reason | None:
    """The change of the value, and those of the inverses and determinants in it."""
    whole = next(derivatives(s.left), None)
    if whole is None or s.left is None:
        return None
    x, y = variable_of(whole), value_of(whole)
    kept = next((t for t in ("diagonal", "symmetric") if isinstance(x, Symbol) and t in x.traits), None)
    any_ = f", {kept} or not," if kept else ","
    said = filled(
        f"When {{X}} changes by a small {{E}}{any_} to first order {{y}} changes by {{d}}: each partial times the change of "
        "its entry, added up.",
        {"X": x, "E": _change(s.left), "y": y, "d": s.left},
    )
    if s.definitions and isinstance(x, Symbol):
        value = s.definitions[-1].value
        said = said.also(_of_constant_terms(value, x)) + _of_products(value, x, _change(s.left))
    laws = known_changes([sub for sub in s.substeps if of_change(sub) is not None], s.definitions, x)
    said = said.also(laws if said.first == said else _to_first_order(laws))
    return said.also(_OF_NUMBERS) if any(_is_of_a_number(e, x) for d in s.definitions for e in walk(d.value)) else said


def _of_constant_terms(value: Expr, x: Symbol) -> Reason:
    """Which terms of a sum stay as they are."""
    still = tuple([t for t in terms_of(value) if not depends_on(t, x.name)])
    if not still or still == (value,):
        return Reason()
    does = "do not contain {X} and each has" if len(still) > 1 else "does not contain {X} and has"
    return filled(f"[{{c}} {does}|what does not contain {{X}} has] the derivative 0.", {"c": still, "X": x})


def _of_products(value: Expr, x: Symbol, change: Symbol) -> Reason:
    """Where the factor 2 of a squared norm comes from, and that each factor of a product changes in turn."""
    said = Reason()
    squares = [*dict.fromkeys(e for e in walk(value) if _is_squared_norm(e) and depends_on(e, x.name))]
    if squares:
        (u,) = children(children(squares[0])[0])
        whole = chain(transposed(u), u)
        terms: Terms = {
            "q": squares[0],
            "w": Call(trace, (whole,)) if whole.shape.axes else whole,
            "u": u,
            "v": _linear_change(u, x, change),
            "r": tuple(squares[1:]),
        }
        change_of = "{u} changes by {v}, in both factors alike" if terms["v"] else "its two factors change alike"
        others = (
            "" if not squares[1:] else ", and likewise {r}" if len(squares) == 2 else ", and likewise of the others"
        )
        said += filled(
            f"[{{q}} is {{w}}: {change_of}|The two factors of a square change alike], which gives the 2{others}.", terms
        )
    products = (e for e in _before_laws(value) if isinstance(e, Call) and e.op is matmul)
    if any(sum(depends_on(a, x.name) for a in e.args) > 1 for e in products):
        said += filled(
            "In a product each {X} changes in turn, while two changes at once are of second order.", {"X": x}
        )
    return said


def _linear_change(u: Expr, x: Symbol, change: Symbol) -> Expr | None:
    """By how much ``u`` changes with ``x`` where each of its terms has ``x`` once, in a product; None where that is not so."""
    moved: list[Expr] = []
    for term in terms_of(u):
        within = [e for e in walk(term) if depends_on(e, x.name)]
        if len(within) != sum(e == x or _is_product(e) for e in within) or sum(e == x for e in within) > 1:
            return None
        moved += [replace_parts(term, {x: change})] if within else []
    return plus(*moved) if moved and u != x else None


def _is_product(e: Expr) -> bool:
    return isinstance(e, Mul) or (isinstance(e, Call) and e.op in (matmul, transpose))


def _before_laws(e: Expr) -> Iterator[Expr]:
    """The parts of an expression but for those that an inverse or a determinant is of: how these change is said with its law."""
    todo = [e]
    while todo:
        here = todo.pop()
        yield here
        if not (isinstance(here, Call) and isinstance(here.op, Opaque)):
            todo.extend(children(here))


def known_changes(laws: Sequence[Step], definitions: Sequence[Definition], x: Expr) -> Reason:
    """By how much inverses and determinants change, and by which law; of others than ``x`` when what changes."""
    known = [t for s in laws if (t := of_change(s)) is not None][:MOST_LAWS]
    if not known:
        return Reason()
    words = {f"{name}{k}": term for k, law in enumerate(known) for name, term in law.items()}
    ops = [law["u"].op for law in known if isinstance(law["u"], Call)]
    clauses = [f"{{u{k}}} {'by' if k else 'changes by'} {{v{k}}}{_why(op, k)}" for k, op in enumerate(ops)]
    arguments = {e.args[0] for d in definitions for e in walk(d.value) if isinstance(e, Call) and e.op in ops}
    words["U"] = next(iter(arguments)) if len(arguments) == 1 else None
    here = ", which is {U} here," if words["U"] is not None else ""
    for k, law in enumerate(known):
        words[f"P{k}"] = Call(matmul, (law["X"], Call(inv, (law["X"],)))) if isinstance(law["X"], Expr) else None
        last = k == len(known) - 1 or known[k + 1]["X"] != law["X"]
        clauses[k] += f" when {{X{k}}}{here} changes by {{E{k}}}" if last and law["X"] != x else ""
    return filled(" and ".join(clauses) + ".", words)


def _to_first_order(laws: Reason) -> Reason:
    """The laws as a sentence of their own, which begins with one of their terms."""
    return Reason(("To first order ",)).going_on(laws) if laws else laws


def of_inner_change(law: Terms, matrix: Expr, moved: Expr, x: Expr, change: Expr, *, places: int) -> Reason:
    """By how much the matrix under a law changes when ``x`` does, in as many ``places``."""
    terms: Terms = {**law, "U": matrix, "V": moved, "x": x, "h": change}
    if moved == change:
        return filled("What {U} adds to {x} stays, so {E} is {h}.", terms)
    if places < 2:
        return filled("As {x} changes by {h}, {U} changes by {E} = {V}.", terms)
    return filled("{E} is {V}: in {U} each {x} changes in turn, while two changes at once are of second order.", terms)


def _why(op: Op, k: int) -> str:
    """By which law, by its name, an inverse or a determinant changes so."""
    if op is inv:
        return f" ({{P{k}}} stays $I$, so the changes of its two factors cancel)"
    return " (Jacobi's formula)" if op is det else ""


_OF_NUMBERS = Reason(("A function of a number changes by its slope times the change of the number.",))


def _is_of_a_number(e: Expr, x: Expr) -> bool:
    """Whether ``e`` is a function, or a power, of a number that contains the variable."""
    function = (isinstance(e, Call) and isinstance(e.op, Elementwise)) or (
        isinstance(e, Power) and not _is_squared_norm(e)
    )
    return not e.shape.axes and function and isinstance(x, Symbol) and depends_on(e, x.name)


def _is_squared_norm(e: Expr) -> bool:
    match e:
        case Power(Call(op), Number(n)):
            return op is norm and n == 2
        case _:
            return False


def of_rate(s: Step) -> Reason | None:
    """The change of a value with a matrix, and that of the matrix with a number, which is put in its place."""
    inner = next((d for e in s.via for d in derivatives(e)), None)
    whole = next(derivatives(s.left), None)
    laws = [sub for sub in s.substeps if of_change(sub) is not None]
    if inner is None or whole is None or not laws:
        return None
    x = variable_of(whole)
    said = _to_first_order(known_changes(laws, (), x))
    of_law = of_change(laws[0])
    outer = next((d.value for d in s.definitions if d.symbol == value_of(whole)), None)
    if of_law is not None and isinstance(moved := of_law["X"], Expr) and outer is not None:
        numbers = [e for e in walk(outer) if _is_of_a_number(e, moved)]
        said = said.also(_OF_NUMBERS.also(_slope_of(numbers, outer))) if numbers else said
    return said + filled("Here that change is {d} times the change of {t}.", {"d": inner, "t": x})


def _slope_of(numbers: Sequence[Expr], outer: Expr) -> Reason:
    """The slope of the power among functions of a number, in a letter that ``outer`` has not; of others nothing."""
    for e in numbers:
        match e:
            case Power(_, Number(p)):
                t = stand_in(next(name for name in "tuvqsphzrgc" if name not in symbols(outer)))
                slope = product(Number(p), to_power(t, p - 1))
                return filled("{f} has the slope {d}.", {"f": Power(t, Number(p)), "d": slope})
            case _:
                pass
    return Reason()


def of_pulled(s: Step) -> Terms | Reason | None:
    """The laws by which the change goes to the end; that it stands there already where it does."""
    if s.left is None:
        return None
    change = _change(s.left)
    if any(isinstance(e, Call) and e.op is diag and depends_on(e, change.name) for e in walk(s.before)):
        traced = any(isinstance(e, Call) and e.op is trace and depends_on(e, change.name) for e in walk(s.before))
        return filled(_OF_TRACED_DIAGONAL if traced else _OF_DIAGONAL, {"h": change, "d": Call(diag, (change,))})
    ways = [_way(term, change) for term in terms_of(s.before)]
    laws = [*_laws_of_traces(ways, of_matrix=change.shape.rank == 2)]
    if change.shape.rank == 1:
        laws += ["a number is its own transpose"] if any(w.turned and not w.traced for w in ways) else []
        laws += ["numbers are multiplied in any order"] if any(w.moved and not w.traced for w in ways) else []
    if not laws:
        why = "so it is taken out" if change.shape.rank == 1 else "and a sum of traces is the trace of the sum"
        where = f" of each product already, {why}" if len(ways) > 1 else " already"
        return filled(f"{{E}} stands at the end{where}.", {"E": change})
    said = ", and ".join([*filter(None, [", ".join(laws[:-1])]), laws[-1]])
    in_one = ", and a sum of traces is the trace of the sum" if _is_one_trace(s, change) else ""
    return filled(f"{said[0].upper()}{said[1:]}; so {{E}} goes to the end{in_one}.", {"E": change})


def _is_one_trace(s: Step, change: Symbol) -> bool:
    """Whether several traces, one for each term or of each term of a sum, became the trace of their sum."""
    several = len(terms_of(s.before)) > 1 or any(
        isinstance(e, Sum) and depends_on(e, change.name) for e in walk(s.before)
    )
    traces = [e for e in walk(s.after) if isinstance(e, Call) and e.op is trace and depends_on(e, change.name)]
    return several and len(traces) == 1 and any(isinstance(e, Add | Sum) for e in walk(traces[0]))


@dataclass(frozen=True, slots=True)
class Way:
    """What takes the change of the variable to the end of a term.

    Args:
        traced: whether the term is a trace, and else a number.
        turned: whether the change stands transposed in it.
        moved: whether factors go from one end to the other, before or after which it is transposed.
    """

    traced: bool
    turned: bool
    moved: bool


def _way(term: Expr, change: Symbol) -> Way:
    traced, turned, moved = False, False, False
    e = term
    while e != change:
        match e:
            case Sum():
                e = e.body
                continue
            case Call(op, (inner,)) if op is transpose:
                turned, e = not turned, inner
                continue
            case Call(op) if op is trace:
                traced = True
        parts = children(e)
        k = next(k for k, part in enumerate(parts) if depends_on(part, change.name))
        if isinstance(e, Call) and e.op is matmul:
            moved = moved or k != (0 if turned != (parts[k] == transposed(change)) else len(parts) - 1)
        e = parts[k]
    return Way(traced, turned, moved)


def _laws_of_traces(ways: Sequence[Way], *, of_matrix: bool) -> Iterator[str]:
    """The laws by which the change goes to the end under a trace; that of a vector leaves a number there."""
    traces = [w for w in ways if of_matrix or w.traced]
    moved, turned = any(w.moved for w in traces), any(w.turned for w in traces)
    if any(w.traced != of_matrix for w in traces):
        yield "a number is its own trace"
    if moved and turned:
        yield "a trace stays the same when its last factor goes to the front or all of it is transposed"
    elif turned:
        yield "a trace stays the same when all of it is transposed"
    elif moved:
        yield "under a trace the last factor may go to the front"


_OF_DIAGONAL = (
    "{d} multiplies each entry of what follows it by the entry of {h} in its place, and the product with what stands before "
    "it adds these up: that is a row times {h}."
)
_OF_TRACED_DIAGONAL = (
    "Under a trace what follows {d} may go to the front; each entry on the diagonal is then multiplied by the entry of {h} in its "
    "place, and the trace adds these up: that is a row times {h}."
)


def of_equal_terms(groups: Sequence[Sequence[Expr]], symmetric: Sequence[Expr]) -> Reason:
    """Which terms became equal when the change went to the end, those of a group, and by which matrices that are their own
    transposes a term was transposed."""
    own = f"{{S}} {'are their own transposes' if len(symmetric) > 1 else 'is its own transpose'}"
    terms: Terms = {"S": tuple(symmetric)}
    several = [g for g in groups if len(g) > 1]
    if not several:
        return filled(f"There {own}.", terms) if symmetric else Reason()
    if len(several) == len(groups) == 1:
        which = "the two terms are equal" if len(groups[0]) == 2 else "all terms are equal"
    elif len(several) == len(groups) and {*map(len, groups)} == {2}:
        which = "the terms are equal in pairs"
    else:
        terms = {**terms, **{f"a{k}": tuple(g) for k, g in enumerate(several)}}
        named = ", and ".join(f"{{a{k}}} are equal" for k in range(len(several)))
        which = f"[{named}|some terms are equal]"
    return filled(f"There {which}{f', for {own}' if symmetric else ''}.", terms)


def of_sums_transposed(sums: Sequence[Expr], shown: Collection[Expr]) -> Reason:
    """That a sum was transposed term by term, of those that are not ``shown`` as they were."""
    if all(e in shown for e in sums):
        return Reason()
    return Reason(("A sum is transposed term by term.",))


def of_read(s: Step) -> Terms | None:
    """The derivative."""
    whole = next(derivatives(s.left), None)
    if whole is None:
        return None
    return {r"\frac{\partial y}{\partial X}": whole}


def of_read_transposed(beside: Expr, left: Expr, symmetric: Sequence[Expr]) -> Reason:
    """The derivative in a layout in which it is the transpose of what stands beside the change; matrices in it that are their
    own transposes."""
    said = filled(
        "That holds for every change, also one entry's, so what stands beside it is {a}, of which {b} "
        "is the transpose.",
        {"a": beside, "b": left},
    )
    are = "are their own transposes" if len(symmetric) > 1 else "is its own transpose"
    return said.also(filled(f"{{S}} {are}.", {"S": tuple(symmetric)})) if symmetric else said


def _change(left: Expr) -> Symbol:
    """E of tr(∂y/∂X E), or h of ∂y/∂x h."""
    assert isinstance(left, Call)
    inner = left.args[0] if len(left.args) == 1 else left
    assert isinstance(inner, Call)
    change = inner.args[-1]
    assert isinstance(change, Symbol)
    return change
