"""Does every engine still do what the lessons say it does?"""

import pytest
from foreseen_answers import LESSONS

FACTS = [
    pytest.param(fact.text, fact.place, id=f"{lesson.name}:{fact.place.line} {sentence[:60]}")
    for lesson in LESSONS.values()
    for sentence, fact in lesson.facts
]


@pytest.mark.parametrize(("text", "place"), FACTS)
def test_facts_hold(text, place):
    """The asserts beside the sentence are run as they stand in the lesson."""
    exec(compile("\n" * place.line + text, str(place.path), "exec"), {"__name__": "fact"})


@pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS)
def test_facts_assert_something(lesson):
    """Can each fact fail, and is there at least one in the lesson?"""
    assert lesson.facts
    assert [sentence for sentence, fact in lesson.facts if "assert " not in fact.text] == []
