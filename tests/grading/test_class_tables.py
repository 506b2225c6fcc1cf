"""Are the figures of the class page in the tables beside it, and no formula among them?"""

import csv
import io
from dataclasses import replace

from made_class import CATALOGUE, CLASS, HINT, LESSON, MORE, NASTY, TWO_LESSONS, find_grader, handed_in, report

from graders.grading.class_minutes import ExercisePace, LessonPace
from graders.grading.class_report import class_page
from graders.grading.class_statistics import summarize_class
from graders.grading.class_tables import class_tables


def tables_of(statistics):
    return {name: list(csv.DictReader(io.StringIO(text))) for name, text in class_tables(statistics).items()}


def summarize(submissions):
    return summarize_class(submissions, find_grader, CATALOGUE)


def test_students_and_lessons():
    """Are points, what is missing and the figures of each lesson those of the page?"""
    tables = tables_of(summarize(TWO_LESSONS))
    by_place = {
        (row["student"], row["lesson"]): (row["points"], row["of"], row["note"]) for row in tables["students.csv"]
    }
    assert by_place["ann", LESSON] == ("3", "3", "")
    assert by_place["bob", MORE] == ("2.5", "3", "")
    assert by_place["eve", MORE] == ("", "3", "missing")
    first, second = tables["lessons.csv"]
    assert (first["mean"], first["median"], first["least"], first["most"], first["unreadable"]) == (
        "1.2",
        "1",
        "0",
        "3",
        "1",
    )
    assert (second["points"], second["bonus_points"], second["bonuses"]) == ("3", "2", "2")


def test_exercises_and_hints():
    """Are statuses counted, and hints there with their misconception and the students who met them?"""
    tables = tables_of(summarize(TWO_LESSONS))
    counts = {
        row["exercise"]: [int(row[name]) for name in ("right", "wrong", "failed without a hint")]
        for row in tables["exercises.csv"]
    }
    assert counts["made-1"] == [2, 2, 1]
    hints = {(row["misconception"], row["exercise"], row["who"]) for row in tables["hints.csv"]}
    assert ("one-is-enough", "more-2", "bob cem") in hints and ("", "made-2", "bob cem") in hints
    assert {row["hint"] for row in tables["hints.csv"]} >= {HINT}


def test_groups_and_what_to_look_at():
    tables = tables_of(summarize(CLASS))
    (group,) = tables["unexplained.csv"]
    assert (group["exercise"], group["students"], group["who"]) == ("made-1", "1", "cem")
    looks = {(row["what"], row["student"]) for row in tables["to-look-at.csv"]}
    assert looks == {("unreadable", NASTY), ("unreadable", "ann"), ("needs review", "eve"), ("odd", "cem")}


def test_a_name_like_a_formula_is_text():
    tables = class_tables(summarize([handed_in("=1+1", report("made-1", "+"), report("made-2", "+"))]))
    assert "'=1+1" in tables["students.csv"] and ",=1+1" not in tables["students.csv"]


def test_minutes_and_attempts_are_on_the_page_and_in_the_table():
    """Is what logs say of an exercise shown beside the model?"""
    statistics = summarize(CLASS)
    (lesson,) = statistics.lessons
    task = find_grader(LESSON).lesson.tasks["made-2"]
    task.title = "Title made-2"
    pace = LessonPace(find_grader(LESSON).lesson, 3, [ExercisePace(task, 7.4, [1, 5, 2], [6.0, 8.0])])
    statistics = replace(statistics, lessons=(replace(lesson, pace=pace),))
    page = class_page(statistics)
    assert "From 3 logs that students handed in" in page
    assert "".join(f'<td class="n">{figure}</td>' for figure in (3, 2, 5, 7, 7)) in page
    row = next(one for one in tables_of(statistics)["exercises.csv"] if one["exercise"] == "made-2")
    assert (row["logs"], row["attempts_median"], row["attempts_most"], row["minutes_median"]) == ("3", "2", "5", "7")
    assert "Minutes and attempts" not in class_page(summarize(CLASS))


def test_what_cannot_be_written_costs_its_row_alone(monkeypatch):
    """Is a row that breaks a row that says so, with all the others, and a table that breaks one line of itself?"""
    clean = tables_of(summarize(TWO_LESSONS))
    monkeypatch.setattr("graders.grading.class_tables.to_one_line", break_on("bob"))
    hurt = tables_of(summarize(TWO_LESSONS))
    kept = [row for row in hurt["students.csv"] if not row["student"].startswith("needs review: writing this row")]
    assert kept == [row for row in clean["students.csv"] if row["student"] != "bob"] != clean["students.csv"]
    assert hurt["hints.csv"][-1]["misconception"].startswith("needs review: making this table broke")
    assert hurt["lessons.csv"] == clean["lessons.csv"]


def break_on(word):
    def to_one_line(text):
        if text == word:
            raise ValueError(text)
        return text

    return to_one_line
