"""How far ∇, ∂ and the product entry by entry reach, and whether a question is a derivative already."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from unicodedata import normalize

from derivgen.read.latex.names import Lexicon, plain_name, spelling, taken_apart
from derivgen.read.surface import (
    Called,
    Derivative,
    Group,
    Infix,
    Letter,
    Literal,
    Nabla,
    Product,
    Raised,
    Surface,
    Transposed,
    walk,
)

Sign = Nabla | Derivative


def tightly(s: Sign) -> Surface | None:
    """The same with the sign on the first factor behind it only; None where there is but one."""
    if s.body is None or (isinstance(s, Derivative) and s.body.span.start < s.by[-1].span.end):
        return None
    match s.body:
        case Product() | Infix():
            return _within(s.body, s)
        case _:
            return None


def _first(s: Surface) -> Surface:
    while isinstance(s, Product | Infix):
        s = s.factors[0] if isinstance(s, Product) else s.left
    return s


def _within(s: Surface, sign: Sign) -> Surface:
    """``s`` with the sign on its first factor."""
    match s:
        case Product(span, (first, *rest), signs):
            return Product(span, (_within(first, sign), *rest), signs)
        case Infix(span, operator, left, right):
            return Infix(span, operator, _within(left, sign), right)
        case _:
            return replace(sign, body=s, span=sign.span | s.span if s.span.start < sign.span.start else sign.span)


def reaches_far(s: Sign, lexicon: Lexicon) -> bool:
    r"""Whether the sign is of the whole product: \nabla_x f(x)^T v is not, where f is one number."""
    if isinstance(s, Derivative) or s.body is None or s.by is None:
        return isinstance(s, Derivative)
    first = _first(s.body)
    first = first.operand if isinstance(first, Transposed) else first
    head = taken_apart(first.head) if isinstance(first, Called) else None
    if head is None:
        return True
    known = lexicon.function_of(*head)
    return head[0].font == "bold" if known is None else bool(known[0].codomain.axes)


def at_argument(s: Nabla, defined: Collection[str]) -> bool:
    r"""Whether \nabla_x f(Az) is ∇f at Az: x is the letter of the argument of f, and nothing in Az can depend on it."""
    match s:
        case Nabla(_, Called(_, _, (arg,)), Letter(_, stem)):
            label = taken_apart(arg)
            if label is not None:
                # beside a bare x, one of several x^{(i)} has a wide letter of its own
                return normalize("NFKC", label[0].stem) == stem and bool(label[1])
            return all(part.stem != stem and part.stem not in defined for part in walk(arg) if isinstance(part, Letter))
        case _:
            return False


def written_derivative(s: Surface, name: str, lexicon: Lexicon) -> tuple[Surface, int]:
    """What a question differentiates by this variable itself, and how often; the question as it is, and 0, if it does not."""
    inner = s
    while isinstance(inner, Group):
        inner = inner.inner
    letter = _named(inner.body, lexicon) if isinstance(inner, Derivative | Nabla) and inner.body is not None else None
    if isinstance(inner, Derivative) and letter in lexicon.declarations.functions:
        letter = None
    if letter not in (None, name, *lexicon.declarations.defined, *lexicon.declarations.depends):
        return s, 0  # nothing says how that letter depends on the variable
    match inner:
        case Derivative(_, body, by) if body is not None and len(by) <= 2:
            if all(not isinstance(v, Literal) and _named(v, lexicon) == name for v in by):
                return _called(body, by[0], lexicon), len(by)
        case Nabla(_, Called(_, _, (arg,)) as body, None, order) if _named(arg, lexicon) == name:
            return body, order
        case Nabla(_, body, by_one, order) if body is not None and by_one is not None:
            if _named(by_one, lexicon) == name and (tightly(inner) is None or reaches_far(inner, lexicon)):
                return body, order
    return s, 0


def _called(s: Surface, by: Surface, lexicon: Lexicon) -> Surface:
    """A declared function that stands bare is of what it is differentiated by."""
    known = lexicon.function_of(s)
    if known is None or known[0].name in lexicon.declarations.depends or len(known[0].domain) != 1:
        return s
    return Called(s.span, s, (of_row(by) or by,))


def of_row(s: Surface) -> Surface | None:
    r"""What is transposed in a variable that is written as a row, x^\top or x^T."""
    match s:
        case Transposed(_, column) | Raised(_, column, Letter(_, "T"), ""):
            return column
        case _:
            return None


def _named(s: Surface, lexicon: Lexicon) -> str | None:
    s = of_row(s) or s
    head = taken_apart(s)
    return None if head is None else lexicon.find(spelling(head[0].stem, head[1])) or plain_name(s)


def loosely(s: Product) -> Surface | None:
    """A x ⊗ y with ⊗ binding less than juxtaposition: (A x) ⊗ y."""
    for k, factor in enumerate(s.factors):
        if isinstance(factor, Infix) and factor.operator in ("⊗", "⊘", "∘"):
            before, behind = (*s.factors[:k], factor.left), (factor.right, *s.factors[k + 1 :])
            left = Product(before[0].span | factor.left.span, before, s.signs[:k]) if k else factor.left
            right = Product(factor.right.span | behind[-1].span, behind, s.signs[k:]) if behind[1:] else factor.right
            return Infix(s.span, factor.operator, left, right)
    return None
