"""Derivations in notebooks: as they are shown there, and the magic ``%%derive``, whose cell is a block of a page."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from derivgen.deadline import bounded
from derivgen.errors import DerivgenError, render
from derivgen.options import Options, chosen, plain
from derivgen.site.assets import stylesheet
from derivgen.site.block import Block, options_of, read_block, read_inline
from derivgen.site.markdown_page import ANCHOR, NUMBER
from derivgen.work.workers import SECONDS

if TYPE_CHECKING:
    from derivgen.derivation.derivation import Derivation

_OWN = """
.dg-note-book {
  --page-ink: var(--jp-content-font-color1, var(--vscode-foreground, var(--colab-primary-text-color, currentColor)));
  --page: var(--jp-layout-color0, var(--vscode-editor-background, var(--colab-primary-surface-color, transparent)));
  --page-link: var(--jp-content-link-color, var(--vscode-textLink-foreground, LinkText));
}
.dg-note-book.derivgen.dg-card { margin: 0.3em 0; max-width: 68rem; }
.dg-note-book .dg-count { display: none; }
.dg-note-book .dg-head > .dg-title { padding-left: 0; text-indent: 0; }
.dg-note-book :is(math, mtable, mtr, mtd) { border: 0; background: none; }
"""
"""The colours are those of JupyterLab and nbconvert, VS Code, Colab; elsewhere of the text around the card."""


@cache
def style() -> str:
    """The style of a card in a notebook; each output has its own, since it may be all that is kept."""
    css = re.sub(r"/\*.*?\*/", "", stylesheet() + _OWN, flags=re.DOTALL)
    return re.sub(r"\s*\n\s*", "\n", css).strip()


def card(ds: Sequence[Derivation]) -> str:
    """Derivations of one question as a card with its style."""
    from derivgen.show.card import embedded, title_of

    options = ds[0].problem.options
    asked = f"{[(str(d.problem.expression), str(d.problem.wrt)) for d in ds]} {plain(options, 'block')}"
    anchor = f"derivation-{hashlib.sha256(asked.encode('utf-8', 'replace')).hexdigest()[:8]}"
    html = embedded(ds, options, title=options.title or title_of(ds), math="mathml").html
    html = (
        html.replace(NUMBER, "1", 1)
        .replace(ANCHOR, anchor)
        .replace("derivgen dg-card", "derivgen dg-card dg-note-book", 1)
    )
    return f"<style>\n{style()}\n</style>\n{html}\n"


class Derivations(tuple["Derivation", ...]):
    """The derivations of one cell by several variables; they are shown as one card."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        return card(self)

    def _repr_markdown_(self) -> str:
        return "\n\n".join([d._repr_markdown_() for d in self])

    def _repr_latex_(self) -> str:
        return "\n\n".join([d._repr_latex_() for d in self])


class CellError(DerivgenError):
    """An error in a cell. What is shown of it is the place in the cell and what to write, and no line of a program."""

    def __init__(self, error: DerivgenError) -> None:
        super().__init__(error.message, span=error.span, hint=error.hint, source=error.source)
        self.kind = error.kind

    def _render_traceback_(self) -> list[str]:
        return render(self).split("\n")


class Magics:
    """The magics of a session, with what its cells get that do not choose."""

    def __init__(self) -> None:
        self.defaults = Options()

    def derive(self, line: str, cell: str | None = None) -> Derivation | Derivations:
        """Derive what stands in the cell, as in a block of a page.

        The expression comes first, and below it each line is ``option: text``; options may also stand behind ``%%derive``,
        with `` | `` between them. ``%derive`` has all on its line: ``%derive w.T @ x | wrt: w | where: w, x in R^n``.

        Raises:
            CellError: it cannot be read or derived.
        """
        if cell is None:
            return _derived(read_inline(line, self.defaults))
        return _derived(read_block([*cell.split("\n"), *options_of(line)], self.defaults))

    def derive_defaults(self, line: str) -> None:
        """Set what holds for the cells below, ``%derive_defaults layout: gradient | where: w, x in R^n``; alone, nothing.

        Raises:
            CellError: an option or a value is not known.
        """
        try:
            given = dict(part.partition(":")[::2] for part in options_of(line) if part)
            self.defaults = chosen({key.strip(): value.strip() for key, value in given.items()}, "page")
        except DerivgenError as error:
            raise CellError(error) from None


def _derived(block: Block) -> Derivation | Derivations:
    from derivgen.derivation import derive_by

    try:
        if block.error is not None:
            raise block.error
        with bounded(SECONDS):
            ds = [derive_by(block.expression, name, block.options) for name in block.options.wrt]
    except DerivgenError as error:
        raise CellError(error) from None
    return ds[0] if len(ds) == 1 else Derivations(ds)


def load_ipython_extension(shell: Any) -> None:
    """What ``%load_ext derivgen`` does."""
    magics = Magics()
    shell.register_magic_function(magics.derive, "line_cell", "derive")
    shell.register_magic_function(magics.derive_defaults, "line", "derive_defaults")
