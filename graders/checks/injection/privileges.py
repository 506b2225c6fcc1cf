"""Claims on the locks behind a page with a hole: steps put in order, judged by running them in that order."""

from __future__ import annotations

import sqlite3

from course_data import bookshop
from graders import Mismatch, claim
from graders.checks.injection.pages import WINDOW, only_the_window
from graders.kernel.report import Table
from graders.labs import Lab, open_lab

ATTACK = "zzz' UNION SELECT name, password FROM members -- "
CLERK_GOES = "DELETE FROM members WHERE role = 'clerk'"


def _locked(steps: str) -> Lab:
    """A bookshop on whose connection the steps have been run; raise `Mismatch` at a step that is refused."""
    lab = open_lab("SQLite", bookshop.SCHEMA, bookshop.data(1, "the clerk's secret"), here=True)
    names = {"connection": lab.connection, "only_the_window": only_the_window}
    for step in steps.splitlines():
        try:
            # The steps are the lesson's own; only their order is the student's.
            exec(step, names)
        except sqlite3.Error as error:
            lab.close()
            found = f"SQLite refuses `{step}`: {error}"
            raise Mismatch("no step to be refused", found, _refused_step(step, steps)) from None
    return lab


def _refused_step(step: str, steps: str) -> str:
    if "GRANT" in step:
        return "SQLite has no users, so it has nothing to grant to. Which steps limit the connection itself?"
    before = steps[: steps.index(step)]
    if "set_authorizer(only" in before:
        return "The authorizer refuses this, as it should. What has to be done before it is set?"
    return "The connection does not write any more. What had to be written before?"


@claim("injection-11", worth=0)
def every_step_runs(answer):
    """SQLite takes your steps in this order"""
    _locked(answer).close()


@claim("injection-11", worth=1, after=every_step_runs)
def page_works_and_hides(answer):
    """the page finds books, and the UNION that asks for passwords is refused"""
    with _locked(answer) as lab:
        try:
            rows = _page(lab, "Emma")
        except sqlite3.Error as error:
            raise Mismatch(
                "the page to find Emma",
                f"SQLite says: {error}",
                hint=f"The page reads `{WINDOW}`: which step makes it?",
            ) from None
        if len(rows) != 1:
            raise Mismatch("one book", f"{len(rows)} books")
        try:
            leaked = _page(lab, ATTACK)
        except sqlite3.Error:
            return
    hint = "Nobody asks whether this connection may read `members`. Which step asks, and is it still in force?"
    raise Mismatch("the UNION to be refused", "it shows all passwords", hint, [Table("shown", ("1", "2"), leaked[:3])])


def _page(lab: Lab, words: str) -> list[tuple]:
    return lab.connection.execute(f"SELECT title, price FROM {WINDOW} WHERE title LIKE '%{words}%'").fetchall()


@claim("injection-11", worth=1, after=page_works_and_hides)
def second_lock_holds(answer):
    """should the authorizer be forgotten one day, the connection still cannot write"""
    with _locked(answer) as lab:
        lab.connection.set_authorizer(None)
        try:
            lab.connection.execute(CLERK_GOES)
        except sqlite3.Error:
            return
    raise Mismatch("the DELETE to be refused", "it ran", hint="Which step makes a connection that only reads?")
