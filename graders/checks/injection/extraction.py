"""Claims on getting a secret out of a page that says only yes or no: what came out, and how often it was asked."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from graders import Mismatch
from graders.checks.injection.claims import open_shop
from graders.checks.injection.pages import in_stock
from graders.kernel.claims import Attempt, claim, experiment
from graders.labs import EngineError, Lab, Result, Session
from graders.sandbox import SandboxedFunction

LENGTH = 10
MAX_QUESTIONS = 120
RUNS = 2
PRINTABLE = "".join(map(chr, range(33, 127)))
# Runs in the sandbox beside the student's function, so that `ask` is a plain function there, with lines of its own.
PAGE = """
def page(connection):
    def ask(sent):
        if not isinstance(sent, str):
            raise TypeError(f"ask takes a text, not {type(sent).__name__}")
        return connection.execute(sent).fetchone() is not None
    return ask
"""
CALL = "_ask_through_a_connection"
GLUE = f"""
_page = {{}}
exec(compile({PAGE!r}, "<the page>", "exec"), _page)
def {CALL}(connection):
    return extract(_page["page"](connection))
"""


class StockPage(Session):
    """The stock page at the other end of a connection: what is "executed" is sent to it, and yes or no comes back."""

    engine = "SQLite"

    def __init__(self, lab: Lab):
        self._lab = lab
        self.questions = 0

    def execute(self, statement: str, parameters: object = ()) -> Result:
        self.questions += 1
        return Result(("yes",), [(1,)] if in_stock(self._lab, statement) else [])

    def _refuse(self, *_: Any, **__: Any) -> Any:
        raise EngineError(self.engine, "the page takes a title, and nothing else", code="NotSupportedError")

    execute_many = run_script = commit = rollback = set_isolation_level = _refuse

    def in_transaction(self) -> bool:
        return False

    def close(self) -> None:
        self._lab.close()


@dataclass(frozen=True)
class Extraction:
    """One attempt to get a new secret out of the page."""

    secret: str
    """The clerk's password."""
    found: Any
    """What `extract` gave."""
    questions: int
    """How often it asked."""


@experiment("extract-by-bisection")
def extract_passwords(attempt: Attempt) -> list[Extraction]:
    """Extract one new secret after another, up to the first that is not found."""
    extract: SandboxedFunction = attempt.answer
    call = extract.sandbox.define(GLUE, CALL)
    extractions: list[Extraction] = []
    while len(extractions) < RUNS and all(one.found == one.secret for one in extractions):
        extractions.append(_extract(call, attempt.rng))
    return extractions


def _extract(call: Callable[[Session], Any], rng: random.Random) -> Extraction:
    secret = _draw_secret(rng)
    with StockPage(open_shop(secret, rng)) as page:
        try:
            return Extraction(secret, call(page), page.questions)
        except Mismatch as mismatch:
            expected = mismatch.expected.replace(f"{CALL}(connection)", "extract(ask)")
            raise Mismatch(expected.replace("ask its database", "ask"), mismatch.found) from None


def _draw_secret(rng: random.Random) -> str:
    """Any characters that can be printed, the first and the last of them always."""
    characters = [PRINTABLE[0], PRINTABLE[-1], *(rng.choice(PRINTABLE) for _ in range(LENGTH - 2))]
    rng.shuffle(characters)
    return "".join(characters)


@claim(extract_passwords)
def finds_the_password(extractions: list[Extraction]) -> None:
    """`extract(ask)` gives the clerk's password, letter by letter"""
    last = extractions[-1]
    if last.found != last.secret:
        found = f"`{last.found!r:.60}` after {last.questions} questions"
        raise Mismatch(f"the clerk's password `{last.secret}`", found, _hint(last.secret, last.found))


def _hint(secret: str, found: object) -> str:
    if found is None:
        return "`extract` gives nothing back. What does its last line do with the password?"
    if not isinstance(found, str) or not found:
        return "Try one question by hand: does `ask` ever say yes?"
    if found.casefold() == secret.casefold():
        return "Only the capitals are wrong. Which comparison takes `a` and `A` for the same?"
    if len(found) == len(secret) and all(abs(ord(a) - ord(b)) <= 1 for a, b in zip(found, secret, strict=True)):
        return "Every character is right or one beside it. When two candidates are left, which one does your loop keep?"
    return "Which characters may a password have? Compare yours with the secret, place by place."


@claim(extract_passwords, weight=2, after=finds_the_password)
def asks_few_questions(extractions: list[Extraction]) -> None:
    """it asks 120 questions at most"""
    questions = max(one.questions for one in extractions)
    if questions > MAX_QUESTIONS:
        hint = "Each of your questions rules out one letter. Which question rules out half of them?"
        expected = f"{MAX_QUESTIONS} questions at most for {LENGTH} characters"
        raise Mismatch(expected, f"{questions} questions", hint=hint)
