"""Are answers found by what they are, whatever a student has done to the notebook around them?"""

import json

import pytest

from graders.course.answer_cells import UnreadableNotebook, answers_in, read_answers

NAME = "trial-1"


def cell(source, grade_id=None, kind="code"):
    metadata = {"nbgrader": {"grade_id": grade_id}} if grade_id else {}
    return {"cell_type": kind, "metadata": metadata, "source": source}


def found(*cells):
    return answers_in({"cells": list(cells)}, [NAME])


def test_the_marked_cell_is_the_answer():
    """Is the cell with nbgrader's id read, without its magic line?"""
    answers = found(cell("1"), cell(f"%%answer {NAME}\nSELECT 1", f"{NAME}-answer"))
    assert (answers.texts, answers.odd) == ({NAME: "SELECT 1"}, [])


def test_a_cell_that_lost_its_metadata_is_known_by_its_first_line():
    """Is an answer still found after copy and paste into a new cell?"""
    assert found(cell(f"\n%%answer {NAME}\nSELECT 1")).texts == {NAME: "SELECT 1"}


def test_a_marked_cell_without_magic_line_is_read_whole():
    """Is nothing lost when the student deleted the first line?"""
    assert found(cell("SELECT 1\nFROM t", f"{NAME}-answer")).texts == {NAME: "SELECT 1\nFROM t"}


def test_of_two_different_answers_the_last_is_read_and_told():
    """Is a duplicated cell reported in words?"""
    answers = found(cell("one", f"{NAME}-answer"), cell("two", f"{NAME}-answer"), cell("", f"{NAME}-answer"))
    assert answers.texts == {NAME: "two"}
    assert answers.odd == [f"{NAME}: 2 cells answer it; the last one was read"]


def test_of_two_different_answers_the_one_in_its_old_place_comes_first():
    """Does a scratch copy, above or below, not take the place of the answer?"""
    own = {**cell("own", f"{NAME}-answer"), "id": f"{NAME}-answer"}
    copy = {**cell("copy", f"{NAME}-answer"), "id": "8d1f"}
    for cells in ((own, copy), (copy, own)):
        answers = found(*cells)
        assert answers.texts == {NAME: "own"}
        assert answers.odd == [f"{NAME}: 2 cells answer it; the one in its old place was read"]
    assert found({**own, "source": ""}, copy).texts == {NAME: "copy"}


@pytest.mark.parametrize("above", ["# mine\n", "\n# a\n# b\n\n"])
@pytest.mark.parametrize("magic", [f"%%answer {NAME}", "%%sql", "%%answer another-1"])
def test_lines_above_the_answer_are_no_part_of_it(above, magic):
    """Is the answer what stands under the magic line, whichever it is and whatever stands above?"""
    assert found(cell(f"{above}{magic}\nSELECT 1", f"{NAME}-answer")).texts == {NAME: "SELECT 1"}


def test_a_deleted_cell_is_blank_and_told():
    """Is a missing answer a blank one?"""
    answers = found(cell("x"))
    assert (answers.texts, answers.odd) == ({NAME: ""}, [f"{NAME}: the answer cell is missing"])


def test_a_prose_answer_is_the_marked_markdown_cell():
    """Is a markdown cell found by its id, and a check cell never taken for it?"""
    assert found(cell("Because.", NAME, "markdown")).texts == {NAME: "Because."}
    assert found(cell(f'check("{NAME}")', NAME)).texts == {NAME: ""}


def test_format_3_is_read():
    """Are the worksheets of an old notebook read, with `input` for `source`?"""
    old = {"worksheets": [{"cells": [{"cell_type": "code", "input": [f"%%answer {NAME}\n", "SELECT 1"]}]}]}
    assert answers_in(old, [NAME]).texts == {NAME: "SELECT 1"}


@pytest.mark.parametrize(
    "strange",
    [
        {"cells": [None, 3, [], {"source": None}, {"metadata": 7, "source": {"a": 1}}]},
        {"cells": [{"source": [1, None], "metadata": {"nbgrader": "x"}}]},
        {"worksheets": [None, {"cells": 3}]},
    ],
)
def test_cells_of_strange_shape_are_passed_over(strange):
    """Does nothing in a cell's shape stop us?"""
    assert answers_in(strange, [NAME]).texts == {NAME: ""}


def test_too_long_an_answer_is_not_read():
    """Is a flood told in words rather than judged?"""
    answers = found(cell("x" * 100_001, f"{NAME}-answer"))
    assert answers.texts == {NAME: ""}
    assert "longer than 100,000 characters" in answers.odd[0]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "JSON is broken"),
        ("", "JSON is broken"),
        ("[" * 100_000, "JSON is broken"),
        ("[]", "no cells in it"),
        ('{"a": 1}', "no cells in it"),
        (json.dumps({"cells": "x"}), "no cells in it"),
    ],
)
def test_what_is_no_notebook_is_said_to_be_none(tmp_path, content, says):
    """Does a broken file give one sentence?"""
    path = tmp_path / "broken.ipynb"
    path.write_text(content)
    with pytest.raises(UnreadableNotebook, match=says):
        read_answers(path, [NAME])


def test_a_missing_file_is_said_to_be_missing(tmp_path):
    """Does a file that is not there give one sentence?"""
    with pytest.raises(UnreadableNotebook, match="cannot be opened"):
        read_answers(tmp_path / "none.ipynb", [NAME])
