"""Does what an instructor gives out through nbgrader's exchange reach those who look there, and nothing else?"""

import logging
import os
import shutil
import sys

import pytest
from ending import run_to_end
from nbgrader.apps import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange import ExchangeError

from graders.build.release import course_config
from graders.grading.exchange import Collect, CourseExchange, List, ReleaseAssignment, ReleaseFeedback

LESSON, NEXT = "01-start-here", "02-schema-values"


@pytest.fixture
def checkout(root, tmp_path):
    """A checkout with one lesson."""
    folder = tmp_path / "checkout"
    for name in (f"lessons/{LESSON}", f"lessons/{NEXT}", f"notebooks/{LESSON}"):
        shutil.copytree(root / name, folder / name)
    shutil.copy(root / "nbgrader_config.py", folder)
    return folder


def exchange(kind, checkout, **settings):
    """A step of nbgrader's with the course's settings, and `settings` of the exchange that somebody else has made."""
    config = course_config(checkout)
    config[kind.__name__].update(settings)
    config.CourseDirectory.assignment_id = LESSON
    return kind(coursedir=CourseDirectory(config=config), config=config)


def test_the_hubs_own_exchange_is_used(checkout, tmp_path):
    """Is a lesson released to the folder that the settings of the hub name, by the command that instructors type?"""
    shared, settings = tmp_path / "shared", tmp_path / "settings"
    shared.mkdir(mode=0o777)
    settings.mkdir()
    (settings / "nbgrader_config.py").write_text(f"c = get_config()\nc.Exchange.root = {str(shared)!r}\n")
    environment = os.environ | {"JUPYTER_CONFIG_PATH": str(settings)}
    done = run_to_end([sys.executable, "-m", "nbgrader", "release_assignment", LESSON], cwd=checkout, env=environment)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert "No exchange is set up here" not in said
    name = f"databases-by-experiment/outbound/{LESSON}/{LESSON}.ipynb"
    assert (shared / name).read_bytes() == (checkout / "notebooks" / LESSON / f"{LESSON}.ipynb").read_bytes()
    assert not (checkout / "results").exists()


@pytest.mark.parametrize("kind", [ReleaseAssignment, ReleaseFeedback, Collect, List])
def test_every_step_looks_in_the_same_place(kind, checkout, tmp_path):
    """Does each step take the hub's folder, or without one nbgrader's usual, or without that the course's own?"""
    assert exchange(kind, checkout, root=str(tmp_path)).root == str(tmp_path)
    assert exchange(kind, checkout).root == str(checkout / "results/exchange")


def test_nbgraders_usual_folder_is_used_where_it_is(checkout, tmp_path, monkeypatch):
    """Is nbgrader's own default taken where an administrator has made that folder?"""
    monkeypatch.setattr(CourseExchange.root, "default_value", str(tmp_path))
    found = exchange(ReleaseAssignment, checkout)
    assert (found.root, found.is_own) == (str(tmp_path), False)


def test_formgrader_asks_for_the_exchange_without_a_word(checkout, caplog):
    """Without an exchange, does every page of formgrader find that out, and nothing stand in the server's log?"""
    config = course_config(checkout)
    with caplog.at_level(logging.DEBUG):
        api = NbGraderAPI(CourseDirectory(config=config), config=config)
    assert api.exchange_missing and not api.exchange_is_functional
    assert [record.message for record in caplog.records if record.levelno >= logging.WARNING] == []
    assert not (checkout / "results").exists()


def test_whoever_lists_without_an_exchange_is_told(checkout, caplog):
    with pytest.raises(ExchangeError, match=r"No exchange is set up here: .*docs/hub\.md"):
        exchange(List, checkout).start()
    assert "No exchange is set up here" in caplog.text


def test_whoever_releases_to_nobody_is_told(checkout, caplog):
    """Without an exchange, does releasing work for this folder, and say that nobody else looks there?"""
    with caplog.at_level(logging.WARNING):
        exchange(ReleaseAssignment, checkout).start()
    assert "nobody else looks in" in caplog.text
    assert (checkout / f"results/exchange/databases-by-experiment/outbound/{LESSON}/{LESSON}.ipynb").is_file()


@pytest.mark.parametrize("name", [f"{LESSON}.ipynb", "attempts.jsonl"])
def test_what_a_teacher_typed_is_not_given_out(checkout, tmp_path, name):
    """Is nothing released while the folder holds an answer, or a log, of the teacher's own?"""
    path = checkout / "notebooks" / LESSON / name
    path.write_text((path.read_text() if path.exists() else "").replace("YOUR SQL HERE", "SELECT 42") + "\n")
    with pytest.raises(ExchangeError, match=f"notebooks/{LESSON}/{name}.*Move what is yours elsewhere"):
        exchange(ReleaseAssignment, checkout, root=str(tmp_path)).start()
    assert not (tmp_path / "databases-by-experiment").exists()


@pytest.fixture
def inbound(checkout, tmp_path):
    """Where students' hand-ins lie in an exchange, with a well-made one of whoever runs the tests."""
    folder = tmp_path / "exchange/databases-by-experiment/inbound"
    folder.mkdir(parents=True)
    hand_in(folder, f"{folder.owner()}+{LESSON}+2026-01-01 12:00:00.000000 UTC+abc")
    return folder


def hand_in(inbound, name):
    """Put a notebook into the exchange under this name."""
    (inbound / name).mkdir()
    (inbound / name / f"{LESSON}.ipynb").write_text("{}")
    (inbound / name / "timestamp.txt").write_text("2026-01-01 12:00:00.000000 UTC")
    return inbound / name


def collect(checkout, inbound, **settings):
    """Collect, and give what lies in submitted/ then."""
    exchange(Collect, checkout, root=str(inbound.parents[1]), **settings).start()
    return sorted(path.relative_to(checkout / "submitted").as_posix() for path in checkout.glob("submitted/*/*/*"))


def own(inbound):
    """What is collected of the well-made hand-in."""
    return [f"{inbound.owner()}/{LESSON}/{name}" for name in (f"{LESSON}.ipynb", "timestamp.txt")]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (f"ann+{LESSON}+2026-02-01 12:00:00.000000 UTC+abc", "put it there, and not ann"),
        (f"ann+{LESSON}+no time at all+abc", "reading its name broke"),
        (f"ann+{LESSON}+no+time+at+all", "reading its name broke"),
    ],
)
def test_an_odd_folder_costs_nobody_else(checkout, inbound, caplog, name, said):
    """Is what is not the student's, or nobody's, left where it is with a sentence, and the others' collected?"""
    hand_in(inbound, name)
    assert collect(checkout, inbound) == own(inbound)
    assert f"Not collected: {name}: " in caplog.text
    assert said in caplog.text


def test_one_user_for_all_is_a_setting(checkout, inbound):
    """Where all are one user of the system, as on Kubernetes, is everything collected if the settings say so?"""
    hand_in(inbound, f"ann+{LESSON}+2026-02-01 12:00:00.000000 UTC+abc")
    found = collect(checkout, inbound, check_owner=False)
    assert found == sorted([*own(inbound), f"ann/{LESSON}/{LESSON}.ipynb", f"ann/{LESSON}/timestamp.txt"])


def test_links_show_nothing_of_the_teachers(checkout, inbound, tmp_path, caplog):
    """Is no link followed, neither in a hand-in nor in place of one?"""
    (tmp_path / "solutions.ipynb").write_text("solutions")
    (mine,) = inbound.iterdir()
    (mine / f"{LESSON}.ipynb").unlink()
    (mine / f"{LESSON}.ipynb").symlink_to(tmp_path / "solutions.ipynb")
    (inbound / f"ann+{LESSON}+2026-02-01 12:00:00.000000 UTC+abc").symlink_to(tmp_path)
    assert collect(checkout, inbound) == own(inbound)[1:]
    assert f"Not collected: {LESSON}.ipynb, a link in {mine.name}" in caplog.text


def test_a_forged_stamp_is_noticed(checkout, inbound, caplog):
    """Is it said that a folder changed long after the time that it gives as its own?"""
    collect(checkout, inbound)
    said = (
        f"{inbound.owner()} {LESSON} says that it was handed in at 2026-01-01 12:00 UTC; its folder changed last at 20"
    )
    assert said in caplog.text
