"""What does not hold is an error where it rests on nothing that was guessed, and else a warning that shows the reading."""

from __future__ import annotations

from pathlib import Path

import pytest

from derivgen.check.judge import Judge
from derivgen.deadline import on_time
from derivgen.notes import judging
from derivgen.notes.check import check_notes
from derivgen.notes.faults.placed import is_told_by_its_place
from derivgen.notes.faults.repair import Repair
from derivgen.notes.find import notes_of
from derivgen.notes.reports.entry import report_of
from derivgen.notes.reports.formats import as_text
from derivgen.notes.verdict import Equality
from derivgen.read import parse_text
from derivgen.read.declare import declare


def last(text: str) -> Equality:
    return check_notes(notes_of(Path("notes.md"), text), seconds=10).equalities[-1]


@pytest.mark.parametrize(
    "text",
    [
        # nothing is guessed
        r"Let $M \in \mathbb{R}^{n\times n}$ and $u \in \mathbb{R}^n$. $$u^\top M u = \sum_{i=1}^n \sum_{j=1}^n M_{ij} u_i$$",
        r"Let $M, N$ be square matrices of one size. $$\det(M + N) = \det(M) + \det(N)$$",
        # it fails for numbers, so it fails for arrays
        r"$$(u + v)^2 = u^2 + v^2$$",
        r"$$(d - M^\top v)^\top K^{-1} (d - M^\top v) - (d - M^\top v)^\top K^{-1} (d - M^\top v) = -\frac{1}{2} (d - M^\top v)^\top K^{-1} (d - M^\top v)$$",
        r"$$\frac{d}{dt}(t \ln t - t) = \ln t - 1$$",
        # a repair tells, a side of numbers that is worked out is one, and another index is another place
        r"$$\frac{\partial (a \log t + b \log(1 - t))}{\partial t} = \frac{a}{t} + \frac{b}{1 - t}$$",
        r"$$\frac{d}{dt} (6 t) = 12$$",
        r"Let $M \in \mathbb{R}^{n\times n}$. $$\frac{\partial \operatorname{tr}(M)}{\partial M_{ij}} = 2 + \delta_{ij}$$",
        # a derivative is 0 at one place alone, and none is set equal to a product that is worked out
        r"Let $u, v \in \mathbb{R}^n$. $$\frac{\partial}{\partial u_j} v_i^{u_i} = \delta_{il} u_i^2 v_i$$",
        r"Let $u, v \in \mathbb{R}^n$. $$\frac{\partial}{\partial u} (v^\top u) = \mathbf{1}^\top \operatorname{diag}(\mathbf{1})$$",
        # what a bracket holds on the other side, and a function's name that has no arguments
        r"$$\frac{d}{ds} h(p + s q) = \nabla h(p + q q)^\top q$$",
        r"$$1 - \sigma(a) = \sigma(-\sigma)$$",
        # a transpose of what is in bold
        r"Let $\mathbf{u}_i \in \mathbb{R}^n$. $$2 \begin{cases} 0 & z_i \leq 0 \\ r_i \mathbf{u}_i^\top & z_i > 0 \end{cases} "
        r"= 2 r_i \begin{cases} \mathbf{0}^\top & z_i \leq 0 \\ \mathbf{u}_i & z_i > 0 \end{cases}$$",
    ],
)
def test_what_rests_on_nothing_guessed_is_an_error(text: str) -> None:
    found = last(text)
    assert (found.verdict, found.fails) == ("refuted", True), found.reason


@pytest.mark.parametrize(
    "text",
    [
        # conditions that stand elsewhere: columns of length 1, an eigenvalue, a constraint, indices that differ
        r"The columns of $V$ are orthonormal. $$VV^\top VV^\top = VV^\top$$",
        r"Now $R = VV^\top$, so it repeats itself: $$R^2=R$$",
        r"The columns are orthogonal to each other, $R = V V^\top$ with $V \in \mathbb{R}^{n \times k}$. $$VV^\top VV^\top = VV^\top$$",
        r"$$\frac{\partial}{\partial u_i} \frac{e^{u_j}}{\sum_k e^{u_k}} = -e^{u_j} \left(\sum_k e^{u_k}\right)^{-2} e^{u_i}$$",
        # values at a point, an optimum put in, the order of variables that nobody names
        r"Let $q = p w + b$ and $E = (q - c)^2$. Then $$\frac{\partial E}{\partial w} = 8$$",
        r"$$2 a t - 2 \sum_{i=1}^n (q_i - t p_i - t_0) p_i = 2 a t - 2 \sum_{i=1}^n \Big(q_i - t p_i - \frac{1}{n} \sum_{k=1}^n (q_k - t p_k)\Big) p_i$$",
        r"Let $E = \sum_{i=1}^n (q_i - t p_i - s)^2 + a t^2$. $$\nabla E = \Big[\frac{\partial E}{\partial s}, \frac{\partial E}{\partial t}\Big]$$",
        # a function of which nothing is said, a maximum whose inside has a sign, counts in a list
        r"$$\nabla r(v)^\top (u - v) = r(u) - r(v)$$",
        r"$$\max(0, u) + (v - u) = u + (v - u)$$",
        r"We have $$\text{count}(a) = 2, \text{count}(b) = 1$$",
        # a derivative that is set equal to a value, and one of what depends on something that is not said
        r"Let $u, v \in \mathbb{R}^n$. $$\frac{\partial}{\partial u} (v^\top u) = \mathbf{1}^\top$$",
        r"Let $u, v \in \mathbb{R}^n$. $$\frac{\partial v_i}{\partial u_j} = u_i$$",
    ],
)
def test_what_rests_on_a_guess_is_no_error(text: str) -> None:
    found = last(text)
    assert found.verdict == "unchecked", (found.reason, found.repair)


def test_a_warning_shows_the_reading_and_the_values() -> None:
    text = "Let $q = p w + b$ and $E = (q - c)^2$. Then $$\\frac{\\partial E}{\\partial w} = 8$$\n"
    checked = check_notes(notes_of(Path("notes.md"), text))
    report = report_of(checked)
    (entry,) = [e for e in report.entries if e.code == "doubtful"]
    assert (entry.level, entry.verdict) == ("warning", "unchecked")
    assert entry.message.startswith("does not hold as read: the sides differ: ")
    assert "8 on the right" in entry.message
    assert "p, w, b, c in R, by custom" in entry.message
    assert entry.carets
    assert entry.values
    assert list(checked.refuted()) == []
    assert "0 refuted" in as_text([report])
    assert "1 warning" in as_text([report])


def test_after_a_doubtful_member_the_next_is_compared_with_the_last_good_one() -> None:
    chain = r"$$(M N)^2 + K = M^2 N^2 + K = K + M N M N$$"
    found = check_notes(notes_of(Path("notes.md"), chain)).equalities
    assert [(e.verdict, e.code) for e in found] == [("unchecked", "doubtful"), ("verified", "")]


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ("x.T @ A @ x", "sum(A @ x) * sum(x)", True),  # so they are for one entry alone
        ("x.T @ A @ x", "2 * x.T @ A @ x", False),
        ("A @ A.T", "A.T @ A", True),
        ("x[1] * x", "x * x", None),  # a place beyond the first
    ],
)
def test_sides_are_compared_where_every_array_has_one_entry(one: str, other: str, equal: bool | None) -> None:
    where = declare("x in R^n; A in R^(n*n)")
    a, b = (parse_text(text, where) for text in (one, other))
    assert Judge().agree_as_numbers(a, b) is equal


def test_whether_a_row_of_a_matrix_lies_or_stands_is_no_fault() -> None:
    given = r"Let $g(z) = f(Bz)$. "
    found = last(given + r"$$\sum_{k=1}^n \frac{\partial f(Bz)}{\partial x_k} B_{ki} = (B^T)_i \nabla_x f(Bz)$$")
    assert found.verdict != "refuted", found.reason


@pytest.mark.parametrize("first", ["z \\leq 3", "z \\leq 0"])
def test_one_who_tells_cases_apart_means_both(first: str) -> None:
    value = "0" if first != "z \\leq 0" else "4"
    found = last(
        rf"$$\frac{{\partial}}{{\partial z}} \max(0, z) = \begin{{cases}} {value} & {first} \\ 1 & z > 0 \end{{cases}}$$"
    )
    assert found.verdict == "refuted", found.reason


def test_a_theorem_is_no_slip_of_its_letters() -> None:
    """An example before it gives the point a value; that says nothing of the x by which is derived."""
    found = last(
        r"At $\mathbf{x} = [1, 2]^\top$ the entries are numbers."
        "\n\n"
        r"If $\mathbf{u}: \mathbb{R}^p \to \mathbb{R}^n$ and $\mathbf{v}: \mathbb{R}^n \to \mathbb{R}^m$, then with "
        r"$\mathbf{r}(\mathbf{x}) = \mathbf{v}(\mathbf{u}(\mathbf{x}))$ it is $$\frac{\partial \mathbf{r}}{\partial \mathbf{x}} = "
        r"\left( \frac{\partial \mathbf{v}}{\partial \mathbf{u}} \right) \left( \frac{\partial \mathbf{u}}{\partial \mathbf{x}} \right)$$"
    )
    assert found.verdict != "refuted", found.reason


@pytest.mark.parametrize(
    ("kind", "side", "was", "now", "other", "told"),
    [
        ("transpose", r"2(a - v^\top w^\top) w", r"w^\top", "w", r"\left( a-v^\top w\right)^2", True),
        (
            "transpose",
            r"2(a - v^\top w^\top) w",
            r"w^\top",
            "w",
            r"(a - v^\top w^\top)^2",
            False,
        ),  # it stands there, too
        ("transpose", r"(w^\top) v", r"w^\top", "w", r"q(w)", False),  # a bracket around the part alone
        ("letter", r"\nabla h(p + q q)", "q", "s", r"h(p + s q)", True),
        ("letter", r"\nabla h(p + q q)", "q", "s", r"h(p) + s q", False),
        ("letter", r"e^{-\sigma}", r"\sigma", "z", r"\sigma'(z)", True),
        ("letter", r"h(h) + q", "h", "q", r"0", False),  # there it has its argument
        ("letter", r"x^\top h", "h", "q", r"\sinh(z)", False),
    ],
)
def test_the_place_of_a_repair_speaks(kind: str, side: str, was: str, now: str, other: str, told: bool) -> None:
    start = side.index(was)
    repair = Repair(0, start, start + len(was), now, kind)
    assert is_told_by_its_place(repair, side, other) is told


def test_a_repair_that_takes_long_does_not_take_the_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    def looks_for_ever(*given: object, **more: object) -> Repair | None:
        while True:
            on_time()

    monkeypatch.setattr(judging, "repaired", looks_for_ever)
    text = r"Let $\mathbf{A} \in \mathbb{R}^{n\times n}$ and $\mathbf{v} \in \mathbb{R}^n$. $$ \mathbf{A}\mathbf{v} + \mathbf{v} = 2\mathbf{A}\mathbf{v} + \mathbf{v} $$"
    (found,) = check_notes(notes_of(Path("notes.md"), text), seconds=0.4).equalities
    assert (found.verdict, found.code) == ("refuted", "false")


SIZES = "<!-- derivgen: where: X in R^(n*k); A in R^(n*n) -->\n\n"


def test_a_letter_of_which_nothing_is_said_is_a_matrix_where_one_side_has_no_shape_else() -> None:
    true = r"$$\operatorname{tr}(G^\top A X) = \operatorname{tr}(X^\top A^\top G)$$"
    assert last(SIZES + true).verdict == "verified"
    found = last(SIZES + true.replace(r"A^\top G)", r"A^\top G^\top)"))
    assert (found.verdict, found.code) == ("refuted", "shape")
    assert found.repair is not None
