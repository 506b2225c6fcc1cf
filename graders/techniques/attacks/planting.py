"""Puts what is sent into the data first: somebody honest may be called like an attack, and has to be found."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from graders.techniques.attacks.subject import Data


def found_by(table: str, row: Mapping[str, Any], column: str, honest: Collection[Any]) -> Callable[[Data, Any], Data]:
    """Give the `plant` of a slot whose value is looked for in `column`: `row` in `table`, with the value there.

    Values that are `honest` put nothing into the data.
    """

    def plant(data: Data, value: Any) -> Data:
        return data if value in honest else {**data, table: [*data[table], tuple({**row, column: value}.values())]}

    return plant
