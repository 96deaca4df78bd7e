"""The derivations of one block as plain Markdown, for any program that reads Markdown with dollar mathematics."""

from __future__ import annotations

from collections.abc import Sequence

from derivgen.derivation.derivation import Derivation
from derivgen.options import Options
from derivgen.show.code.module import code
from derivgen.show.document.context import style_of
from derivgen.show.document.document import page
from derivgen.show.document.markdown import displays, markdown
from derivgen.show.document.prose import markdown_math, plain_markdown
from derivgen.show.figures.mermaid import mermaid
from derivgen.show.formats import Wishes
from derivgen.show.math.latex import latex


def plain(ds: Sequence[Derivation], options: Options, *, inline: bool) -> str:
    """What stands in place of a block, or of a code span: then it is one formula."""
    if inline:
        return ", ".join(f"${markdown_math(latex(d.printed_result, style_of(d)))}$" for d in ds)
    blocks: list[str] = []
    for d in ds:
        blocks += _one(d, options, options.title if len(ds) == 1 else "")
    head = [f"### {plain_markdown(options.title)}"] if options.title and len(ds) > 1 else []
    return "\n\n".join([*head, *blocks])


def _one(d: Derivation, options: Options, title: str) -> list[str]:
    wishes = Wishes(options.detail)
    show = options.show
    blocks: list[str] = []
    if "graph" in show:
        blocks.append(f"```mermaid\n{mermaid(d, wishes).strip()}\n```")
    if "steps" in show:
        head, _, body = markdown(d, wishes).strip().partition("\n\n")
        blocks = [f"### {plain_markdown(title) if title else head.removeprefix('## ')}", *blocks, body]
    else:
        p = page(d, wishes)
        blocks = [f"### {plain_markdown(title or p.title)}", *blocks, *displays(p.headline), *displays((p.answer,))]
        for other in p.further:
            blocks += [plain_markdown(other.sentence), *displays((other.line,))]
    if "code" in show:
        blocks.append(f"```python\n{code(d).strip()}\n```")
    return blocks
