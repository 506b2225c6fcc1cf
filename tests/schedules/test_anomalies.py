"""Does each isolation level prevent what it is known to prevent, on the real engine, and let the rest happen?"""

import pytest

from graders.techniques.schedules import open_anomaly_lab, run_anomalies
from graders.techniques.schedules.anomalies import ANOMALIES, LEVELS, run_anomaly

SEEN = {
    "SQLite": {
        "deferred": set(),
        "immediate": set(),
        "shared cache, read uncommitted": {"G1a", "G1b", "PMP", "G-single", "G-single write"},
    },
    "DuckDB": {"snapshot": {"PMP write", "G-single write", "G2-item", "G2"}},
}
REFUSED = {
    "SQLite": {
        "deferred": {"P4", "G-single write", "G2-item", "G2"},
        "shared cache, read uncommitted": {"G0", "G1c", "PMP write", "P4", "G2-item", "G2"},
    },
    "DuckDB": {"snapshot": {"G0", "P4"}},
}


@pytest.mark.parametrize(
    ("engine", "options"), [("SQLite", {}), ("SQLite", {"journal_mode": "wal"}), ("DuckDB", {})], ids=str
)
def test_the_isolation_matrix(engine, options):
    """Which anomalies happen at which level, and which are refused with an error?"""
    with open_anomaly_lab(engine, **options) as lab:
        matrix = run_anomalies(lab)
    happened = {level.name: {one.anomaly.code for one in found if one.happens} for level, found in matrix.items()}
    refused = {
        level.name: {one.anomaly.code for one in found if one.prevention == "refused"}
        for level, found in matrix.items()
    }
    assert happened == SEEN[engine]
    assert {name: codes for name, codes in refused.items() if codes} == REFUSED[engine]


def test_immediate_transactions_run_one_after_the_other():
    """Is every case prevented by a wait where SQLite takes its lock at BEGIN?"""
    immediate = LEVELS["SQLite"][1]
    with open_anomaly_lab("SQLite") as lab:
        assert {run_anomaly(lab, anomaly, immediate).prevention for anomaly in ANOMALIES} == {"blocked"}
