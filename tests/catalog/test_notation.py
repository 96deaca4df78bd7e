"""Each spelling of an operation is read as that operation, by every reader, and what its notation says of it is so."""

from __future__ import annotations

import numpy as np
import pytest
import sympy

from derivgen.catalog import GLOSSARY, OPERATIONS
from derivgen.catalog.base import Elementwise, Operation
from derivgen.catalog.sympy_bridge import from_sympy, to_sympy
from derivgen.check.evaluate import evaluate
from derivgen.check.fields import FloatField
from derivgen.expr import Call, Symbol
from derivgen.expr.notation import Notation
from derivgen.read import parse_text
from derivgen.read.latex.formula import parse_latex
from derivgen.show.math.latex import latex
from derivgen.show.math.unicode import unicode

U, V = Symbol("u"), Symbol("v")
RELATIONS = [pytest.param(op, id=op.name) for op in GLOSSARY.relations.values()]
FUNCTIONS = [
    op
    for op in OPERATIONS.values()
    if isinstance(op, Elementwise) and op.derivatives and op.notation.form != "relation"
]


@pytest.mark.parametrize("op", RELATIONS)
def test_of_a_relation_and_its_contrary_one_holds(op: Operation) -> None:
    contrary = GLOSSARY.relations[op.notation.contrary]
    assert GLOSSARY.relations[contrary.notation.contrary] is op
    assert isinstance(op, Elementwise)
    assert isinstance(contrary, Elementwise)
    for u, v in ((1.0, 2.0), (2.0, 1.0), (2.0, 2.0)):
        assert sorted(o.value(FloatField(), np.float64(u), np.float64(v)) for o in (op, contrary)) == [0, 1]


@pytest.mark.parametrize(("spelled", "sign"), GLOSSARY.signs.items())
def test_every_sign_is_read(spelled: str, sign: str) -> None:
    if sign not in GLOSSARY.relations:
        return
    command = f"\\{spelled} " if spelled.isalpha() and spelled.isascii() else spelled
    op = GLOSSARY.relations[sign]
    for read in (parse_latex(rf"\mathbf 1(u {command} v)"), parse_text(f"u {op.notation.text} v", "u, v in R")):
        assert read == Call(op, (U, V))


@pytest.mark.parametrize("word", GLOSSARY.words)
def test_every_word_of_latex_is_a_name_in_text(word: str) -> None:
    name = GLOSSARY.words[word]
    count = max(len(op.derivatives) if isinstance(op, Elementwise) else 1 for op in GLOSSARY.by_name[name])
    args = ["A"] * (2 if name == "kron" else count)
    if name == "softmax" or any(op.notation.of_matrices for op in GLOSSARY.by_name[name]):
        args = ["w"]
    escaped = word.replace("_", r"\_")
    spelled = rf"\operatorname{{{escaped}}}({', '.join(args)})".replace("(w)", r"(\mathbf w)")
    where = "A in R^(n*n); w in R^n"
    assert parse_latex(spelled, where) == parse_text(f"{name}({', '.join(args)})", where)


def test_no_two_operations_share_a_name_that_their_arguments_do_not_part() -> None:
    shared = {name: ops for name, ops in GLOSSARY.by_name.items() if len(ops) > 1}
    for ops in shared.values():
        first, second = ops
        parted = isinstance(first, Elementwise) and len(first.derivatives) == 2 and not isinstance(second, Elementwise)
        assert parted or set(first.notation.under).isdisjoint(second.notation.under)


@pytest.mark.parametrize("op", FUNCTIONS, ids=lambda op: op.name)
def test_sympy_knows_the_function_and_its_derivative(op: Elementwise) -> None:
    args = (U, V)[: len(op.derivatives)]
    there = to_sympy(Call(op, args))
    assert from_sympy(there, args) == Call(op, args)
    point = {"u": 0.37, "v": 0.81}
    values = {sympy.Symbol(name, real=True): value for name, value in point.items()}
    for k, arg in enumerate(args):
        slope = sympy.diff(there, sympy.Symbol(str(arg), real=True))
        back = evaluate(from_sympy(slope, args), point)
        assert back == pytest.approx(evaluate(op.derivatives[k](*args), point), rel=1e-12)
        if op.notation.sympy:
            assert float(slope.subs(values).rewrite(sympy.Piecewise).evalf()) == pytest.approx(float(back), rel=1e-12)


def test_words_of_latex() -> None:
    assert Notation(r"\log\det").word == "log det"
    assert Notation(r"\operatorname{my\_f}").word == "my_f"
    assert Notation(r"\operatorname{tr}").command == "tr"
    assert Notation(r"\log\det").command is None


STAR = Elementwise("star", "u star v.", Notation(r"\star", "infix", "⋆", level=5), (lambda u, v: v, lambda u, v: u),
                   lambda m, u, v: u * v, reference="numpy.multiply")  # fmt: skip
NEARLY = Elementwise("nearly", "1 where nearly.", Notation(r"\approx", "relation", "≈"), (lambda u, v: u,) * 2,
                     lambda m, u, v: m.where_zero(m.minus(u, v), 1, 0), reference="numpy.isclose")  # fmt: skip


def test_an_operation_from_elsewhere_is_written_as_it_says() -> None:
    star = Call(STAR, (parse_text("u + v", "u, v in R"), V))
    assert (str(star), latex(star), unicode(star)) == ("star(u + v, v)", r"(u + v) \star v", "(u + v) ⋆ v")
    nearly = Call(NEARLY, (U, V))
    assert (str(nearly), latex(nearly)) == ("nearly(u, v)", r"\mathbf{1}(u \approx v)")
