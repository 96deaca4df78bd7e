"""A sheet of exercises and its solutions, from a list of derivations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from derivgen.deadline import bounded, doing
from derivgen.derivation import Derivation, derive_by
from derivgen.errors import DerivgenError
from derivgen.files import write_whole
from derivgen.formats import suffixes
from derivgen.show import render_all
from derivgen.show.document.exercise import AUTO
from derivgen.work.worklist import Job, Refusal


@dataclass(frozen=True, slots=True)
class Sheets:
    """The derivations of a list, and the two documents that were written."""

    derivations: tuple[Derivation, ...]
    files: tuple[Path, Path]


def write_sheets(jobs: Sequence[Job | Refusal], stem: Path, form: str, timeout: float | None = None) -> Sheets:
    """Derive all jobs, and write them with blanks to ``stem`` + "-sheet" and in full to ``stem`` + "-solutions".

    Raises:
        DerivgenError: a job cannot be derived, the format shows no steps, or a file cannot be written.
    """
    found = []
    for job in jobs:
        if isinstance(job, Refusal):
            raise job.error
        with bounded(job.options.timeout or timeout):
            found.append(derive_by(job.expression, job.wrt, job.options))
    if not found:
        raise DerivgenError("the list has no derivations", hint="write 'derivations:' and under it '- expression: …'")
    files = []
    for name, solutions in (("sheet", False), ("solutions", True)):
        path = stem.with_name(f"{stem.name}-{name}{suffixes(form)[0]}")
        with doing("printing it"):
            printed = render_all([_asked(d, solutions=solutions) for d in found], form)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, printed.encode() if isinstance(printed, str) else printed)
        except OSError as wrong:
            raise DerivgenError(f"cannot write {path}: {wrong.strerror or wrong}") from wrong
        files.append(path)
    return Sheets(tuple(found), (files[0], files[1]))


def _asked(d: Derivation, *, solutions: bool) -> Derivation:
    """A derivation with its blanks, or in full."""
    asked = d.problem.options
    blanks = "" if solutions else asked.exercise or AUTO
    return replace(d, problem=replace(d.problem, options=replace(asked, exercise=blanks, solutions=solutions)))
