"""Do the pictures of what a mapper sends say what was sent, and how long it waits?"""

import xml.etree.ElementTree as ET
from itertools import combinations

import pytest
from test_dependency_pictures import SVG, texts, words_of

from graders.figures.sent_statements import draw_sent_statements, draw_waterfall, group_statements
from graders.techniques.attacks import SentStatement

BOOKS = SentStatement("SELECT * FROM books")
REVIEWS = [SentStatement("SELECT * FROM reviews WHERE ? = book_id", (number,)) for number in range(12)]
LONG = SentStatement("SELECT " + ", ".join(f"column_{number}" for number in range(40)), {"author": "Pia O'Neill " * 9})
LATENCIES = {"same computer": 0.05, "another city": 20}


def pictures():
    yield draw_sent_statements([BOOKS, *REVIEWS])
    yield draw_sent_statements([LONG])
    yield draw_sent_statements([])
    yield draw_waterfall({"lazy": 13, "selectinload": 2}, LATENCIES)
    yield draw_waterfall({"one": 1}, LATENCIES)
    yield draw_waterfall({"a thousand books, one after another": 1001, "b": 2}, LATENCIES)


@pytest.mark.parametrize("drawn", list(pictures()))
def test_no_text_is_cut_off_or_written_over_another(drawn):
    x, y, width, height = map(float, ET.fromstring(drawn.svg).get("viewBox").split())
    for words, left, right, base in texts(drawn):
        assert x <= left and right <= x + width, words
        assert y + 10 <= base <= y + height - 2, words
    for one, other in combinations(texts(drawn), 2):
        assert one[2] <= other[1] or other[2] <= one[1] or abs(one[3] - other[3]) >= 13, (one, other)


def test_statements_that_differ_in_parameters_are_drawn_once():
    assert [(first, last) for first, last, _ in group_statements([BOOKS, *REVIEWS, BOOKS])] == [
        (1, 1),
        (2, 13),
        (14, 14),
    ]
    drawn = draw_sent_statements([BOOKS, *REVIEWS])
    assert "2–13" in words_of(drawn) and "[0], then others" in words_of(drawn)
    assert drawn.words.startswith(
        "13 statements reached the driver. Statement 1: SELECT * FROM books, without parameters"
    )


def test_a_value_beside_the_statement_is_not_in_its_text():
    drawn = draw_sent_statements([SentStatement("SELECT 1 FROM books WHERE author = ?", ("Pia O'Neill",))])
    assert '["Pia O\'Neill"]' in words_of(drawn)
    assert drawn.words == (
        "1 statement reached the driver. "
        'Statement 1: SELECT 1 FROM books WHERE author = ?, with ["Pia O\'Neill"] beside it.'
    )


def test_each_statement_is_a_step_and_the_waits_add_up():
    drawn = draw_waterfall({"lazy": 13, "selectinload": 2}, LATENCIES)
    stairs = [node for node in ET.fromstring(drawn.svg).iter(f"{SVG}rect") if node.get("height") == "7"]
    assert len(stairs) == 15
    assert {"260 ms", "40 ms", "0.65 ms", "0.1 ms", "lazy: 13 statements, 13 waits"} <= set(words_of(drawn))
    assert "in all 0.65 ms (same computer), 260 ms (another city)" in drawn.words
    assert "20 s (another city)" in draw_waterfall({"a thousand books": 1001}, LATENCIES).words
