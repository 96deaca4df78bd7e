r"""The formulas of a Markdown text: ``$``, ``$$``, ``\(``, ``\[``, fences of ``math``, environments; none of them in code."""

from __future__ import annotations

import re
from typing import Literal

from derivgen.notes.sources.blocks import Block, blocks
from derivgen.notes.sources.environments import passage_of
from derivgen.notes.sources.inline import Math, scan
from derivgen.notes.sources.pieces import Found, blank, kept, with_prose
from derivgen.notes.sources.source import Formula, Heading, Passage, Prose

FRONT_MATTER = re.compile(r"\A---[ \t]*\n(?P<yaml>(?:.*\n)*?)(?:---|\.\.\.)[ \t]*(?:\n|\Z)")

_FENCE = re.compile(r"(?P<marks>`{3,}|~{3,})[ \t]*(?P<info>.*)")
_MATH_FENCE = re.compile(r"(?:math|\{math\}|\{\s*\.math\b.*\})\s*", re.IGNORECASE)
_DIRECTIVE = re.compile(
    r"\{(?:note|tip|hint|warning|caution|important|attention|danger|admonition|seealso|dropdown|margin|sidebar|card|"
    r"(?:prf:)?(?:theorem|proof|lemma|definition|corollary|proposition|example|remark|exercise|solution)[\w-]*)\}",
    re.IGNORECASE,
)
_NAMED_FENCE = re.compile(r"\{(?P<name>[\w:]+)[\w-]*\}")
_DIV = re.compile(r"(?P<marks>:{3,})[ \t]*(?P<info>.*)")
_NAMES = re.compile(r"[\w:]+")
_TITLE = re.compile(r"(?:\*\*|__|\[!)\s*(?P<name>[^\W\d_]+)")
_OPTION = re.compile(r":[\w-]+:.*")
_HTML_UNREAD = re.compile(r"<(?:script|pre|style|textarea|code)\b|<\?|<![A-Za-z\[]", re.IGNORECASE)
_HEADING = re.compile(r"(?P<marks>#{1,6})[ \t]*(?P<title>.*?)[ \t]*#*[ \t]*$", re.DOTALL)
_ENTITIES = {"&lt;": "<", "&gt;": ">", "&amp;": "&"}
_ENTITY = re.compile("|".join(_ENTITIES))
_BACKSLASHES = re.compile(r"(\\+)(?=(.?))", re.DOTALL)
_COMMAND = re.compile(r"(?<!\\)\\[A-Za-z]")
_TWICE = re.compile(r"(?<!\\)\\\\(?:[A-Za-z]{2}|[{}_^*,;:!|])")
_PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"


def find(text: str) -> Found:
    """All of a Markdown text; lines end in \\n alone.

    Raises:
        TooLong: there is no time left.
    """
    front = FRONT_MATTER.match(text)
    body = text if front is None else blank(text[: front.end()]) + text[front.end() :]
    reader = _Reader(body)
    for block in blocks(body):
        reader.read(block)
    return reader.done()


class _Reader:
    """Blocks put together: formulas, headings, and prose for all between them."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.found = Found()
        self.gaps: list[tuple[int, int]] = []  # what is no prose
        self.prose: list[tuple[int, int]] = []  # the text of lines within their containers
        self.divs: list[bool] = []  # of those that are open, whether they are theorems or the like
        self.quoted = False  # whether a quotation is open that is one

    def read(self, block: Block) -> None:
        self.quotation(block)
        match block.kind:
            case "fence":
                self.fence(block)
            case "code":
                pass
            case "html_block" if _HTML_UNREAD.match(self.text, block.start):
                pass
            case "heading" | "lheading":
                self.heading(block)
            case "table":
                for line in block.lines:
                    self.inline(Block("paragraph", (line,)))
            case _:
                self.inline(block)

    # --- theorems, examples, proofs ---

    def passage(self, kind: Literal["statement", "proof", ""], start: int) -> None:
        self.found.pieces.append(Passage(kind, start))

    def quotation(self, block: Block) -> None:
        """> **Theorem** begins a quotation that is one, up to what is quoted no more."""
        line = self.text.rfind("\n", 0, block.start) + 1
        quoted = ">" in self.text[line : block.start]
        title = _TITLE.match(self.text, block.start) if quoted and block.kind == "paragraph" else None
        kind = passage_of(title["name"]) if title is not None else ""
        if self.quoted and (kind or not quoted):
            self.passage("", line)
            self.quoted = False
        if kind:
            self.passage(kind, block.start)
            self.quoted = True

    def divisions(self, block: Block) -> None:
        """::: {#thm-chain}, ::: {.proof} and :::{prf:theorem}, up to the ::: that ends each."""
        for start, end in block.lines:
            div = _DIV.fullmatch(self.text, start, end)
            if div is None:
                continue
            info = div["info"].strip().rstrip(":").strip()
            if not info:
                if self.divs and self.divs.pop():
                    self.passage("", start)
                continue
            attributes = info[1:].partition("}")[0] if info.startswith("{") else info
            kinds = [kind for name in _NAMES.findall(attributes.partition("=")[0]) if (kind := passage_of(name))]
            self.divs.append(bool(kinds))
            if kinds:
                self.passage(kinds[0], start)

    def clean(self, block: Block) -> str:
        """The text from the start of a block to its end, with what its containers add blank."""
        out: list[str] = []
        at = block.start
        for start, end in block.lines:
            out += [blank(self.text[at:start]), self.text[start:end]]
            at = end
        return "".join(out)

    def inline(self, block: Block) -> None:
        clean, base = self.clean(block), block.start
        self.prose += block.lines
        self.divisions(block)
        for piece in scan(clean, 0, len(clean)):
            self.gaps.append((base + piece.start, base + piece.end))
            if isinstance(piece, Math):
                latex = _written(clean[piece.inner_start : piece.inner_end], piece.doubled)
                self.formula(latex, base + piece.inner_start, piece.display, piece.environment)
            elif piece.comment:
                inside = clean[piece.start : piece.end].removeprefix("<!--").removesuffix("-->")
                self.found.comments.append((base + piece.start, base + piece.end, inside))

    def formula(self, latex: str, start: int, display: bool, environment: str = "") -> None:
        self.found.pieces.append(Formula(latex, start, display, environment))

    def heading(self, block: Block) -> None:
        clean = self.clean(block)
        marked = _HEADING.match(clean) if block.kind == "heading" else None
        lines: tuple[tuple[int, int], ...]
        if marked is not None:
            level, title, skipped = len(marked["marks"]), marked["title"], marked.start("title")
            lines = ((block.start + skipped, block.end),)
        else:
            title, _, below = clean.rpartition("\n")
            level, lines = 1 if "=" in below else 2, block.lines[:-1]
        if lines:
            self.found.pieces.append(Heading(level, " ".join(title.split()), lines[0][0]))
            self.gaps.append((block.start, block.end))
            self.inline(Block("paragraph", lines))

    def fence(self, block: Block) -> None:
        opening = _FENCE.match(self.text[slice(*block.lines[0])])
        if opening is None:
            return
        last = self.text[slice(*block.lines[-1])].strip()
        closed = len(block.lines) > 1 and last.startswith(opening["marks"]) and not last.strip(opening["marks"][0])
        inner = list(block.lines[1:-1] if closed else block.lines[1:])
        info = opening["info"].strip()
        directive = _DIRECTIVE.match(info)
        while inner and (directive or "{" in info) and _OPTION.fullmatch(self.text[slice(*inner[0])]):
            inner.pop(0)
        if not inner:
            return
        if _MATH_FENCE.fullmatch(info):
            inside = Block("paragraph", tuple(inner))
            self.formula(_written(self.clean(inside), 1), inside.start, True)
        elif directive:
            named = _NAMED_FENCE.match(info)
            kind = passage_of(named["name"]) if named is not None else ""
            if kind:
                self.passage(kind, block.start)
            self.nested(Block("paragraph", tuple(inner)))
            if kind:
                self.passage("", block.end)

    def nested(self, block: Block) -> None:
        """Markdown within a directive."""
        clean = self.clean(block)
        inner = _Reader(clean)
        for b in blocks(clean):
            inner.read(b)
        for piece in inner.found.pieces:
            match piece:
                case Formula(latex, start, display, environment):
                    self.formula(latex, start + block.start, display, environment)
                case Heading(level, title, start):
                    self.found.pieces.append(Heading(level, title, start + block.start))
                case Passage(kind, start):
                    self.passage(kind, start + block.start)
                case Prose():
                    pass
        self.found.comments += [(a + block.start, b + block.start, said) for a, b, said in inner.found.comments]
        self.gaps += [(a + block.start, b + block.start) for a, b in inner.gaps]
        self.prose += [(a + block.start, b + block.start) for a, b in inner.prose]

    def done(self) -> Found:
        self.found.pieces.sort(key=lambda piece: piece.start)
        words = kept(self.text, self.prose, self.gaps)
        self.found.pieces = list(with_prose(self.found.pieces, words))
        return self.found


def _written(latex: str, doubled: int) -> str:
    r"""A formula as LaTeX has it, in as many characters: what is only there for Markdown and HTML is blank.

    Rows are often ended by \\\\, of which Markdown leaves \\. Where the brackets are written \\( all backslashes may be
    written twice; that is seen by the commands.
    """
    latex = _ENTITY.sub(lambda m: _ENTITIES[m[0]].ljust(len(m[0])), latex)
    if doubled == 1 or _COMMAND.search(latex) or not _TWICE.search(latex):
        return latex.replace("\\" * 4, "  " + "\\" * 2)
    for _ in range(doubled.bit_length() - 1):
        latex = _BACKSLASHES.sub(_halved, latex)
    return latex


def _halved(run: re.Match[str]) -> str:
    """A run of backslashes with what Markdown leaves of it; one before a letter stays."""
    count, after = len(run[1]), run[2]
    left = count // 2 + (count % 2 and after not in _PUNCTUATION)
    return "\\" * left if left == count else " " * (count - left) + "\\" * left
