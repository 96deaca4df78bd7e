"""What is said of functions of arrays that are taken entry by entry, and of numbers that stand beside an array."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from derivgen.catalog.base import Elementwise, Operation
from derivgen.catalog.build import plus, product, split_coefficient, terms_of
from derivgen.expr import ONE, Add, Call, Expr, Number, Power, Symbol
from derivgen.rules.reason import filled
from derivgen.show.document.reasons import in_sentence, sentence
from derivgen.show.document.spaces import Note
from derivgen.show.layout.box import Box, inside
from derivgen.show.layout.calls import function_name
from derivgen.show.layout.term import Context
from derivgen.show.math.latex import write

BY_ENTRIES = "entrywise"
POWERS = f"{BY_ENTRIES} power"
_ENTRY_BY_ENTRY = " is taken entry by entry."


def functions(met: Iterable[Expr], boxes: Sequence[Box], c: Context) -> Iterator[Note]:
    """The functions and powers of arrays that are printed as such, each of them by its first."""
    told: set[str] = set()
    printed: set[Box] | None = None
    for e in met:
        if not is_entrywise(e) or is_raised(e) or (key := _key(e)) in told:
            continue
        shown = (
            Power(e.base, Number(abs(e.exponent.value)))
            if isinstance(e, Power) and isinstance(e.exponent, Number)
            else e
        )
        box = c.box(shown)
        printed = _all_within(boxes) if printed is None else printed  # once: a chain asks for each of its links
        if box not in printed:
            continue
        told.add(key)
        yield key, f"{in_sentence(box) or _by_name(e, c)}{_ENTRY_BY_ENTRY}"


def _by_name(e: Expr, c: Context) -> str:
    """What a function is called whose argument is long."""
    match e:
        case Call(Operation() as op) if op.notation.form == "function":
            return f"${write(function_name(op, c))}$"
        case Power():
            return "A power of an array"
        case _:
            return "A function of an array"


def _key(e: Expr) -> str:
    """The function that is said to be taken so; tanh² is with tanh, as each other power is a square."""
    match e:
        case Call(op) | Power(Call(op)) if isinstance(e, Call) or op.notation.raised:
            return f"{BY_ENTRIES} {op.name}"
        case _:
            return POWERS


def in_one(notes: Mapping[str, str]) -> dict[str, str]:
    """The notes by their keys, those of functions that are taken entry by entry as one sentence."""
    own = [key for key in notes if key.startswith(BY_ENTRIES)]
    if len(own) < 2:
        return dict(notes)
    first, *_ = own
    names = list(dict.fromkeys(notes[key].removesuffix(_ENTRY_BY_ENTRY) for key in own))
    listed = (
        f"{', '.join(names[:-1])} and {names[-1]} are{_ENTRY_BY_ENTRY.removeprefix(' is')}"
        if len(names) > 1
        else notes[first]
    )
    return {key: listed if key == first else words for key, words in notes.items() if key == first or key not in own}


def _all_within(boxes: Sequence[Box]) -> set[Box]:
    """Boxes with all that stand within them."""
    found: set[Box] = set()
    todo = list(boxes)
    while todo:
        here = todo.pop()
        if here not in found:
            found.add(here)
            todo += inside(here)
    return found


def is_entrywise(e: Expr) -> bool:
    """Whether it is a function of numbers, or a power, of the entries of an array."""
    match e:
        case Call(Elementwise() as op):
            return bool(e.shape.axes) and op.notation.form != "relation"
        case Power(base, Number(value)):
            return bool(base.shape.axes) and (value > 0 or value < -1)  # 1 over x² too
        case _:
            return False


def is_raised(e: Expr) -> bool:
    """Whether it is a power of the entries of a matrix, in whose exponent the sign of the product stands."""
    match e:
        case Power(Call(op), Number(value)) if op.notation.raised and value.denominator == 1:
            return False  # tanh²(A)
        case Power(base, Number(value)):
            return base.shape.rank > 1 and value >= 0 and value != 1
        case _:
            return False


def is_mixed(e: Expr) -> bool:
    """Whether it adds numbers to the entries of an array."""
    return isinstance(e, Add) and bool(e.shape.axes) and any(not t.shape.axes for t in e.terms)


def of_mixed(e: Expr, c: Context) -> tuple[str, bool]:
    """What is done with the entries of an array by numbers that stand beside it, and whether that tells of a square too."""
    numbers, arrays = (plus(*(t for t in terms_of(e) if bool(t.shape.axes) is which)) for which in (False, True))
    (a, x), (b, number) = split_coefficient(arrays), split_coefficient(numbers)
    words, each, squares = {"f": e, "x": arrays, "z": numbers}, "each entry of {x}", False
    match x if abs(a) == 1 else e:
        case Power(Symbol() as base, Number(value)) if value == 2:
            words["x"], each, squares = base, "the square of each entry of {x}", True
        case _ if a == -1:
            words["x"] = x
        case _:
            pass
    if a == -1:
        said = _FROM
    elif b < 0:
        words["z"] = number if b == -1 else product(Number(-b), *(f for f in (number,) if f != ONE))
        said = _LESS
    else:
        said = _MORE
    return sentence(filled(said.replace("each entry of {x}", each), words), c), squares


_FROM = "[{f} subtracts each entry of {x} from {z}|An array beside a number is subtracted from it entry by entry]."
_LESS = "[{f} subtracts {z} from each entry of {x}|A number beside an array is subtracted from each of its entries]."
_MORE = "[{f} adds {z} to each entry of {x}|A number beside an array is added to each of its entries]."
