"""Are scripts cut into tokens as each engine's own lexer does it?"""

import pytest

from graders.sql import Kind, tokenize
from graders.sql.lexer import DIALECTS

WORDS = {
    "SQLite": {
        "SELECT [a;b]": ["SELECT", "[a;b]"],
        "`a``b`": ["`a``b`"],
        '"a""b"': ['"a""b"'],
        "x'ab' X'cd'": ["x'ab'", "X'cd'"],
        "'it''s'": ["'it''s'"],
        "'a\\'b": ["'a\\'", "b"],
        "/* a /* b */ c": ["/* a /* b */", "c"],
        "1 /* to the end": ["1", "/* to the end"],
        "-- a\r b\nc": ["-- a\r b", "c"],
        "$a::b(c) :d @e #f ?1 ?": ["$a::b(c)", ":d", "@e", "#f", "?1", "?"],
        "a$b é": ["a$b", "é"],
        "0x1F 1.5e-3 .5 1.": ["0x1F", "1.5e-3", ".5", "1."],
        "a->>'b'||c<=1<>2": ["a", "->>", "'b'", "||", "c", "<=", "1", "<>", "2"],
    },
    "DuckDB": {
        "$$a;b$$ $x$a;$$;$x$": ["$$a;b$$", "$x$a;$$;$x$"],
        "E'a\\';b' e'\\\\'": ["E'a\\';b'", "e'\\\\'"],
        "/* a /* b */ c */ d": ["/* a /* b */ c */", "d"],
        "$name $1 ?": ["$name", "$1", "?"],
        "[1, 2][1:2]": ["[", "1", ",", "2", "]", "[", "1", ":", "2", "]"],
        "a::int": ["a", "::", "int"],
        "1_000": ["1_000"],
        '`a` "b"': ["`a`", '"b"'],
        "1\u00a0+1": ["1", "+", "1"],
    },
    "PostgreSQL": {
        "$$a;b$$ $x$a;$$;$x$": ["$$a;b$$", "$x$a;$$;$x$"],
        "E'a\\';b' 'a\\' b": ["E'a\\';b'", "'a\\'", "b"],
        "/* a /* b; */ c; */ d": ["/* a /* b; */ c; */", "d"],
        "-- a\rb": ["-- a", "b"],
        "U&'a' U&\"b\" B'01' N'c'": ["U&'a'", 'U&"b"', "B'01'", "N'c'"],
        "$1 a$$b": ["$1", "a$$b"],
        "a[1]": ["a", "[", "1", "]"],
        "a `b": ["a", "`", "b"],
    },
}


@pytest.mark.parametrize(
    ("engine", "script"), [(engine, script) for engine, scripts in WORDS.items() for script in scripts]
)
def test_tokens_are_the_engines_own(engine, script):
    tokens = list(tokenize(script, engine))
    assert [token.text for token in tokens] == WORDS[engine][script]
    assert Kind.OPEN not in {token.kind for token in tokens}
    assert all(script[token.start : token.end] == token.text for token in tokens)


@pytest.mark.parametrize(
    ("engine", "script"),
    [
        *((engine, opening) for engine in DIALECTS for opening in ("'a", '"a', "'a''", "x'a")),
        *(("SQLite", opening) for opening in ("[a", "`a")),
        *((engine, opening) for engine in ("DuckDB", "PostgreSQL", "H2") for opening in ("/* /* */", "$$a", "E'\\'")),
    ],
)
def test_an_open_quote_reaches_to_the_end(engine, script):
    *_, last = tokenize(f"{script}; SELECT 1", engine)
    assert last.kind is Kind.OPEN
    assert last.text.endswith("; SELECT 1")


@pytest.mark.parametrize(
    ("engine", "text", "name"),
    [
        ("SQLite", '"a""b"', 'a"b'),
        ("SQLite", "`a``b`", "a`b"),
        ("SQLite", "[a b]", "a b"),
        ("SQLite", "a", "a"),
        ("DuckDB", '"a""b"', 'a"b'),
        ("PostgreSQL", 'U&"ab"', "ab"),
    ],
)
def test_names_lose_their_quotes(engine, text, name):
    (token,) = tokenize(text, engine)
    assert token.name == name


@pytest.mark.parametrize("engine", DIALECTS)
def test_values_and_parameters_are_values(engine):
    tokens = list(tokenize("SELECT 'a', 1, ?, b, \"c\" -- d", engine))
    assert [token.text for token in tokens if token.is_value] == ["'a'", "1", "?"]
