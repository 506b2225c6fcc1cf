"""Does no hostile submission get a mark it has not earned, read a secret or harm a neighbour?"""

import json
import sys
from collections import Counter
from html.parser import HTMLParser

import pytest
from case import ABUSES, FULL, ONE
from hostile_class import CANARY, CASES, CONTROLS, HostileClass, left_behind, users

from graders.kernel.readable import escape_formula, to_one_line

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="isolation needs Linux"),
]
ACTIVE = {"script", "iframe", "img", "link", "object", "embed", "form", "base", "video", "audio"}
OWN = ("#", "feedback/")


@pytest.fixture(scope="module", params=list(users().items()), ids=lambda who: who[0])
def hostile(request, tmp_path_factory):
    """The hostile class, graded by one user."""
    made = HostileClass(tmp_path_factory.mktemp("hostile"), request.param[1])
    made.base.chmod(0o755)
    made.grade()
    return made


def test_every_class_of_abuse_is_tried():
    """Are there enough of each, and has each a name of its own?"""
    counts = Counter(case.abuse for case in CASES)
    assert set(counts) == set(ABUSES)
    assert min(counts.values()) >= 3
    assert len(CASES) >= 200
    assert len({case.name for case in [*CASES, *CONTROLS]}) == len(CASES) + len(CONTROLS)


def test_every_mark_is_the_one_earned(hostile):
    """Has each submission its clear rows, with the marks it must get and none left for review?"""
    assert hostile.ended.startswith("0 "), hostile.ended
    wrong = {case.name: (case.must_not, found) for case in CASES if (found := _differs(hostile, case))}
    assert wrong == {}


def _differs(hostile, case):
    """The rows of `case` where they are not as they must be."""
    name = escape_formula(to_one_line(case.name))
    rows = hostile.rows[name]
    if case.unreadable and not (case.name.startswith("closed") and hostile.uid == 0):
        statuses = [row["status"] for row in rows]
        clear = len(rows) == 1 and statuses[0].startswith(case.unreadable) and rows[0]["score"] == ""
        return None if clear else rows
    expected = (FULL if case.lesson == ONE else dict.fromkeys((row["exercise"] for row in rows), "0")) | case.scores
    found = {row["exercise"]: row["score"] for row in rows}
    # Prose waits for a person, or was left blank.
    expected |= {name: found[name] for name in ("copy-the-email",) if found.get(name) in ("", "0")}
    review = [row for row in rows if row["status"] == "needs review"]
    return None if found == expected and not review else [row for row in rows if row["status"] != "not attempted"]


def test_neighbours_are_unharmed(hostile):
    """Do those who did nothing get full marks, before and after the others?"""
    for case in CONTROLS:
        assert {row["exercise"]: row["score"] for row in hostile.rows[case.name]} == FULL


def test_no_secret_is_in_any_result(hostile):
    """Does no file that grading wrote hold a word of the secrets?"""
    files = [path for path in hostile.out.rglob("*") if path.is_file()]
    assert len(files) > 2 * len(CASES) - 100
    assert [path for path in files if CANARY.encode() in path.read_bytes()] == []


def test_pages_hold_nothing_active(hostile):
    """Is nothing that a student wrote a tag on a page, in an output or in Markdown that is rendered?"""
    pages = {path: path.read_text(encoding="utf-8") for path in hostile.out.rglob("*.html")}
    for path in (hostile.out / "autograded").rglob("*.ipynb"):
        pages[path] = "\n".join(_html(json.loads(path.read_text(encoding="utf-8"))))
    assert {path: found for path, text in pages.items() if (found := active(text))} == {}
    assert max(path.stat().st_size for path in hostile.out.rglob("*.html")) < 2_000_000


class _Tags(HTMLParser):
    """Collects what could run or fetch anything."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        leads = [value for name, value in attrs if name in ("href", "src") and not (value or "").startswith(OWN)]
        runs = [name for name, _ in attrs if name.startswith("on")]
        self.found += [tag] * (tag in ACTIVE) + leads + runs


def active(text):
    tags = _Tags()
    tags.feed(text)
    return tags.found


def _html(notebook):
    outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", ())]
    return ["".join(output["data"].get("text/html", "")) for output in outputs if "data" in output]


def test_nothing_arrived_and_nothing_is_left(hostile):
    """Did no connection arrive, and is no process left, and no file new or changed but in the results?"""
    assert hostile.arrived == []
    assert left_behind(hostile.base) == []
    assert [path.name for path in (hostile.base / "temporary").iterdir()] == []
    assert hostile.changed == []
    assert list((hostile.base / "home").rglob("*.py")) == []
    assert (hostile.base / "stake/secret.txt").read_text() == CANARY


def test_the_pages_tell_the_counts(root):
    """Do the pages for instructors say how many submissions of each class are tried?"""
    page = (root / "docs/what-the-sandbox-keeps-out.md").read_text(encoding="utf-8")
    counts = Counter(case.abuse for case in CASES)
    assert [f"{abuse} | {count}" for abuse, count in counts.items() if f"| {abuse} | {count} |" not in page] == []
    guide = (root / "docs/instructor-guide.md").read_text(encoding="utf-8")
    assert f"a class of {len(CASES)} hostile submissions" in guide
