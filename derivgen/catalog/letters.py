"""Letters and names: which words are Greek letters, and how a name is spelled with subscripts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

GREEK: dict[str, str] = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "zeta": "ζ", "eta": "η", "theta": "θ",
    "iota": "ι", "kappa": "κ", "lambda": "λ", "lam": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π", "rho": "ρ",
    "sigma": "σ", "tau": "τ", "upsilon": "υ", "phi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω",
    "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ", "Phi": "Φ",
    "Psi": "Ψ", "Omega": "Ω", "ell": "ℓ",
}  # fmt: skip
"""Names that are Greek letters, and ell, with the letter. ``lam`` serves where ``lambda`` is a word of the language."""

LETTER_NAMES: dict[str, str] = {sign: name for name, sign in GREEK.items() if name != "lam"}
"""The names of Greek letters."""

_NAME = re.compile(r"^(?P<stem>.*?)_?(?P<digits>\d+)?$")


@dataclass(frozen=True, slots=True)
class Letter:
    """A name taken apart: the stem ("W", "theta", "loss") and its subscript ("1", or "hidden" of W_hidden)."""

    stem: str
    subscript: str

    @property
    def greek(self) -> str | None:
        """The Greek letter that the stem names."""
        return GREEK.get(self.stem)


def letter(name: str) -> Letter:
    """Take a name apart: W1 is W with subscript 1, theta_hat is theta with subscript hat, lam is λ."""
    stem, _, rest = name.partition("_")
    if rest and stem:
        return Letter(stem, rest)
    found = _NAME.match(name)
    if found and found["stem"]:
        return Letter(found["stem"], found["digits"] or "")
    return Letter(name, "")


@dataclass(frozen=True, slots=True)
class Spelling:
    """A name's stem, and its subscripts if any. A Greek stem is the letter itself."""

    stem: str
    subs: tuple[str, ...] = ()


@lru_cache(maxsize=512)
def spell(name: str) -> Spelling:
    """The usual spelling: W1 as W with subscript 1, theta_hat as θ with subscript hat."""
    parts = letter(name)
    return Spelling(parts.greek or parts.stem, tuple(s for s in parts.subscript.split("_") if s))


def spoken(name: str) -> str:
    """A name as it stands in a sentence: mu as μ; with subscripts it stays as it was typed."""
    spelling = spell(name)
    return name if spelling.subs else spelling.stem


def spellings(ranks: Mapping[str, int]) -> dict[str, Spelling]:
    """The spelling of each name in a document, given the ranks of what they name, so that no two read alike."""
    vectors = {spell(name).stem for name, rank in ranks.items() if rank == 1 and not spell(name).subs}
    found: dict[str, Spelling] = {}
    used: set[Spelling] = set()
    for name, rank in ranks.items():
        spelling = spell(name)
        # a scalar x1 beside a vector x would be read as its first entry, x0 and x_bar are none; lam beside lambda is λ twice
        places = [sub for sub in spelling.subs if sub != "0" and (sub.isdigit() or len(sub) == 1)]
        if spelling in used or (not rank and places and spelling.stem in vectors):
            spelling = Spelling(name)
        used.add(spelling)
        found[name] = spelling
    return found


LATEX_LETTERS: dict[str, str] = {name: sign for sign, name in LETTER_NAMES.items()} | {
    "varepsilon": "ε", "vartheta": "θ", "varphi": "φ", "varrho": "ρ", "varsigma": "σ", "varkappa": "κ", "varpi": "π",
    "Upsilon": "Upsilon",
}  # fmt: skip
"""LaTeX commands, without the backslash, that are letters."""
