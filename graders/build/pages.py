"""The pages for people that are made from lessons/: contents, glossary, README's table and links, misconceptions."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from graders.course.course import Course
from graders.course.lesson import Lesson
from graders.course.minutes import shown_minutes, workload_of
from graders.course.misconceptions import misconceptions_page, read_misconceptions

HEADING, KEY = "[project.urls]", "Repository"
GITHUB = r"(?:https://github\.com/)?([A-Za-z0-9-]+)/([A-Za-z0-9._-]+?)(?:\.git)?/?"


@dataclass(frozen=True)
class Address:
    """A repository on GitHub: its `owner` and its `name`."""

    owner: str
    name: str

    @property
    def url(self) -> str:
        """Where people and git find it."""
        return f"https://github.com/{self.owner}/{self.name}"

    def binder(self, path: str) -> str:
        """Where Binder opens the file at `path`."""
        return f"https://mybinder.org/v2/gh/{self.owner}/{self.name}/HEAD?urlpath=lab/tree/{path}"

    def colab(self, path: str) -> str:
        """Where Colab opens the notebook at `path`."""
        return f"https://colab.research.google.com/github/{self.owner}/{self.name}/blob/HEAD/{path}"

    @property
    def codespace(self) -> str:
        """Where a codespace is made of it."""
        return f"https://codespaces.new/{self.owner}/{self.name}"


def parse_address(text: str) -> Address:
    """The address that OWNER/NAME or a URL on GitHub gives; raise `ValueError` for anything else."""
    match = re.fullmatch(GITHUB, text.strip())
    if match is None:
        raise ValueError(f"{text!r} is no repository on GitHub: write OWNER/NAME, or https://github.com/OWNER/NAME")
    return Address(*match.groups())


def read_address(root: Path) -> Address | None:
    """The address that pyproject.toml in `root` names, or None."""
    path = root / "pyproject.toml"
    project = tomllib.loads(path.read_text(encoding="utf-8"))["project"] if path.is_file() else {}
    url = project.get("urls", {}).get(KEY, "")
    return parse_address(url) if url else None


def write_address(root: Path, address: Address) -> None:
    """Name `address` in pyproject.toml in `root`, in place of any other."""
    path = root / "pyproject.toml"
    text = re.sub(rf"\n{re.escape(HEADING)}\n(?:\w.*\n)*", "\n", path.read_text(encoding="utf-8"))
    entry = f'{HEADING}\n{KEY} = "{address.url}"\n\n'
    path.write_text(text.replace("[project.optional-dependencies]", f"{entry}[project.optional-dependencies]", 1))


CONTENTS, GLOSSARY = "contents.ipynb", "glossary.md"
FIRST_LINES = """# Databases by Experiment

Every lesson is a notebook: predict, run, answer, and have your answer checked. Nothing can break; every experiment runs
in a scratch database of its own. Begin with the first lesson, and take the others in their order.

Run the cell below (click into it, then **Shift+Enter**) to see what you have done and where to go on."""


def write_pages(course: Course, lessons: Sequence[Lesson]) -> None:
    """Write every page that differs from what `lessons` make of it."""
    for path, text in _pages(course, lessons).items():
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8", newline="\n")


def stale_pages(course: Course, lessons: Sequence[Lesson]) -> list[str]:
    """The names of the pages that differ from what `lessons` make of them."""
    made = _pages(course, lessons)
    return [path.name for path, text in made.items() if not path.is_file() or path.read_text(encoding="utf-8") != text]


def _pages(course: Course, lessons: Sequence[Lesson]) -> dict[Path, str]:
    """The text of each page; a course without a README, a glossary or docs/, such as a test's, has none."""
    made, readme, glossary = {}, course.root / "README.md", course.lessons / GLOSSARY
    if readme.is_file():
        made[readme] = readme_page(readme.read_text(encoding="utf-8"), lessons, read_address(course.root))
    if glossary.is_file():
        made[course.notebooks / GLOSSARY] = glossary.read_text(encoding="utf-8")
        made[course.notebooks / CONTENTS] = contents_page(lessons)
    catalogue = read_misconceptions(course.lessons)
    if catalogue and (course.root / "docs").is_dir():
        made[course.root / "docs" / "misconceptions.md"] = misconceptions_page(lessons, catalogue)
    return made


def readme_page(text: str, lessons: Sequence[Lesson], address: Address | None) -> str:
    """The README with the sections anew that `make build` makes; each stands between two comments."""
    sections = {
        "badges": badges(address),
        "table of lessons": _table(lessons, address),
        "ways online": ways_online(address),
    }
    for name, section in sections.items():
        begin, end = f"<!-- The {name}: made by `make build`. -->\n", f"<!-- End of the {name}. -->"
        before, found, rest = text.partition(begin)
        if found and end in rest:
            text = f"{before}{begin}{section}{end}{rest.partition(end)[2]}"
    return text


def badges(address: Address | None) -> str:
    """The badges of the tests and of Binder; none before the course is published."""
    if address is None:
        return ""
    workflow = f"{address.url}/actions/workflows/test.yml"
    return (
        f"[![test]({workflow}/badge.svg)]({workflow})\n"
        f"[![Binder](https://mybinder.org/badge_logo.svg)]({address.binder(f'notebooks/{CONTENTS}')})\n"
    )


def ways_online(address: Address | None) -> str:
    """How somebody opens the course who studies alone: online where it is published, else from this checkout."""
    if address is None:
        return (
            "From this checkout: `make lab`; or in a container, with everything in it:\n\n"
            "```\npip install jupyter-repo2docker\nrepo2docker .\n```\n\n"
            "or in an editor that knows dev containers (VS Code: *Reopen in Container*). Once the course has a "
            "repository of its own,\n`.venv/bin/python -m graders publish OWNER/NAME` writes the links to Binder, "
            "Colab and Codespaces into this page.\n"
        )
    return (
        f"Nothing to install: [open the course in Binder]({address.binder(f'notebooks/{CONTENTS}')})\n"
        "(one or two minutes to start; download your notebooks before you leave, nothing is kept) or in a\n"
        f"[Codespace]({address.codespace}). In Colab, open a lesson by the table above, add one cell at the top and "
        f'run it first:\n\n```\n!pip install -q "prettytable<3.12" git+{address.url}\n```\n'
    )


def _table(lessons: Sequence[Lesson], address: Address | None) -> str:
    columns = ["lesson", "minutes", "you learn to", *(["online"] if address else [])]
    rows = [" | ".join(columns), " | ".join("---" for _ in columns), *(_row(lesson, address) for lesson in lessons)]
    return "".join(f"| {row} |\n" for row in rows)


def _row(lesson: Lesson, address: Address | None) -> str:
    notebook = f"notebooks/{lesson.id}/{lesson.id}.ipynb"
    cells = [f"[{lesson.front['title']}]({notebook})", str(_minutes(lesson)), lesson.front["summary"]]
    if address:
        cells.append(f"[Binder]({address.binder(notebook)}) · [Colab]({address.colab(notebook)})")
    return " | ".join(cells)


def _minutes(lesson: Lesson) -> int:
    return shown_minutes(workload_of(lesson).minutes)


def contents_page(lessons: Sequence[Lesson]) -> str:
    """The notebook that the course opens with: the lessons in their order, and a cell that says where to go on."""
    # nbformat takes longer to import than a build that changes nothing may take.
    import nbformat

    from graders.build.notebook import contents_notebook

    table = _table(lessons, None).replace("](notebooks/", "](")
    about = f"The words of the course are in the [glossary]({GLOSSARY})."
    notebook = contents_notebook(FIRST_LINES, "contents()", f"## The lessons\n\n{table}\n{about}")
    return nbformat.writes(notebook, sort_keys=True) + "\n"
