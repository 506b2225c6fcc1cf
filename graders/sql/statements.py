"""Splits scripts into statements, bounds their size, and says by its first keyword what a statement is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from graders.sql.lexer import DIALECTS, Kind, Token, tokenize

# What a statement may do that begins with WITH.
MAIN_WORDS = frozenset({"SELECT", "VALUES", "FROM", "INSERT", "UPDATE", "DELETE", "REPLACE", "MERGE"})
STATEMENT_WORDS = frozenset(
    {
        *("ABORT", "ALTER", "ANALYZE", "ATTACH", "BEGIN", "CALL", "CHECKPOINT", "CLUSTER", "COMMENT", "COMMIT", "COPY"),
        *("CREATE", "DEALLOCATE", "DECLARE", "DELETE", "DESC", "DESCRIBE", "DETACH", "DO", "DROP", "END", "EXECUTE"),
        *("EXPLAIN", "EXPORT", "FETCH", "FORCE", "FROM", "GRANT", "IMPORT", "INSERT", "INSTALL", "LISTEN", "LOAD"),
        *("LOCK", "MERGE", "NOTIFY", "PIVOT", "PRAGMA", "PREPARE", "REFRESH", "REINDEX", "RELEASE", "REPLACE"),
        *("RESET", "REVOKE", "ROLLBACK", "SAVEPOINT", "SELECT", "SET", "SHOW", "START", "SUMMARIZE", "TABLE"),
        *("TRUNCATE", "UNLISTEN", "UNPIVOT", "UPDATE", "USE", "VACUUM", "VALUES", "WITH"),
    }
)
MAX_CHARACTERS, MAX_TOKENS, MAX_NESTING = 100_000, 5_000, 100
OPENING, CLOSING = frozenset("([{"), frozenset(")]}")


def split_statements(script: str, engine: str) -> list[str]:
    """The statements of `script` without their semicolons and without what is only comments.

    A semicolon in a trigger's or a function's body, or in brackets on PostgreSQL, ends no statement. After a quote
    that is never closed, the rest is one statement: the engine says what is wrong with it. An engine whose rules are
    not known is split by sqlparse.
    """
    if engine not in DIALECTS:
        return _split_by_sqlparse(script)
    return [script[first:end].strip() for first, end in _spans(script, engine)]


def _split_by_sqlparse(script: str) -> list[str]:
    # Labs start in processes of their own, and none of them needs it.
    import sqlparse

    return [statement.strip() for statement in sqlparse.split(script) if statement.strip(" \n;")]


def _spans(script: str, engine: str) -> Iterator[tuple[int, int]]:
    """Where each statement begins and ends in `script`, with the comments before and in it."""
    statement = TriggerBody if DIALECTS[engine].has_trigger_bodies else RoutineBody
    body, begin, empty = statement(), 0, True
    for token in tokenize(script, engine):
        if token.kind is Kind.COMMENT:
            continue
        if not body.ends_at(token):
            empty = False
            continue
        if not empty:
            yield begin, token.start
        body, begin, empty = statement(), token.end, True
    if not empty:
        yield begin, len(script)


# EXPLAIN QUERY PLAN CREATE TRIGGER
LONGEST_BEGINNING = 5


class TriggerBody:
    """Knows where a statement of SQLite ends: in CREATE TRIGGER, at the semicolon behind a statement's END.

    Source: sqlite3_complete() in SQLite's complete.c.
    """

    def __init__(self) -> None:
        self._words: list[str] = []
        self._last: tuple[str, str] = ("", "")

    def ends_at(self, token: Token) -> bool:
        """Take in the next token; whether it is the semicolon that ends the statement."""
        word = token.keyword
        if word == ";" and not (self._is_trigger() and self._last != (";", "END")):
            return True
        between = word in ("TEMP", "TEMPORARY") and self._words[-1:] == ["CREATE"]
        if len(self._words) < LONGEST_BEGINNING and not between:
            self._words.append(word)
        self._last = (self._last[1], word)
        return False

    def _is_trigger(self) -> bool:
        words = self._words
        if words[:1] == ["EXPLAIN"]:
            words = words[3:] if words[1:3] == ["QUERY", "PLAN"] else words[1:]
        return words[:2] == ["CREATE", "TRIGGER"]


class RoutineBody:
    """Knows where a statement ends as psql does: not in brackets, nor between BEGIN and END of a function's body."""

    def __init__(self) -> None:
        self._words: list[str] = []
        self._brackets = self._blocks = 0

    def ends_at(self, token: Token) -> bool:
        """Take in the next token; whether it is the semicolon that ends the statement."""
        word = token.keyword
        if word == ";" and not self._brackets and not self._blocks:
            return True
        if len(self._words) < LONGEST_BEGINNING:
            self._words.append(word)
        self._brackets = max(0, self._brackets + (word == "(") - (word == ")"))
        if self._is_routine() and not self._brackets:
            opens = word == "BEGIN" or (word == "CASE" and self._blocks > 0)
            self._blocks = max(0, self._blocks + opens - (word == "END"))
        return False

    def _is_routine(self) -> bool:
        words = [word for word in self._words if word not in ("OR", "REPLACE")]
        return words[:1] == ["CREATE"] and words[1:2] in (["FUNCTION"], ["PROCEDURE"])


def has_code(text: str, engine: str) -> bool:
    """Whether `text` says anything but comments and semicolons."""
    return any(token.kind is not Kind.COMMENT and token.text != ";" for token in tokenize(text, engine))


def first_keyword(statement: str, engine: str) -> str:
    """The keyword that says what `statement` does: behind WITH, the first such word outside brackets.

    Leading brackets are passed over; "" if none of `STATEMENT_WORDS` follows.
    """
    tokens = (token for token in tokenize(statement, engine) if token.kind is not Kind.COMMENT)
    first = next((token.keyword for token in tokens if token.text != "("), "")
    if first != "WITH":
        return first if first in STATEMENT_WORDS else ""
    depth = 0
    for token in tokens:
        depth += (token.text == "(") - (token.text == ")")
        if depth == 0 and token.keyword in MAIN_WORDS:
            return token.keyword
    return ""


class Unreadable(ValueError):
    """There is no syntax tree of a statement; `str()` says why."""


class TooLarge(Unreadable):
    """A statement goes beyond a bound; `str()` completes "found …"."""


def check_size(statement: str, engine: str) -> None:
    """Raise `TooLarge` if `statement` has more words, or nests deeper, than is read here."""
    if len(statement) > MAX_CHARACTERS:
        raise TooLarge(f"a statement of more than {MAX_CHARACTERS:,} characters")
    tokens = (token for token in tokenize(statement, engine) if token.kind is not Kind.COMMENT)
    for count, nesting in enumerate(_nesting(tokens), start=1):
        if count > MAX_TOKENS:
            raise TooLarge(f"a statement of more than {MAX_TOKENS:,} words and signs")
        if nesting > MAX_NESTING:
            raise TooLarge(f"a statement that nests more than {MAX_NESTING} levels deep")


def _nesting(tokens: Iterable[Token]) -> Iterator[int]:
    """At each token the number of brackets and CASEs around it, and of subscripts that it is a subscript of."""
    # For each level, how many subscripts stand in a row: a[1][1] nests as brackets in brackets do.
    in_a_row, before = [0], ""
    for token in tokens:
        if before == "]":
            in_a_row[-1] = in_a_row[-1] + 1 if token.text == "[" else 0
        if token.text in OPENING or token.keyword == "CASE":
            in_a_row.append(0)
        elif (token.text in CLOSING or token.keyword == "END") and len(in_a_row) > 1:
            in_a_row.pop()
        before = token.text
        yield len(in_a_row) - 1 + sum(in_a_row)
