"""Claims on minimal covers, and how rules are read that are written as texts."""

from __future__ import annotations

from typing import Any

from graders import Attempt, Mismatch, claim, experiment
from graders.checks.normalization.schemas import COLLECTIONS, refuse_too_many
from graders.techniques import dependencies as fd_theory
from graders.techniques.dependencies import FD, format_set, parse_fds

# Whether one of n rules follows from the others takes work that grows with the cube of n.
MAX_RULES, MAX_NAMES = 100, 1_000
COVER_RULES = parse_fds("""
order -> customer email
customer -> email city
email -> customer
order product -> price
order product email -> quantity
""")


def read_dependencies(value: Any) -> list[FD]:
    """Rules, each written like "a b -> c"; raise `Mismatch` for what has no arrow."""
    if not isinstance(value, COLLECTIONS) or not all(isinstance(one, str) for one in value):
        raise Mismatch('a list of rules, each a text such as "a b -> c"', f"`{value!r:.120}`")
    refuse_too_many(value, MAX_RULES)
    try:
        rules = [fd for one in value for fd in parse_fds(one)]
    except ValueError as error:
        raise Mismatch('rules such as "a b -> c"', str(error)) from None
    refuse_too_many(rules, MAX_RULES)
    if sum(len(rule.attributes) for rule in rules) > MAX_NAMES:
        raise Mismatch(f"at most {MAX_NAMES:,} names in all rules", "more")
    return rules


@experiment("minimal-cover")
def read_cover(attempt: Attempt) -> list[FD]:
    """Read the rules of the cover."""
    return read_dependencies(attempt.answer)


@claim(read_cover)
def cover_implies_every_rule(cover: list[FD]) -> None:
    """every rule given follows from your cover"""
    for fd in COVER_RULES:
        if not fd_theory.implies(cover, fd):
            raise Mismatch(
                f"a cover from which {fd} follows",
                f"the closure of {format_set(fd.left)} under yours is {format_set(fd_theory.closure(fd.left, cover))}",
                hint=f"You have lost {fd}. Which rule that you left out is needed for it?",
            )


@claim(read_cover, after=cover_implies_every_rule)
def cover_implies_nothing_new(cover: list[FD]) -> None:
    """every rule of your cover follows from the rules given"""
    known = fd_theory.attributes_of(COVER_RULES)
    for fd in cover:
        if fd.attributes - known:
            raise Mismatch(f"attributes out of {format_set(known)}", format_set(fd.attributes - known))
        if new := fd.right - fd_theory.closure(fd.left, COVER_RULES):
            hint = f"Under the rules given, the closure of {format_set(fd.left)} does not hold {format_set(new)}."
            raise Mismatch("only what the rules given say", str(fd), hint=hint)


@claim(read_cover, after=cover_implies_every_rule)
def right_sides_are_single(cover: list[FD]) -> None:
    """each rule of your cover has one attribute on its right"""
    if wide := [fd for fd in cover if len(fd.right) > 1]:
        raise Mismatch("one attribute behind each arrow", str(wide[0]), hint="Write it as one rule for each attribute.")


@claim(read_cover, weight=3, after=cover_implies_every_rule)
def cover_is_minimal(cover: list[FD]) -> None:
    """no rule, and no attribute on the left of a rule, could be left out"""
    if redundant := fd_theory.redundant_dependencies(cover):
        raise Mismatch(
            "rules that do not follow from each other",
            str(redundant[0]),
            hint=f"{redundant[0]} follows from the other rules of your cover: follow the closure of its left side.",
        )
    for fd, name in fd_theory.extraneous_attributes(cover):
        hint = f"Take {name} away from the left of {fd}: is the right side reached all the same?"
        raise Mismatch("left sides without an attribute to spare", str(fd), hint=hint)
