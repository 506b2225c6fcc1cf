"""The rules of the repaired shop's tables, which must refuse what has lost money and what would lose it next."""

from __future__ import annotations

from course_data import broken_shop
from graders.figures.acceptance import draw_battery
from graders.techniques.batteries import (
    FILLED,
    BatteryExercise,
    Column,
    OneOf,
    Reference,
    Table,
    Text,
    Unique,
    Values,
    Whole,
    battery_exercise,
)

MOMENTS = Values(lambda rng: [f"2026-03-{rng.randint(1, 9):02} 10:00:00"], lambda rng: [])
CUSTOMERS = Table(
    "customers",
    (
        Column("customer_id", default=FILLED),
        Column("email", Text()),
        Column("name", Text()),
        Column("password_hash", Text()),
        Column("deleted_at", MOMENTS, required=False),
    ),
    unique=(Unique(("email",)),),
)
PRODUCTS = Table(
    "products",
    (
        Column("product_id", default=FILLED),
        Column("title", Text()),
        Column("price_cents", Whole(0)),
        Column("stock", Whole(0)),
    ),
)
ORDERS = Table(
    "orders",
    (
        Column("order_id", default=FILLED),
        Column("customer_id"),
        Column("status", OneOf(broken_shop.STATUSES), default="new"),
        Column("request_key", Text()),
        Column("total_cents", Whole(0)),
        Column("placed_at", default=FILLED),
    ),
    unique=(Unique(("request_key",)),),
    references=(Reference("customer_id", "customers", on_delete="refuse"),),
)
ORDER_LINES = Table(
    "order_lines",
    (Column("order_id"), Column("product_id"), Column("pieces", Whole(1)), Column("price_cents", Whole(0))),
    key=("order_id", "product_id"),
    references=(
        Reference("order_id", "orders", on_delete="refuse"),
        Reference("product_id", "products", on_delete="refuse"),
    ),
)
PAYMENTS = Table(
    "payments",
    (
        Column("payment_id", default=FILLED),
        Column("order_id"),
        Column("cents", Whole(0)),
        Column("paid_at", default=FILLED),
    ),
    unique=(Unique(("order_id",)),),
    references=(Reference("order_id", "orders", on_delete="refuse"),),
)
CENTS = "Half a cent cannot be paid, and a word is not a number. What makes SQLite enforce the type of a column?"
UNSPELLED = "No job looks for this status. How do you limit a column to a list of words?"

battery_exercise(
    "repair-the-tables",
    BatteryExercise(
        (CUSTOMERS, PRODUCTS, ORDERS, ORDER_LINES, PAYMENTS),
        draw=draw_battery,
        weights={"defaults": 0.5},
        hints={
            "orders.total_cents type taken": CENTS,
            "orders.total_cents fraction taken": CENTS,
            "orders.status other word taken": UNSPELLED,
        },
    ),
)
