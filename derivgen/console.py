"""The command's streams: what is read, answers on standard output or in a file, all else on standard error."""

from __future__ import annotations

import contextlib
import json
import math
import os
import shutil
import signal
import stat
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from derivgen.errors import AmbiguousError, CheckError, DerivgenError
from derivgen.errors import render as render_error
from derivgen.files import LONGEST_TEXT, read_text, write_whole
from derivgen.formats import FORMATS, format_of, suffixes
from derivgen.options import Options

if TYPE_CHECKING:
    from derivgen.check.verdict import Verdict
    from derivgen.derivation import Derivation
    from derivgen.rules.step import Step

DONE, REFUTED, BAD_INPUT = 0, 1, 2
INTERRUPTED = 130
PIPE_CLOSED = 141
"""The exit statuses. The last two are those that a shell gives a program ended by the signals INT and PIPE."""

LONGEST_POINT = 20_000_000
"""Characters of a JSON file with values."""

LARGEST_ARRAYS = 400_000_000
"""Bytes of all arrays of a .npz file: unpacked they may be a thousand times the file."""

NARROWEST, BROADEST = 40, 120
"""Columns of text on a terminal, whatever there are."""

STANDARD = "-"


POINT_HINT = 'write values by name, {"w": [1, 2], "b": 0.5}'


# --- in ---------------------------------------------------------------------------------------------------------------


def read_input() -> str:
    """All of standard input, without the line end that closes it.

    Raises:
        DerivgenError: there is none, or it is not UTF-8, or too long.
    """
    if sys.stdin is None:
        raise DerivgenError("standard input is closed", hint="write the expression itself instead of -")
    try:
        text = sys.stdin.read(LONGEST_TEXT + 1)
    except UnicodeDecodeError as wrong:
        raise DerivgenError("standard input is not UTF-8 text") from wrong
    except (OSError, ValueError) as wrong:
        raise DerivgenError(f"cannot read standard input: {getattr(wrong, 'strerror', None) or wrong}") from wrong
    if len(text) > LONGEST_TEXT:
        raise DerivgenError(f"standard input is longer than {LONGEST_TEXT:,} characters")
    return text.removeprefix("\ufeff").rstrip("\r\n")


def read_point(file: str) -> dict[str, Any]:
    """The values in a JSON file, {"w": [1, 2], "b": 0.5}, or in a .npz file of arrays.

    Raises:
        CheckError: it cannot be read, or holds something else.
    """
    if Path(file).suffix.lower() == ".npz":
        return _arrays(file)
    text = read_input() if file == STANDARD else read_text(file, LONGEST_POINT, error=CheckError, hint=POINT_HINT)
    try:
        found = json.loads(text)
    except json.JSONDecodeError as wrong:
        raise CheckError(f"{file} is not JSON: {wrong}", hint=POINT_HINT) from wrong
    except (ValueError, RecursionError) as wrong:
        raise CheckError(f"{file} is not JSON of numbers and lists", hint=POINT_HINT) from wrong
    if not isinstance(found, dict):
        raise CheckError(f"{file} holds no object of names and values", hint=POINT_HINT)
    return found


def _arrays(file: str) -> dict[str, Any]:
    import zipfile
    import zlib

    import numpy as np

    strange = (ValueError, EOFError, KeyError, TypeError, RuntimeError, zipfile.BadZipFile, zlib.error)
    hint = "save the arrays with numpy.savez"
    try:
        if not Path(file).is_file() and Path(file).exists():
            raise CheckError(f"{file} is no regular file", hint=hint)
        with Path(file).open("rb") as stream, zipfile.ZipFile(stream) as packed:
            size = sum(part.file_size for part in packed.infolist())
            if size > LARGEST_ARRAYS:
                raise CheckError(f"the arrays of {file} take {size:,} bytes, more than {LARGEST_ARRAYS:,}")
            stream.seek(0)
            with np.load(stream, allow_pickle=False) as arrays:
                return dict(arrays)
    except OSError as wrong:
        raise DerivgenError(f"cannot read {file}: {wrong.strerror or wrong}") from wrong
    except strange as wrong:
        raise CheckError(f"{file} is no file of arrays", hint=hint) from wrong


# --- out --------------------------------------------------------------------------------------------------------------


def output_format(options: Options) -> str:
    """The format to print in; a file whose suffix says nothing is refused before any work is done.

    Raises:
        click.UsageError: the suffix of the file asks for no format, or a terminal cannot show it.
    """
    if options.to is None and to_file(options) and not _is_stream(options) and format_of(str(options.output)) is None:
        known = ", ".join(suffix for name in FORMATS for suffix in suffixes(name))
        raise click.UsageError(f"no format goes by the suffix of {options.output}: use {known}, or say it with --to")
    form = options.format()
    if not to_file(options) and is_terminal(sys.stdout) and _is_binary(form):
        raise click.UsageError(f"{form} is not for a terminal: write it to a file with -o")
    return form


def _is_binary(form: str) -> bool:
    from derivgen.show.formats import find

    return find(form).binary


def to_file(options: Options) -> bool:
    """Whether a file was named for the output."""
    return options.output not in (None, STANDARD)


def _is_stream(options: Options) -> bool:
    """Whether the output is a pipe or a device, whose name says nothing of a format."""
    with contextlib.suppress(OSError, ValueError):
        kind = os.stat(str(options.output)).st_mode
        return not (stat.S_ISREG(kind) or stat.S_ISDIR(kind))
    return False


def emit(answer: str | bytes, options: Options) -> None:
    """The answer, to its file or to standard output; a reader that has gone away is no error of ours.

    Raises:
        DerivgenError: the system refuses to write it.
    """
    if isinstance(answer, str) and not answer.endswith("\n"):
        answer += "\n"
    try:
        if to_file(options):
            write_whole(Path(str(options.output)), answer.encode() if isinstance(answer, str) else answer)
        else:
            _print(answer)
    except BrokenPipeError:
        silence(sys.stdout)
        raise click.exceptions.Exit(PIPE_CLOSED) from None
    except (OSError, ValueError) as wrong:
        silence(sys.stdout)
        here = Path(str(options.output)).parent
        hint = f"make the folder {here} before" if to_file(options) and not os.path.isdir(here) else None
        place = options.output if to_file(options) else "to standard output"
        raise DerivgenError(f"cannot write {place}: {getattr(wrong, 'strerror', None) or wrong}", hint=hint) from wrong


def _print(answer: str | bytes) -> None:
    if sys.stdout is None:
        raise DerivgenError("standard output is closed", hint="write the answer to a file with -o")
    if isinstance(answer, bytes):
        sys.stdout.buffer.write(answer)
    else:
        sys.stdout.write(answer)
    sys.stdout.flush()


def silence(stream: TextIO | None) -> None:
    """Let what is still to be written to a stream that takes no more go nowhere: Python tries once more at its end."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())  # type: ignore[union-attr]
        os.close(nowhere)


def plug() -> None:
    """Open what is closed of the three standard streams on nothing, so that no file comes to stand in its place."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            with contextlib.suppress(OSError):
                os.open(os.devnull, os.O_RDWR)


def speak_unicode() -> None:
    """Read and write files and pipes in UTF-8 where the encoding of the system has no letters for mathematics.

    So it is on Windows. A terminal knows its own way, and whoever sets PYTHONIOENCODING means it.
    """
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if not hasattr(stream, "reconfigure"):
            continue
        if not (is_terminal(stream) or os.environ.get("PYTHONIOENCODING") or _has_mathematics(stream.encoding)):
            stream.reconfigure(encoding="utf-8")
        if stream is not sys.stdin:
            stream.reconfigure(errors="replace")


def _has_mathematics(encoding: str) -> bool:
    try:
        "ℝ ∂ ⊗ ᵀ".encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


class _Told(BaseException):
    """A signal that asks this process to end."""


@contextlib.contextmanager
def told_to_end() -> Iterator[None]:
    """End by the signals TERM and HUP as they ask, but not before what was begun is cleaned away.

    That is only for the thread that gets signals, and where nobody else has said what is to become of these.
    """
    caught: list[int] = []

    def tell(number: int, _: object) -> None:
        caught.append(number)
        raise _Told

    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    free = [n for n in numbers if signal.getsignal(n) == signal.SIG_DFL]
    if threading.current_thread() is not threading.main_thread():
        free = []
    for number in free:
        signal.signal(number, tell)
    try:
        yield
    except _Told:
        signal.signal(caught[0], signal.SIG_DFL)
        os.kill(os.getpid(), caught[0])
        raise SystemExit(128 + caught[0]) from None  # where a signal that one sends oneself does not end one at once
    finally:
        for number in free:
            signal.signal(number, signal.SIG_DFL)


def dump(value: Any) -> str:
    """A value as JSON, which knows no infinity and no NaN: these are null."""
    return json.dumps(_finite(value), ensure_ascii=False, indent=2, allow_nan=False)


def _finite(value: Any) -> Any:
    match value:
        case float():
            return value if math.isfinite(value) else None
        case dict():
            return {k: _finite(v) for k, v in value.items()}
        case list() | tuple():
            return [_finite(v) for v in value]
        case _:
            return value


def grid(array: Any) -> str:
    """An array of numbers for a person, each with all its digits."""
    import numpy as np

    with np.printoptions(threshold=sys.maxsize, linewidth=100, floatmode="unique", suppress=False):
        return str(np.asarray(array)[()])


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a stream is there and shown on a terminal."""
    return stream is not None and stream.isatty()


def fitted(options: Options) -> Options:
    """The options, with the width of the terminal that the answer is printed on, unless another was asked for."""
    if options.width is not None or to_file(options) or not is_terminal(sys.stdout):
        return options
    return replace(options, width=min(max(shutil.get_terminal_size().columns, NARROWEST), BROADEST))


def painted(options: Options) -> bool:
    """Whether the answer has colours."""
    return coloured(sys.stdout) and not to_file(options)


def coloured(stream: TextIO | None) -> bool:
    """Whether colours are welcome there: on a terminal, unless NO_COLOR is set."""
    return is_terminal(stream) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


# --- errors and warnings ----------------------------------------------------------------------------------------------


def complain(error: DerivgenError, given: Sequence[str]) -> int:
    """Show an error, as JSON where the answer would have been JSON."""
    if wants_json(given):
        say(dump({"error": _described(error)}))
    else:
        say(render_error(error, color=coloured(sys.stderr)))
    return BAD_INPUT


def say(text: str) -> None:
    """A line on standard error, whatever has become of it and of its reader."""
    if sys.stderr is None:  # print would take standard output
        return
    try:
        print(text, file=sys.stderr, flush=True)
    except (OSError, ValueError):
        silence(sys.stderr)


def _described(error: DerivgenError) -> dict[str, Any]:
    found: dict[str, Any] = {"kind": error.kind, "message": error.message, "hint": error.hint}
    if isinstance(error, AmbiguousError):
        found["readings"] = [{"reading": reading, "where": where} for reading, where in error.readings]
    if error.span is not None and error.source is not None:
        before = error.source[: error.span.start]
        found["line"] = before.count("\n") + 1
        found["column"] = len(before) - (before.rfind("\n") + 1) + 1
        found["span"] = [error.span.start, error.span.end]
    return found


def wants_json(given: Sequence[str]) -> bool:
    """Whether the line asks for JSON. It is read by hand, because it may be the line itself that is wrong."""
    to = output = ""
    for k, word in enumerate(given):
        name, equals, value = word.partition("=")
        value = value if equals else next(iter(given[k + 1 : k + 2]), "")
        if name in ("--to", "--format"):
            to = value
        elif name in ("-o", "--output"):
            output = value
    return to == "json" or (not to and format_of(output) == "json")


def report(derivation: Derivation) -> int:
    """Say on standard error what was refuted or could not be checked, and return the exit status."""
    from derivgen.show.document.prose import for_terminal
    from derivgen.show.document.verdicts import evidence

    if derivation.report is None:
        return DONE
    for name, verdict in [*_verdicts(derivation.report.steps, ""), ("the answer", derivation.report.answer)]:
        if verdict is not None and verdict.status != "verified":
            word = "refuted" if verdict.status == "refuted" else "warning"
            say(f"{word}: {name}: {for_terminal(evidence(verdict))}")
    return REFUTED if derivation.verdict == "refuted" else DONE


def _verdicts(steps: Sequence[Step], prefix: str) -> Iterator[tuple[str, Verdict | None]]:
    """The verdict of each step and, after it, of those folded into it, with its number and heading."""
    for k, step in enumerate(steps, 1):
        yield f"step {prefix}{k}, {step.title}", step.check
        yield from _verdicts(step.substeps, f"{prefix}{k}.")
