"""The document of a derivation: what is asked, the numbered steps, the answer with all that is said of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from derivgen.catalog.base import Abstract
from derivgen.catalog.letters import spoken
from derivgen.derivation.conditions import Condition
from derivgen.derivation.derivation import Derivation
from derivgen.expr import At, Build, Call, Partial, bind, depends_on, rename, walk
from derivgen.rules.step import Step
from derivgen.rules.told_of_moves import derivatives
from derivgen.show.document.arrays import listed_in_words
from derivgen.show.document.asides import asides, first
from derivgen.show.document.blocks import (
    Answer,
    Block,
    Document,
    Equations,
    Item,
    Note,
    Notes,
    Question,
    Sentence,
    Steps,
    Summary,
    Where,
)
from derivgen.show.document.by_entries import in_one
from derivgen.show.document.changes import with_changes
from derivgen.show.document.context import applied, context_of, occurring, variables
from derivgen.show.document.display import definition, named
from derivgen.show.document.exercise import faded
from derivgen.show.document.letters import by_range
from derivgen.show.document.signs import of_item, signs
from derivgen.show.document.steps import items_of
from derivgen.show.document.verdicts import summary_of
from derivgen.show.formats import Wishes
from derivgen.show.layout.calls import relation
from derivgen.show.layout.declarations import declarations
from derivgen.show.layout.declared_functions import function
from derivgen.show.layout.lines import Line
from derivgen.show.layout.outer import labelled
from derivgen.show.layout.term import Context
from derivgen.show.math.latex import write


def document_of(d: Derivation, wishes: Wishes) -> Document:
    """The document of a derivation: a question, steps if there are any, and an answer."""
    wishes = wishes.of(d)
    d, ranges = by_range(d, smaller=wishes.detail == "full")
    c = context_of(d).over(ranges)
    question, asked = _question(d, c, wishes), dict(signs_asked(d, c))
    question = replace(question, reading=(*question.reading, *dict.fromkeys(in_one(asked).values())))
    steps = items_of(d.steps, c, wishes, frozenset(asked), question.lines[0])
    if wishes.options.changes:
        steps = with_changes(steps)
    line = Line(named(d.left, c) or c.box(d.left), c.box(d.said_result[0]))
    answer = Answer(line, tuple(_said(d, c, steps, new_signs(d, line, c, steps, frozenset(asked)))))
    way = [Steps(steps)] if steps else []
    made = Document((question, *first(d, wishes), *way, answer, *asides(d, c, wishes)))
    return faded(made, wishes) if wishes.options.exercise else made


def _question(d: Derivation, c: Context, wishes: Wishes) -> Question:
    p = d.problem
    lines = [Line(c.box(d.name), c.box(p.expression))]
    lines += [definition(n, c) for n in p.definitions]
    lines += [Line(c.box(Call(f, f.parameters)), c.box(f.formula)) for f in p.user_functions]
    declared = declarations(occurring(d), applied(d), c)
    return Question(
        wishes.title or heading(d, c),
        tuple(lines),
        declared,
        " ".join(filter(None, (convention(d, c), assumed(d, c)))),
        tuple(map(_sentence, d.reading.sentences())),
    )


def signs_asked(d: Derivation, c: Context) -> Iterator[tuple[str, str]]:
    """The signs that stand in the question."""
    p = d.problem
    sides = (p.expression, *(n.value for n in p.definitions), *(f.formula for f in p.user_functions))
    return signs(sides, [Line(None, c.box(e)) for e in sides], c)


def new_signs(d: Derivation, line: Line, c: Context, steps: tuple[Item, ...], known: frozenset[str]) -> str:
    """What is said of signs that the answer is the first to print."""
    result, names = d.said_result
    sides = (d.left, result, *(n.value for n in names))
    known = known.union(*(of_item(item) for item in steps))
    found = {
        key: words for key, words in signs(sides, [line, *(definition(n, c) for n in names)], c) if key not in known
    }
    return "; ".join([words.removesuffix(".") for words in dict.fromkeys(in_one(found).values())])


def _said(d: Derivation, c: Context, steps: tuple[Item, ...], new: str) -> Iterator[Block]:
    """What follows the answer; ``new`` is said of its signs."""
    yield from _further(d, c)
    if names := d.said_result[1]:
        yield Where(tuple(definition(n, c) for n in names))
    if new:
        yield Sentence(_sentence(new))
    letters = {v.name: write(c.box(v)) for v in variables(d)}
    remarks = d.remarks(lambda name: f"${letters.get(name, name)}$")
    notes = (*(_condition(one, c) for one in d.conditions), *(Note(_sentence(remark)) for remark in remarks))
    if notes:
        yield Notes(notes)
    yield Summary(d.verdict, summary_of(d, steps))


def _further(d: Derivation, c: Context) -> Iterator[Block]:
    """Of an answer with three axes or more: the labelled outer product, and the matrix of the stacked columns."""
    outer = labelled(d.result)
    if outer is not None and isinstance(d.left, Build):
        names = isinstance(d.result, Build) and bind(d.left.indices, d.result.indices)
        left = rename(d.left.body, names) if names else d.left.body
        sentence = "As a labelled outer product, every factor with axes of its own:"
        yield from (Sentence(sentence), Equations((Line(c.box(left), c.box(outer.entry)),)))
    if d.stacked is not None:
        sentence = "As a matrix, both arrays stacked column by column, in numerator layout:"
        yield from (Sentence(sentence), Equations((Line(c.box(d.stacked.left), c.box(d.stacked.result)),)))


def heading(d: Derivation, c: Context | None = None) -> str:
    """What is derived, by what: the title where none is given. With a context its letters are mathematics."""
    order = "Second derivative" if d.problem.options.order == 2 else "Derivative"
    places = d.problem.places
    if c is not None:
        names = [f"${write(c.box(At(v, places) if places else v))}$" for v in variables(d)]
    else:
        below = "_" + ",".join(str(p + 1) if isinstance(p, int) else str(p) for p in places) if places else ""
        names = [spoken(v.name) + below for v in variables(d)]
    return f"{order} with respect to {', '.join(names)}"


def convention(d: Derivation, c: Context) -> str:
    """The sentence that says how the derivative is laid out; of numbers there is nothing to say."""
    rank, by = d.problem.expression.shape.rank, variables(d)[0].shape.rank - len(d.problem.places)
    by = max(by, int(len(variables(d)) > 1))
    numerator = {
        (0, 0): "",
        (0, 1): "the gradient of a scalar is a row",
        (1, 0): "the derivative of a vector by a scalar is a column",
        (1, 1): "row $i$, column $j$ of the Jacobian is the derivative of entry $i$ by variable $j$",
        (0, 2): "entry $(i, j)$ is the derivative by entry $(j, i)$ of the matrix",
    }
    denominator = {
        (0, 0): "",
        (0, 1): "the gradient of a scalar is a column",
        (1, 0): "the derivative of a vector by a scalar is a row",
        (1, 1): "row $i$, column $j$ is the derivative of entry $j$ by variable $i$",
        (0, 2): "entry $(i, j)$ is the derivative by entry $(i, j)$ of the matrix",
    }
    layout, sentence = d.problem.options.layout, "Vectors are columns." if _has_arrays(d) else ""
    if d.problem.options.order == 2:
        if not by:
            return sentence
        name = write(c.box(d.left))
        sentence = f"{sentence} Row $i$, column $j$ of the Hessian ${name}$ is the derivative by variables $i$ and $j$."
        if not any(map(_has_gradient, d.steps)):
            return sentence
    table = denominator if layout == "denominator" or (layout == "gradient" and not rank) else numerator
    detail = table.get((rank, by), "")
    if layout == "gradient" and not rank and by == 1:
        detail += ", as the variable is"
    return f"{sentence} {layout.capitalize()} layout: {detail}." if detail else sentence


def assumed(d: Derivation, c: Context) -> str:
    """That the functions which are only declared have the derivatives that are taken of them; "" where none is taken.

    A function may have all its partials and no derivative, and then the chain rule fails.
    """
    moving, times = {v.name for v in variables(d)}, d.problem.options.order
    found: dict[Abstract, int] = {}
    for e in (e for whole in (d.problem.expression, *(n.value for n in d.problem.definitions)) for e in walk(whole)):
        match e:
            case Call(Abstract(orders=orders) as op, args) if any(depends_on(a, x) for a in args for x in moving):
                f = replace(op, orders=())
                found[f] = max(found.get(f, 0), len(orders) + times)
            case _:
                pass
    said, declared = [], list(d.problem.functions)
    found = dict(
        sorted(found.items(), key=lambda f: declared.index(f[0].name) if f[0].name in declared else len(declared))
    )
    for n in sorted(set(found.values())):
        names = listed_in_words([f"${write(function(f, (), c))}$" for f, most in found.items() if most == n])
        often = ("", "twice ")[n - 1] if n <= 2 else f"{n} times "
        said.append(f"{names} {'are' if ' and ' in names else 'is'} {often}differentiable.")
    return " ".join(said)


def _has_gradient(step: Step) -> bool:
    """Whether a step has the derivative of a number by a vector, which is a row or a column."""
    found = (p for e in (step.left, step.before, step.after, *step.via) for p in derivatives(e))
    for p in found:
        match p:
            case Build((_,), Partial(body)) if not isinstance(body, Partial):
                return True
            case _:
                pass
    return False


def _has_arrays(d: Derivation) -> bool:
    """Whether there is an array anywhere in the question."""
    return any(s.shape.rank for s in (*occurring(d), *variables(d))) or bool(d.problem.expression.shape.rank)


def _condition(one: Condition, c: Context) -> Note:
    """The sentence around its relation."""
    before, _, after = _sentence(one.sentence(_HOLE)).partition(_HOLE)
    return Note(before, relation(one.relation, c), after)


_HOLE = "\x00"


def _sentence(text: str) -> str:
    """With a capital and a full stop, unless it begins with a name or with mathematics."""
    first = text.split(" ", 1)[0]
    text = text[:1].upper() + text[1:] if first.isalpha() and len(first) > 2 else text
    return text if text.endswith((".", "!", "?")) else text + "."
