"""What was counted and what was expected: drawn, and told in words."""

from graders.figures.bar_charts import draw_counts


def test_counted_and_expected_are_drawn_and_told():
    drawn = draw_counts({"read, then write": 118, "one statement": 400}, expected=400)
    assert drawn.words == "read, then write: 118 of 400 counted, 282 lost. one statement: all 400 counted."
    assert "✗ 118" in drawn.svg and "✓ 400" in drawn.svg
