"""Judges answers that put a name to each of several things, such as to each trace its anomaly."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graders.kernel.claims import Attempt, KeyRequest, claim, experiment, key_for
from graders.kernel.exercise import stretch
from graders.kernel.report import Mismatch


@dataclass(frozen=True)
class LabellingExercise:
    """What is to be named, and by which names."""

    thing: str
    """What each letter stands for, such as "trace"."""
    names: tuple[str, ...]
    """The names among which to choose, in small letters."""
    questions: Mapping[str, str]
    """For each letter what to ask whoever gave it another name than the right one."""
    synonyms: Mapping[str, str] = field(default_factory=dict)
    """Other words that count as one of the names."""

    def read(self, answer: Any) -> dict[str, str]:
        """The name given to each letter; raise `Mismatch` if a letter has none, or one that is not offered."""
        if not isinstance(answer, dict):
            raise Mismatch(f"a dictionary with a name for each {self.thing}", f"`{answer!r:.120}`")
        labels = {str(letter).strip().lower(): self._plain_name(name) for letter, name in answer.items()}
        for letter in self.questions:
            if labels.get(letter) not in self.names:
                found = f"`{labels[letter]:.40}`" if letter in labels else f"no name for {letter}"
                raise Mismatch(f"one of {', '.join(self.names)} for {self.thing} {letter}", found)
        return labels

    def _plain_name(self, name: Any) -> str:
        words = " ".join(str(name).lower().replace("-", " ").replace("_", " ").split())
        return self.synonyms.get(words, words)


@dataclass(frozen=True)
class LabellingKey:
    """The right names as digests, so that the key does not give them away."""

    digests: dict[str, str]
    """For each letter the digest of its right name."""


@dataclass(frozen=True)
class Labels:
    """The name that an answer gives to each letter, and what the key says of them."""

    exercise: str
    names: dict[str, str]
    key: LabellingKey

    def is_right(self, letter: str) -> bool:
        """Whether `letter` has its right name."""
        return _digest(self.exercise, letter, self.names[letter]) == self.key.digests[letter]


def _digest(exercise: str, letter: str, name: str) -> str:
    return stretch(exercise, letter, name).hex()[:16]


def labelling_exercise(exercise: str, description: LabellingExercise) -> None:
    """Register the claims on `exercise`, whose answer is a dictionary from the letter of each thing to its name.

    The right names are those of the solution. Letters and names may be written in capitals.

        labelling_exercise("example-1", LabellingExercise(
            thing="trace", names=("lost update", "none"), questions={"a": "Who overwrites what?", "b": "Who waits?"}))
    """

    @key_for(exercise, of=LabellingKey)
    def make_key(request: KeyRequest) -> LabellingKey:
        right = ast.literal_eval(request.solution.partition("=")[2].strip())
        return LabellingKey({letter: _digest(exercise, letter, name) for letter, name in right.items()})

    condition = f"you give each {description.thing} one of the names"

    @experiment(exercise, condition=condition, description=description)
    def read_names(attempt: Attempt) -> Labels:
        return Labels(exercise, description.read(attempt.answer), attempt.key)

    for letter, question in description.questions.items():
        sentence = f"{description.thing} {letter} has the name that it deserves"
        claim(read_names, sentence=sentence)(_names_rightly(letter, question))


def _names_rightly(letter: str, question: str) -> Callable[[Labels], None]:
    def judge(labels: Labels) -> None:
        if not labels.is_right(letter):
            raise Mismatch("another name", f"`{labels.names[letter]}`", question)

    judge.__name__ = f"names_{letter}"
    return judge
