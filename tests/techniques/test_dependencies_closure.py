"""Closures and implication, against slow but plain ways to find the same."""

import random
from itertools import combinations, product

import pytest

from graders.techniques.dependencies import (
    FD,
    attribute_set,
    closure,
    closure_steps,
    implies,
    letters,
    parse_fds,
    random_fds,
)

SCHEMAS = [
    (letters(2 + seed % 4), random_fds(random.Random(seed), letters(2 + seed % 4), seed % 7)) for seed in range(1000)
]


def all_subsets(names):
    names = sorted(names)
    return [frozenset(pick) for size in range(len(names) + 1) for pick in combinations(names, size)]


def slow_closure(attributes, fds):
    """The meet of all sets that hold `attributes` and are closed under every dependency."""
    universe = frozenset(attributes).union(*(fd.attributes for fd in fds))
    closed = [
        candidate
        for candidate in all_subsets(universe)
        if attributes <= candidate and all(fd.right <= candidate for fd in fds if fd.left <= candidate)
    ]
    return frozenset.intersection(*closed)


def obeys(rows, fd):
    """Whether rows (dictionaries) that agree on the left agree on the right, pair by pair."""
    return all(
        any(one[name] != other[name] for name in fd.left) or all(one[name] == other[name] for name in fd.right)
        for one, other in combinations(rows, 2)
    )


def two_row_relations(attributes):
    names = sorted(attributes)
    for second in product((0, 1), repeat=len(names)):
        yield [dict.fromkeys(names, 0), dict(zip(names, second, strict=True))]


def test_closure_is_the_smallest_closed_set_on_a_thousand_schemas():
    for attributes, fds in SCHEMAS:
        for start in all_subsets(attributes):
            assert closure(start, fds) == slow_closure(start, fds), (start, fds)


def test_a_dependency_is_implied_exactly_if_no_two_rows_refute_it():
    rng = random.Random(7)
    for attributes, fds in SCHEMAS:
        legal = [rows for rows in two_row_relations(attributes) if all(obeys(rows, fd) for fd in fds)]
        for _ in range(4):
            left, right = (frozenset(rng.sample(sorted(attributes), rng.randint(0, 2))) for _ in "lr")
            fd = FD(left, right)
            assert implies(fds, fd) == all(obeys(rows, fd) for rows in legal), (fd, fds)


def test_steps_add_something_each_time_and_end_at_the_closure():
    for attributes, fds in SCHEMAS:
        start = frozenset(sorted(attributes)[:1])
        reached = start
        for step in closure_steps(start, fds):
            assert step.fd in fds and step.fd.left <= reached
            assert step.added and step.added == step.fd.right - reached
            reached |= step.added
            assert step.reached == reached
        assert reached == closure(start, fds)


def test_steps_name_what_fired():
    steps = closure_steps("A B", parse_fds("C -> D; A B -> C"))
    assert [(str(step.fd), sorted(step.added)) for step in steps] == [("A B -> C", ["C"]), ("C -> D", ["D"])]


def test_an_empty_left_side_is_a_constant():
    assert closure((), [FD((), "A"), FD("A", "B")]) == {"A", "B"}


def test_arguments_are_left_as_they_were():
    start, fds = {"A"}, parse_fds("A -> B")
    closure(start, fds)
    assert start == {"A"} and fds == parse_fds("A -> B")


def test_dependencies_read_and_write_the_same():
    fds = parse_fds("student, course -> instructor; instructor → course\n {B A} -> C")
    assert [str(fd) for fd in fds] == ["course student -> instructor", "instructor -> course", "A B -> C"]
    assert parse_fds("; ".join(map(str, fds))) == fds
    assert parse_fds("{} -> A") == [FD(frozenset(), frozenset("A"))]
    assert FD("A B", ["C"]) == FD({"B", "A"}, "C")
    assert attribute_set("AB") == {"AB"}


@pytest.mark.parametrize("text", ["A B C", "A -> B -> C", "A ->"])
def test_what_is_no_dependency_is_refused_with_the_piece(text):
    with pytest.raises(ValueError, match="expected .* found"):
        parse_fds(text)


def test_random_schemas_repeat_and_say_something():
    for seed in range(50):
        fds = random_fds(random.Random(seed), letters(6), 5)
        assert fds == random_fds(random.Random(seed), letters(6), 5)
        assert len(set(fds)) == 5 and not any(fd.is_trivial for fd in fds)
    assert random_fds(random.Random(1), "A", 3) == []
    assert len(random_fds(random.Random(1), "A B", 9)) == 2
    with pytest.raises(ValueError, match="0 to 26"):
        letters(27)
