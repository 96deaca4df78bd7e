"""The derivative of a quotient, or of a product of entries, by its own letter: (u' - y v') / v, as that of a Rayleigh quotient
is known, and y (a ⊘ x)ᵀ of ∏ xᵢ^(aᵢ)."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from derivgen.catalog.build import factors_of, is_elementwise, plus, product, split_base, terms_of, to_power, transposed
from derivgen.catalog.opaque import prod
from derivgen.derivation.jacobian import jacobian, variable_name
from derivgen.derivation.methods.scalar import Derived, finish, in_order
from derivgen.derivation.words.directions import direction, projected, projections, told_of
from derivgen.derivation.words.naming import Letters
from derivgen.expr import (
    MINUS_ONE,
    ONE,
    Add,
    At,
    Build,
    Call,
    Definition,
    Expr,
    Index,
    Mul,
    Number,
    Power,
    Symbol,
    all_indices,
    canonical,
    children,
    depends_on,
    fresh_index,
    rename,
    replace_parts,
    walk,
    with_children,
)
from derivgen.rules import moves, told_of_factors
from derivgen.rules.engine import Context
from derivgen.rules.form_cost import measure
from derivgen.rules.reason import Reason, filled
from derivgen.rules.step import end_of


def in_letter_of_quotient(outcome: Derived, f: Expr, x: Expr, name: Symbol, ctx: Context, left: Expr) -> Derived:
    """The derivation of a quotient with a last step in which its value has its letter, where that is shorter.

    The result stays in the letters of the question.
    """
    if f.shape.axes:
        return _in_letter_of_direction(outcome, f, name, ctx, left)
    if not isinstance(f, Mul | Call):
        return outcome
    if any(isinstance(e, Call) and e.op is prod for e in factors_of(f)):
        return _in_letter_of_product(outcome, f, name, left)
    parts = _powers(f)
    moving = {base: power for base, power in parts.items() if depends_on(base, variable_name(x))}
    if {*moving.values()} != {Fraction(1), Fraction(-1)}:
        return outcome
    read = replace_parts(
        outcome.result, {e: _read(e, moving, name, f) for e in walk(outcome.result) if isinstance(e, Add)}
    )
    forms: list[Expr] = [] if read == outcome.result else [read]
    for e in (*forms, *_of_rule(outcome, x, name, ctx)):
        tidied = finish(e, ctx, left, by_cases=False)
        forms.append(end_of(tidied, e))
    after = min(forms, key=measure, default=outcome.result)
    if measure(after) >= measure(outcome.result):
        return outcome
    steps, before = outcome.steps, outcome.result
    more: dict[str, Reason] = {}
    last = next((k for k, s in enumerate(steps) if s.rule == moves.letters_back.name), len(steps))
    if all(s.left == left for s in steps[last:]):  # the letters are put back, and the quotient gets its own, in one
        before = steps[last].before if last < len(steps) else before
        why = told_of_factors.of_value(name, steps[last].definitions) if last < len(steps) else None
        more = {"reason": why} if why is not None else {}
        steps = steps[:last]
    own = (*(d for d in steps[-1].definitions if d.symbol != name), Definition(name, f))
    step = moves.value_by_letter.step(before, after, left=left, definitions=own, **more)
    return Derived((*steps, step), outcome.result)


def _in_letter_of_direction(outcome: Derived, f: Expr, name: Symbol, ctx: Context, left: Expr) -> Derived:
    """The derivation with a last step in which a vector over its length has a letter: (I - uuᵀ)/‖x‖ for I/‖x‖ - xxᵀ/‖x‖³."""
    found = {direction(p.vector): p for p in projections(outcome.result).values()}
    if len(found) != 1:
        return outcome
    ((value, p),) = found.items()
    u = name if value == f else Letters(ctx).part(value)
    own = Definition(u, value)
    step = moves.value_by_letter.step(
        outcome.result, in_order(projected(outcome.result, {value: u}), ctx), left=left, reason=told_of(p, u),
        definitions=(*(d for d in outcome.steps[-1].definitions if d.symbol != u), own),
        introduces=() if u == name else (own,), title="Write the direction by its letter",
    )  # fmt: skip
    return Derived((*outcome.steps, step), outcome.result)


def _in_letter_of_product(outcome: Derived, f: Expr, name: Symbol, left: Expr) -> Derived:
    """The derivation with a last step in which the value has its letter, where all its factors stand in the answer."""
    rest = [*factors_of(outcome.result)]
    known = [_by_entries(e) for e in rest]
    for factor in map(_by_entries, factors_of(f)):
        if factor not in known:
            return outcome
        k = known.index(factor)
        del rest[k], known[k]
    last = outcome.steps[-1]
    own = (*(d for d in last.definitions if d.symbol != name), Definition(name, f))
    why = filled("{f} is {y} itself, which so stands in its own derivative.", {"f": f, "y": name})
    step = moves.value_by_letter.step(outcome.result, product(name, *rest), left=left, definitions=own, reason=why)
    return Derived((*outcome.steps, step), outcome.result)


def _by_entries(e: Expr) -> Expr:
    """A product of entries in one form, whether its array is written by an entry or whole; anything else is itself."""
    match e:
        case Call(op, (u,)) if op is prod:
            i = fresh_index(u.shape.axes[0], {i.name for i in all_indices(u)})
            return canonical(Call(prod, (Build((i,), _entry(u, i)),)))
        case _:
            return canonical(e)


def _entry(u: Expr, i: Index) -> Expr:
    match u:
        case _ if not u.shape.axes:
            return u
        case Build((Index() as j,), body):
            return rename(body, {j: i})
        case _ if isinstance(u, Add | Mul | Power) or is_elementwise(u):
            return with_children(u, tuple([_entry(c, i) for c in children(u)]))
        case _:
            return At(u, (i,))


def _of_rule(outcome: Derived, x: Expr, name: Symbol, ctx: Context) -> list[Expr]:
    """What the quotient rule gives with the letter of the value for u/v: (u' - y v') / v, and the same term by term."""
    by_rule = next((s for s in outcome.steps if s.rule == moves.quotient_of_values.name), None)
    if by_rule is None:
        return []
    u, v, _ = by_rule.definitions[-3:]
    done = {s.left: s.after for s in (*outcome.steps, *by_rule.substeps) if s.left is not None}
    rates = [done.get(jacobian(part.symbol, x, ctx)) for part in (u, v)]
    (above, below) = rates
    if above is None or below is None:
        return []
    over, less = Power(v.symbol, MINUS_ONE), product(MINUS_ONE, name, below)
    forms = (product(plus(above, less), over), plus(product(above, over), product(less, over)))
    back = [replace_parts(e, {u.symbol: u.value, v.symbol: v.value}) for e in forms]
    turned = [e if e.shape == outcome.result.shape else transposed(e) for e in back]
    return [plus(*(in_order(t, ctx) for t in terms_of(e))) for e in turned]


def _powers(e: Expr) -> dict[Expr, Fraction]:
    """The factors of a product that are no numbers, by their exponents."""
    found: dict[Expr, Fraction] = {}
    for base, power in _bases(e):
        if not isinstance(base, Number):
            found[base] = found.get(base, Fraction(0)) + power
    return found


def _bases(e: Expr) -> Iterator[tuple[Expr, Fraction]]:
    """The factors of a product with their exponents; of a whole power of a product each of its factors."""
    for base, power in map(split_base, factors_of(e)):
        if isinstance(base, Mul) and power.denominator == 1:
            yield from ((inner, power * own) for inner, own in _bases(base))
        else:
            yield base, power


def _read(e: Add, quotient: dict[Expr, Fraction], name: Symbol, f: Expr) -> Expr:
    """A sum with the letter in the terms that have the whole quotient for a factor."""
    rest = {base: power for base, power in _powers(f).items() if base not in quotient}
    front = product(*(to_power(base, -power) for base, power in _bases(f) if isinstance(base, Number)))
    terms: list[Expr] = []
    for t in e.terms:
        powers = _powers(t)
        if all(powers.get(base, 0) * power >= 1 for base, power in quotient.items()):
            bases = dict.fromkeys((*powers, *rest))
            left = {b: powers.get(b, Fraction(0)) - quotient.get(b, 0) - rest.get(b, 0) for b in bases}
            numbers = [to_power(base, power) for base, power in _bases(t) if isinstance(base, Number)]
            kept = [to_power(base, power) for base, power in left.items() if power]
            terms.append(product(*numbers, *([front] if front != ONE else []), name, *kept))
        else:
            terms.append(t)
    return Add(tuple(terms))
