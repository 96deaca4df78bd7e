"""A process that derives all day does not grow: what is kept between derivations is bounded."""

from __future__ import annotations

import gc
import importlib
import pkgutil
import tracemalloc

import pytest

import derivgen

QUESTIONS = (
    ("max(0, w.T @ x + b{k})", "w", "w, x in R^n{k}; b{k} in R"),
    ("softmax(A{k} @ x + {k})", "x", "A{k} in R^(m*n{k}); x in R^n{k}"),
    ("x.T @ A @ x * {k} + logsumexp(c{k} * x)", "x", "A in R^(n*n); x in R^n; c{k} in R"),
    ("norm(y{k} - X @ w)**2 / {k}", "w", "X in R^(m*n); y{k} in R^m; w in R^n"),
    ("sum((t[i] - tanh(w @ X[i]))**{k} for i in range(N{k}))", "w", "w in R^n; X in R^(N{k}*n); t in R^N{k}"),
)
"""Each time with other names, lengths and numbers, so that nothing kept for one question serves another."""

SMALL = (
    ("derivgen.show.layout.box", "MOST_REMEMBERED"), ("derivgen.show.document.equations", "MOST_REMEMBERED"),
    ("derivgen.show.layout.term", "MOST_SAID"),
)  # fmt: skip

WARM, FULL, COUNT, STRIDE = 40, 240, 300, 20
MOST = 2_000
"""Bytes that a derivation may leave behind: a kept tree would be ten times that."""


def _some(start: int, stop: int) -> None:
    for k in range(start, stop):
        expression, wrt, where = (part.format(k=k + 1) for part in QUESTIONS[k % len(QUESTIONS)])
        d = derivgen.derive(expression, wrt, where, check=k % 4 == 0)
        d.to("text" if k % 3 else "latex")


@pytest.mark.slow
def test_derivations_do_not_grow_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """With small caches, so that a tree that is kept is not lost among what they hold."""
    for cache, name in SMALL:
        monkeypatch.setattr(importlib.import_module(cache), name, 300)
    _some(0, WARM)
    gc.collect()
    tracemalloc.start()
    try:
        _most(WARM, FULL)  # bounded caches fill here, with what is counted
        first, second = (_most(start, start + COUNT) for start in (FULL, FULL + COUNT))
    finally:
        tracemalloc.stop()
    assert second - first < MOST * COUNT


def _most(start: int, stop: int) -> int:
    """The most that is kept at any time: a cache that is full begins anew, so what is kept goes up and down."""
    most = 0
    for k in range(start, stop, STRIDE):
        _some(k, k + STRIDE)
        gc.collect()
        most = max(most, tracemalloc.get_traced_memory()[0])
    return most


def test_every_cache_is_bounded() -> None:
    for module in pkgutil.walk_packages(derivgen.__path__, "derivgen."):
        if module.name.endswith("__main__"):
            continue
        try:
            loaded = importlib.import_module(module.name)
        except ModuleNotFoundError as missing:  # a plugin of a tool that is not installed here
            assert not (missing.name or "").startswith("derivgen")  # noqa: PT017
            continue
        for name, value in vars(loaded).items():
            if hasattr(value, "cache_info"):
                bounded = value.cache_info().maxsize is not None or not value.__wrapped__.__code__.co_argcount
                assert bounded, f"{module.name}.{name} keeps everything"
