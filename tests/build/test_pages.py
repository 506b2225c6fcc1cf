"""Are README and contents made from the lessons, with the links of the repository and of no other?"""

import re
import shutil
import tomllib

import nbformat
import pytest
from click.testing import CliRunner

from graders.__main__ import main
from graders.build.pages import (
    Address,
    contents_page,
    parse_address,
    read_address,
    readme_page,
    stale_pages,
    write_pages,
)
from graders.course.course import Course, read_course

ADDRESS = Address("ada", "databases")


@pytest.fixture(scope="module")
def lessons(course):
    return read_course(course)


@pytest.fixture
def readme(root):
    return (root / "README.md").read_text(encoding="utf-8")


def test_without_an_address_there_are_no_links_to_it(readme, lessons):
    """Does a README that is not published lead nowhere on the web but to its licences?"""
    page = readme_page(readme, lessons, None)
    assert not re.search(r"mybinder\.org|colab\.research|codespaces\.new|github\.com", page)
    assert "repo2docker ." in page


def test_with_an_address_every_lesson_opens_in_binder_and_colab(readme, lessons):
    """Does each lesson have both links, and the page a badge, a codespace and Colab's cell?"""
    page = readme_page(readme, lessons, ADDRESS)
    for lesson in lessons:
        assert f"gh/ada/databases/HEAD?urlpath=lab/tree/notebooks/{lesson.id}/{lesson.id}.ipynb" in page
        assert f"github/ada/databases/blob/HEAD/notebooks/{lesson.id}/{lesson.id}.ipynb" in page
    assert "codespaces.new/ada/databases" in page
    assert '!pip install -q "prettytable<3.12" git+https://github.com/ada/databases\n' in page
    assert readme_page(page, lessons, None) == readme_page(readme, lessons, None)


@pytest.mark.parametrize(
    "text", ["ada/databases", "https://github.com/ada/databases", "https://github.com/ada/databases.git"]
)
def test_an_address_can_be_given_in_three_ways(text):
    """Is it the same repository?"""
    assert parse_address(text) == ADDRESS


@pytest.mark.parametrize("text", ["", "ada", "https://example.org/ada/databases", "ada/data bases"])
def test_what_is_no_address_is_refused(text):
    """Is it said how to write one?"""
    with pytest.raises(ValueError, match="OWNER/NAME"):
        parse_address(text)


@pytest.fixture
def copy(root, tmp_path):
    """A copy of what `publish` reads and writes."""
    for name in ("README.md", "pyproject.toml", "nbgrader_config.py"):
        shutil.copy(root / name, tmp_path)
    shutil.copytree(root / "lessons", tmp_path / "lessons")
    (tmp_path / "notebooks").mkdir()
    return tmp_path


def test_publish_names_the_repository_in_one_place(copy, monkeypatch):
    """Does the verb write pyproject.toml and README, and a second address replace the first?"""
    monkeypatch.chdir(copy)
    before = tomllib.loads((copy / "pyproject.toml").read_text())
    for name in ("first/one", "ada/databases"):
        done = CliRunner().invoke(main, ["publish", name])
        assert done.exit_code == 0, done.output
    after = tomllib.loads((copy / "pyproject.toml").read_text())
    assert read_address(copy) == ADDRESS
    assert after["project"].pop("urls") == {"Repository": "https://github.com/ada/databases"}
    before["project"].pop("urls", None)
    assert after == before
    assert "first/one" not in (copy / "README.md").read_text()
    assert CliRunner().invoke(main, ["publish", "nowhere"]).exit_code == 1


def test_contents_lead_to_every_lesson_in_order(lessons, root):
    """Does each link of the contents lead to a notebook, in the order of the lessons?"""
    notebook = nbformat.reads(contents_page(lessons), as_version=4)
    nbformat.validate(notebook)
    links = re.findall(r"\]\(([^)]*\.ipynb)\)", notebook.cells[2].source)
    assert links == [f"{lesson.id}/{lesson.id}.ipynb" for lesson in lessons]
    assert all((root / "notebooks" / link).is_file() for link in links)
    assert notebook.cells[1].source == "contents()"


def test_pages_that_differ_are_named(copy, lessons):
    """Is a page named that is not as the lessons make it, and no other?"""
    course = Course.at(copy)
    write_pages(course, lessons)
    assert stale_pages(course, lessons) == []
    (copy / "notebooks/contents.ipynb").write_text("{}")
    assert stale_pages(course, lessons) == ["contents.ipynb"]
