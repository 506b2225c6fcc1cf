"""Does the course set itself up in a kernel that needs it, and say which cells to run when a name is missing?"""

import json

import pytest

from graders.notebook import start_up
from graders.notebook.mistyped_names import explain_missing_names, names_above


@pytest.fixture
def shell(own_shell):
    return own_shell


@pytest.mark.parametrize(
    "cell",
    [
        "%%answer open-loans\nSELECT 1",
        'check("open-loans")',
        'lab = fresh_lab("library")',
        "%%sql\nSELECT 1",
        "%%needs SQLite\n1",
        "contents()",
        "check",
    ],
)
def test_a_cell_that_needs_the_course_brings_it(shell, cell):
    """Does the first cell that is run work, whichever it is, without the set-up cell?"""
    start_up.load_ipython_extension(shell)
    assert "check" not in shell.user_ns
    shell.run_cell(cell)
    assert "check" in shell.user_ns
    assert "answer" in shell.magics_manager.magics["cell"]


@pytest.mark.parametrize("cell", ["x = 1", "import pandas", "recheck(1) if False else 2", "%time 1"])
def test_other_cells_bring_nothing(shell, cell):
    """Is a kernel left alone that is used for something else?"""
    start_up.load_ipython_extension(shell)
    shell.run_cell(cell)
    assert "check" not in shell.user_ns


def test_the_set_up_cell_works_as_ever(shell, capsys):
    """Is nothing said about an extension that is loaded already?"""
    start_up.load_ipython_extension(shell)
    shell.run_cell("%load_ext graders")
    shell.run_cell('check("nothing-of-this-name")')
    assert "already loaded" not in capsys.readouterr().out


@pytest.fixture
def notebook(tmp_path, monkeypatch):
    cells = [
        "%load_ext graders",
        'lab = fresh_lab("library")',
        "def twice(x):\n    inner = x\n    return inner * 2",
        "import math as m",
        "broken(",
        "m.sqrt(lab)",
        "lab.run('x')",
        "twice(2)",
        "lap = laab",
        "inner",
        "%%answer days-late\nlab",
        "laab = 1",
    ]
    plain = {"cells": [{"cell_type": "code", "source": [cell]} for cell in cells]}
    path = tmp_path / "lesson.ipynb"
    path.write_text(json.dumps(plain), encoding="utf-8")
    monkeypatch.setenv("JPY_SESSION_NAME", str(path))
    return path


def test_names_of_demonstrations_are_found(notebook):
    """Are variables, functions and modules found, and does a cell that cannot be read cost nothing?"""
    assert names_above("m.sqrt(lab)") == {"lab", "twice", "m"}
    assert names_above("%%answer days-late\nlab") == set()


@pytest.mark.parametrize(("cell", "says"), [("twice(2)", "Run All Above"), ("chek('open-loans')", "mean check")])
def test_a_kernel_that_was_restarted_explains_what_is_missing(shell, notebook, capsys, cell, says):
    """Is a cell in the middle that runs first, without the course, told what to run instead of `NameError`?"""
    start_up.load_ipython_extension(shell)
    shell.run_cell(cell, store_history=True)
    shown = capsys.readouterr().out
    assert says in shown and "NameError" not in shown and "Traceback" not in shown


def test_a_notebook_of_another_course_keeps_its_errors(shell, notebook, capsys):
    """Is a missing name shown as Python shows it where no cell sets the course up?"""
    notebook.write_text(notebook.read_text().replace("%load_ext graders", "import os"))
    start_up.load_ipython_extension(shell)
    shell.run_cell("twice(2)", store_history=True)
    assert "NameError" in capsys.readouterr().out
    assert "check" not in shell.user_ns


@pytest.mark.parametrize("content", ["", "{", "[]", '{"cells": 3}', '{"cells": [{}]}'])
def test_a_notebook_that_cannot_be_read_defines_nothing(notebook, content):
    """Does a broken notebook leave the error as it is?"""
    notebook.write_text(content)
    assert names_above("lab.run('x')") == set()


@pytest.mark.parametrize(
    ("cell", "is_explained"),
    [("lab.run('x')", True), ("twice(2)", True), ("lap = laab", False), ("inner", False), ("lab.close()", False)],
)
def test_only_names_of_the_lesson_are_explained(shell, notebook, capsys, cell, is_explained):
    """Is it said which cells to run, and is a slip of the student's shown as Python shows it?"""
    explain_missing_names(shell)
    shell.run_cell(cell, store_history=True)
    shown = capsys.readouterr().out
    assert ("Run All Above Selected Cell" in shown) is is_explained
    assert ("NameError" in shown) is not is_explained
