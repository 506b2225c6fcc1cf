"""Claims on decompositions that are written as plain data, and what every design is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from course_data import orders
from graders import Attempt, Mismatch, claim, experiment
from graders.checks.decomposition.covers import read_dependencies
from graders.checks.normalization.schemas import read_attribute_sets
from graders.kernel.report import Table
from graders.techniques import dependencies as fd_theory
from graders.techniques.dependencies import (
    FD,
    Attributes,
    Relation,
    SpuriousJoin,
    attribute_set,
    format_set,
    parse_fds,
    sort_keys,
)

MAX_COLUMNS = 6
NOT_APART = (
    "A table with every column repeats what it repeated before. Which facts could stand in a table of their own?"
)
LINES = orders.COLUMNS
LINE_RULES = parse_fds(orders.RULES)
TUTORING = ("student", "subject", "tutor", "office")
TUTORING_RULES = parse_fds("student subject -> tutor; tutor -> subject office")


def require_every_column(columns: Sequence[str], tables: Sequence[Attributes]) -> None:
    """Raise `Mismatch` unless the tables hold the columns and no other, and none holds them all."""
    names, expected = frozenset[str]().union(*tables), frozenset(columns)
    if names - expected:
        raise Mismatch(f"columns out of {', '.join(columns)}", format_set(names - expected))
    if missing := expected - names:
        raise Mismatch(
            "a place for every column",
            f"no table with {format_set(missing)}",
            hint=f"In which of your tables can one still look up {format_set(missing)}?",
        )
    if expected in tables:
        raise Mismatch("a table that is taken apart", "one table with every column", hint=NOT_APART)


def require_lossless_join(columns: Sequence[str], tables: Sequence[Attributes], fds: list[FD]) -> None:
    """Raise `Mismatch` with the smallest rows found if joining the tables can invent rows."""
    example = fd_theory.find_spurious_join(columns, tables, fds)
    if example is None:
        return
    stored, joined = len(example.relation.rows), len(example.joined.rows)
    keys = sort_keys(fd_theory.candidate_keys(columns, fds))
    needed = [] if any(key <= one for one in tables for key in keys) else keys
    raise Mismatch(
        "tables whose join gives back the rows that were stored",
        f"{stored} rows stored, {joined} after the join",
        hint=f"None of your tables holds {format_set(needed[0])} together: where is it written which belong together?"
        if needed
        else "What do your tables have in common, and does it determine one of them?",
        tables=_join_tables(example),
    )


def _join_tables(example: SpuriousJoin) -> list[Table]:
    """What was stored, the parts and the join; of a wide relation only the columns in which rows differ."""
    kept = _columns_to_show(example.relation)
    left_out = "" if kept == example.relation.columns else " (columns that are the same in every row left out)"
    invented = frozenset(place for place, row in enumerate(example.joined.rows) if row in example.spurious)
    parts = [
        _narrowed(f"your table {number}", part, kept)
        for number, part in enumerate(example.parts, start=1)
        if set(part.columns) & set(kept)
    ]
    joined = _narrowed("joined again", example.joined, kept)
    marked = Table(joined.title, joined.columns, joined.rows, invented, "invented")
    return [_narrowed(f"stored{left_out}", example.relation, kept), *parts, marked]


def _columns_to_show(relation: Relation) -> tuple[str, ...]:
    """All columns or, of a wide relation, those in which its rows differ."""
    if len(relation.columns) <= MAX_COLUMNS:
        return relation.columns
    return tuple(name for name in relation.columns if len(relation.project([name]).rows) > 1)


def _narrowed(title: str, relation: Relation, kept: Sequence[str]) -> Table:
    places = [place for place, name in enumerate(relation.columns) if name in kept]
    names = tuple(relation.columns[place] for place in places)
    return Table(title, names, [tuple(row[place] for place in places) for row in relation.rows])


@experiment("decompose-order-lines")
def read_decomposition(attempt: Attempt) -> list[Attributes]:
    """Read the columns of each table."""
    return read_attribute_sets(attempt.answer)


@claim(read_decomposition, weight=0)
def places_every_column(tables: list[Attributes]) -> None:
    """every column of `order_lines` has a place"""
    require_every_column(LINES, tables)


@claim(read_decomposition, after=places_every_column)
def decomposition_is_lossless(tables: list[Attributes]) -> None:
    """joining your tables gives back the rows that were stored, and no other"""
    require_lossless_join(LINES, tables, LINE_RULES)


@claim(read_decomposition, after=decomposition_is_lossless)
def preserves_dependencies(tables: list[Attributes]) -> None:
    """every rule can be checked inside one of your tables"""
    for fd in fd_theory.lost_dependencies(LINE_RULES, tables):
        raise Mismatch(
            f"a table that can refuse what breaks {fd}",
            "no such table",
            hint=f"{fd}: which of your tables should hold both sides of this rule?",
        )


@claim(read_decomposition, weight=4, after=decomposition_is_lossless)
def is_in_3nf(tables: list[Attributes]) -> None:
    """each of your tables is in third normal form"""
    for table in tables:
        for violation in fd_theory.violations_3nf(table, LINE_RULES):
            raise Mismatch(
                "each fact in one place",
                f"{format_set(table)}: {violation}",
                hint=f"How often does the table repeat {format_set(violation.fd.right)} for one "
                f"{format_set(violation.fd.left)}?",
            )


@dataclass(frozen=True)
class LossyDesign:
    """A design that gives rules up."""

    tables: list[Attributes]
    """The columns of each table."""
    lost: list[FD]
    """The rules that no table can check, as the answer says."""


@experiment("split-to-bcnf")
def read_design(attempt: Attempt) -> LossyDesign:
    """Read the tables and what is said to be lost."""
    design: Any = attempt.answer
    if not isinstance(design, dict) or set(design) != {"tables", "lost"}:
        raise Mismatch('a dictionary with "tables" and "lost"', f"`{design!r:.120}`")
    return LossyDesign(read_attribute_sets(design["tables"]), read_dependencies(design["lost"]))


@claim(read_design, weight=0)
def places_every_attribute(design: LossyDesign) -> None:
    """every attribute of `tutoring` has a place"""
    require_every_column(TUTORING, design.tables)


@claim(read_design, after=places_every_attribute)
def design_is_lossless(design: LossyDesign) -> None:
    """joining your tables gives back the rows that were stored, and no other"""
    require_lossless_join(TUTORING, design.tables, TUTORING_RULES)


@claim(read_design, weight=2, after=design_is_lossless)
def is_in_bcnf(design: LossyDesign) -> None:
    """each of your tables is in Boyce-Codd normal form"""
    for table in design.tables:
        for violation in fd_theory.violations_bcnf(table, TUTORING_RULES):
            raise Mismatch(
                "every left side to be a key of its table",
                f"{violation}",
                hint=f"{violation.fd}: its left side is not a key of {format_set(table)}. "
                "Split the table on this rule.",
            )


@claim(read_design, weight=2, after=is_in_bcnf)
def names_lost_dependencies(design: LossyDesign) -> None:
    """`lost` names exactly the rules that none of your tables can check"""
    for fd in fd_theory.lost_dependencies(TUTORING_RULES, design.tables):
        if not fd_theory.implies(design.lost, fd):
            raise _unnoticed_violation(design.tables, fd)
    for fd in design.lost:
        if not fd.attributes <= attribute_set(TUTORING) or not fd_theory.implies(TUTORING_RULES, fd):
            raise Mismatch("rules that follow from the two given", str(fd))
        if fd.is_trivial:
            raise Mismatch("only rules that are lost", f"{fd}, which no row can break")
        if fd not in fd_theory.lost_dependencies([fd, *TUTORING_RULES], design.tables):
            raise Mismatch(
                "only rules that are lost",
                str(fd),
                hint=f"Try to break {fd} with two rows: does one of your tables refuse its part of them?",
            )


def _unnoticed_violation(tables: list[Attributes], fd: FD) -> Mismatch:
    broken = fd_theory.find_broken_rule(TUTORING, tables, TUTORING_RULES, fd)
    assert broken, "the rule is lost"
    marked = frozenset(place for place, row in enumerate(broken.joined.rows) if row in broken.pair)
    parts = [Table(f"your table {n}", part.columns, list(part.rows)) for n, part in enumerate(broken.parts, 1)]
    return Mismatch(
        f"{fd} among the rules that are lost",
        "rows that every table accepts, and a join that breaks it",
        hint=f"Look at the two rows marked: which of your tables could have seen that they break {fd}?",
        tables=[*parts, Table("joined", broken.joined.columns, list(broken.joined.rows), marked, f"break {fd}")],
    )
