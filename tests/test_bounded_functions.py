"""Functions that stay below 1 do not use 1 up, so that what always holds is no condition."""

from __future__ import annotations

import pytest

from derivgen import derive


@pytest.mark.parametrize("text", ["1 - normcdf(x)", "1 - tanh(x)", "1 + tanh(x)", "1 - tanh(x)**2", "1 - erf(x)", "2 - sigmoid(x) - normcdf(x)",
                                  "1 - sigmoid(x)**3"])  # fmt: skip
def test_a_function_that_stays_below_1_asks_for_no_condition(text: str) -> None:
    assert "Defined where" not in derive(f"log({text})", "x", "x in R").to("text")


@pytest.mark.parametrize("text", ["1 - exp(x)", "1 - 2*tanh(x)", "1 - sigmoid(x) - tanh(x)", "sigmoid(x) - 1"])
def test_what_may_use_it_up_asks_for_a_condition(text: str) -> None:
    assert "defined" in derive(f"log({text})", "x", "x in R").to("text").lower()


def test_a_probit_is_defined_everywhere() -> None:
    d = derive("sum(y[i]*log(normcdf(w.T @ X[i])) + (1 - y[i])*log(1 - normcdf(w.T @ X[i])) for i in range(N))", "w",
               "w in R^n; y in R^N; X in R^(N*n)")  # fmt: skip
    assert d.verdict == "verified"
    assert "Defined where" not in d.to("text")
