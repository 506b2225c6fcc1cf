"""Calls a function as honest people and as others do, and finds the first call that goes wrong."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from typing import Any, Literal

from graders.techniques.attacks.behaviour import (
    ANYTHING,
    REFUSED,
    Behaviour,
    Data,
    InjectionPoint,
    OrRefused,
    rows_of,
    same_data,
    same_rows,
    sorted_rows,
)
from graders.techniques.attacks.hostile_inputs import CORPUS, draw_marker, grow_inputs, harmless_twin, near_names
from graders.techniques.attacks.statements import Skeleton, columns_read, skeleton
from graders.techniques.attacks.subject import CallRecord, SentStatement, Subject

MAX_GROWN = 12
FindingKind = Literal["leak", "change", "engine", "rows", "raised", "accepted", "structure", "reads"]
# Of several hostile inputs that do something, the first of these is told; a leak and a change end the search.
WORST_FIRST: tuple[FindingKind, ...] = ("rows", "accepted", "structure", "engine", "raised")


@dataclass(frozen=True)
class Probe:
    """One call made to see what the function does."""

    point: InjectionPoint | None
    """Where the value is sent; None in one of the behaviour's `more_calls`."""
    value: Any
    """What is sent there, or all the arguments of one of the `more_calls`."""
    data: Data
    """The data before the call."""
    arguments: tuple[Any, ...]
    """The arguments of the call."""
    record: CallRecord
    """What the call did."""
    is_written: bool = False
    """Whether a random word sent at this point comes to stand in the text of a statement."""

    @property
    def telling_statement(self) -> SentStatement | None:
        """The statement to show: one that the engine refused, or in which the value stands, or else the last."""
        statements = self.record.statements
        standing = (one for one in statements if stands_in(self.value, one.text))
        return self.record.refused_statement or next(standing, statements[-1] if statements else None)


@dataclass(frozen=True)
class Finding:
    """A call that went wrong."""

    kind: FindingKind
    """A secret came out ("leak"), data changed ("change"), the engine refused a statement ("engine"), other rows came
    ("rows"), an exception that nobody asked for ("raised") or none where one was due ("accepted"), another statement
    than for honest inputs ("structure"), or columns were read that are not needed ("reads")."""
    probe: Probe
    """The call."""
    expected: Any
    """What the call should have given, as the behaviour says it."""
    statement: SentStatement | None = None
    """The statement that tells most."""
    leaked: str = ""
    """The secret that came out, or else the columns that were read and should not have been."""
    honest_too: bool = False
    """Whether a call of an honest person goes wrong as well."""


class Prober:
    """Probes a subject on data of its own, with a canary that nobody can know."""

    def __init__(self, subject: Subject, behaviour: Behaviour, seed: int, rng: random.Random):
        self.subject = subject
        self.behaviour = behaviour
        self.canary = "k" + rng.randbytes(6).hex()
        self.data = behaviour.data(seed, self.canary)
        self._markers = {point.name: draw_marker(point.kind, rng) for point in behaviour.points}
        self._marked: dict[str, str] = {}
        for point in behaviour.points:
            if statement := self._statement_with_marker(point):
                self._marked[point.name] = statement

    def _statement_with_marker(self, point: InjectionPoint) -> str:
        """The first statement in whose text a random word sent at `point` stands; nothing if in none."""
        marker = self._markers[point.name]
        texts = (one.text for one in self._probe(point, marker).record.statements)
        return next((text for text in texts if marker.casefold() in text.casefold()), "")

    @cached_property
    def _honest_probes(self) -> list[Probe]:
        points = self.behaviour.points
        sent = [self._probe(point, value) for point in points for value in point.honest]
        return sent + [self._call(None, arguments, self.data, arguments) for arguments in self.behaviour.more_calls]

    def find_mistake(self) -> Finding | None:
        """The first call of an honest person that goes wrong."""
        return next(filter(None, map(self._wrong, self._honest_probes)), None)

    def find_attack(self) -> Finding | None:
        """The first hostile input that does something: the worst first, where several do."""
        familiar = {self._skeletons(probe) for probe in self._honest_probes}
        findings: list[Finding] = []
        for probe in self._hostile_probes():
            finding = self._wrong(probe) or self._other_statement(probe, familiar)
            if finding and finding.kind in ("leak", "change"):
                return finding
            findings += [finding] if finding else []
        worst = min(findings, key=lambda one: WORST_FIRST.index(one.kind), default=None)
        if worst is None:
            return None
        return replace(worst, leaked=self._secrets_read(worst), honest_too=self.find_mistake() is not None)

    def find_needless_read(self) -> Finding | None:
        """The first call of an honest person whose statements read columns that it does not need."""
        needs = self.behaviour.needs
        if needs is None:
            return None
        for probe in self._honest_probes:
            for statement in probe.record.statements:
                if needless := columns_read(statement.text, self.behaviour.schema) - needs:
                    return Finding("reads", probe, None, statement, _list_columns(needless))
        return None

    def _secrets_read(self, finding: Finding) -> str:
        """The secret columns that the statement of a finding reads, as far as SQLite's authorizer tells."""
        if finding.statement is None or self.behaviour.engine != "SQLite":
            return ""
        return _list_columns(columns_read(finding.statement.text, self.behaviour.schema) & set(self.behaviour.secrets))

    def _hostile_probes(self) -> Iterator[Probe]:
        for point in self.behaviour.points:
            marker = self._markers[point.name]
            if point.is_planted(marker) and point.kind != "stored":
                # It was in the data before, and is no more: what a function remembers of that call is wrong now.
                yield self._call(point, marker, self.data, point.arguments(marker))
            yield from (self._probe(point, value) for value in self._hostile_inputs(point))

    def _hostile_inputs(self, point: InjectionPoint) -> Iterator[str]:
        """The corpus for `point`, after what grows from the statement in which the marker stands."""
        if statement := self._marked.get(point.name):
            secrets, engine = self.behaviour.secrets, self.behaviour.engine
            yield from islice(grow_inputs(statement, self._markers[point.name], secrets, engine), MAX_GROWN)
        yield from (*point.hostile, *CORPUS[point.kind])
        yield from near_names(point.honest) if point.kind == "identifier" else ()

    def _probe(self, point: InjectionPoint, value: Any) -> Probe:
        return self._call(point, value, point.data_with(value, self.data), point.arguments(value))

    def _call(self, point: InjectionPoint | None, value: Any, data: Data, arguments: tuple[Any, ...]) -> Probe:
        record = self.subject(data, arguments)
        return Probe(point, value, data, arguments, record, point is not None and point.name in self._marked)

    def _wrong(self, probe: Probe) -> Finding | None:
        """What is wrong with a call, apart from the words of its statements."""
        expected = _expected_of(probe, self.behaviour)
        leaked = self.canary if self.canary in f"{probe.record.value!r} {probe.record.raised}" else ""
        kind = "leak" if leaked else _kind_of(probe, expected, self.behaviour)
        return Finding(kind, probe, expected, probe.telling_statement, leaked) if kind else None

    def _skeletons(self, probe: Probe) -> tuple[Skeleton, ...]:
        return tuple(skeleton(one.text, self.behaviour.engine) for one in probe.record.statements)

    def _other_statement(self, probe: Probe, familiar: set[tuple[Skeleton, ...]]) -> Finding | None:
        """A finding if the statements differ from those of every honest input, and of harmless text of this shape.

        A call may stop early: the first statements of an honest call are as good as all of them.
        """
        skeletons = self._skeletons(probe)
        if any(skeletons == other[: len(skeletons)] for other in familiar):
            return None
        if probe.point and skeletons == self._skeletons(self._probe(probe.point, harmless_twin(probe.value))):
            return None
        known = {one for other in familiar for one in other}
        pairs = zip(probe.record.statements, skeletons, strict=True)
        strange = next((one for one, words in pairs if words not in known), probe.telling_statement)
        return Finding("structure", probe, None, strange)


def _expected_of(probe: Probe, behaviour: Behaviour) -> Any:
    expected = behaviour.expects(probe.data, *probe.arguments)
    if not isinstance(expected, OrRefused):
        return expected
    return REFUSED if probe.record.raised and not probe.record.refused_statement else expected.rows


def _kind_of(probe: Probe, expected: Any, behaviour: Behaviour) -> FindingKind | None:
    record = probe.record
    if _changes_wrongly(probe, expected, behaviour):
        return "change"
    if record.raised and expected is not REFUSED:
        return "engine" if record.refused_statement else "raised"
    if not record.raised and expected is REFUSED:
        return "accepted"
    return None if record.raised or _is_right(record.value, expected, behaviour.ordered) else "rows"


def _changes_wrongly(probe: Probe, expected: Any, behaviour: Behaviour) -> bool:
    """Whether tables hold what they should not; a call that raised may have left a table as it was."""
    before, after = probe.data, probe.record.data_after
    if after is None:
        return False
    right = before if expected is REFUSED else behaviour.leaves(before, *probe.arguments)
    if not probe.record.raised or set(after) != set(right):
        return not same_data(after, right)
    return not all(same_rows(after[name], right[name]) or same_rows(after[name], before[name]) for name in after)


def _is_right(value: Any, expected: Any, ordered: bool) -> bool:
    if expected is ANYTHING:
        return True
    if not isinstance(expected, list):
        return type(value) is type(expected) and value == expected
    rows = rows_of(value)
    if rows is None:
        return False
    return rows == expected if ordered else sorted_rows(rows) == sorted_rows(expected)


def _list_columns(columns: frozenset[tuple[str, str]]) -> str:
    return ", ".join(sorted(".".join(pair) for pair in columns))


def stands_in(value: Any, text: str) -> bool:
    """Whether `value` stands in `text`, as it is or with its quotes doubled."""
    if not isinstance(value, str) or not value:
        return False
    return value in text or value.replace("'", "''") in text
