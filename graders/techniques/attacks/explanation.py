"""Explains a finding to a student: what was expected and found, the statement that the input became, one hint."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from graders.kernel.report import Mismatch, Table
from graders.techniques.attacks.behaviour import ANYTHING, REFUSED, InjectionPoint, rows_of, sorted_rows
from graders.techniques.attacks.probing import Finding, stands_in

MAX_ROWS = 5
MAX_SHORT = 2  # A value as short as this may stand in the author's own text.
IN_QUOTES = (
    "The input stands in the text of the statement, and ends your quote itself. How does a value get there otherwise?"
)
NO_QUOTES = "No quotes stand around this value, so there is nothing to escape: what keeps it a value?"
A_NAME = "A name cannot be a parameter. Which names may stand there? Look the input up among them, and write yours."
STORED = "This text came out of the database, and somebody had put it there. Is it to be trusted in a statement?"
APOSTROPHE = "Look at the apostrophe: what becomes of it on its way to the engine?"
WILDCARD = "To LIKE, `%` and `_` stand for any letters, in a parameter too. Which of them are meant as themselves?"
UNSORTED = "The right rows in another order. What does ORDER BY make of a value that is a parameter?"
HARMLESS = "Somebody honest may send this. Does it do any harm as a value?"
NO_NUMBER = "What should become of an input that is no number? Which line of yours notices?"
HONEST_FIRST = "Honest input goes wrong as well, as you can read above. Correct that first, then look at this again."
UNKNOWN = "Who decides which names are allowed: the caller, or a list of yours?"
Draw = Callable[[str, str, str], object]


def mismatch_of(finding: Finding, engine: str, draw: Draw | None = None) -> Mismatch:
    """The finding as a student reads it; `draw` makes a picture of a statement, the value in it, and the engine."""
    statement, value = finding.statement, finding.probe.value
    picture = ""
    if draw and statement and is_written(finding) and stands_in(value, statement.text):
        picture = str(draw(statement.text, value, engine))
    tables = [*_statements(finding, drawn=bool(picture)), *_strange_rows(finding)]
    return Mismatch(_expected(finding), _found(finding, engine), hint_of(finding), tables, picture)


def _expected(finding: Finding) -> str:
    call, expected = _call(finding), finding.expected
    if finding.kind == "structure":
        return f"{call} to send the same statement as for any other input"
    if finding.kind == "reads":
        return f"{call} to read no column that its answer does not need"
    if expected is REFUSED:
        return f"{call} to raise an exception, and send nothing"
    if finding.kind == "change" or expected is ANYTHING:
        return f"{call} to run, and to change only what it should"
    if isinstance(expected, list):
        return f"{call} to give {_counted(finding, expected)}"
    return f"{call} to give `{expected!r}`"


def _call(finding: Finding) -> str:
    """The call, and what was stored before it where that is the input."""
    probe, point = finding.probe, finding.probe.point
    if point is None or not point.is_planted(probe.value):
        return probe.record.call
    return f"{probe.record.call} with the {point.name} `{_visible(str(probe.value))}` stored"


def _found(finding: Finding, engine: str) -> str:
    record = finding.probe.record
    phrases = {
        "leak": f"it gave away the secret `{finding.leaked}`",
        "change": "afterwards the tables hold other rows than they should",
        "structure": f"another statement{_reading(finding, 'which')}",
        "reads": f"it reads {finding.leaked}",
        "accepted": f"it gave a value{_reading(finding, 'from a statement that')}",
        "engine": f"{engine} could not run what the input became: {_visible(record.raised)}",
        "raised": _visible(record.raised),
    }
    if finding.kind in phrases:
        return phrases[finding.kind]
    rows = rows_of(record.value)
    return f"`{record.value!r:.120}`" if rows is None else _counted(finding, rows) + _how_they_differ(finding, rows)


def _reading(finding: Finding, words: str) -> str:
    """What a statement reads that it should not, though nothing of it came out this time: one bit is enough."""
    return f", {words} reads {finding.leaked}" if finding.leaked else ""


def _counted(finding: Finding, rows: list[tuple]) -> str:
    """How many rows there are and, where a call gives others than it should, of how many values each."""
    count = f"{len(rows)} {'row' if len(rows) == 1 else 'rows'}"
    widths = {len(row) for row in rows}
    if len(widths) != 1 or not _of_other_width(finding):
        return count
    (width,) = widths
    return f"{count} of {width} {'value' if width == 1 else 'values'}"


def _of_other_width(finding: Finding) -> bool:
    found, expected = rows_of(finding.probe.record.value), finding.expected
    return bool(found and isinstance(expected, list) and expected and len(found[0]) != len(expected[0]))


def _how_they_differ(finding: Finding, rows: list[tuple]) -> str:
    """What a count alone does not say: another order, or how many rows are missing and how many nobody asked for."""
    if _in_another_order(finding):
        return ", in another order"
    if not isinstance(finding.expected, list) or _of_other_width(finding):
        return ""
    found, expected = Counter(map(repr, rows)), Counter(map(repr, finding.expected))
    missing, strange = (expected - found).total(), (found - expected).total()
    words = f", {missing} of those asked for missing" if missing else ""
    return words + (f", {strange} that nobody asked for" if strange else "")


def _in_another_order(finding: Finding) -> bool:
    """Whether the rows are those asked for, in another order."""
    rows, expected = rows_of(finding.probe.record.value), finding.expected
    if finding.kind != "rows" or rows is None or not isinstance(expected, list):
        return False
    return sorted_rows(rows) == sorted_rows(expected)


def _visible(words: str) -> str:
    return words.replace("\0", "\\0")


def _statements(finding: Finding, drawn: bool) -> Iterable[Table]:
    """What reached the engine, where the picture does not show all of it."""
    statements = finding.probe.record.statements
    if finding.statement is None or (drawn and len(statements) == 1):
        return
    rows = [(_visible(one.text), repr(one.parameters)) for one in statements]
    marked = frozenset({statements.index(finding.statement)}) if len(rows) > 1 else frozenset()
    yield Table("what reached the engine", ("statement", "parameters"), rows, marked, "this one")


def _strange_rows(finding: Finding) -> Iterable[Table]:
    """The rows that nobody asked for, those with the secret first and marked."""
    rows = rows_of(finding.probe.record.value) if finding.kind in ("leak", "rows") else None
    strange = [row for row in rows or [] if not isinstance(finding.expected, list) or row not in finding.expected]
    if not strange or any(len(row) != len(strange[0]) for row in strange):
        return
    telling = [row for row in strange if finding.kind == "leak" and finding.leaked in str(row)]
    ordered = [*telling, *(row for row in strange if row not in telling)]
    columns = tuple(str(number) for number in range(1, len(strange[0]) + 1))
    yield Table(
        "rows that nobody asked for",
        columns,
        ordered[:MAX_ROWS],
        frozenset(range(len(telling[:MAX_ROWS]))),
        "the secret",
    )


def hint_of(finding: Finding) -> str:
    """One hint on a mistake that is recognised, from what was sent and what it became; empty if none is."""
    point, kind = finding.probe.point, finding.kind
    if point is None or kind == "reads":
        return ""
    if _in_another_order(finding):
        return UNSORTED
    if kind == "accepted":
        return _of_accepted(point, is_written(finding))
    if kind == "rows" and point.kind in ("text", "pattern") and _only_wildcards(finding.probe.value):
        return WILDCARD
    if kind in ("leak", "structure") or is_written(finding):
        return {"number": NO_QUOTES, "identifier": A_NAME, "stored": STORED}.get(point.kind, IN_QUOTES)
    if finding.honest_too and kind in ("rows", "raised"):
        return HONEST_FIRST
    return _of_meaning(finding, point) if kind != "engine" else ""


def is_written(finding: Finding) -> bool:
    """Whether what is sent at this point comes to stand in the text of a statement, as far as can be seen."""
    probe, point, statement = finding.probe, finding.probe.point, finding.statement
    if probe.is_written or statement is None or not stands_in(probe.value, statement.text):
        return probe.is_written
    keyword = point is not None and point.kind != "identifier" and probe.value.isalpha()
    return len(probe.value) > MAX_SHORT and not keyword and not (point and probe.value in point.honest)


def _only_wildcards(value: object) -> bool:
    """Whether `value` has signs that mean something to LIKE, and none that ends a quote."""
    return bool(set(str(value)) & set("%_")) and not set(str(value)) & set("'\"")


def _of_accepted(point: InjectionPoint, written: bool) -> str:
    if point.kind == "number":
        return NO_QUOTES if written else NO_NUMBER
    return A_NAME if written else UNKNOWN


def _of_meaning(finding: Finding, point: InjectionPoint) -> str:
    """A hint on a value that reached the engine, or did not, as something else than itself."""
    value = finding.probe.value
    if finding.kind == "raised":
        return "" if value == point.honest[0] else HARMLESS
    if "'" in str(value):
        return APOSTROPHE
    return WILDCARD if set(str(value)) & set("%_\\") else ""
