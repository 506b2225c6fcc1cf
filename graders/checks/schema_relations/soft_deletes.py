"""Claims on members who leave, come back, and lend books: a mark in a row, and the rules that must know of it."""

from __future__ import annotations

import random
from functools import lru_cache, partial

from graders import Attempt, Mismatch, claim, experiment
from graders.checks.schema_relations.histories import (
    Deviation,
    HistoryRun,
    Model,
    RuleBook,
    Step,
    create_image,
    replay,
    run_histories,
    sorted_rows,
)
from graders.labs import open_image
from graders.labs.lab import Row

SAME_EMAIL, LEFT, NOBODY = "same email", "loan of one who left", "loan of nobody"
MEMBERS = "SELECT member_id, email, left_on FROM members ORDER BY member_id"
LOANS = "SELECT loan_id, member_id, returned FROM loans ORDER BY loan_id"
PRESENT = "SELECT member_id, email FROM present_members ORDER BY member_id"
STATEMENTS = {
    "join": "INSERT INTO members (member_id, email) VALUES ({0}, '{1}')",
    "leave": "UPDATE members SET left_on = '{2}' WHERE member_id = {0}",
    "come back": "UPDATE members SET left_on = NULL WHERE member_id = {0}",
    "new email": "UPDATE members SET email = '{1}' WHERE member_id = {0}",
    "lend": "INSERT INTO loans (loan_id, member_id) VALUES ({3}, {0})",
    "hand over": "UPDATE loans SET member_id = {0} WHERE loan_id = {3}",
    "return": "UPDATE loans SET returned = 1 WHERE loan_id = {3}",
}
KINDS = ("join", "join", "join", "leave", "leave", "come back", "new email", "lend", "lend", "hand over", "return")
KINDS_WITHOUT_LOANS = KINDS[:-2]
DAYS = ("2026-01-31", "2026-02-01", "2026-02-28")
NAMES = ("ada", "ben", "mei", "rui", "zoe")


class Library(Model):
    """Members with e-mail and the day on which they left, and loans with their member."""

    def __init__(self) -> None:
        self.members: dict[int, Row] = {}
        self.loans: dict[int, Row] = {}

    def _members_after(self, step: Step) -> dict[int, Row]:
        member, email, day, _ = step.values
        changed, old = dict(self.members), self.members.get(member)
        if step.kind == "join":
            changed[member] = (email, None)
        elif old and step.kind == "leave":
            changed[member] = (old[0], day)
        elif old and step.kind == "come back":
            changed[member] = (old[0], None)
        elif old and step.kind == "new email":
            changed[member] = (email, old[1])
        return changed

    def broken_rule(self, step: Step) -> str:
        """Two present members with one e-mail, or a loan of somebody who is not there, or not any more."""
        present = [email for email, left in self._members_after(step).values() if left is None]
        if len(set(present)) < len(present):
            return SAME_EMAIL
        member, _, _, loan = step.values
        if step.kind == "lend" or (step.kind == "hand over" and loan in self.loans and self._changes(loan, member)):
            if member not in self.members:
                return NOBODY
            return LEFT if self.members[member][1] else ""
        return ""

    def _changes(self, loan: int, member: int) -> bool:
        return bool(self.loans[loan][0] != member)

    def apply(self, step: Step) -> None:
        """Take the change over."""
        self.members = self._members_after(step)
        member, _, _, loan = step.values
        if step.kind == "lend":
            self.loans[loan] = (member, 0)
        elif step.kind == "hand over" and loan in self.loans:
            self.loans[loan] = (member, self.loans[loan][1])
        elif step.kind == "return" and loan in self.loans:
            self.loans[loan] = (self.loans[loan][0], 1)

    def rows(self) -> list[list[Row]]:
        """All members, all loans, and the members who are present."""
        members = [(number, *row) for number, row in sorted_rows(self.members)]
        present = [(number, email) for number, email, left in members if left is None]
        return [members, [(number, *row) for number, row in sorted_rows(self.loans)], present]


def draw_step(first: int, emails: list[str], rng: random.Random, number: int, model: Library) -> Step:
    """A change of one of a few members or loans; now and then of a member who is not there."""
    kind = rng.choice(KINDS) if model.loans else rng.choice(KINDS_WITHOUT_LOANS)
    member = first + number if kind == "join" else _draw_member(rng, first + number, model, kind)
    loan = rng.choice(list(model.loans)) if kind in ("hand over", "return") else first + number
    named = None if kind == "lend" and rng.random() < 0.1 else member
    values = (named, rng.choice(emails), rng.choice(DAYS), loan)
    return Step(kind, STATEMENTS[kind].format("NULL" if named is None else named, *values[1:]), values)


def _draw_member(rng: random.Random, stranger: int, model: Library, kind: str) -> int:
    """Somebody whom the change concerns: those who come back have left, as a rule; one in ten is a stranger."""
    left = [number for number, (_, day) in model.members.items() if day]
    concerned = left if kind == "come back" else [number for number in model.members if number not in left]
    someone = concerned if concerned and kind in ("come back", "leave") else list(model.members)
    return rng.choice(someone) if someone and rng.random() < 0.9 else stranger


@lru_cache(maxsize=2)
def make_rule_book(seed: int) -> RuleBook:
    """The three rules, and the numbers and e-mails of this seed."""
    rng = random.Random(seed)
    emails = [f"{name}{rng.randint(1, 99)}@example.org" for name in rng.sample(NAMES, 2)]
    draw = partial(draw_step, rng.randint(1, 500), emails)
    rules = {
        SAME_EMAIL: ("join", "come back", "new email"),
        LEFT: ("lend", "hand over"),
        NOBODY: ("lend", "hand over"),
    }
    return RuleBook(Library, draw, rules, (MEMBERS, LOANS, PRESENT), seed)


@experiment("members-who-come-back", condition="your script runs, and makes the two tables and the view of the task")
def change_members(attempt: Attempt) -> HistoryRun:
    """Run the script, and then histories of members who join, leave, come back and lend."""
    image = create_image("", attempt.answer)
    with open_image(image) as lab:
        kinds = {name: kind for kind, name in lab.run("SELECT type, lower(name) FROM main.sqlite_schema").rows}
    for name, kind in (("members", "table"), ("loans", "table"), ("present_members", "view")):
        if kinds.get(name) != kind:
            raise Mismatch(f"a {kind} `{name}`", f"a {kinds[name]}" if name in kinds else "nothing of that name")
    return run_histories(image, make_rule_book(attempt.seed))


@claim(change_members)
def refuses_the_same_email(run: HistoryRun) -> None:
    """two members who are present never have the same e-mail"""
    wrong = run.deviations.get(SAME_EMAIL)
    hint = (
        "Somebody came back whose e-mail is another's by now. Does your rule look at a row again when it changes?"
        if wrong and wrong.last.kind == "come back"
        else "Two members who are present share an e-mail. What forbids it in your tables?"
    )
    run.require_refused(SAME_EMAIL, hint)


@claim(change_members)
def refuses_loans_of_those_who_left(run: HistoryRun) -> None:
    """nobody who has left gets a book"""
    wrong = run.deviations.get(LEFT)
    hint = (
        "The loan was handed over to somebody who has left. Which event is that?"
        if wrong and wrong.last.kind == "hand over"
        else "The row of the member is still there, so a foreign key is content. Who looks at `left_on`?"
    )
    run.require_refused(LEFT, hint)


@claim(change_members, weight=0.5)
def refuses_loans_of_nobody(run: HistoryRun) -> None:
    """a loan names a member whom the library knows"""
    wrong = run.deviations.get(NOBODY)
    hint = (
        "A foreign key lets NULL pass, and this loan names nobody. Which words refuse it?"
        if wrong and wrong.last.values[0] is None
        else "Nobody has this number. Which clause ties a loan to its member?"
    )
    run.require_refused(NOBODY, hint)


@claim(change_members, weight=1.5, after=refuses_the_same_email)
def takes_what_is_allowed(run: HistoryRun) -> None:
    """everything that the rules allow goes through, and the view shows those who are present"""
    run.require_allowed(_explain)


def _explain(wrong: Deviation) -> str:
    kind, library = wrong.last.kind, Library()
    replay(library, wrong.steps[:-1])
    if wrong.unread and wrong.unread[0] == PRESENT:
        return "The view shows somebody else than those who are present. By what does it know them?"
    if not wrong.refusal:
        return ""
    if kind in ("join", "new email", "come back", "leave"):
        return "Nobody who is present has this e-mail. Which rows should your rule not look at?"
    member, _, _, loan = wrong.last.values
    borrower = library.loans[loan][0] if loan in library.loans else member
    if library.members.get(borrower, ("", None))[1]:
        return "The loan is an old one, of somebody who has left since. What may still change in it?"
    return "This member is present. Whom does your rule take for one who has left?"
