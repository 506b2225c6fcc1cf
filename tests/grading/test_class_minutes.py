"""Are attempts and minutes counted as the logs have them, and does no log, whatever is in it, break the table?"""

import json
import os
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from graders.__main__ import main
from graders.course.attempts import LoggedAttempt, RecallRound, write_line
from graders.course.course import read_course
from graders.course.minutes import minutes_by_exercise, minutes_for
from graders.grading.class_minutes import measure_pace
from graders.grading.grade_class import grade_class
from graders.grading.submissions import find_submissions

LESSON = "01-start-here"
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
FIRST, SECOND, THIRD, FOURTH = "compare-with-null", "open-loans", "days-late", "read-a-report"


@pytest.fixture(scope="module")
def lessons(course):
    return read_course(course)


def line(minute, name, answer="", status="wrong", lesson="start-here", **more):
    time = START + timedelta(minutes=minute)
    return write_line(LoggedAttempt(time, lesson, name, 0, 2, status, answer or f"{minute}", **more))


def hand_in(submitted, student, text, lesson=LESSON):
    """Write a student's log, with nothing beside it."""
    path = submitted / student / lesson / "attempts.jsonl"
    path.parent.mkdir(parents=True)
    path.write_bytes(text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text)
    return path


def rows(lessons, submitted):
    """The rows of the only lesson, by exercise: students, attempts, most, minutes."""
    (pace,) = measure_pace(lessons, find_submissions(submitted))
    return {row[2]: row[3:7] for row in pace.table.rows}


def test_attempts_and_minutes_are_medians(lessons, tmp_path):
    """Is the time from the last check of one exercise to the first of the next, and Run All no attempt?"""
    ann = [line(0, FIRST), line(10, SECOND), line(12, SECOND), line(13, SECOND, "12"), line(20, THIRD)]
    ben = [line(0, FIRST), line(4, FIRST), line(5, SECOND), line(50, THIRD), *(line(60 + n, THIRD) for n in range(8))]
    for student, lines in (("ann", ann), ("ben", ben)):
        hand_in(tmp_path, student, "\n".join(lines))
    assert rows(lessons, tmp_path) == {
        FIRST: (2, "1.5", "2", "–"),
        SECOND: (2, "1.5", "2", f"{(10 + 1) / 2:.0f}"),
        THIRD: (2, "5", "9", f"{(8 + 45) / 2:.0f}"),
        FOURTH: (0, "–", "–", "–"),
    }


def test_breaks_and_ways_back_are_no_minutes(lessons, tmp_path):
    """Is a night between two exercises, or a return to the one before, left out, and a skipped exercise too?"""
    hand_in(tmp_path, "night", "\n".join([line(0, FIRST), line(900, SECOND)]))
    hand_in(tmp_path, "back", "\n".join([line(0, FIRST), line(3, SECOND), line(5, FIRST), line(9, FOURTH)]))
    assert rows(lessons, tmp_path) == {
        FIRST: (2, "1.5", "2", "–"),
        SECOND: (2, "1", "1", "–"),
        THIRD: (0, "–", "–", "–"),
        FOURTH: (1, "1", "1", "–"),
    }
    (pace,) = measure_pace(lessons, find_submissions(tmp_path))
    assert pace.sentence == "No two exercises in a row were checked, so there are no minutes."


def test_the_model_counts_the_same_stretch(lessons):
    """Do the model's minutes of all exercises come to those of the lesson, but for what follows the last?"""
    for lesson in lessons:
        model = minutes_by_exercise(lesson)
        assert list(model) == [task.name for task in lesson.tasks.values() if task.kind != "prose"]
        assert 0.8 * sum(map(minutes_for, lesson.pieces)) < sum(model.values()) <= sum(map(minutes_for, lesson.pieces))


GOOD = line(0, FIRST)
HOSTILE = {
    "nothing": "",
    "zeros": bytes(1_000_000),
    "no text": os.urandom(100_000),
    "half characters": '{"time": "\ud800"}\n',
    "nested": "[" * 1_000_000,
    "giant line": GOOD[:-1] + ', "x": "' + "x" * 3_000_000 + '"}',
    "other lessons": line(0, "no-such-exercise"),
    "recalled": line(0, FIRST, recall=True),
    "prose": line(0, "copy-the-email"),
    "rounds": write_line(RecallRound(START, "start-here", (FIRST,))),
    "a formula": json.dumps({"time": "=cmd()", "exercise": FIRST}),
    "the end of time": GOOD.replace("2026", "9999"),
    "a notebook": json.dumps({"cells": []}),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_log_counts_for_nothing(lessons, tmp_path, name):
    """Is what is no entry of this lesson skipped, and the others' figures as they were?"""
    hand_in(tmp_path, "mallory", HOSTILE[name])
    assert measure_pace(lessons, find_submissions(tmp_path)) == []
    hand_in(tmp_path, "ann", "\n".join([GOOD, line(4, SECOND)]))
    assert rows(lessons, tmp_path)[SECOND] == (1, "1", "1", "4")


def test_a_flood_of_lines_is_bounded(lessons, tmp_path):
    """Is only the end of a giant log read, and is the rest of the class unharmed?"""
    hand_in(tmp_path, "mallory", "\n".join(line(0, FIRST, f"{number:x}") for number in range(60_000)))
    hand_in(tmp_path, "ann", GOOD)
    students, _, most, _ = rows(lessons, tmp_path)[FIRST]
    assert (students, int(most) < 50_000) == (2, True)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes and links")
def test_only_ordinary_files_are_read(lessons, tmp_path):
    """Is nothing read through a link, from a pipe, a folder or a device?"""
    outside = hand_in(tmp_path / "outside", "x", GOOD)
    submitted = tmp_path / "submitted"
    for student in ("link", "pipe", "folder", "device"):
        (submitted / student / LESSON).mkdir(parents=True)
    (submitted / "link" / LESSON / "attempts.jsonl").symlink_to(outside)
    os.mkfifo(submitted / "pipe" / LESSON / "attempts.jsonl")
    (submitted / "folder" / LESSON / "attempts.jsonl").mkdir()
    (submitted / "device" / LESSON / "attempts.jsonl").symlink_to("/dev/zero")
    (submitted / "lesson linked").mkdir()
    (submitted / "lesson linked" / LESSON).symlink_to(outside.parent)
    (submitted / "all linked").symlink_to(tmp_path / "outside" / "x")
    assert measure_pace(lessons, find_submissions(submitted)) == []


def test_a_log_changes_no_mark(course, tmp_path):
    """Are the marks of a submission with a log that claims everything those of one without it?"""
    (released,) = (course.notebooks / LESSON).glob("*.ipynb")
    for student in ("ann", "ben"):
        (tmp_path / "in" / student / LESSON).mkdir(parents=True)
        (tmp_path / "in" / student / LESSON / released.name).write_bytes(released.read_bytes())
    claims = [line(0, name, status="right").replace('"score": 0', '"score": 2') for name in (FIRST, SECOND, THIRD)]
    (tmp_path / "in" / "ben" / LESSON / "attempts.jsonl").write_text("\n".join(claims))
    ann, ben = grade_class(course, "seed", tmp_path / "in", tmp_path / "out")
    assert {name: report.score for name, report in ann.reports.items()} == dict.fromkeys(ann.reports, 0)
    assert ben.reports == ann.reports


def test_the_table_is_printed(root, tmp_path, monkeypatch):
    """Does an instructor read names, figures and one sentence a lesson, or one sentence if there is no log?"""
    monkeypatch.chdir(root)
    nothing = CliRunner().invoke(main, ["minutes", str(tmp_path)])
    assert nothing.exit_code == 1
    assert "There is no log of attempts in" in nothing.output
    hand_in(tmp_path, "ann", "\n".join([GOOD, line(44, SECOND), line(45, SECOND), line(46, THIRD)]))
    hand_in(tmp_path, "ben", line(0, "first-index", lesson="indexing"), "06-indexing")
    done = CliRunner().invoke(main, ["minutes", str(tmp_path)], catch_exceptions=False)
    assert done.exit_code == 0
    start_here, indexing = done.output.split("\n\n")[:2]
    assert start_here.startswith("01-start-here, 1 log\n")
    assert "Who still has a book?" in start_here
    (row,) = [row.split() for row in start_here.splitlines() if SECOND in row and "took" not in row]
    assert row[-5:-1] == ["1", "2", "2", "44"]
    assert "2 exercises took 45 minutes together, and" in start_here
    assert "furthest from it is 2 · Who still has a book?: 44 minutes, and" in start_here
    assert indexing.startswith("06-indexing, 1 log\n")
