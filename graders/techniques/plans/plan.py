"""The words for plans, the same for every engine: how a table is reached, and the tree of the steps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

SCAN, SEARCH, ROWID = "scan", "search", "rowid"
COVERING_SCAN, COVERING_SEARCH = "scan of a covering index", "search of a covering index"
SORT, JOIN, GROUP, DISTINCT, STEP = "sort", "join", "group", "distinct", "step"


@dataclass(frozen=True)
class Access:
    """How a statement reaches one table.

    `how` is "scan" (every row), "search" (only the entries that match, through an index), "rowid" (only the rows
    that match, in the table itself, which is ordered by its key), or "scan of a covering index" and "search of a
    covering index", which never touch the table. `equal` are the columns searched by equality, `ranged` those
    searched by a range after them; an expression stands as "(expression)". `index` is "" where there is none or its
    name is not known; a `partial` one has not all rows, an `automatic` one is made for this one statement.
    """

    table: str
    how: str
    index: str = ""
    equal: tuple[str, ...] = ()
    ranged: tuple[str, ...] = ()
    partial: bool = False
    automatic: bool = False

    @property
    def searches(self) -> bool:
        """Whether only a part of the rows is read, and through something that lasts."""
        return (self.partial or self.how in (SEARCH, COVERING_SEARCH, ROWID)) and not self.automatic

    @property
    def covering(self) -> bool:
        """Whether the index alone answers, without the table."""
        return self.how in (COVERING_SCAN, COVERING_SEARCH)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are searched, those by equality first."""
        return self.equal + self.ranged

    def __str__(self) -> str:
        way = f"{'scan' if self.how in (SCAN, COVERING_SCAN) else 'search'} of `{self.table}`"
        columns = [f"{name} =" for name in self.equal] + [f"{name} in a range" for name in self.ranged]
        return f"{way}{self._through()}{': ' if columns else ''}{', '.join(columns)}"

    def _through(self) -> str:
        if self.automatic:
            return " by an index made for this statement only"
        if self.how == ROWID:
            return " by its primary key"
        kind = "covering index" if self.covering else "partial index" if self.partial else "index"
        return f" by the {kind} `{self.index}`" if self.index else ""


@dataclass(frozen=True)
class PlanNode:
    """One step of a plan and the steps below it, which it reads from.

    `kind` is the `how` of an access, or "join", "group", "sort", "distinct", or "step" for everything else; a sort
    is one that had to be done, because no index gives the order. `rows` is what the step gave out, None where the
    engine does not say; `estimated` is what it expected. `words` are the engine's own, for people.
    """

    kind: str
    words: str = ""
    access: Access | None = None
    rows: int | None = None
    estimated: int | None = None
    scanned: int | None = None
    children: tuple[PlanNode, ...] = ()

    @property
    def table(self) -> str:
        """The table that this step reads, or ""."""
        return self.access.table if self.access else ""

    @property
    def index(self) -> str:
        """The index that this step reads, or ""."""
        return self.access.index if self.access else ""

    def walk(self) -> Iterator[PlanNode]:
        """This step and every step below it, each before those it reads from."""
        yield self
        for child in self.children:
            yield from child.walk()

    def kinds(self) -> list[str]:
        """The kinds of all steps, in the order of `walk`."""
        return [node.kind for node in self.walk()]

    def accesses(self) -> list[Access]:
        """How each table is reached, in the order of `walk`."""
        return [node.access for node in self.walk() if node.access]

    def above(self, *children: PlanNode) -> PlanNode:
        """This step with `children` below it."""
        return replace(self, children=children)
