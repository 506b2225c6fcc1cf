"""Do the pictures of the lesson on injection mark what they say, and say it in words?"""

import pytest

from graders.figures.bar_charts import describe_guess_rates, draw_guess_rates, format_seconds
from graders.figures.line_charts import describe_extraction, draw_extraction
from graders.figures.statements import (
    BROKEN,
    CODE,
    DATA,
    classify_words,
    draw_parse_trees,
    draw_statement,
    list_parse_tree,
)

MADE = "SELECT a FROM t WHERE b = '{}' AND c = 'x'"


def kinds(statement, sent, kind):
    return [word for word, found in classify_words(statement, sent) if found == kind]


@pytest.mark.parametrize("sent", ["Ada", "it''s", "100%", "雪"])
def test_an_honest_value_is_data(sent):
    assert kinds(MADE.format(sent), sent, DATA) == [f"'{sent}'"]
    assert kinds(MADE.format(sent), sent, CODE) == []


def test_what_becomes_code_is_marked_with_a_sign_and_a_word():
    sent = "' OR 1=1 -- "
    assert kinds(MADE.format(sent), sent, CODE) == ["OR", "1", "=", "1", "-- ' AND c = 'x'"]
    drawn = draw_statement(MADE.format(sent), sent)
    assert drawn.svg.count("code ◀") == 5
    assert "The engine reads as SQL what was meant as data: OR 1 = 1" in drawn.words


def test_a_number_is_data_and_what_follows_it_is_code():
    sent = "1 OR 1"
    statement = f"SELECT a FROM t WHERE b = {sent}"
    assert (kinds(statement, sent, DATA), kinds(statement, sent, CODE)) == (["1"], ["OR", "1"])


def test_a_statement_that_cannot_be_read_shows_what_breaks_it():
    assert kinds(MADE.format("O'Brien"), "O'Brien", BROKEN) == ["O'Brien"]
    assert "a quote stays open" in draw_statement(MADE.format("O'Brien"), "O'Brien").words


def test_a_parameter_stands_nowhere_in_the_text():
    assert "None of it stands in the text" in draw_statement("SELECT a FROM t WHERE b = ?", "Ada").words


def test_new_branches_of_the_tree_are_marked():
    drawn = draw_parse_trees(MADE.format("Ada"), MADE.format("' OR 1=1 -- "))
    assert "New in the second: OR, value 1, value 1." in drawn.words
    assert drawn.svg.count("◀ new") == 3
    assert list(list_parse_tree("SELECT a FROM t WHERE b <= 3", "SQLite"))[-3:] == [
        (2, "<="),
        (3, "column b"),
        (3, "value 3"),
    ]


def test_extraction_is_drawn_as_it_happens():
    assert describe_extraction({"one by one": []}) == "No question yet."
    drawn = draw_extraction({"one by one": [(40, "a"), (90, "ab")], "by halves": []}, 3)
    assert drawn.words == "one by one: 2 characters after 90 questions."
    assert drawn.svg.count("<polyline") == 2


def test_guess_rates_are_on_a_scale_of_powers():
    rates = {"fast": 1_000_000.0, "slow": 2.0}
    assert "fast allows 500,000 times as many guesses as slow" in describe_guess_rates(rates)
    assert "10,000 guesses in 10 ms" in draw_guess_rates(rates).svg
    assert [format_seconds(seconds) for seconds in (7200, 90, 3, 0.05)] == ["2 h", "1.5 min", "3 s", "50 ms"]
