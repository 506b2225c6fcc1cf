"""How many wrong answers pass and how many right ones fail, on corpora of answers as students write them."""

from functools import cache
from pathlib import Path

import pytest
import yaml

from graders.kernel.claims import Attempt, KeyRequest
from graders.kernel.report import Mismatch
from graders.techniques.queries import QueryExercise, make_query_key
from graders.techniques.queries.exercise import gives_the_rows, keeps_the_order, names_the_columns, observe_query

NAMES = ("query_pairs", "aggregate_pairs")
CORPORA = {name: yaml.safe_load(Path(__file__).with_name(f"{name}.yaml").read_text(encoding="utf-8")) for name in NAMES}
SEEDS = range(5)


@cache
def key_of(corpus, number, seed):
    return make_query_key(exercise_in(corpus, number), KeyRequest(CORPORA[corpus]["tasks"][number]["solution"], seed))


def exercise_in(corpus, number):
    return QueryExercise(CORPORA[corpus]["schema"], ordered=CORPORA[corpus]["tasks"][number].get("ordered", False))


def complaint(corpus, number, answer, seed):
    """What the claims say against the answer, or nothing."""
    ordered = exercise_in(corpus, number).ordered
    try:
        observed = observe_query(exercise_in(corpus, number), Attempt(answer, seed), key_of(corpus, number, seed))
        for claim in [names_the_columns, gives_the_rows] + [keeps_the_order] * ordered:
            claim(observed)
    except Mismatch as mismatch:
        return f"expected {mismatch.expected}, found {mismatch.found}"
    return ""


def answers(corpus, role):
    return [(number, text) for number, task in enumerate(CORPORA[corpus]["tasks"]) for text in task[role]]


def test_the_corpora_are_large_enough():
    assert [len(CORPORA[name]["tasks"]) for name in NAMES] >= [12, 10]
    assert sum(len(answers(name, "wrong")) for name in NAMES) >= 100
    assert sum(len(answers(name, "right")) for name in NAMES) >= 30


@pytest.mark.parametrize("corpus", NAMES)
@pytest.mark.parametrize("seed", SEEDS)
def test_no_right_answer_is_called_wrong(corpus, seed):
    own = [(number, task["solution"]) for number, task in enumerate(CORPORA[corpus]["tasks"])]
    said = {text: complaint(corpus, number, text, seed) for number, text in own + answers(corpus, "right")}
    assert {text: words for text, words in said.items() if words} == {}


@pytest.mark.parametrize(("corpus", "passing"), [("query_pairs", 1), ("aggregate_pairs", 0)])
@pytest.mark.parametrize("seed", SEEDS)
def test_hardly_a_wrong_answer_passes(corpus, passing, seed):
    missed = [text for number, text in answers(corpus, "wrong") if not complaint(corpus, number, text, seed)]
    assert len(missed) <= passing, missed
