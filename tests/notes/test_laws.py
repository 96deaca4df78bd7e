"""What an equality rests on that a text supposes: laws of matrices, equations before it, conditions on a letter."""

from __future__ import annotations

from pathlib import Path

import pytest

from derivgen.notes.check import check_notes
from derivgen.notes.find import notes_of
from derivgen.notes.verdict import Equality


def judged(text: str) -> list[Equality]:
    return list(check_notes(notes_of(Path("notes.md"), text)).equalities)


def of(text: str, source: str) -> Equality:
    (found,) = [e for e in judged(text) if source in e.source]
    return found


LAWFUL = [
    ("If $\\mathbf{R}$ is idempotent, then", r"(\mathbf{I} - \mathbf{R})(\mathbf{I} - \mathbf{R}) = \mathbf{I} - \mathbf{R}", "idempotent"),
    ("A projection matrix $\\mathbf{R}$ is given.", r"(\mathbf{R}\mathbf{w})^\top (\mathbf{w} - \mathbf{R}\mathbf{w}) = \mathbf{w}^\top (\mathbf{R} - \mathbf{R})^\top \mathbf{w}", "idempotent"),
    ("Let $\\mathbf{Q}$ be an orthogonal matrix.", r"(\mathbf{Q} + \mathbf{I})(\mathbf{Q}^\top + \mathbf{I}) = 2\mathbf{I} + \mathbf{Q} + \mathbf{Q}^\top", "orthogonal"),
    ("The two parts are perpendicular.", r"\|\mathbf{r} + \mathbf{h}\|_2^2 = \|\mathbf{r}\|_2^2 + \|\mathbf{h}\|_2^2", "orthogonal"),
    ("Take an eigenvector of $H$:", r"H H y + \kappa y = \kappa H y + H y", "eigenvector"),
    ("The norm is convex:", r"\lVert ru \rVert_1 + \lVert (1-r)w \rVert_1 = r \lVert u \rVert_1 + (1-r) \lVert w \rVert_1", "between 0 and 1"),
    ("Between them lies", r"\left|\frac{\kappa_{\min} - \kappa_{\max}}{\kappa_{\min} + \kappa_{\max}}\right| = \frac{\kappa_{\max} - \kappa_{\min}}{\kappa_{\max} + \kappa_{\min}}", "least"),
    ("Between them lies", r"\left|\kappa_{\min} - \kappa_{\max}\right| = \kappa_{\max} - \kappa_{\min}", "least"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "claim", "law"), LAWFUL)
def test_what_holds_by_a_law_of_which_the_text_speaks_is_no_mistake(words: str, claim: str, law: str) -> None:
    found = judged(f"{words}\n\n$${claim}$$\n")[-1]
    assert (found.verdict, found.code) == ("unchecked", "hypothesis")
    assert law in found.reason


@pytest.mark.parametrize(
    ("words", "claim"),
    [
        ("If $\\mathbf{R}$ is idempotent, then", r"(\mathbf{I} - \mathbf{R})(\mathbf{I} - \mathbf{R}) = \mathbf{I} + \mathbf{R} - 3\mathbf{R}^\top"),
        ("The vectors $\\mathbf{r}$ and $\\mathbf{h}$ are orthogonal.", r"\|\mathbf{r} - \mathbf{h}\|_2^2 = \mathbf{r}^\top\mathbf{r} - 3\mathbf{r}^\top\mathbf{h} + \mathbf{h}^\top\mathbf{h}"),
        ("Let $\\mathbf{Q}$ be orthogonal.", r"(\mathbf{Q}\mathbf{w})^\top(\mathbf{Q}\mathbf{w}) = 2\mathbf{w}^\top\mathbf{Q}^\top\mathbf{Q}\mathbf{w}"),
    ],
)  # fmt: skip
def test_a_slip_that_no_law_mends_is_refuted(words: str, claim: str) -> None:
    assert judged(f"{words}\n\n$${claim}$$\n")[-1].verdict == "refuted"


def test_what_holds_by_an_equation_that_is_supposed_holds_where_it_does() -> None:
    text = (
        r"Suppose there is a second point $w$ such that $g(w) = g(u)$. But then"
        "\n\n$$ \\frac{1}{2} g(u) + \\frac{1}{2} g(w) = @ $$\n"
    )
    right = judged(text.replace("@", r"\frac{1}{2} g(u) + \frac{1}{2} g(u)"))[-1]
    assert (right.verdict, right.reason) == ("verified", "it holds where g(w) = g(u)")
    assert judged(text.replace("@", r"\frac{1}{2} g(u) + \frac{1}{2} g(u + w)"))[-1].verdict != "verified"


def test_a_product_that_is_0_as_the_text_says_is_left_out() -> None:
    text = (
        r"Because $\mathbf{u}'\mathbf{r} = \mathbf{0}$:"
        "\n\n$$ \\begin{align} (\\mathbf{u} + \\mathbf{r})'(\\mathbf{u} + \\mathbf{r}) &= \\mathbf{u}'\\mathbf{u} + 2\\mathbf{u}'\\mathbf{r}"
        " + \\mathbf{r}'\\mathbf{r} \\\\ &= \\mathbf{u}'\\mathbf{u} + @\\mathbf{r}'\\mathbf{r} \\end{align} $$\n"
    )
    assert "it holds where" in judged(text.replace("@", ""))[-1].reason
    assert judged(text.replace("@", "3"))[-1].verdict == "refuted"


def test_an_equality_is_not_supposed_by_itself() -> None:
    claim = r"$$\mathbf{a}^\top \mathbf{b} = 2\mathbf{a}^\top \mathbf{b}$$"
    assert {e.verdict for e in judged(f"Suppose that\n\n{claim}\n\nand so\n\n{claim}\n")} != {"verified"}


@pytest.mark.parametrize("letter", [r"\mu", "m"])
def test_a_condition_on_any_letter_is_one_under_which_an_equality_holds(letter: str) -> None:
    found = judged(rf"If ${letter} < 0$, then $ -{letter} v = |{letter}| v$ points outward.")[-1]
    assert (found.verdict, found.reason) == ("verified", f"it holds where {letter} < 0")


def test_an_equation_is_to_be_solved_where_its_solution_follows() -> None:
    solved = r"$$ \kappa y = \kappa^2 y \implies \kappa \in \{0, 1\}. $$"
    assert of(f"So we have\n\n{solved}", r"\kappa^2 y").code == "equation"
    alone = r"$$ \kappa y = \kappa^2 y. $$"
    assert of(f"So we have\n\n{alone}", r"\kappa^2 y").verdict == "refuted"


def test_a_function_before_a_bracket_is_no_factor() -> None:
    text = (
        r"The matrix $\mathbf{G} = \mathbf{Z}(\mathbf{Z}'\mathbf{Z})^{-1}\mathbf{Z}'$ has $r(\mathbf{G}) = \text{tr}(\mathbf{G})$."
        "\n\n"
        r"And $r(\mathbf{I} - \mathbf{G}) = \text{tr}(\mathbf{I} - \mathbf{G})$."
    )
    assert judged(text)[-1].verdict == "unchecked"


def test_primes_that_transpose_are_no_derivatives() -> None:
    text = (
        "If $f = \\mathbf{v}'\\mathbf{v}$ where $\\mathbf{v} = \\mathbf{u} - \\mathbf{Z}\\boldsymbol{\\gamma}$:\n\n"
        r"$$ \frac{\partial f}{\partial \boldsymbol{\gamma}} = \frac{\partial \mathbf{v}}{\partial \boldsymbol{\gamma}}"
        r" \frac{\partial (\mathbf{v}'\mathbf{v})}{\partial \mathbf{v}} = (-\mathbf{Z})' (2\mathbf{v}) = @2\mathbf{Z}'\mathbf{v} $$"
    )
    assert [e.verdict for e in judged(text.replace("@", "-"))][-3:] == ["verified"] * 3
    assert judged(text.replace("@", "+"))[-1].verdict == "refuted"


def test_an_equation_with_primes_is_one_to_be_solved_as_with_transposes() -> None:
    for turned in ("'", r"^\top"):
        found = judged(rf"Solve $\mathbf{{BYA}}{turned} = \mathbf{{B_{{mat}}}}$ for $\mathbf{{Y}}$.")[-1]
        assert found.verdict == "unchecked", turned


@pytest.mark.parametrize("start", [r"\phantom{=}\times", r"\phantom{{}={}}\cdot", r"{}\cdot", r"\qquad \times"])
def test_a_product_goes_on_in_the_next_row(start: str) -> None:
    rows = (
        r"$$ \begin{aligned} \|\mathbf{a} + \mathbf{b}\|^2 & = (\mathbf{a} + \mathbf{b})^\top \\ & @ (\mathbf{a} + \mathbf{b})"
        r" \\ &= \mathbf{a}^\top\mathbf{a} \\ &\phantom{=} + 2\mathbf{a}^\top\mathbf{b} \\ & + \mathbf{b}^\top\mathbf{b} \end{aligned} $$"
    )
    text = r"Let $\mathbf{a}, \mathbf{b} \in \mathbb{R}^n$." + "\n\n" + rows.replace("@", start)
    assert [e.verdict for e in judged(text)] == ["verified"] * 2


def test_products_of_the_same_matrices_are_equal_by_a_law_or_not_at_all() -> None:
    rows = r"$$ \begin{aligned} G &= GHG \\ &= GHKHG \\ &= GHKHKHKHG \end{aligned} $$"
    found = judged(f"Let $G$ be an inverse of $H$ in the sense of Penrose. Then\n\n{rows}")
    assert (found[-1].verdict, found[-1].code) == ("unchecked", "hypothesis")


@pytest.mark.parametrize("word", [r"\text{Error}", "SSE", r"\mathrm{total loss}"])
def test_a_letter_behind_a_word_is_defined_by_what_follows(word: str) -> None:
    text = (
        f"The error between $a$ and $b$ is\n\n$$ {word} = Q = \\frac{{1}}{{2}} \\sum_{{i=1}}^m (a_i - b_i)^2 $$\n\nso that\n\n"
        r"$$ \frac{\partial Q}{\partial a_i} = @(a_i - b_i) $$"
    )
    right = judged(text.replace("@", ""))
    assert [e.code for e in right[:2]] == ["definition", "definition"]
    assert right[-1].verdict == "verified"
    assert judged(text.replace("@", "2"))[-1].verdict == "refuted"


@pytest.mark.parametrize(
    "said", ["Let $e$ be the vector of errors.", r"The loss is $e^\top N e$.", r"With $e'e$ as the loss:"]
)
def test_a_letter_e_that_is_a_vector_somewhere_is_no_number(said: str) -> None:
    claim = r"$$ N(Z\gamma + e) = NZ\gamma + @Ne $$"
    text = f"{said} The matrix $N$ has as many columns as $Z$ has rows.\n\n{claim}"
    assert judged(text.replace("@", ""))[-1].verdict == "verified"
    assert judged(text.replace("@", "2"))[-1].verdict == "refuted"


def test_e_is_a_number_where_it_is_raised_only() -> None:
    assert judged(r"For $f(x) = e^x$ we have $\frac{d f}{d x} = e^x$ and $\log(e) = 1$.")[-1].verdict == "verified"


def test_a_block_that_belongs_to_two_vectors_is_no_entry() -> None:
    text = (
        r"Let $\Omega = \Sigma^{-1}$. The exponent has $\mathbf{u}^T \Omega_{uu} \mathbf{u} + 2\mathbf{u}^T \Omega_{uv} \mathbf{v}$."
        "\n\n$$ \\Omega_{vv} - \\Sigma_{vv}^{-1} = \\Omega_{vu} \\Omega_{uu}^{-1} \\Omega_{uv} $$\n"
    )
    found = judged(text)[-1]
    assert (found.verdict, found.code) == ("unchecked", "reading")


def test_singular_values_beyond_the_rank_are_0() -> None:
    claim = r"$$ \operatorname{tr}(\operatorname{diag}(\sigma_1^2, \dots, \sigma_n^2)) = \sum_{i=1}^r \sigma_i^2 $$"
    assert judged(f"The singular values are known.\n\n{claim}")[-1].verdict == "unchecked"
    assert judged(f"Then we have\n\n{claim}")[-1].verdict == "refuted"


GIVEN = (
    r"We have $$ \boldsymbol{w} = \begin{pmatrix} 3 \\ 4 \\ 6 \end{pmatrix}, \quad"
    r" \mathbf{Z} = \begin{pmatrix} 1 & 0 \\ 1 & 1 \\ 1 & 2 \end{pmatrix} $$"
)


@pytest.mark.parametrize("turned", ["'", "^T", r"^\top"])
def test_what_is_worked_out_of_numbers_that_the_text_gives_is_no_equation_to_be_solved(turned: str) -> None:
    claim = rf"$$ \mathbf{{Z}}{turned}\boldsymbol{{w}} = \begin{{pmatrix}} 13 \\ @ \end{{pmatrix}} $$"
    assert judged(f"{GIVEN}\n\n{claim.replace('@', '16')}")[-1].verdict == "verified"
    assert judged(f"{GIVEN}\n\n{claim.replace('@', '17')}")[-1].verdict == "refuted"
    unknown = claim.replace("@", "17").replace("w", "b")
    assert judged(f"{GIVEN}\n\n{unknown}")[-1].code == "equation"


def test_a_letter_with_a_bar_may_be_the_mean_of_a_list() -> None:
    text = r"The variation around its mean is $$ \sum_{i=1}^n (z_i - \bar{z})^2 = \boldsymbol{z}'\boldsymbol{z} - n\bar{z}^2 $$"
    assert judged(text)[-1].verdict != "refuted"


@pytest.mark.parametrize("turned", ["^T", r"^\top", "'"])
def test_the_sign_that_transposes_is_no_letter_to_be_found(turned: str) -> None:
    given = r"Let $A \in \mathbb{R}^{n\times n}$ and $v, w \in \mathbb{R}^n$. "
    claim = rf"$$ \sum_{{i=1}}^n \sum_{{j=1}}^n A_{{ij}} v_i w_j = v{turned} A @w $$"
    assert judged(given + claim.replace("@", ""))[-1].verdict == "verified"
    assert judged(given + claim.replace("@", "A "))[-1].verdict == "refuted"


def test_a_letter_with_one_index_may_be_a_row_or_a_column_beside_entries_with_two() -> None:
    text = (
        r"The rating is $\hat{r_{ij}} = p_i^T q_j = \sum_{k=1}^K p_{ik}q_{kj}$ and the error"
        "\n\n"
        r"$$ e_{ij}^2 = (r_{ij} - \hat{r_{ij}})^2 = (r_{ij} - \sum_{k=1}^K p_{ik}q_{kj})^2 $$"
    )
    assert "refuted" not in {e.verdict for e in judged(text)}
