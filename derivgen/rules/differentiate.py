"""The partial derivative of a scalar by an entry of the variable: the scalar calculus of the method."""

from __future__ import annotations

from fractions import Fraction

from derivgen.catalog.base import GENERIC, Abstract, Elementwise, Linear, Opaque, is_pointwise_scalar
from derivgen.catalog.build import plus, product, split_base, to_power
from derivgen.catalog.elementwise import exp, log
from derivgen.catalog.formulas import norm
from derivgen.catalog.opaque import prod
from derivgen.expr import (
    MINUS_ONE,
    ONE,
    ZERO,
    Add,
    At,
    Binder,
    Build,
    Call,
    Cases,
    Delta,
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
    bound_indices,
    children,
    depends_on,
    indices_in,
    relettered,
    rename,
    with_children,
)
from derivgen.rules import told, told_of_places
from derivgen.rules.axis_parts import fresh_places
from derivgen.rules.cases import is_indicator
from derivgen.rules.engine import Context
from derivgen.rules.facts import proved
from derivgen.rules.reason import Reason, Terms, filled
from derivgen.rules.rule import Stage, rule
from derivgen.rules.told import moves, variable_of
from derivgen.rules.unfold import entry_of

CHAIN_RULE = "the vector chain rule"


def _places(e: Expr) -> tuple[Place, ...]:
    return e.places if isinstance(e, At) else ()


def _generic_of_one_place(e: Expr, wrt: Expr) -> bool:
    """Whether ``e`` is f_i(w_i) ◯ g_i(x_i), by an entry at the same place: as far as a generic operator goes."""
    return (
        isinstance(e, Call)
        and isinstance(e.op, Abstract)
        and e.op.name == GENERIC.name
        and (_only_place(e, variable_of(wrt)) == _places(wrt) != ())
    )


def _only_place(body: Expr, variable: Symbol) -> tuple[Place, ...] | None:
    """The one place at which ``body`` reads ``variable``; None where it reads it elsewhere, or whole."""
    found: tuple[Place, ...] | None = None
    todo = [body]
    while todo:
        here = todo.pop()
        match here:
            case At(Symbol(name), places) if name == variable.name:
                if found is not None and found != places:
                    return None
                found = places
            case Symbol(name) if name == variable.name:
                return None
            case At(Call(Abstract(pointwise=True) as op, args), places) if op.codomain.axes:
                # Entry i of a pointwise function reads entry i of its arguments.
                todo.extend(At(a, places) if a.shape.axes else a for a in args)
            case At(Call(), _) if depends_on(here, variable.name):
                return None
            case _:
                todo.extend(children(here))
    return found


@rule(Stage.DIFFERENTIATE, Partial, title="The element-wise condition",
      states=r"\frac{\partial}{\partial w_j} f_i(w_i) = 0 \text{ for } j \neq i",
      because=r"[{f_i(w_i)}|This entry] contains no other entry of {\mathbf w} than {w_i}, so its derivative by any other entry is 0.",
      terms=told.own_entry, reference="element-wise operators",
      examples=("[[partial(w[i] * x[i], w[j]) for j in range(n)] for i in range(n)]",
                "[[partial(h(w)[i] + x[i], w[j]) for j in range(n)] for i in range(n)]",
                "[[partial(sum(exp(w[i]) * x[k] for k in range(n)), w[j]) for j in range(n)] for i in range(n)]"))  # fmt: skip
def element_wise_condition(e: Partial, ctx: Context) -> Expr | None:
    if not isinstance(e.wrt, At) or (isinstance(e.body, At) and isinstance(e.body.array, Symbol)):
        return None
    variable = variable_of(e.wrt)
    place = _only_place(e.body, variable)
    if place is None or place == e.wrt.places or len({*place}) < len(e.wrt.places):  # of fewer, it reads a whole row
        return None
    meant = e.body.free if ctx.entry is None else e.body.free & (ctx.entry | ctx.sample_indices)
    # Of a summed index no single entry is meant.
    if not meant.issuperset(indices_in(place)):
        return None
    deltas = [Delta(p, q) for p, q in zip(place, e.wrt.places, strict=True) if p != q]
    return product(*deltas, Partial(e.body, At(variable, place)))


@rule(Stage.DIFFERENTIATE, Partial, role="silent", title="A constant",
      states=r"\frac{\partial c}{\partial x} = 0", because="[{c} does not contain {x}, so it does|What does not contain {x} does] not change with it.", terms=lambda e, _: told.whole(e, "c"),
      examples=("[partial(x[i], a) for i in range(n)]",))  # fmt: skip
def constant(e: Partial, _: Context) -> Expr | None:
    return None if moves(e.body, e.wrt) else ZERO


def _only_chooses(e: Expr, name: str) -> bool:
    """Whether the variable stands in conditions alone: what is made of these is the same nearby, off their borders."""
    match e:
        case Call() if is_indicator(e):
            return True
        case At(array):
            return _only_chooses(array, name)
        case Add() | Mul() | Power() | Sum() | Call(Linear()):
            return all(_only_chooses(c, name) for c in children(e) if depends_on(c, name))
        case _:
            return False


@rule(Stage.DIFFERENTIATE, Partial, role="silent", title="A condition stays as it is", states=r"\frac{\partial}{\partial x}\mathbf 1(c) = 0,\quad \frac{\partial}{\partial x}(\mathbf 1(c)\,u) = \mathbf 1(c)\,\frac{\partial u}{\partial x}",
      because=r"Off its border the condition in {\mathbf 1(c)} stays true, or false, when {x} changes a little.", terms=lambda e, _: told.whole(e, r"\mathbf 1(c)"), when="off the border of the condition",
      examples=("partial((a > c) * (a > 0), a)", "partial(1 / sum(a > x), a)", "partial((a > c) * exp(a), a)", "[partial((x > 0)[i], x[i]) for i in range(n)]"))  # fmt: skip
def condition_stays(e: Partial, _: Context) -> Expr | None:
    name = variable_of(e.wrt).name
    if not moves(e.body, e.wrt):
        return None
    if _only_chooses(e.body, name):
        return ZERO
    factors = e.body.factors if isinstance(e.body, Mul) else ()
    stay = [k for k, f in enumerate(factors) if moves(f, e.wrt) and _only_chooses(f, name)]
    if not stay:
        return None
    rest = product(*(f for k, f in enumerate(factors) if k not in stay))
    return product(*(factors[k] for k in stay), Partial(rest, e.wrt))


@rule(Stage.DIFFERENTIATE, Partial, title="Partials of the variable", states=r"\frac{\partial x_i}{\partial x_j} = \delta_{ij}",
      because=r"{x_i} changes with {x_j} only if the two are one entry, and then at rate 1.",
      terms=lambda e, _: {"x_i": e.body, "x_j": e.wrt},
      examples=("[[partial(x[i], x[j]) for j in range(n)] for i in range(n)]",))  # fmt: skip
def variable(e: Partial, _: Context) -> Expr | None:
    match e.body, e.wrt:
        case (At(Symbol(a), places), At(Symbol(b), others)) if a == b and len(places) == len(others):
            deltas = [Delta(p, q) for p, q in zip(places, others, strict=True) if p != q]
            return product(*deltas) if deltas else None
        case _:
            return None


@rule(Stage.DIFFERENTIATE, Partial, role="silent", title="The variable itself", states=r"\frac{\partial x}{\partial x} = 1",
      because="{x} changes with itself at rate 1.", terms=lambda e, _: {"x": e.wrt}, examples=("partial(a, a)", "[partial(x[i], x[i]) for i in range(n)]"))  # fmt: skip
def itself(e: Partial, _: Context) -> Expr | None:
    return ONE if e.body == e.wrt else None


@rule(Stage.DIFFERENTIATE, Partial, role="silent", title="The sum rule",
      states=r"\frac{\partial}{\partial x}(u + v) = \frac{\partial u}{\partial x} + \frac{\partial v}{\partial x}",
      because="The derivative of a sum is the sum of the derivatives, here of {u} and of {v}.", terms=lambda e, _: told.of_sum(e),
      examples=("partial(a + c, a)",))  # fmt: skip
def sum_rule(e: Partial, _: Context) -> Expr | None:
    if not isinstance(e.body, Add):
        return None
    return plus(*(Partial(t, e.wrt) for t in e.body.terms if moves(t, e.wrt)))


@rule(Stage.DIFFERENTIATE, Partial, role="silent", title="Differentiate under the sum",
      states=r"\frac{\partial}{\partial x}\textstyle\sum_i u_i = \sum_i \frac{\partial u_i}{\partial x}",
      because="The sum over {i} is differentiated term by term.", terms=lambda e, _: {"i": e.body.index},
      examples=("[partial(sum(x[i] * y[i] for i in range(n)), x[j]) for j in range(n)]",
                "[partial(sum(x[i] * y[i] for i in range(n)), x[i]) for i in range(n)]"))  # fmt: skip
def partial_of_sum(e: Partial, ctx: Context) -> Expr | None:
    if not isinstance(e.body, Sum):
        return None
    index, body = e.body.index, e.body.body
    if any(index.name == i.name for i in e.wrt.free):
        new = ctx.fresh(index.dim)
        index, body = new, rename(body, {index: new})
    return Sum(index, Partial(body, e.wrt))


@rule(Stage.DIFFERENTIATE, Partial, role="silent", title="A constant factor",
      states=r"\frac{\partial}{\partial x}(c\,u) = c\,\frac{\partial u}{\partial x}",
      because="[{c} does not contain {x}, so it stays|What does not contain {x} stays] as a factor.", terms=lambda e, _: told.still(e), examples=("partial(c * a, a)",))  # fmt: skip
def constant_factor(e: Partial, _: Context) -> Expr | None:
    if not isinstance(e.body, Mul):
        return None
    moving = [f for f in e.body.factors if moves(f, e.wrt)]
    if len(moving) != 1:
        return None
    return product(*(f if f is not moving[0] else Partial(f, e.wrt) for f in e.body.factors))


@rule(Stage.DIFFERENTIATE, Partial, title="The quotient rule",
      states=r"\frac{\partial}{\partial x}\frac uv = \frac 1v\frac{\partial u}{\partial x} - \frac{u}{v^2}\frac{\partial v}{\partial x}",
      because="[{u} is divided by {v}, and both contain {x}: the quotient changes with {u} at the rate {r} and with {v} at {s}|Numerator and "
      "denominator both contain {x}: the quotient changes with the one at the rate of 1 over the other, and with that at minus the "
      "quotient over it]; these rates multiply the derivatives of both.",
      terms=lambda e, _: told.of_quotient(e),
      examples=("partial(exp(a) / (1 + a), a)", "partial(c * exp(a) / sum(exp(a * x)), a)"))  # fmt: skip
def quotient_rule(e: Partial, _: Context) -> Expr | None:
    if not isinstance(e.body, Mul):
        return None
    factors = e.body.factors
    moving = [k for k, f in enumerate(factors) if moves(f, e.wrt)]
    below = [k for k in moving if split_base(factors[k])[1] < 0]
    if len(moving) != 2 or len(below) != 1 or split_base(factors[below[0]])[1] != -1:
        return None
    (k,), (m,) = below, [k for k in moving if k not in below]
    base, _power = split_base(factors[k])
    over = product(MINUS_ONE, to_power(base, Fraction(-2)), Partial(base, e.wrt))
    return plus(
        product(*(Partial(f, e.wrt) if n == m else f for n, f in enumerate(factors))),
        product(*(over if n == k else f for n, f in enumerate(factors))),
    )


@rule(Stage.DIFFERENTIATE, Partial, title="The product rule",
      states=r"\frac{\partial}{\partial x}(uv) = \frac{\partial u}{\partial x}v + u\frac{\partial v}{\partial x}",
      because="{u} and {v} contain {x}: each is differentiated in turn while the rest stays.",
      terms=lambda e, _: told.of_product(e),
      examples=("partial(a * exp(a), a)",))  # fmt: skip
def product_rule(e: Partial, _: Context) -> Expr | None:
    if not isinstance(e.body, Mul):
        return None
    factors = e.body.factors
    moving = [k for k, f in enumerate(factors) if moves(f, e.wrt)]
    if len(moving) < 2:
        return None
    return plus(*(product(*(Partial(f, e.wrt) if k == m else f for k, f in enumerate(factors))) for m in moving))


@rule(Stage.DIFFERENTIATE, Partial, title="The power rule",
      states=r"\frac{\partial}{\partial x}u^p = p\,u^{p-1}\,\frac{\partial u}{\partial x}",
      because=r"{u^p} has the slope {p\,u^{p-1}}, the exponent coming down as a factor, which is multiplied by the derivative of {u}.",
      terms=told.of_power,
      examples=("partial(a**3, a)", "partial(a**c, a)"), when="$u$ is not zero, or $p$ is at least 1")  # fmt: skip
def power_rule(e: Partial, _: Context) -> Expr | None:
    if not isinstance(e.body, Power) or moves(e.body.exponent, e.wrt):
        return None
    base, exponent = e.body.base, e.body.exponent
    if isinstance(exponent, Number):
        return product(exponent, to_power(base, exponent.value - Fraction(1)), Partial(base, e.wrt))
    return product(exponent, Power(base, Add((exponent, MINUS_ONE))), Partial(base, e.wrt))


@rule(Stage.DIFFERENTIATE, Partial, title="The exponent rule",
      states=r"\frac{\partial}{\partial x}u^v = u^v \log(u)\,\frac{\partial v}{\partial x} + v\,u^{v-1}\,\frac{\partial u}{\partial x}",
      because=r"{u^v} is {\exp(v \log u)}, so {v} is differentiated under the exponential, and {u} as in a power.", when="$u > 0$",
      terms=lambda e, _: _told_exponent(e),
      examples=("partial(c**a, a)", "partial(a**a, a)"))  # fmt: skip
def exponent_rule(e: Partial, _: Context) -> Expr | None:
    if not isinstance(e.body, Power) or not moves(e.body.exponent, e.wrt):
        return None
    base, exponent = e.body.base, e.body.exponent
    term = product(e.body, Call(log, (base,)), Partial(exponent, e.wrt))
    if not moves(base, e.wrt):
        return term
    return plus(term, product(exponent, Power(base, Add((exponent, MINUS_ONE))), Partial(base, e.wrt)))


def _told_exponent(e: Partial) -> Reason | Terms:
    """What a power is as an exponential; nothing is said of a base that stays."""
    assert isinstance(e.body, Power)
    u, v = e.body.base, e.body.exponent
    said: Terms = {"u^v": e.body, r"\exp(v \log u)": Call(exp, (product(v, Call(log, (u,))),)), "u": u, "v": v}
    if moves(u, e.wrt):
        return said
    words = r"{u^v} is {\exp(v \log u)}, so {v} is differentiated under the exponential, with {\log u} as a factor."
    return filled(words, {**said, r"\log u": Call(log, (u,))})


@rule(Stage.DIFFERENTIATE, Partial, title="The chain rule",
      states=r"\frac{\partial}{\partial x}\varphi(u) = \varphi'(u)\,\frac{\partial u}{\partial x}",
      because=r"{\varphi(u)} has the slope {\varphi'(u)}, which is multiplied by the derivative of {u}.", terms=lambda e, _: told.of_function(e), reference=CHAIN_RULE,
      proves=proved, examples=("partial(exp(a**2), a)", "partial(max(a, c), a)", "partial(phi(a**2), a)", "partial(q(exp(a), a), a)"))  # fmt: skip
def chain_of_function(e: Partial, _: Context) -> Expr | None:
    call = e.body
    if not isinstance(call, Call) or _generic_of_one_place(call, e.wrt):
        return None
    terms: list[Expr] = []
    for k, arg in enumerate(call.args):
        if not moves(arg, e.wrt):
            continue
        if isinstance(call.op, Elementwise):
            outer = call.op.derivatives[k](*call.args)
        elif is_pointwise_scalar(call.op):
            assert isinstance(call.op, Abstract)
            outer = Call(call.op.derivative(k), call.args)
        else:
            return None
        terms.append(product(outer, Partial(arg, e.wrt)))
    return plus(*terms)


@rule(Stage.DIFFERENTIATE, Partial, title="The slope of a length",
      states=r"\frac{\partial}{\partial x}\|\mathbf u\| = \frac{1}{\|\mathbf u\|}\textstyle\sum_j u_j\frac{\partial u_j}{\partial x}",
      because=r"The square of {\|\mathbf u\|} is the sum of the squares {u_j^2}; differentiated on both sides, twice {\|\mathbf u\|} times its derivative is the sum of all {2\,u_j\,\frac{\partial u_j}{\partial x}}.",
      when="the length is not 0", terms=told.of_length,
      examples=("[partial(norm(x), x[i]) for i in range(n)]", "partial(norm(a * x + y), a)"))  # fmt: skip
def slope_of_length(e: Partial, ctx: Context) -> Expr | None:
    match e.body:
        case Call(op, (u,)) if op is norm and u.shape.rank == 1:
            j = ctx.fresh(u.shape.axes[0])
            entry = _entry(u, j)
            return product(Sum(j, product(entry, Partial(entry, e.wrt))), to_power(e.body, Fraction(-1)))
        case _:
            return None


def _entry(u: Expr, j: Index) -> Expr:
    """An entry of a vector, of sums and multiples by those of their terms."""
    if isinstance(u, Add | Mul) and u.shape.axes:
        return with_children(u, tuple([_entry(c, j) if c.shape.axes else c for c in children(u)]))
    return entry_of(u, (j,))


@rule(Stage.DIFFERENTIATE, Partial, title="Differentiate the cases",
      states=r"\frac{\partial}{\partial x}\{u \text{ if } c;\ v\} = \{\tfrac{\partial u}{\partial x} \text{ if } c;\ \tfrac{\partial v}{\partial x}\}",
      because="Away from the border between them the cases[ {u} and {v}|] are differentiated each by itself.",
      terms=lambda e, _: told_of_places.of_cases(e.body), when="away from the border of the cases",
      examples=("partial(where(a > 0, a**2, c), a)",))  # fmt: skip
def partial_of_cases(e: Partial, _: Context) -> Expr | None:
    if not isinstance(e.body, Cases):
        return None
    branches = tuple((c, Partial(v, e.wrt)) for c, v in e.body.branches)
    return Cases(branches, Partial(e.body.otherwise, e.wrt))


@rule(Stage.DIFFERENTIATE, Partial, title="Read the partial off", states=r"\frac{\partial f_i(\mathbf x)}{\partial x_j} = \left(\frac{\partial\mathbf f}{\partial\mathbf x}\right)_{ij}",
      because=r"By what {\frac{\partial\mathbf f}{\partial\mathbf x}} means, its entry is the derivative of {f_i(\mathbf x)} by {x_j}.",
      terms=told.of_partial,
      reference="the Jacobian", proves=proved, examples=("[[partial(f(x)[i], x[j]) for j in range(n)] for i in range(m)]", "[partial(g(x), x[i]) for i in range(n)]",
                "[[partial(det(M), M[i, j]) for j in range(n)] for i in range(n)]"))  # fmt: skip
def partial_at_the_variable(e: Partial, ctx: Context) -> Expr | None:
    call, out = (e.body.array, e.body.places) if isinstance(e.body, At) else (e.body, ())
    if not isinstance(call, Call) or not isinstance(call.op, Opaque | Abstract) or is_pointwise_scalar(call.op):
        return None
    moving = [k for k, arg in enumerate(call.args) if moves(arg, e.wrt)]
    if len(moving) != 1 or call.args[moving[0]] != variable_of(e.wrt) or getattr(call.op, "pointwise", False):
        return None
    at = tuple(p for p in _places(e.wrt) if isinstance(p, Index))
    return partial_of_entry(call, moving[0], out, at, ctx) if at and len(at) == len(_places(e.wrt)) else None


@rule(Stage.DIFFERENTIATE, Partial, title="The vector chain rule",
      states=r"\frac{\partial f_i}{\partial x} = \textstyle\sum_k \frac{\partial f_i}{\partial u_k}\frac{\partial u_k}{\partial x}",
      because=r"{f_i} depends on {x} through every entry of {\mathbf u}; what each passes on is added up.",
      terms=lambda e, _: told.of_vector(e), reference=CHAIN_RULE,
      proves=proved, examples=("[[partial(f(tanh(x))[i], x[j]) for j in range(n)] for i in range(m)]", "partial(g(a * x), a)",
                "[[partial(h(exp(x))[i], x[j]) for j in range(n)] for i in range(n)]", "partial(logdet(a * M), a)", "[[partial(k(x, u)[i], x[j]) for j in range(n)] for i in range(m)]",
                "[[partial(inv(a * M)[i, j], a) for j in range(n)] for i in range(n)]", "partial(det(M + a * N), a)"))  # fmt: skip
def chain_of_entries(e: Partial, ctx: Context) -> Expr | None:
    call, out = (e.body.array, e.body.places) if isinstance(e.body, At) else (e.body, ())
    if not isinstance(call, Call) or is_pointwise_scalar(call.op):
        return None
    if not isinstance(call.op, Opaque | Abstract) or call.op is prod:  # which has a rule of its own
        return None
    terms: list[Expr] = []
    for k, arg in enumerate(call.args):
        if not moves(arg, e.wrt):
            continue
        if isinstance(call.op, Abstract) and call.op.pointwise:
            terms.append(product(At(Call(call.op.derivative(k), call.args), out), Partial(entry_of(arg, out), e.wrt)))
            continue
        at = fresh_places(arg, ctx)
        outer = partial_of_entry(call, k, out, at, ctx)
        term: Expr = product(outer, Partial(entry_of(arg, at), e.wrt))
        for index in reversed(indices_in(at)):
            term = Sum(index, term)
        terms.append(term)
    return plus(*terms)


def partial_of_entry(call: Call, k: int, out: tuple[Place, ...], at: tuple[Binder, ...], ctx: Context) -> Expr:
    """The derivative of an entry by one of its argument ``k``; what it runs over itself has letters that nothing has."""
    if isinstance(call.op, Opaque):
        found = call.op.partial(call.args, k, out, at)
        new = bound_indices(found) - all_indices(call) if found.kinds & (Build.bit | Sum.bit) else ()
        return relettered(found, {i: ctx.fresh(i.dim) for i in sorted(new, key=str) if i.name in ctx.taken})
    assert isinstance(call.op, Abstract)
    jacobian = Call(call.op.derivative(k), call.args)
    return At(jacobian, (*out, *at)) if jacobian.shape.axes else jacobian
