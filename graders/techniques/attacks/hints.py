"""The hints on what strangers send: each is given for a mistake that is recognised in what the driver got and gave."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graders.techniques.attacks.inputs import InjectionPoint
from graders.techniques.attacks.probing import Probe, occurs_in
from graders.techniques.attacks.sent_statements import SentStatement, skeleton
from graders.techniques.attacks.subject import differ_in_order, read_rows

MAX_SHORT = 2  # A value as short as this may stand in the author's own text.
IN_QUOTES = (
    "The input stands in the text of the statement, and ends your quote itself. How does a value get there otherwise?"
)
DOUBLED = "Its quotes are doubled, and it stands in the text of the statement all the same. What keeps it out of there?"
BACKSLASH = "A backslash before a quote means nothing here: the quote still ends the text. What needs no escaping?"
NO_QUOTES = "No quotes stand around this value, so there is nothing to escape: what keeps it a value?"
A_NAME = "A name cannot be a parameter. Which names may stand there? Look the input up among them, and write yours."
STORED = "This text came out of the database, and somebody had put it there. Is it to be trusted in a statement?"
APOSTROPHE = "Look at the apostrophe: what becomes of it on its way to the engine?"
ALTERED = "What reached the engine is not what was sent. Which line of yours changes it on the way?"
WILDCARD = "To LIKE, `%` and `_` stand for any letters, in a parameter too. Which of them are meant as themselves?"
CONTAINS = "This finds every text in which the input occurs. Which comparison asks whether they are equal?"
CAPITALS = "LIKE takes capitals and small letters for the same. Which comparison asks whether they are equal?"
ACCENTED = "Only A to Z are the same in both cases. Which line of yours takes `É` and `é` for one letter?"
UNSORTED = "The right rows in another order. What does ORDER BY make of a value that is a parameter?"
HARMLESS = "Somebody honest may send this. Does it do any harm as a value?"
NO_NUMBER = "What should become of an input that is no number? Which line of yours notices?"
HONEST_FIRST = "Honest input goes wrong as well, as you can read above. Correct that first, then look at this again."
UNKNOWN = "This is no name that you know, and the request was answered all the same. What should become of it?"
OTHER_NAME = "This is a name, and none of those that are allowed. Which names may somebody send?"
NO_TEXT = "A list came in the place of a text. What does your code make of it, and what should it?"
ONE_ROW = "One row came where several were asked for. What leaves the others out: the statement, or what follows it?"
ONE_FILTER = "All with this `{key}` came, whatever the other filters say. Must one of the filters hold, or each?"
NEARLY = "This is nearly a name that is allowed, and is none. Does your code ask for exactly these names?"


def hint_on(probe: Probe, engine: str) -> str:
    """One hint on a mistake that is recognised, from what was sent and what it became; empty if none is."""
    point, fault = probe.point, probe.fault
    if probe.only_filter:
        return ONE_FILTER.format(key=probe.only_filter)
    if point is None or fault == "reads":
        return _hint_on_arguments(probe) if fault == "rows" else ""
    if differ_in_order(probe.record.value, probe.expected):
        return UNSORTED if _sorts_by_parameter(probe, engine) else A_NAME if is_written(probe) else ""
    if fault == "accepted":
        return _hint_on_accepted(point, probe)
    if fault == "rows" and (meaning := _hint_on_comparison(probe, point)):
        return meaning
    if fault in ("leak", "structure") or is_written(probe):
        return _hint_on_written(probe, point)
    if probe.honest_fails and fault in ("rows", "raised"):
        return HONEST_FIRST
    return _hint_on_meaning(probe, point) if fault != "engine" else ""


def _hint_on_arguments(probe: Probe) -> str:
    """A hint on a call in which several things are sent at once: a dictionary of filters among them."""
    filters = next((one for one in probe.value if isinstance(one, dict)), {})
    return NO_TEXT if any(isinstance(value, list) for value in filters.values()) else ""


def _gives_one_of_several(probe: Probe) -> bool:
    found, expected = read_rows(probe.record.value), read_rows(probe.expected)
    if not found or not expected:
        return False
    return len(found) == 1 < len(expected) and found[0] in expected


def _folds_accents(probe: Probe, point: InjectionPoint) -> bool:
    """Whether all that nobody asked for holds the value but for the capitals of letters beyond A to Z."""
    unwanted = [row for row in read_rows(probe.record.value) or () if row not in (read_rows(probe.expected) or ())]
    texts = [[value for value in row if isinstance(value, str)] for row in unwanted]
    value = str(probe.value)
    return bool(unwanted) and all(
        any(value.casefold() in text.casefold() and _as_sent(value, point) not in _as_sent(text, point) for text in row)
        for row in texts
    )


def is_written(probe: Probe) -> bool:
    """Whether what is sent at this point ends up in the text of a statement, as far as can be seen."""
    point, statement, value = probe.point, probe.statement, probe.value
    if probe.is_written or statement is None or not occurs_in(value, statement.text):
        return probe.is_written
    is_keyword = point is not None and point.kind != "identifier" and value.isalpha()
    return len(value) > MAX_SHORT and not is_keyword and not (point and value in point.honest)


def _sorts_by_parameter(probe: Probe, engine: str) -> bool:
    """Whether a statement sorts by what is a parameter or a text of its own."""
    return any("ORDER BY ?" in skeleton(one.text, engine) for one in probe.record.statements)


def _hint_on_accepted(point: InjectionPoint, probe: Probe) -> str:
    written = is_written(probe)
    if point.kind == "number":
        return NO_QUOTES if written else NO_NUMBER
    if probe.accepted != "anything":
        return NEARLY if probe.accepted == "near names" else OTHER_NAME
    return A_NAME if written else UNKNOWN


def _hint_on_written(probe: Probe, point: InjectionPoint) -> str:
    """A hint on a value in the text of a statement, from how it stands there."""
    if point.kind != "text" and point.kind != "pattern":
        return {"number": NO_QUOTES, "identifier": A_NAME}.get(point.kind, STORED)
    value, text = str(probe.value), probe.statement.text if probe.statement else ""
    if probe.fault == "rows" and (probe.is_doubled or not set(value) & set("'\"")):
        return ""
    if "'" in value and value not in text and value.replace("'", "\\'") in text:
        return BACKSLASH
    return DOUBLED if probe.is_doubled else IN_QUOTES


def _hint_on_comparison(probe: Probe, point: InjectionPoint) -> str:
    """A hint on LIKE, where a value reached it as a parameter or in the text, or on one row of several."""
    if _gives_one_of_several(probe):
        return ONE_ROW
    if point.kind == "pattern" and _folds_accents(probe, point):
        return ACCENTED
    liking = [one for one in probe.record.statements if " LIKE " in f" {one.text.upper()} "]
    if not liking or point.kind not in ("text", "pattern"):
        return ""
    given = [value for one in liking for value in _texts(one)]
    value = str(probe.value)
    if point.kind == "text" and any(one[:1] == one[-1:] == "%" and len(one) > len(value) for one in given):
        return CONTAINS
    if set(value) & set("%_") and not set(value) & set("'\""):
        return WILDCARD
    return CAPITALS if point.kind == "text" and value in given else ""


def _hint_on_meaning(probe: Probe, point: InjectionPoint) -> str:
    """A hint on a value that reached the engine, or did not, as something else than itself."""
    if probe.fault == "raised":
        is_refused = not probe.record.statements and probe.value != point.honest[0]
        return HARMLESS if is_refused and point.kind in ("text", "pattern", "stored") else ""
    value = str(probe.value)
    given = [text for one in probe.record.statements for text in _texts(one)]
    if any(_as_sent(value, point) in _as_sent(text, point) for text in given):
        return ""
    changed = [text for text in given if _core(value) and _core(value) in _core(text)]
    if changed and "'" in value and all(text.count("'") != value.count("'") for text in changed):
        return APOSTROPHE
    return ALTERED if changed else ""


def _as_sent(text: str, point: InjectionPoint) -> str:
    """`text`, without its capitals where they make no difference."""
    return "".join(sign.lower() if sign.isascii() else sign for sign in text) if point.kind == "pattern" else text


def _core(text: str) -> str:
    """The letters and digits of a text, without capitals: what is left of it however it is cleaned."""
    return "".join(sign for sign in text.casefold() if sign.isalnum())


def _texts(statement: SentStatement) -> Iterator[str]:
    """The parameters of a statement that are texts."""
    given: Any = statement.parameters
    values = given.values() if isinstance(given, dict) else given if isinstance(given, (list, tuple)) else ()
    yield from (value for value in values if isinstance(value, str))
