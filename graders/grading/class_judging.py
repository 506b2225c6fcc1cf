"""Judges the answers of a whole class, equal answers once, and gives each submission back when it is complete."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from graders.grading.judging import Unit
from graders.grading.marker import Marker
from graders.grading.store import Store
from graders.grading.submissions import Examiner, Marked
from graders.grading.workers import Lost
from graders.kernel.judge import undecided
from graders.kernel.report import Report


class Judges(Protocol):
    """Whoever judges units, in any order: worker processes, or a cluster."""

    def judge(self, units: Iterable[Unit]) -> Iterator[tuple[Unit, Report | Lost]]: ...


class ClassJudging:
    """The answers of a class, and who waits for which."""

    def __init__(self, examiner: Examiner, found: list[Marked]):
        self.examiner = examiner
        self.found = found
        self._units: dict[str, Unit] = {}
        self._asked: dict[str, list[tuple[int, str]]] = {}
        self._open: list[int] = []
        for place, marked in enumerate(found):
            units = examiner.units(marked)
            self._open.append(len(units))
            for name, unit in units.items():
                self._ask(unit, place, name)

    def _ask(self, unit: Unit, place: int, name: str) -> None:
        key = unit.key
        self._units.setdefault(key, unit)
        self._asked.setdefault(key, []).append((place, name))

    def run(self, store: Store, judges: Judges) -> Iterator[Marked]:
        """Give every submission once, with its reports in it; what was judged before comes from `store`."""
        yield from (marked for place, marked in enumerate(self.found) if not self._open[place])
        to_judge = []
        for key, unit in self._units.items():
            report = store.find(key)
            if report is None:
                to_judge.append(unit)
            else:
                yield from self._settle(key, report)
        yield from self._judge(to_judge, store, judges)

    def _judge(self, units: list[Unit], store: Store, judges: Judges) -> Iterator[Marked]:
        for unit, found in judges.judge(units) if units else ():
            key = unit.key
            if not isinstance(found, Lost):
                store.keep(key, found)
            yield from self._settle(key, found)

    def _settle(self, key: str, found: Report | Lost) -> Iterator[Marked]:
        """Enter the report wherever it was waited for, and give the submissions that it completes."""
        for place, name in self._asked[key]:
            marked = self.found[place]
            marker = self.examiner.marker(marked.submission.lesson)
            lost = isinstance(found, Lost)
            marked.reports[name] = undecided(marker.exercises[name], str(found)) if lost else found
            self._open[place] -= 1
            if not self._open[place]:
                marked.reports = _in_order(marker, marked.reports)
                yield marked


def _in_order(marker: Marker, reports: dict[str, Report]) -> dict[str, Report]:
    return {name: reports[name] for name in marker.marked}
