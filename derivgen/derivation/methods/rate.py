"""A function of a matrix that changes with a number: the change with the matrix is known, and that of the matrix is put in."""

from __future__ import annotations

from derivgen.catalog.build import plus
from derivgen.catalog.opaque import eye
from derivgen.derivation.jacobian import jacobian, variable_name
from derivgen.derivation.methods.differential import LETTERS, MOST_TERMS, SQUARE, NoDifferential, changes, known_laws
from derivgen.derivation.methods.link import Task, derived_link, finished, letters_put_back, link_step
from derivgen.derivation.methods.scalar import Derived, in_order
from derivgen.derivation.words.naming import Letters
from derivgen.expr import Call, Definition, Expr, Symbol, depends_on, replace_parts, walk
from derivgen.rules import moves
from derivgen.rules.engine import Context
from derivgen.rules.told_of_moves import named_within


def moving_matrix(f: Expr, x: Expr) -> Expr | None:
    """The one matrix within which alone a number ``x`` stands in f, where it is inverted or has its determinant taken."""
    if x.shape.axes:
        return None
    name = variable_name(x)
    found = {e.args[0] for e in walk(f) if isinstance(e, Call) and e.op in SQUARE and depends_on(e, name)}
    if len(found) != 1:
        return None
    (matrix,) = found
    rest = replace_parts(f, {matrix: Call(eye, (), matrix.shape.axes[:1])})
    return None if depends_on(rest, name) or not matrix.free <= f.free else matrix


def rate_method(task: Task, ctx: Context) -> Derived | None:
    """The derivation by a number of what depends on it through one matrix; None where there is no such.

    ∂y/∂t is what the differential of y is for a change ∂M/∂t of the matrix M.
    """
    f, x = task.f, task.x
    matrix = moving_matrix(f, x) if task.method == "auto" and isinstance(task.name, Symbol) else None
    if matrix is None or task.family or {d.value for d in task.given} & set(walk(f)) - {matrix}:
        return None
    own = next((d.symbol for d in task.given if d.value == matrix), None)
    m = own or _letter(matrix, ctx)
    letter = next((c for c in LETTERS if c not in {*ctx.taken, m.name}), None)
    if letter is None:
        return None
    change = Symbol(letter, matrix.shape)
    outer = replace_parts(f, {matrix: m})
    try:
        terms = changes(outer, m, change)
    except NoDifferential:
        return None
    if not 0 < len(terms) <= MOST_TERMS:
        return None
    assert isinstance(task.name, Symbol)
    introduces = (Definition(m, matrix), Definition(task.name, outer))
    definitions = (*task.definitions, *introduces)
    naming = moves.name_intermediates.step(f, outer, left=task.name, picture="names", introduces=introduces, definitions=definitions,
                                           reason=named_within(x, m, matrix, task.name, outer))  # fmt: skip
    inner = derived_link(matrix, x, m, ctx)
    link = link_step(matrix, x, m, inner, ctx, via=(), definitions=definitions)
    left = jacobian(task.name, x, ctx)
    moved = in_order(plus(*(c.scalar() for c in terms)), ctx)
    pending, filled = (in_order(replace_parts(moved, {change: e}), ctx) for e in (jacobian(m, x, ctx), inner.result))
    found = [e for e in walk(outer) if isinstance(e, Call) and e.op in SQUARE]
    named = Context(ctx.book, {*ctx.taken, m.name, letter}, ctx.sample_indices, question=ctx.question)
    step = moves.rate_of_matrix.step(jacobian(f, x, ctx), filled, left=left, via=(pending,) if pending != filled else (),
                                     substeps=tuple(known_laws(found, m, change, named)), definitions=definitions)  # fmt: skip
    put_back, back = letters_put_back(filled, {m: matrix}, left, definitions)
    return finished([naming, link, step, *put_back], back, ctx, left, definitions)


def _letter(matrix: Expr, ctx: Context) -> Symbol:
    """M for the matrix, or what is free."""
    if "M" in ctx.taken:
        return Letters(ctx).intermediate(matrix)
    ctx.taken.add("M")
    return Symbol("M", matrix.shape)
