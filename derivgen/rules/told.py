"""What a step tells of a derivative: which terms contain the variable, and what is known of the function."""

from __future__ import annotations

from derivgen.catalog.base import Abstract, Elementwise, Opaque
from derivgen.catalog.build import product
from derivgen.expr import Add, At, Call, Expr, Mul, Number, Partial, Power, Symbol, depends_on, walk
from derivgen.rules.reason import Reason, Terms, filled

SLOPE = "{f} has the slope {d}"
"""What is said of a function of which no fact is declared."""


def variable_of(wrt: Expr) -> Symbol:
    """The variable that a partial derivative is taken by, whole."""
    symbol = wrt.array if isinstance(wrt, At) else wrt
    assert isinstance(symbol, Symbol)
    return symbol


def moves(e: Expr, wrt: Expr) -> bool:
    """Whether ``e`` can change with the variable."""
    return depends_on(e, variable_of(wrt).name)


def call_of(e: Expr) -> Call:
    """The operation of which ``e`` is the value, or an entry."""
    call = e.array if isinstance(e, At) else e
    assert isinstance(call, Call)
    return call


def whole(e: Partial, letter: str) -> Terms:
    """All that is derived, and by what."""
    return {letter: e.body, "x": e.wrt}


def own_entry(e: Partial, new: Expr) -> Terms:
    """The entry of the variable that alone stands in what is derived: by it the derivative goes on."""
    kept = next((p.wrt for p in walk(new) if isinstance(p, Partial)), None)
    return {"f_i(w_i)": e.body, r"\mathbf w": variable_of(e.wrt), "w_i": kept}


def still(e: Partial) -> Reason | Terms:
    """The factors that do not contain the variable."""
    assert isinstance(e.body, Mul)
    constant = product(*(f for f in e.body.factors if not moves(f, e.wrt)))
    if isinstance(constant, Number):
        return filled("The number {c} stays as a factor.", {"c": constant})
    return {"c": constant, "x": e.wrt}


def of_product(e: Partial) -> Reason:
    """Why a product has a term for each factor that contains the variable."""
    assert isinstance(e.body, Mul)
    moving = tuple(f for f in e.body.factors if moves(f, e.wrt))
    all_of = "both" if len(moving) == 2 else "all"
    return filled(
        f"{{u}} {all_of} contain {{x}}: each is differentiated in turn while the rest stays.",
        {"u": moving, "x": e.wrt},
    )


def of_sum(e: Partial) -> Reason:
    """A sum term by term; of the terms without the variable it is said that they are constants."""
    assert isinstance(e.body, Add)
    constant = tuple(t for t in e.body.terms if not moves(t, e.wrt))
    if not constant:
        return filled(
            "The derivative of a sum is the sum of the derivatives, here of {u}.", {"u": e.body.terms, "x": e.wrt}
        )
    does, has = ("do", "each has") if len(constant) > 1 else ("does", "has")
    return filled(
        f"The derivative of a sum is the sum of the derivatives; {{c}} {does} not contain {{x}} and {has} the derivative 0.",
        {"c": constant, "x": e.wrt},
    )


def of_power(e: Partial, new: Expr) -> Reason:
    """The slope of a power; that of u is not asked for where u is the variable itself."""
    assert isinstance(e.body, Power)
    slope = product(*(f for f in (new.factors if isinstance(new, Mul) else (new,)) if not isinstance(f, Partial)))
    terms: Terms = {"f": e.body, "d": slope, "w": e.body.base, "p": e.body.exponent}
    how = ", the exponent coming down as a factor" if isinstance(e.body.exponent, Number) else ""
    return filled(f"{SLOPE}{how}{_tail(e.body.base, e.wrt)}.", terms)


def of_function(e: Partial) -> Reason | None:
    """The slope of a function, by the fact that is declared of it."""
    call = e.body
    assert isinstance(call, Call)
    moving = [k for k, arg in enumerate(call.args) if moves(arg, e.wrt)]
    if len(moving) > 1:
        return filled(
            "{f} changes with {x} through each of {w}: what each passes on is added up.",
            {"f": call, "x": e.wrt, "w": tuple(call.args[k] for k in moving)},
        )
    (k,) = moving
    arg, op = call.args[k], call.op
    others = [a for n, a in enumerate(call.args) if n != k]
    terms: Terms = {"f": call, "w": arg, "c": others[0] if others else None}
    if isinstance(op, Elementwise):
        fact = op.proof.fact if op.proof is not None else SLOPE
        return filled(f"{fact}{_tail(arg, e.wrt)}.", {**terms, "d": op.derivatives[k](*call.args)})
    if isinstance(op, Abstract):
        return filled(f"{{f}} changes with {{w}} at the rate {{d}}{_tail(arg, e.wrt)}.",
                      {**terms, "d": Call(op.derivative(k), call.args)})  # fmt: skip
    return None


def of_partial(e: Partial, new: Expr) -> Reason | Terms:
    """What the partial of an entry of a function of the variable is: a fact of the operation, or its own name."""
    call = call_of(e.body)
    if isinstance(call.op, Opaque):
        fact = call.op.proof.fact if call.op.proof is not None else "{f} has the derivative {d} by {w}"
        return filled(f"{fact}.", {"f": e.body, "d": new, "w": e.wrt, "c": call.args[0]})
    jacobian = new.array if isinstance(new, At) else new
    return {r"\frac{\partial\mathbf f}{\partial\mathbf x}": jacobian, r"f_i(\mathbf x)": e.body, "x_j": e.wrt}


def of_vector(e: Partial) -> Reason | Terms:
    """Through what a function of vectors changes; of the variable itself, a number, its derivative is what its name says."""
    call = call_of(e.body)
    moving = [k for k, a in enumerate(call.args) if moves(a, e.wrt)]
    if isinstance(call.op, Abstract) and [call.args[k] for k in moving] == [e.wrt]:
        jacobian = Call(call.op.derivative(moving[0]), call.args)
        return filled("By what {j} means, its entry is the derivative of {f} by {x}.",
                      {"j": jacobian, "f": e.body, "x": e.wrt})  # fmt: skip
    return {"f_i": e.body, "x": e.wrt, r"\mathbf u": tuple(call.args[k] for k in moving)}


def _tail(inner: Expr, wrt: Expr) -> str:
    """What is said of the argument: nothing where it is the variable itself, or one of its entries."""
    known = isinstance(inner, At) and isinstance(wrt, At) and inner.array == wrt.array
    return "" if inner == wrt or known else "; that is multiplied by the derivative of {w}"
