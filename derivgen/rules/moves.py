"""The larger moves of a derivation, which no single rewriting makes: naming, multiplying links, putting entries in place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from derivgen.expr import Expr
from derivgen.rules import told_of_changes as changes
from derivgen.rules import told_of_moves as told
from derivgen.rules import told_of_places
from derivgen.rules.reason import Reason, Terms, filled, in_letters, worded
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
        because: one sentence that gives the reason, with places as in a rule.
        example: an expression and the variable it is derived by; the derivation shows the move.
        reference: the part of the lecture that it belongs to.
        choices: what must be chosen besides for the example to show it, as for ``derive``.
        terms: what stands in the places of the sentence in a step, or another sentence.
        general: whether the sentence names no term of a step.
    """

    name: str
    title: str
    stage: Stage
    states: str
    because: str
    example: tuple[str, str]
    reference: str = ""
    choices: Mapping[str, Any] = field(default_factory=dict)
    terms: Callable[[Step], Terms | Reason | None] | None = None
    general: bool = False

    @property
    def sentence(self) -> str:
        """The reason in the letters of the law."""
        return in_letters(self.because)

    def step(self, before: Expr, after: Expr, **more: Any) -> Step:
        """The step that makes this move from ``before`` to ``after``; ``more`` are fields of Step."""
        fields: dict[str, Any] = {"title": self.title, "reason": filled(self.because, {}), "stage": self.stage} | more
        fields["reason"] = worded(fields["reason"])
        step = Step(self.name, before=before, after=after, **fields)
        told = self.terms(step) if self.terms is not None and "reason" not in more else None
        if told is None:
            return step
        return replace(step, reason=told if isinstance(told, Reason) else filled(self.because, told))


write_jacobian = Move(
    "write-jacobian", "Write out the Jacobian", Stage.DIFFERENTIATE,
    r"\frac{\partial\mathbf y}{\partial\mathbf x} = \left[\frac{\partial y_i}{\partial x_j}\right]_{ij}",
    r"Row {i} is the gradient of {y_i}: its partials by every entry {x_j}, one for each column.",
    ("f(x)", "x"), "the Jacobian",
    terms=told.of_table,
)  # fmt: skip
place_entries = Move(
    "place-entries", "Put the entries in their places", Stage.RECOMBINE,
    r"\left[u_i\,\delta_{ij}\right]_{ij} = \begin{bmatrix} u_1 & & \\ & \ddots & \\ & & u_n \end{bmatrix}",
    r"Row {i} holds [{u_i}|what was found] in column {i}, and 0 in every other column.",
    ("w * x", "w"), "element-wise operators",
    terms=told.of_diagonal,
)  # fmt: skip
name_intermediates = Move(
    "name-intermediates", "Name the intermediates", Stage.CHAIN,
    r"\mathbf y = \mathbf f(\mathbf g(\mathbf x)):\quad \mathbf u = \mathbf g(\mathbf x),\ \mathbf y = \mathbf f(\mathbf u)",
    r"{\mathbf x} stands in {\mathbf y} only within {\mathbf g(\mathbf x)}, so this has a letter, {\mathbf u}.",
    ("max(0, w.T @ x + z)", "w"), "the vector chain rule",
)  # fmt: skip
derive_link = Move(
    "derive-link", "Derive the link", Stage.CHAIN,
    r"\frac{\partial\mathbf u}{\partial\mathbf x}",
    r"{\mathbf u} is differentiated by {\mathbf x} by itself, entry by entry.",
    ("tanh(A @ x)", "x"), "the vector chain rule",
    terms=told.of_link,
)  # fmt: skip
chain_rule = Move(
    "chain-rule", "Multiply the Jacobians", Stage.CHAIN,
    r"\frac{\partial\mathbf y}{\partial\mathbf x} = \frac{\partial\mathbf y}{\partial\mathbf u}\frac{\partial\mathbf u}{\partial\mathbf x}",
    r"{\mathbf x} changes {\mathbf y} through {\mathbf u}, so by the vector chain rule the Jacobians of the links are multiplied.",
    ("f(h(x))", "x"), "the vector chain rule",
    terms=told.of_chain,
)  # fmt: skip
chain_at_once = Move(
    "chain-at-once", "The chain rule", Stage.CHAIN,
    r"\frac{\partial}{\partial\mathbf x}f(\mathbf u) = \frac{\partial f}{\partial\mathbf u}\frac{\partial\mathbf u}{\partial\mathbf x}",
    r"{\mathbf x} changes {y} through {\mathbf u} alone, so by the chain rule the derivatives of both links are multiplied.",
    ("sum((w.T @ A[i])**2 + exp(w.T @ A[i]) for i in range(m)) + norm(N @ w)**2", "w"), "the loss",
)  # fmt: skip
total_derivative = Move(
    "total-derivative", "An entry of the product", Stage.CHAIN,
    r"\frac{\partial y_i}{\partial x_j} = \textstyle\sum_k \frac{\partial f_i}{\partial g_k}\frac{\partial g_k}{\partial x_j}",
    r"The total derivative: row by column, {x_j} changes {y_i} through every entry of {\mathbf g}.",
    ("F(f(x))", "x"), "the vector chain rule",
    terms=told.of_total,
)  # fmt: skip
carry_back = Move(
    "carry-back", "Carry the derivative back", Stage.CHAIN,
    r"\frac{\partial C}{\partial\mathbf z} = \frac{\partial C}{\partial\mathbf a}\frac{\partial\mathbf a}{\partial\mathbf z}",
    r"{\mathbf z} acts on {C} through {\mathbf a} alone, so what was found for {\mathbf a} is multiplied by {\frac{\partial\mathbf a}{\partial\mathbf z}}.",
    ("u.T @ tanh(A @ tanh(N @ x))", "N"), "the vector chain rule",
    terms=told.of_carried,
)  # fmt: skip
carry_by_entries = Move(
    "carry-by-entries", "The last link by its entries", Stage.CHAIN,
    r"\frac{\partial C}{\partial W_{jk}} = \textstyle\sum_i \delta_i\,\frac{\partial z_i}{\partial W_{jk}}",
    r"{W_{jk}} acts on {C} through the entries {z_i} that contain it; what each passes on is multiplied by what was found for it.",
    ("u.T @ tanh(A @ x)", "A"), "the vector chain rule",
    terms=told.of_last_link,
)  # fmt: skip
read_as_matrix = Move(
    "read-as-matrix", "Read the entries as a matrix", Stage.CHAIN,
    r"\left[\delta_j x_k\right]_{kj} = \mathbf x\boldsymbol\delta",
    "In numerator layout the derivative by {W_{jk}} stands in row {k}, column {j}.",
    ("u.T @ tanh(A @ x)", "A"), "the vector chain rule",
    terms=told_of_places.of_layout,
)  # fmt: skip
add_uses = Move(
    "add-uses", "Add the uses up", Stage.CHAIN,
    r"\frac{\partial}{\partial W}C(W, W) = \frac{\partial C}{\partial W_1} + \frac{\partial C}{\partial W_2},\quad W_1 = W_2 = W",
    r"{W} acts on {C} through every use of it: what was found for each is added up, the total derivative.",
    ("y.T @ M @ tanh(M @ x)", "M"), "the vector chain rule",
)  # fmt: skip
letters_back = Move(
    "letters-back", "Put the letters back", Stage.CHAIN,
    r"\mathbf u = \mathbf g(\mathbf x)",
    r"{\mathbf u} stands for {\mathbf g(\mathbf x)}.",
    ("max(0, w.T @ x + z)", "w"), "the neuron",
    terms=told.of_letters,
)  # fmt: skip
derive_sample = Move(
    "derive-sample", "Derive one sample", Stage.CHAIN,
    r"\frac{\partial}{\partial\mathbf w}\textstyle\sum_i \ell_i = \sum_i \frac{\partial \ell_i}{\partial\mathbf w}",
    r"{C} adds up one term for each {i}, and the derivative of a sum is the sum of the derivatives: it is enough to differentiate one term, {\ell_i}.",
    ("sum((w.T @ A[i])**2 for i in range(m))", "w"), "the loss",
    terms=told.of_sample,
)  # fmt: skip
join_sums = Move(
    "join-sums", "Join the sums", Stage.CHAIN,
    r"\textstyle\sum_i u_i + \sum_i v_i = \sum_i (u_i + v_i)",
    "The sums run over the same samples and share what the variable stands in, so they are one sum.",
    ("sum(a * log(sigmoid(w.T @ A[i])) for i in range(m)) + sum(log(1 - sigmoid(w.T @ A[i])) for i in range(m))", "w"), "the loss",
    general=True,
)  # fmt: skip
add_samples = Move(
    "add-samples", "Add the samples up", Stage.CHAIN,
    r"\textstyle\sum_i \frac{\partial \ell_i}{\partial\mathbf w}",
    r"{\frac{\partial \ell_i}{\partial\mathbf w}}, added up over {i}, is {\frac{\partial C}{\partial\mathbf w}}.",
    ("sum((w.T @ A[i])**2 for i in range(m))", "w"), "the loss",
)  # fmt: skip
share_of_term = Move(
    "share-of-term", "Weigh the term by its share", Stage.CHAIN,
    r"\frac{\partial}{\partial x_j}\log\textstyle\sum_k \exp(q_k) = \gamma_j\,\frac{\partial q_j}{\partial x_j},\quad \gamma_j = \frac{\exp(q_j)}{\sum_k \exp(q_k)}",
    r"Of the sum over {k} only the term with {q_j} contains {x_j}, and the exponential is its own slope. Over the sum, as the "
    r"slope of the logarithm asks, that term is {\gamma_j}, its share of the whole (in a mixture its responsibility).",
    ("log(sum(exp(-norm(x - A[i])**2) for i in range(m)))", "A[j]"), "",
)  # fmt: skip
shares_of_terms = Move(
    "shares-of-terms", "Weigh the terms by their shares", Stage.CHAIN,
    r"\frac{\partial}{\partial\mathbf x}\log\textstyle\sum_k \exp(q_k) = \sum_k \gamma_k\,\frac{\partial q_k}{\partial\mathbf x},\quad \gamma_k = \frac{\exp(q_k)}{\sum_j \exp(q_j)}",
    r"The exponential is its own slope, so the term with {q_k} changes with {x} by itself times the derivative of {q_k}. Over the sum, "
    r"as the slope of the logarithm asks, that term is {\gamma_k}, its share of the whole (in a mixture its responsibility).",
    ("log(sum(exp(-norm(x - A[i])**2) for i in range(m)))", "x"), "",
)  # fmt: skip
term_by_itself = Move(
    "term-by-itself", "Keep the term by its letter", Stage.CHAIN,
    r"\frac{\partial}{\partial\mathbf x_j}\textstyle\sum_k \exp(q_k) = \gamma_j\,\frac{\partial q_j}{\partial\mathbf x_j},\quad \gamma_j = \exp(q_j)",
    r"Of the sum over {k} only the term with {q_j} contains {x_j}, and the exponential is its own slope: that term, {\gamma_j}, stays as a factor.",
    ("sum(exp(-norm(x - A[i])**2) for i in range(m))", "A"), "",
)  # fmt: skip
terms_by_themselves = Move(
    "terms-by-themselves", "Keep the terms by their letters", Stage.CHAIN,
    r"\frac{\partial}{\partial\mathbf x}\textstyle\sum_k \exp(q_k) = \sum_k \gamma_k\,\frac{\partial q_k}{\partial\mathbf x},\quad \gamma_k = \exp(q_k)",
    r"The exponential is its own slope, so the term with {q_k}, which is {\gamma_k}, changes with {x} by itself times the derivative of {q_k}.",
    ("sum(exp(-norm(x - A[i])**2) for i in range(m))", "x"), "",
)  # fmt: skip
quotient_of_values = Move(
    "quotient-of-values", "The quotient rule", Stage.CHAIN,
    r"\frac{\partial}{\partial\mathbf x}\frac uv = \frac{1}{v^2}\left(v\,\frac{\partial u}{\partial\mathbf x} - u\,\frac{\partial v}{\partial\mathbf x}\right)",
    r"{y} changes with {u} at the rate {\frac1v} and with {v} at {-\frac u{v^2}}: by the chain rule these rates multiply the derivatives of both by {\mathbf x}.",
    ("(x.T @ Q @ x) / (x.T @ x)", "x"), "",
)  # fmt: skip
product_of_values = Move(
    "product-of-values", "The product rule", Stage.CHAIN,
    r"\frac{\partial}{\partial\mathbf x}(uv) = v\,\frac{\partial u}{\partial\mathbf x} + u\,\frac{\partial v}{\partial\mathbf x}",
    r"{u} and {v} both contain {\mathbf x}: each is differentiated in turn while the other stays.",
    ("(y.T @ x) * (x.T @ x)", "x"), "",
)  # fmt: skip
function_of_values = Move(
    "function-of-values", "The total derivative", Stage.CHAIN,
    r"\frac{\partial}{\partial\mathbf x}f(u, v) = \frac{\partial f}{\partial u}\frac{\partial u}{\partial\mathbf x} + \frac{\partial f}{\partial v}\frac{\partial v}{\partial\mathbf x}",
    r"{\mathbf x} acts on {y} through {u} and {v}: what each passes on is added up.",
    ("sqrt((y.T @ x)**2 + exp(x.T @ x))", "x"), "the vector chain rule",
)  # fmt: skip
derive_terms = Move(
    "derive-terms", "Derive term by term", Stage.CHAIN,
    r"\frac{\partial}{\partial\mathbf x}(u + v) = \frac{\partial u}{\partial\mathbf x} + \frac{\partial v}{\partial\mathbf x}",
    "The derivative of a sum is the sum of the derivatives: {u} and {v} are differentiated each by itself, and constant factors stay.",
    ("norm(A @ x - u)**2 + a * x.T @ x", "x"), "",
    terms=told.of_terms,
)  # fmt: skip
add_terms = Move(
    "add-terms", "Add the terms up", Stage.CHAIN,
    r"\frac{\partial u}{\partial\mathbf x} + \frac{\partial v}{\partial\mathbf x}",
    r"{\frac{\partial\mathbf y}{\partial\mathbf x}} is the sum of what was found for each term.",
    ("norm(A @ x - u)**2 + a * x.T @ x", "x"), "",
    terms=told.of_left,
)  # fmt: skip
gradient = Move(
    "gradient", "Take the partials", Stage.DIFFERENTIATE,
    r"\nabla f(x, y) = \left[\frac{\partial f}{\partial x}, \frac{\partial f}{\partial y}\right]",
    r"The gradient of {f} is a row: its partials by each variable, in the order in which these are named.",
    ("3 * a**2 * c", "[a, c]"), "gradient and Jacobian",
    terms=told.of_gradient,
)  # fmt: skip
stack_gradients = Move(
    "stack-gradients", "Stack the gradients", Stage.RECOMBINE,
    r"J = \begin{bmatrix} \nabla f(x, y) \\ \nabla g(x, y) \end{bmatrix}",
    "The Jacobian stacks the gradients: one row for each function.",
    ("[a**2 * c, a + c]", "[a, c]"), "gradient and Jacobian",
    general=True,
)  # fmt: skip
turn_layout = Move(
    "turn-layout", "Turn to the layout", Stage.SIMPLIFY,
    r"\left(\frac{\partial\mathbf y}{\partial\mathbf x}\right)^{\mathsf T}",
    r"In the layout that was asked for {\frac{\partial\mathbf y}{\partial\mathbf x}} is the transpose of what it is in numerator layout.",
    ("tanh(A @ x)", "x"), "gradient and Jacobian", {"layout": "denominator"},
    terms=told.of_left,
)  # fmt: skip

keep_symmetric = Move(
    "keep-symmetric", "Keep the matrix symmetric", Stage.SIMPLIFY,
    r"\frac{\partial y}{\partial S} = \frac{1}{2}\left(G + G^{\mathsf T}\right),\quad G\text{ by all entries freely}",
    "Up to here each entry of {S} was varied by itself. While {S} stays symmetric, an entry and the one across the "
    "diagonal change together, so both get the mean of their two partials.",
    ("trace(M @ Q)", "Q"), "",
    terms=told.of_variable,
)  # fmt: skip
free_entries = Move(
    "count-free-entries", "Count each free entry once", Stage.SIMPLIFY,
    r"\frac{\partial y}{\partial S} = G + G^{\mathsf T} - I \otimes G,\quad G\text{ by all entries freely}",
    "Up to here each entry of {S} was varied by itself. An entry of a symmetric {S} and the one across the diagonal are one variable, so "
    "their partials add up; those on the diagonal stay.",
    ("trace(M @ Q)", "Q"), "", {"structured": "entries"},
    terms=told.of_variable,
)  # fmt: skip
keep_diagonal = Move(
    "keep-diagonal", "Keep the matrix diagonal", Stage.SIMPLIFY,
    r"\frac{\partial y}{\partial D} = I \otimes G,\quad G\text{ by all entries freely}",
    "Up to here each entry of {D} was varied by itself. Off the diagonal it cannot change, so there the "
    "derivative is zero.",
    ("trace(M @ L)", "L"), "",
    terms=told.of_variable,
)  # fmt: skip

value_by_letter = Move(
    "value-by-letter", "Write the value by its letter", Stage.SIMPLIFY,
    r"\frac{u'}{v} - \frac{u\,v'}{v^2} = \frac{u' - y\,v'}{v},\quad y = \frac uv",
    r"The quotient itself stands in its derivative[, as {\frac uv}|]; it has the letter {y}.",
    ("(x.T @ Q @ x) / (x.T @ x)", "x"), "",
    terms=told.of_value,
)  # fmt: skip
first_derivative = Move(
    "first-derivative", "Derive once", Stage.CHAIN,
    r"\mathbf g = \left(\frac{\partial y}{\partial\mathbf x}\right)^{\mathsf T}",
    r"{\mathbf g} is the first derivative written as a column, a function of the same variable; it is differentiated once more.",
    ("x.T @ M @ x", "x"), "", {"order": 2},
    terms=told.of_letter,
)  # fmt: skip
known_derivative = Move(
    "known-derivative", "A known derivative", Stage.DIFFERENTIATE,
    r"\frac{\partial}{\partial u}\varphi(u) = \varphi'(u)",
    r"What is known of {\varphi(u)} is declared with the function, and proved line by line.",
    ("tanh(a)", "a"), "",
    terms=told.of_known,
)  # fmt: skip
take_differential = Move(
    "take-differential", "Let the matrix change a little", Stage.CHAIN,
    r"\operatorname{tr}\left(\frac{\partial y}{\partial X}E\right)",
    r"A small change {E} of {X} changes {y} by {\operatorname{tr}(\frac{\partial y}{\partial X}E)}, to first order.",
    ("x.T @ inv(M) @ y", "M"), "",
    terms=changes.of_differential,
)  # fmt: skip
known_change = Move(
    "known-change", "A known change", Stage.CHAIN,
    r"\operatorname{tr}\left(\frac{\partial}{\partial X}\log\det(X)\,E\right) = \operatorname{tr}(X^{-1}E)",
    "When {X} changes by {E}, {u} changes by {v}, to first order: each partial is multiplied by the change of its entry, and all is added up.",
    ("x.T @ inv(M) @ y", "M"), "",
    terms=changes.of_change,
)  # fmt: skip
rate_of_matrix = Move(
    "rate-of-matrix", "Let the matrix change with the number", Stage.CHAIN,
    r"\frac{\partial}{\partial t}\log\det(M) = \operatorname{tr}\left(M^{-1}\frac{\partial M}{\partial t}\right)",
    r"{\log\det(M)} changes by {\operatorname{tr}(M^{-1}E)} when {M} changes by {E}, to first order; here {E} is {\frac{\partial M}{\partial t}}.",
    ("logdet(M + a * N)", "a"), "",
    terms=changes.of_rate,
)  # fmt: skip
pull_out_change = Move(
    "pull-out-change", "Pull the change to the end", Stage.CHAIN,
    r"\operatorname{tr}(AEB) = \operatorname{tr}(BAE),\quad \operatorname{tr}(AE^{\mathsf T}B) = \operatorname{tr}((BA)^{\mathsf T}E)",
    "A number is its own trace, and under a trace the last factor may go to the front; so {E} goes to the end.",
    ("x.T @ inv(M) @ y", "M"), "",
    terms=changes.of_pulled,
)  # fmt: skip
read_derivative = Move(
    "read-derivative", "Read the derivative off", Stage.CHAIN,
    r"\operatorname{tr}(G E) = \operatorname{tr}(H E)\text{ for all }E:\quad G = H",
    r"That holds for every change, also one entry's, so what stands beside it is {\frac{\partial y}{\partial X}}.",
    ("x.T @ inv(M) @ y", "M"), "",
    terms=changes.of_read,
)  # fmt: skip
hessian = Move(
    "hessian", "The Hessian", Stage.CHAIN,
    r"\frac{\partial^2 y}{\partial\mathbf x\,\partial\mathbf x^{\mathsf T}} = \frac{\partial\mathbf g}{\partial\mathbf x}",
    r"The gradient of {y} has for its Jacobian the matrix of second partials.",
    ("x.T @ M @ x", "x"), "", {"order": 2},
    terms=told.of_second,
)  # fmt: skip

stack = Move(
    "stack-columns-of-both", "Stack the columns", Stage.RECOMBINE,
    r"\frac{\partial\operatorname{vec}(Y)}{\partial\operatorname{vec}(X)} = "
    r"\left[\frac{\partial Y_{ij}}{\partial X_{kl}}\right]_{(ji)(lk)}",
    "Stacked column by column, a matrix is a vector, so the entries make one matrix: row $(j, i)$ belongs to entry "
    "$(i, j)$ of the value, column $(l, k)$ to entry $(k, l)$ of the variable.",
    ("A @ M @ B", "M"), "answers with three or more axes",
    general=True,
)  # fmt: skip

MOVES = (write_jacobian, chain_at_once, place_entries, name_intermediates, derive_link, chain_rule, total_derivative, carry_back, carry_by_entries,
         read_as_matrix, add_uses, letters_back, derive_sample,
         add_samples, join_sums, share_of_term, shares_of_terms, term_by_itself, terms_by_themselves, quotient_of_values, product_of_values, function_of_values, derive_terms, add_terms, gradient, stack_gradients, turn_layout, keep_symmetric, free_entries, keep_diagonal, value_by_letter, first_derivative, known_derivative,
         take_differential, known_change, rate_of_matrix, pull_out_change, read_derivative, hessian, stack)  # fmt: skip
