"""Mistakes made on purpose in a shell script or a crontab: lines dropped and swapped, checks and settings left out."""

from __future__ import annotations

from collections.abc import Iterator

from graders.fairness.mutants import Mutant, WordChange, change_words, unlike

# What may be left out of a line or exchanged in it, and what stands there then.
WORDS: tuple[WordChange, ...] = (
    ("-e dropped", r"(?<=set -)e", ""),
    ("pipefail dropped", r"(?<=set -)(\w*)o pipefail", r"\1"),
    ("check dropped", r"\s*\|\|\s*exit \d+", ""),
    ("check ignored", r"\s*&&\s*", "; "),
    ("test turned round", r"\btest (?=-)", "test ! "),
    ("command allowed to fail", r"(?m)^(?!set )(.*\S)[ \t]*$", r"\1 || true"),
    ("pipe for a file", r"(?m)^(pg_dump|gunzip)([^|>\n]*) > (\S+)$", r"\1\2 | cat > \3"),
    ("appended", r"(?<![>\d])>(?![>&])", ">>"),
    ("copied in place of moved", r"\bmv\b", "cp"),
    ("backslash dropped", r"\\%", "%"),
    ("one more", r"(?<=\+)\d+\b(?!%)", lambda found: str(int(found[0]) + 1)),
    ("one less", r"(?<=\+)\d+\b(?!%)", lambda found: str(int(found[0]) - 1)),
    ("turned round", r"(?<=ls )-r ", ""),
    ("setting dropped", r" -v ON_ERROR_STOP=1", ""),
    ("transaction dropped", r" -1(?= )", ""),
    ("comparison changed", r"-gt\b", "-ge"),
    ("day dropped", r"_\$\(date [^)]*\)", ""),
    ("month dropped", r"\\?%m", ""),
    ("day dropped", r"\\?%d", ""),
)


def shell_mutants(script: str) -> list[Mutant]:
    """The scripts that differ from `script` by one mistake, each once."""
    changed = (Mutant(kind, text, script) for kind, text in change_words(script, WORDS))
    return list(unlike([*_between(script), *changed]))


def _between(script: str) -> Iterator[Mutant]:
    lines = [line for line in script.splitlines() if line.strip()]
    for place in range(len(lines)):
        before, after = lines[:place], lines[place + 1 :]
        yield Mutant("line dropped", "\n".join([*before, *after]), script)
        if after:
            yield Mutant("lines swapped", "\n".join([*before, after[0], lines[place], *after[1:]]), script)
