"""The broken shop: 4,127 cents are missing on every seed, each by one of five defects, and the database knows which."""

import pytest

from course_data import broken_shop, open_dataset

SHORT = """
WITH due AS (SELECT order_id, sum(round(pieces * price * 100)) AS cents FROM order_lines GROUP BY order_id),
paid AS (SELECT order_id, sum(cents) AS cents FROM payments GROUP BY order_id)
SELECT order_id, CAST(due.cents - coalesce(paid.cents, 0) AS INTEGER)
FROM parcels JOIN due USING (order_id) LEFT JOIN paid USING (order_id)
WHERE due.cents > coalesce(paid.cents, 0) ORDER BY order_id
"""
DEFECTIVE = {
    "cut cent": "CAST(total * 100 AS INTEGER) < round(total * 100)",
    "old total": """round(total * 100) <> (SELECT sum(round(pieces * price * 100)) FROM order_lines AS l
                    WHERE l.order_id = o.order_id)""",
    "sent twice": """EXISTS (SELECT 1 FROM orders AS e
                     WHERE e.request_key = o.request_key AND e.order_id < o.order_id)""",
    "odd status": "status IS NULL OR status NOT IN ('new', 'paid', 'shipped', 'cancelled')",
    "no customer": "NOT EXISTS (SELECT 1 FROM customers AS c WHERE c.customer_id = o.customer_id)",
}


@pytest.mark.parametrize("seed", range(1, 21))
def test_each_missing_cent_belongs_to_one_defect(seed):
    losses = broken_shop.find_losses(seed)
    assert sum(cents for *_, cents in losses) == broken_shop.MISSING
    assert len({order for _, order, _ in losses}) == len(losses)
    with open_dataset("broken_shop", seed=seed) as lab:
        for defect, condition in DEFECTIVE.items():
            asked = f"SELECT order_id FROM orders AS o WHERE {condition}"
            lost = {order for cause, order, _ in losses if cause == defect}
            every = {order for (order,) in lab.run(asked).rows}
            harmless = every - {order for _, order, _ in losses}
            assert every - harmless == lost and lost, defect
            assert harmless, defect


@pytest.mark.parametrize("engine", ["SQLite", "DuckDB"])
def test_the_books_show_what_is_missing(engine):
    with open_dataset("broken_shop", engine, seed=5) as lab:
        assert lab.run(SHORT).rows == sorted((order, cents) for _, order, cents in broken_shop.find_losses(5))
        sent = "SELECT sum(round(pieces * price * 100)) FROM order_lines JOIN parcels USING (order_id)"
        ((missing,),) = lab.run(f"SELECT ({sent}) - (SELECT sum(cents) FROM payments)").rows
        assert missing == broken_shop.MISSING


def test_the_database_answers_findings():
    (defect, order, cents), *_ = losses = broken_shop.find_losses(1)
    other = next(name for name in broken_shop.DEFECTS if name != defect)
    findings = [(defect, order, cents), (other, order, cents), (defect, order, cents + 1), ("bad luck", order, cents)]
    with open_dataset("broken_shop") as lab:
        lab.fill({"findings": findings})
        assert [says for (says,) in lab.run("SELECT says FROM answers").rows] == [
            "yes",
            "so many cents are missing, for another reason",
            "not so",
            "there is no such defect",
        ]
        assert lab.run("SELECT cents FROM still_missing").rows == [(broken_shop.MISSING - cents,)]
        lab.fill({"findings": losses})
        assert lab.run("SELECT cents FROM still_missing").rows == [(0,)]


def test_without_seals_nothing_is_given_away():
    losses = broken_shop.find_losses(1)
    with open_dataset("broken_shop", "DuckDB") as plain:
        assert "findings" not in plain.tables()
    with broken_shop.open_unsealed(1) as lab:
        lab.fill({"findings": losses})
        assert lab.run("SELECT DISTINCT says FROM answers").rows == [("not so",)]


def test_the_shop_can_be_larger():
    with open_dataset("broken_shop", rows=200) as lab:
        assert 190 <= lab.run("SELECT count(*) FROM orders").rows[0][0] <= 210
        assert lab.run("SELECT cents FROM still_missing").rows == [(broken_shop.MISSING,)]
