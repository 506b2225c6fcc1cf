"""What tables took and refused: drawn, and told in words."""

from graders.figures.acceptance import draw_acceptance, draw_battery
from graders.figures.schemas import TableBox
from graders.techniques.batteries import BatteryExercise, Column, Table, Whole, observe_tables

STARS = BatteryExercise((Table("stars", (Column("star_id", Whole(1)), Column("points", Whole(1, 5)))),))


def test_a_battery_is_drawn_rule_by_rule():
    """Is what went the wrong way framed, and counted in words?"""
    script = "CREATE TABLE stars (star_id INTEGER PRIMARY KEY CHECK (star_id > 0), points INTEGER NOT NULL) STRICT"
    drawn = draw_battery(observe_tables(STARS, script, 1).findings)
    assert "the others: 8 of stars.points." in drawn.words
    assert drawn.svg.count(">✗<") == 8 and "stars.points" in drawn.svg


def test_the_tables_are_drawn_beside_the_battery():
    """Does the diagram beside the cells mark the column whose rule was broken, and no other?"""
    script = "CREATE TABLE stars (star_id INTEGER PRIMARY KEY CHECK (star_id > 0), points INTEGER NOT NULL) STRICT"
    tried = observe_tables(STARS, script, 1)
    assert "bold" not in draw_battery(tried.findings).svg
    drawn = draw_battery(tried.findings, tried.definitions).svg
    assert drawn.count("bold") == 1 and "INTEGER NOT NULL" in drawn
    (table,) = tried.definitions
    boxes = [TableBox(table, frozenset({name})).block.body for name in ("points", "star_id")]
    assert boxes[0] in drawn and boxes[1] not in drawn


def test_the_answers_of_engines_are_drawn_apart():
    """Do cells say what was stored, and what was refused?"""
    drawn = draw_acceptance(["'abc'"], {"one": ["stored as text"], "two": ["refused"]})
    assert drawn.words == "one takes 1 of 1; two takes 0 of 1."
    assert "stored as text" in drawn.svg and "refused" in drawn.svg
