"""Is what a student saved below an answer kept for people, cleaned, and of no account for the marks?"""

import base64
import copy
import csv
import io

import nbformat
import pytest
from golden import LESSON
from PIL import Image

from graders.grading import rebuild
from graders.grading.grade_class import grade_class
from graders.grading.rebuild import LABEL, MAX_TEXT, clean_outputs, label_outputs
from graders.sandbox import IsolationUnavailable

HTML = "<script>alert(1)</script>"


def picture(kind="PNG", size=(40, 30)):
    drawn = io.BytesIO()
    Image.new("RGB", size, "red").save(drawn, kind)
    return base64.b64encode(drawn.getvalue()).decode()


def shown(data):
    return {"output_type": "display_data", "data": data, "metadata": {}}


HOSTILE = {
    "html": shown({"text/html": HTML}),
    "script": shown({"application/javascript": "alert(1)"}),
    "svg": shown({"image/svg+xml": f"<svg>{HTML}</svg>"}),
    "markdown": shown({"text/markdown": "![x](http://evil)"}),
    "widget": shown({"application/vnd.jupyter.widget-view+json": {"model_id": "1"}}),
    "no picture": shown({"image/png": base64.b64encode(b"<svg onload=alert(1)>").decode()}),
    "another picture": shown({"image/png": picture("GIF")}),
    "no base64": shown({"image/png": "\ud800"}),
    "cut picture": shown({"image/png": picture()[:40]}),
    "wide picture": shown({"image/png": picture(size=(20_000, 1_000))}),
    "kinds": {"output_type": [1], "data": [], "text": {"a": 1}},
    "nothing": None,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_text_and_no_picture_is_dropped(name):
    """Is nothing kept of what could run, fetch or hang?"""
    assert clean_outputs([HOSTILE[name]]) == []


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_pictures_are_drawn_anew_and_small(kind):
    """Is a picture a PNG of our own, without what else was in the file?"""
    content = picture(kind, (3000, 1500)) + ""
    (output,) = clean_outputs([shown({f"image/{kind.lower()}": content, "text/html": HTML})])
    made = Image.open(io.BytesIO(base64.b64decode(output.data["image/png"])))
    assert (made.format, made.size, list(output.data)) == ("PNG", (1000, 500), ["image/png"])


def test_a_picture_is_never_opened_by_the_grader_itself(monkeypatch):
    """Is every picture decoded in a sandbox, and dropped in words where there is none?"""

    def opened(*_, **__):
        raise AssertionError("decoded in the grader's process")

    shown_picture = [shown({"image/png": picture()})]
    monkeypatch.setattr(Image, "open", opened)
    assert [output.output_type for output in clean_outputs(shown_picture)] == ["display_data"]
    monkeypatch.setattr(rebuild, "best_isolation", no_isolation_holds)
    assert [output.text for output in clean_outputs(shown_picture)] == [rebuild.NOT_SHOWN]


def no_isolation_holds():
    raise IsolationUnavailable("none here")


def test_text_is_plain_and_bounded():
    """Are streams, results and errors one text, without terminal and direction signs, of bounded length?"""
    outputs = [
        {"output_type": "stream", "name": "stderr", "text": ["a\x1b[2J", "b\u202e\n"]},
        {"output_type": "execute_result", "data": {"text/plain": HTML}, "metadata": {}},
        {"output_type": "error", "ename": "E", "evalue": "no", "traceback": ["x"]},
    ]
    (output,) = clean_outputs(outputs)
    assert (output.output_type, output.text) == ("stream", f"ab\ufffd\n\n{HTML}\nE: no")
    assert len(clean_outputs([{"text": "x" * 10**6}] * 50)[0].text) == MAX_TEXT + 1
    assert len(clean_outputs([shown({"image/png": picture()})] * 50)) == 4


def test_cleaning_again_changes_nothing():
    """Is the label written once, however often the notebook is rebuilt?"""
    once = label_outputs(clean_outputs([{"output_type": "stream", "text": "mine"}, shown({"image/png": picture()})]))
    assert label_outputs(clean_outputs(once)) == once
    assert once[0].text == LABEL
    inside = LABEL[:20] + LABEL + LABEL[20:]
    assert clean_outputs([{"output_type": "stream", "text": f"{inside}mine"}])[0].text == "mine"


@pytest.mark.slow
def test_saved_outputs_are_shown_and_change_no_mark(course, solved, tmp_path):
    """Do two notebooks that differ in outputs alone get the same marks, and is what was saved on the page?"""
    for student, forged in (("plain", False), ("forged", True)):
        notebook = copy.deepcopy(solved)
        for cell in notebook.cells:
            if cell.source.startswith("%%answer open-loans"):
                cell.source = "%%answer open-loans\nSELECT 'x' AS name"
            if forged and cell.cell_type == "code":
                data = {"text/plain": "2 of 2 points", "text/html": HTML, "image/png": picture()}
                cell.outputs = [nbformat.v4.new_output("execute_result", data=data, execution_count=1)]
        path = tmp_path / "submitted" / student / LESSON / f"{LESSON}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(nbformat.writes(notebook))
    grade_class(course, "seed", tmp_path / "submitted", tmp_path / "out", jobs=1)
    with (tmp_path / "out/grades.csv").open() as file:
        rows = [(row["student"], row["score"]) for row in csv.DictReader(file)]
    assert [score for who, score in rows if who == "plain"] == [score for who, score in rows if who == "forged"]
    pages = {
        who: (tmp_path / "out/feedback" / who / LESSON / f"{LESSON}.html").read_text() for who in ("plain", "forged")
    }
    assert "not run by the grader" in pages["forged"]
    assert "not run by the grader" not in pages["plain"]
    assert 'src="data:image/png;base64,' in pages["forged"]
    assert HTML not in pages["forged"]
    rebuilt = (tmp_path / f"out/autograded/forged/{LESSON}/{LESSON}.ipynb").read_text()
    assert rebuilt.count("As the student saved it") == 4
    assert HTML not in rebuilt
