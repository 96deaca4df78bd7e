"""The language server, asked by a client over standard input and output as an editor does."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
import tomllib
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest

pytest.importorskip("pygls")

from lsprotocol import types as lsp
from pygls.lsp.client import LanguageClient

ROOT = Path(__file__).resolve().parents[2]

PAGE = """# Rows 𝒙

<!-- derivgen: where: w, x in R^n -->

The derivative of 𝒘 is

$$
\\frac{\\partial}{\\partial w} (w^\\top x) = x
$$

and $\\nabla_w (w^\\top x) = w$ is wrong.

```derivation
sum(w * x)
wrt: w
where: w, x in R^n
```

```derivation
sum(w * q)
wrt: w
where: w in R^n
```
"""


class Editor:
    """A client, one text that is open in it, and what the server has said of it."""

    def __init__(self, client: LanguageClient, uri: str) -> None:
        self.client, self.uri, self.version = client, uri, 0
        self.said: asyncio.Queue[lsp.PublishDiagnosticsParams] = asyncio.Queue()
        self.text = lsp.TextDocumentIdentifier(uri)

    def open(self, text: str, language: str = "markdown") -> None:
        item = lsp.TextDocumentItem(self.uri, language, 0, text)
        self.client.text_document_did_open(lsp.DidOpenTextDocumentParams(item))

    def change(self, line: int, start: int, end: int, text: str) -> None:
        self.version += 1
        change = lsp.TextDocumentContentChangePartial(
            lsp.Range(lsp.Position(line, start), lsp.Position(line, end)), text
        )
        named = lsp.VersionedTextDocumentIdentifier(self.version, self.uri)
        self.client.text_document_did_change(lsp.DidChangeTextDocumentParams(named, [change]))

    async def diagnostics(self) -> list[lsp.Diagnostic]:
        """What the server says of the version that is open now."""
        while True:
            found = await asyncio.wait_for(self.said.get(), 120)
            if found.version == self.version:
                return list(found.diagnostics)


class Office:
    """A server that runs while the tests of this file do, and a client of it: an editor with a text after another."""

    def __init__(self, root: Path) -> None:
        self.root, self.loop, self.client = root, asyncio.new_event_loop(), LanguageClient("tests", "1")
        self.editors: dict[str, Editor] = {}

        def said(params: lsp.PublishDiagnosticsParams) -> None:
            self.editors[params.uri].said.put_nowait(params)

        self.client.feature(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(said)

    def wait_for(self, work: Awaitable[None]) -> None:
        self.loop.run_until_complete(asyncio.wait_for(work, 240))

    async def begin(self) -> None:
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        await self.client.start_io(sys.executable, "-m", "derivgen", "lsp", env=env)
        await self.client.initialize_async(
            lsp.InitializeParams(lsp.ClientCapabilities(), process_id=os.getpid(), root_uri=self.root.as_uri())
        )
        self.client.initialized(lsp.InitializedParams())

    async def end(self) -> None:
        await self.client.shutdown_async(None)
        self.client.exit(None)
        await self.client.stop()  # type: ignore[no-untyped-call]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    office = Office(tmp_path_factory.mktemp("office"))
    office.wait_for(office.begin())
    yield office
    office.wait_for(office.end())
    office.loop.close()


def with_editor(office: Office, use: Callable[[Editor], Awaitable[None]], name: str = "page.md") -> None:
    """Use an editor in which one text is opened, in a folder that holds no other."""
    folder = office.root / str(len(office.editors))
    folder.mkdir()
    editor = Editor(office.client, (folder / name).as_uri())
    office.editors[editor.uri] = editor
    office.wait_for(use(editor))


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n")


def test_what_is_wrong_is_said_as_one_types(office: Office) -> None:
    async def use(editor: Editor) -> None:
        editor.open(PAGE)
        found = await editor.diagnostics()
        wrong = line_of(PAGE, "and $")
        refuted = [d for d in found if d.range.start.line == wrong]
        assert [d.severity for d in refuted] == [lsp.DiagnosticSeverity.Error]
        block = [d for d in found if d.range.start.line == line_of(PAGE, "sum(w * q)")]
        assert len(block) == 1
        assert "q" in block[0].message
        assert not [d for d in found if d.range.start.line == line_of(PAGE, "sum(w * x)")]
        at = PAGE.split("\n")[wrong].index("= w") + 2
        editor.change(wrong, at, at + 1, "x")
        started = perf_counter()
        left = await editor.diagnostics()
        assert not [d for d in left if d.range.start.line == wrong]
        assert perf_counter() - started < 10

    with_editor(office, use)


def test_columns_count_as_the_editor_counts(office: Office) -> None:
    """UTF-16 unless something else was agreed: a letter beyond the basic plane counts twice."""
    text = "<!-- derivgen: where: w, x in R^n -->\n\n𝒘𝒘 $\\nabla_w (w^\\top x) = w$\n"

    async def use(editor: Editor) -> None:
        editor.open(text)
        found = await editor.diagnostics()
        assert len(found) == 1
        where = found[0].range
        begin = len("𝒘𝒘 $".encode("utf-16-le")) // 2
        assert begin <= where.start.character < where.end.character <= begin + len("\\nabla_w (w^\\top x) = w")

    with_editor(office, use)


def test_hover_says_how_it_was_read(office: Office) -> None:
    async def use(editor: Editor) -> None:
        editor.open(PAGE)
        await editor.diagnostics()
        at = lsp.Position(line_of(PAGE, "and $"), 8)
        told: Any = await editor.client.text_document_hover_async(lsp.HoverParams(editor.text, at))
        assert "refuted" in told.contents.value
        nothing = await editor.client.text_document_hover_async(lsp.HoverParams(editor.text, lsp.Position(0, 0)))
        assert nothing is None

    with_editor(office, use)


def test_hover_says_what_a_block_derives(office: Office) -> None:
    text = PAGE + "\nIt is `derivation: w.T @ x | wrt: w | where: w, x in R^n`.\n"

    async def use(editor: Editor) -> None:
        editor.open(text)
        await editor.diagnostics()

        async def told(part: str) -> str:
            at = lsp.Position(line_of(text, part), 4)
            found: Any = await editor.client.text_document_hover_async(lsp.HoverParams(editor.text, at))
            return str(found.contents.value)

        good = await told("sum(w * x)")
        assert good.startswith("**Derivative of ")
        assert good.endswith(": verified\n\n- `x.T`")
        assert (await told("sum(w * q)")).startswith("**not derived**: q is not declared")
        assert await told("It is") == "verified\n\n- `x.T`"

    with_editor(office, use)


def test_a_block_derives_what_is_stated(office: Office) -> None:
    """The block that is put in holds, and says what the author said."""
    text = "Let $z = W x + b$ with $W \\in \\mathbb{R}^{m\\times n}$.\n\n> Then $\\nabla_x \\|z\\|^2 = 2 W^\\top z$\n> holds.\n\nEnd.\n"

    async def use(editor: Editor) -> None:
        editor.open(text)
        assert await editor.diagnostics() == []
        at = lsp.Position(2, 12)
        asked = lsp.CodeActionParams(editor.text, lsp.Range(at, at), lsp.CodeActionContext([]))
        actions: Any = await editor.client.text_document_code_action_async(asked)
        (edit,) = [next(iter(a.edit.changes.values()))[0] for a in actions if a.title.startswith("Derive norm(")]
        lines = text.split("\n")
        lines[edit.range.start.line : edit.range.start.line] = edit.new_text.removesuffix("\n").split("\n")
        made = "\n".join(lines)
        assert "> holds.\n>\n> ```derivation\n> norm(W @ x + b)**2\n> wrt: x\n> where: " in made
        line = edit.range.start.line
        editor.change(line, 0, 0, edit.new_text)
        assert await editor.diagnostics() == []
        at = lsp.Position(line + 3, 4)
        found: Any = await editor.client.text_document_hover_async(lsp.HoverParams(editor.text, at))
        assert ": verified" in found.contents.value
        assert "layout: gradient\n" in edit.new_text

    with_editor(office, use)


LATEX = """\\documentclass{article}
\\newcommand{\\tp}{^{\\top}}
% derivgen: where: w, x in R^n
\\begin{document}
\\begin{align}
  \\nabla_w (w\\tp x) &= x \\\\
  \\nabla_w (w\\tp w) &= 3 w
\\end{align}
\\end{document}
"""


def test_latex_is_read_too(office: Office) -> None:
    async def use(editor: Editor) -> None:
        editor.open(LATEX, "latex")
        (wrong,) = await editor.diagnostics()
        line = line_of(LATEX, "= 3 w")
        assert (wrong.range.start.line, wrong.code) == (line, "false")
        at = LATEX.split("\n")[line].index("3")
        editor.change(line, at, at + 1, "2")
        assert await editor.diagnostics() == []
        told: Any = await editor.client.text_document_hover_async(lsp.HoverParams(editor.text, lsp.Position(line, at)))
        assert "verified" in told.contents.value
        assert "w, x in R^n" not in told.contents.value  # what is declared is not guessed

    with_editor(office, use, "chapter.tex")


def test_options_values_and_letters_are_completed(office: Office) -> None:
    text = "```derivation\nsum(w * x)\nwrt: \nlayout: \n\nwhere: w, x in R^n; b in R\n```\n<!-- derivgen: layout: -->\n"

    async def use(editor: Editor) -> None:
        editor.open(text)

        async def words(line: int, column: int) -> set[str]:
            found: Any = await editor.client.text_document_completion_async(
                lsp.CompletionParams(editor.text, lsp.Position(line, column))
            )
            return {item.label for item in found}

        assert await words(2, 5) == {"w", "x", "b"}
        assert await words(3, 8) == {"numerator", "denominator", "gradient"}
        assert {"layout", "method", "wrt", "notation"} <= await words(4, 0)
        assert {"w", "x", "b"} <= await words(1, 4)
        assert await words(7, 23) == {"numerator", "denominator", "gradient"}

    with_editor(office, use)


def test_a_repair_is_a_quick_fix_and_what_was_guessed_a_header(office: Office) -> None:
    text = "$\\nabla_w (w^\\top x) = w$ where $x \\in \\mathbb{R}^n$\n"

    async def use(editor: Editor) -> None:
        editor.open(text)
        (wrong,) = await editor.diagnostics()
        asked = lsp.CodeActionParams(editor.text, wrong.range, lsp.CodeActionContext([wrong]))
        actions: Any = await editor.client.text_document_code_action_async(asked)
        edits = {a.title: next(iter(a.edit.changes.values()))[0] for a in actions}
        assert any(edit.new_text.startswith("<!-- derivgen: where: w in R^n") for edit in edits.values())
        fix = edits["Write x"]
        editor.change(fix.range.start.line, fix.range.start.character, fix.range.end.character, fix.new_text)
        assert await editor.diagnostics() == []

    with_editor(office, use)


def test_the_settings_of_the_manual_start_it() -> None:
    """VS Code, Neovim, Helix and Emacs, each in its own language."""
    manual = (ROOT / "docs/guide/check.md").read_text(encoding="utf-8")
    found = {
        m[1]: m[2] for m in re.finditer(r"^```(json|lua|toml|elisp)\n(.*?)^```$", manual, re.MULTILINE | re.DOTALL)
    }
    code = json.loads(found["json"])
    assert [code["glspc.server.command"], *code["glspc.server.commandArguments"]] == ["derivgen", "lsp"]
    assert {"markdown", "latex"} <= set(code["glspc.server.languageId"])
    helix = tomllib.loads(found["toml"])
    server = helix["language-server"]["derivgen"]
    assert [server["command"], *server["args"]] == ["derivgen", "lsp"]
    assert all("derivgen" in language["language-servers"] for language in helix["language"])
    assert 'cmd = { "derivgen", "lsp" }' in found["lua"]
    assert '("derivgen" "lsp")' in found["elisp"]
    for opening, closing in ("()", "{}", "[]"):
        for text in (found["lua"], found["elisp"]):
            assert text.count(opening) == text.count(closing)
