"""Mistakes made on purpose in a program in JavaScript or Java, by its tokens: bindings, conditions, texts, results."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, String, Whitespace

from graders.fairness.mutants import Mutant, unlike

CLOSING = {"(": ")", "[": "]", "{": "}"}
BLOCK_WORDS = ("for", "if", "while", "switch", "try")
NAMES = {"every": "some", "some": "every", "findAll": "findOne", "asc": "desc", "desc": "asc"}
# Each breaks on arguments which it could not change.
CONVERSIONS = {
    "javascript": (
        *("{0}.trim()", "{0}.toLowerCase()", "{0}.slice(0, 5)"),
        *("Object.fromEntries(Object.entries({0}).slice(0, 1))", "Object.fromEntries(Object.entries({0}).slice(-1))"),
        "Object.fromEntries(Object.entries({0}).map(([key, value]) => [key, value?.trim?.() ?? value]))",
        "Object.fromEntries(Object.entries({0}).map(([key, value]) => [key, value?.toLowerCase?.() ?? value]))",
    ),
    "java": ("{0}.trim()", "{0}.toLowerCase()", "{0}.substring(0, Math.min(5, {0}.length()))"),
}
NOTHING = {"javascript": ("null", "[]", "true"), "java": ("null", "List.of()")}
FIRST_ROWS = {
    "javascript": (r"return (.*);", (r"return (\1).slice(0, 1);", r"return (\1).slice(0, 10);")),
    "java": (r"\.getResultList\(\)", (r".setMaxResults(1).getResultList()", r".setMaxResults(10).getResultList()")),
}
# What is changed in a statement or a piece of one that stands in a text.
IN_TEXTS = (
    ("condition dropped", r" where .*", ""),
    ("operator", r" = (?=[:$?])", " <> "),
    ("LIKE for =", r" = (?=[:$?])", " like "),
    ("direction", r" desc$", ""),
    ("direction", r"(?<=^[a-z]\.)\w+$", r"\g<0> desc"),
)


@dataclass(frozen=True)
class Token:
    """A word, a sign or a whole text of a program."""

    text: str
    start: int
    is_text: bool

    @property
    def end(self) -> int:
        """Where it ends in the program."""
        return self.start + len(self.text)


@dataclass(frozen=True)
class Change:
    """What stands in place of the characters from `start` to `end`."""

    kind: str
    start: int
    end: int
    new: str = ""


@dataclass(frozen=True)
class Program:
    """A program and its tokens, without blanks and comments."""

    source: str
    language: str
    tokens: list[Token]

    def closing(self, place: int) -> int:
        """The place of the bracket that closes the one at `place`."""
        depth = 0
        for later in range(place, len(self.tokens)):
            depth += (self.tokens[later].text in CLOSING) - (self.tokens[later].text in CLOSING.values())
            if depth == 0:
                return later
        return len(self.tokens) - 1

    def words(self, first: int, last: int) -> str:
        """What stands between the tokens `first` and `last`, both left out."""
        return self.source[self.tokens[first].end : self.tokens[last].start]

    def changed(self, changes: Iterable[Change]) -> str:
        """The program with each of `changes`, which do not overlap."""
        parts, end = list[str](), 0
        for one in sorted(changes, key=lambda change: (change.start, change.end)):
            parts += [self.source[end : one.start], one.new]
            end = one.end
        return "".join([*parts, self.source[end:]])


def read_program(source: str, language: str) -> Program:
    """Take a program apart; what a text is made of stays together."""
    found: list[Token] = []
    for start, kind, text in get_lexer_by_name(language).get_tokens_unprocessed(source):
        is_text, before = kind in String, found[-1] if found else None
        if not is_text and (kind in Comment or kind in Whitespace or not text.strip()):
            continue
        if is_text and before and before.is_text and before.end == start:
            found[-1] = Token(before.text + text, before.start, True)
        else:
            found.append(Token(text, start, is_text))
    return Program(source, language, found)


def program_mutants(source: str, language: str, name: str) -> list[Mutant]:
    """The programs that differ by one mistake from `source`, which defines the function `name`, each once."""
    program = read_program(source, language)
    changes = (change for operator in OPERATORS for change in operator(program))
    texts = [(one.kind, program.changed([one])) for one in changes]
    texts += [("argument changed", text) for text in _convert_arguments(program, name)]
    return list(unlike(Mutant(kind, text, source) for kind, text in texts))


def idle_functions(source: str, language: str, name: str) -> Iterator[str]:
    """`source` with a function `name` that does nothing."""
    program = read_program(source, language)
    opening, closing = body_of(program, name)
    error = "Error" if language == "javascript" else "IllegalArgumentException"
    for line in (*(f"return {value};" for value in NOTHING[language]), f'throw new {error}("no");'):
        yield f"{source[: program.tokens[opening].end]}\n    {line}\n{source[program.tokens[closing].start :]}"


def body_of(program: Program, name: str) -> tuple[int, int]:
    """The places of the brackets around the body of the function `name`."""
    place = program.closing(_parameters(program, name)[0])
    opening = next(later for later in range(place, len(program.tokens)) if program.tokens[later].text == "{")
    return opening, program.closing(opening)


def _parameters(program: Program, name: str) -> tuple[int, list[str]]:
    """The place of the bracket that opens the parameters of the function `name`, and the names of all but the first."""
    place = next(place for place, token in enumerate(program.tokens) if token.text == name) + 1
    inside = program.words(place, program.closing(place))
    return place, re.findall(r"(\w+)\s*(?:,|$)", re.sub(r"\{.*?\}", "given", inside, flags=re.S))[1:]


def _convert_arguments(program: Program, name: str) -> Iterator[str]:
    end = program.tokens[body_of(program, name)[0]].end
    for argument in _parameters(program, name)[1]:
        for conversion in CONVERSIONS[program.language]:
            line = f"{argument} = {conversion.format(argument)};"
            yield f"{program.source[:end]}\n    {line}{program.source[end:]}"


def change_conditions(program: Program) -> Iterator[Change]:
    """A condition that is always, never or contrarily met."""
    for place, token in enumerate(program.tokens):
        if token.text == "if":
            opening, closing = place + 1, program.closing(place + 1)
            condition = program.words(opening, closing)
            for new in ("true", "false", f"!({condition})"):
                yield Change("condition", program.tokens[opening].end, program.tokens[closing].start, new)


def drop_statements(program: Program) -> Iterator[Change]:
    """A statement, or a case, that is left out."""
    for opening, token in enumerate(program.tokens):
        if token.text != "{" or program.tokens[opening - 1].text not in (")", "else", "try"):
            continue
        for first, last in _statements(program, opening):
            yield Change("statement dropped", program.tokens[first].start, program.tokens[last].end)


def _statements(program: Program, opening: int) -> Iterator[tuple[int, int]]:
    """The places of the first and last token of each statement in the block that begins at `opening`."""
    first = place = opening + 1
    while place < program.closing(opening):
        text = program.tokens[place].text
        place = program.closing(place) if text in CLOSING else place
        ends_block = text == "{" and program.tokens[first].text in BLOCK_WORDS
        if text == ";" or ends_block:
            yield first, place
            first = place + 1
        place += 1


def drop_throws(program: Program) -> Iterator[Change]:
    """An error that is not thrown; where a value is due, the first that there is in its place."""
    for found in re.finditer(r"throw [^;]*", program.source):
        values = re.findall(r"-> ([^;]*);", program.source[: found.start()])
        yield Change("error not thrown", *found.span(), values[0] if values else "")


def drop_calls(program: Program) -> Iterator[Change]:
    """A call in a chain that is left out, such as one that binds a value."""
    for place, token in enumerate(program.tokens[:-2]):
        if token.text == "." and program.tokens[place + 2].text == "(":
            yield Change("call left out", token.start, program.tokens[program.closing(place + 2)].end)


def exchange_names(program: Program) -> Iterator[Change]:
    """A method for another one."""
    for token in program.tokens:
        if not token.is_text and token.text in NAMES:
            yield Change("method", token.start, token.end, NAMES[token.text])


def look_inside(program: Program) -> Iterator[Change]:
    """A text that occurs in a list's words, in place of one that is in the list."""
    for found in re.finditer(r"(\w+)\.includes\(", program.source):
        yield Change("substring for membership", *found.span(), f'{found[1]}.join(" ").includes(')


def cut_loops(program: Program) -> Iterator[Change]:
    """A loop over the first or the last thing alone."""
    for place, token in enumerate(program.tokens):
        if program.language == "javascript" and token.text == "for":
            found = re.fullmatch(r"(.*? of )(.*)", program.words(place + 1, program.closing(place + 1)), re.S)
            for cut in ("slice(0, 1)", "slice(-1)") if found else ():
                span = program.tokens[place + 1].end, program.tokens[program.closing(place + 1)].start
                yield Change("loop cut", *span, found.expand(rf"\1[...\2].{cut}") if found else "")


def cut_results(program: Program) -> Iterator[Change]:
    """The first rows in place of all, or nothing."""
    pattern, first = FIRST_ROWS[program.language]
    for found in re.finditer(pattern, program.source):
        for new in first:
            yield Change("first rows", *found.span(), found.expand(new))
    for found in re.finditer(r"return [^;]*", program.source):
        for value in NOTHING[program.language]:
            yield Change("result", *found.span(), f"return {value}")


def _texts(program: Program) -> Iterator[int]:
    """The places of the texts, but for those in an error: nobody promises what it says."""
    said = [found.span() for found in re.finditer(r"throw [^;]*", program.source)]
    for place, token in enumerate(program.tokens):
        if token.is_text and not any(start < token.start < end for start, end in said):
            yield place


def change_texts(program: Program) -> Iterator[Change]:
    """A text that is left out of a list, or has other signs."""
    for place in _texts(program):
        before, token, after = program.tokens[place - 1 : place + 2]
        if before.text in ("[", ",") and after.text == ",":
            yield Change("left out of a list", token.start, after.end)
        elif before.text == "," and after.text == "]":
            yield Change("left out of a list", before.start, token.end)
        yield Change("text", token.start, token.end, f"{token.text[0]}XX{token.text[1:-1]}XX{token.text[-1]}")


def change_statements_in_texts(program: Program) -> Iterator[Change]:
    """A condition, an operator or a direction in a text that is a piece of SQL or HQL."""
    for token in (program.tokens[place] for place in _texts(program)):
        for kind, pattern, new in IN_TEXTS:
            inside = token.text[1:-1]
            if (changed := re.sub(pattern, new, inside, count=1, flags=re.I)) != inside:
                yield Change(kind, token.start, token.end, f"{token.text[0]}{changed}{token.text[-1]}")


def write_values(program: Program) -> Iterator[Change]:
    """A value that becomes a part of the statement, compares by LIKE, or is not asked for."""
    for found in re.finditer(r":(\w+)(\".*?)\.setParameter\(\"\1\", (\w+)\)", program.source, re.S):
        _, rest, value = found.groups()
        yield Change("value in the text", *found.span(), f"'\" + {value} + \"'{rest}")
    for found in re.finditer(r"(?<=where: )(?:\{ (\w+) \}|(\w+))", program.source):
        if name := found[1]:
            yield Change("value in the text", *found.span(), f"sequelize.literal(`{name} = '${{{name}}}'`)")
            yield Change("LIKE for =", *found.span(), f"{{ {name}: {{ [Op.like]: {name} }} }}")
        yield Change("condition dropped", *found.span(), "{}")


OPERATORS: tuple[Callable[[Program], Iterator[Change]], ...] = (
    *(change_conditions, drop_statements, drop_throws, drop_calls, exchange_names, look_inside),
    *(cut_loops, cut_results, change_texts, change_statements_in_texts, write_values),
)
