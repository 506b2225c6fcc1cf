"""An exercise that asks for a function that strangers may call: one call registers its claims, as for queries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graders.kernel.claims import claim
from graders.techniques.attacks.behaviour import Behaviour
from graders.techniques.attacks.judging import Finding, Trial
from graders.techniques.attacks.on_wire import OnWire
from graders.techniques.attacks.telling import Draw, mismatch_of

HONEST = "it does what is asked for everybody honest: with apostrophes, `%` and `_`, nothing at all, other scripts"
SAFE = "no input does anything but be looked for: every statement says the same whatever is sent"
SPARING = "its statements read only the columns that it needs"


def on_wire(function: Any, behaviour: Behaviour) -> OnWire:
    """A Python function of a connection as a subject."""
    return OnWire(function, behaviour.schema, behaviour.engine)


def attacks_asked(
    exercise: str,
    *,
    answer: str,
    behaviour: Behaviour,
    draw: Draw | None = None,
    honest: str = HONEST,
    safe: str = SAFE,
    opens: Callable[[Any, Behaviour], Any] = on_wire,
) -> None:
    """Register the claims of `exercise`: its `answer`, by default a function of a connection, has `behaviour` alone.

    `draw` makes the picture that a failed claim shows; `honest` and `safe` are the sentences of the claims. `opens`
    makes a subject of the answer, to be used in a `with`.
    """

    def tried(function: Any, seed: int, look: str) -> None:
        with opens(function, behaviour) as subject:
            finding: Finding | None = getattr(Trial(subject, behaviour, seed), look)()
        if finding:
            raise mismatch_of(finding, behaviour.engine, draw)

    def works(answer: Any, seed: int) -> None:
        tried(answer, seed, "mishap")

    def holds(answer: Any, seed: int) -> None:
        tried(answer, seed, "attack")

    def spares(answer: Any, seed: int) -> None:
        tried(answer, seed, "read_too_much")

    claim(exercise, sentence=honest)(works)
    claim(exercise, sentence=safe, worth=2)(holds)
    if behaviour.needs is not None:
        claim(exercise, sentence=SPARING, after=works)(spares)
