"""sqlglot's name for the SQL of each engine, and the words that are keywords in it."""

from __future__ import annotations

from functools import cache

from sqlglot.dialects.dialect import Dialect

DIALECTS = {"SQLite": "sqlite", "DuckDB": "duckdb", "PostgreSQL": "postgres", "H2": "postgres"}


def dialect_of(engine: str) -> str:
    """sqlglot's name for the SQL of `engine`; raise `KeyError` for an engine that has none here."""
    return DIALECTS[engine]


def is_keyword(word: str, engine: str) -> bool:
    """Whether `word`, in any case of letters, is a keyword or the name of a type for `engine`."""
    return word.upper() in _keywords(engine)


@cache
def _keywords(engine: str) -> frozenset[str]:
    phrases = Dialect.get_or_raise(dialect_of(engine)).tokenizer_class.KEYWORDS
    return frozenset(word for phrase in phrases for word in phrase.split())
