"""What a shop promises, whatever happens: each rule looks at the tables, and at what people have been told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graders.labs import SharedLab
from graders.sql import quote_identifier
from graders.techniques.scenarios.events import Order

Record = dict[str, Any]
Tables = Mapping[str, list[Record]]
PAID = ("paid", "shipped")
# What each version of the application writes when an order is paid, and the column of the sum.
PAYMENTS = {1: ("payments", "cents"), 2: ("charges", "amount")}
# Each invariant as a student reads it.
INVARIANTS = {
    "served": "buyers get what is in stock at today's price, visitors get what they should, the deleted are forgotten",
    "stock": "no stock is below 0, and no more is sold than there was",
    "pieces": "what is sold and what is left add up to what there was",
    "payments": "each paid order has exactly one payment, and each request exactly one order",
    "totals": "each total is the sum of its lines and equals what was paid, to the cent",
    "secrets": "no secret column is read, and nobody gets in, or gets rows, by what they type",
    "errors": "nobody who could be served gets an error, no step fails, and no transaction stays open",
    "restored": "what is restored is the shop of that instant, as the log has it",
    "accounted": "orders of deleted customers stay, with all that belongs to them",
}


def read_tables(lab: SharedLab) -> Tables:
    """Every row of every table, by column."""
    found = {}
    for table in lab.tables():
        result = lab.execute(f"SELECT * FROM {quote_identifier(table)}")
        found[table] = [dict(zip(result.columns, row, strict=True)) for row in result.rows]
    return found


@dataclass
class Ledger:
    """What there was at the beginning, and what people have been told since."""

    before: Tables
    """The tables at the beginning."""
    told: dict[str, tuple[Order, Any]] = field(default_factory=dict)
    """For each key of a request that was accepted the order, and the number that its buyer was told."""
    deleted: set[int] = field(default_factory=set)
    """The customers who were deleted."""
    running: set[int] = field(default_factory=lambda: {1})
    """The versions of the application that are running."""


Find = Callable[[Tables, Ledger], Iterator[str]]


def count_pieces(tables: Tables) -> dict[Any, tuple[int, int]]:
    """For each product the pieces in stock and those sold; a cancelled order has sold nothing."""
    cancelled = {one["order_id"] for one in tables["orders"] if one["status"] == "cancelled"}
    sold: Counter[Any] = Counter()
    for line in tables["order_lines"]:
        sold[line["product_id"]] += 0 if line["order_id"] in cancelled else line["pieces"]
    return {one["product_id"]: (one["stock"], sold[one["product_id"]]) for one in tables["products"]}


def find_overselling(tables: Tables, ledger: Ledger) -> Iterator[str]:
    """Products of which more is sold than there was."""
    before = count_pieces(ledger.before)
    for product, (left, sold) in count_pieces(tables).items():
        was_left, was_sold = before.get(product, (left, sold))
        if left < 0:
            yield f"product {product} has a stock of {left}"
        elif sold - was_sold > was_left:
            yield f"{sold - was_sold} pieces of product {product} are sold, and there were {was_left}"


def find_lost_pieces(tables: Tables, ledger: Ledger) -> Iterator[str]:
    """Products of which pieces are neither sold nor left, or both."""
    after = count_pieces(tables)
    for product, (was_left, was_sold) in count_pieces(ledger.before).items():
        left, sold = after.get(product, (0, 0))
        if left >= 0 and sold - was_sold <= was_left and left + sold != was_left + was_sold:
            words = f"of product {product} there were {was_left}: {sold - was_sold} are sold since, and {left} are left"
            yield words


def find_wrong_payments(tables: Tables, ledger: Ledger) -> Iterator[str]:
    """Orders with no payment or several, and requests with no order or several."""
    keys = Counter(one["request_key"] for one in tables["orders"])
    numbers = {one["request_key"]: one["order_id"] for one in tables["orders"]}
    for key, (_, number) in ledger.told.items():
        if keys[key] != 1:
            yield f"the request {key} was accepted, and has {keys[key]} orders"
        elif number is not None and number != numbers[key]:
            yield f"the buyer of the request {key} was told order {number}, and it is order {numbers[key]}"
    for key, count in keys.items():
        if count > 1:
            yield f"the request {key} has {count} orders"
    for version in sorted(ledger.running):
        yield from _count_payments(tables, PAYMENTS[version][0])


def _count_payments(tables: Tables, table: str) -> Iterator[str]:
    """What is wrong with the rows of a table of payments; where it is gone, the next order shows it."""
    if table not in tables:
        return
    counts = Counter(one["order_id"] for one in tables[table])
    for order in tables["orders"]:
        number, due = order["order_id"], int(order["status"] in PAID)
        if counts[number] != due:
            yield f"order {number} is {order['status']}, and has {counts[number]} rows in `{table}`"


def find_wrong_totals(tables: Tables, ledger: Ledger) -> Iterator[str]:
    """Orders whose total is not the sum of their lines, or not what was paid."""
    sums, prices = Counter[Any](), Counter[Any]()
    for line in tables["order_lines"]:
        sums[line["order_id"]] += line["pieces"] * line["price_cents"]
        prices[line["order_id"]] += line["price_cents"]
    totals = {one["order_id"]: one["total_cents"] for one in tables["orders"]}
    for number, total in totals.items():
        if total != sums[number]:
            words = ", as if each line were one piece" if total == prices[number] else ""
            yield f"order {number} has a total of {total}{words}, and lines of {sums[number]}"
    for version in sorted(ledger.running):
        table, column = PAYMENTS[version]
        for one in tables.get(table, ()):
            if one["order_id"] in totals and one[column] != totals[one["order_id"]]:
                yield f"order {one['order_id']} has a total of {totals[one['order_id']]}, and {one[column]} was paid"


def find_unaccounted_orders(tables: Tables, ledger: Ledger) -> Iterator[str]:
    """Orders of the beginning that are gone, or belong to nobody, or have lost what belonged to them."""
    customers = {one["customer_id"] for one in tables["customers"]}
    orders = {one["order_id"]: one for one in tables["orders"]}
    lines = Counter((one["order_id"], one["product_id"], one["pieces"]) for one in tables["order_lines"])
    for order in ledger.before["orders"]:
        number, customer = order["order_id"], order["customer_id"]
        if number not in orders:
            yield f"order {number} of customer {customer} is gone"
        elif orders[number]["customer_id"] != customer or customer not in customers:
            yield f"order {number} was of customer {customer}, and is of nobody"
    for line in ledger.before["order_lines"]:
        if not lines[line["order_id"], line["product_id"], line["pieces"]]:
            yield f"a line of order {line['order_id']} is gone"


def find_unserved(tables: Tables, ledger: Ledger) -> Iterator[str]:
    """Accepted orders that are not what was asked for, and customers of whom something personal is kept."""
    prices = {one["product_id"]: one["price_cents"] for one in tables["products"]}
    orders = {one["request_key"]: one for one in tables["orders"]}
    for key, (order, _) in ledger.told.items():
        if key in orders:
            yield from _compare_order(order, orders[key], tables, prices)
    for customer in ledger.before["customers"]:
        if customer["customer_id"] in ledger.deleted:
            yield from _find_personal(customer, tables)
        else:
            yield from _find_changed(customer, tables)


def _compare_order(order: Order, row: Record, tables: Tables, prices: Mapping[Any, int]) -> Iterator[str]:
    number = row["order_id"]
    if row["status"] != "paid" or row["customer_id"] != order.customer:
        yield f"order {number} is {row['status']}, of customer {row['customer_id']}, for: {order.words}"
    lines = [one for one in tables["order_lines"] if one["order_id"] == number]
    if {one["product_id"]: one["pieces"] for one in lines} != dict(order.lines):
        taken = {(one["product_id"], one["pieces"]) for one in lines}
        missing = [product for product, pieces in order.lines if (product, pieces) not in taken]
        lacks = (
            f"was taken, and lacks its line of product {missing[0]}" if missing else "has other lines than it should"
        )
        yield f"order {number} {lacks}: {order.words}"
    for line in lines:
        if line["price_cents"] != prices.get(line["product_id"]):
            yield f"order {number} has product {line['product_id']} at {line['price_cents']} cents"


def _find_changed(customer: Record, tables: Tables) -> Iterator[str]:
    """What has become of a customer who did not ask for anything."""
    number = customer["customer_id"]
    now = next((one for one in tables["customers"] if one["customer_id"] == number), None)
    changed = "row" if now is None else next((name for name in customer if now.get(name) != customer[name]), "")
    if changed:
        yield f"customer {number} did not ask to be deleted, but their {changed} is {'another' if now else 'gone'}"


def _find_personal(customer: Record, tables: Tables) -> Iterator[str]:
    for one in tables["customers"]:
        if one["customer_id"] == customer["customer_id"]:
            kept = [name for name in ("email", "name", "password_hash") if one[name] == customer[name]]
            if kept:
                yield f"customer {one['customer_id']} asked to be deleted, but their {kept[0]} is kept"
            if one["deleted_at"] is None:
                yield f"customer {one['customer_id']} asked to be deleted, but `deleted_at` is NULL"


RULES: dict[str, Find] = {
    "stock": find_overselling,
    "pieces": find_lost_pieces,
    "payments": find_wrong_payments,
    "totals": find_wrong_totals,
    "accounted": find_unaccounted_orders,
    "served": find_unserved,
}


def find_violations(lab: SharedLab, ledger: Ledger) -> dict[str, str]:
    """For each invariant that the tables break the first thing that is wrong."""
    tables = read_tables(lab)
    found = {name: next(find(tables, ledger), "") for name, find in RULES.items()}
    return {name: words for name, words in found.items() if words}
