"""Does the bundle that students get hold what they need and no solution, and do lessons run from it?"""

import re
import subprocess
import sys
import zipfile

import nbformat
import pytest
from ending import FAR_NET
from nbclient import NotebookClient

from graders.build.bundle import make_bundle
from graders.course.course import read_course

pytestmark = pytest.mark.slow
OPENS = re.compile(
    r"(from|import|except) |CREATE (TABLE \w+ \($|TRIGGER .* BEGIN$|INDEX |VIEW )"
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
    "ALTER TABLE customers RENAME COLUMN fullname TO first_name;",
    "for statement in statements:",
    "connection.execute(statement)",
}


@pytest.fixture(scope="module")
def unpacked(root, tmp_path_factory):
    """The student bundle, unpacked, with its wheel unpacked beside it."""
    folder = tmp_path_factory.mktemp("bundle")
    with zipfile.ZipFile(make_bundle(root, folder)) as bundle:
        bundle.extractall(folder)
    (inside,) = (path for path in folder.iterdir() if path.is_dir())
    with zipfile.ZipFile(next(inside.glob("*.whl"))) as wheel:
        wheel.extractall(folder / "site")
    return inside, folder / "site", folder


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


def test_the_bundle_holds_no_solution(course, unpacked):
    """Is no line of any solution, wrong or right answer in what students get?"""
    lines, keys = _all_text(unpacked[2])
    leaked = {
        task.name: line
        for lesson in read_course(course)
        for task in lesson.tasks.values()
        for line in _telling_lines(task, course, lesson)
        if line in lines or line in keys
    }
    assert leaked == {}
    assert "%%answer open-loans" in lines
    assert "open-loans" in keys


def _telling_lines(task, course, lesson) -> set[str]:
    """The lines that stand only in a solution: long enough to tell something, and not released.

    An import, an `except`, a plain BEGIN or COMMIT, or the line that opens a table or a trigger, or an index or a view
    that the checks themselves ask for, is like any other of its kind and tells nothing.
    """
    released = (course.notebooks / lesson.id / f"{lesson.id}.ipynb").read_text(encoding="utf-8")
    shown = {line.strip() for cell in nbformat.reads(released, 4).cells for line in cell.source.splitlines()}
    texts = [task.solution if task.kind in ("sql", "python") else ""]
    texts += [foreseen.text for foreseen in (*task.right, *task.equivalent)]
    lines = {line.strip() for text in texts for line in text.splitlines()} - OURS_TOO
    return {
        line
        for line in lines
        if len(line) >= 20 and not OPENS.match(line) and not any(line in released for released in shown)
    }


def _all_text(folder) -> tuple[set[str], str]:
    """Every line in the zip and in the wheel inside it, and the key files, whose lines are long, as one text."""
    lines, keys = set(), ""
    for path in folder.rglob("*"):
        assert path.suffix != ".md" or path.parent.name != "lessons"
        if path.suffix == ".json":
            keys += path.read_text(encoding="utf-8")
        if path.suffix in (".py", ".md", ".txt", ".html"):
            lines |= {line.strip() for line in path.read_text(encoding="utf-8").splitlines()}
        if path.suffix == ".ipynb":
            cells = nbformat.read(path, as_version=4).cells
            lines |= {line.strip() for cell in cells for line in cell.source.splitlines()}
    return lines, keys
