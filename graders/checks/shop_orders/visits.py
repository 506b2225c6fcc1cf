"""Claims on strangers at the shop's door: a search page that is attacked, and one and a login that withstand."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from course_data import shop as shop_data
from graders import Attempt, Mismatch, claim, experiment
from graders.figures.statements import draw_statement
from graders.labs import EngineError, open_lab
from graders.techniques.attacks import Behaviour, Data, InjectionExercise, InjectionPoint, Probe, injection_exercise

PAGE = "SELECT product_id, title, price_cents FROM products WHERE title LIKE '%{}%'"
MAX_TEXT = 400
SECRETS = (("customers", "password_hash"),)
# Signs that a pattern may have chosen to stand before `%` and `_`.
SIGNS = tuple("!\\^#$|/~@=+&?")
WORDS = (
    *("O'Neill", "100%", "_", "\\", "反射", "bell", "E", "wool cap", "CAFÉ", "", "zzz"),
    *(f"lamp {sign}" for sign in SIGNS),
)


@dataclass(frozen=True)
class Page:
    """What a page of results shows for one text."""

    secret: str
    """The salt of every password, which only `password_hash` contains."""
    rows: list[tuple]
    refusal: str
    """What SQLite says where it refuses the statement."""
    statement: str
    text: str


@experiment("steal-the-hashes")
def open_page(attempt: Attempt) -> Page:
    """Send the text to the search page of a shop with passwords of its own."""
    text = attempt.answer
    if not isinstance(text, str) or len(text) > MAX_TEXT:
        raise Mismatch("a text in `text`", f"`{text!r:.120}`")
    secret = f"{attempt.rng.randrange(16**12):012x}"
    statement = PAGE.format(text)
    with open_lab("SQLite", shop_data.SCHEMA, shop_data.data(attempt.seed, secret)) as lab:
        try:
            return Page(secret, lab.execute(statement).rows, "", statement, text)
        except EngineError as error:
            return Page(secret, [], error.sentence, statement, text)


@claim(open_page)
def shows_a_hash(page: Page) -> None:
    """with your text, the page shows how a password is stored"""
    if page.secret in str(page.rows):
        return
    picture = draw_statement(page.statement, page.text).svg if page.text in page.statement and page.text else ""
    found = f"SQLite says: {page.refusal}" if page.refusal else f"{len(page.rows)} rows, none with it"
    hint = ""
    if "do not have the same number of result columns" in page.refusal:
        hint = "The page's SELECT has three columns. How many has yours?"
    elif page.refusal and "--" not in page.text:
        hint = "After your text the page's own `%'` still follows. What makes it a comment?"
    elif "@example.com" in str(page.rows):
        hint = "Customers are on the page, but not how their passwords are stored. Which column of theirs keeps that?"
    elif not page.refusal and "union" not in page.text.lower():
        hint = "The page shows only products. Which word puts the rows of another table below them?"
    raise Mismatch("`password_hash` of a customer among the rows", found, hint, picture=picture)


def small(text: str) -> str:
    """`text` with small letters for A to Z, as LIKE compares."""
    return "".join(sign.lower() if sign.isascii() else sign for sign in text)


def find_products(data: Data, text: str) -> list[tuple]:
    """The products whose titles contain `text`."""
    return [(number, title, price) for number, title, price, _ in data["products"] if small(text) in small(title)]


def crowd(seed: int, secret: str = "") -> Data:
    """The shop with more products, whose titles are nearly those of others."""
    rng, tables = random.Random(f"{seed} crowd"), shop_data.data(seed, secret)
    nouns = ("Bell", "Pump", "Cap", "Band", "Chain", "Lamp")
    more = [(100 + n, f"{rng.choice(nouns)} {rng.choice('abcdef')}{n}", 50 * n, 1) for n in range(1, 30)]
    signs = [(300 + n, f"Lamp {sign} {rng.randrange(100)}", 700, 2) for n, sign in enumerate(SIGNS)]
    like = [
        (200, "Bell", 900, 3),
        (201, "100 wool cap", 1599, 1),
        (202, "Wool cape", 2599, 1),
        (203, "Wool socks", 499, 9),
    ]
    return {**tables, "products": [*tables["products"], *more, *like, (204, "Café bag", 3900, 2), *signs]}


injection_exercise(
    "repair-the-search",
    InjectionExercise(
        Behaviour(
            schema=shop_data.SCHEMA,
            data=shop_data.data,
            points=(InjectionPoint("text", "pattern", WORDS),),
            expects=find_products,
            secrets=SECRETS,
            needs=frozenset({("products", "product_id"), ("products", "title"), ("products", "price_cents")}),
            crowd=crowd,
        ),
        draw=draw_statement,
    ),
)


def find_customer(data: Data, email: str, password: str) -> Any:
    """The customer with this address and password; None for nobody, and for somebody who was deleted."""
    for number, address, _, stored, deleted in data["customers"]:
        if address == email and deleted is None and stored == shop_data.hash_password(password, stored.split("$")[1]):
            return number
    return None


def password_of(email: str) -> str:
    """The password that belongs to an address; a wrong one for any other."""
    return next((word for _, name, word in shop_data.CUSTOMERS if email == f"{name}@example.com"), "emma-1815")


def choose_hint(hint: str, probe: Probe) -> str:
    """The judge's hint, or one on who was deleted, and on a statement that reads columns which it does not need."""
    if probe.record.value == shop_data.DELETED:
        return "This customer was deleted, and is still in the table. Which column says so, and where is it asked for?"
    if probe.fault == "reads" and probe.statement and "*" in probe.statement.text:
        return "`*` takes every column of the row out of the table. Which of them does a login not need?"
    return hint


def logins(data: Data) -> list[tuple[str, str]]:
    """Everybody with their password, with another's, and with nearly theirs; and a deleted one with the right one."""
    known = [(f"{name}@example.com", word) for _, name, word in shop_data.CUSTOMERS]
    others = [(email, known[place - 1][1]) for place, (email, _) in enumerate(known)]
    email, word = known[0]
    padded = [(f" {email}", word), (f"{email}\n", word), (email, f" {word}"), (email, f"{word} ")]
    return [*known, *others, *padded, (email, "EMMA-1815"), (email.upper(), word), (email, "")]


injection_exercise(
    "repair-the-login",
    InjectionExercise(
        Behaviour(
            schema=shop_data.SCHEMA,
            data=shop_data.data,
            points=(
                InjectionPoint(
                    "email",
                    "text",
                    ("ada@example.com", "dara.o'brien@example.com", "mei@example.com", "nobody@example.com", ""),
                    arguments=lambda email: (email, password_of(email)),
                ),
                InjectionPoint(
                    "password",
                    "text",
                    ("emma-1815", "it's me", "' OR 1 = 1 --", "雪国", ""),
                    arguments=lambda password: ("ada@example.com", password),
                ),
            ),
            expects=find_customer,
            secrets=SECRETS,
            needs=frozenset(("customers", name) for name in ("customer_id", "email", "password_hash", "deleted_at")),
            more_calls=logins,
        ),
        draw=draw_statement,
        choose_hint=choose_hint,
        honest="it lets in whoever has the password, and nobody else: with apostrophes, other scripts, empty texts",
        safe="what is sent is compared, and does nothing else: its statements are the same for every input",
    ),
)
