"""Operations of the catalog, and case distinctions, as code."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from derivgen.catalog import linear, opaque
from derivgen.catalog.base import Abstract, Constant, Formula, Linear, Operation
from derivgen.catalog.user_functions import UserFunction
from derivgen.errors import DerivgenError
from derivgen.expr import ONE, ZERO, Call, Cases, Expr, Op
from derivgen.expr.notation import ATOM, CONDITIONAL, SUM
from derivgen.expr.text import text
from derivgen.show.code.pieces import Block, Pieces, Written
from derivgen.show.code.products import matrix_product


def call(w: Pieces, e: Call, block: Block) -> Written:
    """An operation of its arguments."""
    op = e.op
    match op:
        case Abstract():
            return _abstract(w, op, e, block)
        case Constant():
            return _constant(w, op, e)
        case UserFunction():
            return f"{_own(w, op)}({', '.join(w.array(a, block) for a in e.args)})", ATOM
        case _ if op in _WRITTEN:
            return _WRITTEN[op](w, e, block)
        case Operation() if op.notation.form == "relation":
            return _relation(w, e, block)
        case Formula() if not w.dialect.spelled(op.notation):
            return w.piece(op.definition(*e.args), block)
        case Linear() if not w.dialect.spelled(op.notation):
            return _by_signature(w, op, e, block)
        case _:
            assert isinstance(op, Operation)
            return _spelled(w, op, *[w.array(a, block) for a in e.args]), ATOM


def _spelled(w: Pieces, op: Operation, *arguments: str) -> str:
    """An operation as its notation says that the library has it; one that is given by its definition stands below."""
    code, separated = w.dialect.spelled(op.notation), ", ".join(arguments)
    if code.startswith("def "):
        w.helpers[op.name] = code
        return f"{code[4 : code.index('(')]}({separated})"
    if code:
        return code.format(*arguments, all=separated, m=w.dialect.module, like=w.like)
    raise DerivgenError(f"{w.dialect.title} has no code for {op.name}")


def _by_signature(w: Pieces, op: Linear, e: Call, block: Block) -> Written:
    """A linear operation that the library has no name for, by the labels of its axes."""
    rule = op.signature(tuple([a.shape for a in e.args]))
    if rule.joined is not None or len(set(rule.output)) < len(rule.output):
        raise DerivgenError(f"{w.dialect.title} has no code for {op.name}")
    return w.call("einsum", f'"{",".join(rule.inputs)}->{rule.output}"', *[w.array(a, block) for a in e.args])


def _matmul(w: Pieces, e: Call, block: Block) -> Written:
    return matrix_product(w, e.args, block)


def _transpose(w: Pieces, e: Call, block: Block) -> Written:
    return f"{w.at_least(ATOM, e.args[0], block)}.T", ATOM


def _vec(w: Pieces, e: Call, block: Block) -> Written:
    (arg,) = e.args
    return w.piece(arg, block) if arg.shape.rank == 1 else (f"{w.at_least(ATOM, arg, block)}.T.reshape(-1)", ATOM)


def _stack(w: Pieces, e: Call, block: Block) -> Written:
    items = f"[{', '.join(w.array(a, block) for a in e.args)}]"
    out = w.call("stack", items)[0] if e.args[0].shape.axes else w.dialect.array.format(items)
    return out + w.kind(), ATOM


def _kron(w: Pieces, e: Call, block: Block) -> Written:
    """The library's product of two matrices; a vector beside a matrix, or a column beside a row, gets its other axis."""
    alike = e.shape.rank == 1
    sides: list[str] = []
    for arg in e.args:
        source = w.at_least(ATOM, arg, block)
        if arg.shape.rank == 1 and not alike:
            source += "[None, :]" if arg.shape.row else "[:, None]"
        sides.append(source)
    return _spelled(w, linear.kron, *sides), ATOM


_WRITTEN: dict[Op, Callable[[Pieces, Call, Block], Written]] = {
    linear.matmul: _matmul,
    linear.transpose: _transpose,
    linear.vec: _vec,
    linear.kron: _kron,
    opaque.stack: _stack,
}
"""Operations that array libraries have by other means than a function of their arguments."""


def _own(w: Pieces, op: UserFunction) -> str:
    """The name of a reader's own function, which stands below."""
    name = f"_{op.name}"
    if op.name not in w.helpers:
        inside = w.within(op)
        returned = inside.source(op.formula, inside.body)
        arguments = ", ".join(inside.names[p.name] for p in op.parameters)
        lines = [f'"""{op.name}({", ".join(p.name for p in op.parameters)}) = {text(op.formula)}, entry by entry."""']
        lines += [*inside.body.lines, f"return {returned}"]
        w.helpers[op.name] = "\n".join([f"def {name}({arguments}):", *(f"    {line}".rstrip() for line in lines)])
        w.helpers |= inside.helpers
    return name


def _abstract(w: Pieces, op: Abstract, e: Call, block: Block) -> Written:
    name = w.names.function(op)
    w.functions[name] = op
    return f"{name}({', '.join(w.source(a, block) for a in e.args)})", ATOM


def _constant(w: Pieces, op: Constant, e: Call) -> Written:
    if op is opaque.commutation:
        return _commutation(w, e)
    sizes = ", ".join(w.names.size(d) for d in e.dims)
    if len(e.dims) > 1 and op is not opaque.eye:
        sizes = f"({sizes})"
    return _spelled(w, op, sizes), ATOM


def _commutation(w: Pieces, e: Call) -> Written:
    """The rows of the identity, with the two indices of every column exchanged."""
    m, n = map(w.names.size, e.dims * 2 if len(e.dims) == 1 else e.dims)
    whole = w.names.size(e.shape.axes[0])
    eye = _spelled(w, opaque.eye, whole)
    return f"{eye}.reshape({m}, {n}, {m}, {n}).swapaxes(2, 3).reshape({whole}, {whole})", ATOM


# --- conditions ------------------------------------------------------------------------------------------------------


def cases(w: Pieces, e: Cases, block: Block) -> Written:
    """The first value whose condition holds; a plain number chooses by Python's own if."""
    values = (e.otherwise, *(value for _, value in e.branches))
    numbers = not w.plain(e) and all(map(w.plain, values))
    if numbers and values == (ZERO, ONE):
        return w.dialect.indicator.format(_condition(w, e.branches[0][0], block), like=w.like), ATOM
    write = w.piece if w.plain(e) else partial(_value, w, whole=not numbers)
    out = write(e.otherwise, block)
    for condition, value in reversed(e.branches):
        yes, plain = write(value, block), w.plain(condition)
        holds = _condition(w, condition, block)
        if plain and not e.shape.axes:
            first = yes[0] if yes[1] > CONDITIONAL else f"({yes[0]})"
            out = f"{first} if {holds} else {out[0]}", CONDITIONAL
        else:
            if plain and w.dialect.picky:
                holds = w.dialect.number.format(holds) + " > 0"
            out = w.call("where", holds, yes[0], out[0])
    return (out[0] + w.kind(), ATOM) if numbers and out[1] == ATOM else out


def _relation(w: Pieces, e: Call, block: Block) -> Written:
    """1 where two stand in a relation, else 0."""
    condition = _condition(w, e, block)
    if w.plain(e):
        return f"1.0 if {condition} else 0.0", CONDITIONAL
    return w.dialect.indicator.format(condition, like=w.like), ATOM


def _value(w: Pieces, e: Expr, block: Block, *, whole: bool) -> Written:
    """A value among which an array chooses; unless ``whole``, 2 is written as 2.0, lest an array of integers is made."""
    source, level = w.piece(e, block)
    if w.dialect.picky:
        return (w.dialect.number.format(source), ATOM) if w.plain(e) else (source, level)
    return (source if whole or not source.removeprefix("-").isdigit() else f"{source}.0"), level


def _condition(w: Pieces, e: Expr, block: Block) -> str:
    """What is true where ``e`` is not 0."""
    match e:
        case Call(Operation() as op, (left, right)) if op.notation.form == "relation":
            if not op.notation.text:
                return _spelled(w, op, w.array(left, block), w.array(right, block))
            return f"{w.at_least(SUM, left, block)} {op.notation.text} {w.at_least(SUM, right, block)}"
        case _:
            return f"{w.at_least(SUM, e, block)} != 0"
