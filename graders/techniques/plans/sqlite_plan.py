"""SQLite's plan: its shape from EXPLAIN QUERY PLAN, how tables are reached from the program it compiles to.

A program opens b-trees by their root pages, which the schema names, and loops over them; a loop that reads every entry
counts its steps as SQLITE_STMTSTATUS_FULLSCAN_STEP. Sources: https://www.sqlite.org/opcode.html,
https://www.sqlite.org/c3ref/c_stmtstatus_counter.html, https://www.sqlite.org/eqp.html
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from graders.labs import Lab
from graders.techniques.plans.plan import (
    COVERING_SCAN,
    COVERING_SEARCH,
    DISTINCT,
    GROUP,
    ROWID,
    SCAN,
    SEARCH,
    SORT,
    STEP,
    Access,
    PlanNode,
)

FULL_SCAN, AUTOMATIC = 1, 3
OPEN = {"OpenRead", "OpenWrite", "ReopenIdx", "OpenAutoindex"}
SEEK = {"SeekGE", "SeekGT", "SeekLE", "SeekLT"}
BY_ROWID = {"SeekRowid", "NotExists"}
ONE_KEY = {"Found", "NotFound"}
FIRST = {"Rewind", "Last"}
STARTS = SEEK | BY_ROWID | FIRST | ONE_KEY | {"Count"}
ONWARD = {"Next", "Prev"}
ENDS = {"IdxGE", "IdxGT", "IdxLE", "IdxLT"}
NO_BOUND = {"IsNull", "Affinity", "SeekScan", "SeekHit", "Noop", "Goto", "Filter"}
ROW_USED = {"Column", "RowData", "RowCell", "Delete", "Insert"}
EXPRESSION = "(expression)"
# Words decide only where a step stands in the tree and how it is drawn: a version that words it otherwise gives "step".
LOOPS = {"SCAN", "SEARCH", "USING"}
KINDS = {"ORDER BY": SORT, "GROUP BY": GROUP, "DISTINCT": DISTINCT}


def read_sqlite_plan(lab: Lab, query: str) -> PlanNode:
    """The plan of `query`; raise `EngineError` if SQLite refuses it."""
    lines = lab.execute(f"EXPLAIN QUERY PLAN {query}").rows
    left = read_sqlite_accesses(lab, query)
    access_of = {number: _take_access(left, words) for number, _, _, words in sorted(lines)}
    return PlanNode(
        STEP, children=(*_children_of(0, lines, access_of), *(PlanNode(one.method, access=one) for one in left))
    )


def read_sqlite_accesses(lab: Lab, query: str) -> list[Access]:
    """How `query` reaches its tables; raise `EngineError` if SQLite refuses it."""
    return Program(read_program(lab, query), read_trees(lab)).accesses()


def _take_access(left: list[Access], words: str) -> Access | None:
    """Take out of `left` the access that a line is about, if any."""
    parts = words.split()
    for access in left if parts[0] in LOOPS else ():
        matches = access.index in parts if access.index else "INDEX" not in parts or "KEY" in parts or access.automatic
        if matches and (access.table in parts or access.index in parts or len(left) == 1):
            left.remove(access)
            return access
    return None


def _children_of(parent: int, lines: Sequence[tuple], access_of: dict[int, Access | None]) -> tuple[PlanNode, ...]:
    return tuple(
        PlanNode(
            _kind(words, access_of[number]), words, access_of[number], children=_children_of(number, lines, access_of)
        )
        for number, above, _, words in lines
        if above == parent
    )


def _kind(words: str, access: Access | None) -> str:
    if access:
        return access.method
    return next((kind for part, kind in KINDS.items() if words.endswith(part)), STEP)


class Op(NamedTuple):
    """One instruction of a program, as EXPLAIN gives it."""

    address: int
    code: str
    p1: int
    p2: int
    p3: int
    p4: Any
    p5: int


@dataclass(frozen=True)
class Tree:
    """A b-tree of the database: a table, or an index of it with its key columns."""

    table: str
    index: str
    columns: tuple[str, ...]
    by_rowid: bool = False
    partial: bool = False


def read_program(lab: Lab, statement: str) -> list[Op]:
    """The instructions of `statement`; raise `EngineError` if SQLite refuses it."""
    return [Op(*row[:7]) for row in lab.execute(f"EXPLAIN {statement}").rows]


def read_trees(lab: Lab) -> dict[tuple[int, int], Tree]:
    """The b-trees of the main and of the temporary database by their number (0 or 1) and root page."""
    trees = {}
    for number, schema in enumerate(("sqlite_schema", "sqlite_temp_schema")):
        rows = lab.execute(f"SELECT type, name, tbl_name, rootpage FROM {schema} WHERE rootpage > 0").rows
        trees.update({(number, root): _tree(lab, *row) for *row, root in rows})
    return trees


def _tree(lab: Lab, kind: str, name: str, table: str) -> Tree:
    if kind == "index":
        parts = lab.execute('SELECT name FROM pragma_index_xinfo(?) WHERE "key" ORDER BY seqno', (name,)).rows
        partial = lab.execute("SELECT partial FROM pragma_index_list(?) WHERE name = ?", (table, name)).rows
        return Tree(table, name, tuple(part or EXPRESSION for (part,) in parts), partial=bool(partial[0][0]))
    columns = lab.execute("SELECT name, pk FROM pragma_table_info(?) ORDER BY pk", (name,)).rows
    keys = tuple(column for column, position in columns if position)
    return Tree(table, "", keys, by_rowid=not _without_rowid(lab, name))


def _without_rowid(lab: Lab, table: str) -> bool:
    """Whether the key is the table's own tree: then its index has no root page of its own."""
    keys = lab.execute("SELECT name FROM pragma_index_list(?) WHERE origin = 'pk'", (table,)).rows
    roots = "SELECT 1 FROM (SELECT * FROM sqlite_schema UNION ALL SELECT * FROM sqlite_temp_schema) WHERE name = ?"
    return bool(keys) and not lab.execute(roots, keys[0]).rows


@dataclass(frozen=True)
class Program:
    """A program together with the b-trees it may open."""

    ops: list[Op]
    trees: dict[tuple[int, int], Tree]

    def accesses(self) -> list[Access]:
        """How the program enters stored b-trees, in the order in which it does so.

        For a change this includes the search for the rows that refer to those it deletes, which EXPLAIN QUERY PLAN
        does not say.
        """
        entered: dict[int, list[Access]] = {}
        for position, op in enumerate(self.ops):
            opened = self._find_open(op.p1, position) if op.code in STARTS else None
            if opened and not self._builds_automatic_index(op, position):
                access = self._read_access(op, position, opened, bool(entered))
                entered.setdefault(opened.address, []).extend([access] if access else [])
        # A skip-scan first steps from value to value of the skipped column; the last entry is the search.
        return [entries[-1] for entries in entered.values() if entries]

    def count_sorts(self) -> int:
        """How often the program sorts rows, for ORDER BY or GROUP BY."""
        return sum(op.code in ("Sort", "SorterSort") for op in self.ops)

    def _builds_automatic_index(self, op: Op, position: int) -> bool:
        step = self._next_entry(op, position)
        return step is not None and step.p5 == AUTOMATIC

    def _next_entry(self, op: Op, position: int) -> Op | None:
        """The instruction that takes the loop begun by `op` to its next entry."""
        return next((o for o in self.ops[position:] if o.code in ONWARD and o.p1 == op.p1), None)

    def _find_open(self, cursor: int, position: int) -> Op | None:
        return next((o for o in reversed(self.ops[:position]) if o.code in OPEN and o.p1 == cursor), None)

    def _read_access(self, op: Op, position: int, opened: Op, later: bool) -> Access | None:
        if opened.code == "OpenAutoindex":
            return self._automatic_index_access(opened)
        tree = self.trees.get((opened.p3, opened.p2))
        # A change goes back to each row that it has found, by its rowid.
        if (
            tree is None
            or self._follows_index(op, tree)
            or later
            and opened.code == "OpenWrite"
            and op.code in BY_ROWID
        ):
            return None
        method = self._method(op, position, tree)
        whole = method in (SCAN, COVERING_SCAN) or self._stops_after_one_entry(op, position)
        equal, ranged = ((), ()) if whole else searched_columns(self.ops, position, tree)
        return Access(tree.table, method, tree.index, equal, ranged, tree.partial)

    def _automatic_index_access(self, opened: Op) -> Access | None:
        """The search of an index that the program has filled itself, from the table that it looped over."""
        position = self.ops.index(opened)
        fills = next(o for o in self.ops[position:] if o.code in FIRST)
        table = self._find_open(fills.p1, self.ops.index(fills))
        tree = self.trees.get((table.p3, table.p2)) if table else None
        return Access(tree.table, COVERING_SEARCH, automatic=True) if tree else None

    def _follows_index(self, op: Op, tree: Tree) -> bool:
        """Whether the row is only fetched because an index has led to it, in a table that is ordered by its key."""
        return op.code in ONE_KEY and not tree.index

    def _method(self, op: Op, position: int, tree: Tree) -> str:
        full = op.code == "Count" or self._is_full_scan(op, position) and not self._stops_after_one_entry(op, position)
        if not tree.index:
            return SCAN if full else ROWID
        leads = any(self._leads_to_table(o, op.p1, tree, at) for at, o in enumerate(self.ops[position:], position))
        if full:
            return SCAN if leads else COVERING_SCAN
        return SEARCH if leads else COVERING_SEARCH

    def _is_full_scan(self, op: Op, position: int) -> bool:
        step = self._next_entry(op, position)
        return step is not None and step.p5 == FULL_SCAN and op.code in SEEK | FIRST

    def _stops_after_one_entry(self, op: Op, position: int) -> bool:
        """Whether the loop is left after its first entry, as for min() and max()."""
        step = self._next_entry(op, position)
        return step is not None and self.ops[self.ops.index(step) - 1].code == "Goto" and step.p5 == FULL_SCAN

    def _leads_to_table(self, op: Op, cursor: int, tree: Tree, position: int) -> bool:
        if op.code == "DeferredSeek" and op.p1 == cursor:
            # The move to the row is put off until a value of it is asked for, which may never be.
            return any(o.code in ROW_USED and o.p1 == op.p3 for o in self.ops[position:])
        opened = self._find_open(op.p1, position) if op.code in ONE_KEY else None
        reached = self.trees.get((opened.p3, opened.p2)) if opened else None
        return reached is not None and reached.table == tree.table and not reached.index


def searched_columns(ops: list[Op], position: int, tree: Tree) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The columns of `tree` that the loop begun at `place` searches by equality, and those by a range."""
    op = ops[position]
    if tree.by_rowid:
        key = tree.columns if len(tree.columns) == 1 else ("rowid",)
        return (key, ()) if op.code in BY_ROWID else ((), key)
    if op.code in ONE_KEY:
        return tree.columns[: int(op.p4)], ()
    first = int(op.p4) if op.code in SEEK else 0
    last, other_bound = _last_entry_bound(ops, position)
    same = min(first, last - other_bound) if last else 0
    skipped = (
        {o.p3 - op.p3 for o in ops[:position] if o.code == "Column" and o.p1 == op.p1} if op.code in SEEK else set()
    )
    equal = tuple(name for number, name in enumerate(tree.columns[:same]) if number not in skipped)
    return equal, tree.columns[same : max(first, last)]


def _last_entry_bound(ops: list[Op], position: int) -> tuple[int, bool]:
    """How many columns decide the loop's last entry, and whether the last of them differs from the first entry's."""
    between = False
    for other in ops[position + 1 :]:
        if other.code in ENDS and other.p1 == ops[position].p1:
            return int(other.p4), between
        if other.code in ONWARD or other.code == "DeferredSeek":
            break
        between = between or other.code not in NO_BOUND
    return 0, False
