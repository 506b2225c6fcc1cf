"""Claims on a query over pg_stat_statements: it names the statement that takes most, whatever was sent how often."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from graders import Attempt, Mismatch, Table, claim, experiment
from graders.checks.postgresql.shop import ON_POSTGRESQL, open_shop, run_statement
from graders.checks.postgresql.workload import BOARD, BOUGHT, LINES, STATEMENTS, draw_calls, run_day
from graders.labs import SharedLab
from graders.labs.lab import Row
from graders.labs.postgres_extras import Extras
from graders.techniques.queries import read_query

# The counts of a real day; times, which differ from run to run, are put in their proportion: a page is 10 µs.
SNAPSHOT = """
CREATE TABLE day.pg_stat_statements AS SELECT * FROM pg_stat_statements WHERE query = ANY($1)
"""
TIMES = """
UPDATE day.pg_stat_statements SET total_exec_time = (shared_blks_hit + shared_blks_read) * 0.01,
    mean_exec_time = (shared_blks_hit + shared_blks_read) * 0.01 / calls,
    min_exec_time = (shared_blks_hit + shared_blks_read) * 0.008 / calls,
    max_exec_time = (shared_blks_hit + shared_blks_read) * 0.012 / calls, stddev_exec_time = 0
"""
# The view shows every database of the server; the busiest is another one.
NEIGHBOUR = """
INSERT INTO day.pg_stat_statements (dbid, userid, queryid, query, calls, rows, total_exec_time,
    mean_exec_time, min_exec_time, max_exec_time, shared_blks_hit, shared_blks_read)
SELECT (dbid::bigint + 1)::oid, userid, queryid + 1, 'SELECT balance FROM accounts WHERE owner = $1',
    calls * 2, calls * 2,
    total_exec_time * 3, mean_exec_time * 1.5, min_exec_time, max_exec_time * 1.5, shared_blks_hit * 3, 0
FROM day.pg_stat_statements ORDER BY total_exec_time DESC LIMIT 1
"""
ROWS = """
SELECT query, calls, pages, pages / calls, dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
FROM (SELECT *, shared_blks_hit + shared_blks_read AS pages FROM day.pg_stat_statements) AS d ORDER BY pages DESC
"""
EXTRAS = Extras(counts_statements=True, schemas=("day",))
COLUMNS = ("query", "calls", "pages in all", "pages for a call", "in this database")


@dataclass(frozen=True)
class Ranking:
    """What the query gave, and what was sent that day."""

    found: list[Row]
    columns: tuple[str, ...]
    day: list[Row]
    """For each statement: its text, calls, pages in all, pages for a call, and whether it is of this database."""

    @property
    def own(self) -> list[Row]:
        """The statements of this database, the heaviest first."""
        return [row for row in self.day if row[4]]

    @property
    def named(self) -> Any:
        """What stands in the column `query` of the first row."""
        return dict(zip(self.columns, self.found[0], strict=True)).get("query") if self.found else None


@experiment("heaviest-statement", condition="your query runs", description=ON_POSTGRESQL)
def rank_statements(attempt: Attempt) -> Ranking:
    """Run a day that is drawn, and ask the query about it."""
    rng = random.Random(attempt.seed)
    heaviest, second = rng.sample((LINES, BOUGHT, BOARD), 2)
    with open_shop(attempt.seed, extras=EXTRAS) as lab:
        query = read_query(lab.own, attempt.answer)
        run_day(lab, draw_calls(rng, heaviest, second), rng)
        day = _take_snapshot(lab)
        with lab.connect() as session:
            session.execute("SET search_path = day, public")
            run_statement(session, query)
            result = session.execute(query)
        return Ranking(result.rows, result.columns, day)


def _take_snapshot(lab: SharedLab) -> list[Row]:
    lab.execute(SNAPSHOT.replace("$1", "$1::text[]"), (list(STATEMENTS),))
    lab.execute(TIMES)
    lab.execute(NEIGHBOUR)
    return lab.execute(ROWS).rows


@claim(rank_statements, weight=3)
def names_the_heaviest(ranking: Ranking) -> None:
    """its first row names, in `query`, the statement of this database that takes most in all"""
    heaviest = ranking.own[0]
    if ranking.named != heaviest[0]:
        found = f"`{' '.join(str(ranking.named).split()):.80}`" if ranking.found else "no row"
        expected = f"`{' '.join(heaviest[0].split()):.80}`"
        raise Mismatch(expected, found, _hint(ranking), [Table("the day", COLUMNS, ranking.day)])


def _hint(ranking: Ranking) -> str:
    named = next((row for row in ranking.day if row[0] == ranking.named), None)
    if named is None:
        return "" if "query" in ranking.columns else "Which column of the view holds the text of a statement?"
    if not named[4]:
        return "That statement is sent to another database of this server. Which column says to which?"
    if _is_first(ranking.own, named, lambda row: row[3]):
        return "It is the slowest, and it was sent once. What does a statement cost that is sent a hundred times?"
    if _is_first(ranking.own, named, lambda row: row[1]):
        return "It is sent most often, and each call takes next to nothing. What do calls and cost give together?"
    return "Does your order begin with the largest?"


def _is_first(rows: Sequence[Row], one: Row, size: Callable[[Row], float]) -> bool:
    return one == max(rows, key=size)


@claim(rank_statements, after=names_the_heaviest)
def names_nothing_else(ranking: Ranking) -> None:
    """it gives this one row, and nothing but its `query`"""
    if len(ranking.found) != 1 or ranking.columns != ("query",):
        hint = (
            "The whole list is a good thing to read. Which clause takes its first row?"
            if len(ranking.found) > 1
            else ""
        )
        found = f"{len(ranking.found)} rows of {', '.join(ranking.columns)}"
        raise Mismatch("one row with the column `query`", found, hint)
