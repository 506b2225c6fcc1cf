"""Writes a course file in which every setting is explained."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

HEAD = """\
# How the term runs. Every command of `python -m graders` follows this file; a line behind # changes nothing.
title = "Databases by Experiment"
timezone = "UTC"  # such as "Europe/Berlin"; times below are by its clocks

# Who takes part: Canvas' exported gradebook, Moodle's grading worksheet, or a table with student,name,section.
# `student` is the name of the folder in submitted/.
# roster = "roster.csv"

# Whether formgrader hides who wrote what is to be marked; the marks reach their students all the same.
# anonymous = true

# What a late submission loses, of the points it earned. Without settings, nothing.
[late]
# grace_minutes = 15     # so late costs nothing
# percent_a_day = 10     # for each day that has begun
# at_most_percent = 50   # but never more than this
# days_accepted = 7      # after so many days it earns nothing

# One block for each lesson; all settings may be left out.
#   due       when it has to be handed in; who has not by then gets 0 for it
#   weight    its share in the final mark, relative to the others; where no lesson has one, each has its points
#   counts    false: it is marked, and does not count
#   further   false: what is further gives no extra credit
#   left_out  exercises that give no points, such as ["split-the-name"]
#   optional  exercises that give extra credit, as what is further does
#   sections  other dates for sections: { evening = 2027-01-15T23:59:00 }
"""
LESSON = """
[lessons.{lesson}]
# due = 2027-01-12T23:59:00
"""
TAIL = """
# More time for one student; repeat the block for each.
# [[extensions]]
# student = "jdoe"
# lesson = "{lesson}"
# due = 2027-01-15T23:59:00

# When somebody handed in, where the platform does not say or is wrong; repeat the block for each.
# [[hand_ins]]
# student = "jdoe"
# lesson = "{lesson}"
# at = 2027-01-12T23:58:00
"""


def write_course_file(path: Path, lessons: Sequence[str]) -> Path:
    """Write a course file for `lessons` to `path` and give it; raise `FileExistsError` if there is one."""
    blocks = "".join(LESSON.format(lesson=lesson) for lesson in lessons)
    with path.open("x", encoding="utf-8") as file:
        file.write(HEAD + blocks + TAIL.format(lesson=lessons[0]))
    return path
