"""Claims on a view over tables with row-level security: customers see their own orders in it, the staff sees all."""

from __future__ import annotations

import random
from dataclasses import dataclass

from graders import Attempt, Mismatch, Table, claim, experiment
from graders.checks.postgresql.shop import ON_POSTGRESQL, open_shop, read_statements, run_as_owner
from graders.labs import EngineError, SharedLab
from graders.labs.lab import Row
from graders.labs.postgres_extras import Extras

CUSTOMER, STAFF = "shop_customer", "shop_staff"
EXTRAS = Extras(roles=(CUSTOMER, STAFF))
# The view is the card's, text for text but for two columns that the shop's tables do not have.
CARD_VIEW = """
CREATE VIEW order_summary AS
SELECT
    o.id,
    o.user_id,
    u.email as user_email,
    o.status,
    o.total_amount,
    o.created_at,
    COUNT(oi.id) as item_count
FROM orders o
LEFT JOIN users u ON o.user_id = u.id
LEFT JOIN order_items oi ON o.id = oi.order_id
GROUP BY o.id, o.user_id, u.email, o.status, o.total_amount, o.created_at
"""
POLICIES = f"""
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_orders ON orders FOR SELECT TO {CUSTOMER}
    USING (user_id = current_setting('shop.user_id')::int);
CREATE POLICY all_orders ON orders FOR SELECT TO {STAFF} USING (true);
GRANT SELECT ON users, orders, order_items TO {CUSTOMER}, {STAFF};
"""
RIGHTS = f"GRANT SELECT ON order_summary TO {CUSTOMER}, {STAFF}"
SUMMARY = "SELECT id, user_id, user_email, status, total_amount, created_at, item_count FROM order_summary ORDER BY id"
DIRECT = "SELECT id FROM orders ORDER BY id"
USERS, ORDERS = 12, 60


@dataclass(frozen=True)
class Seen:
    """What somebody sees: rows, or in words why nothing."""

    rows: list[Row]
    refusal: str = ""


@dataclass(frozen=True)
class Views:
    """What is seen through the view by customers, by the staff, and of the table itself by a customer."""

    customers: dict[int, Seen]
    """By the number of the user."""
    staff: Seen
    direct: Seen
    expected: list[Row]
    """All orders as the view gave them before, of which a customer should see their own."""
    direct_expected: list[Row]

    def own(self, user: int) -> list[Row]:
        """The orders of one user."""
        return [row for row in self.expected if row[1] == user]


def open_guarded_shop(seed: int) -> SharedLab:
    """The shop with policies on `orders`, and the card's view."""
    return open_shop(seed, then=f"{POLICIES}{CARD_VIEW};{RIGHTS}", extras=EXTRAS, users=USERS, orders=ORDERS)


@experiment("view-past-the-policy", condition="your statements run", description=ON_POSTGRESQL)
def look_through_view(attempt: Attempt) -> Views:
    """Run the statements as the owner of the tables, and look through the view as others."""
    statements = read_statements(attempt.answer)
    with open_guarded_shop(attempt.seed) as lab:
        expected = lab.execute(SUMMARY).rows
        run_as_owner(lab, statements)
        users = random.Random(attempt.seed).sample(range(1, USERS + 1), 3)
        customers = {user: look(lab, CUSTOMER, SUMMARY, user) for user in users}
        own = [(row[0],) for row in expected if row[1] == users[0]]
        return Views(customers, look(lab, STAFF, SUMMARY), look(lab, CUSTOMER, DIRECT, users[0]), expected, own)


def look(lab: SharedLab, role: str, query: str, user: int = 0) -> Seen:
    """What `role` sees of a query, as the customer `user` where one is given."""
    with lab.connect() as session:
        if user:
            session.execute("SELECT set_config('shop.user_id', $1, false)", (str(user),))
        session.execute(f"SET ROLE {role}")
        try:
            return Seen(session.execute(query).rows)
        except EngineError as error:
            return Seen([], error.says)


@claim(look_through_view, weight=3)
def shows_customers_their_own(views: Views) -> None:
    """a customer sees their own orders in `order_summary`, all columns as before, and nobody else's"""
    for user, seen in views.customers.items():
        if seen.refusal:
            hint = (
                "Now customers see nothing at all. Which rows are theirs, and who should look at the tables for them?"
            )
            raise Mismatch(f"the orders of user {user}", seen.refusal, hint)
        others = [row for row in seen.rows if row[1] != user]
        if others:
            rows = [row[:5] for row in others[:4]]
            table = Table(f"what user {user} sees", ("id", "user_id", "user_email", "status", "total_amount"), rows)
            hint = "A view looks at its tables with the rights of its owner. With whose rights should this one look?"
            raise Mismatch(f"the orders of user {user} alone", f"{len(others)} of others", hint, [table])
        if seen.rows != views.own(user):
            raise Mismatch(
                f"{len(views.own(user))} orders of user {user}, with all columns", f"{len(seen.rows)}, or others"
            )


@claim(look_through_view, after=shows_customers_their_own)
def shows_staff_everything(views: Views) -> None:
    """the staff sees all orders in it"""
    if views.staff.rows != views.expected:
        hint = "The staff has a policy of its own on orders. Does your view say more than the policies do?"
        found = views.staff.refusal or f"{len(views.staff.rows)}"
        raise Mismatch(f"all {len(views.expected)} orders", found, hint)


@claim(look_through_view, after=shows_customers_their_own)
def leaves_the_table_guarded(views: Views) -> None:
    """the table itself shows a customer what it showed before"""
    if views.direct.rows != views.direct_expected:
        found = views.direct.refusal or f"{len(views.direct.rows)}"
        raise Mismatch(f"{len(views.direct_expected)} orders", found)
