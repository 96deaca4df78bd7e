"""Many derivations at once: those that have not changed come from the cache, the others are made side by side."""

from __future__ import annotations

import base64
import json
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from derivgen.deadline import bounded, doing, limit_memory, no_memory
from derivgen.errors import DerivgenError, render
from derivgen.files import write_whole
from derivgen.work.cache import Cache, key_of
from derivgen.work.worklist import Job, Refusal


@dataclass(frozen=True, slots=True)
class Made:
    """What became of a job.

    Attributes:
        name, line, by: which one it is; line 0 where the message says where.
        verdict: "verified", "refuted", "unchecked"; "error" where there is no derivation.
        steps: how many steps it has.
        cached: whether it was taken from the cache.
        files, formats: what was written under the output folder, and in which formats.
        message: what was refuted, could not be checked, or went wrong.
    """

    name: str
    line: int
    by: str
    verdict: str
    steps: int = 0
    cached: bool = False
    files: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    message: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """A derivation in all its formats, by the names of these: what the cache keeps."""

    verdict: str
    steps: int
    message: str
    documents: dict[str, bytes]

    def packed(self) -> bytes:
        documents = {form: base64.b64encode(data).decode() for form, data in self.documents.items()}
        return json.dumps({**asdict(replace(self, documents={})), "documents": documents}).encode()

    @staticmethod
    def unpacked(data: bytes) -> Result | None:
        """None where the data is not what ``packed`` gives."""
        try:
            found = json.loads(data)
            documents = {str(k): base64.b64decode(v) for k, v in found["documents"].items()}
            return Result(str(found["verdict"]), int(found["steps"]), str(found["message"]), documents)
        except (ValueError, KeyError, TypeError, AttributeError):
            return None


# --- one derivation ----------------------------------------------------------------------------------------------------


def make(job: Job) -> Result:
    """Derive and print one job, in whichever process this is called."""
    from derivgen.derivation import derive_by
    from derivgen.show import render_all

    options = job.options
    documents = {}
    with bounded(options.timeout):
        d = derive_by(job.expression, job.wrt, options)
        with doing("printing it"):
            for _, form in job.outputs:
                printed = render_all([d], form, detail=options.detail, title=options.title)
                documents[form] = printed.encode() if isinstance(printed, str) else printed
    return Result(d.verdict, len(d.steps), _remarks(d), documents)


def _remarks(d: Any) -> str:
    """What a reader of the summary must know of a derivation that is not verified throughout."""
    from derivgen.show.document.verdicts import evidence

    if d.report is None or d.verdict == "verified":
        return ""
    for k, step in enumerate(d.steps, 1):
        if step.check is not None and step.check.status == d.verdict:
            return f"step {k}, {step.title}: {evidence(step.check)}"
    if d.report.answer.status == d.verdict:
        return f"the answer: {evidence(d.report.answer)}"
    return f"a sub-step is {d.verdict}"


def key(job: Job) -> str:
    """What a job is kept under: all that its documents depend on, which its name and the place in the file are not."""
    options = asdict(replace(job.options, output=None, id="", timeout=None))
    return key_of(expression=job.expression, wrt=job.wrt, options=options, formats=[form for _, form in job.outputs])


# --- all of them -------------------------------------------------------------------------------------------------------


def run(jobs: Sequence[Job | Refusal], folder: Path, *, workers: int, cache: Cache | None, timeout: float | None = None,
        tick: Callable[[], object] = lambda: None) -> list[Made]:  # fmt: skip
    """Make all jobs and write their files into ``folder``; ``tick`` is called as each one is done.

    ``timeout`` is for those that say none themselves, in seconds of processor time. A job that goes wrong does not keep the others from being made.

    Raises:
        DerivgenError: the folder cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as wrong:
        raise DerivgenError(f"cannot make the folder {folder}: {wrong.strerror or wrong}") from wrong
    done: dict[int, Made] = {}
    waiting: dict[int, Job] = {}
    for k, job in enumerate(jobs):
        if isinstance(job, Refusal):
            done[k] = Made(job.name, 0, "", "error", message=render(job.error))
        else:
            kept = cache.get(key(job)) if cache is not None else None
            result = Result.unpacked(kept) if kept is not None else None
            if result is None:
                own = job.options.timeout
                waiting[k] = replace(job, options=replace(job.options, timeout=timeout if own is None else own))
                continue
            done[k] = _written(job, result, folder, cached=True)
        tick()
    for k, outcome in _made(waiting, workers):
        job = waiting[k]
        if isinstance(outcome, Result):
            # An unchecked step may be one for which the time was too short: it gets another chance.
            if cache is not None and (outcome.verdict != "unchecked" or not job.options.check):
                cache.put(key(job), outcome.packed())
            done[k] = _written(job, outcome, folder, cached=False)
        else:
            done[k] = Made(job.name, job.line, job.wrt, "error", message=_said(outcome))
        tick()
    if cache is not None:
        cache.close()
    return [done[k] for k in range(len(jobs))]


def _written(job: Job, result: Result, folder: Path, *, cached: bool) -> Made:
    try:
        for name, form in job.outputs:
            path, data = folder / name, result.documents[form]
            path.parent.mkdir(parents=True, exist_ok=True)
            if not _holds(path, data):  # a file that is right keeps its date
                write_whole(path, data)
    except OSError as wrong:
        return Made(job.name, job.line, job.wrt, "error", message=f"cannot write {path}: {wrong.strerror or wrong}")
    files, formats = (tuple(output[k] for output in job.outputs) for k in (0, 1))
    return Made(job.name, job.line, job.wrt, result.verdict, result.steps, cached, files, formats, result.message)


def _holds(path: Path, data: bytes) -> bool:
    return path.is_file() and path.stat().st_size == len(data) and path.read_bytes() == data


Derived = Result | BaseException


def _made(waiting: dict[int, Job], workers: int) -> Iterator[tuple[int, Derived]]:
    """The outcome of each job, as they come."""
    if min(workers, len(waiting)) <= 1:
        for k, job in waiting.items():
            yield k, _outcome(lambda job=job: make(job))  # type: ignore[misc]
        return
    left = dict(waiting)
    before = set(multiprocessing.active_children())
    with _pool(min(workers, len(waiting))) as pool:
        futures: dict[Future[Result], int] = {pool.submit(make, job): k for k, job in waiting.items()}
        try:
            for future in as_completed(futures):
                outcome = _outcome(future.result)
                if not isinstance(outcome, BrokenProcessPool):
                    del left[futures[future]]
                    yield futures[future], outcome
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for child in set(multiprocessing.active_children()) - before:
                child.terminate()  # what is under way may take long, and nobody waits for it any more
            raise
    # A process died, and took with it all that was under way: each of these is tried once more, by itself.
    for k, job in left.items():
        with _pool(1) as pool:
            yield k, _outcome(pool.submit(make, job).result)


def _outcome(work: Callable[[], Result]) -> Derived:
    try:
        return work()
    except Exception as wrong:
        if os.environ.get("DERIVGEN_DEBUG") and not isinstance(wrong, DerivgenError | BrokenProcessPool):
            raise
        return wrong


def _pool(workers: int) -> ProcessPoolExecutor:
    # Processes are begun afresh: a copy of this one could hold a lock that nobody is there to open.
    return ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), initializer=_begin)


def _begin() -> None:
    """What a worker does first."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that the user started; it ends the others
    limit_memory()
    threading.Thread(target=_end_with_parent, name="derivgen-parent", daemon=True).start()


def _end_with_parent() -> None:
    """End this process when the one that started it is gone, however that ended: the other end of a pipe closes."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _said(wrong: Derived) -> str:
    if isinstance(wrong, DerivgenError):
        return render(wrong)
    if isinstance(wrong, MemoryError):
        return render(no_memory())
    if isinstance(wrong, BrokenProcessPool):
        return "the process that made it was ended, perhaps for want of memory"
    what = " ".join(f"{type(wrong).__name__}: {wrong}".split())[:300]
    return f"internal error, {what}\nhint: this is a mistake in derivgen: please report it, with what DERIVGEN_DEBUG=1 shows"


# --- the summary -------------------------------------------------------------------------------------------------------


def summary(made: Sequence[Made]) -> str:
    """A table of all derivations, and the count of each verdict."""
    rows = [("name", "by", "verdict", "steps", "made", "formats")]
    for m in made:
        steps = str(m.steps) if m.verdict != "error" else ""
        how = "" if m.verdict == "error" else "cached" if m.cached else "now"
        rows.append((m.name, m.by, m.verdict, steps, how, ", ".join(m.formats)))
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows]
    lines.insert(1, "  ".join("-" * w for w in widths))
    counts = {word: sum(m.verdict == word for m in made) for word in ("verified", "refuted", "unchecked", "error")}
    said = ", ".join(f"{n} {word}{'s' if word == 'error' and n != 1 else ''}" for word, n in counts.items() if n)
    cached = sum(m.cached for m in made)
    total = f"{len(made)} derivation{'s' * (len(made) != 1)}: {said or 'nothing to do'}"
    return "\n".join([*lines, "", total + (f"; {cached} from the cache" if cached else "")])
