"""The long profile, by hand. It is a module of its own, in which the processes that share it find what they run."""

import os
import sys

from tests.fuzz.profile import main

if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    sys.exit(main())
