"""Says in words when a lesson was handed in, when it was due, and what that costs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from graders.term.late_policy import LatePolicy
from graders.term.term import Term

MINUTE = timedelta(minutes=1)


def describe_lateness(term: Term, student: str, lesson: str, handed_in: datetime | None) -> str:
    """When `student` handed in `lesson`, when it was due for them, and what being late costs; "" where nobody knows.

    `handed_in` is a time with its zone.
    """
    due = term.due(student, lesson)
    if due is None or handed_in is None:
        return ""
    late = handed_in.astimezone(UTC) - due.astimezone(UTC)
    how = _how_late(late, term.file.late.days_late(due, handed_in))
    extended = ", with your extension," if term.extension(student, lesson) else ""
    times = f"Handed in on {_moment(handed_in, term)}, {how}: it was due{extended} on {_moment(due, term)}"
    return f"{times} (times of {term.file.timezone}). {_cost(term.file.late, due, handed_in)}".strip()


def _moment(time: datetime, term: Term) -> str:
    there = time.astimezone(term.zone)
    return f"{there.day} {there:%B %Y at %H:%M}"


def _how_late(late: timedelta, days: int) -> str:
    if late <= timedelta():
        return "in time"
    if days:
        return f"{days} day{'s' * (days != 1)} late"
    minutes = max(1, round(late / MINUTE))
    return f"{minutes} minute{'s' * (minutes != 1)} late"


def _cost(policy: LatePolicy, due: datetime, handed_in: datetime) -> str:
    """What the policy takes off, and by which rule; "" for what came in time."""
    if handed_in <= due:
        return ""
    days, lost = policy.days_late(due, handed_in), 100 * policy.share_lost(due, handed_in)
    if not days:
        return f"Up to {policy.grace_minutes} minutes late costs nothing."
    if not lost:
        return "Being late costs nothing here."
    if policy.days_accepted is not None and days > policy.days_accepted:
        return f"After {policy.days_accepted} day{'s' * (policy.days_accepted != 1)} a lesson earns nothing."
    most = f", but never more than {policy.at_most_percent:g} %" if policy.at_most_percent < 100 else ""
    rule = f"Each day that has begun costs {policy.percent_a_day:g} % of the points earned{most}"
    return f"{rule}: here {lost:g} %."
