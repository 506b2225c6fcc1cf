"""Does the strip draw what happened: who went through at once, and who waited for how many steps?"""

from xml.etree import ElementTree

from graders.figures.schedules import Request, draw_waits, find_requests
from graders.labs import open_shared_lab
from graders.techniques.schedules import Schedule, Step, run_in_order

FILLS = [f"UPDATE t SET b = 1 WHERE a = {number};" for number in range(1, 5)]
SCHEMA = "CREATE TABLE t (a INTEGER PRIMARY KEY, b INTEGER)"


def ran(size: int) -> Schedule:
    """Four rows filled in transactions of `size`, with another writer that asks after every step."""
    batches = ["".join(FILLS[first : first + size]) for first in range(0, 4, size)]
    script = "".join(f"BEGIN;{batch}COMMIT;" for batch in batches)
    with open_shared_lab("SQLite", SCHEMA, {"t": [(number, None) for number in range(1, 6)]}) as lab:
        other = "UPDATE t SET b = 2 WHERE a = 5;" * 20
        return run_in_order(lab, {"backfill": script, "app": other}, ["backfill", "app"] * 20)


def test_requests_are_counted_in_steps():
    """Is each wait as long as the steps until the commit, and what came after the end left out?"""
    assert list(find_requests(ran(4), "backfill")) == [Request(1, 1), Request(2, 6)]
    assert [request.wait for request in find_requests(ran(2), "backfill")] == [0, 2, 0, 0, 2]


def test_waits_are_told_in_words_and_drawn():
    """Do words and drawing say the same, without a word that only a colour would say?"""
    drawn = draw_waits({"one transaction": ran(4), "batches of 2": ran(2)})
    assert drawn.words == (
        "one transaction (6 steps): of 2 requests 1 waited, the longest for 4 steps. "
        "batches of 2 (8 steps): of 5 requests 2 waited, the longest for 2 steps."
    )
    assert drawn.svg.count("✓") == 4 and drawn.svg.count("waits 4") == 1
    assert drawn.svg.count("stroke-dasharray") == 3
    ElementTree.fromstring(drawn.svg)


def test_nobody_waits():
    """Is a change beside which nobody has to wait told as such, and one beside which nobody asks?"""
    step = Step("backfill", "UPDATE t SET b = 1", "done", changed=1)
    other = Step("app", "SELECT 1", "done")
    assert draw_waits({"alone": Schedule((step,), {})}).words == "alone (1 step): of 0 requests none waited."
    assert draw_waits({"two": Schedule((step, other, step), {})}).words == "two (2 steps): of 1 request none waited."
