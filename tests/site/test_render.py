"""``derivgen render``: a folder of Markdown with derivations in, plain Markdown out."""

from __future__ import annotations

from pathlib import Path

import pytest

from derivgen.cli import main
from tests.site.sites import GOOD

TEXT = "# T\n\nIt is `derivation: w.T @ x | wrt: w | where: w, x in R^n`, `` `derivation: x` ``.\n\n- a\n\n    ```derivation\n    x * y\n    wrt: x\n    where: x, y in R^n\n    ```\n"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "in"
    (source / "sub").mkdir(parents=True)
    (source / "sub/a.md").write_text(TEXT, encoding="utf-8")
    (source / "b.markdown").write_text(GOOD, encoding="utf-8")
    (source / "picture.png").write_bytes(b"\x89PNG")
    (source / "plain.md").write_text("# Plain\n\n```python\nx\n```\n", encoding="utf-8")
    assert main(["render", str(source), "out"]) == 0, capsys.readouterr().err
    text = (tmp_path / "out/sub/a.md").read_text(encoding="utf-8")
    assert r"It is $\mathbf{x}^{\mathsf T}$, `` `derivation: x` ``." in text
    assert "\n    $$\n" in text
    assert "```derivation" not in text
    assert "### A product entry by entry" in (tmp_path / "out/b.markdown").read_text(encoding="utf-8")
    assert (tmp_path / "out/picture.png").read_bytes() == b"\x89PNG"
    assert (tmp_path / "out/plain.md").read_text(encoding="utf-8") == "# Plain\n\n```python\nx\n```\n"


def test_sentence_over_several_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "> It is `derivation: w.T @ x\n>   | wrt: w | where: w, x in R^n`,\n> so.\n\n```derivation\nx\nwrt: y\n```\n"
    (tmp_path / "a.md").write_text(text, encoding="utf-8")
    assert main(["render", "a.md", "b.md"]) == 2
    assert "a.md:6:1: " in capsys.readouterr().err
    assert (tmp_path / "b.md").read_text(encoding="utf-8").startswith("> It is $\\mathbf{x}^{\\mathsf T}$,\n> so.\n")


def test_broken_block_is_named_and_the_rest_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.md").write_text("# A\n\n```derivation\nx @@ y\nwrt: x\n```\n\n" + GOOD, encoding="utf-8")
    assert main(["render", "a.md", "b.md"]) == 2
    assert "error: a.md:4:4: cannot read" in capsys.readouterr().err
    text = (tmp_path / "b.md").read_text(encoding="utf-8")
    assert "could not be made" in text
    assert "### A product entry by entry" in text


def test_nothing_is_written_over_what_it_is_made_from(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.md").write_text("# A\n", encoding="utf-8")
    (tmp_path / "in").mkdir()
    for source, target in (("a.md", "a.md"), ("in", "in"), ("in", "in/out"), ("in", ".")):
        assert main(["render", source, target]) == 2
    assert "hold one another" in capsys.readouterr().err
    assert main(["render", "missing", "out"]) == 2


def test_front_matter_is_heard(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    front = "---\ntitle: T\nderivgen:\n  layout: gradient\n  where: w in R^n\n---\n"
    block = "```derivation\nw.T @ x\nwrt: w\nwhere: x in R^n\n```\n"
    (tmp_path / "a.md").write_text(front + block, encoding="utf-8")
    assert main(["render", "a.md", "b.md"]) == 0, capsys.readouterr().err
    made = (tmp_path / "b.md").read_text(encoding="utf-8")
    assert made.startswith(front)
    assert "Gradient layout" in made
    (tmp_path / "a.md").write_text(front.replace("gradient", "gradiant") + block, encoding="utf-8")
    assert main(["render", "a.md", "b.md"]) == 2
    assert "a.md:4: 'gradiant' is no value of layout (did you mean gradient?)" in capsys.readouterr().err


def test_references_are_links(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "in/sub").mkdir(parents=True)
    (tmp_path / "in/a.md").write_text(
        "See [][product] and [the same][product], `[][product]`, A[i][j], [x][own].\n\n```text\n[][product]\n```\n\n"
        "[own]: https://example.org\n\n[][prodct]\n",
        encoding="utf-8",
    )
    (tmp_path / "in/sub/b.md").write_text(GOOD + "\n[][product]\n", encoding="utf-8")
    assert main(["render", "in", "out"]) == 0
    made = (tmp_path / "out/a.md").read_text(encoding="utf-8")
    assert made.startswith(
        "See [A product entry by entry](sub/b.md#product) and [the same](sub/b.md#product), `[][product]`, A[i][j], [x][own].\n"
    )
    assert "```text\n[][product]\n```" in made
    assert "in/a.md:9: there is no derivation with the id 'prodct' (did you mean product?)" in capsys.readouterr().err
    assert "[A product entry by entry](#product)" in (tmp_path / "out/sub/b.md").read_text(encoding="utf-8")
