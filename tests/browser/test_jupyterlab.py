"""In a real browser: a student runs every lesson, answers wrong and then right; an instructor opens formgrader.

Screenshots go to the folder named by COURSE_ARTEFACTS, or to a temporary one.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from ending import FAR_NET
from playwright.sync_api import Page, sync_playwright

from graders.frontend import TEACHER

pytestmark = pytest.mark.slow

LESSON = "01-start-here"
ROOT = Path(__file__).resolve().parents[2]
OTHERS = sorted(path.name for path in (ROOT / "notebooks").iterdir() if path.is_dir() and path.name != LESSON)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]
WRONG = (
    "%%answer open-loans\nSELECT m.name FROM members m JOIN loans l ON l.member_id = m.member_id\n"
    "WHERE l.returned_on IS NULL"
)
RIGHT = (
    "%%answer open-loans\nSELECT name FROM members\n"
    "WHERE member_id IN (SELECT member_id FROM loans WHERE returned_on IS NULL)"
)
READY = """() => {
  const panel = window.jupyterapp?.shell?.currentWidget;
  return Boolean(panel?.sessionContext?.isReady && panel.sessionContext.session?.kernel?.status === 'idle');
}"""
RUN_CELL = """async ([id, source]) => {
  const panel = window.jupyterapp.shell.currentWidget;
  const index = panel.content.widgets.findIndex(cell => cell.model.id === id);
  panel.content.activeCellIndex = index;
  if (source) panel.content.widgets[index].model.sharedModel.setSource(source);
  await window.jupyterapp.commands.execute('notebook:run-cell');
  await panel.content.scrollToItem(index, 'center');
  return panel.content.widgets[index].model.toJSON().outputs;
}"""
CELLS = "() => window.jupyterapp.shell.currentWidget.context.model.toJSON().cells"


@pytest.fixture(scope="module")
def artefacts(tmp_path_factory) -> Path:
    folder = Path(os.environ.get("COURSE_ARTEFACTS") or tmp_path_factory.mktemp("artefacts"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def project(root, course, tmp_path_factory) -> Path:
    """A project's folder that the browser may write to, with formgrader's course in it."""
    from graders.build.notebook import source_notebook, write_notebook
    from graders.course.reading import read_lesson

    folder = tmp_path_factory.mktemp("project")
    for name in ("lessons", "notebooks"):
        shutil.copytree(root / name, folder / name)
    shutil.copy(root / "nbgrader_config.py", folder)
    shutil.copytree(root / "results", folder / "results", ignore=shutil.ignore_patterns("[!.]*"))
    source = folder / "build/source" / LESSON / f"{LESSON}.ipynb"
    write_notebook(source_notebook(read_lesson(course.lessons / LESSON)), source)
    return folder


@pytest.fixture(scope="module")
def server(project):
    """JupyterLab, started in the project's folder with configuration folders of its own; gives its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {f"JUPYTER_{kind}_DIR": str(project / f".{kind.lower()}") for kind in ("CONFIG", "DATA", "RUNTIME")}
    environment = (
        os.environ
        | own
        | {
            "IPYTHONDIR": str(project / ".ipython"),
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "JUPYTER_CONFIG_PATH": str(TEACHER),
        }
    )
    command = [
        *(sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root", "--ip=127.0.0.1"),
        *(f"--port={port}", "--ServerApp.port_retries=0", "--IdentityProvider.token=", "--expose-app-in-browser"),
        f"--ServerApp.root_dir={project}",
    ]
    with (project / "server.log").open("w") as log:
        process = subprocess.Popen(command, cwd=project, env=environment, stdout=log, stderr=log)
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(address, process, project / "server.log")
        yield address
    finally:
        process.terminate()
        process.wait(timeout=FAR_NET)


def _wait_for(address, process, log, seconds=FAR_NET):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()[-3000:]
        try:
            with urllib.request.urlopen(f"{address}/api", timeout=2):
                return
        except OSError:
            time.sleep(0.3)
    raise AssertionError(f"JupyterLab did not answer: {log.read_text()[-3000:]}")


@pytest.fixture(scope="module")
def page(server, artefacts):
    """The first lesson, open in Chromium with an idle kernel."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert chromium, "this test needs Debian's chromium: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_page(viewport={"width": 1200, "height": 1500})
        page.goto(f"{server}/lab/tree/notebooks/{LESSON}/{LESSON}.ipynb?reset")
        page.wait_for_function(READY, timeout=FAR_NET * 1000)
        yield page
        browser.close()


def run_cell(page: Page, cell: str, source: str = "") -> list[dict]:
    return page.evaluate(RUN_CELL, [cell, source])


def run_all(page: Page) -> list[dict]:
    """Run the released notebook that is open, in which nothing is answered, to its end; give all outputs.

    No cell may fail or write to stderr, and every check must give 0.
    """
    assert page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')") is True
    cells = page.evaluate(CELLS)
    outputs = [output for cell in cells for output in cell.get("outputs", ())]
    assert [o for o in outputs if o["output_type"] == "error" or o.get("name") == "stderr"] == []
    assert {"".join(cell["outputs"][0]["data"]["text/plain"]) for cell in cells if is_check(cell)} == {"0"}
    return outputs


def is_check(cell: dict) -> bool:
    return cell["cell_type"] == "code" and bool(cell["metadata"].get("nbgrader", {}).get("grade"))


def html(outputs: list[dict]) -> str:
    data = outputs[-1].get("data", {})
    return "".join(data.get("text/html", ""))


def test_the_released_lesson_runs_from_top_to_bottom(page, artefacts):
    """Does Run All reach the end with nothing answered, without an error and without a word on stderr?"""
    run_all(page)
    page.screenshot(path=artefacts / "1-run-all.png")


def test_a_wrong_answer_shows_its_counter_example(page, artefacts):
    """Does the student see the smallest library, their rows, and the hint?"""
    run_cell(page, "open-loans-answer", WRONG)
    report = html(run_cell(page, "open-loans"))
    assert "Which members stand in the list twice?" in report
    assert "not asked for" in report
    page.get_by_text("rows asked for").first.wait_for()
    page.screenshot(path=artefacts / "2-wrong.png")


def test_the_right_answer_is_full_marks(page, artefacts):
    """Does the same check, run again, see the new answer?"""
    shown = run_cell(page, "open-loans-answer", RIGHT)
    assert "Ada Okafor" in html(shown)
    outputs = run_cell(page, "open-loans")
    assert "".join(outputs[-1]["data"]["text/plain"]) == "2"
    assert "2 of 2 points, right" in html(outputs)
    page.screenshot(path=artefacts / "3-right.png")


def test_validate_names_what_is_left(page, artefacts):
    """Does nbgrader's button count the cells that still fail, and those alone?"""
    page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    page.get_by_role("button", name="Validate").or_(page.locator(".validate-button button")).first.click()
    dialog = page.locator(".jp-Dialog")
    dialog.get_by_text("failed", exact=False).first.wait_for(timeout=FAR_NET * 1000)
    assert "open-loans" not in dialog.inner_text()
    page.screenshot(path=artefacts / "4-validate.png")
    dialog.get_by_role("button").last.click()


def test_formgrader_opens(page, artefacts):
    """Does the instructor find the lesson in formgrader, inside JupyterLab?"""
    page.evaluate("() => window.jupyterapp.commands.execute('nbgrader:open-formgrader')")
    frame = page.frame_locator("iframe").last
    frame.get_by_text(LESSON).first.wait_for(timeout=FAR_NET * 1000)
    page.screenshot(path=artefacts / "5-formgrader.png")


@pytest.mark.parametrize("lesson", OTHERS)
def test_every_lesson_runs_from_top_to_bottom(page, server, artefacts, lesson):
    """Does Run All reach the end of every other lesson too, without an error, and is something drawn?"""
    page.goto(f"{server}/lab/tree/notebooks/{lesson}/{lesson}.ipynb?reset")
    page.wait_for_function(READY, timeout=FAR_NET * 1000)
    assert any(html([output]) for output in run_all(page))
    page.screenshot(path=artefacts / f"{lesson}.png")
