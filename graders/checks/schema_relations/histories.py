"""Random histories of changes: a model says which of them the rules allow, and the tables must agree with it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

from graders import Mismatch
from graders.kernel.report import Table
from graders.labs import EngineError, Lab, Result, open_image, open_lab
from graders.labs.lab import Row
from graders.techniques.queries import serialize_database

HISTORIES, LENGTH, DRAWS, MAX_DRAWN = 6, 16, 24, 60
# Where no rule can be broken there are as many histories as with this many ways to break one.
WAYS_WITHOUT_RULES = 4
ALLOWED = ""
CHECK_FIRST = "changes that are allowed to go through, so that those that are not can be tried"


@dataclass(frozen=True)
class Step:
    """One change: what happens in the shop or the library, and the statement that says it."""

    kind: str
    statement: str
    values: tuple[Any, ...]


class Model(Protocol):
    """What the tables should hold, kept where no trigger can touch it."""

    def broken_rule(self, step: Step) -> str:
        """The name of the rule that the step breaks; "" if it is allowed."""

    def apply(self, step: Step) -> None:
        """Do what an allowed step does."""

    def rows(self) -> list[list[Row]]:
        """What each of the rule book's queries should give now."""


@dataclass(frozen=True)
class RuleBook:
    """The rules that tables must keep, and how changes are drawn that keep or break them."""

    new_model: Callable[[], Model]
    """Gives the model of tables without rows."""
    draw_step: Callable[[random.Random, int, Any], Step]
    """Draws a change for a model as it is, whose values collide with others; no other step has its number."""
    rules: Mapping[str, Sequence[str]]
    """The names of the rules, each with the kinds of change that can break it."""
    reads: Sequence[str]
    """Queries in a fixed order, whose rows the model knows."""
    seed: int
    """The seed from which histories are drawn."""

    @cached_property
    def histories(self) -> list[tuple[str, list[Step]]]:
        """Histories that break no rule, and for each way to break a rule histories that break this one alone."""
        rng = random.Random(self.seed)
        ways = [(rule, kind) for rule, kinds in self.rules.items() for kind in kinds]
        planned = [(ALLOWED, "")] * (len(ways) or WAYS_WITHOUT_RULES) + ways
        return [(rule, _draw_breaking(rng, self, rule, kind)) for rule, kind in planned for _ in range(HISTORIES)]


@dataclass(frozen=True)
class Deviation:
    """The shortest history found whose last step the tables treat otherwise than the rules do."""

    steps: Sequence[Step]
    rule: str
    """The rule that the last step breaks; "" if it is allowed."""
    refusal: str = ""
    """The engine's sentence where it refused an allowed step."""
    unread: tuple[str, list[Row], list[Row]] | None = None
    """A query that gives other rows than it should after an allowed step: its text, and the rows due and found."""

    @property
    def last(self) -> Step:
        """The step that goes wrong."""
        return self.steps[-1]

    def tables(self) -> list[Table]:
        """The history, and the rows that should be there and are where a query goes wrong."""
        history = [(number, step.statement) for number, step in enumerate(self.steps, 1)]
        shown = [Table("the shortest history found", ("step", "statement"), history)]
        if not self.unread:
            return shown
        query, expected, found = self.unread
        names = tuple(query.split(" FROM ")[0].removeprefix("SELECT ").split(", "))
        return [*shown, Table("rows that should be there", names, expected), Table("rows that are", names, found)]


@dataclass
class HistoryRun:
    """What came of all histories."""

    tried: dict[str, int] = field(default_factory=dict)
    """How many steps broke each rule, while all had been well until then."""
    deviations: dict[str, Deviation] = field(default_factory=dict)
    """One for each rule that a step can break and get in; under "" one that is allowed and goes wrong."""

    def require_allowed(self, explain: Callable[[Deviation], str]) -> None:
        """Raise `Mismatch` if a change that is allowed is refused, or has not the effect that it says."""
        wrong = self.deviations.get(ALLOWED)
        if wrong is None:
            return
        if wrong.refusal:
            raise Mismatch(
                "the last change to go through", f"SQLite says: {wrong.refusal}", explain(wrong), wrong.tables()
            )
        raise Mismatch("the change, and no other row changed", "other rows", explain(wrong), wrong.tables())

    def require_refused(self, rule: str, hint: str) -> None:
        """Raise `Mismatch` if a change that breaks `rule` gets in, or none could be tried."""
        if wrong := self.deviations.get(rule):
            raise Mismatch("the last change to be refused", "no error", hint, wrong.tables())
        if not self.tried.get(rule):
            raise Mismatch(CHECK_FIRST, "they are refused")


def sorted_rows(kept: Mapping[int, Row]) -> list[tuple[int, Row]]:
    """The rows that a model keeps, by their numbers."""
    return sorted(kept.items())


def create_image(schema: str, script: str) -> bytes:
    """The database file that `script` leaves of `schema`; raise `Mismatch` if SQLite refuses a statement of it."""
    with open_lab("SQLite", schema) as lab:
        try:
            lab.run(script)
        except EngineError as error:
            raise Mismatch("a script that SQLite accepts", error.says) from None
        return serialize_database(lab)


def run_histories(image: bytes, book: RuleBook) -> HistoryRun:
    """Run the rule book's histories on the database file, each from its start."""
    run = HistoryRun()
    with open_image(image) as lab:
        for rule, steps in book.histories:
            found = None if rule in run.deviations else _find_deviation(lab, book, steps, run.tried)
            if found and found.rule not in run.deviations:
                run.deviations[found.rule] = _shorten(lab, book, found)
    return run


def replay(model: Model, steps: Sequence[Step]) -> None:
    """Do those of `steps` that break no rule."""
    for step in steps:
        if not model.broken_rule(step):
            model.apply(step)


def _draw_breaking(rng: random.Random, book: RuleBook, rule: str, kind: str) -> list[Step]:
    """A history in which a change of this kind breaks `rule`, if one is found soon; without a rule, any."""
    for _ in range(MAX_DRAWN):
        steps, kinds = _draw_history(rng, book, rule, kind)
        if kinds or not rule:
            break
    return steps


def _draw_history(rng: random.Random, book: RuleBook, rule: str, kind: str) -> tuple[list[Step], int]:
    """Changes that are allowed, or are of this kind and break `rule`; and how many of the latter."""
    model, steps, count = book.new_model(), list[Step](), 0
    for number in range(1, LENGTH + 1):
        drawn = [book.draw_step(rng, number, model) for _ in range(DRAWS)]
        legal = [step for step in drawn if not model.broken_rule(step)]
        broken = [step for step in drawn if step.kind == kind and model.broken_rule(step) == rule]
        choices = broken if broken and rng.random() < 0.7 else legal
        if choices:
            kinds = sorted({step.kind for step in choices})
            chosen = rng.choice(kinds)
            steps.append(next(step for step in choices if step.kind == chosen))
            count += choices is broken
            replay(model, steps[-1:])
    return steps, count


def _find_deviation(lab: Lab, book: RuleBook, steps: Sequence[Step], tried: dict[str, int]) -> Deviation | None:
    """The steps up to the first that goes wrong; None if all goes as the rules say."""
    for number, (rule, outcome, unread) in enumerate(_run(lab, book, steps), 1):
        tried[rule] = tried.get(rule, 0) + 1
        refusal = outcome.sentence if isinstance(outcome, EngineError) else ""
        if rule and not refusal:
            return Deviation(steps[:number], rule)
        if not rule and (refusal or unread):
            return Deviation(steps[:number], rule, refusal, unread)
    return None


Outcome = Result | EngineError
Unread = tuple[str, list[Row], list[Row]] | None


def _run(lab: Lab, book: RuleBook, steps: Sequence[Step]) -> Iterator[tuple[str, Outcome, Unread]]:
    """For each step the rule that it breaks, what became of it, and a query that gives other rows afterwards."""
    lab.rewind()
    model = book.new_model()
    outcomes = lab.outcomes([text for step in steps for text in (step.statement, *book.reads)])
    width = 1 + len(book.reads)
    for place, step in enumerate(steps):
        outcome, *read = outcomes[place * width : (place + 1) * width]
        if not (rule := model.broken_rule(step)):
            model.apply(step)
        yield rule, outcome, _find_unread(book, model, read)


def _find_unread(book: RuleBook, model: Model, read: Sequence[Outcome]) -> Unread:
    for query, expected, outcome in zip(book.reads, model.rows(), read, strict=True):
        if isinstance(outcome, EngineError):
            raise Mismatch(f"`{query}` to run", outcome.says)
        if outcome.rows != expected:
            return query, expected, outcome.rows
    return None


def _shorten(lab: Lab, book: RuleBook, deviation: Deviation) -> Deviation:
    """Leave out steps before the last as long as the last still goes wrong, in the same way."""
    place = 0
    while place < len(deviation.steps) - 1:
        fewer = [*deviation.steps[:place], *deviation.steps[place + 1 :]]
        shorter = _find_deviation(lab, book, fewer, {})
        if shorter and len(shorter.steps) == len(fewer) and _kind(shorter) == _kind(deviation):
            deviation, place = shorter, 0
        else:
            place += 1
    return deviation


def _kind(deviation: Deviation) -> tuple[str, bool, str]:
    return deviation.rule, bool(deviation.refusal), deviation.last.kind
