"""Claims on candidate keys that a function finds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from graders import Attempt, Mismatch, claim, experiment
from graders.checks.normalization.schemas import draw_schemas, read_attribute_sets, to_pairs
from graders.techniques import dependencies as fd_theory
from graders.techniques.dependencies import FD, Attributes, format_set, sort_keys


@dataclass(frozen=True)
class KeyCase:
    """One call of a student's function for keys."""

    attributes: Attributes
    """All attributes of the relation."""
    fds: Sequence[FD]
    """The dependencies that hold in it."""
    result: set[Attributes]
    """The keys that the function gives."""
    misshapen: bool
    """Whether a key is no set, or comes more than once."""

    @cached_property
    def right(self) -> set[Attributes]:
        """The candidate keys."""
        return fd_theory.candidate_keys(self.attributes, self.fds)

    def __str__(self) -> str:
        return f"the keys of {format_set(self.attributes)} under {'; '.join(map(str, self.fds)) or 'no dependency'}"


@dataclass(frozen=True)
class WrongKeys:
    """The relations for which the function goes wrong, in each of three ways."""

    spurious: KeyCase | None = None
    """The first with no set at all, or one that is no key: no further relation is tried."""
    incomplete: Sequence[KeyCase] = ()
    """Those with nothing but keys, and not all of them."""
    misshapen: KeyCase | None = None
    """The first of which the keys are no sets, or come more than once."""


@experiment("find-candidate-keys")
def find_wrong_keys(attempt: Attempt) -> WrongKeys:
    """Call the function on 150 relations."""
    schemas = draw_schemas(attempt.seed, 150, 5, (5, 5))
    results = attempt.answer.call_each([(set(attributes), to_pairs(fds)) for attributes, fds in schemas])
    cases = []
    for (attributes, fds), result in zip(schemas, results, strict=True):
        cases.append(KeyCase(attributes, fds, set(read_attribute_sets(result)), _is_misshapen(result)))
        if not cases[-1].result or cases[-1].result - cases[-1].right:
            return WrongKeys(cases[-1])
    incomplete = [case for case in cases if case.right - case.result]
    return WrongKeys(None, incomplete, next((case for case in cases if case.misshapen), None))


def _is_misshapen(result: Any) -> bool:
    """Whether something in the result is no set, or comes more than once."""
    sets = [frozenset(one) for one in result if isinstance(one, (set, frozenset))]
    return len(set(sets)) < len(result)


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


@claim(find_wrong_keys, weight=1.5, after=every_result_is_a_key)
def finds_every_key(wrong: WrongKeys) -> None:
    """it gives all the keys there are, however long they are"""
    if wrong.incomplete:
        case = wrong.incomplete[0]
        found = f"{len(case.result)} of them: " + ", ".join(map(format_set, sort_keys(case.result)))
        raise Mismatch(f"{case}: {len(case.right)}", found, hint=_explain_incomplete(wrong.incomplete))


def _explain_incomplete(cases: Sequence[KeyCase]) -> str:
    """The hint for keys that are missing, if every relation for which some are shows the same."""
    if all(min(map(len, case.right - case.result)) > max(map(len, case.result)) for case in cases):
        return "A key with more attributes is a key too, as long as no smaller key lies inside it."
    one = all(len(case.result) == 1 for case in cases)
    return "A relation can have several keys: do you stop at the first one?" if one else ""


@claim(find_wrong_keys, weight=0.5, after=finds_every_key)
def gives_sets_once(wrong: WrongKeys) -> None:
    """each key is a set, and comes once"""
    if case := wrong.misshapen:
        hint = "The keys are right. Do they come as sets, and each of them once?"
        raise Mismatch(f"{case}, each a set that comes once", "something else than a set, or a key again", hint=hint)
