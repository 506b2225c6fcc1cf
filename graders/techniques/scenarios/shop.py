"""A shop that is put through scenarios: its tables, and the functions, plans and programs that it consists of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from graders.labs.lab import Row
from graders.sandbox import SandboxedFunction
from graders.techniques.migrations import PlanStep
from graders.techniques.scenarios.events import Order
from graders.techniques.schedules import Script, make_script

# The functions of a shop, with what each is given.
FUNCTIONS = {
    "place_order": "connection, customer, lines, request_key",
    "search": "connection, text",
    "login": "connection, email, password",
    "delete_customer": "connection, customer",
    "backup": "source, target",
    "recover": "copies, taken, changes, moment, target",
}
Take = Callable[[Order], Script]


@dataclass(frozen=True)
class Shop:
    """A whole shop, or a part of one: what is not there does not happen in its scenarios."""

    schema: str
    """The statements that make its tables: customers, products, orders, order_lines and payments."""
    data: Mapping[str, list[Row]]
    """The rows of each table at the beginning."""
    passwords: Mapping[str, tuple[str, int | None]]
    """For each e-mail address the password, and whom it belongs to; None for somebody who was deleted."""
    secret: str = ""
    """A random word that only passwords, as they are stored, contain."""
    functions: Mapping[str, SandboxedFunction] = field(default_factory=dict)
    """The functions that there are, by the names of `FUNCTIONS`."""
    plan: tuple[PlanStep, ...] = ()
    """The steps of a migration to `charges`, in which orders are paid in a currency; none for no migration."""
    versions: Mapping[int, Take] = field(default_factory=dict)
    """Programs that take orders as a version of the application does, where it is none of the functions."""

    def takes_orders(self) -> bool:
        """Whether anybody takes orders."""
        return "place_order" in self.functions or 1 in self.versions

    def take(self, order: Order, version: int) -> Script:
        """What this version of the application does about an order."""
        if version in self.versions:
            return self.versions[version](order)
        lines = [list(line) for line in order.lines]
        return make_script(self.functions["place_order"], order.customer, lines, order.key)


def find_functions(answer: SandboxedFunction, *names: str) -> dict[str, SandboxedFunction]:
    """The functions with these `names` that the cell of `answer` defines; raise `SandboxError` if one is missing."""
    return {name: answer.sandbox.define(answer.source, name) for name in names}


def order_script(order: Order, *, table: str = "payments", values: str = "{order}, {total}, '{time}'") -> str:
    """A program in SQL that takes an order, and writes what was paid into `table`.

    A stock that does not suffice is refused by the table's own rule, and a key that comes twice by the key's.
    """
    found = f"(SELECT order_id FROM orders WHERE request_key = '{order.key}')"
    time = "2026-03-20 20:00:00"
    pairs = ", ".join(f"({product}, {pieces})" for product, pieces in order.lines)
    total = f"(SELECT sum(price_cents * column2) FROM (VALUES {pairs}) JOIN products ON product_id = column1)"
    taken = [
        f"UPDATE products SET stock = stock - {pieces} WHERE product_id = {product}" for product, pieces in order.lines
    ]
    columns = {"payments": "order_id, cents, paid_at", "charges": "order_id, amount, currency, charged_at"}[table]
    return ";\n".join(
        [
            "BEGIN IMMEDIATE",
            *taken,
            "INSERT INTO orders (customer_id, status, request_key, total_cents, placed_at) "
            f"VALUES ({order.customer}, 'paid', '{order.key}', {total}, '{time}')",
            f"INSERT INTO order_lines SELECT {found}, product_id, column2, price_cents "
            f"FROM (VALUES {pairs}) JOIN products ON product_id = column1",
            f"INSERT INTO {table} ({columns}) VALUES ({values.format(order=found, total=total, time=time)})",
            "COMMIT;",
        ]
    )


def take_in_euros(order: Order) -> str:
    """What version 1 of the application does: it writes payments in cents."""
    return order_script(order)


def take_in_currencies(order: Order) -> str:
    """What version 2 of the application does: it writes charges, with their currency."""
    return order_script(order, table="charges", values="{order}, {total}, 'EUR', '{time}'")
