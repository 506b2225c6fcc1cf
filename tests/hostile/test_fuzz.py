"""Does no notebook, however broken, stop the grading of a class? `make fuzz FUZZ=n` tries n of them."""

import csv
import json
import os
from collections import defaultdict
from itertools import chain

import nbformat
import pytest
from golden import FULL, LESSON
from notebook_mutations import mutated

from graders.build.notebook import source_notebook
from graders.course.answer_cells import read_answers
from graders.course.notebook_cells import MOST_CHARACTERS, UnreadableNotebook, read_cells
from graders.course.reading import read_lesson
from graders.grading.grade_class import grade_class
from graders.kernel.exercise import find_exercise

READ = int(os.environ.get("FUZZ", 5_000))
GRADED = max(200, READ // 25)
STATUSES = {"right", "partly right", "wrong", "not attempted", "needs review"}


@pytest.fixture(scope="module")
def solved(course):
    return nbformat.writes(source_notebook(read_lesson(course.lessons / LESSON)))


def test_every_file_is_read_or_refused_in_words(solved, tmp_path):
    """Are answers always texts that can be written as UTF-8, and is there no other error than the one in words?"""
    path, refused, whole = tmp_path / f"{LESSON}.ipynb", 0, 0
    exercises, released = list(map(find_exercise, FULL)), read_cells(json.loads(solved))
    for seed in range(READ):
        path.write_bytes(mutated(solved, seed))
        try:
            answers = read_answers(path, exercises, released)
        except UnreadableNotebook as error:
            refused += 1
            assert 0 < len(str(error)) < 100
            continue
        assert set(answers.texts) == set(FULL)
        for text in (*answers.texts.values(), *answers.remarks, *chain(*answers.unread.values())):
            assert len(text.encode()) <= 4 * MOST_CHARACTERS
        whole += not answers.remarks
    # The mutations are of use only if they reach every kind of end.
    assert refused > READ / 20
    assert whole > READ / 20
    assert READ - refused - whole > READ / 50


@pytest.mark.slow
def test_a_class_of_them_is_graded(course, solved, tmp_path):
    """Does each get its rows, one an exercise or one with the reason?"""
    submitted = tmp_path / "submitted"
    for seed in range(GRADED):
        folder = submitted / f"s{seed:06}" / LESSON
        folder.mkdir(parents=True)
        (folder / f"{LESSON}.ipynb").write_bytes(mutated(solved, seed))
    grade_class(course, "fuzz", submitted, tmp_path / "out")
    rows = defaultdict(list)
    with (tmp_path / "out/grades.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            rows[row["student"]].append(row)
    assert len(rows) == GRADED
    for found in rows.values():
        assert _is_clear(found), found
    assert not [found for found in rows.values() if "needs review" in {row["status"] for row in found}]


def _is_clear(rows: list[dict]) -> bool:
    if len(rows) == 1:
        return rows[0]["status"].startswith("unreadable: ") and rows[0]["exercise"] == ""
    return [row["exercise"] for row in rows] == list(FULL) and {row["status"] for row in rows} <= STATUSES
