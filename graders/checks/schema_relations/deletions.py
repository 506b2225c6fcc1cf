"""Claims on what becomes of rows when the row that they refer to is deleted."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass

from graders import Attempt, Mismatch, Table, claim, experiment
from graders.checks.schema_relations.histories import create_image
from graders.labs import EngineError, Lab, Result, open_image
from graders.labs.lab import Row

COLUMNS = {
    "price_lists": ("list_no",),
    "customers": ("customer_no", "list_no"),
    "sellers": ("seller_no",),
    "orders": ("order_no", "customer_no", "seller_no"),
    "order_lines": ("order_no", "product", "pieces"),
}
Data = Mapping[str, list[Row]]


@dataclass(frozen=True)
class Relation:
    """A table whose rows refer to those of another."""

    parent: str
    child: str
    column: str
    """The column of the child that refers, called like the parent's key."""

    @property
    def place(self) -> int:
        """Where the column stands in a row of the child."""
        return COLUMNS[self.child].index(self.column)

    def children(self, data: Data, key: object) -> list[Row]:
        """The rows that refer to `key`."""
        return [row for row in data[self.child] if row[self.place] == key]

    def with_value(self, row: Row, value: object) -> Row:
        """The child's `row` with another value in the column that refers."""
        return (*row[: self.place], value, *row[self.place + 1 :])


LISTS = Relation("price_lists", "customers", "list_no")
CUSTOMERS = Relation("customers", "orders", "customer_no")
SELLERS = Relation("sellers", "orders", "seller_no")
ORDERS = Relation("orders", "order_lines", "order_no")
REFUSED, GONE, EMPTIED, MOVED, STRANDED, OTHER = "refused", "gone", "emptied", "moved", "stranded", "other"
FOUND = {
    REFUSED: "the DELETE is refused",
    GONE: "its {child} are gone",
    EMPTIED: "its {child} stay, with NULL in `{column}`",
    MOVED: "its {child} stay, with 1 in `{column}`",
    STRANDED: "its {child} stay, and name what is not there",
    OTHER: "other rows have changed",
}


@dataclass(frozen=True)
class Deletion:
    """What became of a parent's children when it was deleted."""

    relation: Relation
    key: object
    children: list[Row]
    """The rows that referred to it."""
    outcome: str
    refusal: str
    childless: str
    """The engine's sentence where a parent that nothing refers to could not be deleted."""


@dataclass(frozen=True)
class Deletions:
    """What became of the rows of a shop."""

    by_parent: Mapping[str, Deletion]
    """For each table to which another refers."""
    incomplete: list[str]
    """Statements that were accepted, each of which adds a row without what it must name."""


def draw_shop(seed: int) -> Data:
    """A shop in which each kind of parent has some rows with children, and one without; numbers collide."""
    rng = random.Random(seed)
    lists, numbers = [1, *rng.sample(range(2, 20), 3)], rng.sample(range(2, 60), 5)
    sellers, orders = rng.sample(range(1, 60), 3), rng.sample(range(1, 60), 6)
    # Two customers have bought nothing: what becomes of them hangs on their price list alone.
    customers = list(zip(numbers, [1, lists[1], 1, lists[2], lists[2]], strict=True))
    buyers = [*numbers[:3], *rng.choices(numbers[:3], k=3)]
    served = [*sellers[:2], *rng.choices(sellers[:2], k=4)]
    lines = [(order, product, rng.randint(1, 9)) for order in orders[:5] for product in rng.sample(("A", "B", "C"), 2)]
    return {
        "price_lists": [(number,) for number in lists],
        "customers": customers,
        "sellers": [(number,) for number in sellers],
        "orders": list(zip(orders, buyers, served, strict=True)),
        "order_lines": lines,
    }


@experiment("choose-on-delete", condition="your tables take the rows of a shop")
def delete_parents(attempt: Attempt) -> Deletions:
    """Fill the tables, and delete of each kind of parent one with children and one without."""
    image, data = create_image("", attempt.answer), draw_shop(attempt.seed)
    rng = random.Random(attempt.seed)
    with open_image(image) as lab:
        deletions = {one.parent: _delete(lab, data, one, rng) for one in (LISTS, CUSTOMERS, SELLERS, ORDERS)}
        return Deletions(deletions, _accepted_without_parent(lab, data))


def _accepted_without_parent(lab: Lab, data: Data) -> list[str]:
    """Add a customer, an order and a line that name nobody; the statements that the tables accept."""
    _fill(lab, data)
    new = max(row[0] for table in ("customers", "orders") for row in data[table]) + 1
    statements = [
        f"INSERT INTO customers (customer_no, list_no) VALUES ({new}, NULL)",
        f"INSERT INTO orders (order_no, customer_no, seller_no) VALUES ({new}, NULL, NULL)",
        "INSERT INTO order_lines (order_no, product, pieces) VALUES (NULL, 'A', 1)",
    ]
    outcomes = zip(statements, lab.outcomes(statements), strict=True)
    return [text for text, outcome in outcomes if isinstance(outcome, Result)]


def _delete(lab: Lab, data: Data, relation: Relation, rng: random.Random) -> Deletion:
    keys = [row[0] for row in data[relation.parent] if row != (1,)]
    named = [key for key in keys if relation.children(data, key)]
    key = named[-1] if relation is LISTS else rng.choice(named)
    alone = next(key for key in keys if not relation.children(data, key))
    _fill(lab, data)
    freed = lab.outcomes([_delete_statement(relation, alone)])[0]
    _fill(lab, data)
    deleted = lab.outcomes([_delete_statement(relation, key)])[0]
    after = {table: _read(lab, table) for table in COLUMNS}
    refusal = deleted.sentence if isinstance(deleted, EngineError) else ""
    outcome = REFUSED if refusal else _classify(relation, key, data, after)
    childless = freed.sentence if isinstance(freed, EngineError) else ""
    return Deletion(relation, key, relation.children(data, key), outcome, refusal, childless)


def _delete_statement(relation: Relation, key: object) -> str:
    return f"DELETE FROM {relation.parent} WHERE {COLUMNS[relation.parent][0]} = {key}"


def _fill(lab: Lab, data: Data) -> None:
    lab.rewind()
    for table, rows in data.items():
        marks = ", ".join("?" * len(COLUMNS[table]))
        statement = f"INSERT INTO {table} ({', '.join(COLUMNS[table])}) VALUES ({marks})"
        for row, outcome in zip(rows, lab.outcomes([(statement, row) for row in rows]), strict=True):
            if isinstance(outcome, EngineError):
                raise Mismatch(f"`{table}` to take the row {row}", outcome.says)


def _read(lab: Lab, table: str) -> list[Row]:
    outcome = lab.outcomes([f"SELECT {', '.join(COLUMNS[table])} FROM {table}"])[0]
    return sorted(outcome.rows, key=repr) if isinstance(outcome, Result) else []


def _classify(relation: Relation, key: object, data: Data, after: Data) -> str:
    """What became of the children, if all other rows are as they were."""
    for outcome, value in ((GONE, ...), (EMPTIED, None), (MOVED, 1), (STRANDED, key)):
        if _expected(relation, key, data, value) == after:
            return outcome
    gone = _expected(relation, key, data, ...)
    orders = {row[0] for row in relation.children(data, key)}
    gone["order_lines"] = [row for row in gone["order_lines"] if row[0] not in orders]
    return GONE if relation.child == "orders" and gone == after else OTHER


def _expected(relation: Relation, key: object, data: Data, value: object) -> dict[str, list[Row]]:
    """The tables without the parent, and with `value` in its children's column; without them where it is `...`."""
    rows = {table: list(content) for table, content in data.items()}
    rows[relation.parent] = [row for row in rows[relation.parent] if row[0] != key]
    children = relation.children(data, key)
    changed = [] if value is ... else [relation.with_value(row, value) for row in children]
    rows[relation.child] = [row for row in rows[relation.child] if row not in children] + changed
    return {table: sorted(content, key=repr) for table, content in rows.items()}


def _require(deletions: Deletions, relation: Relation, due: str, hints: Mapping[str, str]) -> None:
    """Raise `Mismatch` unless deleting a parent of `relation` does what is `due`."""
    one = deletions.by_parent[relation.parent]
    words = {"child": relation.child, "column": relation.column}
    if one.outcome != due:
        found = FOUND[one.outcome].format(**words) + (f": SQLite says: {one.refusal}" if one.refusal else "")
        before = Table(f"{relation.child} that name it", COLUMNS[relation.child], one.children)
        statement = _delete_statement(relation, one.key)
        expected = f"`{statement}`: {FOUND[due].format(**words)}"
        raise Mismatch(expected, found, hints.get(one.outcome, ""), [before])
    if one.childless:
        expected = f"a row of `{relation.parent}` that nothing names to be deleted"
        raise Mismatch(expected, f"SQLite says: {one.childless}")


@claim(delete_parents)
def withdraws_a_price_list(deletions: Deletions) -> None:
    """a price list can be withdrawn, and its customers go back to list 1"""
    hints = {
        EMPTIED: "Which list do these customers have now? Where would the engine find the 1?",
        GONE: "The customers went with the list. Is a customer worth nothing without it?",
        REFUSED: "Which value should the engine write into `list_no` in place of the old one, and may it?",
    }
    _require(deletions, LISTS, MOVED, hints)


@claim(delete_parents)
def keeps_customers_with_orders(deletions: Deletions) -> None:
    """a customer who has orders cannot be deleted"""
    hints = {
        GONE: "One DELETE took the orders along. What does the accountant say?",
        EMPTIED: "The orders are there, and nobody knows any more who bought. Should this DELETE go through at all?",
        STRANDED: "The orders name a customer who is not there. Which clause ties the two tables together?",
    }
    _require(deletions, CUSTOMERS, REFUSED, hints)


@claim(delete_parents)
def forgets_sellers(deletions: Deletions) -> None:
    """a seller can leave, and the orders stay without one"""
    hints = {
        GONE: "A seller left, and the orders with them. Are the orders the seller's?",
        REFUSED: "The seller cannot leave. What should happen to `seller_no` in the orders, and may it?",
    }
    _require(deletions, SELLERS, EMPTIED, hints)


@claim(delete_parents)
def deletes_lines_with_their_order(deletions: Deletions) -> None:
    """an order can be deleted, and its lines go with it"""
    hints = {
        REFUSED: "The order cannot be deleted while it has lines. Is a line worth anything without its order?",
        EMPTIED: "The lines are left, and belong to no order. Is a line worth anything without one?",
        STRANDED: "The lines are left, and name an order that is gone. Which clause ties the two tables together?",
    }
    _require(deletions, ORDERS, GONE, hints)


@claim(delete_parents, after=deletes_lines_with_their_order)
def refuses_rows_without_parent(deletions: Deletions) -> None:
    """a customer without a list, an order without a customer, and a line without an order are refused"""
    if deletions.incomplete:
        hint = "A foreign key lets NULL pass: it refers to nothing. Which words refuse it?"
        raise Mismatch("a row that must name another to be refused", f"`{deletions.incomplete[0]}` is accepted", hint)
