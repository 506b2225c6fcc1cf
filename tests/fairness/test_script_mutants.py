"""Are mistakes made between the statements of a script, and inside a trigger?"""

import pytest

from graders.fairness.sql_mutants import sql_mutants

TRIGGER = """CREATE TRIGGER log AFTER UPDATE OF a, b ON t WHEN NEW.a IS NOT OLD.a
BEGIN
    INSERT INTO log VALUES (NEW.a);
    UPDATE t SET c = 1 WHERE id = NEW.id;
END"""


def changes(script: str, kind: str) -> list[str]:
    return [mutant.change for mutant in sql_mutants(script, "SQLite") if mutant.kind == kind]


def test_statements_are_dropped_repeated_and_swapped():
    """Is each statement dropped and repeated, and each two that follow each other swapped?"""
    script = "BEGIN; UPDATE t SET a = 1; COMMIT;"
    assert changes(script, "statement dropped") == ["- BEGIN;", "- UPDATE t SET a = 1;", "- COMMIT;"]
    assert changes(script, "statement repeated") == ["+ BEGIN;", "+ UPDATE t SET a = 1;", "+ COMMIT;"]
    assert len(changes(script, "statements swapped")) == 2


@pytest.mark.parametrize(
    ("kind", "piece"),
    [
        ("columns of the trigger dropped", "AFTER UPDATE ON t"),
        ("one column of the trigger", "AFTER UPDATE OF a ON t"),
        ("event of the trigger", "AFTER INSERT ON t"),
        ("time of the trigger", "BEFORE UPDATE"),
        ("WHEN dropped", "AFTER UPDATE OF a, b ON t BEGIN"),
        ("IS for IS NOT", "NEW.a IS OLD.a"),
        ("old for new", "OLD.a IS NOT OLD.a"),
        ("statement dropped", "- INSERT INTO log VALUES (NEW.a);"),
        ("WHERE dropped", "- id = NEW.id;"),
        ("operator", "+ id <> NEW.id;"),
    ],
)
def test_a_trigger_is_changed_inside(kind, piece):
    """Is this mistake made in a trigger?"""
    assert any(piece in change for change in changes(TRIGGER, kind))


def test_a_word_in_another_statement_is_left_alone():
    """Is only one place changed at a time?"""
    script = "CREATE TABLE a (x TEXT UNIQUE) STRICT; CREATE TABLE b (y TEXT UNIQUE) STRICT;"
    dropped = changes(script, "UNIQUE dropped")
    assert len(dropped) == 2
    assert all(change.count("+") == 1 for change in dropped)


def test_the_same_lines_in_two_places_make_two_mutants():
    """Is a mistake made in every place where a line stands, and told from the others by the number of its place?"""
    script = "UPDATE t SET a = 1; UPDATE t SET b = 2; UPDATE t SET a = 1;"
    assert changes(script, "statement dropped") == [
        "- UPDATE t SET a = 1;",
        "- UPDATE t SET b = 2;",
        "@@ 2\n- UPDATE t SET a = 1;",
    ]
