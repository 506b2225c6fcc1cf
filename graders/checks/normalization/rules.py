"""Claims on what follows from dependencies: closures and candidate keys."""

from __future__ import annotations

import random
from collections.abc import Iterable
from functools import cache

from graders import Mismatch, claim
from graders.checks.normalization.reading import names_of, sets_of
from graders.techniques import dependencies as fds_theory
from graders.techniques.dependencies import FD, attribute_set, in_key_order, parse_fds, written

START = attribute_set("order_id product_id")
LINE_RULES = parse_fds("order_id -> customer_id; customer_id -> email; product_id -> category; category -> vat_percent")


@claim("normalization-5", worth=0)
def begins_with_itself(reached):
    """the first set is what you start from, and each set holds the one before it"""
    sets = sets_of(reached)
    if not sets or sets[0] != START:
        raise Mismatch(f"a first set of {written(START)}", written(sets[0]) if sets else "no set")
    for before, after in zip(sets, sets[1:], strict=False):
        if not before <= after:
            raise Mismatch(
                f"a set that holds all of {written(before)}",
                written(after),
                hint="A closure only grows: write everything that is reached so far, not only what is new.",
            )


@claim("normalization-5", after=begins_with_itself)
def follows_the_rules(reached):
    """each set follows from the one before it by one of the rules"""
    sets = sets_of(reached)
    for before, after in zip(sets, sets[1:], strict=False):
        followed = [before | fd.right for fd in LINE_RULES if fd.left <= before]
        if after not in followed:
            raise Mismatch(f"{written(before)} with the right side of one rule added", written(after))


@claim("normalization-5", worth=2, after=follows_the_rules)
def reaches_the_end(reached):
    """the last set is the closure: no rule adds anything to it"""
    _refuse_unfired(sets_of(reached)[-1], LINE_RULES, "your last set")


def _refuse_unfired(found: frozenset[str], fds: Iterable[FD], name: str) -> None:
    for fd in fds:
        if fd.left <= found and not fd.right <= found:
            raise Mismatch(
                f"{name} to hold {written(fd.right - found)}",
                written(found),
                hint=f"{fd} should still fire: its whole left side, {written(fd.left)}, is in your set.",
            )


@cache
def _schemas(seed: int, count: int, most: int) -> tuple[tuple[frozenset[str], list[FD]], ...]:
    """Random attributes and dependencies, small ones first."""
    rng = random.Random(seed)
    sizes = [(rng.randint(2, most), rng.randint(0, most + 1)) for _ in range(count)]
    names = [(fds_theory.letters(size), number) for size, number in sizes]
    made = [(letters, fds_theory.random_schema(rng, letters, number)) for letters, number in names]
    return tuple(sorted(made, key=lambda one: (len(one[1]), len(one[0]))))


def _pairs(fds: Iterable[FD]) -> list[tuple[set[str], set[str]]]:
    return [(set(fd.left), set(fd.right)) for fd in fds]


@claim("normalization-6", worth=3)
def closes(closure, seed):
    """`closure` gives every attribute that follows, and no other, in 500 random cases"""
    rng = random.Random(seed)
    for letters, fds in [schema for schema in _schemas(seed, 250, 6) for _ in range(2)]:
        start = frozenset(rng.sample(sorted(letters), rng.randint(1, len(letters))))
        if names_of(closure(set(start), _pairs(fds))) != fds_theory.closure(start, fds):
            fds = _fewest(closure, start, fds)
            raise _wrong_closure(closure, start, fds)


def _fewest(closure, start: frozenset[str], fds: list[FD]) -> list[FD]:
    """Leave out dependencies as long as the answer still goes wrong without them."""
    for fd in list(fds):
        fewer = [other for other in fds if other != fd]
        if names_of(closure(set(start), _pairs(fewer))) != fds_theory.closure(start, fewer):
            fds = fewer
    return fds


def _wrong_closure(closure, start: frozenset[str], fds: list[FD]) -> Mismatch:
    found, right = names_of(closure(set(start), _pairs(fds))), fds_theory.closure(start, fds)
    asked = f"the closure of {written(start)} under {'; '.join(map(str, fds)) or 'no dependency'}"
    if not start <= found:
        return Mismatch(asked, written(found), hint="Do you keep the attributes that you start from?")
    for fd in fds:
        if fd.left <= found and not fd.right <= found:
            return Mismatch(
                asked,
                written(found),
                hint=f"Your closure stops too early: {fd} should still fire, all of {written(fd.left)} is reached.",
            )
    hint = f"What gives you {written(found - right)}? A dependency fires only when all of its left side is reached."
    return Mismatch(asked, written(found), hint=hint)


@claim("normalization-6", after=closes)
def changes_no_argument(closure, seed):
    """it leaves the set and the list that it is given as they were"""
    rng = random.Random(seed)
    for letters, fds in _schemas(seed, 250, 6)[:100]:
        start = set(rng.sample(sorted(letters), rng.randint(1, len(letters))))
        if changed := closure.changed_arguments(start, _pairs(fds)):
            raise Mismatch(
                "both arguments to be what they were before the call",
                ("attributes", "fds")[changed[0]] + " was changed",
                hint="Whoever called your function still needs what they passed. Work on a copy.",
            )


@claim("normalization-7", worth=2)
def only_keys(candidate_keys, seed):
    """every set that `candidate_keys` gives is a key: it determines everything, and nothing can be left out"""
    for letters, fds in _schemas(seed, 150, 5):
        found = _keys_found(candidate_keys, letters, fds)
        if not found:
            hint = "Every relation has a key: all of its attributes together determine everything."
            raise Mismatch(_asked_keys(letters, fds), "no key", hint=hint)
        for key in in_key_order(found - fds_theory.candidate_keys(letters, fds)):
            raise _not_a_key(key, letters, fds)


def _keys_found(candidate_keys, letters: frozenset[str], fds: list[FD]) -> set[frozenset[str]]:
    return set(sets_of(candidate_keys(set(letters), _pairs(fds))))


def _asked_keys(letters: frozenset[str], fds: list[FD]) -> str:
    return f"the keys of {written(letters)} under {'; '.join(map(str, fds)) or 'no dependency'}"


def _not_a_key(key: frozenset[str], letters: frozenset[str], fds: list[FD]) -> Mismatch:
    asked = _asked_keys(letters, fds)
    missing = letters - fds_theory.closure(key, fds)
    if missing:
        hint = f"{written(key)} does not determine {written(missing)}: what is its closure?"
        return Mismatch(asked, written(key), hint=hint)
    inside = next(other for other in fds_theory.candidate_keys(letters, fds) if other < key)
    return Mismatch(
        asked,
        f"{written(key)} among them",
        hint=f"{written(inside)} determines everything already, so {written(key)} is not minimal.",
    )


@claim("normalization-7", worth=2, after=only_keys)
def all_keys(candidate_keys, seed):
    """it gives all the keys there are, however long they are"""
    for letters, fds in _schemas(seed, 150, 5):
        found, right = _keys_found(candidate_keys, letters, fds), fds_theory.candidate_keys(letters, fds)
        missing = right - found
        if missing:
            longer = min(map(len, missing)) > max(map(len, found))
            raise Mismatch(
                f"{_asked_keys(letters, fds)}: {len(right)}",
                f"{len(found & right)} of them: " + ", ".join(map(written, in_key_order(found & right))),
                hint="A key with more attributes is a key too, as long as no smaller key lies inside it."
                if longer
                else "A relation can have several keys: do you stop at the first one?",
            )
