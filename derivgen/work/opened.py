"""The store that a command opens for its questions, by the options of its user."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from derivgen.options import Options
from derivgen.work.cache import Cache
from derivgen.work.store import Service, Store
from derivgen.work.workers import Workers

T = TypeVar("T")


def opened_store(service: Service[T], options: Options, most: int | None, say: Callable[[str], object]) -> Store[T]:
    """Where answers come from: the cache, and processes for what it has not, unless ``most`` of them are to be one."""
    workers = Workers(options.jobs)
    alone = most is not None and min(workers.count, most) <= 1
    return Store(service, _cache(options, say), None if alone else workers, options.timeout)


def _cache(options: Options, say: Callable[[str], object]) -> Cache | None:
    """Where results are kept; without a folder for them there is a warning, and all is derived anew."""
    if not options.cache:
        return None
    folder = options.cache_dir
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as wrong:
        say(f"warning: nothing is kept for the next time: {folder[:80]}: {getattr(wrong, 'strerror', wrong)}")
        return None
    return Cache(Path(folder))
