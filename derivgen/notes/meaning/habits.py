"""Ways of writing that are the same everywhere: a_ij for an entry of A, dg/dx (x) for the derivative at its own variable."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

from derivgen.errors import Span
from derivgen.notes.meaning.trees import Name, applied_to_itself, is_letter, name_of, names, unwrapped
from derivgen.read.kinds.letters import atoms, digits, is_word
from derivgen.read.latex.names import taken_apart
from derivgen.read.surface import (
    Binder,
    Called,
    Chain,
    Derivative,
    Fenced,
    Grid,
    Group,
    Infix,
    Letter,
    Literal,
    Multiplied,
    Nabla,
    Primed,
    Product,
    Quotient,
    Raised,
    Scripted,
    Summed,
    Surface,
    Tabulated,
    Transposed,
    Unsaid,
    inside,
    walk,
)

_INDICES = frozenset("ijkl")


def habits(
    members: Sequence[Surface],
    trees: Sequence[Surface],
    known: Container[str],
    *,
    spectral: bool,
    rows: bool,
    matrices: Iterable[Name] = (),
) -> Iterator[Callable[[Surface], Surface | None]]:
    """What is to be changed in the ``trees`` of a chain, of which these are the members, and these names are ``known``.

    ``matrices`` are capital letters of which the text writes all entries out.
    """
    primed = primed_names(members)
    entries = {small: big for small, big in entries_of(trees, matrices).items() if small not in known}
    yield lambda s: as_written(s, entries)
    yield as_mean
    if lengths := lengths_by_others(trees):
        yield lambda s: as_length(s, lengths)
    if below := indices_of_pairs(trees):
        yield lambda s: as_entry_of_transpose(s, below)
    by = {name: d.by for t in trees for d in walk(t) if isinstance(d, Derivative) and d.body is not None and len(d.by) == 1
          and is_letter(unwrapped(d.body)) and (name := name_of(unwrapped(d.body))) is not None}  # fmt: skip
    if not any(turns_itself(part) for tree in trees for part in walk(tree)):
        yield lambda s: as_derivative(s, by)
    if by_entry := entries_by(trees):
        yield lambda s: as_by_entry(s, by_entry)
    yield applied_to_itself
    factors = factors_in(trees)
    yield lambda s: as_factor(s, factors)
    yield lambda s: as_hessian(s, known)
    if given := given_indices(trees):
        yield lambda s: as_given(s, given)
    if primed:
        yield lambda s: as_names(s, primed)
    if spectral:
        yield as_largest
    if rows:
        yield as_row


def as_written(s: Surface, entries: Mapping[str, Letter]) -> Surface | None:
    """What a part stands for where it is written in such a way; ``entries`` are those of ``entries_of``."""
    if isinstance(s, Product):
        return at_itself(s, entries)
    return as_entry(s, entries)


def at_itself(s: Product, entries: Mapping[str, Letter]) -> Surface | None:
    """A derivative of a letter, with what it is differentiated by in parentheses behind it, is that derivative."""
    from derivgen.notes.meaning.trees import changed

    kept: list[int] = [
        k for k in range(len(s.factors)) if not (k and not s.signs[k - 1] and _is_at(s.factors[k - 1], s.factors[k]))
    ]
    if len(kept) == len(s.factors):
        return None
    factors = tuple([changed(s.factors[k], lambda part: as_written(part, entries)) for k in kept])
    if len(factors) == 1:
        return factors[0]
    return replace(s, factors=factors, signs=tuple([s.signs[k - 1] for k in kept[1:]]))


def _is_at(derivative: Surface, place: Surface) -> bool:
    if not isinstance(derivative, Derivative) or derivative.body is None or not isinstance(place, Group | Fenced):
        return False
    inside = unwrapped(place)
    inside = inside.head if isinstance(inside, Called) else inside
    return is_letter(unwrapped(derivative.body)) and all(
        is_letter(v) and is_letter(inside) and name_of(v) == name_of(inside) for v in derivative.by
    )


def entries_of(trees: Iterable[Surface], matrices: Iterable[Name] = ()) -> dict[str, Letter]:
    """Small letters that have two indices wherever they stand, each with the capital letter beside it."""
    indexed: dict[str, bool] = {}
    capitals = {stem: Letter(Span(0, 0), stem, "bold" if bold else "") for stem, bold in matrices}
    beside: set[str] = set()
    for tree in trees:
        for part, _ in names(tree):
            head = taken_apart(part)
            if head is None or len(head[0].stem) != 1 or not head[0].stem.isascii():
                continue
            stem = head[0].stem
            if stem.islower():
                places = digits(atoms(head[1]), 2)  # x_{12} has two, too
                twice = len(places) == 2 and not is_word(places[0])
                indexed[stem] = indexed.get(stem, True) and twice
            elif stem.isalpha():
                capitals |= {stem: head[0]} if stem not in beside else {}
                beside.add(stem)
    return {stem: capitals[stem.upper()] for stem, twice in indexed.items() if twice and stem.upper() in capitals}


def as_entry(s: Surface, of: Mapping[str, Letter]) -> Surface | None:
    """An entry of a matrix that is written with the small letter of it."""
    head = taken_apart(s)
    big = of.get(head[0].stem) if head is not None else None
    if head is None or big is None or not head[1]:
        return None
    return Scripted(s.span, replace(head[0], stem=big.stem, font=big.font), tuple(digits(atoms(head[1]), 2)))


def _shifted_length(s: Surface) -> tuple[str, str] | None:
    """The letter and the name of a length such as k + 1."""
    match s:
        case Infix(_, "+" | "-" as sign, Letter(_, stem, ""), Literal(_, value)) if value.denominator == 1:
            return stem, f"{stem}{'plus' if sign == '+' else 'minus'}{value}"
        case _:
            return None


def lengths_by_others(trees: Iterable[Surface]) -> frozenset[str]:
    """The letters of which a sum to k + 1 tells how far it runs, and that stand nowhere else."""
    found: set[str] = set()
    met: Counter[str] = Counter()
    inside: Counter[str] = Counter()
    for tree in trees:
        for part in walk(tree):
            if isinstance(part, Letter):
                met[part.stem] += 1
            elif isinstance(part, Binder) and (length := _shifted_length(part.length)) is not None:
                found.add(length[0])
                inside[length[0]] += 1
    return frozenset(stem for stem in found if met[stem] == inside[stem])


def as_length(s: Surface, letters: frozenset[str]) -> Surface | None:
    """A sum to k + 1, where k says nothing else, as one to a length of its own."""
    length = _shifted_length(s.length) if isinstance(s, Binder) else None
    if not isinstance(s, Binder) or length is None or length[0] not in letters:
        return None
    return replace(s, length=Letter(s.length.span, length[1], "upright"))


_COUNTS = frozenset("nmNMTKP")


def as_mean(s: Surface) -> Surface | None:
    r"""\frac{1}{N} \sum_i x_i, which is a mean: the sum runs to N, though it does not say so."""
    from derivgen.notes.meaning.trees import changed

    if not isinstance(s, Product) or any(s.signs):
        return None
    for k, (factor, behind) in enumerate(pairwise(s.factors)):
        count = _divisor(factor)
        match behind:
            case Summed(_, (Binder(_, _, Unsaid()) as binder,), body) if count is not None:
                inner = changed(body, as_mean)
                long = replace(behind, binders=(replace(binder, length=replace(count, span=binder.span)),), body=inner)
                return replace(s, factors=(*s.factors[: k + 1], long, *s.factors[k + 2 :]))
    return None


def _divisor(s: Surface) -> Letter | None:
    """The letter that counts what is summed up, of 1/N, 2/N and 1/(2N)."""
    match s:
        case Quotient(_, Literal(), Letter() as count) | Quotient(
            _, Literal(), Product(_, (Literal(), Letter() as count))
        ):
            return count if count.stem in _COUNTS and not count.font else None
    return None


_RUNNING = frozenset("ijklpqrst")


def _pair(s: Surface) -> tuple[str, str] | None:
    """The two small letters below a part that is one entry of a matrix."""
    places = atoms(s.subs) if isinstance(s, Scripted) else ()
    stems = [p.stem for p in places if isinstance(p, Letter) and p.stem in _RUNNING]
    return (stems[0], stems[1]) if len(stems) == 2 == len(places) else None


def indices_of_pairs(trees: Iterable[Surface]) -> Counter[str]:
    """The indices that stand in twos, as those of the entries of matrices do, each as often as it does."""
    return Counter(index for tree in trees for part in walk(tree) for index in _pair(part) or ())


def as_entry_of_transpose(s: Surface, below: Mapping[str, int]) -> Surface | None:
    """(AB)^T_ij, which is an entry of the transpose, and so is A^T_ij beside other entries with these indices.

    A block A_ij of a matrix, whose transpose is meant, has no others beside it that have one of its indices.
    """
    match s:
        case Transposed(_, Scripted() as entry) | Raised(_, Scripted() as entry, Letter(_, "T"), ""):
            pair, base = _pair(entry), entry.base
        case _:
            return None
    if pair is None or not (isinstance(base, Group) or (isinstance(base, Letter) and base.stem[:1].isupper())):
        return None
    if isinstance(base, Letter) and not any(below[index] > 1 for index in pair):
        return None
    return Scripted(s.span, Group(base.span, Transposed(base.span, base)), entry.subs)


def factors_in(trees: Iterable[Surface]) -> frozenset[Name]:
    """The capital letters that stand as factors, and so are no functions before parentheses: K G x."""
    products = (p for tree in trees for p in walk(tree) if isinstance(p, Product))
    found = (unwrapped(f) for p in products for f in p.factors)
    return frozenset(name for f in found if is_letter(f) and (name := name_of(f)) is not None and name[0][0].isupper())


def as_factor(s: Surface, factors: frozenset[Name]) -> Surface | None:
    """G(x - y) as a product, where G is a matrix elsewhere."""
    if not isinstance(s, Called) or len(s.args) != 1 or is_letter(s.args[0]) or not is_letter(s.head):
        return None
    if name_of(s.head) not in factors:
        return None
    return Product(s.span, (s.head, as_factor(s.args[0], factors) or Group(s.args[0].span, s.args[0])), ("",))


def as_hessian(s: Surface, known: Container[str]) -> Surface | None:
    r"""\mathbf H f(x), or \mathbf H f(x, y), of a letter that stands for nothing else: the matrix of all second derivatives."""
    match s:
        case Product(_, (Letter(_, "H", "bold" | "upright"), Called(_, head, args) as value), ("",)) if (
            "H" not in known and is_letter(head) and all(map(is_letter, args))
        ):
            pass
        case _:
            return None
    if len(args) == 1:
        return Nabla(s.span, value, args[0], 2)
    return Grid(s.span, tuple([tuple([Derivative(s.span, value, (a, b)) for b in args]) for a in args]))


def given_indices(trees: Iterable[Surface]) -> frozenset[str]:
    """The letters that a sum over two indices that differ runs over, and that stand outside of it, too: a_k of g_k = Σ_{i≠k} …"""
    trees = tuple(trees)
    second = {pair[1] for t in trees for p in walk(t) if isinstance(p, Summed) and (pair := _differing(p)) is not None}

    def is_free(name: str) -> bool:
        def below(p: Surface) -> object:
            binders = (
                p.binders if isinstance(p, Summed) else (p.binder,) if isinstance(p, Multiplied | Tabulated) else ()
            )
            return () if any(isinstance(b, Binder) and b.name == name for b in binders) else inside(p)

        return any(isinstance(p, Letter) and p.stem == name for t in trees for p in walk(t, below))

    return frozenset(name for name in second if is_free(name))


def _differing(s: Summed) -> tuple[str, str] | None:
    """The two indices of a sum over all pairs of them that are not the same."""
    match s:
        case Summed(_, (Binder(_, one), Binder(_, other)), Product(_, (condition, _))):
            pass
        case _:
            return None
    match condition:
        case Group(_, Infix(_, "-", Literal(), Group(_, Chain(_, (Letter(_, a), Letter(_, b)), ("=",))))) if (a, b) == (
            one,
            other,
        ):
            return one, other
        case _:
            return None


def as_given(s: Surface, given: frozenset[str]) -> Surface | None:
    """A sum over i ≠ k in which k is given, since it stands outside of the sum, too."""
    pair = _differing(s) if isinstance(s, Summed) else None
    return (
        replace(s, binders=s.binders[:1]) if isinstance(s, Summed) and pair is not None and pair[1] in given else None
    )


def primed_names(members: Sequence[Surface]) -> frozenset[Name]:
    """The letters of which a primed one is a letter of its own: x' = x + h says what it is."""
    if any(isinstance(p, Derivative | Nabla) for m in members for p in walk(m)):
        return frozenset()
    found = [m.base for m in map(unwrapped, members) if isinstance(m, Primed) and m.count == 1 and is_letter(m.base)]
    own = frozenset(name for base in found if (name := name_of(base)) is not None)
    return frozenset(name for name in own if any(name in _unprimed(m) for m in members))


def _unprimed(s: Surface) -> set[Name]:
    """The names that stand without a prime."""
    primed = {id(p.base) for p in walk(s) if isinstance(p, Primed)}
    return {name for part, name in names(s) if id(part) not in primed}


def as_names(s: Surface, primed: frozenset[Name]) -> Surface | None:
    """A primed letter that is one of its own, with a word for the prime."""
    if isinstance(s, Scripted) and isinstance(s.base, Primed):  # A'_2 is A_2'
        s = replace(s.base, span=s.span, base=Scripted(s.span, s.base.base, s.subs))
    head = taken_apart(s.base) if isinstance(s, Primed) and s.count == 1 else None
    if head is None or not isinstance(s, Primed) or name_of(s.base) not in primed:
        return None
    return Scripted(s.span, head[0], (Letter(s.span, "prime", "upright"), *head[1]))


def as_largest(s: Surface) -> Surface | None:
    """A norm without a number below it as that of a text in which it is induced by that of vectors."""
    if isinstance(s, Scripted) and isinstance(s.base, Fenced):
        return s
    if isinstance(s, Fenced) and s.left == "‖" and len(s.items) == 1:
        return Scripted(s.span, s, (Literal(s.span, Fraction(2)),))
    return None


def is_member(s: Surface) -> bool:
    """Whether it is a capital letter with one place below it: a row or a column of a matrix, or one matrix of several."""
    head = taken_apart(s)
    return (
        head is not None
        and head[0].stem.isupper()
        and len(head[1]) == 1 == len(atoms(head[1]))
        and not is_word(head[1][0])
    )


def as_row(s: Surface) -> Surface | None:
    """A_k as the row of A, which lies."""
    return Transposed(s.span, s) if is_member(s) else None


def entries_by(trees: Iterable[Surface]) -> dict[str, Scripted]:
    r"""The entry by which is differentiated for each index, as x_i in ∂f/∂x_i, and in ∇f(x)_i; none where there are several."""
    found: dict[str, set[Name | None]] = {}
    parts: dict[str, Scripted] = {}
    for tree in trees:
        for d in walk(tree):
            for v in d.by if isinstance(d, Derivative) else ():
                if isinstance(v, Scripted) and len(v.subs) == 1 and isinstance(v.subs[0], Letter):
                    found.setdefault(v.subs[0].stem, set()).add(name_of(v))
                    parts[v.subs[0].stem] = v
    return {index: parts[index] for index, names_of in found.items() if len(names_of) == 1}


def as_by_entry(s: Surface, entries: Mapping[str, Scripted]) -> Surface | None:
    r"""\partial_i f beside ∂f/∂x_i, which it is."""
    if not isinstance(s, Derivative) or len(s.by) != 1 or not isinstance(s.by[0], Letter):
        return None
    by = s.by[0].stem
    return replace(s, by=(entries[by],)) if by in entries and by in _INDICES else None


def turns_itself(s: Surface) -> bool:
    """Whether it is a product that begins with a primed letter and ends with the same letter, x'x or x'Ax: a prime transposes."""
    if not isinstance(s, Product) or not isinstance(first := s.factors[0], Primed) or first.count > 1:
        return False
    return is_letter(first.base) and name_of(first.base) == name_of(s.factors[-1])


def as_derivative(s: Surface, by: Mapping[Name, tuple[Surface, ...]]) -> Surface | None:
    """y' beside dy/dx, which it is."""
    if isinstance(s, Called):
        return replace(s, args=tuple([as_derivative(a, by) or a for a in s.args]))
    if not isinstance(s, Primed) or s.count > 1 or not is_letter(s.base):
        return None
    name = name_of(s.base)
    return Derivative(s.span, s.base, by[name]) if name is not None and name in by else None
