"""Claims on a secret that is got out of a page by yes and no: what is found, and with how many questions."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from graders import Mismatch
from graders.checks.injection.attacks import StatementRecorder, open_shop
from graders.checks.injection.pages import in_stock
from graders.kernel.answers import to_mismatch
from graders.kernel.claims import Attempt, claim, experiment
from graders.labs import EngineError, Lab, Result, Session
from graders.sandbox import SandboxedFunction
from graders.sandbox.errors import SandboxError

LENGTH = 10
MAX_QUESTIONS = 120
RUNS = 2
PRINTABLE = "".join(map(chr, range(33, 127)))
EDGES = {PRINTABLE[0], PRINTABLE[-1]}
# Each password has one of each: the edges, what a quote or a pattern trips over, capitals and small letters.
ALWAYS = ("!", "~", "'", "(", "%_", '"\\;-', "ABCXYZ", "abcxyz", "0123456789")
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
        self._lab, self.recorder = lab, StatementRecorder(lab)
        self.questions = self.yes = 0

    def execute(self, statement: str, parameters: object = ()) -> Result:
        answer = in_stock(cast(Lab, self.recorder), statement)
        self.questions, self.yes = self.questions + 1, self.yes + answer
        return Result(("yes",), [(1,)] if answer else [])

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
    yes: int
    """How often the page said yes."""
    refused: int
    """How often SQLite refused the statement, so that the page said no."""
    others: list[str]
    """The passwords of the other members."""


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
    secret = _draw_printable_secret(rng)
    lab = open_shop(secret, rng)
    others = [password for (password,) in lab.execute("SELECT password FROM members WHERE role <> 'clerk'").rows]
    with StockPage(lab) as page:
        try:
            found = call(page)
            return Extraction(secret, found, page.questions, page.yes, page.recorder.refused, others)
        except SandboxError as error:
            mismatch = to_mismatch(error)
            expected = mismatch.expected.replace(f"{CALL}(connection)", "extract(ask)")
            raise Mismatch(expected.replace("ask its database", "ask"), mismatch.found) from None


def _draw_printable_secret(rng: random.Random) -> str:
    """Any characters that can be printed, with those that are easily missed always among them."""
    characters = [*map(rng.choice, ALWAYS), *(rng.choice(PRINTABLE) for _ in range(LENGTH - len(ALWAYS)))]
    rng.shuffle(characters)
    return "".join(characters)


@claim(extract_passwords)
def finds_password(extractions: list[Extraction]) -> None:
    """`extract(ask)` gives the clerk's password, letter by letter"""
    last = extractions[-1]
    if last.found != last.secret:
        found = f"`{last.found!r:.60}` after {last.questions} questions"
        raise Mismatch(f"the clerk's password `{last.secret}`", found, _hint_on_secret(last))


def _hint_on_secret(last: Extraction) -> str:
    secret, found = last.secret, last.found
    if found is None:
        return "`extract` gives nothing back. What does its last line do with the password?"
    if last.yes and last.refused:
        return f"SQLite could not read {last.refused} of your questions: the page says no then. What breaks them?"
    if last.questions and not last.yes:
        return "Try one question by hand: does `ask` ever say yes?"
    if isinstance(found, str) and found[1:] == secret[:-1]:
        return "Each character stands one place too far on. Which number has the first place in `substr`?"
    if found in last.others:
        return "This is the password of another member. Whose row does your question ask about?"
    return _hint_on_characters(secret, found) if isinstance(found, str) else ""


def _hint_on_characters(secret: str, found: str) -> str:
    if found.casefold() == secret.casefold():
        return "Only the capitals are wrong. Which comparison takes `a` and `A` for the same?"
    if len(found) != len(secret):
        return ""
    pairs = list(zip(found, secret, strict=True))
    known, missed = ({b for a, b in pairs if (a == b) is right} for right in (True, False))
    if missed == {"'"}:
        return "All is right but for `'`. In your question, is it a character, or does it end a text there?"
    if all(abs(ord(a) - ord(b)) <= 1 for a, b in pairs) and missed - EDGES:
        return "Every character is right or one beside it. When two candidates are left, which one does your loop keep?"
    if known - EDGES and not known & missed:
        return "Some characters are never found. Which characters may a password have? Compare place by place."
    return ""


@claim(extract_passwords, weight=2, after=finds_password)
def asks_few_questions(extractions: list[Extraction]) -> None:
    """it asks 120 questions at most"""
    questions = max(one.questions for one in extractions)
    if questions > MAX_QUESTIONS:
        hint = "Each of your questions rules out one letter. Which question rules out half of them?"
        expected = f"{MAX_QUESTIONS} questions at most for {LENGTH} characters"
        raise Mismatch(expected, f"{questions} questions", hint=hint)
