"""The long profile, by hand: ``python -m tests.fuzz --count 100000 --seed 0 --jobs 2 --part 1/10 --out faults.jsonl``.

Question k of a seed is the same in every run, whatever the part. Faults are shrunk as they are found.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import re
import signal
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from random import Random
from types import FrameType
from typing import Any

from tests.fuzz.compare import (
    ERROR,
    FALSE_ALARM,
    NO_POINT,
    NO_VALUE,
    NOT_COMPARED,
    NOWHERE,
    REFUSED,
    RIGHT,
    SLOW,
    UNCHECKED,
    WRONG,
    Derived,
    TooSlow,
    outcome,
)
from tests.fuzz.generate import question
from tests.fuzz.shrink import shrunk
from tests.fuzz.words import Question

FAULTS = (WRONG, FALSE_ALARM, ERROR, NO_VALUE, SLOW)
SECONDS = 30


def _too_slow(number: int, frame: FrameType | None) -> None:
    raise TooSlow


def within(seconds: int, q: Question) -> Derived:
    """The outcome, or that there was none after so many seconds of the processor."""
    old = signal.signal(signal.SIGPROF, _too_slow)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        return outcome(q)
    except TooSlow:
        return Derived(SLOW, f"not done after {seconds} s")
    except RecursionError:
        return Derived(ERROR, "RecursionError")
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, old)


@dataclass(frozen=True, slots=True)
class Found:
    number: int
    q: Question
    outcome: Derived
    small: Question | None = None


SHRUNK: Counter[tuple[str, str]] = Counter()
"""How many faults of a kind and a reason this process has made small: a few of each are enough."""


def look(task: tuple[int, int, bool]) -> Found:
    seed, number, shrink = task
    q = question(Random(f"{seed}/{number}"))
    made = within(SECONDS, q)
    small = None
    what = made.kind, _reason(made)
    if shrink and made.kind in (*FAULTS, UNCHECKED) and made.kind != SLOW and SHRUNK[what] < 4:
        SHRUNK[what] += 1
        small = shrunk(q, lambda other: same_fault(made, within(SECONDS, other)), 150)
    return Found(number, q, made, small)


def same_fault(a: Derived, b: Derived) -> bool:
    return (a.kind, _reason(a)) == (b.kind, _reason(b))


def _reason(o: Derived) -> str:
    """Of errors the class, of verdicts the sentence; an answer that is wrong is wrong otherwise in a smaller question."""
    return o.reason.split(":")[0] if o.kind == ERROR else "" if o.kind in (WRONG, NO_VALUE) else o.reason


def run(seed: int, numbers: range, jobs: int, shrink: bool = False) -> Iterator[Found]:
    tasks = [(seed, k, shrink) for k in numbers]
    if jobs == 1:
        yield from map(look, tasks)
        return
    with multiprocessing.get_context("spawn").Pool(jobs) as pool:
        yield from pool.imap(look, tasks, chunksize=20)


def table(found: list[Derived]) -> list[str]:
    """Outcomes and their shares, reasons below those that have one."""
    kinds, reasons = Counter(o.kind for o in found), Counter((o.kind, _gist(o.reason)) for o in found)
    lines = [f"random expressions: {len(found)}"]
    for kind, count in kinds.most_common():
        lines.append(f"  {count:7} {count / len(found):7.2%}  {kind}")
        if kind in (REFUSED, UNCHECKED):
            said = Counter({r: n for (k, r), n in reasons.items() if k == kind}).most_common(8)
            lines += [f"            {n:7}  {r[:100]}" for r, n in said]
    derived = sum(kinds.values()) - kinds[REFUSED] - kinds[ERROR] - kinds[SLOW] - kinds[NOWHERE]
    verified = sum(kinds[k] for k in (RIGHT, WRONG, NO_VALUE, NO_POINT, NOT_COMPARED))
    lines.append(f"  of {derived} derived and somewhere differentiable, verified: {verified / max(derived, 1):.2%}")
    lines.append(f"  right, but floats lose digits: {sum(o.digits_lost for o in found)}")
    return lines


def _gist(reason: str) -> str:
    """A reason without its numbers and parts of expressions, so that like ones are counted together."""
    return re.sub(r"\bwhere .*(?= \[the answer)", "where …", re.sub(r"[0-9][0-9,]*", "#", reason))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--part", default="1/1", help="K/M: the K-th of M parts of the count")
    parser.add_argument("--out", help="a file to which every fault is appended as a line of JSON")
    parser.add_argument("--only", type=int, help="the one question of this number")
    given = parser.parse_args()
    k, m = map(int, given.part.split("/"))
    numbers = range((k - 1) * given.count // m, k * given.count // m)
    if given.only is not None:
        numbers = range(given.only, given.only + 1)
    outcomes: list[Derived] = []
    for found in run(given.seed, numbers, given.jobs, shrink=True):
        outcomes.append(found.outcome)
        if found.outcome.kind in (*FAULTS, UNCHECKED):
            report(found, given.out)
        if len(outcomes) % 1000 == 0:
            print(*table(outcomes), sep="\n", flush=True)
    print(*table(outcomes), sep="\n")
    return int(any(o.kind in (WRONG, ERROR) for o in outcomes))


def report(found: Found, out: str | None) -> None:
    q = found.small or found.q
    said: dict[str, Any] = {"number": found.number, **asdict(found.outcome), "small": _said(q), "whole": _said(found.q)}
    print(f"{found.outcome.kind}: {_said(q)}: {found.outcome.reason[:200]}", flush=True)
    if out:
        with open(out, "a", encoding="utf-8") as file:
            print(json.dumps(said, ensure_ascii=False), file=file)


def _said(q: Question) -> str:
    extra = "".join(f" | {said}" for said in (*q.let, *q.define))
    order = f" | order {q.order}" if q.order != 1 else ""
    method = f" | {q.method}" if q.method != "auto" else ""
    return f"{q.expression} | by {q.wrt} | {q.where}{order}{method}{extra} | {q.sizes}"
