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

index_exercise(
    "first-index",
    IndexExercise(
        loans.open_sized,
        workload=["SELECT loan_id, due_on FROM loans WHERE title = 'The Red Map'"],
        other_queries=["SELECT loan_id, due_on FROM loans WHERE title = 'Dune'"],
        cost_factor=2,
    ),
)
index_exercise(
    "index-three-conditions",
    IndexExercise(
        loans.open_sized,
        workload=[
            "SELECT loan_id, title FROM loans"
            " WHERE due_on < '2025-06-01' AND status = 'open' AND member_id = 1 ORDER BY due_on"
        ],
        other_queries=[
            "SELECT loan_id, title FROM loans"
            " WHERE due_on < '2025-07-01' AND status = 'open' AND member_id = 2 ORDER BY due_on"
        ],
        ordered=[1],
        cost_factor=1.03,
        weights={"searches": 0.5, "keeps_order": 0.5, "takes_little": 3, "costs_little": 1},
    ),
)
index_exercise(
    "covering-index",
    IndexExercise(
        loans.open_sized,
        workload=["SELECT due_on, sum(fine) FROM loans WHERE member_id = 1 GROUP BY due_on"],
        other_queries=["SELECT due_on, sum(fine) FROM loans WHERE member_id = 2 GROUP BY due_on"],
        covering=[1],
        ordered=[1],
        cost_factor=1.03,
        weights={"searches": 0.5, "covers": 2, "keeps_order": 1.5, "takes_little": 3, "costs_little": 1},
    ),
)
index_exercise(
    "index-open-loans",
    IndexExercise(
        loans.open_sized,
        workload=["SELECT loan_id, member_id FROM loans WHERE status = 'open' AND due_on < '2023-06-01'"],
        other_queries=["SELECT loan_id, member_id FROM loans WHERE status = 'open' AND due_on < '2023-06-02'"],
        weights={"costs_little": 4},
    ),
)

VISITS = "CREATE TABLE visits (visit_id INTEGER PRIMARY KEY, member_id INTEGER NOT NULL, came_at TEXT NOT NULL)"
BY_TIME = "CREATE INDEX visits_by_time ON visits (came_at)"
EDGE_TIMES = (
    "2024-01-31 23:59:59",
    "2024-02-01",
    "2024-02-01 00:00:00",
    "2024-02-15 12:00:00",
    "2024-02-29",
    "2024-02-29 18:30:00",
    "2024-03-01",
    "2024-03-01 00:00:00",
    "2023-02-15 12:00:00",
)
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
            fixture={"visits": [(number, number, when) for number, when in enumerate(EDGE_TIMES, start=1)]},
        ),
        open_visits,
        setup=BY_TIME,
    ),
)
