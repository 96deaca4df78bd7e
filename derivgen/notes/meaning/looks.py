"""What equalities look like: names, properties, products, lists, settings, updates, before anything is known of their letters."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise

from derivgen.notes.meaning.chains import Chain, Link
from derivgen.notes.meaning.context import Context
from derivgen.notes.meaning.trees import (
    Name,
    applied_to_itself,
    base_of,
    calls,
    index_of,
    is_letter,
    name_of,
    names,
    unwrapped,
)
from derivgen.read.surface import (
    Apply,
    Binder,
    Called,
    Derivative,
    Differential,
    Dots,
    Fenced,
    Grid,
    Group,
    Infix,
    Letter,
    Literal,
    Nabla,
    Negated,
    Primed,
    Product,
    Quotient,
    Raised,
    Scripted,
    Summed,
    Surface,
    Transposed,
    walk,
)

_NUMBERS = re.compile(r"^[\s\d.,;+\-*/=()\[\]{}]*(?:\\l?dots|\\cdots|\\ldots|\.\.\.)?[\s\d.,;+\-*/A-Za-z]*$")
_ELLIPSIS = re.compile(r"\\[lc]?dots\b|\.\.\.|…")
_UPDATED = re.compile(
    r"[_^]\{?\(?\s*[A-Za-z]\s*\+\s*1|\\text\{new\}|_\{?new\}?|\^\{?new|^\s*\\text\{new|\\leftarrow|\^\{?\+\}?\s*$|\\prime\s*\}?\s*$"
)
_LIMITS = re.compile(r"\\(?:sum|prod)\s*(?:\\limits\s*)?_\s*(?:\{[^{}]*\}|\w)\s*\^\s*\{[^{}]*\}")
"""How far a sum runs, which is no step."""

_NEXT = re.compile(r"([A-Za-z])\s*(?:\^\s*\{\s*\(\s*([a-z])\s*\+\s*1\s*\)\s*\}|_\s*\{\s*([tkn])\s*\+\s*1\s*\})")
"""x^{(i+1)} or x_{t+1}, the next of a sequence."""

_SETS = re.compile(
    r"(?:\\left)?\s*\\\{(?!\s*\\begin)|\\mathbb(?!\s*\{?\s*[EIP1])|\\emptyset|\\mathcal\s*\{?[NUSDXYHFRGPBT]\b"
    r"|\\mathcal\s*\{?\s*C\s*\}?\s*\(\s*(?:\\(?:mathbf|boldsymbol|bm)\s*\{?\s*)?[A-Z]"
)
_NAME = re.compile(r"^\s*\\?[A-Za-z]+(?:\{[^{}]*\})?(?:_\{?[\w,\s]*\}?)?\s*$")
_CHANGE = re.compile(r"^\s*d\s*[A-Za-z]\s*$")
"""dy, which is no number of something."""

_SIZE = re.compile(r"^\s*(?:\|.*\||\\l?vert.*\\r?vert|\\operatorname\{(?:len|dim|length)\}.*|\\dim\b.*)\s*$")


def derives(latex: str) -> bool:
    """Whether a formula looks as if it had a derivative, before it is read."""
    return re.search(r"\\partial|\\nabla|\\frac\s*\{?\s*(?:\\mathrm\s*\{?)?d|'", latex) is not None


def is_derivative(s: Surface) -> bool:
    """Whether there is a derivative in what was read; a prime is one before arguments, and else a transpose."""
    return any(
        isinstance(p, Derivative | Nabla | Differential) or (isinstance(p, Called) and isinstance(p.head, Primed))
        for p in walk(s)
    )


_SOLVED = re.compile(
    r"[\s,;.&\\]*\\(?:implies|Rightarrow|Longrightarrow|iff|Leftrightarrow|Longleftrightarrow|therefore)(?![A-Za-z])\s*"
    r"(?P<letter>\\?[A-Za-z]+)(?:\s*_\s*(?:\w|\{[^{}]*\}))?\s*(?:=|\\in(?![A-Za-z]))"
)
"""What follows from an equation that is solved for a letter: ⟹ λ ∈ {0, 1}."""


def is_solved_behind(link: Link) -> bool:
    """Whether a sign of consequence follows, and what a letter of the equality is then."""
    m = _SOLVED.match(link.formula.latex, link.member.end)
    return (
        m is not None
        and re.search(rf"(?<![A-Za-z\\]){re.escape(m['letter'])}(?![A-Za-z])", link.formula.latex[: link.member.end])
        is not None
    )


def ellipsis(s: Surface) -> bool:
    """Whether there are dots in what was read."""
    return any(isinstance(p, Dots) for p in walk(s))


def bare(s: Surface) -> Surface:
    """Without brackets around it."""
    while isinstance(s, Group) or (isinstance(s, Fenced) and s.left in "([{." and len(s.items) == 1):
        s = s.inner if isinstance(s, Group) else s.items[0]
    return s


def is_name(s: Surface) -> bool:
    """Whether it is a letter, or a function of letters."""
    if isinstance(s, Scripted) and isinstance(s.base, Apply) and s.base.function == "sigmoid":
        return all(map(is_letter, s.base.args))  # σ(z)_i, which is another function than that of a number
    if isinstance(s, Scripted) and isinstance(s.base, Called):
        s = s.base
    return is_letter(s) or (isinstance(s, Called) and not isinstance(s.head, Primed) and all(map(is_letter, s.args)))


def free(s: Surface) -> Counter[str]:
    """The small letters that stand below others and that no sum binds, each as often as it does."""
    below = Counter(p.stem for part in walk(s) if isinstance(part, Scripted) for sub in part.subs for p in walk(sub)
                    if isinstance(p, Letter) and len(p.stem) == 1 and p.stem in "ijklpqrst")  # fmt: skip
    for p in walk(s):
        if isinstance(p, Binder):
            below.pop(p.name, None)
        elif isinstance(p, Scripted) and _is_tabulated(p):
            for sub in p.subs:
                for part in walk(sub):
                    if isinstance(part, Letter):
                        below.pop(part.stem, None)
    return below


def _is_tabulated(s: Surface) -> bool:
    """Whether it is an array by its entries, [a_i b_j]_ij."""
    return isinstance(s, Scripted) and isinstance(s.base, Group) and s.base.fence == "["


def is_summed_silently(left: Surface, right: Surface) -> bool:
    """Whether an index stands twice on one side and not on the other, as in Einstein's convention."""
    one, other = free(left), free(right)
    if any(isinstance(p, Binder) or _is_tabulated(p) for side in (left, right) for p in walk(side)):
        return False  # who writes sums, or says which indices make an array, leaves none out
    return any(a[name] > 1 and not b[name] for a, b in ((one, other), (other, one)) for name in a)


def is_listed(s: Surface) -> bool:
    """Whether it is written by its entries: one after the other, or by one that has indices, [∂f/∂X_ij]."""
    if isinstance(s, Fenced | Group) and free(s):
        return True
    inner = unwrapped(s)
    return isinstance(inner, Grid) or (
        isinstance(inner, Fenced) and inner.left in "([" and (len(inner.items) > 1 or isinstance(inner.items[0], Grid))
    )


def lies(s: Surface | None) -> bool:
    """Whether it is a column written out, and transposed, so that it is a row and nothing else."""
    inner = s.operand if isinstance(s, Transposed) else None
    grid = bare(inner) if inner is not None else None
    return isinstance(grid, Grid) and len(grid.rows) > 1 and all(len(row) == 1 for row in grid.rows)


def is_example(s: Surface) -> bool:
    """Whether it is an array written out in numbers."""
    return any(isinstance(p, Grid) for p in walk(s)) and not any(True for _ in names(s))


def is_primed(s: Surface) -> bool:
    """Whether a letter that is no function has a prime, which may be a part of its name."""
    return any(isinstance(p, Primed) and is_letter(p.base) for p in walk(s))


def is_system(s: Surface) -> bool:
    """Whether it is a matrix in numbers times a column of letters, the left side of equations to solve."""
    return any(
        isinstance(p, Product) and any(map(is_example, p.factors)) and any(_is_unknown(f) for f in p.factors)
        for p in walk(s)
    )


def has_no_other_function(one: Surface, other: Surface) -> bool:
    """Whether a side has functions, and none that the other has not: then it is not said there what a function is."""
    found = [[(base_of(head), applied_to_itself(part) is None) for part, head, _ in calls(s)] for s in (one, other)]
    proper = {name for side in found for name, is_proper in side if is_proper}  # f(f) is one where f(x) stands, too
    heads = [{name for name, _ in side if name in proper} for side in found]
    return bool(heads[0]) and heads[0] <= heads[1]


def is_times_bracket(s: Surface, name: Name) -> bool:
    """Whether a letter is multiplied by the bracket behind it."""
    return any(
        isinstance(p, Product)
        and any(name_of(a) == name and isinstance(b, Fenced | Group) for a, b in pairwise(p.factors))
        for p in walk(s)
    )


def is_worked_out(s: Surface, other: Surface) -> bool:
    """Whether the unknowns of a system stand in the entries of the other side, which is what its product comes to."""
    unknown = {n for p in walk(s) if _is_unknown(p) for _, n in names(p)}
    grids = [p for p in walk(other) if isinstance(p, Grid)]
    inside = {n for grid in grids for _, n in names(grid)}
    times = any(
        _is_multiple(grid, p) for grid in grids for p in walk(s) if _is_unknown(p)
    )  # an eigenvector is to be found
    return bool(unknown) and unknown <= inside and not times and not any(map(_is_unknown, grids))


def _is_multiple(grid: Grid, unknown: Surface) -> bool:
    """Whether every cell of a matrix is one number times the unknown at its place: (4x, 4y) of (x, y)."""
    own = unwrapped(unknown)
    if not isinstance(own, Grid) or [len(row) for row in own.rows] != [len(row) for row in grid.rows]:
        return False
    pairs = [
        (c, u) for row, letters in zip(grid.rows, own.rows, strict=True) for c, u in zip(row, letters, strict=True)
    ]
    numbers = {c.factors[0].value if isinstance(c, Product) and isinstance(c.factors[0], Literal) and len(c.factors) == 2
               and u is not None and name_of(c.factors[1]) == name_of(u) else None for c, u in pairs}  # fmt: skip
    return len(numbers) == 1 and None not in numbers


def is_of_numbers(left: Surface, right: Surface) -> bool:
    """Whether both sides are made of numbers alone, and something is worked out: 0.5 + 6 = 6.5."""
    parts = [p for s in (left, right) for p in walk(s)]
    return any(isinstance(p, Infix) for p in parts) and all(
        isinstance(p, Literal | Infix | Group | Negated | Product | Quotient | Raised) for p in parts
    )


def _is_unknown(s: Surface) -> bool:
    inner = unwrapped(s)
    return isinstance(inner, Grid) and all(cell is not None and is_letter(cell) for row in inner.rows for cell in row)


def numbered(s: Surface) -> frozenset[str]:
    """Letters that are told apart by a number below them, M_1 and M_2, and never stand without one."""
    found: set[tuple[str, str]] = set()
    bare_ones: set[str] = set()
    for part, (name, _) in names(s):
        base = base_of(part)
        if base is None:
            continue
        if isinstance(part, Scripted) and any(isinstance(sub, Literal) for sub in part.subs):
            found.add((base[0], name))
        else:
            bare_ones.add(base[0])
    return frozenset(name for base, name in found if base not in bare_ones)


def is_property(left: Surface, right: Surface) -> bool:
    """Whether it is a law that one letter may obey: A^T = A, P^2 = P, Q^T Q = I."""
    for side in (left, right):
        for part in walk(side):
            if not isinstance(part, Letter | Transposed | Raised | Literal | Negated) and type(part).__name__ not in (
                "Product",
                "Group",
                "Fenced",
                "Scripted",
            ):
                return False
    return True


def same_factors(left: Surface, right: Surface) -> bool:
    """Whether both sides are products of the same letters in another order, AB = BA, or of as many letters in another
    number, AGAGA = AGA, which holds by AGA = A; (AB)^T = BA is no such law."""
    sides = [bare(s) for s in (left, right)]
    if not all(isinstance(s, Product) and all(is_letter(f) for f in s.factors) for s in sides):
        return False
    one, other = ([name_of(f) for f in s.factors] for s in sides if isinstance(s, Product))
    several = len({*one}) > 1 and min(len(one), len(other)) > 2 and all(n is not None and n[0].isupper() for n in one)
    return sorted(map(str, one)) == sorted(map(str, other)) or (several and {*one} == {*other})


def is_computed(left: Surface, right: Surface) -> bool:
    """Whether a side has a sum, a function or a norm, which equations to solve seldom have."""
    return any(
        isinstance(p, Summed | Apply) or (isinstance(p, Fenced) and p.left in "‖⟨")
        for s in (left, right)
        for p in walk(s)
    )


def is_row(s: Surface) -> bool:
    """Whether a part is a matrix with one index."""
    base = base_of(s)
    return index_of(s) is not None and base is not None and base[0][:1].isupper()


def is_step(one: str, other: str) -> bool:
    """Whether one side has the next of a sequence, of which the other has only what it was: M x^{(i+1)} beside M x^{(i)}."""
    for here, there in ((one, other), (other, one)):
        for m in _NEXT.finditer(here):
            stem, at = m[1], m[2] or m[3]
            now = rf"{stem}\s*(?:\^\s*\{{\s*\(\s*{at}\s*\)\s*\}}|_\s*(?:{at}(?![A-Za-z])|\{{\s*{at}\s*\}}))"
            if re.search(now, there) and not any(n[1] == stem for n in _NEXT.finditer(there)):
                return True
    return False


def plain_kind(context: Context, chain: Chain, k: int) -> str:
    """The kind of an equality that is no claim by its looks; "" for what is to be judged."""
    left, right = chain.links[k - 1], chain.links[k]
    first = k == 1
    if (
        _UPDATED.search(_LIMITS.sub("", left.member.text))
        and (first or "leftarrow" in left.sign)
        and not derives(left.member.text)
    ):
        return "update"
    if _SETS.match(right.member.text.strip()) or _SETS.match(left.member.text.strip()):
        return "setting"
    tail = right.formula.latex[right.member.end : right.member.end + 12]
    if _ELLIPSIS.search(tail) and _NAME.match(left.member.text) and re.fullmatch(r"[\s\d\w]{0,4}", right.member.text):
        return "setting"
    if right.sign == ":=":
        return "definition"
    if re.match(r"^\s*[a-zA-Z]\s*$", chain.links[0].member.text) and _SIZE.match(right.member.text):
        return "setting"
    if _SIZE.match(left.member.text) and re.fullmatch(r"[\s\d.,;]+", right.member.text):
        return "setting"
    names_here = [d for several in context.definitions.values() for d in several if d.row is right.row]
    if not first:
        named = _NAME.match(left.member.text) and any(d.side == k and not d.params for d in names_here)
        return "definition" if named and left.row is right.row else ""
    if (names_here or right.row.number in context.sizing) and left.row is right.row:
        return "definition"
    if _NAME.match(left.member.text) and _NUMBERS.match(right.member.text) and not _CHANGE.match(left.member.text):
        return "setting"
    return ""
