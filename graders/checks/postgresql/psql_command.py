"""Reads a command line of psql without a shell: its options, and whether it runs the file that was asked for."""

from __future__ import annotations

import getopt
import shlex
from dataclasses import dataclass

from graders.kernel.report import Mismatch

SHORT = "XqaebE1wf:v:d:U:h:p:"
LONG = (
    *("no-psqlrc", "quiet", "echo-all", "echo-queries", "echo-errors", "echo-hidden", "single-transaction"),
    *("no-password", "file=", "set=", "variable=", "dbname=", "username=", "host=", "port="),
)
FILE, VARIABLE = ("-f", "--file"), ("-v", "--set", "--variable")
PLACE = ("-d", "--dbname", "-U", "--username", "-h", "--host", "-p", "--port")
VARIABLES = ("ON_ERROR_STOP", "ON_ERROR_ROLLBACK", "AUTOCOMMIT", "QUIET", "VERBOSITY")
REDIRECTION = "<"


@dataclass(frozen=True)
class PsqlCommand:
    """A command line that runs one file; where the database is, the exercise says."""

    words: tuple[str, ...]
    """Its arguments, without those that name the database."""
    reads_standard_input: bool = False
    """Whether the file comes by `<` in place of `-f`."""


def read_command(text: object, file: str) -> PsqlCommand:
    """Read a command line that runs `file`; raise `Mismatch` for another program, another file or another option."""
    if not isinstance(text, str):
        raise Mismatch("a command line, as text", f"`{text!r:.60}`")
    words, source = _split_redirection(_split(text))
    if not words or words[0] != "psql":
        raise Mismatch("a command line that begins with psql", f"`{text:.60}`")
    options = _read_options(words[1:])
    files = [value for name, value in options if name in FILE] + ([source] if source else [])
    if files != [file]:
        raise Mismatch(f"a command that runs `{file}`, once", f"`{' '.join(files) or 'no file'}`")
    return PsqlCommand(tuple(_written(options)), bool(source))


def _split(text: str) -> list[str]:
    try:
        lexer = shlex.shlex(text.replace("\\\n", " "), posix=True, punctuation_chars="<>|;&()")
        lexer.commenters = ""
        return list(lexer)
    except ValueError as error:
        raise Mismatch("a command line that a shell can read", str(error).lower()) from None


def _split_redirection(words: list[str]) -> tuple[list[str], str]:
    """The words without `< file`, and the file."""
    odd = next((word for word in words if set(word) <= set("<>|;&()") and word != REDIRECTION), "")
    if odd or words.count(REDIRECTION) > 1 or words[-1:] == [REDIRECTION]:
        raise Mismatch("one command of psql, and nothing behind it", f"`{odd or REDIRECTION}`")
    if REDIRECTION not in words:
        return words, ""
    place = words.index(REDIRECTION)
    return [*words[:place], *words[place + 2 :]], words[place + 1]


def _read_options(words: list[str]) -> list[tuple[str, str]]:
    try:
        options, names = getopt.gnu_getopt(words, SHORT, list(LONG))
    except getopt.GetoptError as error:
        raise Mismatch("options of psql for running a file", error.msg) from None
    for name, value in options:
        if name in VARIABLE and value.partition("=")[0] not in VARIABLES:
            raise Mismatch(f"a variable that psql itself knows ({', '.join(VARIABLES)})", f"`{value:.60}`")
    if len(names) > 2:
        raise Mismatch("at most a database and a user beside the options", f"`{' '.join(names):.60}`")
    return options


def _written(options: list[tuple[str, str]]) -> list[str]:
    """The options, each as one word or two, in their order; what names the database is left out."""
    kept = [(name, value) for name, value in options if name not in PLACE]
    return [word for name, value in kept for word in _words(name, value)]


def _words(name: str, value: str) -> list[str]:
    if name.startswith("--"):
        return [f"{name}={value}" if value else name]
    return [name, value] if value else [name]
