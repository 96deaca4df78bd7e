"""The doors: a question in text or in trees, to its derivation or to a verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Unpack, overload

from derivgen.arguments import require, require_all
from derivgen.catalog.soundness import refuse_unsound
from derivgen.catalog.user_functions import user_functions
from derivgen.check.judge import Judge
from derivgen.check.verdict import Status, Verdict
from derivgen.deadline import TooLong, bounded, doing, seconds_left, unbounded
from derivgen.derivation import shadows
from derivgen.derivation.derivation import Derivation
from derivgen.derivation.methods.hessian import refuse_twice
from derivgen.derivation.methods.structured import structure
from derivgen.derivation.problem import Problem
from derivgen.derivation.solve import solve
from derivgen.errors import ArgumentError, DerivgenError, NoRule
from derivgen.expr import At, Definition, Expr, Partial, Symbol, apart, indices_in, substitute, symbols
from derivgen.options import Choices, Comparing, Options, chosen, described
from derivgen.read.question import is_latex, read_any, read_together, variable_any
from derivgen.read.reading import Reading
from derivgen.read.value_name import refuse_taken, value_name
from derivgen.rules import singular
from derivgen.world import World

VARIABLE = "a variable is a name, or a symbol of derivgen.expr"


@overload
def derive(
    expr: str | Expr, wrt: str | Symbol, where: str = "", *, world: World | None = None, **choices: Unpack[Choices]
) -> Derivation: ...
@overload
def derive(
    expr: str | Expr,
    wrt: list[str] | tuple[str, ...],
    where: str = "",
    *,
    world: World | None = None,
    **choices: Unpack[Choices],
) -> list[Derivation]: ...


def derive(
    expr: str | Expr,
    wrt: str | Symbol | list[str] | tuple[str, ...],
    where: str = "",
    *,
    world: World | None = None,
    **choices: Unpack[Choices],
) -> Derivation | list[Derivation]:
    """Derive an expression, step by step, each step checked.

    Args:
        expr: text as a NumPy user types it, such as "max(0, w.T @ x + b)", or an expression.
        wrt: the variable; "[x, y]" is the list of several scalars; a list of names gives a list of derivations.
        where: the declarations, "w, x in R^n; b in R".
        world: the operations and rules that there are; without it, ``World.default()``.
        **choices: the options of ``derivgen.options.Choices``.

    Raises:
        DerivgenError: bad input, shapes that do not fit, a derivative that no rule covers, or one that takes too long.
    """
    options = _chosen(choices, "derivgen.derive", where)
    with bounded(options.timeout):
        if isinstance(wrt, str | Symbol):
            return derive_by(expr, wrt, options, world)
        require(wrt, (list, tuple), VARIABLE, 'such as wrt="w", or wrt=["w", "x"] for two derivations')
        require_all(wrt, (str, Symbol), VARIABLE, 'such as wrt=["w", "x"] for two derivations')
        if not wrt:
            raise ArgumentError("there is no variable to differentiate by", hint='name one, such as wrt="w"')
        return [derive_by(expr, x, options, world) for x in wrt]


def derive_by(expr: str | Expr, wrt: str | Symbol, options: Options, world: World | None = None) -> Derivation:
    """Derive by one variable: whoever asks for a derivation, it is made here.

    Raises:
        DerivgenError: as ``derive`` does.
    """
    with bounded(options.timeout):
        with doing("reading it"):
            problem = read_problem(expr, wrt, options, _world(world))
        return solve(problem)


def _refuse_lone(e: Expr, by: Symbol | tuple[Symbol, ...], definitions: tuple[Definition, ...]) -> None:
    """Refuse to call the derivative of a number 0 of which nothing is said but that it is one, as of a loss L.

    Raises:
        DerivgenError: the whole question is such a letter.
    """
    wrt = by if isinstance(by, tuple) else (by,)
    if not isinstance(e, Symbol) or e.shape.axes or e in wrt or any(d.symbol == e for d in definitions):
        return
    names = ", ".join(x.name for x in wrt)
    raise DerivgenError(f"it is not said how {e.name} depends on {names}",
                        hint=f"declare that it does, {e.name}: function of {names}, or give its value as an intermediate")  # fmt: skip


def read_problem(expr: str | Expr, wrt: str | Symbol, options: Options, world: World) -> Problem:
    """Read the texts of a question.

    Raises:
        DerivgenError: a text cannot be read; NoRule where the question is of a kind that no method answers.
    """
    require(wrt, (str, Symbol), VARIABLE, 'such as wrt="w"')
    name, asked_for = value_name(expr) if isinstance(expr, str) else ("", expr)
    try:
        question = read_any(asked_for, options, world.glossary, wrt if isinstance(wrt, str) else wrt.name)
    except DerivgenError as error:
        if name and error.source == asked_for:
            error.source = str(expr)
        raise
    options = replace(options, order=2) if question.reading.written == 2 else options
    expression, declarations, definitions = question.expression, question.declarations, question.definitions
    shadowed = shadows.remarks((expression, *(d.value for d in definitions)), world.glossary)
    latex = isinstance(asked_for, str) and is_latex(asked_for, options.dialect, question.declarations)
    asked = wrt if isinstance(wrt, Symbol) else variable_any(wrt, question, preamble=options.preamble, latex=latex)
    variable, places = (asked.array, asked.places) if isinstance(asked, At) else (asked, ())
    if isinstance(wrt, Symbol):
        known = declarations.symbols.get(wrt.name, wrt)
        refuse_unsound(Symbol(wrt.name, wrt.space, wrt.traits or known.traits), beside={known.name: known})
    if isinstance(variable, Symbol):
        variable = symbols(expression).get(variable.name, variable)  # with the traits that it has there
    assert isinstance(variable, Symbol | tuple)
    if name:
        refuse_taken(name, question, variable, str(expr))
    around = {i.name for i in (*indices_in(places), *expression.free)}
    _refuse_lone(expression, variable, definitions)
    expression = _written_out(apart(expression, around), [d for d in definitions if d.symbol != variable])
    source = expr if isinstance(expr, str) else ""
    if options.order == 2 and not isinstance(variable, Symbol):
        raise NoRule(
            "a Hessian by a list of scalars is not derived",
            hint="declare a vector instead, and take its entries x[0], x[1]",
        )
    if options.order == 2 and isinstance(variable, Symbol):
        if places:
            raise NoRule(
                f"a second derivative by {asked} alone is not derived", hint=f"derive twice by {variable.name}"
            )
        refuse_twice(expression, variable)
    if places and isinstance(variable, Symbol) and structure(variable) is not None:
        raise NoRule(f"the entries of {variable.name} are tied to each other, so that none of them moves alone",
                     hint=f"derive by {variable.name}, or declare it as R^(n*n)")  # fmt: skip
    for x in (variable,) if isinstance(variable, Symbol) else variable:
        singular.refuse_singular(expression, x.name)
    return Problem(expression, variable, dict(declarations.symbols), dict(declarations.functions), definitions,
                   options, source, tuple(user_functions(expression).values()),
                   replace(question.reading, shadowed=shadowed), world, places, name)  # fmt: skip


def _chosen(choices: Mapping[str, Any], face: str, where: object) -> Options:
    require(where, str, "declarations are a text", 'such as where="w, x in R^n; b in R"')
    assert isinstance(where, str)
    return chosen(choices, face, Options(where=where))


def _world(world: World | None) -> World:
    require(world, (World, type(None)), "a world holds operations and rules", "such as World.default()")
    return world or World.default()


def _written_out(e: Expr, definitions: Sequence[Definition]) -> Expr:
    """The expression in the letters of the variables; what a name stands for is one tree, wherever the name stands."""
    if any(part.kinds & Partial.bit for part in (e, *(d.value for d in definitions))):
        for d in reversed(definitions):  # by a name that is defined, a derivative is taken before it is written out
            e = substitute(e, {d.symbol.name: d.value})
        return e
    values: dict[str, Expr] = {}
    for d in definitions:  # a later name may use an earlier one
        values[d.symbol.name] = substitute(d.value, values)
    return substitute(e, values)


def equal(
    a: str | Expr, b: str | Expr, where: str = "", *, world: World | None = None, **choices: Unpack[Comparing]
) -> Verdict:
    """Whether two expressions agree wherever both have a value.

    Args:
        a: a text as a NumPy user types it, or an expression.
        b: the same.
        where: the declarations, "x in R^n; A in R^(n*n)".
        world: the operations that there are; without it, those of ``World.default()``.
        **choices: the options of ``derivgen.options.Comparing``.

    Returns:
        A verdict: its ``status`` is "verified", "refuted" or "unchecked", with the evidence. One that is refuted has the
        ``point``, the ``place`` of the entry and both values, ``left`` and ``right``; or the shapes, where these differ.

    Raises:
        DerivgenError: a side cannot be read.
    """
    return compare(a, b, _chosen(choices, "derivgen.equal", where), world)


def compare(a: str | Expr, b: str | Expr, options: Options, world: World | None = None) -> Verdict:
    """Whether two expressions agree: what ``equal`` does.

    Raises:
        DerivgenError: as ``equal`` does.
    """
    return compared(a, b, options, world)[0]


def compared(a: str | Expr, b: str | Expr, options: Options, world: World | None = None) -> tuple[Verdict, Reading]:
    """Whether two expressions agree, and how they were read: what the command does.

    Raises:
        DerivgenError: as ``equal`` does.
    """
    with bounded(options.timeout), doing("reading it"):
        glossary = _world(world).glossary
        sides = read_together((a, b), options, glossary)
        left, right = (side.expression for side in sides)
        definitions = {d.symbol: d for side in sides for d in side.definitions}
        if isinstance(a, Expr) or isinstance(b, Expr):
            refuse_unsound(left, right)
        court = Judge(seed=options.seed, samples=options.samples)
        court.left = min(court.left, seconds_left())
        reading = sides[0].reading.beside(sides[1].reading)
        with unbounded():  # the judge looks at its own clock
            verdict = court.agree(left, right, definitions.values(), depth="question")
    if verdict.status == "refuted" and (other := _of_kronecker(a, b, options, world)) in ("verified", "unchecked"):
        agree = "the sides agree" if other == "verified" else "it is not known whether the sides agree"
        verdict = Verdict("unchecked", f"⊗ is read as the Hadamard product, and as the Kronecker product {agree}: "
                                       "the option product says which is meant")  # fmt: skip
    return replace(verdict, reading=reading.sentences()), reading


def _of_kronecker(a: str | Expr, b: str | Expr, options: Options, world: World | None) -> Status | None:
    """Whether two sides agree where each ⊗ in them, which could be either, is the Kronecker product.

    None where there is no such sign, or where nothing can be meant by it so.
    """
    if options.product != "hadamard" or not any(isinstance(s, str) and ("otimes" in s or "⊗" in s) for s in (a, b)):
        return None
    try:
        return compared(a, b, replace(options, product="kronecker"), world)[0].status
    except TooLong:
        return "unchecked"
    except DerivgenError:
        return None


for _function, _face in ((derive, "derivgen.derive"), (equal, "derivgen.equal")):
    _function.__doc__ = f"{_function.__doc__}\n    Options:\n{described(_face)}"
