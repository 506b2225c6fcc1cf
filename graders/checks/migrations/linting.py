"""Claims on a check of twelve statements before they are run on a live shop: which are safe, and what is safer."""

from __future__ import annotations

from functools import cache, lru_cache

from graders import Mismatch, claim
from graders.checks.migrations.linting_shop import TWELVE, live_shop
from graders.figures.migration_pictures import draw_timeline
from graders.techniques.migrations.linting import Danger, danger_of, read_safer_forms

NUMBERS = tuple(TWELVE)
ENOUGH = 4
NOT_KEPT = "A row that was there is gone, or says something else. Could it have been kept?"
HARMS = {
    "app refused": "The application goes on as it is. What does it ask for that your form has taken away?",
    "app misled": NOT_KEPT,
    "write lost": NOT_KEPT,
    "waits": "Which part of the rows can one statement take, and which can the next?",
}


@cache
def dangers(seed: int) -> dict[int, Danger]:
    """What goes wrong with those of the twelve statements that are not safe, found by running each of them."""
    shop = live_shop(seed)
    found = {number: danger_of(shop, one.statement, one.missed) for number, one in TWELVE.items()}
    return {number: danger for number, danger in found.items() if danger}


@lru_cache(maxsize=64)
def _fared(seed: int, number: int, form: str) -> Danger | None:
    return danger_of(live_shop(seed), form, TWELVE[number].missed)


def _forms(text: str) -> dict[int, str]:
    return read_safer_forms(text, NUMBERS)


@claim("migrations-15", worth=0)
def can_be_read(forms):
    """your answer is SQL behind lines `-- 1` to `-- 12`, each at most once"""
    _forms(forms)


@claim("migrations-15", worth=1, after=can_be_read)
def finds_what_is_not(forms, seed):
    """you left no statement as it stands that is not safe"""
    given = _forms(forms)
    missed = [number for number in dangers(seed) if number not in given]
    if missed:
        danger = dangers(seed)[missed[0]]
        found = f"{len(missed)} of {len(dangers(seed))} left; first {_told(missed[0])}: {danger.words}"
        raise Mismatch("a safer form of each statement that is not safe", found, _why(danger), danger.tables)


def _told(number: int) -> str:
    statement = " ".join(TWELVE[number].statement.split())
    return f"number {number}, `{statement if len(statement) < 70 else statement[:69] + '…'}`"


def _why(danger: Danger) -> str:
    return {
        "refused": "On an empty table it would go through. Which rows are in its way?",
        "app refused": "Read what the application sends: which name does it still use?",
        "waits": "How many rows does it write before anybody else can?",
    }.get(danger.kind, "")


@claim("migrations-15", worth=1, after=can_be_read)
def some_are_better(forms, seed):
    """at least four of your forms are safe, and do what the statement was for"""
    fared = {number: _fared(seed, number, form) for number, form in _forms(forms).items() if number in dangers(seed)}
    good = [number for number, danger in fared.items() if not danger]
    if len(good) < ENOUGH:
        said = ", ".join(map(str, good)) or "none"
        bad = next((f"; number {number}: {danger.words}" for number, danger in fared.items() if danger), "")
        raise Mismatch(f"at least {ENOUGH} of them", f"{len(good)} (numbers: {said}){bad}")


@claim("migrations-15", worth=1, after=some_are_better)
def leaves_what_is_safe(forms, seed):
    """you rewrote no statement that is safe as it stands"""
    needless = [number for number in _forms(forms) if number not in dangers(seed)]
    if needless:
        hint = "We ran it as it stands, beside the application: nobody minded. What did you expect to go wrong?"
        raise Mismatch("safe statements left alone", f"another form of {_told(needless[0])}", hint=hint)


@claim("migrations-15", worth=1, after=finds_what_is_not)
def does_what_it_was_for(forms, seed):
    """each of your forms runs, and does what the statement was for"""
    for number, form in _forms(forms).items():
        danger = _fared(seed, number, form)
        if danger and danger.missed:
            found = danger.words if danger.kind == "refused" else danger.missed
            raise Mismatch(f"{TWELVE[number].purpose} (number {number})", found, hint=_unmet(danger))


def _unmet(danger: Danger) -> str:
    if danger.kind == "refused":
        return "Your form is refused as well. Which row, or which rule, is still in its way?"
    return "It goes through, and misses what it is for. Which rows, or which later writes, does it forget?"


@claim("migrations-15", worth=1, after=does_what_it_was_for)
def harms_nobody(forms, seed):
    """while your forms run no application is refused or misled, no row is lost, and nobody waits for many rows"""
    for number, form in _forms(forms).items():
        danger = _fared(seed, number, form)
        if danger and danger.kind in HARMS:
            picture = str(draw_timeline(danger.line)) if danger.kind != "waits" else ""
            expected = f"nobody harmed by your form of {number}"
            raise Mismatch(expected, danger.words, HARMS[danger.kind], danger.tables, picture)
