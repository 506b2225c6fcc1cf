"""Judges one answer: runs the experiments of its exercise once, tries its claims, and reports on each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

from graders.kernel.answers import CODE_KINDS, read_answer, read_order, to_mismatch
from graders.kernel.choices import choice_claims, explanations
from graders.kernel.claims import (
    OPEN_SEED,
    Attempt,
    Claim,
    Experiment,
    claims_of,
    condition_claim,
    load_claims,
    rng_for,
)
from graders.kernel.exercise import Exercise
from graders.kernel.failures import describe_error
from graders.kernel.report import Mismatch, NotOffered, Report, Verdict
from graders.kernel.scoring import Outcome
from graders.labs import MissingEngine, OutOfBounds, bounded_work
from graders.sandbox import Isolation, SandboxError, SandboxTimeout, TemporaryFailure
from graders.sandbox.remote_labs import isolated_engines

NEEDS_REVIEW = "It is not your fault, and gives no points until a person has looked."
READING = "runs"


@dataclass(frozen=True)
class JudgeOptions:
    """Where and on what an answer is judged: the seed of the data and, in the grader only, the solution and isolation.

    The isolation stands around a student's Python and around the engines that run a student's SQL; without one, an
    answer can do what whoever runs it can do.
    """

    seed: int = OPEN_SEED
    solution: str | None = None
    isolation: Isolation | None = None


def judge(exercise: Exercise, text: str, options: JudgeOptions | None = None) -> Report:
    """Try the claims on `exercise` on the answer `text` and report on each; how its lines end is no part of it.

    A blank answer is "not attempted". What breaks for any other reason than a `Mismatch` is our own fault and is
    reported as such. Raise `TemporaryFailure` where isolation is required and a sandbox in it cannot be had, or is
    late, and nothing else.
    """
    options = options or JudgeOptions()
    try:
        return _judge(exercise, with_line_feeds(text), options)
    except Exception as error:
        if isinstance(error, TemporaryFailure) and options.isolation:
            raise
        return undecided_report(exercise, f"judging broke ({describe_error(error)}). {NEEDS_REVIEW}")


def with_line_feeds(text: str) -> str:
    """`text` with every line end a line feed: an editor's choice of line ends is not part of an answer."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _judge(exercise: Exercise, text: str, options: JudgeOptions) -> Report:
    claims = all_claims(exercise)
    if exercise.blank(text):
        return _report(exercise, tuple(_verdict(claim, Outcome.BLANK) for claim in claims))
    with bounded_work(), ExitStack() as stack:
        if options.isolation:
            stack.enter_context(isolated_engines(options.isolation))
        judging = AnswerJudge(exercise, text, options, stack)
        verdicts = tuple(judging.verdicts(claims))
        return _report(exercise, verdicts, judging.remarks(verdicts))


def undecided_report(exercise: Exercise, reason: str) -> Report:
    """A report that leaves every claim to a person, because judging itself came to nothing."""
    try:
        claims = all_claims(exercise)
    except Exception:
        claims = [replace(condition_claim(_reading_experiment(exercise, "your answer can be judged")), weight=1)]
    verdicts = tuple(_verdict(claim, Outcome.OUR_FAULT, found=reason) for claim in claims)
    return _report(exercise, verdicts)


def _report(exercise: Exercise, verdicts: tuple[Verdict, ...], remarks: tuple[str, ...] = ()) -> Report:
    return Report(exercise.name, exercise.points, verdicts, remarks, exercise.heading)


def all_claims(exercise: Exercise) -> list[Claim]:
    """The claims on `exercise`: those of its lesson, after those that every exercise of its kind has."""
    if exercise.kind in ("choice", "prediction"):
        return choice_claims(exercise)
    load_claims(exercise.lesson)
    own = claims_of(exercise.name)
    if exercise.kind in CODE_KINDS:
        sentence = f"your cell runs and defines `{exercise.answer}`"
        if exercise.kind == "shell":
            sentence = "your answer can be run"
        return [condition_claim(_reading_experiment(exercise, sentence)), *own]
    return own


def _reading_experiment(exercise: Exercise, condition: str) -> Experiment[None]:
    """The experiment that does nothing with an answer but read it."""
    return Experiment(exercise.name, READING, lambda attempt: None, condition)


class AnswerJudge:
    """The judging of one answer: it is read once, and each experiment is run once, when a claim first asks for it."""

    def __init__(self, exercise: Exercise, text: str, options: JudgeOptions, stack: ExitStack):
        self.exercise = exercise
        self.text = text
        self.options = options
        self._stack = stack
        self._attempt: Attempt | StoredError | None = None
        self._observed: dict[Callable[..., Any], Any] = {}
        self._reported: set[Callable[..., Any]] = set()

    def verdicts(self, claims: list[Claim]) -> Iterator[Verdict]:
        """The verdict on each claim, in their order."""
        met: set[str] = set()
        conditions = {claim.name for claim in claims} & {READING}
        for claim in claims:
            verdict = self._try(claim, met, conditions)
            if verdict.outcome in (Outcome.HOLDS, Outcome.OUR_FAULT):
                met.add(claim.name)
            yield verdict

    def remarks(self, verdicts: tuple[Verdict, ...]) -> tuple[str, ...]:
        """What a prediction is told about every option once it has been made."""
        if self.exercise.kind == "prediction" and verdicts[0].outcome is Outcome.HOLDS:
            return tuple(explanations(self.exercise, self._get_attempt().answer))
        return ()

    def _try(self, claim: Claim, met: set[str], conditions: set[str]) -> Verdict:
        if not (self._prerequisites(claim) | conditions) - {claim.name} <= met:
            return _verdict(claim, Outcome.WAITS)
        try:
            return self._decide(claim)
        except Exception as error:
            if isinstance(error, TemporaryFailure) and self.options.isolation:
                raise
            return _timeout(claim, error) if isinstance(error, SandboxTimeout) else _our_fault(claim, error)

    def _decide(self, claim: Claim) -> Verdict:
        try:
            claim.judge(self._observe(claim.experiment))
        except Mismatch as mismatch:
            return _failure(claim, mismatch)
        except (NotOffered, MissingEngine) as reason:
            return _verdict(claim, Outcome.OUR_FAULT, found=f"not tried: {reason} It counts neither way.")
        except OutOfBounds as error:
            # What we run ourselves is small: it is the answer that the engine could not bear.
            found = f"{error.engine}: {error.sentence}"
            return _failure(claim, Mismatch("an answer that the engine can finish", found))
        except AlreadyReported:
            return _verdict(claim, Outcome.WAITS)
        return _verdict(claim, Outcome.HOLDS)

    def _prerequisites(self, claim: Claim) -> set[str]:
        """The names of the claims that must hold before `claim` is tried."""
        condition = {claim.experiment.name} if claim.experiment.condition else set()
        return condition | ({claim.after} if claim.after else set())

    def _observe(self, experiment: Experiment[Any]) -> Any:
        """What the experiment observes; what it raised is raised for the first claim, and others wait."""
        run = experiment.run
        if run not in self._observed:
            self._observed[run] = _catch(lambda: run(self._get_attempt()))
        found = self._observed[run]
        if not isinstance(found, StoredError):
            return found
        if run in self._reported and isinstance(found.error, (Mismatch, OutOfBounds)):
            raise AlreadyReported
        self._reported.add(run)
        raise found.error

    def _get_attempt(self) -> Attempt:
        if self._attempt is None:
            self._attempt = _catch(self._make_attempt)
        if isinstance(self._attempt, StoredError):
            raise self._attempt.error
        return self._attempt

    def _make_attempt(self) -> Attempt:
        seed = self.options.seed
        answer = read_answer(self.exercise, self.text, self._stack, self.options.isolation)
        solution = self.options.solution
        if solution is not None and self.exercise.kind == "parsons":
            solution = read_order(self.exercise.options, solution)
        return Attempt(answer, seed, self.exercise.key, solution, rng_for(seed, self.text))


class AlreadyReported(Exception):
    """A claim about an experiment that came to nothing, which an earlier claim has said."""


@dataclass(frozen=True)
class StoredError:
    """An exception, kept in place of a value."""

    error: Exception


def _catch(action: Any) -> Any:
    """What `action` gives, or `StoredError` with what it raised."""
    try:
        return action()
    except SandboxError as error:
        return StoredError(to_mismatch(error))
    except Exception as error:
        return StoredError(error)


def _verdict(claim: Claim, outcome: Outcome, **details: Any) -> Verdict:
    return Verdict(claim.name, claim.sentence, outcome, claim.weight, **details)


def _failure(claim: Claim, mismatch: Mismatch) -> Verdict:
    details = {name: getattr(mismatch, name) for name in ("expected", "found", "hint", "tables", "picture")}
    return _verdict(claim, Outcome.FAILS, **details)


def _timeout(claim: Claim, late: SandboxTimeout) -> Verdict:
    reason = f"not tried to the end: {late}. {NEEDS_REVIEW} Check again when less is going on."
    return _verdict(claim, Outcome.OUR_FAULT, found=reason)


def _our_fault(claim: Claim, error: Exception) -> Verdict:
    return _verdict(claim, Outcome.OUR_FAULT, found=f"this check broke ({describe_error(error)}). {NEEDS_REVIEW}")
