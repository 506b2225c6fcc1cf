"""Random writes of two applications to one table of customers: one writes whole names, the other their two parts."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from graders.checks.migrations.schema_changes import draw_people, draw_stranger, split_name
from graders.labs.lab import Row
from graders.sql import quote_literal

APPS = ("old", "new")
OPENINGS = (*((app,) for app in APPS), *((app, app) for app in APPS), APPS, APPS[::-1])
CUSTOMERS, LONG_HISTORIES, WRITES = 4, 5, 24
EACH_KIND = {
    "old adds": "The old application has added somebody. Which event fires your triggers, and what do they do?",
    "new adds": "The new application has added somebody, without a whole name. Which trigger makes one?",
    "old changes": "The old application has changed a whole name. Which triggers fire, and what do they do?",
    "new changes": "The new application has changed the two parts. Which triggers fire, and what do they do?",
}
ONE_WORD = "A name of one word has no space, and no last name. What do instr, || and comparisons make of that?"
ONE_PART = "The new application has changed one part of the name alone. Which columns does your trigger watch?"
SPACES = "The first name ends at the first space. What follows it, further spaces too, is the last name."
UNKNOWN = "A name that is not known is NULL in all three columns. What do conditions and expressions make of NULL?"


@dataclass(frozen=True)
class Tier:
    """What is written in a history; each tier has one difficulty more than those before."""

    names: Sequence[str | None]
    hints: dict[str, str]
    """By the kind of a write, what to look at if it goes wrong although all went well in the tiers before."""
    parts: bool = False
    """Whether the new application also changes one of the two names alone."""


def draw_tiers(rng: random.Random) -> tuple[list[Tier], list[Tier]]:
    """Tiers of names that everybody expects, and tiers of odd ones."""
    whole = [*draw_people(rng, 4), "Ludwig van der Berg", "Dara O'Brien"]
    single = draw_stranger(rng).split()
    odd = [*(f"{name} " for name in single), f" {whole[0]}", whole[1].replace(" ", "  "), " ".join(single * 20)]
    expected = [
        Tier(whole, EACH_KIND),
        Tier([*whole, *single], dict.fromkeys(EACH_KIND, ONE_WORD)),
        Tier(whole, EACH_KIND | {"new changes": ONE_PART}, parts=True),
    ]
    return expected, [
        Tier([*whole, *odd], dict.fromkeys(EACH_KIND, SPACES)),
        Tier([*whole, None], dict.fromkeys(EACH_KIND, UNKNOWN)),
    ]


@dataclass(frozen=True)
class Write:
    """A write of an application, and the customers who have been written as they must be after it."""

    kind: str
    """Which application writes, and what: "old adds"."""
    statement: str
    right: list[Row]


def draw_histories(rng: random.Random, tier: Tier, taken: Collection[int]) -> Iterator[list[Write]]:
    """A few writes to one customer, and then many to several, none of whose numbers is `taken`."""
    numbers = [number for number in rng.sample(range(1, 10**6), CUSTOMERS + len(taken)) if number not in taken]
    for apps in OPENINGS:
        yield _draw_history(rng, tier, [(app, numbers[0]) for app in apps])
    for _ in range(LONG_HISTORIES):
        writers = rng.choices(APPS, k=WRITES)
        yield _draw_history(rng, tier, [(app, rng.choice(numbers[:CUSTOMERS])) for app in writers])


def _draw_history(rng: random.Random, tier: Tier, writers: Iterable[tuple[str, int]]) -> list[Write]:
    """Writes of names that are drawn, by the application and to the customer of each of `writers`."""
    names: dict[int, str | None] = {}
    writes = []
    for app, number in writers:
        name, verb = rng.choice(tier.names), "changes" if number in names else "adds"
        if tier.parts and (app, verb) == ("new", "changes"):
            name, statement = _change_part(rng, number, str(names[number]), str(name))
        else:
            statement = _write_name(app, verb, number, name)
        names[number] = name
        right = [(number, name, *split_name(name)) for number, name in sorted(names.items())]
        writes.append(Write(f"{app} {verb}", statement, right))
    return writes


def _change_part(rng: random.Random, number: int, name: str, other: str) -> tuple[str, str]:
    """The name after one of its two parts became that of `other`, and the statement for it."""
    (first, last), (new_first, new_last) = split_name(name), split_name(other)
    if rng.random() < 0.5:
        whole, part = f"{new_first} {last}", f"first_name = {quote_literal(new_first)}"
    else:
        whole, part = f"{first} {new_last}", f"last_name = {quote_literal(new_last)}"
    return whole, f"UPDATE customers SET {part} WHERE customer_id = {number}"


def _write_name(app: str, verb: str, number: int, name: str | None) -> str:
    first, last = map(quote_literal, split_name(name))
    whole = quote_literal(name)
    if verb == "adds":
        columns, values = ("fullname", whole) if app == "old" else ("first_name, last_name", f"{first}, {last}")
        return f"INSERT INTO customers (customer_id, {columns}) VALUES ({number}, {values})"
    sets = f"fullname = {whole}" if app == "old" else f"first_name = {first}, last_name = {last}"
    return f"UPDATE customers SET {sets} WHERE customer_id = {number}"
