"""How a product of arrays is written in the end; entries keep the order in which they came."""

from __future__ import annotations

import itertools

from derivgen.catalog.linear import transpose
from derivgen.expr import Add, At, Call, Expr, Mul, Number, Power, Symbol
from derivgen.rules.algebra import factors_of, split_base
from derivgen.rules.arithmetic import rank
from derivgen.rules.engine import Context, Stage, rule


@rule(Stage.SIMPLIFY, Mul, quiet=True, states=r"\sigma(\mathbf x) \otimes \mathbf y = \mathbf y \otimes \sigma(\mathbf x)",
      because="Letters stand before functions of letters, and u before 1 - u.",
      examples=("[exp(x[i]) * y[i] for i in range(n)]", "[(1 - 2 * exp(x)[i]) * exp(x)[i]**2 / a for i in range(n)]"))  # fmt: skip
def letters_first(e: Mul, ctx: Context) -> Expr | None:
    if not e.shape.axes:
        return None
    last = None
    for f in e.factors:  # most products are in order, so looking at them is kept short
        if last is not None and f.bit & _LEADS and (not last.shape.axes) == (not f.shape.axes):
            break
        last = f if f.bit & _FOLLOWS else last
    else:
        return None
    places = [(rank(f), _kind(f, e.factors[k + 1 :])) for k, f in enumerate(e.factors)]
    if all(a <= b for a, b in itertools.pairwise(places)) or e in ctx.asked(Mul):
        return None
    return Mul(tuple(e.factors[k] for k in sorted(range(len(places)), key=places.__getitem__)))


_LEADS = Symbol.bit | At.bit | Power.bit | Call.bit
_FOLLOWS = Call.bit | Add.bit


def _kind(f: Expr, later: tuple[Expr, ...]) -> int:
    """Where a factor stands among those of its rank."""
    return 0 if rank(f) not in (2, 3) or _is_letter(f) else 2 if _made_of_one(f, later) else 1


def _is_letter(f: Expr) -> bool:
    """Whether a factor is a letter, an entry or a row of one, its transpose, or a power of these."""
    base, _ = split_base(f)
    inner = base.args[0] if isinstance(base, Call) and base.op is transpose else base
    return isinstance(inner.array if isinstance(inner, At) else inner, Symbol)


def _made_of_one(f: Expr, later: tuple[Expr, ...]) -> bool:
    """Whether a factor is 1 - u, or like it, and u is among the later ones."""
    if not isinstance(f, Add) or not any(isinstance(t, Number) for t in f.terms):
        return False
    bases = {split_base(g)[0] for t in f.terms for g in factors_of(t) if not isinstance(g, Number)}
    return any(split_base(g)[0] in bases for g in later)


QUIET = (letters_first,)
RULES = QUIET
