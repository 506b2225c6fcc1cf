"""Answers whose text is odd: letters that look alike, magics, line ends, signs that no file can hold, encodings."""

from case import RIGHT_QUERY, Case, python, sql

TEXT = "text and encodings"
RIGHT = "def days_late(due, returned):\n    return None if returned is None else max(0, (returned - due).days)"
SAME, GUESS = "an oddity costs a right answer its mark", "several letters are one right letter"


def choice(name, text, score="0", must_not=GUESS):
    return Case(name, TEXT, must_not, {"read-a-report": text}, {"read-a-report": score})


CASES: list[Case] = [
    choice("all-letters", "abcd"),
    choice("two-letters", "a b"),
    choice("cyrillic", "\u0430 \u0431", must_not="a letter of another alphabet counts"),
    choice("fullwidth", "\uff42", must_not="a letter of another width counts"),
    choice("accent", "b\u0301", "1", "an accent breaks the check"),
    choice("zero-width", "\u200bb\u200b", "1", SAME),
    choice("upper", "B.", "1", SAME),
    choice("not-b", "not b", must_not="a word is read as a letter"),
    choice("superscript", "\u1d47", must_not="a raised letter counts"),
    Case("prediction-all", TEXT, GUESS, {"compare-with-null": "a b c d"}, {"compare-with-null": "0"}),
    Case("prediction-html", TEXT, "HTML is on the page", {"compare-with-null": "<script>"}, {"compare-with-null": "0"}),
    *python(TEXT, {
        "encoding-line": ("a declared encoding hides code", f"# -*- coding: utf-7 -*-\n{RIGHT}\n# +AAo-days_late = 0", "2"),
        "encoding-rot13": ("a declared encoding breaks the check", f"# coding: rot13\n{RIGHT}", "2"),
        "nul": ("a NUL breaks the check", RIGHT + "\n\0"),
        "surrogate": ("half a character breaks the check", RIGHT + "\n# \ud800", "2"),
        "carriage-returns": (SAME, RIGHT.replace("\n", "\r"), "2"),
        "form-feeds": (SAME, RIGHT.replace("def", "\fdef"), "2"),
        "magic-inside": ("a magic is run", "%run @secret@\n!touch @open@/hostile-file\n" + RIGHT),
        "magic-first": ("a magic is run", "%%bash\ntouch @open@/hostile-file"),
        "other-magic": ("another exercise is answered", "%%answer open-loans\n" + RIGHT),
        "bidi": ("what is read is not what is run", "# \u202e\n" + RIGHT, "2"),
        "identifiers": ("names that look alike are one name", RIGHT.replace("days_late", "d\u0430ys_late")),
        "long-line": ("a long line breaks the check", RIGHT + "\nx = '" + "a" * 90_000 + "'", "2"),
        "deep-source": ("a deep source breaks the check", "x = " + "(" * 5000 + ")" * 5000 + "\n" + RIGHT),
        "deep-minus": ("a deep source ends the grader", "x = " + "-" * 90_000 + "1\n" + RIGHT),
    }),
    *sql(TEXT, {
        "sql-nul": ("a NUL breaks the check", RIGHT_QUERY + "\0; DROP TABLE members"),
        "sql-crlf": (SAME, RIGHT_QUERY.replace(" FROM", "\r\nFROM"), "2"),
        "sql-surrogate": ("half a character breaks the check", "SELECT '\ud800' AS name"),
        "sql-bom": ("a mark at the beginning breaks the check", "\ufeff" + RIGHT_QUERY, "2"),
        "sql-parameters": ("a parameter breaks the check", "SELECT ?1 AS name, :x, @y, $z"),
        "sql-comment-only": ("an answer that says nothing breaks the check", "/* " + RIGHT_QUERY + " */"),
        "sql-unclosed": ("an unclosed comment breaks the check", RIGHT_QUERY + " /* "),
    }),
]  # fmt: skip
