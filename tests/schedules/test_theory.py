"""Do conflict graphs and the names of anomalies agree with their definitions, tried by brute force?"""

import random
from itertools import permutations

import pytest
from phenomena import anomalies_in

from graders.techniques.schedules import build_conflict_graph, parse_history
from graders.techniques.schedules.schedule import Operation, conflicts, transactions


def random_history(rng):
    """Up to three transactions of up to four operations on two items, interleaved."""
    programs = [
        [Operation(rng.choice("rw"), str(who), rng.choice("xy")) for _ in range(rng.randint(1, 4))]
        for who in range(1, rng.randint(2, 3) + 1)
    ]
    made = []
    while any(programs):
        made.append(rng.choice([program for program in programs if program]).pop(0))
    return tuple(made)


def serial(operations, order):
    return [operation for name in order for operation in operations if operation.transaction == name]


def outcome(operations):
    """What a history means: the write that each read sees, and the last write of each item, writes being opaque."""
    last, seen, counts = {}, [], {}
    for operation in operations:
        number = counts[operation.transaction] = counts.get(operation.transaction, 0) + 1
        if operation.kind == "w":
            last[operation.item] = (operation.transaction, number)
        else:
            seen.append((operation.transaction, number, last.get(operation.item)))
    return sorted(seen, key=repr), last


def conflict_serialisable(operations):
    return build_conflict_graph(operations).serial_order() is not None


def by_brute_force(operations):
    """Whether some serial order has the same pairs of conflicting operations, each in the same order."""

    def marked(sequence):
        counts = {}
        for operation in sequence:
            number = counts[operation.transaction] = counts.get(operation.transaction, 0) + 1
            yield Operation(operation.kind, operation.transaction, operation.item), number

    def ordered_conflicts(sequence):
        sequence = list(marked(sequence))
        return {
            (a, b)
            for place, a in enumerate(sequence)
            for b in sequence[place + 1 :]
            if a[0].transaction != b[0].transaction and a[0].item == b[0].item and "w" in (a[0].kind, b[0].kind)
        }

    numbered = ordered_conflicts(operations)
    orders = permutations(transactions(operations))
    return any(ordered_conflicts(serial(operations, order)) == numbered for order in orders)


def test_a_thousand_random_histories_agree_with_brute_force():
    """Is a history conflict-serialisable exactly if some serial order has the same conflicts?"""
    rng = random.Random(7)
    answers = []
    for _ in range(1_000):
        made = random_history(rng)
        answers.append(conflict_serialisable(made))
        assert answers[-1] == by_brute_force(made), " ".join(map(str, made))
        if answers[-1]:
            order = build_conflict_graph(made).serial_order()
            assert outcome(serial(made, order)) == outcome(made), "the serial order reads and leaves the same"
    assert 200 < sum(answers) < 800


def test_a_blind_write_is_view_serialisable_only():
    """Is the textbook's history, serialisable by its result but with a cycle of conflicts, told apart?"""
    made = parse_history("r1(x) w2(x) w1(x) w3(x) c1 c2 c3")
    assert not conflict_serialisable(made)
    assert any(outcome(serial(made, order)) == outcome(made) for order in permutations("123"))


def test_a_cycle_is_shown_with_its_conflicts():
    """Do the edges name the operations that make them?"""
    graph = build_conflict_graph(parse_history("r1(x) r2(x) w1(x) w2(x) c1 c2"))
    assert {edge: [f"{a} {b}" for a, b in pairs] for edge, pairs in graph.edges.items()} == {
        ("1", "2"): ["r1(x) w2(x)", "w1(x) w2(x)"],
        ("2", "1"): ["r2(x) w1(x)"],
    }
    assert set(graph.cycle()) == {"1", "2"} and graph.cycle()[0] == graph.cycle()[-1]
    assert all(edge in graph.edges for edge in zip(graph.cycle(), graph.cycle()[1:], strict=False))


def test_an_aborted_transaction_has_no_conflicts():
    """Is what was rolled back left out?"""
    made = parse_history("r1(x) r2(x) w1(x) w2(x) c1 a2")
    assert build_conflict_graph(made).nodes == ("1",)
    assert list(conflicts(made)) == []


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("r1(x) w1(x) c1 r2(x) w2(x) c2", []),
        ("w1(x) w2(x) w2(y) c2 w1(y) c1", ["dirty write"]),
        ("w1(x) r2(x) a1 c2", ["dirty read"]),
        ("w1(x) r2(x) w1(x) c1 c2", ["dirty read"]),
        ("w1(x) c1 r2(x) c2", []),
        ("r1(x) r2(x) w2(x) c2 w1(x) c1", ["lost update"]),
        ("r1(x) r2(x) w2(x) c2 w1(x) a1", []),
        ("r1(x) w2(x) c2 r1(x) c1", ["non-repeatable read"]),
        ("r1(x) w2(x) a2 r1(x) c1", []),
        ("r1(x) w2(x) w2(y) c2 r1(y) c1", ["read skew"]),
        ("r1(x) r1(y) r2(x) r2(y) w1(y) w2(x) c1 c2", ["write skew"]),
        ("r1(x) r1(y) w1(y) c1 r2(x) r2(y) w2(x) c2", []),
        ("r1(P) w2(y in P) c2 r1(P) c1", ["phantom"]),
        ("r1(P) r2(P) w1(x in P) w2(y in P) c1 c2", ["write skew"]),
        ("r1(P) w2(y) c2 r1(P) c1", []),
    ],
)
def test_anomalies_have_their_names(text, names):
    """Is each anomaly named, and a history without one left alone?"""
    assert [anomaly.name for anomaly in anomalies_in(parse_history(text))] == names


def test_what_is_no_history_is_refused():
    """Is a slip in a history an error that quotes it?"""
    with pytest.raises(ValueError, match="x1"):
        parse_history("r1(x) x1(y)")


def test_a_history_reads_back_as_it_was_written():
    """Does writing a history and reading it give the same?"""
    made = parse_history("r1(x) w2(y in P) c1 a2")
    assert " ".join(map(str, made)) == "r1(x) w2(y in P) c1 a2"
