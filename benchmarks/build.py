"""How long a build takes: notebooks and keys alone, and with every foreseen answer tried."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from graders.build.course import Course, build

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Build into a scratch folder twice and print the seconds."""
    course = Course.at(ROOT)
    for words, try_answers in (("notebooks and keys", False), ("with every foreseen answer", True)):
        with tempfile.TemporaryDirectory() as scratch:
            began = time.perf_counter()
            build(course.written_to(Path(scratch)), try_answers=try_answers)
            print(f"build, {words}: {time.perf_counter() - began:.1f} s")
