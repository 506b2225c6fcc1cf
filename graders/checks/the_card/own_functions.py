"""Claims on the functions, the pair of migrations and the script of a student's own card, most of them reused."""

from __future__ import annotations

import random
from functools import lru_cache

from graders import Attempt, Mismatch, claim, experiment, lab_for
from graders.checks.injection.card import call_page
from graders.checks.migrations.schema_changes import draw_people, raise_fault
from graders.checks.nightly_backup.nightly_script import run_script
from graders.checks.query_patterns.account_pages import call_page as call_account_pages
from graders.checks.transactions.transfers import transfer_alone
from graders.kernel.claims import reuse_claims
from graders.labs import Lab
from graders.techniques.migrations import Change, Data, MigrationRun, read_migration, run_migration

reuse_claims("own-transfer", of=transfer_alone)
reuse_claims("own-page", of=call_page)
reuse_claims("own-accounts", of=call_account_pages)
reuse_claims("own-night", of=run_script)

WITHOUT = "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE, name TEXT);"
WITH = """CREATE TABLE users (
    id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE, name TEXT, status TEXT NOT NULL DEFAULT 'active');"""
SAVED = "CREATE TABLE saved_statuses (user_id INTEGER PRIMARY KEY REFERENCES users (id), status TEXT NOT NULL);"
USUAL = "active"
OTHERS = ("banned", "paused", "ACTIVE", "")


@lru_cache(maxsize=2)
def make_status_change(seed: int) -> Change:
    """The change: a status for every user, with what an earlier way back has saved."""
    rng = random.Random(f"{seed} statuses")
    ids = rng.sample(range(1, 900), 110)
    people = [(number, f"u{number}@example.com", name) for number, name in zip(ids, draw_people(rng, 110), strict=True)]
    few = [*people[:8], (901, "prince@example.com", None)]
    kept = [(number, rng.choice(OTHERS)) for number, *_ in few[2:]]
    snapshots: dict[str, Data] = {
        "empty": {"users": [], "saved_statuses": []},
        "typical": {"users": sorted(people), "saved_statuses": []},
        "nasty": {"users": sorted(few), "saved_statuses": sorted(kept)},
    }
    return Change(WITHOUT + SAVED, WITH + SAVED, snapshots, _add_statuses)


def _add_statuses(data: Data) -> Data:
    saved: dict[int, str] = dict(data["saved_statuses"])
    return {"users": [(*user, saved.get(user[0], USUAL)) for user in data["users"]], "saved_statuses": []}


@lab_for("own-migration")
def open_without_status(seed: int) -> Lab:
    """Users without a status, some of whom had one before the last way back."""
    return make_status_change(seed).open("nasty")


@experiment("own-migration")
def run_pair(attempt: Attempt) -> MigrationRun:
    """Run the pair up and down, and with power cuts."""
    return run_migration(make_status_change(attempt.seed), read_migration(attempt.answer))


@claim(run_pair)
def up_brings_statuses_back(run: MigrationRun) -> None:
    """up gives every user a status, the saved one where there is one, and the schema asked for"""
    if run.up and run.up.expected.startswith("the rows of saved_statuses after up"):
        hint = "What was saved has been taken in, and is there still. What would the next way back add to it?"
        raise Mismatch(run.up.expected, run.up.found, hint, run.up.tables)
    raise_fault(run.up)


@claim(run_pair, weight=2, after=up_brings_statuses_back)
def down_loses_no_status(run: MigrationRun) -> None:
    """down gives the old schema back and saves each status that up would not give by itself"""
    raise_fault(run.down)


@claim(run_pair, after=up_brings_statuses_back)
def pair_is_all_or_nothing(run: MigrationRun) -> None:
    """a power cut before any statement of up or down leaves the old version or the new one"""
    raise_fault(run.cut_up or run.cut_down)
