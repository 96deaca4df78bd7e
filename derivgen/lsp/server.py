"""The server itself: texts that open, change and close, and what an editor asks of them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path
from pygls.workspace import TextDocument

from derivgen.codes import CODES
from derivgen.lsp.analysis import Analysis, Analyst, Superseded
from derivgen.lsp.completion import proposals
from derivgen.lsp.edits import Edit, declaration, derive_this, repairs
from derivgen.notes.find import LATEX, MARKDOWN
from derivgen.notes.reports.chosen import reported
from derivgen.notes.reports.entry import Entry
from derivgen.notes.reports.proposal import proposed, sentence
from derivgen.notes.verdict import Equality
from derivgen.plugins import whose
from derivgen.site.markdown_page import Placed
from derivgen.site.references import title_of
from derivgen.version import __version__

PAUSE = 0.05
"""Seconds without a keystroke before a text is looked at."""

_SEVERITY = {
    "error": lsp.DiagnosticSeverity.Error,
    "warning": lsp.DiagnosticSeverity.Warning,
    "note": lsp.DiagnosticSeverity.Information,
}
_ITEM = {
    "option": lsp.CompletionItemKind.Property,
    "value": lsp.CompletionItemKind.EnumMember,
    "letter": lsp.CompletionItemKind.Variable,
}


class Server(LanguageServer):
    """A language server with the texts that are open."""

    def __init__(self) -> None:
        super().__init__("derivgen", __version__)
        self.analyst = Analyst()
        self.known: dict[str, Analysis] = {}
        self.stale: dict[str, threading.Event] = {}
        # one at a time: a text is looked at by one thread, and the last version wins
        self.pool = ThreadPoolExecutor(1, thread_name_prefix="derivgen")

    async def look(self, uri: str) -> None:
        """Look at a text once nobody types any more, and publish what there is to say."""
        path = Path(to_fs_path(uri) or "untitled.md")
        if path.suffix.lower() not in MARKDOWN | LATEX:
            return
        stale = threading.Event()
        before, self.stale[uri] = self.stale.get(uri), stale
        if before is not None:
            before.set()
        await asyncio.sleep(PAUSE)
        if stale.is_set():
            return
        document = self.workspace.get_text_document(uri)
        version, text = document.version, document.source.replace("\r\n", "\n")
        try:
            found = await asyncio.get_running_loop().run_in_executor(self.pool, self.analyst.look, path, text, stale)
        except Superseded:
            return
        except Exception as bug:
            self.window_log_message(lsp.LogMessageParams(lsp.MessageType.Error, whose(bug).advised))
            return
        if stale.is_set():
            return
        self.known[uri] = found
        self.text_document_publish_diagnostics(
            lsp.PublishDiagnosticsParams(uri, list(self.diagnostics(document, found)), version)
        )

    def forget(self, uri: str) -> None:
        """Drop what is known of a text that was closed, and take its marks away."""
        if (stale := self.stale.pop(uri, None)) is not None:
            stale.set()
        self.known.pop(uri, None)
        self.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, []))

    # --- what is said ---

    def diagnostics(self, document: TextDocument, found: Analysis) -> Iterator[lsp.Diagnostic]:
        """What there is to say of a text: the trouble with it, its equations, its derivations."""
        if found.trouble:
            yield lsp.Diagnostic(
                self.range(document, (0, 0), (0, 1)), found.trouble, lsp.DiagnosticSeverity.Error, source="derivgen"
            )
        for e in reported(found.report) if found.report is not None else ():
            if e.file == found.path.as_posix():
                yield self.diagnostic(document, e)
        lines = found.text.split("\n")
        for p in found.problems:
            width = len(lines[p.line - 1]) if p.line <= len(lines) else 1
            start = max(p.column - 1, 0)
            where = self.range(document, (p.line - 1, start), (p.line - 1, max(width, start + 1)))
            yield lsp.Diagnostic(where, p.message, _SEVERITY[p.level], "derivation", source="derivgen")

    def diagnostic(self, document: TextDocument, e: Entry) -> lsp.Diagnostic:
        """What the checker says of an equation, at its place, with the repair that it proposes."""
        said = e.message if e.repair is None else f"{e.message}\n{sentence(proposed(e.repair))}"
        where = self.range(document, (e.line - 1, e.column - 1), (e.end_line - 1, e.end_column - 1))
        return lsp.Diagnostic(where, said, _SEVERITY[e.level], e.code, source="derivgen")

    def range(self, document: TextDocument, start: tuple[int, int], end: tuple[int, int]) -> lsp.Range:
        """A range in the units of the editor, for places in code points."""
        lines = lines_of(document)
        return lsp.Range(*(self._position(document, lines, *place) for place in (start, end)))

    def _position(self, document: TextDocument, lines: Sequence[str], line: int, column: int) -> lsp.Position:
        before = lines[line][:column] if line < len(lines) else ""
        return lsp.Position(line, document.position_codec.client_num_units(before))

    def place(self, document: TextDocument, position: lsp.Position) -> tuple[int, int]:
        """A place from 0, in code points, for one in the units of the editor."""
        lines = lines_of(document)
        text = lines[position.line] if position.line < len(lines) else ""
        units = 0
        for column, c in enumerate(text):
            if units >= position.character:
                return position.line, column
            units += document.position_codec.client_num_units(c)
        return position.line, len(text)

    def edit(self, document: TextDocument, edit: Edit) -> lsp.WorkspaceEdit:
        """An exchange of a piece of the text as the editor takes it."""
        change = lsp.TextEdit(self.range(document, edit.start, edit.end), edit.text)
        return lsp.WorkspaceEdit(changes={document.uri: [change]})


def lines_of(document: TextDocument) -> list[str]:
    """The lines of a text, without their ends."""
    return document.source.replace("\r\n", "\n").split("\n")


def hover_of(found: Analysis, line: int, column: int) -> str:
    """What is known of a place, from 1, in Markdown."""
    parts = [_told(e) for e in list(found.equalities_at(line, column))[:2]]
    parts = parts or [_derived(placed) for placed in found.derivations_at(line)]
    return "\n\n---\n\n".join(parts)


def _derived(placed: Placed) -> str:
    record = placed.record
    if record.trouble is not None:
        return f"**not derived**: {record.trouble.message}"
    answers = "\n".join(f"- `{one['text']}`" for one in record.told().get("results", ()))
    title = f"**{title_of(placed)}**: " if placed.number else ""
    return f"{title}{record.verdict}\n\n{answers}"


def _told(e: Equality) -> str:
    words = {
        "verified": "verified",
        "refuted": "**refuted**",
        "unchecked": "not decided" if e.fails else "not checked",
    }[e.verdict]
    known = CODES[e.code].sentence if e.code in CODES else ""
    out = [
        f"`{e.source}`" if "`" not in e.source else e.source,
        f"{words}: {e.reason or known}" if e.reason or known else words,
    ]
    if e.repair is not None:
        out.append(sentence(proposed(e.repair, "`{}`".format)))
    if e.reading:
        out.append("Read as:\n" + "\n".join(f"- {line}" for line in e.reading))
    if e.values:
        out.append("```text\n" + "\n".join(e.values) + "\n```")
    return "\n\n".join(out)


def make_server() -> Server:
    """A server with everything that it can do."""
    server = Server()

    @server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    async def opened(params: lsp.DidOpenTextDocumentParams) -> None:
        await server.look(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
    async def changed(params: lsp.DidChangeTextDocumentParams) -> None:
        await server.look(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: lsp.DidCloseTextDocumentParams) -> None:
        server.forget(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_HOVER)
    def hover(params: lsp.HoverParams) -> lsp.Hover | None:
        found = server.known.get(params.text_document.uri)
        if found is None:
            return None
        document = server.workspace.get_text_document(params.text_document.uri)
        line, column = server.place(document, params.position)
        told = hover_of(found, line + 1, column + 1)
        return lsp.Hover(lsp.MarkupContent(lsp.MarkupKind.Markdown, told)) if told else None

    @server.feature(lsp.TEXT_DOCUMENT_COMPLETION, lsp.CompletionOptions(trigger_characters=[":", " "]))
    def complete(params: lsp.CompletionParams) -> list[lsp.CompletionItem]:
        document = server.workspace.get_text_document(params.text_document.uri)
        line, column = server.place(document, params.position)
        lines = lines_of(document)
        return [
            lsp.CompletionItem(p.label, kind=_ITEM[p.kind], detail=p.detail, insert_text=p.text)
            for p in proposals(lines, line, column)
        ]

    @server.feature(
        lsp.TEXT_DOCUMENT_CODE_ACTION,
        lsp.CodeActionOptions([lsp.CodeActionKind.QuickFix, lsp.CodeActionKind.RefactorRewrite]),
    )
    def actions(params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        found = server.known.get(params.text_document.uri)
        document = server.workspace.get_text_document(params.text_document.uri)
        if found is None or found.text != document.source.replace("\r\n", "\n"):
            return []
        return list(_actions(server, document, found, params))

    return server


def _actions(
    server: Server, document: TextDocument, found: Analysis, params: lsp.CodeActionParams
) -> Iterator[lsp.CodeAction]:
    line, column = server.place(document, params.range.start)
    for edit in repairs(found, line, params.range.end.line):
        fixed = [server.diagnostic(document, edit.entry)] if edit.entry is not None else []
        yield lsp.CodeAction(
            edit.title, lsp.CodeActionKind.QuickFix, fixed, is_preferred=True, edit=server.edit(document, edit)
        )
    for equality in list(found.equalities_at(line + 1, column + 1))[:1]:
        for edit in derive_this(found, equality):
            yield lsp.CodeAction(edit.title, lsp.CodeActionKind.RefactorRewrite, edit=server.edit(document, edit))
    for edit in declaration(found):
        yield lsp.CodeAction(edit.title, lsp.CodeActionKind.QuickFix, edit=server.edit(document, edit))


def run() -> None:
    """Serve an editor over standard input and output until it goes away."""
    import os
    import sys

    # what prints to standard output must not come between the messages
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    make_server().start_io(sys.stdin.buffer, answers)
