"""A derivation as PDF: its LaTeX document, set by a TeX that is installed, in a folder that is thrown away."""

from __future__ import annotations

import contextlib
import math
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from derivgen.derivation.derivation import Derivation
from derivgen.errors import DerivgenError
from derivgen.show.formats import Format, Wishes
from derivgen.show.formats.tex import tex

SUFFIXES = (".pdf",)
ENGINES = ("pdflatex", "lualatex", "xelatex")
"""In the order tried. One run is enough: nothing in the document refers to another place."""

TIMEOUT = 120.0
"""Seconds given to TeX."""

_FLAGS = ("-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error", "-file-line-error")


def pdf(ds: Sequence[Derivation], wishes: Wishes) -> bytes:
    """The bytes of a PDF with the derivations, one after the other."""
    return typeset(tex(ds, wishes))


FORMAT = Format(pdf, binary=True)


def typeset(source: str, *, timeout: float = TIMEOUT) -> bytes:
    """A LaTeX document as PDF.

    Raises:
        DerivgenError: no TeX is installed, it took too long, or it refused the document.
    """
    engine = next(filter(None, map(shutil.which, ENGINES)), None)
    if engine is None:
        raise DerivgenError(
            "a PDF needs pdflatex, and no TeX is installed",
            hint="install TeX Live (Debian: texlive-latex-extra), or write the source with --to tex",
        )
    # TeX reads and writes in its own folder only, and runs no other program
    environment = {**os.environ, "openin_any": "p", "openout_any": "p", "max_print_line": "1000"}
    with tempfile.TemporaryDirectory(prefix="derivgen-", ignore_cleanup_errors=True) as folder:
        Path(folder, "derivation.tex").write_text(source, encoding="utf-8")
        try:
            with subprocess.Popen(
                [engine, *_FLAGS, "derivation.tex"],
                cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            ) as tex_run:  # fmt: skip
                _limit(tex_run.pid, timeout)
                try:
                    log, _ = tex_run.communicate(timeout=timeout)
                except BaseException:
                    tex_run.kill()
                    raise
        except subprocess.TimeoutExpired as slow:
            raise DerivgenError(
                f"{Path(engine).name} took more than {timeout:g} seconds",
                hint="write the source with --to tex and typeset it yourself",
            ) from slow
        except OSError as wrong:
            raise DerivgenError(f"cannot run {engine}: {wrong.strerror or wrong}") from wrong
        made = Path(folder, "derivation.pdf")
        if tex_run.returncode or not made.is_file():
            raise DerivgenError(
                f"{Path(engine).name} refused the document: {_complaint(log.decode('utf-8', 'replace'))}",
                hint="write the source with --to tex and look at it",
            )
        return made.read_bytes()


def _limit(process: int, seconds: float) -> None:
    """Let the system end a process that nobody is there to end any more, where the system knows such limits."""
    with contextlib.suppress(ImportError, AttributeError, OSError):
        import resource

        # a second later than whoever waits, who can say why it was ended
        most = math.ceil(seconds) + 1
        resource.prlimit(process, resource.RLIMIT_CPU, (most, most))


def _complaint(log: str) -> str:
    """The first error of a log."""
    found = re.search(r"^(?:! |\S+?\.tex:(\d+): )(.*(?:\n(?![\n*<]).*)?)", log, re.MULTILINE)
    if found is None:
        return "it gave no reason"
    words = " ".join("".join(ch if ch.isprintable() else " " for ch in found[2]).split())[:300]
    return f"line {found[1]}: {words}" if found[1] else words
