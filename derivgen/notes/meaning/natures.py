"""Matrices that are symmetric by what they are: covariances, Hessians, kernel matrices, as words and densities say."""

from __future__ import annotations

import re

from derivgen.notes.sources.source import Notes

ONE = r"⟦\d+⟧"
"""The mark of a formula in prose."""

LIST = rf"{ONE}(?:\s*(?:,\s*and\s|,\s*or\s|,|and\s|or\s|&)\s*{ONE})*"

NATURE = (
    r"\b(?:covariance|hessian|gram\s+matri(?:x|ces)|(?:kernel|precision|scatter|(?:fisher\s+)?information)\s+matri(?:x|ces)|laplacian)\b"
    r"|(?:协方差|精度|核|散度|海森|黑塞|海塞|格拉姆|Hessian\s*)矩阵"
)
_TO = r"(?:is|are|be|as|by|given|denoted|written)"
_THE = r"(?:an?|the|its|their)"
_NAMED = rf"(?P<adjectives>(?:\w+\s+)?(?:{NATURE}))"

BY_NATURE = (
    re.compile(
        rf"(?<!non-)(?<!non)(?<!not )\b(?P<adjectives>symmetric(?:\s+positive[\s-]+definite)?|positive[\s-]+definite)\s+(?P<letters>{LIST})",
        re.IGNORECASE,
    ),
    re.compile(rf"(?P<adjectives>{NATURE})(?:\s+matri(?:x|ces))?\s*(?P<letters>{LIST})", re.IGNORECASE),
    re.compile(
        rf"(?P<adjectives>{NATURE})(?:\s+matri(?:x|ces))?(?:\s+of\s+(?:the\s+)?(?:\w+|{ONE}))?\s+(?:{_TO}\s+){{1,3}}(?P<letters>{LIST})",
        re.IGNORECASE,
    ),
    re.compile(
        rf"(?<!to )(?<!of )(?<!by )(?P<letters>{LIST})(?:\s+(?:is|be|denotes?)|\s*,)\s+{_THE}\s+{_NAMED}", re.IGNORECASE
    ),
    re.compile(
        rf"\b(?:write|denote(?:\s+by)?|call)\s+(?P<letters>{LIST})\s+(?:for\s+|as\s+)?{_THE}\s+{_NAMED}", re.IGNORECASE
    ),
    re.compile(rf"(?P<letters>{LIST})[​\s]*(?:为|是|表示)[^，。,.⟦]{{0,8}}?(?P<adjectives>{NATURE})", re.IGNORECASE),
)
"""What is symmetric by what it is."""

_SYMMETRIC = re.compile(
    r"symmetric|hessian|co(?:-?)varian[cz]|positive[\s-]+(?:semi-?)?definite|self-adjoint|对称|\bPSD\b|\bSPD\b|gram matrix"
    r"|idempotent|(?:hat|projection|annihilator|kernel|precision|scatter|information) matri|residual maker|协方差|(?:核|海森|黑塞|格拉姆|正定)矩阵"
    r"|\bgaussian\s+(?:distribut|densit|random|process|mixture|prior|posterior|noise|likelihood|vector|variable|model|with)"
    r"|\bkalman\b|\bLQ[RG]\b|\briccati\b|\blyapunov\b|\bmahalanobis\b"
    r"|\bmultivariate\s+(?:gaussian|normal)|\bnormal(?:ly)?\s+distribut|(?:高斯|正态)分布|kovarian[cz]|kovariansmatr|covarian[cz]a",
    re.IGNORECASE,
)

_NORMAL = re.compile(
    r"\\succ(?:eq|curlyeq)?(?![A-Za-z])|"
    r"\\mathcal\s*\{?\s*N(?![A-Za-z])|\\mathscr\s*\{?\s*N(?![A-Za-z])|(?<![A-Za-z\\])(?:Cov|cov)(?![A-Za-z])"
)
_QUADRATIC = re.compile(
    r"\^(?:\{?\\(?:top|intercal|mathsf\{?T|mathrm\{?T|mathtt\{?T|text\{T)|\{?T|\{?'|\{?\\prime)\}*(?P<letter>(?:\\[a-z]+\{)?\\?[A-Za-z]+\}?)(?:_(?:\w|\{\w+\}))?\^\{?-1\}?"
)
_OUTER = re.compile(
    r"\((?P<part>[^()]+)\)\((?P=part)\)\^(?:\{?\\(?:top|intercal|mathsf\{?T|mathrm\{?T|text\{T)|\{?T|\{?')"
)
"""The product of a deviation with itself, (x - m)(x - m)ᵀ, of which covariances are made."""

_SIZED = re.compile(r"\\(?:left|right|[bB]ig+[lr]?|[,;!: ])|\s+")


def speaks_of_symmetry(text: str) -> bool:
    """Whether words speak of matrices that are symmetric."""
    return _SYMMETRIC.search(text) is not None


def has_a_density(notes: Notes) -> bool:
    """Whether a normal distribution, a covariance or a definite matrix stands in a formula: by its sign, its density or what it
    is made of."""
    return any(_NORMAL.search(f.latex) is not None or _is_density(f.latex) for f in notes.formulas())


def _is_density(latex: str) -> bool:
    """Whether the determinant of a matrix stands beside a quadratic form with its inverse, or a deviation times itself."""
    if "^" not in latex:
        return False
    latex = _SIZED.sub("", latex)
    if _OUTER.search(latex):
        return True
    letters = {m["letter"] for m in _QUADRATIC.finditer(latex)}
    return any(re.search(rf"(?:\||\\det|\\[lr]?vert)[({{]*{re.escape(letter)}", latex) for letter in letters)
