"""Judges answers that put a name to each of several things, such as to each trace its anomaly."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Any

from graders.claims import claim, key_for
from graders.exercise import digest
from graders.report import Mismatch


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

    def found(answer: Any) -> dict[str, str]:
        if not isinstance(answer, dict):
            raise Mismatch(f"a dictionary with a name for each {thing}", f"`{answer!r:.120}`")
        return {str(letter).strip().lower(): _plain(name, synonyms or {}) for letter, name in answer.items()}

    @key_for(exercise)
    def digests(solution: str, seed: int, count: int) -> dict[str, str]:
        right = ast.literal_eval(solution.partition("=")[2].strip())
        return {letter: digest(exercise, letter, name) for letter, name in right.items()}

    @claim(exercise, worth=0, sentence=f"you give each {thing} one of the names")
    def uses_the_names(answer):
        named = found(answer)
        for letter in questions:
            if named.get(letter) not in names:
                given = f"`{named[letter]:.40}`" if letter in named else "none"
                raise Mismatch(f"one of {', '.join(names)} for {thing} {letter}", given)

    def claim_on(letter: str) -> None:
        def judge(answer, key):
            name = found(answer)[letter]
            if digest(exercise, letter, name) != key[letter]:
                raise Mismatch("another name", f"`{name}`", questions[letter])

        judge.__name__ = f"names_{letter}"
        claim(exercise, after=uses_the_names, sentence=f"{thing} {letter} has the name that it deserves")(judge)

    for letter in questions:
        claim_on(letter)


def _plain(name: Any, synonyms: Mapping[str, str]) -> str:
    words = " ".join(str(name).lower().replace("-", " ").split())
    return synonyms.get(words, words)
