"""Are choices and labels judged by keys that hold no answer in plain sight, and that survive their files?"""

import json

import pytest

from graders.kernel.choices import choice_key
from graders.kernel.claims import CLAIMS, KEY_CLASSES, KEY_MAKERS, KeyRequest
from graders.kernel.exercise import Exercise, make_key, read_key, write_key
from graders.kernel.judge import judge
from graders.techniques.labelling import LabellingExercise, labelling_exercise

OPTIONS = {"a": {"text": "one", "because": "It is.", "right": True}, "b": {"text": "two", "because": "It is not."}}
TEXTS = {letter: option["text"] for letter, option in OPTIONS.items()}


@pytest.mark.parametrize("kind", ["choice", "prediction"])
def test_a_choices_key_is_read_back_as_it_was(kind):
    """Is the key an instance of its class again, after JSON, and does it not spell out the letters?"""
    key = choice_key("trial-1", OPTIONS)
    assert read_key("trial-1", json.loads(json.dumps(write_key(key))), kind) == key
    assert {key.right, *key.each.values()}.isdisjoint({"a", "b", "True", "False"})


@pytest.mark.parametrize(
    ("letters", "score", "hints"), [("a", 1, []), ("b", 0, ["It is not."]), ("a b", 0, ["It is not."])]
)
def test_a_choice_is_right_or_meets_the_reason(letters, score, hints):
    """Is the option that was misjudged explained?"""
    report = judge(Exercise("trial-1", "choice", 1, "", options=TEXTS, key=choice_key("trial-1", OPTIONS)), letters)
    assert (report.score, report.hints) == (score, hints)


@pytest.mark.parametrize(
    ("answer", "score", "hints"),
    [
        ("{'a': 'Phantom-Read', 'B': 'none'}", 2, []),
        ("{'a': 'none', 'b': 'none'}", 1, ["Who comes and goes?"]),
        ("{'a': 'none'}", 0, []),
        ("5", 0, []),
    ],
)
def test_labels_may_be_written_in_other_ways(answer, score, hints):
    """Do capitals, hyphens and synonyms count as the name, and has each letter a claim of its own?"""
    questions = {"a": "Who comes and goes?", "b": "Is there anything?"}
    names = ("phantom", "none")
    labelling_exercise("trial-5", LabellingExercise("trace", names, questions, synonyms={"phantom read": "phantom"}))
    try:
        key = make_key("trial-5", KeyRequest("named = {'a': 'phantom', 'b': 'none'}", 1))
        report = judge(Exercise("trial-5", "python", 2, "named", key=key), f"named = {answer}")
    finally:
        for registry in (CLAIMS, KEY_MAKERS, KEY_CLASSES):
            registry.pop("trial-5")
    assert (report.score, report.hints) == (score, hints)
