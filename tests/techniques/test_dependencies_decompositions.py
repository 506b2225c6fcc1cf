"""Normal forms, decompositions, the chase, and instances that show what is lost, judged by definition."""

import random
from itertools import combinations

import pytest

from graders.techniques.dependencies import (
    Relation,
    attributes_of,
    candidate_keys,
    chase,
    closure,
    find_broken_rule,
    find_spurious_join,
    holds_on,
    join_all,
    letters,
    lost_dependencies,
    parse_fds,
    project_fds,
    random_fds,
    violations_3nf,
    violations_bcnf,
)

SCHEMAS = [
    (letters(3 + seed % 4), random_fds(random.Random(seed), letters(3 + seed % 4), 1 + seed % 6))
    for seed in range(1000)
]
TEACHING = "student course instructor"
TEACHING_FDS = parse_fds("student course -> instructor; instructor -> course")


def all_subsets(names):
    names = sorted(names)
    return [frozenset(pick) for size in range(len(names) + 1) for pick in combinations(names, size)]


def slow_normal_form(relation, fds):
    """The definitions, asked of every left side and every attribute."""
    keys = candidate_keys(relation, fds)
    prime = frozenset().union(*keys)
    facts = [(left, closure(left, fds) & relation) for left in all_subsets(relation)]
    if any(left < key and reached - prime - left for left, reached in facts for key in keys):
        return "1NF"
    if any(reached != relation and reached - left - prime for left, reached in facts):
        return "2NF"
    return "3NF" if any(reached != relation and reached - left for left, reached in facts) else "BCNF"


def random_parts(rng, attributes):
    """Two to four overlapping parts that cover the attributes."""
    names = sorted(attributes)
    parts = [set(rng.sample(names, rng.randint(1, len(names) - 1))) for _ in range(rng.randint(2, 4))]
    for name in attributes - set().union(*parts):
        rng.choice(parts).add(name)
    return [frozenset(part) for part in parts]


def plain_join(tables):
    """The natural join of (columns, rows) by trying every combination of rows, as a set of sorted items."""
    joined = [{}]
    for columns, rows in tables:
        dictionaries = [dict(zip(columns, row, strict=True)) for row in rows]
        joined = [
            one | other
            for one in joined
            for other in dictionaries
            if all(one.get(name, value) == value for name, value in other.items())
        ]
    return {tuple(sorted(row.items())) for row in joined}


def plain(relation):
    return {tuple(sorted(zip(relation.columns, row, strict=True))) for row in relation.rows}


def form_by_violations(relation, fds):
    """ "3NF" and "BCNF" where nothing breaks them; "" for what is below."""
    if violations_3nf(relation, fds):
        return ""
    return "3NF" if violations_bcnf(relation, fds) else "BCNF"


def test_violations_follow_the_definitions_on_a_thousand_schemas():
    met = set()
    for attributes, fds in SCHEMAS:
        form = slow_normal_form(attributes, fds)
        met.add(form)
        assert form_by_violations(attributes, fds) == (form if form in ("3NF", "BCNF") else ""), fds
    assert met == {"1NF", "2NF", "3NF", "BCNF"}


def test_violations_of_parts_follow_the_definitions():
    for attributes, fds in SCHEMAS[::3]:
        part = frozenset(sorted(attributes)[1:])
        form = slow_normal_form(part, fds)
        assert form_by_violations(part, fds) == (form if form in ("3NF", "BCNF") else ""), fds


def test_the_chase_of_two_parts_agrees_with_their_intersection():
    rng = random.Random(3)
    verdicts = {True: 0, False: 0}
    for attributes, fds in SCHEMAS:
        one = frozenset(rng.sample(sorted(attributes), rng.randint(1, len(attributes) - 1)))
        other = (attributes - one) | frozenset(rng.sample(sorted(one), rng.randint(0, len(one))))
        reached = closure(one & other, fds)
        lossless = one <= reached or other <= reached
        verdicts[lossless] += 1
        assert chase(attributes, [one, other], fds).lossless == lossless, (one, other, fds)
    assert min(verdicts.values()) > 200


def test_each_step_of_a_chase_only_makes_agreeing_rows_equal():
    rng = random.Random(4)
    for attributes, fds in SCHEMAS[::2]:
        result = chase(attributes, random_parts(rng, attributes), fds)
        before = result.start
        for step in result.steps:
            assert step.before == before and step.changed
            places = {name: result.columns.index(name) for name in step.fd.attributes}
            for row in step.rows[1:]:
                assert all(before[row][places[name]] == before[step.rows[0]][places[name]] for name in step.fd.left)
                assert all(step.after[row][places[n]] == step.after[step.rows[0]][places[n]] for n in step.fd.right)
            assert all(step.after[row][col] < before[row][col] for row, col in step.changed)
            before = step.after
        if not result.lossless:
            assert all(holds_on(result.final, result.columns, fd) for fd in fds)


def test_spurious_rows_are_what_they_claim_on_a_thousand_schemas():
    rng = random.Random(5)
    lossy = longer = 0
    for attributes, fds in SCHEMAS:
        parts = random_parts(rng, attributes)
        example = find_spurious_join(attributes, parts, fds)
        assert (example is None) == chase(attributes, parts, fds).lossless
        if example is None:
            continue
        lossy += 1
        longer += len(example.relation.rows) > 2
        assert len(example.relation.rows) <= max(2, len(parts))
        assert all(holds_on(example.relation.rows, example.relation.columns, fd) for fd in fds)
        assert [frozenset(part.columns) for part in example.parts] == parts
        assert all(set(part.rows) == set(example.relation.project(part.columns).rows) for part in example.parts)
        joined = plain_join([(part.columns, part.rows) for part in example.parts])
        assert joined == plain(example.joined)
        spurious = {tuple(sorted(zip(example.joined.columns, row, strict=True))) for row in example.spurious}
        assert spurious == joined - plain(example.relation) and spurious
    assert lossy > 200 and longer > 0


def test_three_parts_in_a_ring_need_three_rows():
    example = find_spurious_join("A B C", ["A B", "B C", "C A"], [])
    assert len(example.relation.rows) == 3 and example.spurious == (("a1", "b1", "c1"),)


def test_lost_dependencies_are_those_that_the_projections_do_not_imply():
    rng = random.Random(6)
    for attributes, fds in SCHEMAS:
        parts = random_parts(rng, attributes)
        local = [fd for part in parts for fd in project_fds(fds, part)]
        slow = [fd for fd in fds if not fd.right <= closure(fd.left, local)]
        assert lost_dependencies(fds, parts) == slow, (fds, parts)


def test_violating_rows_are_locally_legal_and_break_the_rule_when_joined():
    rng = random.Random(8)
    shown = 0
    for attributes, fds in SCHEMAS:
        parts = random_parts(rng, attributes)
        lost = lost_dependencies(fds, parts)
        for fd in fds:
            broken = find_broken_rule(attributes, parts, fds, fd)
            assert (broken is not None) == (fd in lost)
            if broken is None:
                continue
            shown += 1
            for part in broken.parts:
                assert len(part.rows) <= 2
                assert all(holds_on(part.rows, part.columns, local) for local in project_fds(fds, part.columns))
            assert plain_join([(part.columns, part.rows) for part in broken.parts]) == plain(broken.joined)
            assert set(broken.pair) <= set(broken.joined.rows)
            assert not holds_on(broken.pair, broken.joined.columns, fd)
    assert shown > 200


def test_teaching_is_in_3nf_and_a_split_into_bcnf_loses_a_rule():
    assert form_by_violations(TEACHING, TEACHING_FDS) == "3NF"
    assert [str(one) for one in violations_bcnf(TEACHING, TEACHING_FDS)] == [
        "instructor -> course breaks BCNF: instructor is not a superkey of course instructor student"
    ]
    parts = ["instructor course", "instructor student"]
    assert all(form_by_violations(part, TEACHING_FDS) == "BCNF" for part in parts)
    assert lost_dependencies(TEACHING_FDS, parts) == TEACHING_FDS[:1]
    broken = find_broken_rule(TEACHING, parts, TEACHING_FDS, TEACHING_FDS[0])
    assert broken.pair == (
        ("student1", "course1", "instructor1"),
        ("student1", "course1", "instructor2"),
    )


def test_violations_say_why():
    fds = parse_fds("A B -> C; A -> D; C -> E")
    assert [str(one) for one in violations_3nf("A B C D E", fds)] == [
        "A -> D breaks 3NF: A is not a superkey, and D is in no key",
        "C -> E breaks 3NF: C is not a superkey, and E is in no key",
    ]


def test_parts_must_be_parts_of_the_relation():
    with pytest.raises(ValueError, match="the parts leave out C"):
        chase("A B C", ["A B"], [])
    with pytest.raises(ValueError, match="has no attribute D"):
        chase("A B C", ["A B", "C D"], [])
    with pytest.raises(ValueError, match="X is not among the attributes"):
        find_broken_rule("A B", ["A", "B"], [], parse_fds("A -> X")[0])


def test_attributes_covered_is_not_yet_lossless():
    """Order lines without the product cover every attribute and still invent rows."""
    relation, fds = "order product customer price", parse_fds("order -> customer; product -> price")
    parts = ["order customer", "order price", "product price"]
    assert attributes_of(fds) == set(relation.split())
    assert not chase(relation, parts, fds).lossless
    assert chase(relation, ["order customer", "order product", "product price"], fds).lossless


def test_a_join_without_shared_columns_pairs_everything():
    one, other = Relation(("a",), ((1,), (2,))), Relation(("b",), ((3,), (4,)))
    assert join_all([one, other], ("b", "a")).rows == ((3, 1), (4, 1), (3, 2), (4, 2))
