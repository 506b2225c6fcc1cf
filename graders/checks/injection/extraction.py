"""Claims on getting a secret out of a page that says only yes or no: what came out, and how often it was asked."""

from __future__ import annotations

from course_data import bookshop
from graders import Mismatch, claim
from graders.checks.injection.pages import in_stock
from graders.kernel.randomness import drawing
from graders.labs import EngineError, Lab, Result, Session, open_lab

LENGTH = 10
MOST_QUESTIONS = 120
TIMES = 2
PRINTABLE = "".join(map(chr, range(33, 127)))
# Runs in the box beside the student's function, so that `ask` is a plain function there, with lines of its own.
PAGE = """
def page(connection):
    def ask(sent):
        if not isinstance(sent, str):
            raise TypeError(f"ask takes a text, not {type(sent).__name__}")
        return connection.execute(sent).fetchone() is not None
    return ask
"""
CALL = "_asks_over_a_wire"
GLUE = f"""
_page = {{}}
exec(compile({PAGE!r}, "<the page>", "exec"), _page)
def {CALL}(connection):
    return extract(_page["page"](connection))
"""


class StockPage(Session):
    """The stock page at the end of a wire: it is sent what is "executed", and only yes or no comes back."""

    engine = "SQLite"

    def __init__(self, lab: Lab):
        self._lab = lab
        self.questions = 0

    def execute(self, statement, parameters=()):
        self.questions += 1
        return Result(("yes",), [(1,)] if in_stock(self._lab, statement) else [])

    def _not_a_page(self, *_):
        raise EngineError(self.engine, "the page takes a title, and nothing else", code="NotSupportedError")

    execute_many = run_script = commit = rollback = set_isolation_level = _not_a_page

    def in_transaction(self):
        return False

    def close(self):
        self._lab.close()


def _asked(extract, letters: str) -> tuple[str, object, int]:
    """A new secret of `letters`, with the first and the last; what `extract` makes of it, and how often it asked."""
    signs = [letters[0], letters[-1], *(drawing().choice(letters) for _ in range(LENGTH - 2))]
    drawing().shuffle(signs)
    secret = "".join(signs)
    lab = open_lab("SQLite", bookshop.SCHEMA, bookshop.data(drawing().randrange(10**9), secret))
    with StockPage(lab) as page:
        try:
            found = extract.box.define(GLUE, CALL)(page)
        except Mismatch as mismatch:
            expected = mismatch.expected.replace(f"{CALL}(connection)", "extract(ask)")
            raise Mismatch(expected.replace("ask its database", "ask"), mismatch.found) from None
        return secret, found, page.questions


@claim("injection-5")
def finds_the_password(extract):
    """`extract(ask)` gives the clerk's password, letter by letter"""
    for letters in [PRINTABLE] * TIMES:
        secret, found, questions = _asked(extract, letters)
        if found != secret:
            raise Mismatch(f"the clerk's password `{secret}`", _told(found, questions), _hint(secret, found))


def _told(found: object, questions: int) -> str:
    return f"`{found!r:.60}` after {questions} questions"


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


@claim("injection-5", worth=2, after=finds_the_password)
def asks_few_questions(extract):
    """it asks 120 questions at most"""
    _, _, questions = _asked(extract, PRINTABLE)
    if questions > MOST_QUESTIONS:
        hint = "Each of your questions rules out one letter. Which question rules out half of them?"
        raise Mismatch(
            f"{MOST_QUESTIONS} questions at most for {LENGTH} characters", f"{questions} questions", hint=hint
        )
