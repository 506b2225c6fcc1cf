"""Do pictures of schedules say with a sign and a word who waited, what was refused, and what is broken?"""

from schedule_pictures import findings, schedules
from test_dependency_pictures import words_of

from graders.figures.schedules import draw_isolation_matrix, draw_schedule
from graders.techniques.schedules import open_anomaly_lab, run_anomalies


def test_a_schedule_says_what_was_read_and_what_is_broken():
    drawn = draw_schedule(next(schedules()))
    assert "→ read 100; NULL" in words_of(drawn) and "→ changed 1 row" in words_of(drawn)
    assert "✗ the total is 180 instead of 150" in words_of(drawn)
    assert drawn.words.startswith("1. A: SELECT balance FROM accounts → read 100; NULL. 2. B: UPDATE")
    assert drawn.words.endswith("The total is 180 instead of 150.")


def test_waits_refusals_and_open_transactions_have_signs():
    drawn = draw_schedule(list(schedules())[1])
    assert {"‖ waits for a lock", "✗ A failed", "✗ B leaves a transaction open"} <= set(words_of(drawn))
    assert "✗ refused to end a deadlock (SQLITE_BUSY)" in " ".join(words_of(drawn))


def test_a_serialisable_schedule_names_its_order():
    assert "✓ as if run one after the other: B, A, C" in words_of(draw_schedule(list(schedules())[2]))


def test_the_matrix_says_what_happens():
    with open_anomaly_lab("DuckDB") as lab:
        drawn = draw_isolation_matrix({f"DuckDB, {level.name}": found for level, found in run_anomalies(lab).items()})
    assert words_of(drawn).count("✗ happens") == 4 and words_of(drawn).count("✓ refused") == 2
    skews = "phantom in a DELETE, read skew in a DELETE, write skew, write skew on a condition"
    assert drawn.words == f"DuckDB, snapshot: {skews} can happen."
    assert draw_isolation_matrix(findings()).words == "a level: none of the 11 anomalies happens."


def test_one_sentence_stands_under_a_picture():
    """Are the steps alternative text, and is the head of the matrix one row of names in several lines?"""
    matrix = draw_isolation_matrix(findings())
    assert matrix.caption == "✗ marks an anomaly that happens; ✓ says what prevents it."
    assert matrix.words not in matrix._repr_html_().partition("<figcaption>")[2]
