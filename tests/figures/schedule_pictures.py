"""Pictures of schedules and isolation levels, from short waits to long statements."""

from graders.figures.schedules import draw_isolation_matrix, draw_schedule, draw_waits
from graders.techniques.schedules import Finding, Schedule, Step
from graders.techniques.schedules.anomalies import ANOMALIES, LEVELS

UPDATE = "UPDATE accounts SET balance = balance + 1 WHERE id = 1 AND <b> < 'a&b' OR owner = 'somebody with a long name'"


def schedules():
    """A broken schedule; one with a wait, a refusal and an open transaction; one of three sessions; none at all."""
    read = Step("A", "SELECT balance FROM accounts", "done", ("balance",), ((100,), (None,)))
    write = Step("B", UPDATE, "done", changed=1)
    waits = Step("A", UPDATE, "waits", code="SQLITE_BUSY", error="database is locked")
    refused = Step("A", UPDATE, "deadlock", code="SQLITE_BUSY", error="database is locked")
    yield Schedule((read, write), {}, violation="the total is 180 instead of 150")
    yield Schedule((read, write, waits, refused), {}, failures={"A": "SQLITE_BUSY"}, left_open=("B",))
    yield Schedule((read, write, Step("C", "COMMIT", "done")), {}, serial_order=("B", "A", "C"))
    yield Schedule((), {})


def findings():
    """What a level that sees everything and one that sees nothing would be found to be."""
    level = LEVELS["DuckDB"][0]
    calm = Schedule((), {"test": [(1, 1), (2, 1)]}, failures={"T2": "refused"})
    return {"a level": [Finding(anomaly, level, calm) for anomaly in ANOMALIES]}


def beside(size):
    """A change of twelve rows in transactions of `size`, each of which another writer has to wait for."""
    begin, fill, commit = (Step("backfill", words, "done") for words in ("BEGIN", UPDATE, "COMMIT"))
    waits, done = Step("app", UPDATE, "waits", code="SQLITE_BUSY"), Step("app", UPDATE, "done", changed=1)
    return Schedule((done, begin, done, fill, waits, *[fill] * (size - 1), commit, done) * (12 // size), {})


def pictures():
    """All of them, drawn."""
    yield from map(draw_schedule, schedules())
    yield draw_isolation_matrix(findings())
    yield draw_waits({f"batches of {size}, in one <transaction> each": beside(size) for size in (12, 4, 1)})
