"""Claims on making one query cheap: an index, or a rewritten query."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from pathlib import Path

from course_data import loans
from course_data.cache import open_cached
from graders.labs import Lab
from graders.techniques.plans import IndexExercise, RewriteExercise, index_exercise, rewrite_exercise
from graders.techniques.queries import QueryExercise


def draw_title_queries(rng: random.Random) -> list[str]:
    """The query of the screen for one title, with two other titles."""
    titles = (f"{kind} {rng.choice(loans.THINGS)}" for kind in rng.sample(loans.KINDS[1:], 2))
    return [f"SELECT loan_id, due_on FROM loans WHERE title = '{title}'" for title in titles]


index_exercise(
    "first-index",
    IndexExercise(
        loans.open_sized,
        workload=["SELECT loan_id, due_on FROM loans WHERE title = 'The Red Map'"],
        other_queries=draw_title_queries,
        cost_factor=2,
    ),
)

REMINDERS = (
    "SELECT loan_id, title FROM loans"
    " WHERE due_on < '{day}' AND status = 'open' AND member_id = {member} ORDER BY due_on"
)
# A seventh of the loans, so that each of the three conditions leaves far fewer rows than the other two alone.
MANY_OPEN = "UPDATE loans SET status = 'open', returned_on = NULL WHERE loan_id % 7 = 0"


def draw_reminder_queries(rng: random.Random) -> list[str]:
    """The query of the reminder screen, with two other members and days."""
    members = rng.sample(range(2, 20), 2)
    return [REMINDERS.format(day=f"2025-{rng.randint(1, 12):02}-15", member=member) for member in members]


index_exercise(
    "index-three-conditions",
    IndexExercise(
        loans.open_sized,
        setup=MANY_OPEN,
        workload=[REMINDERS.format(day="2023-06-01", member=1)],
        other_queries=draw_reminder_queries,
        ordered=[1],
        narrow=True,
        weights={"searches": 0.5, "keeps_order": 0.5, "takes_little": 3, "costs_little": 1},
    ),
)

FINES = "SELECT due_on, sum(fine) FROM loans WHERE member_id = {member} GROUP BY due_on"


def draw_fine_queries(rng: random.Random) -> list[str]:
    """The query on the fines of a member, for two others."""
    return [FINES.format(member=member) for member in rng.sample(range(2, 20), 2)]


index_exercise(
    "covering-index",
    IndexExercise(
        loans.open_sized,
        workload=[FINES.format(member=1)],
        other_queries=draw_fine_queries,
        covering=[1],
        ordered=[1],
        narrow=True,
        weights={"searches": 0, "covers": 2, "keeps_order": 1.5, "takes_little": 3, "costs_little": 2},
    ),
)

OVERDUE = "SELECT loan_id, member_id FROM loans WHERE status = 'open' AND due_on < '{day}'"


def draw_overdue_queries(rng: random.Random) -> list[str]:
    """The list of what is overdue, on two other days."""
    return [OVERDUE.format(day=f"2024-{month:02}-{rng.randint(1, 28):02}") for month in rng.sample(range(1, 13), 2)]


index_exercise(
    "index-open-loans",
    IndexExercise(
        loans.open_sized,
        workload=[OVERDUE.format(day="2023-06-01")],
        other_queries=draw_overdue_queries,
        # Of the first months few loans are open, and by chance as many are lost.
        work_factor=3,
        cost_factor=3,
        weights={"searches": 1, "costs_little": 3},
    ),
)

VISITS = "CREATE TABLE visits (visit_id INTEGER PRIMARY KEY, member_id INTEGER NOT NULL, came_at TEXT NOT NULL)"
BY_TIME = "CREATE INDEX visits_by_time ON visits (came_at)"
EDGE_TIMES = (
    "2024-01-31 23:59:59",
    "2024-02-01 00:00:00",
    "2024-02-15 12:00:00",
    "2024-02-29 00:00:00",
    "2024-02-29 18:30:00",
    "2024-02-29 23:59:00",
    "2024-02-29 23:59:59",
    "2024-03-01 00:00:00",
    "2023-02-15 12:00:00",
)
# More visits in one February than anybody would think of for a LIMIT.
FIXTURE = {"visits": [(number, number % 99, EDGE_TIMES[number % len(EDGE_TIMES)]) for number in range(1, 901)]}
TEN_YEARS = 10 * 365 * 24 * 60


def open_visits(engine: str, seed: int, rows: int) -> Lab:
    """A lab with `rows` visits at any minute of the ten years from 2020 on, one in 120 of them in February 2024."""
    return open_cached(engine, Path(__file__), VISITS, _draw_visits, seed, rows)


def _draw_visits(seed: int, rows: int) -> dict[str, list[tuple]]:
    rng = random.Random(seed)
    minutes = (datetime(2020, 1, 1) + timedelta(minutes=rng.randrange(TEN_YEARS)) for _ in range(rows))
    visits = [(number, rng.randint(1, 99), f"{when:%Y-%m-%d %H:%M:%S}") for number, when in enumerate(minutes, 1)]
    return {"visits": visits}


rewrite_exercise(
    "search-the-month",
    RewriteExercise(
        QueryExercise(
            f"{VISITS}; {BY_TIME};",
            values={"came_at": EDGE_TIMES},
            fixture=FIXTURE,
        ),
        open_visits,
        setup=BY_TIME,
        # Where the rows found are sorted, or found by their key, it is about three times.
        work_factor=5,
    ),
)
