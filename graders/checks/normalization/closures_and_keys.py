"""Claims on closures and candidate keys, traced by hand or computed by a function."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from graders import Attempt, Mismatch, claim, experiment
from graders.checks.normalization.attribute_sets import read_attribute_sets, read_attributes
from graders.kernel.answers import catch_mismatch
from graders.kernel.report import raise_if_mismatch
from graders.sandbox import SandboxedFunction
from graders.techniques import dependencies as fd_theory
from graders.techniques.dependencies import FD, Attributes, attribute_set, format_set, parse_fds, sort_keys

START = attribute_set("order_id product_id")
LINE_RULES = parse_fds("order_id -> customer_id; customer_id -> email; product_id -> category; category -> vat_percent")


@experiment("trace-a-closure")
def read_closure_steps(attempt: Attempt) -> list[Attributes]:
    """Read the sets that the closure grows through."""
    return read_attribute_sets(attempt.answer)


@claim(read_closure_steps, weight=0)
def starts_with_given_set(sets: list[Attributes]) -> None:
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


@claim(read_closure_steps, after=starts_with_given_set)
def follows_the_rules(sets: list[Attributes]) -> None:
    """each set follows from the one before it by one of the rules"""
    for before, after in zip(sets, sets[1:], strict=False):
        if after not in [before | fd.right for fd in LINE_RULES if fd.left <= before]:
            raise Mismatch(f"{format_set(before)} with the right side of one rule added", format_set(after))


@claim(read_closure_steps, weight=2, after=follows_the_rules)
def reaches_closure(sets: list[Attributes]) -> None:
    """the last set is the closure: no rule adds anything to it"""
    last = sets[-1]
    if fd := find_next_dependency(last, LINE_RULES):
        raise Mismatch(
            f"your last set to hold {format_set(fd.right - last)}",
            format_set(last),
            hint=f"{fd} should still fire: its whole left side, {format_set(fd.left)}, is in your set.",
        )


RandomSchema = tuple[Attributes, tuple[FD, ...]]


def find_next_dependency(attributes: Attributes, fds: Iterable[FD]) -> FD | None:
    """The first dependency that would still add something to `attributes`."""
    return next((fd for fd in fds if fd.left <= attributes and not fd.right <= attributes), None)


@dataclass(frozen=True)
class ClosureCase:
    """One call of a student's closure."""

    start: Attributes
    """What the closure begins with."""
    fds: Sequence[FD]
    """The dependencies that are given."""
    result: Attributes
    """What the function gives."""

    @cached_property
    def right(self) -> Attributes:
        """The true closure."""
        return fd_theory.closure(self.start, self.fds)


@dataclass(frozen=True)
class ClosureCalls:
    """What goes wrong when a student's closure is called."""

    wrong: ClosureCase | None
    """The first wrong result of 500 cases, with as few dependencies as still go wrong."""
    changed: str | Mismatch
    """The name of the first argument that a call changes; not looked at where a result is wrong."""


@experiment("compute-the-closure")
def call_closure(attempt: Attempt) -> ClosureCalls:
    """Call the function in 500 cases for its results, and in 100 for what it does to its arguments."""
    schemas = _draw_schemas(attempt.seed, 250, 6)
    if wrong := _find_wrong_closure(attempt, schemas):
        return ClosureCalls(wrong, "")
    return ClosureCalls(None, catch_mismatch(lambda: _find_changed_argument(attempt, schemas[:100])))


def _find_wrong_closure(attempt: Attempt, schemas: Sequence[RandomSchema]) -> ClosureCase | None:
    rng = random.Random(attempt.seed)
    questions = [(_draw_start(rng, attributes), fds) for attributes, fds in schemas for _ in range(2)]
    results = attempt.answer.call_each([(set(start), _pairs(fds)) for start, fds in questions])
    for (start, fds), result in zip(questions, results, strict=True):
        case = ClosureCase(start, fds, read_attributes(result))
        if case.result != case.right:
            return _leave_out_dependencies(attempt.answer, case)
    return None


def _find_changed_argument(attempt: Attempt, schemas: Sequence[RandomSchema]) -> str:
    rng = random.Random(attempt.seed)
    for attributes, fds in schemas:
        start = set(_draw_start(rng, attributes))
        if places := attempt.answer.changed_arguments(start, _pairs(fds)):
            return ("attributes", "fds")[places[0]]
    return ""


@lru_cache(maxsize=4)
def _draw_schemas(seed: int, count: int, max_size: int) -> Sequence[RandomSchema]:
    """Random attributes and dependencies, small ones first; drawn once for a class."""
    rng = random.Random(seed)
    sizes = [(rng.randint(2, max_size), rng.randint(0, max_size + 1)) for _ in range(count)]
    names = [(fd_theory.letters(size), number) for size, number in sizes]
    schemas = [(attributes, tuple(fd_theory.random_fds(rng, attributes, number))) for attributes, number in names]
    return tuple(sorted(schemas, key=lambda schema: (len(schema[1]), len(schema[0]))))


def _draw_start(rng: random.Random, attributes: Attributes) -> Attributes:
    return frozenset(rng.sample(sorted(attributes), rng.randint(1, len(attributes))))


def _pairs(fds: Iterable[FD]) -> list[tuple[set[str], set[str]]]:
    return [(set(fd.left), set(fd.right)) for fd in fds]


def _call_closure(closure: SandboxedFunction, start: Attributes, fds: Sequence[FD]) -> ClosureCase:
    return ClosureCase(start, fds, read_attributes(closure(set(start), _pairs(fds))))


def _leave_out_dependencies(closure: SandboxedFunction, case: ClosureCase) -> ClosureCase:
    """Leave out dependencies as long as the answer still goes wrong without them."""
    for fd in list(case.fds):
        fewer = _call_closure(closure, case.start, [other for other in case.fds if other != fd])
        if fewer.result != fewer.right:
            case = fewer
    return case


@claim(call_closure, weight=3)
def closure_is_correct(calls: ClosureCalls) -> None:
    """`closure` gives every attribute that follows, and no other, in 500 random cases"""
    if case := calls.wrong:
        expected = f"the closure of {format_set(case.start)} under {'; '.join(map(str, case.fds)) or 'no dependency'}"
        raise Mismatch(expected, format_set(case.result), hint=_explain_closure(case))


def _explain_closure(case: ClosureCase) -> str:
    if not case.start <= case.result:
        return "Do you keep the attributes that you start from?"
    if fd := find_next_dependency(case.result, case.fds):
        return f"Your closure stops too early: {fd} should still fire, all of {format_set(fd.left)} is reached."
    extra = format_set(case.result - case.right)
    return f"What gives you {extra}? A dependency fires only when all of its left side is reached."


@claim(call_closure, after=closure_is_correct)
def changes_no_argument(calls: ClosureCalls) -> None:
    """it leaves the set and the list that it is given as they were"""
    if name := raise_if_mismatch(calls.changed):
        raise Mismatch(
            "both arguments to be what they were before the call",
            f"{name} was changed",
            hint="Whoever called your function still needs what they passed. Work on a copy.",
        )


@dataclass(frozen=True)
class KeyCase:
    """One call of a student's function for keys."""

    attributes: Attributes
    """All attributes of the relation."""
    fds: Sequence[FD]
    """The dependencies that hold in it."""
    result: set[Attributes]
    """The keys that the function gives."""

    @cached_property
    def right(self) -> set[Attributes]:
        """The candidate keys."""
        return fd_theory.candidate_keys(self.attributes, self.fds)

    def __str__(self) -> str:
        return f"the keys of {format_set(self.attributes)} under {'; '.join(map(str, self.fds)) or 'no dependency'}"


@dataclass(frozen=True)
class WrongKeys:
    """The first relation for which the function goes wrong in each of two ways."""

    spurious: KeyCase | None
    """No set at all, or one that is no key: no further relation is tried."""
    incomplete: KeyCase | None
    """Nothing but keys, and not all of them."""


@experiment("find-candidate-keys")
def find_wrong_keys(attempt: Attempt) -> WrongKeys:
    """Call the function on 150 relations."""
    incomplete = None
    schemas = _draw_schemas(attempt.seed, 150, 5)
    results = attempt.answer.call_each([(set(attributes), _pairs(fds)) for attributes, fds in schemas])
    for (attributes, fds), result in zip(schemas, results, strict=True):
        case = KeyCase(attributes, fds, set(read_attribute_sets(result)))
        if not case.result or case.result - case.right:
            return WrongKeys(case, None)
        if case.right - case.result:
            incomplete = incomplete or case
    return WrongKeys(None, incomplete)


@claim(find_wrong_keys, weight=2)
def every_result_is_a_key(wrong: WrongKeys) -> None:
    """every set that `candidate_keys` gives is a key: it determines everything, and nothing can be left out"""
    case = wrong.spurious
    if case and not case.result:
        hint = "Every relation has a key: all of its attributes together determine everything."
        raise Mismatch(f"{case}", "no key", hint=hint)
    if case:
        raise _not_a_key(case, sort_keys(case.result - case.right)[0])


def _not_a_key(case: KeyCase, key: Attributes) -> Mismatch:
    if missing := case.attributes - fd_theory.closure(key, case.fds):
        hint = f"{format_set(key)} does not determine {format_set(missing)}: what is its closure?"
        return Mismatch(f"{case}", format_set(key), hint=hint)
    inside = next(other for other in case.right if other < key)
    hint = f"{format_set(inside)} determines everything already, so {format_set(key)} is not minimal."
    return Mismatch(f"{case}", f"{format_set(key)} among them", hint=hint)


@claim(find_wrong_keys, weight=2, after=every_result_is_a_key)
def finds_every_key(wrong: WrongKeys) -> None:
    """it gives all the keys there are, however long they are"""
    if case := wrong.incomplete:
        longer = min(map(len, case.right - case.result)) > max(map(len, case.result))
        raise Mismatch(
            f"{case}: {len(case.right)}",
            f"{len(case.result)} of them: " + ", ".join(map(format_set, sort_keys(case.result))),
            hint="A key with more attributes is a key too, as long as no smaller key lies inside it."
            if longer
            else "A relation can have several keys: do you stop at the first one?",
        )
