"""Boxes on one line of Unicode, with small letters for scripts where there are such."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from derivgen.show.layout.box import (
    Apply,
    Big,
    Box,
    Changed,
    Fence,
    Frac,
    Grid,
    LargeZero,
    Letter,
    Name,
    Num,
    Root,
    Row,
    Script,
    Sign,
    Space,
    Text,
    Value,
    leading,
    remembered,
    trailing,
)

_SUB = dict(zip("0123456789+−=()aehijklmnoprstuvxβγρφχ", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ", strict=True))
_SUP = dict(zip("0123456789+−=()abcdefghijklmnoprstuvwxyz×ABDEGHIJKLMNOPRTUVW′",
                "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻˣᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂ′", strict=True))  # fmt: skip

_BOLD = {"0": "𝟎", "1": "𝟏"}
"""The vectors of zeros and of ones, which look like numbers otherwise; letters are told apart by what is declared."""


@remembered
def linear(box: Box) -> str:
    """A box on one line; a matrix as [a, b; c, d]."""
    match box:
        case Num(digits):
            return digits
        case Letter(text, "bold") if text in _BOLD:
            return _BOLD[text]
        case Letter(text) | Text(text) | Name(text):
            return text
        case Sign(char):
            return char
        case Space(wide):
            return "   " if wide else " "
        case Row(parts):
            return _row(parts)
        case Apply(head, args):
            return linear(head) + "(" + ", ".join([linear(a) for a in args]) + ")"
        case Frac(over, under):
            if _is_derivative(box):
                return linear(over) + "/" + linear(under).replace(" ", "")
            tight = _tight(over) and _tight(under)
            return _operand(over, whole=True) + ("/" if tight else " / ") + _operand(under)
        case Script():
            return _script(box)
        case Root(body):
            inside = linear(body)
            return "√" + (inside if _is_atom(body) else f"({inside})")
        case Fence(body, left, right):
            return left + linear(body) + right
        case Big(below, above, sign):
            return sign + _limits(below, above)
        case Value(body, at):
            return f"({linear(body)} at {linear(at)})"
        case Changed(body):
            return linear(body)
        case LargeZero():
            return "0"
        case Grid(rows, "matrix"):  # what is empty in a picture is zero
            return "[" + "; ".join(", ".join("0" if c is None else linear(c) for c in cells) for cells in rows) + "]"
        case Grid(rows):
            return "{" + "; ".join(" if ".join("" if c is None else linear(c) for c in cells) for cells in rows) + "}"


def _row(parts: tuple[Box, ...]) -> str:
    out = ""
    parts = spread(parts)
    for k, part in enumerate(parts):
        piece = linear(part)
        out += gap(parts[k - 1] if k else None, part) + (f"({piece})" if needs_fence(parts, k) else piece)
    return out


def spread(parts: tuple[Box, ...]) -> tuple[Box, ...]:
    """A row without the thin spaces beside derivatives, which a dot sets apart here."""
    last = len(parts) - 1
    return tuple(
        part
        for k, part in enumerate(parts)
        if not (isinstance(part, Space) and 0 < k < last and _is_whole_derivative(trailing(parts[k - 1])))
    )


def needs_fence(parts: tuple[Box, ...], k: int) -> bool:
    """Whether a fraction needs parentheses in its row: 2/N Σ… would be read as 2/(N Σ…)."""
    box = parts[k]
    if not isinstance(box, Frac) or _is_derivative(box):
        return False
    return k + 1 < len(parts) and not isinstance(parts[k + 1], Sign)


def gap(left: Box | None, right: Box) -> str:
    """The space between two boxes of a row."""
    left, right = left.body if isinstance(left, Changed) else left, right.body if isinstance(right, Changed) else right
    if left is None or isinstance(left, Space) or isinstance(right, Space | Text):
        return ""
    if isinstance(left, Sign) and not (left.role == "ordinary" and isinstance(right, Sign)):
        return " " if left.role in ("infix", "punctuation") else ""
    if isinstance(right, Sign):
        return " " if right.role in ("infix", "prefix") else ""
    last, first = trailing(left), leading(right)
    named = last.base if isinstance(last, Script) else last
    if (isinstance(named, Name) and isinstance(first, Fence)) or (isinstance(left, Text) and left.text.endswith(" ")):
        return ""
    if _is_sum(left) or isinstance(last, Name) or _is_sum(right if isinstance(right, Script) else first):
        return " "
    if _is_whole_derivative(last) or _is_whole_derivative(first):
        return " " if isinstance(last, Frac) and not _is_whole_derivative(last) else " · "
    if isinstance(first, Grid | Frac) or isinstance(last, Grid | Frac):
        return " "
    while isinstance(right, Row):  # c exp(u)ᵀX begins with a word
        right = right.parts[0]
    if isinstance(left, Num) and not isinstance(right, Num):
        return " " if _is_word(right) else ""
    apart = isinstance(left, Apply | Fence | Script) and isinstance(right, Apply)
    return " " if apart or _is_word(left) or _is_word(right) else ""


def _is_sum(box: Box) -> bool:
    signs = (Sign("∑", "prefix"), Sign("∏", "prefix"))
    return isinstance(box, Big) or box in signs or (isinstance(box, Script) and box.base in signs)


def _is_word(box: Box) -> bool:
    match box:
        case Letter(text) | Name(text) | Text(text):
            return len(text) > 1
        case Apply(head):
            return True if isinstance(head, Name) else _is_word(head)
        case Script(base):
            return _is_word(base)
        case _:
            return False


def _is_derivative(box: Frac) -> bool:
    return all(isinstance(b, Sign) and b.char == "∂" for b in (leading(box.over), leading(box.under)))


def _is_whole_derivative(box: Box) -> bool:
    """Whether a box is ∂y/∂w with the y in it, not the operator ∂/∂w."""
    return isinstance(box, Frac) and isinstance(box.over, Row) and _is_derivative(box)


def _tight(box: Box) -> bool:
    text = linear(box)
    return " " not in text and len(text) <= 5


def _is_atom(box: Box) -> bool:
    return isinstance(box, Num | Letter | Script | Apply | Fence | Root)


def _operand(box: Box, *, whole: bool = False) -> str:
    """A part of a fraction, in parentheses unless it cannot be misread; ``whole`` lets a product stand as it is."""
    text = linear(box)
    if _is_atom(box) or (text.startswith("∂") and _is_plain_product(box)) or (whole and _is_plain_product(box)):
        return text
    return f"({text})"


def _is_plain_product(box: Box) -> bool:
    """Whether a box is a row of factors that cannot reach beyond it: no sum, no Σ, no derivative operator."""
    match box:
        case Row(parts):
            return all(_is_plain_product(p) for p in parts)
        case Sign(char):
            return char in "∂·"
        case Frac():
            return _is_whole_derivative(box)
        case _ if _is_sum(box) or isinstance(box, Grid | Value):
            return False
        case _:
            return True


def _script(box: Script) -> str:
    base = linear(box.base)
    if isinstance(box.base, Name) and isinstance(box.sub, Letter) and box.sub.font == "upright" and box.sup is None:
        return f"{base}_{box.sub.text}"  # softmax_rows
    if isinstance(box.base, Row | Frac | Root):
        base = f"({base})"
    own, sub = _own_subscript(box.sub)
    if own is not None:  # (W₁)ᵢⱼ
        base = f"({base}{linear_script(own, '_')})"
    low = linear_script(sub, "_") if sub is not None else ""
    high = linear_script(box.sup, "^") if box.sup is not None else ""
    return base + low + high


def _own_subscript(sub: Box | None) -> tuple[Box | None, Box | None]:
    """The subscript that belongs to a name, and the places behind it: of W_{1,ij} 1 and ij; None where there are not both.

    Places of one sign each have no comma between them, so what stands before one is no place, unless it has several digits.
    """
    match sub:
        case Row((Num() | Letter() as own, Sign(","), *places)) if all(
            isinstance(p, Letter) and len(p.text) == 1 and p.text.islower() for p in _flat(places)
        ):
            return (None, sub) if isinstance(own, Num) and len(own.digits) > 1 else (own, Row(tuple(places)))
        case _:
            return None, sub


def _flat(parts: Sequence[Box]) -> Iterator[Box]:
    for part in parts:
        if isinstance(part, Row):
            yield from _flat(part.parts)
        else:
            yield part


def linear_script(box: Box, mark: str) -> str:
    """A subscript or superscript in small characters where there are any, else after ``mark``."""
    return small(linear(box).replace(" ", ""), mark)


def small(text: str, mark: str) -> str:
    """A script (``mark`` _ or ^) in small letters where Unicode has them all, else after the mark."""
    letters = _SUB if mark == "_" else _SUP
    if text and all(ch in letters or (mark == "_" and ch == ",") for ch in text) and text[-1] != ",":
        return "".join(letters.get(ch, ch) for ch in text)
    if mark == "_" and "," in text:
        return f"[{text}]"  # X[i,:], as it is typed
    return mark + (text if len(text) == 1 else f"{{{text}}}" if mark == "_" else f"({text})")


def _limits(below: Box, above: Box) -> str:
    return linear_script(below, "_") + linear_script(above, "^")
