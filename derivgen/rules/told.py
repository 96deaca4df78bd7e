"""What a step tells of a derivative: which terms contain the variable, and what is known of the function."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from derivgen.catalog.base import Abstract, Elementwise, Opaque
from derivgen.catalog.build import factors_of, plus, product, split_base, split_coefficient, terms_of, to_power
from derivgen.catalog.elementwise import exp, maximum, minimum
from derivgen.catalog.opaque import inv
from derivgen.expr import (
    MINUS_ONE,
    ONE,
    ZERO,
    Add,
    At,
    Call,
    Expr,
    Index,
    Mul,
    Number,
    Partial,
    Place,
    Power,
    Sum,
    Symbol,
    all_indices,
    depends_on,
    rename,
    replace_parts,
    symbols,
    walk,
)
from derivgen.expr.text import text
from derivgen.rules.reason import Reason, Terms, filled, stand_in

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
    sure = all(contains(f, e.wrt) for f in moving)
    return filled(
        f"[{{u}} {all_of}|{all_of.capitalize()} factors] {_HOW[sure]} {{x}}: each is differentiated in turn while the rest stays.",
        {"u": moving, "x": e.wrt if sure else variable_of(e.wrt)},
    )


_HOW = {True: "contain", False: "depend on"}
"""Of the entry that is derived by, and of the variable whole, where another entry of it stands there too."""


def contains(e: Expr, wrt: Expr) -> bool:
    """Whether ``wrt`` stands in ``e`` whatever its indices are: as it is, in a sum over all entries, or within all of x.

    Of xᵢ it does not, which contains xₖ only where i = k.
    """
    if not isinstance(wrt, At):
        return True
    for places in places_read(e, wrt.array):
        if not places:  # an entry of an operation may read one entry of x alone
            return not any(isinstance(here, At) and not isinstance(here.array, Symbol) for here in walk(e))
        # a row has fewer places, and all the rest
        others = [p for p, q in zip(places, wrt.places, strict=False) if p != q]
        if all(isinstance(p, Index) and p not in e.free for p in others) and len({*others}) == len(others):
            return True
    return False


def places_read(e: Expr, variable: Expr) -> Iterator[tuple[Place, ...]]:
    """The places at which a variable is read, none of them where the whole of it is; not those it is derived by."""
    match e:
        case Partial(body):
            yield from places_read(body, variable)
        case At(array, places) if array == variable:
            yield places
        case _ if e == variable:
            yield ()
        case _:
            for child in e.children:
                yield from places_read(child, variable)


def of_quotient(e: Partial) -> Terms | Reason:
    """Numerator and denominator, both of which contain the variable, or other entries of it."""
    assert isinstance(e.body, Mul)
    moving = [split_base(f) for f in e.body.factors if moves(f, e.wrt)]
    (u,) = (to_power(base, power) for base, power in moving if power > 0)
    (v,) = (base for base, power in moving if power < 0)
    rates = {"r": to_power(v, Fraction(-1)), "s": product(MINUS_ONE, u, to_power(v, Fraction(-2)))}
    if contains(u, e.wrt) and contains(v, e.wrt):
        return {"u": u, "v": v, "x": e.wrt, **rates}
    return filled(
        "[{u} is divided by {v}, and both depend on {x}: the quotient changes with {u} at the rate {r} and with {v} at {s}|Numerator and "
        "denominator both depend on {x}: the quotient changes with the one at the rate of 1 over the other, and with that at minus the "
        "quotient over it]; these rates multiply the derivatives of both.",
        {"u": u, "v": v, "x": variable_of(e.wrt), **rates},
    )


def of_sum(e: Partial) -> Reason:
    """A sum term by term; of the terms without the variable it is said that they are constants."""
    assert isinstance(e.body, Add)
    constant = tuple(t for t in e.body.terms if not moves(t, e.wrt))
    if not constant:
        return filled("The derivative of a sum is the sum of the derivatives[, here of {u}|].", {"u": e.body.terms})
    does, has = ("do", "each has") if len(constant) > 1 else ("does", "has")
    return filled(
        f"The derivative of a sum is the sum of the derivatives; [{{c}} {does} not contain {{x}} and {has} the derivative 0|"
        "what does not contain {x} has the derivative 0].",
        {"c": constant, "x": e.wrt},
    )


def of_power(e: Partial, new: Expr) -> Reason:
    """The slope of a power; that of u is not asked for where u is the variable itself."""
    assert isinstance(e.body, Power)
    slope = product(*(f for f in (new.factors if isinstance(new, Mul) else (new,)) if not isinstance(f, Partial)))
    letter = _letter_for(slope, e.body, e.body.base, e.wrt)
    power = e.body
    if letter is not None:  # the base may be written in another way in the slope
        p = e.body.exponent
        less = Number(p.value - 1) if isinstance(p, Number) else plus(p, MINUS_ONE)
        power, slope = Power(letter, p), product(p, letter if less == ONE else Power(letter, less))
    terms: Terms = {"f": power, "d": slope, "p": e.body.exponent}
    said = filled(f"{SLOPE}{_of_exponent(e.body.exponent)}", terms).going_on(
        _tail(e.body.base, e.wrt, letter, _of_base(e.body.exponent))
    )
    own = _own_term(e.body.base, e.wrt)
    halved = own is not None and _is_square(own) and e.body.exponent == Number(Fraction(1, 2))
    return said.also(Reason(("The 2 of one slope cancels that of the other.",))) if halved else said


def _of_exponent(exponent: Expr) -> str:
    """What becomes of the exponent of a power, which a quotient or a root does not show."""
    match exponent:
        case Number(value) if value < 0 or value.denominator > 1:
            return " (the exponent {p} comes down as a factor and is lowered by 1)"
        case Number():
            return ", the exponent coming down as a factor"
        case _:
            return ""


def _of_base(exponent: Expr) -> str:
    """What the base of a power is called, by where it stands on the page."""
    match exponent:
        case Number(value) if abs(value) == Fraction(1, 2):
            return "what stands under the root"
        case Number(value) if value < 0:
            return "what stands below the bar" if value == -1 else "the base of the power below the bar"
        case Number(value) if value == 2:
            return "what is squared"
        case _:
            return "the base of the power"


def of_length(e: Partial, new: Expr) -> Terms:
    """The length, the square of an entry, and what the square of the length changes by for each of them."""
    total = next(s for s in walk(new) if isinstance(s, Sum))
    factors = total.body.factors if isinstance(total.body, Mul) else (total.body,)
    rate = next(f for f in reversed(factors) if isinstance(f, Partial))
    entry = rate.body
    return {
        r"\|\mathbf u\|": e.body,
        "u_j^2": Power(entry, Number(Fraction(2))),
        r"2\,u_j\,\frac{\partial u_j}{\partial x}": product(Number(Fraction(2)), entry, rate),
    }


def of_function(e: Partial) -> Reason | None:
    """The slope of a function, by the fact that is declared of it."""
    call = e.body
    assert isinstance(call, Call)
    moving = [k for k, arg in enumerate(call.args) if moves(arg, e.wrt)]
    if len(moving) > 1:
        said = "{f} changes with {x} through each of {w}: what each passes on is added up."
        if call.op in (maximum, minimum):
            which = "larger" if call.op is maximum else "smaller"
            said = f"{{f}} is the {which} of {{w}}, and changes with {{x}} as that one does; where these are equal, 0 is taken by convention."
        return filled(said, {"f": call, "x": e.wrt, "w": tuple(call.args[k] for k in moving)})
    (k,) = moving
    arg, op = call.args[k], call.op
    others = [a for n, a in enumerate(call.args) if n != k]
    terms: Terms = {"f": call, "w": arg, "c": others[0] if others else None}
    if isinstance(op, Elementwise):
        fact = op.proof.fact if op.proof is not None else SLOPE
        slope = op.derivatives[k](*call.args)
        letter = _letter_for(slope, call, arg, e.wrt)
        if letter is not None:
            args = (*call.args[:k], letter, *call.args[k + 1 :])
            terms = {**terms, "f": Call(op, args), "w": letter}
            slope = op.derivatives[k](*args)
        return filled(fact, {**terms, "d": slope}).going_on(
            _tail(arg, e.wrt, letter, "the argument of the function" if not others else "the argument that changes")
        )
    if isinstance(op, Abstract):
        rate = {**terms, "d": Call(op.derivative(k), call.args)}
        return filled("{f} changes with {w} at the rate {d}", rate).going_on(_tail(arg, e.wrt))
    return None


def of_partial(e: Partial, new: Expr) -> Reason | Terms:
    """What the partial of an entry of a function of the variable is: a fact of the operation, or its own name."""
    call = call_of(e.body)
    if isinstance(call.op, Opaque):
        fact = call.op.proof.fact if call.op.proof is not None else "{f} has the derivative {d} by {w}"
        return filled(f"{fact}.", {"f": e.body, "d": new, "w": e.wrt, "c": call.args[0], **_growth(new, call.args[0])})
    if isinstance(call.op, Abstract) and call.op.orders:
        return filled("{d} is how the derivative of {f} by {x} is written.", {"d": new, "f": e.body, "x": e.wrt})
    if isinstance(e.wrt, At) and not isinstance(e.body, At):
        return filled("The gradient of {f} has its derivative by {x} as entry {j}.",
                      {"f": e.body, "x": e.wrt, "j": e.wrt.places[-1]})  # fmt: skip
    jacobian = new.array if isinstance(new, At) else new
    return {r"\frac{\partial\mathbf f}{\partial\mathbf x}": jacobian, r"f_i(\mathbf x)": e.body, "x_j": e.wrt}


def _growth(new: Expr, x: Expr) -> Terms:
    """The factor of a determinant when an entry of the matrix grows by t, which is in its derivative: 1 + t (X⁻¹)_ji."""
    entry = next((f for f in factors_of(new) if isinstance(f, At)), None)
    t = stand_in(next((name for name in "thsuvr" if name not in symbols(x)), "t2"))
    return {} if entry is None else {"t": t, "g": Add((ONE, Mul((t, entry))))}


def of_vector(e: Partial) -> Reason | Terms:
    """Through what a function of vectors changes; of the variable itself, a number, its derivative is what its name says."""
    call = call_of(e.body)
    moving = [k for k, a in enumerate(call.args) if moves(a, e.wrt)]
    if isinstance(call.op, Abstract) and [call.args[k] for k in moving] == [e.wrt]:
        jacobian = Call(call.op.derivative(moving[0]), call.args)
        return filled("By what {j} means, its entry is the derivative of {f} by {x}.",
                      {"j": jacobian, "f": e.body, "x": e.wrt})  # fmt: skip
    terms: Terms = {"f_i": e.body, "x": e.wrt, r"\mathbf u": tuple(call.args[k] for k in moving)}
    match [call.args[k] for k in moving], e.wrt:
        case [At(rows, (row,)) as u], At(x, (j, k)) if rows == x and u.shape.axes:  # of which one entry is the variable
            places: Terms = {"f": e.body, "x": e.wrt, "i": row, "j": j, "k": k, "u": u}
            return filled("{f} depends on {x} only where {i} = {j}, through entry {k} of {u}.", places)
        case _:
            pass
    if isinstance(call.op, Abstract) and call.op.orders:
        return filled(
            r"[{f_i}|Each partial derivative at {\mathbf u}] depends on {x} through every entry of {\mathbf u}; what each "
            "passes on is added up.",
            terms,
        )
    return terms


def _tail(inner: Expr, wrt: Expr, letter: Expr | None = None, noun: str = "") -> Reason:
    """What is said of the argument: nothing where it is the variable itself, or one of its entries.

    Its ``letter`` is that in which the slope was said, and the ``noun`` what it is called where it is too long for a
    line; what it changes by, where that is seen at once, is said too.
    """
    known = isinstance(inner, At) and isinstance(wrt, At) and inner.array == wrt.array
    if letter is None and (inner == wrt or known):
        return Reason((".",))
    rate = _rate(inner, wrt)
    words = "." if inner == wrt or known else "; that is multiplied by the derivative of {w}."
    if rate is not None and inner != wrt:
        words = "; that is multiplied by {r}, the derivative of {w}."
        if any(isinstance(e, Call) and e.op is exp for e in walk(rate)):
            words = f"{words.removesuffix('.')}, for the exponential is its own slope."
    own = _own_term(inner, wrt)
    if own is not None:
        slope = (
            OWN_SLOPE if isinstance(own, Call) and own.op is exp else ", with the slope {s}" if _is_square(own) else ""
        )
        words = words.replace(
            "{w}.",
            f"{{w}}[, of whose terms only {{o}}{slope}, contains {{x}}|]."
            if slope
            else "{w}[, of whose terms only {o} contains {x}|].",
        )
    if letter is not None:
        words = f", here with {{u}} for [{{w}}|{noun}]{words.replace('{w}', '{u}')}"
    slope_of_square = product(Number(Fraction(2)), wrt) if own is not None and _is_square(own) else None
    return filled(words, {"w": inner, "r": rate, "u": letter, "o": own, "x": wrt, "s": slope_of_square})


def _is_square(e: Expr) -> bool:
    """Whether it is the square of an entry."""
    return isinstance(e, Power) and isinstance(e.base, At) and e.exponent == Number(Fraction(2))


OWN_SLOPE = ", its own slope"
"""Said of an exponential."""


def _own_term(e: Expr, wrt: Expr) -> Expr | None:
    """The term of a sum over the entries of the variable that contains the one in question; None of anything else."""
    if isinstance(e, Add):
        moving = [t for t in e.terms if moves(t, wrt)]
        return _own_term(moving[0], wrt) if len(moving) == 1 and isinstance(moving[0], Sum) else None
    match e, wrt:
        case Sum(i, body), At(x, (Index() as k,)):
            own = {part for part in walk(body) if isinstance(part, At) and part.array == x}
            rest = replace_parts(body, dict.fromkeys(own, ZERO))
            alone = {part.places for part in own} == {(i,)} and not depends_on(rest, variable_of(wrt).name)
            return rename(body, {i: k}) if alone else None
        case _:
            return None


def _rate(e: Expr, wrt: Expr) -> Expr | None:
    """The derivative of what changes with the variable at a constant rate, as c x + b does; None for anything else."""
    moving = [t for t in (e.terms if isinstance(e, Add) else (e,)) if moves(t, wrt)]
    if e.shape.axes or len(moving) != 1:
        return None
    (term,) = moving
    factors = term.factors if isinstance(term, Mul) else (term,)
    grows = Call(exp, (wrt,))
    if grows in factors and not any(moves(f, wrt) for f in factors if f != grows):
        return term
    rest = [f for f in factors if f != wrt]
    return product(*rest) if len(rest) == len(factors) - 1 and not any(moves(f, wrt) for f in rest) else None


LONGEST_SLOPE = 28
"""Signs of a slope, or of what it is of, as text, from which on it is said in a letter."""


def _letter_for(slope: Expr, call: Expr, inner: Expr, wrt: Expr) -> Symbol | None:
    """A letter for the argument of a function, whose slope is that by its argument; of a power of
    a short sum of letters that is seen at once."""
    if inner.shape.axes or isinstance(inner, Symbol | At):
        return None
    short = max(len(text(slope)), len(text(call))) <= LONGEST_SLOPE
    letters = all(
        isinstance(e, Symbol | At | Number) and abs(c) == 1 for c, e in map(split_coefficient, terms_of(inner))
    )
    if isinstance(call, Power) and short and letters:
        return None
    taken = symbols(call).keys() | {i.name for i in (*all_indices(call), *wrt.free)}
    return next((stand_in(name) for name in "tuvqsp" if name not in taken), None)


def of_symmetry(e: Call, new: Expr) -> Terms | Reason:
    """A transpose that is left out, and of an inverse why it is symmetric."""
    terms: Terms = {r"S^{\mathsf T}": e, "S": new}
    match new:
        case Call(op, (inner,)) if op is inv:
            return filled(r"{S^{\mathsf T}} is {S}: {A} is symmetric, and so is its inverse.", {**terms, "A": inner})
        case _:
            return terms
