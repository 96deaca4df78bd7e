"""What a text says elsewhere is used where it fits, and does not spoil what is said here."""

from __future__ import annotations

from pathlib import Path
from time import thread_time

import pytest

from derivgen.notes.check import check_notes
from derivgen.notes.find import notes_of
from derivgen.notes.judge.court import Court, Outcome
from derivgen.notes.verdict import Equality


def last(text: str) -> Equality:
    return check_notes(notes_of(Path("notes.md"), text)).equalities[-1]


FAR_WORDS = "# One\n\nHere $x$ is a vector.\n\n# Two\n\nFor the power rule, "
SIGNATURE = "Take a function $f: \\mathbb{R} \\to \\mathbb{R}$. Let $f(x) = x^3 + 5x$. Then "
ENTRIES = "A map $\\mathbf{f}: \\mathbb{R}^n \\to \\mathbb{R}^m$ has $f_1(\\mathbf{x}) = x_1^2 + x_2$. So "
EXAMPLE = "A matrix is $\\mathbf{X} = \\begin{bmatrix} 1 & 2 \\\\ 3 & 4 \\end{bmatrix}$.\n\nIn general, "
AGAIN = "# One\n\nLet $g(t) = t^4$.\n\n# Two\n\nHere $h = g(t) = \\sin t$. Then "
LATER = "Let $f(x) = x^2$.\n\nBy what is set below, "
SET_BELOW = "\n\n# Below\n\nLet $f(x) = \\sin x$.\n"
NUMBERS = "Let $\\mathbf{A} = \\begin{bmatrix} 2 & 1 \\\\ 1 & 3 \\end{bmatrix}$. Then "
DELTA = "The error is $\\delta = \\frac{\\partial L}{\\partial z}$, and $z_i = \\sum_k W_{ik} x_k$. Then "


@pytest.mark.parametrize(
    ("text", "true", "false"),
    [
        (FAR_WORDS, r"\frac{d}{dx} x^2 = 2x", r"\frac{d}{dx} x^2 = 3x"),
        (SIGNATURE, r"\frac{\partial f}{\partial x} = 3x^2 + 5", r"\frac{\partial f}{\partial x} = 3x^2"),
        (ENTRIES, r"\frac{\partial f_1}{\partial x_1} = 2x_1", r"\frac{\partial f_1}{\partial x_1} = 2x_2"),
        (
            EXAMPLE,
            r"\frac{\partial \operatorname{tr}(\mathbf{X}^2)}{\partial \mathbf{X}} = 2\mathbf{X}",
            r"\frac{\partial \operatorname{tr}(\mathbf{X}^2)}{\partial \mathbf{X}} = \mathbf{X}",
        ),
        (AGAIN, r"\frac{dh}{dt} = \cos t", r"\frac{dh}{dt} = -\cos t"),
        (DELTA, r"\frac{\partial z_i}{\partial W_{jk}} = \delta_{ij} x_k", ""),
        ("", r"\frac{d}{dx} 99 = 0", r"\frac{d}{dx} x = 0"),
        (
            "",
            r"\frac{\partial \|\mathbf{F}\mathbf{G}\|_2^2}{\partial g_{ab}} = 2\sum_i f_{ia} \sum_k f_{ik} g_{kb}",
            r"\frac{\partial \|\mathbf{F}\mathbf{G}\|_2^2}{\partial g_{ab}} = 2\sum_i f_{ai} \sum_k f_{ik} g_{kb}",
        ),
    ],
)
def test_true_ones_hold(text: str, true: str, false: str) -> None:
    found = last(f"{text}${true}$.")
    assert found.verdict == "verified", found.reason
    if false:
        assert last(f"{text}${false}$.").verdict != "verified"


@pytest.mark.parametrize(
    ("text", "false"),
    [
        (FAR_WORDS, r"\frac{d}{dx} x^2 = 3x"),
        (SIGNATURE, r"\frac{\partial f}{\partial x} = 3x^2"),
        (ENTRIES, r"\frac{\partial f_1}{\partial x_1} = 2x_2"),
        (AGAIN, r"\frac{dh}{dt} = -\cos t"),
    ],
)
def test_false_ones_do_not(text: str, false: str) -> None:
    assert last(f"{text}${false}$.").verdict == "refuted"


def test_definitions_below_count_where_those_above_do_not_fit() -> None:
    text = LATER + r"$\frac{d}{dx} f(x) = \cos x$." + SET_BELOW
    assert [e.verdict for e in check_notes(notes_of(Path("notes.md"), text)).equalities] == [
        "unchecked",
        "verified",
        "unchecked",
    ]


def test_examples_in_numbers_are_worked_with() -> None:
    true = r"$\mathbf{x}^\top \mathbf{A} \mathbf{x} = 2x_1^2 + 2x_1 x_2 + 3x_2^2$."
    assert last(NUMBERS + true).verdict == "verified"
    assert last(NUMBERS + true.replace("3x", "4x")).verdict == "refuted"


def test_two_slips_have_one_repair() -> None:
    given = r"<!-- derivgen: where: x in R^n; A in R^(n*n) -->"
    found = last(given + "\n\n" + r"$$\nabla_x (x^\top A x + x^\top x) = A x - A x + 2x$$" + "\n")
    assert found.verdict == "refuted"
    assert found.repair is not None
    start, end = found.repair_start, found.repair_end
    fixed = found.formula.latex[:start] + found.repair + found.formula.latex[end:]
    assert last(f"{given}\n\n$${fixed}$$\n").verdict == "verified"


def test_what_holds_in_some_cases_is_no_claim() -> None:
    given = "Here $u = \\max(0, wx)$.\n\n"
    claim = "$$\\frac{\\partial u}{\\partial w} = x \\quad \\text{(for the case that it is active)}$$\n"
    found = last(given + claim)
    assert (found.verdict, found.code) == ("unchecked", "hypothesis")


def test_other_sizes_than_those_said_are_no_fault() -> None:
    text = "Let $\\mathbf{X} \\in \\mathbb{R}^{n \\times n}$. For any size, "
    found = last(text + r"$\|\mathbf{X}\|_F^2 = \sum_{i=1}^m \sum_{j=1}^n X_{ij}^2$.")
    assert (found.verdict, found.code) == ("unchecked", "reading")


def test_long_rules_in_tables_are_passed_over() -> None:
    rules = "\n".join("|" + "-" * 300 + "|" for _ in range(8))
    start = thread_time()
    found = last(f"# Sizes\n\n| $x$ | vector |\n{rules}\n\n$\\frac{{d}}{{dx}} x^3 = 3x^2$\n")
    assert found.verdict == "verified"
    assert thread_time() - start < 5


THREE = r"$\frac{dy}{dx} = 1$, $\frac{dy}{dz} = 1$ and $\frac{dz}{dx} = 1$. "


@pytest.mark.parametrize(
    ("text", "repair"),
    [
        (r"$\frac{\partial y}{x_k}$", r"\partial x_k"),
        (r"$\frac{\partial (a^\top x)}{\mathbf{x}}$", r"\partial \mathbf{x}"),
        (THREE + r"$\frac{d\mathbf{Y}}{x}$", "dx"),
        (THREE + r"$\frac{d}{x} u_1$", "dx"),
        (r"$\frac{d}{x} u_1$", None),
        (THREE + r"The distance is $d$. $\frac{d}{x}$", None),
        (THREE + r"$\frac{dy}{2}$", None),
        (r"$\frac{\partial y}{\partial x}$", None),
    ],
)
def test_half_derivatives(text: str, repair: str | None) -> None:
    found = [f for f in check_notes(notes_of(Path("notes.md"), text)).findings if f.code == "half-derivative"]
    assert [f.repair for f in found] == ([] if repair is None else [repair])


@pytest.mark.parametrize(
    ("text", "at", "said"),
    [
        (r"$s = g(a)(1 - g(a)$", 9, "this ( is never closed"),
        (r"$s = \frac{1}{g(a))} h(a)$", 18, "this ) closes nothing"),
        (r"$s = [\sum_t {(u - v)]w}$", 21, "this ] stands within braces, and the [ that it closes outside of them"),
        (r"$s = \{a (1 - b\}$", 9, "this ( is never closed"),
        (r"$s \in [0, 1)$ and $t \in ]0, 1[$ and $u \in (0, \infty]$", 0, ""),
        (r"$\left. \frac{s}{t} \right|_{t = 1}$ and $\left(s\right]$ and 1) and $a)$", 0, ""),
        ("$$\\begin{aligned} s &= (a \\\\[2pt] &+ b) \\text{ (as said} \\end{aligned}$$", 0, ""),
    ],
)
def test_brackets_have_others(text: str, at: int, said: str) -> None:
    found = [f for f in check_notes(notes_of(Path("notes.md"), text)).findings if f.code == "bracket"]
    assert [(f.start, f.message) for f in found] == ([(at, said)] if said else [])
    assert all(f.level == "warning" for f in found)


@pytest.mark.parametrize(
    "text",
    [
        r"With one-hot labels $\mathbf{y}$, $\sum_j y_j \log(s + t) = \log(s + t)$.",
        r"In polar coordinates $\left|\det\begin{bmatrix} r & 0 \\ 0 & 1 \end{bmatrix}\right| = r$.",
        r"The projection is $\frac{u^\top x}{u^\top u} = u^\top x$.",
        r"Here $f(x) = \sin x$. Now $f(x + h) = g(x + h) k(x + h) = f(x) + h$.",
        r"For $f = \frac12 x^\top x$ we have $\nabla_x^2 (\frac12 x^\top x) = \mathbf{1}$.",
        r"The minimizer is $\bar{\mathbf{x}} = -\mathbf{c}$. But $\mathbf{A}\bar{\mathbf{x}} + \mathbf{A}\mathbf{c} = \mathbf{A}(\bar{\mathbf{x}} - \mathbf{x}_0)$.",
        r"We solve $\begin{bmatrix} 2 & 1 \\ 2 & 3 \end{bmatrix}\begin{bmatrix} x \\ y \end{bmatrix} = \begin{bmatrix} 4x \\ 4y \end{bmatrix}$.",
        r"$x^\top (M_1 - M_2) x = -x^\top M_1 x$",
        r"$\log a b = \log a + \log b$",
        r"$Df(x) = D_x f(x)$",
        r"For one sample, $N = |X| = 1$.",
        r"By Einstein's convention $\frac{d}{dx_k} x_i a_{ij} x_j = a_{kj} x_j + x_i a_{ik}$.",
    ],
)
def test_what_holds_under_a_condition_is_not_refuted(text: str) -> None:
    assert all(e.verdict != "refuted" for e in check_notes(notes_of(Path("notes.md"), text)).equalities)


@pytest.mark.parametrize(
    "text",
    [
        r"$(\mathbf{A}\mathbf{v})_i = \sum_j a_{ij} v_j$",
        r"$\operatorname{tr}(\mathbf{A}) = \sum_i a_{ii}$",
        r"$\frac{d}{dx}(g(x) h(x)) = g(x)\frac{dh}{dx}(x) + \frac{dg}{dx}(x) h(x)$",
    ],
)
def test_ways_of_writing(text: str) -> None:
    assert last(text).verdict == "verified"
    assert (
        last(text.replace("a_{ij}", "a_{ji}").replace("a_{ii}", "2a_{ii}").replace(" + ", " - ")).verdict == "refuted"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # a loss that an earlier section defines, and a function of which nothing is said on the way
        (
            "## Forward\n\n$$r = \\frac{\\mu}{2} \\left(\\|\\mathbf{U}\\|_F^2 + \\|\\mathbf{V}\\|_F^2\\right)$$\n\n## Back\n\n"
            "$$\\frac{\\partial r}{\\partial \\mathbf{U}} = \\mu \\mathbf{U}$$",
            "verified",
        ),
        (
            "## Forward\n\n$$\\mathbf{q} = \\mathbf{U}\\mathbf{p}, \\quad E = \\ell(\\mathbf{q})$$\n\n## Back\n\n"
            "$$\\frac{\\partial E}{\\partial \\mathbf{p}} = \\operatorname{link}\\left(\\frac{\\partial E}{\\partial \\mathbf{q}}, "
            "\\frac{\\partial \\mathbf{q}}{\\partial \\mathbf{p}}\\right) = \\mathbf{U}^\\top \\frac{\\partial E}{\\partial \\mathbf{q}}$$",
            "verified",
        ),
        # a long product that is broken over rows
        (
            "$$\\begin{aligned} (u + v)^2 (u - v) &= \\left(u^2 + 2uv + \\right. \\\\ & \\left. v^2\\right) \\times \\\\ & (u - v) \\end{aligned}$$",
            "verified",
        ),
        # rows of a matrix that lie, which is seen from what they are multiplied by
        ("Let $A$ be a matrix. $$\\sum_{i=1}^n A_{ki} y_i = A_k y$$", "verified"),
        ("Let $A$ be a matrix. $$\\left[\\begin{matrix} A_1 y \\\\ \\vdots \\\\ A_n y\\end{matrix}\\right] = A y$$", "verified"),
        ("Let $A$ be a matrix. $$\\sum_{i=1}^n A_{ik} y_i = A_k y$$", "unchecked"),
        # a gradient as a list is no question of layout
        ("Derivatives are written in denominator layout. Let $g(s, t) = s^2 t$. $$\\nabla g(s, t) = [2st, s^2]$$", "verified"),
        # the norm with a 2 where a text has no other, and where it has one
        ("$$\\frac{d}{d\\mathbf{B}} \\|\\mathbf{C} - \\mathbf{B}\\|_2^2 = -2(\\mathbf{C} - \\mathbf{B})$$", "verified"),
        (
            "With the Frobenius norm. $$\\frac{d}{d\\mathbf{B}} \\|\\mathbf{C} - \\mathbf{B}\\|_2^2 = -2(\\mathbf{C} - \\mathbf{B})$$",
            "unchecked",
        ),
        ("For an invertible $S$: $$d \\det S = \\operatorname{tr}(\\operatorname{adj}(S)\\, dS)$$", "verified"),
        ("For an invertible $S$: $$d \\det S = \\operatorname{tr}(\\operatorname{adj}(S)^T\\, dS)$$", "refuted"),
    ],
)  # fmt: skip
def test_what_is_meant_beyond_what_is_said(text: str, expected: str) -> None:
    assert last(text).verdict == expected


def test_terms_that_cancel_say_something() -> None:
    text = "Let $d\\mathbf{M}$ be a differential.\n\n$$d\\mathbf{M}\\,\\mathbf{M}^{-1} + \\mathbf{M}\\, d(\\mathbf{M}^{-1}) = d(\\mathbf{M}\\mathbf{M}^{-1})$$\n"
    assert last(text).verdict == "verified"


MAPPED = "Let $q = \\mathbf{U}p$. Then "


@pytest.mark.parametrize(
    ("text", "true", "false"),
    [
        (
            MAPPED,
            r"\frac{\partial E}{\partial p} = \mathbf{U}^\top \frac{\partial E}{\partial q}",
            r"\frac{\partial E}{\partial p} = \mathbf{U} \frac{\partial E}{\partial q}",
        ),
        (
            "",
            r"\frac{\partial \phi(b^\top v)}{\partial v_k} = \frac{\partial \phi(b^\top v)}{\partial (b^\top v)} b_k",
            r"\frac{\partial \phi(b^\top v)}{\partial v_k} = \frac{\partial \phi(b^\top v)}{\partial (b^\top v)} v_k",
        ),
        (
            "",
            r"(s+t)^2 = \operatorname{expand}(s,t) = s^2+2st+t^2",
            r"(s+t)^2 = \operatorname{expand}(s,t) = s^2+st+t^2",
        ),
    ],
)
def test_true_ones_hold_and_false_ones_do_not(text: str, true: str, false: str) -> None:
    found = last(f"{text}$${true}$$\n")
    assert found.verdict == "verified", found.reason
    found = last(f"{text}$${false}$$\n")
    assert found.verdict == "refuted", found.reason


SHAPED = "Let $\\mathbf{F}$ be a $p \\times q$ matrix. "
LISTED = "Let $\\mathbf{B}=[\\mathbf{b}_1~\\mathbf{b}_2~\\cdots~\\mathbf{b}_k]$, $\\mathbf{D} = (d_{ij})$ and $\\mathbf{M}'=\\mathbf{M}+\\mathbf{I}$. "
AIM = (
    LISTED
    + "We look for $$\\underset{\\mathbf{B}}{\\operatorname{arg\\,min}}\\, r = \\operatorname{tr}(\\mathbf{M}'\\mathbf{B}\\mathbf{B}^\\top)$$\n\nThen "
)


@pytest.mark.parametrize(
    ("text", "true", "false"),
    [
        (
            SHAPED,
            r"\frac{dr}{d\mathbf{F}} = \begin{bmatrix} \frac{\partial r}{\partial f_{:1}} \\ \frac{\partial r}{\partial f_{:2}} \\ \vdots \\ \frac{\partial r}{\partial f_{:q}} \end{bmatrix}",
            r"\frac{dr}{d\mathbf{F}} = \begin{bmatrix} 2\frac{\partial r}{\partial f_{:1}} \\ 2\frac{\partial r}{\partial f_{:2}} \\ \vdots \\ 2\frac{\partial r}{\partial f_{:q}} \end{bmatrix}",
        ),
        (
            AIM,
            r"\frac{\partial r}{\partial \mathbf{B}} = (\mathbf{M}+\mathbf{M}^\top + 2\mathbf{I})\mathbf{B}",
            r"\frac{\partial r}{\partial \mathbf{B}} = (\mathbf{M}+\mathbf{M}^\top + \mathbf{I})\mathbf{B}",
        ),
        (
            AIM,
            r"dr = \operatorname{tr}(\mathbf{B}^\top(\mathbf{M}'+\mathbf{M}'^\top) d\mathbf{B})",
            r"dr = \operatorname{tr}(\mathbf{B}^\top(\mathbf{M}'-\mathbf{M}'^\top) d\mathbf{B})",
        ),
        (
            LISTED,
            r"d\operatorname{tr}(\mathbf{D}^\top\mathbf{D}) = 2\operatorname{tr}(\mathbf{D}^\top d\mathbf{\mathbf{D})}",
            r"d\operatorname{tr}(\mathbf{D}^\top\mathbf{D}) = 2\operatorname{tr}(\mathbf{D} d\mathbf{\mathbf{D})}",
        ),
    ],
)
def test_rows_lists_and_aims_are_what_they_say(text: str, true: str, false: str) -> None:
    found = last(f"{text}$${true}$$\n")
    assert found.verdict == "verified", found.reason
    found = last(f"{text}$${false}$$\n")
    assert found.verdict != "verified", found.reason


def test_how_far_a_differential_reaches_in_a_parenthesis_is_not_said() -> None:
    found = last(r"$$d(\mathbf{H}\mathbf{H}^\top) = \mathbf{I}(d\mathbf{H}\mathbf{H}^\top)$$" + "\n")
    assert (found.verdict, found.code) == ("unchecked", "reading")


STATES = (
    "Let $s_k = \\phi(u_k, s_{k-1}, c)$ and $p_k = \\psi(s_k, v)$. The cost is "
    "$R = \\frac{1}{K} \\sum_{k=1}^K \\ell(p_k, q_k)$. Then "
)
LINEAR = (
    "With $\\mathbf{s}_k = A\\mathbf{u}_k + B\\mathbf{s}_{k-1}$ and $\\mathbf{p}_k = C\\mathbf{s}_k$, let "
    "$R = \\sum_{k=1}^K \\ell(\\mathbf{p}_k)$. In gradient layout, which has the shape of the variable, "
)


@pytest.mark.parametrize(
    ("text", "true", "false"),
    [
        (
            STATES,
            r"\frac{\partial s_k}{\partial c} = \frac{\partial \phi(u_k, s_{k-1}, c)}{\partial c} + \frac{\partial \phi(u_k, s_{k-1}, c)}{\partial s_{k-1}}\frac{\partial s_{k-1}}{\partial c}",
            r"\frac{\partial s_k}{\partial c} = \frac{\partial \phi(u_k, s_{k-1}, c)}{\partial c} + \frac{\partial \phi(u_k, s_{k-1}, c)}{\partial s_{k-1}}\frac{\partial s_k}{\partial c}",
        ),
        (
            STATES,
            r"\frac{\partial R}{\partial c} = \frac{1}{K} \sum_{k=1}^K \frac{\partial \ell(p_k, q_k)}{\partial p_k}\frac{\partial \psi(s_k, v)}{\partial s_k}\frac{\partial s_k}{\partial c}",
            r"\frac{\partial R}{\partial c} = \sum_{k=1}^K \frac{\partial \ell(p_k, q_k)}{\partial p_k}\frac{\partial \psi(s_k, v)}{\partial s_k}\frac{\partial s_k}{\partial c}",
        ),
        (
            STATES,
            r"\frac{\partial s_k}{\partial s_1} = \prod_{j=2}^{k} \frac{\partial \phi(u_j, s_{j-1}, c)}{\partial s_{j-1}}",
            r"\frac{\partial s_k}{\partial s_1} = \prod_{j=1}^{k} \frac{\partial \phi(u_j, s_{j-1}, c)}{\partial s_{j-1}}",
        ),
        (
            LINEAR,
            r"\frac{\partial R}{\partial \mathbf{s}_k} = B^\top \frac{\partial R}{\partial \mathbf{s}_{k+1}} + C^\top \frac{\partial R}{\partial \mathbf{p}_k}",
            r"\frac{\partial R}{\partial \mathbf{s}_k} = B \frac{\partial R}{\partial \mathbf{s}_{k+1}} + C^\top \frac{\partial R}{\partial \mathbf{p}_k}",
        ),
        (
            LINEAR,
            r"\frac{\partial R}{\partial \mathbf{s}_K} = C^\top \frac{\partial R}{\partial \mathbf{p}_K}",
            r"\frac{\partial R}{\partial \mathbf{s}_{K-1}} = C^\top \frac{\partial R}{\partial \mathbf{p}_{K-1}}",
        ),
        (
            LINEAR,
            r"\frac{\partial R}{\partial B} = \sum_{k=1}^K \frac{\partial R}{\partial \mathbf{s}_k}\mathbf{s}_{k-1}^\top",
            r"\frac{\partial R}{\partial B} = \sum_{k=1}^K \frac{\partial R}{\partial \mathbf{s}_k}\mathbf{s}_k^\top",
        ),
        (
            "",
            r"\frac{\partial r^3}{m \cdot \partial r} = \frac{3}{m} r^2",
            r"\frac{\partial r^3}{m \cdot \partial r} = 3m r^2",
        ),
    ],
)
def test_recurrences_are_written_out(text: str, true: str, false: str) -> None:
    found = last(f"{text}$${true}$$\n")
    assert found.verdict == "verified", found.reason
    found = last(f"{text}$${false}$$\n")
    assert found.verdict != "verified", found.reading


def test_a_bold_capital_is_no_number_by_which_something_holds() -> None:
    assert last(r"$$\frac{\mathbf{U}}{1 + \mathbf{U}} = 1 - \frac{1}{1 + \mathbf{U}}$$" + "\n").verdict == "unchecked"
    said = "<!-- derivgen: where: U in R -->\n\n"
    assert (
        last(said + r"$$\frac{\mathbf{U}}{1 + \mathbf{U}} = 1 - \frac{1}{1 + \mathbf{U}}$$" + "\n").verdict
        == "verified"
    )


def test_a_sign_that_is_left_out_below_a_line_is_refuted_where_it_would_hold_with_it() -> None:
    mended = r"\frac{\partial \psi(c^\top v)}{\partial v_k} = \psi'(c^\top v) \frac{\partial (c^\top v)}{v_k}"
    found = check_notes(notes_of(Path("notes.md"), f"$${mended}$$\n"))
    (equality,) = found.equalities
    assert (equality.verdict, equality.code, equality.repair) == ("refuted", "form", r"\partial v_k")
    assert [f.code for f in found.findings] == []
    assert last(f"$${mended.replace('c^', 'b^', 1)}$$\n").verdict != "refuted"


def test_what_is_held_abstract_is_not_heard_without_what_the_text_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leaving definitions out reads no expectation, and a text of many takes long."""
    heard: list[str] = []
    before = Court.compare

    def counted(court: Court, i: int, j: int) -> Outcome:
        heard.append(" = ".join(court.latexes[k] for k in (i, j)))
        return before(court, i, j)

    monkeypatch.setattr(Court, "compare", counted)
    said = "Let $z = a + b$ and $g(v) = v^2$.\n\n# Two\n\n"
    held = r"\mathbb{E}_p[g(v) + z]"
    assert last(f"{said}$$r = 2, \\quad {held} = {held.replace('p', 'q')} + r$$\n").code == "random"
    assert len(heard) == 1
    assert last(f"{said}$$r = 2, \\quad g(v) + z = g(v) + 2z + r$$\n").verdict != "verified"
    assert len(heard) > 4
