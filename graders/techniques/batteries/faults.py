"""Puts the first probe that went wrong into words: what was to happen, what did, the row, and a hint for its kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from graders.kernel.report import Mismatch
from graders.techniques.batteries.trials import Finding
from graders.techniques.batteries.world import tabulate

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
    ): "UNIQUE tells letters of another case apart. What could be unique in the place of the text?",
    ("two NULLs", "refused"): "Two values that are not known are not the same. What made them so?",
    ("both not bound", "refused"): "Both rows are allowed: the rule is about some rows only. About which is yours?",
    ("not bound", "refused"): "The second row is not among those that must differ. About which rows is your rule?",
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
