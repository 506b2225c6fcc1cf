"""Does the way of docs/hub.md work on a real JupyterHub: give out, fetch, work, hand in, collect, grade, give back?

Everything that is typed or set here stands in that page. The hub and its people are in a view of this machine.
"""

import csv
import os
import re
import subprocess
from html import unescape

import pytest
from ending import FAR_NET, run_to_end
from hub_environment import FOLDER, PYTHON, ROOT, install, why_no_hub
from hub_view import HOMES, KINDS, STUDENTS, SYSTEM_USERS, TEACHER, View
from running_hub import Person, start_hub

from graders.build.bundle import build_wheel
from graders.build.notebook import source_notebook
from graders.course.reading import read_lesson

pytestmark = [
    pytest.mark.slow,
    # In CI a missing hub is a failure, not a reason to skip.
    pytest.mark.skipif(bool(why_no_hub()) and not os.environ.get("CI"), reason=why_no_hub()),
]
LESSON = "01-start-here"
NOTEBOOK = f"{LESSON}/{LESSON}.ipynb"
COURSE_ID = "databases-by-experiment"
PAGE = (ROOT / "docs/hub.md").read_text(encoding="utf-8")
EXCHANGE = "/srv/nbgrader/exchange"
INBOUND = f"{EXCHANGE}/{COURSE_ID}/inbound"
# Everybody is late, but ben has more time.
TERM = """\
timezone = "UTC"
late = { percent_a_day = 10, at_most_percent = 50 }

[lessons.01-start-here]
due = 2020-01-01T00:00:00

[[extensions]]
student = "ben"
lesson = "01-start-here"
due = 2099-01-01T00:00:00
"""
PEEKS = """\
def days_late(due, returned):
    open("/srv/home/teacher/course/nbgrader_config.py").close()
    return None if returned is None else max(0, (returned - due).days)
"""


def fences(language):
    """The fences of docs/hub.md in a language, "" being commands."""
    found = re.findall(r"^```(\w*)\n(.*?)^```$", PAGE, re.M | re.S)
    return [text for name, text in found if name == language]


def written_in_the_page(command):
    """The command, which docs/hub.md must say, in a fence or in a table."""
    known = [line for text in fences("") for line in text.splitlines()] + re.findall(r"`([^`\n]+)`", PAGE)
    assert command in known
    return command


class Walk:
    """A hub with its people, and what each step of the way said."""

    def __init__(self, view, hub):
        self.view, self.hub = view, hub
        self.people = {name: Person(hub, name) for name in (TEACHER, *STUDENTS)}
        self.said = {}

    def type(self, name, command):
        """Have somebody type a command of docs/hub.md, which must work."""
        place = "~/course" if name == TEACHER else "~"
        ended, said = self.people[name].type(f"cd {place}; {written_in_the_page(command)}")
        assert ended == 0, f"{name}: {command}\n{said[-3000:]}"
        self.said[name, command] = said

    def click(self, name, action):
        """Have a student click in the Assignment List."""
        reply = self.people[name].ask(
            "POST", f"/assignments/{action}", {"course_id": COURSE_ID, "assignment_id": LESSON}
        )
        assert reply["success"], reply

    def go(self):
        """The whole way: ann goes it in the browser, ben in a terminal."""
        self.begin()
        self.type(TEACHER, f"python -m graders build --quick --only {LESSON}")
        self.type(TEACHER, f"nbgrader release_assignment {LESSON}")
        self.hand_in()
        self.people["ben"].type(self.mischief())
        self.type(TEACHER, f"nbgrader collect {LESSON} --update")
        self.type(TEACHER, "python -m graders grade submitted --out results")
        self.type(TEACHER, f"nbgrader generate_feedback {LESSON} --force")
        self.type(TEACHER, f"nbgrader release_feedback {LESSON}")
        self.type(TEACHER, "python -m graders marks")
        self.click("ann", "fetch_feedback")
        self.type("ben", f"nbgrader fetch_feedback {LESSON}")

    def begin(self):
        """Start everybody's server, and what an instructor does once."""
        for person in self.people.values():
            person.begin_server()
        for person in self.people.values():
            person.await_server()
        self.type(TEACHER, "chmod 700 ~/course")
        self.type(TEACHER, "python -m graders install-frontend --teacher")

    def hand_in(self):
        """Fetch, answer and submit: all of ann's answers are right, and one of ben's looks where it should not."""
        self.click("ann", "fetch")
        self.type("ben", f"nbgrader fetch_assignment {LESSON}")
        for name in STUDENTS:
            self.people[name].save(NOTEBOOK, answered(self.people[name].read(NOTEBOOK), name))
        self.type("ann", f"python -m graders check {NOTEBOOK}")
        self.click("ann", "submit")
        self.type("ben", f"nbgrader submit {LESSON}")

    def mischief(self):
        """What ben types to hand in for ann, in vain where each is a user of the system."""
        forged = f"{INBOUND}/ann+{LESSON}+2099-01-01 00:00:00.000000 UTC+forged"
        return f"cp -r {LESSON} '{forged}'" if self.view.has_system_users else "true"


def answered(notebook, name):
    """The notebook with the solutions of the lesson in it, but for ben's look around."""
    lesson = read_lesson(ROOT / "lessons" / LESSON)
    solved = {
        cell.metadata["nbgrader"]["grade_id"]: cell.source
        for cell in source_notebook(lesson).cells
        if "nbgrader" in cell.metadata
    }
    for cell in notebook["cells"]:
        marks = cell["metadata"].get("nbgrader", {})
        if marks.get("solution"):
            cell["source"] = solved[marks["grade_id"]]
            if name == "ben" and marks["grade_id"] == "days-late-answer":
                cell["source"] = f"%%answer days-late\n{PEEKS}"
    return notebook


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """The environment of people's servers, with a copy of this package in it."""
    assert not why_no_hub()
    install("--no-deps", "--reinstall", str(build_wheel(ROOT, tmp_path_factory.mktemp("wheel"))))
    command = written_in_the_page("python -m graders install-frontend --assignment-list").split()[1:]
    subprocess.run([PYTHON, *command], cwd=FOLDER, check=True)


@pytest.fixture(scope="module", params=KINDS)
def walk(request, environment, tmp_path_factory):
    """A hub on which the whole way has been gone."""
    view = View(request.param, tmp_path_factory.mktemp("hub"))
    view.set_up()
    settings = fences("python")[0] + ("" if view.has_system_users else fences("python")[2])
    (FOLDER / "etc/jupyter/nbgrader_config.py").write_text(settings, encoding="utf-8")
    command = written_in_the_page(f"install -d -m 777 {EXCHANGE}")
    run_to_end(["sh", "-c", command.replace(EXCHANGE, str(view.place(EXCHANGE)))], check=True)
    own = view.place(HOMES / TEACHER)
    (own / ".jupyter").mkdir()
    (own / ".jupyter/nbgrader_config.py").write_text(fences("python")[1], encoding="utf-8")
    (own / "course/course.toml").write_text(TERM, encoding="utf-8")
    view.give_homes()
    with start_hub(view) as hub:
        walked = Walk(view, hub)
        walked.go()
        yield walked


def rows(walk, name):
    """The rows of a table in the teacher's checkout."""
    with walk.view.place(HOMES / TEACHER / "course" / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_marks_are_those_of_the_answers(walk):
    """Has ann all points and ben those of his honest answers, judged behind the wall?"""
    scores = {(row["student"], row["exercise"]): row["score"] for row in rows(walk, "results/grades.csv")}
    earned = {"compare-with-null": "1", "open-loans": "2", "days-late": "2", "read-a-report": "1"}
    expected = {("ann", name): score for name, score in earned.items()}
    expected |= {("ben", name): score for name, score in earned.items()} | {("ben", "days-late"): "0"}
    assert scores == expected
    assert {row["status"] for row in rows(walk, "results/grades.csv")} == {"right", "wrong"}


def test_late_is_late(walk):
    """Does what the exchange wrote as the time of hand-in cost ann half of her points, and ben none?"""
    marks = {row["student"]: row for row in rows(walk, "final-marks.csv")}
    assert {name: float(row["percent"]) for name, row in marks.items()} == {
        "ann": 50.0,
        "ben": pytest.approx(66.67, abs=0.01),
    }


def feedback(walk, name):
    """The page that a student has fetched."""
    (folder,) = walk.people[name].read(f"{LESSON}/feedback")
    return unescape(walk.people[name].read(f"{folder['path']}/{LESSON}.html"))


def test_students_fetch_their_feedback(walk):
    """Has each student got a page, their own?"""
    assert "No such file or directory" in feedback(walk, "ben") or "Permission denied" in feedback(walk, "ben")
    assert "nbgrader_config.py" not in feedback(walk, "ann")


def test_the_exchange_is_the_hubs(walk):
    """Is nothing released into the checkout, where no student looks?"""
    assert "No exchange is set up here" not in str(walk.said)
    assert not walk.view.place(HOMES / TEACHER / "course/results/exchange").exists()


def test_formgrader_finds_the_course(walk):
    """Does Formgrader, in the teacher's server, list the lesson, and the points before penalties?"""
    found = walk.people[TEACHER].ask("GET", "/formgrader/api/assignments")
    assert {one["name"]: one["num_submissions"] for one in found}[LESSON] == len(STUDENTS)
    submissions = walk.people[TEACHER].ask("GET", f"/formgrader/api/submissions/{LESSON}")
    assert {one["student"]: one["score"] for one in submissions} == {"ann": 6.0, "ben": 4.0}


@pytest.mark.parametrize("walk", [kind for kind in KINDS if kind == SYSTEM_USERS], indirect=True)
def test_others_work_is_out_of_reach(walk):
    """Where each is a user of the system, can ben read nothing of ann's or the teacher's, nor hand in for ann?"""
    for place in (HOMES / TEACHER / "course", HOMES / "ann", INBOUND):
        ended, said = walk.people["ben"].type(f"ls {place}")
        assert (ended, "Permission denied" in said) == (2, True)
    assert "ben put it there, and not ann" in walk.said[TEACHER, f"nbgrader collect {LESSON} --update"]


def test_a_student_sees_the_list_of_assignments_in_the_browser(walk, chromium, tmp_path):
    """Does whoever logs in find the lesson in nbgrader's Assignment List, and no menu of the teacher's?"""
    page = chromium.new_context(viewport={"width": 1280, "height": 800}).new_page()
    page.set_default_timeout(FAR_NET * 1000)
    page.goto(f"{walk.hub.address}/hub/login")
    page.fill("#username_input", "ann")
    page.fill("#password_input", walk.hub.password)
    page.click("#login_submit")
    page.get_by_role("menuitem", name="Nbgrader").click()
    items = page.locator(".lm-Menu-content .lm-Menu-itemLabel")
    assert [text for text in items.all_inner_texts() if text] == ["Assignment List"]
    items.first.click()
    page.get_by_text(LESSON).first.wait_for()
    page.screenshot(path=tmp_path / "assignments.png")
    page.context.close()
