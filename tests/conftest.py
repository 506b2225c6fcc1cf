"""What all tests share: the course as it lies in the checkout, and a progress file that is not the user's."""

from __future__ import annotations

import shutil
import sys
from functools import cache
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import sync_playwright
from scheduling import LongestFirst, place_of

from graders.course.course import Course

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]
ROOT = Path(__file__).resolve().parents[1]


def pytest_collection_modifyitems(items):
    """What takes longest comes first."""
    items.sort(key=lambda item: place_of(item.nodeid))


def pytest_xdist_make_scheduler(config, log):
    """Where whole files are asked for, have `LongestFirst` deal them out, in the order given here."""
    if config.getoption("dist") != "loadfile":
        return None
    config.option.loadscopereorder = False
    return LongestFirst(config, log)


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's folder."""
    return ROOT


@pytest.fixture(scope="session")
def course() -> Course:
    """The course of this checkout."""
    return Course.at(ROOT)


@pytest.fixture(scope="session")
def lesson_grader(course):
    """A function that gives what marks a lesson, by its id; its keys, of one secret seed, are made once."""
    from graders.grading.lesson_grader import LessonGrader

    return cache(lambda lesson_id: LessonGrader.prepare(course, lesson_id, "seed"))


@pytest.fixture
def postgres_gradebook():
    """An empty database on a private server, as SQLAlchemy reaches it."""
    from graders.labs.postgres_server import the_server

    access = the_server().new_database()
    query = {key: str(value) for key, value in access.items() if key not in ("user", "password", "dbname")}
    made = sa.URL.create("postgresql+psycopg", access["user"], access["password"], None, None, access["dbname"], query)
    yield made.render_as_string(hide_password=False)
    the_server().drop_database(access)


@pytest.fixture(scope="session")
def home(tmp_path_factory) -> Path:
    """The folder of this process's tests for progress and large data sets, which take a second to make."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(autouse=True)
def own_progress_file(home, monkeypatch):
    """Keep the user's progress out of the tests, and the tests out of the user's progress and of each other's."""
    monkeypatch.setenv("DATABASES_BY_EXPERIMENT_HOME", str(home))
    yield
    for path in set(home.iterdir()) - set(home.glob("*.image")):
        shutil.rmtree(path) if path.is_dir() else path.unlink()


@pytest.fixture
def counted_calls():
    """A function that runs another and gives how many calls, of Python's functions and C's, it made."""

    def count(function):
        calls = 0

        def note(frame, event, argument):
            nonlocal calls
            calls += event in ("call", "c_call")

        sys.setprofile(note)
        try:
            function()
        finally:
            sys.setprofile(None)
        return calls

    return count


@pytest.fixture(scope="session")
def chromium():
    """Chromium without a window."""
    executable = next(filter(None, map(shutil.which, CHROMIUM)), None)
    assert executable, "this test needs Debian's chromium: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield browser
        browser.close()
