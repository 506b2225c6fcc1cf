"""Does being late cost what the policy says, to the minute and to the day?"""

from datetime import UTC, datetime, timedelta

import pytest

from graders.term.late_policy import LatePolicy

DUE = datetime(2027, 1, 31, 23, 59, tzinfo=UTC)
POLICY = LatePolicy(grace_minutes=15, percent_a_day=10, at_most_percent=50, days_accepted=7)


@pytest.mark.parametrize(
    ("late", "share", "days"),
    [
        (timedelta(hours=-5), 0, 0),
        (timedelta(minutes=15), 0, 0),
        (timedelta(minutes=15, seconds=1), 0.1, 1),
        (timedelta(days=1), 0.1, 1),
        (timedelta(days=1, seconds=1), 0.2, 2),
        (timedelta(days=6), 0.5, 6),
        (timedelta(days=7), 0.5, 7),
        (timedelta(days=7, seconds=1), 1, 8),
    ],
)
def test_each_day_that_has_begun_costs(late, share, days):
    assert (POLICY.share_lost(DUE, DUE + late), POLICY.days_late(DUE, DUE + late)) == (share, days)


def test_without_settings_nothing_is_lost():
    assert LatePolicy().share_lost(DUE, DUE + timedelta(days=400)) == 0


def test_days_go_on_where_the_clocks_change():
    """Is a day 24 hours, whatever zone the times are written in?"""
    from zoneinfo import ZoneInfo

    due = datetime(2027, 3, 27, 23, 0, tzinfo=ZoneInfo("Europe/Berlin"))
    assert POLICY.days_late(due, (due.astimezone(UTC) + timedelta(hours=24)).astimezone(due.tzinfo)) == 1
    assert POLICY.days_late(due, due.astimezone(UTC) + timedelta(hours=24, seconds=1)) == 2
