"""Do programs that take turns on one thread do the same whenever the seed is the same?"""

import pytest

from graders.labs import EngineError, open_shared_lab
from graders.techniques.schedules import retry_while_locked, take_turns


def test_turns_repeat_and_count_the_waiting():
    """Is the order drawn from the seed alone, and is each turn at a lock counted?"""

    def write(session, log, name):
        yield from retry_while_locked(lambda: session.execute("BEGIN IMMEDIATE"))
        log.append(name)
        yield
        session.execute("COMMIT")

    def run(seed):
        log = []
        with open_shared_lab("SQLite") as lab:
            waited = take_turns([write(lab.connect(), log, name) for name in "abcd"], seed)
        return log, waited

    assert run(3) == run(3)
    assert len({tuple(run(seed)[0]) for seed in range(6)}) > 1
    assert max(run(seed)[1] for seed in range(6)) > 0


def test_patience_is_for_locks_only():
    def ask(session):
        yield from retry_while_locked(lambda: session.execute("SELECT * FROM nowhere"))

    with open_shared_lab("SQLite") as lab, pytest.raises(EngineError, match="no such table"):
        take_turns([ask(lab.connect())], seed=1)
