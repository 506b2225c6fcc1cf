"""`show_plan`, `show_b_tree` and `work`: what the current session does for a query, drawn and counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from graders.figures.b_tree import draw_scan, draw_search
from graders.figures.plan_tree import draw_plan
from graders.figures.svg import Picture
from graders.labs import EngineError, Lab, SQLiteLab
from graders.notebook.messages import SentenceError
from graders.techniques.plans import Cost, measure_cost, read_plan
from graders.techniques.plans.b_tree import open_b_tree


@dataclass(frozen=True)
class PlanWords:
    """The three words, bound to `current`, which gives the lab of the current `%sql` session, or None."""

    current: Callable[[], Lab | None]

    def show_plan(self, query: str) -> Picture:
        """Draw how the current session reaches the rows of `query`; DuckDB and PostgreSQL run it for this."""
        return self._tried(lambda lab: draw_plan(read_plan(lab, query), " ".join(query.split())[:60]))

    def work(self, statement: str) -> Cost:
        """Run `statement` in the current session and count its work: steps, rows or pages, depending on the engine."""
        return self._tried(lambda lab: measure_cost(lab, statement))

    def show_b_tree(self, name: str, *at: Any, to: tuple | None = None, table: str = "") -> Picture:
        """Draw the b-tree of a table or an index of the current session, which must be on SQLite.

        `at` is the key that is searched for, or its first columns, and `to` where a range ends; without them all of
        the tree is read. `table` names the table in which the rows found are looked up.
        """

        def drawn(lab: Lab) -> Picture:
            if not isinstance(lab, SQLiteLab):
                raise SentenceError("Only SQLite's b-trees can be drawn here.")
            tree = open_b_tree(lab, name)
            return draw_search(name, tree, at, to, table) if at or to else draw_scan(name, tree)

        return self._tried(drawn)

    def _tried(self, action: Callable[[Lab], Any]) -> Any:
        lab = self.current()
        if lab is None:
            raise SentenceError('There is no database open here. `fresh_lab("loans")` opens one.')
        try:
            return action(lab)
        except EngineError as error:
            raise SentenceError(f"{error.engine} says: {error.sentence}") from None
        except LookupError as error:
            raise SentenceError(f"{error.args[0].capitalize()}.") from None
