"""Ways of writing under which a member says something else than its letters do, and that nothing declares."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable
from functools import lru_cache

_OPERATOR_D = re.compile(r"(?<![A-Za-z\\])D(?:_(?:\w|\{[^{}]*\}))?\s*[fghu](?![A-Za-z])")
"""D f, as some write a derivative."""

_REACH = re.compile(r"\\(?:log|ln|exp|sin|cos|tan|det)\s*(?![{^_\s\\])[A-Za-z]\s*(?:\\cdot\s*)?[A-Za-z](?![A-Za-z]*\{)")
"""log a b, which may be log(a b)."""

_DIFFERENTIAL_REACH = re.compile(
    r"(?<!tr|Tr)(?<!tr\}|Tr\}|ce\})\(\s*(?:d|\\mathrm\s*\{?d\}?|\\dif)\s*(?:\\math\w+\s*\{\w\}|[A-Z])\s*(?:\\math\w+\s*\{\w|[A-Z])"
)
"""(dX X^T), which may be d(X X^T)."""

_INVERSE = re.compile(
    r"(?:\\(?:text|mathrm|operatorname|mathop|rm)\s*\*?\s*\{\s*[A-Za-z]{2,}\s*\}|\\(?:sin|cos|tan|exp|log|ln|sinh|cosh|tanh))"
    r"\s*\^\s*(?:\{\s*-\s*1\s*\}|-1)\s*(?:\\left\s*|\\[bB]ig+l?\s*)?\("
)
"""logit^{-1}(t): the inverse of a function with a name, whose value is no reciprocal."""

_D = r"(?:\\partial|(?:\\math(?:rm|it)\s*)?(?:\{\s*d\s*\}|d))"
_BY_SQUARE = re.compile(
    rf"\\[dt]?frac\s*\{{\s*{_D}\s*(?!\s*\^)(?:[^{{}}]|\{{[^{{}}]*\}})*\}}\s*\{{\s*{_D}\s*\\?[A-Za-z]+\s*\^\s*\{{?\s*[2-9]"
)
r"""\frac{d}{dx^2}, by the square of x or twice by x."""

_NILPOTENT = re.compile(r"\bnilpotent\b|\bdual numbers?\b", re.IGNORECASE)
_SQUARE_OF_NOTHING = re.compile(
    r"(?<![A-Za-z\\])(\\?[A-Za-z]+)\s*\^\s*(?:2|\{\s*2\s*\})\s*=\s*(?:\\\w+\s*\{\s*)?0(?![.\d])"
)

_COMPLEX = re.compile(
    r"\bcomplex(?:es)?[\s-]+(?:numbers?|planes?|valued|variables?|conjugat\w+|analysis|exponentials?|roots?|vectors?|matri\w+|scalars?"
    r"|eigenvalues?|modul\w+|inner)\b|\b(?:is|are|be)\s+complex\b(?!\s+[a-z])|\bimaginary\b|\bholomorph|\bhermitian\b|\bunitary\b|\bphasors?\b|\bimpedance|\btransfer function|\bfourier\b"
    r"|\bnombres?\s+complexes?\b|\bkomplexe\w?\s+zahl|复数|虚数|复平面|\\mathbb\s*\{?\s*C(?![A-Za-z])|ℂ"
    r"|(?<![A-Za-z\\])[ij]\s*\}?\s*\^\s*\{?\s*2\s*\}?\s*=\s*-\s*1|=\s*\\sqrt\s*\{?\s*-\s*1",
    re.IGNORECASE,
)
"""What a text says that speaks of complex numbers."""

_UPRIGHT = re.compile(r"(?<![_^{])\\(?:mathrm|mathit|text|rm)\s*\{?\s*[ij](?![A-Za-z])|\\[ij]math(?![A-Za-z])")
_TURNING = re.compile(
    r"(?:(?<![A-Za-z\\])e|\\mathrm\s*\{\s*e\s*\})\s*\^\s*(?:\{[^{}]*?(?<![A-Za-z\\_])[ij](?![A-Za-z_])|[ij])"
    r"|(?<![A-Za-z\\_])[ij]\s*(?:2\s*)?\\(?:omega|hbar|pi)(?![A-Za-z])|\\pi\s*[ij](?![A-Za-z_])"
    r"|\\exp\s*(?:\\left\s*|\\[bB]ig+l?\s*)?[({\[][^(){}]*?(?<![A-Za-z\\_])[ij](?![A-Za-z_])"
)
r"""An i that is the imaginary unit whatever the text speaks of: \mathrm i, i\omega, 2\pi i and e^{i\theta}."""

_CONJUGATE = re.compile(
    r"\\(?:bar|overline|dagger|ast|Re|Im|real|Real|Imag)(?![A-Za-z])|\^\s*\{?\s*(?:\\math\w+\s*\{?\s*)?(?:\*|H(?![A-Za-z]))"
    r"|\\(?:operatorname|mathrm|text)\s*\{\s*(?:Re|Im|conj)\s*\}"
)
"""The signs of conjugates, of real and of imaginary parts."""


def reach_of(texts: Iterable[str]) -> str:
    """What is not said of how far a sign reaches in these members; empty where all is."""
    texts = tuple(texts)
    if any(map(_REACH.search, texts)):
        return "how far a function without parentheses reaches is not said"
    if any(map(_DIFFERENTIAL_REACH.search, texts)):
        return "how far a d at the head of a parenthesis reaches is not said"
    if any(map(_INVERSE.search, texts)):
        return "the power -1 of a function may be its inverse"
    if any(map(_BY_SQUARE.search, texts)):
        return "a derivative by a square may be meant, or a second derivative"
    return ""


def has_operator(texts: Iterable[str]) -> bool:
    """Whether D stands before a function, where it may be the sign of a derivative."""
    return any(map(_OPERATOR_D.search, texts))


def vanishing_square(text: str, texts: Iterable[str]) -> str:
    """The letter in these members whose square is 0 as the text says that speaks of dual numbers; empty where none is."""
    if not _NILPOTENT.search(text):
        return ""
    members = " ".join(texts)
    return next(
        (
            m[1]
            for m in _SQUARE_OF_NOTHING.finditer(text)
            if re.search(
                rf"(?<![A-Za-z\\]){re.escape(m[1])}(?![A-Za-z])" if m[1][0] == "\\" else re.escape(m[1]), members
            )
        ),
        "",
    )


@lru_cache(maxsize=8)
def _speaks_of_complex(text: str) -> bool:
    return _COMPLEX.search(text) is not None


def is_complex(text: str, texts: Iterable[str], unsaid: Container[str]) -> str:
    """Why these members may be of complex numbers, as a sentence; empty where they are not.

    ``unsaid`` are the names that were taken for letters, though nothing says what they are.
    """
    members = " ".join(texts)
    unit = next((letter for letter in "ij" if letter in unsaid), "")
    if unit and (_UPRIGHT.search(members) or _TURNING.search(members) or _speaks_of_complex(text)):
        return f"{unit} may be the imaginary unit"
    if _CONJUGATE.search(members) and _speaks_of_complex(text):
        return "the letters may be complex numbers, of which the text speaks"
    return ""
