"""Keys, minimal covers, faults of a cover and projections, against the definitions tried on every subset."""

import random
import time
from itertools import combinations

from graders.techniques.dependencies import (
    FD,
    candidate_keys,
    closure,
    extraneous_attributes,
    implies,
    is_superkey,
    letters,
    parse_fds,
    prime_attributes,
    project_fds,
    random_fds,
    redundant_dependencies,
    violations_3nf,
)

SCHEMAS = [
    (letters(2 + seed % 5), random_fds(random.Random(seed), letters(2 + seed % 5), seed % 8)) for seed in range(1000)
]


def all_subsets(names):
    names = sorted(names)
    return [frozenset(pick) for size in range(len(names) + 1) for pick in combinations(names, size)]


def slow_keys(attributes, fds):
    """The superkeys, found one by one, that hold no other superkey."""
    superkeys = [subset for subset in all_subsets(attributes) if closure(subset, fds) >= attributes]
    return {key for key in superkeys if not any(other < key for other in superkeys)}


def irreducible(cover):
    """Whether dropping any dependency, or any attribute on a left side, changes what the cover says."""
    for place, fd in enumerate(cover):
        rest = cover[:place] + cover[place + 1 :]
        shorter = [FD(fd.left - {name}, fd.right) for name in fd.left]
        if implies(rest, fd) or any(implies(cover, candidate) for candidate in shorter):
            return False
    return all(len(fd.right) == 1 for fd in cover)


def test_keys_are_the_smallest_superkeys_on_a_thousand_schemas():
    for attributes, fds in SCHEMAS:
        keys = slow_keys(attributes, fds)
        assert candidate_keys(attributes, fds) == keys, fds
        assert prime_attributes(attributes, fds) == frozenset().union(*keys)


def test_a_projection_onto_everything_is_a_minimal_cover_on_a_thousand_schemas():
    for attributes, fds in SCHEMAS:
        cover = project_fds(fds, attributes)
        assert all(implies(cover, fd) for fd in fds) and all(implies(fds, fd) for fd in cover)
        assert irreducible(cover), fds


def test_a_minimal_cover_has_no_fault_and_a_spoiled_one_has():
    for attributes, fds in SCHEMAS:
        cover = project_fds(fds, attributes)
        assert extraneous_attributes(cover) == [] and redundant_dependencies(cover) == []
        for fd in cover[:1]:
            for name in sorted(attributes - fd.attributes)[:1]:
                longer = FD(fd.left | {name}, fd.right)
                assert longer in redundant_dependencies([*cover, longer])
                assert (longer, name) in extraneous_attributes([longer, *cover])


def test_projections_say_what_the_dependencies_say_inside():
    for attributes, fds in SCHEMAS[::2]:
        onto = frozenset(sorted(attributes)[1:])
        projected = project_fds(fds, onto)
        assert all(fd.attributes <= onto for fd in projected) and irreducible(projected)
        for left in all_subsets(onto):
            assert closure(left, projected) == closure(left, fds) & onto, (fds, left)


def test_known_keys():
    fds = parse_fds("A B -> C; C -> A; B C -> D")
    assert candidate_keys("A B C D", fds) == {frozenset("AB"), frozenset("BC")}
    assert candidate_keys("A B", []) == {frozenset("AB")}
    assert candidate_keys("A", [FD((), "A")]) == {frozenset()}
    assert is_superkey("A B D", "A B C D", fds) and not is_superkey("A D", "A B C D", fds)


def test_keys_of_a_part_come_from_the_projection():
    fds = parse_fds("A -> B; B -> C")
    assert candidate_keys("A C", fds) == {frozenset("A")}


def test_faults_are_named():
    fds = parse_fds("A B -> E; A -> B; A -> C; C -> D")
    assert extraneous_attributes(fds) == [(fds[0], "B")]
    assert [str(fd) for fd in redundant_dependencies(parse_fds("A -> B; B -> C; A -> C"))] == ["A -> C"]


def test_a_dependency_that_can_go_as_a_whole_is_not_taken_apart():
    fds = parse_fds("A -> B; B -> C D; A -> C D")
    assert extraneous_attributes(fds) == [] and redundant_dependencies(fds) == fds[2:]


def test_what_is_trivial_has_no_place_in_a_minimal_cover():
    assert project_fds(parse_fds("A B -> A; A -> A B; B -> B"), "A B") == parse_fds("A -> B")


def test_two_dependencies_that_replace_each_other_are_both_named():
    fds = parse_fds("A -> B; B -> A; A -> C; B -> C")
    assert [str(fd) for fd in redundant_dependencies(fds)] == ["A -> C", "B -> C"]
    assert len(project_fds(fds, "A B C")) == 3


def test_twelve_attributes_and_twenty_dependencies_are_fast():
    """Measured at some 20 ms a schema; the bound is a hundred times that."""
    rng = random.Random(12)
    attributes = letters(12)
    start = time.process_time()
    for _ in range(5):
        fds = random_fds(rng, attributes, 20)
        candidate_keys(attributes, fds)
        violations_3nf(attributes, fds)
        project_fds(fds, sorted(attributes)[:11])
    assert time.process_time() - start < 10


def test_many_keys_are_found_all():
    pairs = list(zip("ABCDEF", "GHIJKL", strict=True))
    fds = [FD(one, other) for pair in pairs for one, other in (pair, pair[::-1])]
    assert len(candidate_keys(letters(12), fds)) == 2**6
