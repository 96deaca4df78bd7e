"""How a step is displayed: what stands left of the equals sign, what right of it, and as which picture."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from itertools import combinations, pairwise

from derivgen.catalog.build import transposed
from derivgen.catalog.linear import matmul
from derivgen.catalog.opaque import stack
from derivgen.expr import ZERO, At, Build, Call, Cases, Definition, Delta, Expr, Index, Partial, Symbol, rename, walk
from derivgen.rules.step import Step
from derivgen.show.layout import gradients, pictures
from derivgen.show.layout.box import COMMA, Box, Letter, Num, Sign, row
from derivgen.show.layout.derivatives import whole
from derivgen.show.layout.entries import entry
from derivgen.show.layout.lines import Line
from derivgen.show.layout.names import dim, place
from derivgen.show.layout.term import Context


def _carried(d: Definition, step: Step) -> bool:
    """Whether the line itself says what the name is, as δ = ∂C/∂z = … does."""
    left = step.left.args[0] if isinstance(step.left, Call) else step.left
    return left is not None and _names(d, left)


def _names(d: Definition, left: Expr) -> bool:
    """Whether a left side is the name that is explained, or a member of its family."""
    return d.symbol == (left.array if isinstance(left, At) else left)


def displayed(step: Step, c: Context, earlier: Context | None = None) -> list[Line]:
    """The lines of a step: the names that it introduces, then left = before = after, or a picture of after.

    What stood before is said in an ``earlier`` context than that of the document if there is one.
    """
    lines = [definition(d, c) for d in step.introduces if step.picture == "names" or not _carried(d, step)]
    if len({line.remark for line in lines}) == 1:  # one range for all is said once
        lines[:-1] = [replace(line, remark=None) for line in lines[:-1]]
    if step.picture == "names":
        return lines if step.left is None or any(_names(d, step.left) for d in step.introduces) else [
            *lines, Line(c.box(step.left), c.box(step.after))]  # fmt: skip
    left = step.before if step.left is None else step.left
    after = step.after
    if step.picture == "stages":
        return [*lines, *_stages(left, step.before, after, c)]
    if step.picture == "row by diagonal":
        lines += _row_by_diagonal(step.before, c)
    elif step.picture:
        drawn = _drawn(step.picture, left, after, c)
        if drawn is not None:
            return [*lines, *_continued(drawn, step.via, after, c)]
    of_gradients = _gradients(step, left, c)
    if of_gradients:
        return [*lines, *of_gradients]
    apart, via = _entries_apart(step, left, c)
    lines += apart
    left, after, before = _by_entries(left, after, step.before if step.left is not None else None, c)
    left_box, right = c.box(left), c.box(by_cases(after))
    middle = None
    if before is not None and (not isinstance(before, Build) or (step.via and _in_names(before, c))):
        middle = (earlier or c).box(by_cases(before))
    if middle in (left_box, right):
        middle = None
    between = [
        box for box in dict.fromkeys([middle, *(c.box(by_cases(e)) for e in via)]) if box not in (None, left_box, right)
    ]
    if via and between:
        return [*lines, Line(left_box, between[0]), *(Line(None, box) for box in (*between[1:], right))]
    return [*lines, Line(left_box, right, middle, _range(left))]


def _entries_apart(step: Step, left: Expr, c: Context) -> tuple[list[Line], tuple[Expr, ...]]:
    """What an entry is by cases, and what else stands between: a line of its own where the whole is an array, else in the line."""
    cases = [e for e in step.via if isinstance(e, Build) and isinstance(e.body, Cases)]
    if step.after.shape.axes and not isinstance(step.after, Build):
        lines = [Line(c.box(entry(left, e.indices)), c.box(e.body)) for e in cases]
        return lines, tuple(e for e in step.via if e not in cases)
    places = (
        step.after.indices if cases and isinstance(step.after, Build) else ()
    )  # the cases are of one of its entries
    return [], tuple(e.body if isinstance(e, Build) and (e in cases or e.indices == places) else e for e in step.via)


def _continued(drawn: Line, via: tuple[Expr, ...], after: Expr, c: Context) -> list[Line]:
    """A picture after what stands before it in names; behind the sums of its columns what they are without entries."""
    if not via:
        return [drawn]
    sums = [
        Line(None, pictures.stack(e, c)) for e in via[1:] if isinstance(e, Build)
    ]  # 1ᵀJ, the sums of the columns of J
    return [
        Line(drawn.left, c.box(via[0])),
        Line(None, drawn.right),
        *sums,
        *([Line(None, c.box(after))] if sums else []),
    ]


def _in_names(e: Build, c: Context) -> bool:
    """Whether an array of partials is of a name, ∂C/∂z, so that it says what is carried."""
    body = e.body.body if isinstance(e.body, Partial) else None
    return isinstance(body.array if isinstance(body, At) else body, Symbol) and whole(e, c) is not None


def _stages(left: Expr, before: Expr, after: Expr, c: Context) -> list[Line]:
    """The general Jacobian of y = f(x) as the notes have it: the gradients, the same by ∂/∂x, the table of partials."""
    drawn = _drawn("table", left, after, c)
    match before:
        case Build(_, Partial(At(value), At(variable))) if drawn is not None:
            boxes = [*gradients.stages(value, variable, c), drawn.right]
            return [Line(c.box(left) if k == 0 else None, box) for k, box in enumerate(boxes)]
        case _:
            return [Line(c.box(left), c.box(after))]


def _row_by_diagonal(before: Expr, c: Context) -> list[Line]:
    """1ᵀ diag(x) as a row times a matrix, once."""
    for here in walk(before):
        match here:
            case Call(op, args) if op is matmul:
                for one, other in pairwise(args):
                    both = Call(matmul, (one, other))
                    product = gradients.drawn_product(both, c) if one.shape.row else None
                    if product is not None and isinstance(other, Call):
                        return [
                            Line(c.box(both), product, None),
                            Line(None, gradients.entries_of(transposed(other.args[0]), c)),
                        ]
    return []


def _gradients(step: Step, left: Expr, c: Context) -> list[Line]:
    """∇f(x, y) = [∂f/∂x, ∂f/∂y] = …, and J as the stack of gradients before it is a table."""
    head = named(left, c)
    if head is None:
        return []
    before, after = (gradients.separated(e, c) for e in (step.before, step.after))
    between = gradients.stacked_gradients(left, c) or gradients.separated(left, c)
    if isinstance(left, Call) and left.op is stack:
        boxes = [between, *([c.box(left)] if before != after else []), after]
    else:
        boxes = [between, before, after] if before != after else [after]
    return [Line(head if k == 0 else None, box) for k, box in enumerate(boxes)]


def named(left: Expr, c: Context) -> Box | None:
    """The name of a derivative by a list of variables: ∇f(x, y), or J for that of a list of functions."""
    if gradients.stacked_gradients(left, c) is not None and "J" not in c.names.taken:
        return Letter("J")
    return gradients.gradient(left, c)


def definition(d: Definition, c: Context) -> Line:
    """A name and what it stands for; a family by its member i."""
    match d.value:
        case Build(indices, At(value, own)) if indices[-len(own) :] == own and not value.free & set(own):
            family = indices[: len(indices) - len(own)]
            left = At(d.symbol, family) if family else d.symbol
            return Line(c.box(left), c.box(value), None, _range(left))
        case Build(indices, body):
            left = At(d.symbol, indices)
            return Line(c.box(left), c.box(body), None, _range(left))
        case value:
            return Line(c.box(d.symbol), c.box(value))


# --- pictures ------------------------------------------------------------------------------------------------------


def _drawn(picture: str, left: Expr, after: Expr, c: Context) -> Line | None:
    if picture == "product":
        product = gradients.drawn_product(after, c)
        return None if product is None else Line(c.box(left), product)
    built = _gathered(left, after)
    if built is None:
        return None
    whole_left, array = built
    if array.bound != array.indices:
        return None
    match picture:
        case "diagonal":
            entries = pictures.on_diagonal(array)
            return None if entries is None else Line(c.box(whole_left), pictures.diagonal(entries, c))
        case "stack" if len(array.indices) == 1 and isinstance(left, At) and isinstance(left.array, Symbol):
            names = Build(array.indices, rename(left, dict(zip(left.places, array.indices, strict=True))))  # type: ignore[arg-type]
            return Line(c.box(whole_left), pictures.stack(array, c), pictures.stack(names, c))
        case "stack":
            return Line(c.box(whole_left), pictures.stack(array, c))
        case "table":
            return Line(c.box(whole_left), pictures.table(array, c))
        case _:
            return None


def _gathered(left: Expr, after: Expr) -> tuple[Expr, Build] | None:
    """What stands left of a picture, and the array drawn; entries are gathered to the array that they belong to."""
    if isinstance(after, Build):
        return left, after
    if after.shape.axes:
        indices = tuple(Index("ijkl"[k], d) for k, d in enumerate(after.shape.axes))
        return left, Build(indices, entry(after, indices), after.shape.row)
    match left:
        case At(array, places) if all(isinstance(p, Index) for p in places):
            return array, Build(_indices(places), after)
        case Partial(body, wrt):
            own = [p for e in (body, wrt) if isinstance(e, At) for p in e.places]
            found = _indices(tuple(own))
            if not found:
                return None
            as_row = len(found) == 1 and not isinstance(body, At)
            return Build(found, left, as_row), Build(found, after, as_row)
        case _:
            return None


def _indices(places: tuple[object, ...]) -> tuple[Index, ...]:
    return tuple(dict.fromkeys(p for p in places if isinstance(p, Index)))


# --- formulas ------------------------------------------------------------------------------------------------------


def _by_entries(left: Expr, after: Expr, before: Expr | None, c: Context) -> tuple[Expr, Expr, Expr | None]:
    """Both sides at the level of entries, where ``after`` has no form but that of its entries."""
    if not isinstance(after, Build) or whole(after, c) is not None:
        return left, after, before
    where = after.indices
    if left.shape.axes != after.shape.axes:
        return left, after, before
    below = entry(before, where) if before is not None and before.shape.axes == after.shape.axes else None
    return entry(left, where), after.body, below


def by_cases(e: Expr) -> Expr:
    """A product with δ between two free indices, by cases: the product if i = j, else 0."""
    if not e.kinds & Delta.bit:
        return e
    for i, j in combinations(sorted(e.free, key=lambda index: index.name), 2):
        value = pictures.without_delta(e, i, j) if i.dim == j.dim else None
        if value is not None and not isinstance(value, Delta):
            return Cases(((Delta(i, j), value),), ZERO)
    return e


def _range(left: Expr) -> Box | None:
    """The remark i = 1, …, n on an equation for entries; a partial derivative goes without."""
    if isinstance(left, Partial | Build) or not isinstance(left, At):
        return None
    free = _indices(left.places)
    return _ranges(tuple(free)) if free else None


@lru_cache(maxsize=64)
def _ranges(free: tuple[Index, ...]) -> Box:
    parts: list[Box] = []
    for k, i in enumerate(free):
        if k and i.dim == free[k - 1].dim:
            continue
        group = [place(f) for f in free if f.dim == i.dim]
        spread: list[Box] = [box for n, g in enumerate(group) for box in ((COMMA, g) if n else (g,))]
        parts += [COMMA] if parts else []
        parts += [*spread, Sign("="), *counted(i)]
    return row(*parts)


def counted(i: Index) -> list[Box]:
    """1, …, n; short ranges in full."""
    size = i.dim.size
    if isinstance(size, int) and size <= 3:
        numbers: list[Box] = []
        for k in range(size):
            numbers += [COMMA, Num(str(k + 1))] if numbers else [Num("1")]
        return numbers
    return [Num("1"), COMMA, Sign("…", "ordinary"), COMMA, dim(i.dim)]
