"""Whether an answer makes sense, in words: its shape, its sign, what is left where something is zero, or of one sample."""

from __future__ import annotations

from collections.abc import Iterator

from derivgen.catalog.build import factors_of, product
from derivgen.catalog.linear import matmul
from derivgen.catalog.sign_facts import signs
from derivgen.check.judge import Judge
from derivgen.derivation.derivation import Derivation
from derivgen.derivation.jacobian import jacobian
from derivgen.derivation.methods.scalar import finish, in_order
from derivgen.derivation.solve import context_for
from derivgen.errors import DerivgenError
from derivgen.expr import (
    ONE,
    ZERO,
    Call,
    Dim,
    Expr,
    Mul,
    Number,
    Size,
    Sum,
    Symbol,
    depends_on,
    map_children,
    rename,
    substitute,
    symbols,
)
from derivgen.rules.arithmetic import filled as constant
from derivgen.rules.engine import Context as Rules
from derivgen.rules.reason import filled
from derivgen.rules.step import end_of
from derivgen.show.document.blocks import Aside, Block, Equations, Sentence
from derivgen.show.document.reasons import sentence
from derivgen.show.layout.lines import Line
from derivgen.show.layout.names import dim
from derivgen.show.layout.term import Context
from derivgen.show.math.latex import write

TITLE = "Does it make sense?"

MOST_LIMITS = 2
"""How many variables are set to zero."""


def in_sense(d: Derivation, c: Context) -> Aside:
    """Sentences that a reader would check an answer by; what they claim of values is judged with numbers.

    Raises:
        DerivgenError: nothing can be said of this derivative in such words.
    """
    blocks: list[Block] = [Sentence(words) for words in _shape(d, c)]
    if d.problem.options.order == 1 and isinstance(d.problem.wrt, Symbol) and not d.problem.places:
        ctx, court = context_for(d.problem), Judge(seed=d.problem.options.seed)
        blocks += [Sentence(words) for words in (*_sign(d, c), *_where_zero(d, c, ctx, court))]
        blocks += _one_sample(d, c, ctx, court)
    if not blocks:
        raise DerivgenError("there is nothing to check this derivative by", hint="leave the option 'sense' out")
    return Aside(TITLE, tuple(blocks), folds="never")


def _shape(d: Derivation, c: Context) -> Iterator[str]:
    """The shape that it must have, and that of the factors of the answer, which multiply to it."""
    whole = _size(d.left)
    args = d.result.args if isinstance(d.result, Call) and d.result.op is matmul else ()
    args = next((f.args for f in factors_of(d.result) if isinstance(f, Call) and f.op is matmul), args)
    fits = "".join(rf"({_size(a)})" for a in args) if len(args) > 1 and d.result.shape.axes else ""
    through = f": the factors of the answer are ${fits} = {whole}$" if fits else ", and so is the answer"
    if d.left.shape.axes and len(d.left.shape.axes) <= 2:
        yield f"Shape: the derivative is ${whole}${through}."


def _size(e: Expr) -> str:
    axes = [write(dim(a)) for a in e.shape.axes]
    match axes:
        case []:
            return r"1 \times 1"
        case [n]:
            return rf"1 \times {n}" if e.shape.row else rf"{n} \times 1"
        case _:
            return r" \times ".join(axes)


def _sign(d: Derivation, c: Context) -> Iterator[str]:
    """What cannot change the sign of the answer, or of a term of it, and what gives it."""
    body = next((f.body for f in factors_of(d.result) if isinstance(f, Sum)), d.result)
    parts = factors_of(body)
    positive = tuple(f for f in parts if signs(f) == {1} and not isinstance(f, Number | Size))
    rest = product(*(f for f in parts if f not in positive and not (isinstance(f, Number) and f.value > 0)))
    if not positive or rest == ONE or not isinstance(body, Mul):
        return
    whose = "each term" if body is not d.result else "the answer"
    is_are = "is" if len(positive) == 1 else "are"
    words = f"Sign: {{p}} {is_are} positive whatever the values, so {whose} has the sign of {{r}}, entry by entry."
    yield sentence(filled(words, {"p": positive, "r": rest}), c)


def _where_zero(d: Derivation, c: Context, ctx: Rules, court: Judge) -> Iterator[str]:
    """Variables without which the value does not contain what it is derived by: where they are zero, so is the derivative."""
    x, f = d.problem.wrt, d.problem.expression
    assert isinstance(x, Symbol)
    told = 0
    for name, v in symbols(f).items():
        if name == x.name or v.traits or told == MOST_LIMITS:
            continue
        nothing = constant(ZERO, v.shape)
        value, left = (_tidy(substitute(e, {name: nothing}), ctx) for e in (f, d.result))
        if depends_on(value, x.name) or court.agree(left, constant(ZERO, d.result.shape)).status != "verified":
            continue
        told += 1
        words = "Zero: where {v} is {o}, the value does not change with {x}, and the answer is {z} there."
        yield sentence(filled(words, {"v": v, "o": nothing, "x": x, "z": constant(ZERO, d.result.shape)}), c)


def _one_sample(d: Derivation, c: Context, ctx: Rules, court: Judge) -> Iterator[Block]:
    """What is left of a sum over samples where there is one."""
    sums = [f for f in factors_of(d.problem.expression) if isinstance(f, Sum) and f.index in ctx.sample_indices]
    if len(sums) != 1 or not sums[0].index.dim.symbols:
        return
    n = sums[0].index.dim
    value, found = (_tidy(_with_one(e, n), ctx) for e in (d.problem.expression, d.result))
    x = d.problem.wrt
    assert isinstance(x, Symbol)
    if court.agree(jacobian(value, x, ctx), found).status == "verified" and found.shape == d.result.shape:
        words = "One sample: with {n} = 1 the answer is the derivative of that one term."
        yield Sentence(sentence(filled(words, {"n": Size(n)}), c))
        yield Equations((Line(c.box(d.left), c.box(found)),))


def _with_one(e: Expr, n: Dim) -> Expr:
    """An expression with the first term for each sum over n, and 1 for n itself."""
    match e:
        case Sum(index, body) if index.dim == n:
            return _with_one(rename(body, {index: 0}), n)
        case Size(size) if size == n:
            return ONE
        case _:
            return map_children(lambda part: _with_one(part, n), e)


def _tidy(e: Expr, ctx: Rules) -> Expr:
    found = in_order(e, ctx)
    steps = finish(found, ctx, found)
    return end_of(steps, found)
