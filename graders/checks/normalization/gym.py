"""Claims on a design from a text: tables for a climbing gym, tried with rows that fit the text and rows that do not."""

from __future__ import annotations

import random
from dataclasses import dataclass

from graders import Attempt, Mismatch, claim, experiment, lab_for
from graders.checks.normalization.designs import must_cover, must_join_back
from graders.checks.normalization.stored_tables import (
    StoredTables,
    must_refuse_null_keys,
    must_refuse_orphans,
    must_refuse_violations,
    must_state_facts_once,
    must_take_legal_rows,
)
from graders.kernel.report import catch_mismatch, raise_if_mismatch
from graders.labs import EngineError, Lab, open_image, open_lab
from graders.techniques.dependencies import Attributes, parse_fds
from graders.techniques.queries import serialize_database

GYM_RULES = parse_fds("""
member_no -> member_name email
email -> member_no
course_code -> course_title trainer_no
trainer_no -> phone
member_no course_code -> fee
""")
COLUMNS = ("member_no", "member_name", "email", "course_code", "course_title", "trainer_no", "phone", "fee")
NAMES, TITLES = ("Ada", "Ben", "Mei", "Rui", "Zoe"), ("Bouldering", "Knots", "Falling", "First Steps")


def draw_values(seed: int) -> dict[str, tuple[object, ...]]:
    """Two values for each column, which of them comes first as chance has it: no answer can know them."""
    rng = random.Random(seed)
    numbers = {name: tuple(rng.sample(range(1, 1000), 2)) for name in ("member_no", "mail", "trainer_no", "phone")}
    return {
        "member_no": numbers["member_no"],
        "member_name": tuple(rng.sample(NAMES, 2)),
        "email": tuple(f"m{number}@example.org" for number in numbers["mail"]),
        "course_code": tuple(f"C{number}" for number in rng.sample(range(1, 100), 2)),
        "course_title": tuple(rng.sample(TITLES, 2)),
        "trainer_no": numbers["trainer_no"],
        "phone": tuple(f"555-{number:04}" for number in numbers["phone"]),
        "fee": tuple(rng.sample(range(5, 100), 2)),
    }


@lab_for("design-a-gym")
def open_empty_database(seed: int) -> Lab:
    """Nothing yet."""
    return open_lab("SQLite")


@dataclass(frozen=True)
class Gym:
    """The tables that the script made, and what is wrong with the rows that they take and refuse."""

    parts: list[Attributes]
    """The columns of each table."""
    violations: Mismatch | None
    """Two rows that they take although they break a rule; what follows is not tried then."""
    legal_rows: Mismatch | None = None
    """Two rows that they refuse although they break none."""
    references: Mismatch | None = None
    """A row that they take although it names nobody, or has no key."""


@experiment("design-a-gym", condition="every column of the text has a place in your tables, and no other has")
def try_gym(attempt: Attempt) -> Gym:
    """Run the script, and try the tables with rows."""
    with open_lab("SQLite") as lab:
        try:
            lab.run(attempt.answer)
        except EngineError as error:
            raise Mismatch("a script that runs", f"SQLite says: {error.sentence}") from None
        image = serialize_database(lab)
    with open_image(image) as lab:
        stored = StoredTables(lab, draw_values(attempt.seed))
        must_cover(COLUMNS, stored.parts)
        return _try_rows(stored)


def _try_rows(stored: StoredTables) -> Gym:
    violations = catch_mismatch(lambda: must_refuse_violations(stored, GYM_RULES))
    if violations:
        return Gym(stored.parts, violations)
    legal_rows = catch_mismatch(lambda: must_take_legal_rows(stored, GYM_RULES))
    return Gym(stored.parts, None, legal_rows, catch_mismatch(lambda: _must_tie_rows(stored)))


def _must_tie_rows(stored: StoredTables) -> None:
    must_refuse_orphans(stored, [fd for fd in GYM_RULES if len(fd.left) == 1])
    must_refuse_null_keys(stored, [fd for fd in GYM_RULES if "email" not in fd.left], GYM_RULES)


@claim(try_gym)
def joins_without_invention(gym: Gym) -> None:
    """joining your tables invents nothing"""
    must_join_back(COLUMNS, gym.parts, GYM_RULES)


@claim(try_gym, after=joins_without_invention)
def says_each_fact_once(gym: Gym) -> None:
    """each of your tables is in third normal form"""
    must_state_facts_once(gym.parts, GYM_RULES)


@claim(try_gym, weight=2)
def refuses_bad_rows(gym: Gym) -> None:
    """your tables refuse two rows that break a sentence of the text"""
    raise_if_mismatch(gym.violations)


@claim(try_gym, weight=2, after=refuses_bad_rows)
def takes_good_rows(gym: Gym) -> None:
    """they take any two rows that break none"""
    raise_if_mismatch(gym.legal_rows)


@claim(try_gym, after=refuses_bad_rows)
def ties_rows_together(gym: Gym) -> None:
    """they refuse an enrolment or a course that names somebody who is not there, and a key that is NULL"""
    raise_if_mismatch(gym.references)
