"""How long a build takes: notebooks and keys alone, and with every foreseen answer tried."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from graders.build.builder import build
from graders.course.course import Course

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Build into a scratch folder twice and print the seconds."""
    course = Course.at(ROOT)
    for words, answers in (("notebooks and keys", False), ("with every foreseen answer", True)):
        with tempfile.TemporaryDirectory() as scratch:
            began = time.perf_counter()
            build(course.written_to(Path(scratch)), answers=answers)
            print(f"build, {words}: {time.perf_counter() - began:.1f} s")
