"""Every sign of every display is one that a student knows from school, or is explained by then, once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from random import Random
from typing import Literal

import pytest

from derivgen.derivation import derive
from derivgen.derivation.derivation import Derivation
from derivgen.errors import DerivgenError
from derivgen.expr import Symbol, walk
from derivgen.options import Layout, Options
from derivgen.show.document.blocks import Answer, Item, Question, Sentence, Where
from derivgen.show.document.document import document_of
from derivgen.show.document.signs import LONGEST, words_in
from derivgen.show.formats import Wishes
from derivgen.show.layout.box import MINUS, TRANSPOSE, Apply, Box, Fence, Letter, Name, Script, Sign, inside, row
from derivgen.show.layout.lines import Line
from tests.fuzz.generate import question
from tests.teaching.test_reasons import derived

SCHOOL = {
    *("exp", "log", "max", "min", "sin", "cos", "tan", "tanh", "sinh", "cosh", "det", "log det", "abs"),
    *("∂", "−", "+", "=", "≠", "<", ">", "≤", "≥", ",", "·", "/", "T", "…", "⋮", "⋱", "⋯", "∈", "×", "∇", "′", "″"),
}  # fmt: skip
"""Names and signs that need no word: elementary functions, determinant, transpose, partial derivatives, and dots."""

EXPLAINED = {
    "diag": ("on its diagonal", "on the diagonal of", "written with diag"),
    "tr": ("entries on the diagonal",),
    "softmax": (
        r"Entry $i$ of $\operatorname{softmax}",
        "is the softmax of row $i$",
        r"exponentials over their sum are $\operatorname{softmax}",
    ),
    "logsumexp": (r"$\operatorname{logsumexp}(",),
    "vec": ("stacks the columns",),
    "kron": ("block by block",),
    "mean": ("over their number",),
    "var": ("less their mean",),
    "std": ("root of the variance",),
    "sign": ("$-1$ for", "elsewhere that slope"),
    "relu": (r"$\operatorname{relu}(",),
    "softplus": (r"$\operatorname{softplus}(",),
    "erf": ("error function",),
    "coth": (r"$\coth(",),
    "silu": (r"$\operatorname{silu}(",),
    "gelu": (r"$\operatorname{gelu}(",),
    "normcdf": ("distribution function of the standard normal",),
    "raised": ("taken entry by entry",),
    "⊗": ("multiplies entry by entry",),
    "⊙": ("multiplies entry by entry",),
    "⊘": ("divides entry by entry",),
    "◯": ("any operation",),
    "∏": ("is over all",),  # where it is over all but one; with limits it is as plain as Σ
    "ones": ("of ones", "has ones"),
    "zeros": ("of zeros", "has zeros"),
    "indicator": ("where the condition", "where its condition"),
    "δ": ("$ and 0 otherwise", r"$\delta$ is 1"),
    "σ": ("logistic function",),
    "I": ("identity",),
    "transposed inverse": ("is the transpose of",),
    "norm": ("squares of the entries", "absolute values of the entries"),
    "largest": ("is the largest entry", "is the smallest entry"),
    "slice": (", written as a column",),
    "brackets": ("what stands in the brackets",),
    "of a matrix": ("of each entry of", r"_{\\circ}", "taken entry by entry"),
    "unit": ("is 1 at place",),
}
"""Other names and signs, with words of what explains each."""

ASKED = (
    ("norm(x)", "x", "x in R^n"), ("norm(W)**2", "W", "W in R^(m*n)"), ("norm(x, 1) + max(x)", "x", "x in R^n"),
    ("kron(x, A @ x)", "x", "x in R^n; A in R^(n*n)"), ("vec(A @ X @ B)", "X", "A, B, X in R^(n*n)"),
    ("std(x) + var(y) * mean(x)", "x", "x, y in R^n"), ("erf(x) * y", "x", "x, y in R^n"), ("softplus(x) * abs(x)", "x", "x in R^n"),
    ("relu(W @ x) * y", "x", "W in R^(m*n); x in R^n; y in R^m"), ("1 / x", "x", "x in R^n"), ("a.T @ inv(X) @ b", "X", "X in R^(n*n); a, b in R^n"), ("logsumexp(A @ x)", "x", "A in R^(m*n); x in R^n"),
    ("sum(a[i]*exp(-norm(x - X[i])**2) for i in range(N))", "x", "a in R^N; X in R^(N*n); x in R^n"),
    ("sum(a[i]*a[j]*exp(-norm(X[i]-X[j])**2) for i in range(N) for j in range(N))/2 - sum(a)", "a", "a in R^N; X in R^(N*n)"),
    ("sum(norm(V.T @ softmax(K @ Q[i]) - Y[i])**2 for i in range(m))", "Q", "Q in R^(m*d); K in R^(n*d); V in R^(n*p); Y in R^(m*p)"),
    ("sum(exp(A @ X) @ b)", "X", "A in R^(m*n); X in R^(n*k); b in R^k"), ("x[1] * x", "x", "x in R^n"), ("norm(X[0] - x)**2", "x", "X in R^(N*n); x in R^n"),
    ("coth(x)", "x", "x in R^n"), ("gelu(x) * silu(x)", "x", "x in R^n"), ("sum(X**3 @ w)", "X", "X in R^(m*n); w in R^n"),
    ("X.T @ inv(X @ X.T)", "X", "X in R^(n*k)"), ("sum(max(0, X @ w - y))", "w", "X in R^(N*n); w in R^n; y in R^N"),
    ("prod(A @ x)", "x", "A in R^(m*n); x in R^n"),
)  # fmt: skip


Detail = Literal["brief", "normal", "full"]


def marks(box: Box) -> Iterator[str]:
    """The names and signs in a display, by what each is."""
    match box:
        case Name(text):
            yield text
        case Sign("⊗" | "⊙", "ordinary"):
            yield "raised"
        case Sign(char) if box != Sign("∘", "ordinary"):
            yield char
        case Letter("1", "bold"):
            yield "ones"
        case Letter("0", "bold"):
            yield "zeros"
        case Letter("e", "bold"):
            yield "unit"
        case Letter(":"):
            yield "slice"
        case Sign("∘", "ordinary"):
            yield "of a matrix"
            return
        case Letter("δ" | "σ" | "I" | "◯" as char, "italic"):
            yield char
        case Script(Fence(_, "["), sub) if sub is not None:
            yield "brackets"
        case Script(base, sub, sup) if sup == row(MINUS, TRANSPOSE):
            yield "transposed inverse"
            for part in (base, sub):
                yield from marks(part) if part is not None else ()
            return
        case Apply(Letter("1", "bold"), args):
            yield "indicator"
            for part in args:
                yield from marks(part)
            return
        case Apply(Name("max" | "min"), (_,)):
            yield "largest"
        case Fence():
            if "‖" in repr(box):
                yield "norm"
        case _:
            pass
    for part in inside(box):
        yield from marks(part)


def met(d: Derivation, detail: Detail) -> Iterator[tuple[str, str]]:
    """Each mark with all that has been read by the end of its step."""
    document = document_of(d, Wishes(replace(Options(), detail=detail)))
    (question,), (answer,) = document.find(Question), document.find(Answer)
    items, asked = tuple(document.find(Item)), " ".join(question.reading)
    yield from _of_lines(question.lines, asked)
    yield from _met(items, asked)
    named = [line for block in answer.blocks if isinstance(block, Where) for line in block.lines]
    said = [block.text for block in answer.blocks if isinstance(block, Sentence)]
    yield from _of_lines([answer.line, *named], " ".join([asked, *(item.reason for item in items), *said]))


def _met(items: tuple[Item, ...], read: str) -> Iterator[tuple[str, str]]:
    for item in items:
        read = f"{read} {item.reason}"
        yield from _of_lines(item.lines, read)
        yield from _met(item.substeps, read)


def _of_lines(lines: Iterable[Line], read: str) -> Iterator[tuple[str, str]]:
    for side in (side for line in lines for side in (line.left, line.middle, line.right) if side is not None):
        for mark in marks(side):
            yield mark, read


def missing(d: Derivation) -> set[str]:
    own = {s.name for e in (d.problem.expression, d.result) for s in walk(e) if isinstance(s, Symbol)}
    own |= {e.symbol.name for s in d.steps for e in (*s.introduces, *s.definitions)}
    named = {"σ": "sigma", "δ": "delta"}
    found = set()
    details: tuple[Detail, ...] = ("brief", "normal", "full")
    for detail in details:
        for mark, read in met(d, detail):
            if mark in SCHOOL or named.get(mark, mark) in own:
                continue
            if not any(words in read for words in EXPLAINED.get(mark, ())):
                found.add(f"{mark} ({detail})")
    return found


def test_every_sign_of_the_corpus_is_explained_where_it_is_first_met() -> None:
    found = {repr(d): signs for d in derived() if (signs := missing(d))}
    assert not found


@pytest.mark.parametrize(("text", "wrt", "where"), ASKED)
def test_every_sign_is_explained_where_it_is_first_met(text: str, wrt: str, where: str) -> None:
    assert missing(derive(text, wrt, where, check=False)) == set()


def of_question(number: int) -> Derivation | None:
    q = question(Random(f"signs {number}"))
    try:
        d = derive(q.expression, q.wrt, q.where, check=False, timeout=20, **q.options())
    except DerivgenError:  # too long, or undefined
        return None
    assert isinstance(d, Derivation)
    return d


@pytest.mark.parametrize("number", range(24))
def test_every_sign_of_a_random_question_is_explained_where_it_is_first_met(number: int) -> None:
    d = of_question(number)
    assert d is None or missing(d) == set()


@pytest.mark.slow
@pytest.mark.parametrize("number", range(24, 200))
def test_every_sign_of_hundreds_of_random_questions_is_explained(number: int) -> None:
    d = of_question(number)
    assert d is None or missing(d) == set()


def test_no_explanation_is_wanted_of_what_is_never_met() -> None:
    ds = (*derived(), *(derive(*q, check=False) for q in ASKED))
    seen = {mark for d in ds for mark, _ in met(d, "full")}
    assert EXPLAINED.keys() - seen <= {"⊙"}


@pytest.mark.parametrize(("text", "where", "words"), [
    ("(1 - a) * x", "x, a in R^n", "1 − a subtracts each entry of a from 1."),
    ("log(p + 1) * x", "p, x in R^n", "p + 1 adds 1 to each entry of p."),
    ("tanh(W @ x)", "x in R^n; W in R^(m*n)", "1 − tanh²(z) subtracts each entry of tanh²(z) from 1."),
    ("x - mean(x)", "x in R^n", "x − mean(x) subtracts mean(x) from each entry of x."),
    ("1 / x", "x in R^n", "𝟏 is the vector of ones in ℝⁿ."),
    ("kron(x, A @ x)", "x in R^n; A in R^(n*n)", "kron multiplies each entry of its first factor by the whole of its second, block by block."),
])  # fmt: skip
def test_a_number_beside_an_array_and_signs_of_a_course_are_explained_once(text: str, where: str, words: str) -> None:
    said = " ".join(derive(text, "x", where, check=False).to("text").split())
    assert said.count(words) == 1, said
    counts = Counter(sentence for sentence in said.split(". ") if " subtracts " in sentence or " adds " in sentence)
    assert max(counts.values(), default=1) == 1


def test_no_reason_is_a_wall_of_text() -> None:
    """A formula is a word; with the spaces of letters, the shapes of a product and the signs that are met first."""
    lengths: dict[str, int] = {}
    for d in derived():
        for item in document_of(d, Wishes()).find(Item):
            lengths[item.reason] = words_in(item.reason)
    assert max(lengths.values()) <= LONGEST
    assert 30 * sum(n > 60 for n in lengths.values()) < len(lengths)


@pytest.mark.parametrize(("text", "where", "words"), [
    ("norm(W2 @ tanh(W @ x) - y)**2", "W in R^(h*n); W2 in R^(m*h); x in R^n; y in R^m", "each the slope of the other"),
    ("norm(V @ tanh(W @ tanh(W @ h + U @ x) + U @ z) - y)**2",
     "W in R^(n*n); U in R^(n*m); V in R^(k*n); h in R^n; x, z in R^m; y in R^k", "each the slope of the other"),
    ("norm(V @ sigmoid(W @ x) - y)**2", "W in R^(h*n); V in R^(m*h); x in R^n; y in R^m", "By the quotient rule 1 / (1 + exp(−u))"),
    ("norm(V @ tan(W @ x) - y)**2", "W in R^(h*n); V in R^(m*h); x in R^n; y in R^m", "tan(u) is sin(u) over cos(u)"),
    ("norm(tanh(X @ W) @ V - Y)**2", "X in R^(N*n); W in R^(n*h); V in R^(h*k); Y in R^(N*k)", "each the slope of the other"),
])  # fmt: skip
def test_a_slope_is_explained_no_later_than_the_step_that_uses_it(text: str, where: str, words: str) -> None:
    d = derive(text, "W", where, check=False)
    _, *steps = re.split(r"\n\d+\. ", d.to("text"))
    steps = [" ".join(step.split()) for step in steps]
    (said,) = [k for k, step in enumerate(steps) if words in step]
    used = next(k for k, step in enumerate(steps) if " contains no other entry of " in step or "In A only " in step)
    assert said <= used
    assert words not in " ".join(d.to("text", detail="full").split())  # its lines are printed


@pytest.mark.parametrize(("text", "layout", "says"), [
    ("sum(w[i]*(y[i] - X[i].T @ x)**2 for i in range(N)) + l*norm(x)**2", "numerator", "Numerator layout: the gradient of a scalar is a row."),
    ("sum(w[i]*(y[i] - X[i].T @ x)**2 for i in range(N)) + l*norm(x)**2", "gradient",
     "Gradient layout: the gradient of a scalar is a column, as the variable is."),
    ("exp(sum(x))", "denominator", "Denominator layout: the gradient of a scalar is a column."),
    ("x.T @ A @ x", "numerator", "Numerator layout: the gradient of a scalar is a row."),
])  # fmt: skip
def test_of_a_hessian_the_layout_of_the_gradients_in_its_steps_is_said(text: str, layout: Layout, says: str) -> None:
    where = "w, y in R^N; X in R^(N*n); A in Sym(n); x in R^n; l in R"
    d = derive(text, "x", where, order=2, layout=layout, check=False)
    header = " ".join(d.to("text").split("\n1. ")[0].split())
    assert f"is the derivative by variables i and j. {says}" in header


def test_numbers_have_no_layout_and_no_rows() -> None:
    for text in ("x**3", "x**2 * y", "a.T @ b * exp(x)"):
        header = derive(text, "x", "x, y in R; a, b in R^n", order=2, check=False).to("text").split("\n1. ")[0]
        assert "layout" not in header
        assert "Hessian" not in header


def test_the_power_of_a_matrix_by_entries_is_explained_and_inner_transposes_are_carried_out() -> None:
    where = "X in R^(N*n); W in R^(n*h); V in R^(h*k); b in R^h; Y in R^(N*k)"
    text = "norm(tanh(X @ W + ones(N) @ b.T) @ V - Y)**2 / N"
    d = derive(text, "W", where, layout="gradient", check=False)
    said = " ".join(d.to("text").split())
    assert said.count("(A^(⊗2))ᵀ is taken entry by entry") + said.count("A^(⊗2) is taken entry by entry") == 1
    assert "∂y/∂W = (2/N) Xᵀ(((AV − Y)Vᵀ) ⊗ (1 − A^(⊗2)))" in said
    cube = " ".join(derive("sum(X**3 @ W)", "X", where, check=False).to("text").split())
    assert cube.count("X^(⊗3) is taken entry by entry") == 1
