"""Claims on the next page of a list to which orders are added, and from which they go, while somebody reads it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from graders import Attempt, Mismatch, Table, claim, experiment
from graders.checks.query_patterns.page_calls import (
    count_rows,
    open_shop,
    read_list,
    require_value,
    table_of_statements,
)
from graders.labs import SharedLab
from graders.techniques.schedules import CallRecord, Series, observe_each, read_final_state, run_call

COLUMNS = ("id", "created_at")
PAGES = 9
Place = tuple[int, str]
Places = list[Place]
INSERT = "INSERT INTO orders VALUES (?, NULL, 'paid', 100, ?)"
EQUAL = "Orders of the same time as the last one shown are missing. What tells two orders of one time apart?"
AGAIN = "The last order, or one of its time, is shown again. What tells two orders of one time apart?"
BOTH = "An order of an earlier time may have a higher id. When does the id decide?"
BY_ID = "The list is by time, and an order that was entered late has a high id. By what does the next page begin?"
COUNTED = (
    "Orders have come in above, or have gone, so rows have moved. What do you know of the last row that was shown?"
)
UNSORTED = "Orders of one time come in another order than asked for. By which columns is your list sorted?"


def newest_first(places: Places) -> Places:
    """The orders, the newest first, and of one time the highest id first."""
    return sorted(places, key=lambda place: (place[1], place[0]), reverse=True)


class OrderList:
    """Orders drawn from a seed, several at one time and with ids in another order, and what happens to them."""

    def __init__(self, seed: int):
        self.rng = random.Random(f"{seed} pages")
        self.tens = iter(self.rng.sample(range(1, 99), 60))
        self.sizes = [self.rng.randint(2, 5) for _ in range(PAGES)]
        self.places: Places = []
        for minute in range(10, 30):
            self.places += self._new(minute, 5 if minute == 29 else self.rng.choice((1, 1, 2, 5)))

    def _new(self, minute: int, count: int = 1) -> Places:
        """Orders of one time, whose ids follow one another."""
        first = 10 * next(self.tens)
        return [(number, f"2026-03-01 10:{minute:02}:00") for number in range(first, first + count)]

    def change(self, shown: Places) -> tuple[Places, Places]:
        """Orders that are added and others that go, after the page `shown`: above it, behind it, at its end."""
        added = self._new(self.rng.randint(40, 59), self.rng.randint(1, 2)) + self._new(self.rng.randint(1, 9))
        gone = [shown[-1], self.rng.choice(newest_first(self.places)[:4])] if self.rng.random() < 0.5 else []
        self.places = [place for place in [*self.places, *added] if place not in gone]
        return added, gone


@dataclass(frozen=True)
class Turn:
    """One call for the next page."""

    number: int
    """The number of the call, from 0."""
    after: Place | None
    """The last row of the page before."""
    size: int
    shown: int
    """How many rows have been shown before."""
    places: Places
    """The orders at that moment, newest first."""
    call: CallRecord[None]

    @property
    def expected(self) -> Places:
        """The right page."""
        return self._page(lambda number, time: self.after is None or (time, number) < self.after[::-1])

    @property
    def found(self) -> Places | None:
        """The page that was given; None if it was something else."""
        rows = [read_list(row) for row in read_list(self.call.value) or ()]
        if read_list(self.call.value) is None or any(row is None or len(row) != len(COLUMNS) for row in rows):
            return None
        return [(row[0], row[1]) for row in rows if row is not None]

    def mistakes(self) -> Iterator[tuple[str, Places]]:
        """What known mistakes give, each with its hint."""
        if self.after is None:
            return
        last, then = self.after
        yield EQUAL, self._page(lambda number, time: time < then)
        yield AGAIN, self._page(lambda number, time: time <= then)
        yield BOTH, self._page(lambda number, time: time < then and number < last)
        by_id = sorted((place for place in self.places if place[0] < last), reverse=True)
        yield BY_ID, by_id[: self.size]
        yield BY_ID, self._page(lambda number, time: number < last)
        yield COUNTED, self.places[self.number * self.size :][: self.size]
        yield COUNTED, self.places[self.shown :][: self.size]

    def _page(self, follows: Callable[[int, str], bool]) -> Places:
        return [place for place in self.places if follows(*place)][: self.size]


@experiment("next-page")
def turn_pages(attempt: Attempt) -> Series[Turn]:
    """Ask for one page after the other, while orders are added above and behind, and others go."""
    orders = OrderList(attempt.seed)
    shop = {"orders": [(number, None, "paid", 100, time) for number, time in orders.places]}
    with open_shop(shop) as lab:
        # Through the index, orders of one time come by their id, asked for or not.
        lab.execute("DROP INDEX orders_by_time")
        after: list[Place | None] = [None]

        def turn(number: int) -> Turn:
            places = newest_first(orders.places)
            size = orders.sizes[number]
            call = run_call(lab, attempt.answer, after[0], size, read=lambda lab: None)
            turned = Turn(number, after[0], size, sum(orders.sizes[:number]), places, call)
            if turned.expected:
                after[0] = turned.expected[-1]
                added, gone = orders.change(turned.expected)
                read_final_state(lab, lambda lab: _change(lab, added, gone))
            return turned

        return observe_each(turn, range(PAGES))


def _change(lab: SharedLab, added: Places, gone: Places) -> None:
    for place in added:
        lab.execute(INSERT, place)
    for number, _ in gone:
        lab.execute("DELETE FROM orders WHERE id = ?", (number,))


@claim(turn_pages, weight=3)
def begins_behind_the_last_row(turns: Series[Turn]) -> None:
    """each page begins behind the last row of the page before, newest first, while orders are added and others go"""
    seen = []
    for turn in turns:
        require_value(turn.call)
        seen.append(turn)
        if turn.found is None:
            raise Mismatch("a list of `(id, created_at)`", f"`{turn.call.value!r:.120}`")
        if turn.found != turn.expected:
            rest = turns.observations[len(seen) :]
            raise Mismatch(
                f"{len(turn.expected)} orders {f'after {turn.after}' if turn.after else 'on the first page'}",
                _difference(turn),
                _hint([*seen, *rest]),
                [Table("expected", COLUMNS, turn.expected), Table("found", COLUMNS, turn.found[: turn.size + 2])],
            )


def _difference(turn: Turn) -> str:
    missing = sum(place not in (turn.found or ()) for place in turn.expected)
    return f"{missing} of them missing" if missing else "others as well, or in another order"


def _hint(turns: list[Turn]) -> str:
    """The hint of the one mistake that explains every page; "" if there is none, or more than one."""
    wrong = [turn for turn in turns if turn.found is not None and turn.after is not None]
    by_mistake = zip(*(turn.mistakes() for turn in wrong), strict=True)
    hints = {
        pages[0][0]
        for pages in by_mistake
        if all(turn.found == page for turn, (_, page) in zip(wrong, pages, strict=True))
    }
    if len(hints) == 1:
        return hints.pop()
    return UNSORTED if all(_times(turn.found or []) == _times(turn.expected) for turn in wrong) else ""


def _times(places: Places) -> list[str]:
    return [time for _, time in places]


@claim(turn_pages, weight=1, after=begins_behind_the_last_row)
def fetches_one_page(turns: Series[Turn]) -> None:
    """it fetches one page, and not the whole list"""
    for turn in turns:
        rows = count_rows(turn.call)
        if rows > turn.size + 1:
            hint = "The rows that are not shown have been fetched too. Which clause ends a page in SQL?"
            raise Mismatch(f"{turn.size} rows", f"{rows}", hint, [table_of_statements(turn.call)])
