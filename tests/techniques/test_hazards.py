"""Is it found by running what is safe on a live database, and is an answer's form read strictly?"""

import pytest

from graders.checks.live_migrations.safe_statements import STATEMENTS, live_shop, read_safer_forms
from graders.kernel.report import Mismatch
from graders.techniques.migrations import LiveChange, find_hazard, find_hazards

KINDS = {
    1: "refused",
    3: "refused",
    4: "app refused",
    7: "refused",
    9: "waits",
    10: "waits",
    11: "app refused",
    12: "refused",
}


def hazard_of(sql, number=None):
    """What goes wrong with this SQL; if it is in place of a numbered statement, missing its purpose included."""
    return find_hazard(live_shop(1), LiveChange(sql, shortfalls=STATEMENTS[number].shortfalls if number else ()))


@pytest.mark.parametrize("seed", [1, 731_205])
def test_what_is_safe_is_found_by_running_it(seed):
    """Are the same eight of the twelve statements dangerous on any data, each in its own way?"""
    hazards = find_hazards(live_shop(seed), STATEMENTS)
    assert {number: hazard.kind for number, hazard in hazards.items()} == KINDS


def test_the_safe_ones_do_what_they_are_for():
    """Do the four that are safe reach their purpose, and is an empty change said to miss it?"""
    for number in set(STATEMENTS) - set(KINDS):
        assert hazard_of("SELECT 1", number).kind == "not reached"


def test_rows_are_counted_by_transaction():
    """Do three small statements count one by one, and in one transaction together, what triggers write included?"""
    parts = [f"UPDATE orders SET coupon = NULL WHERE order_id % 3 = {rest};" for rest in range(3)]
    assert hazard_of("".join(parts)) is None
    assert hazard_of(f"BEGIN; {''.join(parts)} COMMIT;").kind == "waits"
    noting = """CREATE TRIGGER noted AFTER UPDATE OF coupon ON orders BEGIN
        UPDATE customers SET city = 'Lyon' WHERE customer_id = new.customer_id; END;"""
    assert hazard_of(noting + parts[0]).kind == "waits"


def test_old_rules_stay():
    """Is a copy of a table without its keys and rules noticed, though the application works on it?"""
    copied = """BEGIN; CREATE TABLE fresh AS SELECT order_id, customer_id, note FROM orders; DROP TABLE orders;
        ALTER TABLE fresh RENAME TO orders; DROP TABLE coupons; COMMIT;"""
    hazard = hazard_of(copied, 12)
    assert hazard.kind == "not reached" and hazard.words.startswith("a rule is gone")


def test_lost_rows_are_noticed():
    """Is a row that is gone told as such, and a change that leaves its transaction open refused?"""
    assert hazard_of("DELETE FROM orders WHERE order_id = 5").kind == "write lost"
    assert hazard_of("BEGIN; CREATE TABLE t (a)").kind == "refused"


def test_forms_are_read():
    """Is each form found by its number, and a statement called safe left out?"""
    forms = read_safer_forms("-- the first\n-- 4:\nSELECT 4; -- four\n-- 2: safe\n--1 safer\nSELECT 1;", range(1, 13))
    assert {number: form.strip() for number, form in forms.items()} == {4: "SELECT 4; -- four", 1: "SELECT 1;"}


@pytest.mark.parametrize(
    ("text", "expected"),
    {
        "SELECT 1;": "above the first statement",
        "-- 4": "the safer form behind",
        "-- 13\nSELECT 1;": "numbers from 1 to 12",
        "-- 4\nSELECT 1;\n-- 4\nSELECT 2;": "one line `-- 4`",
        "-- 4: safe\nSELECT 1;": "nothing behind",
        "-- 3\nSELECT 1;\n-- 4 is not safe\nSELECT 2;": "a number alone in its line",
    }.items(),
)
def test_mistakes_of_form_are_told(text, expected):
    """Is each mistake of form told in a sentence of its own?"""
    with pytest.raises(Mismatch) as mismatch:
        read_safer_forms(text, range(1, 13))
    assert expected in mismatch.value.expected
