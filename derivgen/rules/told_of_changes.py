"""What the steps of a differential tell: which change of the variable moves the value by how much."""

from __future__ import annotations

from derivgen.catalog.base import Elementwise
from derivgen.catalog.linear import transpose
from derivgen.expr import Call, Expr, Partial, Power, Symbol, depends_on, symbols, walk
from derivgen.rules.reason import Reason, Terms, filled
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
    said = filled(
        "When {X} changes by a small {E}, each entry by itself, {y} changes to first order by {d}: each partial times the "
        "change of its entry, added up.",
        {"X": x, "E": _change(s.left), "y": y, "d": s.left},
    )
    laws = [t for sub in s.substeps if (t := of_change(sub)) is not None][:MOST_LAWS]
    words = {f"{name}{k}": term for k, law in enumerate(laws) for name, term in law.items()}
    ops = [law["u"].op for law in laws if isinstance(law["u"], Call)]
    by = " and ".join(f"{{u{k}}} {'by' if k else 'changes by'} {{v{k}}}" for k in range(len(laws)))
    arguments = {e.args[0] for d in s.definitions for e in walk(d.value) if isinstance(e, Call) and e.op in ops}
    words["U"] = next(iter(arguments)) if len(arguments) == 1 else None
    here = ", which is {U} here," if words["U"] is not None else ""
    when = "" if laws[0]["X"] == x else f" when {{X0}}{here} changes by {{E0}}"
    said += filled(f"{by}{when}.", words)
    return said.also(_OF_NUMBERS) if any(_is_of_a_number(e, x) for d in s.definitions for e in walk(d.value)) else said


_OF_NUMBERS = Reason(("A function of a number changes by its slope times the change of the number.",))


def _is_of_a_number(e: Expr, x: Expr) -> bool:
    """Whether ``e`` is a function, or a power, of a number that contains the variable."""
    function = isinstance(e, Call) and isinstance(e.op, Elementwise)
    return not e.shape.axes and (function or isinstance(e, Power)) and isinstance(x, Symbol) and depends_on(e, x.name)


def of_pulled(s: Step) -> Terms | Reason | None:
    """The change that goes to the end, turned where it stands transposed."""
    if s.left is None:
        return None
    change = _change(s.left)
    turned = any(isinstance(e, Call) and e.op is transpose and e.args[0] == change for e in walk(s.before))
    if not turned:
        return {"E": change}
    return filled(
        "A number is its own trace, and a trace stays the same when its last factor goes to the front or all of it is "
        "transposed; so {E} goes to the end.",
        {"E": change},
    )


def of_read(s: Step) -> Terms | None:
    """The derivative, and the change that it stands beside."""
    whole = next(derivatives(s.left), None)
    return None if whole is None else {r"\frac{\partial y}{\partial X}": whole}


def _change(left: Expr) -> Symbol:
    """E of tr(∂y/∂X E)."""
    assert isinstance(left, Call)
    (inner,) = left.args
    assert isinstance(inner, Call)
    change = inner.args[-1]
    assert isinstance(change, Symbol)
    return change
