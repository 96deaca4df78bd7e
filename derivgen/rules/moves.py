"""The larger moves of a derivation, which no single rewriting makes: naming, multiplying links, putting entries in place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from derivgen.expr import Expr
from derivgen.rules.rule import Stage
from derivgen.rules.step import Step


@dataclass(frozen=True, slots=True)
class Move:
    """A move that a method makes as a whole.

    Attributes:
        name: how a step cites it: "chain-rule".
        title: the heading of its step.
        stage: the station at which it is made.
        states: what it says, in LaTeX.
        because: one sentence that gives the reason.
        example: an expression and the variable it is derived by; the derivation shows the move.
        reference: the part of the lecture that it belongs to.
        choices: what must be chosen besides for the example to show it, as for ``derive``.
    """

    name: str
    title: str
    stage: Stage
    states: str
    because: str
    example: tuple[str, str]
    reference: str = ""
    choices: Mapping[str, Any] = field(default_factory=dict)

    def step(self, before: Expr, after: Expr, **more: Any) -> Step:
        """The step that makes this move from ``before`` to ``after``; ``more`` are fields of Step."""
        fields = {"title": self.title, "reason": self.because, "stage": self.stage} | more
        return Step(self.name, before=before, after=after, **fields)


write_jacobian = Move(
    "write-jacobian", "Write out the Jacobian", Stage.DIFFERENTIATE,
    r"\frac{\partial\mathbf y}{\partial\mathbf x} = \left[\frac{\partial y_i}{\partial x_j}\right]_{ij}",
    "The Jacobian stacks the gradients: row $i$ is the gradient of entry $i$, with one column for each variable.",
    ("f(x)", "x"), "the Jacobian",
)  # fmt: skip
place_entries = Move(
    "place-entries", "Put the entries in their places", Stage.RECOMBINE,
    r"\left[u_i\,\delta_{ij}\right]_{ij} = \begin{bmatrix} u_1 & & \\ & \ddots & \\ & & u_n \end{bmatrix}",
    "Row by row, the entries are put in their places; everything off the diagonal is zero.",
    ("w * x", "w"), "element-wise operators",
)  # fmt: skip
name_intermediates = Move(
    "name-intermediates", "Name the intermediates", Stage.CHAIN,
    r"\mathbf y = \mathbf f(\mathbf g(\mathbf x)):\quad \mathbf u = \mathbf g(\mathbf x),\ \mathbf y = \mathbf f(\mathbf u)",
    "Each intermediate gets a letter, so that each link is an expression that is easy to derive.",
    ("max(0, w.T @ x + z)", "w"), "the vector chain rule",
)  # fmt: skip
derive_link = Move(
    "derive-link", "Derive the link", Stage.CHAIN,
    r"\frac{\partial\mathbf u}{\partial\mathbf x}",
    "A link is derived by itself, entry by entry.",
    ("tanh(A @ x)", "x"), "the vector chain rule",
)  # fmt: skip
chain_rule = Move(
    "chain-rule", "Multiply the Jacobians", Stage.CHAIN,
    r"\frac{\partial\mathbf y}{\partial\mathbf x} = \frac{\partial\mathbf y}{\partial\mathbf u}\frac{\partial\mathbf u}{\partial\mathbf x}",
    "The vector chain rule: the Jacobian of the whole is the product of the Jacobians of the links.",
    ("f(h(x))", "x"), "the vector chain rule",
)  # fmt: skip
put_links_in = Move(
    "put-links-in", "Put the links in", Stage.CHAIN,
    r"\frac{\partial\mathbf y}{\partial\mathbf u}\frac{\partial\mathbf u}{\partial\mathbf x} = J_{\mathbf y}\,J_{\mathbf u}",
    "Each link is replaced by its Jacobian.",
    ("tanh(A @ x)", "x"), "the vector chain rule",
)  # fmt: skip
carry_back = Move(
    "carry-back", "Carry the derivative back", Stage.CHAIN,
    r"\frac{\partial C}{\partial\mathbf z} = \frac{\partial C}{\partial\mathbf a}\frac{\partial\mathbf a}{\partial\mathbf z}",
    "What is carried so far is a row; times the Jacobian of the link it is the row one link further back.",
    ("u.T @ tanh(A @ tanh(N @ x))", "N"), "the vector chain rule",
)  # fmt: skip
carry_by_entries = Move(
    "carry-by-entries", "The last link by its entries", Stage.CHAIN,
    r"\frac{\partial C}{\partial W_{jk}} = \textstyle\sum_i \delta_i\,\frac{\partial z_i}{\partial W_{jk}}",
    "The value moves with every entry of the link, each weighted with what is carried there.",
    ("u.T @ tanh(A @ x)", "A"), "the vector chain rule",
)  # fmt: skip
read_as_matrix = Move(
    "read-as-matrix", "Read the entries as a matrix", Stage.CHAIN,
    r"\left[\delta_j x_k\right]_{kj} = \mathbf x\boldsymbol\delta",
    "In numerator layout the derivative by entry $(j, k)$ stands in row $k$, column $j$.",
    ("u.T @ tanh(A @ x)", "A"), "the vector chain rule",
)  # fmt: skip
letters_back = Move(
    "letters-back", "Put the letters back", Stage.CHAIN,
    r"\mathbf u = \mathbf g(\mathbf x)",
    "The letters that were introduced stand for expressions in the letters of the question.",
    ("sigmoid(w.T @ x + z)", "w"), "the neuron",
)  # fmt: skip
derive_sample = Move(
    "derive-sample", "Derive one sample", Stage.CHAIN,
    r"\frac{\partial}{\partial\mathbf w}\textstyle\sum_i \ell_i = \sum_i \frac{\partial \ell_i}{\partial\mathbf w}",
    "The derivative passes through the sum over the samples, so it is enough to derive one of them.",
    ("sum((w.T @ A[i])**2 for i in range(m))", "w"), "the loss",
)  # fmt: skip
add_samples = Move(
    "add-samples", "Add the samples up", Stage.CHAIN,
    r"\textstyle\sum_i \frac{\partial \ell_i}{\partial\mathbf w}",
    "The derivative of each sample goes back under the sum.",
    ("sum((w.T @ A[i])**2 for i in range(m))", "w"), "the loss",
)  # fmt: skip
derive_terms = Move(
    "derive-terms", "Derive term by term", Stage.CHAIN,
    r"\frac{\partial}{\partial\mathbf x}(u + v) = \frac{\partial u}{\partial\mathbf x} + \frac{\partial v}{\partial\mathbf x}",
    "The derivative of a sum is the sum of the derivatives; constant factors stay.",
    ("norm(A @ x - u)**2 + a * x.T @ x", "x"), "",
)  # fmt: skip
add_terms = Move(
    "add-terms", "Add the terms up", Stage.CHAIN,
    r"\frac{\partial u}{\partial\mathbf x} + \frac{\partial v}{\partial\mathbf x}",
    "Each term is replaced by its derivative.",
    ("norm(A @ x - u)**2 + a * x.T @ x", "x"), "",
)  # fmt: skip
gradient = Move(
    "gradient", "Take the partials", Stage.DIFFERENTIATE,
    r"\nabla f(x, y) = \left[\frac{\partial f}{\partial x}, \frac{\partial f}{\partial y}\right]",
    "The gradient organises the partials of one function into a row, one column for each variable.",
    ("3 * a**2 * c", "[a, c]"), "gradient and Jacobian",
)  # fmt: skip
stack_gradients = Move(
    "stack-gradients", "Stack the gradients", Stage.RECOMBINE,
    r"J = \begin{bmatrix} \nabla f(x, y) \\ \nabla g(x, y) \end{bmatrix}",
    "The Jacobian stacks the gradients: one row for each function.",
    ("[a**2 * c, a + c]", "[a, c]"), "gradient and Jacobian",
)  # fmt: skip
turn_layout = Move(
    "turn-layout", "Turn to the layout", Stage.SIMPLIFY,
    r"\left(\frac{\partial\mathbf y}{\partial\mathbf x}\right)^{\mathsf T}",
    "In this layout the derivative is the transpose of the one in numerator layout.",
    ("sigmoid(w.T @ x + z)", "w"), "gradient and Jacobian", {"layout": "denominator"},
)  # fmt: skip

keep_symmetric = Move(
    "keep-symmetric", "Keep the matrix symmetric", Stage.SIMPLIFY,
    r"\frac{1}{2}\left(\frac{\partial y}{\partial S} + \left(\frac{\partial y}{\partial S}\right)^{\mathsf T}\right)",
    "Up to here each entry was varied by itself. While a symmetric matrix stays symmetric, entries $(i, j)$ and $(j, i)$ "
    "change together, so both get the mean of their two partials.",
    ("trace(M @ Q)", "Q"), "",
)  # fmt: skip
free_entries = Move(
    "count-free-entries", "Count each free entry once", Stage.SIMPLIFY,
    r"\frac{\partial y}{\partial S} + \left(\frac{\partial y}{\partial S}\right)^{\mathsf T} - I \otimes \frac{\partial y}{\partial S}",
    "Up to here each entry was varied by itself. Entries $(i, j)$ and $(j, i)$ of a symmetric matrix are one variable, so "
    "their partials add up; those on the diagonal stay.",
    ("trace(M @ Q)", "Q"), "", {"structured": "entries"},
)  # fmt: skip
keep_diagonal = Move(
    "keep-diagonal", "Keep the matrix diagonal", Stage.SIMPLIFY,
    r"I \otimes \frac{\partial y}{\partial D}",
    "Up to here each entry was varied by itself. Off the diagonal a diagonal matrix cannot change, so there the "
    "derivative is zero.",
    ("trace(M @ L)", "L"), "",
)  # fmt: skip

first_derivative = Move(
    "first-derivative", "Derive once", Stage.CHAIN,
    r"\mathbf g = \left(\frac{\partial y}{\partial\mathbf x}\right)^{\mathsf T}",
    "The first derivative, as a column, is a function of the same variable; it is derived once more.",
    ("x.T @ M @ x", "x"), "", {"order": 2},
)  # fmt: skip
hessian = Move(
    "hessian", "The Hessian", Stage.CHAIN,
    r"\frac{\partial^2 y}{\partial\mathbf x\,\partial\mathbf x^{\mathsf T}} = \frac{\partial\mathbf g}{\partial\mathbf x}",
    "The Jacobian of the gradient is the matrix of second partials.",
    ("x.T @ M @ x", "x"), "", {"order": 2},
)  # fmt: skip

stack = Move(
    "stack-columns-of-both", "Stack the columns", Stage.RECOMBINE,
    r"\frac{\partial\operatorname{vec}(Y)}{\partial\operatorname{vec}(X)} = "
    r"\left[\frac{\partial Y_{ij}}{\partial X_{kl}}\right]_{(ji)(lk)}",
    "Stacked column by column, a matrix is a vector, so the entries make one matrix: row $(j, i)$ belongs to entry "
    "$(i, j)$ of the value, column $(l, k)$ to entry $(k, l)$ of the variable.",
    ("A @ M @ B", "M"), "answers with three or more axes",
)  # fmt: skip

MOVES = (write_jacobian, place_entries, name_intermediates, derive_link, chain_rule, put_links_in, carry_back, carry_by_entries,
         read_as_matrix, letters_back, derive_sample,
         add_samples, derive_terms, add_terms, gradient, stack_gradients, turn_layout, keep_symmetric, free_entries, keep_diagonal, first_derivative,
         hessian, stack)  # fmt: skip
