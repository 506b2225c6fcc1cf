"""Does a second hand-in count as it is, whatever was deleted from it, and no mark of before stay?"""

import csv
import json
import shutil

import pytest
from case import FULL, ONE, Case
from nbgrader.api import Gradebook

from graders.build.notebook import source_notebook
from graders.course.reading import read_lesson
from graders.grading.grade_class import grade_class
from notebooks import CASES


@pytest.mark.slow
def test_marks_of_before_do_not_stay(course, tmp_path):
    """Are table and gradebook those of the notebook that lies there now?"""
    solved = json.loads(json.dumps(source_notebook(read_lesson(course.lessons / ONE))))
    deleted = next(case for case in CASES if case.name == "all-deleted")
    for case, scores in ((Case("first", "", ""), FULL), (deleted, deleted.scores)):
        shutil.rmtree(tmp_path / "submitted", ignore_errors=True)
        case.hand_in(solved, tmp_path / "submitted/ann", {})
        grade_class(course, "seed", tmp_path / "submitted", tmp_path / "out", jobs=1)
        with (tmp_path / "out/grades.csv").open() as file:
            assert {row["exercise"]: row["score"] for row in csv.DictReader(file)} == scores
        with Gradebook(f"sqlite:///{tmp_path}/out/gradebook.db") as gradebook:
            assert gradebook.find_submission(ONE, "ann").score == sum(map(float, scores.values()))
