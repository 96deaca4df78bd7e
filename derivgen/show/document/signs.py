"""The signs of a document, each explained where it is first printed: **1**, δ, diag, σ, and letters with their spaces."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache

from derivgen.catalog import formulas, linear, opaque
from derivgen.catalog.base import GENERIC, Abstract, Operation
from derivgen.expr import (
    ZERO,
    Add,
    At,
    Build,
    Call,
    Cases,
    Delta,
    Dim,
    Expr,
    Index,
    Mul,
    Number,
    Op,
    Power,
)
from derivgen.rules import moves
from derivgen.rules.step import Step
from derivgen.show.document import arrays, spaces
from derivgen.show.document.blocks import Item
from derivgen.show.document.by_entries import POWERS, functions, in_one, is_entrywise, is_mixed, is_raised, of_mixed
from derivgen.show.document.reasons import in_sentence
from derivgen.show.document.spaces import Note, in_free_letters
from derivgen.show.layout.box import (
    MINUS,
    TRANSPOSE,
    Apply,
    Box,
    Fence,
    Letter,
    Name,
    Script,
    Sign,
    inside,
    remembered,
    row,
)
from derivgen.show.layout.calls import function_name
from derivgen.show.layout.lines import Line
from derivgen.show.layout.names import dim, place, sign_of
from derivgen.show.layout.term import Context
from derivgen.show.math.latex import write

_GENERIC = r"$\bigcirc$ stands for any operation on numbers, done entry by entry."

LONGEST = 85
"""How many words a reason has at most, a formula being one, with the proof of a slope that it states."""

SAID: dict[str, str] = {
    "diag": "on its diagonal and 0 elsewhere", "delta": r"$\delta$ is 1", "ones": "of ones", "sigmoid": "is the logistic function",
    "indicator": "where its condition holds", "layout": "numerator layout", "sign": "elsewhere that slope",
}  # fmt: skip
"""Signs that reasons explain, with the words by which they do."""


def notes_of(step: Step, lines: Iterable[Line], c: Context) -> tuple[Note, ...]:
    """What a step prints that a reader may not know, in the order in which it is explained."""
    terms = step.reason.terms
    sides = (step.before, step.after, *([step.left] if step.left is not None else []), *step.via, *terms)
    values = (d.value for d in step.introduces)
    told = [
        *spaces.spaces(step, c),
        *spaces.chained(step),
        *spaces.outer(step),
        *spaces.turned(step, c),
        *spaces.proofs(step, c),
    ]
    said = [box for e in terms for box in (c.box(e),) if in_sentence(box)]  # of a longer one there are words
    return (*told, *signs((*sides, *values), [*lines, *(Line(None, box) for box in said)], c))


def words_in(said: str) -> int:
    """How many words a sentence has, of which a formula is one."""
    return len("x".join(said.split("$")[::2]).split())


def explained(items: tuple[Item, ...], known: frozenset[str] = frozenset()) -> tuple[Item, ...]:
    """The steps with each sign explained at the first that prints it; what is folded may not have been read."""
    found: list[Item] = []
    for item, ahead in zip(items, _ahead(items, known), strict=True):
        known = known.union([key for key, words in SAID.items() if words in item.reason])
        new = {key: words for key, words in item.notes if key not in known}
        if not new and not item.substeps and not ahead:
            found.append(item)
            continue
        if _words_with(item, new) > LONGEST:  # full detail has the proof
            new = {key: words for key, words in new.items() if not key.startswith("proof")}
        known = known.union(new, ahead)
        proofs = [words for key, words in new.items() if key.startswith("proof") and not item.substeps]
        spaces = [
            *proofs,
            *(words for key, words in new.items() if key.startswith(("space", "shapes"))),
            *ahead.values(),
        ]
        rest = {key: words for key, words in new.items() if not key.startswith(("space", "shapes", "proof"))}
        others = [words.removesuffix(".") for words in dict.fromkeys(in_one(rest).values())]
        reason = " ".join([item.reason, *spaces, *([f"{'; '.join(others)}."] if others else [])])
        found.append(replace(item, reason=reason, substeps=explained(item.substeps, known)))
    return tuple(found)


def of_item(item: Item) -> set[str]:
    """The signs that a reader of a step knows after it."""
    return {*(key for key, _ in item.notes), *(key for key, words in SAID.items() if words in item.reason)}


def _words_with(item: Item, notes: Mapping[str, str]) -> int:
    return words_in(" ".join([item.reason, *in_one(notes).values()]))


def _ahead(items: tuple[Item, ...], known: frozenset[str]) -> list[dict[str, str]]:
    """By step the proofs for which the first that states their fact has no room: a slope is explained before it is used.

    They go to the step that names the function, else to the last before that has room; else one after says them.
    """
    new: list[dict[str, str]] = []
    ahead: list[dict[str, str]] = []
    for k, item in enumerate(items):
        known = known.union([key for key, words in SAID.items() if words in item.reason])
        new.append({key: words for key, words in item.notes if key not in known})
        ahead.append({})
        known = known.union(new[k])
        if item.substeps or _words_with(item, new[k]) <= LONGEST:
            continue
        for key, words in new[k].items():
            fits = [j for j in range(k) if key.startswith("proof") and not items[j].substeps
                    and _words_with(items[j], {**new[j], **ahead[j], key: words}) <= LONGEST]  # fmt: skip
            names = [j for j in fits if items[j].rule == moves.name_intermediates.name]
            for j in (names or fits)[-1:]:
                ahead[j][key] = words
    return ahead


# --- signs -------------------------------------------------------------------------------------------------------------


def signs(sides: Iterable[Expr], lines: Iterable[Line], c: Context) -> Iterator[Note]:
    """The signs among what is printed."""
    met = list(dict.fromkeys([e for side in sides for e in _telling(side)]))
    boxes = [side for line in lines for side in (line.left, line.middle, line.right) if side]
    printed = frozenset[Box]().union(*[_printed(box) for box in boxes])
    calls = [e for e in met if isinstance(e, Call)]
    if _ONE in printed:
        below = {e.base.shape.axes for e in met if isinstance(e, Power) and _divides(e)}  # 1 over an array
        yield "ones", _of_all(opaque.ones, {e.dims for e in calls if e.op is opaque.ones} or below)
    if _INDICATOR in printed:
        yield "indicator", r"$\mathbf 1(\cdot)$ is 1 where its condition holds, else 0."
    if _ZERO in printed:
        filled_in = {e.shape.axes for e in met if isinstance(e, Cases) and ZERO in e.children}  # 0 beside an array
        yield "zeros", _of_all(opaque.zeros, {e.dims for e in calls if e.op is opaque.zeros} or filled_in)
    if _IDENTITY in printed and (units := {e.dims for e in calls if e.op is opaque.eye}):
        yield "identity", _of_identity(units)
    delta = next((e for e in met if isinstance(e, Delta)), None)
    if delta is not None and _DELTA in printed and "δ" not in c.names.taken:
        i, j = (write(place(p)) for p in (delta.left, delta.right))
        yield "delta", f"${write(c.box(delta))}$ is 1 if ${i} = {j}$ and 0 otherwise."
    for key, sign, is_meant, words in _EXPLAINED:
        letter = sign.text if isinstance(sign, Letter) else ""
        if sign in printed and not (letter == "e" and letter in c.names.taken) and any(map(is_meant, met)):
            yield key, in_free_letters(words, c)
    times = Sign(c.style.times)  # stands in the exponent of a power by entries, too
    if times in printed and any(isinstance(e, Mul) for e in met):
        yield "times", rf"${write(times)}$ multiplies entry by entry."
    if Sign("⊘") in printed:
        yield "over", r"$\oslash$ divides entry by entry."
    for e in calls:
        if words := _of_operation(e.op, c):
            yield e.op.name, in_free_letters(words, c)
        elif e.op is formulas.norm:
            yield f"norm {e.args[0].shape.rank}", _of_norm(e, c)
    mixed = next((of_mixed(e, c) for e in met if is_mixed(e)), None)
    by_entries = dict(functions(met, boxes, c))
    if mixed is not None and mixed[1]:
        by_entries.pop(POWERS, None)
    yield from by_entries.items()
    if by_entries and _OF_MATRIX in printed:
        yield from arrays.of_entries(calls, _free("AMBVQ", c), " ".join(by_entries.values()), c)
    if (
        times in printed and (power := next(filter(is_raised, met), None)) is not None
    ):  # its exponent has a sign of its own
        yield "raised", f"{in_sentence(c.box(power)) or 'A power'} is taken entry by entry."
    yield from arrays.others(calls)
    yield from arrays.of_declared(met, c)
    yield from arrays.of_derivatives(calls, boxes, c)
    if _BRACKETS in printed:
        yield from arrays.brackets(met, c)
    if _VEC in printed:  # on a left side it is no operation
        yield linear.vec.name, linear.vec.explains
    if mixed is not None:
        yield "beside", mixed[0]
    if _TURNED in printed:
        letter = _free("MAXBQ", c)
        yield "transposed inverse", rf"${letter}^{{-\mathsf T}}$ is the transpose of ${letter}^{{-1}}$."
    yield from arrays.rows(met, _free("AMBVQ", c), c, colon=_COLON in printed)


def _divides(e: Power) -> bool:
    """Whether it is 1 over a power of an array, or that to a power that is no number."""
    return not (isinstance(e.exponent, Number) and e.exponent.value > 0)


def _of_operation(op: Op, c: Context) -> str:
    """What is declared of an operation that a course explains when it first writes it; "" of any other."""
    if op is GENERIC:
        return _GENERIC
    if not isinstance(op, Operation):
        return ""
    said = op.notation
    name = sign_of(op) if said.form == "infix" and said.unicode != c.style.times else function_name(op, c)
    return op.explains.replace("{f}", f"${write(name)}$")


def _free(letters: str, c: Context) -> str:
    """The first of some letters that the document has for nothing else."""
    return next((x for x in letters if x not in c.names.taken), letters[0])


_ONE, _ZERO, _UNIT = Letter("1", "bold"), Letter("0", "bold"), Letter("e", "bold")
_DELTA, _IDENTITY = Letter("δ"), Letter("I")
_DIAG, _VEC = Name("diag", ""), Name("vec", "")
_COLON, _OF_MATRIX = Letter(":"), Sign("∘", "ordinary")
_BRACKETS = Fence(Sign("…", "ordinary"), "[", "]")
"""What stands for all arrays that are written by one entry in brackets."""
_TURNED = row(MINUS, TRANSPOSE)
"""The superscript of the transpose of an inverse."""
_INDICATOR = Apply(_ONE, ())
"""What stands for all ``1(…)``."""

_EXPLAINED: tuple[tuple[str, Box, Callable[[Expr], bool], str], ...] = (
    ("diag", _DIAG, lambda e: _is_diag(e, 1),
     r"$\operatorname{diag}(\mathbf v)$ has $\mathbf v$ on its diagonal and 0 elsewhere."),
    ("diagonal", _DIAG, lambda e: _is_diag(e, 2),
     r"$\operatorname{diag}(A)$ is the vector of the entries on the diagonal of $A$."),
    ("unit", _UNIT, lambda e: isinstance(e, At) and _is_unit(e), r"$\mathbf e_k$ is 1 at place $k$ and 0 elsewhere."),
)  # fmt: skip
"""By a name: a sign that is printed, the expressions that it must stand for, and what is said of it."""

_PRODUCTS = frozenset("⊗⊙∘⊘")
_NOBODY: frozenset[Box] = frozenset()


@remembered
def _printed(box: Box) -> frozenset[Box]:
    """The signs within a box of which something may be said."""
    match box:
        case Letter(":") | Sign("∘", "ordinary"):
            return frozenset([box])
        case Sign(char) if char in _PRODUCTS:
            return frozenset([Sign(char)])
        case Letter("1" | "0" | "e", "bold") | Letter("δ", "italic"):
            return frozenset([box])
        case Letter("I"):
            return frozenset([_IDENTITY])
        case Script(Fence(body, "["), sub) if sub is not None:
            return frozenset([_BRACKETS]) | _printed(body) | _printed(sub)
        case Apply(head, args) if head == _ONE:
            return frozenset([_INDICATOR]).union(*map(_printed, args))
        case Name("diag" | "vec" as name):
            return frozenset([Name(name, "")])
        case Script(base, sub, sup) if sup == _TURNED:
            return frozenset([_TURNED]).union(*[_printed(part) for part in (base, sub) if part is not None])
        case _:
            parts = [found for part in inside(box) if (found := _printed(part))]
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
            if isinstance(here, At) and (is_entrywise(here.array) or is_mixed(here.array)):
                todo.extend(reversed(here.array.children))  # an entry of it is printed
            else:
                todo.extend(reversed(here.children))
    return tuple(found)


_MAY_TELL = Delta.bit | Call.bit | Mul.bit | At.bit | Power.bit | Add.bit | Build.bit | Cases.bit


def _tells(e: Expr) -> bool:
    match e:
        case Delta():
            return True
        case Call(op):
            told = isinstance(op, Operation) and bool(op.explains)
            return told or op in _OPERATIONS or is_entrywise(e) or isinstance(op, Abstract) or op is opaque.prod
        case Power():
            return bool(e.base.shape.axes)
        case Build():
            return True
        case Cases():
            return bool(e.shape.axes)
        case Add():
            return is_mixed(e)
        case Mul(factors):
            return sum([f.shape.rank > 0 for f in factors]) > 1
        case At(Call(Abstract(pointwise=False)), _):
            return True
        case At(array, (Index() | int(),)):
            return array.shape.rank == 2
        case _:
            return False


_OPERATIONS = frozenset({linear.sum_, opaque.ones, opaque.zeros, opaque.eye, linear.diag, formulas.norm, GENERIC})


def _of_norm(e: Call, c: Context) -> str:
    """What the norm of a vector is, or that of a matrix, squared, in a letter that nothing else has."""
    if e.args[0].shape.rank == 2:
        letter = next((x for x in "AMBVQ" if x not in c.names.taken), "A")
        return rf"$\|{letter}\|_F^2$ adds up the squares of the entries of ${letter}$."
    return in_free_letters(r"$\|\mathbf v\|^2 = \mathbf v^{\mathsf T}\mathbf v$ adds up the squares of the entries.", c)


def _is_diag(e: Expr, rank: int) -> bool:
    return isinstance(e, Call) and e.op is linear.diag and e.args[0].shape.rank == rank


def _is_unit(e: At) -> bool:
    """Whether it is a row of the identity matrix."""
    return isinstance(e.array, Call) and e.array.op is opaque.eye


def _of_identity(dims: set[tuple[Dim, ...]]) -> str:
    """What I is, with its space where it is one matrix."""
    if len(dims) > 1:
        return "$I$ is the identity matrix."
    ((length,),) = dims
    n = write(dim(length))
    return rf"$I$ is the identity matrix in $\mathbb{{R}}^{{{n} \times {n}}}$."


def _of_all(op: Op, dims: set[tuple[Dim, ...]]) -> str:
    """What 𝟏 or 𝟎 is, with its space where it is one vector."""
    sign, what = (r"\mathbf 1", "ones") if op is opaque.ones else (r"\mathbf 0", "zeros")
    lengths = {d[0] for d in dims if len(d) == 1}
    if len(dims) == 1 and len(lengths) == 1:
        return rf"${sign}$ is the vector of {what} in $\mathbb{{R}}^{{{write(dim(*lengths))}}}$."
    return rf"${sign}$ has {what} for all its entries."
