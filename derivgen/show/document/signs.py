"""The signs of a document, each explained where it is first printed: **1**, δ, diag, σ, and letters with their spaces."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise

from derivgen.catalog import elementwise, formulas, linear, opaque
from derivgen.catalog.base import GENERIC, Abstract, Elementwise
from derivgen.expr import (
    At,
    Build,
    Call,
    Delta,
    Dim,
    Expr,
    Index,
    Mul,
    Number,
    Op,
    Partial,
    Power,
    Symbol,
    indices_in,
    walk,
)
from derivgen.rules import moves
from derivgen.rules.rule import Stage
from derivgen.rules.step import Step
from derivgen.rules.told_of_moves import derivatives, name_of
from derivgen.show.document.blocks import Item
from derivgen.show.document.reasons import in_sentence
from derivgen.show.layout.box import Apply, Box, Letter, Name, Sign, inside, listed, remembered, row
from derivgen.show.layout.declarations import reals
from derivgen.show.layout.declared_functions import function
from derivgen.show.layout.latex_to_box import read
from derivgen.show.layout.lines import Line
from derivgen.show.layout.names import dim
from derivgen.show.layout.term import Context
from derivgen.show.math.latex import write

Note = tuple[str, str]
"""A sign, by a name of it, and the sentence that explains it."""

MEANINGS: dict[Op, str] = {
    elementwise.sigmoid: r"$\sigma(u) = \frac{1}{1 + \exp(-u)}$ is the logistic function.",
    elementwise.softplus: r"$\operatorname{softplus}(u) = \log(1 + \exp(u))$.",
    elementwise.relu: r"$\operatorname{relu}(u) = \max(0, u)$.",
    elementwise.sign: r"$\operatorname{sign}(u)$ is $1$ for $u > 0$, $-1$ for $u < 0$ and $0$ for $u = 0$.",
    formulas.softmax: r"Entry $i$ of $\operatorname{softmax}(\mathbf v)$ is $\frac{\exp(v_i)}{\sum_j \exp(v_j)}$.",
    formulas.logsumexp: r"$\operatorname{logsumexp}(\mathbf v) = \log(\sum_j \exp(v_j))$.",
    linear.trace: r"$\operatorname{tr}$ adds up the entries on the diagonal.",
    linear.vec: r"$\operatorname{vec}$ stacks the columns of a matrix.",
    GENERIC: r"$\bigcirc$ stands for any operation on numbers, done entry by entry.",
}
"""Functions that a course explains when it first writes them."""

SAID: dict[str, str] = {
    "diag": "on its diagonal and 0 elsewhere", "delta": r"$\delta$ is 1", "ones": "of ones", "sigmoid": "is the logistic function",
    "indicator": "where its condition holds", "entrywise": "the operation is done entry by entry", "layout": "numerator layout",
}  # fmt: skip
"""Signs that reasons explain, with the words by which they do."""

_ENTRIES_TO_ARRAYS = (Stage.RECOMBINE, Stage.SIMPLIFY, Stage.COLLAPSE)


def notes_of(step: Step, lines: Iterable[Line], c: Context) -> tuple[Note, ...]:
    """What a step prints that a reader may not know, in the order in which it is explained."""
    terms = step.reason.terms
    sides = (step.before, step.after, *([step.left] if step.left is not None else []), *step.via, *terms)
    values = (d.value for d in step.introduces)
    told = [*_spaces(step, c), *_chained(step), *_turned(step, c), *_proofs(step, c)]
    return (*told, *signs((*sides, *values), [*lines, *(Line(None, c.box(e)) for e in terms)], c))


def explained(items: tuple[Item, ...], known: frozenset[str] = frozenset()) -> tuple[Item, ...]:
    """The steps with each sign explained at the first that prints it; what is folded may not have been read."""
    found: list[Item] = []
    for item in items:
        known = known.union([key for key, words in SAID.items() if words in item.reason])
        new = {key: words for key, words in item.notes if key not in known}
        if not new and not item.substeps:
            found.append(item)
            continue
        known = known.union(new)
        proofs = [words for key, words in new.items() if key.startswith("proof") and not item.substeps]
        spaces = [*proofs, *(words for key, words in new.items() if key.startswith(("space", "shapes")))]
        rest = {key: words for key, words in new.items() if not key.startswith(("space", "shapes", "proof"))}
        others = [words.removesuffix(".") for words in rest.values()]
        reason = " ".join([item.reason, *spaces, *([f"{'; '.join(others)}."] if others else [])])
        found.append(replace(item, reason=reason, substeps=explained(item.substeps, known)))
    return tuple(found)


# --- signs -------------------------------------------------------------------------------------------------------------


def signs(sides: Iterable[Expr], lines: Iterable[Line], c: Context) -> Iterator[Note]:
    """The signs among what is printed."""
    met = list(dict.fromkeys([e for side in sides for e in _telling(side)]))
    boxes = [side for line in lines for side in (line.left, line.middle, line.right) if side]
    printed = frozenset[Box]().union(*[_printed(box) for box in boxes])
    calls = [e for e in met if isinstance(e, Call)]
    if _ONE in printed:
        dims = {e.dims for e in calls if e.op is opaque.ones}
        if dims:
            yield "ones", _of_all(opaque.ones, dims)
        if _INDICATOR in printed:
            yield "indicator", r"$\mathbf 1(\cdot)$ is 1 where the condition in it holds, and 0 elsewhere."
    if _ZERO in printed and (dims := {e.dims for e in calls if e.op is opaque.zeros}):
        yield "zeros", _of_all(opaque.zeros, dims)
    for key, sign, is_meant, words in _EXPLAINED:
        letter = sign.text if isinstance(sign, Letter) else ""
        if sign in printed and not (letter in ("δ", "e") and letter in c.names.taken) and any(map(is_meant, met)):
            yield key, _in_free_letters(words, c)
    times = Sign(c.style.times)  # stands in the exponent of a power by entries, too
    if times in printed and any(isinstance(e, Mul) for e in met):
        yield "times", rf"${write(times)}$ multiplies entry by entry."
    if Sign("⊘") in printed:
        yield "over", r"$\oslash$ divides entry by entry."
    for e in calls:
        if e.op in MEANINGS:
            yield e.op.name, _in_free_letters(MEANINGS[e.op], c)
        elif e.op is formulas.norm:
            yield f"norm {e.args[0].shape.rank}", _of_norm(e, c)
        elif _is_jacobian_within(e):
            at = " and ".join([f"${write(c.box(a))}$" for a in e.args])
            yield f"jacobian {e.op.name}", f"${write(c.box(e))}$ is the Jacobian of ${write(_function(e, c))}$ at {at}."
    if entrywise := {
        e.op if isinstance(e, Call) else Power: c.box(e)
        for e in reversed(met)
        if _is_entrywise(e) and (times in printed or times not in _printed(c.box(e)))
    }:
        short = [said for box in reversed(entrywise.values()) if (said := in_sentence(box))][:2]
        known = " and ".join(short) or "A function of an array"
        yield "entrywise", f"{known} {'are' if len(short) > 1 else 'is'} taken entry by entry."
    yield from _rows(met, c)


def _in_free_letters(words: str, c: Context) -> str:
    """An explanation with another letter for its argument where the document has that letter for something else."""
    for letter, others in (("u", "tsqrz"), ("v", "uzahqr")):
        pattern = rf"(?<![A-Za-z\\]){letter}(?![A-Za-z])"
        if letter in c.names.taken and re.search(pattern, words):
            free = next((name for name in others if name not in c.names.taken), letter)
            words = "$".join(re.sub(pattern, free, p) if k % 2 else p for k, p in enumerate(words.split("$")))
    return words


_ONE, _ZERO, _UNIT = Letter("1", "bold"), Letter("0", "bold"), Letter("e", "bold")
_DELTA, _IDENTITY = Letter("δ"), Letter("I")
_DIAG = Name("diag", "")
_INDICATOR = Apply(_ONE, ())
"""What stands for all ``1(…)``."""

_EXPLAINED: tuple[tuple[str, Box, Callable[[Expr], bool], str], ...] = (
    ("delta", _DELTA, lambda e: isinstance(e, Delta), r"$\delta_{ij}$ is 1 if $i = j$ and 0 otherwise."),
    ("diag", _DIAG, lambda e: _is_diag(e, 1),
     r"$\operatorname{diag}(\mathbf v)$ is the matrix with $\mathbf v$ on its diagonal and 0 elsewhere."),
    ("diagonal", _DIAG, lambda e: _is_diag(e, 2),
     r"$\operatorname{diag}(A)$ is the vector of the entries on the diagonal of $A$."),
    ("identity", _IDENTITY, lambda e: isinstance(e, Call) and e.op is opaque.eye, "$I$ is the identity matrix."),
    ("unit", _UNIT, lambda e: isinstance(e, At) and _is_unit(e), r"$\mathbf e_k$ is 1 at place $k$ and 0 elsewhere."),
)  # fmt: skip
"""By a name: a sign that is printed, the expressions that it must stand for, and what is said of it."""

_PRODUCTS = frozenset("⊗⊙∘⊘")
_NOBODY: frozenset[Box] = frozenset()


@remembered
def _printed(box: Box) -> frozenset[Box]:
    """The signs within a box of which something may be said."""
    match box:
        case Sign(char) if char in _PRODUCTS:
            return frozenset([Sign(char)])
        case Letter("1" | "0" | "e", "bold") | Letter("δ", "italic"):
            return frozenset([box])
        case Letter("I"):
            return frozenset([_IDENTITY])
        case Name("diag"):
            return frozenset([_DIAG])
        case _:
            parts = [found for part in inside(box) if (found := _printed(part))]
            if isinstance(box, Apply) and box.head == _ONE:
                parts.append(frozenset([_INDICATOR]))
            return parts[0] if len(parts) == 1 else _NOBODY.union(*parts)


@lru_cache(maxsize=256)
def _telling(e: Expr) -> tuple[Expr, ...]:
    """The parts of an expression that are printed as a sign of which something may be said."""
    found: list[Expr] = []
    seen: set[int] = set()
    todo = [e]
    while todo:
        here = todo.pop()
        if here.kinds & _MAY_TELL and id(here) not in seen:
            seen.add(id(here))
            if _tells(here):
                found.append(here)
            if isinstance(here, At) and _is_entrywise(here.array):
                todo.extend(reversed(here.array.children))  # an entry of it is printed
            else:
                todo.extend(reversed(here.children))
    return tuple(found)


_MAY_TELL = Delta.bit | Call.bit | Mul.bit | At.bit | Power.bit


def _is_entrywise(e: Expr) -> bool:
    """Whether it is a function of numbers, or a power, of the entries of an array."""
    match e:
        case Call(Elementwise() as op):
            return bool(e.shape.axes) and op.notation.form != "relation"
        case Power(base, Number(value)):
            return bool(base.shape.axes) and value > 0
        case _:
            return False


def _tells(e: Expr) -> bool:
    match e:
        case Delta():
            return True
        case Call(op):
            return op in _OPERATIONS or _is_entrywise(e) or _is_jacobian_within(e)
        case Power():
            return _is_entrywise(e)
        case Mul(factors):
            return sum([f.shape.rank > 0 for f in factors]) > 1
        case At(Symbol() as x, (Index(),)):
            return x.shape.rank == 2
        case At():
            return _is_unit(e)
        case _:
            return False


_OPERATIONS = frozenset({opaque.ones, opaque.zeros, opaque.eye, linear.diag, formulas.norm, *MEANINGS})


def _of_norm(e: Call, c: Context) -> str:
    """What the norm of a vector is, or that of a matrix, squared, in a letter that nothing else has."""
    if e.args[0].shape.rank == 2:
        letter = next((x for x in "AMBVQ" if x not in c.names.taken), "A")
        return rf"$\|{letter}\|_F^2$ adds up the squares of the entries of ${letter}$."
    return _in_free_letters(
        r"$\|\mathbf v\|^2 = \mathbf v^{\mathsf T}\mathbf v$ adds up the squares of the entries.", c
    )


def _is_jacobian_within(e: Expr) -> bool:
    """Whether it is the Jacobian of a declared function at what another declared function gives, as in ∂f/∂g."""
    match e:
        case Call(Abstract(pointwise=False, orders=(_,)), args):
            return any(isinstance(a, Call) and isinstance(a.op, Abstract) for a in args)
        case _:
            return False


def _function(e: Call, c: Context) -> Box:
    assert isinstance(e.op, Abstract)
    return function(e.op, (), c)


def _is_diag(e: Expr, rank: int) -> bool:
    return isinstance(e, Call) and e.op is linear.diag and e.args[0].shape.rank == rank


def _is_unit(e: At) -> bool:
    """Whether it is a row of the identity matrix."""
    return isinstance(e.array, Call) and e.array.op is opaque.eye


def _of_all(op: Op, dims: set[tuple[Dim, ...]]) -> str:
    """What 𝟏 or 𝟎 is, with its space where it is one vector."""
    sign, what = (r"\mathbf 1", "ones") if op is opaque.ones else (r"\mathbf 0", "zeros")
    lengths = {d[0] for d in dims if len(d) == 1}
    if len(dims) == 1 and len(lengths) == 1:
        return rf"${sign}$ is the vector of {what} in $\mathbb{{R}}^{{{write(dim(*lengths))}}}$."
    return rf"${sign}$ has {what} for all its entries."


def _rows(parts: Iterable[Expr], c: Context) -> Iterator[Note]:
    """Rows of a matrix that are written with a small letter."""
    for e in parts:
        match e:
            case At(Symbol(name) as x, (Index() as i,)) if x.shape.rank == 2 and name in _matrices(c):
                low = c.names.row_of(name)
                if low is not None and low.stem not in c.scope:
                    yield (
                        f"row {name}",
                        f"${write(c.box(e))}$ is row ${i.name}$ of ${write(c.box(x))}$, written as a column.",
                    )
            case _:
                pass


def _matrices(c: Context) -> frozenset[str]:
    """The matrices that are declared: of an intermediate by its members nobody has said that it is a matrix."""
    return frozenset(s.name for s in c.style.symbols if s.shape.rank == 2 and "members" not in s.traits)


# --- spaces, shapes, layout --------------------------------------------------------------------------------------------


def _spaces(step: Step, c: Context) -> Iterator[Note]:
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


def _chained(step: Step) -> Iterator[Note]:
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


def _proofs(step: Step, c: Context) -> Iterator[Note]:
    """Why a function has the slope that the reason states, in a sentence."""
    parts = step.reason.whole
    for rate in (e for e, words in pairwise(parts) if isinstance(e, Expr) and "(Jacobi's formula)" in str(words)):
        yield from _jacobi(rate, c)
    for before, e, after in zip(parts, parts[1:], parts[2:], strict=False):
        proof = e.op.proof if isinstance(e, Call) and isinstance(e.op, Elementwise) else None
        if not isinstance(e, Call) or proof is None or not proof.short or not isinstance(before, str):
            continue
        if before.rstrip().lower().endswith(proof.noun) and str(after).startswith((" has ", ", ")):
            yield f"proof {e.op.name}", _in_free_letters(proof.short, c)


def _jacobi(rate: Expr, c: Context) -> Iterator[Note]:
    """Why a determinant changes by its formula, from that: tr(X^-1 E), or what is a multiple of it."""
    for part in walk(rate):
        match part:
            case Call(outer, (Call(inner, (Call(inverse, (x,)), e)),)) if (outer, inner, inverse) == _OF_JACOBI:
                matrix, change = write(c.box(x)), write(c.box(e))
                m = next(name for name in "MPQRZGUV" if name not in c.names.taken)
                yield (
                    "proof of Jacobi's formula",
                    (
                        rf"Jacobi's formula rests on $\det({matrix} + {change}) = \det({matrix})\det(I + {matrix}^{{-1}}{change})$ with the "
                        rf"identity matrix $I$: to first order $\det(I + {m})$ is $1 + \operatorname{{tr}}({m})$, since a product of entries "
                        "that leaves the diagonal leaves it twice."
                    ),
                )
            case _:
                pass


_OF_JACOBI = (linear.trace, linear.matmul, opaque.inv)


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


def _turned(step: Step, c: Context) -> Iterator[Note]:
    """That the derivative by an entry of a matrix stands across the diagonal, where entries become a matrix."""
    becomes = step.stage in _ENTRIES_TO_ARRAYS or step.rule == moves.read_derivative.name
    whole = next(derivatives(step.left), None) if becomes else None
    match whole:
        case Build((Index() as k, Index() as j), Partial(_, At(w, places))) if (j, k) == indices_in(places):
            entry = write(c.box(At(w, places)))
            words = f"the derivative by ${entry}$ stands in row ${k.name}$, column ${j.name}$."
            yield "layout", f"In numerator layout {words}"
        case _:
            pass
