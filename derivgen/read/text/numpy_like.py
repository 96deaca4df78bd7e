"""Text as a NumPy user types it, read with Python's own parser (and never evaluated) into the surface tree."""

from __future__ import annotations

import ast
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction

from derivgen.catalog import GLOSSARY
from derivgen.catalog.glossary import Glossary
from derivgen.errors import ParseError, Span
from derivgen.expr import STEP
from derivgen.read.surface import (
    Apply,
    ApplyDerivative,
    Binder,
    BinderPair,
    Differentiated,
    Group,
    Infix,
    Listed,
    Literal,
    Name,
    Negated,
    Paired,
    Subscript,
    Summed,
    Surface,
    Tabulated,
    Transposed,
    ungrouped,
)
from derivgen.read.text.called_in_python import MODULES, is_module, of_the_normal, with_options
from derivgen.read.text.characters import ELSEWHERE, plain_name
from derivgen.read.text.scan import STAND_IN, scan


def _comparison(sign: str) -> type:
    node = ast.parse(f"a {sign} b", mode="eval").body
    assert isinstance(node, ast.Compare)
    return type(node.ops[0])


_OPERATORS: dict[type, str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**", ast.MatMult: "@", ast.Mod: "◯",
}  # fmt: skip

_COMPARISONS = {_comparison(sign): sign for sign in GLOSSARY.comparisons}
"""Python's nodes for relations, and their signs."""

ALIASES = frozenset({"F", "tf", "sp", "scs"})
"""Names that may stand before a function as modules do, but may be variables too: F.softmax(z), and F.trace()."""

METHODS: dict[str, str] = {name: name for name in (
    "sum", "mean", "dot", "max", "min", "trace", "transpose", "det", "logdet", "norm", "exp", "log", "sqrt", "abs", "sin",
    "cos", "tanh", "sigmoid", "relu", "softmax", "matmul", "square", "inv", "prod",
)} | {"inverse": "inv", "diagonal": "diag"}  # fmt: skip
"""What may be written after its first argument, x.sum(), x.dot(y), A.inverse(), with the name of the function."""

OF_TWO = frozenset({"dot", "matmul", "max", "min", "norm", "sum", "mean", "prod"})
"""Those of them that may have another argument: F.dot(y)."""

_DEEPEST = 1000


class _Reader:
    """One walk over Python's tree."""

    def __init__(self, source: str, python: str) -> None:
        self.source = source
        self.indent = len(python) - len(python.lstrip())
        self.python = python.lstrip()
        self.depth = 0
        self.known: dict[int, Surface] = {}  # of nodes that were read before their turn
        self.columns: list[int] | None = None
        if not self.python.isascii():  # Python counts bytes, we count characters
            self.columns = [k for k, c in enumerate(self.python) for _ in c.encode()] + [len(self.python)]

    def read(self) -> Surface:
        try:
            tree = ast.parse(self.python, mode="eval")
        except (RecursionError, MemoryError):
            raise self.too_deep(None) from None
        except (SyntaxError, ValueError) as error:
            raise self.unreadable(error) from None
        return self.surface(tree.body)

    def unreadable(self, error: SyntaxError | ValueError) -> ParseError:
        """Python's own complaint, for whatever the scanner let through."""
        span = None
        said = "this is no expression"
        if isinstance(error, SyntaxError):
            if error.offset:
                at = min(self.indent + error.offset - 1, len(self.source) - 1)
                span = Span(at, at + 1)
            if error.msg and STAND_IN not in error.msg and error.msg != "invalid syntax":
                said = f"this is no expression: {error.msg.partition('. Perhaps')[0]}"
        return ParseError(said, span=span, source=self.source)

    def too_deep(self, span: Span | None) -> ParseError:
        return ParseError("the expression is too long or too deeply nested to be read", span=span, source=self.source,
                          hint="name its parts with --let")  # fmt: skip

    def span(self, node: ast.expr) -> Span:
        start, end = node.col_offset, node.end_col_offset or node.col_offset
        if self.columns is not None:
            start, end = self.columns[start], self.columns[end]
        return Span(start + self.indent, end + self.indent)

    def fail(self, message: str, span: Span, hint: str | None = None) -> ParseError:
        return ParseError(message, span=span, hint=hint, source=self.source)

    def name(self, python: str, span: Span) -> str:
        if python == STAND_IN:
            return "◯"
        written = self.source[span.start : span.end]
        same = python.endswith(STAND_IN) or unicodedata.normalize("NFKC", written) == python  # Python reads ℓ as l
        return plain_name(written if same else python, span.start, self.source)

    def surface(self, node: ast.expr) -> Surface:
        found = self.known.pop(id(node), None)
        if found is not None:
            return found
        depth = self.depth
        if depth >= STEP:
            self.depth = 0
            self.read_below(node)
        self.depth = depth + 1
        found = self.surface_of(node)
        self.depth = depth
        return found

    def read_below(self, node: ast.expr) -> None:
        """Read what lies deep in a node before the node itself. What is wrong there is said when its turn comes."""
        order: list[tuple[ast.expr, int]] = []
        todo = [(node, 0)]
        while todo:
            here, deep = todo.pop()
            if deep > _DEEPEST:
                raise self.too_deep(self.span(here))
            order.append((here, deep))
            todo.extend((inner, deep + 1) for inner in _operands(here))
        for here, deep in reversed(order):
            if deep and deep % (STEP // 2) == 0:
                self.depth = 0
                with suppress(ParseError):
                    self.known[id(here)] = self.surface(here)

    def surface_of(self, node: ast.expr) -> Surface:
        span = self.span(node)
        match node:
            case ast.BinOp():
                return self.chain(node)
            case ast.Name(id=python):
                return Name(span, self.name(python, span))
            case ast.Attribute(value=ast.Name(id=module), attr="pi") if module in MODULES:
                return Name(span, "pi")
            case ast.Attribute(value=value, attr="T"):
                return Transposed(span, self.leading(node, value))
            case ast.Call(keywords=keywords):
                return with_options(self.call(node, span), keywords, self.source)
            case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
                return Literal(span, Fraction(self.source[span.start : span.end].replace("_", "")))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return Negated(span, self.surface(operand))
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.surface(operand)
            case ast.Subscript(value=value, slice=places):
                return self.subscript(node, value, places, span)
            case ast.Compare(left=ast.Tuple() as left, ops=[ast.Eq()], comparators=[right]):
                return Infix(span, "==", self.place(left), self.place(right))
            case ast.Compare(left=left, ops=[ast.Eq()], comparators=[ast.Tuple() as right]):
                return Infix(span, "==", self.leading(node, left), self.place(right))
            case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARISONS:
                return Infix(span, _COMPARISONS[type(op)], self.leading(node, left), self.surface(right))
            case ast.Compare():
                raise self.fail("a chain of comparisons is not read", span, "write (a < b) * (b < c)")
            case ast.List(elts=items):
                return Listed(span, tuple([self.surface(item) for item in items]))
            case ast.ListComp(elt=body, generators=generators):
                pair = self.pair_binder(generators)
                if pair is not None:
                    return Tabulated(span, pair, self.surface(body))
                first, *more = self.binders(generators)
                if generators[0].ifs:
                    raise self.fail("a list has an entry for every index", span, "write where(a > 0, a, b)")
                if more:
                    raise self.fail("a list has one index", span, "nest the lists: [[X[i, j] for j in range(n)] "
                                    "for i in range(m)]")  # fmt: skip
                return Tabulated(span, first, self.surface(body))
            case ast.GeneratorExp():
                raise self.fail("for … in range(…) stands inside sum( ), prod( ) or [ ]", span)
            case ast.Attribute(value=value, attr=attr):
                raise self.attribute(value, attr, span)
            case ast.Tuple():
                raise self.fail("a comma stands between arguments only", span, "a vector of scalars is written [f, g]")
            case _:
                raise self.fail("this is not read here", span)

    def leading(self, node: ast.expr, part: ast.expr) -> Surface:
        """The part that ``node`` begins with; parentheses around it show in where the two begin."""
        inner = self.surface(part)
        start = self.span(node).start
        return inner if start == inner.span.start else Group(Span(start, self.closing(inner.span.end)), inner)

    def closing(self, end: int) -> int:
        """Where the parenthesis ends that closes next after ``end``."""
        at = self.source.find(")", end)
        return end if at < 0 else at + 1

    def chain(self, node: ast.BinOp) -> Surface:
        """A chain of operators leans to the left as deep as it is long, so it is walked without recursion."""
        spine = [node]
        while isinstance(spine[-1].left, ast.BinOp) and spine[-1].col_offset == spine[-1].left.col_offset:
            spine.append(spine[-1].left)
        left = self.leading(spine[-1], spine[-1].left)
        for here in reversed(spine):
            left = Infix(self.span(here), _OPERATORS[type(here.op)], left, self.surface(here.right))
        return left

    def subscript(self, node: ast.Subscript, value: ast.expr, places: ast.expr, span: Span) -> Surface:
        array = self.leading(node, value)
        listed = places.elts if isinstance(places, ast.Tuple) else [places]
        whole = [isinstance(p, ast.Slice) and p.lower is p.upper is p.step is None for p in listed]
        if any(isinstance(p, ast.Slice) and not w for p, w in zip(listed, whole, strict=True)):
            raise self.fail("a part of an axis cannot be taken", span, "an index runs along the whole axis")
        match whole:
            case [True, False]:  # X[:, j] is column j
                return Subscript(span, Transposed(array.span, array), (self.surface(listed[1]),))
            case [False, True]:
                return Subscript(span, array, (self.surface(listed[0]),))
            case _ if any(whole):
                raise self.fail("at least one place must be given", span, "leave the brackets out for the whole array")
            case _:
                return Subscript(span, array, tuple([self.place(p) for p in listed]))

    def place(self, node: ast.expr) -> Surface:
        """A place; two in parentheses make one, along an axis whose length is a product."""
        if isinstance(node, ast.Tuple) and len(node.elts) == 2:
            outer, inner = node.elts
            return Paired(self.span(node), self.place(outer), self.place(inner))
        return self.surface(node)

    def attribute(self, value: ast.expr, attr: str, span: Span) -> ParseError:
        if isinstance(value, ast.Name) and value.id in MODULES:
            if attr == "newaxis":
                return self.fail("axes of length 1 are not read", span, "a vector is a column, x.T a row")
            return self.fail(f"{value.id}.{attr} is not read here", span, f"write {attr}")
        hints = {"t": "the transpose is written x.T", "H": "the transpose is written x.T", "I": "the inverse is inv(X)",
                 "shape": "sizes are named in the declarations: n for the n of R^n"}  # fmt: skip
        at = Span(span.end - len(attr) - 1, span.end)
        if attr in ELSEWHERE:
            return self.fail(f".{attr} is not read here", at, ELSEWHERE[attr])
        other = f"write a function, {attr}(x), if it is one; read are .T and methods such as .sum(), .trace(), .dot(y), .inverse()"
        return self.fail(f".{attr} is not read here", at, hints.get(attr, other))

    def call(self, node: ast.Call, span: Span) -> Surface:
        named = self.span(node.func)
        match node.func:
            case ast.Name(id=python):
                name = self.name(python, named)
                return self.named(name, node.args, span, named)
            case ast.Call(func=ast.Name(id="D"), args=given, keywords=[]):
                return self.derivative(given, node.args, span, named)
            case ast.Attribute(value=value, attr=attr):
                aliased = isinstance(value, ast.Name) and value.id in ALIASES and attr not in OF_TWO and node.args
                if is_module(value) or aliased:
                    return self.named(attr, node.args, span, named)
                if (normal := of_the_normal(value, attr)) is not None:
                    return self.named(normal, node.args, span, named)
                if attr in METHODS:
                    inner = self.leading(node, value)
                    return Apply(span, METHODS[attr], (inner, *self.arguments(node.args)), named)
                raise self.attribute(value, attr, named)
            case _:
                raise self.fail("this is no function that could be applied", named, "a product is written with * or @")

    def named(self, name: str, given: list[ast.expr], span: Span, named: Span) -> Surface:
        match name, given:
            case "sum", [ast.GeneratorExp(elt=body, generators=generators)]:
                return Summed(span, self.binders(generators), self.counted(body, generators))
            case "prod", [ast.GeneratorExp(elt=body, generators=[one])] if not one.ifs:
                (binder,) = self.binders([one])
                return Apply(span, name, (Tabulated(self.span(body), binder, self.surface(body)),), named)
            case "partial", [body, wrt]:
                return Differentiated(span, self.surface(body), self.surface(wrt))
            case "partial", _:
                raise self.fail("partial takes an expression and a variable", span, "write partial(e, x[j])")
            case "lambdify" | "eval" | "exec" | "compile" | "getattr" | "__import__", _:
                raise self.fail(f"{name} is no operation: expressions are read, never run", named)
            case _:
                return Apply(span, name, self.arguments(given), named)

    def counted(self, body: ast.expr, generators: list[ast.comprehension]) -> Surface:
        """The term of a sum, times 1 where it counts and 0 elsewhere."""
        term = self.surface(body)
        for condition in (c for g in generators for c in g.ifs):
            held = self.surface(condition)
            if isinstance(held, Infix) and held.operator == "!=":  # of indices it is 1 less their delta
                held = Infix(
                    held.span, "-", Literal(held.span, Fraction(1)), Group(held.span, replace(held, operator="=="))
                )
            term = Infix(held.span | term.span, "*", Group(held.span, held), term)
        return term

    def arguments(self, given: list[ast.expr]) -> tuple[Surface, ...]:
        """The arguments; a tuple, which only sizes may be, is read as a list."""
        found: list[Surface] = []
        for arg in given:
            if isinstance(arg, ast.Tuple):
                found.append(Listed(self.span(arg), tuple([self.surface(item) for item in arg.elts])))
            else:
                found.append(self.surface(arg))
        return tuple(found)

    def derivative(self, given: list[ast.expr], args: list[ast.expr], span: Span, named: Span) -> Surface:
        match given:
            case [ast.Name(id=python) as function, *rest]:
                orders = [k.value for k in rest if isinstance(k, ast.Constant) and type(k.value) is int]
                if len(orders) == len(rest):
                    name = self.name(python, self.span(function))
                    return ApplyDerivative(span, name, tuple(orders), self.arguments(args), self.span(function))
        raise self.fail("D takes a declared function, and the numbers of the arguments to differentiate by", named,
                        "write D(f)(x), or D(f, 1)(x, y) for the second argument")  # fmt: skip

    def binders(self, generators: list[ast.comprehension]) -> tuple[Binder, ...]:
        found: list[Binder] = []
        for g in generators:
            span = self.span(g.target) | self.span(g.iter)
            if not isinstance(g.target, ast.Name):
                raise self.fail("an index has one name", self.span(g.target))
            name = self.name(g.target.id, self.span(g.target))
            match g.iter:
                case ast.Call(func=ast.Name(id="range"), args=[length], keywords=[]):
                    found.append(Binder(span, name, self.length(length)))
                case ast.Call(func=ast.Name(id="range"), args=[_, _, *_]):
                    raise self.fail("an index runs along a whole axis, from 0", self.span(g.iter), "write range(n)")
                case _:
                    raise self.fail("an index runs over range(n)", self.span(g.iter), f"write for {name} in range(n)")
        return tuple(found)

    def pair_binder(self, generators: list[ast.comprehension]) -> BinderPair | None:
        """The one binder of a list over a pair of indices."""
        if len(generators) != 1 or generators[0].ifs:
            return None
        target, over = generators[0].target, generators[0].iter
        return self.binder_pair(target, over, self.span(target) | self.span(over))

    def binder_pair(self, target: ast.expr, over: ast.expr, span: Span) -> BinderPair | None:
        """for (j, i) in range(n, m); None where it is no such thing."""
        match target, over:
            case (
                ast.Tuple(elts=[outer, inner]),
                ast.Call(func=ast.Name(id="range"), args=[n, m]) | ast.Tuple(elts=[n, m]),
            ):
                return BinderPair(span, self.binder_within(outer, n), self.binder_within(inner, m))
            case _:
                return None

    def binder_within(self, target: ast.expr, over: ast.expr) -> Binder | BinderPair:
        span = self.span(target) | self.span(over)
        pair = self.binder_pair(target, over, span)
        if pair is not None:
            return pair
        if not isinstance(target, ast.Name):
            raise self.fail("an index has one name", self.span(target))
        return Binder(span, self.name(target.id, self.span(target)), self.length(over))

    def length(self, node: ast.expr) -> Surface:
        inner = ungrouped(self.surface(node))
        product = isinstance(inner, Infix) and inner.operator == "*"
        if not (product or isinstance(inner, Name | Literal) or (isinstance(inner, Apply) and inner.function == "len")):
            raise self.fail("a size is a name or a number", inner.span, "write range(n), with n from the declarations")
        return inner


def _operands(node: ast.AST) -> Iterator[ast.expr]:
    """What is read within a node; of a chain of operators, which is walked as a whole, all operands."""
    while isinstance(node, ast.BinOp):
        yield node.right
        if not (isinstance(node.left, ast.BinOp) and node.col_offset == node.left.col_offset):
            yield node.left
        node = node.left if isinstance(node.left, ast.BinOp) and node.col_offset == node.left.col_offset else node.op
    for inner in ast.iter_child_nodes(node):
        if isinstance(inner, ast.expr):
            yield inner
        elif isinstance(inner, ast.comprehension):
            yield from (inner.target, inner.iter)


def surface(source: str, glossary: Glossary = GLOSSARY) -> Surface:
    """Read ``source`` into the surface tree; ParseError where that fails."""
    scanned = scan(source, glossary.by_name)
    return _Reader(source, scanned.python).read()
