"""Begins a lesson: a folder with one part and a module of claims that build and pass as they are."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

from graders.course.lesson import name_of

TEMPLATES = {"lesson": "lesson.md", "package": "package.txt", "claims": "claims.txt"}


def begin_lesson(root: Path, name: str) -> list[Path]:
    """Write the files of a new lesson called `name` and give their paths; raise `ValueError` with the remedy."""
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name):
        raise ValueError(f"{name!r} is no lesson's name: use small letters and hyphens, such as query-patterns.")
    module = name.replace("-", "_")
    lessons = [path for path in (root / "lessons").glob("[0-9][0-9]-*/") if path.is_dir()]
    if name in map(name_of, (path.name for path in lessons)):
        raise ValueError(f"There is a lesson called {name} already: choose another name.")
    number = max([int(path.name[:2]) for path in lessons], default=0) + 1
    made = [
        (root / "lessons" / f"{number:02}-{name}" / "1-what-went-wrong.md", "lesson"),
        (root / "graders" / "checks" / module / "__init__.py", "package"),
        (root / "graders" / "checks" / module / "claims.py", "claims"),
    ]
    for path, template in made:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(filled(template, name), encoding="utf-8")
    return [path for path, _ in made]


def filled(template: str, name: str) -> str:
    """The template "lesson" or "claims" with the lesson's name put in."""
    text = (files("graders") / "build" / "templates" / TEMPLATES[template]).read_text(encoding="utf-8")
    return text.replace("LESSON_NAME", name).replace("LESSON_TITLE", name.replace("-", " ").capitalize())
