"""How a product of arrays is written in the end; entries keep the order in which they came."""

from __future__ import annotations

from derivgen.catalog.build import factors_of, split_base
from derivgen.catalog.linear import transpose
from derivgen.expr import Add, At, Call, Expr, Mul, Number, Power, Symbol
from derivgen.rules.arithmetic import rank
from derivgen.rules.engine import Context
from derivgen.rules.form_cost import measure
from derivgen.rules.rule import Phase, Stage, rule


@rule(Stage.SIMPLIFY, Mul, phases=(Phase.OUTWARD,), role="silent", states=r"\sigma(\mathbf x) \otimes \mathbf y = \mathbf y \otimes \sigma(\mathbf x)",
      because="Letters stand before functions of letters, and 1 - u directly after u.", general=True,
      examples=("[exp(x[i]) * y[i] for i in range(n)]", "[(1 - 2 * exp(x)[i]) * exp(x)[i]**2 * (1 - exp(x)[i]) / a for i in range(n)]",
                "[exp(x)[i] * (y[i] - w[i]) * (1 - exp(x)[i]) for i in range(n)]"))  # fmt: skip
def letters_first(e: Mul, ctx: Context) -> Expr | None:
    if not e.shape.axes:
        return None
    last: Expr | None = None
    for f in e.factors:  # most products are in order, so looking at them is kept short
        if last is not None and f.bit & (_ANY if last.bit & Add.bit else _LEADS) and last.shape.rank == f.shape.rank:
            break
        last = f if f.bit & _FOLLOWS else last
    else:
        return None
    ranks = [rank(f) for f in e.factors]
    new = [
        f for r in sorted(set(ranks)) for f in _ordered([f for f, of in zip(e.factors, ranks, strict=True) if of == r])
    ]
    return None if tuple(new) == e.factors or e in ctx.asked(Mul) else Mul(tuple(new))


_LEADS = Symbol.bit | At.bit | Power.bit | Call.bit
_FOLLOWS = Call.bit | Add.bit
_ANY = _LEADS | Add.bit


def _ordered(factors: list[Expr]) -> list[Expr]:
    """Factors of one rank: the letters, then the others, each before what is one minus it."""
    heads = {split_base(f)[0]: f for f in factors if not isinstance(f, Add)}
    after: dict[Expr, list[Expr]] = {}
    for f in factors:
        head = next((base for base in heads if base in _made_of(f)), None)
        if head is not None:
            after.setdefault(head, []).append(f)
    followers = {id(f) for group in after.values() for f in group}
    leaders = [f for f in factors if id(f) not in followers]
    leaders.sort(key=lambda f: (0 if split_base(f)[0] not in after else 1) if _is_letter(f) else 2)
    new: list[Expr] = []
    for f in leaders:
        new += [f, *sorted(after.pop(split_base(f)[0], ()), key=measure)]
    return new


def _is_letter(f: Expr) -> bool:
    """Whether a factor is a letter, an entry or a row of one, its transpose, or a power of these."""
    base, _ = split_base(f)
    inner = base.args[0] if isinstance(base, Call) and base.op is transpose else base
    return isinstance(inner.array if isinstance(inner, At) else inner, Symbol)


def _made_of(f: Expr) -> frozenset[Expr]:
    """Of 1 - u, or a sum like it, u."""
    if not isinstance(f, Add) or not any(isinstance(t, Number) for t in f.terms):
        return frozenset()
    return frozenset(split_base(g)[0] for t in f.terms for g in factors_of(t) if not isinstance(g, Number))
