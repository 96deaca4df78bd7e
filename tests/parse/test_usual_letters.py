"""Letters of a question that the author uses in a usual way: e and φ that are no function, a mean, a point beside a variable."""

from __future__ import annotations

import pytest

from derivgen import derive
from derivgen.errors import DerivgenError

ASKED = [
    (r"e^\top H e", "e", "Read as e in R^n, by use; H in R^(n*n), by custom."),
    (r"u^\top e + e^T H e", "e", "Read as u, e in R^n, by use; H in R^(n*n), by custom."),
    (r"\phi^{y}(1 - \phi)^{1 - y}", r"\phi", "Read as phi, y in R, by custom."),
    (r"h^2(1 - h)", "h", "Read as h in R, by custom."),
    (r"\frac{1}{2n}\sum_i (t_i - w^\top u_i)^2", "w",
     "Read as w in R^k; u[i] in R^k for i in range(n), by use; t in R^n, by custom."),
    (r"\|u - u_0\|^2", "u", "Read as u, u0 in R^n, by use."),
    (r"v^\top \bar u_1 + u^\top v", "v", "Read as v, u_bar_1, u in R^n, by use."),
]  # fmt: skip


@pytest.mark.parametrize(("latex", "by", "line"), ASKED)
def test_a_question_is_read_as_its_letters_are_used(latex: str, by: str, line: str) -> None:
    assert next(iter(derive(latex, by).reading.sentences())) + "." == line


@pytest.mark.parametrize("latex", [r"e^{u}(1 - e^{u})", r"e^{T}", r"e \cdot T"])
def test_the_number_e_stays_one(latex: str) -> None:
    by = "T" if "T" in latex else "u"
    assert "e in" not in " ".join(derive(latex, by).reading.sentences())


def test_a_length_that_is_declared_stays_what_it_is() -> None:
    asked = derive(r"\frac1n\sum_i u_i", "u", "u in R^3; n in R")
    assert str(asked.result) == str(derive(r"\frac1n\sum_{i=1}^3 u_i", "u", "u in R^3; n in R").result)


def test_an_inner_product_by_a_matrix_is_refused_by_name() -> None:
    with pytest.raises(DerivgenError, match="an inner product by a matrix is not read"):
        derive(r"\langle u, v\rangle_A", "u")
    assert str(derive(r"\langle u, v\rangle", "u").result) == "v.T"
