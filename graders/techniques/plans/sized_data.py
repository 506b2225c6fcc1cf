"""Labs with one data set in several sizes, and the work of statements in them, counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from graders.kernel.report import Table
from graders.labs import Lab

Opener = Callable[[str, int, int], Lab]
SIZES = (1_000, 4_000, 16_000)
SLACK = 40


@dataclass(frozen=True)
class SizedData:
    """A data set in several sizes."""

    opener: Opener
    """Opens it, given an engine, a seed and a number of rows, as `open_sized` of a data set does."""
    engine: str = "SQLite"
    before: str = ""
    """A script that prepares each lab."""
    sizes: Sequence[int] = SIZES

    @property
    def largest(self) -> int:
        """The number of rows of the largest size."""
        return self.sizes[-1]

    @contextmanager
    def lab(self, seed: int, rows: int) -> Iterator[Lab]:
        """A fresh lab of `rows` rows on which `before` has run."""
        with self.open(seed, rows) as lab:
            yield lab

    def open(self, seed: int, rows: int = 0) -> Lab:
        """Open a lab of `rows` rows, or of the largest size, on which `before` has run."""
        lab = self.opener(self.engine, seed, rows or self.largest)
        lab.run(self.before)
        return lab


def bound(reference: int, factor: float) -> int:
    """The most work allowed where the solution takes `reference`: `factor` times as much, and a little for a start."""
    return int(reference * factor) + SLACK


@dataclass(frozen=True)
class Growth:
    """What a statement took at each size, and what it may take."""

    sizes: Sequence[int]
    counts: Sequence[int]
    allowed: Sequence[int]
    unit: str = "steps"

    @property
    def too_much(self) -> bool:
        """Whether it took more than allowed at some size."""
        return any(count > most for count, most in zip(self.counts, self.allowed, strict=True))

    @property
    def grows_with_table(self) -> bool:
        """Whether the work grows about as fast as the table; a single size says nothing of that."""
        counts, sizes = self.counts, self.sizes
        return len(counts) > 1 and counts[-1] / max(counts[0], 1) > 0.5 * sizes[-1] / sizes[0]

    @property
    def words(self) -> str:
        """What was found at the largest size."""
        return f"{self.counts[-1]:,}" + (": the work grows with the table" if self.grows_with_table else "")

    def table(self) -> Table:
        """What was found at each size beside what is allowed, the rows over the bound marked."""
        rows = list(zip(self.sizes, self.counts, self.allowed, strict=True))
        over = frozenset(place for place, (_, count, most) in enumerate(rows) if count > most)
        columns = ("rows in the table", f"{self.unit} taken", f"{self.unit} allowed")
        return Table("work by the size of the table", columns, rows, over, "too many")
