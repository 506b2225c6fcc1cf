"""The bookshop's pages, each with its hole on purpose, and claims on the locks on a connection behind one of them."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any

from course_data import bookshop
from graders import Mismatch
from graders.kernel.claims import Attempt, claim, experiment
from graders.kernel.report import Table
from graders.labs import EngineError, Lab, open_lab

WINDOW = "shop_window"


def login(lab: Lab, name: str, password: str) -> tuple | None:
    """Who is logged in, as (name, role); None if nobody is."""
    found = lab.execute(f"SELECT name, role FROM members WHERE name = '{name}' AND password = '{password}'")
    return found.rows[0] if found.rows else None


def search(lab: Lab, words: str) -> list[tuple]:
    """The title and the price of every book whose title contains `words`."""
    return lab.execute(f"SELECT title, price FROM books WHERE title LIKE '%{words}%'").rows


def in_stock(lab: Lab, title: str) -> bool:
    """Whether there is such a book. The page says yes or no, and no when something goes wrong."""
    try:
        return bool(lab.execute(f"SELECT 1 FROM books WHERE title = '{title}'").rows)
    except EngineError:
        return False


def listing(lab: Lab, column: str) -> list[tuple]:
    """The title and the price of every book, sorted by `column`."""
    return lab.execute(f"SELECT title, price FROM books ORDER BY {column}").rows


def only_the_window(action: int, one: str | None, two: str | None, database: str | None, view: str | None) -> int:
    """An authorizer: SELECT, functions, and reading the shop's window are allowed, and nothing else."""
    if action in (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_FUNCTION):
        return sqlite3.SQLITE_OK
    through_the_window = action == sqlite3.SQLITE_READ and WINDOW in (one, view)
    return sqlite3.SQLITE_OK if through_the_window else sqlite3.SQLITE_DENY


UNION_ATTACK = "zzz' UNION SELECT name, password FROM members -- "
DELETE_CLERK = "DELETE FROM members WHERE role = 'clerk'"


@dataclass(frozen=True)
class LockedConnection:
    """What a connection still does after the steps that lock it; an error is the engine's words."""

    books: list[tuple] | str
    """What the page gives for Emma, or the error."""
    passwords: list[tuple] | str
    """What it gives for the UNION attack, or the error."""
    deletes: bool
    """Whether the clerk can be deleted once the authorizer is gone."""


@experiment("lock-down-the-page", condition="SQLite takes your steps in this order")
def lock_connection(attempt: Attempt) -> LockedConnection:
    """Run the steps, and then what the locks have to let through or refuse."""
    with open_lab("SQLite", bookshop.SCHEMA, bookshop.data(1, "the clerk's secret"), here=True) as lab:
        connection = lab.connection
        _run_steps(attempt.answer, {"connection": connection, "only_the_window": only_the_window})
        page = f"SELECT title, price FROM {WINDOW} WHERE title LIKE '%{{}}%'"
        books, passwords = (_rows_or_error(connection, page.format(words)) for words in ("Emma", UNION_ATTACK))
        connection.set_authorizer(None)
        return LockedConnection(books, passwords, isinstance(_rows_or_error(connection, DELETE_CLERK), list))


def _run_steps(steps: str, names: dict[str, Any]) -> None:
    """Run the steps one by one; they are the lesson's own, and only their order is the student's."""
    for step in steps.splitlines():
        try:
            exec(step, names)
        except sqlite3.Error as error:
            raise Mismatch(
                "no step to be refused", f"SQLite refuses `{step}`: {error}", _hint_on(step, steps)
            ) from None


def _hint_on(step: str, steps: str) -> str:
    if "GRANT" in step:
        return "SQLite has no users, so it has nothing to grant to. Which steps limit the connection itself?"
    if "set_authorizer(only" in steps[: steps.index(step)]:
        return "The authorizer refuses this, as it should. What has to be done before it is set?"
    return "The connection does not write any more. What had to be written before?"


def _rows_or_error(connection: sqlite3.Connection, statement: str) -> list[tuple] | str:
    try:
        return connection.execute(statement).fetchall()
    except sqlite3.Error as error:
        return str(error)


@claim(lock_connection)
def finds_books_and_hides_members(locked: LockedConnection) -> None:
    """the page finds books, and the UNION that asks for passwords is refused"""
    if isinstance(locked.books, str):
        hint = f"The page reads `{WINDOW}`: which step makes it?"
        raise Mismatch("the page to find Emma", f"SQLite says: {locked.books}", hint=hint)
    if len(locked.books) != 1:
        raise Mismatch("one book", f"{len(locked.books)} books")
    if isinstance(locked.passwords, list):
        hint = "Nobody asks whether this connection may read `members`. Which step asks, and is it still in force?"
        tables = [Table("shown", ("1", "2"), locked.passwords[:3])]
        raise Mismatch("the UNION to be refused", "it shows all passwords", hint=hint, tables=tables)


@claim(lock_connection, after=finds_books_and_hides_members)
def rejects_writes(locked: LockedConnection) -> None:
    """should the authorizer be forgotten one day, the connection still cannot write"""
    if locked.deletes:
        raise Mismatch("the DELETE to be refused", "it ran", hint="Which step makes a connection that only reads?")
