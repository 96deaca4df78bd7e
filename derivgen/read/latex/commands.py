"""The commands of LaTeX that formulas are read with: data for the tokeniser and the parser, most of it the catalog's.

A command is one entry, in the table of its kind; ``KINDS`` says which there are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache

from derivgen.catalog.glossary import Glossary
from derivgen.catalog.letters import LATEX_LETTERS
from derivgen.read.wording import nearest

FONTS: dict[str, str] = dict.fromkeys(
    ("mathbf", "boldsymbol", "bm", "pmb", "mathbfit", "symbf", "symbfit", "textbf", "bf", "bfseries", "vec", "bold"), "bold"
) | dict.fromkeys(
    ("mathrm", "mathsf", "mathtt", "text", "textrm", "textsf", "textup", "textnormal", "mbox", "hbox", "rm",
     "symup", "textit", "sf", "tt"), "upright",
) | {"operatorname": "operator"} | dict.fromkeys(("mathit", "mathnormal", "it", "normalfont"), "") | dict.fromkeys(
    ("mathcal", "mathscr", "mathfrak", "cal", "symcal"), "script",
) | dict.fromkeys(("mathbb", "mathds", "mathbbm", "symbb"), "blackboard")  # fmt: skip
"""Font commands, with the kind of letter that they make; a blackboard 1 is the indicator, or a vector of ones."""

SWITCHES = frozenset({"bf", "bfseries", "rm", "it", "cal", "sf", "tt", "normalfont"})
"""Font commands that hold up to the end of their group."""

TEXT = frozenset({"text", "textrm", "textsf", "textup", "textnormal", "mbox", "hbox", "textbf", "textit"})
"""Font commands whose argument is words, blanks kept."""

ACCENTS: dict[str, str] = {
    "hat": "hat", "widehat": "hat", "bar": "bar", "overline": "bar", "tilde": "tilde", "widetilde": "tilde",
    "dot": "dot", "ddot": "ddot", "check": "check", "breve": "breve", "acute": "acute", "grave": "grave",
    "underline": "underline", "mathring": "ring",
}  # fmt: skip
"""Accents, and the word that they add to a name."""

BLANKS: dict[str, str] = dict.fromkeys((
    ",", ";", ":", "!", " ", "\n", ">", "thinspace", "medspace", "thickspace", "negthinspace", "enspace",
    "displaystyle", "textstyle", "scriptstyle", "scriptscriptstyle", "limits", "nolimits", "strut", "mathstrut", "smash", "space",
    "tiny", "scriptsize", "footnotesize", "small", "normalsize", "large", "Large", "LARGE", "huge", "Huge", "nonumber",
    "notag", "allowbreak", "nobreak", "relax", "mathord", "mathbin", "mathrel", "mathop", "mathopen", "mathclose",
    "mathinner", "ensuremath", "hfill", "hline", "mathpunct", "noindent", "centering", "/", "displaylimits", "xspace",
), "")  # fmt: skip
"""Spacing, sizes and the like: they mean nothing."""

SIZES: dict[str, str] = {
    f"{size}{side}": side for size in ("big", "Big", "bigg", "Bigg") for side in ("", "l", "r", "m")
}
"""What may stand before a fence to make it larger, with the side that it is then."""

SPACING = frozenset({*BLANKS, *SIZES, "quad", "qquad"})

DROPPED: dict[str, str] = dict.fromkeys(
    ("label", "tag", "hspace", "vspace", "phantom", "hphantom", "vphantom", "color", "textcolor"), "")  # fmt: skip
"""Commands that mean nothing together with their first argument."""

OVER: dict[str, str] = dict.fromkeys(("overset", "underset", "stackrel", "xlongequal"), "")
"""Commands whose second argument is what counts; what stands above or below it is a remark."""

AROUND: dict[str, str] = dict.fromkeys(
    ("underbrace", "overbrace", "boxed", "fbox", "cancel", "mathclap", "mathrlap", "mathllap", "colorbox"), "")  # fmt: skip
"""Commands that mean their argument; a brace may have a remark as its script."""

BETWEEN: dict[str, str] = {
    "equiv": "≡", "approx": "≈", "sim": "~", "simeq": "≈", "cong": "≅", "propto": "∝", "implies": "⟹", "Rightarrow": "⟹",
    "Longrightarrow": "⟹", "iff": "⟺", "Leftrightarrow": "⟺", "in": "∈", "to": "→", "rightarrow": "→", "mapsto": "↦",
    "coloneqq": ":=", "coloneq": ":=", "defeq": ":=", "triangleq": ":=", "ll": "≪", "gg": "≫", "subset": "⊂", "colon": ":",
    "∈": "∈", "→": "→",
}  # fmt: skip
"""Relations that the catalog does not have, each with the sign that it is read as."""

SIGNS: dict[str, str] = {
    "otimes": "⊗", "odot": "⊗", "oslash": "⊘", "circ": "∘", "⊗": "⊗", "⊙": "⊗", "⊘": "⊘", "∘": "∘",
    "bigcirc": "◯", "◯": "◯", "○": "◯",
    "cdot": "·", "times": "×", "·": "·", "⋅": "·", "×": "×", "*": "*", "ast": "*", "/": "/", "div": "/",
}  # fmt: skip
"""Signs of products and of division on the line: entry by entry, where ∘ is also the composition of functions; the generic
operator of the notes; the ordinary ones."""

DOTS: dict[str, str] = dict.fromkeys(
    ("ldots", "cdots", "dots", "vdots", "ddots", "dotsc", "dotsb", "dotsm", "dotso", "iddots", "hdots", "…", "⋯", "⋮", "⋱"), "…",
)  # fmt: skip

FENCES: dict[str, str] = {
    "(": "(", ")": ")", "[": "[", "]": "]", "{": "{", "}": "}", "lbrace": "{", "rbrace": "}", "lbrack": "[", "rbrack": "]",
    "lparen": "(", "rparen": ")", "|": "|", "vert": "|", "lvert": "|", "rvert": "|", "Vert": "‖", "lVert": "‖",
    "rVert": "‖", "‖": "‖", "langle": "⟨", "rangle": "⟩", ".": ".", "lfloor": "⌊", "rfloor": "⌋", "lceil": "⌈",
    "rceil": "⌉", "<": "⟨", ">": "⟩", "⟨": "⟨", "⟩": "⟩",
}  # fmt: skip
"""Fences by their spellings behind \\left and \\right; the command \\| is ‖."""

CLOSING: dict[str, str] = {"(": ")", "[": "]", "{": "}", "|": "|", "‖": "‖", "⟨": "⟩", ".": "."}

_OPENING = ("{", "lbrace", "lbrack", "lparen", "lvert", "lVert", "langle", "lfloor", "lceil")
_ENDING = ("}", "rbrace", "rbrack", "rparen", "rvert", "rVert", "rangle", "rfloor", "rceil")

STRUCTURED: dict[str, str] = dict.fromkeys(("frac", "dfrac", "tfrac", "cfrac", "nicefrac", "sfrac"), "fraction") | {
    "sqrt": "root", "sum": "over index", "prod": "over index", "nabla": "nabla", "partial": "partial", "prime": "prime",
}  # fmt: skip
"""Commands that stand over, under or before something, and how they are read: see ``big_signs.STRUCTURED``."""

KINDS: dict[str, dict[str, str]] = {
    "font": FONTS, "letter": LATEX_LETTERS | {"_": "_"}, "quad": {"quad": "", "qquad": ""}, "blank": BLANKS, "size": SIZES,
    "dropped": DROPPED, "over": OVER, "around": AROUND, "row": {"\\": "", "cr": "", "newline": ""}, "fence": dict.fromkeys(("left", "right", "middle"), ""),
    "environment": {"begin": "begin", "end": "ending"}, "not": {"not": "≠"}, "bar": {"|": "‖", "vert": "|", "Vert": "‖"},
    "opening": {name: FENCES[name] for name in _OPENING}, "closing": {name: FENCES[name] for name in _ENDING}, "sign": SIGNS,
    "dots": DOTS, "command": dict.fromkeys((*STRUCTURED, *ACCENTS, "substack"), ""),
}  # fmt: skip
"""What a command does, and by which value; the catalog's own functions and relations come to it."""

COMMANDS: dict[str, tuple[str, str]] = {name: (kind, value) for kind, of in KINDS.items() for name, value in of.items()}

CHARACTERS: dict[str, tuple[str, str]] = {
    **{c: ("sign", value) for c, value in SIGNS.items() if not c.isalpha()}, **{c: ("dots", c) for c in DOTS if not c.isalpha()},
    **{c: ("script", c) for c in "^_"}, **{c: ("blank", c) for c in "\\~"}, **{c: ("opening", c) for c in "(["},
    **{c: ("closing", c) for c in ")]"}, "&": ("amp", "&"), **{c: ("prime", c) for c in "'′"}, **{c: ("mark", c) for c in "+-,;.:!"},
    **{c: ("bar", c) for c in "|‖"}, "∂": ("command", "partial"), "∇": ("command", "nabla"), "∑": ("command", "sum"),
    "∏": ("command", "prod"), "√": ("command", "sqrt"), "⊤": ("command", "top"),
}  # fmt: skip
"""The tokens that characters are."""

MATRICES: dict[str, str] = {
    "bmatrix": "[", "pmatrix": "(", "Bmatrix": "{", "vmatrix": "|", "Vmatrix": "‖", "matrix": "", "smallmatrix": "",
    "array": "", "bsmallmatrix": "[", "psmallmatrix": "(",
}  # fmt: skip
"""Environments that are matrices, with their fences."""

CASES = frozenset({"cases", "dcases", "rcases", "drcases"})

DISPLAYS = frozenset({"equation", "equation*", "displaymath", "math", "align", "align*", "aligned", "gather", "gather*",
                      "gathered", "split", "multline", "multline*", "eqnarray", "eqnarray*", "flalign", "flalign*"})  # fmt: skip
"""Environments that hold one equation or several."""

REFUSED: dict[str, str] = {
    "int": "integrals are not read", "iint": "integrals are not read", "oint": "integrals are not read",
    "lim": "limits are not read", "sup": "suprema are not read", "inf": "infima are not read",
    "infty": "there is no infinite number here; the largest absolute value is \\max(|\\mathbf{x}|)", "binom": "binomial coefficients are not read",
    "arg": "an argument of the maximum is not read", "argmax": "an argument of the maximum is not read",
    "argmin": "an argument of the minimum is not read", "pm": "± is two expressions: write one of them",
    "mp": "∓ is two expressions: write one of them", "oplus": "⊕ is not read", "boxtimes": "the Kronecker product is not read",
    "bigoplus": "⊕ is not read", "wedge": "∧ is not read", "land": "multiply conditions, which are 1 or 0",
    "cup": "sets are not read", "cap": "sets are not read", "forall": "quantifiers are not read",
    "exists": "quantifiers are not read", "mid": "what stands behind \\mid is a condition, and conditional probabilities are not read", "mod": "the remainder is no operation here", "bmod": "the remainder is no operation here",
    "dagger": "numbers here are real: the transpose is ^{\\mathsf T}, and the pseudo-inverse is not read", "ddagger": "numbers here are real: write ^{\\mathsf T}",
}  # fmt: skip
"""Mathematics that is known and not read, with what to say of it."""

HELD = frozenset({"infty", "int", "iint", "oint", "lim", "sup", "inf", "arg", "argmax", "argmin"})
"""Those of them that can be kept with what they are made of."""

OTHERWISE = 'a function of your own is declared in the where text, such as "g: R^n -> R", and written g(x)'
"""What to do where the mathematics is not read."""

_FUNCTION = 'declare it as a function of its own if it stands for one: "{0}: R^(n*n) -> R"'
_INVERSE = r"of an invertible matrix the adjugate is \det(A) A^{-1}"
_EXPECTED = (
    r"differentiate what is under it: a gradient goes under the expectation; a mean over data is written \frac1N\sum_i"
)
UNREAD: dict[str, tuple[str, str]] = {
    "rank": ("the rank of a matrix has no derivative", _FUNCTION), "adj": ("the adjugate is not read", _INVERSE),
    "cof": ("cofactors are not read", _INVERSE), "cond": ("the condition number is not read", _FUNCTION),
    "svd": ("a decomposition is not read", "write A = U S V^T with letters of their own"),
    "qr": ("a decomposition is not read", "write A = QR with letters of their own"),
    "chol": ("a decomposition is not read", "write A = L L^T with a letter L of its own"),
    "expm": ("the exponential of a matrix is not read", _FUNCTION), "logm": ("the logarithm of a matrix is not read", _FUNCTION),
    "sqrtm": ("the root of a matrix is not read", "write A = S S with a letter S of its own"),
    "pinv": ("the pseudo-inverse is not read", "of a matrix of full column rank it is (A^T A)^{-1} A^T"),
    "median": ("the median is not read", _FUNCTION), "prox": ("proximal maps are not read", _FUNCTION),
    "softmin": ("softmin is not read", r"write \operatorname{softmax}(-x)"), "KL": ("a divergence is not read", "write out its sum or its density"),
    "argmax": ("an argument of the maximum is not read", _FUNCTION), "argmin": ("an argument of the minimum is not read", _FUNCTION),
} | dict.fromkeys(
    ("eig", "eigs", "eigvals", "eigenvalues", "spec"), ("eigenvalues are not read", _FUNCTION),
) | dict.fromkeys(
    ("E", "Var", "var", "Cov", "cov", "Corr", "corr", "P", "Pr", "Prob"), ("expectations and probabilities are not read", _EXPECTED),
) | dict.fromkeys(
    ("conv", "proj", "Proj", "span", "null", "ker", "im", "dim", "rk", "Rank", "per", "perm", "Pf", "round", "floor", "ceil", "sup", "inf", "lim"),
    ("{0} is not read", _FUNCTION),
) | dict.fromkeys(
    ("arcsin", "arccos", "arctan", "asin", "acos", "atan", "arctanh", "atanh", "sec", "csc", "cot", "sinc"),
    ("{0} is not read", "write it with exp, sin, cos or tanh, or declare a function: {0}: R -> R elementwise"),
)  # fmt: skip
"""Words of functions that are known and not read, with what to say of them and what to write instead."""

HOSTILE = re.compile(
    r"input|include\w*|write\d*|immediate|open(?:in|out)|close(?:in|out)|read(?:line)?|catcode|csname|endcsname|def|edef|gdef|xdef|let"
    r"|newcommand|renewcommand|providecommand|newenvironment|DeclareMathOperator|usepackage|documentclass|href|url\w*|includegraphics"
    r"|special|loop|repeat|expandafter|noexpand|the|jobname|directlua|pdf\w+|html\w+|require|unicode|verb\w*|lstinput\w*|every\w+"
    r"|message|errmessage|typeout|output|shipout|end(?:input|group)|begingroup|global|long|outer|futurelet|uppercase|lowercase"
)
"""Commands that would act, not mean: files, programs, links, definitions inside a formula."""

EXTREMES = frozenset({"max", "min"})


@dataclass(frozen=True)
class Words:
    """The words and signs that some operations have in LaTeX."""

    glossary: Glossary

    @cached_property
    def functions(self) -> dict[str, str]:
        """Function words, as commands or in \\operatorname, with the name in text."""
        return self.glossary.words | {"sqrt": "sqrt", "lg": "log10"}

    @cached_property
    def below(self) -> dict[tuple[str, str], str]:
        """What a word below a function's name makes of it: ("softmax", "rows") softmax_rows."""
        return {
            (op.notation.word, word): op.name
            for op in self.glossary.operations
            if op.notation.form == "function"
            for word in op.notation.under
            if word
        }

    @cached_property
    def letters(self) -> dict[str, str]:
        """Letters that before parentheses are functions, with the name in text: σ."""
        return {sign: op.name for sign, op in self.glossary.letters.items() if op.notation.form == "function"}

    @cached_property
    def infixes(self) -> dict[str, int]:
        """Signs between two that are no relations, with their levels."""
        return {sign: op.notation.level for sign, op in self.glossary.infixes.items()}

    @cached_property
    def transposes(self) -> frozenset[str]:
        """Commands that say transpose in a superscript; T in whatever font does too."""
        return self.glossary.superscripts

    @cached_property
    def whole(self) -> frozenset[str]:
        """Functions that, written without parentheses, are of the whole product after them."""
        return frozenset(name for name, ops in self.glossary.by_name.items() if ops[0].notation.whole)

    @cached_property
    def between(self) -> dict[str, tuple[str, str]]:
        """Relations, and other signs between two that the catalog has, with the tokens that they are."""
        known = BETWEEN | self.glossary.signs
        return {name: ("sign" if sign in self.infixes else "relation", sign) for name, sign in known.items()}

    @cached_property
    def commands(self) -> dict[str, tuple[str, str]]:
        """What each command does, and by which value."""
        words = dict.fromkeys((*self.transposes, *self.functions), ("command", ""))
        return words | self.between | COMMANDS

    @cached_property
    def characters(self) -> dict[str, tuple[str, str]]:
        """Characters by the token that each makes: its kind and its value."""
        return self.between | CHARACTERS

    def nearest(self, name: str) -> str | None:
        """The known command that is most like ``name``."""
        known = sorted(n for n in (*self.commands, *FENCES, "setminus") if n.isascii() and n.isalpha())
        return nearest(name, tuple(known))


@lru_cache(maxsize=8)
def words_of(glossary: Glossary) -> Words:
    """The commands of a glossary, made once."""
    return Words(glossary)
