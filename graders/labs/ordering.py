"""One order for values of any kinds, so that rows can be sorted whatever an answer put into them."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, TypeVar

Value = TypeVar("Value")


def in_order(values: Iterable[Value]) -> list[Value]:
    """`values` sorted: NULL, numbers, texts, lists and rows value by value, then all others as they are written."""
    return sorted(values, key=_place)


def _place(value: Any) -> tuple[int, Any]:
    if value is None:
        return 0, 0
    if _can_be_compared(value):
        return 1, value
    if isinstance(value, str):
        return 2, value
    if isinstance(value, (list, tuple)):
        return 3, tuple(map(_place, value))
    return 4, f"{type(value).__name__} {value!r}"


def _can_be_compared(value: Any) -> bool:
    """Whether `value` is a number, and not one that is neither less nor more than another."""
    if isinstance(value, Decimal):
        return not value.is_nan()
    return isinstance(value, (int, float)) and value == value
