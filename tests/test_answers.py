"""Are answers found by what they are, whatever a student has done to the notebook around them?"""

import json

import pytest

from graders.course.answer_cells import answers_in, read_answers
from graders.course.notebook_cells import UnreadableNotebook, read_cells
from graders.kernel.exercise import Exercise

NAME, OTHER, PROSE = "trial-1", "trial-2", "trial-3"
STUB = f"%%answer {NAME}\n-- YOUR SQL HERE"
PLACE = "*Your answer here.*"
QUESTION, RUBRIC = "### Why?\n\nSay why.", "*Write your answer in the cell below.*"
EXERCISES = [
    Exercise(NAME, "sql", 2, "query", stub=STUB),
    Exercise(OTHER, "sql", 2, "query", stub=f"%%answer {OTHER}\n-- YOUR SQL HERE"),
    Exercise(PROSE, "prose", 3, "answer", stub=PLACE),
]


def cell(source, grade_id=None, kind="code", own_id=None):
    metadata = {"nbgrader": {"grade_id": grade_id}} if grade_id else {}
    return {"cell_type": kind, "metadata": metadata, "source": source} | ({"id": own_id} if own_id else {})


def stub(text=STUB):
    return cell(text, f"{NAME}-answer", own_id=f"{NAME}-answer")


def check(name=NAME):
    return cell(f'check("{name}")', name, own_id=name)


def text(source, own_id=None):
    return cell(source, kind="markdown", own_id=own_id)


HEAD, PROMPT, END = text("# A lesson", "head"), text("### Find it", "prose-1"), text("What to keep", "prose-4")
ASK, LINE = text(QUESTION, "prose-2"), text(RUBRIC, f"{PROSE}-rubric")
HOLE = cell(PLACE, PROSE, "markdown", PROSE)
RELEASED = [HEAD, PROMPT, stub(), check(), ASK, LINE, HOLE, END]


def found(*cells, released=()):
    return answers_in({"cells": list(cells)}, EXERCISES[:1], read_cells({"cells": list(released)}))


def without_ids(*cells):
    """The cells as an editor leaves them that drops metadata and ids."""
    return [{"cell_type": each["cell_type"], "source": each["source"]} for each in cells]


def test_the_marked_cell_is_the_answer():
    """Is the cell with nbgrader's id read, without its magic line?"""
    answers = found(cell("1"), cell(f"%%answer {NAME}\nSELECT 1", f"{NAME}-answer"))
    assert (answers.texts, answers.remarks, answers.unread) == ({NAME: "SELECT 1"}, [], {})


@pytest.mark.parametrize("kind", ["code", "raw", "markdown"])
def test_a_cell_that_lost_its_metadata_is_known_by_its_first_line(kind):
    """Is an answer still found after copy and paste into a new cell, of any kind?"""
    assert found(cell(f"\n%%answer {NAME}\nSELECT 1", kind=kind)).texts == {NAME: "SELECT 1"}


def test_a_marked_cell_without_magic_line_is_read_whole():
    """Is nothing lost when the student deleted the first line?"""
    assert found(cell("SELECT 1\nFROM t", f"{NAME}-answer")).texts == {NAME: "SELECT 1\nFROM t"}
    assert found(cell("SELECT 1", own_id=f"{NAME}-answer")).texts == {NAME: "SELECT 1"}


@pytest.mark.parametrize("copy_of", [{}, {"grade_id": f"{NAME}-answer"}])
@pytest.mark.parametrize("above", [True, False])
def test_an_untouched_stub_is_no_answer(copy_of, above):
    """Is an answer in a new cell, or in a copy of the cell, read wherever the released stub stays?"""
    written = cell(f"%%answer {NAME}\nSELECT 1", own_id="8d1f", **copy_of)
    answers = found(*((written, stub()) if above else (stub(), written)))
    assert (answers.texts, answers.remarks) == ({NAME: "SELECT 1"}, [])


def test_of_two_different_answers_the_last_is_read_and_told():
    """Is the last answer that is not blank the one, by its place alone, and is the other kept for people?"""
    own, copy = stub(f"%%answer {NAME}\nown"), cell(f"%%answer {NAME}\ncopy", f"{NAME}-answer", own_id="8d1f")
    for cells, read, unread in (((own, copy), "copy", "own"), ((copy, own, stub()), "own", "copy")):
        answers = found(*cells)
        assert (answers.texts, answers.unread) == ({NAME: read}, {NAME: [unread]})
        says = f"{NAME}: 2 cells answer it, and they differ; the last one with an %%answer line was read"
        assert answers.remarks == [says]


@pytest.mark.parametrize("kind", ["raw", "markdown"])
def test_an_answer_that_cannot_be_run_comes_last(kind):
    """Does a cell that was turned off not take the place of one that `check` has judged?"""
    off = cell(f"%%answer {NAME}\noff", kind=kind)
    assert found(stub(f"%%answer {NAME}\non"), off).texts == {NAME: "on"}
    assert found(stub(), off).texts == {NAME: "off"}


def test_equal_answers_are_one():
    """Is nothing told of copies that say the same?"""
    answers = found(stub(f"%%answer {NAME}\nSELECT 1"), cell(f"%%answer {NAME}\nSELECT 1\n"))
    assert (answers.remarks, answers.unread) == ([], {})


@pytest.mark.parametrize("halves", [("a", "b"), ("b", "a")])
def test_a_cell_split_in_two_is_answered_by_the_half_with_the_magic_line(halves):
    """Does the scratch half that keeps the ids not take the place of the answer, and stay visible?"""
    first = cell(f"%%answer {NAME}\n{halves[0]}", f"{NAME}-answer", own_id="8d1f")
    answers = found(first, stub(halves[1]))
    assert (answers.texts, answers.unread) == ({NAME: halves[0]}, {NAME: [halves[1]]})


def test_a_cell_split_below_its_magic_line_is_answered_by_the_rest():
    """Is the half that holds all of the text read?"""
    first = cell(f"%%answer {NAME}", f"{NAME}-answer", own_id="8d1f")
    assert found(first, stub("SELECT 1")).texts == {NAME: "SELECT 1"}


@pytest.mark.parametrize(
    "above", ["# mine\n", "\n# a\n-- b\n\n", "%%time\n", "%%capture out\n# c\n\n", "%%time\n%%capture\n"]
)
@pytest.mark.parametrize("ids", [{}, {"grade_id": f"{NAME}-answer"}])
def test_lines_above_the_answer_are_no_part_of_it(above, ids):
    """Is the answer what stands under its magic line, whatever stands above?"""
    assert found(cell(f"{above}%%answer {NAME}\nSELECT 1", **ids)).texts == {NAME: "SELECT 1"}


@pytest.mark.parametrize("magic", ["%%sql", "%%answer anothr-1", "%%answer", "# mine\n%%time\n%%sql"])
def test_another_magic_line_is_no_part_of_a_marked_answer(magic):
    """Is a wrong magic line left out, where the cell is still known by its ids?"""
    assert found(cell(f"{magic}\nSELECT 1", f"{NAME}-answer")).texts == {NAME: "SELECT 1"}


def test_the_magic_line_goes_before_the_ids():
    """Does a copied cell answer the exercise that it names, as in the notebook?"""
    copied = cell(f"%%answer {OTHER}\nSELECT 2", f"{NAME}-answer", own_id="8d1f")
    answers = answers_in({"cells": [stub(f"%%answer {NAME}\nSELECT 1"), copied]}, EXERCISES[:2])
    assert answers.texts == {NAME: "SELECT 1", OTHER: "SELECT 2"}


@pytest.mark.parametrize("line", [f'%%answer "{NAME}"', f"%%answer   {NAME}  ", f"  %%answer {NAME}"])
def test_a_name_may_be_written_in_many_ways(line):
    """Are quotes and blanks around the name no part of it?"""
    assert found(cell(f"{line}\nSELECT 1")).texts == {NAME: "SELECT 1"}


def test_a_deleted_cell_is_blank_and_told():
    """Is a missing answer a blank one?"""
    answers = found(cell("x"))
    assert (answers.texts, answers.remarks) == ({NAME: ""}, [f"{NAME}: the answer cell is missing"])


@pytest.mark.parametrize("ids", [True, False])
def test_what_stands_beside_a_blank_answer_is_kept_for_people(ids):
    """Is SQL that was written into a cell without its magic line seen, and not marked?"""
    cells = [HEAD, PROMPT, stub(), cell("SELECT 1 -- mine", own_id="8d1f"), check(), END]
    answers = found(*(cells if ids else without_ids(*cells)), released=RELEASED)
    assert answers.unread == {NAME: ["SELECT 1 -- mine"]}
    assert answers.remarks == [f"{NAME}: it is blank; what stands in a cell beside it was not read"]
    assert found(*cells[:2], stub(f"%%answer {NAME}\nSELECT 2"), *cells[3:], released=RELEASED).remarks == []


def prose(*cells):
    answers = answers_in({"cells": list(cells)}, EXERCISES, read_cells({"cells": RELEASED}))
    return answers.texts[PROSE], answers.odd.get(PROSE, "")


def test_a_prose_answer_is_the_marked_cell():
    """Is it found by its id, whatever kind of cell it has become, and a check cell never taken for it?"""
    for kind in ("markdown", "raw", "code"):
        assert prose(cell("Because.", PROSE, kind)) == ("Because.", "")
    assert found(cell(f'check("{NAME}")', NAME)).texts == {NAME: ""}


MINE = text("Because.\n\n## It *must*", "tMmVX14h")
RAW, CODE = cell("Because.", kind="raw", own_id="r1"), cell("Because of it.", own_id="c1")


@pytest.mark.parametrize("ids", [True, False])
@pytest.mark.parametrize("mine", [MINE, RAW, CODE])
@pytest.mark.parametrize("place", [5, 6, 7])
def test_prose_in_a_cell_of_its_own_is_the_answer(ids, mine, place):
    """Is it found above and below its placeholder, with ids and without?"""
    cells = [*RELEASED[:place], mine, *RELEASED[place:]]
    assert prose(*(cells if ids else without_ids(*cells))) == (mine["source"], "")


@pytest.mark.parametrize("ids", [True, False])
def test_prose_in_place_of_the_placeholder_or_of_its_cell_is_the_answer(ids):
    """Is it found where the placeholder was written over, or its cell deleted?"""
    for mine in (HOLE | {"source": "Because."}, text("Because.", "8d1f")):
        cells = [*RELEASED[:6], mine, END]
        assert prose(*(cells if ids else without_ids(*cells))) == ("Because.", "")


def test_prose_below_the_placeholder_or_the_question_is_the_answer():
    """Is it read in the cell in which the placeholder stays, and in that of the question?"""
    under = f"{PLACE}\n\nBecause."
    assert prose(*RELEASED[:6], HOLE | {"source": under}, END) == (under, "")
    asked = ASK | {"source": f"{QUESTION}\n\nBecause."}
    assert prose(*RELEASED[:4], asked, *RELEASED[5:]) == ("Because.", "")
    assert prose(*without_ids(*RELEASED[:4], asked, *RELEASED[5:])) == ("Because.", "")


def test_prose_in_several_cells_is_put_together():
    """Is all of it there for whoever reads it, once and in its order?"""
    written = HOLE | {"source": "First."}
    cells = [*RELEASED[:6], written, text("Second.", "8d1f"), text("First.", "8d20"), END]
    assert prose(*cells) == ("First.\n\nSecond.", "it stands in 2 cells, which were put together")


def test_scratch_work_is_no_prose():
    """Are magics, checks and what stands elsewhere left out?"""
    scratch = [cell("%%sql\nSELECT 1", own_id="a1"), check(), text("Notes of mine.", "a2")]
    assert prose(*RELEASED[:7], *scratch, END) == (PLACE, "")


def test_a_heading_is_prose():
    """Does a number sign, a comment elsewhere, not make an answer in prose blank?"""
    assert not EXERCISES[2].blank("# Because")
    assert EXERCISES[2].blank(f" {PLACE}\n")


def test_format_3_is_read():
    """Are the worksheets of an old notebook read, with `input` for `source`?"""
    old = {"worksheets": [{"cells": [{"cell_type": "code", "input": [f"%%answer {NAME}\n", "SELECT 1"]}]}]}
    assert answers_in(old, EXERCISES[:1]).texts == {NAME: "SELECT 1"}


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
    assert answers_in(strange, EXERCISES[:1]).texts == {NAME: ""}


def test_too_long_an_answer_is_not_read():
    """Is a flood told in words rather than judged?"""
    answers = found(cell("x" * 100_001, f"{NAME}-answer"))
    assert answers.texts == {NAME: ""}
    assert "longer than 100,000 characters" in answers.odd[NAME]


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
        read_answers(path, EXERCISES[:1])


def test_a_missing_file_is_said_to_be_missing(tmp_path):
    """Does a file that is not there give one sentence?"""
    with pytest.raises(UnreadableNotebook, match="cannot be opened"):
        read_answers(tmp_path / "none.ipynb", EXERCISES[:1])
