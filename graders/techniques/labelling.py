"""Judges answers that put a name to each of several things, such as to each trace its anomaly."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graders.kernel.claims import KeyRequest, claim, key_for
from graders.kernel.exercise import digest
from graders.kernel.report import Mismatch


def names_asked(
    exercise: str,
    *,
    thing: str,
    names: Sequence[str],
    questions: Mapping[str, str],
    synonyms: Mapping[str, str] | None = None,
) -> None:
    """Register the claims on `exercise`, whose answer is a dictionary from the letter of each thing to one of `names`.

    `questions` has for each letter what to ask whoever named it otherwise; the right names are in the key, as digests.
    Letters and names may be written in capitals, and a name as one of its `synonyms`.
    """
    asked = _Asked(exercise, thing, tuple(names), dict(questions), dict(synonyms or {}))
    key_for(exercise)(asked.key)
    claim(exercise, worth=0, sentence=f"you give each {thing} one of the names")(asked.uses_the_names)
    for letter in questions:
        sentence = f"{thing} {letter} has the name that it deserves"
        claim(exercise, after="uses_the_names", sentence=sentence)(asked.judge_of(letter))


@dataclass(frozen=True)
class _Asked:
    exercise: str
    thing: str
    names: tuple[str, ...]
    questions: dict[str, str]
    synonyms: dict[str, str] = field(default_factory=dict)

    def key(self, request: KeyRequest) -> dict[str, str]:
        right = ast.literal_eval(request.solution.partition("=")[2].strip())
        return {letter: digest(self.exercise, letter, name) for letter, name in right.items()}

    def uses_the_names(self, answer: Any) -> None:
        named = self._read(answer)
        for letter in self.questions:
            if named.get(letter) not in self.names:
                given = f"`{named[letter]:.40}`" if letter in named else "none"
                raise Mismatch(f"one of {', '.join(self.names)} for {self.thing} {letter}", given)

    def judge_of(self, letter: str):
        def judge(answer: Any, key: dict[str, str]) -> None:
            name = self._read(answer)[letter]
            if digest(self.exercise, letter, name) != key[letter]:
                raise Mismatch("another name", f"`{name}`", self.questions[letter])

        judge.__name__ = f"names_{letter}"
        return judge

    def _read(self, answer: Any) -> dict[str, str]:
        if not isinstance(answer, dict):
            raise Mismatch(f"a dictionary with a name for each {self.thing}", f"`{answer!r:.120}`")
        return {str(letter).strip().lower(): self._plain(name) for letter, name in answer.items()}

    def _plain(self, name: Any) -> str:
        words = " ".join(str(name).lower().replace("-", " ").replace("_", " ").split())
        return self.synonyms.get(words, words)
