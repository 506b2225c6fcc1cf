"""Which anomalies happen on PostgreSQL at which isolation level? The cases are those of Hermitage.

Source: https://github.com/ept/hermitage; names by Adya, "Weak Consistency" (1999).
"""

import os
from collections import deque

import pytest

from graders.labs import EngineError, Waits, open_shared_lab, why_no_postgres

pytestmark = pytest.mark.skipif(bool(why_no_postgres()) and not os.environ.get("CI"), reason=why_no_postgres())

SCHEMA = "CREATE TABLE test (id int PRIMARY KEY, value int)"
BOTH = "SELECT id, value FROM test WHERE id IN (1, 2) ORDER BY id"
TWENTIES = "DELETE FROM test WHERE value = 20"
MULTIPLES = "SELECT value FROM test WHERE value % 3 = 0"


def put(key: int, value: int) -> str:
    return f"UPDATE test SET value = {value} WHERE id = {key}"


# The steps of sessions a and b after both have begun, and what shows that the anomaly happened: a function of what
# was read, in order, and of the final state. A session that fails is rolled back, and says no more.
ANOMALIES = {
    "G0 dirty write": (
        [("a", put(1, 11)), ("b", put(1, 12)), ("a", put(2, 21)), ("a", "COMMIT"), ("b", put(2, 22)), ("b", "COMMIT")],
        lambda read, state: sorted(state.values()) not in ([11, 21], [12, 22]),
    ),
    "G1a aborted read": (
        [("a", put(1, 101)), ("b", BOTH), ("a", "ROLLBACK"), ("b", BOTH), ("b", "COMMIT")],
        lambda read, state: [(1, 101), (2, 20)] in read,
    ),
    "G1b intermediate read": (
        [("a", put(1, 101)), ("b", BOTH), ("a", put(1, 11)), ("a", "COMMIT"), ("b", BOTH), ("b", "COMMIT")],
        lambda read, state: [(1, 101), (2, 20)] in read,
    ),
    "G1c circular information flow": (
        [("a", put(1, 11)), ("b", put(2, 22)), ("a", "SELECT value FROM test WHERE id = 2")]
        + [("b", "SELECT value FROM test WHERE id = 1"), ("a", "COMMIT"), ("b", "COMMIT")],
        lambda read, state: read == [[(22,)], [(11,)]],
    ),
    "PMP phantom": (
        [
            ("a", MULTIPLES),
            ("b", "INSERT INTO test VALUES (3, 30)"),
            ("b", "COMMIT"),
            ("a", MULTIPLES),
            ("a", "COMMIT"),
        ],
        lambda read, state: read == [[], [(30,)]],
    ),
    "PMP phantom for a write predicate": (
        [("a", "UPDATE test SET value = value + 10"), ("b", TWENTIES), ("a", "COMMIT"), ("b", "COMMIT")],
        lambda read, state: not read and state != {2: 30},
    ),
    "P4 lost update": (
        [("a", BOTH), ("b", BOTH), ("a", put(1, 11)), ("b", put(1, 11)), ("a", "COMMIT"), ("b", "COMMIT")],
        lambda read, state: len(read) == 2,
    ),
    "G-single read skew": (
        [("a", "SELECT value FROM test WHERE id = 1"), ("b", put(1, 12)), ("b", put(2, 18)), ("b", "COMMIT")]
        + [("a", "SELECT value FROM test WHERE id = 2"), ("a", "COMMIT")],
        lambda read, state: read == [[(10,)], [(18,)]],
    ),
    "G-single read skew for a write predicate": (
        [
            ("a", "SELECT value FROM test WHERE id = 1"),
            ("b", BOTH),
            ("b", put(1, 12)),
            ("b", put(2, 18)),
            ("b", "COMMIT"),
        ]
        + [("a", TWENTIES), ("a", "COMMIT")],
        lambda read, state: read == [[(10,)], [(1, 10), (2, 20)]],
    ),
    "G2-item write skew": (
        [("a", BOTH), ("b", BOTH), ("a", put(1, 11)), ("b", put(2, 21)), ("a", "COMMIT"), ("b", "COMMIT")],
        lambda read, state: state == {1: 11, 2: 21},
    ),
    "G2 predicate write skew": (
        [("a", MULTIPLES), ("b", MULTIPLES), ("a", "INSERT INTO test VALUES (3, 30)")]
        + [("b", "INSERT INTO test VALUES (4, 42)"), ("a", "COMMIT"), ("b", "COMMIT")],
        lambda read, state: state == {1: 10, 2: 20, 3: 30, 4: 42},
    ),
}
HAPPEN = {
    "READ COMMITTED": set(ANOMALIES)
    - {"G0 dirty write", "G1a aborted read", "G1b intermediate read", "G1c circular information flow"},
    "REPEATABLE READ": {"G2-item write skew", "G2 predicate write skew"},
    "SERIALIZABLE": set(),
}


@pytest.fixture(scope="module")
def lab():
    with open_shared_lab("PostgreSQL", SCHEMA, {"test": [(1, 10), (2, 20)]}) as lab:
        yield lab


def play(lab, isolation, steps):
    """Run the steps, those of a session that waits as soon as it can; give what was read, or a refusal's code."""
    sessions = {name: lab.connect(isolation=isolation) for name in "ab"}
    left = {name: deque(["BEGIN"]) for name in sessions}
    read = []
    for who, statement in [("a", ""), ("b", ""), *steps]:
        left[who].extend([statement] * bool(statement))
        for name in sessions:
            _advance(sessions[name], left[name], read)
    return read


def _advance(session, left, read):
    while left and left[0] != "failed":
        try:
            result = session.execute(left[0])
        except Waits:
            return
        except EngineError as error:
            session.rollback()
            left.clear()
            left.append("failed")
            read.append(error.code)
            return
        left.popleft()
        if result.columns:
            read.append(result.rows)


@pytest.mark.parametrize("isolation", HAPPEN)
@pytest.mark.parametrize("name", ANOMALIES)
def test_each_level_lets_just_its_anomalies_happen(lab, isolation, name):
    """Does the anomaly happen where the level allows it, and nowhere else?"""
    lab.rewind()
    steps, happened = ANOMALIES[name]
    read = play(lab, isolation, steps)
    assert happened(read, dict(lab.execute("SELECT * FROM test").rows)) == (name in HAPPEN[isolation]), read


@pytest.mark.parametrize("isolation", ["REPEATABLE READ", "SERIALIZABLE"])
def test_a_lost_update_is_refused_as_a_serialization_failure(lab, isolation):
    """Does the second writer get SQLSTATE 40001 when the first has committed?"""
    lab.rewind()
    assert play(lab, isolation, ANOMALIES["P4 lost update"][0])[-1] == "40001"
