"""Does the picture of a fan-out show each row of the join, and say what the sums become?"""

import xml.etree.ElementTree as ET
from itertools import combinations

import pytest
from test_dependency_pictures import texts, words_of

from graders.figures.joins import draw_fan_out

LINES, PAID = [("pump", 1800), ("lamp", 2500), ("bell", 1700)], [("2026-01-01", 4000), ("2026-01-02", 2000)]
CASES = [
    {"order_items": LINES, "payments": PAID},
    {"order_items": LINES[:1], "payments": PAID[:1]},
    {"a table with a very long name": LINES, "b": []},
]


@pytest.mark.parametrize("children", CASES)
def test_no_text_is_cut_off_or_written_over_another(children):
    drawn = draw_fan_out(children)
    x, y, width, height = map(float, ET.fromstring(drawn.svg).get("viewBox").split())
    for words, left, right, base in texts(drawn):
        assert x <= left and right <= x + width, words
        assert y + 10 <= base <= y + height - 2, words
    for one, other in combinations(texts(drawn), 2):
        assert one[2] <= other[1] or other[2] <= one[1] or abs(one[3] - other[3]) >= 13, (one, other)


def test_the_sums_of_the_join_are_those_of_an_engine():
    """Are the sums in the picture and in its words what the joined rows add up to?"""
    drawn = draw_fan_out(CASES[0])
    assert "sums 12000 and 18000" in words_of(drawn)
    assert "The sums become 12000 and 18000." in drawn.words and "has 6 rows" in drawn.words


def test_an_amount_that_comes_again_says_so():
    """Is a repeated amount told from a first one in words, not by colour alone?"""
    words = [text for text, *_ in texts(draw_fan_out(CASES[0]))]
    assert sum(text.endswith(" again") for text in words) == 2 * 6 - 3 - 2
    assert not any(text.endswith(" again") for text, *_ in texts(draw_fan_out(CASES[1])))


def test_two_equal_children_are_two():
    """Is an equal payment, which is another one, not taken for a repeat?"""
    drawn = draw_fan_out({"order_items": LINES[:1], "payments": [("2026-01-01", 100), ("2026-01-01", 100)]})
    words = [text for text, *_ in texts(drawn)]
    assert words.count("100 again") == 0 and "sums 3600 and 200" in words_of(drawn)
