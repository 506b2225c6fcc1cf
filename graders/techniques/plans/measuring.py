"""Measures statements on one data set in several sizes, in labs that were prepared alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from graders.kernel.report import Table
from graders.labs import Lab
from graders.techniques.plans.work import work_of

Opener = Callable[[str, int, int], Lab]
SIZES = (1_000, 4_000, 16_000)
SLACK = 40


@dataclass(frozen=True)
class Sized:
    """A data set in several sizes: `opener` takes an engine, a seed and a number of rows; `before` prepares it."""

    opener: Opener
    engine: str = "SQLite"
    before: str = ""
    sizes: Sequence[int] = SIZES

    @contextmanager
    def lab(self, seed: int, rows: int, script: str = "") -> Iterator[Lab]:
        """A fresh lab of `rows` rows on which `before` and then `script` have run."""
        with self.opener(self.engine, seed, rows) as lab:
            lab.run(self.before)
            lab.run(script)
            if lab.engine == "SQLite":
                # A script may leave the database read-only, in which what is judged here could not be counted.
                lab.execute("PRAGMA query_only = OFF")
            yield lab

    def open_largest(self, seed: int) -> Lab:
        """Open a lab of the largest size on which `before` has run."""
        lab = self.opener(self.engine, seed, self.sizes[-1])
        lab.run(self.before)
        return lab

    def work(self, statements: Sequence[str], seed: int, script: str = "") -> list[list[int]]:
        """What each statement takes at each size, behind `script`; raise `EngineError` if one is refused."""
        by_size = []
        for rows in self.sizes:
            with self.lab(seed, rows, script) as lab:
                by_size.append([work_of(lab, statement).count for statement in statements])
        return [list(counts) for counts in zip(*by_size, strict=True)]


def bound(reference: int, factor: float) -> int:
    """The most work allowed where the solution takes `reference`: `factor` times as much, and a little for a start."""
    return int(reference * factor) + SLACK


def work_table(sizes: Sequence[int], found: Sequence[int], allowed: Sequence[int], unit: str) -> Table:
    """What was found at each size beside what is allowed, the rows over the bound marked."""
    rows = [(size, count, most) for size, count, most in zip(sizes, found, allowed, strict=True)]
    over = frozenset(place for place, (_, count, most) in enumerate(rows) if count > most)
    return Table(
        "work by the size of the table",
        ("rows in the table", f"{unit} taken", f"{unit} allowed"),
        rows,
        over,
        "too many",
    )


def grows_with_table(sizes: Sequence[int], counts: Sequence[int]) -> bool:
    """Whether the work grows about as fast as the table; from a single size nothing can be told."""
    return len(counts) > 1 and counts[-1] / max(counts[0], 1) > 0.5 * sizes[-1] / sizes[0]
