"""Functions that are given by their entries, f(x)_i = x_i^2, at arguments and at places."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import replace

from derivgen.notes.meaning.scope import Defined
from derivgen.notes.meaning.trees import (
    OTHER,
    Name,
    base_of,
    calls,
    changed,
    derivatives,
    is_letter,
    name_of,
    names,
    unwrapped,
    with_arguments,
)
from derivgen.read.kinds.letters import atoms
from derivgen.read.latex.names import taken_apart
from derivgen.read.surface import (
    Binder,
    Called,
    Chain,
    Derivative,
    Differential,
    Dots,
    Evaluated,
    Group,
    Held,
    Letter,
    Literal,
    Nabla,
    Product,
    Scripted,
    Surface,
    walk,
)


def by_entries(s: Surface, indices: str) -> Surface:
    """An array by its entry, as one writes it within a formula: [x_i^2]_i."""
    return Scripted(s.span, Group(s.span, s, "["), tuple([Letter(s.span, i, "") for i in indices])) if indices else s


def entry_at(s: Surface, index: str, place: Surface) -> Surface | None:
    """An entry, which has an index, at another place; None where that is a letter of a sum in it."""
    bound = {p.name for p in walk(s) if isinstance(p, Binder)}
    if bound & {index, *(p.stem for p in walk(place) if isinstance(p, Letter))}:
        return None
    return changed(s, lambda p: replace(place, span=p.span) if isinstance(p, Letter) and p.stem == index else None)


def applied_at(s: Surface, needed: Mapping[Name, tuple[Defined, Surface]]) -> Surface | None:
    """f(u)_k of a function that is given by its entries: the entry k of it; None of anything else."""
    if not isinstance(s, Scripted) or not isinstance(s.base, Called) or len(places := atoms(s.subs)) != 1:
        return None
    name = name_of(s.base.head)
    entry = needed.get(name) if name is not None else None
    if entry is None or len(entry[0].index) != 1 or len(entry[0].params) != len(s.base.args):
        return None
    value = entry_at(entry[1], entry[0].index, places[0])
    return None if value is None else Group(s.span, with_arguments(value, entry[0].params, s.base.args))


def is_called_with(count: int, trees: Sequence[Surface], name: Name) -> bool:
    """Whether a function has so many arguments where it is called; g of g_i(x_i) is another one than g of g(x, y)."""
    met = {len(c.args) for tree in trees for c, head, _ in calls(tree) if name in (name_of(head), base_of(head))}
    return not met or count in met


def of_the_list(s: Surface) -> tuple[Called, Letter] | None:
    r"""f(t, u_1, \ldots, u_n) as f(t, u), for the list of all entries is the vector; and this u."""
    at = next((k for k, a in enumerate(s.args) if isinstance(a, Dots)), 0) if isinstance(s, Called) else 0
    if not isinstance(s, Called) or not 0 < at < len(s.args) - 1:
        return None
    for start in (at - 1, at - 2):
        match s.args[start : at + 2] if start >= 0 else ():
            case (Scripted(_, Letter() as u, (Literal(_, low),)), *between, Scripted(_, Letter() as last, _)) if (
                low == 1
            ):
                bases = {name_of(m.base) if isinstance(m, Scripted) else None for m in between[:-1]} | {name_of(last)}
                if bases == {name_of(u)} and u.font != "bold" and u.stem.islower():  # no arrays side by side
                    whole = replace(u, span=s.args[start].span)
                    return replace(s, args=(*s.args[:start], whole, *s.args[at + 2 :])), whole
    return None


def is_at_member(s: Nabla) -> bool:
    r"""Whether a gradient by x is that at one of several points, \nabla_x f(x^{(i)}), which have a letter of their own by now."""
    match s:
        case Nabla(_, Called(_, _, (arg,)), Letter(_, stem)) if (head := taken_apart(arg)) is not None:
            return len(stem) == 1 and head[0].stem == chr(ord(stem) + OTHER)
        case _:
            return False


def by_entry_of_argument(s: Surface, needed: Mapping[Name, tuple[Defined, Surface]]) -> Surface | None:
    r"""\partial f(Az)/\partial x_k, where no x is in Az: the entry of the gradient of f, whose argument is called x, at Az."""
    match s:
        case Derivative(_, body, (Scripted(_, Letter() as by, (_,)), *_)) if (
            body is not None
            and isinstance(called := unwrapped(body), Called)
            and len(called.args) == 1
            and is_letter(called.head)
            and name_of(called.head) not in needed
            and len(s.by) <= 2
        ):
            pass
        case _:
            return None
    places = [
        v.subs[0] for v in s.by if isinstance(v, Scripted) and len(v.subs) == 1 and name_of(v.base) == name_of(by)
    ]
    inside = {n for part, own in names(called.args[0]) for n in (own, base_of(part))}
    if (
        len(places) < len(s.by)
        or name_of(by) in inside
        or inside & needed.keys()
        or is_letter(unwrapped(called.args[0]))
    ):
        return None
    return Scripted(s.span, Group(s.span, Nabla(s.span, called, by, len(s.by))), tuple(places))


def functions_as_letters(trees: Sequence[Surface], functions: Container[str]) -> set[Name]:
    """Functions that stand without arguments throughout, where one of them is differentiated by another: ∂f/∂g · ∂g/∂x."""
    by = {name for tree in trees for _, v in derivatives(tree) if is_letter(v) and (name := name_of(v)) is not None}
    if not any(name in functions for name, _ in by):
        return set()
    heads = {name_of(head) for tree in trees for _, head, _ in calls(tree)}
    return {n for tree in trees for _, n in names(tree) if n[0] in functions and n not in heads}


Needed = Mapping[Name, tuple[tuple[Name, ...], Surface]]
"""What names stand for, each with the arguments that it is said with."""


def by_its_argument(s: Surface, needed: Mapping[Name, tuple[Defined, Surface]]) -> Surface | None:
    """∇g(w), where what g(v) stands for is not written with v: by what g is taken at."""
    called = unwrapped(s.body) if isinstance(s, Nabla) and s.by is None and s.body is not None else None
    if not isinstance(s, Nabla) or not isinstance(called, Called) or len(called.args) != 1:
        return None
    entry = needed.get(name) if (name := name_of(called.head)) is not None else None
    if entry is None or len(entry[0].params) != 1 or not is_letter(called.args[0]):
        return None
    own = entry[0].params[0][0]
    return (
        None
        if any(part.stem == own for part in walk(entry[1]) if isinstance(part, Letter))
        else replace(s, by=called.args[0])
    )


def at_place(s: Surface, place: Callable[[Surface], Letter], needed: Needed) -> Surface | None:
    r"""What is differentiated by y, at y = e: by a letter that stands for e. The bar is that of all factors before it.

    A letter of which nothing says how it depends on y is held abstract there.
    """
    if isinstance(s, Product):
        for k in range(len(s.factors) - 1, 0, -1):
            before = replace(s, factors=s.factors[: k + 1], signs=s.signs[:k])
            if (value := _at_end(before, place, needed)) is not None:
                rest = s.factors[k + 1 :]
                return replace(s, factors=(value, *rest), signs=s.signs[k:]) if rest else value
        return None
    return _at_end(s, place, needed)


def _at_end(s: Surface, place: Callable[[Surface], Letter], needed: Needed) -> Surface | None:
    found = _without_bar(s)
    if found is None or not any(_by(p, found[1]) or _is_of(p, found[1], needed) for p in walk(found[0])):
        return None
    return _with_place(s, found[0], found[1], place(found[2]), needed)


def _without_bar(s: Surface) -> tuple[Surface, Name, Surface] | None:
    """What ends with a bar, without it, and the letter and the value that stand below that."""
    match s:
        case Evaluated(_, body, Chain(_, (letter, value), ("=",))) if (name := name_of(letter)) is not None:
            return body, name, value
        case Derivative(body=Surface() as body) | Differential(_, body):
            found = _without_bar(body)
            return None if found is None else (replace(s, body=found[0]), *found[1:])
        case Product(_, (*before, last)):
            found = _without_bar(last)
            return None if found is None else (replace(s, factors=(*before, found[0])), *found[1:])
        case _:
            return None


def _by(s: Surface, name: Name) -> bool:
    """Whether it is differentiated by a letter, or is the differential of it."""
    s = unwrapped(s)
    if isinstance(s, Differential):
        return name_of(unwrapped(s.body)) == name
    return isinstance(s, Derivative) and any(name_of(v) == name for v in s.by)


def _is_of(s: Surface, name: Name, needed: Needed) -> bool:
    """Whether a letter stands for something in which another one, or an entry of it, occurs."""
    known = needed.get(own) if is_letter(s) and (own := name_of(s)) is not None else None
    return known is not None and any(name in (n, base_of(part)) for part, n in names(known[1]))


def _with_place(s: Surface, body: Surface, name: Name, place: Letter, needed: Needed) -> Surface:
    """A formula with another letter for one of its own, in what its letters stand for, too."""
    unknown = False

    def put(part: Surface) -> Surface | None:
        nonlocal unknown
        if isinstance(part, Derivative) and part.body is not None and is_letter(of := unwrapped(part.body)):
            known = needed.get(name_of(of) or name)
            unknown |= known is None
        if not is_letter(part):
            return None
        own = name_of(part)
        if own == name:
            return replace(place, span=part.span)
        known = needed.get(own) if own is not None else None
        if known is None or not _is_of(part, name, needed):
            return None
        return Group(part.span, with_arguments(known[1], (name,), (place,)))

    made = changed(body, put)
    if unknown:
        said = "how this depends on what is put in at the place is not known"
        return Held(s.span, "at", (body, replace(place, span=s.span)), said, like="body")
    return Group(s.span, made)
