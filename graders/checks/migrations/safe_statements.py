"""Claims on a check of twelve statements before they are run on a live shop: which are safe, and what is safer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from graders import Attempt, Mismatch, claim, experiment, key_for
from graders.checks.migrations.shop import TWELVE, live_shop
from graders.figures.migrations import draw_timeline
from graders.kernel.claims import KeyRequest
from graders.sql import has_code
from graders.techniques.migrations import Hazard, find_hazards

NUMBERS = tuple(TWELVE)
MARK = re.compile(r"^[ \t]*--[ \t]*(\d+)[ \t]*[.:]?[ \t]*(safe|safer)?[ \t]*$", re.M | re.I)
NUMBERED = re.compile(r"^[ \t]*--[ \t]*\d.*$", re.M)
MIN_SAFE_FORMS = 4
NOT_KEPT = "A row that was there is gone, or says something else. Could it have been kept?"
HARMS = {
    "app refused": "The application goes on as it is. What does it ask for that your form has taken away?",
    "app misled": NOT_KEPT,
    "write lost": NOT_KEPT,
    "waits": "Which part of the rows can one statement take, and which can the next?",
}
WHY_UNSAFE = {
    "refused": "On an empty table it would go through. Which rows are in its way?",
    "app refused": "Read what the application sends: which name does it still use?",
    "waits": "How many rows does it write before anybody else can?",
}


def read_safer_forms(text: str, numbers: Sequence[int]) -> dict[int, str]:
    """Read the statements behind lines `-- 4`, one for each statement that is not safe; raise `Mismatch` on its form.

    A line `-- 2: safe` has nothing behind it, and says the same as no line at all.
    """
    unclear = next((line.strip() for line in NUMBERED.findall(text) if not MARK.fullmatch(line)), "")
    if unclear:
        raise Mismatch("a number alone in its line, or `-- 2: safe`", f"`{unclear}`")
    before, *pieces = MARK.split(text)
    if has_code(before, "SQLite"):
        raise Mismatch("a line such as `-- 4` above the first statement", "a statement")
    forms: dict[int, str] = {}
    for number, word, body in zip(map(int, pieces[::3]), pieces[1::3], pieces[2::3], strict=True):
        if number not in numbers:
            raise Mismatch(f"numbers from {numbers[0]} to {numbers[-1]}", f"a line `-- {number}`")
        if number in forms:
            raise Mismatch(f"one line `-- {number}`", "two; write all its statements behind one of them")
        forms[number] = _read_form(number, (word or "").lower() == "safe", body)
    return {number: form for number, form in forms.items() if form}


def _read_form(number: int, safe: bool, body: str) -> str:
    """The statements behind the line of this number, "" if it is said to be safe."""
    if safe and has_code(body, "SQLite"):
        raise Mismatch(f"nothing behind `-- {number}: safe`, for it is run as it stands", "a statement")
    if not safe and not has_code(body, "SQLite"):
        raise Mismatch(f"the safer form behind `-- {number}` (a safe statement needs no line)", "nothing")
    return "" if safe else body


@dataclass(frozen=True)
class UnsafeStatements:
    """Those of the twelve statements that are not safe."""

    hazards: dict[int, Hazard]
    """What goes wrong with each as it stands, by its number."""


@key_for("safe-or-safer", of=UnsafeStatements)
def run_as_they_stand(request: KeyRequest) -> UnsafeStatements:
    """Run each of the twelve statements beside the applications."""
    hazards = find_hazards(live_shop(request.seed), TWELVE)
    return UnsafeStatements({number: replace(hazard, timeline=None) for number, hazard in hazards.items()})


@dataclass(frozen=True)
class Forms:
    """What came of the safer forms that an answer gives, and of the statements as they stand."""

    hazards: dict[int, Hazard | None]
    """The hazard of each form, by the number of its statement; None for a safe form."""
    unsafe: dict[int, Hazard]
    """The hazard of each statement that is not safe as it stands."""


@experiment("safe-or-safer", condition="your answer is SQL behind lines `-- 1` to `-- 12`, each at most once")
def run_forms(attempt: Attempt) -> Forms:
    """Run each form beside the applications."""
    changes = {
        number: replace(TWELVE[number], sql=form) for number, form in read_safer_forms(attempt.answer, NUMBERS).items()
    }
    hazards = find_hazards(live_shop(attempt.seed), changes)
    return Forms({number: hazards.get(number) for number in changes}, attempt.key.hazards)


@claim(run_forms)
def finds_what_is_not_safe(forms: Forms) -> None:
    """you left no statement as it stands that is not safe"""
    missed = [number for number in forms.unsafe if number not in forms.hazards]
    if missed:
        first = forms.unsafe[missed[0]]
        found = f"{len(missed)} of {len(forms.unsafe)} left; first {_quote(missed[0])}: {first.words}"
        expected = "a safer form of each statement that is not safe"
        raise Mismatch(expected, found, WHY_UNSAFE.get(first.kind, ""), first.tables)


def _quote(number: int) -> str:
    statement = " ".join(TWELVE[number].sql.split())
    return f"number {number}, `{statement if len(statement) < 70 else statement[:69] + '…'}`"


@claim(run_forms)
def some_are_better(forms: Forms) -> None:
    """at least four of your forms are safe, and do what the statement was for"""
    needed = {number: hazard for number, hazard in forms.hazards.items() if number in forms.unsafe}
    good = [number for number, hazard in needed.items() if not hazard]
    if len(good) < MIN_SAFE_FORMS:
        numbers = ", ".join(map(str, good)) or "none"
        bad = next((f"; number {number}: {hazard.words}" for number, hazard in needed.items() if hazard), "")
        raise Mismatch(f"at least {MIN_SAFE_FORMS} of them", f"{len(good)} (numbers: {numbers}){bad}")


@claim(run_forms, after=some_are_better)
def leaves_what_is_safe(forms: Forms) -> None:
    """you rewrote no statement that is safe as it stands"""
    needless = [number for number in forms.hazards if number not in forms.unsafe]
    if needless:
        hint = "We ran it as it stands, beside the application: nobody minded. What did you expect to go wrong?"
        raise Mismatch("safe statements left alone", f"another form of {_quote(needless[0])}", hint=hint)


@claim(run_forms, after=finds_what_is_not_safe)
def does_what_it_was_for(forms: Forms) -> None:
    """each of your forms runs, and does what the statement was for"""
    for number, hazard in forms.hazards.items():
        if hazard and hazard.shortfall:
            found = hazard.words if hazard.kind == "refused" else hazard.shortfall
            raise Mismatch(f"{TWELVE[number].purpose} (number {number})", found, hint=_hint_at_shortfall(hazard))


def _hint_at_shortfall(hazard: Hazard) -> str:
    if hazard.kind == "refused":
        return "Your form is refused as well. Which row, or which rule, is still in its way?"
    return "It goes through, and misses what it is for. Which rows, or which later writes, does it forget?"


@claim(run_forms, after=does_what_it_was_for)
def harms_nobody(forms: Forms) -> None:
    """while your forms run no application is refused or misled, no row is lost, and nobody waits for many rows"""
    for number, hazard in forms.hazards.items():
        if hazard and hazard.kind in HARMS:
            picture = str(draw_timeline(hazard.timeline)) if hazard.timeline and hazard.kind != "waits" else ""
            expected = f"nobody harmed by your form of {number}"
            raise Mismatch(expected, hazard.words, HARMS[hazard.kind], hazard.tables, picture)
