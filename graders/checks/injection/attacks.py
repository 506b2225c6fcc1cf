"""Claims on attacks: a login and a search page that give more than they should, and a secret got by yes and no."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from sqlglot import exp

from course_data import bookshop
from graders import Mismatch
from graders.checks.injection.pages import in_stock, login, search
from graders.figures.statements import draw_statement
from graders.kernel.answers import to_mismatch
from graders.kernel.claims import Attempt, claim, experiment
from graders.kernel.report import Table
from graders.labs import EngineError, Lab, Result, Session, open_lab
from graders.sandbox import SandboxedFunction
from graders.sandbox.errors import SandboxError
from graders.sql import Unreadable
from graders.sql.parsing import parse

MAX_INPUT = 2000


def open_shop(secret: str, rng: random.Random) -> Lab:
    """A bookshop whose clerk has the password `secret`; the other passwords are new each time too."""
    return open_lab("SQLite", bookshop.SCHEMA, bookshop.data(rng.randrange(10**9), secret))


def draw_secret(rng: random.Random) -> str:
    """A password that nobody can know beforehand."""
    return "".join(rng.choice(bookshop.LETTERS) for _ in range(10))


@dataclass(frozen=True)
class PageCall:
    """What came of the inputs that were sent to a page."""

    inputs: dict[str, str]
    """What was sent, by the names of the page's parameters."""
    secret: str
    """The clerk's password."""
    statement: str
    """The statement that the page made."""
    result: Any
    """What the page gave; None if the engine refused the statement."""
    refusal: str
    """What the engine said; empty if it ran the statement."""

    @property
    def has_comment(self) -> bool:
        """Whether what was sent begins a comment."""
        return any(sign in value for value in self.inputs.values() for sign in ("--", "/*"))

    def draw(self, name: str) -> str:
        """The statement, with the input called `name` marked in it, as SVG."""
        return draw_statement(self.statement, self.inputs[name]).svg


class _StatementRecorder:
    """A lab that remembers the last statement, and counts those that the engine refused."""

    def __init__(self, lab: Lab):
        self._lab = lab
        self.statement = ""
        self.refused = 0

    def execute(self, statement: str) -> Result:
        self.statement = statement
        self.refused += 1
        result = self._lab.execute(statement)
        self.refused -= 1
        return result


def call_page(page: Callable[..., Any], inputs: dict[str, str], rng: random.Random) -> PageCall:
    """Send `inputs` to a page of a shop of its own."""
    secret = draw_secret(rng)
    with open_shop(secret, rng) as lab:
        recorder = _StatementRecorder(lab)
        try:
            result, refusal = page(recorder, **inputs), ""
        except EngineError as error:
            result, refusal = None, error.sentence
    return PageCall(inputs, secret, recorder.statement, result, refusal)


def _is_input(value: object) -> bool:
    return isinstance(value, str) and len(value) < MAX_INPUT


@experiment("forge-the-login")
def submit_form(attempt: Attempt) -> PageCall:
    """Log in with what the answer sends."""
    form = attempt.answer
    if not isinstance(form, dict) or set(form) != {"name", "password"} or not all(map(_is_input, form.values())):
        raise Mismatch("`form` with two texts, `name` and `password`", f"`{form!r:.120}`")
    return call_page(login, form, attempt.rng)


@claim(submit_form)
def logs_in_as_clerk(call: PageCall) -> None:
    """with what you send, the page logs you in as a clerk, whatever the clerk's password is"""
    picture = call.draw("name" if "'" in call.inputs["name"] else "password")
    if call.refusal:
        raise Mismatch(
            "a statement that SQLite can run",
            f"SQLite says: {call.refusal}",
            hint=""
            if call.has_comment
            else "After your quote the rest of the statement still follows. What makes it harmless?",
            picture=picture,
        )
    if call.result is None:
        raise Mismatch(
            "a session as a clerk",
            "nobody is logged in",
            hint="The quote that you sent is there. Which rows fulfil the condition that it leaves?"
            if any("'" in value for value in call.inputs.values())
            else "All that you sent is read as data. Which character ends a text in SQL?",
            picture=picture,
        )
    name, role = call.result
    if role != "clerk":
        hint = "You are in, and not as the clerk. Which condition leaves the clerk's row alone?"
        raise Mismatch("a session as a clerk", f"a session as {name}, who is a {role}", hint=hint, picture=picture)


@experiment("union-a-password")
def submit_search(attempt: Attempt) -> PageCall:
    """Search for what the answer sends."""
    if not _is_input(attempt.answer):
        raise Mismatch("a text in `words`", f"`{attempt.answer!r:.120}`")
    return call_page(search, {"words": attempt.answer}, attempt.rng)


@claim(submit_search)
def shows_clerk_password(call: PageCall) -> None:
    """the search page shows the clerk's password, whatever it is"""
    if call.refusal:
        raise _explain_refusal(call)
    if call.secret not in str(call.result):
        raise _explain_missing_password(call)


def _explain_refusal(call: PageCall) -> Mismatch:
    return Mismatch(
        "a statement that SQLite can run",
        f"SQLite says: {call.refusal}",
        hint=_hint_on_widths(call.statement)
        or (
            "Your SELECT asks for something that is not there. What are the table and its columns called?"
            if call.refusal.startswith("no such")
            else "After your input the page's `%'` still follows. What turns the rest of a line into a comment?"
            if not call.has_comment
            else ""
        ),
        picture=call.draw("words"),
    )


def _hint_on_widths(statement: str) -> str:
    """A hint on a UNION of two SELECTs with other numbers of columns; empty if they are equal or cannot be told."""
    tree = _parse(statement)
    sides = [tree.this, tree.expression] if isinstance(tree, exp.SetOperation) else []
    widths = [len(side.selects) for side in sides if isinstance(side, exp.Select) and not side.is_star]
    if len(set(widths)) < 2:
        return ""
    return f"The page's SELECT has {widths[0]} columns and yours has {widths[1]}: what must be equal below UNION?"


def _parse(statement: str) -> exp.Expr | None:
    """The one statement that `statement` is, or None if it cannot be read as one."""
    try:
        return parse(statement, "SQLite")
    except Unreadable:
        return None


def _explain_missing_password(call: PageCall) -> Mismatch:
    rows = call.result
    return Mismatch(
        "the clerk's password among the rows",
        f"{len(rows)} rows without it",
        hint="These are members. In which column is the password, and is the clerk's row there?"
        if any(name in str(rows) for name in bookshop.MEMBERS)
        else "The page shows books and nothing else. Which word puts the rows of a second SELECT below the first?"
        if not isinstance(_parse(call.statement), exp.SetOperation)
        else "",
        tables=[Table("what the page shows", ("title", "price"), rows[:6])] if rows else (),
        picture=call.draw("words"),
    )


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
        self._lab, self.recorder = lab, _StatementRecorder(lab)
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
