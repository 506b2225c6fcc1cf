"""Tests of the shop: its tables take its rows, and its rows keep what the shop promises."""

from __future__ import annotations

import pytest

from course_data import shop
from graders.labs import EngineError, open_lab

SEEDS = range(20)


@pytest.mark.parametrize("seed", SEEDS)
def test_totals_equal_lines_and_paid_orders_have_one_payment(seed):
    tables = shop.data(seed)
    lines = tables["order_lines"]
    payments = {order: cents for _, order, cents, _ in tables["payments"]}
    for order, _, status, _, total, _ in tables["orders"]:
        assert total == sum(pieces * price for number, _, pieces, price in lines if number == order)
        assert payments.get(order) == (total if status in shop.PAID else None)
    assert any(customer == shop.DELETED for _, customer, *_ in tables["orders"])


def test_engine_takes_the_rows_and_keeps_its_foreign_keys():
    with open_lab("SQLite", shop.SCHEMA, shop.data(3)) as lab:
        assert lab.execute("PRAGMA foreign_key_check").rows == []
        with pytest.raises(EngineError):
            lab.run(f"PRAGMA foreign_keys = ON; DELETE FROM customers WHERE customer_id = {shop.DELETED}")
        with pytest.raises(EngineError):
            lab.run("UPDATE products SET stock = stock - 1 WHERE product_id = 1")
        with pytest.raises(EngineError):
            lab.run("UPDATE order_lines SET pieces = 'many'")


def test_same_seed_same_rows_and_a_secret_is_in_every_password_alone():
    assert shop.data(5) == shop.data(5) != shop.data(6)
    marked = shop.data(5, "canary")
    assert all("canary" in row[3] for row in marked["customers"])
    assert "canary" not in str([rows for name, rows in marked.items() if name != "customers"])
    assert marked["customers"][0][3] == shop.hash_password("emma-1815", "canary")


def test_counts_what_is_left_and_sold_without_cancelled_orders():
    tables = {
        "products": [(1, "Bell", 900, 4)],
        "orders": [(1, 1, "paid", "a", 900, ""), (2, 1, "cancelled", "b", 900, "")],
        "order_lines": [(1, 1, 2, 900), (2, 1, 3, 900)],
    }
    assert shop.count_pieces(tables) == {1: 6}
