"""Sums and lists over indices as code: by einsum where they are products of entries, else place by place."""

from __future__ import annotations

from string import ascii_lowercase

from derivgen.catalog import opaque
from derivgen.expr import MINUS_ONE, At, Build, Call, Delta, Expr, Index, Mul, Sum, indices_in
from derivgen.expr.notation import ATOM, PRODUCT, SIGN
from derivgen.show.code.pieces import Block, Pieces, Written


def over(w: Pieces, e: Sum | Build, block: Block) -> Written:
    """A sum, or an array by its entries."""
    contraction = einsum(e)
    if contraction is not None:
        subscripts, arrays, scalars = contraction
        out = w.call("einsum", ", ".join([f'"{subscripts}"', *(w.source(a, block) for a in arrays)]))[0]
        before = [w.at_least(SIGN, s, block) for s in scalars]
        return " * ".join([*before, out]), PRODUCT if scalars else ATOM
    indices = (e.index,) if isinstance(e, Sum) else e.bound
    bound = {i: w.names.fresh(i.name) for i in indices}
    inside = block.within(bound)
    body = w.source(e.body, inside)
    if inside.lines:  # the body needs lines of its own: a function gives it them
        name = w.names.fresh("term" if isinstance(e, Sum) else "entry")
        head = f"{name}({', '.join(bound.values())})"
        lines = [f"def {head}:", *(f"    {line}" for line in inside.lines), f"    return {body}", ""]
        block.lines += ["", *lines] if block.lines and block.lines[-1] else lines
        body = head
    if isinstance(e, Sum):
        return f"sum({body} for {bound[e.index]} in range({w.names.size(e.index.dim)}))", ATOM
    stacked = w.dialect.picky  # its arrays are made of arrays, level by level
    body = w.dialect.number.format(body) if stacked and w.plain(e.body) else body
    for binder in reversed(e.indices):
        runs = " ".join(f"for {bound[i]} in range({w.names.size(i.dim)})" for i in indices_in((binder,)))
        body = f"[{body} {runs}]"
        body = w.dialect.array.format(body) if stacked else body
    return body + w.kind() if stacked else w.dialect.array.format(body), ATOM


def einsum(e: Expr) -> tuple[str, list[Expr], list[Expr]] | None:
    """A sum, or a list, of products of entries: the subscripts, the arrays, the factors that stand before it."""
    made: list[Index] = []
    bound: list[Index] = []
    here = e
    while isinstance(here, Build | Sum):
        new = here.bound if isinstance(here, Build) else (here.index,)
        if isinstance(here, Build) and new != here.indices:
            return None
        bound += new
        made += new if isinstance(here, Build) else ()
        here = here.body
    if len({*bound}) < len(bound):
        return None
    letter = {index: ascii_lowercase[k] for k, index in enumerate(bound)}
    own = ascii_lowercase[len(bound) :][: here.shape.rank]
    inputs: list[str] = []
    arrays: list[Expr] = []
    scalars: list[Expr] = []
    for f in here.factors if isinstance(here, Mul) else (here,):
        match f:
            case _ if not f.free & letter.keys():
                if f.shape.axes:
                    inputs.append(own)
                    arrays.append(f)
                else:
                    scalars.append(f)
            case At(array, places) if not array.free & letter.keys() and all(p in letter for p in places):
                inputs.append("".join(letter[p] for p in places if isinstance(p, Index)) + own[: f.shape.rank])
                arrays.append(array)
            case Delta(Index() as left, Index() as right) if (
                left in letter and right in letter and left.dim == right.dim
            ):
                inputs.append(letter[left] + letter[right])
                arrays.append(Call(opaque.eye, (), (left.dim,)))
            case _:
                return None
    if not arrays or set("".join(inputs)) != {*letter.values(), *own}:
        return None
    if len(scalars) > 1 and scalars[0] == MINUS_ONE:
        scalars = [Mul((MINUS_ONE, scalars[1])), *scalars[2:]]
    return f"{','.join(inputs)}->{''.join(letter[i] for i in made)}{own}", arrays, scalars
