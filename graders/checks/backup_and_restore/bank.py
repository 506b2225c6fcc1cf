"""A bank drawn from a seed, what it commits while it is backed up, and the file of the night before."""

from __future__ import annotations

import random
from dataclasses import replace

from graders.labs.lab import Row
from graders.techniques.backups import LiveDatabase, Night

SCHEMA = """
CREATE TABLE accounts (id INTEGER PRIMARY KEY, owner TEXT NOT NULL, balance INTEGER NOT NULL);
CREATE TABLE letters (id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL, text TEXT NOT NULL);
CREATE TABLE transfers (id INTEGER PRIMARY KEY, payer INTEGER NOT NULL, payee INTEGER NOT NULL, amount INTEGER);
CREATE INDEX transfers_by_payer ON transfers (payer);
PRAGMA user_version = {version};
"""
NAMES = ("Ada", "Ben", "Cem", "Mei", "Pia O'Neill", "Zoë")
ACCOUNTS, LETTERS, TRANSFERS, MEANWHILE = 24, 10, 20, 25
# A letter takes most of a page, so that the file has pages enough to be torn.
LETTER = "We have carried out your order. " * 90


def draw_night(seed: int) -> Night:
    """A bank with its transfers, those that come while it is backed up, and what it was the night before."""
    rng = random.Random(f"{seed} bank")
    schema = SCHEMA.format(version=rng.randint(2, 90))
    live = LiveDatabase(schema, _draw_data(rng), tuple(_draw_transfer(rng, number) for number in range(MEANWHILE)))
    before = {**live.data, "transfers": live.data["transfers"][:-3], "accounts": live.data["accounts"][:-1]}
    return Night(live, LiveDatabase(schema, before))


def with_damage(night: Night) -> Night:
    """The same night, on which a source with a damaged index is tried too."""
    return replace(night, damaged=replace(night.live, transactions=(), damaged_index="transfers_by_payer"))


def _draw_data(rng: random.Random) -> dict[str, list[Row]]:
    accounts: list[Row] = [
        (number, f"{rng.choice(NAMES)} {number}", rng.randint(100, 900)) for number in range(1, ACCOUNTS + 1)
    ]
    letters: list[Row] = [(number, rng.randint(1, ACCOUNTS), f"{number}. {LETTER}") for number in range(1, LETTERS + 1)]
    transfers: list[Row] = [(number, *_draw_pair(rng), rng.randint(1, 50)) for number in range(1, TRANSFERS + 1)]
    return {"accounts": accounts, "letters": letters, "transfers": transfers}


def _draw_pair(rng: random.Random) -> tuple[int, int]:
    payer, payee = rng.sample(range(1, ACCOUNTS + 1), 2)
    return payer, payee


def _draw_transfer(rng: random.Random, number: int) -> tuple[str, ...]:
    (payer, payee), amount = _draw_pair(rng), rng.randint(1, 50)
    return (
        f"UPDATE accounts SET balance = balance - {amount} WHERE id = {payer}",
        f"UPDATE accounts SET balance = balance + {amount} WHERE id = {payee}",
        f"INSERT INTO transfers VALUES ({TRANSFERS + 1 + number}, {payer}, {payee}, {amount})",
    )
