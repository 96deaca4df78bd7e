"""What authors leave out, or write beside an equality, is taken as it is meant: signs of sums, labels, remarks, zeros."""

from __future__ import annotations

from pathlib import Path

import pytest

from derivgen.notes.check import check_notes
from derivgen.notes.find import notes_of
from derivgen.notes.verdict import Equality


def found_in(text: str) -> tuple[Equality, ...]:
    return check_notes(notes_of(Path("notes.md"), text)).equalities


def last(text: str) -> Equality:
    return found_in(text)[-1]


def assert_apart(text: str, true: str, false: str) -> None:
    found = last(f"{text}$$ {true} $$\n")
    assert found.verdict == "verified", (found.code, found.reason)
    assert last(f"{text}$$ {false} $$\n").verdict != "verified"


INDICES = "We use index notation.\n\n"


@pytest.mark.parametrize(
    ("true", "false"),
    [
        (r"P_{ij} Z_{jk} = (PZ)_{ik}", r"P_{ij} Z_{jk} = (ZP)_{ik}"),
        (r"\delta_{im} P_{mk} = P_{ik}", r"\delta_{im} P_{mk} = P_{ki}"),
        (
            r"P_{im} Q_{mk} R_{ki} + Q_{im} P_{mk} R_{ki} = P_{jm} Q_{mk} R_{kj} + Q_{ik} P_{kj} R_{ji}",
            r"P_{im} Q_{mk} R_{ki} + Q_{im} P_{mk} R_{ki} = P_{jm} Q_{mk} R_{jk} + Q_{ik} P_{kj} R_{ji}",
        ),
    ],
)
def test_sums_are_left_out_where_the_text_says_so(true: str, false: str) -> None:
    assert_apart(INDICES, true, false)


@pytest.mark.parametrize(
    ("true", "false"),
    [
        (r"(PZ)_{ki} = (PZ)^T_{ik}", r"(PZ)_{ki} = (PZ)^T_{ki}"),
        (r"(PZ)^{\top}_{ik} = (Z^T P^T)_{ik}", r"(PZ)^{\top}_{ik} = (P^T Z^T)_{ik}"),
        (r"\sum_k P^T_{ik} Z_{kj} = (P^T Z)_{ij}", r"\sum_k P^T_{ik} Z_{kj} = (P Z)_{ij}"),
    ],
)
def test_the_entry_of_a_transpose_has_its_places_below_the_sign(true: str, false: str) -> None:
    assert_apart("", true, false)


def test_a_block_stays_a_block_where_it_is_transposed() -> None:
    text = r"The blocks of a symmetric $S$ are $S_{ab}$. $$ S_{ab}^T v = (v^T S_{ab})^T $$"
    assert last(text).verdict != "refuted"


@pytest.mark.parametrize("mean", [r"\frac{1}{N} \sum_i ", r"\frac{1}{N} \sum ", r"\frac{1}{N} \sum_{i=1}^{N} "])
def test_the_mean_runs_over_as_many_as_it_divides_by(mean: str) -> None:
    text = rf"Let $\bar u = {mean} u_i$ and $\bar v = {mean} v_i$." + "\n\n"
    assert_apart(
        text,
        rf"{mean} (u_i - \bar u)(v_i - \bar v) = {mean} u_i v_i - \bar u \bar v",
        rf"{mean} (u_i - \bar u)(v_i - \bar v) = {mean} u_i v_i + \bar u \bar v",
    )


def test_a_sum_without_an_index_runs_over_the_only_one_and_says_so() -> None:
    assert_apart("", r"\sum w_i u_i + c = w^\top u + c", r"\sum w_i u_i + c = \|w\| \|u\| + c")
    assert any("without an index runs over i" in line for line in last(r"$\sum w_i u_i = w^\top u$").reading)
    assert_apart("Let $E = \\sum (y_i - a_i)^2$.\n\n", r"\frac{\partial E}{\partial a_k} = 2(a_k - y_k)",
                 r"\frac{\partial E}{\partial a_k} = 2(y_k - a_k)")  # fmt: skip
    assert last(r"$\sum u_{ij} v_j = c$").reason == r"\sum wants an index"


def test_a_sum_may_begin_at_1_and_not_say_what_does() -> None:
    assert_apart("", r"\sum_{1}^{N} -2 u_i (v_i - c u_i) = -2\sum_{i=1}^{N} u_i (v_i - c u_i)",
                 r"\sum_{1}^{N} -2 u_i (v_i - c u_i) = 2\sum_{i=1}^{N} u_i (v_i - c u_i)")  # fmt: skip


PROJECTION = "Let $X$ be a matrix, $G = X^\\top X$ and $P = X G^{-1} X^\\top$.\n\n"


@pytest.mark.parametrize(
    ("true", "false"),
    [
        (r"X^\top (u - P u) = 0", r"X^\top (u + P u) = 0"),
        (r"(I - P) X = 0", r"(I + P) X = 0"),
        (r"0 = P u - P P u", r"0 = P u + P P u"),
    ],
)
def test_a_written_0_is_as_many_zeros_as_the_other_side_has(true: str, false: str) -> None:
    assert_apart(PROJECTION, true, false)
    assert last(f"{PROJECTION}$$ {false} $$").verdict == "unchecked"  # it may be an equation to solve


@pytest.mark.parametrize(
    "remark", [r"\tag{if $S$ is symmetric}", r"\qquad \text{(as S is symmetric)}", r"\quad\text{by symmetric $S$}"]
)
def test_a_remark_in_the_row_says_that_a_matrix_is_symmetric(remark: str) -> None:
    rows = rf"\begin{{align}} \frac{{\partial u^T S u}}{{\partial u}} &= (S + S^T) u \\ &= 2 S u {remark} \end{{align}}"
    found = last(f"$$ {rows} $$")
    assert (found.verdict, "S is symmetric" in found.reason) == ("verified", True)
    wrong = last(f"$$ {rows.replace('2 S', '3 S')} $$")
    assert wrong.verdict != "verified"


def test_a_remark_of_a_later_row_says_nothing_of_an_earlier_one() -> None:
    rows = r"\begin{align} \frac{\partial u^T R u}{\partial u} &= 2 R u \\ &= 2 R u \quad \text{(as R is symmetric)} \end{align}"
    assert found_in(f"$$ {rows} $$")[0].verdict != "verified"


def test_an_idempotent_matrix_is_not_refuted() -> None:
    rows = r"\begin{align} s &= w' Q Q w \\ &= w' Q w && \text{($Q$ is idempotent)} \end{align}"
    assert last(f"$$ {rows} $$").verdict == "unchecked"


def test_a_list_of_its_own_entries_does_not_keep_a_letter_from_being_defined() -> None:
    text = r"$$ \mathbf{v} = \begin{bmatrix} v_1 \\ \vdots \\ v_m \end{bmatrix} = \mathbf{B}\mathbf{u} $$" + "\n\n"
    assert found_in(text)[-1].verdict == "verified"
    assert_apart(text, r"\frac{\partial \mathbf{v}}{\partial \mathbf{u}} = \mathbf{B}",
                 r"\frac{\partial \mathbf{v}}{\partial \mathbf{u}} = \mathbf{B}\mathbf{B}")  # fmt: skip


LABELS = "Here $G \\in \\mathbb{R}^{m \\times n}$, and $e_k^{(a)} = s_k^{(t)} - s_k^{(a)}$.\n\n"


def test_a_letter_in_parentheses_above_is_a_label_and_no_length() -> None:
    assert_apart(
        LABELS,
        r"H_k (s_k^{(t)} - s_k^{(a)}) + r_k^{(m)} = H_k e_k^{(a)} + r_k^{(m)}",
        r"H_k (s_k^{(t)} - s_k^{(a)}) + r_k^{(m)} = H_k e_k^{(a)} - r_k^{(m)}",
    )
    assert_apart(LABELS, r"H_k e_{k-1}^{(a)} + H_k r_k^m = H_k (e_{k-1}^{(a)} + r_k^{(m)})",
                 r"H_k e_{k-1}^{(a)} + H_k r_k^m = H_k (e_k^{(a)} + r_k^{(m)})")  # fmt: skip


def test_what_counts_on_above_a_letter_is_no_label() -> None:
    text = (
        "From $u^{(k)}$ and $v^{(a)}$ comes $u^{(k+1)} = u^{(k)} + v^{(a)}$; $w^{(1)}, \\ldots, w^{(m)}$ are data.\n\n"
    )
    assert last(f"{text}$$ \\sum_{{i=1}}^{{m}} w^{{(i)}} + 0 = \\sum_{{j=1}}^{{m}} w^{{(j)}} $$").verdict == "verified"


LAYERS = "In layer $l$ we have $z^l = w^l a^{l-1} + b^l$ and $a^l = \\sigma(z^l)$, up to layer $L$.\n\n"


def test_the_last_layer_is_a_label_and_no_power() -> None:
    assert_apart(
        LAYERS,
        r"\frac{\partial C}{\partial z^L_k} = \sum_{i=1}^n \frac{\partial C}{\partial a^L_i} \frac{\partial a^L_i}{\partial z^L_k}",
        r"\frac{\partial C}{\partial z^L_k} = \sum_{i=1}^n \frac{\partial C}{\partial a^L_i} \frac{\partial a^L_i}{\partial b^L_k} z^L_k",
    )
    assert last(r"For a matrix $B$: $$ \frac{d}{dx} x^L = L x^{L-1} $$").verdict == "verified"


@pytest.mark.parametrize(
    "sign",
    [r"{\nabla}_{x}", r"\mathop{\nabla}_x", r"\vec{\nabla}_x", r"\boldsymbol\nabla_x", r"\mathbf{\nabla}_{x}", r"\underset{x}{\nabla}"],
)  # fmt: skip
def test_nabla_has_no_font_and_no_accent(sign: str) -> None:
    assert_apart("", rf"{sign} (x^\top x) = 2x", rf"{sign} (x^\top x) = 3x")


def test_a_matrix_that_is_not_written_out_as_one_reads_says_nothing_and_spoils_nothing() -> None:
    text = (
        r"$$ Z = \begin{pmatrix} z_{11} & \cdots & z_{1k} \\ \vdots & & \vdots \\ z_{N1} & z_{k2} & z_{Nk} \end{pmatrix} $$"
        + "\n\n"
    )
    assert_apart(text, r"\frac{\partial}{\partial b} \|u - Zb\|^2 = -2 Z^\top (u - Zb)",
                 r"\frac{\partial}{\partial b} \|u - Zb\|^2 = -2 Z (u - Zb)")  # fmt: skip


def test_places_in_brackets_with_a_colon_are_rows_and_columns() -> None:
    text = "Let $W \\in \\mathbb{R}^{n \\times k}$.\n\n"
    assert_apart(text, r"\sum_{j=1}^{n} W_{jt} u_j = W^\top[t,:] u", r"\sum_{j=1}^{n} W_{jt} u_j = 2 W^\top[t,:] u")
    assert_apart(text, r"(W^\top W)_{ij} = W[:,i]\cdot W[:,j]", r"(W^\top W)_{ij} = W[:,i]\cdot W[:,i]")


def test_commands_are_defined_by_lines_of_prose_too() -> None:
    text = "---\ntitle: t\n---\n\n\\newcommand{\\by}[1]{\\frac{\\partial}{\\partial #1}}\n\n# One\n\n"
    assert_apart(text, r"\by{u} (u^\top u) = 2u", r"\by{u} (u^\top u) = u")
    unsaid = "Write `\\newcommand{\\by}[1]{\\frac{d}{d #1}}` in front.\n\n"
    assert last(unsaid + r"$\by{u} (u^\top u) = 2u$").verdict == "unchecked"


def test_a_long_chain_that_takes_too_long_is_heard_one_by_one() -> None:
    terms = [rf"A_{k} (u_{k} + v_{k}) B_{k} w_{k}" for k in range(9)]
    done = [rf"A_{k} u_{k} B_{k} w_{k} + A_{k} v_{k} B_{k} w_{k}" for k in range(9)]
    rows = [" + ".join([*done[:k], *terms[k:]]) for k in range(9)]
    text = "\\begin{align} " + " \\\\ &= ".join(rows) + " \\end{align}"
    checked = check_notes(
        notes_of(Path("notes.md"), f"Here all $A_k$ and $B_k$ are matrices.\n\n$$ {text} $$"), seconds=0.4
    )
    assert not any(e.verdict == "refuted" for e in checked.equalities)
    assert len(checked.equalities) == 8


def test_what_is_said_of_a_member_is_not_said_of_the_one_before() -> None:
    text = "Here $e_k = s_k - q_k$, and all $H_k$ are matrices.\n\n"
    assert last(text + "$$ H_k e_{k-1} + H_k r_k = H_k (e_k + r_k) $$").code == "doubtful"
    assert last(text + "$$ H_k e_{k-1} + H_k r_k = H_k (e_{k-1} + r_k) $$").verdict == "verified"


NETWORK = "In layer $l$ we have $z^l_i = \\sum_j w^l_{ij} a^{l-1}_j + b^l_i$ and $a^l = \\sigma(z^l)$. The error is\n$$ e^l_i = \\frac{\\partial C}{\\partial z^l_i}. $$\n\n"


@pytest.mark.parametrize(
    ("true", "false"),
    [
        (r"\frac{\partial z^{l+1}_i}{\partial a^l_k} = w^{l+1}_{ik}", r"\frac{\partial z^{l+1}_i}{\partial a^l_k} = w^{l+1}_{ki}"),
        (r"\frac{\partial z^l_j}{\partial w^l_{jk}} = a^{l-1}_k", r"\frac{\partial z^l_j}{\partial w^l_{jk}} = a^{l-1}_j"),
        (r"\frac{\partial C}{\partial b^l_j} = e^l_j", r"\frac{\partial C}{\partial b^l_j} = -e^l_j"),
        (
            r"\frac{\partial C}{\partial z^l_k} = \sigma'(z^l_k) \sum_i e^{l+1}_i w^{l+1}_{ik}",
            r"\frac{\partial C}{\partial z^l_k} = \sigma'(z^l_k) \sum_i e^{l+1}_i w^{l+1}_{ki}",
        ),
    ],
)  # fmt: skip
def test_layers_that_follow_each_other_have_letters_of_their_own(true: str, false: str) -> None:
    assert_apart(NETWORK, true, false)


def test_a_word_above_a_letter_is_part_of_its_name() -> None:
    assert_apart(
        "",
        r"\frac{d}{dx^{\text{new}}} (x^{\text{new}})^2 = 2 x^{\text{new}}",
        r"\frac{d}{dx^{\text{new}}} (x^{\text{new}})^2 = 2 x^{\text{old}}",
    )
    assert_apart("", r"X^{\mathrm{T}} X w = X^{\text{T}} (X w)", r"X^{\mathrm{T}} X w = X (X w)")


def test_a_sum_may_run_to_one_more_than_a_letter_says() -> None:
    given = r"-2\sum_{j=1}^{N} Z_{jt}(u_{j} - \sum_{s=1}^{k+1} Z_{js} b_{s})"
    assert_apart("", rf"{given} = -2\sum_{{j=1}}^{{N}} Z_{{jt}} u_j + 2 \sum_{{s=1}}^{{k+1}} (Z^\top Z)_{{ts}} b_s",
                 rf"{given} = -2\sum_{{j=1}}^{{N}} Z_{{jt}} u_j + 2 \sum_{{s=1}}^{{k+1}} (Z Z^\top)_{{ts}} b_s")  # fmt: skip
    assert last(r"$\sum_{s=1}^{k+1} s = \sum_{s=1}^{k} s + k$").verdict != "verified"


def test_what_a_text_only_supposed_is_left_out_where_nothing_would_be_said() -> None:
    text = "If all were well, we would have $y = c u + d$. Let $z = c u + d$.\n\n"
    assert_apart(text, r"\|y - z\|^2 = \|y - c u - d\|^2", r"\|y + z\|^2 = \|y - c u - d\|^2")
    other = "Let $y = c u$ with a number $c$.\n\n"
    assert last(other + r"$$ \frac{\partial}{\partial t} (y - c u) = t (y - c u) $$").verdict == "unchecked"


def test_words_in_upright_letters_part_two_definitions() -> None:
    assert_apart(r"$$ u = a + b \mathrm{\ and\ } v = a - b $$" + "\n\n", "u + v = 2a", "u + v = 2b")


def test_a_function_that_is_any_one_for_a_while_is_what_it_was_afterwards() -> None:
    text = (
        "Let $f(x) = \\frac12 x^\\top P x + q^\\top x$ with a symmetric matrix $P$ and vectors $q$ and $x$.\n\n"
        "For any differentiable functions $f$ and $g$ we have $\\nabla (f + g) = \\nabla f + \\nabla g$.\n\n"
    )
    assert_apart(text, r"\nabla f(x) = P x + q", r"\nabla f(x) = P x - q")


def test_a_derivative_of_what_nothing_relates_says_nothing_where_it_is_0() -> None:
    assert last(r"Here $K$ and $P$ are matrices. $$ 0 = \nabla_K \operatorname{tr}(P) $$").verdict == "unchecked"
    assert_apart("", r"\nabla_x (x^\top x - \|x\|_2^2) = 0", r"\nabla_x (x^\top x + \|x\|_2^2) = 0")


def test_a_vector_has_no_power_0_or_k() -> None:
    text = (
        "Let $f(\\mathbf{x}) = (x_1 + 1)^2 + x_2^2$ with $\\mathbf{x} = [x_1, x_2]^T$.\n\n"
        "We start at $\\mathbf{x}^0 = [3, 1]^T$, where $f(\\mathbf{x}^0) = 17$.\n\n"
    )
    assert not any(e.verdict == "refuted" for e in found_in(text))
    assert_apart(text, r"\nabla f(\mathbf{x}) = \begin{bmatrix} 2(x_1 + 1) \\ 2 x_2 \end{bmatrix}",
                 r"\nabla f(\mathbf{x}) = \begin{bmatrix} 2(x_1 + 1) \\ x_2 \end{bmatrix}")  # fmt: skip
    assert_apart("", r"\|\mathbf{u}^k - \mathbf{u}^{k-1}\|^2 = (\mathbf{u}^k - \mathbf{u}^{k-1})^T (\mathbf{u}^k - \mathbf{u}^{k-1})",
                 r"\|\mathbf{u}^k - \mathbf{u}^{k-1}\|^2 = (\mathbf{u}^k - \mathbf{u}^{k-1})^T (\mathbf{u}^k + \mathbf{u}^{k-1})")  # fmt: skip
    assert last(r"$\frac{d}{du} u^0 = 0$").verdict != "refuted"


def test_a_function_of_the_authors_with_entries_is_defined_and_not_refuted() -> None:
    assert last(r"$$ \sigma(\vec{u})_i = \frac{e^{u_i}}{\sum_{j=1}^n e^{u_j}} $$").verdict == "unchecked"
    assert (
        last(r"With the column space $\mathcal{C}(\mathbf{B}^T) = \mathcal{C}(\mathbf{B}^T\mathbf{B})$.").verdict
        == "unchecked"
    )


def test_shares_sum_to_1_where_a_text_speaks_of_cross_entropy() -> None:
    assert last(r"For cross entropy, $$ q_i \left(\sum_k y_k\right) - y_i = q_i - y_i $$").verdict == "unchecked"
    assert last(r"For cross entropy, $$ q_i \left(\sum_k y_k\right) - y_i = q_i + y_i $$").verdict == "refuted"


def test_a_loss_by_a_letter_that_it_has_nothing_of_is_not_refuted() -> None:
    text = "Let $E = \\frac12 \\sum_j (y_j - a^L_j)^2$ for layer $L$, as in layer $l$ the $a^l$.\n\n"
    assert last(text + r"$$ \nabla_a E = a^L - y $$").verdict == "unchecked"
    assert last(text + r"$$ \frac{\partial E}{\partial a^L_j} = y_j - a^L_j $$").verdict == "refuted"


def test_a_capital_below_a_matrix_is_a_part_of_its_name_and_no_index() -> None:
    text = r"$$ \mathbf{a}^T(\mathbf{I}-\mathbf{P_X})\mathbf{a} = \|\mathbf{(I-P_X)a}\|^2 $$"
    assert last(text).verdict == "unchecked"


NEWTON = r"H (u^{(k)} - (\nabla^2 f(u^{(k)}))^{-1} \nabla f(u^{(k)}))"


@pytest.mark.parametrize(
    "right", [r"H u^{(k+1)}", r"H u^{(k+1)} + 0 \cdot \nabla f(u^{(k)})"], ids=["the next", "with a derivative"]
)
def test_the_next_of_a_sequence_of_which_nothing_is_said_is_a_step(right: str) -> None:
    found = last(
        f"Let $H \\in \\mathbb R^{{n\\times n}}$ and $f: \\mathbb R^n \\to \\mathbb R$.\n\n$$ {NEWTON} = {right} $$\n"
    )
    assert found.verdict == "unchecked"


def test_a_slip_beside_the_next_of_a_sequence_is_found() -> None:
    text = "Let $H \\in \\mathbb R^{n\\times n}$ and $f: \\mathbb R^n \\to \\mathbb R$.\n\n"
    wrong = r"H u^{(k)} - H (\nabla^2 f(u^{(k)}))^{-1} \nabla f(u^{(k)}) + u^{(k+1)} = " + NEWTON + r" - u^{(k+1)}"
    found = last(f"{text}$$ {wrong} $$\n")
    assert found.verdict == "refuted"


@pytest.mark.parametrize("about", ["Let $\\mathbf u \\in \\mathbb R^d$.\n\n", ""])
@pytest.mark.parametrize(("true", "false"), [
    (r"\frac{d}{d\eta} \sigma(\eta) = \sigma(\eta)(1 - \sigma(\eta))", r"\frac{d}{d\eta} \sigma(\eta) = \sigma(\eta)(-\eta)"),
    (r"\frac{d}{dt} e^{3t} = 3 e^{3t}", r"\frac{d}{dt} e^{3t} = e^{3t}"),
    (r"\frac{d^2}{dt^2} \sin t = -\sin t", r"\frac{d^2}{dt^2} \sin t = \sin t"),
])  # fmt: skip
def test_d_is_the_sign_of_a_derivative_in_a_text_about_a_space_of_dimension_d(
    about: str, true: str, false: str
) -> None:
    assert last(f"{about}$$ {true} $$\n").verdict == "verified"
    assert last(f"{about}$$ {false} $$\n").verdict == "refuted"


def test_a_dimension_d_is_a_number_in_other_fractions() -> None:
    text = "Let $\\mathbf u \\in \\mathbb R^d$ and $t > 0$.\n\n"
    assert last(f"{text}$$ \\frac{{d(d+1)}}{{2}} t = \\frac{{d}}{{2}} t (d + 1) $$\n").verdict == "verified"
    assert last(f"{text}$$ \\frac{{d}}{{2}} t = \\frac{{d}}{{4}} t $$\n").verdict != "verified"


def test_an_equality_goes_on_from_a_derivative_that_stands_alone_before_it() -> None:
    text = (
        "- $E(\\mathbf u) = \\frac12 \\|\\mathbf z - \\mathbf G^\\top \\mathbf u\\|_2^2$\n\nThen we have\n\n"
        "- $\\frac{\\partial}{\\partial \\mathbf u} E(\\mathbf u)$\n  - $= \\mathbf G\\mathbf G^\\top \\mathbf u - \\mathbf G %s$\n"
    )
    assert last(text % "\\mathbf z").verdict == "verified"
    assert last(text % "\\mathbf z \\cdot 2").verdict == "refuted"


def test_a_prime_where_a_letter_transposes_may_be_a_derivative() -> None:
    text = "We write $A^\\top B$ and $x^\\top y$ with a number $\\varepsilon = t - a_{21}$.\n\n"
    assert (
        last(f"{text}$$ a_{{21}}' \\cdot \\varepsilon = a_{{21}} (1 - a_{{21}}) \\cdot \\varepsilon $$\n").verdict
        == "unchecked"
    )


@pytest.mark.parametrize(
    "equation",
    [
        r"\frac{\partial}{\partial \mathbf V} \text { tr }(\mathbf V^{\mathrm T} \mathbf M \mathbf V) = (\mathbf M + \mathbf M^{\mathrm T}) \mathbf V",
        r"\text{ det } (\mathbf M^T) = \mathrm { det } (\mathbf M)",
        r"\text { diag }(\mathbf v) \mathbf 1 = \mathbf v",
        r"\textrm{ log }(v^2) = 2 \text{ log }(v) \text{ for } v > 0",
    ],
)
def test_the_name_of_a_function_may_stand_between_blanks(equation: str) -> None:
    assert [e.verdict for e in found_in(f"Now ${equation}$.")] == ["verified"]


def test_an_entry_of_the_value_of_a_function_is_one_of_the_letter_that_stands_for_it() -> None:
    text = (
        r"Put $$q_s = \varsigma(\mathbf{u})_s = \frac{e^{u_s}}{\sum_{r=1}^S e^{u_r}}$$" + "\n\n### Likelihood\n\n"
        r"It is $$P(\mathbf w|\mathbf u) = \prod_{s=1}^{S} \varsigma(\mathbf{u})_s^{w_s} = \prod_{s=1}^{S} q_s^{w_s}$$"
    )
    assert last(f"{text}\n").verdict == "verified"
    assert last(f"{text[:-2]} + 1$$\n").verdict != "verified"
