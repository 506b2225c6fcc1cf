"""The attack judge: calls a function as honest people and as others do, and finds the first call that goes wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from graders.kernel.randomness import drawing
from graders.techniques.attacks.behaviour import ANYTHING, REFUSED, Behaviour, OrRefused, Slot
from graders.techniques.attacks.corpus import hostile, near, twin
from graders.techniques.attacks.growing import grown, marker_for, places_of
from graders.techniques.attacks.reads import Reader
from graders.techniques.attacks.skeleton import Skeleton, skeleton
from graders.techniques.attacks.subject import Data, Seen, Sent, Subject, same_data, same_rows, sorted_rows

MOST_GROWN = 12
Skeletons = tuple[Skeleton, ...]


@dataclass(frozen=True)
class Called:
    """One call: the slot and the value sent in it, the data before, the arguments, and what was seen.

    `written` says that a random word sent in this slot comes to stand in the text of a statement.
    """

    slot: Slot | None
    value: Any
    data: Data
    arguments: tuple[Any, ...]
    seen: Seen
    said: str
    written: bool = False


@dataclass(frozen=True)
class Finding:
    """A call that went wrong: `kind` says how, `sent` is the statement it became.

    Kinds: "leak" (a secret came out), "change" (data changed), "engine" (the engine could not read or run the
    statement), "rows" (other rows), "raised" (an exception that nobody asked for), "accepted" (none where one was
    due), "structure" (another statement than for honest inputs), "reads" (columns that it does not need).
    `leaked` is the secret that came out, or else the columns that were read and should not have been. `honest_too` says
    that a call of an honest person goes wrong as well.
    """

    kind: str
    call: Called
    expected: Any
    sent: Sent | None = None
    leaked: str = ""
    honest_too: bool = False


class Trial:
    """A subject on data of its own, with a canary that is new in every trial."""

    def __init__(self, subject: Subject, behaviour: Behaviour, seed: int):
        self.subject = subject
        self.behaviour = behaviour
        self.canary = "k" + drawing().randbytes(6).hex()
        self.data = behaviour.data(seed, self.canary)
        self._places: dict[str, list[tuple[str, str]]] = {}
        self._places = {slot.name: self._place(slot) for slot in behaviour.slots}

    def mishap(self) -> Finding | None:
        """The first call of an honest person that goes wrong."""
        return next(filter(None, (self._wrong(self._call(*one)) for one in self._ordinary())), None)

    def attack(self) -> Finding | None:
        """The first hostile input that does something: the worst first, where several do."""
        found: list[Finding] = []
        known = {self._skeletons(self._call(slot, value).seen) for slot, value in self._ordinary()}
        for slot in self.behaviour.slots:
            for value in self._hostile(slot):
                call = self._call(slot, value)
                finding = self._wrong(call) or self._another_statement(call, known)
                if finding and finding.kind in ("leak", "change"):
                    return finding
                found += [finding] if finding else []
        order = ("rows", "accepted", "structure", "engine", "raised")
        worst = min(found, key=lambda one: order.index(one.kind), default=None)
        if worst is None:
            return None
        return replace(worst, leaked=self._secrets_read(worst), honest_too=self.mishap() is not None)

    def read_too_much(self) -> Finding | None:
        """The first call of an honest person whose statements read columns that it does not need."""
        needs = self.behaviour.needs
        if needs is None or self.behaviour.engine != "SQLite":
            return None
        with Reader(self.behaviour.schema) as reader:
            for slot, value in self._ordinary():
                call = self._call(slot, value)
                for sent in call.seen.sent:
                    if spare := reader.columns(sent.statement) - needs:
                        words = ", ".join(sorted(".".join(pair) for pair in spare))
                        return Finding("reads", call, None, sent, words)
        return None

    def _secrets_read(self, finding: Finding) -> str:
        """The secret columns that the statement of a finding reads, as far as SQLite's authorizer tells."""
        if finding.sent is None or self.behaviour.engine != "SQLite":
            return ""
        with Reader(self.behaviour.schema) as reader:
            read = reader.columns(finding.sent.statement) & set(self.behaviour.secrets)
        return ", ".join(sorted(".".join(pair) for pair in read))

    def _ordinary(self) -> Iterator[tuple[Slot | None, Any]]:
        yield from ((slot, value) for slot in self.behaviour.slots for value in slot.ordinary)
        yield from ((None, arguments) for arguments in self.behaviour.further)

    def _hostile(self, slot: Slot) -> Iterator[str]:
        """The corpus for `slot`, after what grows from the statement in which a marker is found."""
        for marker, statement in self._places[slot.name]:
            inputs = grown(statement, marker, self.behaviour.secrets, self.behaviour.engine)
            yield from islice(inputs, MOST_GROWN)
        yield from (*slot.hostile, *hostile(slot.kind))
        yield from near(slot.ordinary) if slot.kind == "identifier" else ()

    def _place(self, slot: Slot) -> list[tuple[str, str]]:
        """A random word sent in `slot`, and the first statement in whose text it stands; nothing if in none."""
        marker = marker_for(slot.kind)
        return [(marker, one) for one in places_of(marker, self._call(slot, marker).seen.sent)[:1]]

    def _call(self, slot: Slot | None, value: Any) -> Called:
        data, arguments = slot.case(self.data, value) if slot else (self.data, value)
        seen = self.subject(data, arguments)
        written = slot is not None and self._places.get(slot.name, []) != []
        return Called(slot, value, data, arguments, seen, self.subject.said(arguments), written)

    def _wrong(self, call: Called) -> Finding | None:
        """What is wrong with a call, apart from the words of its statements."""
        expected = self._expected(call)
        kind = self._kind(call, expected)
        return Finding(kind, call, expected, _telling(call), self._leaked(call)) if kind else None

    def _expected(self, call: Called) -> Any:
        expected = self.behaviour.expects(call.data, *call.arguments)
        if not isinstance(expected, OrRefused):
            return expected
        return REFUSED if call.seen.raised and not call.seen.refused_by_engine else expected.rows

    def _kind(self, call: Called, expected: Any) -> str:
        seen = call.seen
        if self._leaked(call):
            return "leak"
        if self._changed_wrongly(call, expected):
            return "change"
        if seen.raised and expected is not REFUSED:
            return "engine" if seen.refused_by_engine else "raised"
        if not seen.raised and expected is REFUSED:
            return "accepted"
        return "" if seen.raised or self._same_value(seen.value, expected) else "rows"

    def _changed_wrongly(self, call: Called, expected: Any) -> bool:
        """Whether tables hold what they should not; a call that raised may have left a table as it was."""
        before, after = call.data, call.seen.after
        if after is None:
            return False
        left = before if expected is REFUSED else self.behaviour.leaves(before, *call.arguments)
        if not call.seen.raised or set(after) != set(left):
            return not same_data(after, left)
        return not all(same_rows(after[name], left[name]) or same_rows(after[name], before[name]) for name in after)

    def _leaked(self, call: Called) -> str:
        return self.canary if self.canary in f"{call.seen.value!r} {call.seen.raised}" else ""

    def _same_value(self, found: Any, expected: Any) -> bool:
        if expected is ANYTHING:
            return True
        if not isinstance(expected, list):
            return type(found) is type(expected) and found == expected
        rows = rows_of(found)
        if rows is None:
            return False
        return rows == expected if self.behaviour.ordered else sorted_rows(rows) == sorted_rows(expected)

    def _skeletons(self, seen: Seen) -> Skeletons:
        return tuple(skeleton(one.statement, self.behaviour.engine) for one in seen.sent)

    def _another_statement(self, call: Called, known: set[Skeletons]) -> Finding | None:
        """A finding if the statements differ from those of every honest input, and of harmless text of this shape.

        A call may stop early: the first statements of an honest call are as good as all of them.
        """
        mine = self._skeletons(call.seen)
        if any(mine == other[: len(mine)] for other in known):
            return None
        if mine == self._skeletons(self._call(call.slot, twin(call.value)).seen):
            return None
        familiar = {one for other in known for one in other}
        strange = (one for one, words in zip(call.seen.sent, mine, strict=True) if words not in familiar)
        return Finding("structure", call, None, next(strange, _telling(call)))


def _telling(call: Called) -> Sent | None:
    """The statement to show: one that the engine refused, or in which the value stands, or else the last."""
    sent = call.seen.sent
    standing = (one for one in sent if stands_in(call.value, one.statement))
    return call.seen.refused_by_engine or next(standing, sent[-1] if sent else None)


def stands_in(value: Any, statement: str) -> bool:
    """Whether `value` stands in the text of `statement`, as it is or with its quotes doubled."""
    if not isinstance(value, str) or not value:
        return False
    return value in statement or value.replace("'", "''") in statement


def rows_of(value: Any) -> list[tuple[Any, ...]] | None:
    """`value` as a list of rows; None if it is none."""
    if not isinstance(value, (list, tuple)) or not all(isinstance(row, (list, tuple)) for row in value):
        return None
    return [tuple(row) for row in value]
