"""The question whose answer an author states: what is differentiated in an equation, by what, and what is declared."""

from __future__ import annotations

from derivgen.catalog.base import Abstract
from derivgen.catalog.declared import where_text
from derivgen.catalog.linear import transpose
from derivgen.deadline import TooLong
from derivgen.errors import DerivgenError
from derivgen.expr import At, Build, Call, Expr, Index, Partial, Symbol, depends_on, substitute, symbols, walk
from derivgen.expr.text import text
from derivgen.notes.judge.court import Outcome
from derivgen.notes.meaning.question import Meant
from derivgen.options import Layout
from derivgen.read import parse_text

MOST_PARTS = 300
"""How large an expression is at most that a block is proposed for."""


def stated(outcome: Outcome, *members: int) -> tuple[str, str, str, Layout] | None:
    """The expression, the variable, the declarations and the layout that derive one of these members, as text.

    None where none of them is a derivative, once, by a letter, of what is known, and can be written as text.
    """
    meant = outcome.meant
    if meant is None:
        return None
    layouts = outcome.layouts or (meant.layout,)
    layout = next((one for one in ("numerator", "gradient") if one in layouts), layouts[0])
    for k in members:
        e = meant.values[k]
        asked = _asked(e, meant) if isinstance(e, Expr) else None
        if asked is not None:
            return (*asked, layout)
    return None


def _asked(e: Expr, meant: Meant) -> tuple[str, str, str] | None:
    while isinstance(e, Build) or (isinstance(e, Call) and e.op is transpose):
        e = e.body if isinstance(e, Build) else e.args[0]
    if not isinstance(e, Partial):
        return None
    by = e.wrt.array if isinstance(e.wrt, At) else e.wrt
    if not isinstance(by, Symbol) or not _of_all(e.wrt):
        return None
    body = e.body.array if isinstance(e.body, At) and _of_all(e.body) else e.body
    known = {d.symbol.name: d.value for d in meant.definitions if not _is_open(d.value) and d.symbol.name != by.name}
    for _ in known:
        body = substitute(body, known)
    if not depends_on(body, by.name) or _is_open(body) or body.written > MOST_PARTS:
        return None
    functions = {x.op: None for x in walk(body) if isinstance(x, Call) and isinstance(x.op, Abstract)}
    where = where_text(symbols(body).values(), functions)
    try:
        expression = text(body)
        same = text(parse_text(expression, where)) == expression
    except TooLong:
        raise
    except DerivgenError:  # it has letters that text has no way to write
        return None
    return (expression, by.name, where) if same else None


def _of_all(e: Expr) -> bool:
    """Whether an entry is any one, so that the whole array is meant."""
    return not isinstance(e, At) or all(isinstance(place, Index) for place in e.places)


def _is_open(e: Expr) -> bool:
    """Whether it is only known what something depends on, or there is a derivative inside."""
    return any(
        isinstance(x, Partial) or (isinstance(x, Call) and isinstance(x.op, Abstract) and x.op.name.endswith("()"))
        for x in walk(e)
    )
