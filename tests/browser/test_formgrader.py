"""An instructor reads prose: does formgrader list what waits, open there, and show the rubric beside the answer?"""

from __future__ import annotations

import re
import shutil

import nbformat
import pytest
from ending import FAR_NET
from lab_server import start_lab
from nbgrader.api import Gradebook

from graders.course.course import Course
from graders.frontend import TEACHER
from graders.grading.grade_class import grade_class

pytestmark = pytest.mark.slow

LESSON, PROSE = "03-normalization", "judge-a-rule"
WROTE = "The data can refute a rule, and never prove one."
NOTEBOOKS = f"formgrader/api/submitted_notebooks/{LESSON}/{LESSON}"
LIST = f"formgrader/gradebook/{LESSON}/{LESSON}"


@pytest.fixture(scope="module")
def folder(root, tmp_path_factory):
    """A project's folder in which four students were graded: two wrote prose, one left it blank, one file is broken."""
    folder = tmp_path_factory.mktemp("project")
    for name in ("lessons", "notebooks"):
        (folder / name).symlink_to(root / name)
    shutil.copy(root / "nbgrader_config.py", folder)
    released = (root / "notebooks" / LESSON / f"{LESSON}.ipynb").read_text(encoding="utf-8")
    for student in ("ann", "ben", "blank", "broken"):
        notebook = nbformat.reads(released, 4)
        (cell,) = [one for one in notebook.cells if one.metadata.get("nbgrader", {}).get("grade_id") == PROSE]
        cell.source = WROTE if student in ("ann", "ben") else cell.source
        path = folder / "submitted" / student / LESSON / f"{LESSON}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text("{" if student == "broken" else nbformat.writes(notebook), encoding="utf-8")
    grade_class(Course.at(folder), "seed", folder / "submitted", folder / "results", jobs=1)
    return folder


@pytest.fixture(scope="module")
def site(folder, tmp_path_factory):
    own = tmp_path_factory.mktemp("own")
    with start_lab(folder, own, JUPYTER_CONFIG_PATH=str(TEACHER), COURSE_SEED="seed") as address:
        yield address


@pytest.fixture
def page(chromium):
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(FAR_NET * 1000)
    yield page
    page.close()


def test_only_what_waits_is_listed(site, page, artefacts):
    """Are blank and unreadable submissions left out, until the instructor asks for all?"""
    page.goto(f"{site}/{LIST}")
    rows = page.locator("#main-table a.name-hidden")
    rows.first.wait_for()
    page.screenshot(path=artefacts / "formgrader-list.png")
    assert rows.count() == 2
    page.get_by_text("Show all submissions").click()
    assert rows.count() == 4


def test_without_an_exchange_the_page_says_how_it_goes(site, page, artefacts):
    """Does the list of lessons say what to type, in place of nbgrader's warning?"""
    page.goto(f"{site}/formgrader/manage_assignments")
    page.locator("#without-exchange").wait_for()
    page.screenshot(path=artefacts / "formgrader-lessons.png")
    assert "make student" in page.locator("#without-exchange").inner_text()
    assert not page.locator("#warning-exchange").is_visible()


def test_it_opens_at_the_answer_with_the_rubric_beside_it(site, page, artefacts):
    """Is the field for the points in sight and in focus, the rubric left of the answer, and its markers not shown?"""
    page.goto(f"{site}/{LIST}")
    page.locator("#main-table a.name-hidden").first.click()
    page.wait_for_function(f"document.activeElement?.id === '{PROSE}'")
    page.wait_for_function("window.$ && $('body, html').is(':animated') === false")
    page.screenshot(path=artefacts / "formgrader-answer.png")
    rubric, answer = page.locator(".rubric").bounding_box(), page.locator(".prose-answer").bounding_box()
    assert rubric["x"] + rubric["width"] <= answer["x"] and abs(rubric["y"] - answer["y"]) < 40
    assert 0 < answer["y"] < 900 and answer["x"] + answer["width"] <= 1280
    assert "MARK SCHEME" not in page.locator(".rubric").inner_text()
    assert WROTE in page.locator(".prose-answer").inner_text()


def test_next_leads_over_what_waits(site, page):
    """Are the two that wait visited one after the other, and the list after them?"""
    page.goto(f"{site}/{LIST}")
    page.locator("#main-table a.name-hidden").first.click()
    first = page.url
    page.locator("li.next a").click()
    page.wait_for_url(lambda url: url != first and "/submissions/" in url)
    page.locator("li.next a").click()
    page.wait_for_url(f"**/{LIST}")


def test_names_are_hidden_where_the_course_file_says_so(folder, tmp_path, page, artefacts):
    """Is no student named in what the browser gets for marking, and does the mark reach the student all the same?"""
    (folder / "course.toml").write_text("anonymous = true\n", encoding="utf-8")
    with start_lab(folder, tmp_path, JUPYTER_CONFIG_PATH=str(TEACHER), COURSE_SEED="seed") as address:
        page.goto(f"{address}/{LIST}")
        page.locator("#main-table a.name-hidden").first.wait_for()
        got = [page.content(), page.request.get(f"{address}/{NOTEBOOKS}").text()]
        page.locator("#main-table a.name-hidden").first.click()
        page.wait_for_function(f"document.activeElement?.id === '{PROSE}'")
        page.wait_for_function("window.$ && $('body, html').is(':animated') === false")
        page.screenshot(path=artefacts / "formgrader-anonymous.png")
        got.append(page.content())
        with page.expect_response(lambda answer: "/api/grade/" in answer.url and answer.request.method == "PUT"):
            page.locator(f"#{PROSE}").fill("2.5")
            page.keyboard.press("Escape")
        named = [name for name in ("ann", "ben") for text in got if re.search(rf"[\"'/>\s]{name}[\"'/<\s]", text)]
    assert named == [] and all(len(text) > 400 for text in got)
    with Gradebook(f"sqlite:///{folder}/results/gradebook.db") as gradebook:
        grades = [gradebook.find_grade(PROSE, LESSON, LESSON, student).manual_score for student in ("ann", "ben")]
    assert sorted(grades, key=str) == [2.5, None]
