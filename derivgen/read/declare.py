"""Declarations: which variables, functions and sizes there are, read from "w, x in R^n; f: R^n -> R^m"."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from derivgen.catalog import OPERATIONS
from derivgen.catalog.base import Abstract
from derivgen.catalog.notation import GREEK
from derivgen.catalog.user_functions import UserFunction
from derivgen.errors import ParseError, Span
from derivgen.expr import SCALAR, Dim, Index, Shape, Symbol, product_dim
from derivgen.read.latex.spelling import declared_name
from derivgen.read.text.characters import plain_name, refuse_character
from derivgen.read.text.scan import LONGEST, LONGEST_NAME
from derivgen.text import where_text

GENERIC = Abstract("◯", (SCALAR, SCALAR), SCALAR, pointwise=True)
"""The generic element-wise operator of the notes."""

TRAITS: dict[str, tuple[str, ...]] = {
    "Sym": ("symmetric",),
    "PD": ("positive-definite", "symmetric"),
    "Diag": ("diagonal", "symmetric"),
    "Simplex": ("simplex",),
}
"""The sets that are known by name, and what they say of their members."""

RESERVED = frozenset({"pi", "eye", "ones", "zeros"})
"""Names that stand for a constant by themselves, so that no variable may have them."""

_FORMS = "declare variables like: w, x in R^n; b in R; A in R^(m*n), and functions like: f: R^n -> R^m"


@dataclass(frozen=True, slots=True)
class Declarations:
    """What is known before an expression is read."""

    symbols: Mapping[str, Symbol] = field(default_factory=dict)
    functions: Mapping[str, Abstract] = field(default_factory=dict)
    sizes: tuple[str, ...] = ()
    indices: Mapping[str, Index] = field(default_factory=dict)
    defined: frozenset[str] = frozenset()
    user_functions: Mapping[str, UserFunction] = field(default_factory=dict)

    def with_definition(self, symbol: Symbol) -> Declarations:
        """The same, and one more name, which is that of an intermediate."""
        return replace(self, symbols={**self.symbols, symbol.name: symbol}, defined=self.defined | {symbol.name})

    def with_indices(self, *indices: Index) -> Declarations:
        """The same, and indices that may stand free in the expression."""
        return replace(self, indices={**self.indices, **{i.name: i for i in indices}})

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.symbols, *self.functions, *self.user_functions, *self.sizes, *self.indices)

    def __str__(self) -> str:
        given = [s for s in self.symbols.values() if s.name not in self.defined]
        return where_text(given, self.functions.values())


class Token(NamedTuple):
    kind: str  # name number real in to times or the character itself
    text: str
    span: Span


_TOKEN = re.compile(
    r"""(?P<skip>[ \t\r\f\v\u00a0]+|\\[,;:!\ ]|\\q?quad\b|\$|~)
      | (?P<real>\\mathbb\s*\{\s*R\s*\}|\\mathbb\s*R|\\mathds\s*\{\s*R\s*\}|\\(?:R|RR|reals|Reals)\b|ℝ)
      | (?P<in>\\in\b|∈)
      | (?P<to>->|→|⟶|\\to\b|\\rightarrow\b|\\longrightarrow\b|-->|=>)
      | (?P<times>\\times\b|×|\\cdot\b|·|\*)
      | (?P<colon>\\colon\b)
      | (?P<font>\\(?:mathbf|boldsymbol|bm|mathrm|mathsf|mathit|vec|operatorname|text)\b)
      | (?P<command>\\[A-Za-z]+)
      | (?P<number>[0-9]+(?:\.[0-9]+)?)
      | (?P<name>[^\W\d]\w*)
      | (?P<operator>◯|○|<>)
      | (?P<relation>>=|≥|\\geq?|<=|≤|!=|≻|\\succ)
      | (?P<mark>[\^{}()\[\],;:>=<\n-])
      | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
DEEPEST = 50
"""Brackets of a size that stand in one another."""

_ELEMENTWISE = frozenset({"elementwise", "pointwise"})


class _Clauses:
    """One pass over the clauses."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.symbols: dict[str, Symbol] = {}
        self.functions: dict[str, Abstract] = {}
        self.indices: dict[str, Index] = {}
        self.sizes: dict[str, Span] = {}
        self.depth = 0
        self.places: dict[str, Span] = {}
        self.tokens = self.tokenise()
        self.at = 0

    # --- tokens ---

    def fail(self, message: str, span: Span, hint: str | None = None) -> ParseError:
        return ParseError(message, span=span, hint=hint, source=self.source)

    def tokenise(self) -> list[Token]:
        found: list[Token] = []
        end = 0
        for m in _TOKEN.finditer(self.source):
            if m.start() < end:  # part of a name in LaTeX
                continue
            kind, token, span = m.lastgroup or "other", m.group(), Span(m.start(), m.end())
            scripted = self.source.startswith(("{", "^{(", "^*"), m.end()) and token != "R"
            if token[0] == "\\" or (kind == "name" and scripted):
                name = declared_name(self.source, m.start())
                if name is not None and (token[0] == "\\" or name[1] > m.end()):
                    end = name[1]
                    found.append(Token("name", name[0], Span(m.start(), end)))
                    continue
            match kind:
                case "skip" | "font":
                    continue
                case "name":
                    if len(token) > LONGEST_NAME:
                        raise self.fail(f"this name has {len(token):,} letters; at most {LONGEST_NAME} are read", span)
                    token = plain_name(token, span.start, self.source)
                    kind = "in" if token == "in" else "name"
                case "command":
                    if token[1:] not in GREEK:
                        raise self.fail(f"{token} is not known in a declaration", span, _FORMS)
                    kind, token = "name", token[1:]
                case "colon":
                    kind = ":"
                case "mark":
                    kind = ";" if token == "\n" else token
                case "other":
                    raise refuse_character(token, span.start, self.source)
            found.append(Token(kind, token, span))
        end = len(self.source)
        found.append(Token("end", "", Span(max(end - 1, 0), end)))
        return found

    @property
    def here(self) -> Token:
        return self.tokens[self.at]

    def take(self, *kinds: str) -> Token | None:
        token = self.tokens[self.at]
        if token.kind in kinds:
            self.at += 1
            return token
        return None

    def expected(self, what: str, hint: str | None = _FORMS) -> ParseError:
        token = self.here
        if token.kind in ("end", ";"):
            before = self.tokens[self.at - 1].span if self.at else token.span
            return self.fail(f"the declaration ends where {what} is expected", before, hint)
        return self.fail(f"{what} is expected here, not {token.text}", token.span, hint)

    # --- grammar ---

    def read(self) -> Declarations:
        while self.here.kind != "end":
            if not self.take(";", ","):
                self.clause()
                if self.here.kind not in (";", ",", "end"):
                    raise self.expected("; or the end", self.hint_after())
        for name, span in self.sizes.items():
            if name in self.symbols or name in self.functions:
                raise self.fail(
                    f"{name} is a size here, so it cannot be a variable too",
                    span,
                    "a size may stand in the expression as a number without being declared",
                )
        self.split_products()
        return Declarations(self.symbols, self.functions, tuple(self.sizes), self.indices)

    def split_products(self) -> None:
        """R^(mn) beside sizes m and n is the space of vectors of length m times n."""
        products: dict[Dim, Dim] = {}
        for name in self.sizes:
            if len(name) > 1 and all(letter in self.sizes for letter in name):
                products[Dim(name)] = product_dim([Dim(letter) for letter in name])

        def axes(shape: Shape) -> Shape:
            return Shape(tuple([products.get(d, d) for d in shape.axes]), shape.row)

        if products:
            self.sizes = {name: span for name, span in self.sizes.items() if Dim(name) not in products}
            self.symbols = {n: Symbol(n, axes(s.space), s.traits) for n, s in self.symbols.items()}
            self.functions = {
                n: Abstract(n, tuple(map(axes, f.domain)), axes(f.codomain), f.pointwise)
                for n, f in self.functions.items()
            }
            self.indices = {n: Index(n, products.get(i.dim, i.dim)) for n, i in self.indices.items()}

    def hint_after(self) -> str:
        if self.here.kind in ("times", "name"):
            return "the sizes of a matrix stand in parentheses: R^(m*n)"
        return _FORMS

    def clause(self) -> None:
        names = self.name_list()
        token = self.take("in", ":", ">", "relation", "=")
        if token is None:
            raise self.expected('"in" or ":"')
        match token.kind:
            case "in":
                self.members(names)
            case ":":
                self.function(names)
            case ">":
                self.positive(names)
            case _:
                raise self.fail(f"{token.text} is not read here", token.span, "the one relation is x > 0")

    def name_list(self) -> list[Token]:
        names: list[Token] = []
        while True:
            braced = self.take("{")  # \mathbf{x}
            token = self.take("name", "operator")
            if token is None:
                raise self.expected("a name")
            if braced and not self.take("}"):
                raise self.expected("}")
            names.append(token)
            if not self.take(","):
                return names

    def members(self, names: list[Token]) -> None:
        if self.here.kind == "name" and self.here.text == "range":
            self.index(names)
            return
        space, traits = self.space()
        for token in names:
            self.new_name(token)
            self.symbols[token.text] = Symbol(token.text, space, traits)

    def index(self, names: list[Token]) -> None:
        """i in range(n): an index that stands free in the expression."""
        self.at += 1
        if not self.take("("):
            raise self.expected("(")
        dim = self.product_of_sizes()
        if not self.take(")"):
            raise self.expected(")")
        for token in names:
            self.new_name(token)
            self.indices[token.text] = Index(token.text, dim)

    def new_name(self, token: Token) -> None:
        name = token.text
        if name in self.places:
            first = self.places[name]
            hint = f"leave it out here, or in {self.around(first)!r}"
            error = self.fail(f"{name} is declared twice", token.span, hint)
            error.first = first
            raise error
        if token.kind == "operator":
            raise self.fail(f"{name} is the generic operator; it is known without being declared", token.span)
        check_name(name, token.span, self.source)
        self.places[name] = token.span

    def around(self, place: Span) -> str:
        """The clause around a place, shortened."""
        start = max(self.source.rfind(mark, 0, place.start) for mark in ";\n") + 1
        text = " ".join(re.split("[;\n]", self.source[start:], maxsplit=1)[0].split())
        return text if len(text) <= 80 else f"{text[:60]} … {text[-15:]}"

    def space(self) -> tuple[Shape, tuple[str, ...]]:
        token = self.take("real", "name")
        if token is None:
            raise self.expected("a space such as R^n")
        if token.kind == "real" or token.text == "R":
            return Shape(self.exponent()), ()
        if token.text in TRAITS:
            if not self.take("("):
                raise self.expected("(", f"write {token.text}(n)")
            dim = self.product_of_sizes()
            if not self.take(")"):
                raise self.expected(")")
            axes = (dim,) if token.text == "Simplex" else (dim, dim)
            return Shape(axes), TRAITS[token.text]
        hint = _FORMS
        if re.fullmatch(r"R\d+|Rn|Rm|R[A-Za-z]", token.text):
            hint = f"write R^{token.text[1:]}"
        raise self.fail(f"{token.text} is no space that is known", token.span, hint)

    def exponent(self) -> tuple[Dim, ...]:
        """The sizes after R: none for R itself."""
        if not self.take("^"):
            return ()
        opening = self.take("(", "{")
        if opening is None:
            return self.checked([self.size()])
        nested = self.take("(") if opening.kind == "{" else None  # R^{(m \times n)}
        sizes = [self.size()]
        while self.take("times", ",") or self.letter_x():
            sizes.append(self.size())
        if nested and not self.take(")"):
            raise self.expected(")")
        closing = ")" if opening.kind == "(" else "}"
        if not self.take(closing):
            if self.here.kind == "name" and re.match(r"x[0-9a-zA-Z]", self.here.text):
                raise self.expected(")", f"leave a space: {sizes[-1]} x {self.here.text[1:]}, or write {sizes[-1]}*…")
            raise self.expected(closing, "a size is a name or a number")
        return self.checked(sizes)

    def letter_x(self) -> bool:
        """The x of R^{m x n}."""
        if self.here == ("name", "x", self.here.span) and self.tokens[self.at + 1].kind in ("name", "number"):
            self.at += 1
            return True
        return False

    def checked(self, sizes: list[Dim]) -> tuple[Dim, ...]:
        token = self.tokens[self.at - 1]
        if len(sizes) > 2:
            raise self.fail("arrays have at most two axes", token.span, "declare scalars, vectors and matrices")
        if len(sizes) == 2 and sizes[0].size == 1 != sizes[1].size:
            raise self.fail("a row is declared as a column", token.span, f"declare x in R^{sizes[1]} and write x.T")
        return tuple([dim for dim in sizes if dim.size != 1])  # there are no axes of length 1

    def product_of_sizes(self) -> Dim:
        """One size, or several that are multiplied: the m*n of Sym(m*n)."""
        found = self.size()
        while self.take("times"):
            found = found.times(self.size())
            first = found.factors[0]
            if isinstance(first, int) and first >= 10**18:
                raise self.fail("this size is too large", self.tokens[self.at - 1].span, "name it by a letter")
        return found

    def size(self) -> Dim:
        """A size, or in parentheses a product of sizes: the length mn of y in R^((m*n))."""
        if (opening := self.take("(")) is not None:
            self.depth += 1
            if self.depth > DEEPEST:
                raise self.fail(f"a size is nested more than {DEEPEST} brackets deep", opening.span, "leave them out")
            found = self.product_of_sizes()
            if not self.take(")"):
                raise self.expected(")")
            self.depth -= 1
            return found
        token = self.take("name", "number", "real")
        if token is None:
            raise self.expected("a size, a name or a number,", "write R^n, R^3 or R^(m*n)")
        if token.kind == "number":
            if not token.text.isdigit() or int(token.text[:9]) == 0 or len(token.text) > 9:
                raise self.fail(f"{token.text} is no size", token.span, "sizes are whole numbers from 1")
            if self.here.kind == "name" and self.here.span.start == token.span.end:
                raise self.fail(
                    "a size is a name or a number, not a product",
                    token.span | self.here.span,
                    "the sizes of a matrix are written R^(2*3)",
                )
            return Dim(int(token.text))
        name = token.text
        if re.fullmatch("[A-Za-z]x[A-Za-z]", name):
            raise self.fail("the sizes of a matrix stand in parentheses", token.span, f"write R^({name[0]}*{name[2]})")
        if keyword.iskeyword(name):
            raise self.fail(f"{name} is a word of Python's own and cannot be a size", token.span)
        if name in RESERVED:
            raise self.fail(f"{name} stands for a constant and cannot be a size", token.span)
        self.sizes.setdefault(name, token.span)
        return Dim(name)

    def function(self, names: list[Token]) -> None:
        start = self.here.span
        domain = [self.space()[0]]
        while self.take(",", "times"):
            domain.append(self.space()[0])
        if not self.take("to"):
            raise self.expected("-> and the space of the value", "write f: R^n -> R^m")
        codomain = self.space()[0]
        span = start | self.tokens[self.at - 1].span
        pointwise = self.elementwise_word()
        if pointwise and any(s != codomain for s in domain):
            raise self.fail(
                "an element-wise function has one space for its arguments and its value",
                span,
                "write f: R^n -> R^n elementwise, or f: R -> R elementwise for arrays of any shape",
            )
        if not codomain.axes and not any(s.axes for s in domain):
            pointwise = True  # a function of numbers serves arrays entry by entry
        for token in names:
            self.new_name(token)
            if token.text in known_functions():
                raise self.fail(f"{token.text} is an operation already", token.span, "choose another name")
            self.functions[token.text] = Abstract(token.text, tuple(domain), codomain, pointwise)

    def elementwise_word(self) -> bool:
        token = self.here
        if token.kind != "name":
            return False
        if token.text in _ELEMENTWISE:
            self.at += 1
            return True
        after = [t.kind for t in self.tokens[self.at + 1 : self.at + 3]]
        if token.text in ("element", "entry") and after == ["-", "name"]:  # element-wise
            self.at += 3
            return True
        raise self.expected('"elementwise" or the end')

    def positive(self, names: list[Token]) -> None:
        zero = self.take("number")
        if zero is None or zero.text != "0":
            raise self.expected("0", "the one relation is x > 0")
        for token in names:
            symbol = self.symbols.get(token.text)
            if symbol is None:
                raise self.fail(
                    f"{token.text} is not declared before this", token.span, f"write {token.text} in R^n first"
                )
            if "positive" not in symbol.traits:
                self.symbols[token.text] = Symbol(symbol.name, symbol.space, (*symbol.traits, "positive"))


def check_name(name: str, span: Span, source: str) -> None:
    """Refuse what cannot name a variable."""
    if name in RESERVED:
        raise ParseError(f"{name} stands for a constant and cannot be declared", span=span, source=source,
                         hint="choose another name")  # fmt: skip
    if keyword.iskeyword(name) and name != "lambda":
        raise ParseError(f"{name} is a word of Python's own and cannot be a name", span=span, source=source,
                         hint=f"call it {name}_, or by another letter")  # fmt: skip
    if name.startswith("__"):
        raise ParseError("a name does not begin with two underscores", span=span, source=source)


def known_functions() -> frozenset[str]:
    """The names that operations have in text."""
    return _FUNCTION_NAMES


_FUNCTION_NAMES = frozenset(name for op in OPERATIONS.values() for name in (op.name, *op.notation.aliases)) | {
    "dot",
    "outer",
    "sqrt",
    "where",
    "partial",
    "D",
    "len",
    "range",
}


def declare(where: str | Mapping[str, str] | Declarations | None) -> Declarations:
    """Read declarations: a text, or a dict from name to space."""
    if where is None:
        return Declarations()
    if isinstance(where, Declarations):
        return where
    if not isinstance(where, str):
        where = "; ".join(f"{name}{': ' if _is_arrow(space) else ' in '}{space}" for name, space in where.items())
    if len(where) > LONGEST:
        raise ParseError(f"the declarations have {len(where):,} characters; at most {LONGEST:,} are read")
    return _Clauses(_RAISED.sub(_lowered, where)).read()


_RAISED = re.compile("(?<=[ℝR])[ⁿᵐᵏᵖʳˢᵗᵃᵇᶜᵈˡᴺᴹᴷᴾ⁰¹²³⁴⁵⁶⁷⁸⁹ˣ]+")


def _lowered(raised: re.Match[str]) -> str:
    """ℝⁿ and ℝᵐˣⁿ, as derivgen prints them, in the letters that declarations are made of."""
    plain = unicodedata.normalize("NFKC", raised[0].replace("ˣ", "*"))
    return f"^({plain})"


def _is_arrow(space: str) -> bool:
    return any(arrow in space for arrow in ("->", "→", "\\to", "\\rightarrow"))
