"""Syntax trees by sqlglot, within bounds: of tokens, of nesting, and of the steps that its parser may take.

sqlglot's parser goes back and tries again, for some texts exponentially often, and what reads its trees may go through
a subtree once for each node above it. Within these bounds both are a matter of a second at most.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import SqlglotError

from graders.sql.lexer import dialect_of
from graders.sql.statements import TooLarge, Unreadable, check_size

MAX_DEPTH, MAX_STEPS, MAX_FRAMES = 300, 40_000, 10_000


def parse(statement: str, engine: str) -> exp.Expr:
    """The syntax tree of one statement; raise `Unreadable` if there is none."""
    trees = parse_script(statement, engine)
    if len(trees) != 1:
        raise Unreadable("not one statement")
    return trees[0]


def parse_script(script: str, engine: str) -> list[exp.Expr]:
    """The syntax trees of all statements of a script; raise `Unreadable` if one has none."""
    check_size(script, engine)
    dialect = Dialect.get_or_raise(dialect_of(engine))
    try:
        with recursion_room():
            parser = _bounded_parser(dialect_of(engine))(dialect=dialect)
            trees = [tree for tree in parser.parse(dialect.tokenize(script), script) if tree is not None]
    except SqlglotError as error:
        raise Unreadable(str(error)) from None
    if any(_depth(tree) > MAX_DEPTH for tree in trees):
        raise TooLarge(f"a statement that nests more than {MAX_DEPTH} levels deep")
    return trees


@cache
def _bounded_parser(dialect: str) -> Any:
    """sqlglot's parser of `dialect`, with its steps from token to token counted."""
    parser: Any = type(Dialect.get_or_raise(dialect).parser())

    class Bounded(parser):
        __slots__ = ("steps",)

        def reset(self) -> None:
            super().reset()
            self.steps = 0

        def _advance(self, times: int = 1) -> None:
            self.steps += 1
            if self.steps > MAX_STEPS:
                raise TooLarge("a statement that takes too many steps to read")
            super()._advance(times)

    return Bounded


@contextmanager
def recursion_room() -> Iterator[None]:
    """Let what is done inside recurse to the same depth wherever it is called; deeper is `Unreadable`."""
    before, frame, frames = sys.getrecursionlimit(), sys._getframe().f_back, 0
    while frame:
        frame, frames = frame.f_back, frames + 1
    sys.setrecursionlimit(max(before, frames + MAX_FRAMES))
    try:
        yield
    except RecursionError:
        raise TooLarge("a statement that nests too deep to be read") from None
    finally:
        sys.setrecursionlimit(before)


def _depth(tree: exp.Expr) -> int:
    """How many levels the syntax tree has."""
    level, depth = [tree], 0
    while level:
        level, depth = [child for node in level for child in node.iter_expressions()], depth + 1
    return depth


def is_keyword(word: str, engine: str) -> bool:
    """Whether `word`, in any case of letters, is a keyword or the name of a type for `engine`."""
    return word.upper() in _keywords(engine)


@cache
def _keywords(engine: str) -> frozenset[str]:
    phrases = Dialect.get_or_raise(dialect_of(engine)).tokenizer_class.KEYWORDS
    return frozenset(word for phrase in phrases for word in phrase.split())
