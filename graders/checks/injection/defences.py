"""Claims on functions that must withstand attacks: pages whose inputs stay data, and a login on hashed passwords."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import partial
from typing import Any

from course_data import bookshop
from graders import Mismatch
from graders.figures.statements import draw_statement
from graders.kernel.claims import Attempt, claim, experiment
from graders.kernel.report import Table
from graders.techniques.attacks import (
    ANYTHING,
    REFUSED,
    Behaviour,
    CallTrace,
    ConnectionSubject,
    Data,
    InjectionExercise,
    InjectionPoint,
    injection_exercise,
    plant_row,
)

SORTABLE = ("title", "author", "price")
FILTERS = ("title", "author", "shelf", "price", "note")
shop_function = partial(Behaviour, bookshop.SCHEMA, bookshop.data, secrets=(("members", "password"),))
plant_book = partial(plant_row, "books", bookshop.EXTRA_BOOK)


def _search(data: Data, words: str, most: str) -> Any:
    if not (most.isascii() and most.isdigit()):
        return REFUSED
    books = bookshop.books_containing(data, words)
    return [(book["title"], book["price"]) for book in books if book["price"] <= int(most)]


injection_exercise(
    "fix-the-search",
    InjectionExercise(
        shop_function(
            points=(
                InjectionPoint(
                    "words",
                    "pattern",
                    bookshop.WORDS,
                    arguments=lambda words: (words, "5000"),
                    plant=plant_book("title"),
                ),
                InjectionPoint("most", "number", ("990", "1500", "0", "100000"), arguments=lambda most: ("e", most)),
            ),
            expects=_search,
            more_calls=(("e", "9.5"),),
            needs=frozenset({("books", "title"), ("books", "price")}),
        ),
        draw=draw_statement,
    ),
)


def _columns(books: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [(book["title"], book["author"], book["price"]) for book in books]


def _listing(data: Data, column: str, direction: str) -> Any:
    if column not in SORTABLE or direction not in ("asc", "desc"):
        return REFUSED
    return _columns(bookshop.books_with(data, {}, column if direction == "asc" else f"-{column}"))


injection_exercise(
    "sortable-list",
    InjectionExercise(
        shop_function(
            points=(
                InjectionPoint("column", "identifier", SORTABLE, arguments=lambda column: (column, "asc")),
                InjectionPoint("direction", "identifier", ("asc", "desc"), arguments=lambda way: ("price", way)),
            ),
            expects=_listing,
            ordered=True,
            more_calls=(("title", "desc"), ("author", "desc")),
        ),
        draw=draw_statement,
        honest="it gives the books sorted by title, author or price, up and down",
        safe="it raises an exception for every other column and direction, and sends nothing of them to the engine",
    ),
)


def _plant_name(data: Data, name: str) -> Data:
    """The data with the member 4 called `name`."""
    members = [(row[0], name, *row[2:]) if row[0] == 4 else row for row in data["members"]]
    return {**data, "members": members}


def _change_password(data: Data, member_id: int, new: str) -> Data:
    members = [(row[0], row[1], new, row[3]) if row[0] == member_id else row for row in data["members"]]
    name = next(row[1] for row in data["members"] if row[0] == member_id)
    return {**data, "members": members, "log": [*data["log"], (f"{name} has a new password",)]}


injection_exercise(
    "fix-both-ends",
    InjectionExercise(
        shop_function(
            points=(
                InjectionPoint("new", "text", ("secret", "it's", "100%", "雪", ""), arguments=lambda new: (4, new)),
                InjectionPoint(
                    "name",
                    "stored",
                    ("Dara O'Brien", "50% Off", "川"),
                    arguments=lambda _: (4, "secret"),
                    plant=_plant_name,
                ),
            ),
            expects=lambda data, member_id, new: ANYTHING,
            leaves=_change_password,
            more_calls=((2, "secret"), (5, "other")),
        ),
        draw=draw_statement,
        honest="it changes the password of the member and of nobody else, and writes one line into the log",
        safe="no name and no new password makes its statements say anything else",
    ),
)


def _find_books(data: Data, filters: dict[str, Any], order: str) -> Any:
    if order.removeprefix("-") not in SORTABLE or not set(filters) <= set(FILTERS):
        return REFUSED
    return _columns(bookshop.books_with(data, filters, order))


def _filter(column: str, honest: tuple[str, ...]) -> InjectionPoint:
    """A value that books must have in `column`."""
    return InjectionPoint(column, "text", honest, lambda value: ({column: value}, "title"), plant_book(column))


injection_exercise(
    "filters-from-json",
    InjectionExercise(
        shop_function(
            points=(
                _filter("author", bookshop.AUTHORS),
                _filter("title", ("Emma", "雪国", "")),
                _filter("note", ("signed", "", "returned")),
                InjectionPoint(
                    "key", "identifier", ("title", "author", "note"), arguments=lambda key: ({key: "signed"}, "title")
                ),
                InjectionPoint("order", "identifier", SORTABLE, arguments=lambda order: ({"shelf": 2}, order)),
            ),
            expects=_find_books,
            ordered=True,
            more_calls=(
                ({}, "price"),
                ({"shelf": 2}, "note"),
                ({}, "-title"),
                ({"note": None}, "-price"),
                ({"shelf": 3, "note": ""}, "price"),
                ({"shelf": 3, "note": "signed"}, "price"),
                ({"note": None, "shelf": 1}, "author"),
                ({"title": "雪国", "author": "川端康成"}, "-author"),
                ({"shelf": 3, "price": 700, "note": "returned"}, "title"),
            ),
        ),
        draw=draw_statement,
        honest="it finds exactly the books that have every value asked for, NULL among them, in the order asked for",
        safe="no key, no value and no order does anything but be looked for, or be refused with an exception",
    ),
)


MEMBERS = "CREATE TABLE members (member_id INTEGER PRIMARY KEY, name VARCHAR NOT NULL, stored VARCHAR NOT NULL);"
MIN_N, MIN_SALT_BYTES, MIN_HASH_BYTES = 4096, 16, 32
# What we compute ourselves to verify a row: some seconds at most.
MAX_WORK = 2**21
LOGIN_ATTACKS = ("' OR 1=1 -- ", "Ada' -- ", "x' UNION SELECT name, stored FROM members -- ")
STRANGERS = ("nobody", "O'Brien", "", *LOGIN_ATTACKS, "Ad_")


def old_row(password: str) -> str:
    """How the shop stored a password before: a bare SHA-256."""
    return "sha256$" + hashlib.sha256(password.encode()).hexdigest()


def new_row(password: str, salt: bytes, n: int = MIN_N) -> str:
    """How it stores one now: scrypt with its parameters, a salt, and the hash."""
    return f"scrypt${n}$8$1${salt.hex()}${_scrypt(password, salt, n, 8, 1)}"


def _scrypt(password: str, salt: bytes, n: int, r: int, p: int, length: int = 64) -> str:
    return hashlib.scrypt(password.encode(), salt=salt, n=n, r=r, p=p, maxmem=2**26, dklen=length).hex()


def is_new_row(stored: Any, password: str) -> bool:
    """Whether a row in the new form is one of `password`, with a salt and an N of the least size asked for."""
    try:
        kind, *numbers, salt, found = stored.split("$")
        n, r, p = map(int, numbers)
        strong = kind == "scrypt" and n >= MIN_N and min(r, p) > 0 and len(salt) >= 2 * MIN_SALT_BYTES
        length = max(len(found) // 2, MIN_HASH_BYTES)
        return strong and n * r * p <= MAX_WORK and found == _scrypt(password, bytes.fromhex(salt), n, r, p, length)
    except (ValueError, TypeError, MemoryError, OverflowError, AttributeError):
        return False


@dataclass(frozen=True)
class Logins:
    """What a login did for those whom it must let in, and for all others."""

    stored: dict[str, str]
    """For each member what the row held before: Ada and Dara have old rows of one password, Ines and Edgar new ones."""
    passwords: dict[str, str]
    """The passwords of those four."""
    right: dict[str, CallTrace]
    """For each of them, what the right password did."""
    wrong: dict[str, CallTrace]
    """For each of them, what a wrong password did."""
    strangers: dict[str, CallTrace]
    """For each name that is no member's, what Ada's password did."""
    second: CallTrace
    """What Dara's password did after Ada had logged in."""
    again: CallTrace
    """What Ada's password did to her old row on another day."""


@experiment("upgrade-password-hashes")
def log_in(attempt: Attempt) -> Logins:
    """Log in with right and wrong passwords, each time into the shop as it was at first."""
    shared, other = attempt.rng.randbytes(4).hex(), "naïve & " + attempt.rng.randbytes(4).hex()
    passwords = {"Ada": shared, "Dara O'Brien": shared, "Ines": other, "Edgar": shared}
    stored = {
        "Ada": old_row(shared),
        "Dara O'Brien": old_row(shared),
        "Ines": new_row(other, attempt.rng.randbytes(MIN_SALT_BYTES)),
        "Edgar": new_row(shared, attempt.rng.randbytes(MIN_SALT_BYTES), 1024),
        "Fatima": old_row(other),
    }
    data = _table(stored)
    with ConnectionSubject(attempt.answer, MEMBERS) as login:
        right = {name: login(data, (name, password)) for name, password in passwords.items()}
        wrong = {name: login(data, (name, password + "x")) for name, password in passwords.items()}
        strangers = {name: login(data, (name, shared)) for name in STRANGERS}
        after = _stored(right["Ada"])
        later = _table({name: after.get(name) or row for name, row in stored.items()})
        second, again = login(later, ("Dara O'Brien", shared)), login(data, ("Ada", shared))
    return Logins(stored, passwords, right, wrong, strangers, second, again)


def _table(stored: dict[str, Any]) -> Data:
    return {"members": [(number, *row) for number, row in enumerate(stored.items(), start=1)]}


def _stored(record: CallTrace) -> dict[str, Any]:
    """For each name what the row holds after a call."""
    return {row[1]: row[2] for row in (record.data_after or {}).get("members", ()) if len(row) == 3}


def _changed(logins: Logins, record: CallTrace) -> list[str]:
    """The members whose rows a call changed."""
    after = _stored(record)
    return [name for name, stored in logins.stored.items() if after.get(name) != stored]


def _value_of(record: CallTrace) -> Any:
    if record.raised:
        raise Mismatch(f"{record.call} to give True or False", record.raised)
    return record.value


@claim(log_in)
def accepts_right_passwords_only(logins: Logins) -> None:
    """the right password logs in, with an old row and with a new one; a wrong password and an unknown name do not"""
    for name, record in logins.right.items():
        if _value_of(record) is not True:
            raise Mismatch(f"{record.call} to give True", "it does not", _hint_on_form(logins.stored[name]))
        if _value_of(logins.wrong[name]) is not False:
            raise Mismatch(f"a wrong password of {name} to give False", "it does not")
    for record in logins.strangers.values():
        if _value_of(record) is not False:
            raise Mismatch(f"{record.call} to give False", "it logs in")


def _hint_on_form(stored: str) -> str:
    if stored.startswith("sha256"):
        return "The row begins with `sha256$`: how was it made?"
    return "The row names its own parameters and its salt. Do you compute with those, or with others?"


@claim(log_in, after=accepts_right_passwords_only)
def upgrades_old_rows(logins: Logins) -> None:
    """after it an old row is a new one of the same password, and lets it in again"""
    stored = _stored(logins.right["Ada"]).get("Ada")
    if stored == logins.stored["Ada"]:
        hint = "Only at this moment does the program know the password. What can it write now?"
        raise Mismatch("a new row for Ada", "the old one is still there", hint=hint)
    if not is_new_row(stored, logins.passwords["Ada"]):
        raise Mismatch(
            f"`scrypt$n$r$p$salt$hash` with n of {MIN_N} and a salt of {MIN_SALT_BYTES} bytes at least, in hex",
            f"`{stored:.100}`" if isinstance(stored, str) else f"`{stored!r:.100}`",
            hint="Can this row be verified by what stands in it, and by nothing else?",
        )


@claim(log_in, after=upgrades_old_rows)
def salts_each_row(logins: Logins) -> None:
    """two members with the same password get different rows, and nobody can tell a salt beforehand"""
    for record in (logins.second, logins.again):
        _value_of(record)
    ada, dara = _stored(logins.right["Ada"]).get("Ada"), _stored(logins.second).get("Dara O'Brien")
    if ada == dara:
        raise Mismatch(
            "two different rows",
            "the same row twice",
            hint="Whoever steals the table sees who shares a password. What is a salt for, and how often is it drawn?",
            tables=[Table("members", ("name", "stored"), [("Ada", ada), ("Dara O'Brien", dara)])],
        )
    if ada == _stored(logins.again).get("Ada"):
        hint = "Ada's old row was replaced on two days, by the same new one. Is the salt drawn, or computed?"
        raise Mismatch("a row that nobody can foresee", "the same row once more", hint=hint)


@claim(log_in, after=accepts_right_passwords_only)
def changes_no_other_row(logins: Logins) -> None:
    """a wrong password and a stranger change nothing, and nobody's row changes but one's own"""
    for record in (*logins.wrong.values(), *logins.strangers.values()):
        if changed := _changed(logins, record):
            raise Mismatch(
                f"{record.call} to change nothing",
                f"the row of {changed[0]} is another one",
                hint="Somebody without the password has just set one. What must be known before a row is replaced?",
            )
    others = [name for name in _changed(logins, logins.right["Ada"]) if name != "Ada"]
    if others:
        hint = "Whose row does your UPDATE reach?"
        raise Mismatch("Ada's row alone to change", f"the row of {others[0]} too", hint=hint)
