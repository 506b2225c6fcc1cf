"""Claims on decompositions written as plain data: what they cover, what they invent, what they no longer check."""

from __future__ import annotations

from collections.abc import Sequence

from course_data import orders
from graders import Mismatch, claim
from graders.checks.normalization.reading import dependencies_of, sets_of
from graders.kernel.report import Table
from graders.techniques import dependencies as fds_theory
from graders.techniques.dependencies import FD, Relation, SpuriousJoin, attribute_set, in_key_order, parse_fds, written
from graders.techniques.dependencies.fd import Attributes

MOST_COLUMNS = 6
LINES = orders.COLUMNS
LINE_RULES = parse_fds(orders.RULES)
TUTORING = ("student", "subject", "tutor", "office")
TUTORING_RULES = parse_fds("student subject -> tutor; tutor -> subject office")


def covers(columns: Sequence[str], tables: Sequence[Attributes]) -> None:
    """Raise `Mismatch` unless the tables hold the columns and no other."""
    found, asked = frozenset().union(*tables), frozenset(columns)
    if found - asked:
        raise Mismatch(f"columns out of {', '.join(columns)}", written(found - asked))
    if asked - found:
        raise Mismatch(
            "a place for every column",
            f"no table with {written(asked - found)}",
            hint=f"In which of your tables can one still look up {written(asked - found)}?",
        )


def joins_back(columns: Sequence[str], tables: Sequence[Attributes], fds: list[FD]) -> None:
    """Raise `Mismatch` with the smallest rows found if joining the tables can invent rows."""
    example = fds_theory.spurious_example(columns, tables, fds)
    if example is None:
        return
    stored, joined = len(example.relation.rows), len(example.joined.rows)
    keys = in_key_order(fds_theory.candidate_keys(columns, fds))
    needed = [] if any(key <= one for one in tables for key in keys) else keys
    raise Mismatch(
        "tables whose join gives back the rows that were stored",
        f"{stored} rows stored, {joined} after the join",
        hint=f"None of your tables holds {written(needed[0])} together: where is it written which belong together?"
        if needed
        else "What do your tables have in common, and does it determine one of them?",
        tables=_shown_join(example),
    )


def _shown_join(example: SpuriousJoin) -> list[Table]:
    """What was stored, the parts and the join; of a wide relation only the columns in which rows differ."""
    kept = _telling(example.relation) if len(example.relation.columns) > MOST_COLUMNS else example.relation.columns
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


def _telling(relation: Relation) -> tuple[str, ...]:
    """The columns in which the rows of `relation` differ."""
    return tuple(name for name in relation.columns if len(relation.project([name]).rows) > 1)


def _narrowed(title: str, relation: Relation, kept: Sequence[str]) -> Table:
    places = [place for place, name in enumerate(relation.columns) if name in kept]
    names = tuple(relation.columns[place] for place in places)
    return Table(title, names, [tuple(row[place] for place in places) for row in relation.rows])


@claim("normalization-10", worth=0)
def places_every_column(tables):
    """every column of `order_lines` has a place"""
    covers(LINES, sets_of(tables))


@claim("normalization-10", worth=1, after=places_every_column)
def loses_no_rows(tables):
    """joining your tables gives back the rows that were stored, and no other"""
    joins_back(LINES, sets_of(tables), LINE_RULES)


@claim("normalization-10", worth=1, after=loses_no_rows)
def keeps_rules(tables):
    """every rule can be checked inside one of your tables"""
    for fd in fds_theory.lost_dependencies(LINE_RULES, sets_of(tables)):
        raise Mismatch(
            f"a table that can refuse what breaks {fd}",
            "no such table",
            hint=f"{fd}: which of your tables should hold both sides of this rule?",
        )


@claim("normalization-10", worth=4, after=loses_no_rows)
def is_in_3nf(tables):
    """each of your tables is in third normal form"""
    for table in sets_of(tables):
        for violation in fds_theory.violations_3nf(table, LINE_RULES):
            raise Mismatch(
                "each fact in one place",
                f"{written(table)}: {violation}",
                hint=f"How often does the table repeat {written(violation.fd.right)} for one "
                f"{written(violation.fd.left)}?",
            )


def _design(design) -> tuple[list[Attributes], list[FD]]:
    if not isinstance(design, dict) or set(design) != {"tables", "lost"}:
        raise Mismatch('a dictionary with "tables" and "lost"', f"`{design!r:.120}`")
    return sets_of(design["tables"]), dependencies_of(design["lost"])


@claim("normalization-11", worth=0)
def places_every_attribute(design):
    """every attribute of `tutoring` has a place"""
    covers(TUTORING, _design(design)[0])


@claim("normalization-11", worth=1, after=places_every_attribute)
def invents_nothing(design):
    """joining your tables gives back the rows that were stored, and no other"""
    joins_back(TUTORING, _design(design)[0], TUTORING_RULES)


@claim("normalization-11", worth=2, after=invents_nothing)
def is_in_bcnf(design):
    """each of your tables is in Boyce-Codd normal form"""
    for table in _design(design)[0]:
        for violation in fds_theory.violations_bcnf(table, TUTORING_RULES):
            raise Mismatch(
                "every left side to be a key of its table",
                f"{violation}",
                hint=f"{violation.fd}: its left side is not a key of {written(table)}. Split the table on this rule.",
            )


@claim("normalization-11", worth=2, after=is_in_bcnf)
def names_what_is_lost(design):
    """`lost` names exactly the rules that none of your tables can check"""
    tables, named = _design(design)
    lost = fds_theory.lost_dependencies(TUTORING_RULES, tables)
    for fd in lost:
        if not fds_theory.implies(named, fd):
            raise _broken_unseen(tables, fd)
    for fd in named:
        if not fd.attributes <= attribute_set(TUTORING) or not fds_theory.implies(TUTORING_RULES, fd):
            raise Mismatch("rules that follow from the two given", str(fd))
        if fd not in fds_theory.lost_dependencies([fd, *TUTORING_RULES], tables):
            raise Mismatch(
                "only rules that are lost",
                str(fd),
                hint=f"Try to break {fd} with two rows: does one of your tables refuse its part of them?",
            )


def _broken_unseen(tables: list[Attributes], fd: FD) -> Mismatch:
    broken = fds_theory.violating_rows(TUTORING, tables, TUTORING_RULES, fd)
    marked = frozenset(place for place, row in enumerate(broken.joined.rows) if row in broken.pair)
    return Mismatch(
        f"{fd} among the rules that are lost",
        "rows that every table accepts, and a join that breaks it",
        hint=f"Look at the two rows marked: which of your tables could have seen that they break {fd}?",
        tables=(
            *(
                Table(f"your table {number}", part.columns, list(part.rows))
                for number, part in enumerate(broken.parts, start=1)
            ),
            Table("joined", broken.joined.columns, list(broken.joined.rows), marked, f"break {fd}"),
        ),
    )
