"""What stands below and above, and what it makes of that on which it stands."""

from __future__ import annotations

from fractions import Fraction

from derivgen.errors import ParseError, Span
from derivgen.read.latex.cursor import Cursor, letter
from derivgen.read.latex.names import sub_text, taken_apart
from derivgen.read.latex.tape import Token
from derivgen.read.surface import (
    Fenced,
    Group,
    Held,
    Infix,
    Letter,
    Literal,
    Negated,
    Primed,
    Product,
    Quotient,
    Raised,
    Scripted,
    Surface,
    Transposed,
)


def _no_pseudo_inverse(p: Cursor, span: Span, base: str) -> ParseError:
    t = rf"{base}^{{\mathsf T}}"
    hint = rf"of a matrix of full column rank it is ({t}{base})^{{-1}}{t}; the positive part is \max(0, {base})"
    return p.fail("the pseudo-inverse is not read", span, hint)


def subscript(p: Cursor) -> tuple[Surface, ...]:
    """What stands below: items with commas between them; : is a whole axis."""
    script = p.step()
    if p.here.kind != "open":
        return (_one_token(p, script),)
    opened = p.step()
    if p.here.kind == "close":
        raise p.fail("nothing stands in this subscript", Span(script.start, p.here.end))
    found: list[Surface] = []
    p.fences.append("{")
    while True:
        if p.is_mark(":"):
            found.append(letter(p.step()))
        elif p.here.value in _NAMED and p.next.kind == "close" and (p.document or p.here.value in "*∘"):
            found.append(_named(p))
        elif p.here.kind == "opening" and p.here.value == "{":  # \mathbf 1_{\{x > 0\}}
            p.at += 1
            found += p.items()
            p.expect("closing", r"\}")
        else:
            found.append(_step(p.expression()) if p.document else p.expression())
        if p.is_mark(","):
            p.at += 1
        elif not p.is_mark(":") and (p.here.kind == "close" or not _is_axis(found[-1])):  # X_{:1}, X_{1:}
            break
    p.fences.pop()
    if p.here.kind == "end":
        raise p.fail("this { is never closed", opened, "write } where it ends")
    if p.step().kind != "close":
        p.at -= 1
        raise p.left_over()
    return tuple(found)


def _step(s: Surface) -> Surface:
    """A step of time in parentheses below a letter is that step: h_{(t-1)}."""
    match s:
        case Group(_, Letter(_, "t" | "k") | Infix(_, "+" | "-", Letter(_, "t" | "k"), Literal()) as step, "("):
            return step
        case _:
            return s


def _is_axis(s: Surface) -> bool:
    return isinstance(s, Letter) and s.stem == ":"


def superscript(p: Cursor, base: str = "A") -> tuple[Surface, str]:
    """What stands above ``base``, and ⊗ where a sign before it says that a power is taken entry by entry."""
    script = p.step()
    if p.here.kind != "open":
        return _one_token(p, script, base), ""
    p.at += 1
    if p.document and p.is_script("^"):  # x^{^{2}}, a power set too small
        found = superscript(p, base)
        p.expect("close", "}")
        return found
    if p.here.kind == "close":
        raise p.fail("nothing stands in this superscript", Span(script.start, p.here.end))
    sign = "⊗" if p.here.kind == "sign" and p.here.value in "⊗∘" else ""
    p.at += bool(sign)
    if p.here.kind == "prime":
        first = p.here
        while p.here.kind == "prime":
            p.at += 1
        count = p.since(first).end - first.start
        exponent: Surface = Product(p.since(first), (Letter(first.span, "′", "upright"),) * count, ("",) * (count - 1))
    elif (p.here.kind == "sign" and p.here.value == "*") or (
        p.here.kind == "mark" and p.here.value in "+-" and p.next.kind == "close" and _is_before_or_after(p)
    ):
        exponent = _named(p)
    elif p.here.value == "+" and p.next.kind == "close":
        raise _no_pseudo_inverse(p, Span(script.start, p.here.end), base)
    else:
        p.fences.append("{")
        exponent = p.expression()
        p.fences.pop()
        if p.here.kind == "command" and p.here.value in p.known.transposes:  # x^{(i)\top}
            turned = Letter(p.step().span, "T", "upright")
            exponent = Product(exponent.span | turned.span, (exponent, turned), ("",))
    p.expect("close", "}")
    return exponent, sign


_NAMED = {"*": ("star", "upright"), "∘": ("∘", ""), "-": ("minus", "upright"), "+": ("plus", "upright")}
"""Signs that are names where they stand alone: x^* is a name, \\exp_{\\circ} is taken entry by entry, and in a document x^-
is what is known of x before a measurement."""


def _named(p: Cursor) -> Letter:
    token = p.step()
    return Letter(token.span, *_NAMED[token.value])


def _is_before_or_after(p: Cursor) -> bool:
    """Whether a sign alone above a letter is a label: − is, + where the document has such a −, which no inverse is."""
    return p.document and (p.here.value == "-" or "-" in p.labelled)


def _one_token(p: Cursor, script: Token, base: str = "A") -> Surface:
    """A script without braces: TeX takes one token."""
    token, after, above = p.here, p.next if p.here.kind != "end" else p.here, script.value == "^"
    match token.kind, token.value:
        case "digit", digit:
            if after.kind == "digit" and not after.spaced and after.start == token.end:
                raise p.fail(f"without braces only the {digit} is meant by this {script.value}",
                             Span(script.start, after.end), f"write {script.value}{{{digit}{after.value}}}")  # fmt: skip
            return Literal(p.step().span, Fraction(digit))
        case "mark", ":":
            return letter(p.step())
        case "sign", "*":
            return _named(p)
        case "sign", "∘" if not above:
            return _named(p)
        case "mark", "+" | "-" if _is_before_or_after(p) if above else p.document:
            return _named(p)
        case "mark", "+" if above:
            raise _no_pseudo_inverse(p, Span(script.start, token.end), base)
        case "mark", "+" | "-":
            raise p.fail(f"{script.value}{token.value} is not read", Span(script.start, token.end),
                         f"write {script.value}{{{token.value}…}}")  # fmt: skip
        case "letter" | "command", _:
            return p.argument(token)
        case _:
            raise p.fail(f"nothing stands after this {script.value}", script)


# --- on what they stand ---


def lowered(p: Cursor, base: Surface, start: Surface, *, power: bool) -> Surface:
    """``base`` with what stands below it; ``power`` says that it is a power already, of which x²ᵢ is the square of xᵢ."""
    p.below += 1
    subs = subscript(p)
    p.below -= 1
    if p.document and taken_apart(base) is not None and any(map(_is_label, subs)):  # x_{k,pred} is the k-th x_{pred}
        subs = tuple(sorted(subs, key=lambda s: not _is_label(s)))
    match base, subs:
        case Letter(_, "0" | "1"), (Product(_, (rows, Literal(_, columns)), ("×",)),) if columns == 1:
            subs = (rows,)
        case Letter(_, stem), (Product(_, (_, _), ("×",)),) if stem not in ("I", "0", "1", "K", "e"):
            return base  # X_{n\times p}: the sizes are read with the declarations
        case Group(_, _, "[" | "(") | Fenced(_, "["), (Product(_, (_, _), ("×",)),):
            return base
        case Fenced(_, "⟨"), (Letter(_, "F" | "Fro" | "HS" | "E"),):
            return base  # \langle A, B\rangle_F
        case Fenced(_, "⟨"), (Letter(), *_):  # \langle x, y\rangle_A
            said, hint = "an inner product by a matrix is not read", r"write it out: x^{\mathsf T} A y"
            if not p.holds:
                raise p.fail(said, p.since(start), hint)
            return Held(p.since(start), "inner", (base, *subs), said, hint)
        case _, (Scripted(_, Letter(_, label), places),) if p.holds and taken_apart(base) is not None:
            span = p.since(start)
            word = Letter(subs[0].span, label, "upright")
            member = Scripted(span, Scripted(span, base, (word,)), places)  # \mu_{y_i}, one for each i
            said = f"{p.source[span.start : span.end]} is no name that is declared"
            return Held(span, "member", (member,), said, like="body")
        case Raised(_, inner, exponent, sign), _ if power and not isinstance(exponent, Negated):
            return Raised(p.since(start), Scripted(base.span, inner, subs), exponent, sign)
    return Scripted(p.since(start), base, subs)


def raised(p: Cursor, base: Surface, start: Surface) -> Surface:
    """``base`` with what stands above it: a power, a transpose, primes, or a label."""
    exponent, sign = superscript(p, p.source[base.span.start : base.span.end])
    return _raised(p, base, exponent, sign, p.since(start))


def _raised(p: Cursor, base: Surface, exponent: Surface, sign: str, span: Span) -> Surface:
    named = taken_apart(base) is not None
    match exponent:
        case Letter(_, "T", font) if font and not sign:
            return Transposed(span, base)
        case Letter(_, "′"):
            return Primed(span, base, 1)
        case Product(_, factors) if all(isinstance(f, Letter) and f.stem == "′" for f in factors):
            return Primed(span, base, len(factors))
        case Negated(_, Letter(_, "T")) if not sign:
            return Transposed(span, Raised(span, base, Negated(exponent.span, Literal(exponent.span, Fraction(1)))))
        case Group(_, Literal(_, order), "(") if order.denominator == 1 and 0 < order < 1000 and p.here.value == "(":
            return Primed(span, base, int(order))  # f^{(4)}(x)
        case Group(_, Letter(_, stem), "(") if named and f"({stem})" in p.labelled:
            return _labelled(span, base, Letter(exponent.span, f"label{stem}", "upright"))
        case Literal(_, n) if p.document and n in (0, 1) and _is_vector(base):  # \mathbf x^0 is where one begins
            return _labelled(span, base, Letter(exponent.span, f"step{n}", "upright"))
        case Letter(_, "k" | "t") | Infix(_, "+" | "-", Letter(_, "k" | "t"), Literal()) if p.document and _is_vector(
            base
        ):
            return _labelled(span, base, exponent)
        case Letter(_, stem, "upright" | "words") if named and p.document and len(stem) > 1 and stem.isalpha():
            return _labelled(span, base, Letter(exponent.span, stem, "upright"))  # x^{\text{new}}
        case Letter(_, stem) if named and stem in p.labelled:
            return _labelled(span, base, Letter(exponent.span, stem, "upright"))
        case Product(_, factors, signs) if named and not any(signs) and (word := _capitals(p, base, factors)):
            return _labelled(span, base, Letter(exponent.span, word, "upright"))  # \theta^{ML}
        case Group(_, Infix(_, "+" | "-" as way, Letter(_, stem), half), "(") if (
            named and p.document and (part := _fraction(half))
        ):
            word = f"{stem}{'plus' if way == '+' else 'minus'}{part}"
            return _labelled(span, base, Letter(exponent.span, word, "upright"))  # w^{(t+1/2)}
        case Letter(_, stem, "") if named and f"({stem})" in p.labelled:  # u^a beside u^{(a)}
            return _labelled(span, base, Letter(exponent.span, f"label{stem}", "upright"))
        case Group(_, Literal() | Letter() | Infix(_, "+" | "-") as item, "(" | "[") if (
            named and sub_text(item) is not None
        ):
            return _labelled(span, base, item)  # x^{(i)} is the i-th of several, W^{[l-1]} that of a layer
        case Product(_, (Group() as label, Letter(_, "T")), ("",)) if named:  # x^{(i)\top}
            return Transposed(span, _raised(p, base, label, sign, span))
        case Letter(_, "l") | Infix(_, "+" | "-", Letter(_, "l"), Literal()) if (
            named and not p.lexicon.knows("l") and sub_text(exponent) is not None
        ):
            return Scripted(span, base, (exponent,))  # a^{l-1} of the layer before
        case Letter(_, "minus" | "plus", "upright") if named:
            return _labelled(span, base, exponent)
        case Letter(_, "minus" | "plus", "upright"):
            raise p.fail("a sign alone above an expression is not read", span)
        case Letter(_, "star"):
            if not named or first_letter(base).isupper():
                raise p.fail("^* is not read: numbers here are real", span, r"the transpose is written ^{\mathsf T}")
            return Scripted(span, base, (exponent,))
        case _:
            return Raised(span, base, exponent, sign)


def _capitals(p: Cursor, base: Surface, factors: tuple[Surface, ...]) -> str:
    """Three capitals or more above a letter of a document, which spell a word; two do above one with a hat or the like."""
    stems = [f.stem for f in factors if isinstance(f, Letter) and not f.font and len(f.stem) == 1]
    apart = len(stems) < len(factors) or any(map(p.lexicon.knows, stems)) or any(map(p.lexicon.is_length, stems))
    word = "".join(stems)
    dressed = any(map(_is_label, (taken_apart(base) or (base, ()))[1]))
    spelled = word.isupper() and len(word) > (1 if dressed else 2) and set(word) != {"T"}
    return word if p.document and spelled and not apart and first_letter(base) != "e" else ""


def _fraction(s: Surface) -> str:
    """A fraction of two whole numbers as part of a name; "" where it is none."""
    match s:
        case Product(_, (Literal(_, over), Literal(_, under)), ("/",)) | Quotient(
            _, Literal(_, over), Literal(_, under)
        ):
            return f"{over}over{under}"
        case _:
            return ""


def _is_vector(base: Surface) -> bool:
    """Whether it is a small letter in bold, which has no powers."""
    head = taken_apart(base)
    return head is not None and head[0].font == "bold" and head[0].stem.islower()


def _labelled(span: Span, base: Surface, label: Surface) -> Scripted:
    """The label of a member before the places below it: x_k^{(i)} is entry k of the i-th, as x^{(i)}_k is."""
    head, subs = taken_apart(base) or (base, ())
    names = len(subs)
    for k, sub in enumerate(subs):
        if not (isinstance(sub, Letter) and sub.font == "upright" and len(sub.stem) > 1):
            names = k
            break
    return Scripted(span, head, (*subs[:names], label, *subs[names:]))


def _is_label(s: Surface) -> bool:
    """Whether what stands below is a word, which is part of a name."""
    return isinstance(s, Letter) and s.font == "upright" and len(s.stem) > 1


def first_letter(s: Surface) -> str:
    """The first letter of a name; "" where it is none."""
    head = taken_apart(s)
    return head[0].stem[:1] if head is not None else ""


def second(p: Cursor, below: bool) -> ParseError:
    """The error for a second script of one kind."""
    return p.fail(f"a second {'sub' if below else 'super'}script on one letter", p.here, "braces say which belongs to which: "
                  + ("{x_1}_i or x_{1,i}" if below else "{x^2}^2"))  # fmt: skip
