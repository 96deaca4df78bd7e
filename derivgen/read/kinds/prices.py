"""What speaks against a reading, in numbers: each with the smallest example that sets it. The cheapest reading is taken."""

from __future__ import annotations

IMPOSSIBLE = 30.0
"""Shapes that do not fit: no reading is that dear, so that one is taken only where nothing fits."""

USE: dict[str, float] = {
    "transpose of a number": 8,  # x^T A x: x is no number
    "trace of a number": 8,  # \operatorname{tr}(AB), \det(A)
    "trace of a number that arrays make": 0.25,  # \operatorname{tr}(x^T A x)
    "trace of a number that a capital makes": 4,  # \operatorname{tr}(A^T x)
    "inner product of numbers": 8,  # \langle a, x\rangle
    "norm of a number": 6,  # \|x\|
    "inverse of a number": 3,  # a^{-1}; the fraction 1/a is usual
    "number behind an array": 3,  # A x, not a matrix times a number
    "difference of numbers behind an array": 4,  # \Sigma^{-1}(x - \mu)
    "length that nothing tells": 4,  # \mathbf 1^T x: the length of 𝟏 is that of x
    "array plus a number": 4.5,  # A x + b
    "⊙ with a number": 2,  # (A x) \odot y
    "⊙ of numbers": 3,  # x \odot y
    "function of a column": 2,  # \log(x^T A x): the argument is a number
    "function of a matrix": 4,  # \exp(-x^T x)
    "softmax of a matrix": 1,  # \\operatorname{softmax}(Q K^T) V; \\operatorname{softmax}(z)
    "root of a matrix": 2,  # D^{-1/2} A D^{-1/2}; \Lambda^{0.5}
    "power of a column": 2,  # x^2
    "division by an array": 8,  # 1/(1 + a)
    "determinant between bars": 1,  # |A|
    "absolute value of an array": 3,  # |x|
    "blocks of a matrix": 0.25,  # [A, B]: the items of a list are numbers or columns
    "a column on the whole": 0.5,  # what is derived is a number more often than not
    "a matrix on the whole": 2,
    "more than a matrix on the whole": 5,  # \partial/\partial x (\partial f/\partial x^T): f is a number
}
"""What an operation on operands of such kinds costs."""

ACTIVATIONS = frozenset({"sigmoid", "tanh", "relu", "softplus"})
"""Functions that are applied to the units of a layer: \\sigma(W x + b) of an array costs nothing."""

Ranks = dict[int, float]

FONTS: dict[str, Ranks] = {
    "small": {0: 0, 1: 1, 2: 6},  # x, w, a
    "greek": {0: 0, 1: 2, 2: 6},  # β; λ and μ are numbers more often
    "capital": {2: 0, 0: 3, 1: 3},  # A, X, Σ
    "loss": {0: 0, 2: 1, 1: 3},  # L, J, C, E; N, how many there are
    "bold small": {1: 0, 0: 6, 2: 8},  # \mathbf x
    "bold capital": {2: 0, 1: 4, 0: 8},  # \mathbf X
    "script": {0: 0, 1: 3, 2: 3},  # \mathcal L
    "word": {0: 0, 1: 6, 2: 6},  # \mathrm{loss}
    "constant": {1: 0, 2: 1},  # \mathbf 0
    "hadamard": {0: 0, 1: 1.5, 2: 3},  # (B^T \otimes A) \operatorname{vec}(X): ⊗ is entry by entry where that fits
    "kronecker": {1: 0},
    "outer": {2: 0},
    "rows": {1: 0, 0: 1},  # x_i beside a declared X
}
"""What it costs that a letter set so is a number (0), a column (1), a matrix (2); or that ⊗, by the option ``product``,
is the Hadamard product (0), the Kronecker product (1), the outer product (2); or that a small letter is a row of the matrix
of its capital (1)."""

ENTRY: dict[str, Ranks] = {
    "capital": {0: 0, 1: 1, 2: 1},  # X_{ij} is an entry
    "bold capital": {2: 0, 0: 1, 1: 2},
}
"""The same of a letter with an index, where it differs: X_{ij} is a number, though X is a matrix."""

NEAR = 1.0
ODD = 3.0
"""A reading that costs as much as ODD is odd itself; where another is as cheap within NEAR, the question is asked back."""
