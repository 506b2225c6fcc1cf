"""Claims on the attacks of the lesson on injection, judged by what they reach, never by their text."""

from __future__ import annotations

import contextlib

from sqlglot import exp

from course_data import bookshop
from graders import Mismatch, claim
from graders.checks.injection import extraction as injection_extraction
from graders.checks.injection import functions as injection_functions
from graders.checks.injection import login as injection_login
from graders.checks.injection import privileges as injection_privileges
from graders.checks.injection.pages import login, search
from graders.figures.statements import draw_statement
from graders.kernel.randomness import drawing
from graders.kernel.report import Table
from graders.labs import EngineError, Lab, open_lab
from graders.sql.parsing import Unreadable, parse

__all__ = ["injection_extraction", "injection_functions", "injection_login", "injection_privileges"]


def shop_with(secret: str) -> Lab:
    """A bookshop whose clerk has the password `secret`; the other passwords are new each time too."""
    return open_lab("SQLite", bookshop.SCHEMA, bookshop.data(drawing().randrange(10**9), secret))


def new_secret() -> str:
    """A password that nobody can know beforehand."""
    return "".join(drawing().choice(bookshop.LETTERS) for _ in range(10))


@claim("injection-2")
def is_logged_in_as_the_clerk(form):
    """with what you send, the page logs you in as a clerk, whatever the clerk's password is"""
    if not isinstance(form, dict) or set(form) != {"name", "password"} or not all(map(_is_text, form.values())):
        raise Mismatch("`form` with two texts, `name` and `password`", f"`{form!r:.120}`")
    with shop_with(new_secret()) as lab:
        statement = _statement_of(login, lab, **form)
        shown = draw_statement(statement, form["name"] if "'" in form["name"] else form["password"]).svg
        try:
            session = login(lab, **form)
        except EngineError as error:
            raise Mismatch(
                "a statement that SQLite can run",
                f"SQLite says: {error.sentence}",
                hint="After your quote the rest of the page's statement still follows. What makes it harmless?",
                picture=shown,
            ) from None
    _is_clerk(session, form, shown)


def _is_clerk(session: tuple | None, form: dict, shown: str) -> None:
    if session is None:
        ends = "'" in form["name"] + form["password"]
        raise Mismatch(
            "a session as a clerk",
            "nobody is logged in",
            hint="The quote that you sent is there. Which rows fulfil the condition that it leaves?"
            if ends
            else "All that you sent is read as data. Which character ends a text in SQL?",
            picture=shown,
        )
    if session[1] != "clerk":
        raise Mismatch(
            "a session as a clerk",
            f"a session as {session[0]}, who is a {session[1]}",
            hint="You are in, as whoever comes first. Which condition leaves the clerk's row alone?",
            picture=shown,
        )


def _is_text(value: object) -> bool:
    return isinstance(value, str) and len(value) < 2000


def _statement_of(page, lab: Lab, **sent: str) -> str:
    """The statement that a page makes of what is sent to it."""
    return _Listening(lab).heard(page, **sent)


class _Listening:
    """Stands for a lab and keeps the last statement instead of running it."""

    def __init__(self, lab: Lab):
        self.engine = lab.engine
        self.statement = ""

    def execute(self, statement: str):
        self.statement = statement
        raise EngineError(self.engine, "not run", statement)

    def heard(self, page, **sent: str) -> str:
        with contextlib.suppress(EngineError):
            page(self, **sent)
        return self.statement


@claim("injection-3")
def shows_the_clerks_password(words):
    """the search page shows the clerk's password, whatever it is"""
    if not _is_text(words):
        raise Mismatch("a text in `words`", f"`{words!r:.120}`")
    secret = new_secret()
    with shop_with(secret) as lab:
        statement = _statement_of(search, lab, words=words)
        shown = draw_statement(statement, words).svg
        try:
            rows = search(lab, words)
        except EngineError as error:
            raise _does_not_run(error, statement, shown) from None
    if secret not in str(rows):
        raise _shows_something_else(rows, words, shown)


def _does_not_run(error: EngineError, statement: str, shown: str) -> Mismatch:
    widths = _widths_of_union(statement)
    return Mismatch(
        "a statement that SQLite can run",
        f"SQLite says: {error.sentence}",
        hint=f"The page's SELECT has {widths[0]} columns and yours has {widths[1]}: what must be equal below UNION?"
        if len(set(widths)) > 1
        else "Your SELECT asks for something that is not there. What are the table and its columns called?"
        if _read(statement)
        else "After your input the page's `%'` still follows. What turns the rest of a line into a remark?",
        picture=shown,
    )


def _read(statement: str) -> exp.Expr | None:
    """The one statement that `statement` is, or None if it cannot be read as one."""
    try:
        return parse(statement, "SQLite")
    except Unreadable:
        return None


def _widths_of_union(statement: str) -> list[int]:
    """How many columns each SELECT of a UNION has; nothing if it cannot be read as one."""
    tree = _read(statement)
    if not isinstance(tree, exp.SetOperation):
        return []
    return [len(tree.this.selects), len(tree.expression.selects)]


def _shows_something_else(rows: list[tuple], words: str, shown: str) -> Mismatch:
    people = any(name in str(rows) for name in bookshop.MEMBERS)
    return Mismatch(
        "the clerk's password among the rows",
        f"{len(rows)} rows without it",
        hint="These are members. In which column of theirs does the password stand, and is the clerk's row there?"
        if people
        else "The page shows books and nothing else. Which word puts the rows of a second SELECT below the first?",
        tables=[Table("what the page shows", ("title", "price"), rows[:6])] if rows else (),
        picture=shown,
    )
