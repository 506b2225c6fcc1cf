"""Judges the answers that only choose: which letters are right, and what to say of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from graders.kernel.claims import Attempt, Claim, Experiment
from graders.kernel.exercise import ChoiceKey, Exercise, seal, unseal
from graders.kernel.report import Mismatch

RIGHT, WRONG = "+", "-"


def choice_key(name: str, options: dict[str, dict[str, Any]]) -> ChoiceKey:
    """The key of the choice called `name`.

    `options` maps a letter to its `text`, `because`, and `right` where it is right.
    """
    right = [letter for letter, option in options.items() if option.get("right")]
    signed = {letter: RIGHT if letter in right else WRONG for letter in options}
    sealed = {letter: seal(signed[letter] + option["because"], name, letter) for letter, option in options.items()}
    return ChoiceKey(len(right), sealed)


@dataclass(frozen=True)
class Choice:
    """The letters that were chosen, and what the key says of them."""

    exercise: str
    letters: list[str]
    key: ChoiceKey

    @property
    def is_right(self) -> bool:
        """Whether exactly the right letters were chosen."""
        return len(self.letters) == self.key.count and all(map(self.is_right_letter, self.letters))

    def is_right_letter(self, letter: str) -> bool:
        """Whether `letter` belongs to those that are right."""
        return self._open(letter).startswith(RIGHT)

    def because(self, letter: str) -> str:
        """What to say to whoever misjudged `letter`."""
        return self._open(letter)[1:]

    def _open(self, letter: str) -> str:
        return unseal(self.key.sealed[letter], self.exercise, letter)

    def misjudged(self) -> str:
        """An option that was chosen and is not right or, failing that, one that was left out and is."""
        letters = sorted(self.key.sealed, key=lambda letter: letter not in self.letters)
        return next(letter for letter in letters if self.is_right_letter(letter) != (letter in self.letters))


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
    because = choice.because(letter)
    return because if letter in choice.letters else f"You left out {letter}: {because}"


def explanations(exercise: Exercise, letters: list[str]) -> list[str]:
    """What to say of every option once a prediction has been made, the right one first named as such."""
    made = Choice(exercise.name, letters, exercise.key)
    return [_explanation(made, letter) for letter in exercise.options]


def _explanation(made: Choice, letter: str) -> str:
    label = "is what happens" if made.is_right_letter(letter) else "is not what happens"
    mark = " (your prediction)" if letter in made.letters else ""
    return f"{letter} {label}: {made.because(letter)}{mark}"
