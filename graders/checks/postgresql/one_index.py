"""Claims on the one index that a day of the shop is worth: the statement whose cure saves most, counted in pages."""

from __future__ import annotations

import random
from dataclasses import dataclass

from graders import Attempt, Mismatch, claim, experiment
from graders.checks.postgresql.shop import ON_POSTGRESQL, open_shop, read_index_statements, run_statement
from graders.checks.postgresql.workload import BOUGHT, LINES, DayCost, day_table, draw_usual_calls, measure_day
from graders.labs import SharedLab

INDEXES = "SELECT count(*) FROM pg_indexes WHERE schemaname = 'public'"
# Of what an index that finds the lines of an order saves; the rest is what its own pages take.
SHARE = 0.8


@dataclass(frozen=True)
class IndexTrial:
    """A day before and after the script, and how many indexes it has made."""

    made: int
    before: DayCost
    after: DayCost

    @property
    def saved(self) -> dict[str, int]:
        """The pages that each statement takes less."""
        return self.before.saving(self.after)


@experiment(
    "one-index-for-the-load",
    condition="your script runs, and is nothing but CREATE INDEX",
    description=ON_POSTGRESQL,
)
def try_index(attempt: Attempt) -> IndexTrial:
    """Measure a day, run the script, and measure the same day again."""
    rng = random.Random(attempt.seed)
    calls = draw_usual_calls(rng)
    statements = read_index_statements(attempt.answer)
    with open_shop(attempt.seed) as lab:
        before, indexes = measure_day(lab.own, calls, random.Random(attempt.seed)), _count_indexes(lab)
        for statement in statements:
            run_statement(lab.own, statement)
        lab.execute("ANALYZE")
        after = measure_day(lab.own, calls, random.Random(attempt.seed))
        return IndexTrial(_count_indexes(lab) - indexes, before, after)


def _count_indexes(lab: SharedLab) -> int:
    return int(lab.execute(INDEXES).rows[0][0])


@claim(try_index, weight=3)
def saves_most(trial: IndexTrial) -> None:
    """your index saves the day nearly as many pages as one index can"""
    best = trial.before.pages[LINES]
    if sum(trial.saved.values()) < SHARE * best:
        helped = max(trial.saved, key=trial.saved.__getitem__)
        found = f"{max(0, sum(trial.saved.values())):,} saved of {trial.before.total:,}"
        raise Mismatch(
            f"at least {round(SHARE * best):,} pages saved",
            found,
            _hint(trial, helped),
            [day_table(trial.before, trial.after)],
        )


def _hint(trial: IndexTrial, helped: str) -> str:
    if trial.saved[helped] * 4 < trial.before.pages[BOUGHT]:
        return "No statement of the day takes fewer pages with it. Which column does a WHERE compare first?"
    if helped == BOUGHT:
        return "You have cured a statement. Which other one takes more pages in the day, and could be cured as well?"
    return ""


@claim(try_index, after=saves_most)
def makes_one_index(trial: IndexTrial) -> None:
    """you make one index"""
    if trial.made != 1:
        hint = "Every index is paid for by each write. Which of yours saves most?"
        raise Mismatch("one index", f"{trial.made}", hint)
