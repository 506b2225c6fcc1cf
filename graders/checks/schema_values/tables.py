"""The rules of the tables that the lesson asks for, and a claim on ids that nobody can guess."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graders import Attempt, Mismatch, claim, experiment
from graders.figures.acceptance import draw_battery
from graders.labs import EngineError, Result, open_lab
from graders.labs.lab import Row
from graders.techniques.batteries import (
    FILLED,
    BatteryExercise,
    Column,
    Day,
    Domain,
    Moment,
    OneOf,
    RowRule,
    Table,
    Text,
    Unique,
    Values,
    Whole,
    battery_exercise,
    draw_word,
)

ID_LENGTH = 16
TYPE_HINT = "SQLite keeps what does not fit the type of a column. Which word after the closing bracket changes that?"
MONTH_HINT = "`2025-13-01` looks like a day, and no year has a month 13. Which function of SQLite knows the calendar?"

BLANK_HINT = "An empty text is not NULL, and nor is one of spaces. Which condition sees both?"
FIT_HINT = "A tent may be back on the day on which it went out. Does your comparison let it?"
NO_DATE_HINT = "`date` of what is no date is NULL. What is a comparison with NULL, and what does CHECK make of that?"

PRODUCTS = Table("products", (Column("product_id", default=FILLED), Column("name", Text()), Column("cents", Whole(0))))
battery_exercise(
    "price-list",
    BatteryExercise(
        (PRODUCTS,),
        draw=draw_battery,
        hints={"products.cents type taken": TYPE_HINT, "products.cents fraction taken": TYPE_HINT},
        weights={"keys": 0, "defaults": 0},
    ),
)

LINES = Table(
    "order_lines",
    (
        Column("line_id", default=FILLED),
        Column("quantity", Whole(1)),
        Column("unit_cents", Whole(0)),
        Column("total_cents", computed=lambda row: row["quantity"] * row["unit_cents"]),
    ),
)
battery_exercise(
    "totals-that-follow",
    BatteryExercise(
        (LINES,),
        draw=draw_battery,
        weights={"values": 0.5, "missing": 0.5, "keys": 0, "defaults": 0, "computed": 3},
        hints={
            "order_lines.total_cents INSERT": "The row says nothing of its total. Who works it out?",
            "order_lines.total_cents UPDATE": "The total was worked out once. Who works it out again?",
            "order_lines.total_cents set by INSERT": "Anybody may write this. In which kind of column may nobody?",
        },
    ),
)


@dataclass(frozen=True)
class PublicId(Domain):
    """Ids that may be shown to strangers: long enough that nobody tries them all."""

    def draw(self, rng, engine):
        return "".join(rng.choices("0123456789abcdef", k=32))

    def bad(self, rng, engine):
        return []

    def holds(self, stored):
        return isinstance(stored, (str, bytes)) and len(stored) >= ID_LENGTH


def draw_emails(rng: random.Random) -> Sequence[str]:
    """Addresses that must enter."""
    return [f"{draw_word(rng)}@{draw_word(rng, 4)}.example" for _ in range(2)]


def draw_blanks(rng: random.Random) -> Sequence[str]:
    """What is no address, and no NULL either."""
    return ["", " " * rng.randint(1, 4)]


USERS = Table(
    "users",
    (
        Column("id", default=FILLED),
        Column("public_id", PublicId(), default=FILLED),
        Column("email", Values(draw_emails, draw_blanks)),
        Column("created_at", Moment(), default=FILLED),
    ),
    unique=(Unique(("public_id",)), Unique(("email",), ignore_case=True)),
    never_collides=True,
)
REPAIRED_USERS = BatteryExercise(
    (USERS,),
    draw=draw_battery,
    weights={"keys": 2},
    hints={
        "users.id left out": "A row has come in without a number. Which type of `id` does SQLite fill in by itself?",
        "users (id)": "Is `id` filled in by SQLite, and does anything keep two rows from having the same?",
        "users.id": "A row may leave `id` out. What stands there then?",
        "users.public_id left out": "A row that leaves `public_id` out needs 16 characters or more. Who gives it them?",
        "users.public_id NULL beats default": "DEFAULT serves whoever says nothing. And whoever says NULL?",
        "users (public_id) repeated": "Two users with one public id: which word refuses the second?",
        "users (public_id) repeated by UPDATE": "Two users with one public id: which word refuses the second?",
        "users (public_id)": "Which word keeps two users from having one public id?",
        "users (email) other case": "To UNIQUE these are two addresses. What of them could be unique in their place?",
        "users (email)": "Two accounts with one address. Which word refuses the second?",
        "users.email kept out": BLANK_HINT,
        "users.email kept out by UPDATE": BLANK_HINT,
        "users.created_at left out": "A row that leaves `created_at` out needs YYYY-MM-DD HH:MM:SS. Who gives it that?",
        "users.created_at NULL beats default": "DEFAULT fills in what is left out. Who refuses a NULL that is written?",
    },
)
battery_exercise("repair-the-users", REPAIRED_USERS)


@experiment("repair-the-users")
def draw_ids_twice(attempt: Attempt) -> list[Row]:
    """The public ids that two fresh databases give to their first users."""
    return [row for _ in range(2) for row in _first_ids(attempt.answer)]


def _first_ids(script: str) -> list[Row]:
    with open_lab("SQLite") as lab:
        add = "INSERT INTO users (email) VALUES ('ada@one.example'), ('ben@two.example')"
        try:
            lab.run(script)
        except EngineError as error:
            raise Mismatch("a script that runs to its end", error.says) from None
        added, found = lab.outcomes([add, "SELECT public_id FROM users"])
    if isinstance(added, EngineError) or isinstance(found, EngineError):
        refusal = added if isinstance(added, EngineError) else found
        assert isinstance(refusal, EngineError)
        raise Mismatch("two users whose public ids can be read", refusal.says)
    return found.rows if isinstance(found, Result) else []


@claim(draw_ids_twice, after="defaults")
def public_ids_cannot_be_guessed(rows: list[Row]) -> None:
    """nobody can work a public id out from those of other users"""
    if len({*rows}) < len(rows):
        hint = "A second database gives the same ids again, so they can be worked out. What draws them at random?"
        raise Mismatch("other public ids in another database", "the same ones", hint)


def draw_stay(rng: random.Random) -> Sequence[Mapping[str, str]]:
    """A stay of some days, and one that ends on the day on which it begins."""
    month, day = rng.randint(1, 9), rng.randint(1, 14)
    first = f"2025-0{month}-{day:02}"
    return [
        {"starts_on": first, "ends_on": f"2025-0{month}-{day + rng.randint(1, 12):02}"},
        {"starts_on": first, "ends_on": first},
    ]


def draw_stay_backwards(rng: random.Random) -> Sequence[Mapping[str, str]]:
    """Stays that end before they begin: by a day, and by a month."""
    month, day = rng.randint(2, 9), rng.randint(2, 27)
    first = f"2025-0{month}-{day:02}"
    return [
        {"starts_on": first, "ends_on": end} for end in (f"2025-0{month}-{day - 1:02}", f"2025-0{month - 1}-{day:02}")
    ]


def leave_room(name: str, value: object) -> Mapping[str, str]:
    """A stay that begins long before, or ends long after, a day that is wrong in itself."""
    return {"ends_on": "2999-12-31"} if name == "starts_on" else {"starts_on": "1000-01-01"}


RENTALS = Table(
    "rentals",
    (
        Column("rental_id", default=FILLED),
        Column("guest", Text()),
        Column("size", OneOf(("small", "medium", "large"))),
        Column("starts_on", Day()),
        Column("ends_on", Day()),
        Column("deposit_cents", Whole(0, 50_000), default=0),
        Column("state", OneOf(("booked", "out", "back")), default="booked"),
        Column("remark", Text(), required=False),
        Column("returned_at", Moment(), required=False),
    ),
    rows=(RowRule("that ends before it begins", ("starts_on", "ends_on"), draw_stay, draw_stay_backwards, leave_room),),
)
battery_exercise(
    "rent-out-tents",
    BatteryExercise(
        (RENTALS,),
        draw=draw_battery,
        weights={"values": 2, "missing": 2, "keys": 0},
        hints={
            "rentals.deposit_cents type taken": TYPE_HINT,
            "rentals.deposit_cents fraction taken": TYPE_HINT,
            "rentals.starts_on no such month taken": MONTH_HINT,
            "rentals.ends_on no such month taken": MONTH_HINT,
            "rentals.starts_on no date taken": NO_DATE_HINT,
            "rentals.ends_on no date taken": NO_DATE_HINT,
            "rentals: that ends before it begins fits": FIT_HINT,
        },
    ),
)
