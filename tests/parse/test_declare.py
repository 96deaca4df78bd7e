"""Declarations: every spelling that INTERFACE names, what is refused, and how they print."""

from __future__ import annotations

import pytest

from derivgen.catalog.base import Abstract
from derivgen.catalog.declared import where_text
from derivgen.errors import NameUnknown, ParseError
from derivgen.expr import SCALAR, Dim, Index, Shape, Symbol
from derivgen.read import declare, parse_text, parse_variable, read

COLUMN = Shape((Dim("n"),))

PRINTED = [
    ("w, x in R^n", "w, x in R^n"),
    ("b in R", "b in R"),
    ("A in R^(m*n)", "A in R^(m*n)"),
    ("A in R^{m x n}", "A in R^(m*n)"),
    ("A in R^{m*n}", "A in R^(m*n)"),
    ("A ∈ ℝ^(m×n)", "A in R^(m*n)"),
    ("A in R^(2 x 3)", "A in R^(2*3)"),
    (r"A \in \mathbb{R}^{m \times n}", "A in R^(m*n)"),
    (r"$\mathbf{w}, \mathbf{x} \in \mathbb{R}^n;\; b\in\mathbb R$", "w, x in R^n; b in R"),
    (r"\lambda \in \R", "lambda in R"),
    ("x in R^3", "x in R^3"),
    ("A in Sym(n)", "A in Sym(n)"),
    ("A in R^(m*n); S in Sym(m*n)", "A in R^(m*n); S in Sym(m*n)"),
    ("S in PD(n); D in Diag(n); y in Simplex(m)", "S in PD(n); D in Diag(n); y in Simplex(m)"),
    ("x in R^n, x > 0", "x in R^n, x > 0"),
    ("w, x in R^n, x > 0", "w in R^n; x in R^n, x > 0"),
    ("x in R^n; x > 0", "x in R^n, x > 0"),
    ("w in R^n, b in R", "w in R^n; b in R"),
    ("w in R^n\nb in R\n", "w in R^n; b in R"),
    ("b in R; w in R^n; c in R", "b, c in R; w in R^n"),
    ("f: R^n -> R^m", "f: R^n -> R^m"),
    ("f: R^n → R", "f: R^n -> R"),
    (r"f \colon \mathbb{R}^n \to \mathbb{R}^m", "f: R^n -> R^m"),
    ("f: R -> R elementwise", "f: R -> R elementwise"),
    ("f: R -> R element-wise", "f: R -> R elementwise"),
    ("f: R, R -> R", "f: R, R -> R elementwise"),
    ("f: R × R → R", "f: R, R -> R elementwise"),
    ("f: R^n, R^m -> R", "f: R^n, R^m -> R"),
    ("f: R^n -> R^n elementwise", "f: R^n -> R^n elementwise"),
    ("f, g: R^n -> R^n elementwise", "f: R^n -> R^n elementwise; g: R^n -> R^n elementwise"),
    ("x in R^1", "x in R"),
    ("x in R^(n*1)", "x in R^n"),
    ("θ1, λ in R", "theta1, lambda in R"),
    ("R in R^(n*n)", "R in R^(n*n)"),
    ("", ""),
    (" ; ", ""),
]


@pytest.mark.parametrize(("where", "printed"), PRINTED)
def test_reads_and_prints(where: str, printed: str) -> None:
    found = declare(where)
    assert str(found) == printed
    assert declare(printed) == found


def test_what_is_declared() -> None:
    found = declare("x in R^n, x > 0; S in PD(k); y in Simplex(m); i in range(n); f: R^n -> R^m")
    assert found.symbols == {
        "x": Symbol("x", COLUMN, ("positive",)),
        "S": Symbol("S", Shape((Dim("k"), Dim("k"))), ("positive-definite", "symmetric")),
        "y": Symbol("y", Shape((Dim("m"),)), ("simplex",)),
    }
    assert found.functions == {"f": Abstract("f", (COLUMN,), Shape((Dim("m"),)))}
    assert found.indices == {"i": Index("i", Dim("n"))}
    assert found.sizes == ("n", "k", "m")


def test_pointwise_functions() -> None:
    found = declare(
        "f: R -> R elementwise; g: R, R -> R; h: R^n -> R^n elementwise; k: R -> R^n; q: R^n -> R"
    ).functions
    assert {name for name, f in found.items() if f.pointwise} == {"f", "g", "h"}
    assert found["g"].domain == (SCALAR, SCALAR)


def test_a_dictionary_is_taken_too() -> None:
    assert declare({"w": "R^n", "f": "R^n -> R^m"}) == declare("w in R^n; f: R^n -> R^m")


def test_too_long() -> None:
    with pytest.raises(ParseError, match="characters"):
        declare("x in R;" * 20_000)


def test_printing() -> None:
    assert where_text([Symbol("W", Shape((Dim("m"), Dim(3))))]) == "W in R^(m*3)"
    assert where_text([]) == ""


REFUSED = [
    ("eps in R+", "is not read here", "+", "R_+"),
    ("x in R^n+", "is not read here", "+", "declare variables like"),
    ("x in R^n; x in R^m", "declared twice", "x", "or in 'x in R^n'"),
    ("x in R^n; x: R -> R", "declared twice", "x", None),
    ("x, x in R^n", "declared twice", "x", None),
    ("x in R^n; n in R", "n is a size", "n", "without being declared"),
    ("n in R; x in R^n", "n is a size", "n", "without being declared"),
    ("where: R -> R", "the way that expressions are written", "where", "another name"),
    ("class in R", "Python's own", "class", "class_"),
    ("__x in R", "underscores", "__x", None),
    ("x", 'where "in" or ":" is expected', "x", "declare variables like"),
    ("x in", "a space such as R^n", "in", "declare variables like"),
    ("x in Q^n", "Q is no space", "Q", "declare variables like"),
    ("x in Rn", "Rn is no space", "Rn", "write R^n"),
    ("x in R^", "a size", "^", None),
    ("x in R^0", "no size", "0", "from 1"),
    ("x in R^2.5", "no size", "2.5", "from 1"),
    ("A in R^m*n", "; or the end", "*", "R^(m*n)"),
    ("A in R^mxn", "parentheses", "mxn", "R^(m*n)"),
    ("A in R^(2x3)", "not a product", "2x3", "R^(2*3)"),
    ("A in R^(m*n", ") is expected", "n", None),
    ("A in R^(m*n*k)", "at most two axes", ")", None),
    ("A in R^(1*n)", "a row is declared as a column", ")", "x.T"),
    ("f: R^n", "-> and the space", "n", "f: R^n -> R^m"),
    ("f: R -> R^n elementwise", "one space", "R -> R^n", "f: R -> R elementwise"),
    ("f: R -> R smooth", '"elementwise"', "smooth", None),
    ("x in R^n, y > 0", "not declared before", "y", "write y in R; y > 0"),
    ("eps > 0 in R^k; x in R", "not declared before", "eps", "write eps in R^k; eps > 0"),
    ("S \\succ 0", "not declared before", "S", "write S in PD(n)"),
    ("eps in R; eps > 0 in R", "; or the end is expected here, not in", "in", "x in R; x > 0"),
    ("eps in R^+", '"+" is not read here', "+", 'below it: "R_+"'),
    ("a in R_+; eps in R^+", '"+" is not read here', "+", 'or "R_{++}" without 0'),
    ("x in R^n, x > 1", "0 is expected", "1", "x > 0"),
    ("x = 3", "= is not read", "=", "x > 0"),
    ("x in R^n x", "; or the end", "x", None),
    ("in R^n", "a name is expected", "in", None),
    ("◯: R, R -> R", "generic operator", "◯", None),
    ("x in Sym", "( is expected", "Sym", "Sym(n)"),
    ("x in Sym(n", ") is expected", "n", None),
    ("i in range n", "( is expected", "n", None),
    ("i in range(n", ") is expected", "n", None),
    (r"\mathbf{x, y} in R", "} is expected", ",", None),
    ("A in R^{(m*n}", ") is expected", "}", None),
    ("A in R^(m x2)", ") is expected", "x2", "leave a space"),
    ("x in R^if", "cannot be a size", "if", None),
    (r"x \inn R", r"\inn is not known", r"\inn", None),
    ("х in R", "only looks like 'x'", "х", "Latin x"),
    ('x in "R"', "quotes", '"', None),
    ("a" * 61 + " in R", "61 letters", "a" * 61, None),
]  # fmt: skip


@pytest.mark.parametrize(("where", "message", "place", "hint"), REFUSED)
def test_is_refused(where: str, message: str, place: str, hint: str | None) -> None:
    with pytest.raises(ParseError) as caught:
        declare(where)
    error = caught.value
    assert message in error.message
    assert error.span is not None
    assert where[error.span.start : error.span.end] == place
    assert (hint is None) or hint in str(error.hint)
    assert error.source == where


# --- names for intermediates, and the variable -----------------------------------------------------------------------


def test_lets() -> None:
    e, known, (u, s) = read("max(0, s + b)", "w, x in R^n; b in R", ["u = w * x", "s = sum(u)"])
    assert (u.symbol, u.value) == (Symbol("u", COLUMN), parse_text("w * x", known))
    assert (s.symbol, s.value) == (Symbol("s"), parse_text("sum(u)", known))
    assert e == parse_text("max(0, s + b)", known)
    assert str(known) == "w, x in R^n; b in R"
    assert read("s", "w, x in R^n", "u = w * x; s = sum(u)")[2] == (u, s)
    assert read("s", "w, x in R^n", {"u": "w * x", "s": "sum(u)"})[2] == (u, s)
    assert read("r", "w in R^n", "r = w.T")[2][0].symbol.shape.row


@pytest.mark.parametrize(
    ("let", "message", "place"),
    [
        ("w = x", "meaning already", "w"),
        ("n = x", "meaning already", "n"),
        ("w * x", "name = expression", "w * x"),
        ("u == x", "name = expression", "u == x"),
        ("u = v + x", "v is not declared", "v"),
        ("u = ", "ends where an operand", None),
        ("ｕ = x", "only looks like", "ｕ"),
    ],
)
def test_a_let_is_refused(let: str, message: str, place: str | None) -> None:
    with pytest.raises((ParseError, NameUnknown)) as caught:
        read("x", "w, x in R^n", [let])
    error = caught.value
    assert message in error.message or "empty" in error.message
    if place is not None:
        assert error.span is not None
        assert let[error.span.start : error.span.end] == place


def test_a_tree_brings_its_own_declarations() -> None:
    e = parse_text("f(x) + ones(m)", "x in R^n; f: R^n -> R^m")
    found, known, _ = read(e)
    assert found is e
    assert (set(known.symbols), set(known.functions), set(known.sizes)) == ({"x"}, {"f"}, {"m", "n"})


KNOWN = declare("w, x in R^n; a, b in R; lambda in R; f: R^n -> R")


def test_variable() -> None:
    a, b = KNOWN.symbols["a"], KNOWN.symbols["b"]
    assert parse_variable(" x ", KNOWN) == KNOWN.symbols["x"]
    assert parse_variable("λ", KNOWN) == KNOWN.symbols["lambda"]
    assert parse_variable("[a, b]", KNOWN) == (a, b)
    assert parse_variable("[b]", KNOWN) == (b,)


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("y", "y is not declared", "the variables are w, x, a, b, lambda"),
        ("lamda", "lamda is not declared", "did you mean lambda?"),
        ("X", "X is not declared", "did you mean x?"),
        ("f", "f is a function", "the variables are"),
        ("n", "n is a size", "the variables are"),
        ("pi", "pi is a constant", "the variables are"),
        ("", "no variable", "the variables are"),
        ("x[0]", "is a name", "the whole of x"),
        ("x.T", "is a name", "the whole of x"),
        ("x + w", "is a name", "the variables are"),
        ("[a, x]", "x is an n×1 column", "each array in turn"),
        ("[a, a]", "named twice", ""),
        ("[]", "no variable", ""),
        ("х", "only looks like", "Latin x"),
    ],
)
def test_a_variable_is_refused(text: str, message: str, hint: str) -> None:
    with pytest.raises((ParseError, NameUnknown)) as caught:
        parse_variable(text, KNOWN)
    assert message in caught.value.message
    assert hint in (caught.value.hint or "")
