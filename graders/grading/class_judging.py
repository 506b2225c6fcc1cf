"""Judges the answers of a whole class, equal answers once, and gives each submission back when it is complete."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from graders.grading.judging import Unit
from graders.grading.marker import Marker
from graders.grading.store import Store
from graders.grading.submissions import Examiner, Marked
from graders.grading.workers import Lost
from graders.kernel.failures import contain_failure
from graders.kernel.judge import undecided
from graders.kernel.report import Report


class Judges(Protocol):
    """Whoever judges units, in any order: worker processes, or a cluster."""

    def judge(self, units: Iterable[Unit]) -> Iterator[tuple[Unit, Report | Lost]]: ...


class ClassJudging:
    """The answers of a class, and who waits for which; what breaks with one submission leaves that one for review."""

    def __init__(self, examiner: Examiner, found: list[Marked]):
        self.examiner = examiner
        self.found = found
        self._units: dict[str, Unit] = {}
        self._waiting: dict[str, list[tuple[int, str]]] = {}
        self._open = [0] * len(found)
        for place, marked in enumerate(found):
            with contain_failure("preparing it", marked.leave_for_review):
                self._expect(place, examiner.units(marked))

    def _expect(self, place: int, units: dict[str, Unit]) -> None:
        """Let the submission at `place` wait for the reports on `units`, by exercise."""
        for name, unit in units.items():
            self._units.setdefault(unit.key, unit)
            self._waiting.setdefault(unit.key, []).append((place, name))
        self._open[place] = len(units)

    def run(self, store: Store, judges: Judges) -> Iterator[Marked]:
        """Give every submission once, with its reports in it; what was judged before comes from `store`."""
        yield from (marked for place, marked in enumerate(self.found) if not self._open[place])
        to_judge = []
        for key, unit in self._units.items():
            report = _kept(store, key)
            if report is None:
                to_judge.append(unit)
            else:
                yield from self._settle(key, report)
        yield from self._judge(to_judge, store, judges)

    def _judge(self, units: list[Unit], store: Store, judges: Judges) -> Iterator[Marked]:
        for unit, found in judges.judge(units) if units else ():
            with contain_failure("keeping its report", _judge_it_next_time):
                self._keep(store, unit.key, found)
            yield from self._settle(unit.key, found)

    def _keep(self, store: Store, key: str, found: Report | Lost) -> None:
        if not isinstance(found, Lost):
            store.keep(key, found)
        elif found.costly:
            place, name = self._waiting[key][0]
            store.keep_for_review(key, self._undecided(place, name, found))

    def _undecided(self, place: int, name: str, lost: Lost) -> Report:
        marker = self.examiner.marker(self.found[place].submission.lesson)
        return undecided(marker.exercises[name], str(lost))

    def _settle(self, key: str, found: Report | Lost) -> Iterator[Marked]:
        """Enter the report wherever it was waited for, and give the submissions that it completes."""
        for place, name in self._waiting[key]:
            marked = self.found[place]
            if marked.reason:
                continue
            with contain_failure(f"reporting on {name}", marked.leave_for_review):
                self._enter(place, name, found)
            if marked.reason or not self._open[place]:
                yield marked

    def _enter(self, place: int, name: str, found: Report | Lost) -> None:
        marked = self.found[place]
        marked.reports[name] = self._undecided(place, name, found) if isinstance(found, Lost) else found
        self._open[place] -= 1
        if not self._open[place]:
            marked.reports = _in_order(self.examiner.marker(marked.submission.lesson), marked.reports)


def _kept(store: Store, key: str) -> Report | None:
    """The report in `store`; one that cannot be read is made again."""
    with contain_failure("reading its report", _judge_it_next_time):
        return store.find(key)
    return None


def _judge_it_next_time(fault: str) -> None:
    """Nothing is lost without a kept report but the time to judge once more."""


def _in_order(marker: Marker, reports: dict[str, Report]) -> dict[str, Report]:
    return {name: reports[name] for name in marker.marked}
