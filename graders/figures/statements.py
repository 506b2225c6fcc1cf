"""Draws a statement with the characters that a stranger sent marked in it, and its parse tree before and after."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from sqlglot import exp

from graders.figures.svg import (
    BAD,
    INK,
    LINE,
    PAPER,
    REACHED,
    Block,
    Picture,
    add_caption,
    box,
    flow,
    make_picture,
    text,
    width_of,
)
from graders.kernel.readable import quantity, truncate
from graders.sql import Kind, Token, tokenize
from graders.sql.parsing import parse

OURS, DATA, CODE, BROKEN = "", "data", "code ◀", "breaks it ◀"
FILLS = {OURS: PAPER, DATA: REACHED, CODE: BAD, BROKEN: BAD}
OPERATORS: dict[type[exp.Expr], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
}
MAX_CHARACTERS, MAX_PARTS = 60, 300
Part = tuple[str, str]


def draw_statement(statement: str, user_input: str, engine: str = "SQLite") -> Picture:
    """Draw `statement` word by word; of `user_input` what the engine reads as a value is "data", the rest "code"."""
    parts = list(classify_words(statement, user_input, engine))
    words = describe_statement(parts, user_input)
    omission = [("…", OURS)] if len(parts) > MAX_PARTS else []
    block = flow([_draw_word(*part) for part in parts[:MAX_PARTS] + omission])
    drawn = Block(block.width + LINE, block.height, block.body)
    return make_picture("Where data became code", words, drawn, judge_statement(parts))


def describe_statement(parts: list[Part], user_input: str) -> str:
    """Say what the engine takes of the input for data, and what for code."""
    code, verdict = " ".join(word for word, kind in parts if kind == CODE), judge_statement(parts)
    verdict = f"{verdict.rstrip('.')}: {_shorten(code)}" if code else verdict
    return f"Sent: {_shorten(user_input)}. {verdict}"


def judge_statement(parts: list[Part]) -> str:
    """Say in one sentence what became of a user's input."""
    kinds = {kind for _, kind in parts}
    if BROKEN in kinds:
        return "The engine cannot read the statement that it makes: a quote stays open."
    if CODE in kinds:
        return "The engine reads as SQL what was meant as data."
    return "All of it is read as data." if DATA in kinds else "None of it stands in the text."


def classify_words(statement: str, user_input: str, engine: str = "SQLite") -> Iterator[Part]:
    """The words of `statement` in their order, each with whose it is and what it became: one of `FILLS`."""
    begin, end = _find_input(statement, user_input)
    tokens = list(tokenize(statement, engine))
    if tokens and tokens[-1].kind is Kind.OPEN:
        yield from ((statement[:begin], OURS), (statement[begin:end], BROKEN), (statement[end:], OURS))
    else:
        yield from ((token.text, _classify(token, begin, end)) for token in tokens)


def _find_input(statement: str, user_input: str) -> tuple[int, int]:
    """Where `user_input` stands in `statement`, as it is or with its quotes doubled; an empty span if nowhere."""
    for form in (user_input, user_input.replace("'", "''")):
        if form and form in statement:
            begin = statement.index(form)
            return begin, begin + len(form)
    return -1, -1


def _classify(token: Token, begin: int, end: int) -> str:
    if token.end <= begin or token.start >= end:
        return OURS
    return DATA if token.is_value and token.start <= begin else CODE


def _draw_word(word: str, kind: str) -> Block:
    label = _shorten(word)
    width = max(width_of(label), width_of(kind)) + 10
    body = box(0, 0, width, 24, fill=FILLS[kind], border=3 if kind in (CODE, BROKEN) else 1)
    body += text(5, 16, label, fill=INK)
    return Block(width - LINE, 24 + LINE, body + text(5, 24 + 14, kind, extra='font-size="12"'))


def _shorten(word: str) -> str:
    return truncate(word.replace("\0", "␀").replace("\n", " "), MAX_CHARACTERS)


def draw_parse_trees(before: str, after: str, engine: str = "SQLite") -> Picture:
    """Draw the parse trees of two statements side by side; what the second has and the first has not is marked."""
    old, new = (list(list_parse_tree(one, engine)) for one in (before, after))
    added = _mark_new(old, new)
    additions = ", ".join(label for (_, label), is_new in zip(new, added, strict=True) if is_new) or "nothing"
    sizes = f"The tree of the second statement has {len(new)} nodes, the first {len(old)}."
    left = add_caption("sent by an honest person", _draw_tree(old, [False] * len(old)))
    right = add_caption("sent by an attacker", _draw_tree(new, added))
    caption = (
        f"{quantity(sum(added), 'node')} of the second tree {'is' if sum(added) == 1 else 'are'} not in the first."
    )
    return make_picture("Parse trees", f"{sizes} New in the second: {additions}.", flow([left, right]), caption)


def list_parse_tree(statement: str, engine: str) -> Iterator[tuple[int, str]]:
    """The depth and the label of each node of the statement's parse tree, from the top."""
    yield from _walk_tree(parse(statement, engine), 0)


def _walk_tree(node: exp.Expr, depth: int) -> Iterator[tuple[int, str]]:
    if isinstance(node, exp.Column):
        yield depth, f"column {node.name}"
    elif isinstance(node, exp.Table):
        yield depth, f"table {node.name}"
    elif isinstance(node, exp.Literal):
        yield depth, f"value {node.name!r}" if node.is_string else f"value {node.name}"
    else:
        yield depth, OPERATORS.get(type(node), type(node).__name__.upper())
        for child in node.iter_expressions():
            yield from _walk_tree(child, depth + 1)


def _mark_new(old: list[tuple[int, str]], new: list[tuple[int, str]]) -> list[bool]:
    """For each line of `new`, whether `old` has no line of that label left to pair it with; values are one label."""
    left = Counter(_comparable_label(line) for line in old)
    added = []
    for line in new:
        added.append(left[_comparable_label(line)] <= 0)
        left[_comparable_label(line)] -= 1
    return added


def _comparable_label(line: tuple[int, str]) -> str:
    return line[1].split("'")[0]


def _draw_tree(lines: list[tuple[int, str]], added: list[bool]) -> Block:
    body = ""
    for number, ((depth, label), is_new) in enumerate(zip(lines, added, strict=True)):
        x, y, width = 18 * depth, 26 * number, width_of(label) + 12
        body += box(x, y, width, 22, fill=BAD if is_new else PAPER, border=3 if is_new else 1)
        body += text(x + 6, y + 15, label, fill=INK) + (text(x + width + 6, y + 15, "◀ new") if is_new else "")
    width = max(18 * depth + width_of(label) for depth, label in lines) + 12 + width_of("◀ new") + 6
    return Block(width, 26 * len(lines), body)
