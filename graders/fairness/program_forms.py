"""The same program in JavaScript or Java written otherwise: in layout, quotes, bindings, calls and helpers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from graders.fairness.program_mutants import Change, Program, body_of, read_program

Form = tuple[str, str]
QUOTES = {"'": "single quotes", '"': "double quotes", "`": "backquotes"}
# A line that begins so goes on with the one before it, unless that ends with a semicolon.
GOES_ON = ("(", "[", "`", "+", "-", "*", "/", ".", ",")
LOCAL = re.compile(r"(?m)^(\s+)(?:var|[A-Z]\w*(?:<[^;=]*>)?) (\w+) = (?!null\b|\{)")


def program_forms(source: str, language: str, name: str) -> Iterator[Form]:
    """`source`, which defines the function `name`, with the same meaning in another form; each differs from it."""
    program = read_program(source, language)
    makers = (*ALIKE, *(IN_JAVASCRIPT if language == "javascript" else IN_JAVA))
    for make in makers:
        yield from ((form, text) for form, text in make(program, name) if text != source)


def lay_out(program: Program, name: str) -> Iterator[Form]:
    """Other blanks and line feeds, and comments, some of which look like code."""
    source = program.source
    yield "with line feeds of Windows", source.replace("\n", "\r\n")
    yield "with comments", f"// my answer: {name}\n{source}\n/* the end; }} */ // so it is"
    yield "indented by tabs", re.sub(r"(?m)^ +", lambda found: "\t" * len(found[0]), source)
    pairs = zip(program.tokens, program.tokens[1:], strict=False)
    braces = [(before.end, token.start, token.end) for before, token in pairs if before.text + token.text == "){"]
    own_line = (Change("", before, start, "\n") for before, start, _ in braces)
    yield "with braces on lines of their own", program.changed(own_line)
    inside = (Change("", end, end, " // here { it begins\n") for *_, end in braces)
    yield "with a comment behind each brace", program.changed(inside)


def brace_conditions(program: Program, name: str) -> Iterator[Form]:
    """Braces around the one statement that depends on a condition."""
    found = []
    for place, token in enumerate(program.tokens):
        first = program.closing(place + 1) + 1 if token.text == "if" else 0
        if first and program.tokens[first].text != "{":
            last = next(later for later in range(first, len(program.tokens)) if program.tokens[later].text == ";")
            start, end = program.tokens[first].start, program.tokens[last].end
            found.append(Change("", start, end, "{\n" + program.source[start:end] + "\n}"))
    yield "with braces after each condition", program.changed(found)


def extract_results(program: Program, name: str) -> Iterator[Form]:
    """A result in parentheses, and a result that has a name of its own first."""
    word = "const" if program.language == "javascript" else "var"
    results = [one for one in _results(program) if program.source[one.start : one.end].strip()]
    around = (Change("", one.start, one.end, f"({program.source[one.start : one.end]})") for one in results)
    yield "with its results in parentheses", program.changed(around)
    named = []
    for one in results:
        start = one.start - len("return ")
        named.append(Change("", start, one.end, f"{word} given = {program.source[one.start : one.end]};\nreturn given"))
    yield "with its results in a variable", program.changed(named)


def _results(program: Program) -> Iterator[Change]:
    """What stands between `return` and its semicolon, where the statement is one of a block."""
    for place, token in enumerate(program.tokens):
        if token.text == "return" and program.tokens[place - 1].text in ("{", "}", ";"):
            last = place
            while program.tokens[last].text != ";":
                last = program.closing(last) + 1
            yield Change("", token.end + 1, program.tokens[last].start)


def exchange_quotes(program: Program, name: str) -> Iterator[Form]:
    """Each text in each kind of quotes, but for what names a property."""
    for quote, words in QUOTES.items():
        found = [
            Change("", token.start, token.end, quote + token.text[1:-1] + quote)
            for token, after in zip(program.tokens, program.tokens[1:], strict=False)
            if token.is_text and after.text != ":" and not set(token.text[1:-1]) & set("'\"`\\$")
        ]
        yield f"with its texts in {words}", program.changed(found)


def exchange_bindings(program: Program, name: str) -> Iterator[Form]:
    """Each variable by `let`, and each by `var`."""
    for word in ("let", "var"):
        found = (Change("", one.start, one.end, word) for one in program.tokens if one.text in ("const", "let"))
        yield f"with {word} for each variable", program.changed(found)


def exchange_functions(program: Program, name: str) -> Iterator[Form]:
    """An arrow or a function expression for the function, and one that calls it under another name."""
    head = re.search(rf"async function {name}\s*(?=\()", program.source)
    if head:
        opening, closing = (program.tokens[one] for one in body_of(program, name))
        start, end = head.span()
        before = Change("", start, end, f"const {name} = async ")
        after = Change("", closing.end, closing.end, ";")
        yield "as an arrow function", program.changed([before, Change("", opening.start, opening.start, "=> "), after])
        yield "as a function expression", program.changed([replace(before, new=f"{before.new}function "), after])
    renamed = _rename(program, name, "solve")
    yield (
        "through a function of its own",
        f"{renamed}\n\nasync function {name}(...given) {{\n  return solve(...given);\n}}",
    )


def chain_optionally(program: Program, name: str) -> Iterator[Form]:
    """`?.` before each call of a method."""
    found = (
        Change("", token.start, token.end, "?.")
        for place, token in enumerate(program.tokens[:-2])
        if token.text == "." and program.tokens[place + 2].text == "("
    )
    yield "with optional chaining", program.changed(found)


def drop_semicolons(program: Program, name: str) -> Iterator[Form]:
    """No semicolon at the end of a line, where the next line begins a statement."""
    found = []
    for token, after in zip(program.tokens, [*program.tokens[1:], None], strict=True):
        ends_line = after is None or "\n" in program.source[token.end : after.start]
        if token.text == ";" and ends_line and not (after and after.text.startswith(GOES_ON)):
            found.append(Change("", token.start, token.end))
    yield "without semicolons", program.changed(found)


def declare_locals(program: Program, name: str) -> Iterator[Form]:
    """`var` for the type of each local variable, and `final` before it and before each parameter."""
    opening, closing = (program.tokens[one] for one in body_of(program, name))
    body = program.source[opening.end : closing.start]
    inferred = LOCAL.sub(lambda found: f"{found[1]}var {found[2]} = ", body)
    if "<>(" not in body and "->" not in body.partition("switch")[0]:
        yield "with var for each type", program.source[: opening.end] + inferred + program.source[closing.start :]
    head = re.sub(r"(?<=[(,])\s*(?=\w[\w<>, ]* \w+\s*[,)])", " final ", program.source[: opening.end])
    constant = LOCAL.sub(lambda found: found[0] if _is_assigned(body, found) else _finally(found), body)
    yield "with final for each variable", head + constant + program.source[closing.start :]


def _is_assigned(body: str, declared: re.Match[str]) -> bool:
    return len(re.findall(rf"\b{declared[2]}\s*[-+*/]?=(?!=)", body)) > 1


def _finally(declared: re.Match[str]) -> str:
    return f"{declared[1]}final {declared[0].strip()} "


def modify_method(program: Program, name: str) -> Iterator[Form]:
    """A method that is public, that is static, and that calls one of its own."""
    method = re.search(rf"(?m)^[\w<>?, ]+ (?={name}\()", program.source)
    if not method:
        return
    for words in ("public", "static", "public static", "private"):
        yield (
            f"as a method that is {words}",
            f"{program.source[: method.start()]}{words} {program.source[method.start() :]}",
        )
    head = program.source[method.start() : program.tokens[body_of(program, name)[0]].end]
    given = ", ".join(re.findall(r"(\w+)\s*(?=[,)])", head))
    yield "through a method of its own", f"{_rename(program, name, 'solve')}\n\n{head}\n    return solve({given});\n}}"


def _rename(program: Program, name: str, new: str) -> str:
    return program.changed(Change("", one.start, one.end, new) for one in program.tokens if one.text == name)


Maker = Callable[[Program, str], Iterator[Form]]
ALIKE: tuple[Maker, ...] = (lay_out, brace_conditions, extract_results)
IN_JAVASCRIPT: tuple[Maker, ...] = (
    *(exchange_quotes, exchange_bindings, exchange_functions, chain_optionally, drop_semicolons),
)
IN_JAVA: tuple[Maker, ...] = (declare_locals, modify_method)
