"""What e and ⊗ are: the number of Euler or a letter of the author's, a sign of three meanings or ⊙."""

from __future__ import annotations

from collections.abc import Container, Iterable

from derivgen.read.latex.names import Lexicon
from derivgen.read.surface import Infix, Letter, Raised, Surface, Transposed


def is_letter_e(parts: Iterable[Surface], lexicon: Lexicon, said: Container[tuple[str, bool]] = ()) -> bool:
    r"""Whether e is transposed, and so no number: e^\top e, e e^T; or a text has ``said`` what it is.

    e^T is a power where e stands nowhere else, T stands somewhere else, or e is raised to anything else.
    """
    if lexicon.knows("e") or ("e", False) in said:
        return not lexicon.knows("e")
    raised: list[str | None] = []
    turned = 0
    letters: list[str] = []
    for part in parts:
        match part:
            case Transposed(_, Letter(_, "e", "" | "upright")):
                turned += 1
            case Raised(_, Letter(_, "e", "" | "upright"), exponent):
                raised.append(exponent.stem if isinstance(exponent, Letter) else None)
            case Letter(_, "e" | "T" as stem, "" | "upright"):
                letters.append(stem)
            case _:
                pass
    if not set(raised) <= {"T"} or lexicon.knows("T") or letters.count("T") > len(raised):
        return False
    return turned > 0 or (bool(raised) and letters.count("e") > len(raised))


def is_tensor_sign(s: Infix, source: str) -> bool:
    r"""Whether the sign is ⊗, which has three meanings, and not ⊙, which has one."""
    between = source[s.left.span.end : s.right.span.start]
    return s.operator == "⊗" and ("otimes" in between or "⊗" in between)
