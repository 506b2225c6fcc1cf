"""Claims on the published swap of tables, repaired: a new column without a write of the live application lost."""

from __future__ import annotations

from graders import Mismatch, claim, lab_for
from graders.checks.migrations.plans import OLD, PEOPLE, ends_as
from graders.figures.migration_pictures import draw_timeline
from graders.kernel.report import Table
from graders.labs import SharedLab, open_shared_lab
from graders.techniques.migrations import Timeline, run_timeline, steps_of
from graders.techniques.schedules import query_final_state

ORDERS = """
CREATE TABLE orders (
    order_id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (customer_id));
"""
BEFORE = f"""
CREATE TABLE customers (customer_id INTEGER PRIMARY KEY, fullname TEXT, vip INTEGER NOT NULL DEFAULT 0);
{ORDERS}"""
AFTER = BEFORE.replace("DEFAULT 0);", "DEFAULT 0, status TEXT NOT NULL DEFAULT 'active');")
WRONG = """SELECT customer_id, fullname, vip, status FROM customers
WHERE status IS NOT iif(vip, 'gold', 'active') ORDER BY customer_id"""

REFERS = "SELECT \"table\" FROM pragma_foreign_key_list('orders')"


@lab_for("migrations-16")
def customers_with_orders(seed: int) -> SharedLab:
    """Three customers with an order each, the second a VIP, in a database for several sessions."""
    rows = [(number, f"{first} {last}", int(number == 2)) for number, first, last in PEOPLE]
    return open_shared_lab("SQLite", BEFORE, {"customers": rows, "orders": [(row[0], row[0]) for row in rows]})


def _ran(lab: SharedLab, plan: str) -> Timeline:
    return run_timeline(lab, steps_of(plan), [OLD], PEOPLE, ["old"])


NOT_CARRIED = "What it writes after the copy goes into the table that is put away. What would carry it over?"
HINTS = {
    "app misled": NOT_CARRIED,
    "write lost": NOT_CARRIED,
    "app refused": "There is a moment without a table that it can use. What makes several statements one?",
    "refused": "Which table refers to the one that goes, and which pragma lets it go?",
}


@claim("migrations-16", worth=2)
def loses_no_write(lab, plan):
    """the old application goes on all the time: none of its requests is refused, and none of its writes is lost"""
    line = _ran(lab, plan)
    if any(tick.state == "not running" for tick in line.apps["old"]):
        raise Mismatch("a change beside the application", "the application stopped")
    if fault := line.fault:
        picture = str(draw_timeline(line))
        raise Mismatch(fault.expected, fault.found, HINTS[fault.kind], fault.tables, picture)
    if "status" not in map(str.casefold, lab.columns("customers")):
        raise Mismatch("a change, after which `customers` has a `status`", "no such column")


@claim("migrations-16", worth=1, after=loses_no_write)
def ends_with_a_status(lab, plan):
    """at the end VIPs are 'gold' and all others 'active', orders refer to `customers`, and nothing else is left"""
    _ran(lab, plan)
    _orders_must_refer(lab)
    ends_as(lab, AFTER)
    if wrong := query_final_state(lab, WRONG):
        columns = ("customer_id", "fullname", "vip", "status")
        shown = Table("customers", columns, wrong, frozenset({0}), "another status")
        hint = "A default is the same for every row. Which rows need another value, and which statement gives it?"
        raise Mismatch("'gold' for VIPs and 'active' for all others", f"{wrong[0]}", hint=hint, tables=[shown])


def _orders_must_refer(lab: SharedLab) -> None:
    tables = [name for (name,) in query_final_state(lab, REFERS)]
    if tables != ["customers"]:
        hint = "A foreign key goes along when its table is renamed. Where does it point after your last step?"
        raise Mismatch(
            "orders that refer to `customers`", f"they refer to {' and '.join(tables) or 'nothing'}", hint=hint
        )
