"""Tree to page: the output formats of a derivation by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Literal

from derivgen.errors import DerivgenError
from derivgen.options import Detail
from derivgen.show.formats import Wishes

if TYPE_CHECKING:
    from derivgen.derivation.derivation import Derivation

Format = Callable[["Sequence[Derivation]", Wishes], str | bytes]


@dataclass(frozen=True, slots=True)
class Printer:
    """A format: the function that writes it, imported when it is first asked for.

    Attributes:
        module, function: where it stands under ``derivgen.show``, and its name there.
        takes: "all" derivations at once; "each" by itself, one under the other; "one" alone, as a picture does.
    """

    module: str
    function: str
    takes: Literal["all", "each", "one"] = "all"

    def __call__(self, ds: Sequence[Derivation], wishes: Wishes) -> str | bytes:
        write = getattr(import_module(f"derivgen.show.{self.module}"), self.function)
        if self.takes == "each":
            return "\n\n".join([str(write(d, wishes)).strip("\n") for d in ds]) + "\n"
        if self.takes == "one" and len(ds) != 1:
            raise DerivgenError("a picture shows one derivation", hint="differentiate by one variable at a time")
        written: str | bytes = write(ds[0] if self.takes == "one" else ds, wishes)
        return written


FORMATS: dict[str, Format] = {
    "text": Printer("document.text", "text", "each"),
    "latex": Printer("document.latex", "fragment", "each"),
    "tex": Printer("document.latex", "document"),
    "pdf": Printer("document.pdf", "pdf"),
    "beamer": Printer("document.beamer", "beamer"),
    "markdown": Printer("document.markdown", "markdown", "each"),
    "html": Printer("document.html", "html"),
    "mathml": Printer("document.as_mathml", "fragment", "each"),
    "json": Printer("document.json", "as_json"),
    "svg": Printer("figures.graph_svg", "svg", "one"),
    "mermaid": Printer("figures.mermaid", "mermaid", "one"),
    "pattern": Printer("figures.pattern", "svg", "one"),
    "numpy": Printer("code.module", "numpy"),
    "jax": Printer("code.module", "jax"),
    "torch": Printer("code.module", "torch"),
}
"""Every output format: a new one is a file and a line here. All are text but "pdf"."""


def render(d: Derivation, format: str, *, detail: Detail = "normal", color: bool = False) -> str:
    """A derivation in the format of that name; it must be one of text."""
    found = render_all([d], format, detail=detail, color=color)
    if isinstance(found, bytes):
        raise DerivgenError(f"{format} is not text", hint=f"render_all([d], {format!r}) gives its bytes")
    return found


def render_all(
    ds: Sequence[Derivation], format: str, *, detail: Detail = "normal", color: bool = False, title: str = ""
) -> str | bytes:
    """Derivations as one document in the format of that name; bytes where the format is not text."""
    write = FORMATS.get(format)
    if write is None:
        raise DerivgenError(f"there is no format {format!r}", hint=f"the formats are {', '.join(FORMATS)}")
    return write(ds, Wishes(detail, color, title=title))
