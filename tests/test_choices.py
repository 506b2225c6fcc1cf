"""Are choices and labels judged by keys that hold no answer in plain sight, and that survive their files?"""

import dataclasses
import hashlib
import json

import pytest

from graders.kernel.choices import choice_key
from graders.kernel.claims import CLAIMS, KEY_CLASSES, KEY_MAKERS, KeyRequest
from graders.kernel.exercise import (
    Exercise,
    key_file,
    list_lessons,
    make_key,
    read_key,
    seal,
    stretch,
    unseal,
    write_key,
)
from graders.kernel.judge import judge
from graders.techniques.labelling import LabellingExercise, labelling_exercise

OPTIONS = {"a": {"text": "one", "because": "It is.", "right": True}, "b": {"text": "two", "because": "It is not."}}
TEXTS = {letter: option["text"] for letter, option in OPTIONS.items()}


@pytest.mark.parametrize("kind", ["choice", "prediction"])
def test_a_choices_key_is_read_back_as_it_was(kind):
    """Is the key an instance of its class again, after JSON, and does it not spell out the letters?"""
    key = choice_key("trial-1", OPTIONS)
    assert read_key("trial-1", json.loads(json.dumps(write_key(key))), kind) == key
    written = json.dumps(write_key(key))
    assert not [words for words in ("It is.", "It is not.", "true", "True") if words in written]


@pytest.mark.parametrize("lesson", list_lessons())
def test_key_files_say_of_no_option_whether_it_is_right(lesson):
    """Is nothing of a choice in its key file but its texts, its count and what is sealed?"""
    for plain in key_file(lesson)["exercises"].values():
        if plain["kind"] in ("choice", "prediction"):
            key = read_key(plain["name"], plain["key"], plain["kind"])
            assert dataclasses.asdict(key).keys() == {"count", "sealed"}
            assert not [one for one in key.sealed.values() if " " in one]


def test_what_is_sealed_opens_for_its_own_words_alone():
    """Is the same text sealed otherwise in each exercise and for each letter, and opened at a price?"""
    sealed = {seal("It is.", exercise, letter) for exercise in ("one", "two") for letter in "ab"}
    assert len(sealed) == 4
    assert unseal(seal("It is. é", "one", "a"), "one", "a") == "It is. é"
    assert all("It is" not in one for one in sealed)


def test_sealing_costs_what_scrypt_costs(monkeypatch):
    """Does each letter cost one scrypt of 2 MB, which is kept, so that a check pays once?"""
    paid = []
    real = hashlib.scrypt
    monkeypatch.setattr(hashlib, "scrypt", lambda *words, **cost: paid.append(cost) or real(*words, **cost))
    for _ in range(3):
        stretch("only-in-this-test", "a")
    assert [(cost["n"] * cost["r"] * 128, cost["salt"]) for cost in paid] == [(2 << 20, b"only-in-this-test")]


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
