"""Bad input: what is wrong, where, and what to write instead; never a traceback, never a long wait."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derivgen.errors import DerivgenError, NameUnknown, ParseError, ShapeError, render
from derivgen.read import declare, parse_text

KNOWN = declare(
    "W in R^(m*n); w, x in R^n; b in R^m; c in R; A in R^(n*m); B in R^(n*n); f: R^n -> R^m; h: R, R -> R; sigma in R; C in R^(7*8); e in R^8"
)

SHAPES = [
    ("W @ x + b.T", "W @ x is an m×1 column, b.T is a 1×m row", "W @ x + b.T", "write b instead of b.T"),
    ("b.T + W @ x", "b.T is a 1×m row, W @ x is an m×1 column", "b.T + W @ x", "write b instead of b.T"),
    ("W @ b", "W is an m×n matrix, b is an m×1 column", "W @ b", "W.T @ b"),
    ("x + W @ x.T", "W is an m×n matrix, x.T is a 1×n row", "W @ x.T", "W @ x"),
    ("w @ W", "w is an n×1 column, W is an m×n matrix", "w @ W", "W @ w"),
    ("w @ B", "w is an n×1 column, B is an n×n matrix", "w @ B", "w.T @ B"),
    ("x.T @ w.T", "1×n row", "x.T @ w.T", "x @ w.T"),
    ("W * x", "W is an m×n matrix, x is an n×1 column", "W * x", "matrix product is written @"),
    ("2 * (W @ c)", "c is a scalar", "W @ c", "with *"),
    ("x.T @ w @ B", "x.T @ w is a scalar", "x.T @ w @ B", "with *"),
    ("x + b", "x is an n×1 column, b is an m×1 column", "x + b", "one name"),
    ("W + A", "W is an m×n matrix, A is an n×m matrix", "W + A", ".T"),
    ("maximum(x, b)", "x is an n×1 column, b is an m×1 column", "maximum(x, b)", "one name"),
    ("where(x > 0, b, 0)", "x > 0 is an n×1 column, b is an m×1 column", "where(x > 0, b, 0)", None),
    ("where(x > 0, c, c)", "x > 0 is an n×1 column", "where(x > 0, c, c)", "give the values that shape"),
    ("f(b)", "f is declared on an n×1 column: b is an m×1 column", "b", "declared as f: R^n -> R^m"),
    ("f(x.T)", "x.T is a 1×n row", "x.T", None),
    ("W @ x @ x", "W @ x is an m×1 column, x is an n×1 column", "W @ x @ x", None),
    ("A @ B", "A is an n×m matrix, B is an n×n matrix", "A @ B", "A.T @ B"),
    ("C @ B", "C is a 7×8 matrix, B is an n×n matrix", "C @ B", "one name"),
    ("e + x", "e is an 8×1 column", "e + x", "one name"),
    ("[[i == j for i in range(m)] for j in range(n)]", "i runs to m, j to n", "i == j", None),
    ("norm(W, 1)", "norm(x, 1) is of a vector", "norm(W, 1)", "Frobenius"),
    ("det(W)", "det is of a square matrix: W is an m×n matrix", "det(W)", "A in R^(n*n)"),
    ("trace(x)", "trace is of a square matrix", "trace(x)", None),
    ("norm(c)", "norm is of a vector or a matrix: c is a scalar", "norm(c)", "abs"),
    ("sum(c)", "c is a scalar", "sum(c)", "for i in range(n)"),
    ("softmax(W)", "softmax(W) is of a matrix, and it is not said whether of each row", "softmax(W)", "softmax(W, axis=1)"),
    ("softmax(2 * W)", "softmax(2 * W) is of a matrix, and it is not said whether of each row", "softmax(2 * W)", "softmax(2 * W, axis=0)"),
    ("outer(W, x)", "outer is of two vectors", "outer(W, x)", None),
    ("max(c)", "largest", "max(c)", "max(a, b)"),
    ("[x, w]", "x is an n×1 column", "x", "a row is x.T"),
    ("[c, x.T]", "c is a scalar, x.T is a 1×n row", "[c, x.T]", None),
    ("[x for i in range(n)]", "x is an n×1 column", "x", "[[X[i, j]"),
    ("c[0]", "c is a scalar: it has no entries", "c[0]", None),
    ("x[0, 1]", "x is an n×1 column: it has no further axis", "x[0, 1]", "x[0]"),
    ("W[0][1][2]", "W is an m×n matrix: it has no further axis", "W[0][1][2]", None),
    ("sum(x[i] for i in range(m))", "i runs to m, but the axis has length n", "i", "range(n)"),
    ("partial(c, x)", "x is an n×1 column", "x", "x[i]"),
]  # fmt: skip

NAMES = [
    ("foo + x", "foo is not declared", "foo", '"foo in R^n"'),
    ("X @ x", "X is not declared", "X", "did you mean x?"),
    ("sigm * x", "sigm is not declared", "sigm", "did you mean sigma?"),
    ("Q @ x", "Q is not declared", "Q", '"Q in R^(m*n)"'),
    ("tnh(x)", "no function tnh", "tnh", "did you mean tanh?"),
    ("sgima(x)", "no function sgima", "sgima", "did you mean sigma?"),
    ("sigmiod(x)", "no function sigmiod", "sigmiod", "did you mean sigmoid?"),
    ("softmx(x)", "no function softmx", "softmx", "did you mean softmax?"),
    ("tanhh(x)", "no function tanhh", "tanhh", "did you mean tanh?"),
    ("lgo(x)", "no function lgo", "lgo", "did you mean log?"),
    ("bananas(x)", "no function bananas", "bananas", '"bananas: R^n -> R^m"'),
    ("D(g)(x)", "g is no function that is declared", "g", '"g: R^n -> R^m"'),
    ("eye(k)", "k is no size that is declared", "k", "m, n"),
    ("sum(x[i] for i in range(N))", "N is no size", "N", "did you mean n?"),
    ("print(x)", "no function print", "print", None),
    ("lambda * x", "lambda is not declared", "lambda", '"lambda in R"'),
]  # fmt: skip

UNREADABLE = [
    ('__import__("os")', "never run", "__import__", None),
    ("eval(x)", "never run", "eval", None),
    ("x.__class__", ".__class__ is not read", ".__class__", ".T"),
    ("x.shape", ".shape is not read", ".shape", "declarations"),
    ("x.foo(w)", ".foo is not read", ".foo", ".T"),
    ("x + 'a'", "quotes", "'", None),
    ("x, 'a'", "quotes", "'", None),
    ("sum_i x_i", "a sum is not written so", "sum_i x_i", "sum(x[i] for i in range(n))"),
    ("np.linalg.solve(A, x)", "solve is not read", "np.linalg.solve", "inv(A) @ b"),
    ("f(W, 'fro')", "quotes", "'", None),
    ("norm(W, 'nuc')", "only the norms norm(x) and norm(x, 1) are known", "nuc", "Frobenius"),
    ("norm(x, 'fro')", "only the norms norm(x) and norm(x, 1) are known", "fro", "Frobenius"),
    ("f'{x}'", "quotes", "'", None),
    ("“x”", "quotes", "“", None),
    ("x'", "is not read", "'", "x.T"),
    ("lambda x: x", "functions are not defined", "lambda", "Greek"),
    ("lambda: 3", "functions are not defined", "lambda", "Greek"),
    ("(y := 3)", ":= is not read", ":=", "--let"),
    ("x = 3", "an equation", "=", "right-hand side"),
    ("sum(x, where=0)", "the option where", "where=", "order"),
    ("x if c else w", '"if" is not read', "if", "where("),
    ("x and w", '"and" is not read', "and", "multiply"),
    ("not c", '"not" is not read', "not", "1 - c"),
    ("True", '"True" is not read', "True", "write 1"),
    ("class", "Python's own", "class", "class_"),
    ("import os", "Python's own", "import", None),
    ("", "empty", None, "w.T @ x + b"),
    (" \n ", "empty", None, "w.T @ x + b"),
    ("x^2", "^ is not read", "^", "x**2"),
    ("w x", "an operator is missing", "w x", "w * x, or w @ x"),
    ("2x", "an operator is missing", "2x", "2 * x"),
    ("2(x)", "an operator is missing", "2(", "2 * (…)"),
    ("(w + x) x", "an operator is missing", "(w + x) x", "(w + x) * x"),
    ("max x", "stands in parentheses", "max x", "max(x)"),
    ("w(x)", "w is a variable, not a function", "w", "w * (x)"),
    ("f(x)(x)", "no function", "f(x)", "*"),
    ("x +", "ends where an operand is expected", "+", "take the sign out"),
    ("* x", "at the beginning", "*", None),
    ("x * / w", "missing before /", "/", None),
    ("f(x,,c)", "missing before ,", ",", None),
    ("(x + )", "missing before )", ")", None),
    ("x + (w", "never closed", "(", "write ) where it ends"),
    ("x)", "closes nothing", ")", "take it out"),
    ("(x]", "does not close the (", "]", None),
    ("x + ()", "nothing stands between", "()", None),
    ("x == w == x", "chain of comparisons", "x == w == x", "(a < b) * (b < c)"),
    ("x in R^n", '"in" is not read', "in", "where text"),
    ("x[i] for i in range(n)", '"for" is not read', "for", "sum("),
    ("[x[i] for i in range(n) if i > 2]", "a list has an entry for every index", "[x[i] for i in range(n) if i > 2]", "where(a > 0, a, b)"),
    ("sum(x[i] for i in range(1, n))", "whole axis", "range(1, n)", "range(n)"),
    ("sum(2*x[i] + 1for i in range(n))", "a space is missing before for", "for", "a word of its own"),
    ("sum(x[i] for i in x)", "runs over range(n)", "x", "range(n)"),
    ("sum(x[c] for c in range(n))", "c is declared as a variable", "c in range(n)", "another letter"),
    ("(x[i] for i in range(n))", "inside sum( ), prod( ) or [ ]", "(x[i] for i in range(n))", None),
    ("x[i]", "i is no index", "i", "for i in range(n)"),
    ("x[-1]", "cannot be negative", "-1", "counting from the end"),
    ("sum(x[i+1] for i in range(n))", "cannot be shifted", "i+1", "run over the end"),
    ("x[0.5]", "a place is an index", "0.5", None),
    ("x[1:2]", "a part of an axis", "x[1:2]", "whole axis"),
    ("x, w", "a comma", "x, w", "[f, g]"),
    ("{c}", "is not read", "{", None),
    ("x % w", "is not read", "%", None),
    ("x // w", "// is not read", "//", "/"),
    ("x & w", "is not read", "&", "multiply"),
    ("x; w", "is not read", ";", None),
    ("x × w", "multiplication sign", "×", "*"),
    ("x ⊙ w", "is not read", "⊙", "*"),
    ("x – w", "en dash", "–", "-"),
    ("xᵀ", "is not read", "ᵀ", "x.T"),
    ("x²", "superscript two", "²", "**2"),
    ("x₁", "subscript one", "₁", "x1"),
    ("√x", "square root", "√", "sqrt(x)"),
    ("х + x", "cyrillic small letter ha, U+0445", "х", "Latin x"),
    ("xо", "cyrillic small letter o, U+043E", "о", "Latin o"),
    ("ｘ + w", "fullwidth", "ｘ", "Latin x"),
    ("𝐱 + w", "mathematical bold small x", "𝐱", "Latin x"),
    ("Α @ x", "greek capital letter alpha", "Α", "Latin A"),
    ("x\x00w", "U+0000", "\x00", None),
    ("x\u200b", "zero width space", "\u200b", None),
    ("x\ud800", "U+D800", "\ud800", None),
    (r"\mathbf{x}", "is not read", "\\", "--from latex"),
    ("$x$", "is not read", "$", "--from latex"),
    ("1 / 0", "divides by zero", "0", None),
    ("1e99999", "too long", "1e99999", None),
    ("9" * 401, "too long", "9" * 401, None),
    ("007", "does not begin with 0", "007", "7"),
    ("1j", "real", "1j", None),
    ("ones + 1", "the size of ones is not known", "ones", "ones(n)"),
    ("ones(1)", "no axes of length 1", "1", None),
    ("eye(0)", "0 is no size", "0", None),
    ("f", "f is a function", "f", "f(x)"),
    ("exp", "exp is an operation", "exp", "exp(x)"),
    ("f(x, x)", "f takes 1 argument, not 2", "f(x, x)", "declared as f: R^n -> R^m"),
    ("exp(x, w)", "exp takes 1 argument, not 2", "exp(x, w)", "write exp(u)"),
    ("where(c, x)", "where takes", "where(c, x)", "where(c, a, b)"),
    ("norm(x, 3)", "only the norms", "3", None),
    ("D(h)(c, c)", "h has 2 arguments", "h", "D(h, 0)"),
    ("D(h, 5)(c, c)", "no argument number 5", "h", "from 0"),
    ("D(f, x)(x)", "D takes", "D(f, x)", "D(f)(x)"),
    ("partial(c)", "an expression and a variable", "partial(c)", "partial(e, x[j])"),
    ("D(f)", "D takes a declared function", "D", "D(f)(x)"),
    ("range(n)", "range stands after for", "range", "sum("),
    ("eye(n, m, m)", "two axes at most", "eye(n, m, m)", None),
    ("sqrt()", "sqrt takes 1 argument, not 0", "sqrt()", "write sqrt(u)"),
    ("max()", "at least one argument", "max()", None),
    ("e[8]", "place 8 is outside an axis of length 8", "8", "from 0"),
    ("x[:]", "at least one place", "x[:]", "whole array"),
    ("x[np.newaxis]", "axes of length 1", "np.newaxis", "x.T"),
    ("np.e", "np.e is not read", "np.e", "write e"),
    ("[c for i in range(n) for j in range(n)]", "a list has one index", None, "nest the lists"),
    ("sum(c for i in range(n + 1))", "a size is a name or a number", "n + 1", "range(n)"),
    ("sum(c for i, j in range(n))", "an index has one name", "i, j", None),
    ("sum(c for (i, j) in range(n))", "an index has one name", "(i, j)", None),
    ("sum(c for x[0] in range(n))", "an index has one name", "x[0]", None),
    ("sum(c for i in in range(n))", "missing before in", "in", None),
    ("sum(c in x)", '"in" is not read', "in", "for i in range(n)"),
    ("x < .T", "missing before .", ".", None),
    ("x[c==c]", "a place is an index", "c==c", None),
    ("(x)(c)", "x is a variable, not a function", "x", "x * (c)"),
    ("partial(c, c + c)", "by a variable", "c + c", "x[j]"),
    ("f(◯)", "◯ stands between", "◯", None),
    ("x" * 61, "61 letters", "x" * 61, None),
]  # fmt: skip

Row = tuple[type[DerivgenError], str, str, str | None, str | None]
TABLE: list[Row] = [
    *((ShapeError, *row) for row in SHAPES),
    *((NameUnknown, *row) for row in NAMES),
    *((ParseError, *row) for row in UNREADABLE),
]


@pytest.mark.parametrize(
    ("kind", "source", "message", "place", "hint"), TABLE, ids=[repr(row[1])[:40] for row in TABLE]
)
def test_is_refused(kind: type[DerivgenError], source: str, message: str, place: str | None, hint: str | None) -> None:
    with pytest.raises(kind) as caught:
        parse_text(source, KNOWN)
    error = caught.value
    assert message in error.message
    if place is not None:
        assert error.span is not None
        assert source[error.span.start : error.span.end] == place
        assert error.source == source
    if hint is not None:
        assert hint in str(error.hint)
    assert len(render(error).splitlines()) <= 8


HUGE = {
    "a million letters": "x" * 10**6,
    "a million operators": "x+" * 500_000 + "x",
    "10,000 parentheses": "(" * 10_000 + "x" + ")" * 10_000,
    "unclosed": "[" * 300,
    "signs": "-" * 4000 + "c",
    "powers": "**".join(["c"] * 2500),
    "a long sum": "+".join(["c"] * 6000),
    "transposes": "x" + ".T" * 4000,
    "comparisons": "c<" * 2000 + "c",
    "applications": "(x)" * 3000,
    "a long list": "[" + "c," * 4000 + "q]",
    "a long name": "a" * 90_000,
    "spaces": " " * 90_000 + "q",
}


@pytest.mark.parametrize("source", HUGE.values(), ids=HUGE)
def test_too_much_is_refused_at_once(source: str) -> None:
    start = time.process_time()
    with pytest.raises(DerivgenError) as caught:
        parse_text(source, KNOWN)
    screen = render(caught.value)
    assert time.process_time() - start < 2
    assert len(screen) < 1500
    assert max(map(len, screen.splitlines())) < 700


@pytest.mark.parametrize(
    "source",
    ["(" * 150 + "c" + ")" * 150, "tanh(" * 195 + "x" + ")" * 195, "+".join(["c"] * 1000), "*".join(["c"] * 1000),
     "-" * 150 + "c", "x" + ".T" * 200, "**".join(["c"] * 150), "sin(c + cos(c * " * 45 + "c" + "))" * 45],
    ids=lambda s: s[:10],
)  # fmt: skip
def test_much_is_read(source: str) -> None:
    start = time.process_time()
    parse_text(source, KNOWN)
    assert time.process_time() - start < 1


PIECES = ["x", "w", "W", "c", "0", "1.5", "+", "-", "*", "/", "@", "**", "◯", "<>", "(", ")", "[", "]", ",", ".T", ".", " ", "==",
          ">", "=", "for", "in", "range", "sum", "i", "n", "max", "where", "D", "f", "partial", "lambda", ":", "if", "'", "х",
          "\n", "\x00", "σ", "eye", "ones", "max(", "f(", "sum(", "[x[i] for i in range(n)]", "λ", "ꙮ", "\\", "é", "😀"]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=14))
def test_any_text_is_read_or_refused(pieces: list[str]) -> None:
    source = "".join(pieces)
    try:
        parse_text(source, KNOWN)
    except DerivgenError as error:
        if error.span is not None:
            inside = 0 <= error.span.start <= error.span.end <= len(source)
            assert inside, error.span  # noqa: PT017
        render(error, color=True)


@given(st.text(max_size=40))
def test_any_characters_are_read_or_refused(source: str) -> None:
    for read in (lambda: parse_text(source, KNOWN), lambda: declare(source)):
        try:
            read()
        except DerivgenError as error:
            render(error)
