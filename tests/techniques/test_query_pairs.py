"""How many wrong answers pass and how many right ones fail, on a corpus of answers as students write them."""

from functools import cache
from pathlib import Path

import pytest
import yaml

from graders.kernel.claims import Attempt, KeyRequest
from graders.kernel.report import Mismatch
from graders.techniques.queries import QueryExercise, make_query_key
from graders.techniques.queries.exercise import gives_the_rows, keeps_the_order, names_the_columns, observe_query

CORPUS = yaml.safe_load(Path(__file__).with_name("query_pairs.yaml").read_text(encoding="utf-8"))
SEEDS = range(5)


@cache
def key_of(number, seed):
    return make_query_key(exercise_in(number), KeyRequest(CORPUS["tasks"][number]["solution"], seed))


def exercise_in(number):
    return QueryExercise(CORPUS["schema"], ordered=CORPUS["tasks"][number].get("ordered", False))


def complaint(number, answer, seed):
    """What the claims say against the answer, or nothing."""
    ordered = exercise_in(number).ordered
    try:
        observed = observe_query(exercise_in(number), Attempt(answer, seed), key_of(number, seed))
        for claim in [names_the_columns, gives_the_rows] + [keeps_the_order] * ordered:
            claim(observed)
    except Mismatch as mismatch:
        return f"expected {mismatch.expected}, found {mismatch.found}"
    return ""


def answers(role):
    return [(number, text) for number, task in enumerate(CORPUS["tasks"]) for text in task[role]]


def test_the_corpus_is_large_enough():
    assert len(CORPUS["tasks"]) >= 12
    assert len(answers("wrong")) >= 48
    assert len(answers("right")) >= 15


@pytest.mark.parametrize("seed", SEEDS)
def test_no_right_answer_is_called_wrong(seed):
    own = [(number, task["solution"]) for number, task in enumerate(CORPUS["tasks"])]
    said = {text: complaint(number, text, seed) for number, text in own + answers("right")}
    assert {text: words for text, words in said.items() if words} == {}


@pytest.mark.parametrize("seed", SEEDS)
def test_at_most_one_wrong_answer_passes(seed):
    missed = [text for number, text in answers("wrong") if not complaint(number, text, seed)]
    assert len(missed) <= 1, missed
