"""An end to what takes too long, in processor time, and to what takes too much memory.

Whatever builds expressions, reads texts or sets formulas asks now and then whether it is ``on_time``. No signal and no
other thread is needed, so that this holds in every thread and in every process.
"""

from __future__ import annotations

import ctypes
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from math import inf
from time import monotonic, thread_time
from typing import Any

from derivgen.errors import DerivgenError, shown

USUAL_SECONDS = 8.0
"""What one question may take, unless the one who asks says otherwise. Few take a second."""

MOST_MEMORY = 700_000_000
"""Bytes that a command may take."""

_STATM = "/proc/self/statm"
"""Where Linux tells a process how much memory it has."""

_LOOK = 0.05
"""Seconds between two looks at the processor's clock and at the memory, which are slow to read."""

_HINT = "a smaller expression, or more time: --timeout 60 on the command line, timeout=60 in Python"


class TooLong(DerivgenError):
    """What was begun takes more time or memory than it was given."""

    kind = "too large"


@dataclass(frozen=True, slots=True)
class Deadline:
    """An end to computing, in seconds of the processor: a busy machine brings it no nearer."""

    wall: float
    processor: float

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        """The deadline so many seconds from now, on both clocks."""
        return cls(monotonic() + seconds, thread_time() + seconds)

    def is_over(self) -> bool:
        """Whether the time is over on both clocks: waiting for the processor does not count."""
        # the clock of the processor is slow to read, and never ahead of that on the wall
        return monotonic() > self.wall and thread_time() > self.processor

    def left(self) -> float:
        """Seconds of the processor that are left; less than none where it is over."""
        return self.processor - thread_time()


@dataclass(slots=True)
class _Bound:
    """A deadline that is asked often.

    Attributes:
        seconds: the time given.
        doing: what is under way, for a message: "deriving".
        next_look: when the clocks are read again, on the wall.
    """

    deadline: Deadline
    seconds: float
    doing: str = "this"
    next_look: float = 0.0


_bound: ContextVar[_Bound | None] = ContextVar("bound", default=None)

_memory: list[int] = []
"""How many bytes more this process may take, and how many it may have then; nothing where nobody has said."""


def on_time() -> None:
    """Go on only if there is time left, and memory.

    Raises:
        TooLong: there is none.
    """
    bound = _bound.get()
    if bound is not None and monotonic() > bound.next_look:
        _look(bound)


def _late(bound: _Bound) -> TooLong:
    return TooLong(f"{bound.doing} takes more than {bound.seconds:g} seconds of processor time", hint=_HINT)


def _look(bound: _Bound) -> None:
    if bound.deadline.is_over():
        raise _late(bound)
    if _memory and _resident() > _memory[1]:
        most = _memory[0]
        if not os.path.exists(_STATM):
            limit_memory(most)  # a peak does not fall again: what comes next has its own
        raise TooLong(
            f"{bound.doing} takes more than {most // 1_000_000:,} MB of memory", hint="take a smaller expression"
        )
    bound.next_look = monotonic() + min(_LOOK, bound.seconds / 10)


@contextmanager
def bounded(seconds: float | None) -> Iterator[None]:
    """Let what is done inside take at most so many seconds of this thread's processor time.

    None is the usual bound, or that of the one who called, if there is one: of several bounds the nearest holds.

    Raises:
        DerivgenError: the number makes no sense.
    """
    outer = _bound.get()
    if seconds is None and outer is not None:
        yield
        return
    given = USUAL_SECONDS if seconds is None else sensible(seconds)
    deadline = Deadline.after(given)
    if outer is not None and outer.deadline.processor <= deadline.processor:
        yield
        return
    token = _bound.set(_Bound(deadline, given))
    try:
        yield
    except RecursionError:  # the walks that all inputs reach do without; this is for a rule that looks very deep
        raise TooLong("the expression is nested too deeply", hint="name its parts with --let, let=") from None
    finally:
        _bound.reset(token)


def sensible(seconds: Any) -> float:
    """A number of seconds, or an error.

    Raises:
        DerivgenError: it is none, or not positive.
    """
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not seconds > 0:
        raise DerivgenError(f"a timeout of {shown(seconds)} makes no sense", hint="it is a positive number of seconds")
    return float(seconds)


class refusals:
    """Go on behind a block that something is refused in; not where there is no time left, of which nothing follows."""

    def __enter__(self) -> None:
        """Nothing is to be done."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        """Whether the error is a refusal."""
        return isinstance(error, DerivgenError) and not isinstance(error, TooLong)


@contextmanager
def doing(what: str) -> Iterator[None]:
    """Say what is under way, for the message where it takes too long."""
    bound = _bound.get()
    if bound is None:
        yield
        return
    before, bound.doing = bound.doing, what
    try:
        yield
    finally:
        bound.doing = before


class _Over(BaseException):
    """What interrupts a thread whose time is over."""


@contextmanager
def interruptible() -> Iterator[None]:
    """End what is done inside when its time is over: for code that is not ours, and never asks whether it is on time.

    Another thread watches the clock of this one. It reaches in between two instructions of Python, nowhere else, so that
    no call of a library in C may be longer than a moment.
    """
    bound = _bound.get()
    if bound is None:
        yield
        return
    watched = _Watched(bound.deadline)
    late = False
    try:
        threading.Thread(target=watched.watch, name="derivgen-clock", daemon=True).start()
        yield
    except _Over:
        late = True
    finally:
        while not watched.closed:
            try:
                watched.close()
            except _Over:
                late = True
        try:
            watched.settle()
        except _Over:
            late = True
    if late:
        raise _late(bound)


class _Watched:
    """A thread with its deadline, as another thread sees it."""

    def __init__(self, deadline: Deadline) -> None:
        self.deadline = deadline
        self.thread = threading.get_ident()
        self.clock = time.pthread_getcpuclockid(self.thread) if hasattr(time, "pthread_getcpuclockid") else None
        self.lock = threading.Lock()
        self.done = threading.Event()
        self.closed = False
        self.reached = False

    def watch(self) -> None:
        wait = max(self.deadline.wall - monotonic(), 0.0)
        while not self.done.wait(min(max(wait, _LOOK), threading.TIMEOUT_MAX)):
            wait = self.deadline.processor - time.clock_gettime(self.clock) if self.clock is not None else 0.0
            if wait <= 0:
                with self.lock:
                    if self.closed:
                        return
                    self.reached = True
                    _reach(self.thread, _Over)

    def close(self) -> None:
        """Leave the thread alone from now on."""
        with self.lock:
            self.closed = True
        self.done.set()

    def settle(self) -> None:
        """Let arrive what is on its way: between two instructions, of which there are some here.

        To take it back instead would leave the interpreter looking for it before every call from then on.
        """
        if self.reached:
            for _ in range(1000):
                pass


def _reach(thread: int, what: type[BaseException]) -> None:
    """Have a thread raise something."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(what))


@contextmanager
def unbounded() -> Iterator[None]:
    """Ask for no bound inside: for what has one of its own."""
    token = _bound.set(None)
    try:
        yield
    finally:
        _bound.reset(token)


def seconds_left() -> float:
    """Seconds of processor time that are left to this thread; infinite where nobody has said."""
    bound = _bound.get()
    return inf if bound is None else bound.deadline.left()


def limit_memory(more: int | None = MOST_MEMORY) -> None:
    """Let this process take so many bytes more than it has now, where the system tells how many these are; None: any."""
    _memory[:] = [] if more is None else [more, _resident() + more]


def no_memory() -> TooLong:
    """The error where the system has no more memory to give."""
    return TooLong("this takes more memory than there is", hint="take a smaller expression")


def _resident() -> int:
    """Bytes that this process has in memory; where only the most that it ever had are told, these; 0 where nothing is."""
    try:
        with open(_STATM, encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        pass
    try:
        import resource
    except ImportError:
        return 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
