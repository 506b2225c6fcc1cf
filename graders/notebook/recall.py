"""Questions from earlier lessons, to be answered from memory before a new lesson begins."""

from __future__ import annotations

from graders.figures.report import prose_html
from graders.kernel.exercise import key_file, lessons_known
from graders.notebook.messages import Message
from graders.notebook.progress import Diary

ASKED = 4


def recall_message(lesson: str, diary: Diary) -> Message:
    """Four questions from the lessons before `lesson`; each option opens to say whether it is right, and why."""
    questions = pick(lesson, diary)
    if not questions:
        return Message("There is no earlier lesson to recall: go on.")
    words = "\n\n".join(_question_text(question) for question in questions)
    html = "".join(_question_html(question) for question in questions)
    return Message(words, "From earlier lessons: choose from memory, then open your choice", html)


def pick(lesson: str, diary: Diary) -> list[dict]:
    """The questions to ask: about exercises that were missed first, then about the most recent lessons."""
    known = lessons_known()
    earlier = known[: known.index(lesson)] if lesson in known else known
    questions = [question for name in reversed(earlier) for question in key_file(name)["recall"]]
    entries = diary.read()
    return sorted(questions, key=lambda q: not entries.get(q["about"], {}).get("missed", False))[:ASKED]


def _question_text(question: dict) -> str:
    options = "\n".join(f"  {letter}) {option['text']}" for letter, option in question["options"].items())
    return f"{question['question']}\n{options}"


def _question_html(question: dict) -> str:
    options = "".join(
        f"<details style='margin: 0.2em 0 0.2em 1em'><summary>{letter}) {prose_html(option['text'])}</summary>"
        f"<p style='margin: 0.2em 1em'>{'✓ Right.' if option.get('right') else '✗ Not so.'} "
        f"{prose_html(option['because'])}</p></details>"
        for letter, option in question["options"].items()
    )
    return f"<p style='margin: 0.6em 0 0.2em'>{prose_html(question['question'])}</p>{options}"
