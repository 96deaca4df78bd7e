"""A derivation as a page: headline, declarations, numbered steps, answer, conditions, verdict; the formats spell it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from derivgen.catalog.letters import spoken
from derivgen.check.verdict import Verdict
from derivgen.derivation.conditions import Condition
from derivgen.derivation.derivation import Derivation
from derivgen.expr import Build, Call, bind, rename
from derivgen.rules.differentiate import element_wise_condition
from derivgen.rules.moves import (
    add_samples,
    add_terms,
    chain_rule,
    derive_link,
    derive_sample,
    derive_terms,
    name_intermediates,
)
from derivgen.rules.step import Step
from derivgen.show.document.context import applied, context_of, occurring, style_of, variables
from derivgen.show.document.display import definition, displayed
from derivgen.show.formats import Wishes
from derivgen.show.layout.box import Box, breadth
from derivgen.show.layout.calls import relation
from derivgen.show.layout.declarations import declarations
from derivgen.show.layout.lines import Line
from derivgen.show.layout.notate import context
from derivgen.show.layout.outer import labelled
from derivgen.show.layout.style import Style
from derivgen.show.layout.term import Context
from derivgen.show.math.latex import write


@dataclass(frozen=True, slots=True)
class Item:
    """One numbered step."""

    number: str
    title: str
    lines: tuple[Line, ...]
    reason: str
    rule: str
    check: Verdict | None
    substeps: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class Further:
    """The answer in another form: a sentence that leads to it, and its line."""

    sentence: str
    line: Line


@dataclass(frozen=True, slots=True)
class Page:
    """What every format shows, in the order in which it is shown."""

    title: str
    headline: tuple[Line, ...]
    declarations: tuple[Box, ...]
    convention: str
    items: tuple[Item, ...]
    answer: Line
    further: tuple[Further, ...]
    where: tuple[Line, ...]
    conditions: tuple[tuple[str, Box, str], ...]
    notes: tuple[str, ...]
    verdict: str
    summary: str
    answer_check: Verdict | None
    style: Style


def page(d: Derivation, wishes: Wishes) -> Page:
    """The page of a derivation."""
    style = style_of(d)
    c = context_of(d, style)
    p = d.problem
    headline = [Line(c.box(d.name), c.box(p.expression))]
    headline += [definition(n, c) for n in p.definitions]
    headline += [Line(c.box(Call(f, f.parameters)), c.box(f.formula)) for f in p.user_functions]
    return Page(
        title=wishes.title or heading(d),
        headline=tuple(headline),
        declarations=declarations(occurring(d), applied(d), c),
        convention=convention(d, style),
        items=_brief(_items(_chosen(d.steps, wishes), c, wishes, ""), wishes),
        answer=Line(c.box(d.left), c.box(d.printed_result)),
        further=tuple(_further(d, c)),
        where=tuple(definition(n, c) for n in d.where_names),
        conditions=tuple(_condition(one, c) for one in d.conditions),
        notes=tuple(_sentence(note) for note in d.notes),
        verdict=d.verdict,
        summary=_summary(d),
        answer_check=d.answer_check,
        style=style,
    )


def _further(d: Derivation, c: Context) -> Iterator[Further]:
    """Of an answer with three axes or more: the labelled outer product, and the matrix of the stacked columns."""
    outer = labelled(d.result)
    if outer is not None and isinstance(d.left, Build):
        names = isinstance(d.result, Build) and bind(d.left.indices, d.result.indices)
        left = rename(d.left.body, names) if names else d.left.body
        sentence = "As a labelled outer product, every factor with axes of its own:"
        yield Further(sentence, Line(c.box(left), c.box(outer.entry)))
    if d.stacked is not None:
        sentence = "As a matrix, both arrays stacked column by column, in numerator layout:"
        yield Further(sentence, Line(c.box(d.stacked.left), c.box(d.stacked.result)))


def heading(d: Derivation) -> str:
    """What is derived, by what: the title where none is given."""
    order = "Second derivative" if d.problem.options.order == 2 else "Derivative"
    return f"{order} with respect to {', '.join(spoken(v.name) for v in variables(d))}"


def convention(d: Derivation, style: Style) -> str:
    """The sentence that says how the derivative is laid out; of numbers there is nothing to say."""
    p = d.problem
    rank, by = p.expression.shape.rank, variables(d)[0].shape.rank
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
    sentence = "Vectors are columns." if _has_arrays(d) else ""
    if p.options.order == 2:
        return f"{sentence} Row $i$, column $j$ of the Hessian is the derivative by variables $i$ and $j$."
    table = denominator if style.layout == "denominator" or (style.layout == "gradient" and not rank) else numerator
    detail = table.get((rank, by), "")
    name = {"numerator": "Numerator", "denominator": "Denominator", "gradient": "Gradient"}[style.layout]
    if style.layout == "gradient" and not rank and by:
        detail = "the derivative of a scalar has the shape of the variable"
    return f"{sentence} {name} layout: {detail}." if detail else sentence


def _has_arrays(d: Derivation) -> bool:
    """Whether there is an array anywhere in the question."""
    return any(s.shape.rank for s in (*occurring(d), *variables(d))) or bool(d.problem.expression.shape.rank)


def _condition(one: Condition, c: Context) -> tuple[str, Box, str]:
    """The sentence around its relation."""
    before, _, after = _sentence(one.sentence(_HOLE)).partition(_HOLE)
    return before, relation(one.relation, c), after


_HOLE = "\x00"


def _sentence(text: str) -> str:
    """With a capital and a full stop, unless it begins with a name or with mathematics."""
    first = text.split(" ", 1)[0]
    text = text[:1].upper() + text[1:] if first.isalpha() and len(first) > 2 else text
    return text if text.endswith((".", "!", "?")) else text + "."


# --- steps ---------------------------------------------------------------------------------------------------------


def _chosen(steps: tuple[Step, ...], wishes: Wishes) -> tuple[Step, ...]:
    """The steps that are shown: for "brief" those of one stage, about one left side, are one."""
    if wishes.detail != "brief":
        return steps
    merged: list[Step] = []
    for step in steps:
        last = merged[-1] if merged else None
        if (
            last is not None
            and last.stage == step.stage
            and last.left == step.left
            and step.stage
            and not step.introduces
        ):
            check = _worse(last.check, step.check)
            picture = step.picture or ""
            merged[-1] = replace(step, title=last.title, rule=last.rule, before=last.before, picture=picture,
                                 check=check, reason=_both(last.reason, step.reason), substeps=())  # fmt: skip
        else:
            merged.append(step)
    return tuple(merged)


def _brief(items: tuple[Item, ...], wishes: Wishes) -> tuple[Item, ...]:
    """The steps of a chain: for "brief" the links are one, and so is all that is done with their product."""
    if wishes.detail != "brief":
        return items
    made: list[Item] = []
    for kind, group in groupby(_parts(items), key=lambda part: part[0]):
        those = [item for _, item in group]
        if kind == "":
            made += [replace(item, number=str(len(made) + k)) for k, item in enumerate(those, 1)]
            continue
        check = those[0].check
        for other in those[1:]:
            check = _worse(check, other.check)
        move, shown = (derive_link, those) if kind == "links" else (chain_rule, those[-1:])
        lines = tuple(replace(line, middle=None) for item in shown for line in item.lines[-1:])
        title = "Differentiate the links" if move is derive_link else move.title
        made.append(Item(str(len(made) + 1), title, lines, move.because, move.name, check, ()))
    return tuple(made)


def _parts(items: Iterable[Item]) -> Iterator[tuple[str, Item]]:
    """Each step of a chain with what it belongs to: its links, the work on their product, or "" for what stands alone.

    A sum over samples or of terms has a chain for each part, between steps of its own.
    """
    kind = ""
    for item in items:
        if item.rule == derive_link.name:
            kind = "links"
        elif item.rule in _APART:
            kind = ""
        elif kind == "links":
            kind = "product"
        yield kind, item


_APART = {m.name for m in (name_intermediates, derive_sample, derive_terms, add_samples, add_terms)}


def _both(first: str, second: str) -> str:
    return first if second in first else f"{first} {second}"


_ORDER = {"verified": 0, "unchecked": 1, "refuted": 2}


def _worse(a: Verdict | None, b: Verdict | None) -> Verdict | None:
    if a is None or b is None:
        return a or b
    return a if _ORDER[a.status] > _ORDER[b.status] else b


def _items(steps: tuple[Step, ...], c: Context, wishes: Wishes, prefix: str) -> tuple[Item, ...]:
    items: list[Item] = []
    above: Line | None = None
    # f_i(𝐰) is written f_i(w_i) from the step on that says why it may be
    reduced = next((k for k, step in enumerate(steps) if step.rule == element_wise_condition.name), -1)
    earlier = context(replace(c.style, entire=True))
    for k, step in enumerate(steps):
        lines = displayed(step, earlier if k < reduced else c, earlier if k == reduced else None)
        start = _start(lines[-1], above) if lines else None
        if lines and above is not None and _look_alike(lines[-1].left, above.left):
            # what the line above ended with is not repeated
            if lines[-1].middle == above.right:
                lines[-1] = replace(lines[-1], middle=None)
            if wishes.detail != "full" and len(lines) == 1 and _alike(lines[0], above):
                # it would be printed as the line above: the reader sees one step, under the worse verdict
                items[-1] = replace(items[-1], check=_worse(items[-1].check, step.check))
                continue
        if wishes.detail != "full" and prefix and len(lines) == 1 and _shows_nothing(lines[0]) and _holds(step.check):
            continue
        number = f"{prefix}{len(items) + 1}"
        under: tuple[Item, ...] = ()
        if wishes.opened and step.substeps:
            under = _items(step.substeps, c, wishes, number + ".")
            if wishes.detail != "full" and len(under) == 1 and lines and _is_whole(under[0], lines[-1], start):
                under = tuple([_renumbered(item, under[0].number, number) for item in under[0].substeps])
        items.append(Item(number, step.title, tuple(lines), step.reason, step.rule, step.check, under))
        above = lines[-1] if lines else None
    return tuple(items)


def _holds(check: Verdict | None) -> bool:
    return check is None or check.status == "verified"


def _look_alike(a: Box | None, b: Box | None) -> bool:
    """Whether two boxes are printed alike: a product within a product is not set apart."""
    if a is b or a is None or b is None:
        return a is b
    return breadth(a) == breadth(b) and write(a) == write(b)


def _alike(one: Line, other: Line) -> bool:
    sides = ((one.left, other.left), (one.middle, other.middle), (one.right, other.right), (one.remark, other.remark))
    return one.relation == other.relation and all(_look_alike(a, b) for a, b in sides)


def _shows_nothing(line: Line) -> bool:
    """Whether both sides are printed alike, so that a reader sees nothing happen."""
    return line.middle is None and _look_alike(line.left, line.right)


def _start(line: Line, above: Line | None) -> Box | None:
    """What a line begins with that is not its name: the right side of the line above where it does not say it."""
    if line.middle is not None:
        return line.middle
    return above.right if above is not None and above.left == line.left else line.left


def _is_whole(item: Item, line: Line, start: Box | None) -> bool:
    """Whether the only smaller step is the step itself once more, from the same start to the same end."""
    own = item.lines[-1] if len(item.lines) == 1 else None
    if own is None or not _holds(item.check):
        return False
    return _look_alike(own.right, line.right) and _look_alike(own.middle or own.left, start)


def _renumbered(item: Item, old: str, new: str) -> Item:
    """A smaller step of the step ``old`` as one of the step ``new``."""
    substeps = tuple([_renumbered(s, old, new) for s in item.substeps])
    return replace(item, number=new + item.number.removeprefix(old), substeps=substeps)


# --- verdicts ------------------------------------------------------------------------------------------------------

MARKS = {"verified": "✓", "refuted": "✗", "unchecked": "?"}


def evidence(v: Verdict) -> str:
    """A verdict in a few words; of a refutation the point, the place and both values."""
    match v.status:
        case "verified":
            return f"checked {v.evidence}" if v.evidence else "checked"
        case "refuted":
            parts = [f"refuted: {v.reason}".rstrip(": ")]
            if v.left or v.right:
                where = f" at {v.place}" if v.place else ""
                parts.append(f"left {v.left}, right {v.right}{where}")
            if v.point:
                parts.append("for " + ", ".join(f"{name} = {_number(value)}" for name, value in v.point.items()))
            return "; ".join(parts)
        case _:
            return f"not checked: {v.reason}"


def _number(value: object) -> str:
    """A value of a refuting point: numbers and nested lists of them."""
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_number(v) for v in value) + "]"
    return str(value)


def _summary(d: Derivation) -> str:
    if not d.checked:
        return "Not checked: the numeric check was turned off."
    counts = dict.fromkeys(MARKS, 0)
    for step in d.steps:
        counts[step.check.status if step.check else "unchecked"] += 1
    total = len(d.steps)
    if d.verdict == "refuted":
        which = [str(k + 1) for k, s in enumerate(d.steps) if s.check is not None and s.check.status == "refuted"]
        if len(which) > 1:
            return f"Refuted: steps {', '.join(which[:-1])} and {which[-1]} do not hold.{_of_answer(d)}"
        return f"Refuted: {f'step {which[0]}' if which else 'the answer'} does not hold.{_of_answer(d)}"
    if d.verdict == "verified":
        steps = "the step" if total == 1 else f"all {total} steps"
        held = f"{steps} and the answer hold" if total else "the answer holds"
        found = d.answer_check.evidence if d.answer_check is not None else ""
        return f"Verified: {held} numerically{f'; the answer was checked {found}' if found else ''}."
    return f"{counts['verified']} of {total} steps verified, {counts['unchecked']} not checked; nothing refuted.{_of_answer(d)}"


def _of_answer(d: Derivation) -> str:
    """What is to be said of an answer that is not verified."""
    if d.answer_check is None or d.answer_check.status == "verified":
        return ""
    return f" The answer: {evidence(d.answer_check)}."
