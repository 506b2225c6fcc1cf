"""One query under several choices of indexes: its steps and its time as bars, and each plan in words."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from graders.figures.price_of_designs import BARS_APART, price_block, price_words
from graders.figures.svg import LINE, Block, Picture, moved, picture, text, width_of
from graders.labs import Lab
from graders.techniques.plans import read_plan
from graders.techniques.plans.plan import DISTINCT, GROUP, SORT

MORE = {SORT: "then sorted", GROUP: "then sorted into groups", DISTINCT: "then sorted for DISTINCT"}


@dataclass(frozen=True)
class Measured:
    """What a query took: steps of SQLite's virtual machine, milliseconds here and now, and its plan in words."""

    steps: int
    milliseconds: float
    plan: str


def compare_indexes(query: str, choices: Mapping[str, str], lab: Lab) -> Picture:
    """Draw what `query` costs on `lab`, a SQLite lab, under each of `choices`: a name and the script of its indexes.

    Every script is rolled back, so the lab stays as it is. Raise `EngineError` if a statement is refused.
    """
    measured = {name: _measure(lab, query, script) for name, script in choices.items()}
    costs = {
        "steps": {name: one.steps for name, one in measured.items()},
        "milliseconds, on this computer and just now": {name: one.milliseconds for name, one in measured.items()},
    }
    plans = [f"{name}: {one.plan}" for name, one in measured.items()]
    words = " ".join([price_words(measure, designs) for measure, designs in costs.items()] + [f"{p}." for p in plans])
    return picture("One query, several choices of indexes", words, _with_lines(price_block(costs), plans))


def _measure(lab: Lab, query: str, script: str) -> Measured:
    lab.execute("BEGIN")
    try:
        lab.run(script)
        # Timed first: the first statement after a rollback reads the schema again, which takes steps.
        took = milliseconds(lab, query)
        return Measured(lab.count_steps(query), took, _plan(lab, query))
    finally:
        lab.execute("ROLLBACK")


def milliseconds(lab: Lab, query: str, runs: int = 2) -> float:
    """The shortest time that `query` took in `runs` runs, to be shown and never judged."""
    return min(_timed(lab, query) for _ in range(runs))


def _timed(lab: Lab, query: str) -> float:
    begun = time.perf_counter()
    lab.execute(query)
    return round(1e3 * (time.perf_counter() - begun), 2)


def _plan(lab: Lab, query: str) -> str:
    """How each table is reached, and what else is done, in the words of the course."""
    nodes = list(read_plan(lab, query).walk())
    more = [MORE[node.kind] for node in nodes if node.kind in MORE]
    return ", ".join([*(str(node.access) for node in nodes if node.access), *more]).replace("`", "")


def _with_lines(block: Block, lines: list[str]) -> Block:
    """`block` with lines of words below it."""
    top = block.height + BARS_APART
    body = moved(block, 0, 0) + "".join(text(0, top + LINE * n, words) for n, words in enumerate(lines, start=1))
    return Block(max(block.width, *map(width_of, lines)), top + LINE * len(lines) + 6, body)
