"""Does a diff change the lines that it names, and say which of its lines fit nowhere?"""

import pytest

from graders.course.reading import apply_diff

SOLUTION = "BEGIN;\nDROP INDEX i;\n\nDROP TABLE t;\nCOMMIT;\nDROP INDEX i;"


@pytest.mark.parametrize(
    ("diff", "changed"),
    [
        ("-DROP TABLE t;", "BEGIN;\nDROP INDEX i;\n\nCOMMIT;\nDROP INDEX i;"),
        (" BEGIN;\n-DROP INDEX i;\n+DROP VIEW v;", "BEGIN;\nDROP VIEW v;\n\nDROP TABLE t;\nCOMMIT;\nDROP INDEX i;"),
        ("-BEGIN;\n@@\n COMMIT;\n+SELECT 1;", "DROP INDEX i;\n\nDROP TABLE t;\nCOMMIT;\nSELECT 1;\nDROP INDEX i;"),
        (" DROP INDEX i;\n\n-DROP TABLE t;", "BEGIN;\nDROP INDEX i;\n\nCOMMIT;\nDROP INDEX i;"),
    ],
)
def test_a_diff_changes_the_lines_it_names(diff, changed):
    """Are lines dropped and added in their places, hunk by hunk, blank lines included?"""
    assert apply_diff(SOLUTION, diff) == changed


@pytest.mark.parametrize(
    ("diff", "words"),
    [
        ("-DROP INDEX i;", "from `-DROP INDEX i;` on fit 2 places"),
        ("-DROP VIEW v;", "from `-DROP VIEW v;` on fit no places"),
        ("+SELECT 1;", "from `+SELECT 1;` on fit no places"),
    ],
)
def test_a_diff_that_fits_no_place_is_refused(diff, words):
    """Is it said which hunk stands nowhere in the solution, or twice?"""
    with pytest.raises(ValueError, match=words.replace("+", r"\+")):
        apply_diff(SOLUTION, diff)
