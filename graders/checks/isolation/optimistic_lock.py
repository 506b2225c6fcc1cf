"""Claims on not saving over what somebody else has saved."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import partial

from graders import Attempt, Mismatch, Table, claim, experiment
from graders.checks.transactions.mismatches import require_clean_end, schedule_mismatch
from graders.labs import SharedLab, open_shared_lab
from graders.techniques.schedules import (
    CallRecord,
    Schedule,
    Script,
    Series,
    explore,
    make_script,
    meet_each_lock,
    run_calls,
)

SCHEMA = "CREATE TABLE pages (id INTEGER PRIMARY KEY, text TEXT NOT NULL, version INTEGER NOT NULL)"
THEIRS = "theirs"
OTHER_EDITOR = "UPDATE pages SET text = '{text}', version = version + 1 WHERE id = {page} AND version = {version}"
Page = tuple[str, int]
Pages = dict[int, Page]


class Website:
    """Pages drawn from a seed: two with the same version and the same text, and one with another version."""

    def __init__(self, seed: int):
        rng = random.Random(seed)
        self.page, self.twin, self.other = rng.sample(range(1, 60), 3)
        version = rng.randint(4, 40)
        same = "a first draft", version
        newer = "it's finished", version + rng.randint(2, 9)
        self.pages: Pages = dict(sorted({self.page: same, self.twin: same, self.other: newer}.items()))
        self.text = f"  It's Mine, {rng.randint(100, 999)} words\n"

    def open(self) -> SharedLab:
        """The website's database, opened."""
        return open_shared_lab("SQLite", SCHEMA, {"pages": [(page, *rest) for page, rest in self.pages.items()]})

    def version(self, page: int) -> int:
        """The version of a page at the beginning."""
        return self.pages[page][1]

    def save(self, page: int, text: str) -> Pages:
        """The pages when a text has been saved."""
        return {**self.pages, page: (text, self.version(page) + 1)}

    def current(self) -> list[tuple[int, int, str]]:
        """What editors save who have seen the current version: another text, and once the same as before."""
        unchanged = self.pages[self.twin][0]
        cases = [(self.page, self.text), (self.other, self.text), (self.twin, unchanged)]
        return [(page, self.version(page), text) for page, text in cases]

    def outdated(self) -> list[tuple[int, int, str]]:
        """What editors save who have seen another version: an older one, that of another page, one yet to come."""
        version = self.version(self.page)
        seen = [(self.page, version - 1), (self.other, version), (self.page, version + 1)]
        return [(page, version, self.text) for page, version in seen]


def _read_pages(lab: SharedLab) -> Pages:
    rows = lab.execute("SELECT id, text, version FROM pages ORDER BY id").rows
    return {page: (text, version) for page, text, version in rows}


@dataclass(frozen=True)
class Saves:
    """Attempts to save a text, each on the pages of the beginning."""

    site: Website
    """The pages at the beginning."""
    current: Series[CallRecord[Pages]]
    """Where nobody has saved since the editor read the page."""
    outdated: Series[CallRecord[Pages]]
    """Where the editor read another version."""


@experiment("optimistic-lock")
def save_alone(attempt: Attempt) -> Saves:
    """Save pages as an editor who has seen the current version, and as one who has seen another."""
    site, save = Website(attempt.seed), attempt.answer
    with site.open() as lab:
        current, outdated = (
            run_calls(lab, save, cases, read=_read_pages) for cases in (site.current(), site.outdated())
        )
        return Saves(site, current, outdated)


@dataclass(frozen=True)
class EditingRaces:
    """Two who have read the same version save, in every order of statements."""

    site: Website
    """The pages at the beginning."""
    lost: Schedule | None
    """The shortest order in which a text is lost, or somebody is told what is not true."""
    locked: Series[CallRecord[Pages]]
    """Alone, where one statement after the other meets a lock; none if a text is lost already."""


@experiment("optimistic-lock")
def save_beside_another(attempt: Attempt) -> EditingRaces:
    """Save a page beside another program and beside itself, in every order of statements; then meet locks."""
    site, save = Website(attempt.seed), attempt.answer
    page, version, text = site.current()[0]
    program = OTHER_EDITOR.format(page=page, version=version, text=THEIRS)
    rivals: list[Script] = [program, make_script(save, page, version, THEIRS)]
    with site.open() as lab:
        for rival in rivals:
            scripts: dict[str, Script] = {"yours": make_script(save, page, version, text), "other": rival}
            races = explore(lab, scripts, rule=partial(_find_lost_text, site), max_schedules=100)
            if races.counterexample:
                return EditingRaces(site, races.counterexample, Series(()))
        return EditingRaces(site, None, meet_each_lock(lab, save, page, version, text, read=_read_pages))


def _find_lost_text(site: Website, schedule: Schedule) -> str:
    """What is wrong with what two editors of one page leave and are told; "" if nothing is."""
    saved = [name for name in ("yours", "other") if _is_saved(schedule, name)]
    if len(saved) == 2:
        return "both are told that their text was saved, and one text is lost"
    page, _, text = site.current()[0]
    right = site.save(page, text if saved == ["yours"] else THEIRS)[page] if saved else site.pages[page]
    found = [rest for number, *rest in schedule.state.get("pages", []) if number == page]
    if found != [list(right)]:
        return f"the page holds {found or 'nothing'}, and {'one text' if saved else 'no text'} was reported as saved"
    refused = [name for name in schedule.failures if not schedule.is_busy(name)]
    if refused:
        return f"{refused[0]} ends with {schedule.failures[refused[0]]}"
    return "" if saved or schedule.failures else "no text is saved"


def _is_saved(schedule: Schedule, name: str) -> bool:
    """Whether the function called `name` gave True, or the program of this name changed a row."""
    if name in schedule.values:
        return schedule.values[name] is True
    is_program = name not in schedule.failures
    return is_program and any(step.session == name and step.changed == 1 for step in schedule.steps)


def _require_pages(call: CallRecord[Pages], right: Pages, expected: str, hint: str = "") -> None:
    """Raise `Mismatch` unless `call` came to its end and left the pages that are `right`."""
    require_clean_end(call)
    if call.state != right:
        rows = [(page, *rest) for page, rest in call.state.items()]
        table = Table("the pages afterwards", ("id", "text", "version"), rows)
        raise Mismatch(expected, f"{_describe_difference(call.state, right)}, after {call.words}", hint, tables=[table])


def _describe_difference(pages: Pages, right: Pages) -> str:
    wrong = [f"page {page} is {pages.get(page, 'gone')}" for page in right if pages.get(page) != right[page]]
    return "; ".join(wrong) or "more pages than before"


@claim(save_alone, weight=1)
def saves_current_version(saves: Saves) -> None:
    """if nobody saved since `seen`, the text is saved, the version goes up by 1, and `save` gives `True`"""
    for call in saves.current:
        page, seen, text = call.arguments
        right = saves.site.save(page, text)
        stays = call.state == {**right, page: (text, seen)}
        hint = "How does the next editor learn that somebody was here, if the version stays the same?"
        expected = f"version {seen + 1} of page {page}, with the text"
        _require_pages(call, right, expected, hint if stays else _hint_on_others(call.state, right, page))
        if call.value is not True:
            raise Mismatch(f"`True` from {call.words}", f"`{call.value!r:.40}`")


def _hint_on_others(pages: Pages, right: Pages, page: int) -> str:
    is_other_changed = any(number in pages and pages[number] != right[number] for number in right if number != page)
    return "One page was to be saved, and another one has changed. Which rows do you write?" if is_other_changed else ""


@claim(save_alone, weight=1, after=saves_current_version)
def rejects_stale_version(saves: Saves) -> None:
    """if somebody did, nothing changes, and it gives `False`"""
    for call in saves.outdated:
        page, seen, text = call.arguments
        version = saves.site.version(page)
        overwritten = seen < version and call.state.get(page, ("",))[0] == text
        hint = "The editor saw an older page than there is. Whose text was overwritten?"
        expected = f"page {page} as it was: it had version {version}, the editor saw {seen}"
        _require_pages(call, saves.site.pages, expected, hint if overwritten else _hint_on_count(saves, call))
        if call.value is not False:
            raise Mismatch(
                f"`False` from {call.words}, for nothing was saved",
                f"`{call.value!r:.40}`",
                hint="0 rows were changed, and the editor was told something else. Who said that it was saved?",
            )


def _hint_on_count(saves: Saves, call: CallRecord[Pages]) -> str:
    page, _, _ = call.arguments
    text, version = saves.site.pages[page]
    is_counted = call.state == {**saves.site.pages, page: (text, version + 1)}
    hint = "The text stays, and the version goes up. What will an editor think who has seen the page as it is?"
    return hint if is_counted else ""


@claim(save_beside_another, weight=2, after=rejects_stale_version)
def loses_no_update(races: EditingRaces) -> None:
    """beside another editor, in every order of the statements, no text is lost, and each is told the truth"""
    if races.lost:
        is_stale = any(map(races.lost.writes_from_stale_read, ("yours", "other")))
        hint = "The other editor saved between your SELECT and your UPDATE. Can one statement ask and write?"
        expected = "one text saved of two that were written from the same version"
        raise schedule_mismatch(expected, races.lost, hint=hint if is_stale else "")
    for call in races.locked:
        page, _, text = call.arguments
        saved = call.state == races.site.save(page, text)
        if call.exception and (saved or call.state == races.site.pages):
            continue
        if not (saved and call.value is True):
            hint = "Nobody had saved, and the editor hears that somebody had. What does a lock say about the page?"
            raise Mismatch(
                f"an exception, or the text saved and `True`, where `{call.statements[call.refused[0]]}` meets a lock",
                call.exception or f"`{call.value!r:.40}`",
                hint=hint if call.value is False else "",
            )
