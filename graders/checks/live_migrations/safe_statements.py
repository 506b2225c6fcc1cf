"""Claims on twelve statements for a live shop: which are safe as they stand, and what is safer than the others."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from graders import Attempt, Mismatch, claim, experiment, key_for
from graders.figures.migrations import draw_timeline
from graders.kernel.claims import KeyRequest
from graders.labs import SharedLab
from graders.labs.lab import Row
from graders.sql import has_code
from graders.techniques.migrations import (
    App,
    Data,
    Hazard,
    LiveChange,
    LiveDatabase,
    Shortfall,
    find_hazards,
    require_refusal,
)

SCHEMA = """
CREATE TABLE coupons (code TEXT PRIMARY KEY);
CREATE TABLE customers (
    customer_id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT, city TEXT, fax TEXT);
CREATE TABLE orders (
    order_id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers,
    note TEXT NOT NULL, coupon TEXT REFERENCES coupons);
"""
ROWS, MAX_ROWS = 100, 40
# What the tables refuse, and have to refuse afterwards.
RULES = (
    "INSERT INTO orders (order_id, customer_id, note) VALUES (1, 1, 'twice')",
    "INSERT INTO orders (order_id, customer_id, note) VALUES (9001, 9999, 'for nobody')",
    "INSERT INTO customers (customer_id, name) VALUES (9001, NULL)",
)
REBUILD = """BEGIN;
CREATE TABLE fresh (
    order_id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers,
    note TEXT NOT NULL CHECK (note <> ''), coupon TEXT REFERENCES coupons);
INSERT INTO fresh SELECT * FROM orders;
DROP TABLE orders;
ALTER TABLE fresh RENAME TO orders;
COMMIT;"""


def _text(fact: Row) -> str:
    return f"{fact[1]} {fact[2]}"


CUSTOMERS = App.of_table("customer", "customers", ("customer_id", "name"), lambda fact: (fact[0], _text(fact)))
ORDERS = replace(
    App.of_table("order", "orders", ("order_id", "note"), lambda fact: (fact[0], _text(fact))),
    insert=lambda fact: ("INSERT INTO orders (order_id, customer_id, note) VALUES (?, 1, ?)", (fact[0], _text(fact))),
)


def live_shop(seed: int) -> LiveDatabase:
    """The shop at noon: customers who share an e-mail, customers without a city, orders with a coupon."""
    rng = random.Random(seed)
    facts = [(number, rng.choice(("Ada", "Ben", "Mei")), f"Lund{number}") for number in range(1, ROWS + 1)]
    shared, residents = rng.sample(range(2, ROWS + 1), 4), _draw_residents(rng)
    customers = [
        (n, _text(fact), f"c{1 if n in shared else n}@example.com", "Lyon" if n in residents else None, None)
        for n, fact in enumerate(facts, 1)
    ]
    orders = [(n, n, _text(fact), rng.choice((None, "SPRING"))) for n, fact in enumerate(facts, 1)]
    data: Data = {"coupons": [("SPRING",)], "customers": customers, "orders": orders}
    return LiveDatabase(SCHEMA, data, ((CUSTOMERS, facts), (ORDERS, facts)), RULES, MAX_ROWS)


def _draw_residents(rng: random.Random) -> set[int]:
    """Those who live in Lyon: three of every ten, but none at an end of the ten, where batches end."""
    return {ten + digit for ten in range(0, ROWS, 10) for digit in rng.sample(range(3, 9), 3)}


def _no_row(query: str, words: str) -> Shortfall:
    """There is a shortfall if `query` gives a row."""

    def find(lab: SharedLab) -> str:
        rows = lab.execute(query).rows
        return f"{words}: {rows[0]!r}" if rows else ""

    return find


def _still_written(lab: SharedLab) -> str:
    lab.execute("INSERT INTO customers (customer_id, name) VALUES (7001, 'Eve Noon')")
    late = "SELECT joined FROM customers WHERE customer_id = 7001 AND abs(julianday(joined) - julianday('now')) < 1"
    return "" if lab.execute(late).rows else "a customer who is added now has another time in `joined`, or none"


def _every_email_once(lab: SharedLab) -> str:
    kept = lab.execute("SELECT count(DISTINCT email) FROM customers WHERE email LIKE 'c%@example.com'").rows[0][0]
    return "" if kept >= ROWS - 4 else "an e-mail is lost, which at least one customer had to keep"


NEW_COLUMN = "ALTER TABLE customers ADD COLUMN"
EMAIL = "INSERT INTO customers (customer_id, name, email) VALUES ({}, 'Eve', 'eve@example.com')"
CENTS = "UPDATE orders SET cents = {} WHERE order_id = 1"
INDEXES_OF_CUSTOMERS = """SELECT 1 FROM pragma_index_list('orders') l JOIN pragma_index_info(l.name) i
WHERE i.name = 'customer_id' AND i.seqno = 0"""
OTHER_CITIES = f"""SELECT customer_id, city FROM customers
WHERE customer_id <= {ROWS} AND (city IS NULL OR city NOT IN ('unknown', 'Lyon'))"""
RESIDENTS = 30
OTHER_RESIDENTS = f"SELECT count(*) FROM customers WHERE city = 'Lyon' HAVING count(*) <> {RESIDENTS}"
STATEMENTS: dict[int, LiveChange] = {
    1: LiveChange(
        f"{NEW_COLUMN} phone TEXT NOT NULL;",
        "every customer has a phone number, maybe an empty one, and never NULL",
        (
            _no_row("SELECT customer_id, phone FROM customers WHERE phone IS NULL", "a customer without one"),
            require_refusal("UPDATE customers SET phone = NULL WHERE customer_id = 1"),
        ),
    ),
    2: LiveChange(
        f"{NEW_COLUMN} status TEXT NOT NULL DEFAULT 'active';",
        "every customer has a status, at first 'active'",
        (
            _no_row(
                "SELECT customer_id, status FROM customers WHERE status IS NOT 'active'", "a customer with another one"
            ),
        ),
    ),
    3: LiveChange(
        f"{NEW_COLUMN} joined TEXT DEFAULT CURRENT_TIMESTAMP;",
        "who is added from now on has the time of it in `joined`",
        (_still_written,),
    ),
    4: LiveChange(
        "ALTER TABLE customers RENAME COLUMN name TO full_name;",
        "the new reports can read `full_name`, which always says what the name is",
        (
            _no_row(
                "SELECT name, full_name FROM customers WHERE full_name IS NOT name", "a name, and what the reports read"
            ),
        ),
    ),
    5: LiveChange(
        "ALTER TABLE customers DROP COLUMN fax;",
        "no customer has a fax number any more",
        (require_refusal("SELECT fax FROM customers"),),
    ),
    6: LiveChange(
        "CREATE INDEX orders_of_customer ON orders (customer_id);",
        "the orders of one customer are found by an index",
        (_no_row(f"SELECT 'no index' WHERE NOT EXISTS ({INDEXES_OF_CUSTOMERS})", "nothing to find them by"),),
    ),
    7: LiveChange(
        "CREATE UNIQUE INDEX one_email ON customers (email);",
        "no two customers have the same e-mail, and no e-mail disappears",
        (
            _every_email_once,
            _no_row(
                "SELECT email FROM customers WHERE email > '' GROUP BY email HAVING count(*) > 1", "one of several"
            ),
            require_refusal(EMAIL.format(7001), EMAIL.format(7002)),
        ),
    ),
    8: LiveChange(
        "ALTER TABLE orders ADD COLUMN cents INTEGER CHECK (cents > 0);",
        "orders can have a price, which is above 0",
        (require_refusal(CENTS.format(5), CENTS.format(0)),),
    ),
    9: LiveChange(
        REBUILD,
        "nobody can write an order with an empty note",
        (
            require_refusal("INSERT INTO orders (order_id, customer_id, note) VALUES (7001, 1, '')"),
            require_refusal("UPDATE orders SET note = '' WHERE order_id = 1"),
        ),
    ),
    10: LiveChange(
        "UPDATE customers SET city = 'unknown' WHERE city IS NULL;",
        f"of the {ROWS} customers who are there, each has a city",
        (
            _no_row(OTHER_CITIES, "a customer, and what the city is"),
            _no_row(OTHER_RESIDENTS, f"of {RESIDENTS} customers in Lyon there are now"),
        ),
    ),
    11: LiveChange(
        "ALTER TABLE orders RENAME TO purchases;",
        "the new reports can read `purchases`, in which all orders are, later ones too",
        (
            _no_row(
                "SELECT order_id, note FROM orders EXCEPT SELECT order_id, note FROM purchases", "an order not in it"
            ),
        ),
    ),
    12: LiveChange(
        "DROP TABLE coupons;", "the table `coupons` is gone", (require_refusal("SELECT code FROM coupons"),)
    ),
}


NUMBERS = tuple(STATEMENTS)
MARK = re.compile(r"^[ \t]*--[ \t]*(\d+)[ \t]*[.:]?[ \t]*(safe|safer)?[ \t]*$", re.M | re.I)
NUMBERED = re.compile(r"^[ \t]*--[ \t]*\d.*$", re.M)
MIN_SAFE_FORMS = 4
NOT_KEPT = "A row that was there is gone, or says something else. Could it have been kept?"
HARMS = {
    "app refused": "The application goes on as it is. What does it ask for that your form has taken away?",
    "app misled": NOT_KEPT,
    "write lost": NOT_KEPT,
    "waits": "Which part of the rows can one statement take, and which can the next?",
}
WHY_UNSAFE = {
    "refused": "On an empty table it would go through. Which rows are in its way?",
    "app refused": "Read what the application sends: which name does it still use?",
    "waits": "How many rows does it write before anybody else can?",
}


def read_safer_forms(text: str, numbers: Sequence[int]) -> dict[int, str]:
    """Read the statements behind lines `-- 4`, one for each statement that is not safe; raise `Mismatch` on its form.

    A line `-- 2: safe` has nothing behind it, and says the same as no line at all.
    """
    unclear = next((line.strip() for line in NUMBERED.findall(text) if not MARK.fullmatch(line)), "")
    if unclear:
        raise Mismatch("a number alone in its line, or `-- 2: safe`", f"`{unclear}`")
    before, *pieces = MARK.split(text)
    if has_code(before, "SQLite"):
        raise Mismatch("a line such as `-- 4` above the first statement", "a statement")
    forms: dict[int, str] = {}
    for number, word, body in zip(map(int, pieces[::3]), pieces[1::3], pieces[2::3], strict=True):
        if number not in numbers:
            raise Mismatch(f"numbers from {numbers[0]} to {numbers[-1]}", f"a line `-- {number}`")
        if number in forms:
            raise Mismatch(f"one line `-- {number}`", "two; write all its statements behind one of them")
        forms[number] = _read_form(number, (word or "").lower() == "safe", body)
    return {number: form for number, form in forms.items() if form}


def _read_form(number: int, safe: bool, body: str) -> str:
    """The statements behind the line of this number, "" if it is said to be safe."""
    if safe and has_code(body, "SQLite"):
        raise Mismatch(f"nothing behind `-- {number}: safe`, for it is run as it stands", "a statement")
    if not safe and not has_code(body, "SQLite"):
        raise Mismatch(f"the safer form behind `-- {number}` (a safe statement needs no line)", "nothing")
    return "" if safe else body


@dataclass(frozen=True)
class UnsafeStatements:
    """Those of the twelve statements that are not safe."""

    hazards: dict[int, Hazard]
    """What goes wrong with each as it stands, by its number."""


@key_for("safe-or-safer", of=UnsafeStatements)
def find_unsafe_statements(request: KeyRequest) -> UnsafeStatements:
    """Run each of the twelve statements beside the applications."""
    hazards = find_hazards(live_shop(request.seed), STATEMENTS)
    return UnsafeStatements({number: replace(hazard, timeline=None) for number, hazard in hazards.items()})


@dataclass(frozen=True)
class Forms:
    """What came of the safer forms that an answer gives, and of the statements as they stand."""

    hazards: dict[int, Hazard | None]
    """The hazard of each form, by the number of its statement; None for a safe form."""
    unsafe: dict[int, Hazard]
    """The hazard of each statement that is not safe as it stands."""


@experiment("safe-or-safer", condition="your answer is SQL behind lines `-- 1` to `-- 12`, each at most once")
def run_forms(attempt: Attempt) -> Forms:
    """Run each form beside the applications."""
    changes = {
        number: replace(STATEMENTS[number], sql=form)
        for number, form in read_safer_forms(attempt.answer, NUMBERS).items()
    }
    hazards = find_hazards(live_shop(attempt.seed), changes)
    return Forms({number: hazards.get(number) for number in changes}, attempt.key.hazards)


@claim(run_forms)
def replaces_every_unsafe_statement(forms: Forms) -> None:
    """you left no statement as it stands that is not safe"""
    missed = [number for number in forms.unsafe if number not in forms.hazards]
    if missed:
        first = forms.unsafe[missed[0]]
        found = f"{len(missed)} of {len(forms.unsafe)} left; first {_quote(missed[0])}: {first.words}"
        expected = "a safer form of each statement that is not safe"
        raise Mismatch(expected, found, WHY_UNSAFE.get(first.kind, ""), first.tables)


def _quote(number: int) -> str:
    statement = " ".join(STATEMENTS[number].sql.split())
    return f"number {number}, `{statement if len(statement) < 70 else statement[:69] + '…'}`"


@claim(run_forms)
def four_forms_are_safe(forms: Forms) -> None:
    """at least four of your forms are safe, and do what the statement was for"""
    needed = {number: hazard for number, hazard in forms.hazards.items() if number in forms.unsafe}
    good = [number for number, hazard in needed.items() if not hazard]
    if len(good) < MIN_SAFE_FORMS:
        numbers = ", ".join(map(str, good)) or "none"
        bad = next((f"; number {number}: {hazard.words}" for number, hazard in needed.items() if hazard), "")
        raise Mismatch(f"at least {MIN_SAFE_FORMS} of them", f"{len(good)} (numbers: {numbers}){bad}")


@claim(run_forms, after=four_forms_are_safe)
def leaves_safe_statements_alone(forms: Forms) -> None:
    """you rewrote no statement that is safe as it stands"""
    needless = [number for number in forms.hazards if number not in forms.unsafe]
    if needless:
        hint = "We ran it as it stands, beside the application: nobody minded. What did you expect to go wrong?"
        raise Mismatch("safe statements left alone", f"another form of {_quote(needless[0])}", hint=hint)


@claim(run_forms, after=replaces_every_unsafe_statement)
def forms_serve_their_purpose(forms: Forms) -> None:
    """each of your forms runs, and does what the statement was for"""
    for number, hazard in forms.hazards.items():
        if hazard and hazard.kind == "refused":
            raise Mismatch(f"your form of {number} to run to its end", hazard.words, hint=_hint_at_refusal(hazard))
        if hazard and hazard.shortfall:
            hint = "It goes through, and misses what it is for. Which rows, or which later writes, does it forget?"
            raise Mismatch(f"{STATEMENTS[number].purpose} (number {number})", hazard.shortfall, hint=hint)


def _hint_at_refusal(hazard: Hazard) -> str:
    """What to ask of a form that SQLite refuses, or "" where it is refused for its grammar or its names."""
    if hazard.shortfall:
        asks = re.search(r"constraint failed|Cannot add", hazard.words)
        return "Your form is refused as well. Which row, or which rule, is still in its way?" if asks else ""
    done = "SQLite says" in hazard.words
    return "Up to there it does all that it is for. What was the refused statement to add?" if done else ""


@claim(run_forms, after=forms_serve_their_purpose)
def forms_harm_no_application(forms: Forms) -> None:
    """while your forms run no application is refused or misled, no row is lost, and nobody waits for many rows"""
    for number, hazard in forms.hazards.items():
        if hazard and hazard.kind in HARMS:
            picture = str(draw_timeline(hazard.timeline)) if hazard.timeline and hazard.kind != "waits" else ""
            expected = f"nobody harmed by your form of {number}"
            raise Mismatch(expected, hazard.words, HARMS[hazard.kind], hazard.tables, picture)
