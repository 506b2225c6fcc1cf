"""Claims on closures, traced by hand or computed by a function."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

from graders import Attempt, Mismatch, claim, experiment
from graders.checks.normalization.schemas import (
    Schema,
    draw_schemas,
    draw_start,
    first_to_fire,
    read_attribute_sets,
    read_attributes,
    to_pairs,
)
from graders.kernel.answers import catch_mismatch
from graders.kernel.report import raise_if_mismatch
from graders.sandbox import SandboxedFunction
from graders.techniques import dependencies as fd_theory
from graders.techniques.dependencies import FD, Attributes, attribute_set, attributes_of, format_set, parse_fds

START = attribute_set("order_id product_id")
LINE_RULES = parse_fds("order_id -> customer_id; customer_id -> email; product_id -> category; category -> vat_percent")


@experiment("trace-a-closure")
def read_closure_steps(attempt: Attempt) -> list[Attributes]:
    """Read the sets that the closure grows through."""
    return read_attribute_sets(attempt.answer)


@claim(read_closure_steps, weight=0)
def starts_with_given_set(sets: list[Attributes]) -> None:
    """the first set is what you start from, and each set holds the one before it"""
    known = attributes_of(LINE_RULES)
    if unknown := frozenset[str]().union(*sets) - known:
        raise Mismatch(f"attributes out of {format_set(known)}", format_set(unknown))
    if not sets or sets[0] != START:
        raise Mismatch(f"a first set of {format_set(START)}", format_set(sets[0]) if sets else "no set")
    for before, after in pairwise(sets):
        if not before <= after:
            raise Mismatch(
                f"a set that holds all of {format_set(before)}",
                format_set(after),
                hint="A closure only grows: write everything that is reached so far, not only what is new.",
            )


@claim(read_closure_steps, after=starts_with_given_set)
def follows_the_rules(sets: list[Attributes]) -> None:
    """each set adds to the one before it the right side of one rule that fires"""
    for before, after in pairwise(sets):
        if after not in [before | fd.right for fd in first_to_fire(before, LINE_RULES)]:
            raise Mismatch(
                f"{format_set(before)} with the right side of one more rule added",
                format_set(after),
                hint=_explain_step(before, after),
            )
    if len(sets) < 3:
        raise Mismatch("a set for each rule that still fires", "no set beside the two that were written")


def _explain_step(before: Attributes, after: Attributes) -> str:
    if after == before:
        return "This set says the same as the one before it: a rule that adds nothing needs no set."
    reached = fd_theory.closure(before, [fd for fd in LINE_RULES if fd.right <= after])
    if reached == after:
        return "Between these two sets more than one rule has fired. Write a set for each of them."
    early = [fd for fd in LINE_RULES if fd.right <= after - reached]
    return f"{early[0]} does not fire yet: {format_set(early[0].left - before)} is not reached." if early else ""


@claim(read_closure_steps, weight=2, after=follows_the_rules)
def reaches_closure(sets: list[Attributes]) -> None:
    """the last set is the closure: no rule adds anything to it"""
    last = sets[-1]
    if fd := next(first_to_fire(last, LINE_RULES), None):
        raise Mismatch(
            f"your last set to hold {format_set(fd.right - last)}",
            format_set(last),
            hint=f"{fd} should still fire: its whole left side, {format_set(fd.left)}, is in your set.",
        )


CHAINS = (4, 6, 9, 25, 130)


@dataclass(frozen=True)
class ClosureCase:
    """One call of a student's closure."""

    start: Attributes
    """What the closure begins with."""
    fds: Sequence[FD]
    """The dependencies that are given."""
    result: Any
    """What the function gives."""

    @cached_property
    def right(self) -> Attributes:
        """The true closure."""
        return fd_theory.closure(self.start, self.fds)

    @cached_property
    def found(self) -> Attributes:
        """The attributes that the function gives; raise `Mismatch` if they are none."""
        try:
            return read_attributes(self.result)
        except Mismatch as mismatch:
            raise Mismatch(f"{self} to be {mismatch.expected}", mismatch.found) from None

    def __str__(self) -> str:
        return f"the closure of {format_set(self.start)} under {'; '.join(map(str, self.fds)) or 'no dependency'}"


@dataclass(frozen=True)
class ClosureCalls:
    """What goes wrong when a student's closure is called."""

    wrong: ClosureCase | None
    """The first wrong result of 500 cases, with as few dependencies as still go wrong."""
    kinds: frozenset[str] = frozenset()
    """As what the attributes come, such as "set"."""
    changed: str | Mismatch = ""
    """The name of the first argument that a call changes; not looked at where a result is wrong."""


@experiment("compute-the-closure")
def call_closure(attempt: Attempt) -> ClosureCalls:
    """Call the function in 500 cases for its results, and in 100 for what it does to its arguments."""
    rng = random.Random(attempt.seed)
    schemas = draw_schemas(attempt.seed, 250, 6, CHAINS)
    questions = [(start, fds) for schema in schemas for start, fds in _draw_questions(rng, schema)]
    results = attempt.answer.call_each([(set(start), to_pairs(fds)) for start, fds in questions])
    kinds = set()
    for (start, fds), result in zip(questions, results, strict=True):
        case = ClosureCase(start, fds, result)
        kinds.add(type(result).__name__)
        if case.found != case.right:
            return ClosureCalls(_leave_out_dependencies(attempt.answer, case))
    some = rng.sample(questions, 100)
    return ClosureCalls(None, frozenset(kinds), catch_mismatch(lambda: _find_changed_argument(attempt.answer, some)))


def _draw_questions(rng: random.Random, schema: Schema) -> list[tuple[Attributes, Sequence[FD]]]:
    """The closure of any attributes, and that of the last left side, with which a chain begins."""
    attributes, fds = schema
    return [(draw_start(rng, attributes), fds), (fds[-1].left if fds else draw_start(rng, attributes), fds)]


def _find_changed_argument(closure: SandboxedFunction, questions: Sequence[tuple[Attributes, Sequence[FD]]]) -> str:
    for start, fds in questions:
        if places := closure.changed_arguments(set(start), to_pairs(fds)):
            return ("attributes", "fds")[places[0]]
    return ""


def _leave_out_dependencies(closure: SandboxedFunction, case: ClosureCase) -> ClosureCase:
    """Leave out dependencies as long as the answer still goes wrong without them."""
    for fd in list(case.fds):
        fds = [other for other in case.fds if other != fd]
        fewer = ClosureCase(case.start, fds, closure(set(case.start), to_pairs(fds)))
        if fewer.found != fewer.right:
            case = fewer
    return case


@claim(call_closure, weight=3)
def closure_is_correct(calls: ClosureCalls) -> None:
    """`closure` gives every attribute that follows, and no other, in 500 random cases"""
    if case := calls.wrong:
        raise Mismatch(f"{case} to be {format_set(case.right)}", format_set(case.found), hint=_explain_closure(case))


def _explain_closure(case: ClosureCase) -> str:
    if not case.start <= case.found:
        known = case.found <= case.start | attributes_of(case.fds)
        return "Do you keep the attributes that you start from?" if known else ""
    if fd := next(first_to_fire(case.found, case.fds), None):
        return f"Your closure stops too early: {fd} should still fire, all of {format_set(fd.left)} is reached."
    extra = case.found - case.right
    if extra - attributes_of(case.fds):
        return (
            f"Nothing in this call speaks of {format_set(extra)}. Does your function keep what an earlier call found?"
        )
    return f"What gives you {format_set(extra)}? A dependency fires only when all of its left side is reached."


@claim(call_closure, after=closure_is_correct)
def gives_set_and_changes_nothing(calls: ClosureCalls) -> None:
    """it gives a set, and leaves the set and the list that it is given as they were"""
    if others := calls.kinds - {"set", "frozenset"}:
        hint = "The attributes are right. Make a set of them before you give them back."
        raise Mismatch("a set", f"a {min(others)}", hint=hint)
    if name := raise_if_mismatch(calls.changed):
        raise Mismatch(
            "both arguments to be what they were before the call",
            f"{name} was changed",
            hint="Whoever called your function still needs what they passed. Work on a copy.",
        )
