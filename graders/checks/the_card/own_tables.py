"""Claims on the tables of a student's own card: the rows that they take, the indexes, and a second run."""

from __future__ import annotations

from dataclasses import dataclass

from graders import Attempt, Mismatch, claim, experiment
from graders.checks.schema_values.tables import (
    REPAIRED_USERS,
    USERS,
    draw_ids_twice,
    public_ids_cannot_be_guessed,
)
from graders.checks.the_card.second_run import SecondRun, run_again, run_script
from graders.figures.acceptance import draw_battery
from graders.labs import EngineError, Lab, open_lab
from graders.techniques.batteries import (
    FILLED,
    BatteryExercise,
    Column,
    Moment,
    Reference,
    Table,
    Text,
    Whole,
    battery_exercise,
)
from graders.techniques.plans import read_accesses, read_indexes

STATUSES = Table("statuses", (Column("status", Text()),))
PRODUCTS = Table("products", (Column("id", default=FILLED), Column("name", Text()), Column("price_cents", Whole(0))))
ORDERS = Table(
    "orders",
    (
        Column("id", default=FILLED),
        Column("user_id"),
        Column("status", default="new"),
        Column("created_at", Moment(), default=FILLED),
    ),
    references=(Reference("user_id", "users", on_delete="refuse"), Reference("status", "statuses", on_delete="refuse")),
)
ITEMS = Table(
    "order_items",
    (Column("order_id"), Column("product_id"), Column("quantity", Whole(1))),
    key=("order_id", "product_id"),
    references=(
        Reference("order_id", "orders", on_delete="cascade"),
        Reference("product_id", "products", on_delete="refuse"),
    ),
)
OWN_TABLES = BatteryExercise(
    (USERS, STATUSES, PRODUCTS, ORDERS, ITEMS),
    draw=draw_battery,
    weights={"values": 0.5, "missing": 0.5, "defaults": 0.5, "keys": 1, "references": 1, "deletions": 1},
    hints=REPAIRED_USERS.hints,
)
battery_exercise("own-tables", OWN_TABLES)

ids_twice = experiment("own-tables")(draw_ids_twice.run)
claim(ids_twice, weight=0.5, after="defaults")(public_ids_cannot_be_guessed)

WORDS = ("new", "paid", "shipped")
QUERIES = {
    "the user with a public id": "SELECT id FROM users WHERE public_id = 'x'",
    "the orders of a user": "SELECT id FROM orders WHERE user_id = 1 ORDER BY created_at DESC",
    "the items of an order": "SELECT product_id, quantity FROM order_items WHERE order_id = 1",
    "the orders with a product": "SELECT order_id FROM order_items WHERE product_id = 1",
}
STORE = (
    "INSERT INTO users (email) VALUES ('ada@one.example')",
    "INSERT INTO products (name, price_cents) VALUES ('bell', 900)",
    "INSERT INTO orders (user_id) SELECT id FROM users",
    "INSERT INTO order_items (order_id, product_id, quantity) SELECT o.id, p.id, 2 FROM orders AS o, products AS p",
)


@dataclass(frozen=True)
class OwnTables:
    """What a script leaves: the words of a status, how its tables are read, and what a second run of it does."""

    words: list[str]
    scanned: list[str]
    """The queries that read every row."""
    superfluous: str
    """An index that another one can replace; "" if there is none."""
    again: SecondRun


@experiment("own-tables")
def use_tables(attempt: Attempt) -> OwnTables:
    """Run the script, look how its tables are read, store an order, and run it again."""
    with open_lab("SQLite") as lab:
        if refusal := run_script(lab, attempt.answer):
            raise Mismatch("a script that runs to its end", refusal)
        try:
            words = [word for (word,) in lab.execute("SELECT status FROM statuses").rows]
            scanned = [name for name, query in QUERIES.items() if not _is_searched(lab, query)]
        except EngineError as error:
            raise Mismatch("tables that can be read", error.says) from None
        return OwnTables(words, scanned, _find_superfluous(lab), run_again(lab, attempt.answer, STORE))


def _is_searched(lab: Lab, query: str) -> bool:
    return all(access.searches for access in read_accesses(lab, query))


def _find_superfluous(lab: Lab) -> str:
    indexes = read_indexes(lab).values()
    pairs = ((one, other) for one in indexes for other in indexes if one is not other and one.table == other.table)
    return next((one.name for one, other in pairs if other.can_replace(one)), "")


@claim(use_tables, weight=0.5, after="references")
def knows_the_words(tables: OwnTables) -> None:
    """an order can be new, paid or shipped"""
    if missing := [word for word in WORDS if word not in tables.words]:
        hint = "The table is there, and the word is not. Which statement of your script puts words into it?"
        raise Mismatch(f"`{missing[0]}` among the statuses", ", ".join(tables.words) or "no word at all", hint=hint)


@claim(use_tables, after="references")
def each_query_searches(tables: OwnTables) -> None:
    """an index serves each of the four queries, and no index is there that another one replaces"""
    if tables.scanned:
        hint = "No engine makes an index for a reference. By which column does this query look for its rows?"
        raise Mismatch(f"{tables.scanned[0]} to be searched for", "every row is read", hint=hint)
    if tables.superfluous:
        hint = "Two indexes begin with the same columns, and one is enough. What made the other one?"
        raise Mismatch("no index that another one replaces", f"`{tables.superfluous}`", hint=hint)


@claim(use_tables, after="references")
def second_run_changes_nothing(tables: OwnTables) -> None:
    """a second run changes nothing: it goes through without effect, or is refused without effect"""
    again = tables.again
    if again.lost:
        hint = "Somebody has stored an order since the first run. Which of your statements changes it?"
        rows = len(again.before[again.lost]), len(again.after.get(again.lost, []))
        raise Mismatch(f"`{again.lost}` as it was, with {rows[0]}", f"{rows[1]}", hint=hint)
    if again.schema_changes:
        raise Mismatch("the schema as it was", "another one")
