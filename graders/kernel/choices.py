"""Judges answers that choose: letters of options, predictions, and steps put in order (Parsons problems)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from graders.kernel.claims import Attempt, Claim, Experiment
from graders.kernel.exercise import ChoiceKey, Exercise, digest
from graders.kernel.report import Mismatch


def read_letters(exercise: Exercise, text: str) -> list[str]:
    """The letters written in the answer cell, in alphabetical order; raise `Mismatch` for anything else."""
    return sorted(set(_letters(exercise, text)))


def read_order(exercise: Exercise, text: str) -> str:
    """The text of the steps, in the order of the letters written; raise `Mismatch` for anything but letters."""
    letters = _letters(exercise, text)
    repeated = [letter for letter in letters if letters.count(letter) > 1]
    if repeated:
        raise Mismatch("each step at most once", f"step {repeated[0]} twice")
    return "\n".join(exercise.options[letter] for letter in letters)


def _letters(exercise: Exercise, text: str) -> list[str]:
    lines = [line for line in text.splitlines() if not line.strip().startswith(("#", "--", "%%"))]
    words = [word for word in re.findall(r"\w+", " ".join(lines).lower()) if word != "and"]
    strange = [word for word in words if not set(word) <= set(exercise.options)]
    if strange:
        known = ", ".join(exercise.options)
        raise Mismatch(f"letters out of {known}", f"`{strange[0][:40]}`")
    return [letter for word in words for letter in word]


def choice_key(name: str, options: dict[str, dict[str, Any]]) -> ChoiceKey:
    """The key of the choice called `name`.

    `options` maps a letter to its `text`, `because`, and `right` where it is right.
    """
    right = [letter for letter, option in options.items() if option.get("right")]
    return ChoiceKey(
        right=digest(name, *sorted(right)),
        count=len(right),
        each={letter: digest(name, letter, str(letter in right)) for letter in options},
        because={letter: option["because"] for letter, option in options.items()},
    )


@dataclass(frozen=True)
class Choice:
    """The letters that were chosen, and what the key says of them."""

    exercise: str
    letters: list[str]
    key: ChoiceKey

    @property
    def is_right(self) -> bool:
        """Whether exactly the right letters were chosen."""
        return digest(self.exercise, *self.letters) == self.key.right

    def judges_well(self, letter: str) -> bool:
        """Whether `letter` was chosen and is right, or neither."""
        return self.key.each[letter] == digest(self.exercise, letter, str(letter in self.letters))

    def misjudged(self) -> str:
        """An option that was chosen and is not right or, failing that, one that was left out and is."""
        letters = sorted(self.key.each, key=lambda letter: letter not in self.letters)
        return next(letter for letter in letters if not self.judges_well(letter))


def choice_claims(exercise: Exercise) -> list[Claim]:
    """The one claim of a choice: that it is right, or, for a prediction, that it was made."""

    def read_choice(attempt: Attempt) -> Choice:
        return Choice(exercise.name, attempt.answer, attempt.key)

    choice = Experiment(exercise.name, "read_choice", read_choice)
    if exercise.kind == "prediction":
        return [Claim(exercise.name, "predicts", "you made a prediction", choice, _predicts)]
    many = exercise.key is not None and exercise.key.count != 1
    sentence = "you chose exactly the options that are right" if many else "you chose the option that is right"
    return [Claim(exercise.name, "chooses", sentence, choice, _chooses)]


def _predicts(choice: Choice) -> None:
    if len(choice.letters) != 1:
        raise Mismatch("one letter", f"{len(choice.letters)} letters")


def _chooses(choice: Choice) -> None:
    if choice.is_right:
        return
    one, many = "the option that is right", "all the options that are right, and no other"
    expected = one if choice.key.count == 1 else many
    raise Mismatch(expected, ", ".join(choice.letters), _hint(choice, choice.misjudged()))


def _hint(choice: Choice, letter: str) -> str:
    because = choice.key.because[letter]
    return because if letter in choice.letters else f"You left out {letter}. {because}"


def explanations(exercise: Exercise, letters: list[str]) -> list[str]:
    """What to say of every option once a prediction has been made, the right one first named as such."""
    return [_explanation(exercise, letter, letter in letters) for letter in exercise.options]


def _explanation(exercise: Exercise, letter: str, predicted: bool) -> str:
    key: ChoiceKey = exercise.key
    right = key.each[letter] == digest(exercise.name, letter, "True")
    label = "is what happens" if right else "is not what happens"
    return f"{letter} {label}: {key.because[letter]}" + (" (your prediction)" if predicted else "")
