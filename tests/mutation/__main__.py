"""``python -m tests.mutation [NOTES…]``: verified equalities broken by one edit each, and how many of these are found.

Without files, the equalities are those of derivations of our own, as they are printed, and the true ones of the corpus of
equations as authors write them.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from derivgen.notes.find import notes_of
from tests.mutation.mutate import Tally, authored, mutated, printed

EACH = 4
"""How many edits are tried of one equation of the corpus."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("files", nargs="*")
    parser.add_argument("--most", type=int, default=300, help="how many edits are tried of each text (%(default)s)")
    parser.add_argument("--questions", type=int, default=60, help="how many derivations are printed (%(default)s)")
    given = parser.parse_args()
    texts = [(name, [notes_of(Path(name))], given.most) for name in given.files] or [
        ("derivations", [printed(given.questions)], given.most),
        ("equations", list(authored()), EACH),
    ]
    everything = Tally()
    for name, several, most in texts:
        tally = Tally()
        for seed, notes in enumerate(several):
            tally += mutated(notes, most, seed)
        print(f"{name}: {tally}")
        for line in tally.left:
            print("   ", line)
        everything += tally
    print(f"all: {everything}")


if __name__ == "__main__":
    main()
