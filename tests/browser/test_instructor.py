"""An instructor in a real browser: nbgrader's Validate and formgrader, in JupyterLab as `make teach` opens it."""

from __future__ import annotations

import shutil

import pytest
from ending import FAR_NET
from lab_server import start_lab
from open_notebook import execute, run_cell, wait_for_notebook

from graders.build.notebook import source_notebook, write_notebook
from graders.course.reading import read_lesson
from graders.frontend import TEACHER

pytestmark = pytest.mark.slow

LESSON = "01-start-here"
RIGHT = (
    "%%answer open-loans\nSELECT name FROM members\n"
    "WHERE member_id IN (SELECT member_id FROM loans WHERE returned_on IS NULL)"
)


@pytest.fixture(scope="module")
def page(root, course, tmp_path_factory, chromium):
    """The released first lesson, open in a project's folder that has formgrader's course in it."""
    folder = tmp_path_factory.mktemp("project")
    shutil.copytree(root / "lessons" / LESSON, folder / "lessons" / LESSON)
    shutil.copytree(root / "notebooks" / LESSON, folder / "notebooks" / LESSON)
    shutil.copy(root / "nbgrader_config.py", folder)
    shutil.copytree(root / "results", folder / "results", ignore=shutil.ignore_patterns("[!.]*"))
    source = folder / "build/source" / LESSON / f"{LESSON}.ipynb"
    write_notebook(source_notebook(read_lesson(course.lessons / LESSON)), source)
    with start_lab(folder, folder, JUPYTER_CONFIG_PATH=str(TEACHER)) as address:
        page = chromium.new_page(viewport={"width": 1280, "height": 900})
        page.goto(f"{address}/lab/tree/notebooks/{LESSON}/{LESSON}.ipynb")
        wait_for_notebook(page, f"{LESSON}.ipynb")
        yield page


def test_validate_names_what_is_left(page, artefacts):
    """Does nbgrader's button count the cells that still fail, and those alone?"""
    run_cell(page, "open-loans-answer", RIGHT)
    execute(page, "docmanager:save")
    page.get_by_role("button", name="Validate").or_(page.locator(".validate-button button")).first.click()
    dialog = page.locator(".jp-Dialog")
    dialog.get_by_text("failed", exact=False).first.wait_for(timeout=FAR_NET * 1000)
    assert "open-loans" not in dialog.inner_text()
    page.screenshot(path=artefacts / "validate.png")
    dialog.get_by_role("button").last.click()


def test_formgrader_opens(page, artefacts):
    """Does the instructor find the lesson in formgrader, inside JupyterLab?"""
    execute(page, "nbgrader:open-formgrader")
    frame = page.frame_locator("iframe").last
    frame.get_by_text(LESSON).first.wait_for(timeout=FAR_NET * 1000)
    page.screenshot(path=artefacts / "formgrader.png")
