"""A piece of SQL from a catalogue, without what spelling can change."""

from __future__ import annotations

from graders.sql import Kind, tokenize


def plain_words(sql: str, engine: str) -> list[str]:
    """The words and signs of a piece of SQL: names without quotes and in lower case, texts as they are, no comments."""
    tokens = (token for token in tokenize(sql, engine) if token.kind is not Kind.COMMENT)
    return [token.text if token.kind is Kind.TEXT else token.name.lower() for token in tokens]


def plain_sql(sql: str, engine: str) -> str:
    """SQL in one line, as `plain_words` reads it, without IF NOT EXISTS and a semicolon at its end."""
    return " ".join(plain_words(sql, engine)).replace("if not exists ", "").removesuffix(" ;")


def plain_expression(sql: str, engine: str) -> str:
    """An expression as `plain_sql` has it, without the parenthesis that a catalogue puts around it."""
    return plain_sql(sql, engine).removeprefix("( ").removesuffix(" )")


def plain_default(sql: str | None, engine: str) -> str:
    """The default of a column as `plain_sql` has it; "" for none."""
    return "" if sql is None else plain_sql(sql, engine)


def without_name(sql: str, name: str, engine: str) -> str:
    """What a statement creates, without CREATE and the name it gives to it."""
    return plain_sql(sql, engine).removeprefix("create ").replace(f" {name.lower()} ", " ", 1)
