"""Functions of array libraries that are another expression: what they stand for is so, and is shown."""

from __future__ import annotations

import pytest

import derivgen
from derivgen.errors import DerivgenError
from derivgen.read import parse_text
from derivgen.read.abbreviations import ABBREVIATIONS, ARRAYS

WHERE = "a, b in R; x, y in R^n; p, q in R^3; z in R^n, z > 0"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("np.clip(x, 0, 1)", "min(max(x, 0), 1)"),
        ("torch.clamp(x, -1, 1)", "min(max(x, -1), 1)"),
        ("np.log1p(x)", "log(1 + x)"),
        ("np.expm1(x)", "exp(x) - 1"),
        ("np.log10(z)", "log(z) / log(10)"),
        ("np.log2(z)", "log(z) / log(2)"),
        ("np.hypot(a, b)", "sqrt(a**2 + b**2)"),
        ("np.logaddexp(a, b)", "log(exp(a) + exp(b))"),
        ("F.logsigmoid(x)", "log(sigmoid(x))"),
        ("scipy.special.logit(a)", "log(a / (1 - a))"),
        ("F.leaky_relu(x, 0.01)", "where(x > 0, x, x / 100)"),
        ("F.leaky_relu(x)", "where(x > 0, x, x / 100)"),
        ("F.elu(x)", "where(x > 0, x, exp(x) - 1)"),
        ("F.mish(x)", "x * tanh(softplus(x))"),
        ("F.softsign(x)", "x / (1 + abs(x))"),
        ("F.hardtanh(x)", "min(max(x, -1), 1)"),
        ("hinge(a * b)", "max(0, 1 - a * b)"),
        ("huber(x)", "where(abs(x) <= 1, x**2 / 2, abs(x) - 1/2)"),
        ("huber(x, 2)", "where(abs(x) <= 2, x**2 / 2, 2 * (abs(x) - 1))"),
        ("scipy.special.huber(2, x)", "huber(x, 2)"),
        ("F.mse_loss(x, y)", "mean((x - y)**2)"),
        ("F.l1_loss(x, y)", "mean(abs(x - y))"),
        ("F.huber_loss(x, y)", "mean(huber(x - y))"),
        ("F.log_softmax(x, dim=0)", "log(softmax(x))"),
        ("F.gelu(x, approximate='tanh')", "x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x**3))) / 2"),
        ("F.gelu(x, approximate='none')", "gelu(x)"),
        ("norm.cdf(x)", "normcdf(x)"),
        ("scipy.stats.norm.cdf(x)", "normcdf(x)"),
        ("norm.pdf(x)", "exp(-x**2 / 2) / sqrt(2 * pi)"),
        ("stats.norm.logcdf(x)", "log(normcdf(x))"),
        ("np.cumsum(x)", "[sum((j <= i) * x[j] for j in range(n)) for i in range(n)]"),
        ("np.cross(p, q)", "[p[1]*q[2] - p[2]*q[1], p[2]*q[0] - p[0]*q[2], p[0]*q[1] - p[1]*q[0]]"),
        (r"p \times q", "cross(p, q)"),
        ("sum(x[i] * y[j] for i in range(n) for j in range(n) if i != j)", "sum(x) * sum(y) - x.T @ y"),
        ("sum(x[i] * y[j] for i in range(n) for j in range(n) if i < j)", "sum((i < j) * x[i] * y[j] for i in range(n) for j in range(n))"),
    ],
)  # fmt: skip
def test_it_stands_for_that(written: str, meant: str) -> None:
    assert derivgen.equal(written, meant, where=WHERE).status == "verified"


@pytest.mark.parametrize(
    ("written", "other"),
    [
        ("clip(x, 0, 1)", "max(0, x)"), ("clip(x, 0, 1)", "min(max(x, 0), 2)"), ("clip(a, 0, 1)", "sigmoid(4*a - 2)"),
        ("clip(x, -1, 1)", "tanh(x)"), ("clip(x, 0, 1)", "x * (x > 0) * (x < 1)"),
        ("huber(a)", "a**2 / 2"), ("huber(a)", "abs(a) - 1/2"), ("huber(a)", "sqrt(1 + a**2) - 1"),
        ("huber(a, 2)", "2 * huber(a)"), ("huber(a)", "where(abs(a) <= 1, a**2 / 2, abs(a) - 1)"),
        ("hinge(a)", "max(0, 1 + a)"), ("hinge(a)", "1 - a"), ("hinge(a)", "softplus(1 - a)"), ("hinge(a)", "hinge(-a)"),
        ("hinge(a)", "(a < 1) * 1"),
        ("cumsum(x)", "x"), ("cumsum(x)", "sum(x) * ones(n)"), ("cumsum(x * y)", "cumsum(x) * cumsum(y)"),
        ("cumsum(x)", "[sum((j < i) * x[j] for j in range(n)) for i in range(n)]"),
        ("cumsum(x)", "[sum((j >= i) * x[j] for j in range(n)) for i in range(n)]"),
        ("cross(p, q)", "cross(q, p)"), ("cross(p, q)", "p * q"), ("cross(p, p)", "p"), ("norm(cross(p, q))", "norm(p) * norm(q)"),
        ("cross(p, q)", "[p[1]*q[2] + p[2]*q[1], p[2]*q[0] - p[0]*q[2], p[0]*q[1] - p[1]*q[0]]"),
    ],
)  # fmt: skip
def test_what_is_nearly_it_is_refuted(written: str, other: str) -> None:
    assert derivgen.equal(written, other, where=WHERE).status == "refuted"


@pytest.mark.parametrize(
    ("expression", "wrong"),
    [
        ("clip(a, 0, 1)", "(a >= 0) * (a <= 1) + (a == 1)"),
        ("clip(a, 0, 1)", "(a > 0) * 1"),
        ("hinge(a)", "-(a < 2)"),
        ("huber(a)", "a"),
        ("huber(a)", "sign(a)"),
        ("elu(a)", "exp(a)"),
        ("leaky_relu(a)", "(a > 0) * 1"),
    ],
)
def test_a_slope_that_is_right_on_one_side_of_a_kink_only_is_refuted(expression: str, wrong: str) -> None:
    assert derivgen.equal(f"partial({expression}, a)", wrong, where=WHERE).status == "refuted"


@pytest.mark.parametrize(
    ("expression", "kinks"),
    [("clip(a, 0, 1)", ("a = 0", "max(a, 0) = 1")), ("hinge(a)", ("1 = a",)), ("leaky_relu(a)", ("a = 0",))],
)
def test_a_kink_is_told(expression: str, kinks: tuple[str, ...]) -> None:
    found = derivgen.derive(expression, "a", WHERE)
    assert found.verdict == "verified"
    for kink in kinks:
        assert f"Note: Not differentiable where {kink}" in found.to("text")


def test_what_it_stands_for_is_shown() -> None:
    found = derivgen.derive("clip(x, 0, 1)", "x", WHERE)
    assert "clip(x, 0, 1) is read as min(max(x, 0), 1)" in found.reading.sentences()


@pytest.mark.parametrize("name", [*ABBREVIATIONS, *ARRAYS])
def test_an_author_may_mean_something_else(name: str) -> None:
    assert "D(" in str(derivgen.derive(f"{name}(a)", "a", f"a in R; {name}: R -> R").result)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("clip(x, 0)", "clip takes 3 arguments"),
        ("huber(a, b)", "which argument of huber is the border"),
        ("cross(x, y)", "two columns of length 3"),
        ("np.sort(x)", "there is no function sort"),
        ("np.median(x)", "there is no function median"),
        ("[x[i] for i in range(n) if i > 0]", "an entry for every index"),
    ],
)
def test_what_is_not_clear_is_refused(written: str, said: str) -> None:
    with pytest.raises(DerivgenError, match=said):
        parse_text(written, WHERE)
