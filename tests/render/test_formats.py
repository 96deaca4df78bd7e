"""Every format shows the whole derivation, and nothing in a name or a reason breaks out of it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, get_args

import jsonschema
import pytest

import derivgen
from derivgen import derive
from derivgen.check.verdict import Verdict
from derivgen.derivation.problem import Problem
from derivgen.errors import DerivgenError
from derivgen.expr import Expr, Symbol
from derivgen.formats import FORMATS
from derivgen.options import Options
from derivgen.read import declare, parse_text
from derivgen.read.reading import NOTHING_READ
from derivgen.rules import BOOK
from derivgen.rules.reason import worded
from derivgen.rules.step import Step
from derivgen.show import render, render_all
from derivgen.show.document.blocks import Block, Item
from derivgen.show.document.context import answer_latex
from derivgen.show.document.document import document_of
from derivgen.show.document.writer import Writer
from derivgen.show.formats import Wishes

WHERE = "w, x in R^n; b in R"
VERIFIED = Verdict("verified", "both sides agree", 8, {"n": 3}, "exact")
REFUTED = Verdict(
    "refuted", "the two sides have different values", 1, {"n": 3}, "exact",
    point={"w": [1, 2, 3], "x": [[4, 5], [6, 7]]}, place="entry (1, 2)", left="3/2", right="7",
)  # fmt: skip
UNCHECKED = Verdict("unchecked", "the domain was not met")


def read(text: str) -> Expr:
    return parse_text(text, WHERE + "; y in R^n; z in R", free_indices=True)


JACOBIAN = "[[partial(y[i], w[j]) for j in range(n)] for i in range(n)]"
DIAGONAL = "[[x[i] * (i == j) for j in range(n)] for i in range(n)]"
ENTRY = "partial(y[i], w[j])"


def hadamard(*, checks: tuple[Verdict | None, ...] = (VERIFIED,) * 3, **changes: Any) -> Any:
    """Gold derivation 1, by hand."""
    left = read(JACOBIAN)
    inner = Step("unfold", "Go in", read("(w * x)[i]"), read("w[i] * x[i]"), worded("By meaning."), check=checks[0])
    steps = (
        Step("entry-by-entry", "Write the scalar equations", read("(w * x)[i]"), read("w[i] * x[i]"),
             worded("Entry $i$ of a product."), "unfold", read("y[i]"), check=checks[0], substeps=(inner,)),
        Step("place-entries", "Recombine", read(DIAGONAL), read(DIAGONAL), worded("All else is zero."), "recombine", left,
             "diagonal", check=checks[1]),
        Step("name-diagonal", "Name the matrix", read(DIAGONAL), read("diag(x)"), worded("It is called diag."), "recombine",
             left, check=checks[2]),
    )  # fmt: skip
    statuses = [v.status for v in checks if v is not None]
    verdict = "refuted" if "refuted" in statuses else "unchecked" if len(statuses) < 3 else "verified"
    declared = declare(WHERE)
    w = declared.symbols["w"]
    problem = Problem(read("w * x"), w, dict(declared.symbols), options=Options(method="scalar"))
    found: dict[str, Any] = {
        "problem": problem, "name": read("y"), "left": left, "steps": steps, "result": read("diag(x)"),
        "where_names": (), "printed_result": read("diag(x)"), "said_result": (read("diag(x)"), ()), "conditions": (), "notes": ("this is a note",), "remarks": lambda called: ("this is a note",), "stacked": None,
        "checked": True, "reading": NOTHING_READ, "verdict": verdict, "answer_check": VERIFIED,
    }  # fmt: skip
    return SimpleNamespace(**(found | changes))


def test_text_in_full() -> None:
    assert render(hadamard(), "text") == (Path(__file__).parent / "hadamard.txt").read_text(encoding="utf-8")


def test_markdown_in_full() -> None:
    assert render(hadamard(), "markdown") == (Path(__file__).parent / "hadamard.md").read_text(encoding="utf-8")


PAGES = ("text", "latex", "tex", "beamer", "markdown", "html", "mathml")
"""The formats that show a derivation in words."""


@pytest.mark.parametrize("name", PAGES)
def test_every_format_shows_the_parts(name: str) -> None:
    shown = render(hadamard(), name)
    for part in ("Derivative with respect to", "Vectors are columns", "Write the scalar equations", "entry-by-entry",
                 "This is a note.", "Verified: all 3 steps", "Answer"):  # fmt: skip
        assert part in shown


def test_an_unknown_format_is_refused_with_the_known_ones() -> None:
    with pytest.raises(DerivgenError, match="no format 'docx'") as refusal:
        render(hadamard(), "docx")
    assert "markdown" in (refusal.value.hint or "")


def test_detail_brief_merges_a_stage_and_full_opens_the_steps() -> None:
    brief, normal, full = (render(hadamard(), "text", detail=d) for d in ("brief", "normal", "full"))
    assert "Name the matrix" not in brief
    assert "2. Recombine" in brief
    assert "∂y/∂w = diag(x)" in brief
    assert "3. Name the matrix" in normal
    assert "1.1 Go in" not in normal
    assert "1.1 Go in" in full


def test_a_refuted_step_is_shown_with_its_evidence() -> None:
    shown = render(hadamard(checks=(VERIFIED, VERIFIED, REFUTED)), "text")
    assert "✗ refuted: the two sides have different values; left 3/2, right 7 at entry (1, 2);" in shown
    assert "w = [1, 2, 3], x = [[4, 5], [6, 7]]" in shown
    assert "✗ Refuted: step 3 does not hold." in shown


def test_a_step_that_prints_as_the_one_above_is_folded_under_the_worse_verdict() -> None:
    d = hadamard()
    d.steps = (*d.steps, replace(d.steps[-1], title="Again", check=UNCHECKED))
    shown = render(d, "text")
    assert "Again" not in shown
    assert "? not checked: the domain was not met" in shown


def test_unchecked_is_said() -> None:
    d = hadamard(checks=(None, None, None), checked=False, answer_check=None)
    assert "Not checked: the numeric check was turned off." in render(d, "text")


def test_colours_only_if_asked_for() -> None:
    assert "\033" not in render(hadamard(), "text")
    assert "\033[32m" in render(hadamard(), "text", color=True)


def test_markdown_displays_are_blocks_of_their_own_without_blank_lines() -> None:
    shown = render(hadamard(), "markdown", detail="full")
    assert shown.count("$$") == 2 * len(re.findall(r"\n\n\$\$\n(?:(?!\n\n)[^$])+\n\$\$\n\n", shown))
    assert "{{" not in shown
    assert not [line for line in shown.splitlines() if line.startswith("#") and "$" in line]


HOSTILE = r"\input{/etc/passwd} $$ <script>alert(1)</script> `x` **b** [a](javascript:1) {{ 1 }} 100% & # _"


def test_hostile_reasons_and_titles_are_escaped() -> None:
    d = hadamard()
    d.steps = (replace(d.steps[0], title=HOSTILE, reason=worded(HOSTILE + " $")),)
    markdown = render(d, "markdown")
    assert "<script>" not in markdown
    assert not re.search(r"(?<!\\)\]\(", markdown)
    assert "{{" not in markdown
    tex = render(d, "latex")
    assert r"\input{" not in tex
    assert r"100\%" in tex
    d.steps = (replace(d.steps[0], reason=worded("\x1b[2J and \x07")),)
    assert "\x1b" not in render(d, "text")
    assert "\x07" not in render(d, "text")


def test_brief_chain_is_the_links_and_the_answer() -> None:
    d = derive("sum(tanh(W @ x + b))", "x", "x in R^n; W in R^(m*n); b in R^m")
    text = render(d, "text", detail="brief")
    assert re.findall(r"^\d+\. (.*)", text, re.MULTILINE) == [
        "Name the intermediates", "Differentiate the links", "Multiply the Jacobians",
    ]  # fmt: skip
    links = [s for s in d.steps if s.rule == "derive-link"]
    second = text[text.index("2. ") : text.index("3. ")]
    assert len(links) > 1
    assert len(re.findall(r"^ {6}∂", second, re.MULTILINE)) == len(links)  # one line for each
    assert "steps" in text  # all of them were checked


def test_refuted_steps_are_named() -> None:
    assert "Refuted: steps 1 and 3 do not hold." in render(hadamard(checks=(REFUTED, VERIFIED, REFUTED)), "text")
    assert "Refuted: steps 1, 2 and 3 do not hold." in render(hadamard(checks=(REFUTED,) * 3), "text")
    assert "Refuted: step 2 does not hold." in render(hadamard(checks=(VERIFIED, REFUTED, VERIFIED)), "text")


def test_json_keeps_to_the_schema_of_the_manual(root: Path, corpus: dict[str, Any]) -> None:
    schema = json.loads((root / "docs/data/derivation.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    valid = jsonschema.Draft202012Validator(schema)
    refuted = hadamard(checks=(VERIFIED, None, REFUTED))
    several = render_all([hadamard(), hadamard()], "json")
    for text in (render(refuted, "json"), several, *(d.to("json") for d in corpus.values())):
        valid.validate(json.loads(text))
    broken = json.loads(render(refuted, "json"))
    for change in ({"version": 1}, {"more": 1}, {"verdict": "fine"}, {"define": None}):
        assert not valid.is_valid({**broken, **change})


def test_json_has_the_fields_of_the_interface() -> None:
    data = json.loads(render(hadamard(checks=(VERIFIED, VERIFIED, REFUTED)), "json"))
    assert list(data)[:10] == [
        "version",
        "expression",
        "wrt",
        "where",
        "reading",
        "define",
        "order",
        "layout",
        "structured",
        "method",
    ]
    assert data["expression"] == "w * x"
    assert data["wrt"] == "w"
    assert data["result"] == {"text": "diag(x)", "latex": r"\operatorname{diag}(\mathbf{x})"}
    assert data["verdict"] == "refuted"
    first, _, last = data["steps"]
    assert set(first) == {"rule", "title", "before", "after", "via", "reason", "verdict", "evidence", "substeps"}
    assert first["after"] == {"text": "w[i] * x[i]", "latex": "w_i x_i"}
    assert first["substeps"][0]["rule"] == "unfold"
    assert last["evidence"]["left"] == "3/2"


def test_the_answer_alone() -> None:
    assert answer_latex(hadamard()) == (
        r"\frac{\partial \mathbf{y}}{\partial \mathbf{w}} = \operatorname{diag}(\mathbf{x})"
    )


def test_the_arguments_are_reduced_where_the_element_wise_condition_says_so() -> None:
    from derivgen import derive

    shown = derive("f(w) <> g(x)", wrt="w", where="w, x in R^n; f, g: R^n -> R^n elementwise").to("text")
    first, _, rest = shown.partition("The element-wise condition")
    assert "f₁(w) ◯ g₁(x)" in first
    assert "f₁(w₁)" not in first
    assert "∂/∂wⱼ (fᵢ(w) ◯ gᵢ(x)) = ⎰ ∂/∂wᵢ (fᵢ(wᵢ) ◯ gᵢ(xᵢ))" in rest
    assert "f, g: ℝⁿ → ℝⁿ (element-wise)" in first


def test_a_chain_of_equalities_that_is_too_wide_goes_on_below() -> None:
    from derivgen import derive

    chain = "x"
    for k in range(6):
        chain = f"tanh(W{k} @ {chain})"
    where = "x in R^n; " + "; ".join(f"W{k} in R^(n*n)" for k in range(6))
    shown = derive(chain, wrt="x", where=where, check=False).to("text")
    assert max(map(len, shown.splitlines())) <= 88


# --- what the outside readers say ----------------------------------------------------------------------------------


def live() -> list[Any]:
    """Derivations with every kind of display."""
    from derivgen import derive

    return [
        derive("max(0, w.T @ x + b)", wrt="w", where="w, x in R^n; b in R"),
        derive("f(w) <> g(x)", wrt="w", where="w, x in R^n; f, g: R^n -> R^n elementwise"),
        derive("f(g(x))", wrt="x", where="x in R^n; f: R^k -> R^m; g: R^n -> R^k"),
        derive("softmax(x)", wrt="x", where="x in R^n"),
        derive("[f(x, y), g(x, y)]", wrt="[x, y]", where="x, y in R; f, g: R, R -> R"),
    ]


def test_tex_is_typeset(pdflatex: str, tmp_path: Path) -> None:
    greek = derive("norm(x - mu)**2 * exp(-c * norm(x - mu)**2)", wrt="mu", where="x, mu in R^n; c in R")
    assert "Differentiate z by μ" in [step.title for step in greek.steps]
    for k, d in enumerate([*live(), greek]):
        (tmp_path / f"{k}.tex").write_text(d.to("tex", detail="full"), encoding="utf-8")
        run = subprocess.run(
            [pdflatex, "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", f"{k}.tex"],
            cwd=tmp_path, capture_output=True, text=True, errors="replace", check=False,
        )  # fmt: skip
        assert run.returncode == 0, run.stdout[-2000:]


CHECK_KATEX = """
const katex = require(process.argv[1]);
for (const [tex, display] of JSON.parse(require("fs").readFileSync(0, "utf8")))
  katex.renderToString(tex, {strict: "error", throwOnError: true, displayMode: display});
"""


def test_katex_accepts_all_mathematics_in_its_strict_mode(node: str, katex: Path) -> None:
    from derivgen.rules import recombine  # a chapter: what the rules state is printed too
    from derivgen.rules.rule import Rule

    found: list[tuple[str, bool]] = []
    for d in live():
        shown = d.to("markdown", detail="full")
        blocks = re.findall(r"\$\$\n(.*?)\n\$\$", shown, re.DOTALL)
        rest = re.sub(r"\$\$\n.*?\n\$\$", "", shown, flags=re.DOTALL)
        found += [(tex, True) for tex in blocks]
        found += [(tex, False) for tex in re.findall(r"(?<!\\)\$([^$]+)\$", rest)]
    found += [(rule.states, True) for rule in vars(recombine).values() if isinstance(rule, Rule)]
    run = subprocess.run(
        [node, "-e", CHECK_KATEX, str(katex)], input=json.dumps(found), capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr[-2000:]


def test_what_occurs_is_declared_once_and_nothing_else() -> None:
    assert render(hadamard(), "text").count("∈") == 1  # of the same kind; b is declared and does not occur
    assert isinstance(hadamard().name, Symbol)
    shared = "x in R^n; q, A in R^(m*n); f, g: R -> R elementwise; h: R^n -> R"
    shown = str(derive("u @ u + f(x[0])", "x", shared, let=["u = 2 * x"]).to("text"))
    (line,) = [line for line in shown.splitlines() if line.startswith("  where")]
    assert line.split() == ["where", "x,", "u", "∈", "ℝⁿ;", "f:", "ℝ", "→", "ℝ", "(element-wise)."]


def test_brief_cites_the_rule_that_it_is_headed_by() -> None:
    d = derive("softmax(x)", "x", "x in R^n")
    brief = list(document_of(d, Wishes(Options(detail="brief"))).find(Item))
    assert len(brief) < len(d.steps)
    titles = [item.title.rpartition(": ")[2].lower() for item in brief]  # behind the phase that begins with it
    assert titles == [BOOK.by_name[item.rule].title.lower() for item in brief]


def test_brief_has_the_links_of_each_chain_in_one_step() -> None:
    loss = "sum(y[i] * sin(cos(w.T @ X[i])) + (1 - y[i]) * tanh(sin(w.T @ Z[i])) for i in range(N))"
    d = derive(loss, "w", "X, Z in R^(N*n); w in R^n; y in R^N")
    items = list(document_of(d, Wishes(Options(detail="brief"))).find(Item))
    assert [item.rule for item in items] == [
        "derive-sample", "derive-terms", *["name-intermediates", "derive-link", "chain-rule"] * 2, "add-terms", "add-samples",
    ]  # fmt: skip
    assert [item.number for item in items] == [str(k) for k in range(1, len(items) + 1)]
    assert [len(item.lines) for item in items if item.rule == "derive-link"] == [3, 3]


def test_a_question_about_numbers_says_nothing_of_columns() -> None:
    assert "columns" not in str(derive("sin(z)**2", "z", "z in R").to("text"))
    assert "Vectors are columns." in str(derive("sin(z) * x", "z", "z in R; x in R^n").to("text"))


@pytest.mark.parametrize(
    "expression",
    ["diag([[H[i, j] for j in range(3)] for i in range(3)])", "diag([w[i]**2 for i in range(n)])", "vec([[H[i, j]**2 for j in range(3)] for i in range(3)])",
     "softmax([w[i] * H[0, 0] for i in range(n)])", "inv([[w[i] * w[j] for j in range(n)] for i in range(n)] + H[0, 0] * eye(n))"],
)  # fmt: skip
def test_arrays_by_their_entries_in_every_format(expression: str) -> None:
    for wrt in "Hw":
        d = derive(expression, wrt, "H in R^(3*3); w in R^n", check=False)
        for form in FORMATS:
            if form != "pdf":
                assert d.to(form)


def test_every_block_has_a_method_of_the_writers() -> None:
    for kind in get_args(Block):
        assert callable(getattr(Writer, kind.__name__.lower(), None)), kind


SHOUT = """
from derivgen.expr.text import text
from derivgen.show.formats import each

SUFFIXES = (".shout",)
FORMAT = each(lambda d, wishes: text(d.result).upper() + "!")
"""


def test_a_format_is_one_file(tmp_path: Path) -> None:
    """The command offers it, knows its suffix, and writes it."""
    shutil.copytree(Path(derivgen.__file__).parent, tmp_path / "derivgen", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "derivgen" / "show" / "formats" / "shout.py").write_text(SHOUT)
    command = [sys.executable, "-m", "derivgen", "derive", "z * x", "--wrt", "z", "--where", "x in R^n; z in R"]
    here = {"cwd": tmp_path, "env": {**os.environ, "PYTHONPATH": str(tmp_path)}, "capture_output": True, "text": True}
    assert subprocess.run([*command, "--to", "shout"], check=True, **here).stdout == "X!\n"  # type: ignore[call-overload]
    assert subprocess.run([*command, "-o", "a.shout"], check=True, **here).stdout == ""  # type: ignore[call-overload]
    assert (tmp_path / "a.shout").read_text() == "X!\n"


def test_brief_links_have_their_names() -> None:
    text = derive("max(0, w.T @ x + b)", "w", "w, x in R^n; b in R").to("text", detail="brief")
    for link in ("∂u/∂w = diag(x)", "∂s/∂u = 𝟏ᵀ", "∂z/∂s = 1\n"):
        assert link in text
