"""An exercise that asks for a function that strangers may call: one call registers its experiment and its claims."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from graders.kernel.claims import Attempt, claim, experiment
from graders.sandbox import SandboxedFunction
from graders.techniques.attacks.behaviour import Behaviour
from graders.techniques.attacks.explanation import Draw, mismatch_of
from graders.techniques.attacks.probing import Probe, Prober
from graders.techniques.attacks.subject import ConnectionSubject, Subject

HONEST = "it gives honest people what they ask for: with apostrophes, `%` and `_`, empty texts, other scripts"
SAFE = "what is sent is looked for, and does nothing else: its statements are the same for every input"
SPARING = "its statements read only the columns that it needs"


def connect(function: SandboxedFunction, behaviour: Behaviour) -> ConnectionSubject:
    """A Python function of a connection as a subject."""
    return ConnectionSubject(function, behaviour.schema, behaviour.engine)


@dataclass(frozen=True)
class InjectionExercise:
    """A function that strangers call, and how it is attacked."""

    behaviour: Behaviour
    """What the function must do, and nothing else."""
    draw: Draw | None = None
    """Draws the statement of a failed claim, with the value in it marked, for an engine; its `str` is SVG."""
    honest: str = HONEST
    """The sentence of the claim on calls of honest people."""
    safe: str = SAFE
    """The sentence of the claim on hostile inputs."""
    open_subject: Callable[[SandboxedFunction, Behaviour], AbstractContextManager[Subject]] = connect
    """Makes a subject of the answer, by default a function of a connection."""


@dataclass(frozen=True)
class Findings:
    """What went wrong when a function was called, and None where nothing did."""

    mistake: Probe | None
    """The first call of an honest person that went wrong."""
    attack: Probe | None
    """The worst of what hostile inputs did."""
    needless_read: Probe | None
    """The first statement of an honest call that read columns which it does not need."""


def probe(subject: Subject, behaviour: Behaviour, attempt: Attempt) -> Findings:
    """Call `subject` as honest people and as others do, on data from the attempt's seed."""
    prober = Prober(subject, behaviour, attempt.seed, attempt.rng)
    return Findings(prober.find_mistake(), prober.find_attack(), prober.find_needless_read())


def injection_exercise(exercise: str, description: InjectionExercise) -> None:
    """Register the claims of `exercise`: its answer has the behaviour of `description`, and no other.

    injection_exercise("example-1", InjectionExercise(Behaviour(
        schema=bookshop.SCHEMA, data=bookshop.data, expects=books_of, secrets=(("members", "password"),),
        points=(InjectionPoint("author", "text", honest=("Jane Austen", "Pia O'Neill", "")),))))
    """
    behaviour, draw = description.behaviour, description.draw

    @experiment(exercise, description=description)
    def probe_function(attempt: Attempt) -> Findings:
        with description.open_subject(attempt.answer, behaviour) as subject:
            return probe(subject, behaviour, attempt)

    def refute(fault: Probe | None) -> None:
        if fault:
            raise mismatch_of(fault, behaviour.engine, draw)

    @claim(probe_function, sentence=description.honest)
    def serves_the_honest(findings: Findings) -> None:
        refute(findings.mistake)

    @claim(probe_function, weight=2, sentence=description.safe)
    def withstands_attacks(findings: Findings) -> None:
        refute(findings.attack)

    if behaviour.needs is not None:

        @claim(probe_function, after=serves_the_honest, sentence=SPARING)
        def reads_what_it_needs(findings: Findings) -> None:
            refute(findings.needless_read)
