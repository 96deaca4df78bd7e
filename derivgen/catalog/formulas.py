"""Operations defined by others; a derivation may write the definition out and fold it again."""

from __future__ import annotations

from fractions import Fraction

from derivgen.catalog.base import Domain, Formula
from derivgen.catalog.build import column
from derivgen.catalog.elementwise import absolute, exp, log
from derivgen.catalog.linear import matmul, sum_, transpose
from derivgen.catalog.signs import NOT_NEGATIVE, POSITIVE
from derivgen.errors import ShapeError
from derivgen.expr import MINUS_ONE, Add, Call, Dim, Expr, Mul, Number, Power, Size
from derivgen.expr.notation import Notation

_HALF = Number(Fraction(1, 2))


def squared_norm(x: Expr) -> Expr:
    """xᵀx of a vector, the sum of the squared entries of a matrix.

    Raises:
        ShapeError: it is a scalar.
    """
    match x.shape.rank:
        case 1:
            return Call(matmul, (Call(transpose, (column(x),)), column(x)))
        case 2:
            return Call(sum_, (Power(x, Number(Fraction(2))),))
        case _:
            raise ShapeError("a norm is of a vector or a matrix; use abs for a scalar").marked("vector")


def _mean(x: Expr) -> Expr:
    if not x.shape.axes:
        raise ShapeError("a mean is of a vector or a matrix").marked("vector")
    lengths = tuple(Power(size(d), MINUS_ONE) for d in x.shape.axes)
    return Mul((*lengths, Call(sum_, (x,))))


def _var(x: Expr) -> Expr:
    if not x.shape.axes:
        raise ShapeError("a variance is of a vector or a matrix").marked("vector")
    return Call(mean, (Power(centred(x), Number(Fraction(2))),))


def centred(x: Expr) -> Expr:
    """Each entry less the mean of all."""
    return Add((x, Mul((MINUS_ONE, Call(mean, (x,))))))


def size(dim: Dim) -> Expr:
    """A length as a number: exact where it is known."""
    return Number(Fraction(dim.size)) if isinstance(dim.size, int) else Size(dim)


def _softmax(x: Expr) -> Expr:
    if x.shape.rank != 1:
        raise ShapeError("softmax is of a vector").marked("vector")
    e = Call(exp, (x,))
    return Mul((e, Power(Call(sum_, (e,)), MINUS_ONE)))


norm: Formula = Formula("norm", "The Euclidean length of a vector, the Frobenius norm of a matrix.",
               Notation("", "fence", "‖", under=("", "2"), under_matrix=("F", "", "Fro", "fro", "HS"), code="linalg.norm"),
               lambda x: Power(squared_norm(x), _HALF),
               domain=Domain(lambda x: Call(norm, (x,)), ">"), signs=NOT_NEGATIVE, reference="numpy.linalg.norm")  # fmt: skip
norm1: Formula = Formula("norm1", "The sum of the absolute values.",
                Notation("", "fence", "‖", "norm", under=("1",), under_matrix=(), code="{m}.sum({m}.abs({0}))"),
                lambda x: Call(sum_, (Call(absolute, (x,)),)), explains=r"$\|\mathbf v\|_1$ adds up the absolute values of the entries.", signs=NOT_NEGATIVE, reference="lambda x: numpy.sum(numpy.abs(x))")  # fmt: skip
mean: Formula = Formula("mean", "The sum of the entries over their number.",
               Notation(r"\operatorname{mean}", code="mean"), _mean, explains=r"$\operatorname{mean}$ is the sum of the entries over their number.", reference="numpy.mean")  # fmt: skip
var: Formula = Formula("var", "The variance: the mean of the squared distances from the mean.",
              Notation(r"\operatorname{var}", code={"torch": "torch.var({0}, correction=0)", "": "{m}.var({0})"}), _var,
              explains=r"$\operatorname{var}$ is the mean of the squares of the entries less their mean.", signs=NOT_NEGATIVE, reference="numpy.var")  # fmt: skip
std: Formula = Formula("std", "The standard deviation: the root of the variance.",
              Notation(r"\operatorname{std}", code={"torch": "torch.std({0}, correction=0)", "": "{m}.std({0})"}),
              lambda x: Power(_var(x), _HALF), explains=r"$\operatorname{std}$ is the root of the variance, the mean of the squares of the entries less their mean.", signs=NOT_NEGATIVE, reference="numpy.std")  # fmt: skip
softmax: Formula = Formula("softmax", "exp(x) over the sum of its entries.",
                  Notation(r"\operatorname{softmax}", latex_aliases=("Softmax",), code={
                      "jax": "jax.nn.softmax({0})", "torch": "torch.softmax({0}, dim=0)", "numpy": '''def _softmax(u):
    """exp(u) over the sum of its entries, without overflow."""
    e = np.exp(u - np.max(u))
    return e / np.sum(e)'''}), _softmax, explains=r"Entry $i$ of $\operatorname{softmax}(\mathbf v)$ is $\frac{\exp(v_i)}{\sum_j \exp(v_j)}$.", signs=POSITIVE, reference="scipy.special.softmax")  # fmt: skip
logsumexp: Formula = Formula("logsumexp", "The logarithm of the sum of the exponentials.",
                    Notation(r"\operatorname{logsumexp}", latex_aliases=("lse", "LSE"), code={
                        "numpy": "np.logaddexp.reduce({0}, axis=None)", "jax": "jax.nn.logsumexp({0})",
                        "torch": "torch.logsumexp(({0}).reshape(-1), dim=0)"}),
                    lambda x: Call(log, (Call(sum_, (Call(exp, (x,)),)),)), explains=r"$\operatorname{logsumexp}(\mathbf v) = \log(\sum_j \exp(v_j))$.", reference="scipy.special.logsumexp")  # fmt: skip
