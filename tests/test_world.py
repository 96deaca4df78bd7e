"""Worlds: operations and rules of one's own are read, derived, judged and printed, and refused where they are not so."""

from __future__ import annotations

import copy
import pickle
from dataclasses import replace
from fractions import Fraction
from typing import Any

import markdown
import numpy as np
import pytest

import derivgen
from derivgen import World
from derivgen.catalog import elementwise
from derivgen.catalog.base import Constant, Domain, Elementwise, Formula, Linear, Opaque, Operation, signature
from derivgen.catalog.elementwise import greater_equal
from derivgen.catalog.linear import matmul
from derivgen.errors import ShapeError
from derivgen.expr import MINUS_ONE, ONE, ZERO, Add, At, Call, Expr, Mul, Number, Position, Power, Shape
from derivgen.expr.notation import ENTRYWISE, Notation
from derivgen.formats import FORMATS
from derivgen.markdown import BrokenDerivations, DerivgenExtension
from derivgen.read import parse_text
from derivgen.read.declare import declare
from derivgen.read.latex.formula import parse_latex
from derivgen.rules.engine import Context
from derivgen.rules.rule import Phase, Rule, Stage, rule
from derivgen.site.answer import RECORDS
from derivgen.site.folder import plain_text
from derivgen.site.markdown_page import MarkdownPage
from derivgen.testing import check_operation, check_rule, check_world
from derivgen.work.store import Store
from derivgen.work.workers import Workers

TWO = Number(Fraction(2))


def squared(u: Expr) -> Expr:
    return Power(u, TWO)


def below_one(u: Expr) -> Expr:
    return Add((ONE, Mul((MINUS_ONE, squared(u)))))


artanh = Elementwise(
    "artanh", "The inverse hyperbolic tangent.", Notation(code="arctanh", sympy="atanh", aliases=("atanh",)),
    (lambda u: Power(below_one(u), MINUS_ONE),), lambda m, u: (m.log(1 + u) - m.log(1 - u)) / 2,
    domain=Domain(below_one, ">"), reference="numpy.arctanh",
)  # fmt: skip
hypot: Elementwise = Elementwise(
    "hypot", "The length of the vector with two entries.",
    Notation(r"\boxplus", "infix", "⊞", level=ENTRYWISE, code="hypot"),
    (lambda u, v: Mul((u, Power(Call(hypot, (u, v)), MINUS_ONE))), lambda u, v: Mul((v, Power(Call(hypot, (u, v)), MINUS_ONE)))),
    lambda m, u, v: m.sqrt(u * u + v * v), domain=Domain(lambda u, v: Add((squared(u), squared(v))), ">"), reference="numpy.hypot",
)  # fmt: skip
below = Elementwise(
    "below", "1 where the first is smaller by more than 1, else 0.", Notation(r"\prec", "relation", "≺", code="({1}) - ({0}) > 1"),
    (lambda u, v: ZERO, lambda u, v: ZERO), lambda m, u, v: m.where_positive(v - u - 1, 1, 0),
    kink=lambda u, v: Add((v, Mul((MINUS_ONE, u)), MINUS_ONE)), reference="lambda u, v: float(v - u > 1)",
)  # fmt: skip
rowsum = Linear("rowsum", "The sums of the rows.", Notation(), lambda shapes: signature("ij->i"),
                reference="lambda a: numpy.sum(a, axis=1, keepdims=True)")  # fmt: skip
tril: Constant = Constant("tril", "Ones on and below the diagonal.", Notation(code="tri"), 2,
                lambda places: Call(greater_equal, (Position(places[0]), Position(places[1]))), reference="numpy.tri")  # type: ignore[arg-type]  # fmt: skip


def running(x: Expr) -> Expr:
    if x.shape.rank != 1 or x.shape.row:
        raise ShapeError("cumsum is of a column")
    return Call(matmul, (Call(tril, (), x.shape.axes), x))


cumsum = Formula("cumsum", "Entry i is the sum of the entries up to i.", Notation(code="cumsum"), running,
                 reference="lambda x: numpy.cumsum(x)[:, None]")  # fmt: skip


@rule(Stage.RECOMBINE, Call, title="Recognise the triangle", states=r"\mathbf 1(i \geq j) = \operatorname{tril}_{ij}",
      because="The entries on and below the diagonal are one.", examples=("[[i + 1 >= j + 1 for j in range(n)] for i in range(n)]",))  # fmt: skip
def name_triangle(e: Call, ctx: Context) -> Expr | None:
    match e:
        case Call(op, (Position(i), Position(j))) if op is greater_equal and i.dim == j.dim:
            return At(Call(tril, (), (i.dim,)), (i, j))
        case _:
            return None


OPERATIONS = (artanh, hypot, below, rowsum, tril, cumsum)


@pytest.fixture(scope="module")
def world() -> World:
    return World.default().extended(OPERATIONS, [name_triangle])


QUESTIONS = [
    ("sum(artanh(x))", "x in R^n", "(1 / (1 - x**2)).T"),
    ("atanh(x)", "x in R^n", "diag(1 / (1 - x**2))"),
    (r"\operatorname{artanh}(\mathbf x)", "x in R^n", "diag(1 / (1 - x**2))"),
    ("hypot(x, y)", "x, y in R^n", "diag(x / hypot(x, y))"),
    (r"\mathbf x \boxplus \mathbf y", "x, y in R^n", "diag(x / hypot(x, y))"),
    (r"\mathbf x ⊞ \mathbf y", "x, y in R^n", "diag(x / hypot(x, y))"),
    ("below(x, y) * x", "x, y in R^n", "diag(below(x, y))"),
    (r"\mathbf 1(\mathbf x \prec \mathbf y) \odot \mathbf x", "x, y in R^n", "diag(below(x, y))"),
    ("rowsum(A @ diag(x))", "A in R^(m*n); x in R^n", "A"),
    ("cumsum(x)", "x in R^n", "tril(n)"),
    ("sum(cumsum(y * x)**2)", "x, y in R^n", "2 * cumsum(y * x).T @ tril(n) @ diag(y)"),
    (r"\operatorname{tril}(n) \mathbf x", "x in R^n", "tril(n)"),
]


@pytest.mark.parametrize(("expression", "where", "answer"), QUESTIONS)
def test_what_a_world_has_is_read_derived_judged_and_printed(
    world: World, expression: str, where: str, answer: str
) -> None:
    d = derivgen.derive(expression, "x", where, world=world)
    assert (str(d.result), d.verdict) == (answer, "verified")
    known = declare(where, world.glossary)
    assert parse_text(answer, known) == d.result
    assert derivgen.equal(expression, str(d.problem.expression), where, world=world).status == "verified"
    again = parse_latex(d._repr_latex_().strip("$").removeprefix(r"\displaystyle").rpartition("=")[2], known)
    assert derivgen.equal(again, d.result, where, world=world).status == "verified"
    for form in sorted({*FORMATS} - {"pdf"}):
        assert d.to(form)


@pytest.mark.parametrize(
    ("expression", "where", "source"),
    [
        ("artanh(x)", "x in R^n", "1 - x**2"),
        ("hypot(x, y)", "x, y in R^n", "np.hypot(x, y)"),
        ("cumsum(x)", "x in R^n", "np.tri(n)"),
    ],
)
def test_code_calls_what_is_declared(world: World, expression: str, where: str, source: str) -> None:
    assert source in derivgen.derive(expression, "x", where, world=world).to("numpy")


def test_the_answer_is_that_of_numpy(world: World) -> None:
    x = np.array([0.3, -0.2, 0.5])
    d = derivgen.derive("cumsum(artanh(x))", "x", "x in R^n", world=world)
    np.testing.assert_allclose(d.evaluate({"x": x}), np.tri(3) / (1 - x**2), rtol=1e-12)
    np.testing.assert_allclose(d.value({"x": x}), np.cumsum(np.arctanh(x)), rtol=1e-12)


def test_other_worlds_do_not_have_it(world: World) -> None:
    with pytest.raises(derivgen.NameUnknown):
        derivgen.derive("artanh(x)", "x", "x in R^n")
    with pytest.raises(derivgen.NameUnknown):
        derivgen.equal("artanh(x)", "x", "x in R^n")
    assert (
        str(derivgen.derive("[sum((i >= j) * x[j] for j in range(n)) for i in range(n)]", "x", "x in R^n").result)
        != "tril(n)"
    )


def test_one_name_has_a_meaning_in_each_world() -> None:
    def times(k: int) -> Elementwise:
        factor = Number(Fraction(k))
        return Elementwise(
            "scaled", "A multiple.", Notation(), (lambda u: factor,), lambda m, u: k * u, reference=lambda u: k * u
        )

    worlds = [World.default().extended([times(k)]) for k in (2, 3)]
    for _ in range(2):
        for k, world in zip((2, 3), worlds, strict=True):
            assert str(derivgen.derive("scaled(x)", "x", "x in R^n", world=world).result) == f"{k} * eye(n)"


def test_a_definition_uses_what_a_world_has(world: World) -> None:
    d = derivgen.derive("f(x)", "x", "x in R^n", define=["f(z) = artanh(z)**2"], world=world)
    np.testing.assert_allclose(d.evaluate({"x": [0.5]}), [[2 * np.arctanh(0.5) / 0.75]], rtol=1e-12)
    assert d.verdict == "verified"


def test_a_world_and_what_is_made_in_it_are_pickled(world: World) -> None:
    d = derivgen.derive("cumsum(x)", "x", "x in R^n", world=world)
    for copied in (pickle.loads(pickle.dumps(d)), copy.deepcopy(d)):
        assert copied == d
        assert copied.problem.world == world
        assert copied.problem.world is not World.default()
    assert pickle.loads(pickle.dumps(World.default())) == World.default()


def test_pages_are_made_in_a_world(world: World) -> None:
    extension = DerivgenExtension(world=world, cache_dir="")
    html = markdown.markdown("```derivation\ncumsum(artanh(x))\nwrt: x\nwhere: x in R^n\n```\n", extensions=[extension])
    assert "dg-verified" in html
    with pytest.raises(BrokenDerivations, match="there is no function artanh"):
        markdown.markdown(
            "```derivation\nartanh(x)\nwrt: x\nwhere: x in R^n\n```\n", extensions=[DerivgenExtension(cache_dir="")]
        )


def test_a_world_goes_to_another_process(world: World) -> None:
    store = Store(RECORDS, workers=Workers(1))
    page = MarkdownPage(store, math="markdown", world=world.packed())
    try:
        text = plain_text(page, "```derivation\ncumsum(x)\nwrt: x\nwhere: x in R^n\n```")
    finally:
        store.close()
    assert (page.problems, "tril" in text) == ([], True)


def test_what_a_program_itself_declares_goes_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    here = replace(rowsum)
    object.__setattr__(here, "module", "__main__")
    with pytest.raises(derivgen.ExtensionError, match="rowsum cannot be sent to another process"):
        World.default().extended([here]).packed()


def test_a_rule_without_a_place_is_not_pickled() -> None:
    loose = replace(name_triangle, name="loose")
    with pytest.raises(derivgen.ExtensionError, match="rule loose cannot be sent to another process"):
        pickle.dumps(World.default().extended([tril], [loose], check=False))


def test_a_world_is_tried_as_a_whole(world: World) -> None:
    check_world()
    check_world(world)


def test_an_operation_that_is_not_read_as_it_is_written_is_refused() -> None:
    silent = replace(rowsum, name="rows", notation=Notation(r"\mathsf{rows}^\ast"))
    with pytest.raises(derivgen.ExtensionError, match=r"rows is written .*, which is read as rows\(u\)\*\*star"):
        check_world(World.default().extended([silent]))


def test_an_operation_that_is_not_derived_is_refused() -> None:
    def never(*given: Any) -> Expr:
        raise derivgen.NoRule("this has no partials")

    def column(shapes: tuple[Shape, ...]) -> Shape:
        if shapes[0].rank != 1 or shapes[0].row:
            raise ShapeError("it is of a column")
        return shapes[0]

    twice = Opaque("twice", "Twice a column.", Notation(), column, never, lambda m, u: [2 * v for v in u],
                   reference="lambda u: 2 * u")  # fmt: skip
    with pytest.raises(derivgen.ExtensionError, match="the derivative of twice cannot be made: this has no partials"):
        World.default().extended([twice])


# --- what is refused -------------------------------------------------------------------------------------------------

arctan = Elementwise("arctan", "Said to be the inverse tangent.", Notation(r"\arctan"), (lambda u: below_one(Call(elementwise.tanh, (u,))),),
                     lambda m, u: m.tanh(u), reference="numpy.arctan")  # fmt: skip


def test_a_value_and_a_derivative_that_are_wrong_alike_are_refused() -> None:
    with pytest.raises(
        derivgen.ExtensionError, match=r"the value of arctan, in floats, .* but that of numpy.arctan is"
    ):
        World.default().extended([arctan])
    unchecked = World.default().extended([arctan], check=False)
    with pytest.raises(derivgen.ExtensionError, match="the value of arctan"):
        check_world(unchecked)


def named(name: str, **notation: Any) -> Linear:
    return replace(rowsum, name=name, notation=Notation(**notation))


@pytest.mark.parametrize(
    ("operation", "reason"),
    [
        (named("tanh"), "cannot be called tanh: there is one already"),
        (named("matmul"), "cannot be called matmul: there is one already"),
        (named("rows", aliases=("ln",)), "cannot be called ln: there is one already"),
        (named("rows", text="norm"), "cannot be called norm: there is one already"),
        (named("lambda"), "cannot be called lambda: that is a word of Python's own"),
        (named("for"), "cannot be called for: that is a word of Python's own"),
        (named("sqrt"), "cannot be called sqrt: that word belongs to the way that expressions are written"),
        (named("dot"), "cannot be called dot: that word belongs"),
        (named("row sum"), "cannot be called row sum: letters, digits and _ make a name"),
        (named("rows", text="<<"), "cannot be called <<: letters, digits and _ make a name"),
        (named("rows", latex=r"\operatorname{tr}"), "rows is written tr, as another is"),
        (named("rows", form="grid"), "rows cannot have the form 'grid'"),
        (named("rows", form="infix", unicode="⊞"), "which takes 2 arguments, and takes 1"),
        (replace(hypot, notation=Notation(r"\leq", "relation", "≤")), "hypot is written .*, as another is"),
        (replace(hypot, notation=Notation(r"\prec", "relation")), "and no sign"),
        (replace(hypot, notation=Notation(r"\prec", "relation", "≺", contrary="⊀")), "which is no relation"),
        (len, "is no operation"),
    ],
)  # fmt: skip
def test_an_operation_that_could_not_be_written_is_refused(operation: Operation, reason: str) -> None:
    with pytest.raises(derivgen.ExtensionError, match=reason) as found:
        World.default().extended([operation])
    assert found.value.hint


def test_two_of_one_name_are_refused() -> None:
    with pytest.raises(derivgen.ExtensionError, match="cannot be called rowsum: there is one already"):
        World.default().extended([rowsum, named("rowsum")])


def halved(*, examples: tuple[str, ...] = ("2 * x",), **said: Any) -> Rule:
    def halve(e: Mul, _: Context) -> Expr | None:
        if e.factors[0] == TWO:
            return Mul((ONE, *e.factors[1:]))
        return None

    given: dict[str, Any] = {"title": "Halve", "states": "2u = u", "because": "So."} | said
    return rule(Stage.SIMPLIFY, Mul, examples=examples, **given)(halve)


@pytest.mark.parametrize(
    ("law", "reason"),
    [
        (halved(), r"rule halve makes 1 \* x of 2 \* x, in its example 2 \* x; that is refuted"),
        (halved(examples=()), "rule halve has no example"),
        (halved(examples=("3 * x",)), r"rule halve has nothing to say of its example 3 \* x"),
        (halved(examples=("2 * x +",)), r"the example 2 \* x \+ of rule halve cannot be read"),
        (halved(phases=(Phase.INWARD,)), "no method reaches rule halve"),
        (tril, "is no rule"),
    ],
)
def test_a_rule_that_is_not_so_is_refused(law: Rule, reason: str) -> None:
    with pytest.raises(derivgen.ExtensionError, match=reason):
        World.default().extended(rules=[law])


def cancelled(e: Mul, _: Context) -> Expr | None:
    """True of a/a, but it takes away all that is like it: a a/a is said to be 1."""
    for f in e.factors:
        if Power(f, MINUS_ONE) in e.factors:
            rest = tuple(g for g in e.factors if g not in (f, Power(f, MINUS_ONE)))
            if len(rest) > 1:
                return Mul(rest)
            return rest[0] if rest else ONE
    return None


def test_a_rule_that_takes_too_much_away_is_refused() -> None:
    law = rule(
        Stage.SIMPLIFY, Mul, states="u/u = 1", because="So.", examples=("a * c / a", "c * c * a / a", "1 / a * a")
    )(cancelled)
    with pytest.raises(derivgen.ExtensionError, match=r"rule cancelled makes .* that is refuted"):
        check_rule(law)


def test_a_rule_whose_examples_leave_a_line_out_is_refused() -> None:
    def doubled(e: Add, _: Context) -> Expr | None:
        if len(e.terms) == 2 and e.terms[0] == e.terms[1]:
            return Mul((TWO, e.terms[0]))
        if len(set(e.terms)) == 1:
            return Mul((Number(Fraction(len(e.terms))), e.terms[0]))
        return None

    law = rule(Stage.SIMPLIFY, Add, states="u + u = 2u", because="So.", examples=("x + x",))(doubled)
    with pytest.raises(derivgen.ExtensionError, match="no example of rule doubled reaches its line 'if len"):
        check_rule(law)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda op: op.name)
def test_each_operation_agrees_with_its_reference(operation: Operation) -> None:
    check_operation(operation, seed=3)
