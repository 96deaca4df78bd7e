"""Matrix products as code: what is cheap is multiplied first, and no diagonal matrix is made."""

from __future__ import annotations

from derivgen.catalog import linear, opaque
from derivgen.expr import Add, Call, Expr, Mul, Symbol
from derivgen.expr.notation import ATOM, POWER, PRODUCT
from derivgen.show.code.pieces import Block, Pieces, Written


def matrix_product(w: Pieces, factors: tuple[Expr, ...], block: Block) -> Written:
    """A flat product of matrices, columns and rows; vectors have one axis."""
    parts = _parts(factors)
    if len(parts) == 1:
        return _part(w, parts[0], block)
    scalars: list[str] = []
    vectors: list[str] = []
    for part in parts:
        source = _part(w, part, block)
        if _is_row(part[0]) and not _is_row(part[-1]) and part[-1].shape.rank == 1:
            scalars.append(_tight(source))
        else:
            vectors.append(source[0])
    if not vectors:
        return " * ".join(scalars), PRODUCT if len(scalars) > 1 else ATOM
    inner = w.call("outer", *vectors)[0] if len(vectors) == 2 else f"({vectors[0]})"
    return " * ".join([*scalars, inner]), PRODUCT if scalars else ATOM


def _is_row(e: Expr) -> bool:
    return e.shape.rank == 1 and e.shape.row


def _parts(factors: tuple[Expr, ...]) -> list[list[Expr]]:
    """The product cut where a column meets a row: what is multiplied there has one entry on either side."""
    parts: list[list[Expr]] = [[]]
    for f in factors:
        if parts[-1] and parts[-1][-1].shape.rank == 1 and not parts[-1][-1].shape.row:
            parts.append([])
        parts[-1].append(f)
    return parts


def _part(w: Pieces, factors: list[Expr], block: Block) -> Written:
    """Neighbours that share a summed index; a vector at either end is multiplied first."""
    if len(factors) == 1:
        return w.piece(factors[0], block)
    first, last = factors[0], factors[-1]
    if last.shape.rank == 1 and not last.shape.row and not _is_row(first):
        out = w.piece(last, block)
        for f in reversed(factors[:-1]):
            out = w.shortened(_from_left(w, f, out, block), block)
        return out
    diagonal = _diagonal(w, first, block)
    if diagonal is not None and factors[1].shape.rank == 2:
        out = f"{_atom(w.piece(diagonal, block))}[:, None] * {w.at_least(POWER, factors[1], block)}", PRODUCT
        factors = factors[1:]
    else:
        out = w.piece(first, block)
    for f in factors[1:]:
        out = w.shortened(_from_right(w, out, f, block, vector=_is_row(first)), block)
    return out


def _from_left(w: Pieces, f: Expr, vector: Written, block: Block) -> Written:
    """A matrix times a vector."""
    diagonal = _diagonal(w, f, block)
    if diagonal is not None:
        return f"{w.at_least(POWER, diagonal, block)} * {_tight(vector)}", PRODUCT
    if isinstance(f, Call) and f.op is opaque.inv and not w.is_shared(f):
        return w.call("linalg.solve", w.source(f.args[0], block), vector[0])
    return f"{w.at_least(POWER, f, block)} @ {_tight(vector)}", PRODUCT


def _from_right(w: Pieces, left: Written, f: Expr, block: Block, *, vector: bool) -> Written:
    """A row, or a matrix, times what follows."""
    diagonal = _diagonal(w, f, block)
    chained = left[0] if left[1] > PRODUCT or (left[1] == PRODUCT and " * " not in left[0]) else f"({left[0]})"
    if diagonal is not None:
        return f"{left[0] if left[1] >= PRODUCT else chained} * {w.at_least(POWER, diagonal, block)}", PRODUCT
    if vector and isinstance(f, Call) and f.op is opaque.inv and not w.is_shared(f):
        turned = w.at_least(ATOM, f.args[0], block) + ".T"
        return w.call("linalg.solve", turned, left[0])
    return f"{chained} @ {w.at_least(POWER, f, block)}", PRODUCT


def _diagonal(w: Pieces, e: Expr, block: Block) -> Expr | None:
    """The vector on the diagonal of diag(v)."""
    if isinstance(e, Call) and e.op is linear.diag and e.args[0].shape.rank == 1 and not w.is_shared(e):
        return e.args[0]
    return None


def _tight(source: Written) -> str:
    return source[0] if source[1] > PRODUCT else f"({source[0]})"


def _atom(source: Written) -> str:
    return source[0] if source[1] == ATOM else f"({source[0]})"


# --- transposes ------------------------------------------------------------------------------------------------------


def transposed(e: Expr) -> Expr:
    """The transpose of a matrix, carried inward as far as that is shorter to write."""
    match e:
        case Call(op, (arg,)) if op is linear.transpose:
            return arg
        case Call(op, (arg,)) if op is linear.diag and arg.shape.rank == 1:
            return e
        case Call(op, (), (_,)) if op is opaque.eye:
            return e
        case Call(op, (), dims) if op in (opaque.ones, opaque.zeros):
            return Call(op, (), dims[::-1])
        case Call(op, factors) if op is linear.matmul:
            return Call(op, tuple([_turned(f) for f in reversed(factors)]))
        case Mul(factors):
            return Mul(tuple([transposed(f) if f.shape.axes else f for f in factors]))
        case Add(terms):
            return Add(tuple([transposed(t) if t.shape.axes else t for t in terms]))
        case Symbol(_, _, traits) if "symmetric" in traits:
            return e
        case _:
            return Call(linear.transpose, (e,))


def _turned(e: Expr) -> Expr:
    if isinstance(e, Call) and e.op is linear.transpose:
        return e.args[0]
    return transposed(e) if e.shape.rank == 2 else Call(linear.transpose, (e,))
