"""What stands above letters in a text and is a part of their names: x^-, u^{(a)}, z^L."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable

_SIGN = re.compile(r"(?<=[A-Za-z}])\s*\^\s*(?:-(?![\w{}\\])|\{\s*-\s*\})")
_IN_PARENTHESES = re.compile(r"\^\s*\{?\s*\(\s*(?P<label>[A-Za-z]|\d+)\s*(?P<shift>[+-]\s*\d\s*)?\)")
_LAST = re.compile(r"(?<=[a-z}])(?:_\s*(?:\w|\{[^{}]*\}))?\s*\^\s*\{?\s*L\s*\}?(?![A-Za-z])")
_LAYER = re.compile(r"\blayers?\b", re.IGNORECASE)
_OF_LAYERS = re.compile(r"\^\s*(?:l\b|\{\s*l\b)")
_COUNTING = frozenset("ijkln")


def labels_in(text: str, running: Container[str]) -> frozenset[str]:
    """What is a part of a name where it stands above a letter; ``running`` are the letters that count something.

    A letter in parentheses is a label where several stand so, none of them is a number, and none is counted on.
    """
    found: set[str] = set()
    if _SIGN.search(text):
        found.add("-")
    labels = {m["label"] for m in _IN_PARENTHESES.finditer(text)}
    shifted = {m["label"] for m in _IN_PARENTHESES.finditer(text) if m["shift"]}
    words = {label for label in labels - shifted - _COUNTING if label not in running}
    if len(words) > 1 and not shifted and not any(map(str.isdigit, labels)):
        found |= {f"({label})" for label in words}
    if _LAST.search(text) and _OF_LAYERS.search(text) and _LAYER.search(text):
        found.add("L")
    return frozenset(found)


_SPELLED = re.compile(r"\b[A-Z]{3,}\b|(?<=[a-z] \()[A-Z]{2}(?=\))")


def spelled_in(words: str) -> frozenset[str]:
    """The words of a paragraph that are all capitals, of three letters or more, or of two in parentheses behind what they stand for."""
    return frozenset(_SPELLED.findall(words))


_NAMES = frozenset({
    "acc", "accuracy", "action", "area", "bias", "cost", "count", "data", "depth", "energy", "err", "error", "grad",
    "gradient", "height", "hidden", "income", "input", "label", "length", "likelihood", "logit", "logits", "loss",
    "mae", "mask", "mse", "net", "new", "obs", "old", "out", "output", "policy", "pred", "prediction", "price",
    "prob", "profit", "query", "rate", "reg", "revenue", "reward", "risk", "rmse", "rss", "score", "size", "speed",
    "sse", "state", "step", "target", "test", "time", "total", "train", "true", "value", "volume", "weight",
    "weights", "width",
})  # fmt: skip
"""Words that stand for a number in formulas, though they are typed as letters side by side: \\partial loss."""

_RUN = re.compile(r"(?<![A-Za-z\\])d?([A-Za-z][a-z]{2,})(?![A-Za-z])")
_COMMAND = re.compile(r"\\(?:begin|end)\s*\{[^{}]*\}(?:\{[^{}]*\})?|\\[A-Za-z]+")
_WORD = re.compile(r"(?<![\w\\])[A-Za-z][a-z]{3,}(?!\w)")


def words_within(formulas: Iterable[str], prose: Iterable[str]) -> frozenset[str]:
    """The runs of letters in formulas that spell a word: one of the prose, or one that authors give to numbers."""
    runs = {run for latex in formulas for run in _RUN.findall(_COMMAND.sub(" ", latex))}
    runs |= {run[1:] for run in runs if run.startswith("d") and len(run) > 3}
    known = _NAMES | {word.lower() for text in prose if runs for word in _WORD.findall(text)}
    return frozenset(run for run in runs if run.lower() in known)
