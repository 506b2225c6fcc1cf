"""Claims on the attacks of the lesson on injection, and on the locks behind a page, judged by what they reach."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from course_data import bookshop
from graders import Mismatch
from graders.checks.injection.pages import WINDOW, login, only_the_window, search
from graders.figures.statements import draw_statement
from graders.kernel.claims import Attempt, claim, experiment
from graders.kernel.report import Table
from graders.labs import EngineError, Lab, Result, open_lab
from graders.sql.parsing import Unreadable, parse

MAX_INPUT = 2000
UNION_ATTACK = "zzz' UNION SELECT name, password FROM members -- "
DELETE_CLERK = "DELETE FROM members WHERE role = 'clerk'"


def open_shop(secret: str, rng: random.Random) -> Lab:
    """A bookshop whose clerk has the password `secret`; the other passwords are new each time too."""
    return open_lab("SQLite", bookshop.SCHEMA, bookshop.data(rng.randrange(10**9), secret))


def draw_secret(rng: random.Random) -> str:
    """A password that nobody can know beforehand."""
    return "".join(rng.choice(bookshop.LETTERS) for _ in range(10))


@dataclass(frozen=True)
class PageCall:
    """What came of the inputs that were sent to a page."""

    inputs: dict[str, str]
    """What was sent, by the names of the page's parameters."""
    secret: str
    """The clerk's password."""
    statement: str
    """The statement that the page made."""
    result: Any
    """What the page gave; None if the engine refused the statement."""
    refusal: str
    """What the engine said; empty if it ran the statement."""

    def draw(self, name: str) -> str:
        """The statement, with the input called `name` marked in it, as SVG."""
        return draw_statement(self.statement, self.inputs[name]).svg


class _StatementRecorder:
    """A lab that remembers the last statement."""

    def __init__(self, lab: Lab):
        self._lab = lab
        self.statement = ""

    def execute(self, statement: str) -> Result:
        self.statement = statement
        return self._lab.execute(statement)


def call_page(page: Callable[..., Any], inputs: dict[str, str], rng: random.Random) -> PageCall:
    """Send `inputs` to a page of a shop of its own."""
    secret = draw_secret(rng)
    with open_shop(secret, rng) as lab:
        recorder = _StatementRecorder(lab)
        try:
            result, refusal = page(recorder, **inputs), ""
        except EngineError as error:
            result, refusal = None, error.sentence
    return PageCall(inputs, secret, recorder.statement, result, refusal)


def _is_input(value: object) -> bool:
    return isinstance(value, str) and len(value) < MAX_INPUT


@experiment("forge-the-login")
def send_the_form(attempt: Attempt) -> PageCall:
    """Log in with what the answer sends."""
    form = attempt.answer
    if not isinstance(form, dict) or set(form) != {"name", "password"} or not all(map(_is_input, form.values())):
        raise Mismatch("`form` with two texts, `name` and `password`", f"`{form!r:.120}`")
    return call_page(login, form, attempt.rng)


@claim(send_the_form)
def is_logged_in_as_the_clerk(call: PageCall) -> None:
    """with what you send, the page logs you in as a clerk, whatever the clerk's password is"""
    picture = call.draw("name" if "'" in call.inputs["name"] else "password")
    if call.refusal:
        hint = "After your quote the rest of the page's statement still follows. What makes it harmless?"
        raise Mismatch("a statement that SQLite can run", f"SQLite says: {call.refusal}", hint=hint, picture=picture)
    if call.result is None:
        raise Mismatch(
            "a session as a clerk",
            "nobody is logged in",
            hint="The quote that you sent is there. Which rows fulfil the condition that it leaves?"
            if any("'" in value for value in call.inputs.values())
            else "All that you sent is read as data. Which character ends a text in SQL?",
            picture=picture,
        )
    name, role = call.result
    if role != "clerk":
        hint = "You are in, as whoever comes first. Which condition leaves the clerk's row alone?"
        raise Mismatch("a session as a clerk", f"a session as {name}, who is a {role}", hint=hint, picture=picture)


@experiment("union-a-password")
def send_the_words(attempt: Attempt) -> PageCall:
    """Search for what the answer sends."""
    if not _is_input(attempt.answer):
        raise Mismatch("a text in `words`", f"`{attempt.answer!r:.120}`")
    return call_page(search, {"words": attempt.answer}, attempt.rng)


@claim(send_the_words)
def shows_the_clerks_password(call: PageCall) -> None:
    """the search page shows the clerk's password, whatever it is"""
    if call.refusal:
        raise _cannot_run(call)
    if call.secret not in str(call.result):
        raise _shows_something_else(call)


def _cannot_run(call: PageCall) -> Mismatch:
    tree = _parse(call.statement)
    sides = [tree.this, tree.expression] if isinstance(tree, exp.SetOperation) else []
    widths = [len(side.selects) for side in sides]
    return Mismatch(
        "a statement that SQLite can run",
        f"SQLite says: {call.refusal}",
        hint=f"The page's SELECT has {widths[0]} columns and yours has {widths[1]}: what must be equal below UNION?"
        if len(set(widths)) > 1
        else "Your SELECT asks for something that is not there. What are the table and its columns called?"
        if tree
        else "After your input the page's `%'` still follows. What turns the rest of a line into a remark?",
        picture=call.draw("words"),
    )


def _parse(statement: str) -> exp.Expr | None:
    """The one statement that `statement` is, or None if it cannot be read as one."""
    try:
        return parse(statement, "SQLite")
    except Unreadable:
        return None


def _shows_something_else(call: PageCall) -> Mismatch:
    rows = call.result
    return Mismatch(
        "the clerk's password among the rows",
        f"{len(rows)} rows without it",
        hint="These are members. In which column of theirs does the password stand, and is the clerk's row there?"
        if any(name in str(rows) for name in bookshop.MEMBERS)
        else "The page shows books and nothing else. Which word puts the rows of a second SELECT below the first?",
        tables=[Table("what the page shows", ("title", "price"), rows[:6])] if rows else (),
        picture=call.draw("words"),
    )


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
def finds_books_and_hides_the_rest(locked: LockedConnection) -> None:
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


@claim(lock_connection, after=finds_books_and_hides_the_rest)
def refuses_to_write(locked: LockedConnection) -> None:
    """should the authorizer be forgotten one day, the connection still cannot write"""
    if locked.deletes:
        raise Mismatch("the DELETE to be refused", "it ran", hint="Which step makes a connection that only reads?")
