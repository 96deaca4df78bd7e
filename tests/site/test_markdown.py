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
