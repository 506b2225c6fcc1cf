"""Grades a hostile class in a process of its own, as whoever starts it: run_class.py SUBMITTED OUT."""

import os
import sys
from pathlib import Path

from graders.course.course import Course
from graders.grading.grade_class import grade_class

if __name__ == "__main__":
    root = Path(__file__).resolve().parents[2]
    submitted, out = map(Path, sys.argv[1:])
    grade_class(Course.at(root), os.environ["COURSE_SEED"], submitted, out, jobs=4)
