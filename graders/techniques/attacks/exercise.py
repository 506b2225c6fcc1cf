"""An exercise that asks for a function that strangers may call: its claims, and what a student reads when they fail."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass

from graders.kernel.claims import Attempt, claim, experiment
from graders.kernel.report import Mismatch, Table
from graders.sandbox import SandboxedFunction
from graders.techniques.attacks.hints import hint_on, is_written
from graders.techniques.attacks.probing import Probe, Prober, occurs_in
from graders.techniques.attacks.subject import (
    ANYTHING,
    REFUSED,
    Behaviour,
    ConnectionSubject,
    Subject,
    differ_in_order,
    read_rows,
)

MAX_ROWS = 5
Draw = Callable[[str, str, str], object]
ChooseHint = Callable[[str, Probe], str]


def explain_probe(
    probe: Probe, engine: str, draw: Draw | None = None, choose_hint: ChooseHint = lambda hint, probe: hint
) -> Mismatch:
    """What is wrong with a probe, for a student; `draw` makes a picture of a statement, the value in it, the engine.

    `choose_hint` may put another hint in place of ours.
    """
    statement, value = probe.statement, probe.value
    picture = ""
    if draw and statement and is_written(probe) and occurs_in(value, statement.text):
        picture = str(draw(statement.text, value, engine))
    rows = (*_unexpected_rows(probe), *_missing_rows(probe), *_changed_rows(probe))
    tables = [*_tabulate_statements(probe, is_drawn=bool(picture)), *rows]
    return Mismatch(
        _expected(probe), _found(probe, engine), choose_hint(hint_on(probe, engine), probe), tables, picture
    )


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
    return f"{call} to give {_rows_in_words(probe)[0]}" + (", or to raise an exception" if probe.may_refuse else "")


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
    if differ_in_order(found, expected):
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


def _visible(words: str) -> str:
    return words.replace("\0", "\\0")


def _tabulate_statements(probe: Probe, is_drawn: bool) -> Iterator[Table]:
    """What reached the engine, where the picture does not show all of it."""
    statements = probe.record.statements
    if probe.statement is None or (is_drawn and len(statements) == 1):
        return
    rows = [(_visible(one.text), repr(one.parameters)) for one in statements]
    is_known = is_written(probe) or probe.statement.error or probe.fault in ("structure", "reads")
    marked = frozenset({statements.index(probe.statement)}) if is_known and len(rows) > 1 else frozenset()
    yield Table("what reached the engine", ("statement", "parameters"), rows, marked, "this one")


def _unexpected_rows(probe: Probe) -> Iterator[Table]:
    """The rows that nobody asked for, those with the secret first and marked."""
    rows = read_rows(probe.record.value) if probe.fault in ("leak", "rows") else None
    strange = [row for row in rows or [] if not isinstance(probe.expected, list) or row not in probe.expected]
    if not strange or any(len(row) != len(strange[0]) for row in strange):
        return
    leaks = [row for row in strange if probe.fault == "leak" and probe.leaked in str(row)]
    rows = [*leaks, *(row for row in strange if row not in leaks)]
    yield _show_rows("rows that nobody asked for", rows, frozenset(range(min(len(leaks), MAX_ROWS))))


def _missing_rows(probe: Probe) -> Iterator[Table]:
    """The rows that should have come and did not."""
    rows, expected = read_rows(probe.record.value), read_rows(probe.expected)
    if probe.fault != "rows" or rows is None or not expected:
        return
    missing = list((Counter(expected) - Counter(row for row in rows if row in expected)).elements())
    if missing:
        yield _show_rows("rows that are missing", missing)


def _changed_rows(probe: Probe) -> Iterator[Table]:
    """Where tables hold other rows than they should: the rows that are there wrongly, and those that are missing."""
    after, right = probe.record.data_after or {}, probe.right or {}
    for name in right if set(after) == set(right) else ():
        have, want = [tuple(row) for row in after[name]], [tuple(row) for row in right[name]]
        strange, missing = [row for row in have if row not in want], [row for row in want if row not in have]
        if strange:
            yield _show_rows(f"{name}: rows that should not be there", strange)
        if missing:
            yield _show_rows(f"{name}: rows that should be there", missing)


def _show_rows(title: str, rows: list[tuple], marked: frozenset[int] = frozenset()) -> Table:
    """The first of `rows`, whose columns have numbers for names; the marked ones hold a secret."""
    rows = [row for row in rows if len(row) == len(rows[0])]
    columns = tuple(str(number) for number in range(1, len(rows[0]) + 1))
    return Table(title, columns, rows[:MAX_ROWS], marked, "the secret", more=len(rows[MAX_ROWS:]))


def _check_service(findings: Findings) -> None:
    """Safety counts where somebody is served: a function that refuses everything withstands every attack."""
    if not findings.serves:
        raise Mismatch("one honest call at least to give rows", "none does")


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
    choose_hint: ChooseHint = lambda hint, probe: hint
    """Gives the hint that a student reads, for ours and what it is about."""


@dataclass(frozen=True)
class Findings:
    """What went wrong when a function was called, and None where nothing did."""

    mistake: Probe | None
    """The first call of an honest person that went wrong."""
    attack: Probe | None
    """The worst of what hostile inputs did."""
    needless_read: Probe | None
    """The first statement of an honest call that read columns which it does not need."""
    serves: bool = True
    """Whether some honest call that has something to give gave it."""


def probe(subject: Subject, behaviour: Behaviour, attempt: Attempt) -> Findings:
    """Call `subject` as honest people and as others do, on data from the attempt's seed."""
    prober = Prober(subject, behaviour, attempt.seed, attempt.rng)
    mistake, attack, needless = prober.find_mistake(), prober.find_attack(), prober.find_needless_read()
    return Findings(mistake, attack, needless, prober.serves_somebody())


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
            return probe(subject, behaviour, attempt)

    def refute(fault: Probe | None) -> None:
        if fault:
            raise explain_probe(fault, behaviour.engine, draw, description.choose_hint)

    @claim(probe_function, sentence=description.honest)
    def serves_the_honest(findings: Findings) -> None:
        refute(findings.mistake)

    @claim(probe_function, weight=2, sentence=description.safe)
    def withstands_attacks(findings: Findings) -> None:
        refute(findings.attack)
        _check_service(findings)

    if behaviour.needs is not None:

        @claim(probe_function, after=serves_the_honest, sentence=SPARING)
        def reads_what_it_needs(findings: Findings) -> None:
            refute(findings.needless_read)
