"""Claims on a repair of the pattern card's parameterized query: the page of one user, and nothing besides."""

from __future__ import annotations

import random
from typing import Any

from course_data import bookshop
from graders import Mismatch
from graders.figures.statements import draw_statement
from graders.kernel.claims import Attempt, claim, experiment
from graders.labs import Lab, open_lab
from graders.techniques.attacks import (
    Behaviour,
    ConnectionSubject,
    Data,
    Findings,
    InjectionPoint,
    Probe,
    explain_probe,
    probe,
    read_rows,
)

SCHEMA = """
CREATE TABLE users (
    id       VARCHAR PRIMARY KEY,
    name     VARCHAR NOT NULL,
    password VARCHAR NOT NULL,
    role     VARCHAR NOT NULL
);
"""
USERS = (
    ("ann", "Ann Found", "reader"),
    ("Ann", "Ann Berg", "reader"),
    ("joanna", "Joanna Wise", "clerk"),
    ("o'brien", "Dara O'Brien", "reader"),
    ("50%", "Max Power", "reader"),
    ("a_n", "Ali Noor", "reader"),
)


def users(seed: int, secret: str = "") -> Data:
    """The rows of `users`; `secret` is everybody's password, which is random without it."""
    rng = random.Random(seed)
    passwords = ["".join(rng.choices(bookshop.LETTERS, k=10)) for _ in USERS]
    rows = zip(USERS, passwords, strict=True)
    return {"users": [(user, name, secret or password, role) for (user, name, role), password in rows]}


def _crowded_users(seed: int, secret: str = "") -> Data:
    """More users, whose ids and names are drawn, some of them nearly those of others."""
    rng, known = random.Random(f"{seed} crowd"), users(seed, secret)["users"]
    ids = {"".join(rng.choices("abcdeiounrst", k=6)) for _ in range(20)}
    drawn = [(user, f"{user.title()} Holt", secret, rng.choice(("reader", "clerk"))) for user in sorted(ids)]
    near = [(f"{user}{end}", "Kim Near", secret, "reader") for (user, *_), end in zip(drawn, "x ", strict=False)]
    long = [(drawn[0][0] * 20 + end, "Lee Long", secret, "reader") for end in ("", "x")]
    return {"users": [*known, *drawn, *near, *long]}


def open_users(engine: str = "SQLite") -> Lab:
    """A fresh database with the card's table `users`."""
    return open_lab(engine, SCHEMA, users(1))


def _find_user(data: Data, user_input: str) -> list[tuple[Any, ...]]:
    return [(name, role) for user, name, _, role in data["users"] if user == user_input]


USER_PAGE = Behaviour(
    SCHEMA,
    users,
    points=(
        InjectionPoint(
            "user_input",
            "text",
            honest=("ann", "Ann", "o'brien", "50%", "a_n", "nobody", "", "ann ", " ann"),
            draw_honest=lambda data: [*(row[0] for row in data["users"][6:]), data["users"][6][1]],
        ),
    ),
    expects=_find_user,
    secrets=(("users", "password"),),
    crowd=_crowded_users,
    needs=frozenset({("users", "id"), ("users", "name"), ("users", "role")}),
)


@experiment("flaw-in-the-card")
def call_page(attempt: Attempt) -> Findings:
    """Call the repaired page as honest people and as others do."""
    with ConnectionSubject(attempt.answer, SCHEMA) as page:
        return probe(page, USER_PAGE, attempt)


def _explain(found: Probe) -> Mismatch:
    return explain_probe(found, "SQLite", draw_statement)


@claim(call_page, weight=2)
def shows_one_user(findings: Findings) -> None:
    """it gives the name and the role of the user with exactly this id, and nothing else"""
    if findings.mistake is None:
        return
    told = _explain(findings.mistake)
    rows, expected = read_rows(findings.mistake.record.value), findings.mistake.expected
    if rows and len(rows[0]) > 2:
        hint = "Who may read this page? Look at what stands on it besides the name and the role."
        raise Mismatch(told.expected, told.found, hint=hint, tables=told.tables)
    if rows and len(rows) > len(expected) and not told.hint:
        hint = "The page shows other users too. Is your condition true for this id alone?"
        raise Mismatch(told.expected, told.found, hint=hint, tables=told.tables)
    raise told


@claim(call_page, after=shows_one_user)
def withstands_attacks(findings: Findings) -> None:
    """whatever is sent is looked for, and does nothing else"""
    if findings.attack:
        raise _explain(findings.attack)


@claim(call_page, after=shows_one_user)
def leaves_passwords_in_the_table(findings: Findings) -> None:
    """its statement reads no column that the page does not show or look for"""
    if findings.needless_read:
        told = _explain(findings.needless_read)
        if "users.password" not in told.found:
            raise told
        hint = "The page drops it, and it has left the table all the same. Which columns does your SELECT name?"
        raise Mismatch(told.expected, told.found, hint=hint, tables=told.tables)
