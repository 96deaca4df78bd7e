"""What is known of a function, as a step with its proof below it: each operation declares both."""

from __future__ import annotations

from functools import lru_cache
from itertools import chain, count

from derivgen.catalog.base import Elementwise, Opaque, Operation
from derivgen.catalog.proof import Line, Proof
from derivgen.expr import At, Call, Expr, Index, Partial, Symbol, fresh_index
from derivgen.rules.engine import Context
from derivgen.rules.moves import known_derivative
from derivgen.rules.reason import Reason
from derivgen.rules.step import Step
from derivgen.rules.told import call_of, moves, of_function, of_partial

LETTERS = "uvtqrsabc"


def proved(e: Expr, ctx: Context) -> tuple[Step, ...]:
    """The facts that a derivative of a function rests on, in letters that nothing else has; none without a proof."""
    if not isinstance(e, Partial):
        return ()
    call = call_of(e.body)
    found: list[Step | None] = []
    match call.op:
        case Elementwise() as op:
            free = [c for c in LETTERS if c not in ctx.taken]
            names = tuple(free[: len(call.args)])
            found = [_of_function(op, k, names) for k, arg in enumerate(call.args) if moves(arg, e.wrt)]
        case Opaque(proof=Proof(lines=lines)) as op if lines is not None:
            (x,) = call.args
            if not isinstance(x, Symbol):
                x = Symbol(next(c for c in ("XYZABM" if x.shape.rank > 1 else "uvqrst") if c not in ctx.taken), x.shape)
            found = [_of_matrix(op, x, frozenset(ctx.taken))]
        case _:
            pass
    return tuple(s for s in dict.fromkeys(found) if s is not None)


@lru_cache(maxsize=256)
def _of_function(op: Elementwise, k: int, names: tuple[str, ...]) -> Step | None:
    if op.proof is None or op.proof.lines is None or len(names) < len(op.derivatives):
        return None
    args = tuple(Symbol(name) for name in names)
    before = Partial(Call(op, args), args[k])
    return _step(op, before, op.derivatives[k](*args), of_function(before), op.proof.lines(k, *args))


@lru_cache(maxsize=64)
def _of_matrix(op: Opaque, x: Symbol, taken: frozenset[str]) -> Step | None:
    if op.proof is None or op.proof.lines is None:
        return None
    names = set(taken)
    indices: list[Index] = []
    for dim in (*op.result_shape((x,), ()).axes, *x.shape.axes, x.shape.axes[0]):
        indices.append(fresh_index(dim, names, "ijpqklrst"))
        names.add(indices[-1].name)
    value = Call(op, (x,))
    *places, k = indices
    out, at = places[: value.shape.rank], tuple(places[value.shape.rank :])
    before = Partial(At(value, tuple(out)) if out else value, At(x, at))
    after = op.partial((x,), 0, tuple(out), at)
    told = of_partial(before, after)
    spellings = chain("thsuvr", (f"t{n}" for n in count(2)))
    growth = Symbol(next(name for name in spellings if name not in names))
    lines = op.proof.lines(x, tuple(out), at, k, growth)
    return _step(op, before, after, told if isinstance(told, Reason) else None, lines)


def _step(op: Operation, before: Expr, after: Expr, reason: Reason | None, lines: tuple[Line, ...]) -> Step:
    substeps = tuple(
        known_derivative.step(line.left, line.right, title=line.title, reason=Reason(line.because)) for line in lines
    )
    title = f"The derivative of {op.name}"
    return known_derivative.step(before, after, title=title, reason=reason or Reason(), substeps=substeps)
