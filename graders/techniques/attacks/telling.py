"""Tells a student of a finding: what was expected and found, the statement that the input became, one hint."""

from __future__ import annotations

from collections.abc import Callable

from graders.report import Mismatch, Table
from graders.techniques.attacks.behaviour import ANYTHING, REFUSED, Slot
from graders.techniques.attacks.judging import Finding, rows_of, stands_in
from graders.techniques.attacks.subject import sorted_rows

MOST_ROWS = 5
MOST_SIGNS = 2  # A value as short as this may stand in the author's own text.
Draw = Callable[[str, str, str], str]

IN_QUOTES = (
    "The input stands in the text of the statement, and ends your quote itself. How does a value get there otherwise?"
)
NO_QUOTES = "No quotes stand around this value, so there is nothing to escape: what keeps it a value?"
A_NAME = "A name cannot be a parameter. Which names may stand there? Look the input up among them, and write yours."
STORED = "This text came out of the database, and somebody had put it there. Is it to be trusted in a statement?"
APOSTROPHE = "Look at the apostrophe: what becomes of it on its way to the engine?"
WILDCARD = "To LIKE, `%` and `_` stand for any letters, in a parameter too. Which of them are meant as themselves?"
UNSORTED = "The right rows in another order. What does ORDER BY make of a value that is a parameter?"
HONEST = "Somebody honest may send this. Does it do any harm as a value?"
NO_NUMBER = "What should become of an input that is no number? Which line of yours notices?"
UNKNOWN = "Who decides which names are allowed: the caller, or a list of yours?"


def mismatch_of(finding: Finding, engine: str, draw: Draw | None = None) -> Mismatch:
    """The finding as a student reads it; `draw` makes a picture of a statement, the value in it, and the engine."""
    sent, value = finding.sent, finding.call.value
    drawn = draw and sent and written_in(finding) and stands_in(value, sent.statement)
    picture = draw(sent.statement, value, engine) if drawn else ""
    return Mismatch(
        _expected(finding), _found(finding, engine), hint_of(finding), _tables(finding, bool(picture)), picture
    )


def written_in(finding: Finding) -> bool:
    """Whether what is sent in this slot comes to stand in the text of a statement, as far as can be seen."""
    call, sent = finding.call, finding.sent
    if call.written or sent is None or not stands_in(call.value, sent.statement):
        return call.written
    honest = call.slot.ordinary if call.slot else ()
    keyword = call.slot is not None and call.slot.kind != "identifier" and call.value.isalpha()
    return len(call.value) > MOST_SIGNS and not keyword and call.value not in honest


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
        count = f"{len(expected)} {'row' if len(expected) == 1 else 'rows'}"
        return f"{said} to give {count}"
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
    count = f"{len(rows)} {'row' if len(rows) == 1 else 'rows'}"
    return f"{count}, in another order" if _in_another_order(finding) else count


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


def hint_of(finding: Finding) -> str:
    """One hint on a mistake that is recognised, from what was sent and what it became; empty if none is."""
    slot, kind = finding.call.slot, finding.kind
    if slot is None or kind == "reads":
        return ""
    if _in_another_order(finding):
        return UNSORTED
    if kind == "accepted":
        return _of_accepted(slot, written_in(finding))
    if kind == "rows" and slot.kind in ("text", "pattern") and _only_wildcards(finding.call.value):
        return WILDCARD
    if kind in ("leak", "structure") or written_in(finding):
        return _of_concatenation(slot)
    return _of_meaning(finding) if kind != "engine" else ""


def _only_wildcards(value: object) -> bool:
    """Whether `value` has signs that mean something to LIKE, and none that ends a quote."""
    return bool(set(str(value)) & set("%_")) and not set(str(value)) & set("'\"")


def _in_another_order(finding: Finding) -> bool:
    rows, expected = rows_of(finding.call.seen.value), finding.expected
    return finding.kind == "rows" and isinstance(expected, list) and sorted_rows(rows or []) == sorted_rows(expected)


def _of_concatenation(slot: Slot) -> str:
    return {"number": NO_QUOTES, "identifier": A_NAME, "stored": STORED}.get(slot.kind, IN_QUOTES)


def _of_accepted(slot: Slot, written: bool) -> str:
    if slot.kind == "number":
        return NO_QUOTES if written else NO_NUMBER
    return A_NAME if written else UNKNOWN


def _of_meaning(finding: Finding) -> str:
    """A hint on a value that reached the engine, or did not, as something else than itself."""
    value = str(finding.call.value)
    if finding.kind == "raised":
        return "" if finding.call.value == finding.call.slot.ordinary[0] else HONEST
    if "'" in value:
        return APOSTROPHE
    return WILDCARD if set(value) & set("%_\\") else ""
