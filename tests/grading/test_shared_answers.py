"""Are planted copies found, whatever was renamed in them, and is nobody accused who wrote an answer alone?"""

import ast
import re
from itertools import pairwise
from pathlib import Path

import pytest
from foreseen_answers import LESSONS

from graders.course.answer_cells import Answers
from graders.grading.shared_answers import MIN_TOKENS, find_shared, likeness, shingles
from graders.grading.submissions import GradedSubmission, Submission
from graders.kernel.exercise import Exercise
from graders.sql import Kind, tokenize
from graders.sql.parsing import is_keyword

SQL = """
WITH counted AS (
    SELECT l.member_id, count(*) AS loans, sum(CASE WHEN l.returned IS NULL THEN 1 ELSE 0 END) AS out
    FROM loans AS l JOIN books AS b ON b.id = l.book_id
    WHERE l.due >= '2024-02-01' AND b.title <> 'Emma'
    GROUP BY l.member_id
)
SELECT m.name, c.loans, c.out FROM members AS m JOIN counted AS c ON c.member_id = m.id
WHERE c.loans > 3 ORDER BY c.out DESC, m.name;
"""
RENAMED_SQL = """
-- my own work
with q as (select LN.member_id, COUNT(*) as n, SUM(case when LN.returned is null then 1 else 0 end) as o
from loans as LN join books as BK on BK.id = LN.book_id
where LN.due >= '2024-02-01' and BK.title <> 'Emma' group by LN.member_id)
select P.name, X.n, X.o from members as P join q as X on X.member_id = P.id where X.n > 3
order by X.o desc, P.name
"""
PYTHON = """
def closure(attributes, rules):
    found = set(attributes)
    grown = True
    while grown:
        grown = False
        for left, right in rules:
            if set(left) <= found and not set(right) <= found:
                found |= set(right)
                grown = True
    return sorted(found)
"""
RENAMED_PYTHON = """
def closure(a, fds):
    # start with what is given
    result = set(a)
    changed = True
    while changed:
        changed = False
        for (lhs, rhs) in fds:
            if set(lhs) <= result and not set(rhs) <= result: result |= set(rhs); changed = True
    return sorted(result)
"""
OTHER_PYTHON = """
def closure(attributes, rules):
    known, pending = set(attributes), list(rules)
    for _ in range(len(pending) + 1):
        for left, right in pending:
            known = known.union(right) if known.issuperset(left) else known
    return [name for name in sorted(known)]
"""


CODE = ("sql", "python", "javascript", "java", "shell")
DECLARED = {
    "javascript": r"\b(?:const|let|var) (\w+)",
    "java": r"\b(?:var|int|long|String) (\w+)\b(?! *\()",
    "shell": r"(?m)^ *(\w+)=",
}


class Renamer(ast.NodeTransformer):
    """Gives every variable and parameter of a program another name."""

    def __init__(self, tree):
        stored = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        stored |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
        self.names = {name: f"copied_{number}" for number, name in enumerate(sorted(stored))}

    def visit_Name(self, node):  # noqa: N802
        node.id = self.names.get(node.id, node.id)
        return node

    def visit_arg(self, node):
        node.arg = self.names.get(node.arg, node.arg)
        return node


def copied(text, kind):
    """`text` as somebody hands it in who renames, reformats and comments what another has written."""
    if kind == "python":
        tree = ast.parse(text)
        return "# My own work.\n" + ast.unparse(Renamer(tree).visit(tree))
    if kind == "sql":
        return "-- My own work.\n" + _copied_sql(text)
    for number, name in enumerate(sorted(set(re.findall(DECLARED[kind], text)))):
        used = rf"(?<=\$)\b{name}\b|(?<=\$\{{)\b{name}\b|\b{name}(?==)" if kind == "shell" else rf"\b{name}\b"
        pieces = [text] if kind == "shell" else re.split(r"(\"[^\"\n]*\"|'[^'\n]*')", text)
        text = "".join(re.sub(used, f"copied_{number}", one) if one[:1] not in "\"'" else one for one in pieces)
    mark = "#" if kind == "shell" else "//"
    return f"{mark} My own work.\n" + text.replace("\n", "\n\n")


def _copied_sql(text):
    """On one line, with other aliases and every keyword in the other case."""
    tokens = [one for one in tokenize(text, "SQLite") if one.kind is not Kind.COMMENT]
    keywords = {one.text for one in tokens if one.kind is Kind.WORD and is_keyword(one.text, "SQLite")}
    aliases = {b.text for a, b in pairwise(tokens) if a.text.casefold() == "as" and b.kind is Kind.WORD} - keywords
    words = (
        f"copied_{one.text}" if one.text in aliases else one.text.swapcase() if one.text in keywords else one.text
        for one in tokens
    )
    return " ".join(words)


def hand_in(exercise, answers):
    return [
        GradedSubmission(Submission(student, "x", Path("x.ipynb")), answers=Answers({exercise.name: text}))
        for student, text in answers.items()
    ]


def shared(kind, answers, foreseen=()):
    exercise = Exercise("closure", kind, 3, "answer")
    found = find_shared(hand_in(exercise, answers), [exercise], {"closure": foreseen})
    return {(one.students, one.alike) for one in found}


@pytest.mark.parametrize(
    ("kind", "text", "copy"), [("sql", SQL, RENAMED_SQL), ("python", PYTHON, RENAMED_PYTHON)], ids=["sql", "python"]
)
def test_a_copy_with_other_names_and_layout_is_equal(kind, text, copy):
    assert shared(kind, {"ann": text, "ben": copy, "cem": "SELECT 1"}) == {(("ann", "ben"), 1.0)}


def test_a_copy_that_was_changed_a_little_is_found():
    """Is one statement more too little to hide behind, and is another way to write it not accused?"""
    changed = RENAMED_PYTHON.replace("result = set(a)", "count = 0\n    result = set(a)")
    ((students, alike),) = shared("python", {"ann": PYTHON, "ben": changed, "cem": OTHER_PYTHON})
    assert students == ("ann", "ben") and 0.85 <= alike < 1


def test_the_obvious_answer_accuses_nobody():
    """Neither what the lesson foresees, nor what most of the class writes, nor what is short."""
    assert shared("sql", {"ann": SQL, "ben": RENAMED_SQL}, foreseen=[SQL]) == set()
    assert shared("sql", {f"student{n}": SQL for n in range(10)}) == set()
    assert shared("sql", {"ann": "SELECT a FROM b", "ben": "SELECT a FROM b"}) == set()
    assert shared("sql", {"ann": "", "ben": "-- nothing"}) == set()


@pytest.mark.parametrize("text", ["SELECT 'open", "/* open", "def f(:\n  'x", "\0", "🦆" * 50])
def test_what_cannot_be_read_is_compared_all_the_same(text):
    for kind in ("sql", "python", "java", "prose"):
        assert likeness(shingles(text, kind), shingles(text, kind)) == 1


def is_difference(answer):
    """Whether the lesson gives this answer as a few lines that differ from the solution."""
    lines = answer.place.path.read_text(encoding="utf-8").splitlines()
    (fence,) = [line for line in lines[answer.place.line - 2 : answer.place.line] if line.startswith("```")]
    return fence.startswith("```diff")


def test_no_two_independent_answers_are_accused():
    """Of all right answers that a lesson foresees to an exercise, each handed in by one student, are no two accused?

    The rule that an answer like a foreseen one accuses nobody is left out: it would make this true of itself. What is
    written as a difference from the solution is not independent of it.
    """
    accused, compared = [], 0
    for lesson in LESSONS.values():
        for task in lesson.tasks.values():
            if task.kind in CODE:
                texts = [task.solution, *(one.text for one in task.right if not is_difference(one))]
                exercise = Exercise("closure", task.kind, 1, "answer")
                found = find_shared(hand_in(exercise, dict(enumerate(texts))), [exercise], {})
                accused += [(task.name, one.students, one.alike) for one in found]
                compared += sum(len(shingles(text, task.kind)) >= 40 for text in texts)
    assert accused == []
    assert compared > 100


def test_all_planted_copies_are_found():
    """Of every right answer of the course that is long enough, is a copy found that was renamed and reformatted?"""
    missed, planted = [], dict.fromkeys(CODE, 0)
    for task in (task for lesson in LESSONS.values() for task in lesson.tasks.values() if task.kind in CODE):
        exercise = Exercise("closure", task.kind, 1, "answer")
        for text in (task.solution, *(one.text for one in task.right)):
            if len(shingles(text, task.kind)) < MIN_TOKENS:
                continue
            planted[task.kind] += 1
            class_ = {"ann": text, "ben": copied(text, task.kind), "cem": "SELECT 1"}
            if [one.students for one in find_shared(hand_in(exercise, class_), [exercise], {})] != [("ann", "ben")]:
                missed.append(task.name)
    assert missed == []
    assert planted["sql"] > 60 and planted["python"] > 60 and planted["shell"] > 5
    assert planted["javascript"] and planted["java"]
