"""An exercise that asks for a function that strangers may call: its claims, and what a student reads when they fail."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

from graders.kernel.claims import Attempt, claim, experiment
from graders.kernel.report import Mismatch, Table
from graders.sandbox import SandboxedFunction
from graders.techniques.attacks.inputs import InjectionPoint
from graders.techniques.attacks.probing import Probe, Prober, occurs_in
from graders.techniques.attacks.subject import (
    ANYTHING,
    REFUSED,
    Behaviour,
    ConnectionSubject,
    Subject,
    read_rows,
    sorted_rows,
)

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


def explain_probe(
    probe: Probe, engine: str, draw: Draw | None = None, choose_hint: Callable[[str], str] = str
) -> Mismatch:
    """What is wrong with a probe, for a student; `draw` makes a picture of a statement, the value in it, the engine.

    `choose_hint` may put another hint in the place of ours.
    """
    statement, value = probe.statement, probe.value
    picture = ""
    if draw and statement and is_written(probe) and occurs_in(value, statement.text):
        picture = str(draw(statement.text, value, engine))
    tables = [*_tabulate_statements(probe, is_drawn=bool(picture)), *_unexpected_rows(probe)]
    return Mismatch(_expected(probe), _found(probe, engine), choose_hint(hint_on(probe)), tables, picture)


def _expected(probe: Probe) -> str:
    call, expected = _call(probe), probe.expected
    if probe.fault == "structure":
        return f"{call} to send the same statement as for any other input"
    if probe.fault == "reads":
        return f"{call} to read no column that its answer does not need"
    if expected is REFUSED:
        return f"{call} to raise an exception, and send nothing"
    if probe.fault == "change" or expected is ANYTHING:
        return f"{call} to run, and to change only what it should"
    return f"{call} to give {_rows_in_words(probe)[0]}"


def _call(probe: Probe) -> str:
    """The call, and what was stored before it where that is the input."""
    call, point = probe.record.call, probe.point
    if point is None or not point.is_planted(probe.value):
        return call
    return f"{call} with the {point.name} `{_visible(str(probe.value))}` stored"


def _found(probe: Probe, engine: str) -> str:
    raised = _visible(probe.record.raised)
    phrases = {
        "leak": f"it gave away the secret `{probe.leaked}`",
        "change": "afterwards the tables hold other rows than they should",
        "structure": "another statement" + (f", which reads {probe.leaked}" if probe.leaked else ""),
        "reads": f"it reads {probe.leaked}",
        "accepted": "it gave a value" + (f", from a statement that reads {probe.leaked}" if probe.leaked else ""),
        "engine": f"{engine} could not run what the input became: {raised}",
        "raised": raised,
    }
    return phrases.get(probe.fault or "") or _rows_in_words(probe)[1]


def _rows_in_words(probe: Probe) -> tuple[str, str]:
    """The expected rows and those found: how many and, where that is wrong, of how many values, or which are not."""
    found, expected = read_rows(probe.record.value), read_rows(probe.expected)
    if found is None or expected is None:
        return _count(expected, probe.expected), _count(found, probe.record.value)
    if found and expected and len(found[0]) != len(expected[0]):
        return _count(expected, wide=True), _count(found, wide=True)
    if _differ_in_order(probe):
        return _count(expected), f"{_count(found)}, in another order"
    have, want = Counter(map(repr, found)), Counter(map(repr, expected))
    missing, strange = (want - have).total(), (have - want).total()
    words = f", {missing} of those asked for missing" if missing else ""
    return _count(expected), _count(found) + words + (f", {strange} that nobody asked for" if strange else "")


def _count(rows: list[tuple] | None, value: object = None, wide: bool = False) -> str:
    """How many `rows` there are, and how wide they are, or `value` where it is none."""
    if rows is None:
        return f"`{value!r:.120}`"
    widths = {len(row) for row in rows}
    width = f" of {_plural(widths.pop(), 'value')}" if wide and len(widths) == 1 else ""
    return _plural(len(rows), "row") + width


def _plural(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _differ_in_order(probe: Probe) -> bool:
    """Whether the rows are those asked for, in another order."""
    rows, expected = read_rows(probe.record.value), probe.expected
    if probe.fault != "rows" or rows is None or not isinstance(expected, list):
        return False
    return sorted_rows(rows) == sorted_rows(expected)


def _visible(words: str) -> str:
    return words.replace("\0", "\\0")


def _tabulate_statements(probe: Probe, is_drawn: bool) -> Iterator[Table]:
    """What reached the engine, where the picture does not show all of it."""
    statements = probe.record.statements
    if probe.statement is None or (is_drawn and len(statements) == 1):
        return
    rows = [(_visible(one.text), repr(one.parameters)) for one in statements]
    marked = frozenset({statements.index(probe.statement)}) if len(rows) > 1 else frozenset()
    yield Table("what reached the engine", ("statement", "parameters"), rows, marked, "this one")


def _unexpected_rows(probe: Probe) -> Iterator[Table]:
    """The rows that nobody asked for, those with the secret first and marked."""
    rows = read_rows(probe.record.value) if probe.fault in ("leak", "rows") else None
    strange = [row for row in rows or [] if not isinstance(probe.expected, list) or row not in probe.expected]
    if not strange or any(len(row) != len(strange[0]) for row in strange):
        return
    leaks = [row for row in strange if probe.fault == "leak" and probe.leaked in str(row)]
    rows = [*leaks, *(row for row in strange if row not in leaks)][:MAX_ROWS]
    columns = tuple(str(number) for number in range(1, len(strange[0]) + 1))
    marked = frozenset(range(min(len(leaks), MAX_ROWS)))
    yield Table("rows that nobody asked for", columns, rows, marked, "the secret")


def hint_on(probe: Probe) -> str:
    """One hint on a mistake that is recognised, from what was sent and what it became; empty if none is."""
    point, fault = probe.point, probe.fault
    if point is None or fault == "reads":
        return ""
    if _differ_in_order(probe):
        return UNSORTED
    if fault == "accepted":
        return _hint_on_accepted(point, is_written(probe))
    if fault == "rows" and point.kind in ("text", "pattern") and _only_wildcards(probe.value):
        return WILDCARD
    if fault in ("leak", "structure") or is_written(probe):
        return {"number": NO_QUOTES, "identifier": A_NAME, "stored": STORED}.get(point.kind, IN_QUOTES)
    if probe.honest_fails and fault in ("rows", "raised"):
        return HONEST_FIRST
    return _hint_on_meaning(probe, point) if fault != "engine" else ""


def is_written(probe: Probe) -> bool:
    """Whether what is sent at this point ends up in the text of a statement, as far as can be seen."""
    point, statement, value = probe.point, probe.statement, probe.value
    if probe.is_written or statement is None or not occurs_in(value, statement.text):
        return probe.is_written
    is_keyword = point is not None and point.kind != "identifier" and value.isalpha()
    return len(value) > MAX_SHORT and not is_keyword and not (point and value in point.honest)


def _only_wildcards(value: object) -> bool:
    """Whether `value` has signs that mean something to LIKE, and none that ends a quote."""
    return bool(set(str(value)) & set("%_")) and not set(str(value)) & set("'\"")


def _hint_on_accepted(point: InjectionPoint, written: bool) -> str:
    if point.kind == "number":
        return NO_QUOTES if written else NO_NUMBER
    return A_NAME if written else UNKNOWN


def _hint_on_meaning(probe: Probe, point: InjectionPoint) -> str:
    """A hint on a value that reached the engine, or did not, as something else than itself."""
    if probe.fault == "raised":
        return "" if probe.value == point.honest[0] else HARMLESS
    if "'" in str(probe.value):
        return APOSTROPHE
    return WILDCARD if set(str(probe.value)) & set("%_\\") else ""


HONEST = "it gives honest people what they ask for: with apostrophes, `%` and `_`, empty texts, other scripts"
SAFE = "what is sent is looked for, and does nothing else: its statements are the same for every input"
SPARING = "its statements read only the columns that it needs"


def connect(function: SandboxedFunction, behaviour: Behaviour) -> ConnectionSubject:
    """A Python function of a connection as a subject."""
    return ConnectionSubject(function, behaviour.schema, behaviour.engine)


@dataclass(frozen=True)
class InjectionExercise:
    """A function that strangers call, and how it is attacked."""

    behaviour: Behaviour
    """What the function must do, and nothing else."""
    draw: Draw | None = None
    """Draws the statement of a failed claim, with the value in it marked, for an engine; its `str` is SVG."""
    honest: str = HONEST
    """The sentence of the claim on calls of honest people."""
    safe: str = SAFE
    """The sentence of the claim on hostile inputs."""
    open_subject: Callable[[SandboxedFunction, Behaviour], AbstractContextManager[Subject]] = connect
    """Makes a subject of the answer, by default a function of a connection."""
    choose_hint: Callable[[str, str], str] = lambda hint, source: hint
    """Gives the hint that a student reads, for ours and the answer's text."""


@dataclass(frozen=True)
class Findings:
    """What went wrong when a function was called, and None where nothing did."""

    mistake: Probe | None
    """The first call of an honest person that went wrong."""
    attack: Probe | None
    """The worst of what hostile inputs did."""
    needless_read: Probe | None
    """The first statement of an honest call that read columns which it does not need."""
    source: str = ""
    """The text of the answer, where a hint may depend on it."""


def probe(subject: Subject, behaviour: Behaviour, attempt: Attempt) -> Findings:
    """Call `subject` as honest people and as others do, on data from the attempt's seed."""
    prober = Prober(subject, behaviour, attempt.seed, attempt.rng)
    return Findings(prober.find_mistake(), prober.find_attack(), prober.find_needless_read())


def injection_exercise(exercise: str, description: InjectionExercise) -> None:
    """Register the claims of `exercise`: its answer has the behaviour of `description`, and no other.

    injection_exercise("example-1", InjectionExercise(Behaviour(
        schema=bookshop.SCHEMA, data=bookshop.data, expects=books_of, secrets=(("members", "password"),),
        points=(InjectionPoint("author", "text", honest=("Jane Austen", "Pia O'Neill", "")),))))
    """
    behaviour, draw = description.behaviour, description.draw

    @experiment(exercise, description=description)
    def probe_function(attempt: Attempt) -> Findings:
        with description.open_subject(attempt.answer, behaviour) as subject:
            return replace(probe(subject, behaviour, attempt), source=attempt.answer.source)

    def refute(findings: Findings, fault: Probe | None) -> None:
        if fault:
            choose_hint = description.choose_hint
            raise explain_probe(fault, behaviour.engine, draw, lambda hint: choose_hint(hint, findings.source))

    @claim(probe_function, sentence=description.honest)
    def serves_the_honest(findings: Findings) -> None:
        refute(findings, findings.mistake)

    @claim(probe_function, weight=2, sentence=description.safe)
    def withstands_attacks(findings: Findings) -> None:
        refute(findings, findings.attack)

    if behaviour.needs is not None:

        @claim(probe_function, after=serves_the_honest, sentence=SPARING)
        def reads_what_it_needs(findings: Findings) -> None:
            refute(findings, findings.needless_read)
