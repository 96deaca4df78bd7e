"""What a step needs besides its reason: the spaces of its letters, the shapes of its product, why a function has its slope."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from derivgen.catalog import linear, opaque
from derivgen.catalog.base import Elementwise
from derivgen.expr import (
    At,
    Build,
    Call,
    Dim,
    Expr,
    Index,
    Partial,
    indices_in,
    walk,
)
from derivgen.rules import moves
from derivgen.rules.rule import Stage
from derivgen.rules.step import Step
from derivgen.rules.told_of_moves import derivatives, name_of
from derivgen.show.layout.box import (
    Box,
    Sign,
    listed,
    row,
)
from derivgen.show.layout.declarations import reals
from derivgen.show.layout.latex_to_box import read
from derivgen.show.layout.names import dim, place
from derivgen.show.layout.term import Context
from derivgen.show.math.latex import write

Note = tuple[str, str]
"""A sign, by a name of it, and the sentence that explains it."""

_ENTRIES_TO_ARRAYS = (Stage.RECOMBINE, Stage.SIMPLIFY, Stage.COLLAPSE)


def in_free_letters(words: str, c: Context) -> str:
    """An explanation with another letter for its argument where the document has that letter for something else."""
    for letter, others in (("u", "tsqrz"), ("v", "uzahqr")):
        pattern = rf"(?<![A-Za-z\\]){letter}(?![A-Za-z])"
        if letter in c.names.taken and re.search(pattern, words):
            free = next((name for name in others if name not in c.names.taken), letter)
            words = "$".join(re.sub(pattern, free, p) if k % 2 else p for k, p in enumerate(words.split("$")))
    return words


def spaces(step: Step, c: Context) -> Iterator[Note]:
    """The spaces of the letters that a step introduces, of a family those of its members."""
    groups: dict[tuple[Dim, ...], list[Box]] = {}
    for d in step.introduces:
        name = name_of(d)
        places = name.places if isinstance(name, At) else ()
        axes = d.symbol.shape.axes[len(places) :]
        one = (Dim(1),) if d.symbol.shape.row else ()
        groups.setdefault((*one, *axes), []).append(c.box(name))
    said = [write(row(listed(names), Sign("∈"), reals(axes))) for axes, names in groups.items()]
    if said and all(read(tex) is not None for tex in said):
        letters = " ".join(d.symbol.name for d in step.introduces)
        yield f"space of {letters}", f"Here {'; '.join(f'${tex}$' for tex in said)}."


def chained(step: Step) -> Iterator[Note]:
    """The shapes of a product of Jacobians, which fit one into the next."""
    if step.rule not in (moves.chain_rule.name, moves.carry_back.name, moves.hessian.name) or step.left is None:
        return
    sides = (list(derivatives(e)) for e in (*step.via, step.before, step.after))
    links = next((found for found in sides if len(found) > 1), [])
    if not links or any(d.shape.rank > 2 for d in links):
        return
    whole = next(derivatives(step.left), None)
    shapes = [_shape(d) for d in links]
    result = _shape(whole) if whole is not None else (shapes[0][0], shapes[-1][1])
    if all(a[1] == b[0] for a, b in pairwise(shapes)) and result == (shapes[0][0], shapes[-1][1]):
        product = "".join(rf"({a} \times {b})" for a, b in shapes)
        yield f"shapes {product}", rf"The shapes fit: ${product} = {result[0]} \times {result[1]}$."


def outer(step: Step) -> Iterator[Note]:
    """The shapes of a column times a row, as which the entries of a derivative are read."""
    match step.after:
        case Call(op, (u, v)) if (
            op is linear.matmul and step.rule == moves.read_as_matrix.name and step.after.shape.rank == 2
        ):
            (m, n), (p, q) = _shape(u), _shape(v)
            yield f"shapes ({m} {n})({p} {q})", rf"The shapes fit: $({m} \times {n})({p} \times {q}) = {m} \times {q}$."
        case _:
            pass


def proofs(step: Step, c: Context) -> Iterator[Note]:
    """Why a function has the slope that the reason states, in a sentence."""
    parts = step.reason.whole
    for u, words, rate in zip(parts, parts[1:], parts[2:], strict=False):
        if (
            isinstance(u, Call)
            and u.op in _OF_JACOBI
            and isinstance(rate, Expr)
            and str(words).strip() in ("changes by", "by")
        ):
            yield from _of_determinant(u, rate, c)
    for before, e, after in zip(parts, parts[1:], parts[2:], strict=False):
        proof = e.op.proof if isinstance(e, Call) and isinstance(e.op, Elementwise) else None
        if not isinstance(e, Call) or proof is None or not proof.short or not isinstance(before, str):
            continue
        carried = step.rule == moves.carry_by_entries.name and str(after).startswith(" contains ")
        if carried or (before.rstrip().lower().endswith(proof.noun) and str(after).startswith((" has ", ", "))):
            yield f"proof {e.op.name}", in_free_letters(proof.short, c)


def _of_determinant(u: Call, rate: Expr, c: Context) -> Iterator[Note]:
    """Why a determinant ``u`` or its logarithm changes by its rate, from that: tr(X^-1 E), or what is a multiple of it."""
    for part in walk(rate):
        match part:
            case Call(outer, (Call(inner, (Call(inverse, (x,)), e)),)) if (outer, inner, inverse) == _TRACE:
                m = next(name for name in "MPQRZGUV" if name not in c.names.taken)
                of_logarithm = u.op is opaque.logdet
                by_name = "" if of_logarithm else "Jacobi's formula rests on "
                whole, det = write(c.box(x)), r"\det"
                trace = rf"\operatorname{{tr}}({m})"
                end = rf", and $\log(1 + {trace})$ is ${trace}$" if of_logarithm else ""
                yield (
                    f"proof of {u.op.name}",
                    (
                        rf"{by_name}${det}({whole} + {write(c.box(e))}) = {det}({whole}){det}(I + {m})$ with "
                        rf"${m} = {whole}^{{-1}}{write(c.box(e))}$ and the identity $I$; to first order ${det}(I + {m})$, a sum over "
                        rf"permutations, is $1 + {trace}$, since a product that leaves the diagonal leaves it twice{end}."
                    ),
                )
            case _:
                pass


_OF_JACOBI = (opaque.det, opaque.logdet)

_TRACE = (linear.trace, linear.matmul, opaque.inv)


def _shape(derivative: Expr) -> tuple[str, str]:
    """Rows and columns of a Jacobian in numerator layout."""
    axes = [write(dim(d)) for d in derivative.shape.axes]
    match axes:
        case []:
            return "1", "1"
        case [n]:
            return ("1", n) if derivative.shape.row else (n, "1")
        case _:
            return axes[0], axes[1]


def turned(step: Step, c: Context) -> Iterator[Note]:
    """That the derivative by an entry of a matrix stands across the diagonal, where entries become a matrix."""
    becomes = step.stage in _ENTRIES_TO_ARRAYS or step.rule == moves.read_derivative.name
    whole = next(derivatives(step.left), None) if becomes else None
    match whole:
        case Build((Index() as k, Index() as j), Partial(_, At(w, places))) if (j, k) == indices_in(places):
            entry = write(c.box(At(w, places)))
            words = f"the derivative by ${entry}$ stands in row ${write(place(k))}$, column ${write(place(j))}$."
            yield "layout", f"In numerator layout {words}"
        case _:
            pass
