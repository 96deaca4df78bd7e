"""Files: what is read has a bound, and what is written replaces a file whole or not at all."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import stat
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from derivgen.errors import DerivgenError

CONFIGURATION = "derivgen.toml"
"""The file in which a folder of texts has its settings."""

LONGEST_TEXT = 4_000_000
"""Characters that are read of a file or of a stream before it is refused: one may have no end."""

_MOST_LINKS = 40
"""As many as the system follows."""

_DESCRIPTORS = re.compile(r"/dev/fd|/proc/(?:self|thread-self|\d+)(?:/task/\d+)?/fd")
"""Folders whose files are the open files of a process, such as what /dev/stdout is a link into."""


def read_text(path: str | os.PathLike[str], most: int = LONGEST_TEXT, *, encoding: str = "utf-8",
              error: type[DerivgenError] = DerivgenError, hint: str | None = None) -> str:  # fmt: skip
    """All of a file, of at most so many characters, or an ``error``, with this hint where the file holds no text.

    Raises:
        DerivgenError: it cannot be read, is longer, or is not UTF-8 text.
    """
    try:
        with open(path, encoding=encoding) as stream:
            text = stream.read(most + 1)
    except UnicodeDecodeError as wrong:
        raise error(f"{path} is not UTF-8 text", hint=hint) from wrong
    except (OSError, ValueError) as wrong:  # a name with a zero in it is a wrong value
        raise DerivgenError(f"cannot read {path}: {getattr(wrong, 'strerror', None) or wrong}") from wrong
    if len(text) > most:
        raise DerivgenError(f"{path} is longer than {most:,} characters", hint="take a smaller file")
    return text


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that a reader finds the old one or the new one, whenever it looks and whoever else writes.

    A link is written through, and the file that it leads to keeps its permissions. What is no regular file, such as a
    pipe or a device, is written to and never replaced.

    Raises:
        OSError: it cannot be written; the old file is as it was.
    """
    with replacing(path) as file:
        file.write(data)


def copy_whole(source: Path, target: Path) -> None:
    """Copy a regular file in the same way.

    Raises:
        OSError: one of them cannot be read or written, or the source is no regular file.
    """
    if not source.is_file():  # a pipe would be waited for, and a device may have no end
        raise OSError(f"{source} is no regular file")
    with source.open("rb") as read, replacing(target) as file:
        shutil.copyfileobj(read, file)


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """A file to write to, which takes the place of ``path`` at the end, unless something goes wrong before.

    Raises:
        OSError: the system refuses.
    """
    try:
        old = os.stat(path)
    except FileNotFoundError:
        old = None
    if (old is not None and not stat.S_ISREG(old.st_mode)) or _is_descriptor(path):
        with open(path, "ab") as stream:  # what is there before stays: it may be a file that others write to as well
            yield stream
        return
    target = os.path.realpath(path)
    if old is not None and not os.access(target, os.W_OK):
        raise PermissionError(13, os.strerror(13), str(path))
    part = os.path.join(os.path.dirname(target), f".{uuid.uuid4().hex}.part")
    try:
        with open(part, "xb") as file:
            if old is not None:
                _made_alike(file.fileno(), old)
            yield file
            file.flush()
            os.fsync(file.fileno())  # before it has the name: a disk may refuse as late as this
        os.replace(part, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(part)
        raise


def _is_descriptor(path: Path) -> bool:
    """Whether the path leads to an open file of a process."""
    here = os.path.abspath(path)
    for _ in range(_MOST_LINKS):
        folder = os.path.dirname(here)
        if _DESCRIPTORS.fullmatch(folder) or _DESCRIPTORS.fullmatch(os.path.realpath(folder)):
            return True
        if not os.path.islink(here):
            return False
        here = os.path.join(folder, os.readlink(here))
    return False


def _made_alike(number: int, old: os.stat_result) -> None:
    """Give an open file the owner and the permissions of another, as far as this process may."""
    if not hasattr(os, "fchmod"):
        return
    with contextlib.suppress(OSError):
        os.fchown(number, old.st_uid, old.st_gid)
    with contextlib.suppress(OSError):
        os.fchmod(number, stat.S_IMODE(old.st_mode))
