"""What the words of an author say: which letters are numbers, vectors and matrices, which layout holds, what a sign means."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from derivgen.notes.meaning.above import labels_in, spelled_in, words_within
from derivgen.notes.meaning.natures import BY_NATURE, LIST, NATURE, ONE, has_a_density, speaks_of_symmetry
from derivgen.notes.sources.source import Formula, Heading, Notes, Passage, Prose
from derivgen.options import Layout
from derivgen.read.kinds.prices import Ranks

NUMBER: Ranks = {0: 0}
COLUMN: Ranks = {1: 0}
MATRIX: Ranks = {2: 0}

_MARK = "⟦{}⟧"
_ADJECTIVES = rf"(?P<adjectives>(?:(?!(?:and|are|is|be|or|where|with|of|let|for|that|which|by|to|in)\b)(?:[\w×]++|{ONE}(?:-(?:by-)?{ONE})?(?:\s*(?:×|x|by|times)\s*{ONE})?)[\s-]++){{0,7}}?)"
_NOUN = r"(?P<noun>scalars?|(?:real\s+|positive\s+|whole\s+)?numbers?|(?:column\s+|feature\s+)?vectors?|matri(?:x|ces)|constants?)\b(?!-|\s+(?:field|valued|multipl|product|norm|calculus|deriv|space|operation|add))"

IS = re.compile(
    rf"(?<!to )(?<!of )(?<!by )(?<!in )(?<!on )(?<!with )(?P<letters>{LIST})\s*(?:,)?\s*(?:is|are|be|being|denotes?|represents?|as)\s+(?:both\s+|all\s+|of\s+them\s+)?(?:an?\s+|the\s+|any\s+|some\s+)?"
    rf"{_ADJECTIVES}{_NOUN}(?P<function>\s+functions?)?",
    re.IGNORECASE,
)
SHORT = re.compile(
    rf"(?P<letters>{LIST})\s+(?:an?|the)\s+{_ADJECTIVES}{_NOUN}(?P<function>\s+functions?)?", re.IGNORECASE
)
BEFORE = re.compile(
    rf"{_ADJECTIVES}{_NOUN}(?:\s+(?:variable|parameter|argument|input|output|coefficient)s?|(?P<function>\s+functions?))?\s+(?P<letters>{LIST})(?!\s*[-\w]*(?:th\b|-))",
    re.IGNORECASE,
)
_PROPERTY = re.compile(
    rf"(?<!to )(?<!of )(?<!by )(?P<letters>{LIST})\s+(?:is|are|be)\s+(?:both\s+|an?\s+)?(?P<adjectives>(?:real\s+)?symmetric(?:\s+positive[\s-]+definite)?|positive[\s-]+definite)",
    re.IGNORECASE,
)
_ONE_CASE = re.compile(
    rf"\W*(?:for|if|when|whenever)\b[^.]*?(?:\b(?:otherwise|elsewhere|else)\b|{ONE}\s+(?:for|if|when)\b)",
    re.IGNORECASE,
)
_CONSEQUENCE = re.compile(
    rf"\b(?:if|when|whenever)\s+{ONE}\s*,?\s*(?:(?:then|so|we\s+(?:have|get|see)|it\s+follows)\s*(?:that\s*)?,?\s*)?$",
    re.IGNORECASE,
)
_CHINESE = re.compile(
    rf"(?P<letters>{LIST})[​\s]*(?:为|是)(?:一个)?(?P<adjectives>对称|可逆|正定)?(?P<noun>矩阵|向量|标量)"
)
_ANOTHER = re.compile(
    r"\b(?:to|of|by|in|on|with)\s+(?:(?:the|a|an)\s+)?(?:scalar|vector|matrix|variable)(?:\s+(?:variable|parameter|argument|input)s?)?\s+$",
    re.IGNORECASE,
)
"""Before letters of which nothing is said: the derivative of y by the vector x is a row."""

_ANEW = re.compile(r"\b(?:let|suppose|consider|take|given|assume|for|if)\b[^.;:]*$", re.IGNORECASE)
"""Before letters that are taken anew."""

_ALL = re.compile(
    r"\ball\s+(?:(?:of\s+(?:them|which)\s+)?are\s+(?P<noun>numbers|scalars|vectors|matrices)\b|(?P<all>numbers|scalars|vectors|matrices)(?=\s*[).,;]))",
    re.IGNORECASE,
)
_OF = re.compile(r"\bfor\s+(?P<noun>numbers|scalars|vectors|matrices)\s*(?=[,:.;()]|$)", re.IGNORECASE)
_SQUARE = re.compile(
    r"square|symmetric|invertible|nonsingular|non-singular|definite|orthogonal|diagonal|identity", re.IGNORECASE
)

LAYOUTS: tuple[tuple[Layout, re.Pattern[str]], ...] = (
    ("denominator", re.compile(r"denominator[\s-]+layout|hessian\s+(?:formulation|convention)\s+layout", re.IGNORECASE)),
    ("numerator", re.compile(r"numerator[\s-]+layout|jacobian\s+formulation", re.IGNORECASE)),
    ("gradient", re.compile(
        r"gradients?\b[^.]{0,40}\b(?:are|is|as)\s+(?:an?\s+|written\s+as\s+)?columns?|shape\s+of\s+(?:the|its|their)\s+variable|mixed[\s-]+layout"
        r"|(?:has|have|takes?)\s+the\s+(?:same\s+)?(?:shape|size)s?\s+(?:of|as|with)\s+(?:⟦|the\s+variable)", re.IGNORECASE)),
    ("numerator", re.compile(
        r"(?:derivatives?|gradients?)\b[^.]{0,60}\b(?:are|is|as|into)\s+(?:an?\s+)?(?:written\s+as\s+)?(?:horizontal|rows?\b)", re.IGNORECASE)),
)  # fmt: skip
"""How authors say which layout they use."""

_HYPOTHESIS = re.compile(
    r"\b(?:if|when|whenever|suppose|assum\w+|such that|satisf\w+|subject to|s\.t\.|constraints?|condition\w*|provided|require\w*|"
    r"solv\w+|solutions?|setting|set|equat\w+ to|root|orthogonal\w*|orthonormal\w*|unit\b|normali[sz]ed|eigen\w+|stationary|optimal\w*|minimi[sz]er"
    r"|zero mean|mean zero|decorrelat\w*|symmetric|idempotent|commut\w+|unless|critical|not equal|incorrect|wrong\w*|mistake|generally not|in general|converge\w*)\b",
    re.IGNORECASE,
)
_SOLVED = re.compile(
    r"\b(?:minimi[sz]er|maximi[sz]er|optimum|solution|stationary point|solv(?:e|es|ed|ing)\s+(?:for|this|it)\b)[^.]*$",
    re.IGNORECASE,
)
"""Before an equation that says where something is, not what a letter stands for."""

_SIGN = re.compile(
    rf"(?P<sign>{ONE})[^.⟦]{{0,80}}?\b(?P<which>hadamard|element-?\s?wise|entry-?\s?wise|component-?\s?wise|entry by entry|kronecker|outer)\b",
    re.IGNORECASE,
)
_NAMED_SIGN = re.compile(
    rf"\b(?P<which>hadamard|element-?\s?wise|kronecker|outer)\s+product\b(?:\s+of\s+{LIST})?[\W_]{{0,8}}(?:(?:is|as|by|denoted|written|defined)\s+){{0,3}}(?P<sign>{ONE})",
    re.IGNORECASE,
)
"""A product by its name, and the sign behind it."""


_KINDS = r"(?P<adjectives>(?:[A-Za-z-]+\s+){0,4}?)"
_FUNCTIONS = (
    re.compile(rf"(?P<letters>{LIST})\s*,?\s*(?:is|are|be|denotes?)\s+{_KINDS}functions?\b(?!\s+of\b)", re.IGNORECASE),
    re.compile(rf"{_KINDS}functions?\s+(?P<letters>{LIST})", re.IGNORECASE),
)
"""Letters that are said to be functions."""
_IN_REMARK = re.compile(
    rf"\\(?:text|mbox|textrm)\{{[^{{}}$]*\$(?P<latex>[^$]*)\$\s+(?:is|be|denotes)\s+{_KINDS}functions?\b", re.IGNORECASE
)
_ENTRY_BY_ENTRY = re.compile(r"\b(?:element|entry|component|coordinate)-?\s?wise\b|\bpointwise\b", re.IGNORECASE)
_BY_NAME = re.compile(r"\b(?:sigmoid|logistic|softmax|relu|tanh|exponential)\b", re.IGNORECASE)
_ANY = re.compile(r"\b(?:any|arbitrary|every|all|two|differentiable|smooth)\b", re.IGNORECASE)


_RUNNING = re.compile(
    r"\\(?:sum|prod)(?:\\limits)?\s*_\s*\{?\s*([a-z])\b|(?<![A-Za-z_\\])([a-z])\s*=\s*1\s*(?:,\s*(?:2\s*,\s*)?)?(?:\\[lc]?dots|\.\.\.)"
)


@dataclass(frozen=True, slots=True)
class Function:
    """Letters that are said to be functions, by the number of the formula in which they stand.

    Attributes:
        latex: the letters, as LaTeX with commas.
        entrywise: whether nothing more is said than that they are applied entry by entry.
        anew: whether any function is meant, whatever the letters stood for before.
    """

    piece: int
    latex: str
    entrywise: bool = False
    anew: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """What was said of letters at a place: ``piece`` is the number of the formula in which they stand.

    Attributes:
        latex: the letters, as LaTeX with commas.
        ranks: what each number of axes costs.
        square, traits: further properties.
        function: whether it is said of the values of functions.
        anew: whether any such letter is meant, whatever it stood for before: "let X be a matrix", but not "the matrix X".
    """

    piece: int
    latex: str
    ranks: Ranks
    square: bool = False
    traits: tuple[str, ...] = ()
    function: bool = False
    anew: bool = False


@dataclass(slots=True)
class Words:
    """What the prose of a text says.

    Attributes:
        said: of letters, in the order of the text.
        functions: the letters that it calls functions.
        layout: what it declares, or "" where it says nothing, or several things.
        product: what ⊗ is, or "".
        symmetric: whether it speaks of symmetric matrices, ``unit`` of vectors of length 1, ``einstein`` of his convention, ``sums_to_one`` of vectors whose
            entries are shares of 1, ``chance`` of random variables, ``signs`` of letters that are 1 or -1, ``spectral`` of the norm of
            a matrix as its largest singular value, ``entrywise`` of no other norm of a matrix, so that ‖X‖₂ may be that of its
            entries.
        labelled: what is a part of a name above a letter: "-" where x^- stands, which is known before a measurement, as x^+
            is after it; "(a)" for a label in parentheses that counts nothing; "L" for the last of several layers.
        spelled: its words that are all capitals, and those that stand in formulas as letters side by side.
        running: the letters over which it sums, or of which it says from where to where they run.
        marked: each paragraph with marks for its formulas, and these.
        before: the words in front of a formula, by the number of its piece; back to the end of a sentence.
        after: the words behind it, to the end of the sentence.
    """

    said: list[Said] = field(default_factory=list)
    functions: list[Function] = field(default_factory=list)
    layout: Layout | None = None
    product: str = ""
    symmetric: bool = False
    unit: bool = False
    einstein: bool = False
    sums_to_one: bool = False
    chance: bool = False
    signs: bool = False
    spectral: bool = False
    entrywise: bool = False
    labelled: frozenset[str] = frozenset()
    spelled: frozenset[str] = frozenset()
    running: frozenset[str] = frozenset()
    marked: list[tuple[str, dict[int, Formula]]] = field(default_factory=list)
    before: dict[int, str] = field(default_factory=dict)
    after: dict[int, str] = field(default_factory=dict)

    def is_hypothesis(self, piece: int) -> bool:
        """Whether the words around a formula say that it holds under a condition, or is to be solved."""
        return _HYPOTHESIS.search(self.before.get(piece, "")) is not None

    def is_solved(self, piece: int) -> bool:
        """Whether the words in front of a formula say that it is where something is least, or 0."""
        return _SOLVED.search(self.before.get(piece, "")) is not None

    def is_consequence(self, piece: int) -> bool:
        """Whether the words in front of a formula say that it holds if another one does: when H = 0, x = z."""
        return _CONSEQUENCE.search(self.before.get(piece, "")) is not None

    def is_one_case(self, piece: int) -> bool:
        """Whether the words behind a formula say that it holds in one case, and another in the other cases."""
        return _ONE_CASE.match(self.after.get(piece, "")) is not None


def words_of(notes: Notes) -> Words:
    """Read the prose of a text."""
    found = Words()
    layouts: set[Layout] = set()
    for text, pieces in _paragraphs(notes):
        for layout, pattern in LAYOUTS:
            if pattern.search(text):
                layouts.add(layout)
        found.marked.append((text, pieces))
        found.said.extend(_said(text, pieces))
        found.functions.extend(_functions(text, pieces))
        _around(text, found)
        found.spelled |= spelled_in(text)
        for m in (*_SIGN.finditer(text), *_NAMED_SIGN.finditer(text)):
            sign = _latex(m["sign"], pieces)
            if "otimes" in sign or "⊗" in sign:
                which = m["which"].lower()
                found.product = which if which in ("kronecker", "outer") else "hadamard"
        found.einstein = found.einstein or _SILENT_SUMS.search(text) is not None
        found.sums_to_one = found.sums_to_one or _SHARES.search(text) is not None
        found.chance = found.chance or _CHANCE.search(text) is not None
        found.symmetric = found.symmetric or any(map(speaks_of_symmetry, (text, *_remarks(text, pieces))))
    found.spelled |= words_within((f.latex for f in notes.formulas()), (text for text, _ in found.marked))
    found.symmetric = found.symmetric or has_a_density(notes)
    found.unit = _UNIT.search(notes.text) is not None
    found.signs = _SIGNS.search(notes.text) is not None
    spectral, frobenius = (p.search(notes.text) is not None for p in (_SPECTRAL, _FROBENIUS))
    found.spectral, found.entrywise = spectral and not frobenius, not spectral and not frobenius
    found.running = frozenset(m[1] or m[2] for m in _RUNNING.finditer(notes.text))
    found.labelled = labels_in(notes.text, found.running)
    if len(layouts) == 1:
        (found.layout,) = layouts
    return found


_SILENT_SUMS = re.compile(
    r"\beinstein|\bsummation convention|\b(?:tensor(?:ial)?|ind(?:ex|icial)|suffix|ricci)[\s-]+notation|\brepeated ind(?:ex\b|ices\b)"
    r"|\bdummy ind(?:ex\b|ices\b)",
    re.IGNORECASE,
)
"""What a text says that leaves out the signs of sums."""


def _paragraphs(notes: Notes) -> Iterator[tuple[str, dict[int, Formula]]]:
    """Stretches of text with a mark for each formula; a blank line and a heading end one."""
    parts: list[str] = []
    pieces: dict[int, Formula] = {}
    for number, piece in enumerate(notes.pieces):
        match piece:
            case Formula():
                parts.append(_MARK.format(number) if not piece.display else f" {_MARK.format(number)} ")
                pieces[number] = piece
            case Prose(text):
                first, *rest = re.split(r"\n[ \t]*\n", text)
                parts.append(first)
                for paragraph in rest:
                    ends_open = (
                        re.search(r"[:,]\s*$|\b(?:is|as|get|have|where|and|by|that)\s*$", "".join(parts)) is not None
                    )
                    if not ends_open and "".join(parts).strip():
                        yield "".join(parts), pieces
                        parts, pieces = [], {}
                    parts.append(" " + paragraph)
            case Heading() | Passage():
                yield "".join(parts), pieces
                parts, pieces = [], {}
                parts.append("")
    yield "".join(parts), pieces


def _latex(marks: str, pieces: dict[int, Formula]) -> str:
    return ", ".join(pieces[int(k)].latex for k in re.findall(r"⟦(\d+)⟧", marks) if int(k) in pieces)


def _ranks(noun: str) -> Ranks:
    noun = noun.lower()
    if "matri" in noun or noun == "矩阵":
        return MATRIX
    return COLUMN if "vector" in noun or noun == "向量" else NUMBER


def _said(text: str, pieces: dict[int, Formula]) -> Iterator[Said]:
    for pattern in (_PROPERTY, *BY_NATURE, BEFORE, SHORT, IS, _CHINESE):
        for m in pattern.finditer(text):
            before = text[max(0, m.start() - 40) : m.start()]
            if re.search(r"\bunless\s+$", before, re.IGNORECASE) or (pattern is IS and _ANOTHER.search(before)):
                continue
            numbers = re.findall(r"⟦(\d+)⟧", m["letters"])
            adjectives = m["adjectives"] or ""
            ranks = _ranks(m["noun"]) if "noun" in m.groupdict() else MATRIX
            sized = _latex(adjectives, pieces)
            if ranks is NUMBER and ("matri" in adjectives or "vector" in adjectives):
                continue
            sides = re.split(r"\\times|×|,|\\cdot", sized)
            square = ranks is MATRIX and (
                pattern in BY_NATURE
                or _SQUARE.search(adjectives) is not None
                or (len(sides) == 2 and sides[0].strip() == sides[1].strip())
            )
            traits: tuple[str, ...] = (
                ("symmetric",) if re.search(rf"\bsymmetric\b|对称|{NATURE}", adjectives, re.IGNORECASE) else ()
            )
            if re.search(r"positive[\s-]+definite", adjectives, re.IGNORECASE):
                traits = ("positive-definite", "symmetric")
            anew = _ANEW.search(before) is not None and re.search(r"\bthe\b", before[-5:] + m[0]) is None
            of_function = bool(m.groupdict().get("function"))
            for number in numbers:
                if int(number) in pieces:
                    yield Said(int(number), pieces[int(number)].latex, ranks, square, traits, of_function, anew)
    for pattern in (_ALL, _OF):
        for m in pattern.finditer(text):
            for number, formula in pieces.items():
                if not formula.display:
                    yield Said(number, formula.latex, _ranks(m["noun"] or m.groupdict().get("all", "")))


def _remarks(text: str, pieces: dict[int, Formula]) -> Iterator[str]:
    """The words that stand inside the formulas of a paragraph."""
    for number in re.findall(r"⟦(\d+)⟧", text):
        yield from REMARK.findall(pieces[int(number)].latex)


REMARK = re.compile(r"\\(?:text\w*|mbox|tag\*?)\s*\{((?:[^{}]|\{[^{}]*\})*)\}")
"""A remark inside a formula, with its words as the group."""


def _functions(text: str, pieces: dict[int, Formula]) -> Iterator[Function]:
    remarks = [(n, m["latex"], m["adjectives"]) for n, f in pieces.items() for m in _IN_REMARK.finditer(f.latex)]
    prose = [(int(n), pieces[int(n)].latex, m["adjectives"]) for pattern in _FUNCTIONS for m in pattern.finditer(text)
             for n in re.findall(r"⟦(\d+)⟧", m["letters"]) if int(n) in pieces]  # fmt: skip
    for piece, latex, adjectives in (*remarks, *prose):
        entrywise = _ENTRY_BY_ENTRY.search(adjectives) is not None and _BY_NAME.search(adjectives) is None
        yield Function(piece, latex, entrywise, _ANY.search(adjectives) is not None)


_UNIT = re.compile(
    r"\bunit\b|normali[sz]|\blength\s+(?:one\b|\$?1\b)|\bnorm\s+(?:one\b|\$?1\b)|orthonormal|orthogonal|rotation|direction|=\s*1(?![\d.])",
    re.IGNORECASE,
)
_SHARES = re.compile(
    r"one-?\s?hot|cross[\s-]?entropy|softmax|probabilit|sums?\s+(?:up\s+)?to\s+(?:one|1|⟦)|simplex|distribution|convex combination",
    re.IGNORECASE,
)
_CHANCE = re.compile(
    r"random variable|\bexpect(?:ation|ed value)|estimator|\bunbiased|\bvariance|\bi\.i\.d\b", re.IGNORECASE
)
_SPECTRAL = re.compile(r"\b(?:spectral|induced|operator)\s+norm", re.IGNORECASE)
_FROBENIUS = re.compile(r"(?i:frobenius)|(?:\\\||\\Vert|\\rVert|‖|\|\|)\s*_\s*(?:\{\s*)?(?:\\\w+\s*\{?\s*)?F\b")
_SIGNS = re.compile(r"\\\{\s*(?:[-−]\s*1\s*,\s*\+?\s*1|\+?\s*1\s*,\s*[-−]\s*1|\\pm\s*1)\s*\\\}")
_SENTENCE = re.compile(r"(?<=[.!?;:。：；])\s+(?=\S)|[。；]")


def _around(text: str, found: Words) -> None:
    for m in re.finditer(r"⟦(\d+)⟧", text):
        start = 0
        for end in _SENTENCE.finditer(text, 0, m.start()):
            start = end.end() if not text[: end.end()].rstrip().endswith(":") else start
        stop = _SENTENCE.search(text, m.end())
        found.before[int(m[1])] = text[start : m.start()]
        found.after[int(m[1])] = text[m.end() : stop.start() if stop else len(text)]


def has_differentials(text: str) -> bool:
    r"""Whether differentials such as d\mathbf X stand in a text by themselves."""
    pattern = r"(?:(?<![A-Za-z\\{])d|\\mathrm\s*\{?\s*d\s*\}?|\\operatorname\{d\}|\\dif\b|\\dd\b|\\rd\b|\\diff\b|\\text\{d\})\s*(?:\\(?:mathbf|boldsymbol|bm|vec|log|ln|det|operatorname|mathrm|tr|Tr|phi|theta|left|hat|sigma|alpha|beta|lambda|mu|Sigma|Omega|Phi|Psi|Lambda)\b|\(|\[|[A-Za-z](?![A-Za-z]))"
    fractions = re.sub(r"\\[dt]?frac\s*\{[^{}]*\}\s*\{[^{}]*\}", " ", text)
    return re.search(pattern, fractions) is not None
