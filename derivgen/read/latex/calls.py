"""Functions before their arguments: which word is one, how far an argument without parentheses goes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from derivgen.errors import Span
from derivgen.expr.notation import PRODUCT
from derivgen.read.latex import commands as words
from derivgen.read.latex.big_signs import over_all, with_subscript
from derivgen.read.latex.cursor import Cursor, letter
from derivgen.read.latex.fences import arguments
from derivgen.read.latex.names import spelling, taken_apart
from derivgen.read.latex.scripts import subscript, superscript
from derivgen.read.latex.tape import Token
from derivgen.read.surface import (
    Apply,
    Called,
    Fenced,
    Group,
    Held,
    Infix,
    Letter,
    Literal,
    Negated,
    Primed,
    Product,
    Raised,
    Scripted,
    Surface,
    Transposed,
)

_ONLY_FUNCTIONS = frozenset("ΦΨΓ")
"""Letters that are functions where parentheses follow them behind the name of another one: \\log\\Phi(w^\\top x)."""

OF_LISTS = frozenset({"diag", "sum"})
"""What takes a list: diag(a, b) has the entries a and b."""

# --- functions of the catalog ---


def is_function_word(p: Cursor, token: Token) -> bool:
    """Whether a letter is a function of the catalog: a word such as tr, or σ before parentheses."""
    called = p.next.value == "("
    if p.below and not called:
        return False  # a word in a subscript is part of a name
    if p.lexicon.knows(token.value) and not (
        token.font == "operator" and called and p.lexicon.declared_function(token.value) is None
    ):
        return False
    if token.font in ("upright", "operator") and token.value in p.known.functions:
        return True
    k = p.at + 1
    while p.tokens[k].kind == "prime":
        k += 1
    k = _behind_transpose(p, k)
    stands = p.tokens[k].kind in ("opening", "left") and p.tokens[k].value == "("
    return stands and token.value in p.known.letters and token.value not in p.lexicon.called


def _behind_transpose(p: Cursor, at: int) -> int:
    r"""Behind the sign of a transpose that stands there, as in σ^\top(x); the place itself where there is none."""
    if p.tokens[at].value != "^" or p.lexicon.knows("T"):
        return at
    end = p.after_group(at + 1)
    above = [t for t in p.tokens[at + 1 : end] if t.kind not in ("open", "close")]
    return end if len(above) == 1 and above[0].value in ("T", *p.known.transposes) else at


def unread(p: Cursor, token: Token) -> tuple[str, str] | None:
    r"""What is said of \operatorname{rank}(A), \mathbb E[…] and p(y | x), where nothing declares such a name."""
    name, after, font = token.value, p.next, token.font
    called = after.kind in ("opening", "left")
    if name in words.UNREAD and not p.below and not (p.lexicon.knows(name) and font != "blackboard"):
        if len(name) > 1:
            stands = font in ("upright", "operator")
        elif font in ("script", "upright"):
            stands = called
        else:
            stands = font in ("blackboard", "operator") or after.value == "[" or _is_mean(p, font)
        if stands:
            said, instead = words.UNREAD[name]
            return said.replace("{0}", name), instead.replace("{0}", name)
    if name in "HI" and p.holds and after.value == "(" and not p.lexicon.knows(name) and _has_one_bar(p):
        return "entropies of one thing given another are not read", "write out the sum, or the logarithm of the density"
    if name in ("p", "P", "q", "E") and called and after.value in "([":
        within = p.inside(p.at + 1)
        if sum(t.kind == "bar" for t in within) == 1:
            return "conditional probabilities are not read", "write out the density, or its logarithm"
        if name == "P" and any(t.kind == "relation" for t in within) and not p.lexicon.knows(name):
            return words.UNREAD["P"]
    before = p.tokens[p.at - 1] if p.at else None
    adds = p.document if before is None else before.value in ("+", "-") or before.kind == "relation"
    if name in ("o", "O") and after.value == "(" and adds:
        return None if p.lexicon.knows(name) else ("a remainder is not read", "leave it out, or write out what it is")
    return None


def _has_one_bar(p: Cursor) -> bool:
    """Whether one bar stands in the parentheses that come next."""
    return sum(t.kind == "bar" and t.value == "|" for t in p.inside(p.at + 1)) == 1


def _is_mean(p: Cursor, font: str) -> bool:
    r"""Whether E has what is random below it, and brackets behind that: E_{x \sim p}[x], E_\theta[f]."""
    if font == "bold" or not p.document or p.next.value != "_":
        return False
    end = p.after_group(p.at + 2)
    below = p.tokens[p.at + 2 : end]
    named = any(t.value == "~" or (t.kind == "letter" and (len(t.value) > 1 or not t.value.isascii())) for t in below)
    return named and p.tokens[end].value == "["


def function(p: Cursor) -> Surface:
    """A function of the catalog: its name, a power of it, its arguments with or without parentheses."""
    token = p.step()
    declared = p.lexicon.declared_function(token.value)
    name = declared or p.known.letters.get(token.value) or p.known.functions[token.value]
    power: Surface | None = None
    turned = False
    below: tuple[Surface, ...] = ()
    primes = 0
    while True:
        if p.is_script("_") and not below:
            p.below += 1
            below = subscript(p)
            p.below -= 1
        elif p.is_script("^") and power is None and not turned:
            exponent, _ = superscript(p)
            turned = isinstance(exponent, Letter) and exponent.stem == "T"
            power = None if turned else exponent
        elif p.here.kind == "prime":
            primes += 1
            p.at += 1
        else:
            break
    args = arguments(p) if p.opens() and p.here.value in "([{" else (_bare_argument(p, token, name),)
    span = p.since(token)
    if p.document and token.kind == "letter" and name not in OF_LISTS and _takes_fewer(p, name, len(args)):
        return Called(span, Letter(token.span, name, "upright"), args)  # \textrm{prod}(a, b) is the author's own
    if isinstance(args[0], Held) and name in words.EXTREMES and args[0].name == name and not below and power is None:
        return args[0]
    match below:
        case (Letter(_, "∘"),):
            name, below = f"{name}∘", ()
    made: Surface = Apply(span, name, args, token.span)
    if primes:
        made = Called(span, Primed(token.span, Letter(token.span, name, "operator"), primes), args)
    elif below:
        made = _by_rows(p, Apply(span, name, args, token.span), below) or with_subscript(p, token, name, below, args)
    if power is not None:
        if power == Negated(power.span, Literal(Span(power.span.end - 1, power.span.end), Fraction(1))):
            raise p.fail("the inverse function is not read", span, "write the reciprocal as a fraction")
        made = Raised(span, made, power, "⊗")
    return Transposed(span, made) if turned else made


def _takes_fewer(p: Cursor, name: str, count: int) -> bool:
    """Whether so many arguments are too many for what the catalog has under this name."""
    operations = p.lexicon.declarations.glossary.by_name.get(name, ())
    arities = [getattr(op, "arity", None) for op in operations]
    return count > 1 and bool(arities) and all(arity is not None and arity < count for arity in arities)


def _by_rows(p: Cursor, made: Apply, below: tuple[Surface, ...]) -> Surface | None:
    r"""A function with a word below its name that makes another of it: \operatorname{softmax}_{\text{rows}}(A); None of any other."""
    word = re.sub(r"\\[a-z]+|[{}\s-]", "", p.source[below[0].span.start : below[-1].span.end])
    if made.function == "softmax" and word in ("columns", "column", "cols", "col"):
        turned = replace(made, function="softmax_rows", args=tuple([Transposed(a.span, a) for a in made.args]))
        return Transposed(made.span, turned)
    name = p.known.below.get((made.function, word))
    return None if name is None else replace(made, function=name)


def _bare_argument(p: Cursor, token: Token, name: str) -> Surface:
    r"""The argument of \log x, \sin 2x, \log\det X, \operatorname{tr} AB, where no parentheses say how far it goes."""
    if p.is_mark("-"):
        minus = p.step()
        inner = _bare_argument(p, token, name)
        return Negated(p.since(minus), inner)
    if not p.starts_operand():
        said = f"{p.shown(token)} stands without its argument"
        raise p.fail(said, token, f"{p.shown(token)}(…)").marked("letter")
    if name == "det" and p.here.kind == "bar":  # \det|A| B is the determinant of A, and B
        match p.operand():
            case Fenced(_, "|", (inner,)):
                return inner
            case other:
                return other
    if name in p.known.whole:
        return p.expression(PRODUCT)
    head = p.here
    if head.value in _ONLY_FUNCTIONS and p.next.value == "(" and not p.lexicon.knows(head.value):
        base = letter(p.step())
        return Called(p.since(base), base, arguments(p))
    factors = [p.operand()]
    while isinstance(factors[0], Literal) and p.here.kind == "letter" and not is_function_word(p, p.here):  # \sin 2x
        factors.append(p.operand())
    if name in words.EXTREMES and isinstance(factors[0], Called):  # \max f(x), which is over all x
        return over_all(p, p.since(token), name, (factors[0],), f"the {name}imum over all arguments of a function is not read",
                        r"of entries it is \max_i x_i, of two numbers \max(a, b)")  # fmt: skip
    return factors[0] if len(factors) == 1 else Product(p.since(factors[0]), tuple(factors), ("",) * (len(factors) - 1))


# --- declared functions ---


def applied(p: Cursor, base: Surface, start: Surface) -> Surface | None:
    r"""``base`` of what stands in the parentheses that follow, if it is a function.

    Raises:
        ParseError: it is \lambda_{\max}, and nothing declares that.
    """
    match taken_apart(base.base if isinstance(base, Raised) else base):
        case Letter(_, "λ" | "σ" | "κ" as stem), (Letter(_, "max" | "min" as which),) if not p.lexicon.knows(stem):
            said, hint = (
                "eigenvalues and singular values are not read",
                'declare a function of its own: "g: R^(n*n) -> R"',
            )
            if not p.holds or p.here.value != "(":
                raise p.fail(said, base.span, hint)
            args = arguments(p)
            return Held(p.since(start), f"{stem}_{which}", args, said, hint)
    if not is_called(p, base):
        return None
    args = arguments(p)
    return called(base, p.since(start), args)


def is_called(p: Cursor, base: Surface) -> bool:
    """Whether ``base``, which parentheses follow, is a function of what stands in them."""
    match base:
        case Letter(_, "1"):  # the indicator of a relation, in fences of any kind
            return any(t.kind == "relation" for t in p.inside(p.at))
        case _ if p.here.value != "(":
            return False
        case Primed(_, inner, _) | Transposed(_, inner) | Raised(_, inner):
            head = taken_apart(inner)
            return head is not None and head[0].font != "operator" and is_called(p, inner)
        case Group(_, Infix(_, "∘") as inner, "("):
            return all(_may_be_function(p, end) for end in _ends(inner))
        case Letter() | Scripted():
            head = taken_apart(base)
            inside = p.inside(p.at)
            several = any(t.kind == "mark" and t.value in ",;" for t in inside)
            bars = [t for t in inside if t.kind == "bar"]
            if len(bars) == 1 and bars[0].value == "|" and head is not None:  # G(x | \mu, \Sigma) of all of these
                p.tokens[p.tokens.index(bars[0], p.at)] = bars[0]._replace(kind="mark", value=";")
                several = True
            lone = _after_lone(p, p.at + 1) > 0
            if head is None or (not several and not lone and _stands_within(p, head[0])):
                return head is not None and p.lexicon.declared_function(head[0].stem) is not None
            return p.lexicon.is_function(*head, several=several, lone=lone)
        case _:
            return False


def _stands_within(p: Cursor, letter: Letter) -> bool:
    """Whether a letter stands in the parentheses behind it without any of its own: \\phi(1 - \\phi) is a product."""
    at, depth = p.at, 0
    while at < len(p.tokens):
        token = p.tokens[at]
        if token.kind == "script" and token.value == "_":  # h(x_h - 1)
            at = p.after_group(at + 1)
            continue
        depth += (token.kind in ("opening", "left")) - (token.kind in ("closing", "right"))
        if depth <= 0:
            return False
        if token.kind == "letter" and (token.value, token.font) == (letter.stem, letter.font):
            after = p.behind_scripts(at + 1)
            if p.tokens[after].kind not in ("opening", "left") or p.tokens[after].value != "(":
                return True
        at += 1
    return False


def _after_lone(p: Cursor, at: int) -> int:
    """Behind the parentheses within which ``at`` is the first place, where one letter, an entry or a function of such stands
    in them: y, x_k, y(x). Else 0."""
    if p.tokens[at].kind != "letter" or p.tokens[at].font == "operator":
        return 0
    at += 1
    if p.tokens[at].kind == "script" and p.tokens[at].value == "_":
        at = p.after_group(at + 1)
    if p.tokens[at].kind in ("opening", "left") and p.tokens[at].value == "(":
        at = _after_lone(p, at + 1)
    return at + 1 if at and p.tokens[at].kind in ("closing", "right") else 0


def _ends(s: Surface) -> Iterator[Surface]:
    """What ∘ stands between."""
    while isinstance(s, Infix) and s.operator == "∘":
        yield s.right
        s = s.left
    yield s


def _may_be_function(p: Cursor, s: Surface) -> bool:
    """Whether one of the two around ∘ is a function, as far as its name says it."""
    head = taken_apart(s)
    if head is None:
        return False
    own = p.lexicon.find(spelling(head[0].stem, head[1]))
    return own is None or p.lexicon.is_function(*head, several=False, lone=False)


def called(base: Surface, span: Span, args: tuple[Surface, ...]) -> Surface:
    """A function before its arguments; a power or a transpose on its name is that of its value."""
    match base:
        case Raised(_, inner, exponent, sign):
            return Raised(span, called(inner, span, args), exponent, sign)
        case Transposed(_, inner):
            return Transposed(span, called(inner, span, args))
        case Group(_, inner, _):
            return Called(span, inner, args)
        case _:
            return Called(span, base, args)
