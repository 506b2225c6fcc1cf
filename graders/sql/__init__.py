"""SQL as text, whatever its engine: tokens, statements, quoting, dialects; `parsing` holds what needs sqlglot."""

from graders.sql.lexer import Kind, Token, UnknownEngine, quote_identifier, quote_literal, tokenize
from graders.sql.statements import (
    STATEMENT_WORDS,
    TooLarge,
    Unreadable,
    check_size,
    first_keyword,
    has_code,
    split_statements,
)

__all__ = [
    "STATEMENT_WORDS",
    "Kind",
    "Token",
    "UnknownEngine",
    "TooLarge",
    "Unreadable",
    "check_size",
    "first_keyword",
    "has_code",
    "quote_identifier",
    "quote_literal",
    "split_statements",
    "tokenize",
]
