"""Keeps large data sets once they are made: as files for the open seed, in memory for any other."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

import platformdirs

from graders.labs import Lab, SQLiteLab, open_image, open_lab
from graders.sql import quote_identifier

PLACE = "DATABASES_BY_EXPERIMENT_HOME"
OPEN_SEED = 1
DIGEST = 32
Data = Callable[[int, int], Mapping[str, Iterable[tuple]]]


def open_cached(engine: str, source: Path, schema: str, data: Data, seed: int, rows: int) -> Lab:
    """Open a fresh lab on `engine` with `schema` filled by `data(seed, rows)`, from what was kept where possible.

    `source` is the module that makes the data: if it changes, they are made again. A secret seed leaves no file.
    """
    image = _from_file(source, schema, data, rows) if seed == OPEN_SEED else _made(schema, data, seed, rows)
    if engine == "SQLite":
        return open_image(image)
    with SQLiteLab() as lab:
        lab.load(image)
        # In the order in which they were made: parents first.
        tables = lab.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY rootpage").rows
        return open_lab(engine, schema, {name: _rows(lab, name) for (name,) in tables})


def _rows(lab: SQLiteLab, table: str) -> Iterable[tuple]:
    """The rows of `table`, however many; the lab itself stops at what a student may ask for."""
    return lab.connection.execute(f"SELECT * FROM {quote_identifier(table)} ORDER BY 1")


# As many as the exercises of a lesson are judged on, in every size, for a class asks for them in turn.
@lru_cache(maxsize=24)
def _made(schema: str, data: Data, seed: int, rows: int) -> bytes:
    with open_lab("SQLite", schema, here=True) as lab:
        lab.execute("BEGIN")
        lab.fill(data(seed, rows))
        lab.execute("COMMIT")
        return lab.image()


def _from_file(source: Path, schema: str, data: Data, rows: int) -> bytes | memoryview:
    """The content of the file that keeps these data; made if it is missing, damaged or not of this `source`."""
    path = folder() / f"{source.stem}-{rows}.image"
    maker = hashlib.sha256(source.read_bytes() + Path(__file__).read_bytes()).digest()
    kept = _kept(path, maker)
    if kept is not None:
        return kept
    image = _made.__wrapped__(schema, data, OPEN_SEED, rows)
    with suppress(OSError):
        _keep(path, _digest(image, maker) + image)
    return image


def folder() -> Path:
    """Where data sets are kept: in the user's cache folder, or in that named by DATABASES_BY_EXPERIMENT_HOME."""
    return Path(os.environ.get(PLACE) or platformdirs.user_cache_dir("databases-by-experiment", appauthor=False))


def _kept(path: Path, maker: bytes) -> memoryview | None:
    try:
        content = path.read_bytes()
    except OSError:
        return None
    image = memoryview(content)[DIGEST:]
    return image if content[:DIGEST] == _digest(image, maker) else None


def _digest(image: bytes | memoryview, maker: bytes) -> bytes:
    digest = hashlib.sha256(maker)
    digest.update(image)
    return digest.digest()


def _keep(path: Path, content: bytes) -> None:
    """Write the file at once, as whoever reads it sees it: two processes may do so at the same time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=path.name, dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
