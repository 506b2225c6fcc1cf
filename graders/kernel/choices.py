"""Judges answers that choose: letters of options, predictions, and steps put in order (Parsons problems)."""

from __future__ import annotations

import re

from graders.kernel.claims import Claim
from graders.kernel.exercise import Exercise, digest
from graders.kernel.report import Mismatch


def read_letters(exercise: Exercise, text: str) -> list[str]:
    """The letters written in the answer cell, in alphabetical order; raise `Mismatch` for anything else."""
    letters = _letters(exercise, text)
    return sorted(set(letters))


def read_order(exercise: Exercise, text: str) -> str:
    """The text of the steps, in the order of the letters written; raise `Mismatch` for anything but letters."""
    letters = _letters(exercise, text)
    twice = [letter for letter in letters if letters.count(letter) > 1]
    if twice:
        raise Mismatch("each step at most once", f"step {twice[0]} twice")
    return "\n".join(exercise.options[letter] for letter in letters)


def _letters(exercise: Exercise, text: str) -> list[str]:
    lines = [line for line in text.splitlines() if not line.strip().startswith(("#", "--", "%%"))]
    words = [word for word in re.findall(r"\w+", " ".join(lines).lower()) if word != "and"]
    strange = [word for word in words if not set(word) <= set(exercise.options)]
    if strange:
        known = ", ".join(exercise.options)
        raise Mismatch(f"letters out of {known}", f"`{strange[0][:40]}`")
    return [letter for word in words for letter in word]


def choice_key(name: str, options: dict[str, dict]) -> dict:
    """What a check needs to know of a choice: a digest of the right letters, and what to say of each option.

    `options` maps a letter to its `text`, `because`, and `right` where it is right.
    """
    right = [letter for letter, option in options.items() if option.get("right")]
    return {
        "right": digest(name, *sorted(right)),
        "count": len(right),
        "each": {letter: digest(name, letter, str(letter in right)) for letter in options},
        "because": {letter: option["because"] for letter, option in options.items()},
    }


def choice_claims(exercise: Exercise) -> list[Claim]:
    """The one claim of a choice: that it is right, or, for a prediction, that it was made."""
    if exercise.kind == "prediction":
        return [Claim(exercise.name, "predicts", "you made a prediction", _predicts, 1, None)]
    many = (exercise.key or {}).get("count", 1) != 1
    sentence = "you chose exactly the options that are right" if many else "you chose the option that is right"
    judge = _judge_choice(exercise)
    return [Claim(exercise.name, "chooses", sentence, judge, 1, None)]


def _predicts(answer: list[str]) -> None:
    if len(answer) != 1:
        raise Mismatch("one letter", f"{len(answer)} letters")


def _judge_choice(exercise: Exercise):
    def chooses(answer: list[str], key: dict) -> None:
        if digest(exercise.name, *answer) == key["right"]:
            return
        misjudged = _misjudged(exercise, answer, key)
        raise Mismatch(_wanted(key["count"]), ", ".join(answer), _because(key, misjudged, misjudged in answer))

    return chooses


def _misjudged(exercise: Exercise, answer: list[str], key: dict) -> str:
    """An option that was chosen and is not right or, failing that, one that was left out and is."""
    letters = sorted(exercise.options, key=lambda letter: letter not in answer)
    return next(
        letter for letter in letters if key["each"][letter] != digest(exercise.name, letter, str(letter in answer))
    )


def _wanted(count: int) -> str:
    return "the option that is right" if count == 1 else "all the options that are right, and no other"


def _because(key: dict, letter: str, chosen: bool) -> str:
    return key["because"][letter] if chosen else f"You left out {letter}. {key['because'][letter]}"


def explanations(exercise: Exercise, answer: list[str]) -> list[str]:
    """What to say of every option once a prediction has been made, the right one first named as such."""
    key = exercise.key
    return [
        f"{letter} {_label(exercise, letter)}: {key['because'][letter]}"
        + (" (your prediction)" if letter in answer else "")
        for letter in exercise.options
    ]


def _label(exercise: Exercise, letter: str) -> str:
    right = exercise.key["each"][letter] == digest(exercise.name, letter, "True")
    return "is what happens" if right else "is not what happens"
