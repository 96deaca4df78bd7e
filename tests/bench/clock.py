"""Measuring: calls in this process, whole processes, and how a cost grows."""

from __future__ import annotations

import math
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

T = TypeVar("T")


def timed(call: Callable[[], T]) -> tuple[T, float]:
    """What a call gives, and the milliseconds that it took."""
    start = time.perf_counter()
    value = call()
    return value, (time.perf_counter() - start) * 1000


def typical(call: Callable[[], object], repeats: int = 5) -> float:
    """The median milliseconds of a call."""
    return statistics.median(timed(call)[1] for _ in range(repeats))


def processes(commands: Sequence[Sequence[str]], repeats: int = 5) -> list[float]:
    """The median milliseconds of whole processes, run in turn so that all see the same machine."""
    seen: list[list[float]] = [[] for _ in commands]
    for _ in range(repeats + 1):  # the first round warms the file cache and is not counted
        for times, command in zip(seen, commands, strict=True):
            times.append(timed(partial(subprocess.run, command, check=True, capture_output=True))[1])
    return [statistics.median(times[1:]) for times in seen]


def growth(sizes: Sequence[int], times: Sequence[float]) -> tuple[float, float, float]:
    """A least-squares line through the times: its slope, its R², and the slope between logarithms (1 is linear)."""
    slope, _, fit = _line(sizes, times)
    exponent, _, _ = _line([math.log(s) for s in sizes], [math.log(t) for t in times])
    return slope, fit, exponent


def _line(xs: Sequence[float], ys: Sequence[float]) -> tuple[float, float, float]:
    slope, intercept = statistics.linear_regression(xs, ys)
    return slope, intercept, statistics.correlation(xs, ys) ** 2
