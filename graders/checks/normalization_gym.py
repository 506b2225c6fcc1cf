"""Claims on a design from a text: tables for a climbing gym, tried with rows that fit the text and rows that do not."""

from __future__ import annotations

from graders import Mismatch, claim, lab_for
from graders.checks.normalization_designs import covers, joins_back
from graders.checks.normalization_tables import (
    Tried,
    accepts_what_is_legal,
    refuses_null_keys,
    refuses_orphans,
    refuses_what_breaks,
)
from graders.labs import EngineError, Lab, open_lab
from graders.techniques import dependencies as fds_theory
from graders.techniques.dependencies import parse_fds, written

GYM_RULES = parse_fds("""
member_no -> member_name email
email -> member_no
course_code -> course_title trainer_no
trainer_no -> phone
member_no course_code -> fee
""")
GYM_VALUES = {
    "member_no": (1, 2),
    "member_name": ("Ada", "Ben"),
    "email": ("a@example.org", "b@example.org"),
    "course_code": ("C1", "C2"),
    "course_title": ("Bouldering", "Knots"),
    "trainer_no": (7, 8),
    "phone": ("555-0100", "555-0101"),
    "fee": (10, 20),
}


@lab_for("normalization-19")
def an_empty_database(seed: int) -> Lab:
    """Nothing yet."""
    return open_lab("SQLite")


def _gym(script: str) -> Tried:
    def make() -> Lab:
        lab = open_lab("SQLite")
        try:
            lab.run(script)
        except EngineError as error:
            raise Mismatch("a script that runs", f"SQLite says: {error.sentence}") from None
        return lab

    return Tried(make, GYM_VALUES)


@claim("normalization-19", worth=0)
def has_every_column(script):
    """every column of the text has a place in your tables, and no other has"""
    tried = _gym(script)
    covers(tried.columns, tried.parts)


@claim("normalization-19", worth=1, after=has_every_column)
def joins_without_invention(script):
    """joining your tables invents nothing"""
    tried = _gym(script)
    joins_back(tried.columns, tried.parts, GYM_RULES)


@claim("normalization-19", worth=1, after=joins_without_invention)
def says_each_fact_once(script):
    """each of your tables is in third normal form"""
    for table in _gym(script).parts:
        for violation in fds_theory.violations_3nf(table, GYM_RULES):
            fd = violation.fd
            raise Mismatch(
                "each fact in one place",
                f"{written(table)}: {violation}",
                hint=f"How many rows change when the {written(fd.right)} of one {written(fd.left)} changes?",
            )


@claim("normalization-19", worth=2, after=has_every_column)
def refuses_bad_rows(script):
    """your tables refuse two rows that break a sentence of the text"""
    refuses_what_breaks(_gym(script), GYM_RULES)


@claim("normalization-19", worth=2, after=refuses_bad_rows)
def takes_good_rows(script):
    """they take any two rows that break none"""
    accepts_what_is_legal(_gym(script), GYM_RULES)


@claim("normalization-19", worth=1, after=refuses_bad_rows)
def ties_rows_together(script):
    """they refuse an enrolment or a course that names somebody who is not there, and a key that is NULL"""
    tried = _gym(script)
    refuses_orphans(tried, [fd for fd in GYM_RULES if len(fd.left) == 1])
    refuses_null_keys(tried, [fd for fd in GYM_RULES if "email" not in fd.left])
