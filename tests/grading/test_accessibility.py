"""Can people who see little or use a screen reader read what we make? axe-core looks for what keeps them out."""

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from ending import FAR_NET
from golden import LESSON, STUDENTS
from nbclient import NotebookClient
from nbconvert import HTMLExporter

pytestmark = pytest.mark.slow

# Ours in an exported notebook; what is around it is nbconvert's.
OUTPUTS = {"include": [[".jp-OutputArea-output"]]}
PICTURES = "06-indexing"


def serious_findings(browser, path, scheme, context=None):
    """What axe calls serious or critical on the page at `path`: its rule, and where."""
    page = browser.new_page(viewport={"width": 1280, "height": 900}, color_scheme=scheme)
    try:
        page.goto(path.as_uri())
        found = Axe().run(page, context).response["violations"]
    finally:
        page.close()
    return [(one["id"], node["html"][:200]) for one in found if _is_serious(one) for node in one["nodes"]]


def _is_serious(finding):
    return finding["impact"] in ("serious", "critical")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_of_the_class_keeps_nobody_out(graded, chromium, scheme):
    assert serious_findings(chromium, graded.out / "class.html", scheme) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_feedback_keeps_nobody_out(graded, chromium, scheme):
    pages = [graded.out / "feedback" / student / LESSON / f"{LESSON}.html" for student in STUDENTS]
    pages = [page for page in pages if page.exists()]
    assert len(pages) > 3
    assert {page.parent.name: found for page in pages if (found := serious_findings(chromium, page, scheme))} == {}


@pytest.fixture(scope="module")
def exported(root, tmp_path_factory):
    """A released lesson with many pictures, run and exported."""
    notebook = nbformat.read(root / "notebooks" / PICTURES / f"{PICTURES}.ipynb", as_version=4)
    folder = tmp_path_factory.mktemp("exported")
    NotebookClient(notebook, timeout=FAR_NET, resources={"metadata": {"path": folder}}).execute()
    html, _ = HTMLExporter(template_name="lab").from_notebook_node(notebook)
    path = folder / "lesson.html"
    path.write_text(html, encoding="utf-8")
    return path


def test_an_exported_lesson_keeps_nobody_out(exported, chromium):
    assert exported.read_text(encoding="utf-8").count("<svg") > 3
    assert serious_findings(chromium, exported, "light", OUTPUTS) == []


def test_a_page_that_does_is_found(chromium, tmp_path):
    """Does the test see grey on grey and a picture without words?"""
    path = tmp_path / "bad.html"
    path.write_text("<html lang=en><title>t</title><p style='color:#999;background:#888'>grey</p><img src='x.png'>")
    assert {rule for rule, _ in serious_findings(chromium, path, "light")} == {"color-contrast", "image-alt"}
