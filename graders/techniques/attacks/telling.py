"""Tells a student of a finding: what was expected and found, the statement that the input became, one hint."""

from __future__ import annotations

from collections.abc import Callable

from graders.kernel.report import Mismatch, Table
from graders.techniques.attacks.behaviour import ANYTHING, REFUSED
from graders.techniques.attacks.hints import hint_of, in_another_order, written_in
from graders.techniques.attacks.judging import Finding, rows_of, stands_in
from graders.techniques.queries import multiset_difference

MOST_ROWS = 5
Draw = Callable[[str, str, str], str]


def mismatch_of(finding: Finding, engine: str, draw: Draw | None = None) -> Mismatch:
    """The finding as a student reads it; `draw` makes a picture of a statement, the value in it, and the engine."""
    sent, value = finding.sent, finding.call.value
    drawn = draw and sent and written_in(finding) and stands_in(value, sent.statement)
    picture = draw(sent.statement, value, engine) if drawn else ""
    return Mismatch(
        _expected(finding), _found(finding, engine), hint_of(finding), _tables(finding, bool(picture)), picture
    )


def _expected(finding: Finding) -> str:
    said, expected = _said(finding), finding.expected
    if finding.kind == "structure":
        return f"{said} to send the same statement as for any other input"
    if finding.kind == "reads":
        return f"{said} to read no column that its answer does not need"
    if expected is REFUSED:
        return f"{said} to raise an exception, and send nothing"
    if finding.kind == "change" or expected is ANYTHING:
        return f"{said} to run, and to change only what it should"
    if isinstance(expected, list):
        return f"{said} to give {_counted(finding, expected)}"
    return f"{said} to give `{expected!r}`"


def _said(finding: Finding) -> str:
    """The call, and what was stored before it where that is the input."""
    call = finding.call
    slot = call.slot
    planted = slot is not None and slot.plant is not None and (slot.kind == "stored" or call.value not in slot.ordinary)
    return f"{call.said} with the {call.slot.name} `{_visible(str(call.value))}` stored" if planted else call.said


def _found(finding: Finding, engine: str) -> str:
    seen = finding.call.seen
    words = {
        "leak": f"it gave away the secret `{finding.leaked}`",
        "change": "afterwards the tables hold other rows than they should",
        "structure": f"another statement{_reading(finding, 'which')}",
        "reads": f"it reads {finding.leaked}",
        "accepted": f"it gave a value{_reading(finding, 'from a statement that')}",
    }
    if finding.kind in words:
        return words[finding.kind]
    if finding.kind in ("engine", "raised"):
        who = f"{engine} could not run what the input became: " if finding.kind == "engine" else ""
        return who + _visible(seen.raised)
    rows = rows_of(seen.value)
    if rows is None:
        return f"`{seen.value!r:.120}`"
    return f"{_counted(finding, rows)}{_how_they_differ(finding, rows)}"


def _counted(finding: Finding, rows: list) -> str:
    """How many rows there are and, where a call gives others than it should, of how many values each."""
    count = f"{len(rows)} {'row' if len(rows) == 1 else 'rows'}"
    widths = {len(row) for row in rows}
    if len(widths) != 1 or not _of_other_width(finding):
        return count
    (width,) = widths
    return f"{count} of {width} {'value' if width == 1 else 'values'}"


def _of_other_width(finding: Finding) -> bool:
    found, expected = rows_of(finding.call.seen.value), finding.expected
    return bool(found and isinstance(expected, list) and expected and len(found[0]) != len(expected[0]))


def _how_they_differ(finding: Finding, rows: list) -> str:
    """What a count alone does not tell: another order, or how many rows are missing and how many nobody asked for."""
    if in_another_order(finding):
        return ", in another order"
    if not isinstance(finding.expected, list) or _of_other_width(finding):
        return ""
    missing, strange = multiset_difference(rows, finding.expected)
    told = [f"{len(missing)} of those asked for missing"] if missing else []
    return "".join(f", {words}" for words in [*told, *([f"{len(strange)} that nobody asked for"] if strange else [])])


def _reading(finding: Finding, words: str) -> str:
    """What a statement reads that it should not, though nothing of it came out this time: one bit is enough."""
    return f", {words} reads {finding.leaked}" if finding.leaked else ""


def _visible(words: str) -> str:
    return words.replace("\0", "\\0")


def _tables(finding: Finding, drawn: bool) -> list[Table]:
    tables = []
    if finding.sent and not (drawn and len(finding.call.seen.sent) == 1):
        rows = [(_visible(one.statement), repr(one.parameters)) for one in finding.call.seen.sent]
        at = frozenset({finding.call.seen.sent.index(finding.sent)}) if len(rows) > 1 else frozenset()
        tables.append(Table("what reached the engine", ("statement", "parameters"), rows, at, "this one"))
    return tables + _strange_rows(finding)


def _strange_rows(finding: Finding) -> list[Table]:
    """The rows that nobody asked for, those with the secret first and marked."""
    rows = rows_of(finding.call.seen.value) if finding.kind in ("leak", "rows") else None
    strange = [row for row in rows or [] if not isinstance(finding.expected, list) or row not in finding.expected]
    if not strange or any(len(row) != len(strange[0]) for row in strange):
        return []
    told = [finding.kind == "leak" and finding.leaked in str(row) for row in strange]
    shown = sorted(zip(told, strange, strict=True), key=lambda pair: not pair[0])[:MOST_ROWS]
    marked = frozenset(number for number, (is_told, _) in enumerate(shown) if is_told)
    columns = tuple(str(number) for number in range(1, len(strange[0]) + 1))
    return [Table("rows that nobody asked for", columns, [row for _, row in shown], marked, "the secret")]
