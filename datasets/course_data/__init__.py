"""The data sets of the course: seeded generators and small real data, each with its origin, licence and traps."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from graders.labs import Lab, open_lab

OPEN_SEED = 1


def names() -> list[str]:
    """The names of the data sets, in alphabetical order."""
    return sorted(path.stem for path in Path(__file__).parent.glob("[a-z]*.py") if path.stem != "cache")


def open_dataset(name: str, engine: str = "SQLite", seed: int = OPEN_SEED, rows: int | None = None) -> Lab:
    """Open a fresh lab on `engine` filled with the data set `name`; raise `KeyError` if there is none.

    Every data set is a module with a `SCHEMA` that both engines accept and a function `data(seed)` that gives the
    rows of each table, parents first. One that can be had in several sizes has a function `open_sized(engine, seed,
    rows)` as well; for another, raise `ValueError` if `rows` are asked for.
    """
    if name not in names():
        raise KeyError(name)
    dataset = import_module(f"{__name__}.{name}")
    if hasattr(dataset, "open_sized"):
        return dataset.open_sized(engine, seed, rows or dataset.ROWS)
    if rows is not None:
        raise ValueError(f"the data set {name} has one size only")
    return open_lab(engine, dataset.SCHEMA, dataset.data(seed))
