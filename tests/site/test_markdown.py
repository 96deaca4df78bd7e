"""The extension under Python-Markdown alone, with and without other extensions."""

from __future__ import annotations

import logging
import re
from html import unescape
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

markdown = pytest.importorskip("markdown")

SAMPLE = dedent(
    """
    # Page

    The gradient is `derivation: w.T @ x | wrt: w | where: w, x in R^n`; write `` `derivation: x` `` for it.

    - item

        ```derivation
        w * x
        wrt: w
        where: w, x in R^n
        id: product
        ```

        after

    | a | b |
    | --- | --- |
    | `derivation: sum(x) | wrt: x | where: x in R^n` | c |

    ````markdown
    ```derivation
    shown
    ```
    ````
    """
).lstrip()

SETS: list[list[str]] = [
    ["fenced_code", "tables"],
    ["pymdownx.superfences", "pymdownx.highlight", "pymdownx.inlinehilite", "tables", "attr_list", "md_in_html"],
]


@pytest.fixture
def convert(tmp_path: Path) -> Any:
    def run(text: str, extensions: list[str] | None = None, **settings: Any) -> str:
        names = [*(extensions or ["fenced_code"]), "derivgen.markdown"]
        configured = {"derivgen.markdown": {"cache_dir": str(tmp_path), **settings}}
        return str(markdown.markdown(text, extensions=names, extension_configs=configured))

    return run


@pytest.mark.parametrize("extensions", SETS)
def test_page(convert: Any, extensions: list[str]) -> None:
    html = convert(SAMPLE, extensions)
    assert html.count("<article") == 1
    assert 'id="product"' in html
    assert html.count('<span class="dg-inline"><math>') == 2
    assert "derivation: x" in html
    assert "shown" in html
    assert html.count("<style>") == 1
    item = html[html.index("<li>\n<p>item") :]
    assert item.index("<article") < item.index("after</p>") < item.index("<table")


def test_no_block_no_style(convert: Any) -> None:
    assert convert("# A\n\ntext") == "<h1>A</h1>\n<p>text</p>"


def test_failure_is_raised_when_the_page_is_made(convert: Any) -> None:
    from derivgen.markdown import BrokenDerivations

    text = "a\n\n```derivation\nx @@ y\nwrt: x\n```\n\n`derivation: z | wrt: z`\n"
    with pytest.raises(BrokenDerivations) as caught:
        convert(text)
    assert "<text>:4:4: " in caught.value.message
    assert "<text>:8: " in caught.value.message


def test_sentence_over_several_lines_has_its_line(convert: Any) -> None:
    from derivgen.markdown import BrokenDerivations

    text = "# A\n\nIt is\n`derivation: w.T @ z\n| wrt: w\n  | where: w in R^n`.\n"
    with pytest.raises(BrokenDerivations, match="<text>:4: unknown name: z"):
        convert(text)
    assert '<span class="dg-inline"><math>' in convert(text.replace("z", "w"))


def test_failure_can_be_a_warning(convert: Any, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "derivgen"):
        html = convert(
            "```derivation\nx\nwrt: x\n```\n\n```derivation\nx\nwrt: x\nwhere: x in R\n```\n", on_failure="warn"
        )
    assert 'class="derivgen dg-error"' in html
    assert "<article" in html
    assert any("<text>:2" in r.getMessage() for r in caplog.records)


def test_block_that_no_fence_was_seen_in_is_an_error(convert: Any) -> None:
    from derivgen.markdown import BrokenDerivations

    with pytest.raises(BrokenDerivations, match="was not read"):
        convert('* ```derivation\n  x\n  ```\n\n<pre><code class="language-derivation">x</code></pre>\n')


def test_options_of_the_extension(convert: Any) -> None:
    text = "```derivation\nw * x\nwrt: w\nwhere: w, x in R^n\nshow: answer\n```\n"
    assert "⊙" in unescape(convert(text, notation="modern"))
    assert 'class="arithmatex"' in convert(text, math="arithmatex")
    assert "<style>" not in convert(text, style=False)


def test_latex_is_left_to_the_script_of_the_site(convert: Any) -> None:
    html = convert("```derivation\nw * x\nwrt: w\nwhere: w, x in R^n\n```\n", math="arithmatex")
    assert "<math" not in html
    for display in re.findall(r'<div class="arithmatex">(.*?)</div>', html, re.DOTALL):
        assert display.startswith("\\[\n")
        assert "\n\n" not in display


def test_results_are_kept(convert: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = convert(SAMPLE)
    monkeypatch.setattr("derivgen.site.answer.answer", lambda asked: pytest.fail("derived again"))
    assert convert(SAMPLE) == first


def test_ids_are_of_the_page_alone(convert: Any) -> None:
    one = "```derivation\nx\nwrt: x\nwhere: x in R\ntitle: Same\n```\n"
    html = convert(one + "\n" + one)
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    assert {"same", "same-2"} <= set(ids)


# --- what a program prints into a page --------------------------------------------------------------------------------

BLOCK = "```derivation\n{}\nwrt: w\nwhere: w, x in R^n\nid: {}\n```\n"


class _Printing(markdown.extensions.Extension):  # type: ignore[misc, name-defined]
    """Puts the HTML of another Markdown text in the place of a line, as programs in pages do."""

    def __init__(self, folder: Path, text: str) -> None:
        super().__init__()
        self.folder, self.text = folder, text

    def extendMarkdown(self, md: Any) -> None:
        own = self

        class Printed(markdown.preprocessors.Preprocessor):  # type: ignore[misc, name-defined]
            def run(self, lines: list[str]) -> list[str]:
                return [self.printed() if line == "PRINT" else line for line in lines]

            def printed(self) -> str:
                inner = markdown.Markdown(
                    extensions=["fenced_code", "derivgen.markdown"],
                    extension_configs={"derivgen.markdown": {"cache_dir": str(own.folder)}},
                )
                return str(self.md.htmlStash.store(inner.convert(own.text)))

        md.preprocessors.register(Printed(md), "printing", 26)


def test_numbers_go_on_where_a_program_prints_blocks(tmp_path: Path, convert: Any) -> None:
    page = "# P\n\n[][c], [][b], [][a]\n\n" + BLOCK.format("w * x", "a") + "\nPRINT\n\n" + BLOCK.format("w + x", "c")
    html = convert(page, ["fenced_code", _Printing(tmp_path, BLOCK.format("w - x", "b"))])
    cards = re.findall(r'<article class="derivgen dg-card" id="(\w)".*?dg-count"[^>]*>(\d+)<', html, re.DOTALL)
    assert cards == [("a", "1"), ("b", "2"), ("c", "3")]
    assert [re.search(rf'<a href="#{k}">Derivative of', html) is not None for k in "abc"] == [True] * 3
    assert html.count("<style>") == 1
    assert "dg-number-dg" not in html


def test_what_a_program_prints_wrong_is_an_error_of_the_page(tmp_path: Path, convert: Any) -> None:
    from derivgen.markdown import BrokenDerivations

    page = "# P\n\nPRINT\n\n" + BLOCK.format("w * x", "a")
    printing = _Printing(tmp_path, BLOCK.format("w * q", "b"))
    with pytest.raises(BrokenDerivations, match="q is not declared"):
        convert(page, ["fenced_code", printing])
    html = convert(page, ["fenced_code", printing], on_failure="warn")
    assert html.index("dg-error") < html.index("<article")
    assert re.search(r'dg-count"[^>]*>2<', html)


def test_a_page_that_stopped_half_way_is_no_part_of_the_next(convert: Any) -> None:
    def stop(lines: list[str]) -> list[str]:
        raise KeyboardInterrupt

    class Stopping(markdown.extensions.Extension):  # type: ignore[misc, name-defined]
        def extendMarkdown(self, md: Any) -> None:
            made = markdown.preprocessors.Preprocessor(md)
            made.run = stop
            md.preprocessors.register(made, "stopping", 1)

    page = BLOCK.format("w * x", "a")
    with pytest.raises(KeyboardInterrupt):
        convert(page, ["fenced_code", Stopping()])
    assert re.search(r'dg-count"[^>]*>1<', convert(page))


def test_a_reference_to_nothing_is_a_warning(convert: Any, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "derivgen"):
        html = convert("# P\n\n" + BLOCK.format("w * x", "loss") + "\n[that][loss] and [this][los]\n")
    assert "[this][los]" in html
    assert [r.getMessage() for r in caplog.records] == [
        "<text>:10: there is no derivation with the id 'los', so [this][los] stays as it is (did you mean 'loss'?)"
    ]
    caplog.clear()
    convert("# P\n\n[this][b] is defined below\n\n[b]: other.md\n")
    assert not caplog.records
