"""Claims on a design from a text: tables for a climbing gym, tried with rows that fit the text and rows that do not."""

from __future__ import annotations

import random

from graders import Mismatch, claim, lab_for
from graders.checks.normalization.designs import must_cover as covers, must_join_back as joins_back
from graders.checks.normalization.tables import Tried
from graders.checks.normalization.trials import (
    accepts_what_is_legal,
    each_fact_once,
    refuses_null_keys,
    refuses_orphans,
    refuses_what_breaks,
)
from graders.labs import EngineError, Lab, open_lab
from graders.techniques.dependencies import parse_fds
from graders.techniques.queries.serialized import left_by

GYM_RULES = parse_fds("""
member_no -> member_name email
email -> member_no
course_code -> course_title trainer_no
trainer_no -> phone
member_no course_code -> fee
""")
NAMES, TITLES = ("Ada", "Ben", "Mei", "Rui", "Zoe"), ("Bouldering", "Knots", "Falling", "First Steps")


def values(seed: int) -> dict[str, tuple]:
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


@lab_for("normalization-19")
def an_empty_database(seed: int) -> Lab:
    """Nothing yet."""
    return open_lab("SQLite")


def _gym(script: str, seed: int) -> Tried:
    with open_lab("SQLite") as lab:
        try:
            lab.run(script)
        except EngineError as error:
            raise Mismatch("a script that runs", f"SQLite says: {error.sentence}") from None
        return Tried(left_by(lab), values(seed))


@claim("normalization-19", worth=0)
def has_every_column(script, seed):
    """every column of the text has a place in your tables, and no other has"""
    tried = _gym(script, seed)
    covers(tried.columns, tried.parts)


@claim("normalization-19", worth=1, after=has_every_column)
def joins_without_invention(script, seed):
    """joining your tables invents nothing"""
    tried = _gym(script, seed)
    joins_back(tried.columns, tried.parts, GYM_RULES)


@claim("normalization-19", worth=1, after=joins_without_invention)
def says_each_fact_once(script, seed):
    """each of your tables is in third normal form"""
    each_fact_once(_gym(script, seed), GYM_RULES)


@claim("normalization-19", worth=2, after=has_every_column)
def refuses_bad_rows(script, seed):
    """your tables refuse two rows that break a sentence of the text"""
    refuses_what_breaks(_gym(script, seed), GYM_RULES)


@claim("normalization-19", worth=2, after=refuses_bad_rows)
def takes_good_rows(script, seed):
    """they take any two rows that break none"""
    accepts_what_is_legal(_gym(script, seed), GYM_RULES)


@claim("normalization-19", worth=1, after=refuses_bad_rows)
def ties_rows_together(script, seed):
    """they refuse an enrolment or a course that names somebody who is not there, and a key that is NULL"""
    tried = _gym(script, seed)
    refuses_orphans(tried, [fd for fd in GYM_RULES if len(fd.left) == 1])
    refuses_null_keys(tried, [fd for fd in GYM_RULES if "email" not in fd.left], GYM_RULES)
