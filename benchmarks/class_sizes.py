"""How time and memory of grading grow with the class: realistic classes of several sizes, each in a fresh process.

In a large class nearly every answer has been judged for somebody else, so what one more submission takes is what
everything beside the claims takes: reading, rebuilding, gradebook, feedback, CSV. LESSON and SIZES in the environment
change what is measured.
"""

from __future__ import annotations

import json
import logging
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.classes import hand_in
from graders.build.release import let_nbgrader_find_alembic
from graders.course.course import Course
from graders.course.reading import read_lesson
from graders.grading.grade_class import grade_class

ROOT = Path(__file__).resolve().parents[1]
LESSON = os.environ.get("LESSON", "03-normalization")
SIZES = [int(size) for size in os.environ.get("SIZES", "100 1000").split()]


def graded(students: int) -> dict[str, float]:
    """Grade a class in this process: the seconds, and the most MB of memory of this process and its largest child."""
    logging.disable(logging.CRITICAL)
    let_nbgrader_find_alembic()
    course = Course.at(ROOT)
    with tempfile.TemporaryDirectory() as scratch:
        submitted = Path(scratch) / "submitted"
        hand_in(read_lesson(course.lessons / LESSON), submitted, students, distinct=False)
        began = time.perf_counter()
        grade_class(course, "benchmark", submitted, Path(scratch) / "out")
        seconds = time.perf_counter() - began
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    own, child = (resource.getrusage(one).ru_maxrss >> 10 for one in who)
    return {"seconds": seconds, "own": own, "child": child}


def _in_a_fresh_process(students: int) -> dict[str, float]:
    words = [sys.executable, "-m", "benchmarks.class_sizes", str(students)]
    told = subprocess.run(words, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return json.loads(told.splitlines()[-1])


def main() -> None:
    """Grade a class of each size and print seconds, memory, and what one more submission takes."""
    found = {size: _in_a_fresh_process(size) for size in SIZES}
    for size, one in found.items():
        memory = f"{one['own']} MB of memory, {one['child']} MB its largest worker"
        print(f"grade {LESSON}, realistic class of {size:,}: {one['seconds']:.1f} s, {memory}")
    few, many = min(SIZES), max(SIZES)
    if few < many:
        more = (found[many]["seconds"] - found[few]["seconds"]) / (many - few)
        print(f"grade {LESSON}, one more submission between {few:,} and {many:,}: {more * 1000:.1f} ms")


if __name__ == "__main__":
    if sys.argv[1:]:
        print(json.dumps(graded(int(sys.argv[1]))))
    else:
        main()
