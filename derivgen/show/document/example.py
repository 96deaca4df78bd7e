"""The same question with short axes, every entry written out, before it is derived in general."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from derivgen.check.judge import Judge
from derivgen.derivation.derivation import Derivation
from derivgen.derivation.methods.structured import structure
from derivgen.derivation.small import entries, small
from derivgen.derivation.solve import context_for, solve
from derivgen.errors import DerivgenError
from derivgen.expr import At, Build, Cases, Expr, Partial, Symbol, bind, rename
from derivgen.show.document.blocks import Aside, Block, Equations, Sentence
from derivgen.show.document.context import applied, context_of, occurring, variables
from derivgen.show.layout.box import Box, Grid, breadth
from derivgen.show.layout.lines import Line
from derivgen.show.layout.term import Context

Places = tuple[int, ...]

MOST_ENTRIES = 16
"""A table of more entries than these is none that one writes out."""

BROADEST = 72
"""The breadth, in letters, of a table that one takes in at a glance."""


def by_entries(d: Derivation, length: int) -> Aside:
    """The value, its partials one by one, and the derivative that they make, with ``length`` for each letter of a size.

    Raises:
        DerivgenError: the question has no such sizes, or too many entries, or is by several variables.
    """
    p = d.problem
    shapes = [s.shape for s in (*occurring(d), *variables(d))]
    shapes += [shape for f in applied(d) for shape in (*f.domain, f.codomain)]
    sizes = list(dict.fromkeys(f for shape in shapes for dim in shape.axes for f in dim.symbols))
    if not sizes or not isinstance(p.wrt, Symbol) or structure(p.wrt) or p.places or p.options.order == 2:
        raise DerivgenError("there is no smaller example of this", hint="an example is of a first derivative by an array "
                            "whose sizes are letters; leave the option 'example' out")  # fmt: skip
    asked = small(p, length)
    found = solve(replace(asked, options=replace(asked.options, check=False)))
    ctx = context_for(asked)
    values, partials = entries(asked.expression, ctx), entries(found.result, ctx)
    if max(len(values), len(partials)) > MOST_ENTRIES:
        raise DerivgenError(
            f"written out, this has {max(len(values), len(partials))} entries", hint="take a smaller 'example'"
        )
    lefts = {at: _entry(found.left, at) for at in partials}
    c = context_of(found)
    lines = [Line(c.box(At(d.name, at) if at else d.name), c.box(e)) for at, e in values.items()]
    table = _table(found.result, {at: c.box(e) for at, e in partials.items()})
    if table is not None and (breadth(table) > BROADEST or any(isinstance(e, Cases) for e in partials.values())):
        table = None
    blocks: list[Block] = [Equations(tuple(lines)), *_partials(lefts, partials, table is not None, c)]
    blocks.append(Equations((Line(c.box(found.left), c.box(found.result), table),)))
    if d.checked:
        blocks.append(Sentence(_checked(values, lefts, partials, d.problem.options.seed)))
    return Aside(f"With {' = '.join(sizes)} = {length}", tuple(blocks), folds="never")


def _entry(left: Expr, at: Places) -> Expr:
    """The name of an entry of the derivative, ∂y/∂x₁."""
    if not isinstance(left, Build):
        return left
    found = bind(left.indices, at)
    assert found is not None
    return rename(left.body, found)


def _partials(
    lefts: Mapping[Places, Expr], partials: Mapping[Places, Expr], whole: bool, c: Context
) -> Iterator[Block]:
    """The partials one by one: of a table that is shown whole none, of a long one those that stand for the others."""
    rank = len(next(iter(partials), ()))
    if rank > 1 and whole:
        return
    every = whole or all(breadth(c.box(e)) <= BROADEST for e in partials.values())
    shown = list(partials) if rank < 2 and every else [at for at in partials if not any(at[:-1]) and at[-1] < rank]
    yield Equations(tuple([Line(c.box(lefts[at]), c.box(partials[at])) for at in shown]))
    if len(shown) < len(partials):
        yield Sentence("The others are like it." if len(shown) == 1 else "The others are like them.")


def _table(result: Expr, boxes: Mapping[Places, Box]) -> Grid | None:
    """The entries side by side, as the answer has them; a number has none."""
    if len(result.shape.axes) < 2:
        cells = tuple(boxes.values())
        return Grid((cells,) if result.shape.row else tuple([(cell,) for cell in cells])) if result.shape.axes else None
    return Grid(
        tuple([tuple([box for at, box in boxes.items() if at[0] == k]) for k in dict.fromkeys(at[0] for at in boxes)])
    )


def _checked(
    values: Mapping[Places, Expr], lefts: Mapping[Places, Expr], partials: Mapping[Places, Expr], seed: int
) -> str:
    """What the judge says of the partials, each compared with the derivative of what is written out.

    Raises:
        DerivgenError: one is refuted.
    """
    court = Judge(seed=seed)
    found = []
    for at, e in partials.items():
        left = lefts[at]
        assert isinstance(left, Partial)
        of = left.body
        place = tuple(p for p in of.places if isinstance(p, int)) if isinstance(of, At) else ()
        found.append(court.agree(Partial(values[place], left.wrt), e).status)
    if "refuted" in found:
        raise DerivgenError("the example is not so: one of its partials was refuted", hint="please report this")
    return "Each of these partials was checked." if set(found) == {"verified"} else "Not all of these could be checked."
