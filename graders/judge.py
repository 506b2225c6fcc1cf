"""Judges one answer: runs the claims of its exercise and collects their verdicts in a report."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any

from graders.box import NoBox, Wall
from graders.chance import OPEN_SEED, drawn_for
from graders.claims import LABS, Claim, claims_of
from graders.containment import contained, fault_words
from graders.engines import engines_behind
from graders.exercise import Exercise
from graders.labs import OutOfBounds
from graders.labs.work import bounded_work
from graders.report import Mismatch, NotOffered, Outcome, Report, Table, Verdict
from graders.techniques.choices import choice_claims, explanations, read_letters, read_order
from graders.techniques.orms.answers import open_in_runtime
from graders.techniques.python_answers import open_answer

MOST_SHOWN = 1_000
IN_A_BOX = ("python", "javascript", "java")


@dataclass(frozen=True)
class Setting:
    """Where and on what an answer is judged: the seed of the data and, in the grader only, the solution and a wall.

    The wall stands around a student's Python and around the engines that run a student's SQL; without one, an answer
    can do what whoever runs it can do.
    """

    seed: int = OPEN_SEED
    solution: str | None = None
    wall: Wall | None = None


def judge(exercise: Exercise, text: str, setting: Setting | None = None) -> Report:
    """Run the claims of `exercise` on the answer `text` and report on each.

    A blank answer is "not attempted". A claim that breaks for any other reason than a `Mismatch` is our own fault
    and is reported as such. Raise `NoBox` where a wall is asked for and no box can be had behind it.
    """
    claims = all_claims(exercise)
    if exercise.blank(text):
        blank = tuple(_verdict(claim, Outcome.BLANK) for claim in claims)
        return Report(exercise.name, exercise.points, blank)
    setting = setting or Setting()
    with bounded_work(), drawn_for(setting.seed, text), ExitStack() as stack:
        if setting.wall:
            stack.enter_context(engines_behind(setting.wall))
        given = _Given(exercise, text, setting, stack)
        verdicts = tuple(_verdicts(claims, given))
        return Report(exercise.name, exercise.points, verdicts, _remarks(exercise, given, verdicts))


def check_answer(exercise: Exercise, text: str) -> Report:
    """Judge as the student's own check does: where judging itself breaks, every claim is left to a person."""
    faults: list[str] = []
    with contained("judging it", faults.append):
        return judge(exercise, text)
    return undecided(exercise, faults[0])


def undecided(exercise: Exercise, reason: str) -> Report:
    """A report that leaves every claim to a person, because judging itself came to nothing."""
    verdicts = tuple(_verdict(claim, Outcome.OUR_FAULT, found=reason) for claim in all_claims(exercise))
    return Report(exercise.name, exercise.points, verdicts)


def _remarks(exercise: Exercise, given: _Given, verdicts: tuple[Verdict, ...]) -> tuple[str, ...]:
    if exercise.kind == "prediction" and verdicts[0].outcome is Outcome.HOLDS:
        return tuple(explanations(exercise, given.answer()))
    return ()


def all_claims(exercise: Exercise) -> list[Claim]:
    """The claims on `exercise`: those of its module, after those that every exercise of its kind has."""
    if exercise.kind in ("choice", "prediction"):
        return choice_claims(exercise)
    own = claims_of(exercise.name)
    if exercise.kind in IN_A_BOX:
        sentence = f"your cell runs and defines `{exercise.answer}`"
        return [Claim(exercise.name, "runs", sentence, _runs, 0, None), *own]
    return own


def _runs(answer: Any) -> None:
    """The answer could be read: reading it is what raises otherwise."""


class _Given:
    """What claims may ask for by the name of a parameter; the answer is read once, labs are always fresh."""

    def __init__(self, exercise: Exercise, text: str, setting: Setting, stack: ExitStack):
        self.exercise = exercise
        self.text = text
        self.setting = setting
        self.stack = stack
        self._answer: Callable[[], Any] | None = None

    def answer(self) -> Any:
        if self._answer is None:
            self._answer = self._read()
        return self._answer()

    def _read(self) -> Callable[[], Any]:
        try:
            value = READERS[self.exercise.kind](self)
        except (Mismatch, NotOffered) as reason:
            return _raiser(reason)
        return lambda: value

    @contextmanager
    def arguments(self, claim: Claim) -> Iterator[dict[str, Any]]:
        with ExitStack() as stack:
            yield {name: self._one(name, stack) for name in claim.needs}

    def _one(self, name: str, stack: ExitStack) -> Any:
        if name in ("answer", self.exercise.answer):
            return self.answer()
        if name == "lab":
            return stack.enter_context(LABS[self.exercise.name](self.setting.seed))
        known = {"key": self.exercise.key, "seed": self.setting.seed, "solution": self.setting.solution}
        if name not in known:
            answer = f"its answer is called `{self.exercise.answer}`"
            raise LookupError(f"a claim on {self.exercise.name} asks for `{name}`, but {answer}")
        return known[name]


READERS: dict[str, Callable[[_Given], Any]] = {
    "sql": lambda given: given.text,
    "python": lambda given: open_answer(given.exercise, given.text, given.stack, given.setting.wall),
    "javascript": lambda given: open_in_runtime(given.exercise, given.text, given.stack, given.setting.wall),
    "java": lambda given: open_in_runtime(given.exercise, given.text, given.stack, given.setting.wall),
    "choice": lambda given: read_letters(given.exercise, given.text),
    "prediction": lambda given: read_letters(given.exercise, given.text),
    "parsons": lambda given: read_order(given.exercise, given.text),
}


def _raiser(reason: Exception) -> Callable[[], Any]:
    def raise_it():
        raise reason

    return raise_it


def _verdicts(claims: list[Claim], given: _Given) -> Iterator[Verdict]:
    held: set[str] = set()
    for claim in claims:
        verdict = _try(claim, given, held, implied="runs" in {other.name for other in claims})
        if verdict.outcome in (Outcome.HOLDS, Outcome.OUR_FAULT):
            held.add(claim.name)
        yield verdict


def _try(claim: Claim, given: _Given, held: set[str], implied: bool) -> Verdict:
    before = {claim.after} if claim.after else set()
    if implied and claim.name != "runs":
        before.add("runs")
    if not before <= held:
        return _verdict(claim, Outcome.WAITS)
    try:
        with given.arguments(claim) as arguments:
            claim.judge(**arguments)
    except Mismatch as mismatch:
        return _failed(claim, mismatch)
    except NotOffered as reason:
        return _verdict(claim, Outcome.OUR_FAULT, found=f"not tried: {reason} It costs you nothing.")
    except OutOfBounds as error:
        # What we run ourselves is small: it is the answer that the engine could not bear.
        return _failed(claim, Mismatch("an answer that the engine can finish", f"{error.engine}: {error.sentence}"))
    except Exception as error:
        if isinstance(error, NoBox) and given.setting.wall:
            raise
        return _our_fault(claim, error)
    return _verdict(claim, Outcome.HOLDS)


def _verdict(claim: Claim, outcome: Outcome, **more: Any) -> Verdict:
    return Verdict(claim.name, claim.sentence, outcome, claim.worth, **more)


def _failed(claim: Claim, mismatch: Mismatch) -> Verdict:
    return _verdict(
        claim,
        Outcome.FAILS,
        expected=_cut(mismatch.expected),
        found=_cut(mismatch.found),
        hint=mismatch.hint,
        tables=tuple(_cut_table(table) for table in mismatch.tables),
        picture=mismatch.picture,
    )


def _cut(value: Any, most: int = MOST_SHOWN) -> Any:
    """`value`, but of a text only as much as anybody reads: an answer may give back megabytes."""
    if not isinstance(value, (str, bytes)) or len(value) <= most:
        return value
    return value[:most] + ("…" if isinstance(value, str) else b"")


def _cut_table(table: Table) -> Table:
    columns, rows = tuple(map(_cut, table.columns)), [tuple(map(_cut, row)) for row in table.rows]
    return replace(table, title=_cut(table.title), columns=columns, rows=rows)


def _our_fault(claim: Claim, error: Exception) -> Verdict:
    words = f"this check broke ({fault_words(error)}). It costs you nothing."
    return _verdict(claim, Outcome.OUR_FAULT, found=words)
