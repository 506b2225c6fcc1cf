"""Is a night drawn with each of its events, what broke at its place, and the same facts in words?"""

from graders.figures.shop_nights import describe_shop_night, draw_shop_night
from graders.techniques.scenarios import Copy, Deletion, Order, Rush, ScenarioRun, Violation

EVENTS = (Rush((Order("Ada", 1, ((3, 1),), "k"),)), Copy(), Deletion(4))
BROKEN = (Violation("accounted", 2, "order 2 of customer 4 is gone"),)


def test_marks_where_a_promise_breaks_and_says_so_in_words():
    picture = draw_shop_night(ScenarioRun(EVENTS, BROKEN, {}))
    assert picture.svg.count(">×<") == 1 and picture.svg.count("<rect") == 3
    assert "1 × orders, 1 × copy, 1 × deletion" in picture.words
    assert "accounted at 21:14: order 2 of customer 4 is gone" in picture.words
    assert picture.caption == "A promise broke at 21:14."


def test_a_sound_night_has_no_mark():
    run = ScenarioRun(EVENTS, (), {})
    assert "×<" not in draw_shop_night(run).svg
    assert describe_shop_night(run).endswith("No promise is broken.")
    assert draw_shop_night(run).caption == "A night of 3 events, after each of which every promise holds."
