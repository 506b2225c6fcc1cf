"""Is the answer that `check` judged the one that grading marks, however it is scattered over the notebook's cells?"""

import copy
import json
import os
import random
import time

import pytest

from graders.course.answer_cells import answers_in
from graders.course.notebook_cells import read_cells
from graders.kernel.exercise import find_exercise

LESSON = "01-start-here"
TEXTS = {
    "compare-with-null": ["a", "b", "c\n", "# mine\nd"],
    "open-loans": ["SELECT 1 AS name", "SELECT name FROM members\nWHERE 0", "SELECT 2 -- mine"],
    "days-late": ["def days_late(due, returned):\n    return 1", "days_late = 2\n"],
}
EXERCISES = [find_exercise(name) for name in TEXTS]
ABOVE = ["", "", "# mine\n", "-- mine\n\n", "%%time\n", "%%capture\n", "%%time\n# twice\n%%capture kept\n", "\n\n"]
NOTEBOOKS = 150


class StudentAtWork:
    """Does to the cells of a notebook what students do in an editor, at random."""

    def __init__(self, cells, seed):
        self.cells = cells
        self.random = random.Random(seed)
        self.made = 0

    def new_id(self):
        self.made += 1
        return f"made-{self.made}"

    def place_of_answer(self):
        found = [place for place, cell in enumerate(self.cells) if "%%answer" in cell["source"]]
        return self.random.choice(found)

    def answer(self):
        """A signed answer to one of the exercises, as text."""
        name = self.random.choice(list(TEXTS))
        return f"{self.random.choice(ABOVE)}%%answer {name}\n{self.random.choice(TEXTS[name])}"

    def write(self):
        cell = self.cells[self.place_of_answer()]
        cell["source"] = self.random.choice(ABOVE) + "%%answer" + cell["source"].split("%%answer")[1].splitlines()[0]
        cell["source"] += "\n" + self.random.choice(TEXTS.get(cell["source"].split()[-1], ["a"]))

    def insert(self):
        cell = {"cell_type": "code", "metadata": {}, "id": self.new_id(), "source": self.answer()}
        self.cells.insert(self.random.randrange(len(self.cells)), cell)

    def duplicate(self):
        """As JupyterLab pastes a copied cell, or as an editor does that keeps no metadata."""
        place = self.place_of_answer()
        twin = copy.deepcopy(self.cells[place]) | {"id": self.new_id()}
        twin["metadata"] = self.random.choice([twin["metadata"], {}])
        self.cells.insert(self.random.choice([place, place + 1, len(self.cells)]), twin)

    def split(self):
        """JupyterLab's Split Cell: the last part keeps the id, both have the metadata."""
        place = self.place_of_answer()
        cell = self.cells[place]
        lines = cell["source"].splitlines(keepends=True)
        cut = self.random.randrange(1, len(lines) + 1)
        first = copy.deepcopy(cell) | {"id": self.new_id(), "source": "".join(lines[:cut]).strip("\n")}
        cell["source"] = "".join(lines[cut:]).strip("\n")
        self.cells.insert(place, first)

    def empty(self):
        cell = self.cells[self.place_of_answer()]
        cell["source"] = "%%answer" + cell["source"].split("%%answer")[1].splitlines()[0]

    def turn_off(self):
        self.cells[self.place_of_answer()]["cell_type"] = self.random.choice(["raw", "markdown"])

    def move(self):
        cell = self.cells.pop(self.place_of_answer())
        self.cells.insert(self.random.randrange(len(self.cells)), cell)

    def forget_metadata(self):
        self.cells[self.place_of_answer()]["metadata"] = {}

    def work(self):
        actions = [
            self.write,
            self.write,
            self.insert,
            self.duplicate,
            self.split,
            self.empty,
            self.turn_off,
            self.move,
        ]
        for _ in range(self.random.randint(3, 12)):
            self.random.choice([*actions, self.forget_metadata])()


@pytest.fixture
def start(bare_notebook):
    """A function that begins a new session in the same shell and gives it."""

    def begin():
        shell = bare_notebook.shell
        shell.extension_manager.loaded.discard("graders")
        shell.magics_manager.registry.pop("AnswerMagic", None)
        for run in list(shell.events.callbacks["pre_run_cell"]):
            shell.events.unregister("pre_run_cell", run)
        assert bare_notebook.run("%load_ext graders").error is None
        return shell.magics_manager.registry["AnswerMagic"].session

    return begin


@pytest.fixture(scope="module")
def released(root):
    return json.loads((root / "notebooks" / LESSON / f"{LESSON}.ipynb").read_text(encoding="utf-8"))


def run(shell, cell, ids=True):
    """Run a cell as a front end does; one that is not code, and what is no answer, is passed over."""
    wanted = "%%answer" in cell["source"] or cell["id"].endswith("-answer")
    if cell["cell_type"] == "code" and wanted:
        shell.run_cell(cell["source"], cell_id=cell["id"] if ids else None, store_history=True)


def scattered(released, seed):
    notebook = copy.deepcopy(released)
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
    student = StudentAtWork(notebook["cells"], seed)
    student.work()
    return notebook, student.random


def read(notebook, released, exercise):
    return answers_in(notebook, [exercise], read_cells(released)).texts[exercise.name]


def is_equal(exercise, one, other):
    return one.strip() == other.strip() or (exercise.blank(one) and exercise.blank(other))


@pytest.mark.parametrize("ids", [True, False])
def test_what_is_run_from_top_to_bottom_is_what_is_marked(start, shell, released, capsys, ids):
    """Has `check` judged the answer that grading reads, after every cell was run in its order?"""
    judged = 0
    for seed in range(NOTEBOOKS):
        notebook, _ = scattered(released, seed)
        session = start()
        for cell in notebook["cells"]:
            run(shell, cell, ids)
        for exercise in EXERCISES:
            last = session.last_run(exercise).text
            if not exercise.blank(last):
                judged += 1
                assert is_equal(exercise, last, read(notebook, released, exercise)), (seed, exercise.name)
    assert judged > NOTEBOOKS


def test_what_is_run_in_any_order_is_marked_or_told(start, shell, released, capsys, tmp_path, monkeypatch):
    """Is the student told wherever grading would read another answer in the saved notebook than `check` has judged?"""
    path, told = tmp_path / f"{LESSON}.ipynb", 0
    monkeypatch.setenv("JPY_SESSION_NAME", str(path))
    for seed in range(NOTEBOOKS // 3):
        notebook, chance = scattered(released, seed)
        session = start()
        for cell in chance.sample(notebook["cells"], len(notebook["cells"])):
            run(shell, cell)
        path.write_text(json.dumps(notebook), encoding="utf-8")
        os.utime(path, (time.time() + 5,) * 2)
        for exercise in EXERCISES:
            told += _is_told(session, exercise, read(notebook, released, exercise))
    assert told


def _is_told(session, exercise, marked) -> bool:
    """Whether `check` says that another answer counts; it must wherever `marked`, which grading reads, is another."""
    remarks = session.check(exercise.name).report.remarks
    said = [remark for remark in remarks if remark.startswith("The saved notebook holds")]
    never_run = exercise.name not in session.answers
    assert never_run or bool(said) != is_equal(exercise, session.last_run(exercise).text, marked), exercise.name
    return bool(said)


def test_two_answers_are_told_before_the_notebook_is_saved(start, shell):
    """Is the student told which of two cells counts, and no more when one of them has been emptied?"""
    session = start()
    for name, letter in (("one", "a"), ("two", "b")):
        shell.run_cell(f"%%answer compare-with-null\n{letter}", cell_id=name)
    said = "You ran different answers in several cells. The one that is last in the notebook counts."
    assert said in session.check("compare-with-null").report.remarks
    shell.run_cell("%%answer compare-with-null\n", cell_id="one")
    assert said not in session.check("compare-with-null").report.remarks
    assert session.last_run(EXERCISES[0]).text.strip() == "b"


@pytest.mark.parametrize("above", ABOVE)
def test_an_answer_below_other_lines_is_run(bare_notebook, start, above):
    """Does the cell work in the notebook too, whatever comments and magics stand above the answer?"""
    start()
    done = bare_notebook.run(f"{above}%%answer days-late\ndays_late = 41 + 1")
    assert (done.error, bare_notebook.shell.user_ns["days_late"]) == (None, 42)


def test_a_stub_is_no_answer_where_cells_have_no_ids(start, shell):
    """Is the answer judged although a stub is run after it?"""
    session = start()
    shell.run_cell("%%answer compare-with-null\na")
    shell.run_cell("%%answer compare-with-null\n# YOUR LETTERS HERE")
    assert session.last_run(EXERCISES[0]).text.strip() == "a"
