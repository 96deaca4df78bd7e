"""The logarithm of a sum of exponentials by what one term is made of: each term by its share of the sum, γ.

So the gradient of a mixture's log-likelihood by a mean is known, with the responsibilities for weights.
"""

from __future__ import annotations

from dataclasses import dataclass

from derivgen.catalog.build import factors_of, product
from derivgen.catalog.elementwise import exp, log
from derivgen.catalog.letters import spoken
from derivgen.derivation.chain import coefficient_of
from derivgen.derivation.jacobian import jacobian, turned, variable_name
from derivgen.derivation.link import derived_link
from derivgen.derivation.naming import member
from derivgen.derivation.scalar import Derived, finish, in_order
from derivgen.derivation.telling import lines_between, told
from derivgen.expr import (
    MINUS_ONE,
    At,
    Build,
    Call,
    Definition,
    Expr,
    Index,
    Power,
    Shape,
    Sum,
    Symbol,
    depends_on,
    indices_in,
    rename,
    replace_parts,
)
from derivgen.options import Layout
from derivgen.rules import moves
from derivgen.rules.engine import Context
from derivgen.rules.reason import filled
from derivgen.rules.step import Step


@dataclass(frozen=True, slots=True)
class _Mixture:
    """c Σᵢ log Σₖ wₖ exp(qₖ), of which one term alone contains the variable, a member at the place of that term."""

    front: tuple[Expr, ...]
    over: Index | None
    term: Index
    body: Expr
    exponent: Expr

    def whole(self, e: Expr) -> Expr:
        """c Σᵢ e."""
        return product(*self.front, e if self.over is None else Sum(self.over, e))


def mixture_method(
    f: Expr, x: Expr, name: Symbol, ctx: Context, layout: Layout, start: Expr, whole: Expr
) -> Derived | None:
    """The derivation by a member of a family that one term of such a sum has to itself; None where f is another.

    ``start`` is the derivative as it is defined in the ``layout``, ``whole`` its name.
    """
    found = _read(f, x)
    if found is None or not isinstance(x, At):
        return None
    (place,) = x.places
    ctx = ctx.local()
    ctx.taken.update(i.name for i in indices_in(x.places))
    left = jacobian(name, x, ctx)
    family = (*([found.over] if found.over is not None else []), found.term)
    exponent = _letter("q", family, found.exponent, ctx)
    shares = _shares(found.body, found.term, ctx)
    short = replace_parts(found.body, {found.exponent: member(exponent.symbol, family)})
    gamma = _letter("gamma", family, _shares(short, found.term, ctx), ctx)
    own = {found.term: place}
    at_place = tuple([place if i == found.term else i for i in family])
    weight, inner_name = At(gamma.symbol, at_place), At(exponent.symbol, at_place)
    inner = rename(found.exponent, own)
    definitions = (Definition(name, f), exponent, gamma)
    link = jacobian(inner_name, x, ctx)
    pending = found.whole(product(weight, link))
    why = filled(moves.share_of_term.because, {"k": found.term, "q_j": inner_name, "x_j": x, r"\gamma_j": weight})
    steps: list[Step] = [
        moves.share_of_term.step(
            jacobian(f, x, ctx), pending, left=left, introduces=(exponent, gamma), definitions=definitions, reason=why
        )
    ]
    derived = derived_link(inner, x, inner_name, ctx)
    steps.append(
        moves.derive_link.step(
            jacobian(inner, x, ctx), derived.result, left=link, substeps=derived.steps, definitions=definitions,
            title=f"Differentiate {spoken(exponent.symbol.name)} by {spoken(variable_name(x))}",
            reason=told(derived.steps, ctx.book), via=lines_between(derived.steps, derived.result),
        )
    )  # fmt: skip
    named = in_order(found.whole(product(weight, derived.result)), ctx)
    steps.append(
        moves.value_by_letter.step(
            pending, named, left=left, definitions=definitions, title="Put the derivative in",
            reason=filled("{q} is put in; {g} keeps its letter.", {"q": link, "g": weight}),
        )
    )  # fmt: skip
    if layout != "numerator" and named.shape.axes:
        named = in_order(turned(named), ctx)
        tidied = tuple(finish(named, ctx, whole, by_cases=False))
        named = tidied[-1].after if tidied else named
        steps.append(moves.turn_layout.step(start, named, left=whole, definitions=definitions, substeps=tidied))
    return Derived(tuple(steps), replace_parts(named, {weight: rename(shares, own)}))


def _shares(body: Expr, term: Index, ctx: Context) -> Expr:
    """A term over the sum of all, which has an index of its own."""
    other = ctx.local().fresh(term.dim)
    return product(body, Power(Sum(other, rename(body, {term: other})), MINUS_ONE))


def _letter(stem: str, family: tuple[Index, ...], value: Expr, ctx: Context) -> Definition:
    """A letter for a member of a family, and what it stands for."""
    name = next(n for n in (stem, *(f"{stem}{k}" for k in range(2, 100))) if n not in ctx.taken)
    ctx.taken.add(name)
    return Definition(Symbol(name, Shape(tuple([i.dim for i in family]))), Build(family, value))


def _read(f: Expr, x: Expr) -> _Mixture | None:
    """The parts of such a sum."""
    if f.shape.axes or not isinstance(x, At) or len(x.places) != 1:
        return None
    front, core = coefficient_of(f, x)
    over, logarithm = (core.index, core.body) if isinstance(core, Sum) else (None, core)
    match logarithm:
        case Call(op, (Sum(Index() as k, body),)) if op is log and (over is None or isinstance(over, Index)):
            pass
        case _:
            return None
    name = variable_name(x)
    moving = [g for g in factors_of(body) if depends_on(g, name)]
    own = At(x.array, (k,))
    match moving:
        case [Call(op, (exponent,))] if op is exp and exponent != own and not depends_on(_without(body, own), name):
            return _Mixture(front, over, k, body, exponent)
        case _:
            return None


def _without(e: Expr, own: Expr) -> Expr:
    """``e`` with a letter of no meaning in the place of a member of a family."""
    return replace_parts(e, {own: Symbol("_", own.shape)})
