"""Finds answers that students share but for names and layout, and that nobody would write twice by chance."""

from __future__ import annotations

import ast
import builtins
import io
import keyword
import re
import token
import tokenize
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from pygments.lexers import get_lexer_by_name
from pygments.token import Token

from graders.grading.submissions import GradedSubmission
from graders.kernel.exercise import Exercise
from graders.sql import Kind
from graders.sql import tokenize as tokenize_sql
from graders.sql.parsing import is_keyword

# So many tokens in a row are one shingle; two answers are alike by their shingles (Broder 1997).
SHINGLE = 6
MIN_TOKENS = 40
ALIKE = 0.85
# A form that more students than this have is the obvious one.
MAX_SHARING, MAX_SHARE = 4, 0.15
WORD = re.compile(r"\w+|[^\w\s]")
LAYOUT = {
    *(tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING),
    token.ENDMARKER,
}
KEPT_NAMES = frozenset([*keyword.kwlist, *dir(builtins)])

NAME = "a name"
# A variable of the shell inside a string.
VARIABLE = re.compile(r"\$\{?\w+\}?")
LEXERS = {"javascript": "javascript", "java": "java", "shell": "bash"}

Shingles = frozenset[tuple[str, ...]]


@dataclass(frozen=True)
class SharedAnswer:
    """Students whose answers to an exercise are alike, in how many of `answers`; `alike` is 1 where they are equal.

    Equal means: but for names, comments and layout. It is a reason to ask, and no proof.
    """

    exercise: Exercise
    students: tuple[str, ...]
    alike: float
    answers: int


def find_shared(
    read: Sequence[GradedSubmission], exercises: Iterable[Exercise], foreseen: Mapping[str, Sequence[str]]
) -> list[SharedAnswer]:
    """The answers that some students share and few have; one that is like a `foreseen` answer accuses nobody.

    Short answers are left out: many are alike by chance.
    """
    found: list[SharedAnswer] = []
    for exercise in exercises:
        texts = {one.submission.student: one.answers.texts.get(exercise.name, "") for one in read}
        written = {student: text for student, text in texts.items() if not exercise.blank(text)}
        pairs = list(_alike(exercise, written))
        obvious = [shingles(text, exercise.kind) for text in foreseen.get(exercise.name, ())] if pairs else []
        found += [
            SharedAnswer(exercise, tuple(sorted(students)), round(alike, 2), len(written))
            for form, students, alike in pairs
            if all(likeness(form, other) < ALIKE for other in obvious)
        ]
    return sorted(found, key=lambda one: (-one.alike, one.exercise.number, one.students))


def _alike(exercise: Exercise, written: dict[str, str]) -> Iterator[tuple[Shingles, list[str], float]]:
    """Long answers that some students share and few have: the answer, the students, and how alike theirs are."""
    of_text = {text: shingles(text, exercise.kind) for text in set(written.values())}
    forms: dict[Shingles, list[str]] = defaultdict(list)
    for student, text in written.items():
        forms[of_text[text]].append(student)
    most = max(MAX_SHARING, MAX_SHARE * len(written))
    rare = {
        form: students
        for form, students in forms.items()
        if len(form) >= MIN_TOKENS - SHINGLE and len(students) <= most
    }
    yield from ((form, students, 1.0) for form, students in rare.items() if len(students) > 1)
    for one, other in _candidates(rare, most):
        if (alike := likeness(one, other)) >= ALIKE:
            yield one, rare[one] + rare[other], alike


def _candidates(forms: Iterable[Shingles], most: float) -> list[tuple[Shingles, Shingles]]:
    """Pairs of forms that share any shingle which is not common in the class."""
    having: dict[tuple[str, ...], list[Shingles]] = defaultdict(list)
    for form in forms:
        for shingle in form:
            having[shingle].append(form)
    pairs = Counter(pair for group in having.values() if len(group) <= most for pair in combinations(group, 2))
    return list(pairs)


def likeness(one: Shingles, other: Shingles) -> float:
    """The share of their shingles that two answers have in common, from 0 to 1."""
    return len(one & other) / max(1, len(one | other))


def shingles(text: str, kind: str) -> Shingles:
    """The runs of tokens in an answer, in which one name is like another: renaming, comments and layout change none."""
    tokens = list(_tokens(text, kind))
    return frozenset(tuple(tokens[at : at + SHINGLE]) for at in range(max(1, len(tokens) - SHINGLE + 1)))


def _tokens(text: str, kind: str) -> Iterator[str]:
    """Each token of an answer that is neither layout nor comment."""
    if kind == "sql":
        return _sql_tokens(text)
    if kind == "python":
        return _python_tokens(text)
    if kind in LEXERS:
        return _lexed_tokens(text, kind)
    return (word.casefold() for word in WORD.findall(text))


def _sql_tokens(text: str) -> Iterator[str]:
    before = ""
    for one in tokenize_sql(text, "SQLite"):
        if one.kind in (Kind.COMMENT, Kind.OPEN) or one.text == ";":
            continue
        names_something = before in (".", "as") or not is_keyword(one.text, "SQLite")
        before = one.text.casefold()
        yield NAME if one.kind is Kind.NAME or (one.kind is Kind.WORD and names_something) else before


class _OneName(ast.NodeTransformer):
    """Gives all variables one name, also those inside f-strings, which older Pythons take for a single token."""

    def visit_Name(self, node: ast.Name) -> ast.Name:  # noqa: N802
        return node if node.id in KEPT_NAMES else ast.Name("name", node.ctx)


def _write_plainly(text: str) -> str:
    """Python without needless parentheses, its variables of one name; "" where it cannot be read."""
    try:
        return ast.unparse(_OneName().visit(ast.parse(text)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""


def _python_tokens(text: str) -> Iterator[str]:
    """The tokens of Python as it is written plainly; of what is no Python, the words."""
    plain = _write_plainly(text)
    if not plain:
        yield from WORD.findall(text)
    for one in tokenize.generate_tokens(io.StringIO(plain).readline):
        if one.type not in LAYOUT:
            yield NAME if one.type == tokenize.NAME and one.string not in KEPT_NAMES else one.string


def _lexed_tokens(text: str, kind: str) -> Iterator[str]:
    """The tokens of another language, as Pygments tells them."""
    for what, one in get_lexer_by_name(LEXERS[kind]).get_tokens(text):
        if one.strip() and what not in Token.Comment:
            is_name = what in Token.Name and what not in Token.Name.Builtin
            yield NAME if is_name else VARIABLE.sub("$name", one.strip())
