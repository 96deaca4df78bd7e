"""What one thread at a time may do."""

from __future__ import annotations

import os
import threading
from contextlib import AbstractContextManager


def turns() -> AbstractContextManager[bool]:
    """A lock that threads hold in turn, and one thread as often as it likes.

    No process is forked off while another thread holds it: the child would wait for a thread that it does not have.
    """
    lock = threading.RLock()
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(before=lock.acquire, after_in_parent=lock.release, after_in_child=lock.release)
    return lock
