"""Reports: what a reader, a program and the services of a repository get of verdicts that are given here by hand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from derivgen.codes import known_codes
from derivgen.errors import DerivgenError
from derivgen.notes.command import header_of
from derivgen.notes.find import notes_of
from derivgen.notes.reports import formats
from derivgen.notes.reports.chosen import picked, read_baseline, reported, without, write_baseline
from derivgen.notes.reports.entry import Report, load, report_of
from derivgen.notes.reports.guessed import guessed
from derivgen.notes.reports.sarif import as_sarif
from derivgen.notes.sources.source import Formula, Notes
from derivgen.notes.verdict import Checked, Equality, Finding

TEXT = """# Rows

Let 𝒙 be a vector. $a = b$

> $$
> \\frac{\\partial y}{\\partial w} = \\mathbf{1} \\operatorname{diag}(x)
> = x^\\top
> $$

$c=d$ <!-- derivgen: ignore false -->
"""


def equality(formula: Formula, wrong: str, repair: str | None, code: str = "false") -> Equality:
    at = formula.latex.index(wrong)
    return Equality(
        formula, 0, len(formula.latex), " ".join(formula.latex.split()), "refuted", code, "the sides differ: 1, and 2",
        repair, at, at + len(wrong), ("x: vector of length n",), ("x = [1, 2]",),
    )  # fmt: skip


def checked(text: str = TEXT, name: str = "notes.md") -> Checked:
    notes = notes_of(Path(name), text)
    a, b, c = notes.formulas()
    equalities = (
        Equality(a, 0, 5, "a = b", "unchecked", "definition", "it says what a is"),
        equality(b, "\\mathbf{1}", "\\mathbf{1}^\\top", "shape"),
        equality(c, "d", None),
    )
    return Checked(notes, equalities, (Finding(TEXT.index("Let"), TEXT.index("Let") + 3, "kink", "warning", "a kink"),))


@pytest.fixture
def report() -> Report:
    return report_of(checked())


def test_entries_stand_where_they_are_to_blame(report: Report) -> None:
    found = [(e.line, e.column, e.end_line, e.end_column, e.code, e.ignored) for e in report.entries]
    assert found == [(3, 1, 3, 4, "kink", False), (3, 21, 3, 26, "definition", False), (6, 35, 6, 45, "shape", False),
                     (10, 4, 10, 5, "false", True)]  # fmt: skip
    line = TEXT.split("\n")[5]
    assert line[34:44] == "\\mathbf{1}"
    assert report.formulas == 3


def test_data_comes_back_from_bytes(report: Report) -> None:
    assert load(report.dump()) == report
    for wrong in (b"", b"{}", b"[1]", b'{"entries": [{"file": 1}]}', report.dump()[:-2]):
        assert load(wrong) is None


def test_for_a_person(report: Report) -> None:
    shown = formats.as_text([report])
    assert shown == (
        "notes.md:3:1: warning: a kink [kink]\n    Let 𝒙 be a vector. $a = b$\n    ^^^\n\n"
        "notes.md:6:35: error: the sides differ: 1, and 2 [shape]\n"
        "    > \\frac{\\partial y}{\\partial w} = \\mathbf{1} \\operatorname{diag}(x)\n"
        "                                      ^^^^^^^^^^\n"
        "    did you mean \\mathbf{1}^\\top?   [verified]\n\n"
        "1 file, 3 formulas, 3 equalities: 0 verified, 2 refuted, 1 unchecked\n"
        "unchecked: definition 1\n1 error, 1 warning, 1 ignored"
    )
    said = formats.as_text([replace(report, remarks=("derivatives are read in gradient layout",))])
    assert "notes.md: derivatives are read in gradient layout\n\n1 file" in said
    assert "\x1b[1;31merror\x1b[0m" in formats.as_text([report], color=True)


def test_as_json(report: Report) -> None:
    found = json.loads(formats.as_json([report]))
    shape = found["equalities"][1]
    assert {k: shape[k] for k in ("file", "line", "column", "verdict", "reason", "repair")} == {
        "file": "notes.md", "line": 6, "column": 35, "verdict": "refuted", "reason": "shape", "repair": "\\mathbf{1}^\\top",
    }  # fmt: skip
    assert [(e["verdict"], e["ignored"]) for e in found["equalities"]] == [
        ("unchecked", False),
        ("refuted", False),
        ("refuted", True),
    ]
    assert [(f["code"], f["level"], f["line"]) for f in found["findings"]] == [("kink", "warning", 3)]


def test_for_github(report: Report) -> None:
    lines = formats.as_github([report]).split("\n")
    assert lines[0] == "::warning file=notes.md,title=derivgen kink,line=3,endLine=3,col=1,endColumn=4::a kink"
    assert lines[1].startswith(
        "::error file=notes.md,title=derivgen shape,line=6,endLine=6,col=35,endColumn=45::the sides differ"
    )
    strange = replace(report.entries[0], file="a,b:c%.md", message="50 %\nmore")
    assert formats.as_github([replace(report, entries=(strange,))]) == (
        "::warning file=a%2Cb%3Ac%25.md,title=derivgen kink,line=3,endLine=3,col=1,endColumn=4::50 %25 more"
    )


def test_sarif_by_its_schema(report: Report) -> None:
    schema = json.loads((Path(__file__).parents[1] / "data" / "sarif-2.1.0.json").read_text(encoding="utf-8"))
    in_cell = replace(report.entries[2], cell=3, file="ä b.ipynb")
    log = json.loads(
        as_sarif(
            [replace(report, entries=(*report.entries, in_cell)), Report("x.md", trouble="no text")],
            {"kink": "A kink."},
        )
    )
    jsonschema.Draft7Validator(schema).validate(log)
    run = log["runs"][0]
    assert [r["ruleId"] for r in run["results"]] == ["kink", "shape", "shape"]
    assert run["results"][1]["locations"][0]["physicalLocation"]["region"] == {
        "startLine": 6, "startColumn": 35, "endLine": 6, "endColumn": 45,
    }  # fmt: skip
    fix = run["results"][1]["fixes"][0]["artifactChanges"][0]["replacements"][0]
    assert fix["insertedContent"]["text"] == "\\mathbf{1}^\\top"
    assert "region" not in run["results"][2]["locations"][0]["physicalLocation"]
    assert run["invocations"][0]["executionSuccessful"] is False
    broken = json.loads(json.dumps(log))
    broken["runs"][0]["results"][0]["level"] = "fatal"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft7Validator(schema).validate(broken)


def codes(reports: Sequence[Report]) -> list[str]:
    return [e.code for r in reports for e in reported(r)]


def test_selected(report: Report) -> None:
    assert codes(picked([report], ())) == ["kink", "shape"]
    assert codes(picked([report], known_codes("shape, false"))) == ["shape"]
    assert codes(picked([report], known_codes("definition"))) == ["definition"]
    with pytest.raises(DerivgenError, match="shap") as wrong:
        known_codes("shap")
    assert wrong.value.hint == "did you mean shape?"


def test_a_baseline_hides_what_was_there_and_nothing_else(tmp_path: Path, report: Report) -> None:
    path = tmp_path / "baseline.json"
    assert write_baseline(path, [report]) == 2
    assert codes(without([report], read_baseline(str(path)))) == []
    moved = report_of(_moved())
    assert codes(without([moved], read_baseline(str(path)))) == []
    twice = replace(report, entries=report.entries * 2)
    assert codes(without([twice], read_baseline(str(path)))) == ["kink", "shape"]
    path.write_text("[]", encoding="utf-8")
    with pytest.raises(DerivgenError, match="no baseline"):
        read_baseline(str(path))


def _moved() -> Checked:
    """The same findings after two lines were put in above them."""
    before = checked()
    text = "New.\n\n" + before.notes.text

    def later(f: Formula) -> Formula:
        return replace(f, start=f.start + 6)

    notes = Notes(before.notes.path, text, ())
    equalities = tuple(replace(e, formula=later(e.formula)) for e in before.equalities[:2])
    findings = tuple(replace(f, start=f.start + 6, end=f.end + 6) for f in before.findings)
    return Checked(notes, equalities, findings)


def test_headers() -> None:
    declared = (("where", "x in R^n; A in R^(n*n)"), ("layout", "gradient"))
    for name in ("a.md", "a.tex"):
        header = header_of(Path(name), declared)
        assert notes_of(Path(name), header + "\n\n$x$").options == dict(declared)
    assert header_of(Path("a.md"), ()) == ""


def test_what_was_guessed_is_a_header() -> None:
    before = checked()
    readings = (
        ("Read as w, x in R^n; b in R, by use; A in R^(n*n), by custom", "layout: gradient"),
        ("Read as f: R^n -> R, by use; A in R^(m*n), by font", "A and B were taken for matrices"),
        (),
    )
    equalities = tuple(replace(e, reading=reading) for e, reading in zip(before.equalities, readings, strict=True))
    remarks = ("derivatives are read in gradient layout, in which most of them hold",)
    assert guessed(replace(before, equalities=equalities, remarks=remarks)) == (
        ("where", "w, x in R^n; b in R; f: R^n -> R"),
        ("layout", "gradient"),
    )


def test_nothing_guessed_is_no_header(report: Report) -> None:
    assert report.declared == ()
