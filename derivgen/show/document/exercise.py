"""A derivation with blanks: chosen displays are left to the reader, with a hint and the solution."""

from __future__ import annotations

from dataclasses import replace

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
    asked = wishes.options.exercise
    items = next((b.blocks for b in document.find(Steps)), ())
    numbers = _numbers(asked, [item.number for item in items])
    made: list[Block] = []
    hidden: list[tuple[str, Aside, Aside]] = []
    for block in document.blocks:
        match block:
            case Steps():
                blanks = tuple([_blank(item, k, items, numbers, wishes) for k, item in enumerate(items)])
                hidden += [(f"Step {i.number}", *_revealed(i)) for i in items if i.number in numbers]
                made.append(Steps(blanks))
            case Answer() if items and items[-1].number in numbers:
                verdict = tuple([b for b in block.blocks if isinstance(b, Summary)])
                made.append(Answer(replace(block.line, middle=None, right=BLANK), verdict))
                last = Aside(
                    "The answer",
                    (Equations((block.line,)), *(b for b in block.blocks if b not in verdict)),
                    folds="always",
                )
                hidden.append(("The answer", last, last))
            case _:
                made.append(block)
    return Document((*made, *_behind(hidden, wishes)))


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


def _blank(item: Item, k: int, items: tuple[Item, ...], numbers: set[str], wishes: Wishes) -> Item:
    """A step, left blank if it is chosen; one that follows such a step does not begin with what was to be found."""
    if item.number not in numbers:
        after = k and items[k - 1].number in numbers
        return (
            replace(item, lines=tuple(replace(one, middle=None) for one in item.lines), substeps=()) if after else item
        )
    lines = tuple([Line(one.left, BLANK, one.middle if k and items[k - 1].number not in numbers else None, one.remark)
                   for one in item.lines])  # fmt: skip
    hidden = (
        _revealed(item) if wishes.folds and wishes.options.solutions else _revealed(item)[:1] if wishes.folds else ()
    )
    return replace(item, lines=lines, reason=YOURS, rule="", check=None, substeps=(), hidden=hidden)


def _revealed(item: Item) -> tuple[Aside, Aside]:
    """The hint, which is the reason of a step, and the solution."""
    hint = Aside("Hint", (Sentence(item.reason or item.title),), folds="always")
    return hint, Aside("Solution", (Equations(item.lines),), folds="always")


def _behind(hidden: list[tuple[str, Aside, Aside]], wishes: Wishes) -> list[Aside]:
    """Hints and solutions at the end, of what is not folded into its step."""
    if wishes.folds:
        return [
            solution
            for hint, solution in [(h, s) for _, h, s in hidden]
            if hint is solution and wishes.options.solutions
        ]
    hints = [Sentence(f"{name}: {block.text}") for name, hint, solution in hidden if hint is not solution
             for block in hint.blocks if isinstance(block, Sentence)]  # fmt: skip
    found = [Aside("Hints", tuple(hints))] if hints else []
    if wishes.options.solutions:
        solutions = [part for name, _, solution in hidden for part in (Sentence(f"{name}:"), *solution.blocks)]
        found.append(Aside("Solutions", tuple(solutions)))
    return found
