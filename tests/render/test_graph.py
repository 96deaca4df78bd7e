"""The pictures: what they show, that they are drawn without collisions, and that no label breaks out of them."""

from __future__ import annotations

import itertools
import json
import re
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derivgen import CheckError, DerivgenError, derive
from derivgen.check.pattern import pattern
from derivgen.check.verdict import Verdict
from derivgen.show import render, render_all
from derivgen.show.figures.graph import Edge, Graph, Node, graph
from derivgen.show.figures.graph_layout import Link, Size, layout
from derivgen.show.figures.svg import measure
from derivgen.show.formats import mermaid, svg
from derivgen.show.formats.svg import MARGIN

NEURON = ("max(0, w.T @ x + b)", "w", "w, x in R^n; b in R")
LOSS = (
    "sum((y[i] - max(0, w.T @ X[i] + b))**2 for i in range(N)) / N", "w",
    "w in R^n; b in R; y in R^N; X in R^(N*n)",
)  # fmt: skip
TERMS = ("norm(A @ x - u)**2 + a * x.T @ x", "x", "A in R^(m*n); x in R^n; u in R^m; a in R")
PARTIALS = ("[3 * x**2 * y, 2 * x + y**8]", "[x, y]", "x, y in R")
QUESTIONS = [
    NEURON, LOSS, TERMS, PARTIALS,
    ("w * x", "w", "w, x in R^n"),
    ("f(g(x))", "x", "x in R^n; g: R^n -> R^k; f: R^k -> R^m"),
    ("f(w) <> g(x)", "w", "w, x in R^n; f, g: R^n -> R^n elementwise"),
    ("x", "z", "x in R^n; z in R"),
    ("softmax(A @ x)", "x", "x in R^n; A in R^(m*n)"),
]  # fmt: skip

HOSTILE = '"]<script>alert(1)</script> `x` **b** %%{init: {}}%% --> n0; click n0 "javascript:1" #quot; $$ {{1}} \\ & \'\n\x1b end'


def shown(question: tuple[str, str, str], **choices: Any) -> Graph:
    return graph(derive(*question, **choices))


def edges(g: Graph) -> list[tuple[str, str, str]]:
    return [(g.nodes[e.start].name, g.nodes[e.end].name, "; ".join(e.lines)) for e in g.edges]


def written(g: Graph) -> dict[str, str]:
    return {n.name: " ".join(n.lines) for n in g.nodes}


# --- what is drawn -----------------------------------------------------------------------------------------------------


def test_the_neuron_is_a_chain_with_its_jacobians() -> None:
    g = shown(NEURON)
    assert written(g) == {"w": "w", "u": "u = w ⊗ x", "s": "s = ∑ᵢ₌₁ⁿ uᵢ", "z": "z = s + b", "y": "y = max(0, z)"}
    assert edges(g) == [
        ("w", "u", "diag(x)"), ("u", "s", "𝟏ᵀ"), ("s", "z", "1"), ("z", "y", "0 if z ≤ 0; 1 if z > 0"),
    ]  # fmt: skip
    assert [n.role for n in g.nodes] == ["source", "inner", "inner", "inner", "sink"]


def test_a_loss_has_the_chain_of_one_sample_and_its_share() -> None:
    g = shown(LOSS)
    assert written(g)["C"] == "C = (1/N) ∑ᵢ₌₁ᴺ fᵢ"
    assert ("f", "C", "1/N") in edges(g)
    assert {(a, b) for a, b, _ in edges(g)} == {("w", "z"), ("z", "r"), ("r", "f"), ("f", "C")}


def test_terms_are_branches() -> None:
    g = shown(TERMS)
    assert written(g)["y"] == "y = z + s"
    assert edges(g) == [("z", "y", "1"), ("s", "y", "1"), ("x", "r", "A"), ("r", "z", "2rᵀ"), ("x", "s", "2axᵀ")]


def test_the_scalar_method_is_drawn_by_its_operations() -> None:
    assert edges(shown(("exp(sin(x)**2)", "x", "x in R"), method="scalar"))[0] == ("x", "a", "cos(x)")
    assert edges(shown(("w * x", "w", "w, x in R^n"))) == [("w", "y", "diag(x)")]


def test_several_functions_and_variables_have_an_edge_for_each_partial() -> None:
    assert [label for _, _, label in edges(shown(PARTIALS))] == ["6xy", "3x²", "2", "8y⁷"]


def test_a_hessian_shows_the_graph_of_the_expression() -> None:
    g = shown(("log(sum(exp(x)))", "x", "x in R^n"), order=2)
    assert edges(g) == [("x", "a", "diag(a)"), ("a", "s", "𝟏ᵀ"), ("s", "y", "1/s")]


def test_what_does_not_depend_has_no_way() -> None:
    g = shown(("x", "z", "x in R^n; z in R"))
    assert not g.edges
    assert "No way leads" in g.summary


def test_the_layout_does_not_turn_the_links() -> None:
    question = ("softmax(A @ x)", "x", "x in R^n; A in R^(m*n)")
    assert edges(shown(question, layout="denominator")) == edges(shown(question))


@pytest.mark.parametrize(("structured", "link", "alone"), [
    ("within", "(1/2) (yxᵀ + xyᵀ)", "(1/2) (A + Aᵀ)"),
    ("entries", "yxᵀ + xyᵀ − diag(y ⊗ x)", "A + Aᵀ − A ⊗ I"),
    ("free", "yxᵀ", "A"),
])  # fmt: skip
def test_the_edge_from_a_symmetric_matrix_keeps_to_the_convention(structured: str, link: str, alone: str) -> None:
    where = "x, y in R^n; A in R^(n*n); S in Sym(n)"
    assert ("S", "s", link) in edges(shown(("sigmoid(x.T @ S @ y)", "S", where), structured=structured))
    assert edges(shown(("trace(A @ S)", "S", where), structured=structured)) == [("S", "C", alone)]


def test_a_refuted_link_is_marked() -> None:
    d = derive(*NEURON)
    false = Verdict("refuted", "the sides differ")
    steps = tuple(replace(s, check=false) if s.title == "Differentiate u by w" else s for s in d.steps)
    g = graph(replace(d, steps=steps))
    assert [e.refuted for e in g.edges] == [True, False, False, False]
    assert "✗ refuted" in svg.picture(g)
    assert "-.->" in mermaid.source(g)


def test_long_labels_are_broken_and_end() -> None:
    g = shown(("f(w) <> g(x)", "w", "w, x in R^n; f, g: R^n -> R^n elementwise"))
    labels = [n.lines for n in g.nodes] + [e.lines for e in g.edges]
    assert all(len(line) <= 100 for label in labels for line in label)
    assert all(len(label) <= 4 for label in labels)


# --- how it is laid out ------------------------------------------------------------------------------------------------

SIZES = st.builds(Size, st.integers(10, 200), st.integers(10, 60))


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[Size], list[Link]]:
    boxes = draw(st.lists(SIZES, min_size=1, max_size=8))
    pairs = [(a, b) for b in range(len(boxes)) for a in range(b)]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=10)) if pairs else []
    return boxes, [Link(a, b, draw(SIZES)) for a, b in chosen]


@given(graphs())
def test_nothing_collides_and_edges_run_down(made: tuple[list[Size], list[Link]]) -> None:
    boxes, links = made
    plan = layout(boxes, links, beside=10, under=12)
    spots = [*plan.boxes, *(r.label for r in plan.routes)]
    for a, b in itertools.combinations(spots, 2):
        apart_x = abs(a.x - b.x) - (a.size.width + b.size.width) / 2
        apart_y = abs(a.y - b.y) - (a.size.height + b.size.height) / 2
        assert apart_x >= 9.99 or apart_y >= 11.99
    for spot in spots:
        assert spot.x - spot.size.width / 2 >= -0.01
        assert spot.x + spot.size.width / 2 <= plan.size.width + 0.01
        assert spot.y + spot.size.height / 2 <= plan.size.height + 0.01
    for link, route in zip(links, plan.routes, strict=True):
        heights = [plan.boxes[link.start].y, *(s.y for s in route.via), plan.boxes[link.end].y]
        assert heights == sorted(heights)


def test_a_chain_is_straight() -> None:
    sizes = [Size(30, 20), Size(90, 20), Size(50, 20)]
    plan = layout(sizes, [Link(0, 1, Size(20, 9)), Link(1, 2, Size(70, 9))], beside=10, under=10)
    assert len({s.x for s in plan.boxes} | {r.label.x for r in plan.routes}) == 1


# --- SVG ---------------------------------------------------------------------------------------------------------------

SVG = "{http://www.w3.org/2000/svg}"


def parsed(picture: str) -> ElementTree.Element:
    return ElementTree.fromstring(picture)


@pytest.mark.parametrize("form", ["svg", "pattern"])
@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q[0])
def test_pictures_are_whole_and_say_what_they_show(question: tuple[str, str, str], form: str) -> None:
    picture = render(derive(*question), form)
    root = parsed(picture)
    assert root.get("role") == "img"
    said = {e.get("id"): e.text for e in (root.find(f"{SVG}title"), root.find(f"{SVG}desc")) if e is not None}
    assert (root.get("aria-labelledby") or "").split() == list(said)
    assert all(said.values())
    assert not {"script", "image", "use", "foreignObject"} & {e.tag.removeprefix(SVG) for e in root.iter()}
    assert "http" not in picture.replace("http://www.w3.org/2000/svg", "")
    width = float(root.get("width") or 0)
    for text in root.iter(f"{SVG}text"):
        x, room = float(text.get("x") or 0), measure(text.text or "")
        left = x - (room / 2 if text.get("text-anchor") == "middle" else 0)
        assert left >= MARGIN - 1
        assert left + room <= width - MARGIN + 1


def test_every_colour_is_that_of_the_page() -> None:
    for form in ("svg", "pattern"):
        body = render(derive(*NEURON), form).partition("</style>")[2]
        assert set(re.findall(r'(?:fill|stroke)="([^"]*)"', body)) <= {"none", "currentColor"}


def test_two_pictures_in_a_page_share_no_id() -> None:
    ids = [re.findall(r' id="([^"]*)"', render(derive(*q), "svg")) for q in (NEURON, TERMS)]
    assert not set(ids[0]) & set(ids[1])


def hostile() -> Graph:
    nodes = (Node("a", (HOSTILE,), "source"), Node("b", (HOSTILE, "1. x"), "sink"))
    return Graph(HOSTILE, HOSTILE, nodes, (Edge(0, 1, (HOSTILE,)),))


def test_hostile_labels_stay_text_in_svg() -> None:
    root = parsed(svg.picture(hostile()))
    texts = [t.text for t in root.iter(f"{SVG}text")]
    assert sum("<script>alert(1)</script>" in (t or "") for t in texts) == 3
    assert not list(root.iter(f"{SVG}script"))


def test_a_title_heads_the_picture() -> None:
    root = parsed(str(render_all([derive(*NEURON)], "svg", title="The <neuron>")))
    assert root.findtext(f"{SVG}title") == "The <neuron>"


def test_a_picture_shows_one_derivation() -> None:
    for form in ("svg", "mermaid", "pattern"):
        with pytest.raises(DerivgenError, match="one derivation"):
            render_all(derive("w * x", ["w", "x"], "w, x in R^n"), form)


# --- Mermaid -----------------------------------------------------------------------------------------------------------

READER = """
import { createRequire } from "module"; import { pathToFileURL } from "url"; import fs from "fs"; import path from "path";
const [folder, file] = process.argv.slice(2);
const { JSDOM } = createRequire(path.join(folder, "package.json"))("jsdom");
const dom = new JSDOM(""); globalThis.window = dom.window; globalThis.document = dom.window.document;
const { default: mermaid } = await import(pathToFileURL(path.join(folder, "dist", "mermaid.core.mjs")));
const found = [];
for (const source of JSON.parse(fs.readFileSync(file, "utf8"))) {
  try {
    await mermaid.parse(source);
    const diagram = await mermaid.mermaidAPI.getDiagramFromText(source);
    const vertices = [...diagram.db.getVertices().values()].map((v) => v.text);
    found.push({ vertices, edges: diagram.db.getEdges().map((e) => [e.start, e.end, e.text]) });
  } catch (wrong) { found.push({ error: String(wrong.message) }); }
}
fs.writeSync(1, JSON.stringify(found)); process.exit(0);
"""


def test_mermaid_reads_every_graph(node: str, mermaid_library: Path, tmp_path: Path) -> None:
    drawn = [shown(q) for q in QUESTIONS] + [hostile()]
    (tmp_path / "read.mjs").write_text(READER, encoding="utf-8")
    (tmp_path / "graphs.json").write_text(json.dumps([mermaid.source(g) for g in drawn]), encoding="utf-8")
    command = [node, str(tmp_path / "read.mjs"), str(mermaid_library), str(tmp_path / "graphs.json")]
    run = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert run.returncode == 0, run.stderr
    for g, found in zip(drawn, json.loads(run.stdout), strict=True):
        assert "error" not in found, found
        assert len(found["vertices"]) == len(g.nodes)
        assert [(a, b) for a, b, _ in found["edges"]] == [(f"n{e.start}", f"n{e.end}") for e in g.edges]


def test_hostile_labels_command_nothing_in_mermaid() -> None:
    source = mermaid.source(hostile())
    assert len(source.splitlines()) == 6
    for sign in ("<script", "%%", "`", "$", "\\", "\x1b", "{"):
        assert sign not in source
    quoted = re.findall(r'"([^"]*)"', source)
    assert len(quoted) == 3
    assert all(re.fullmatch(r"(?:[^<>&#;]|#\d+;|<br/>)*", text) for text in quoted)


# --- the pattern of zeros ----------------------------------------------------------------------------------------------


def drawn_pattern(expression: str, wrt: str, where: str, **choices: Any) -> list[str]:
    d = derive(expression, wrt, where, check=False, **choices)
    rows = pattern(d.result, d.problem.expression.shape.rank).entries
    return ["".join("0c*"[kind] for kind in row) for row in rows]


@pytest.mark.parametrize(
    ("question", "rows"),
    [
        (("w * x", "w", "w, x in R^n"), ["*000", "0*00", "00*0", "000*"]),
        (("3 * x + 1", "x", "x in R^n"), ["c000", "0c00", "00c0", "000c"]),
        (("A @ x", "x", "A in R^(m*n); x in R^n"), ["*" * 6] * 4),
        (("w.T @ x", "w", "w, x in R^n"), ["****"]),
        (("x * z", "z", "x in R^n; z in R"), ["*"] * 4),
        (("x", "z", "x in R^n; z in R"), ["0"] * 4),
        (("z**2", "z", "z in R"), ["*"]),
        (("log(x)", "x", "x in R^n"), ["*000", "0*00", "00*0", "000*"]),
        (("max(0, x)", "x", "x in R^n"), ["*000", "0*00", "00*0", "000*"]),
        (("f(x)", "x", "x in R^n; f: R^n -> R^m"), ["*" * 6] * 4),
        (("D @ x", "x", "D in Diag(n); x in R^n"), ["*000", "0*00", "00*0", "000*"]),
        (("inv(X.T @ X) @ y", "y", "X in R^(m*n); y in R^n"), ["****"] * 4),
        (("[x[0] * x[1], x[2]]", "x", "x in R^3"), ["**0", "00c"]),
        (("A @ X", "X", "A in R^(m*k); X in R^(k*n)"),
         ["****00000000", "****00000000", "0000****0000", "0000****0000", "00000000****", "00000000****"]),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)  # fmt: skip
def test_patterns(question: tuple[str, str, str], rows: list[str]) -> None:
    assert drawn_pattern(*question) == rows


def test_the_pattern_follows_the_layout() -> None:
    question = ("w.T @ x", "w", "w, x in R^n")
    assert drawn_pattern(*question, layout="denominator") == ["*"] * 4


def test_the_pattern_is_described_and_counted() -> None:
    root = parsed(render(derive("w * x", "w", "w, x in R^n"), "pattern"))
    said = root.findtext(f"{SVG}desc") or ""
    assert "∂y/∂w is 4 × 4 for n = 4" in said
    assert "0 everywhere: 12" in said
    assert len(list(root.iter(f"{SVG}rect"))) == 16 + 2  # the entries and the legend


def test_patterns_that_cannot_be_drawn_are_refused() -> None:
    with pytest.raises(CheckError, match="too many entries"):
        drawn_pattern("w * x", "w", "w, x in R^200")
    with pytest.raises(CheckError, match="no point"):
        drawn_pattern("log(0 - x**2) * x", "x", "x in R")
