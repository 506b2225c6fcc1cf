"""What the build does not try of the lesson on relations: lazy answers, forms nobody foresaw, and what is drawn."""

from functools import partial

import pytest
from foreseen_answers import LESSONS, earns_little, judge_answer

from graders.checks.schema_relations import addresses, deletions, price_log, repairs, soft_deletes, status_changes
from graders.checks.schema_relations.histories import ALLOWED, create_image, replay, run_histories
from graders.kernel.report import Mismatch

LESSON = "schema-relations"
report_on = partial(judge_answer, LESSON)
BOOKS = {
    "addresses": addresses.make_rule_book,
    "members": soft_deletes.make_rule_book,
    "orders": status_changes.make_rule_book,
    "prices": price_log.make_rule_book,
}
PLAIN = """CREATE TABLE members (member_id INTEGER PRIMARY KEY, email TEXT, left_on TEXT);
CREATE TABLE loans (loan_id INTEGER PRIMARY KEY, member_id INTEGER, returned INTEGER DEFAULT 0);
CREATE VIEW present_members AS SELECT member_id, email FROM members WHERE left_on IS NULL;
"""
REFUSE_ALL = "CREATE TRIGGER {0} BEFORE INSERT ON {0} BEGIN SELECT RAISE(ABORT, 'no'); END;"
IGNORE_ALL = "CREATE TRIGGER {0} BEFORE INSERT ON {0} BEGIN SELECT RAISE(IGNORE); END;"
LAZY = {
    "order-the-repair": ["e", "d", "c", "b"],
    "choose-on-delete": ["SELECT 1", "CREATE TABLE customers (customer_no, list_no)"],
    "repair-the-roles": [
        "SELECT 1",
        "CREATE TABLE users (id, name); CREATE TABLE roles (id, name); CREATE TABLE user_roles (user_id, role_id)",
        "CREATE VIEW users AS SELECT 1; CREATE VIEW roles AS SELECT 1; CREATE VIEW user_roles AS SELECT 1",
    ],
    "one-default-address": ["DROP TABLE addresses", REFUSE_ALL.format("addresses"), IGNORE_ALL.format("addresses")],
    "members-who-come-back": [PLAIN + REFUSE_ALL.format("members"), PLAIN + IGNORE_ALL.format("members"), "SELECT 1"],
    "legal-status-changes": ["DROP TABLE orders", REFUSE_ALL.format("orders"), IGNORE_ALL.format("orders")],
    "log-the-prices": ["DROP TABLE price_changes", REFUSE_ALL.format("prices"), IGNORE_ALL.format("price_changes")],
}


@pytest.mark.parametrize(("name", "text"), [(n, text) for n, texts in LAZY.items() for text in texts])
def test_lazy_answers_earn_little_and_never_break_a_check(name, text):
    report = report_on(name, text)
    assert report.status != "needs review" and earns_little(report)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("name", BOOKS)
def test_each_way_to_break_a_rule_is_tried_on_every_seed(name, seed):
    book = BOOKS[name](seed)
    met: dict[tuple[str, str], int] = {}
    for _, steps in book.histories:
        model = book.new_model()
        for step in steps:
            way = model.broken_rule(step), step.kind
            met[way] = met.get(way, 0) + 1
            replay(model, [step])
    assert {(rule, kind) for rule, kinds in book.rules.items() for kind in kinds} <= set(met)
    assert {kind for rule, kind in met if rule == ALLOWED} == {kind for _, kind in met}


def test_no_history_breaks_another_rule_than_its_own():
    for make in BOOKS.values():
        book = make(3)
        for rule, steps in book.histories:
            model = book.new_model()
            for step in steps:
                assert model.broken_rule(step) in (ALLOWED, rule)
                replay(model, [step])


@pytest.mark.parametrize("seed", range(1, 6))
def test_a_history_is_cut_to_the_steps_that_are_needed(seed):
    """Is the last step of what is left allowed as soon as any other is left out?"""
    book = addresses.make_rule_book(seed)
    deviation = run_histories(create_image(addresses.SCHEMA, ""), book).deviations[addresses.TWO_DEFAULTS]
    assert len(deviation.steps) > 1 and not deviation.refusal
    for place in range(len(deviation.steps) - 1):
        model = book.new_model()
        replay(model, [*deviation.steps[:place], *deviation.steps[place + 1 : -1]])
        assert model.broken_rule(deviation.last) == ALLOWED


@pytest.mark.parametrize("seed", range(20))
def test_every_shop_has_orphans_and_every_parent_children(seed):
    customers, orders = repairs.draw_shop(seed)
    known = {number for number, _ in customers}
    assert 0 not in known and len([1 for _, buyer, _ in orders if buyer not in known]) >= 4
    data = deletions.draw_shop(seed)
    for relation in (deletions.LISTS, deletions.CUSTOMERS, deletions.SELLERS, deletions.ORDERS):
        keys = [row[0] for row in data[relation.parent] if row != (1,)]
        counts = [len(relation.children(data, key)) for key in keys]
        assert 0 in counts and max(counts) > 0


FORMS = {
    "deferred-key": (
        "choose-on-delete",
        """CREATE TABLE price_lists (list_no INTEGER PRIMARY KEY); CREATE TABLE sellers (seller_no INTEGER PRIMARY KEY);
        CREATE TABLE customers (customer_no INTEGER PRIMARY KEY, list_no INT NOT NULL DEFAULT (1) REFERENCES price_lists
            ON DELETE SET DEFAULT DEFERRABLE INITIALLY DEFERRED);
        CREATE TABLE orders (order_no INTEGER PRIMARY KEY, customer_no INT NOT NULL REFERENCES customers
            DEFERRABLE INITIALLY DEFERRED, seller_no INT REFERENCES sellers ON DELETE SET NULL);
        CREATE TABLE order_lines (order_no INT NOT NULL REFERENCES orders ON DELETE CASCADE,
            product TEXT, pieces INT)""",
    ),
    "unique-beside-key": (
        "repair-the-roles",
        """CREATE TABLE users (id INTEGER PRIMARY KEY, name);
        CREATE TABLE roles (id INTEGER PRIMARY KEY, name NOT NULL UNIQUE);
        CREATE TABLE user_roles (pair INTEGER PRIMARY KEY,
            user_id INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
            role_id INTEGER NOT NULL REFERENCES roles ON DELETE CASCADE);
        CREATE UNIQUE INDEX a ON user_roles (user_id, role_id); CREATE INDEX b ON user_roles (role_id, user_id)""",
    ),
    "generated": (
        "one-default-address",
        "ALTER TABLE addresses ADD COLUMN d INTEGER AS (CASE WHEN is_default = 1 THEN customer_id END);"
        "CREATE UNIQUE INDEX u ON addresses (d)",
    ),
    "left-open": (
        "legal-status-changes",
        """BEGIN; CREATE TRIGGER a BEFORE INSERT ON orders WHEN NEW.status <> 'new'
        BEGIN SELECT RAISE(ROLLBACK, 'x'); END;
        CREATE TRIGGER b BEFORE UPDATE ON orders WHEN NEW.status <> OLD.status
        AND OLD.status || '>' || NEW.status NOT IN ('new>paid', 'new>cancelled', 'paid>shipped', 'paid>cancelled')
        BEGIN SELECT RAISE(ROLLBACK, 'x'); END""",
    ),
}


@pytest.mark.parametrize("name", FORMS)
def test_forms_that_nobody_foresaw_earn_full_marks(name):
    exercise, text = FORMS[name]
    report = report_on(exercise, text)
    assert report.status == "right", report.verdicts


def test_what_is_refused_for_another_reason_earns_nothing():
    """Do tables that refuse the rows of a shop get no point for refusing its deletions?"""
    text = dict(FORMS.values())["choose-on-delete"].replace("pieces INT)", "pieces INT CHECK (pieces < 0))")
    assert report_on("choose-on-delete", text).score == 0


def test_a_log_that_ignores_a_change_is_not_told_that_it_changed():
    """Does a trigger that ignores an UPDATE lose its points without the hint of one that lets it through?"""
    text = LESSONS[LESSON].tasks["log-the-prices"].solution
    report = report_on("log-the-prices", text.replace("RAISE(ABORT, 'no line changes')", "RAISE(IGNORE)"))
    assert ("no error", "") in [(verdict.found, verdict.hint) for verdict in report.verdicts]
    assert report.score == pytest.approx(report.points * 5 / 6, abs=0.01)


def test_a_script_that_sqlite_refuses_is_told_in_its_words():
    with pytest.raises(Mismatch) as mismatch:
        create_image("", "CREATE TABLE t (a,)")
    assert "syntax error" in mismatch.value.found


def test_another_seed_draws_another_shop():
    assert repairs.draw_shop(1) != repairs.draw_shop(2) and deletions.draw_shop(1) != deletions.draw_shop(2)
