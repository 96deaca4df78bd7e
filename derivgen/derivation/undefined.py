"""What divides by zero wherever the variables are: it has no value, so it has no derivative."""

from __future__ import annotations

from derivgen.errors import NoRule
from derivgen.expr import Cases, Expr, Number, Power
from derivgen.expr.text import text
from derivgen.rules.arithmetic import is_zero
from derivgen.rules.engine import Context, Engine
from derivgen.rules.rule import Phase


def refuse_division_by_zero(e: Expr, ctx: Context) -> None:
    """Refuse an expression with a denominator that is 0 once it is put in order, such as x - x or 1ᵀ0.

    One that stands in a case only is passed over: the case may never hold.

    Raises:
        NoRule: it divides by zero.
    """
    engine = Engine((), ctx.book.silent(Phase.ALWAYS), ctx.local())
    seen: set[int] = set()
    todo = [e]
    while todo:
        here = todo.pop()
        if id(here) in seen or isinstance(here, Cases):
            continue
        seen.add(id(here))
        todo.extend(here.children)
        match here:
            case Power(base, Number(value)) if value < 0 and is_zero(engine.tidy(base)[0]):
                raise NoRule(
                    f"{text(base)} is 0 whatever the variables are, and it is divided by: there is no value to derive",
                    hint="look for what cancels in it, or for zeros that should be ones",
                )
            case _:
                pass
