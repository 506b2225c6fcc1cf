"""The indexes of a SQLite database: scripts that make them, what they hold, and what they cost."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from graders.kernel.report import Mismatch
from graders.labs import EngineError, Lab
from graders.sql import Kind, quote_identifier, tokenize
from graders.techniques.plans.sqlite_plan import EXPRESSION
from graders.techniques.queries import BaseTable, Row

ALTERED = (
    "An index changes how rows are found, not which rows and tables there are. Which of your statements does more?"
)
REFUSED = "Your index refuses a row that the table used to take. Is a rule asked for here?"


@dataclass(frozen=True)
class Index:
    """An index: its columns in their order, an expression as "(expression)"; `created` if it was made by CREATE INDEX.

    The others stand for a UNIQUE or a PRIMARY KEY. `descending` are the columns that are stored downwards, `condition`
    is the WHERE of an index that has one, and `collated` says whether it names a collation of its own.
    """

    name: str
    table: str
    columns: tuple[str, ...]
    descending: tuple[str, ...]
    unique: bool
    created: bool
    condition: str = ""
    collated: bool = False

    @property
    def partial(self) -> bool:
        """Whether it holds only the rows that its own WHERE lets in."""
        return bool(self.condition)

    def find_unneeded(self, needed: Collection[str]) -> list[str]:
        """The columns that are not among `needed`, and those that it has a second time, in their order."""
        return [
            name
            for place, name in enumerate(self.columns)
            if name not in needed or name != EXPRESSION and name in self.columns[:place]
        ]

    def can_replace(self, other: Index) -> bool:
        """Whether whatever the index `other` is good for this one is good for too."""
        begins = self.columns[: len(other.columns)] == other.columns and EXPRESSION not in other.columns
        same = len(self.columns) == len(other.columns)
        rule_kept = not other.unique or (self.unique and same)
        down = tuple(name for name in self.descending if name in other.columns)
        whole = not (self.partial or self.collated or other.collated)
        return self.table == other.table and begins and rule_kept and whole and down == other.descending


def read_indexes(lab: Lab) -> dict[str, Index]:
    """The indexes of every table of `lab` by their names, the earlier ones of a table first."""
    return {index.name: index for table in lab.tables() for index in _read_indexes_of(lab, table)}


def read_all_but_indexes(lab: Lab) -> tuple[list[Row], list[int], int]:
    """What a script that makes and drops indexes leaves alone: all else that was made, row counts, rows changed so far.

    A temporary table or view counts, too: it would hide one of the same name.
    """
    made = "SELECT type, name, sql FROM {} WHERE type <> 'index' AND name NOT LIKE 'sqlite_stat%'"
    both = " UNION ALL ".join(map(made.format, ("sqlite_schema", "sqlite_temp_schema")))
    counts = [lab.execute(f"SELECT count(*) FROM main.{quote_identifier(table)}").rows[0][0] for table in lab.tables()]
    changed = lab.execute("SELECT total_changes()").rows[0][0]
    return lab.execute(f"{both} ORDER BY 1, 2").rows, counts, changed


def created_indexes(indexes: Mapping[str, Index]) -> list[Index]:
    """The indexes that were made by CREATE INDEX."""
    return [index for index in indexes.values() if index.created]


def run_index_script(lab: Lab, script: str, rows: int = 0) -> tuple[dict[str, Index], dict[str, Index]]:
    """Run a script that changes indexes and nothing else; give the indexes before and after it.

    What it leaves open is committed. Raise `Mismatch` if it is refused (`rows`, if given, are told) or if it changes
    anything else.
    """
    before, rest = read_indexes(lab), read_all_but_indexes(lab)
    try:
        lab.run(script)
        lab.outcomes(["COMMIT"])
        # A script may leave the database read-only, in which what is judged here could not be counted.
        lab.execute("PRAGMA query_only = OFF")
        unchanged = read_all_but_indexes(lab) == rest
    except EngineError as error:
        says = error.says
        if rows:
            expected = "statements that run, however many rows there are"
            raise Mismatch(expected, f"with {rows:,} rows {says}", REFUSED) from None
        raise Mismatch("statements that run", says) from None
    if not unchanged:
        raise Mismatch("the tables and rows as they were", "other ones", ALTERED)
    return before, read_indexes(lab)


def count_pages(lab: Lab) -> int:
    """How many pages the indexes made by CREATE INDEX take; they are dropped for it."""
    full = _pages(lab)
    for index in created_indexes(read_indexes(lab)):
        lab.execute(f"DROP INDEX {quote_identifier(index.name)}")
    return full - _pages(lab)


def _pages(lab: Lab) -> int:
    return lab.execute("PRAGMA page_count").rows[0][0] - lab.execute("PRAGMA freelist_count").rows[0][0]


def count_largest(lab: Lab) -> int:
    """How many rows the largest index made by CREATE INDEX holds; a partial one only holds some of its table's."""
    return max((_count_rows(lab, index) for index in created_indexes(read_indexes(lab))), default=0)


def _count_rows(lab: Lab, index: Index) -> int:
    where = f" WHERE {index.condition}" if index.partial else ""
    return lab.execute(f"SELECT count(*) FROM {quote_identifier(index.table)}{where}").rows[0][0]


def _read_indexes_of(lab: Lab, table: str) -> Iterator[Index]:
    listed = 'SELECT name, "unique", origin FROM pragma_index_list(?) ORDER BY seq DESC'
    for name, unique, origin in lab.execute(listed, (table,)).rows:
        parts = 'SELECT name, "desc" FROM pragma_index_xinfo(?) WHERE "key" ORDER BY seqno'
        columns = [(part or EXPRESSION, down) for part, down in lab.execute(parts, (name,)).rows]
        names, down = tuple(part for part, _ in columns), tuple(part for part, down in columns if down)
        written = _read_definition(lab, name)
        collated = any(token.keyword == "COLLATE" for token in tokenize(written, lab.engine))
        yield Index(name, table, names, down, bool(unique), origin == "c", _read_condition(written), collated)


def _read_definition(lab: Lab, index: str) -> str:
    """The CREATE INDEX that made `index`, or "" where a UNIQUE or a PRIMARY KEY did."""
    written = lab.execute("SELECT sql FROM sqlite_schema WHERE type = 'index' AND name = ?", (index,)).rows
    return written[0][0] or "" if written else ""


def _read_condition(definition: str) -> str:
    """The condition that ends a CREATE INDEX, as it is written, or "" where there is none."""
    tokens = [token for token in tokenize(definition, "SQLite") if token.kind is not Kind.COMMENT]
    depth = 0
    for place, token in enumerate(tokens):
        depth += (token.keyword == "(") - (token.keyword == ")")
        if token.keyword == "WHERE" and not depth:
            return definition[tokens[place + 1].start : tokens[-1].end]
    return ""


def find_redundant(indexes: Sequence[Index], tables: Mapping[str, BaseTable]) -> tuple[Index, Index | None] | None:
    """The first superfluous index made by CREATE INDEX, and the one that makes it so (None: the key of its table)."""
    for position, index in enumerate(indexes):
        for other in indexes:
            twins = other.can_replace(index) and index.can_replace(other)
            # Of two that serve as each other, the later one is superfluous; what a UNIQUE has made is never.
            if index.created and other is not index and other.can_replace(index):
                if twins and other.created and indexes.index(other) > position:
                    continue
                return index, other
    by_key = (index for index in indexes if index.created and index.columns == (tables[index.table].rowid,))
    return next(((index, None) for index in by_key), None)
