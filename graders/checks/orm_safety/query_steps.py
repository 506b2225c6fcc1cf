"""Claims on the steps by which a mapper's query grows, in the order in which they are put."""

from __future__ import annotations

import textwrap
from dataclasses import replace

from course_data import bookshop_reviews
from graders import Mismatch
from graders.checks.orm_safety import mappers
from graders.checks.orm_safety.pages import CATALOGUE, expect_catalogue
from graders.figures.statements import draw_statement
from graders.kernel.claims import Attempt, claim, experiment
from graders.techniques.attacks import (
    A_NAME,
    IN_QUOTES,
    Data,
    Findings,
    Probe,
    explain_probe,
    probe,
)

PAGE = "from sqlalchemy import select, text\ndef page(session, Book, author, order):\n{}"

STEP_HINTS = {
    A_NAME: "One of your steps takes the order as SQL. Which two steps look it up in a list instead?",
    IN_QUOTES: "One of your steps writes the author into a text. Which step compares `Book.author` with it instead?",
}


def _draw_mixed_authors(data: Data) -> list[str]:
    """Authors of titles with and without a number at the start: `-title` as SQL sorts by that number."""
    starts: dict[str, set[bool]] = {}
    for _, title, author, *_ in data["books"]:
        starts.setdefault(author, set()).add(title[0].isdigit())
    return [author for author, kinds in starts.items() if len(kinds) == 2]


STEPS = replace(
    CATALOGUE,
    points=(
        replace(CATALOGUE.points[0], arguments=lambda author: (author, "title")),
        replace(CATALOGUE.points[-1], arguments=lambda order: ("James Joyce", order)),
    ),
    expects=lambda data, author, order: expect_catalogue(data, {"author": author}, order),
    more_calls=lambda data: [(author, "-title") for author in _draw_mixed_authors(data)[:2]],
)


def choose_step_hint(hint: str, probe: Probe) -> str:
    """The hint on a step, in place of the attack judge's, which speaks of an answer that was written."""
    if probe.point is None and any(f"ORDER BY {probe.value[1]}" in one.text for one in probe.record.statements):
        return STEP_HINTS[A_NAME]
    return STEP_HINTS.get(hint, hint)


@experiment("grow-a-query", description=STEPS)
def probe_steps(attempt: Attempt) -> Findings:
    """Probe the page that the steps make in this order; they are the lesson's own, so they need no isolation."""
    source = PAGE.format(textwrap.indent(attempt.answer + "\n", "    "))
    with mappers.open_source(source, "page", bookshop_reviews.SCHEMA, mappers.SQLALCHEMY) as subject:
        return probe(subject, STEPS, attempt)


@claim(probe_steps)
def steps_make_a_page(findings: Findings) -> None:
    """in this order your steps give the author's books, sorted"""
    mistake = findings.mistake
    if mistake and mistake.fault == "raised":
        hint = "Each step uses what steps before it made. Which name is not there yet?"
        raise Mismatch("the steps to run in this order", mistake.record.raised, hint=hint)
    if mistake and mistake.fault == "rows" and mistake.record.value is None:
        raise Mismatch("the books", "nothing", hint="Which step hands the books back?")
    if mistake:
        raise explain_probe(mistake, "SQLite", draw_statement, choose_step_hint)


@claim(probe_steps, after=steps_make_a_page)
def steps_are_safe(findings: Findings) -> None:
    """nothing that is sent becomes a part of the statement"""
    if findings.attack:
        raise explain_probe(findings.attack, "SQLite", draw_statement, choose_step_hint)
