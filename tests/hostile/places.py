"""Submissions that are no ordinary file in an ordinary folder: links, pipes, odd names, other layouts."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from case import Case

LINK = "unreadable: a symbolic link stands in its place"
CHANGED = {"open-loans": "0"}
NO_STOP, NOT_FOLLOWED = "one submission stops the class", "what the link leads to is read"


def link_to(target):
    def place(path: Path):
        path.unlink()
        path.symlink_to(target(path))

    return place


def link_folder(path: Path):
    shutil.rmtree(path.parent)
    path.parent.symlink_to(path.parents[2] / "a-control" / path.parent.name)


def link_student(path: Path):
    shutil.rmtree(path.parents[1])
    path.parents[1].symlink_to(path.parents[2] / "a-control")


def instead(make):
    def place(path: Path):
        path.unlink()
        make(path)

    return place


def beside(name, content="raise SystemExit"):
    def place(path: Path):
        other = path.parent / name
        other.parent.mkdir(parents=True, exist_ok=True)
        other.write_text(content)

    return place


def moved(*parts):
    def place(path: Path):
        target = path.parents[1].joinpath(*parts)
        target.parent.mkdir(parents=True, exist_ok=True)
        path.rename(target)

    return place


def closed(path: Path):
    path.chmod(0)


def closed_folder(path: Path):
    path.parent.chmod(0)


def hard_link(path: Path):
    path.unlink()
    os.link(path.parents[2] / "a-control" / path.parent.name / path.name, path)


def lesson_called(name):
    def place(path: Path):
        path.parent.rename(path.parents[1] / name)

    return place


LINKS = {
    "link-neighbour": link_to(lambda path: path.parents[2] / "a-control" / path.parent.name / path.name),
    "link-solution": link_to(lambda path: path.parents[3] / "solved.ipynb"),
    "link-password-file": link_to(lambda path: "/etc/passwd"),
    "link-loop": link_to(lambda path: path),
    "link-endless": link_to(lambda path: "/dev/zero"),
    "link-folder": link_folder,
    "link-student": link_student,
}
OTHERS = {
    "fifo": (instead(os.mkfifo), "unreadable: it is no ordinary file"),
    "folder-for-file": (instead(Path.mkdir), "unreadable: it is no ordinary file"),
    "no-file": (
        instead(lambda path: None),
        "unreadable: there is no 01-start-here.ipynb in its folder, which holds nothing",
    ),
    "nested-zip": (
        moved("01-start-here", "01-start-here", "01-start-here.ipynb"),
        "unreadable: there is no 01-start-here.ipynb in its folder",
    ),
    "zip-itself": (
        moved("01-start-here", "01-start-here.ipynb.zip"),
        "unreadable: there is no 01-start-here.ipynb in its folder, which holds 01-start-here.ipynb.zip",
    ),
    "other-lesson": (
        lesson_called("03-normalisation"),
        "unreadable: there is no lesson 03-normalisation; is 03-normalization meant?",
    ),
    "lesson-formula": (lesson_called("=1+cmd|' !A0"), "unreadable: there is no lesson"),
    "lesson-escape": (lesson_called("\x1b[2J\x1b]0;x\x07"), "unreadable: there is no lesson"),
    "lesson-html": (lesson_called("<script>alert(1)<"), "unreadable: there is no lesson"),
    "lesson-newline": (lesson_called("01-start-here\n,a,5,5,right"), "unreadable: there is no lesson"),
    "lesson-long": (lesson_called("x" * 250), "unreadable: the folder's name is longer"),
    "lesson-wide": (lesson_called("\u6f22" * 84), "unreadable: the folder's name is longer"),
    "lesson-reserved": (lesson_called("CON"), "unreadable: there is no lesson CON"),
    "lesson-bytes": (lesson_called(os.fsdecode(b"\xff\xfe")), "unreadable: the folder's name cannot be read"),
}
EXTRA = {
    "module-random": beside("random.py"),
    "module-graders": beside("graders/__init__.py"),
    "module-kernel": beside("ipykernel_launcher.py"),
    "config-beside": beside("nbgrader_config.py"),
    "startup": beside(".ipython/profile_default/startup/0.py"),
    "checkpoint": beside(".ipynb_checkpoints/01-start-here-checkpoint.ipynb", "{}"),
}
STUDENTS = (
    "-rf", "a b", "=1+1", "@sum", "'; DROP TABLE grade; --", "<img src=x onerror=alert(1)>", "a,b\"c", "tab\there", "line\nend",
    "\u6f22\u5b57", "e\u0301", "\u202egpj", "%2e%2e%2f", "con.", "feedback", "$(id)", "{{7*7}}", "*",
)  # fmt: skip

CASES: list[Case] = [
    *(Case(name, "links", NOT_FOLLOWED, place=place, unreadable=LINK) for name, place in LINKS.items()),
    Case("hard-link", "links", "a neighbour's file changes", place=hard_link),
    *(Case(name, "names and places", NO_STOP, place=do, unreadable=row) for name, (do, row) in OTHERS.items()),
    Case("other-name", "names and places", "a renamed notebook is no mark", place=moved("01-start-here", "my answers.ipynb")),
    Case("closed-file", "names and places", NO_STOP, place=closed, unreadable="unreadable: cannot be opened"),
    Case("closed-folder", "names and places", NO_STOP, place=closed_folder, unreadable="unreadable: the folder cannot be"),
    *(Case(name, "reaching into the checks", "a submitted file is run", place=do) for name, do in EXTRA.items()),
    *(Case(name, "names and places", "a name changes a mark or a page") for name in STUDENTS),
]  # fmt: skip
