"""Questions from earlier lessons at the start of a lesson: which they are, what was answered, and why it is right."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from itertools import zip_longest
from typing import Any

from graders.course.attempts import LoggedAttempt, RecallRound, attempts_in
from graders.figures.report import prose_html
from graders.kernel.exercise import digest, key_file, list_lessons
from graders.notebook.attempt_log import AttemptLog, read_clock
from graders.notebook.messages import Message

QUESTIONS, MAX_OF_A_LESSON = 4, 2
BOXES = tuple(timedelta(days=days) for days in (1, 3, 7, 21, 60))


@dataclass(frozen=True)
class Question:
    """A recall question of `lesson`; `about` is the exercise whose attempts count for it, empty if none do.

    `options` maps a letter to its `text`, `because`, and `right` where it is right.
    """

    name: str
    lesson: str
    about: str
    text: str
    options: dict[str, dict[str, Any]]

    @property
    def right_letters(self) -> set[str]:
        """The letters of the options that are right."""
        return {letter for letter, option in self.options.items() if option.get("right")}


class Turn(IntEnum):
    """Why a question comes when it comes: the lower, the earlier."""

    MISSED = 0
    NEW = 1
    DUE = 2
    LESSON_NOT_TRIED = 3
    NOT_DUE = 4


def choose(questions: Sequence[Question], attempts: Iterable[LoggedAttempt], now: datetime) -> list[Question]:
    """The four of `questions` to ask at `now`, at most two of a lesson as long as others are due.

    Each question is in one of five boxes, with intervals of 1, 3, 7, 21 and 60 days (Leitner, *So lernt man lernen*,
    1972, has boxes; Landauer and Bjork, 1978, find that expanding intervals help). A new one is in the first box.
    A right answer moves it to the next box if the interval of its box is over, and changes nothing before: what was
    read a minute ago is not recalled. A wrong answer puts it back into the first box. Answers to the question count,
    and those to the exercise that it is about.

    Missed ones come first, then those never answered, then those whose interval is over, the one that has waited
    longest first; then those of lessons that the student has not tried, then what is not due. Among equals the order
    of `questions` holds.
    """
    known = list(attempts)
    tried = {attempt.lesson for attempt in known if not attempt.recall}
    turns = {question.name: _turn(question, known, tried, now) for question in questions}
    ranked = sorted(questions, key=lambda question: turns[question.name])
    places: Counter[str] = Counter()
    late: dict[str, tuple[bool, bool]] = {}
    for question in ranked:
        places[question.lesson] += 1
        turn, _ = turns[question.name]
        late[question.name] = (turn is Turn.NOT_DUE, places[question.lesson] > MAX_OF_A_LESSON)
    return sorted(ranked, key=lambda question: late[question.name])[:QUESTIONS]


def _turn(
    question: Question, attempts: Iterable[LoggedAttempt], tried: set[str], now: datetime
) -> tuple[Turn, datetime]:
    """The turn of `question`, and the time since which it has been due."""
    box, due, missed = 0, None, False
    for attempt in attempts:
        if attempt.name != (question.name if attempt.recall else question.about):
            continue
        if attempt.is_miss:
            box, due, missed = 0, attempt.time + BOXES[0], True
        elif attempt.status == "right" and (due is None or attempt.time >= due):
            box = min(box + 1, len(BOXES) - 1)
            due, missed = attempt.time + BOXES[box], False
    if due is None:
        return (Turn.NEW if question.lesson in tried else Turn.LESSON_NOT_TRIED), now
    if missed:
        return Turn.MISSED, due
    return (Turn.DUE if due <= now else Turn.NOT_DUE), due


NO_EARLIER = "There is no earlier lesson to recall: go on."
HOW_TO_ANSWER = "write a letter after each number, then run this cell again."
ASK = "Answer from memory, in the cell below."


@dataclass(frozen=True)
class RecallAnswers:
    """The letters written for each question, by its number from 1, and sentences on what cannot be read."""

    letters: Mapping[int, frozenset[str]]
    problems: Sequence[str]


def list_questions(lesson: str) -> list[Question]:
    """The questions of all lessons before `lesson`, or of all if it is none, one of each lesson after the other."""
    known = list_lessons()
    earlier = known[: known.index(lesson)] if lesson in known else known
    rows = zip_longest(*(_questions_of(name) for name in reversed(earlier)))
    return [question for row in rows for question in row if question]


def _questions_of(lesson: str) -> list[Question]:
    plain = key_file(lesson)
    # A prediction earns its point whatever it says: what came of it says nothing of what is known.
    telling = {name for name, exercise in plain["exercises"].items() if exercise["kind"] != "prediction"}
    return [
        Question(one["name"], lesson, one["about"] if one["about"] in telling else "", one["question"], one["options"])
        for one in plain["recall"]
    ]


def begin_round(lesson: str, log: AttemptLog) -> list[Question]:
    """The questions for the start of `lesson`: those that were asked there before or, the first time, those chosen now.

    Without a lesson they are chosen anew every day.
    """
    questions, entries, now = list_questions(lesson), log.read(), read_clock()
    by_name = {question.name: question for question in questions}
    rounds = [entry for entry in entries if isinstance(entry, RecallRound) and _is_current(entry, lesson, now)]
    if rounds and set(rounds[-1].questions) <= set(by_name):
        return [by_name[name] for name in rounds[-1].questions]
    chosen = choose(questions, attempts_in(entries), now)
    if chosen:
        log.append(RecallRound(now, lesson, tuple(question.name for question in chosen)))
    return chosen


def _is_current(entry: RecallRound, lesson: str, now: datetime) -> bool:
    return entry.lesson == lesson and bool(lesson or entry.time.date() == now.date())


def questions_message(questions: Sequence[Question]) -> Message:
    """The questions with their options, and nothing of what is right."""
    if not questions:
        return Message(NO_EARLIER)
    text = "\n\n".join(_question_text(number, question) for number, question in enumerate(questions, start=1))
    html = "".join(_question_html(number, question) for number, question in enumerate(questions, start=1))
    return Message(f"{text}\n\n{ASK}", "From earlier lessons", f"{html}<p style='margin: 0.6em 0 0'>{ASK}</p>")


def _question_text(number: int, question: Question) -> str:
    options = "\n".join(f"  {letter}) {option['text']}" for letter, option in question.options.items())
    return f"{number}. {question.text}\n{options}"


def _question_html(number: int, question: Question) -> str:
    options = "".join(
        f"<p style='margin: 0.1em 0 0.1em 1.4em'>{letter}) {prose_html(option['text'])}</p>"
        for letter, option in question.options.items()
    )
    return f"<p style='margin: 0.6em 0 0.2em'>{number}. {prose_html(question.text)}</p>{options}"


def read_recall_answers(questions: Sequence[Question], cell: str) -> RecallAnswers:
    """Read the lines "1: b" of an answer cell; a number without a letter, or a line that is a comment, is no answer."""
    letters: dict[int, frozenset[str]] = {}
    problems = []
    for line in map(str.strip, cell.splitlines()):
        match = re.fullmatch(r"(\d{1,2})\s*[:.)=]?\s*(.*)", line)
        if not line or line.startswith("#"):
            continue
        if not match or not 1 <= int(match[1]) <= len(questions):
            problems.append(f"`{line[:40]}` is no answer: begin each line with the number of a question, as in 1: b.")
            continue
        number, words = int(match[1]), [word for word in re.findall(r"\w+", match[2].lower()) if word != "and"]
        options = questions[number - 1].options
        strange = [word for word in words if not set(word) <= set(options)]
        if strange:
            problems.append(f"Question {number} has the options {', '.join(options)}, and not `{strange[0][:40]}`.")
        elif words:
            letters[number] = frozenset("".join(words))
    return RecallAnswers(letters, problems)


def record_recall(lesson: str, questions: Sequence[Question], answers: RecallAnswers, log: AttemptLog) -> None:
    """Write down each answer, given in the notebook of `lesson`."""
    attempts = [_attempt(lesson, questions[number - 1], letters) for number, letters in answers.letters.items()]
    log.append(*attempts)


def _attempt(lesson: str, question: Question, letters: frozenset[str]) -> LoggedAttempt:
    right = letters == question.right_letters
    status, answer = "right" if right else "wrong", digest(question.name, *sorted(letters))
    hints = tuple(question.options[letter]["because"] for letter in sorted(letters - question.right_letters))
    return LoggedAttempt(read_clock(), lesson, question.name, int(right), 1, status, answer, hints, recall=True)


def answers_message(questions: Sequence[Question], answers: RecallAnswers) -> Message:
    """Every option of each question that was answered, right or not, and why; one sentence on what is left."""
    if not questions:
        return Message(NO_EARLIER)
    remarks = [*answers.problems, *_missing(questions, answers)]
    if not answers.letters:
        return Message("\n".join(remarks))
    right = sum(letters == questions[number - 1].right_letters for number, letters in answers.letters.items())
    shown = [(number, questions[number - 1], letters) for number, letters in sorted(answers.letters.items())]
    text = "\n".join([*(_explained_text(*one) for one in shown), *remarks])
    html = "".join(_explained_html(*one) for one in shown)
    html += "".join(f"<p style='margin: 0.6em 0 0'>{prose_html(remark)}</p>" for remark in remarks)
    return Message(text, f"{right} of {len(questions)} right", html)


def _missing(questions: Sequence[Question], answers: RecallAnswers) -> Iterator[str]:
    numbers = [str(number) for number in range(1, len(questions) + 1) if number not in answers.letters]
    if answers.problems or not numbers:
        return
    if not answers.letters:
        yield f"Nothing is answered yet: {HOW_TO_ANSWER}"
    elif len(numbers) == 1:
        yield f"Question {numbers[0]} has no answer yet: {HOW_TO_ANSWER}"
    else:
        yield f"Questions {', '.join(numbers[:-1])} and {numbers[-1]} have no answers yet: {HOW_TO_ANSWER}"


def _explanations(question: Question, letters: frozenset[str]) -> Iterator[str]:
    for letter, option in question.options.items():
        sign, word = ("✓", "right") if option.get("right") else ("✗", "not right")
        chosen = " (your answer)" if letter in letters else ""
        yield f"{sign} {letter}) {option['text']}{chosen} – {word}: {option['because']}"


def _explained_text(number: int, question: Question, letters: frozenset[str]) -> str:
    return "\n  ".join([f"{number}. {question.text}", *_explanations(question, letters)])


def _explained_html(number: int, question: Question, letters: frozenset[str]) -> str:
    options = "".join(
        f"<p style='margin: 0.1em 0 0.1em 1.4em'>{prose_html(line)}</p>" for line in _explanations(question, letters)
    )
    return f"<p style='margin: 0.6em 0 0.2em'>{number}. {prose_html(question.text)}</p>{options}"
