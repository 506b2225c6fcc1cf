"""Runs a scenario on a shop, event after event, and says at which event which invariant was broken."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from graders.kernel.answers import to_mismatch
from graders.kernel.report import Mismatch
from graders.labs import EngineError, SharedLab, open_shared_lab
from graders.sandbox import SandboxError
from graders.techniques.attacks import columns_read, same_rows
from graders.techniques.power_cuts import sweep_crashes
from graders.techniques.scenarios.copies import Copies
from graders.techniques.scenarios.events import (
    Accident,
    Copy,
    Deletion,
    Event,
    Events,
    Login,
    MigrationStep,
    Order,
    PowerCuts,
    Rush,
    Search,
)
from graders.techniques.scenarios.invariants import Ledger, find_violations, read_tables
from graders.techniques.scenarios.shop import Shop
from graders.techniques.schedules import CallRecord, Schedule, run_call, run_in_order

SECRET_COLUMN = ("customers", "password_hash")
Found = dict[str, str]
"""What is wrong, by the name of the invariant."""


@dataclass(frozen=True)
class Violation:
    """One invariant, broken."""

    invariant: str
    """Its name in `INVARIANTS`."""
    place: int
    """The number of the event after which it is broken, from 0."""
    words: str
    """What is wrong."""


@dataclass(frozen=True)
class ScenarioRun:
    """A scenario that was run, and what it broke."""

    events: Events
    """What happened, in order."""
    violations: tuple[Violation, ...]
    """The first violation of each invariant that was broken, in the order of time."""
    schedules: Mapping[int, Schedule]
    """The statements of each rush, by the number of its event."""

    def violation(self, invariant: str) -> Violation | None:
        """The violation of this invariant, if it was broken."""
        return next((one for one in self.violations if one.invariant == invariant), None)


BEGINNING = datetime(2026, 3, 20, 21)
MINUTES = 7


def clock(place: int) -> str:
    """The time at which the event of this number happens: seven minutes after the one before, from 21:00 on."""
    return f"{BEGINNING + timedelta(minutes=MINUTES * place):%H:%M}"


def log_time(events: Events, place: int) -> str:
    """The same for a log, with its day; a copy is made in the minute of the event before it, and holds it."""
    shared = place > 0 and isinstance(events[place], Copy)
    return f"{BEGINNING + timedelta(minutes=MINUTES * (place - shared)):%Y-%m-%d %H:%M}"


def run_scenario(shop: Shop, events: Events, until: str = "") -> ScenarioRun:
    """Have `events` happen to `shop`, which is as at the beginning; stop where the invariant `until` is broken.

    Raise `Mismatch` if a function breaks the limits of its sandbox, or leaves nothing to look at.
    """
    with open_shared_lab("SQLite", shop.schema, shop.data) as lab:
        return _Runner(shop, lab).run(events, until)


class _Runner:
    def __init__(self, shop: Shop, lab: SharedLab):
        self.shop, self.lab = shop, lab
        self.ledger = Ledger(read_tables(lab))
        self.copies = Copies(shop, lab)
        self.schedules: dict[int, Schedule] = {}
        self.place, self.time = 0, ""
        self.handlers: dict[type, Callable[[Any], Found]] = {
            Rush: self._rush,
            PowerCuts: self._cut_power,
            Search: self._search,
            Login: self._log_in,
            Deletion: self._delete,
            MigrationStep: self._migrate,
            Copy: lambda event: self.copies.make(event, self.time),
            Accident: lambda event: self.copies.recover(event, self.time),
        }

    def run(self, events: Events, until: str) -> ScenarioRun:
        violations: dict[str, Violation] = {}
        for self.place, event in enumerate(events):
            self.time = log_time(events, self.place)
            for name, words in self._happen(event).items():
                violations.setdefault(name, Violation(name, self.place, words))
            if until in violations:
                break
        return ScenarioRun(events[: self.place + 1], tuple(violations.values()), self.schedules)

    def _happen(self, event: Event) -> Found:
        self.lab.mark()
        found = self.handlers[type(event)](event)
        self.copies.note_changes(self.time)
        return {**self._look(), **found}

    def _look(self) -> Found:
        try:
            return find_violations(self.lab, self.ledger)
        except (EngineError, KeyError) as error:
            raise Mismatch(
                "the tables of the shop, with their columns", f"after {clock(self.place)}: {error}"
            ) from None

    def _version(self, order: Order) -> int:
        return order.version if order.version in self.ledger.running else min(self.ledger.running, default=1)

    def _rush(self, rush: Rush) -> Found:
        scripts = {order.buyer: self.shop.take(order, self._version(order)) for order in rush.orders}
        standing = {key for (key,) in self.lab.execute("SELECT request_key FROM orders").rows}
        schedule = run_in_order(self.lab, scripts, rush.turns)
        self.schedules[self.place] = schedule
        standing |= {order.key for order in rush.orders if order.buyer not in schedule.failures}
        found: Found = {}
        for order in rush.orders:
            found |= self._hear(order, schedule, standing)
        return found | self._read_secrets([step.statement for step in schedule.steps])

    def _hear(self, order: Order, schedule: Schedule, standing: set[str]) -> Found:
        """Note what a buyer was told; what is wrong with it, if anything.

        `standing` are the keys of orders that were there before, or that have been taken now.
        """
        failure = schedule.failures.get(order.buyer, "")
        if not failure:
            self.ledger.told.setdefault(order.key, (order, schedule.values.get(order.buyer)))
            number, first = schedule.values.get(order.buyer), self.ledger.told[order.key][1]
            if number != first:
                return {"payments": f"the request {order.key} was told order {first}, and then `{number!r:.40}`"}
            if self._version(order) not in self.shop.versions and number not in (self._numbers(order) or [number]):
                return {"served": f"the request {order.key} is told `{number!r:.40}`, which is not its order's number"}
        elif self._can_be_served(order, standing):
            gone = order.key in self.ledger.told and not self._is_in_stock(order)
            what = "an order that it has taken before, now that too few are left" if gone else "what is in stock"
            return {"errors": f"{self._name_program(order)} refuses {what}: {failure}"}
        if order.buyer in schedule.left_open:
            end = "ends with an exception" if failure else "gives its answer"
            return {"errors": f"the program of {order.buyer} {end} and leaves a transaction open"}
        return {}

    def _name_program(self, order: Order) -> str:
        return f"version {self._version(order)}" if self.shop.plan else "the shop"

    def _numbers(self, order: Order) -> list[int]:
        rows = self.lab.execute("SELECT order_id FROM orders WHERE request_key = ?", (order.key,)).rows
        return [number for (number,) in rows]

    def _can_be_served(self, order: Order, standing: set[str]) -> bool:
        """Whether the order is there already, or could be had from what is left now."""
        if order.key in standing:
            return self._version(order) not in self.shop.versions
        return self._is_in_stock(order)

    def _is_in_stock(self, order: Order) -> bool:
        left: dict[int, int] = dict(self.lab.execute("SELECT product_id, stock FROM products").rows)
        return all(left.get(product, 0) >= pieces for product, pieces in order.lines)

    def _cut_power(self, event: PowerCuts) -> Found:
        order, names = event.order, dict[str, str]()
        version = self._version(order)
        told = dict(self.ledger.told)

        def look(lab: SharedLab) -> str:
            found = find_violations(lab, self.ledger)
            names.update({words: name for name, words in found.items()})
            return next(iter(found.values()), "")

        def look_again(lab: SharedLab) -> str:
            self.ledger.told = {**told, order.key: (order, None)}
            words = look(lab)
            self.ledger.told = told
            return words

        sweep = sweep_crashes(
            self.lab, self.shop.take(order, version), look, rerun=None if version in self.shop.versions else look_again
        )
        self.lab.rewind()
        found = self._rush(Rush((order,)))
        if cut := sweep.first_violation:
            wrong = cut.violation or cut.rerun_violation
            found[names.get(wrong, "errors")] = cut.words
        return found

    def _call(self, name: str, *arguments: Any) -> CallRecord[None]:
        return run_call(self.lab, self.shop.functions[name], *arguments, read=lambda lab: None)

    def _search(self, visit: Search) -> Found:
        call = self._call("search", visit.text)
        right = _matches(visit.text, read_tables(self.lab)["products"])
        is_right = isinstance(call.value, (list, tuple)) and same_rows(call.value, right)
        return self._judge_visit(call, visit.is_hostile, is_right, f"{len(right)} rows")

    def _log_in(self, visit: Login) -> Found:
        call = self._call("login", visit.email, visit.password)
        right = None if visit.customer in self.ledger.deleted else visit.customer
        is_right = type(call.value) is type(right) and call.value == right
        return self._judge_visit(call, visit.is_hostile, is_right, f"`{right}`", allowed=frozenset({SECRET_COLUMN}))

    def _judge_visit(
        self, call: CallRecord[None], is_hostile: bool, is_right: bool, right: str, allowed: frozenset = frozenset()
    ) -> Found:
        """What is wrong with a visit: what it gives away, what it reads, and what it is told."""
        found = {} if SECRET_COLUMN in allowed else self._read_secrets(list(call.statements))
        if self.shop.secret and self.shop.secret in repr(call.value):
            found["secrets"] = f"{call.words} gives away how passwords are stored"
        if not is_right and not found:
            words = f"{call.words} ends with {call.exception}" if call.exception else ""
            words = words or f"{call.words} gives `{call.value!r:.60}` instead of {right}"
            found["secrets" if is_hostile else "errors" if call.exception else "served"] = words
        return found

    def _read_secrets(self, statements: list[str]) -> Found:
        for statement in statements:
            if SECRET_COLUMN in read_columns(statement, self.shop.schema):
                return {"secrets": f"a statement reads `password_hash`: `{statement:.120}`"}
        return {}

    def _delete(self, event: Deletion) -> Found:
        call = self._call("delete_customer", event.customer)
        self.ledger.deleted.add(event.customer)
        if call.exception or call.left_open:
            return {"errors": f"{call.words} ends with {call.exception or 'an open transaction'}"}
        return {}

    def _migrate(self, event: MigrationStep) -> Found:
        step = self.shop.plan[event.number]
        versions = {"old": 1, "new": 2}
        self.ledger.running |= {versions[step.starts]} if step.starts in versions else set()
        self.ledger.running -= {versions[step.stops]} if step.stops in versions else set()
        try:
            with self.lab.connect() as session:
                for statement in self.lab.statements(step.sql):
                    session.execute(statement)
                if session.in_transaction():
                    return {"errors": f"the step `{step.name}` leaves a transaction open"}
        except EngineError as error:
            return {"errors": f"in the step `{step.name}` SQLite says: {error}"}
        return {} if self.ledger.running else {"errors": f"after the step `{step.name}` no version is running"}


def _matches(text: str, products: list[dict[str, Any]]) -> list[tuple]:
    """The products whose titles contain `text`; like LIKE, only the letters A to Z are equal to a to z."""
    found = [one for one in products if _small(text) in _small(one["title"])]
    return [(one["product_id"], one["title"], one["price_cents"]) for one in found]


def _small(text: str) -> str:
    return "".join(sign.lower() if sign.isascii() else sign for sign in text)


@lru_cache(maxsize=2000)
def read_columns(statement: str, schema: str) -> frozenset[tuple[str, str]]:
    """The columns that a statement reads; one that does not name the customers reads none of theirs."""
    return columns_read(statement, schema) if "customers" in statement.lower() else frozenset()


def catch_end(function: Callable[[], ScenarioRun]) -> ScenarioRun | Mismatch:
    """What `function` gives, or why there is nothing to look at."""
    try:
        return function()
    except (Mismatch, SandboxError) as error:
        return to_mismatch(error)
