"""Claims on tables that a script makes from a text, a gym's: what they store, what they take and what they refuse."""

from __future__ import annotations

import random
from dataclasses import dataclass

from graders import Attempt, Mismatch, claim, experiment, lab_for
from graders.checks.decomposition.designs import require_every_column, require_lossless_join
from graders.checks.decomposition.stored_tables import (
    StoredTables,
    require_legal_rows_accepted,
    require_no_other_columns,
    require_null_keys_rejected,
    require_orphans_rejected,
    require_third_normal_form,
    require_violations_rejected,
)
from graders.kernel.answers import catch_mismatch
from graders.kernel.report import raise_if_mismatch
from graders.labs import EngineError, Lab, open_image, open_lab
from graders.techniques.dependencies import (
    Attributes,
    parse_fds,
)
from graders.techniques.queries import serialize_database

GYM_RULES = parse_fds("""
member_no -> member_name email
email -> member_no
course_code -> course_title trainer_no
trainer_no -> phone
member_no course_code -> fee
""")
GYM_COLUMNS = ("member_no", "member_name", "email", "course_code", "course_title", "trainer_no", "phone", "fee")
MEMBER_NAMES, COURSE_TITLES = ("Ada", "Ben", "Mei", "Rui", "Zoe"), ("Bouldering", "Knots", "Falling", "First Steps")


def draw_values(seed: int) -> dict[str, tuple[object, ...]]:
    """Two values for each column, which of them comes first as chance has it: no answer can know them."""
    rng = random.Random(seed)
    numbers = {name: tuple(rng.sample(range(1, 1000), 2)) for name in ("member_no", "mail", "trainer_no", "phone")}
    return {
        "member_no": numbers["member_no"],
        "member_name": tuple(rng.sample(MEMBER_NAMES, 2)),
        "email": tuple(f"m{number}@example.org" for number in numbers["mail"]),
        "course_code": tuple(f"C{number}" for number in rng.sample(range(1, 100), 2)),
        "course_title": tuple(rng.sample(COURSE_TITLES, 2)),
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
    """A row that they take although it names nobody."""
    nulls: Mismatch | None = None
    """A row that they take although it has NULL where the text has something."""
    others: Mismatch | None = None
    """Columns that the text does not have."""


@experiment("design-a-gym", condition="every column of the text has a place in your tables")
def create_gym(attempt: Attempt) -> Gym:
    """Run the script, and try the tables with rows."""
    with open_lab("SQLite") as lab:
        try:
            lab.run(attempt.answer)
        except EngineError as error:
            raise Mismatch("a script that runs", error.says) from None
        if not lab.tables():
            raise Mismatch("tables that your script creates", "no table")
        image = serialize_database(lab)
    with open_image(image) as lab:
        stored = StoredTables(lab, draw_values(attempt.seed))
        require_every_column(GYM_COLUMNS, stored.parts)
        return _try_rows(stored)


def _try_rows(stored: StoredTables) -> Gym:
    violations = catch_mismatch(lambda: require_violations_rejected(stored, GYM_RULES))
    if violations:
        return Gym(stored.parts, violations)
    tries = (
        lambda: require_legal_rows_accepted(stored, GYM_RULES),
        lambda: require_orphans_rejected(stored, [fd for fd in GYM_RULES if len(fd.left) == 1]),
        lambda: _require_values(stored),
        lambda: require_no_other_columns(stored),
    )
    return Gym(stored.parts, None, *map(catch_mismatch, tries))


def _require_values(stored: StoredTables) -> None:
    require_null_keys_rejected(stored, GYM_RULES, GYM_RULES)
    for table in stored.homes(frozenset({"course_code"}), GYM_RULES):
        if "trainer_no" in stored.tables[table] and stored.takes_null(table, "trainer_no"):
            raise Mismatch(
                f"`{table}` to refuse a course without a trainer",
                "a row in which trainer_no is NULL",
                hint="Each course has one trainer. May `trainer_no` stay empty in your table?",
            )


@claim(create_gym)
def gym_is_lossless(gym: Gym) -> None:
    """joining your tables invents nothing"""
    require_lossless_join(GYM_COLUMNS, gym.parts, GYM_RULES)


@claim(create_gym, after=gym_is_lossless)
def gym_is_in_3nf(gym: Gym) -> None:
    """each of your tables is in third normal form"""
    require_third_normal_form(gym.parts, GYM_RULES)


@claim(create_gym, weight=2)
def rejects_illegal_rows(gym: Gym) -> None:
    """your tables refuse two rows that break a sentence of the text"""
    raise_if_mismatch(gym.violations)


@claim(create_gym, weight=1.5, after=rejects_illegal_rows)
def accepts_legal_rows(gym: Gym) -> None:
    """they take any two rows that break none"""
    raise_if_mismatch(gym.legal_rows)


@claim(create_gym, weight=2, after=gym_is_lossless)
def enforces_references(gym: Gym) -> None:
    """they refuse an enrolment or a course that names somebody who is not there"""
    if gym.violations:
        raise Mismatch(f"first, {gym.violations.expected}", gym.violations.found)
    raise_if_mismatch(gym.references)


@claim(create_gym, after=rejects_illegal_rows)
def refuses_null(gym: Gym) -> None:
    """they refuse NULL in a key, and a course without a trainer"""
    raise_if_mismatch(gym.nulls)


@claim(create_gym, weight=0.5, after=rejects_illegal_rows)
def has_no_other_columns(gym: Gym) -> None:
    """they have no other columns"""
    raise_if_mismatch(gym.others)
