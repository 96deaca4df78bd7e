"""``python -m derivgen`` is the command ``derivgen``."""

from __future__ import annotations

import sys

from derivgen.cli import main

if __name__ == "__main__":
    sys.exit(main())
