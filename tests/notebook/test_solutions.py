"""Is a solution shown after an honest try, in the self-study edition, and said in one sentence what is missing?"""

import pytest
from awkward_answers import solutions

from graders.course.course import read_course
from graders.course.solutions import FILE, solution_of, write_solutions
from graders.kernel.exercise import find_exercise
from graders.notebook.attempt_log import AttemptLog
from graders.notebook.notebook_session import NotebookSession
from graders.notebook.solutions import CLASS_EDITION, EDITIONS, UNWRITTEN


@pytest.fixture(scope="module")
def file_of_solutions(course, tmp_path_factory):
    return write_solutions(read_course(course), tmp_path_factory.mktemp("solutions") / FILE)


@pytest.fixture
def session(tmp_path, monkeypatch, course):
    """A session in the folder of a lesson, in the class edition."""
    lesson = tmp_path / "notebooks" / "01-start-here"
    lesson.mkdir(parents=True)
    monkeypatch.chdir(lesson)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    return NotebookSession(AttemptLog(tmp_path / "attempts.jsonl"))


@pytest.fixture
def alone(session, tmp_path, file_of_solutions):
    """The same in the self-study edition."""
    (tmp_path / "notebooks" / FILE).write_bytes(file_of_solutions.read_bytes())
    return session


def check(session, name, answer):
    session.store_answer(name, answer)
    return session.check(name)


def test_the_class_edition_says_that_it_has_none(session):
    """Is it one sentence that says whom to ask, whatever was tried?"""
    check(session, "open-loans", "SELECT name FROM members")
    assert session.solution("open-loans").text == CLASS_EDITION
    assert EDITIONS[False] in session.contents().text


def test_before_an_honest_try_it_says_what_is_missing(alone):
    """Are the hints that are left counted, and the answers to check?"""
    assert EDITIONS[True] in alone.contents().text
    said = alone.solution("open-loans").text
    assert said == (
        'It is shown after an honest try: three hints are left (`hint("open-loans")`). '
        'Or check three different answers (`check("open-loans")`).'
    )
    for _ in range(2):
        alone.hint("open-loans")
    check(alone, "open-loans", "SELECT 1")
    assert "one hint is left" in alone.solution("open-loans").text
    assert "check two more answers (" in alone.solution("open-loans").text
    check(alone, "open-loans", "SELECT 2")
    assert "check one more answer (" in alone.solution("open-loans").text


def test_all_hints_are_an_honest_try(alone):
    """Does the last hint open it, with the solution and why?"""
    for _ in range(3):
        alone.hint("open-loans")
    shown = alone.solution("open-loans")
    assert "WHERE EXISTS (SELECT 1" in shown.text
    assert "EXISTS is content with the first" in shown.text
    assert "<pre" in shown.html


def test_after_the_last_hint_a_check_leads_to_the_solution(alone):
    """Is the solution named once no hint is left, and the next hint until then?"""
    assert 'hint("open-loans")' in str(check(alone, "open-loans", "SELECT 1").report.remarks)
    for _ in range(3):
        alone.hint("open-loans")
    assert 'solution("open-loans")' in str(check(alone, "open-loans", "SELECT 1").report.remarks)


def test_a_class_is_led_to_the_last_hint_again(session):
    """Is no solution named where there are none?"""
    for _ in range(3):
        session.hint("open-loans")
    assert 'hint("open-loans")' in str(check(session, "open-loans", "SELECT 1").report.remarks)


def test_a_prediction_is_tried_once(alone):
    """Is one checked answer enough, right or not, and said so?"""
    assert alone.solution("compare-with-null").text == (
        'It is shown once your prediction is checked (`check("compare-with-null")`).'
    )
    check(alone, "compare-with-null", "b")
    assert alone.solution("compare-with-null").text.startswith("a\n")


def test_three_different_answers_are_an_honest_try(alone):
    """Does the same answer three times open nothing, and the third other one open it?"""
    for _ in range(3):
        check(alone, "open-loans", "SELECT 1")
        assert "check two more" in alone.solution("open-loans").text
    check(alone, "open-loans", "SELECT 2")
    check(alone, "open-loans", "SELECT 3")
    assert "WHERE EXISTS" in alone.solution("open-loans").text


def test_a_blank_answer_is_no_try(alone):
    """Does checking what was released count for nothing?"""
    for _ in range(3):
        check(alone, "open-loans", find_exercise("open-loans").stub)
    assert "check three different answers" in alone.solution("open-loans").text


@pytest.mark.parametrize("name", ["open-loans", "days-late", "compare-with-null", "read-a-report", "order-a-transfer"])
def test_whoever_has_solved_it_sees_it(alone, course, name):
    """Is a right answer enough, for each kind of exercise?"""
    check(alone, name, solutions(course)[name])
    shown = alone.solution(name)
    assert shown.title == f"A solution of {name}"
    assert "Why" in shown.text


def test_prose_is_shown_once_an_answer_is_written(alone, tmp_path, monkeypatch, course):
    """Is the saved notebook looked at, which no check reads?"""
    path = tmp_path / "notebooks/01-start-here/03-normalization.ipynb"
    released = (course.notebooks / "03-normalization/03-normalization.ipynb").read_text(encoding="utf-8")
    monkeypatch.setenv("JPY_SESSION_NAME", str(path))
    path.write_text(released, encoding="utf-8")
    assert alone.solution("judge-a-rule").text == UNWRITTEN
    path.write_text(released.replace("*Your answer here.*", "Ten rows agree, and the eleventh need not."), "utf-8")
    assert "What a good answer says" in alone.solution("judge-a-rule").text


def test_every_exercise_has_a_reason(course):
    """Does the solution of every exercise come with why it is one?"""
    tasks = [task for lesson in read_course(course) for task in lesson.tasks.values()]
    assert [task.name for task in tasks if not solution_of(task).because] == []


def test_a_file_of_another_edition_is_no_fault(alone, tmp_path):
    """Is a solution that is not in the file missing in one sentence?"""
    (tmp_path / "notebooks" / FILE).write_text("{}", encoding="utf-8")
    for _ in range(3):
        alone.hint("open-loans")
    assert "knows no exercise `open-loans`" in alone.solution("open-loans").text
