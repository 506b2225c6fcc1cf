"""Claims on the steps that rename a status in a lookup table."""

from __future__ import annotations

import random
from dataclasses import dataclass

from graders import Attempt, Mismatch, claim, experiment
from graders.kernel.report import Table
from graders.labs import EngineError, open_lab
from graders.labs.lab import Row

SCHEMA = """
CREATE TABLE statuses (status TEXT PRIMARY KEY NOT NULL);
CREATE TABLE posts (
    post_id INTEGER PRIMARY KEY,
    status  TEXT NOT NULL REFERENCES statuses (status)
);
"""
STATUSES = ("draft", "live", "hidden")


@dataclass(frozen=True)
class Renaming:
    """What is there after the steps."""

    expected: list[Row]
    """The posts as they should be."""
    statuses: list[Row]
    posts: list[Row]


@experiment("rename-a-status", condition="SQLite refuses none of your steps")
def rename_status(attempt: Attempt) -> Renaming:
    """Run the steps on drawn posts, with foreign keys on."""
    rng = random.Random(attempt.seed)
    posts = [(number, status) for number, status in enumerate((*STATUSES, *rng.choices(STATUSES, k=9)), 1)]
    with open_lab("SQLite", SCHEMA, {"statuses": [(status,) for status in STATUSES], "posts": posts}) as lab:
        for statement in lab.statements(attempt.answer):
            try:
                lab.execute(statement)
            except EngineError as error:
                raise Mismatch(
                    "no step to be refused", f"{error.says} (at `{statement}`)", _hint_at(statement)
                ) from None
        left = lab.dump()
    expected = [(number, "sketch" if status == "draft" else status) for number, status in posts]
    return Renaming(expected, left["statuses"], left["posts"])


def _hint_at(statement: str) -> str:
    if statement.startswith("UPDATE"):
        return "A post may only have a status that is in `statuses`. Is `sketch` there at this point?"
    if statement.startswith("DELETE FROM statuses"):
        return "A status that posts still have cannot go. Who still has `draft` at this point?"
    return ""


@claim(rename_status, weight=2)
def every_post_is_right(renaming: Renaming) -> None:
    """every post is still there: the drafts are sketches, and the others are what they were"""
    if len(renaming.posts) < len(renaming.expected):
        found = f"{len(renaming.posts)} of them"
        raise Mismatch(f"{len(renaming.expected)} posts", found, "Posts are gone. Which step deletes them?")
    for (number, wanted), (_, found) in zip(renaming.expected, renaming.posts, strict=True):
        if wanted != found:
            row = Table("a post as it is now", ("post_id", "status"), [(number, found)], frozenset({0}), wanted)
            raise Mismatch(f"post {number} to be {wanted}", found, _hint_on(wanted, found), [row])


def _hint_on(wanted: str, found: str) -> str:
    if found == "sketch":
        return "This post was no draft. Which posts does your UPDATE find?"
    return "This post was a draft. Which step makes it a sketch?" if wanted == "sketch" else ""


@claim(rename_status, after=every_post_is_right)
def old_status_is_gone(renaming: Renaming) -> None:
    """the list of statuses has `sketch`, and `draft` no longer"""
    names = {status for (status,) in renaming.statuses}
    if names != {"sketch", "live", "hidden"}:
        hint = (
            "The old name is still in the list: somebody will use it. Which step takes it away?"
            if "draft" in names
            else ""
        )
        raise Mismatch("hidden, live and sketch in `statuses`", ", ".join(sorted(names)), hint)
