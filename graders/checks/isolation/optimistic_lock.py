"""Claims on not saving over what somebody else has saved."""

from __future__ import annotations

import random
from dataclasses import dataclass

from graders import Attempt, Mismatch, claim, experiment
from graders.checks.transactions.mismatches import require_clean_end, schedule_mismatch
from graders.labs import SharedLab, open_shared_lab
from graders.techniques.schedules import (
    CallRecord,
    Exploration,
    Series,
    explore,
    make_script,
    run_calls,
)

# The trigger notes what each UPDATE made of a page, so that a write over a write can be seen afterwards; the others
# keep a function from forging what was noted.
PAGES = """
CREATE TABLE pages (id INTEGER PRIMARY KEY, text TEXT NOT NULL, version INTEGER NOT NULL);
CREATE TABLE written (page INTEGER, text TEXT, before INTEGER, version INTEGER);
CREATE TRIGGER note AFTER UPDATE ON pages BEGIN
    INSERT INTO written VALUES (NEW.id, NEW.text, OLD.version, NEW.version);
END;
CREATE TRIGGER stays BEFORE DELETE ON written BEGIN SELECT RAISE(ABORT, 'what was written stays noted'); END;
CREATE TRIGGER stays_as_it_is BEFORE UPDATE ON written BEGIN SELECT RAISE(ABORT, 'what was written stays noted'); END;
"""
TRIGGERS = 3
FIRST = {1: ("first", 3), 2: ("second", 8)}
OTHER_EDITOR = "UPDATE pages SET text = 'theirs', version = version + 1 WHERE id = 1 AND version = 3"
Pages = dict[int, tuple[str, int]]


def _open_pages() -> SharedLab:
    return open_shared_lab("SQLite", PAGES, {"pages": [(page, *rest) for page, rest in FIRST.items()]})


def _read_pages(lab: SharedLab) -> Pages:
    rows = lab.execute("SELECT id, text, version FROM pages ORDER BY id").rows
    return {page: (text, version) for page, text, version in rows}


@dataclass(frozen=True)
class Saves:
    """Attempts to save the text "mine", alone, each on the pages of the beginning."""

    current: Series[CallRecord[Pages]]
    """Where nobody has saved since the editor read the page."""
    outdated: Series[CallRecord[Pages]]
    """Where the editor read another version."""


@experiment("optimistic-lock")
def save_alone(attempt: Attempt) -> Saves:
    """Save pages as an editor who has seen the current version, and as one who has seen another."""
    current = [(1, 3, "mine"), (2, 8, "mine")]
    outdated = [(1, 2, "mine"), (2, random.Random(attempt.seed).randint(1, 7), "mine"), (1, 4, "mine")]
    with _open_pages() as lab:
        return Saves(*(run_calls(lab, attempt.answer, cases, read=_read_pages) for cases in (current, outdated)))


@experiment("optimistic-lock")
def save_beside_another(attempt: Attempt) -> Exploration:
    """Save a page beside another editor who has read the same version, in every order of statements."""
    with _open_pages() as lab:
        return explore(
            lab, {"yours": make_script(attempt.answer, 1, 3, "mine"), "other": OTHER_EDITOR}, _find_lost_text
        )


def _find_lost_text(lab: SharedLab) -> str:
    if len(lab.execute("SELECT 1 FROM sqlite_schema WHERE type = 'trigger'")) != TRIGGERS:
        return "the triggers that note what is written are gone"
    rows = lab.execute("SELECT before, version FROM written").rows
    return "" if rows == [(3, 4)] else f"the page was saved {len(rows)} times, and one text is lost"


def _read_saved_page(call: CallRecord[Pages]) -> tuple[str, int]:
    """The page that `call` was to save; raise `Mismatch` if it did not end well, or changed the other one."""
    require_clean_end(call)
    page = call.arguments[0]
    if set(call.state) != set(FIRST) or call.state[3 - page] != FIRST[3 - page]:
        raise Mismatch(f"{call.words} to change page {page} only", f"the pages are {call.state}")
    return call.state[page]


@claim(save_alone, weight=1)
def saves_current_version(attempts: Saves) -> None:
    """if nobody saved since `seen`, the text is saved, the version goes up by 1, and `save` gives `True`"""
    for call in attempts.current:
        text, version = _read_saved_page(call)
        right = call.arguments[1] + 1
        if text != "mine" or call.value is not True:
            raise Mismatch("the text saved, and `True`", f"the text {text!r}, and `{call.value!r:.40}`")
        if version != right:
            hint = "How does the next editor learn that somebody was here, if the version stays the same?"
            raise Mismatch(f"version {right}", f"version {version}", hint=hint)


@claim(save_alone, weight=1, after=saves_current_version)
def rejects_stale_version(attempts: Saves) -> None:
    """if somebody did, nothing changes, and it gives `False`"""
    for call in attempts.outdated:
        text, version = _read_saved_page(call)
        page, seen, _ = call.arguments
        if text == "mine":
            raise Mismatch(
                f"page {page} as it was: it had version {FIRST[page][1]}, the editor saw {seen}",
                f"their text in it, version {version}",
                hint="The editor saw an older page than there is. Whose text was overwritten?",
            )
        if call.value is not False:
            raise Mismatch(
                "`False`, for nothing was saved",
                f"`{call.value!r:.40}`",
                hint="0 rows were changed, and the editor was told something else. Who said that it was saved?",
            )


@claim(save_beside_another, weight=2, after=rejects_stale_version)
def loses_no_update(exploration: Exploration) -> None:
    """beside another editor, in every order of the statements, nobody overwrites a text that they have not seen"""
    if exploration.counterexample:
        raise schedule_mismatch(
            "one text saved of two that were written from version 3",
            exploration.counterexample,
            hint="The other editor saved between your SELECT and your UPDATE. Can one statement ask and write?",
        )
