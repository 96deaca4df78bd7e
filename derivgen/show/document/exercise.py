"""A derivation with blanks: chosen displays are left to the reader, with a hint and the solution."""

from __future__ import annotations

from dataclasses import dataclass, replace

from derivgen.errors import DerivgenError
from derivgen.show.document.blocks import Answer, Aside, Block, Document, Equations, Item, Sentence, Steps, Summary
from derivgen.show.formats import Wishes
from derivgen.show.layout.box import Sign
from derivgen.show.layout.lines import Line

AUTO = "auto"
"""What is written for every second step, and the last."""

BLANK = Sign("□", "ordinary", r"\square")
YOURS = "What stands here?"


def faded(document: Document, wishes: Wishes) -> Document:
    """The document with the chosen steps as blanks.

    Where the format can fold, hint and solution are folded into the step; else they stand at the end, the hints first.

    Raises:
        DerivgenError: there is no such step.
    """
    items = next((b.blocks for b in document.find(Steps)), ())
    numbers = _numbers(wishes.options.exercise, [item.number for item in items])
    left = [_of_step(item) for item in items if item.number in numbers]
    made: list[Block] = []
    for block in document.blocks:
        match block:
            case Steps():
                made.append(
                    Steps(tuple([_with_blanks(item, k, items, numbers, wishes) for k, item in enumerate(items)]))
                )
            case Answer() if items and items[-1].number in numbers:
                verdict = tuple([b for b in block.blocks if isinstance(b, Summary)])
                made.append(Answer(replace(block.line, middle=None, right=BLANK), verdict))
                rest = [b for b in block.blocks if b not in verdict]
                left.append(_Left("The answer", "", (Equations((block.line,)), *rest)))
            case _:
                made.append(block)
    return Document((*made, *_behind(left, wishes)))


@dataclass(frozen=True, slots=True)
class _Left:
    """What is left to the reader: what it is, a hint where there is one, and the solution."""

    name: str
    hint: str
    solution: tuple[Block, ...]


def _of_step(item: Item) -> _Left:
    """The hint for a step is its reason."""
    return _Left(f"Step {item.number}", item.reason or item.title, (Equations(item.lines),))


def _numbers(asked: str, known: list[str]) -> set[str]:
    if asked.strip() == AUTO:
        return {*known[1::2], *known[-1:]}
    numbers = {part.strip() for part in asked.replace(";", ",").split(",") if part.strip()}
    for number in numbers - set(known):
        have = f"it has the steps 1 to {len(known)}" if known else "it has no steps"
        raise DerivgenError(
            f"there is no step {number} to be left blank", hint=f"{have}; exercise: auto takes every second"
        )
    return numbers


def _with_blanks(item: Item, k: int, items: tuple[Item, ...], numbers: set[str], wishes: Wishes) -> Item:
    """A step, left blank if it is chosen; one that follows such a step does not begin with what was to be found."""
    after = k > 0 and items[k - 1].number in numbers
    lines = tuple([replace(one, middle=None) for one in item.lines]) if after else item.lines
    if item.number not in numbers:
        return replace(item, lines=lines, substeps=()) if after else item
    blanks = tuple([Line(one.left, BLANK, one.middle, one.remark) for one in lines])
    hidden: list[Aside] = []
    if wishes.folds:
        step = _of_step(item)
        hidden.append(Aside("Hint", (Sentence(step.hint),), folds="always"))
        if wishes.options.solutions:
            hidden.append(Aside("Solution", step.solution, folds="always"))
    return replace(item, lines=blanks, reason=YOURS, rule="", check=None, substeps=(), hidden=tuple(hidden))


def _behind(left: list[_Left], wishes: Wishes) -> list[Aside]:
    """Hints and solutions at the end, of what is not folded into its step."""
    solved = wishes.options.solutions
    if wishes.folds:
        return [Aside(one.name, one.solution, folds="always") for one in left if not one.hint and solved]
    hints = [Sentence(f"{one.name}: {one.hint}") for one in left if one.hint]
    found = [Aside("Hints", tuple(hints))] if hints else []
    if solved:
        found.append(Aside("Solutions", tuple([b for one in left for b in (Sentence(f"{one.name}:"), *one.solution)])))
    return found
