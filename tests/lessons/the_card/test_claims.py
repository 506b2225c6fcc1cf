"""Do the claims on the card say what a second run does, and are reused claims those of the lessons they come from?"""

import pytest
from foreseen_answers import LESSONS, judge_answer

from graders.checks.the_card.second_run import run_again, run_script
from graders.checks.the_card.whole_card import SORTED, find_sorted, refused, run_card, split_card
from graders.kernel.claims import claims_of, load_claims
from graders.kernel.report import Outcome
from graders.labs import open_lab

REUSED = {
    "own-transfer": ("transactions", "transfer-money"),
    "own-page": ("injection", "flaw-in-the-card"),
    "own-night": ("nightly-backup", "repair-the-script"),
    "own-accounts": ("query-patterns", "account-pages"),
}
SOLUTION = LESSONS["the-card"].tasks["own-tables"].solution
TABLE = "CREATE TABLE IF NOT EXISTS notes (note TEXT PRIMARY KEY);"


def failed(text):
    report = judge_answer("the-card", "own-tables", text)
    return [verdict.claim for verdict in report.verdicts if verdict.outcome is Outcome.FAILS]


@pytest.mark.parametrize(("name", "origin"), REUSED.items())
def test_reused_claims_are_those_of_the_lesson(name, origin):
    """Has the exercise each claim of the other one, with its words, its share and what it waits for?"""
    load_claims("the-card")
    load_claims(origin[0])
    ours, theirs = (
        [(one.name, one.sentence, one.weight, one.after) for one in claims_of(e)] for e in (name, origin[1])
    )
    assert ours == theirs and ours
    assert {one.exercise for one in claims_of(name)} == {name}


def test_the_refusals_to_sort_are_those_of_a_run():
    """Has each letter a statement of the card, with the sentence with which this engine refused it?"""
    found = find_sorted()
    assert list(found) == list(SORTED)
    assert all(one in refused(run_card(engine)) for engine, one in found.values())
    assert [one.text for one in run_card("SQLite")] == [one.text for one in split_card()]


@pytest.mark.parametrize(
    ("script", "refusal", "lost", "schema"),
    [
        (TABLE, "", "", False),
        (TABLE.replace(" IF NOT EXISTS", ""), "table notes already exists", "", False),
        (f"BEGIN; DELETE FROM notes; {TABLE.replace(' IF NOT EXISTS', '')} COMMIT;", "no such table: notes", "", False),
        (f"DROP TABLE IF EXISTS notes; {TABLE}", "", "notes", False),
        (f"{TABLE} INSERT INTO notes VALUES (random());", "", "notes", False),
        (f"{TABLE} CREATE TABLE late (x); DROP TABLE late;", "", "", False),
    ],
)
def test_a_second_run_is_told_by_what_it_leaves(script, refusal, lost, schema):
    """Is what a second run refuses, loses and changes found, and nothing else?"""
    with open_lab("SQLite") as lab:
        first = run_script(lab, script)
        again = run_again(lab, script, ["INSERT INTO notes VALUES ('keep me')"])
    assert refusal in (first or again.refusal)
    assert (again.lost, again.schema_changes) == (lost, schema)


def test_a_transaction_that_is_refused_changes_nothing():
    """Is plain CREATE TABLE in one transaction as good as IF NOT EXISTS, and a DROP in front of it not?"""
    plain = SOLUTION.replace(" IF NOT EXISTS", "").replace(" ON CONFLICT DO NOTHING", "")
    assert failed(f"BEGIN;\n{plain}\nCOMMIT;") == []
    assert failed(f"DROP TABLE IF EXISTS order_items;\n{SOLUTION}") == ["second_run_changes_nothing"]
    assert failed(f"{SOLUTION}\nUPDATE orders SET status = 'paid';") == ["second_run_changes_nothing"]


@pytest.mark.parametrize(
    ("old", "new", "claim"),
    [
        ("REFERENCES products (id),", "REFERENCES products (id) ON DELETE CASCADE,", "deletions"),
        ("PRIMARY KEY (order_id, product_id)", "UNIQUE (order_id, product_id, quantity)", "keys"),
        ("DEFAULT 'new' REFERENCES statuses (status)", "DEFAULT 'new'", "references"),
        ("('new'), ('paid'), ('shipped')", "('new'), ('paid')", "knows_the_words"),
        ("users (lower(email))", "users (email)", "keys"),
        ("ON orders (user_id, created_at)", "ON orders (created_at, user_id)", "each_query_searches"),
        ("CHECK (quantity >= 1)", "CHECK (quantity >= 0)", "values"),
        ("public_id  TEXT NOT NULL UNIQUE", "public_id  TEXT NOT NULL", "keys"),
    ],
)
def test_each_rule_has_its_claim(old, new, claim):
    """Do tables that lack one rule fail the claim on this rule?"""
    assert SOLUTION.count(old) == 1
    assert claim in failed(SOLUTION.replace(old, new))
