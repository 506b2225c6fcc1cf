"""One hint on a finding, for a mistake that is recognised by what was sent and by what it became."""

from __future__ import annotations

from graders.techniques.attacks.behaviour import Slot
from graders.techniques.attacks.judging import Finding, rows_of, stands_in
from graders.techniques.attacks.subject import sorted_rows

MOST_SIGNS = 2  # A value as short as this may stand in the author's own text.
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
MEND_FIRST = "What honest people send goes wrong as well, as told above. Mend that first, and look at this again."
UNKNOWN = "Who decides which names are allowed: the caller, or a list of yours?"


def hint_of(finding: Finding) -> str:
    """One hint on a mistake that is recognised, from what was sent and what it became; empty if none is."""
    slot, kind = finding.call.slot, finding.kind
    if slot is None or kind == "reads":
        return ""
    if in_another_order(finding):
        return UNSORTED
    if kind == "accepted":
        return _of_accepted(slot, written_in(finding))
    if kind == "rows" and slot.kind in ("text", "pattern") and _only_wildcards(finding.call.value):
        return WILDCARD
    if kind in ("leak", "structure") or written_in(finding):
        return _of_concatenation(slot)
    if finding.honest_too and kind in ("rows", "raised"):
        return MEND_FIRST
    return _of_meaning(finding) if kind != "engine" else ""


def _only_wildcards(value: object) -> bool:
    """Whether `value` has signs that mean something to LIKE, and none that ends a quote."""
    return bool(set(str(value)) & set("%_")) and not set(str(value)) & set("'\"")


def in_another_order(finding: Finding) -> bool:
    """Whether the rows are those asked for, in another order."""
    rows, expected = rows_of(finding.call.seen.value), finding.expected
    if finding.kind != "rows" or rows is None or not isinstance(expected, list):
        return False
    return sorted_rows(rows) == sorted_rows(expected)


def written_in(finding: Finding) -> bool:
    """Whether what is sent in this slot comes to stand in the text of a statement, as far as can be seen."""
    call, sent = finding.call, finding.sent
    if call.written or sent is None or not stands_in(call.value, sent.statement):
        return call.written
    honest = call.slot.ordinary if call.slot else ()
    keyword = call.slot is not None and call.slot.kind != "identifier" and call.value.isalpha()
    return len(call.value) > MOST_SIGNS and not keyword and call.value not in honest


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
