"""Does the bundle that students get hold what they need and no solution, and do lessons run from it?"""

import json
import re
import subprocess
import sys
import zipfile

import nbformat
import pytest
from ending import FAR_NET
from nbclient import NotebookClient

from course_data import shop
from graders.build.bundle import make_parts, write_bundle, write_course_solutions
from graders.build.notebook import WRITTEN
from graders.course.course import read_course
from graders.course.solutions import FILE, read_solution, solution_of

pytestmark = pytest.mark.slow
OPENS = re.compile(
    r"(from|import|except|def) |CREATE (TABLE \w+ \($|TRIGGER .* BEGIN$|INDEX |VIEW )"
    r"|connection\.(execute\(\"[A-Z]+\"|\w+\(\)$)"
)

# Lines that our own code, data sets, or the given steps and demonstrations of other lessons have too.
OURS_TOO = {
    "book_id   INTEGER NOT NULL REFERENCES books (book_id),",
    "member_id INTEGER NOT NULL REFERENCES members (member_id),",
    "query = query.where(columns[name] == value)",
    '"UPDATE customers SET first_name = ?, last_name = ? WHERE customer_id = ?",',
    'first, space, last = name.partition(" ")',
    "DROP TABLE customers;",
    "PRAGMA foreign_keys = OFF;",
    "PRAGMA foreign_keys = ON;",
    "id         INTEGER PRIMARY KEY,",
    "ALTER TABLE customers RENAME COLUMN fullname TO first_name;",
    "for statement in statements:",
    "connection.execute(statement)",
    "user_id    INTEGER NOT NULL REFERENCES users (id),",
    "ALTER TABLE users DROP COLUMN status;",
    'for sign in ("!", "%", "_"):',
}
# The later sittings of the shop begin with the tables that the first one asks for.
OURS_TOO |= {line.strip() for line in shop.SCHEMA.splitlines()}


def unpack(path, folder):
    """The zip at `path`, unpacked into `folder`, with its wheel unpacked beside it."""
    with zipfile.ZipFile(path) as bundle:
        bundle.extractall(folder)
    (inside,) = (found for found in folder.iterdir() if found.is_dir())
    with zipfile.ZipFile(next(inside.glob("*.whl"))) as wheel:
        wheel.extractall(folder / "site")
    return inside, folder / "site", folder


@pytest.fixture(scope="module")
def parts(root):
    """The parts of both editions, made where the checkout is a self-study edition."""
    there = root / "notebooks" / FILE
    was_there = there.exists()
    write_course_solutions(root, there.parent)
    try:
        with make_parts(root) as made:
            yield made
    finally:
        if not was_there:
            there.unlink()


@pytest.fixture(scope="module")
def unpacked(parts, tmp_path_factory):
    """The class edition, unpacked."""
    folder = tmp_path_factory.mktemp("class")
    return unpack(write_bundle(parts, folder), folder)


@pytest.fixture(scope="module")
def for_self_study(parts, tmp_path_factory):
    """The self-study edition, unpacked."""
    folder = tmp_path_factory.mktemp("self-study")
    return unpack(write_bundle(parts, folder, self_study=True), folder)


def test_the_bundle_is_small_and_complete(unpacked):
    """Is it a few megabytes, with notebooks, pins, glossary and a README, and without lessons?"""
    inside, _, folder = unpacked
    names = {path.relative_to(inside).parts[0] for path in inside.rglob("*")}
    assert {"notebooks", "requirements.txt", "requirements-postgres.txt", "README.md", "LICENSE"} < names
    assert "lessons" not in names
    assert {"contents.ipynb", "glossary.md"} <= {path.name for path in (inside / "notebooks").iterdir()}
    assert next(folder.glob("*.zip")).stat().st_size < 5_000_000


def test_a_lesson_runs_from_the_wheel_alone(unpacked, monkeypatch):
    """Does the first lesson run from the installed wheel, far from the checkout?"""
    inside, site, _ = unpacked
    monkeypatch.setenv("PYTHONPATH", str(site))
    where = [
        sys.executable,
        "-c",
        "import graders, course_data; print(graders.__file__, course_data.__file__)",
    ]
    said = subprocess.run(where, capture_output=True, text=True, cwd=inside, check=True).stdout
    assert said.count(str(site)) == 2
    path = inside / "notebooks/01-start-here/01-start-here.ipynb"
    notebook = nbformat.read(path, as_version=4)
    resources = {"metadata": {"path": path.parent}}
    NotebookClient(notebook, timeout=FAR_NET, kernel_name="python3", resources=resources).execute()


def test_the_class_edition_holds_no_solution(course, unpacked):
    """Is no line of any solution, right answer, sample or reason in what students get, and no file of solutions?"""
    lines = _all_lines(unpacked[2])
    assert _leaks(course, lines) == {}
    assert {"%%answer open-loans", "open-loans"} <= lines
    assert list(unpacked[2].rglob(FILE)) == []


def test_what_is_committed_for_a_class_holds_no_solution(course):
    """Is no such line in the notebooks and keys of the checkout, which a class may be given as they are?"""
    assert _leaks(course, _all_lines(course.notebooks) | _all_lines(course.keys)) == {}


def test_the_self_study_edition_is_the_class_edition_and_a_file(course, unpacked, for_self_study):
    """Does it hold one file more, with the solution of every exercise, and nothing else that differs?"""
    (ours, *_), (alone, *_) = unpacked, for_self_study
    names, more = ({path.relative_to(one) for path in one.rglob("*") if path.is_file()} for one in (ours, alone))
    assert {path.as_posix() for path in more - names} == {f"notebooks/{FILE}"}
    assert names <= more
    kept = [path for path in names if path.suffix != ".whl" and path.name != "README.md"]
    assert [path for path in kept if (ours / path).read_bytes() != (alone / path).read_bytes()] == []
    for lesson in read_course(course):
        for task in lesson.tasks.values():
            assert read_solution(alone / "notebooks" / FILE, task.name) == solution_of(task)


def _leaks(course, lines) -> dict[str, str]:
    """The exercises of which a telling line is among `lines`, each with such a line."""
    return {
        task.name: line
        for lesson in read_course(course)
        for task in lesson.tasks.values()
        for line in _telling_lines(task, course, lesson)
        if line in lines
    }


def _telling_lines(task, course, lesson) -> set[str]:
    """The lines that stand only in a solution: long enough to tell something, and not released.

    An import, an `except`, the head of a function, a plain BEGIN or COMMIT, or the line that opens a table or a
    trigger, or an index or a view that the checks themselves ask for, is like any other of its kind and tells nothing.
    """
    released = (course.notebooks / lesson.id / f"{lesson.id}.ipynb").read_text(encoding="utf-8")
    shown = {line.strip() for cell in nbformat.reads(released, 4).cells for line in cell.source.splitlines()}
    texts = [task.solution] if task.kind in WRITTEN else []
    texts += [task.because, *(foreseen.text for foreseen in (*task.right, *task.equivalent))]
    texts += [task.body["sample"], *task.body["rubric"]] if task.kind == "prose" else []
    lines = {line.strip() for text in texts for line in text.splitlines()} - OURS_TOO
    return {
        line
        for line in lines
        if len(line) >= 20 and not OPENS.match(line) and not any(line in released for released in shown)
    }


def _all_lines(folder) -> set[str]:
    """Every line in the files of `folder`, and of every text in its notebooks and other JSON."""
    lines: set[str] = set()
    for path in folder.rglob("*"):
        assert path.suffix != ".md" or path.parent.name != "lessons"
        if path.is_file() and path.suffix not in (".zip", ".whl", ".db"):
            text = path.read_text(encoding="utf-8", errors="replace")
            texts = _texts(json.loads(text)) if path.suffix in (".json", ".ipynb") else [text]
            lines |= {line.strip() for one in texts for line in one.splitlines()}
    return lines


def _texts(plain):
    """Every text inside a value read from JSON, and the names of its fields."""
    if isinstance(plain, str):
        yield plain
    elif isinstance(plain, (list, dict)):
        yield from plain if isinstance(plain, dict) else ()
        yield from (text for one in (plain.values() if isinstance(plain, dict) else plain) for text in _texts(one))
