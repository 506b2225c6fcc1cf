"""Tries probes on the tables that an answer has made, and puts the first that goes wrong into words, with a hint."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from graders.kernel.readable import format_value
from graders.kernel.report import Mismatch
from graders.labs import EngineError, Lab, OutOfBounds, Result, open_image, open_lab
from graders.sql import quote_identifier
from graders.techniques.batteries.probes import Probe, StoredChange
from graders.techniques.batteries.rules import Table
from graders.techniques.batteries.world import Row, Statement, World, tabulate, write_insert, write_look
from graders.techniques.queries import serialize_database

# What is put off until COMMIT is asked for here, before the transaction is rolled back.
PUT_OFF = {"SQLite": "PRAGMA foreign_key_check", "PostgreSQL": "SET CONSTRAINTS ALL IMMEDIATE"}


@dataclass(frozen=True)
class Finding:
    """What became of a probe."""

    probe: Probe
    right: bool
    """Whether what had to happen happened."""
    direction: str = ""
    """How it went wrong: "refused", "taken", "stored" otherwise, or "blocked" at a step before the last."""
    words: str = ""
    """What was found, where it went wrong."""


@contextmanager
def open_tables(engine: str, before: str, script: str, tables: Sequence[Table]) -> Iterator[Lab]:
    """A lab with what `script` leaves behind once its connection is closed; raise `Mismatch` if a column is missing."""
    with open_lab(engine, before) as lab:
        try:
            lab.run(script)
        except EngineError as error:
            raise Mismatch("a script that runs to its end", error.says) from None
        # What is not committed is gone when the connection closes.
        lab.outcomes(["ROLLBACK"])
        if engine == "SQLite":
            image = serialize_database(lab)
        else:
            _require_columns(lab, tables)
            yield lab
            return
    with open_image(image) as kept:
        _require_columns(kept, tables)
        yield kept


def _require_columns(lab: Lab, tables: Sequence[Table]) -> None:
    for table in tables:
        names = _read_columns(lab, table.name)
        missing = [column.name for column in table.columns if column.name not in names]
        if missing:
            there = ", ".join(names) or "no such table"
            expected = f"a table `{table.name}` with the columns {', '.join(column.name for column in table.columns)}"
            raise Mismatch(expected, there)


def _read_columns(lab: Lab, name: str) -> tuple[str, ...]:
    """The columns that SELECT * gives, those that are computed among them; none if there is no such table."""
    (outcome,) = lab.outcomes([f"SELECT * FROM {quote_identifier(name)} LIMIT 0"])
    return outcome.columns if isinstance(outcome, Result) else ()


def try_probe(world: World, probe: Probe) -> Finding:
    """What becomes of a probe; nothing of it stays."""
    *earlier, last = probe.steps
    look = write_look(probe.table)
    begun = _run(world.lab, ["BEGIN", *earlier, *([look] if earlier else []), last])
    *done, outcome = begun[1:]
    if refusal := next((one for one in done if isinstance(one, EngineError)), None):
        early = probe.may_be_refused_early
        finding = Finding(probe, True) if early else Finding(probe, False, "blocked", refusal.says)
    elif isinstance(outcome, EngineError):
        finding = _refused(probe, outcome.says)
    else:
        before = _read_rows(probe.table, done[-1]) if earlier else world.rows[probe.table.name]
        finding = _look_again(world.lab, probe, before)
    world.lab.outcomes(["ROLLBACK"])
    return finding


def _run(lab: Lab, statements: Sequence[str | Statement]) -> list[Result | EngineError]:
    outcomes = lab.outcomes(statements)
    for outcome in outcomes:
        if isinstance(outcome, OutOfBounds):
            raise outcome
    return outcomes


def _refused(probe: Probe, words: str) -> Finding:
    return Finding(probe, False, "refused", words) if probe.accepted else Finding(probe, True)


def _look_again(lab: Lab, probe: Probe, before: Sequence[Row]) -> Finding:
    """The finding on a probe of which nothing was refused so far."""
    asks = lab.engine in PUT_OFF and (not probe.accepted or probe.claim == "deletions")
    put_off = [PUT_OFF[lab.engine]] if asks else []
    *asked, after = _run(lab, [*put_off, write_look(probe.table)])
    if refusal := _put_off_refusal(asked):
        return _refused(probe, refusal)
    if isinstance(after, EngineError):
        return Finding(probe, False, "refused", after.says)
    if words := probe.judge(StoredChange(before, _read_rows(probe.table, after))):
        return Finding(probe, False, "stored" if probe.accepted else "taken", words)
    return Finding(probe, True)


def _read_rows(table: Table, look: Result | EngineError) -> list[Row]:
    assert isinstance(look, Result)
    names = [column.name for column in table.columns]
    return [dict(zip(names, row, strict=True)) for row in look.rows]


def _put_off_refusal(outcomes: Sequence[Result | EngineError]) -> str:
    """The refusal that COMMIT would give; empty if there is none."""
    for outcome in outcomes:
        if isinstance(outcome, EngineError):
            return outcome.says
        if outcome.rows:
            return "SQLite refuses to COMMIT: a row names a parent that is not there"
    return ""


def offer_values(engine: str, schema: str, offers: Sequence[tuple[str, Any]]) -> list[str]:
    """What becomes of each (column, value) in the one table of `schema`: "refused", or "kept as" what is stored."""
    with open_lab(engine, schema) as lab:
        (name,) = lab.tables()
        return [_offer(lab, name, column, value) for column, value in offers]


def _offer(lab: Lab, table: str, column: str, value: Any) -> str:
    look = f"SELECT {quote_identifier(column)} FROM {quote_identifier(table)}"
    _, done, there, _ = lab.outcomes(["BEGIN", write_insert(lab.engine, table, {column: value}), look, "ROLLBACK"])
    if isinstance(done, EngineError) or isinstance(there, EngineError):
        return "refused"
    return f"kept as {format_value(there.rows[0][0])}"


# By what was special about the probe, and by how it went wrong.
HINTS = {
    ("type", "taken"): "Which type, or which CHECK, keeps text out of this column?",
    ("type by UPDATE", "taken"): "An INSERT of this value is refused. Which rule looks at an UPDATE?",
    ("fraction", "taken"): "Which type, or which CHECK, takes whole numbers only?",
    ("below", "taken"): "Which values does the rule allow here at least? Try the first one below.",
    ("above", "taken"): "Which values does the rule allow here at most? Try the first one above.",
    ("least", "refused"): "This is the least value that the rule allows. Should your comparison let it in?",
    ("most", "refused"): "This is the greatest value that the rule allows. Should your comparison let it in?",
    ("blank", "taken"): "An empty text is not NULL, and nor is one of spaces. Which condition sees both?",
    ("long", "taken"): "Does this engine heed the length in a type, or must a CHECK count the letters?",
    ("longest", "refused"): "This is the longest text that the rule allows. Is the length counted as it should be?",
    ("other word", "taken"): "Which words may stand here? What says so to the engine?",
    ("word", "refused"): "Compare your list of words with the one in the task, letter by letter.",
    ("case", "taken"): "This word is in the list in other letters. Does your comparison tell them apart?",
    ("no such month", "taken"): "There is no such month. What could tell a date that looks right from one that is?",
    ("no such day", "taken"): "There is no such day. What could tell a date that looks right from one that is?",
    ("no such time", "taken"): "There is no such time of day. What could tell it from one that is?",
    ("no date", "taken"): "Which type, or which CHECK, keeps out what is no date?",
    ("NULL", "taken"): "A CHECK refuses what is false, and a comparison with NULL is not false. What refuses NULL?",
    ("NULL by UPDATE", "taken"): "An UPDATE may leave a value out too. Which declaration refuses NULL in both?",
    ("left out", "taken"): "What does a row get that leaves this column out?",
    ("NULL beats default", "taken"): "DEFAULT fills in what is left out. Who refuses a NULL that is written?",
    ("may be NULL", "refused"): "Read the rule again: must every row have a value here?",
    ("repeated", "taken"): "Which key of yours has these columns, and no more?",
    (
        "other case",
        "taken",
    ): "UNIQUE tells letters of another case apart. What could be unique in place of the text?",
    ("two NULLs", "refused"): "Two values that are not known are not the same. What made them so?",
    ("both not bound", "refused"): "Both rows are allowed: the rule is about some rows only. About which is yours?",
    ("not bound", "refused"): "The second row is not among those that must differ. About which rows is your rule?",
    (
        "number brought along",
        "refused",
    ): "The counter does not know that this number is taken. Who gives it the next one?",
    ("number comes back", "stored"): "Which word makes SQLite remember the numbers of rows that are gone?",
    ("does not fit", "taken"): "Each value is in order by itself. Which condition compares them with each other?",
    ("orphan", "taken"): "Which clause ties this column to the table with the parents?",
    ("dead parent", "taken"): "A foreign key asks whether the parent is there. Who asks whether it is still alive?",
    ("refuse", "taken"): "What should the foreign key do with a parent that still has children?",
    ("cascade", "refused"): "These rows belong to their parent. What should ON DELETE do with them?",
    ("set null", "refused"): "The row stays when its parent goes. What becomes of its reference, by the rules?",
    ("cascade", "stored"): "These rows belong to their parent. What should ON DELETE do with them?",
    ("set null", "stored"): "The row stays when its parent goes. What becomes of its reference, by the rules?",
    ("forbidden step", "taken"): "A CHECK sees the new value only. What sees the old one as well?",
    ("allowed step", "refused"): "This step is in the list of the task. Which of your conditions stops it?",
    ("set by UPDATE", "taken"): "What keeps somebody from writing a value of their own here?",
}


def explain(findings: Sequence[Finding], hints: Mapping[str, str], picture: str = "") -> Mismatch | None:
    """What is wrong with the first finding that is; None if all are right.

    `hints` go before ours: by rule and kind ("products.price below"), by rule, or by kind.
    """
    wrong = [finding for finding in findings if not finding.right]
    if not wrong:
        return None
    first, probe = wrong[0], wrong[0].probe
    more = f", and so on in {len(wrong) - 1} more of {len(findings)} trials" if len(wrong) > 1 else ""
    mark = {"taken": "taken", "refused": "refused", "stored": "not so", "blocked": "refused"}[first.direction]
    tables = [tabulate(probe.table, probe.shown, probe.title, marked=mark)] if probe.shown else []
    return Mismatch(probe.expected, first.words + more, choose_hint(first, hints), tables, picture)


def choose_hint(finding: Finding, hints: Mapping[str, str]) -> str:
    """The hint for the way in which a probe went wrong, or nothing."""
    probe = finding.probe
    names = (f"{probe.rule} {probe.kind} {finding.direction}", f"{probe.rule} {probe.kind}", f"{probe.rule}")
    own = next((hints[name] for name in names if name in hints), None)
    return HINTS.get((probe.kind, finding.direction), "") if own is None else own
