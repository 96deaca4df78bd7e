"""The command ``check``: files gathered, asked for side by side, and reported; once, or whenever one of them changes."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from derivgen.codes import CODES
from derivgen.console import BAD_INPUT, DONE, REFUTED, coloured, emit, say, to_file
from derivgen.errors import DerivgenError
from derivgen.notes.answer import question
from derivgen.notes.explain import explained
from derivgen.notes.files import alone, files_of
from derivgen.notes.find import LATEX, Gathered, gather
from derivgen.notes.reports import formats
from derivgen.notes.reports.chosen import picked, read_baseline, reported, without, write_baseline
from derivgen.notes.reports.entry import Report, refused
from derivgen.notes.reports.sarif import as_sarif
from derivgen.notes.sources.header import base_of
from derivgen.options import Options
from derivgen.work.store import Store

PAUSE = 0.5
"""Seconds between two looks at files that are watched."""

MakeStore = Callable[[int], Store[Report]]


def check(names: Sequence[str], options: Options, store_for: MakeStore) -> int:
    """Check files, and return the exit status: 1 where something is refuted, 2 where a file cannot be read.

    Raises:
        DerivgenError: there are no such files; a baseline is wrong.
    """
    if options.explain is not None:
        emit(explained(options.explain, options), options)
        return DONE
    paths = alone(files_of(tuple(names)))
    with store_for(len(paths)) as store:
        watched: Sequence[Path] = paths
        while True:
            before = list(_states(watched))  # what changes while it is looked at has changed, too
            reports, gathered = _reports(paths, options, store)
            if options.declare:
                return _declare(reports, options)
            chosen = picked(reports, options.select)
            if options.baseline is not None:
                chosen = without(chosen, read_baseline(options.baseline))
            if options.write_baseline is not None:
                count = write_baseline(Path(options.write_baseline), chosen)
                say(f"{options.write_baseline} has {count} entries")
                return BAD_INPUT if any(r.trouble for r in reports) else DONE
            status = _reported(chosen, options)
            if not options.watch:
                return status
            say("watching; Ctrl-C ends it")
            more = [*paths, *(p for g in gathered for p in g.paths)]
            if more != watched:
                before, watched = list(_states(more)), more
            while list(_states(watched)) == before:
                time.sleep(PAUSE)


def _reports(paths: Sequence[Path], options: Options, store: Store[Report]) -> tuple[list[Report], list[Gathered]]:
    """The report of each file, those that are new made side by side."""
    gathered: dict[Path, Gathered] = {}
    reports: dict[Path, Report] = {}
    for path in paths:
        try:
            gathered[path] = gather(path, None, base_of(options), options.preamble)
        except DerivgenError as wrong:
            reports[path] = refused(path, wrong)
    questions = {path: question(path, g, options) for path, g in gathered.items()}
    store.prepare(questions.values(), lambda done, count: say(f"{done} of {count} files"))
    for path, asked in questions.items():
        found = store.get(asked)
        reports[path] = replace(found, file=path.as_posix())
    return [reports[path] for path in paths], list(gathered.values())


def _reported(reports: Sequence[Report], options: Options) -> int:
    for report in reports:
        if report.trouble:
            say(f"error: {_named(report)}")
    match options.report:
        case "json":
            printed = formats.as_json(reports)
        case "github":
            printed = formats.as_github(reports)
        case "sarif":
            printed = as_sarif(reports, {code: known.sentence for code, known in CODES.items()})
        case _:
            printed = formats.as_text(reports, coloured(sys.stdout) and not to_file(options))
    if printed:
        emit(printed, options)
    if any(r.trouble for r in reports):
        return BAD_INPUT
    return REFUTED if any(e.level == "error" for r in reports for e in reported(r)) else DONE


def _named(report: Report) -> str:
    return report.trouble if report.file in report.trouble else f"{report.file}: {report.trouble}"


# --- headers ------------------------------------------------------------------------------------------------------------


def _declare(reports: Sequence[Report], options: Options) -> int:
    """Print the header of each file that settles what had to be guessed."""
    headers = []
    for report in reports:
        if report.trouble:
            say(f"error: {_named(report)}")
            continue
        header = header_of(Path(report.file), report.declared)
        if not header:
            say(f"{report.file}: there is nothing to declare")
        else:
            headers.append(header if len(reports) == 1 else f"{report.file}:\n{header}")
    if headers:
        emit("\n\n".join(headers), options)
    return BAD_INPUT if any(r.trouble for r in reports) else DONE


def header_of(path: Path, declared: Sequence[tuple[str, str]]) -> str:
    """Options as a comment at the top of a file; "" where there are none."""
    if not declared:
        return ""
    if path.suffix.lower() in LATEX:
        return "\n".join(f"% derivgen: {key}: {value}" for key, value in declared)
    return "\n".join(f"<!-- derivgen: {key}: {value} -->" for key, value in declared)


# --- watching -----------------------------------------------------------------------------------------------------------


def _states(paths: Sequence[Path]) -> Iterator[tuple[int, int]]:
    for path in paths:
        try:
            state = path.stat()
        except OSError:  # an editor may be about to put another in its place
            yield 0, 0
        else:
            yield state.st_mtime_ns, state.st_size
