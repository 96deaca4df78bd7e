"""Many derivations at once: those that have not changed come from the cache, the others are made side by side."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import as_completed
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from derivgen.deadline import USUAL_SECONDS, doing, no_memory
from derivgen.errors import DerivgenError, render
from derivgen.files import write_whole
from derivgen.options import chosen, plain
from derivgen.plugins import whose
from derivgen.work.store import Asked, Service, Store
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
    """A derivation in all its formats, by the names of these, or what is wrong with it: what the cache keeps.

    ``lasting`` is whether the same question gets the same again: a step that is unchecked may be one for which the time was
    too short, and gets another chance.
    """

    verdict: str
    steps: int = 0
    message: str = ""
    documents: dict[str, bytes] = field(default_factory=dict)
    lasting: bool = False

    def packed(self) -> bytes:
        """It as JSON in UTF-8; ``unpacked`` reads it back."""
        documents = {form: base64.b64encode(data).decode() for form, data in self.documents.items()}
        return json.dumps({**asdict(replace(self, documents={})), "documents": documents}).encode()

    @staticmethod
    def unpacked(data: bytes) -> Result | None:
        """None where the data is not what ``packed`` gives."""
        try:
            found = json.loads(data)
            documents = {str(k): base64.b64decode(v) for k, v in found["documents"].items()}
            verdict, message = str(found["verdict"]), str(found["message"])
            return Result(verdict, int(found["steps"]), message, documents, bool(found["lasting"]))
        except (ValueError, KeyError, TypeError, AttributeError):
            return None

    @staticmethod
    def refused(error: DerivgenError) -> Result:
        """The result of what could not be derived."""
        return Result("error", message=render(error))


RESULTS = Service("derivgen.work.batch:answer", Result.unpacked, Result.refused, lambda result: result.lasting)
"""The questions of a list of work."""


# --- one derivation ----------------------------------------------------------------------------------------------------


def question(job: Job) -> Asked:
    """What is asked: all that the documents depend on, which the name and the place in the file are not."""
    options = plain(replace(job.options, output=None, id="", timeout=None), "list")
    return {"expression": job.expression, "formats": tuple(form for _, form in job.outputs), **options}


def answer(asked: Mapping[str, Any]) -> bytes:
    """The result of one job, as its bytes. No exception leaves this, unless DERIVGEN_DEBUG is set."""
    try:
        return make(asked).packed()
    except DerivgenError as error:
        return Result.refused(error).packed()
    except MemoryError:
        return Result.refused(no_memory()).packed()
    except Exception as bug:
        if os.environ.get("DERIVGEN_DEBUG"):
            raise
        return Result.refused(whose(bug)).packed()


def make(asked: Mapping[str, Any]) -> Result:
    """Derive and print one job, in whichever process this is called."""
    from derivgen.derivation import derive_by
    from derivgen.show import render_all

    options = chosen({key: value for key, value in asked.items() if key not in ("expression", "formats")})
    documents = {}
    d = derive_by(asked["expression"], options.wrt[0], options)
    with doing("printing it"):
        for form in asked["formats"]:
            printed = render_all([d], form, options)
            documents[form] = printed.encode() if isinstance(printed, str) else printed
    lasting = d.verdict != "unchecked" or not options.check
    return Result(d.verdict, len(d.steps), _remarks(d), documents, lasting)


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


# --- all of them -------------------------------------------------------------------------------------------------------


def run(jobs: Sequence[Job | Refusal], folder: Path, store: Store[Result], *, timeout: float | None = None,
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
            kept = store.kept(question(job))
            if kept is None:
                waiting[k] = job
                continue
            done[k] = _written(job, kept, folder, cached=True)
        tick()
    for k, result in _results(waiting, store, USUAL_SECONDS if timeout is None else timeout):
        done[k] = _written(waiting[k], result, folder, cached=False)
        tick()
    return [done[k] for k in range(len(jobs))]


def _results(waiting: Mapping[int, Job], store: Store[Result], seconds: float) -> Iterator[tuple[int, Result]]:
    """The result of each job, as they come; where they are made in this process, each is made when it is asked for."""
    asked = ((store.ask(question(job), job.options.timeout or seconds), k) for k, job in waiting.items())
    if store.workers is None:
        yield from ((k, future.result()) for future, k in asked)
        return
    numbers = dict(asked)
    for future in as_completed(tuple(numbers)):
        yield numbers.pop(future), future.result()


def _written(job: Job, result: Result, folder: Path, *, cached: bool) -> Made:
    if result.verdict == "error":
        return Made(job.name, job.line, job.wrt, "error", message=result.message)
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
