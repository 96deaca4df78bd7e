"""Bad LaTeX: one message that underlines the source and proposes what to write, whatever comes in, and at once."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derivgen.errors import DerivgenError, render
from derivgen.read import Declarations
from derivgen.read.latex.formula import parse_latex, surface
from derivgen.read.latex.question import read_latex

WHERE = "b in R; x, w in R^n; A in R^(n*n); B in R^(m*n); f: R^n -> R^m; g: R -> R elementwise"


@pytest.mark.parametrize(
    ("tex", "message", "at", "hint"),
    [
        (r"\mathbf{w", "this { is never closed", "{", "write } where it ends"),
        (r"\mathbf w}", "this } closes nothing", "}", r"a brace to be seen is written \}"),
        (r"\left( b", r"\left( has no \right", r"\left(", None),
        (r"\left( b \right]", r"\right] does not close the \left(", r"\right]", None),
        ("(b", "this ( is never closed", "(", "close it"),
        ("b)", ") closes nothing", ")", None),
        ("|b", "this | is never closed", "|", None),
        (r"\begin{bmatrix} b", r"\begin{bmatrix} is never ended", r"\begin{bmatrix}", None),
        (r"\begin{bmatrix} b \end{pmatrix}", r"\end{pmatrix} does not end \begin{bmatrix}", r"\end{pmatrix}", None),
        (r"\begin{foo} b \end{foo}", "the environment foo is not known", r"\begin{foo}",
         "matrices are read (bmatrix, pmatrix, array), and cases"),
        (r"b + \lamda", r"the command \lamda is not known", r"\lamda", r"did you mean \lambda?"),
        (r"\frac{b}", r"\frac wants an argument", r"\frac", r"\frac{…}"),
        (r"\frac{b}{}", "nothing stands between these braces", "{}", None),
        (r"\frac{b}{0}", "this divides by zero", "0", None),
        ("b +", "an operand is missing after +", "+", None),
        ("b + * b", "an operand is missing before *", "*", None),
        ("x^12", "without braces only the 1 is meant by this ^", "^12", "write ^{12}"),
        ("b^2^3", "a second superscript on one letter", "^", "braces say which belongs to which: {x^2}^2"),
        ("x_1_2", "a second subscript on one letter", "_", "braces say which belongs to which: {x_1}_i or x_{1,i}"),
        (r"\sum b", r"\sum wants an index", r"\sum", r"\sum_{i=1}^{n}"),
        (r"\sum_{i=0}^{n-1} x_i", "an index runs along a whole axis, from 1", "0", r"\sum_{i=1}^{n}"),
        (r"\int b", r"\int: integrals are not read", r"\int", None),
        (r"b \to \infty", r"\infty: there is no infinite number here; the largest absolute value is \max(|\mathbf{x}|)",
         r"\infty", None),
        ("y = b^2", "an equation is no expression", " = ", "give the right-hand side only"),
        ("b & b", "& stands outside of a matrix", "&", None),
        ("b, b", ", stands between arguments and entries only", ",", None),
        (r"b, \quad b = A^T b.", ", stands between arguments and entries only", ",", 'name a part with let: "b = A^T b"'),
        ("b $ b", "$ stands inside the formula", "$", "give one formula at a time"),
        (r"\sin^{-1} b", "the inverse function is not read", r"\sin^{-1} b", "write the reciprocal as a fraction"),
        (r"[\mathbf x {+ \mathbf w] b}", "this ] stands within braces, and the [ that it closes outside of them", "]",
         "close each within the other"),
        ("b!", "factorials are not read", "!", None),
        (r"\tanh", r"\tanh stands without its argument", r"\tanh", r"\tanh(…)"),
        ("f + b", "f is a function and stands without its argument", "f", "write f(x)"),
        (r"\mathbf{x}_n", "n is a length, and the last entry has no name while it is open", "n",
         "take an index for any entry, as k, or give the length as a number: x in R^3 has x_3"),
        ("x_0", "a place is an index, or a number that counts from 1", "0", None),
        (r"\mathbf w\mathbf x", r"two columns side by side are no product: \mathbf w is an n×1 column, \mathbf x is an n×1 column",
         r"\mathbf w\mathbf x", r"write \mathbf w^{\mathsf T} \mathbf x for the dot product, \mathbf w \otimes \mathbf x entry by entry"),
        ("AB", "a matrix product needs inner sizes that agree: A is an n×n matrix, B is an m×n matrix", "AB",
         r"transpose the right one: A B^{\mathsf T}"),
        (r"\mathbf w + \mathbf x^T", r"+ needs operands of one shape: \mathbf w is an n×1 column, \mathbf x^T is a 1×n row",
         r"\mathbf w + \mathbf x^T", r"transpose one of them: \mathbf w^{\mathsf T}"),
        ("B^2", "a power is of a square matrix: B is an m×n matrix", "B^2", r"B^{\circ 2} is the power entry by entry"),
        ("A^{1/2}", "the power of a matrix is a whole number", "1/2", r"A^{\circ 1/2} is the power entry by entry"),
        (r"\exp(A)", r"\exp(A) is a function of a matrix, which is not read", r"\exp(A)", r"entry by entry it is written \exp_{\circ}(A)"),
        (r"\frac{1}{A}", "A is a matrix, by which nothing is divided", "A", r"the inverse is written A^{-1}, division entry by entry \mathbf 1 \oslash A"),
        (r"\|A\|_2", "the spectral norm is not read", r"\|A\|_2", r"\|A\|_F is the Frobenius norm"),
        (r"g(b, b)", "g takes 1 argument, not 2", "g(b, b)", None),
        (r"\input{/etc/passwd}", r"\input acts, it is no part of a formula: refused", r"\input", None),
        (r"\write18{ls}", r"\write acts, it is no part of a formula: refused", r"\write", None),
        (r"\href{javascript:alert(1)}{b}", r"\href acts, it is no part of a formula: refused", r"\href", None),
        (r"\csname b\endcsname", r"\csname acts, it is no part of a formula: refused", r"\csname", None),
        ("аb", "\"а\" (cyrillic small letter a, U+0430) only looks like 'a'", "а", "type the Latin a"),
        ("b\x00", "the character (U+0000), which is not visible, is not read here", "\x00", None),
    ],
)  # fmt: skip
def test_error(tex: str, message: str, at: str, hint: str | None) -> None:
    with pytest.raises(DerivgenError) as caught:
        read_latex([tex], WHERE)
    error = caught.value
    assert error.message == message
    assert error.span is not None
    assert tex[error.span.start : error.span.end] == at
    assert (error.hint or "").startswith(hint or "")
    assert error.source == tex
    assert len(render(error).splitlines()) <= 5


HOSTILE = {
    "long": r"\mathbf x" * 110_000,
    "many terms": "b+" * 10_000 + "b",
    "parentheses": "(" * 5000 + "b" + ")" * 5000,
    "left": r"\left(" * 1000 + "b" + r"\right)" * 1000,
    "braces": "{" * 5000 + "b" + "}" * 5000,
    "fractions": r"\frac{1}{" * 3000 + "b" + "}" * 3000,
    "signs": "-" * 10_000 + "b",
    "functions": r"\log " * 5000 + "b",
    "sums": r"\sum_i " * 3000 + "x_i",
    "subscripts": "x" + "_{x" * 500 + "}" * 500,
    "superscripts": "b^{" * 500 + "b" + "}" * 500,
    "bars": "|" * 1000 + "b" + "|" * 1000,
    "matrices": r"\begin{bmatrix}" * 300 + "b" + r"\end{bmatrix}" * 300,
    "powers": "(" * 40 + "A" + "^{20})" * 40,
    "products": "".join(rf"\prod_{{{c}=1}}^{{100}}" for c in "ijklpq") + "b",
    "names": "+".join(rf"\mathbf{{{c}}}_{{{k}}}" for c in "acde" for k in range(100)),
    "ones": r"\mathbf 1^T\mathbf 1" * 100,
    "otimes": r"x\otimes " * 2000 + "x",
    "primes": "b" + "'" * 5000,
    "digits": "1" * 5000,
    "calls": "g(" * 300 + "b" + ")" * 300,
    "derivatives": r"\frac{\partial}{\partial b}" * 500 + "b",
    "fonts": r"\mathbf" * 3000 + "x",
    "chain": "b<" * 3000 + "b",
    "surrogate": "b\ud800",
}


def refusal(read: Callable[[str], object], tex: str) -> str:
    """The error as the reader sees it, empty where there is none; any other exception is a failure."""
    try:
        read(tex)
    except DerivgenError as error:
        return render(error)
    return ""


@pytest.mark.parametrize("tex", HOSTILE.values(), ids=HOSTILE)
def test_hostile_input_ends_at_once(tex: str) -> None:
    start = time.process_time()
    for read in (partial(parse_latex, declarations=WHERE), parse_latex, lambda tex: surface(tex, Declarations(), "")):
        assert len(refusal(read, tex).splitlines()) <= 5
    assert time.process_time() - start < 20


_PIECES = [
    r"\frac", "{", "}", "^", "_", "x", "b", r"\mathbf", r"\left(", r"\right)", "(", ")", "|", r"\|", r"\sum", "_{i=1}", "^{n}",
    r"\begin{bmatrix}", r"\end{bmatrix}", "&", r"\\", r"\partial", r"\otimes", "+", "-", "=", ",", ".", "1", "'", r"\max", r"\text",
    r"\mathsf T", r"\sqrt", "[", "]", r"\cdots", r"\nabla", r"\begin{cases}", r"\end{cases}", ">", r"\det", "i", "A", "f", r"\left.",
    r"\right|", r"\operatorname", r"\hat", "%", "$", r"\mathbf 1", r"\delta", r"\circ", r"\bigcirc", " ", r"\prod", r"\quad",
]  # fmt: skip


@settings(max_examples=500)
@given(st.lists(st.sampled_from(_PIECES), max_size=14).map("".join))
def test_any_heap_of_commands_is_read_or_refused(tex: str) -> None:
    assert len(refusal(lambda tex: read_latex([tex], WHERE), tex).splitlines()) <= 6
    assert len(refusal(lambda tex: read_latex([tex]), tex).splitlines()) <= 6


@settings(max_examples=300)
@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(tex: str) -> None:
    assert len(refusal(lambda tex: read_latex([tex], WHERE), tex).splitlines()) <= 6
