"""What is pickled or copied is what it was: an operation of one's own never becomes the catalog's of that name."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from typing import Any

import pytest

import derivgen
from derivgen.catalog import OPERATIONS
from derivgen.catalog.base import Abstract, Elementwise, Operation
from derivgen.catalog.elementwise import exp, tanh
from derivgen.errors import OperationError
from derivgen.expr import ONE, Add, Call, Dim, Expr, Mul, Shape, Symbol
from derivgen.expr.notation import Notation

X = Symbol("x", Shape((Dim("n"),)))

at_the_top = Elementwise(
    "exp", "Twice the argument.", Notation(r"\exp"), (lambda u: Add((ONE, ONE)),), lambda m, u: 2 * u,
    reference=lambda u: 2 * u,
)  # fmt: skip
"""Of one's own, with a name that the catalog has, and with functions that have none."""


def slope(u: Expr) -> Expr:
    return Add((ONE, ONE, ONE))


def thrice(m: Any, u: Any) -> Any:
    return 3 * u


def three_times(u: float) -> float:
    return 3 * u


def local() -> Elementwise:
    return Elementwise("exp", "Three times.", Notation(r"\exp"), (slope,), thrice, reference=three_times)


def again(what: Any) -> Any:
    return pickle.loads(pickle.dumps(what))


@pytest.mark.parametrize("op", OPERATIONS.values(), ids=OPERATIONS)
def test_an_operation_of_the_catalog_stays_the_same(op: Operation) -> None:
    assert again(op) is op
    assert again(again((op, [op]))) == (op, [op])


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_one_of_a_module_stays_the_same(protocol: int) -> None:
    assert pickle.loads(pickle.dumps(at_the_top, protocol)) is at_the_top


def test_one_that_no_module_has_comes_back_by_value() -> None:
    mine = local()
    back = again(Call(mine, (X,)))
    assert back.op is not exp
    assert back.op == mine
    assert (back.op.states, back.op.derivatives, back.op.value) == ("Three times.", (slope,), thrice)
    assert back == Call(mine, (X,)) != Call(exp, (X,))
    d = derivgen.derive(back, wrt=X)
    assert (str(d.result), d.verdict) == ("3 * eye(n)", "verified")


def test_a_function_without_a_name_is_refused_in_words() -> None:
    with pytest.raises(OperationError, match="exp cannot be sent to another process: its derivatives has a function"):
        pickle.dumps(replace(exp, states="My own."))


def test_two_declarations_that_differ_are_two() -> None:
    assert replace(exp, states="My own.") != exp
    assert replace(exp) == exp
    assert at_the_top != exp
    assert len({at_the_top, exp, replace(exp)}) == 2


TREES: dict[str, Expr] = {
    "catalog": Call(exp, (X,)),
    "own": Mul((Call(at_the_top, (X,)), Call(local(), (X,)))),
    "declared": Call(Abstract("f", (X.shape,), X.shape), (X,)),
}


@pytest.mark.parametrize("e", TREES.values(), ids=TREES)
@pytest.mark.parametrize("way", [copy.copy, copy.deepcopy, again], ids=["copy", "deepcopy", "pickle"])
def test_a_tree_comes_back(e: Expr, way: Callable[[Any], Any]) -> None:
    assert way(e) == e
    assert way([e])[0] == e


def test_a_derivation_comes_back() -> None:
    d = derivgen.derive(Call(at_the_top, (X,)), wrt="x", where="x in R^n")
    for back in (again(d), copy.deepcopy(d)):
        assert back == d
        assert back.to("text") == d.to("text")


def tall(height: int) -> Expr:
    e: Expr = X
    for _ in range(height):
        e = Call(tanh, (e,))
    return e


@pytest.mark.parametrize("way", [copy.copy, copy.deepcopy, again], ids=["copy", "deepcopy", "pickle"])
def test_a_tall_tree_comes_back(way: Callable[[Any], Any]) -> None:
    assert way(tall(10_000)) == tall(10_000)


def test_what_is_shared_stays_shared() -> None:
    e: Expr = X
    for _ in range(200):
        e = Add((e, e))
    data = pickle.dumps(e)
    assert len(data) < 20_000
    back = pickle.loads(data)
    assert back == e
    assert back.terms[0] is back.terms[1]


def seen(e: Expr) -> tuple[str, bool, str]:
    """What another process sees of a tree."""
    assert isinstance(e, Call)
    assert isinstance(e.op, Operation)
    return e.op.states, e.op is exp, str(derivgen.derive(e, wrt=X).result)


def test_trees_cross_to_another_process() -> None:
    asked = [Call(exp, (X,)), Call(at_the_top, (X,)), Call(local(), (X,))]
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        found = list(pool.map(seen, asked))
    assert found == [
        ("The exponential function.", True, "diag(exp(x))"),
        ("Twice the argument.", False, "2 * eye(n)"),
        ("Three times.", False, "3 * eye(n)"),
    ]
