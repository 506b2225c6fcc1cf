"""The hints on what strangers send: each is given for a mistake that is recognised in what the driver got and gave."""

from __future__ import annotations

import re
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
NO_TEXT = "A list came in place of a text. What does your code make of it, and what should it?"
ONE_ROW = "One row came where several were asked for. What leaves the others out: the statement, or what follows it?"
ONE_FILTER = "All with this `{key}` came, whatever the other filters say. Must one of the filters hold, or each?"
EMPTY = "An empty text was asked for, and no statement asks for it. Which line of yours takes it for no value at all?"
COMPARED_WITH_NULL = "To SQL, `= NULL` is never true. Which comparison finds the rows in which a column is NULL?"
ESCAPED_TWICE = (
    "Your escape sign stands there twice: what you put before a wildcard was escaped as well. Which sign is first?"
)
FOLDED = "The statement makes capitals and small letters the same, and here they count. Which part of it does that?"
CASE_COUNTS = "Rows in which these letters are capitals are missing. What makes A to Z equal to a to z in SQL?"
NEARLY = "This is nearly a name that is allowed, and is none. Does your code ask for exactly these names?"


def hint_on(probe: Probe, engine: str) -> str:
    """One hint on a mistake that is recognised, from what was sent and what it became; empty if none is."""
    point, fault = probe.point, probe.fault
    if probe.only_filter:
        return ONE_FILTER.format(key=probe.only_filter)
    if point is None or fault == "reads":
        return _hint_on_arguments(probe) or _hint_on_absence(probe) if fault == "rows" else ""
    if differ_in_order(probe.record.value, probe.expected):
        return UNSORTED if _sorts_by_parameter(probe, engine) else A_NAME if is_written(probe) else ""
    if fault == "accepted":
        return _hint_on_accepted(point, probe)
    if fault == "rows" and (meaning := _hint_on_comparison(probe, point)):
        return meaning
    if fault in ("leak", "structure") or (is_written(probe) and fault != "raised"):
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
    unwanted = _unwanted(probe)
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
    if absence := _hint_on_absence(probe):
        return absence
    if _gives_one_of_several(probe):
        return ONE_ROW
    if point.kind in ("text", "pattern") and (letters := _hint_on_capitals(probe, point)):
        return letters
    if point.kind == "pattern" and _folds_accents(probe, point):
        return ACCENTED
    liking = [one for one in probe.record.statements if " LIKE " in f" {one.text.upper()} "]
    return _hint_on_like(probe, point, liking) if liking and point.kind in ("text", "pattern") else ""


def _hint_on_like(probe: Probe, point: InjectionPoint, liking: list[SentStatement]) -> str:
    """A hint on a value that reached a comparison by LIKE."""
    given = [value for one in liking for value in _texts(one)]
    value = str(probe.value)
    if point.kind == "text" and any(one[:1] == one[-1:] == "%" and len(one) > len(value) for one in given):
        return CONTAINS
    if any(sign * 2 in text for sign in _escape_signs(liking) - set(value) for text in given):
        return ESCAPED_TWICE
    if set(value) & set("%_") and not set(value) & set("'\"") and not _only_lacks_rows(probe):
        return WILDCARD
    return CAPITALS if point.kind == "text" and value in given else ""


def _unwanted(probe: Probe) -> list[Any]:
    """The rows that nobody asked for."""
    return [row for row in read_rows(probe.record.value) or () if row not in (read_rows(probe.expected) or ())]


def _only_lacks_rows(probe: Probe) -> bool:
    """Whether rows are missing, and none is there that nobody asked for."""
    found, expected = read_rows(probe.record.value), read_rows(probe.expected)
    return found is not None and bool(expected) and not _unwanted(probe)


def _escape_signs(statements: list[SentStatement]) -> set[str]:
    """The signs that these statements name behind ESCAPE."""
    return {sign for one in statements for sign in re.findall(r"(?i)\bescape '(.)'", one.text)}


def _hint_on_absence(probe: Probe) -> str:
    """A hint on an empty text that no statement asks for, and on a comparison with NULL."""
    sent = probe.value if probe.point is None else (probe.value,)
    values = [one for each in sent for one in (each.values() if isinstance(each, dict) else (each,))]
    parameters = [value for one in probe.record.statements for value in _parameters(one)]
    texts = " ".join(one.text for one in probe.record.statements)
    if "" in values and "" not in parameters and "''" not in texts and _unwanted(probe):
        return EMPTY
    is_equal = re.search(r"(?<![<>!])=", texts) and not re.search(r"(?i)\bis\b", texts)
    return COMPARED_WITH_NULL if None in values and None in parameters and is_equal else ""


def _hint_on_capitals(probe: Probe, point: InjectionPoint) -> str:
    """A hint on letters that are the same to the statement and should not be, or the other way round."""
    value = str(probe.value)
    texts = " ".join(one.text for one in probe.record.statements).lower()
    if point.kind == "text" and re.search(r"\b(lower|upper)\(|\bcollate nocase\b", texts):
        is_given = any(value == text for one in probe.record.statements for text in _texts(one))
        return FOLDED if is_given and _unwanted(probe) and value != value.swapcase() else ""
    found = read_rows(probe.record.value) or ()
    missing = [row for row in read_rows(probe.expected) or () if row not in found]
    exact = [row for row in missing if any(isinstance(text, str) and value in text for text in row)]
    is_as_sent = any(value in text for one in probe.record.statements for text in _texts(one))
    return CASE_COUNTS if point.kind == "pattern" and missing and not exact and value and is_as_sent else ""


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
    yield from (value for value in _parameters(statement) if isinstance(value, str))


def _parameters(statement: SentStatement) -> Iterator[Any]:
    """The parameters of a statement."""
    given: Any = statement.parameters
    yield from given.values() if isinstance(given, dict) else given if isinstance(given, (list, tuple)) else ()
