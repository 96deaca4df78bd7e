"""Fractions, derivatives, roots, and the signs that run over an index."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from itertools import takewhile

from derivgen.errors import ParseError, Span
from derivgen.expr.notation import BIG
from derivgen.read.latex import commands as words
from derivgen.read.latex.cursor import Cursor
from derivgen.read.latex.fences import arguments
from derivgen.read.latex.limits import Limits, limits
from derivgen.read.latex.names import FUNCTION_LETTERS, taken_apart
from derivgen.read.latex.reach import reached
from derivgen.read.latex.scripts import subscript, superscript
from derivgen.read.latex.tape import Token
from derivgen.read.latex.unlimited import bare, over_set, silent_index
from derivgen.read.surface import (
    Apply,
    Branches,
    Called,
    Chain,
    Derivative,
    Differential,
    Held,
    Letter,
    Literal,
    Multiplied,
    Nabla,
    Primed,
    Product,
    Quotient,
    Raised,
    Root,
    Scripted,
    Sequence,
    Summed,
    Surface,
    Tabulated,
    Transposed,
)

# --- fractions and roots ---


def _fraction(p: Cursor, token: Token) -> Surface:
    below = p.after_group(p.at)
    if _differential(p, p.at) and (_differential(p, below, under=True) or _scaled(p, below)):
        return _derivative(p, token)
    over, under = p.argument(token), p.argument(token)
    return Quotient(p.since(token), over, under)


def _root(p: Cursor, token: Token) -> Surface:
    degree = arguments(p)[0] if p.here.kind == "opening" and p.here.value == "[" else None
    body = p.argument(token)
    return Root(p.since(token), body, degree)


# --- derivatives ---


def _differential(p: Cursor, at: int, *, under: bool = False) -> bool:
    """Whether an argument of a fraction begins with ∂, or with a d that is no variable."""
    if p.tokens[at].kind != "open":
        return False
    token, after = p.tokens[at + 1 : at + 3]
    if token.kind == "command" and token.value == "partial":
        return not (after.kind == "script" and after.value == "_")
    return (
        token.kind == "letter"
        and token.value in ("d", "δ")
        and token.font in ("", "upright")
        and after.kind in p.lexicon.behind_differential(token.value, under=under)
        and after.value != "_"
    )


def _scaled(p: Cursor, at: int) -> bool:
    r"""Whether a number stands before the ∂ below the line: \frac{\partial y}{m \cdot \partial x}."""
    if p.tokens[at].kind != "open" or p.tokens[p.at + 1].value != "partial":
        return False
    inside = p.tokens[at + 1 : p.after_group(at) - 1]
    before = list(takewhile(lambda t: t.value != "partial", inside))
    return len(before) < len(inside) and all(t.kind in ("letter", "digit") or t.value == "·" for t in before)


def _derivative(p: Cursor, token: Token) -> Surface:
    r"""\frac{\partial y}{\partial x}, and \frac{\partial}{\partial x} before what it is of."""
    p.at += 2
    if p.is_script("^"):
        superscript(p)
    body = None if p.here.kind == "close" else p.expression(BIG)
    p.expect("close", "}")
    p.expect("open", "{")
    by: list[Surface] = []
    scale: list[Surface] = []
    while p.here.kind != "close":
        if not by and p.here.kind in ("letter", "digit") and p.here.value not in "dδ":
            scale.append(p.operand())
            p.at += p.here.value == "·"
            continue
        sign = p.step()
        if not (sign.value == "partial" or (sign.kind == "letter" and sign.value in "dδ")):
            raise p.fail("a derivative is by ∂ of a variable", sign, r"\frac{\partial y}{\partial x}")
        if p.here.kind == "close":
            raise p.fail("the variable is missing here", sign)
        by += _variables(p, p.operand(), by)
    if not by:
        raise p.fail("the variable is missing here", p.here)
    p.expect("close", "}")
    p.at += body is None and p.here.value == "·"  # the sign of a derivative alone is no factor
    if body is None and p.starts_operand():
        body = p.expression(BIG)
    found: Surface = Derivative(p.since(token), body, tuple(by))
    for factor in scale:
        found = Quotient(found.span, found, factor)
    return found


def _variables(p: Cursor, s: Surface, before: list[Surface]) -> tuple[Surface, ...]:
    r"""What is differentiated by: \partial x^2 is by x twice, and x' behind x is its transpose."""
    match s:
        case Raised(_, base, Literal(_, value)) if value in (2, 3, 4):
            return (base,) * int(value)
        case Primed(span, base, 1) if before and _spelled(p, base) == _spelled(p, before[-1]):
            return (Transposed(span, base),)
        case _:
            return (s,)


def _spelled(p: Cursor, s: Surface) -> str:
    return p.source[s.span.start : s.span.end].strip()


def _partial_sign(p: Cursor, token: Token) -> Surface:
    r"""\partial_1 f(x, y), the derivative by the first argument, and \partial_x f."""
    if not p.is_script("_"):
        if _is_slashed(p, token, p.at):
            return _slashed(p, token)
        if p.is_script("^"):
            superscript(p)
        found = _leibniz(p, token) if p.starts_operand() else None
        if found is None:
            raise p.fail("∂ stands alone here", token, r"a derivative is written \frac{\partial …}{\partial x}")
        return found
    by = _below(p)
    if not all(isinstance(b, Literal) for b in by):
        body = p.expression(BIG)
        return Derivative(p.since(token), body, by)
    return _under(p.operand(), by, p.since(token))


def _under(body: Surface, by: tuple[Surface, ...], span: Span) -> Surface:
    """The derivative of a function by the number of an argument; scripts behind the arguments are on its value."""
    match body:
        case Transposed(_, inner):
            return Transposed(span, _under(inner, by, span))
        case Raised(_, inner, exponent, sign):
            return Raised(span, _under(inner, by, span), exponent, sign)
        case Scripted(_, Called() | Derivative() as inner, subs):
            return Scripted(span, _under(inner, by, span), subs)
        case _:
            return Derivative(span, body, by)


def _is_slashed(p: Cursor, sign: Token, at: int) -> bool:
    """Whether d/dx or ∂/∂x stands here, with the first sign before ``at``."""
    slash, other, after = p.tokens[at : at + 3] if len(p.tokens) > at + 3 else (sign,) * 3
    touches = after.start == other.end or other.kind == "command"
    return slash.value == "/" and other.value == sign.value and touches and after.kind in ("letter", "command", "open")


def _slashed(p: Cursor, token: Token) -> Surface:
    """The derivative of what stands behind d/dx, of which the first sign has been passed."""
    p.at += 2
    by = p.operand()
    body = p.expression(BIG) if p.starts_operand() else None
    return Derivative(p.since(token), body, (by,))


def _leibniz(p: Cursor, token: Token) -> Surface | None:
    r"""dy/dx and \partial J/\partial W on the line, behind the first sign; None where no quotient of two stands here."""
    body = p.operand()
    slash, sign, after = p.tokens[p.at : p.at + 3] if len(p.tokens) > p.at + 3 else (token,) * 3
    if slash.value != "/" or sign.value != token.value or after.kind not in ("letter", "command", "open"):
        return None
    p.at += 1
    by: list[Surface] = []
    while p.here.value == token.value and p.next.kind in ("letter", "command", "open"):
        p.at += 1
        by += _variables(p, p.operand(), by)
    return Derivative(p.since(token), body, tuple(by))


def quotient_of_letters(p: Cursor, token: Token) -> Surface | None:
    r"""dy/dx and D_x f(x), where d and D are no letters of the reader's; a differential that stands alone is refused."""
    known = p.lexicon.knows(token.value) and not (p.differentials and token.font == "upright")
    if token.value not in ("d", "D") or token.font == "bold" or p.below or known:
        return None
    if token.value == "d" and _is_slashed(p, token, p.at + 1):
        p.at += 1
        return _slashed(p, token)
    if token.value == "d":
        after = p.next
        touches = after.start == token.end or token.font == "upright"
        touches |= p.differentials and (after.kind in ("command", "bar") or after.font in ("bold", "operator"))
        kinds = ("letter", "opening", "left", "command", "bar", "open") if p.differentials else ("letter",)
        if token.font not in ("", "upright") or after.kind not in kinds or not touches:
            return None
        if after.kind == "opening" and any(t.kind == "mark" and t.value == "," for t in p.inside(p.at + 1)):
            return None  # a function of several arguments
        if after.kind == "bar" and p.fences[-1:] == ["|"]:
            return None
        p.at += 1
        start = p.at
        found = _leibniz(p, token)
        if found is None and p.differentials:
            p.at = start
            body = p.operand()
            return Differential(p.since(token), body)
        if found is None:
            raise p.fail("differentials are not read", p.since(token),
                         r"write the derivative, \frac{\partial y}{\partial x}; if d is a variable, declare it: d in R")  # fmt: skip
        return found
    if (
        p.holds
        and p.next.kind == "letter"
        and p.next.value in FUNCTION_LETTERS
        and p.tokens[p.behind_scripts(p.at + 2)].value == "("
    ):
        p.at += 1  # D f(x) in a document, where D stands before nothing else
        value = p.operand()
        return replace(value, head=Primed(token.span, value.head, 1)) if isinstance(value, Called) else value
    if p.next.value != "_" or p.tokens[p.at + 2].kind == "digit":
        return None
    at = p.after_group(p.at + 2)
    if len(p.tokens) < at + 2 or p.tokens[at].kind != "letter" or p.tokens[at + 1].value != "(":
        return None
    p.at += 1
    by = _below(p)
    body = p.operand()
    return Derivative(p.since(token), body, by)


def _nabla(p: Cursor, token: Token) -> Surface:
    by: Surface | None = None
    order = 1
    while p.here.kind == "script":
        if p.is_script("_"):
            found = _below(p)
            by = found[0] if len(found) == 1 else Sequence(p.since(token), found)
        else:
            exponent, _ = superscript(p)
            if exponent != Literal(exponent.span, Fraction(2)):
                raise p.fail("∇ is read with no power but 2", p.since(token))
            order = 2
    body: Surface | None = None
    if by is not None and (p.starts_operand() or p.here.value == "-"):
        body = p.expression(BIG)
    elif p.starts_operand():
        body = p.operand()
    return Nabla(p.since(token), body if body is None else _transposed(p, body), by, order)


def _transposed(p: Cursor, s: Surface) -> Surface:
    """f(x)^T v behind ∇, with its T as the transpose that ⊤ is."""
    match s:
        case Raised(span, Called() as value, Letter(_, "T"), "") if not p.lexicon.knows("T"):
            return Transposed(span, value)
        case Product(span, (first, *rest), signs):
            return Product(span, (_transposed(p, first), *rest), signs)
        case _:
            return s


# --- sums ---


def _over_index(p: Cursor, token: Token) -> Surface:
    """Σ or Π with its limits, and all up to the next + or −."""
    below: tuple[Surface, ...] = ()
    above: Surface | None = None
    while p.here.kind == "script":
        if p.is_script("_"):
            below = _below(p)
        else:
            above, _ = superscript(p)
    named = p.shown(token)
    silent = p.document and token.value == "sum" and not any(map(bare, below)) and silent_index(p, token)
    if silent:
        one = [Chain(b.span, (silent, b), ("=",)) for b in below]
        below = tuple(one) or (silent,)
    if not below:
        raise p.fail(f"{named} wants an index", token, f"{named}_{{i=1}}^{{n}}")
    over = over_set(p, token, below) if p.holds else None
    if over is not None:
        return over
    found = _limits(p, below, above, named)
    around = p.running
    p.running = around | {binder.name for binder in found.binders}
    body = p.expression(BIG)
    p.running = around
    found = found.standing(body)
    if token.value == "sum":
        whole = reached(p, token, frozenset(b.name for b in found.binders), body)
        return Summed(p.since(token), found.binders, found.held(whole), whole is not body, bool(silent))
    span = p.since(token)
    if found.conditions:
        counts = Sequence(span, found.conditions)
        body = Branches(span, ((body, counts), (Literal(span, Fraction(1)), None)))
    for binder in reversed(found.binders):
        body = Multiplied(span, binder, body)
    return body


def _below(p: Cursor) -> tuple[Surface, ...]:
    p.below += 1
    found = subscript(p)
    p.below -= 1
    return found


def _limits(p: Cursor, below: tuple[Surface, ...], above: Surface | None, named: str) -> Limits:
    try:
        return limits(below, above, p.running, f"{named}_{{i=1}}^{{n}}")
    except ParseError as error:
        error.source = p.source
        raise


def with_subscript(
    p: Cursor, token: Token, name: str, below: tuple[Surface, ...], args: tuple[Surface, ...]
) -> Surface:
    r"""\max_i x_i is the largest of all; \log_2 is by its base."""
    span = p.since(token)
    if name in words.EXTREMES and len(args) == 1:
        body = args[0]
        runs = " and ".join(p.source[s.span.start : s.span.end] for s in bound_by(below))
        over = f"the {name}imum over all {runs} is not read: extrema over a set have no entries"
        try:
            found = _limits(p, below, None, p.shown(token))
        except ParseError:
            if not p.holds:
                raise
            return over_all(p, span, name, args, over, bound=below)
        for binder in found.binders:
            if binder.name in bare(body):
                return over_all(p, span, name, args, over, r"of entries it is \max_i x_i", below)
        if found.conditions:
            raise p.fail("the largest of a part of an axis is not read", found.conditions[0])
        for binder in reversed(found.binders):
            body = Tabulated(span, binder, body)
        return Apply(span, name, (body,), token.span)
    if name == "log" and len(below) == 1 and _is_base(below[0]):
        return Quotient(span, Apply(span, name, args, token.span), Apply(span, name, below, token.span))
    raise p.fail(f"a subscript on {p.shown(token)} is not read", below[0])


def _is_base(s: Surface) -> bool:
    r"""Whether it is the base of a logarithm: a number, or one letter, as in \\log_b x."""
    return isinstance(s, Literal) or (isinstance(s, Letter) and len(s.stem) == 1 and s.stem.isascii() and not s.font)


def over_all(
    p: Cursor,
    span: Span,
    name: str,
    args: tuple[Surface, ...],
    said: str,
    hint: str = "",
    bound: tuple[Surface, ...] = (),
) -> Surface:
    """An extremum over a set, which is kept or refused."""
    if not p.holds:
        raise p.fail(said, span, hint)
    within = "".join([p.source[s.span.start : s.span.end] for s in bound])
    return Held(span, name, args, said, hint, bound_by(bound), within=within)


def bound_by(subs: tuple[Surface, ...]) -> tuple[Surface, ...]:
    r"""The letters that run: x of \max_x, of \max_{x \in S} and of \lim_{x \to 0}."""
    firsts = [s.sides[0] if isinstance(s, Chain) else s for s in subs]
    return tuple([s for s in firsts if taken_apart(s) is not None])


def _prime(p: Cursor, token: Token) -> Surface:
    return Letter(token.span, "′", "upright")


STRUCTURED: dict[str, Callable[[Cursor, Token], Surface]] = {
    "fraction": _fraction, "root": _root, "over index": _over_index, "nabla": _nabla, "partial": _partial_sign, "prime": _prime,
}  # fmt: skip
"""How the commands are read that stand over, under or before something, by what the table of commands says of them."""
