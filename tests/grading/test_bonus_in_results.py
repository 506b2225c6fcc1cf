"""Do the table of grades and the feedback page name each exercise in full, and count what is further as a bonus?"""

import csv
import re
from types import SimpleNamespace

import pytest
from made_class import CATALOGUE, MORE, find_grader, handed_in, report

from graders.figures.report import describe_reports
from graders.grading.feedback import feedback_page
from graders.grading.results import ClassResults, ResultFiles
from graders.kernel.readable import describe_total


def words_of(page: str) -> str:
    return " ".join(re.sub(r"<(style|title)>.*?</\1>|<[^>]+>", " ", page, flags=re.S).split())


def test_the_table_of_grades(tmp_path):
    """Has each row number, title and name, in the order of the notebook, and an unread one the main path's points?"""
    results = ClassResults(ResultFiles(tmp_path), SimpleNamespace(find=find_grader, catalogue=CATALOGUE), None)
    found = [
        handed_in("ann", report("more-2", "+-"), report("more-1", "+"), lesson=MORE),
        handed_in("bob", reason="empty", lesson=MORE),
        handed_in("cem", reason="there is no lesson 99-none", lesson="99-none"),
    ]
    for one in found[:2]:
        results._make_rows(one)
    results.write_class(found, 1.0)
    with (tmp_path / "grades.csv").open(encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    assert head == ["student", "lesson", "number", "title", "exercise", "further", "score", "max_score", "status"]
    assert rows == [
        ["ann", MORE, "1", "Title more-2", "more-2", "no", "1.5", "3", "partly right"],
        ["ann", MORE, "2", "Title more-1", "more-1", "yes", "2", "2", "right"],
        ["ann", MORE, "3", "Why?", "more-3", "no", "0", "4", "not attempted"],
        ["bob", MORE, "", "", "", "", "", "7", "unreadable: empty"],
        ["cem", "99-none", "", "", "", "", "", "", "unreadable: there is no lesson 99-none"],
    ]


@pytest.mark.parametrize(("signs", "total"), [("+", "1.5 of 3 points, and 2 for what is further"), (".", "1.5 of 3")])
def test_the_feedback_page(signs, total):
    """Does the student read the points of the main path with the bonus beside them, and each exercise in full?"""
    graded = handed_in("ann", report("more-2", "+-"), report("more-1", signs), lesson=MORE)
    graded.answers.texts["more-3"] = "Because."
    page = feedback_page(graded, find_grader(MORE))
    words = words_of(page)
    assert re.search(rf"{total}( points)? ?, with 4 more read by a person", words)
    assert "1 Title more-2 more-2 partly right 1.5 of 3 2 Title more-1 (further) more-1 " in words
    assert re.search(r"Exercise 2 · Title more-1 \(further\) \d of 2 points , [a-z ]+ Your answer", words)
    assert "What is further is a bonus" in words
    assert 'href="#more-1"' in page and 'id="more-1"' in page


def test_a_lesson_without_anything_further():
    """Does its page say nothing of a bonus?"""
    graded = handed_in("ann", report("made-1", "+"), report("made-2", "--"))
    graded.answers.texts["made-3"] = "Because."
    words = words_of(feedback_page(graded, find_grader("07-made")))
    assert "1 of 3 points , with 4 more read by a person" in words
    assert "further" not in words


def test_a_total_in_words():
    assert describe_total(18, 20, 2) == "18 of 20 points, and 2 for what is further"
    assert describe_total(0.67, 20) == "0.67 of 20 points"


def test_the_total_of_reports():
    """Is what is further beside the main path, and all there is where nothing else was checked?"""
    exercises = find_grader(MORE).exercises
    main, further = ((exercises[name], report(name, "+")) for name in ("more-2", "more-1"))
    assert describe_reports([main, further]) == "3 of 3 points, and 2 for what is further"
    assert describe_reports([further]) == "2 of 2 points"
