"""A newcomer in a real browser: through every lesson, from the contents to the link to the next one."""

from __future__ import annotations

import os
import re
import shutil

import pytest
from foreseen_answers import LESSONS
from lab_server import start_lab
from open_notebook import (
    execute,
    follow_link,
    html_of,
    leave_notebook,
    open_notebook,
    read_cells,
    restart_kernel,
    run_cell,
    score_of,
    take_pictures,
    text_of,
    wait_for_notebook,
)

from graders.build.foreseen import Trial, can_be_tried, trials_of
from graders.build.keys import exercise_of, task_key
from graders.course.lesson import Lesson
from graders.kernel.claims import load_claims

pytestmark = pytest.mark.slow

IDS = [lesson.id for lesson in LESSONS.values()]
FOLLOWING = dict(zip(IDS, [*IDS[1:], ""], strict=True))


@pytest.fixture(scope="module")
def lab(root, tmp_path_factory, chromium):
    """JupyterLab as `make lab` opens it, in Chromium: on the notebooks alone, with the contents in front."""
    own = tmp_path_factory.mktemp("newcomer")
    notebooks = shutil.copytree(root / "notebooks", own / "notebooks")
    with start_lab(notebooks, own) as address:
        page = chromium.new_page(viewport={"width": 1280, "height": 900})
        page.goto(address)
        wait_for_notebook(page, "contents.ipynb")
        yield page


def first_trials(lesson: Lesson) -> tuple[Trial, Trial]:
    """A wrong answer and the solution to the first exercise of `lesson` in which an answer can be wrong."""
    load_claims(lesson.name)
    task = next(task for task in lesson.tasks.values() if task.kind != "prediction" and can_be_tried(task))
    trials = list(trials_of(task, exercise_of(task, "", task_key(task), lesson.name)))
    return next(one for one in trials if one.role == "wrong"), trials[0]


def answer(page, trial: Trial) -> list[dict]:
    """Write the answer, run it, and give what its check cell shows."""
    name = trial.exercise.name
    run_cell(page, f"{name}-answer", f"%%answer {name}\n{trial.text}")
    return run_cell(page, name)


def is_check(cell: dict) -> bool:
    return cell["cell_type"] == "code" and bool(cell["metadata"].get("nbgrader", {}).get("grade"))


def open_from_contents(page, lesson_id: str) -> None:
    open_notebook(page, "contents.ipynb")
    page.locator(f".jp-RenderedMarkdown a[href*='{lesson_id}']:visible").first.click()
    wait_for_notebook(page, f"{lesson_id}.ipynb")


def run_all(page) -> None:
    """Run the notebook in which nothing is answered: no error, nothing on stderr, and every check gives 0."""
    assert execute(page, "notebook:run-all-cells")
    cells = read_cells(page)
    outputs = [output for cell in cells for output in cell.get("outputs", ())]
    assert [o for o in outputs if o["output_type"] == "error" or o.get("name") == "stderr"] == []
    assert {score_of(cell["outputs"]) for cell in cells if is_check(cell)} == {0}
    assert any(html_of([output]) for output in outputs)
    captions = re.findall(r"<figcaption>(.*?)</figcaption>", " ".join(html_of([output]) for output in outputs))
    assert [words for words in captions if not words.endswith(".") or re.search(r"[.!?] [A-Z]", words)] == []


def keep_pictures(page, stem, *ways: tuple[str, int]) -> None:
    """Take pictures of the lesson, where somebody keeps them: they take longer than all the rest."""
    for theme, width in ways if "COURSE_ARTEFACTS" in os.environ else ():
        take_pictures(page, stem, theme, width)


def test_the_contents_say_where_to_begin(lab, artefacts):
    """Do the contents, without a click, name the first lesson as the one to go on with?"""
    lab.get_by_text("← go on here").wait_for()
    assert f"Go on with: {LESSONS['start-here'].front['title']}" in text_of(read_cells(lab)[1]["outputs"])
    take_pictures(lab, artefacts / "contents", "light", 1280)


@pytest.mark.parametrize("lesson", LESSONS.values(), ids=IDS)
def test_a_newcomer_gets_through(lab, artefacts, lesson):
    """Does a lesson run with nothing answered, explain a wrong answer, take the right one, and lead to the next?"""
    wrong, right = first_trials(lesson)
    open_from_contents(lab, lesson.id)
    run_all(lab)
    shown = answer(lab, wrong)
    assert score_of(shown) < wrong.exercise.points and wrong.says.replace("`", "") in text_of(shown)
    keep_pictures(lab, artefacts / lesson.id, ("light", 1280), ("dark", 1280))
    assert score_of(answer(lab, right)) == right.exercise.points
    keep_pictures(lab, artefacts / lesson.id, ("dark", 900), ("light", 900))
    if following := FOLLOWING[lesson.id]:
        follow_link(lab, following)
    leave_notebook(lab, f"{lesson.id}.ipynb")


def test_a_restarted_notebook_says_what_to_run(lab, artefacts):
    """Is a cell in the middle that runs first after a restart told to run those above, without `NameError`?"""
    lesson = LESSONS["isolation"].id
    open_from_contents(lab, lesson)
    middle = next(cell for cell in read_cells(lab) if "COUNT_UP)" in cell["source"])
    restart_kernel(lab, f"{lesson}.ipynb")
    (said,) = run_cell(lab, middle["id"])
    assert said["ename"] == "SentenceError"
    assert "is not there yet" in said["evalue"] and "Run All Above Selected Cell" in said["evalue"]
    lab.screenshot(path=artefacts / "restarted.png")
    leave_notebook(lab, f"{lesson}.ipynb")
