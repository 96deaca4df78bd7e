"""An answer that repeats long parts is printed with their names, and the names are explained beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from derivgen.catalog.base import Elementwise
from derivgen.catalog.build import chain, factors_of, plus, product, transposed
from derivgen.catalog.formulas import softmax
from derivgen.catalog.linear import matmul
from derivgen.check.judge import Judge
from derivgen.derivation.words.naming import letters_for
from derivgen.expr import (
    Add,
    At,
    Call,
    Definition,
    Expr,
    Mul,
    Symbol,
    children,
    replace_parts,
    substitute,
    symbols,
    walk,
)
from derivgen.rules.form_cost import LETTER, measure
from derivgen.rules.step import Step

LIMIT = 90
"""The number of nodes, repetitions counted, up to which an answer is printed in the reader's letters throughout."""

LONGEST = 1_000
"""The number of nodes, repetitions counted, up to which a letter is looked for."""


def shorten(left: Expr, result: Expr, steps: Sequence[Step]) -> tuple[Expr, tuple[Definition, ...]]:
    """The answer as it is printed, and the names in it, each explained before it is used.

    The names are those of the step that puts them back in the answer itself, whose side on the left is ``left``: in a
    Hessian, and in a sum, there are such steps for the gradient and for each term too. What was simplified after that
    step is not said in the names, so they are put into the result instead.
    """
    if steps and steps[-1].left == left and steps[-1].rule != "value-by-letter":  # the steps kept the letters
        names = needed(steps[-1].after, steps[-1].definitions)
        if names and not {d.symbol.name for d in names} & set(symbols(left)):  # the letter of the value is no such
            return steps[-1].after, _of_letters_in(steps[-1].after, names)
    if result.written <= LIMIT:
        return result, ()
    turns = _turns(steps)
    place = place_of_letters(left, steps)
    if place is None:
        return result, ()
    back = steps[place]
    second: dict[str, Expr] = {d.symbol.name: d.value for d in back.definitions if isinstance(d.value, Symbol)}
    before = substitute(back.before, second)  # a use of the variable is the variable again
    before = _across(before) if turns else before
    own = tuple(
        [replace(d, value=substitute(d.value, second)) for d in back.definitions if d.symbol.name not in second]
    )
    if len(steps) - turns > place + 1:
        before = _with_names(result, own)
    names = needed(before, own)
    return (before, names) if names else (result, ())


def _of_letters_in(e: Expr, names: Sequence[Definition]) -> tuple[Definition, ...]:
    """The names that stand in ``e``, those that only stand once in what others stand for written out there."""
    met, put = symbols(e), dict[str, Expr]()
    found: list[Definition] = []
    uses = Counter(part.name for d in names for part in written_out(d.value) if isinstance(part, Symbol))
    for d in names:
        value = substitute(d.value, put)
        if d.symbol.name in met or uses[d.symbol.name] > 1:
            found.append(replace(d, value=value))
        else:
            put[d.symbol.name] = value
    return tuple(found)


def place_of_letters(left: Expr, steps: Sequence[Step]) -> int | None:
    """Which step puts the letters back in the answer itself; None where there is none."""
    own_left = steps[-2].left if _turns(steps) and len(steps) > 1 else left
    return next((k for k, s in reversed([*enumerate(steps)]) if s.rule == "letters-back" and s.left == own_left), None)


def _turns(steps: Sequence[Step]) -> bool:
    """Whether all but the last step is in numerator layout."""
    return bool(steps) and steps[-1].rule == "turn-layout"


def _with_names(e: Expr, definitions: Sequence[Definition]) -> Expr:
    """``e`` with each name for what it stands for; those that come first stand in what the later ones stand for."""
    for d in definitions:
        e = replace_parts(e, {d.value: d.symbol})
    return e


def _across(e: Expr) -> Expr:
    """The transpose, carried through sums and products."""
    match e:
        case _ if not e.shape.axes:
            return e
        case Add(parts):
            return plus(*map(_across, parts))
        case Mul(parts):
            return product(*map(_across, parts))
        case Call(op, args) if op is matmul:
            return chain(*map(transposed, args[::-1]))
        case _:
            return transposed(e)


def needed(e: Expr, definitions: Sequence[Definition]) -> tuple[Definition, ...]:
    """The names that stand in an expression, or in what one of them stands for, each explained before it is used."""
    met = set(symbols(e))
    names: list[Definition] = []
    for d in reversed(definitions):
        if d.symbol.name in met:
            names.append(d)
            met |= set(symbols(d.value))
    return tuple(reversed(names))


def with_letter(
    result: Expr, definitions: Iterable[Definition], taken: Iterable[str]
) -> tuple[Expr, tuple[Definition, ...]]:
    """A short answer in which a function of the variables, such as tanh(Wx), stands more than once: a letter for it.
    A softmax to which the steps gave a letter has it in any case.

    A letter that the derivation has for it already, among ``definitions``, is used, also where the part was written in
    another way there; else one that is not ``taken``. It is worth it where the whole, and what the letter stands for,
    measure less.
    """
    if result.written > LONGEST:
        return result, ()
    counts = Counter(part for part in written_out(result) if _may_have_letter(part))
    saved = {part: (count - 1) * measure(part) - count * LETTER.cost for part, count in counts.items()}
    best = max(saved, key=lambda part: saved[part], default=None)
    named = _as_they_stand(letters_of_parts(definitions), counts)
    if best is None or saved[best] <= 0:  # s - y is how it is known, whatever s is of
        best = next(
            (
                part
                for part in counts
                if isinstance(part, Call) and part.op is softmax and (part in named or _in_difference(part, result))
            ),
            None,
        )
    if best is None or best == result:
        return result, ()
    name = named.get(best)
    if name is None:
        letter = next((x for x in letters_for(best) if x not in {*taken}), None)
        if letter is None:
            return result, ()
        name = Symbol(letter, best.shape)
    return replace_parts(result, {best: name}), (Definition(name, best),)


def _as_they_stand(named: Mapping[Expr, Symbol], parts: Iterable[Expr]) -> dict[Expr, Symbol]:
    """The letters by the parts as these stand in the answer: Kq/√d has become (1/√d) Kq there."""
    found = dict(named)
    judge = Judge()
    for part in parts:
        if part not in found and isinstance(part, Call):
            alike = (n for n in named if isinstance(n, Call) and n.op == part.op and n.shape == part.shape)
            same = next((n for n in alike if judge.agree(part, n).status == "verified"), None)
            found |= {} if same is None else {part: named[same]}
    return found


def _in_difference(part: Expr, whole: Expr) -> bool:
    """Whether a function of more than a letter stands in a term of a sum."""
    sums = (t for e in walk(whole) if isinstance(e, Add) for t in e.terms)
    return not isinstance(part.children[0], Symbol | At) and any(part in factors_of(t) for t in sums)


def written_out(e: Expr) -> Iterator[Expr]:
    """The parts of ``e``, those that are shared each time they stand."""
    todo = [e]
    while todo:
        here = todo.pop()
        yield here
        todo.extend(children(here))


def _may_have_letter(e: Expr) -> bool:
    """Whether ``e`` is a function of more than a letter; a softmax has a letter in any case."""
    match e:
        case Call(op, (u,)) if op is softmax or (isinstance(op, Elementwise) and op.notation.form == "function"):
            return not e.free and (op is softmax or not isinstance(u, Symbol | At))
        case _:
            return False


def letters_of_parts(definitions: Iterable[Definition]) -> dict[Expr, Symbol]:
    """The letters that name parts, by what they stand for in the letters of the question."""
    values: dict[str, Expr] = {}
    found: dict[Expr, Symbol] = {}
    for one in definitions:
        name = one.symbol.name
        if name not in values:
            values[name] = substitute(one.value, {n: values[n] for n in symbols(one.value) if n in values})
            found.setdefault(values[name], one.symbol)
    return found
