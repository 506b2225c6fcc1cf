"""Claims on a bill that is split to the cent."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from graders import Attempt, Mismatch, claim, experiment

Bill = tuple[int, int]


@dataclass(frozen=True)
class Split:
    """One bill as a function has split it."""

    cents: int
    people: int
    shares: Any
    """What the function gives."""

    def __str__(self) -> str:
        return f"split({self.cents}, {self.people})"


@experiment("split-the-bill")
def split_bills(attempt: Attempt) -> list[Split]:
    """Split some hundred bills, the small ones first."""
    bills = draw_bills(random.Random(attempt.seed))
    results = attempt.answer.call_each(bills)
    return [Split(*bill, shares) for bill, shares in zip(bills, results, strict=True)]


def draw_bills(rng: random.Random) -> list[Bill]:
    """Bills that come out even and bills that do not, of nothing, and of fewer cents than people."""
    few = [(cents, people) for people in range(1, 5) for cents in range(0, 9)]
    many = [(rng.randint(0, 10**5), rng.randint(1, 12)) for _ in range(300)]
    large = [(rng.randint(10**16, 10**17) * 2 + 1, rng.randint(3, 12)) for _ in range(20)]
    return [*few, *many, *large]


@claim(split_bills)
def gives_whole_cents(splits: Sequence[Split]) -> None:
    """`split` gives a list of as many shares as there are people, in whole cents"""
    for split in splits:
        shares = split.shares
        if not isinstance(shares, (list, tuple)) or len(shares) != split.people:
            raise Mismatch(f"{split} to be a list of {split.people}", _describe(shares))
        if any(type(share) is not int for share in shares):
            raise Mismatch(f"{split} to be whole cents, as int", _describe(shares), _hint_at_type(shares))


def _describe(shares: Any) -> str:
    return f"{shares!r}"[:200]


def _hint_at_type(shares: Sequence[Any]) -> str:
    if any(isinstance(share, float) for share in shares):
        return "A part of a cent cannot be paid. Which division stays with whole numbers?"
    return ""


@claim(split_bills, weight=2, after=gives_whole_cents)
def shares_add_up(splits: Sequence[Split]) -> None:
    """the shares add up to the bill, to the cent"""
    for split in splits:
        if sum(split.shares) != split.cents:
            raise Mismatch(
                f"the shares of {split} to add up to {split.cents}", _describe(split.shares), _hint_at_sum(split)
            )


def _hint_at_sum(split: Split) -> str:
    if len({*split.shares}) == 1 and split.cents % split.people:
        return "All pay the same, and the bill does not come out even. Who pays the cents that are left?"
    return ""


@claim(split_bills, weight=2, after=shares_add_up)
def nobody_pays_two_cents_more(splits: Sequence[Split]) -> None:
    """no share is more than one cent above another"""
    for split in splits:
        if max(split.shares) - min(split.shares) > 1:
            raise Mismatch(
                f"the shares of {split} to differ by one cent at most", _describe(split.shares), _hint_at_rest(split)
            )


def _hint_at_rest(split: Split) -> str:
    least, most = min(split.shares), max(split.shares)
    if split.people > 2 and (
        split.shares.count(least) == split.people - 1 or split.shares.count(most) == split.people - 1
    ):
        return "One of them takes all that is left. How many cents are left, and to how many could they go?"
    return ""
