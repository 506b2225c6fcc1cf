"""`own_card()`: the student's own checked card, a page of the rows whose answers were right when they were checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

from graders.course.attempts import LogEntry, attempts_in
from graders.kernel.exercise import digest, key_file, list_lessons
from graders.notebook.messages import Message

FILE, TEMPLATE = "own-card.html", "own_card.html"
SPACES = (lambda text: text, str.strip, lambda text: f"{text.strip()}\n", lambda text: f"{text}\n")
"""How a text may lie in the saved notebook beside what was checked: the white space at its ends is no part of it."""


@dataclass(frozen=True)
class CardRow:
    """A row of the card: what it says, the exercise that asks for it, and the experiment that proves it."""

    words: str
    exercise: Mapping[str, Any]
    """As the key file of its lesson has it."""
    lesson_id: str
    lesson: str
    """The title of the lesson in which it was shown."""
    heading: str
    """What stands above the experiment there."""

    @property
    def name(self) -> str:
        """The name of the exercise."""
        return str(self.exercise["name"])


@dataclass(frozen=True)
class CardText:
    """A text that was right when it was checked, with the rows of the card that it is for."""

    rows: Sequence[CardRow]
    text: str
    checked: str
    """The day, as YYYY-MM-DD."""


def read_rows() -> list[CardRow]:
    """The rows of the course's card in their order, as the lesson that asks for it has them."""
    return [
        CardRow(one["row"], plain["exercises"][one["exercise"]], shown["id"], shown["title"], one["heading"])
        for plain in map(key_file, list_lessons())
        for one in plain.get("card", [])
        for shown in [key_file(one["lesson"])]
    ]


def find_checked(
    rows: Sequence[CardRow], texts: Mapping[str, Iterable[str]], entries: Iterable[LogEntry]
) -> list[CardText]:
    """What can stand on the card: for each exercise the first of its `texts` that the log knows to have been right."""
    right = {
        (one.name, one.answer): one.time.date().isoformat()
        for one in attempts_in(entries)
        if one.status == "right" and not one.recall
    }
    found = []
    for name in dict.fromkeys(row.name for row in rows):
        known = [(text, right[key]) for text in texts.get(name, ()) if (key := _key_of(name, text, right))]
        if known:
            found.append(CardText([row for row in rows if row.name == name], *known[0]))
    return found


def _key_of(name: str, text: str, right: Mapping[tuple[str, str], str]) -> tuple[str, str] | None:
    keys = ((name, digest(form(text))) for form in SPACES)
    return next((key for key in keys if key in right), None)


def card_message(rows: Sequence[CardRow], checked: Sequence[CardText], folder: Path) -> Message:
    """Write the card into `folder` and say what is on it; nothing is written while nothing was right."""
    done = {row.name for one in checked for row in one.rows}
    missing = [row for row in rows if row.name not in done]
    if not checked:
        return Message("None of its answers has been right yet: write them, and check them.", "Your own card")
    try:
        (folder / FILE).write_text(_page(rows, checked, missing), encoding="utf-8", newline="\n")
    except OSError as error:
        return Message(f"`{FILE}` could not be written beside this notebook: {error.strerror}.", "Your own card")
    on_it = f"{len(rows) - len(missing)} of {len(rows)} rows are on it"
    lines = [f"`{FILE}` is beside this notebook: open it in a browser, and print it. {on_it}."]
    for name in dict.fromkeys(row.name for row in missing):
        words = ", ".join(row.words for row in missing if row.name == name)
        lines.append(f'Not yet: {words} (`check("{name}")`).')
    return Message("\n".join(lines), "Your own card")


def _page(rows: Sequence[CardRow], checked: Sequence[CardText], missing: Sequence[CardRow]) -> str:
    template = Template((files("graders.notebook") / TEMPLATE).read_text(encoding="utf-8"))
    sections = [*map(_section, checked), *([_what_is_missing(missing)] if missing else [])]
    return template.substitute(done=len(rows) - len(missing), count=len(rows), sections="\n".join(sections))


def _section(one: CardText) -> str:
    """The rows that one text is for, each with its experiment, and the text."""
    first = one.rows[0]
    return f"""<section>
<h2>{escape(first.exercise["title"])}</h2>
<ul>{"".join(map(_proved, one.rows))}</ul>
<pre><code>{escape(one.text.strip())}</code></pre>
<p class="small">Checked on {one.checked} · exercise <code>{first.name}</code></p>
</section>"""


def _proved(row: CardRow) -> str:
    link = f'<a href="../{row.lesson_id}/{row.lesson_id}.ipynb"><cite>{escape(row.lesson)}</cite></a>'
    proof = f'<span class="small">· proved in {link}, under “{escape(row.heading)}”</span>'
    return f'<li><span class="mark">✓ {escape(row.words)}</span> {proof}</li>\n'


def _what_is_missing(missing: Sequence[CardRow]) -> str:
    lines = "".join(
        f'<li>{escape(row.words)} <span class="small">· exercise <code>{row.name}</code></span></li>\n'
        for row in missing
    )
    return f"<section>\n<h2>Not on the card yet</h2>\n<ul>{lines}</ul>\n</section>"
