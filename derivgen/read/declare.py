"""Declarations: which variables, functions and sizes there are, read from "w, x in R^n; f: R^n -> R^m"."""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from derivgen.arguments import require, require_all
from derivgen.catalog import GLOSSARY
from derivgen.catalog.base import Abstract
from derivgen.catalog.declared import TRAITS, family_of, member_of
from derivgen.catalog.glossary import Glossary
from derivgen.errors import ParseError, Span
from derivgen.expr import SCALAR, Dim, Index, Shape, Symbol, product_dim
from derivgen.read.declarations import Declarations, check_function_name, check_name
from derivgen.read.declared_words import FORMS, Token, Words
from derivgen.read.dependence import Dependence, functions, named_behind, named_between
from derivgen.read.sets import with_plain_sets
from derivgen.read.text.scan import LONGEST

DEEPEST = 50
"""Brackets of a size that stand in one another."""

_ELEMENTWISE = frozenset({"elementwise", "pointwise"})
_ARROW = re.compile(r"->|→|\\to|\\rightarrow")


class _Clauses(Words):
    """One pass over the clauses."""

    def __init__(self, source: str, said: str) -> None:
        super().__init__(source, said)
        self.symbols: dict[str, Symbol] = {}
        self.functions: dict[str, Abstract] = {}
        self.indices: dict[str, Index] = {}
        self.sizes: dict[str, Span] = {}
        self.depth = 0
        self.lengths: dict[str, Dim] = {}
        self.places: dict[str, Span] = {}
        self.dependences: list[Dependence] = []

    def read(self) -> Declarations:
        while self.here.kind != "end":
            if not self.take(";", ","):
                self.clause()
                if self.here.kind not in (";", ",", "end"):
                    raise self.expected("; or the end", self.hint_after())
        said = {(d.letter.text, tuple([t.text for t in d.on]), d.value): d for d in reversed(self.dependences)}
        self.dependences = [d for d in self.dependences if d in said.values()]  # the same said again is no mistake
        for dependence in self.dependences:
            letter = dependence.letter
            check_function_name(letter.text, letter.span, self.source)
            self.new_name(letter, None, {})
        self.functions |= functions(self.dependences, self.symbols, self)
        for name, span in self.sizes.items():
            if name in self.symbols or name in self.functions:
                raise self.fail(f"{name} is a size here, so it cannot be a variable too", span,
                                "a size may stand in the expression as a number without being declared")  # fmt: skip
        self.split_products()
        depends = {d.letter.text: tuple([token.text for token in d.on]) for d in self.dependences}
        return Declarations(self.symbols, self.functions, tuple(self.sizes), self.indices, depends=depends)

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
        return "the space stands first, what is positive behind it: x in R; x > 0" if self.here.kind == "in" else FORMS

    def clause(self) -> None:
        names = self.name_list()
        for k, name in enumerate(names):
            if any(name.text == other.text for other in names[:k]):
                raise self.fail(f"{name.text} is declared twice", name.span, "leave it out here")
        on = named_between(self)
        token = self.take("in", ":", ">", "relation", "=")
        if on and (token is None or token.kind == "in"):  # L(W), or z(W, x) in R^m
            value = self.space()[0] if token is not None else SCALAR
            self.dependences += [Dependence(name, on, value) for name in names]
            return
        if token is None or on:
            raise self.expected('"in" or ":"')
        match token.kind:
            case "in":
                self.members(names)
            case ":" if on := named_behind(self):
                self.dependences += [Dependence(name, on) for name in names]
            case ":":
                self.function(names)
            case ">":
                self.positive(names)
            case _ if token.text in ("≻", "\\succ"):
                self.positive(names, "positive-definite")
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
            names.append(self.indexed(token) if self.here.kind == "[" else token)
            if not self.take(","):
                return names
            if self.take("dots"):
                names.append(self.last_of(names.pop()))
                return names

    def members(self, names: list[Token]) -> None:
        if self.here.kind == "name" and self.here.text == "range":
            self.index(names)
            return
        space, traits = self.space()
        below = "".join(letter for token in names for letter in (member_of(token.text) or ("", ()))[1])
        ranges = self.lengths | self.ranges(below)
        self.lengths = {}
        for token in names:
            if not ranges and self.source.startswith("]", token.span.end - 1):
                said = self.source[token.span.start : token.span.end]
                raise self.fail("how many there are is not said", token.span, f"write {said} in R^n for i in range(N)")
            symbol = Symbol(token.text, space, traits)
            if ranges:
                symbol = self.family(symbol, ranges, token)
            self.new_name(token._replace(text=symbol.name), symbol, self.symbols)

    # --- families ---

    def indexed(self, token: Token) -> Token:
        """x[i], as text writes a member of a family: the name x_i."""
        self.at += 1
        letters = ""
        while not self.take("]"):
            index = self.take("name")
            if index is None or len(index.text) > 1:
                raise self.expected("an index, which is one letter,")
            letters += index.text
            self.take(",")
        end = self.tokens[self.at - 1].span
        if not letters:
            raise self.fail("an index is missing here", end)
        return Token("name", f"{token.text}_{letters}", token.span | end)

    def last_of(self, first: Token) -> Token:
        """The x_N of x_1, …, x_N, which says how many there are; the family is then told by x_i."""
        self.take(",")
        last = self.take("name")
        stem, _, length = last.text.rpartition("_") if last is not None else ("", "", "")
        if last is None or first.text not in (f"{stem}1", f"{stem}_1") or not length:
            raise self.fail("a family is declared by its first and last member", first.span, "write x_1, …, x_N in R^n")
        self.sizes.setdefault(length, last.span)
        self.lengths = {"i": Dim(length)}
        return Token("name", f"{stem}_i", first.span | last.span)

    def ranges(self, below: str) -> dict[str, Dim]:
        """How far the indices ``below`` run: "for i in range(N), j in range(M)", "for i = 1, …, N", "(i = 1, …, N)"."""
        found: dict[str, Dim] = {}
        while True:
            start = self.at
            while self.take("{", "}", "(", ",") or (self.here.kind == "name" and self.here.text == "for"):
                self.at += self.here.text == "for"
            index = self.take("name")
            if index is None or index.text not in below or index.text in found or not self.take("in", "="):
                self.at = start
                self.take("}", ")")
                return found
            found[index.text] = self.length()

    def length(self) -> Dim:
        """range(N), or 1, …, N."""
        if self.here.kind == "name" and self.here.text == "range":
            self.at += 1
            if not self.take("("):
                raise self.expected("(")
            dim = self.product_of_sizes()
            if not self.take(")"):
                raise self.expected(")")
            return dim
        one = self.take("number")
        if one is None or one.text != "1":
            raise self.expected("1", "the members of a family are counted from 1: i = 1, …, N")
        self.take(",")
        if not self.take("dots"):
            raise self.expected("…", "write i = 1, …, N")
        self.take(",")
        return self.product_of_sizes()

    def family(self, member: Symbol, ranges: Mapping[str, Dim], token: Token) -> Symbol:
        split = member_of(member.name)
        if split is None or set(split[1]) != set(ranges):
            raise self.fail(f"{member.name} and the indices that run do not fit", token.span,
                            "write x_i in R^n for i in range(N)")  # fmt: skip
        return family_of(split[0], [ranges[i] for i in split[1]], member)

    def index(self, names: list[Token]) -> None:
        """i in range(n): an index that stands free in the expression."""
        dim = self.length()
        for token in names:
            self.new_name(token, Index(token.text, dim), self.indices)

    def new_name(self, token: Token, value: Any, known: dict[str, Any]) -> None:
        """Add to what is known; the same said again, by a page and its block, is no mistake."""
        name = token.text
        if name in self.places:
            if name in known and known[name] == value:
                return
            first = self.places[name]
            error = self.fail(
                f"{name} is declared twice", token.span, f"leave it out here, or in {self.around(first)!r}"
            )
            error.first = first
            raise error
        if token.kind == "operator":
            raise self.fail(f"{name} is the generic operator; it is known without being declared", token.span)
        check_name(name, token.span, self.source)
        self.places[name] = token.span
        known[name] = value

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
        hint = FORMS
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
                raise self.fail("a size is a name or a number, not a product", token.span | self.here.span,
                                "the sizes of a matrix are written R^(2*3)")  # fmt: skip
            return Dim(int(token.text))
        name = token.text
        if re.fullmatch("[A-Za-z]x[A-Za-z]", name):
            raise self.fail("the sizes of a matrix stand in parentheses", token.span, f"write R^({name[0]}*{name[2]})")
        if keyword.iskeyword(name):
            raise self.fail(f"{name} is a word of Python's own and cannot be a size", token.span)
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
            raise self.fail("an element-wise function has one space for its arguments and its value", span,
                            "write f: R^n -> R^n elementwise, or f: R -> R elementwise for arrays of any shape")  # fmt: skip
        if not codomain.axes and not any(s.axes for s in domain):
            pointwise = True  # a function of numbers serves arrays entry by entry
        for token in names:
            check_function_name(token.text, token.span, self.source)
            self.new_name(token, Abstract(token.text, tuple(domain), codomain, pointwise), self.functions)

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

    def positive(self, names: list[Token], trait: str = "positive") -> None:
        """x > 0, or S ≻ 0 of a square matrix."""
        zero = self.take("number")
        if zero is None or zero.text != "0":
            raise self.expected("0", "the one relation is x > 0")
        for token in names:
            symbol = self.symbols.get(token.text)
            if symbol is None:
                behind = re.match(r"\s*in\s+([^;,\n]*[^;,\s])", self.source[zero.span.end :])
                said = f"in {behind[1] if behind else 'R'}; {token.text} > 0" if trait == "positive" else "in PD(n)"
                raise self.fail(f"{token.text} is not declared before this", token.span, f"write {token.text} {said}")
            axes = symbol.space.axes
            if trait != "positive" and (len(axes) != 2 or axes[0] != axes[1]):
                raise self.fail(f"{token.text} is no square matrix", token.span, f"write {token.text} > 0")
            traits = dict.fromkeys((*symbol.traits, *(TRAITS["PD"] if trait != "positive" else (trait,))))
            self.symbols[token.text] = Symbol(symbol.name, symbol.space, tuple(traits))


def declare(where: str | Mapping[str, str] | Declarations | None, glossary: Glossary = GLOSSARY) -> Declarations:
    """Read declarations: a text, or a dict from name to space. ``glossary`` has the operations that there are besides.

    Raises:
        ParseError: they cannot be read; the span is the place.
    """
    if where is None or isinstance(where, Declarations):
        return where or Declarations(glossary=glossary)
    require(where, (str, Mapping), "declarations are a text", 'such as "w, x in R^n; b in R"')
    if not isinstance(where, str):
        for pair in where.items():
            require_all(pair, str, "a name and its space are texts", 'such as {"x": "R^n"}')
        where = "; ".join(f"{name}{': ' if _ARROW.search(space) else ' in '}{space}" for name, space in where.items())
    if len(where) > LONGEST:
        raise ParseError(f"the declarations have {len(where):,} characters; at most {LONGEST:,} are read")
    return replace(_Clauses(*with_plain_sets(where)).read(), glossary=glossary)
