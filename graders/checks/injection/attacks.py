"""Claims on attacks: a login and a search page that give more than they should."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from course_data import bookshop
from graders import Mismatch
from graders.checks.injection.pages import login, search
from graders.figures.statements import draw_statement
from graders.kernel.claims import Attempt, claim, experiment
from graders.kernel.report import Table
from graders.labs import EngineError, Lab, Result, open_lab
from graders.sql import Unreadable
from graders.sql.parsing import parse

MAX_INPUT = 2000


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

    @property
    def has_comment(self) -> bool:
        """Whether what was sent begins a comment."""
        return any(sign in value for value in self.inputs.values() for sign in ("--", "/*"))

    def draw(self, name: str) -> str:
        """The statement, with the input called `name` marked in it, as SVG."""
        return draw_statement(self.statement, self.inputs[name]).svg


class StatementRecorder:
    """A lab that remembers the last statement, and counts those that the engine refused."""

    def __init__(self, lab: Lab):
        self._lab = lab
        self.statement = ""
        self.refused = 0

    def execute(self, statement: str) -> Result:
        self.statement = statement
        self.refused += 1
        result = self._lab.execute(statement)
        self.refused -= 1
        return result


def call_page(page: Callable[..., Any], inputs: dict[str, str], rng: random.Random) -> PageCall:
    """Send `inputs` to a page of a shop of its own."""
    secret = draw_secret(rng)
    with open_shop(secret, rng) as lab:
        recorder = StatementRecorder(lab)
        try:
            result, refusal = page(recorder, **inputs), ""
        except EngineError as error:
            result, refusal = None, error.sentence
    return PageCall(inputs, secret, recorder.statement, result, refusal)


def _is_input(value: object) -> bool:
    return isinstance(value, str) and len(value) < MAX_INPUT


@experiment("forge-the-login")
def submit_form(attempt: Attempt) -> PageCall:
    """Log in with what the answer sends."""
    form = attempt.answer
    if not isinstance(form, dict) or set(form) != {"name", "password"} or not all(map(_is_input, form.values())):
        raise Mismatch("`form` with two texts, `name` and `password`", f"`{form!r:.120}`")
    return call_page(login, form, attempt.rng)


@claim(submit_form)
def logs_in_as_clerk(call: PageCall) -> None:
    """with what you send, the page logs you in as a clerk, whatever the clerk's password is"""
    picture = call.draw("name" if "'" in call.inputs["name"] else "password")
    if call.refusal:
        raise Mismatch(
            "a statement that SQLite can run",
            f"SQLite says: {call.refusal}",
            hint=""
            if call.has_comment
            else "After your quote the rest of the statement still follows. What makes it harmless?",
            picture=picture,
        )
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
        hint = "You are in, and not as the clerk. Which condition leaves the clerk's row alone?"
        raise Mismatch("a session as a clerk", f"a session as {name}, who is a {role}", hint=hint, picture=picture)


@experiment("union-a-password")
def submit_search(attempt: Attempt) -> PageCall:
    """Search for what the answer sends."""
    if not _is_input(attempt.answer):
        raise Mismatch("a text in `words`", f"`{attempt.answer!r:.120}`")
    return call_page(search, {"words": attempt.answer}, attempt.rng)


@claim(submit_search)
def shows_clerk_password(call: PageCall) -> None:
    """the search page shows the clerk's password, whatever it is"""
    if call.refusal:
        raise _explain_refusal(call)
    if call.secret not in str(call.result):
        raise _explain_missing_password(call)


def _explain_refusal(call: PageCall) -> Mismatch:
    return Mismatch(
        "a statement that SQLite can run",
        f"SQLite says: {call.refusal}",
        hint=_hint_on_widths(call.statement)
        or (
            "Your SELECT asks for something that is not there. What are the table and its columns called?"
            if call.refusal.startswith("no such")
            else "After your input the page's `%'` still follows. What turns the rest of a line into a comment?"
            if not call.has_comment
            else ""
        ),
        picture=call.draw("words"),
    )


def _hint_on_widths(statement: str) -> str:
    """A hint on a UNION of two SELECTs with other numbers of columns; empty if they are equal or cannot be told."""
    tree = _parse(statement)
    sides = [tree.this, tree.expression] if isinstance(tree, exp.SetOperation) else []
    widths = [len(side.selects) for side in sides if isinstance(side, exp.Select) and not side.is_star]
    if len(set(widths)) < 2:
        return ""
    return f"The page's SELECT has {widths[0]} columns and yours has {widths[1]}: what must be equal below UNION?"


def _parse(statement: str) -> exp.Expr | None:
    """The one statement that `statement` is, or None if it cannot be read as one."""
    try:
        return parse(statement, "SQLite")
    except Unreadable:
        return None


def _explain_missing_password(call: PageCall) -> Mismatch:
    rows = call.result
    return Mismatch(
        "the clerk's password among the rows",
        f"{len(rows)} rows without it",
        hint="These are members. In which column is the password, and is the clerk's row there?"
        if any(name in str(rows) for name in bookshop.MEMBERS)
        else "The page shows books and nothing else. Which word puts the rows of a second SELECT below the first?"
        if not isinstance(_parse(call.statement), exp.SetOperation)
        else "",
        tables=[Table("what the page shows", ("title", "price"), rows[:6])] if rows else (),
        picture=call.draw("words"),
    )
