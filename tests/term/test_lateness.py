"""Do the words on a student's page say when it came, when it was due for them, and what that costs?"""

from datetime import UTC, datetime, timedelta

import pytest

from graders.term.late_policy import LatePolicy
from graders.term.lateness import describe_lateness
from graders.term.roster import Person
from graders.term.term import CourseFile, Extension, LessonPlan, Term

LESSON = "03-made"
DUE = datetime(2027, 1, 12, 23, 59)
DUE_UTC = datetime(2027, 1, 12, 22, 59, tzinfo=UTC)
POLICY = LatePolicy(grace_minutes=15, percent_a_day=10, at_most_percent=25, days_accepted=7)
START = "Handed in on"
END = "it was due on 12 January 2027 at 23:59 (times of Europe/Berlin)."
RULE = "Each day that has begun costs 10 % of the points earned, but never more than 25 %"


def term(policy: LatePolicy = POLICY, *extensions: Extension) -> Term:
    plan = LessonPlan(due=DUE, sections={"evening": datetime(2027, 1, 13, 20, 0)})
    file = CourseFile(timezone="Europe/Berlin", late=policy, lessons={LESSON: plan}, extensions=extensions)
    return Term(file, {"eve": Person("eve", section="evening")})


@pytest.mark.parametrize(
    ("late", "words"),
    [
        (timedelta(hours=-2), f"{START} 12 January 2027 at 21:59, in time: {END}"),
        (timedelta(), f"{START} 12 January 2027 at 23:59, in time: {END}"),
        (
            timedelta(minutes=1),
            f"{START} 13 January 2027 at 00:00, 1 minute late: {END} Up to 15 minutes late costs nothing.",
        ),
        (
            timedelta(minutes=15),
            f"{START} 13 January 2027 at 00:14, 15 minutes late: {END} Up to 15 minutes late costs nothing.",
        ),
        (timedelta(minutes=16), f"{START} 13 January 2027 at 00:15, 1 day late: {END} {RULE}: here 10 %."),
        (timedelta(days=2, hours=1), f"{START} 15 January 2027 at 00:59, 3 days late: {END} {RULE}: here 25 %."),
        (
            timedelta(days=8),
            f"{START} 20 January 2027 at 23:59, 8 days late: {END} After 7 days a lesson earns nothing.",
        ),
    ],
)
def test_how_late_and_what_it_costs(late, words):
    assert describe_lateness(term(), "ann", LESSON, DUE_UTC + late) == words


def test_without_a_policy_being_late_costs_nothing():
    found = describe_lateness(term(LatePolicy()), "ann", LESSON, DUE_UTC + timedelta(hours=30))
    assert found == f"{START} 14 January 2027 at 05:59, 2 days late: {END} Being late costs nothing here."


def test_a_rule_without_a_bound_names_none():
    found = describe_lateness(term(LatePolicy(percent_a_day=2.5)), "ann", LESSON, DUE_UTC + timedelta(hours=30))
    assert found.endswith("Each day that has begun costs 2.5 % of the points earned: here 5 %.")


def test_an_extension_is_called_so():
    more = Extension("ann", LESSON, datetime(2027, 1, 20, 12, 0))
    in_time = describe_lateness(term(POLICY, more), "ann", LESSON, DUE_UTC + timedelta(days=2))
    assert in_time == (
        "Handed in on 14 January 2027 at 23:59, in time: it was due, with your extension, on 20 January 2027 at 12:00 "
        "(times of Europe/Berlin)."
    )
    assert "extension" not in describe_lateness(term(POLICY, more), "bob", LESSON, DUE_UTC)


def test_a_section_has_its_own_date():
    found = describe_lateness(term(), "eve", LESSON, DUE_UTC + timedelta(hours=3))
    assert found.startswith("Handed in on 13 January 2027 at 02:59, in time: it was due on 13 January 2027 at 20:00")


@pytest.mark.parametrize(("lesson", "handed_in"), [("04-never-due", DUE_UTC), (LESSON, None)])
def test_what_nobody_knows_is_not_said(lesson, handed_in):
    assert describe_lateness(term(), "ann", lesson, handed_in) == ""
