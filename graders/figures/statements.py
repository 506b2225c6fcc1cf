"""A statement with the characters that a stranger sent marked in it, and its parse tree before and after."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import sqlglot
from sqlglot import exp
from sqlglot.tokens import Token

from graders.figures.svg import (
    BAD,
    INK,
    LINE,
    PAPER,
    REACHED,
    Block,
    Picture,
    box,
    captioned,
    flow,
    picture,
    text,
    width_of,
)
from graders.techniques.attacks import DIALECTS, is_value, tokens_of

OURS, DATA, CODE, BROKEN = "", "data", "code ◀", "breaks it ◀"
FILLS = {OURS: PAPER, DATA: REACHED, CODE: BAD, BROKEN: BAD}
OPERATORS = {exp.EQ: "=", exp.NEQ: "<>", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">="}
MOST_CHARACTERS = 60
Part = tuple[str, str]


def draw_statement(statement: str, sent: str, engine: str = "SQLite") -> Picture:
    """Draw `statement` word by word: what `sent` brought is "data" where the engine reads a value, and else "code"."""
    parts = list(parts_of(statement, sent, engine))
    words = statement_words(parts, sent)
    drawn = flow([_word(*part) for part in parts])
    return picture("Where data became code", words, Block(drawn.width + LINE, drawn.height, drawn.body))


def statement_words(parts: list[Part], sent: str) -> str:
    """Say what the engine takes of what was sent for data, and what for code."""
    data, code, broken = ([word for word, kind in parts if kind == which] for which in (DATA, CODE, BROKEN))
    if broken:
        return f"Sent: {_shown(sent)}. The engine cannot read the statement that it makes: a quote stays open."
    if code:
        return f"Sent: {_shown(sent)}. The engine reads as SQL what was meant as data: {_shown(' '.join(code))}"
    became = "All of it is read as data." if data else "None of it stands in the text."
    return f"Sent: {_shown(sent)}. {became}"


def parts_of(statement: str, sent: str, engine: str = "SQLite") -> Iterator[Part]:
    """The words of `statement` in their order, each with whose it is and what it became: one of `FILLS`."""
    begin, end = _span(statement, sent)
    tokens = tokens_of(statement, engine)
    if tokens is None:
        yield from ((statement[:begin], OURS), (statement[begin:end], BROKEN), (statement[end:], OURS))
        return
    at = 0
    for token in tokens:
        yield from _between(statement, at, token.start, begin, end)
        yield statement[token.start : token.end + 1], _kind(token, begin, end)
        at = token.end + 1
    yield from _between(statement, at, len(statement), begin, end)


def _span(statement: str, sent: str) -> tuple[int, int]:
    """Where `sent` stands in `statement`, as it is or with its quotes doubled; an empty span if nowhere."""
    for text_sent in (sent, sent.replace("'", "''")):
        if text_sent and text_sent in statement:
            begin = statement.index(text_sent)
            return begin, begin + len(text_sent)
    return -1, -1


def _kind(token: Token, begin: int, end: int) -> str:
    if token.end < begin or token.start >= end:
        return OURS
    return DATA if is_value(token) and token.start <= begin else CODE


def _between(statement: str, begin: int, end: int, sent_from: int, sent_to: int) -> Iterator[Part]:
    """What stands between two tokens: nothing, or a comment, or what the engine cannot read."""
    rest = statement[begin:end].strip()
    if rest:
        yield rest, CODE if begin < sent_to and end > sent_from else OURS


def _word(word: str, kind: str) -> Block:
    shown = _shown(word)
    width = max(width_of(shown), width_of(kind)) + 10
    body = box(0, 0, width, 24, fill=FILLS[kind], border=3 if kind in (CODE, BROKEN) else 1) + text(
        5, 16, shown, fill=INK
    )
    return Block(width - LINE, 24 + LINE, body + text(5, 24 + 14, kind, extra='font-size="12"'))


def _shown(word: str) -> str:
    word = word.replace("\0", "␀").replace("\n", " ")
    return word if len(word) <= MOST_CHARACTERS else word[: MOST_CHARACTERS - 1] + "…"


def draw_parse(before: str, after: str, engine: str = "SQLite") -> Picture:
    """Draw the parse trees of two statements side by side; what the second has and the first has not is marked."""
    old, new = (list(tree_lines(one, engine)) for one in (before, after))
    fresh = _fresh(old, new)
    told = ", ".join(label for (_, label), is_new in zip(new, fresh, strict=True) if is_new) or "nothing"
    words = f"The tree of the second statement has {len(new)} nodes, the first {len(old)}. New in the second: {told}."
    left = captioned("sent by an honest person", _tree(old, [False] * len(old)))
    right = captioned("sent by an attacker", _tree(new, fresh))
    return picture("Parse trees", words, flow([left, right]))


def tree_lines(statement: str, engine: str) -> Iterator[tuple[int, str]]:
    """The depth and the label of each node of the statement's parse tree, from the top."""
    yield from _below(sqlglot.parse_one(statement, dialect=DIALECTS[engine]), 0)


def _below(node: exp.Expr, depth: int) -> Iterator[tuple[int, str]]:
    if isinstance(node, exp.Column):
        yield depth, f"column {node.name}"
    elif isinstance(node, exp.Table):
        yield depth, f"table {node.name}"
    elif isinstance(node, exp.Literal):
        yield depth, f"value {node.name!r}" if node.is_string else f"value {node.name}"
    else:
        yield depth, OPERATORS.get(type(node), type(node).__name__.upper())
        for child in node.iter_expressions():
            yield from _below(child, depth + 1)


def _fresh(old: list[tuple[int, str]], new: list[tuple[int, str]]) -> list[bool]:
    """For each line of `new`, whether `old` has no line of that label left to pair it with; values are one label."""
    left = Counter(_label(line) for line in old)
    fresh = []
    for line in new:
        fresh.append(left[_label(line)] <= 0)
        left[_label(line)] -= 1
    return fresh


def _label(line: tuple[int, str]) -> str:
    return line[1].split("'")[0]


def _tree(lines: list[tuple[int, str]], fresh: list[bool]) -> Block:
    body = ""
    for number, ((depth, label), is_new) in enumerate(zip(lines, fresh, strict=True)):
        x, y, width = 18 * depth, 26 * number, width_of(label) + 12
        body += box(x, y, width, 22, fill=BAD if is_new else PAPER, border=3 if is_new else 1)
        body += text(x + 6, y + 15, label, fill=INK) + (text(x + width + 6, y + 15, "◀ new") if is_new else "")
    wide = max(18 * depth + width_of(label) for depth, label in lines) + 12 + width_of("◀ new") + 6
    return Block(wide, 26 * len(lines), body)
