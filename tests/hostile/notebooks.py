"""Notebooks whose cells, metadata, outputs, format or bytes are not what was handed out."""

from __future__ import annotations

import copy
import json

from case import TWO, Case, answer_cell, python, sql

WRONG_SQL, WRONG = "%%answer open-loans\nSELECT 'x' AS name", {"open-loans": "0"}
HTML = "<script>alert(1)</script><img src=x onerror=alert(1)><iframe src=//evil></iframe>"


def wrong(change):
    """A change to a notebook whose answer to open-loans is wrong."""

    def changed(notebook):
        answer_cell(notebook, "open-loans")["source"] = WRONG_SQL
        return change(notebook)

    return changed


def checks(notebook):
    return [cell for cell in notebook["cells"] if "".join(cell["source"]).startswith("check(")]


def forge_outputs(notebook):
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            data = {"text/plain": "2", "text/html": HTML, "application/javascript": "alert(1)"}
            cell["outputs"] = [{"output_type": "execute_result", "data": data, "metadata": {}, "execution_count": 1}]


def forge_marks(notebook):
    for cell in notebook["cells"]:
        cell["metadata"].setdefault("nbgrader", {}).update(points=100, grade=True, solution=True, schema_version=99)


def check_cells(source):
    def change(notebook):
        for cell in checks(notebook):
            cell["source"] = source

    return change


def metadata(**more):
    def change(notebook):
        for cell in notebook["cells"]:
            cell["metadata"].update(more)

    return change


def nbgrader(**more):
    def change(notebook):
        for cell in notebook["cells"]:
            cell["metadata"].get("nbgrader", {}).update(more)

    return change


def delete_checks(notebook):
    notebook["cells"] = [cell for cell in notebook["cells"] if cell not in checks(notebook)]


def double_with(text):
    def change(notebook):
        cell = copy.deepcopy(answer_cell(notebook, "open-loans"))
        cell["source"], cell["id"] = text, "another"
        notebook["cells"].append(cell)

    return change


def retype(kind):
    def change(notebook):
        for cell in notebook["cells"]:
            cell["cell_type"] = kind

    return change


def rename_answers(notebook):
    """Let the answer to one exercise claim to be the answer to another: its own line still says which it is."""
    answer_cell(notebook, "open-loans")["metadata"]["nbgrader"]["grade_id"] = "days-late-answer"


def as_bytes(make):
    return lambda notebook: make(json.dumps(notebook).encode())


def many_cells(notebook):
    cells = [{"cell_type": "code", "source": "%%answer open-loans\nSELECT 1", "metadata": {}}] * 20_000
    notebook["cells"] += cells


def case(name, abuse, must_not, change, scores=None, unreadable=""):
    return Case(name, abuse, must_not, {}, WRONG if scores is None else scores, change, None, unreadable)


FORGED, META, CELLS, AGAIN, BROKEN = "forged outputs", "metadata and tags", "cells", "resubmission", "broken files"
NO_MARK, NO_STOP = "what the notebook says of itself is a mark", "one file stops the class"
GONE = {"compare-with-null": "0", "open-loans": "0", "days-late": "0", "read-a-report": "0"}
NO_NOTEBOOK, NO_JSON = "unreadable: not a notebook: no cells in it", "unreadable: not a notebook: its JSON is broken"

CASES: list[Case] = [
    case("outputs", FORGED, NO_MARK, wrong(forge_outputs)),
    case("outputs-full", FORGED, NO_MARK, forge_outputs, {}),
    case("display-id", FORGED, NO_MARK, wrong(check_cells("from IPython.display import display; display(2)"))),
    case("marks", META, NO_MARK, wrong(forge_marks)),
    case("points", META, NO_MARK, wrong(nbgrader(points=1e308))),
    case("points-text", META, NO_STOP, wrong(nbgrader(points="__import__('os')"))),
    case("flags", META, NO_STOP, wrong(nbgrader(grade=False, solution=False, locked=False))),
    case("schema-version", META, NO_STOP, wrong(nbgrader(schema_version=-1))),
    case("checksum", META, NO_MARK, wrong(nbgrader(checksum="0" * 32))),
    case("skip-tags", META, NO_MARK, wrong(metadata(tags=["skip-execution", "raises-exception"]))),
    case("deletable", META, NO_STOP, wrong(metadata(deletable="no", editable=[[]], jupyter=7))),
    case("constant-checks", "resubmission", "a check that says full marks is believed", wrong(check_cells("2.0"))),
    case("checks-deleted", AGAIN, "marks of before stay", wrong(delete_checks)),
    case("all-deleted", AGAIN, "marks of before stay", lambda n: n.update(cells=[]), GONE),
    case("kernelspec", META, "another kernel is started", wrong(lambda n: n["metadata"].update(kernelspec={"name": "bash"}))),
    case("lesson-of-metadata", META, "another lesson's marks are given", wrong(lambda n: n["metadata"].update(lesson="../x"))),
    case("double-right", CELLS, "the better of two answers is taken", double_with(WRONG_SQL)),
    case("double-blank", CELLS, "a blank copy takes the mark", double_with("%%answer open-loans\n"), {}),
    case("double-checks", CELLS, NO_MARK, wrong(lambda n: n["cells"].extend(copy.deepcopy(checks(n)) * 50))),
    case("retyped-raw", CELLS, NO_STOP, retype("raw"), {}),
    case("retyped-unknown", CELLS, NO_STOP, retype("<b>"), {}),
    case("renamed", CELLS, "one answer is two marks", rename_answers, {}),
    case("reversed", CELLS, NO_STOP, lambda n: n["cells"].reverse(), {}),
    case("many-cells", CELLS, NO_STOP, many_cells, {}, "unreadable: more than 10,000 cells"),
    case("no-cells", BROKEN, NO_STOP, lambda n: n.pop("cells"), {}, NO_NOTEBOOK),
    case("half", BROKEN, NO_STOP, as_bytes(lambda b: b[:-99]), {}, NO_JSON),
    case("empty", BROKEN, NO_STOP, as_bytes(lambda b: b""), {}, NO_JSON),
    case("array", BROKEN, NO_STOP, as_bytes(lambda b: b"[" + b + b"]"), {}, NO_NOTEBOOK),
    case("deep", BROKEN, NO_STOP, as_bytes(lambda b: b"[" * 200_000), {}, NO_JSON),
    case("utf-16", BROKEN, NO_STOP, as_bytes(lambda b: b.decode().encode("utf-16")), {}, NO_JSON),
    case("nul-bytes", BROKEN, NO_STOP, as_bytes(lambda b: b"\0" * 999 + b), {}, NO_JSON),
    case("many-parts", BROKEN, "reading it takes all memory", as_bytes(lambda b: b'{"cells":[' + b"{}," * 3_000_000 + b"{}]}"), {}, "unreadable: more than 5,000,000 parts"),
    case("giant", BROKEN, "reading it takes all memory", as_bytes(lambda b: b'{"cells":[{"source":"' + b"x" * 51_000_000 + b'"}]}'), {}, "unreadable: larger than 50 MB"),
    case("huge-number", BROKEN, NO_STOP, as_bytes(lambda b: b.replace(b'"nbformat": 4', b'"nbformat": ' + b"9" * 9_999)), {}, NO_JSON),
    case("format-5", BROKEN, NO_STOP, lambda n: n.update(nbformat=5, nbformat_minor=99), {}),
    case("format-3", BROKEN, NO_STOP, lambda n: n.update(nbformat=3, worksheets=[{"cells": n.pop("cells")}]), {}),
    case("format-text", BROKEN, NO_STOP, lambda n: n.update(nbformat="x", metadata=[]), {}),
]  # fmt: skip

OPENS = "what an instructor opens"
CASES += python(OPENS, {
    "html-value": ("a value is HTML on the page", f"def days_late(a, b):\n    return {HTML!r}"),
    "html-comment": ("an answer is HTML on the page", f"# {HTML}\ndef days_late(a, b):\n    return 'x'"),
    "formula": ("a value is a formula in a spreadsheet", "def days_late(a, b):\n    return '=HYPERLINK(\"http://evil\")'"),
    "backquotes": ("an answer breaks out of code on the page", "def days_late(a, b):\n    return '`</code><script>`'"),
})  # fmt: skip
CASES += sql(OPENS, {
    "html-cell": ("a cell is HTML on the page", f"SELECT '{HTML}' AS name FROM members"),
    "html-column": ("a column's name is HTML on the page", f'SELECT name AS "{HTML}" FROM members'),
    "html-error": ("an error's words are HTML on the page", f"SELECT {HTML}"),
})  # fmt: skip
PROSE = ("~~~\n" + HTML, HTML, "[x](javascript:alert(1)) ![x](http://evil/x.png)", "$$\\href{javascript:alert(1)}{x}$$")
CASES += [
    Case(f"prose-{number}", OPENS, "prose is HTML on a page", {"copy-the-email": text}, {"copy-the-email": ""}, lesson=TWO)
    for number, text in enumerate(PROSE)
]  # fmt: skip
