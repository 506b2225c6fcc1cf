"""What can happen to a shop: orders at the same time, power cuts, visits, a migration, copies, an accident."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

Lines = tuple[tuple[int, int], ...]
"""Products with the pieces of each."""


@dataclass(frozen=True)
class Order:
    """What one buyer asks for."""

    buyer: str
    customer: int
    lines: Lines
    key: str
    """The key of the request, which stays the same when it is sent again."""
    version: int = 1
    """The version of the application that takes it, if that is running; else the other takes it."""

    @property
    def words(self) -> str:
        """Who asks for what under which key."""
        pieces = ", ".join(f"{count} of product {product}" for product, count in self.lines)
        return f"{self.buyer} orders {pieces} (key {self.key})"


@dataclass(frozen=True)
class Rush:
    """Orders at the same time, their statements in the order of `turns`; a single order is a rush of one."""

    orders: tuple[Order, ...]
    turns: tuple[str, ...] = ()
    """The buyers, one for each statement; what is left of them runs at the end."""
    kind = "orders"

    @property
    def words(self) -> str:
        """All the orders."""
        together = " at the same time: " if len(self.orders) > 1 else ""
        return f"{together}{'; '.join(order.words for order in self.orders)}".strip()

    def without(self, buyer: str) -> Rush:
        """The same rush without one of its buyers."""
        kept = tuple(order for order in self.orders if order.buyer != buyer)
        return Rush(kept, tuple(turn for turn in self.turns if turn != buyer))


@dataclass(frozen=True)
class PowerCuts:
    """The power is cut before each statement of an order and after the last; a function is then asked once more."""

    order: Order
    kind = "power cut"

    @property
    def words(self) -> str:
        """The order that is cut."""
        return f"the power is cut while {self.order.words}, which is then sent again"


@dataclass(frozen=True)
class Search:
    """A stranger looks for titles."""

    text: str
    is_hostile: bool = False
    kind = "visit"

    @property
    def words(self) -> str:
        """What is looked for."""
        return f"a stranger searches for `{self.text}`"


@dataclass(frozen=True)
class Login:
    """A stranger wants to be taken for a customer."""

    email: str
    password: str
    customer: int | None
    """Who it is; None if nobody may come in."""
    is_hostile: bool = False
    kind = "visit"

    @property
    def words(self) -> str:
        """What is sent."""
        return f"a stranger logs in as `{self.email}` with `{self.password}`"


@dataclass(frozen=True)
class Deletion:
    """A customer asks to be forgotten."""

    customer: int
    kind = "deletion"

    @property
    def words(self) -> str:
        """Who it is."""
        return f"customer {self.customer} is deleted"


@dataclass(frozen=True)
class MigrationStep:
    """The next step of the migration's plan."""

    number: int
    kind = "migration"

    @property
    def words(self) -> str:
        """Which step it is."""
        return f"step {self.number + 1} of the migration"


Damage = Literal["", "half", "page"]
"""What a file loses afterwards: nothing, its second half, or a page of one table, so that the others can be read."""


@dataclass(frozen=True)
class Copy:
    """A backup is made, and its file may be damaged afterwards."""

    damage: Damage = ""
    kind = "copy"

    @property
    def words(self) -> str:
        """What becomes of it."""
        lost = {"": "", "half": "its second half", "page": "a page of one table"}[self.damage]
        return "a backup is made" + (f", and its file loses {lost}" if lost else "")


@dataclass(frozen=True)
class Accident:
    """A statement that nobody wanted is committed, and the shop is to be as it was just before."""

    statement: str
    kind = "accident"

    @property
    def words(self) -> str:
        """What was run."""
        return f"somebody runs `{self.statement}`, and the shop is recovered"


Event = Rush | PowerCuts | Search | Login | Deletion | MigrationStep | Copy | Accident
Events = tuple[Event, ...]
MAX_SHORTENING_RUNS = 40


def shorten(events: Events, breaks: Callable[[Events], bool]) -> Events:
    """The shortest scenario found that still `breaks` what `events` break: of its last ones, of few, of few buyers.

    The steps of a migration stay in their order, from the first. Forty candidates are run, and the best of them given.
    """
    runs = 0

    def still(candidate: Events) -> bool:
        nonlocal runs
        if not candidate or not _has_every_step(candidate) or runs >= MAX_SHORTENING_RUNS:
            return False
        runs += 1
        return breaks(candidate)

    events = next(filter(still, _ends(events)), events)
    for place in range(len(events) - 2, -1, -1):
        rest = events[:place] + events[place + 1 :]
        events = rest if still(rest) else events
    return _drop_buyers(events, still)


def _ends(events: Events) -> Iterator[Events]:
    """The last event, the last two, four and so on, each alone and behind the steps of the migration before it."""
    size = 1
    while size < len(events):
        yield events[-size:]
        yield (*(event for event in events[:-size] if isinstance(event, MigrationStep)), *events[-size:])
        size *= 2


def _has_every_step(events: Events) -> bool:
    numbers = [event.number for event in events if isinstance(event, MigrationStep)]
    return numbers == [*range(len(numbers))]


def _drop_buyers(events: Events, still: Callable[[Events], bool]) -> Events:
    for place, event in enumerate(events):
        for order in event.orders[::-1] if isinstance(event, Rush) else ():
            rush = events[place]
            fewer = rush.without(order.buyer) if isinstance(rush, Rush) else rush
            candidate = (*events[:place], fewer, *events[place + 1 :])
            if isinstance(fewer, Rush) and fewer.orders and still(candidate):
                events = candidate
    return events


def resend(order: Order, buyer: str) -> Order:
    """The same request once more, over another connection."""
    return replace(order, buyer=buyer)
