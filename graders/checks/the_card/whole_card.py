"""Runs the whole card in one database: what each engine refuses, and what is there afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from graders.checks.the_card.card_text import CARD
from graders.labs import EngineError, Lab, open_lab, open_shared_lab
from graders.labs.psql import PsqlRun, run_psql
from graders.sql import split_statements
from graders.techniques.labelling import LabellingExercise, labelling_exercise

# The card is written for it, and so its statements end where PostgreSQL sees their ends.
WRITTEN_FOR = "PostgreSQL"


@dataclass(frozen=True)
class CardStatement:
    """A statement of the card, and how an engine took it."""

    heading: str
    """What stands above its block."""
    text: str
    refusal: str = ""
    """The engine's sentence; "" for a statement that it took."""

    @property
    def line(self) -> str:
        """The statement on one line, without its comments."""
        lines = (line.partition("--")[0] for line in self.text.splitlines())
        return " ".join(" ".join(lines).split())


def split_card() -> list[CardStatement]:
    """The statements of the card in their order."""
    return [CardStatement(block.heading, text) for block in CARD for text in split_statements(block.sql, WRITTEN_FOR)]


def run_statements(lab: Lab) -> list[CardStatement]:
    """Run every statement of the card in `lab`, whatever became of those before it."""
    card = split_card()
    outcomes = lab.outcomes([one.text for one in card])
    return [
        CardStatement(one.heading, one.text, outcome.sentence.splitlines()[0])
        if isinstance(outcome, EngineError)
        else one
        for one, outcome in zip(card, outcomes, strict=True)
    ]


def run_card(engine: str) -> list[CardStatement]:
    """Run the card from top to bottom in a fresh database."""
    with open_lab(engine) as lab:
        return run_statements(lab)


def refused(card: Sequence[CardStatement]) -> list[CardStatement]:
    """The statements that were refused."""
    return [one for one in card if one.refusal]


def run_card_with_psql() -> PsqlRun:
    """Run the card as files for psql, one for each block; raise `MissingEngine` where there is no PostgreSQL."""
    files = {f"{number:02}.sql": block.sql for number, block in enumerate(CARD, 1)}
    words = ["-X", *(word for name in files for word in ("-f", name))]
    with open_shared_lab("PostgreSQL") as lab:
        return run_psql(lab, words, files)


SORTED = {
    "a": ("SQLite", "CREATE TABLE users (id SERIAL"),
    "b": ("SQLite", "CREATE INDEX idx_orders_user_id"),
    "c": ("SQLite", "SELECT * FROM users WHERE id = '{user_input}'"),
    "d": ("SQLite", "CREATE TABLE posts"),
    "e": ("SQLite", "SELECT * FROM posts"),
    "f": ("DuckDB", "CREATE TABLE orders"),
    "g": ("DuckDB", "CREATE INDEX idx_products_name"),
    "h": ("SQLite", "INSERT INTO users (email, password)"),
}
"""The refusals that students sort: the engine, and how the first refused statement of this kind begins."""


def find_sorted() -> dict[str, tuple[str, CardStatement]]:
    """For each letter the engine and the statement that it has refused in a run of the card."""
    runs = {engine: refused(run_card(engine)) for engine in ("SQLite", "DuckDB")}
    return {
        letter: (engine, next(one for one in runs[engine] if one.line.startswith(begin)))
        for letter, (engine, begin) in SORTED.items()
    }


labelling_exercise(
    "sort-the-refusals",
    LabellingExercise(
        thing="refusal",
        names=("aftermath", "name taken", "no end", "other engine", "too early"),
        questions={
            "a": "Which statement of the same block has created a table `users` already?",
            "b": "Does the card create a table `orders`? Where on the card is that?",
            "c": "Count the words SELECT in what the engine was given. Where does the first query end?",
            "d": "Nothing has that name yet. What in the text can SQLite not read?",
            "e": "Three blocks above, the card creates a table `posts`. What happened to that statement?",
            "f": "Nothing has that name yet, and `users` exists. What does DuckDB say that it cannot do?",
            "g": "The statement above it creates `products`. What happened to that statement?",
            "h": "`users` exists, and has no such column. Which of the card's seven tables `users` is it?",
        },
    ),
)
