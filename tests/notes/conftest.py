"""What is asked of the lecture is asked where it lies beside the project; nothing is skipped where it does not."""

from pathlib import Path

LECTURE = Path(__file__).resolve().parents[3] / "shared" / "notes.md"
collect_ignore = [] if LECTURE.exists() else ["test_lecture.py"]
