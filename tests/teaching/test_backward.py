"""A scalar of a matrix is derived backwards, as a course does it: what is carried from link to link, then the entries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

import derivgen
from derivgen.derivation.derivation import Derivation
from derivgen.derivation.report import every_step
from derivgen.expr import Build, Delta, Partial, Sum, symbols, walk

Arrays = Mapping[str, np.ndarray[Any, Any]]


def softmax(z: np.ndarray[Any, Any]) -> Any:
    e = np.exp(z)
    return e / e.sum()


WHERE = "W1 in R^(h*n); W2 in R^(m*h); x in R^n; y in R^m"
SIZES = {"N": 4, "n": 3, "h": 2, "m": 3, "k": 2, "p": 5}

NETS: dict[str, tuple[str, str, str, Callable[[Arrays], Any]]] = {
    "two layers, the inner": (
        "norm(W2 @ tanh(W1 @ x) - y)**2", "W1", WHERE,
        lambda v: np.sum((v["W2"] @ np.tanh(v["W1"] @ v["x"]) - v["y"]) ** 2)),
    "two layers, the outer": (
        "norm(W2 @ tanh(W1 @ x) - y)**2", "W2", WHERE,
        lambda v: np.sum((v["W2"] @ np.tanh(v["W1"] @ v["x"]) - v["y"]) ** 2)),
    "three layers": (
        "norm(V @ tanh(W2 @ tanh(W1 @ x)) - y)**2", "W1", "W1 in R^(h*n); W2 in R^(m*h); V in R^(k*m); x in R^n; y in R^k",
        lambda v: np.sum((v["V"] @ np.tanh(v["W2"] @ np.tanh(v["W1"] @ v["x"])) - v["y"]) ** 2)),
    "a batch": (
        "norm(X @ W + ones(N) @ b.T - Y)**2", "W", "X in R^(N*n); W in R^(n*k); b in R^k; Y in R^(N*k)",
        lambda v: np.sum((v["X"] @ v["W"] + v["b"] - v["Y"]) ** 2)),
    "the bias of a batch": (
        "norm(X @ W + ones(N) @ b.T - Y)**2", "b", "X in R^(N*n); W in R^(n*k); b in R^k; Y in R^(N*k)",
        lambda v: np.sum((v["X"] @ v["W"] + v["b"] - v["Y"]) ** 2)),
    "a batch through two layers": (
        "norm(tanh(X @ W) @ V - Y)**2", "W", "X in R^(N*n); W in R^(n*h); V in R^(h*k); Y in R^(N*k)",
        lambda v: np.sum((np.tanh(v["X"] @ v["W"]) @ v["V"] - v["Y"]) ** 2)),
    "two steps of a recurrent net": (
        "norm(tanh(W @ tanh(W @ c + U @ a) + U @ b) - y)**2", "W", "W in R^(h*h); U in R^(h*n); c, y in R^h; a, b in R^n",
        lambda v: np.sum((np.tanh(v["W"] @ np.tanh(v["W"] @ v["c"] + v["U"] @ v["a"]) + v["U"] @ v["b"]) - v["y"]) ** 2)),
    "two steps by the matrix of inputs": (
        "norm(tanh(W @ tanh(W @ c + U @ a) + U @ b) - y)**2",
        "U",
        "W in R^(h*h); U in R^(h*n); c, y in R^h; a, b in R^n",
        lambda v: np.sum((np.tanh(v["W"] @ np.tanh(v["W"] @ v["c"] + v["U"] @ v["a"]) + v["U"] @ v["b"]) - v["y"]) ** 2),
    ),
    "tied weights": (
        "norm(W.T @ tanh(W @ x) - x)**2", "W", "W in R^(h*n); x in R^n",
        lambda v: np.sum((v["W"].T @ np.tanh(v["W"] @ v["x"]) - v["x"]) ** 2)),
    "attention by the matrix of queries": (
        "norm(V.T @ softmax(K @ Q @ x) - y)**2", "Q", "Q in R^(k*n); K in R^(p*k); V in R^(p*m); x in R^n; y in R^m",
        lambda v: np.sum((v["V"].T @ softmax(v["K"] @ v["Q"] @ v["x"]) - v["y"]) ** 2)),
    "attention by the keys": (
        "norm(V.T @ softmax(K @ q) - y)**2", "K", "q in R^k; K in R^(p*k); V in R^(p*m); y in R^m",
        lambda v: np.sum((v["V"].T @ softmax(v["K"] @ v["q"]) - v["y"]) ** 2)),
    "attention by the values": (
        "norm(V.T @ softmax(K @ q) - y)**2", "V", "q in R^k; K in R^(p*k); V in R^(p*m); y in R^m",
        lambda v: np.sum((v["V"].T @ softmax(v["K"] @ v["q"]) - v["y"]) ** 2)),
    "cross-entropy": (
        "-y.T @ log(softmax(W @ x))", "W", "y in R^k; W in R^(k*n); x in R^n",
        lambda v: -v["y"] @ np.log(softmax(v["W"] @ v["x"]))),
    "samples": (
        "sum(norm(V @ tanh(W @ X[i]) - Y[i])**2 for i in range(N)) / N", "W",
        "V in R^(m*h); W in R^(h*n); X in R^(N*n); Y in R^(N*m)",
        lambda v: np.sum((np.tanh(v["X"] @ v["W"].T) @ v["V"].T - v["Y"]) ** 2) / SIZES["N"]),
}  # fmt: skip


def by_differences(value: Callable[[Arrays], Any], point: dict[str, np.ndarray[Any, Any]], name: str) -> Any:
    """The gradient in the shape of the variable, by central differences of the value."""
    found = np.zeros_like(point[name])
    for place in np.ndindex(found.shape):
        moved = [dict(point), dict(point)]
        for sign, at in zip((1, -1), moved, strict=True):
            at[name] = point[name].copy()
            at[name][place] += sign * 1e-5
        found[place] = (value(moved[0]) - value(moved[1])) / 2e-5
    return found


@pytest.mark.parametrize("name", NETS)
def test_a_net_is_derived_backwards(name: str) -> None:
    text, wrt, where, value = NETS[name]
    d = derivgen.derive(text, wrt, where)
    assert d.report is not None
    assert all(v.status == "verified" for v in d.report.verdicts)
    assert "carry-by-entries" in {s.rule for s in every_step(d.steps)}
    assert len(d.steps) <= 9
    assert not any(isinstance(e, Build | Delta | Partial) for e in walk(d.result))
    rng = np.random.default_rng(3)
    point = {s.name: rng.normal(size=[SIZES[str(a)] for a in s.shape.axes]) for s in d.problem.symbols.values()}
    np.testing.assert_allclose(
        d.evaluate(point, "gradient"), shaped(by_differences(value, point, wrt)), rtol=1e-6, atol=1e-7
    )


def shaped(found: Any) -> Any:
    return found if found.ndim == 2 else found.reshape(-1, 1)


def test_a_course_reads_so() -> None:
    """The letters, the last link by its entries, then the matrix."""
    d = derivgen.derive("norm(W2 @ tanh(W1 @ x) - y)**2", "W1", WHERE)
    assert [f"{i.symbol} = {i.value}" for i in d.steps[0].introduces] == [
        "z = W1 @ x", "a = tanh(z)", "r = W2 @ a - y", "C = norm(r)**2",
    ]  # fmt: skip
    said = [(s.rule, str(s.after)) for s in d.steps[1:]]
    assert said == [
        ("derive-link", "2 * r.T"),
        ("carry-back", "2 * r.T @ W2"),
        ("carry-back", "2 * ((W2.T @ r) * (1 - a**2)).T"),
        ("carry-by-entries", "delta[i] * x[j]"),
        ("read-as-matrix", "x @ delta"),
        ("letters-back", "2 * x @ ((W2.T @ (W2 @ a - y)) * (1 - a**2)).T"),
    ]
    text = d.to("text")
    assert "δ = ∂C/∂z" in text
    assert "∂C/∂(W₁)ᵢⱼ = δᵢ · ∂zᵢ/∂(W₁)ᵢⱼ = δᵢxⱼ" in text
    assert "δᵢxⱼ is entry j of the column x times entry i of the row δ" in " ".join(text.split())


def test_the_readers_own_names_are_the_links() -> None:
    d = derivgen.derive("norm(W2 @ q - y)**2", "W1", WHERE, let=["p = W1 @ x", "q = tanh(p)"])
    assert [str(i.symbol) for i in d.steps[0].introduces] == ["p", "q", "r", "C"]
    assert "δ = ∂C/∂p" in d.to("text")


def test_a_softmax_that_the_reader_names_is_a_link() -> None:
    let = ["z = W @ x", "s = softmax(z)"]
    d = derivgen.derive("-y.T @ log(s)", "W", "y in R^k; W in R^(k*n); x in R^n", let=let)
    assert [str(i.symbol) for i in d.steps[0].introduces] == ["z", "s", "C"]
    assert d.verdict == "verified"


def test_a_matrix_that_is_used_twice_has_a_rate_for_each_use() -> None:
    text, wrt, where, _ = NETS["two steps of a recurrent net"]
    d = derivgen.derive(text, wrt, where)
    assert [str(i.symbol) for i in d.steps[0].introduces] == ["W1", "W2", "z1", "a1", "z2", "a2", "C"]
    assert [str(s.after) for s in d.steps if s.rule == "carry-by-entries"] == ["a1 @ delta2", "c @ delta1"]
    (added,) = (s for s in d.steps if s.rule == "add-uses")
    assert str(added.after) == "c @ delta1 + a1 @ delta2"


USED: dict[str, tuple[str, str, str, list[str]]] = {
    "in one product": ("norm(W.T @ W @ x - x)**2", "W", "W in R^(k*n); x in R^n", ["W1", "W2"]),
    "in a product of matrices": ("norm(A - X @ X.T)**2", "X", "A in Sym(n); X in R^(n*k)", ["X1", "X2"]),
    "three times": ("norm(tanh(W @ tanh(W @ tanh(W @ x))) - y)**2", "W", "W in R^(n*n); x, y in R^n", ["W1", "W2", "W3"]),
    "with a number in its name": ("norm(W1 @ tanh(W1 @ x) - y)**2", "W1", "W1 in R^(n*n); x, y in R^n", ["W_1_a", "W_1_b"]),
    "beside the letters": ("norm(W @ tanh(W @ x) - W1 @ y)**2", "W", "W, W1 in R^(n*n); x, y in R^n", ["W_a", "W_b"]),
    "of each sample": ("sum(norm(W.T @ tanh(W @ X[i]) - X[i])**2 for i in range(N))", "W", "W in R^(k*n); X in R^(N*n)", ["W1", "W2"]),
}  # fmt: skip


@pytest.mark.parametrize("case", USED)
def test_each_use_of_a_matrix_has_a_letter(case: str) -> None:
    text, wrt, where, letters = USED[case]
    d = derivgen.derive(text, wrt, where)
    assert d.verdict == "verified"
    naming = next(s for s in d.steps if s.rule == "name-intermediates")
    assert [str(i.symbol) for i in naming.introduces if str(i.value) == wrt] == letters
    (added,) = (s for s in d.steps if s.rule == "add-uses")
    said = str(added.via[0])
    assert all(f", {name}[" in said for name in letters)
    answer, names = d.said_result
    assert not {*letters} & {*symbols(answer), *(n for one in names for n in symbols(one.value))}


@pytest.mark.parametrize(("text", "wrt", "where"), [
    ("norm(W @ x)**2", "W", "W in R^(k*n); x in R^n"),
    ("norm(tanh(W @ x) + W @ x)**2", "W", "W in R^(k*n); x in R^n"),
    ("trace(X.T @ A @ X)", "X", "A in R^(n*n); X in R^(n*k)"),
])  # fmt: skip
def test_a_matrix_that_is_used_once_has_one_letter(text: str, wrt: str, where: str) -> None:
    d = derivgen.derive(text, wrt, where)
    assert d.verdict == "verified"
    assert "add-uses" not in {s.rule for s in d.steps}


def test_what_is_carried_through_a_batch_is_a_matrix() -> None:
    text, wrt, where, _ = NETS["a batch through two layers"]
    d = derivgen.derive(text, wrt, where)
    assert str(next(s.after for s in d.steps if s.rule == "read-as-matrix")) == "Delta_Z @ X"


def test_no_sum_is_left_that_the_reader_did_not_write() -> None:
    for text, wrt, where, _ in NETS.values():
        d = derivgen.derive(text, wrt, where, check=False, layout="gradient")
        own = {e.index.name for e in walk(d.problem.expression) if isinstance(e, Sum)}
        assert {e.index.name for e in walk(d.result) if isinstance(e, Sum)} <= own


@pytest.mark.parametrize(("text", "where", "named", "added"), [
    ("norm(x + V @ tanh(W @ x + b) - y)**2", "x, y in R^n; W in R^(h*n); V in R^(n*h); b in R^h", "r = x + Va − y",
     "∂y/∂x = ∂y/∂z · W + ∂y/∂r"),
    ("norm(W.T @ sigmoid(W @ x + b) - x)**2", "x in R^n; W in R^(h*n); b in R^h", "r = Wᵀa − x", "∂y/∂x = ∂y/∂z · W − ∂y/∂r"),
    ("norm((W @ x) * sigmoid(V @ x) - c)**2", "W, V in R^(h*n); x in R^n; c in R^h", "r = (Wx) ⊗ a − c",
     "∂y/∂x = ∂y/∂z · V + ∂y/∂r · diag(a) W"),
    ("norm(tanh(W @ x) * x - c)**2", "x, c in R^n; W in R^(n*n)", "r = a ⊗ x − c", "∂y/∂x = ∂y/∂z · W + ∂y/∂r · diag(a)"),
])  # fmt: skip
def test_a_vector_that_acts_in_two_ways_has_a_jacobian_for_each(text: str, where: str, named: str, added: str) -> None:
    d = derivgen.derive(text, "x", where)
    assert d.verdict == "verified"
    assert [s.rule for s in d.steps][:2] == ["name-intermediates", "derive-link"]
    assert [s.rule for s in d.steps].count("carry-back") == 3
    printed = " ".join(d.to("text").replace("∂C", "∂y").split())
    assert named in printed
    assert added in printed
    assert "what was found for each is multiplied by its link, " in printed
    assert "√" not in printed


def test_a_function_of_the_entries_beside_the_variable_is_derived_by_its_entries() -> None:
    d = derivgen.derive("sum(x * tanh(x))", "x", "x in R^n")
    assert "carry-back" not in {s.rule for s in d.steps}


VECTORS = {
    "a query": ("norm(V.T @ softmax(K @ q / sqrt(k)) - y)**2", "q", "q in R^k; K in R^(p*k); V in R^(p*m); y in R^m"),
    "a residual": ("norm(x + V @ tanh(W @ x + b) - y)**2", "x", "x, y in R^n; W in R^(h*n); V in R^(n*h); b in R^h"),
    "a gate": ("norm((W @ x) * sigmoid(V @ x) - c)**2", "x", "W, V in R^(h*n); x in R^n; c in R^h"),
    "a bias of a batch": ("norm(tanh(X @ W + ones(N) @ b.T) - Y)**2 / N", "b", "X in R^(N*n); W in R^(n*h); b in R^h; Y in R^(N*h)"),
    "the same twice, joined": (
        "sum(norm(V @ tanh(W @ X[i]) - Y[i])**2 for i in range(N)) + sum(norm(V @ tanh(W @ X[i]))**2 for i in range(N))", "W",
        "V in R^(m*h); W in R^(h*n); X in R^(N*n); Y in R^(N*m)"),
}  # fmt: skip


@pytest.mark.parametrize("name", [*NETS, *VECTORS])
def test_in_gradient_layout_each_line_holds_and_the_answer_is_that_of_numerator_layout_turned(name: str) -> None:
    text, wrt, where = NETS[name][:3] if name in NETS else VECTORS[name]
    d = derivgen.derive(text, wrt, where, layout="gradient")
    assert d.report is not None
    assert all(v.status == "verified" for v in d.report.verdicts)
    other = derivgen.derive(text, wrt, where, check=False)
    assert len(d.steps) <= len(other.steps) + 1
    rng = np.random.default_rng(3)
    point = {s.name: rng.normal(size=[SIZES[str(a)] for a in s.shape.axes]) for s in d.problem.symbols.values()}
    turned = np.asarray(other.evaluate(point, "numerator")).T.reshape(point[wrt].shape)
    np.testing.assert_allclose(np.asarray(d.evaluate(point, "gradient")).reshape(point[wrt].shape), turned, rtol=1e-9)


@pytest.mark.parametrize(
    "name", [name for name in (*NETS, *VECTORS) if name not in ("samples", "the same twice, joined")]
)
def test_in_gradient_layout_what_is_carried_has_the_shape_of_what_it_is_carried_to(name: str) -> None:
    text, wrt, where = NETS[name][:3] if name in NETS else VECTORS[name]
    d = derivgen.derive(text, wrt, where, check=False, layout="gradient")
    assert "turn-layout" not in {s.rule for s in every_step(d.steps)}
    own = {s.rule: s for s in d.steps}
    assert {"carry-back", "carry-by-entries", "read-as-matrix"} & own.keys()
    for s in d.steps:
        assert not any(e.shape.row for e in (s.after, *(n.value for n in s.introduces)) if e.shape.axes)
    words = d.to("text")
    assert "In numerator layout" not in words
    assert "is a row at each" not in words


def test_in_gradient_layout_a_course_writes_delta_as_a_column_and_multiplies_by_the_transposed_matrix() -> None:
    d = derivgen.derive("norm(W2 @ tanh(W1 @ x) - y)**2", "W1", WHERE, layout="gradient")
    printed = " ".join(d.to("text").split())
    assert "∂y/∂a = (∂r/∂a)ᵀ · ∂y/∂r = 2W₂ᵀr" in printed.replace("∂C", "∂y")
    assert "is multiplied by the transpose of ∂r/∂a = W₂." in printed
    assert "each entry of the column by that of 1 − a² in its place" in printed
    assert "2 diag(1 − a²) W₂ᵀr = 2(W₂ᵀr) ⊗ (1 − a²)" in printed
    assert "In gradient layout the derivative by (W₁)ᵢⱼ stands in row i, column j" in printed
    assert "= δxᵀ" in printed
    assert d.verdict == "verified"


ATTENTION = ("norm(softmax_rows(Q @ K.T) @ V - Y)**2", "Q", "Q in R^(n*p); K in R^(m*p); V in R^(m*q); Y in R^(n*q)")


def told(text: str, wrt: str, where: str, **more: Any) -> str:
    d = derivgen.derive(text, wrt, where, **more)
    assert isinstance(d, Derivation)
    assert d.verdict == "verified"
    return " ".join(d.to("text").split())


def test_the_softmax_of_rows_says_how_a_row_changes_and_is_written_by_its_letter() -> None:
    words = told(*ATTENTION)
    assert "Row k of H is the softmax of row k of Z alone, so Hₖⱼ changes with Zₖₗ at the rate Hₖⱼ(δⱼₗ − Hₖₗ)" in words
    assert "[(Δ_H)ₗₖHₖₗ − (∑ⱼ₌₁ᵐ (Δ_H)ⱼₖHₖⱼ)Hₖₗ]ₗₖ" in words


def test_which_sum_is_which_product_is_said() -> None:
    words = told(*ATTENTION)
    assert "the sum over i is row l of V times column k of Δ." in words
    assert "the sum over j is row r of Kᵀ times column k of Δ_Z." in words
    both = told("norm(softmax_rows(X @ A @ X.T) @ X - Y)**2", "A", "X, Y in R^(n*d); A in R^(d*d)", layout="gradient")
    assert (
        "Aᵢₘ stands in Zₖⱼ = ∑ₚ₌₁ᵈ Xₖₚ ∑ᵣ₌₁ᵈ AₚᵣXⱼᵣ for every k and j, which changes with it at the rate XⱼₘXₖᵢ" in both
    )
    assert "the sums over j and k are those of the product XᵀΔ_ZX, from row i of Xᵀ to column m of X." in both


def test_at_each_use_of_a_matrix_the_entries_are_a_column_times_a_row() -> None:
    words = told("norm(y - Q @ Q.T @ y)**2", "Q", "Q in R^(n*k); y in R^n")
    assert "is entry j of the column Q₁ᵀy times entry i of the row δ." in words
    assert "is entry l of the column y times entry j of the row δQ₂, and their product is turned." in words
