"""Calls a function as honest people and as others do, and finds the first call that goes wrong."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from typing import Any, Literal

from graders.techniques.attacks.inputs import (
    Data,
    InjectionPoint,
    grow_inputs,
    harmless_twin,
    make_marker,
    near_values,
)
from graders.techniques.attacks.sent_statements import SentStatement, columns_read, skeleton
from graders.techniques.attacks.subject import (
    ANYTHING,
    REFUSED,
    Behaviour,
    CallTrace,
    InOrder,
    OrRefused,
    Subject,
    read_rows,
    same_data,
    same_rows,
)

MAX_GROWN = 12
Fault = Literal["leak", "change", "engine", "rows", "raised", "accepted", "structure", "reads"]
Accepted = Literal["near names", "names", "anything"]
# Of several hostile inputs that do something, the first of these is reported; a leak or a change ends the search.
WORST_FIRST: tuple[Fault, ...] = ("accepted", "rows", "structure", "engine", "raised")


@dataclass(frozen=True)
class Probe:
    """One call made to see what the function does, and what is wrong with it."""

    point: InjectionPoint | None
    """Where the value is sent; None in one of the behaviour's `more_calls`."""
    value: Any
    """What is sent there, or all the arguments of one of the `more_calls`."""
    record: CallTrace
    """What the call did."""
    expected: Any
    """What it should have given: rows, `REFUSED` or `ANYTHING`."""
    is_written: bool
    """Whether a random word sent at this point ends up in the text of a statement."""
    fault: Fault | None = None
    """A secret came out ("leak"), data changed ("change"), the engine refused a statement ("engine"), other rows came
    ("rows"), an exception that was not due ("raised") or none where one was due ("accepted"), another statement
    than for honest inputs ("structure"), or columns were read that are not needed ("reads"); None: all was well."""
    statement: SentStatement | None = None
    """The statement that shows the fault best."""
    leaked: str = ""
    """The secret that came out, or else the columns that were read and should not have been."""
    honest_fails: bool = False
    """Whether a call of an honest person goes wrong as well."""
    is_doubled: bool = False
    """Whether it ends up there with its quotes doubled."""
    accepted: Accepted = "anything"
    """What is accepted here beside the names that are allowed: what is nearly one, other names, or anything."""
    may_refuse: bool = False
    """Whether an exception would be right as well."""
    right: Data | None = None
    """The data that are right afterwards, where others are found."""
    only_filter: str = ""
    """Of several filters the one whose rows came, whatever the others say."""


class Prober:
    """Probes a subject on data of its own, with a canary that nobody can know."""

    def __init__(self, subject: Subject, behaviour: Behaviour, seed: int, rng: random.Random):
        self.subject = subject
        self.behaviour = behaviour
        self.canary = "k" + rng.randbytes(6).hex()
        self.data = behaviour.data(seed, self.canary)
        self.crowd = behaviour.crowd(seed, self.canary) if behaviour.crowd else self.data
        self.points = [_with_drawn(point, self.crowd) for point in behaviour.points]
        self._markers = {point.name: make_marker(point.kind, rng) for point in self.points}
        self._marked: dict[str, str] = {}
        self._doubled: set[str] = set()
        for point in self.points:
            marker = self._markers[point.name]
            if statement := self._statement_with(point, marker, marker):
                self._marked[point.name] = statement
                if self._statement_with(point, f"{marker}'s", f"{marker}''s"):
                    self._doubled.add(point.name)

    def _statement_with(self, point: InjectionPoint, sent: str, written: str) -> str:
        """The first statement that contains `written` when `sent` is sent at `point`; nothing if there is none."""
        texts = (one.text for one in self._probe(point, sent).record.statements)
        return next((text for text in texts if written.casefold() in text.casefold()), "")

    @cached_property
    def _honest_probes(self) -> list[Probe]:
        probes = [self._probe(point, value, self.crowd) for point in self.points for value in point.honest]
        more = self.behaviour.more_calls(self.crowd)
        return probes + [self._call(None, arguments, self.crowd, arguments) for arguments in more]

    def serves_somebody(self) -> bool:
        """Whether an honest call that has something to give gave rows, or did what it should."""
        giving = [probe for probe in self._honest_probes if probe.expected not in (REFUSED, [])]
        # Where some call gives something, one that rightly gives nothing serves nobody.
        giving = [probe for probe in giving if probe.expected is not None] or giving
        return any(read_rows(probe.record.value) if probe.fault else True for probe in giving)

    def find_mistake(self) -> Probe | None:
        """The first call of an honest person that goes wrong."""
        return next((probe for probe in self._honest_probes if probe.fault), None)

    def find_attack(self) -> Probe | None:
        """The first hostile input that does something: the worst first, where several do."""
        faulty: list[Probe] = []
        for probe in self._hostile_probes():
            if probe.fault in ("leak", "change"):
                return probe
            faulty += [probe] if probe.fault else self._find_other_statement(probe)
        worst = min(faulty, key=lambda one: WORST_FIRST.index(one.fault), default=None)
        if worst is None:
            return None
        honest_fails, accepted = self.find_mistake() is not None, self._what_is_accepted(worst, faulty)
        return replace(worst, leaked=self._secrets_read(worst.statement), honest_fails=honest_fails, accepted=accepted)

    @staticmethod
    def _what_is_accepted(worst: Probe, faulty: list[Probe]) -> Accepted:
        point = worst.point
        accepted = [one for one in faulty if one.fault == "accepted" and one.point is point]
        if point is None or point.kind != "identifier" or not accepted:
            return "anything"
        if all(one.value in near_values(point) for one in accepted):
            return "near names"
        return "names" if all(one.value.removeprefix("-").isidentifier() for one in accepted) else "anything"

    def find_needless_read(self) -> Probe | None:
        """The first call of an honest person whose statements read columns that it does not need."""
        needs = self.behaviour.needs
        if needs is None:
            return None
        for probe in self._honest_probes:
            for statement in probe.record.statements:
                if needless := columns_read(statement.text, self.behaviour.schema) - needs:
                    return replace(probe, fault="reads", statement=statement, leaked=_list_columns(needless))
        return None

    def _secrets_read(self, statement: SentStatement | None) -> str:
        """The secret columns that `statement` reads, as far as SQLite's authorizer says."""
        if statement is None or self.behaviour.engine != "SQLite":
            return ""
        return _list_columns(columns_read(statement.text, self.behaviour.schema) & set(self.behaviour.secrets))

    def _hostile_probes(self) -> Iterator[Probe]:
        for point in self.points:
            marker = self._markers[point.name]
            if point.is_planted(marker) and point.kind != "stored":
                # It was in the data before, and is no more: what a function remembers of that call is wrong now.
                yield self._call(point, marker, self.data, point.arguments(marker))
            yield from (self._probe(point, value) for value in self._hostile_inputs(point))

    def _hostile_inputs(self, point: InjectionPoint) -> Iterator[str]:
        """The corpus for `point`, after what grows from the statement that contains the marker."""
        if statement := self._marked.get(point.name):
            secrets, engine = self.behaviour.secrets, self.behaviour.engine
            yield from islice(grow_inputs(statement, self._markers[point.name], secrets, engine), MAX_GROWN)
        yield from point.corpus()

    def _probe(self, point: InjectionPoint, value: Any, data: Data | None = None) -> Probe:
        return self._call(point, value, point.data_with(value, data or self.data), point.arguments(value))

    def _call(self, point: InjectionPoint | None, value: Any, data: Data, arguments: tuple[Any, ...]) -> Probe:
        record = self.subject(data, arguments)
        expected = self.behaviour.expects(data, *arguments)
        may_refuse = isinstance(expected, OrRefused)
        if isinstance(expected, OrRefused):
            expected = REFUSED if _refuses_itself(record) else expected.rows
        leaked = self.canary if self.canary in f"{record.value!r} {record.raised}" else ""
        fault = "leak" if leaked else self._fault_of(record, expected, data, arguments)
        is_written = point is not None and point.name in self._marked
        return Probe(
            point,
            value,
            record,
            expected.rows if isinstance(expected, InOrder) else expected,
            is_written,
            fault,
            _clearest_statement(record, value),
            leaked,
            is_doubled=point is not None and point.name in self._doubled,
            may_refuse=may_refuse,
            right=self._right_data(expected, data, arguments) if fault == "change" else None,
            only_filter=self._only_filter(record, data, arguments) if fault == "rows" else "",
        )

    def _only_filter(self, record: CallTrace, data: Data, arguments: tuple[Any, ...]) -> str:
        """Of the filters in `arguments` the first whose rows came, where several were sent; "" if there is none."""
        found = read_rows(record.value)
        for place, filters in enumerate(arguments) if found else ():
            for key, value in filters.items() if isinstance(filters, dict) and len(filters) > 1 else ():
                alone = self.behaviour.expects(data, *arguments[:place], {key: value}, *arguments[place + 1 :])
                rows = getattr(alone, "rows", alone)
                if isinstance(rows, list) and same_rows(found or [], rows):
                    return str(key)
        return ""

    def _right_data(self, expected: Any, data: Data, arguments: tuple[Any, ...]) -> Data:
        return data if expected is REFUSED else self.behaviour.leaves(data, *arguments)

    def _fault_of(self, record: CallTrace, expected: Any, data: Data, arguments: tuple[Any, ...]) -> Fault | None:
        """What is wrong with a call, apart from leaks and from the words of its statements."""
        if _changes_wrongly(record, data, self._right_data(expected, data, arguments)):
            return "change"
        if record.raised and expected is not REFUSED:
            return "engine" if record.refused_statement else "raised"
        if not record.raised and expected is REFUSED:
            return "accepted"
        return None if record.raised or _is_right(record.value, expected) else "rows"

    def _skeletons(self, probe: Probe) -> tuple[str, ...]:
        return tuple(skeleton(one.text, self.behaviour.engine) for one in probe.record.statements)

    @cached_property
    def _honest_skeletons(self) -> set[tuple[str, ...]]:
        return {self._skeletons(probe) for probe in self._honest_probes}

    def _find_other_statement(self, probe: Probe) -> list[Probe]:
        """The probe, if its statements differ from those of every honest input, and of harmless text of this shape.

        A call may stop early: the first statements of an honest call are as good as all of them.
        """
        skeletons = self._skeletons(probe)
        if any(skeletons == other[: len(skeletons)] for other in self._honest_skeletons):
            return []
        if probe.point and skeletons == self._skeletons(self._probe(probe.point, harmless_twin(probe.value))):
            return []
        familiar = set().union(*self._honest_skeletons)
        pairs = zip(probe.record.statements, skeletons, strict=True)
        strange = next((one for one, words in pairs if words not in familiar), probe.statement)
        return [replace(probe, fault="structure", expected=None, statement=strange)]


def _clearest_statement(record: CallTrace, value: Any) -> SentStatement | None:
    """The statement to show: one that the engine refused, or one that contains the value, or else the last."""
    statements = record.statements
    containing = (one for one in statements if occurs_in(value, one.text))
    return record.refused_statement or next(containing, statements[-1] if statements else None)


def _refuses_itself(record: CallTrace) -> bool:
    """Whether a call raised for a value of another kind: before a statement, or because no driver takes it."""
    refused = record.refused_statement
    given = refused.parameters if refused else ()
    values = given.values() if isinstance(given, dict) else given
    return bool(record.raised) and (refused is None or any(isinstance(value, (list, dict)) for value in values))


def _changes_wrongly(record: CallTrace, before: Data, right: Data) -> bool:
    """Whether tables hold what they should not; a call that raised may have left a table as it was."""
    after = record.data_after
    if after is None:
        return False
    if not record.raised or set(after) != set(right):
        return not same_data(after, right)
    return not all(same_rows(after[name], right[name]) or same_rows(after[name], before[name]) for name in after)


def _is_right(value: Any, expected: Any) -> bool:
    if expected is ANYTHING:
        return True
    rows, wanted = read_rows(value), expected.rows if isinstance(expected, InOrder) else expected
    if not isinstance(wanted, list):
        return type(value) is type(wanted) and value == wanted
    if rows is None or not same_rows(rows, wanted):
        return False
    return not isinstance(expected, InOrder) or expected.same_order(rows)


def _with_drawn(point: InjectionPoint, data: Data) -> InjectionPoint:
    """The point with what honest people send on these data."""
    return replace(point, honest=tuple(dict.fromkeys([*point.honest, *point.draw_honest(data)])))


def _list_columns(columns: frozenset[tuple[str, str]]) -> str:
    return ", ".join(sorted(".".join(pair) for pair in columns))


def occurs_in(value: Any, text: str) -> bool:
    """Whether `text` contains `value`, as it is or with its quotes doubled."""
    if not isinstance(value, str) or not value:
        return False
    return value in text or value.replace("'", "''") in text
