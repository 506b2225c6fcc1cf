"""Claims on what follows from given dependencies, written as plain data: a closure step by step, a minimal cover."""

from __future__ import annotations

from graders import Attempt, Mismatch, claim, experiment
from graders.checks.normalization.functions import find_unfired
from graders.checks.normalization.reading import read_attribute_sets, read_dependencies
from graders.techniques import dependencies as fd_theory
from graders.techniques.dependencies import FD, Attributes, attribute_set, format_set, parse_fds

START = attribute_set("order_id product_id")
LINE_RULES = parse_fds("order_id -> customer_id; customer_id -> email; product_id -> category; category -> vat_percent")


@experiment("trace-a-closure")
def read_closure_steps(attempt: Attempt) -> list[Attributes]:
    """Read the sets that the closure grows through."""
    return read_attribute_sets(attempt.answer)


@claim(read_closure_steps, weight=0)
def begins_with_itself(sets: list[Attributes]) -> None:
    """the first set is what you start from, and each set holds the one before it"""
    if not sets or sets[0] != START:
        raise Mismatch(f"a first set of {format_set(START)}", format_set(sets[0]) if sets else "no set")
    for before, after in zip(sets, sets[1:], strict=False):
        if not before <= after:
            raise Mismatch(
                f"a set that holds all of {format_set(before)}",
                format_set(after),
                hint="A closure only grows: write everything that is reached so far, not only what is new.",
            )


@claim(read_closure_steps, after=begins_with_itself)
def follows_the_rules(sets: list[Attributes]) -> None:
    """each set follows from the one before it by one of the rules"""
    for before, after in zip(sets, sets[1:], strict=False):
        if after not in [before | fd.right for fd in LINE_RULES if fd.left <= before]:
            raise Mismatch(f"{format_set(before)} with the right side of one rule added", format_set(after))


@claim(read_closure_steps, weight=2, after=follows_the_rules)
def reaches_the_end(sets: list[Attributes]) -> None:
    """the last set is the closure: no rule adds anything to it"""
    last = sets[-1]
    if fd := find_unfired(last, LINE_RULES):
        raise Mismatch(
            f"your last set to hold {format_set(fd.right - last)}",
            format_set(last),
            hint=f"{fd} should still fire: its whole left side, {format_set(fd.left)}, is in your set.",
        )


COVER_RULES = parse_fds("""
order -> customer email
customer -> email city
email -> customer
order product -> price
order product email -> quantity
""")


@experiment("minimal-cover")
def read_cover(attempt: Attempt) -> list[FD]:
    """Read the rules of the cover."""
    return read_dependencies(attempt.answer)


@claim(read_cover)
def says_all(cover: list[FD]) -> None:
    """every rule given follows from your cover"""
    for fd in COVER_RULES:
        if not fd_theory.implies(cover, fd):
            raise Mismatch(
                f"a cover from which {fd} follows",
                f"the closure of {format_set(fd.left)} under yours is {format_set(fd_theory.closure(fd.left, cover))}",
                hint=f"You have lost {fd}. Which rule that you left out is needed for it?",
            )


@claim(read_cover, after=says_all)
def says_nothing_new(cover: list[FD]) -> None:
    """every rule of your cover follows from the rules given"""
    known = fd_theory.attributes_of(COVER_RULES)
    for fd in cover:
        if fd.attributes - known:
            raise Mismatch(f"attributes out of {format_set(known)}", format_set(fd.attributes - known))
        if new := fd.right - fd_theory.closure(fd.left, COVER_RULES):
            hint = f"Under the rules given, the closure of {format_set(fd.left)} does not hold {format_set(new)}."
            raise Mismatch("only what the rules given say", str(fd), hint=hint)


@claim(read_cover, after=says_all)
def one_on_the_right(cover: list[FD]) -> None:
    """each rule of your cover has one attribute on its right"""
    if wide := [fd for fd in cover if len(fd.right) > 1]:
        raise Mismatch("one attribute behind each arrow", str(wide[0]), hint="Write it as one rule for each attribute.")


@claim(read_cover, weight=3, after=says_all)
def nothing_to_leave_out(cover: list[FD]) -> None:
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
