"""Runs a script twice: what a second run refuses, and what it takes away from what people have stored in between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from graders import Attempt, Mismatch, claim, experiment
from graders.labs import EngineError, Lab, open_lab
from graders.labs.lab import Row

ENGINES = ("SQLite", "DuckDB")
STORE = [
    f"INSERT INTO orders (order_id, status) VALUES ({number}, '{word}')" for number, word in ((1, "new"), (2, "paid"))
]
TYPO = "INSERT INTO orders (order_id, status) VALUES (3, 'pendng')"
INDEXES = {
    "SQLite": "SELECT name FROM sqlite_schema WHERE sql LIKE 'CREATE INDEX%'",
    "DuckDB": "SELECT index_name FROM duckdb_indexes()",
}
Rows = dict[str, list[Row]]


@dataclass(frozen=True)
class SecondRun:
    """What became of a script that was run a second time, on what people had stored since the first."""

    refusal: str
    """The engine's sentence where it refused a statement; nothing after it was run."""
    before: Rows
    after: Rows
    schema_changes: bool = False
    """Whether another schema is there than before."""

    @property
    def lost(self) -> str:
        """A table that does not hold what it held; "" if there is none."""
        return next((table for table, rows in self.before.items() if self.after.get(table) != rows), "")


def run_script(lab: Lab, script: str) -> str:
    """Run `script` until a statement is refused; give the engine's sentence, or "". What is not committed is gone."""
    try:
        lab.run(script)
    except EngineError as error:
        return error.says
    finally:
        lab.outcomes(["ROLLBACK"])
    return ""


def run_again(lab: Lab, script: str, store: Sequence[str]) -> SecondRun:
    """Store rows in what a first run of `script` has left, and run it again."""
    lab.outcomes(store)
    before, schema = lab.dump(), _read_schema(lab)
    refusal = run_script(lab, script)
    return SecondRun(refusal, before, lab.dump(), _read_schema(lab) != schema)


def _read_schema(lab: Lab) -> list[Row]:
    if lab.engine != "SQLite":
        return []
    return sorted(lab.execute("SELECT type, name, coalesce(sql, '') FROM sqlite_schema").rows)


@dataclass(frozen=True)
class OrderedScript:
    """Steps in an order, run twice on an engine."""

    engine: str
    first: str
    """Why the first run was refused; "" if it went through."""
    again: SecondRun
    stored: int
    """How many of the two orders could be stored after the first run."""
    takes_typo: bool
    has_index: bool


@experiment("order-the-script")
def run_steps_twice(attempt: Attempt) -> list[OrderedScript]:
    """Run the steps in this order on each engine, store orders, and run them again."""
    return [_run_steps(engine, attempt.answer) for engine in ENGINES]


def _run_steps(engine: str, script: str) -> OrderedScript:
    with open_lab(engine) as lab:
        first = run_script(lab, script)
        stored = sum(not isinstance(outcome, EngineError) for outcome in lab.outcomes(STORE))
        takes_typo = not isinstance(lab.outcomes([TYPO])[0], EngineError)
        has_index = bool(lab.execute(INDEXES[engine]).rows)
        return OrderedScript(engine, first, run_again(lab, script, ()), stored, takes_typo, has_index)


@claim(run_steps_twice)
def runs_on_both(runs: list[OrderedScript]) -> None:
    """your order runs on SQLite and on DuckDB without a refusal"""
    for run in runs:
        if run.first:
            hint = "What a statement names must be there by then. What does this one name?"
            raise Mismatch(f"every step to run on {run.engine}", run.first, hint=hint)


@claim(run_steps_twice, after=runs_on_both)
def makes_the_tables(runs: list[OrderedScript]) -> None:
    """afterwards orders can be new or paid, no other word enters, and an index finds the orders of a status"""
    for run in runs:
        if run.stored < len(STORE):
            hint = "An order may have a status that is in `statuses`. Which step puts the words there?"
            raise Mismatch(f"an order for each of two statuses on {run.engine}", f"{run.stored} stored", hint=hint)
        if run.takes_typo:
            raise Mismatch("`pendng` to be refused", "it is taken")
        if not run.has_index:
            hint = "Which step lets the engine find the orders of one status without reading all?"
            raise Mismatch("an index on the status of orders", "none", hint=hint)


@claim(run_steps_twice, weight=2, after=makes_the_tables)
def second_run_is_harmless(runs: list[OrderedScript]) -> None:
    """a second run is not refused either, and leaves every order that was stored since the first"""
    for run in runs:
        if run.again.lost:
            hint = "Two orders were stored between the runs. Which step has deleted them?"
            raise Mismatch("the two orders", f"{len(run.again.after.get('orders', []))} of them", hint=hint)
        if run.again.refusal:
            hint = "In the second run it is there already. Which form of this step does not mind?"
            raise Mismatch(f"a second run to its end on {run.engine}", run.again.refusal, hint=hint)
