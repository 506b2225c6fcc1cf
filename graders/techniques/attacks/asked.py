"""Declares an exercise whose answer is a function that must hold against hostile inputs, in one call."""

from __future__ import annotations

from typing import Any

from graders.claims import claim
from graders.techniques.attacks.behaviour import Behaviour
from graders.techniques.attacks.judging import Finding, Trial
from graders.techniques.attacks.on_wire import OnWire
from graders.techniques.attacks.telling import Draw, mismatch_of

HONEST = "it does what is asked for everybody honest: with apostrophes, `%` and `_`, nothing at all, other scripts"
SAFE = "no input does anything but be looked for: every statement says the same whatever is sent"
SPARING = "its statements read only the columns that it needs"


def attacks_asked(
    exercise: str,
    *,
    answer: str,
    behaviour: Behaviour,
    draw: Draw | None = None,
    honest: str = HONEST,
    safe: str = SAFE,
) -> None:
    """Register the claims of `exercise`: its `answer`, a function of a connection, has `behaviour` and no other.

    `draw` makes the picture that a failed claim shows; `honest` and `safe` are the sentences of the claims.
    """

    def tried(function: Any, seed: int, look: str) -> None:
        with OnWire(function, behaviour.schema, behaviour.engine) as subject:
            finding: Finding | None = getattr(Trial(subject, behaviour, seed), look)()
        if finding:
            raise mismatch_of(finding, behaviour.engine, draw)

    def works(answer: Any, seed: int) -> None:
        tried(answer, seed, "mishap")

    def holds(answer: Any, seed: int) -> None:
        tried(answer, seed, "attack")

    def spares(answer: Any, seed: int) -> None:
        tried(answer, seed, "read_too_much")

    claim(exercise, sentence=honest, worth=2)(works)
    claim(exercise, sentence=safe, worth=2)(holds)
    if behaviour.needs is not None:
        claim(exercise, sentence=SPARING, after=works)(spares)
