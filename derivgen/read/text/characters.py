"""Characters that a formula may and may not be typed with, and what to type instead."""

from __future__ import annotations

import re
import unicodedata

from derivgen.catalog import GLOSSARY
from derivgen.catalog.letters import LETTER_NAMES
from derivgen.errors import ParseError, Span

GREEK_NAMES: dict[str, str] = LETTER_NAMES | {
    "ϕ": "phi", "ϑ": "theta", "ϵ": "epsilon", "ϱ": "rho", "ς": "sigma", "ϖ": "pi", "ϰ": "kappa",
    "µ": "mu", "∆": "Delta", "Ω": "Omega",  # the signs for micro, increment and ohm  # noqa: RUF100
}  # fmt: skip
"""A Greek letter, and the name that it is read as."""

LOOK_ALIKES = str.maketrans(
    "аеорсухіјѕԁԛԝһӏѵԍАВЕКМНОРСТУХІЈЅԌԚԜոսցօհոΑΒΕΖΗΙΚΜΝΟΡΤΥΧοıȷɑɡ∗",
    "aeopcyxijsdqwhlvgABEKMHOPCTYXIJSGQWnugohnABEZHIKMNOPTYXoijag*",
)
"""Letters of other alphabets that look like Latin ones."""

SAME: dict[str, str] = {"−": "-", "\u00a0": " ", "\u2009": " ", "\u202f": " ", "\u3000": " ", "○": "◯", "⃝": "◯"}
"""Characters that are read as another, one for one."""

INSTEAD: dict[str, str] = {
    "×": "the product is written * (entry by entry, or by a scalar) or @ (of matrices)",
    "·": "the product is written * (entry by entry, or by a scalar) or @ (of matrices)",
    "⋅": "the product is written * (entry by entry, or by a scalar) or @ (of matrices)",
    "∙": "the product is written * (entry by entry, or by a scalar) or @ (of matrices)",
    "⊗": "the element-wise product is written *",
    "⊙": "the element-wise product is written *",
    "∘": "the element-wise product is written *",
    "⊘": "division is written /",
    "÷": "division is written /",
    "∕": "division is written /",
    "–": "a minus sign is written -",
    "—": "a minus sign is written -",
    "‐": "a minus sign is written -",
    "‑": "a minus sign is written -",
    **{sign: f"write {op.notation.text}" for sign, op in GLOSSARY.relations.items() if not sign.isascii()},
    "ᵀ": "the transpose is written x.T",
    "⊤": "the transpose is written x.T",
    "′": "the transpose is written x.T, a derivative D(f)(x)",
    "√": "the square root is written sqrt(x)",
    "∑": "a sum is written sum(x[i] for i in range(n))",
    "∂": "a partial derivative is written partial(e, x[j])",
    "‖": "a norm is written norm(x)",
    "∈": "declarations stand in the where text, not in the expression",
    "∞": "there is no infinite number here",
    "^": "a power is written **, as in x**2",
    "|": "an absolute value is written abs(x), a determinant det(X), a norm norm(x)",
    "%": "the remainder is no operation here",
    "&": "multiply conditions, which are 1 or 0: (x > 0) * (x < 1)",
    "~": "the opposite of a condition c is 1 - c",
    "!": "is it != that is meant?",
    "\\": "this looks like LaTeX: it is read with --from latex",
    "$": "leave the dollar signs out; LaTeX is read with --from latex",
    "#": "comments cannot stand in an expression",
    ";": "one expression at a time; declarations stand in the where text",
    "?": "leave it out",
    "`": "leave it out",
    "{": "sets and dictionaries are not read; group with ( )",
    "}": "sets and dictionaries are not read; group with ( )",
}

QUOTES = "\"'“”‘’«»„‚"

_SUBSCRIPTS = {chr(0x2080 + k): str(k) for k in range(10)}
_SUPERSCRIPTS = {"⁰": "0", "¹": "1", "²": "2", "³": "3"} | {chr(0x2070 + k): str(k) for k in range(4, 10)}


def describe(c: str) -> str:
    """A character as one speaks of it: itself, its name and its code."""
    name = unicodedata.name(c, "").lower()
    code = f"U+{ord(c):04X}"
    if not c.isprintable():
        return f"the character {name + ' ' if name else ''}({code}), which is not visible,"
    return f'"{c}" ({name}, {code})' if not c.isascii() else f'"{c}"'


ELSEWHERE: dict[str, str] = {
    "einsum": "write out what it sums: A @ x, trace(A @ B), or sum(x[i] * y[i] for i in range(n))",
    "cross_entropy": "write -log(softmax(z)[k]), or -sum(y * log(softmax(z)))",
    "reduce_sum": "write sum(x)", "reduce_mean": "write mean(x)", "reduce_max": "write max(x)",
    "mm": "write A @ B", "bmm": "write A @ B", "mv": "write A @ x", "multi_dot": "write A @ B @ C", "inner": "write dot(x, y)",
    "vdot": "write dot(x, y)", "multiply": "write x * y", "tensordot": "write A @ B, or trace(A.T @ B)",
    **dict.fromkeys(("norm1", "norm_1", "l1norm", "l1_norm"), "write norm(x, 1)"),
    **dict.fromkeys(("norm2", "norm_2", "l2norm", "l2_norm", "fro", "frobenius", "norm_fro", "norm_F", "normF"), "write norm(x)"),
    "sqnorm": "write norm(x)**2", "Tr": "write trace(A)", "identity": "write eye(n)", "hadamard": "write x * y",
    "T": "a transpose is written x.T", "outerprod": "write outer(x, y)",
    "average": "write mean(x)", "variance": "write var(x)",
    "sgn": "write sign(x)", "sech": "write 1/cosh(x)", "csch": "write 1/sinh(x)", "normalize": "write x / norm(x)",
    "pinv": "of full column rank it is inv(A.T @ A) @ A.T, of full row rank A.T @ inv(A @ A.T)",
    "expm": "the exponential of a matrix is not known; exp(A) is that of each entry",
    "kl": "write sum(p * log(p / q))", "entropy": "write -sum(p * log(p))",
    "argmax": "where the largest entry stands does not change under small changes; the largest itself is max(x)",
    "sort": "which entry stands where changes with the entries; the largest is max(x), the smallest min(x)",
    "median": "which entry is in the middle changes with the entries; the mean is mean(x)",
    "diff": "an index cannot be shifted; write D @ x, with D in R^(m*n) for the matrix of differences",
    "cbrt": "of positive numbers it is x**(1/3)",
    "tril": "write [[(i >= j) * A[i, j] for j in range(n)] for i in range(n)]", "triu": "write [[(i <= j) * A[i, j] for j in range(n)] for i in range(n)]",
    "arctan": "declare it: arctan: R -> R elementwise, and its derivative is named", "arcsin": "declare it: arcsin: R -> R elementwise, and its derivative is named",
    "slogdet": "write logdet(A)", "power": "write x**2", "divide": "write x / y", "subtract": "write x - y", "add": "write x + y",
}  # fmt: skip
"""Functions of other libraries that are not read, and what to write instead."""

OPTIONS: dict[str, str] = {
    "ord": "the norms are norm(x) and norm(x, 1)",
    "": "arguments are given by their order; sum(X) is of all entries, sum(X, axis=1) of each row",
}
"""What to write instead of an argument by its name: of any other, by the name \"\"."""


def refuse_character(c: str, at: int, source: str) -> ParseError:
    """The error for a character that means nothing here."""
    span = Span(at, at + 1)
    if c in QUOTES:
        if source[:at].rstrip(" (").endswith("einsum"):
            return ParseError("einsum is not read", span=span, source=source, hint=ELSEWHERE["einsum"])
        return ParseError("text in quotes is no part of a formula", span=span, source=source,
                          hint="names and numbers are written without quotes")  # fmt: skip
    if c in INSTEAD:
        return ParseError(f"{describe(c)} is not read here", span=span, hint=INSTEAD[c], source=source)
    if c in _SUBSCRIPTS:
        digit = _SUBSCRIPTS[c]
        hint = f"a name with a subscript is written x{digit}, an entry x[{digit}]"
        return ParseError(f"{describe(c)} is not read here", span=span, source=source, hint=hint)
    if c in _SUPERSCRIPTS:
        hint = f"a power is written **{_SUPERSCRIPTS[c]}"
        return ParseError(f"{describe(c)} is not read here", span=span, source=source, hint=hint)
    latin = latin_for(c)
    if latin is not None:
        return ParseError(f"{describe(c)} only looks like {latin!r}", span=span, source=source,
                          hint=f"type the Latin {latin}")  # fmt: skip
    return ParseError(f"{describe(c)} is not read here", span=span, source=source)


def latin_for(c: str) -> str | None:
    """The ASCII character that ``c`` looks like, if it does."""
    plain = c.translate(LOOK_ALIKES)
    if plain == c:
        plain = unicodedata.normalize("NFKC", c)
    if plain == c:
        plain = unicodedata.normalize("NFD", c)[0]  # é looks like e
    return plain if len(plain) == 1 and plain.isascii() and plain != c else None


def plain_name(name: str, at: int, source: str) -> str:
    """A name in ASCII: Greek letters by their names; any other foreign letter is refused."""
    if name.isascii():
        return name
    out = ""
    for k, c in enumerate(name):
        if c.isascii():
            out += c
        elif c in GREEK_NAMES:
            out += GREEK_NAMES[c]
        else:
            raise refuse_character(c, at + k, source)
    return out


_SENTENCE = re.compile(
    r"(?i)\b(?:(?:derivative|gradient|jacobian|hessian)\s+of|differentiate|wrt|with\s+respect\s+to)\b"
)


def refuse_sentence(source: str) -> ParseError | None:
    """What to say of a question in words, "derivative of … wrt x"; None where there are none."""
    if _SENTENCE.search(source) is None:
        return None
    return ParseError("this is a sentence, and an expression is read", span=Span(0, len(source)), source=source,
                      hint="give the expression by itself, and the variable apart: wrt, or --wrt")  # fmt: skip
