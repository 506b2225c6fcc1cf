"""The hints of the lesson on mappers on a value in the text of a statement: which call takes it beside the text."""

from __future__ import annotations

import re
from dataclasses import dataclass

from graders.checks.orm_safety.mappers import DJANGO, HIBERNATE, SEQUELIZE, SQLALCHEMY, Mapper
from graders.techniques.attacks import BACKSLASH, DOUBLED, IN_QUOTES, Probe


@dataclass(frozen=True)
class MapperHint:
    """A hint that names the mapper's own calls, in place of the attack judge's, which is for every function."""

    mapper: Mapper
    """The mapper that it speaks of."""
    mistake: str
    """The attack judge's hint."""
    words: str
    """What the student reads."""
    statement: str = ""
    """A regular expression that the statement contains if it came by the call that the hint names."""


# The first that fits is given, so that one on a statement of some form stands before one on any.
HINTS = (
    MapperHint(
        SQLALCHEMY,
        IN_QUOTES,
        "The value is in the text before SQLAlchemy sees it. A colon and a name, as `:author`, keep a place for it.",
    ),
    MapperHint(
        SQLALCHEMY,
        DOUBLED,
        "The quotes are doubled, and the value is in the text all the same, where a colon in it means a parameter too.",
    ),
    MapperHint(
        DJANGO,
        IN_QUOTES,
        "The value is in the text before Django sees it. `raw`, `extra` and `RawSQL` take values in a list, for `%s`.",
    ),
    MapperHint(
        SEQUELIZE,
        IN_QUOTES,
        "Sequelize has written this statement but for the value, which came as SQL. What does `where` take besides?",
        r"FROM `books` AS `Book`",
    ),
    MapperHint(
        SEQUELIZE,
        IN_QUOTES,
        "The value is in the text before `query` is called. What do `bind` and `replacements` do?",
    ),
    MapperHint(
        HIBERNATE,
        BACKSLASH,
        "A backslash before a quote means nothing in HQL and SQL. Name a parameter, as `:author`, and set it.",
    ),
    MapperHint(
        HIBERNATE,
        IN_QUOTES,
        "The author has become a part of your HQL. What stands in HQL in place of a value?",
        r"^from |\bb\d_\d\.",
    ),
    MapperHint(
        HIBERNATE,
        IN_QUOTES,
        "A native query takes text as it is. It has parameters too: `?1`, and `setParameter(1, author)`.",
    ),
)


def choose_hint(hint: str, probe: Probe, mapper: Mapper) -> str:
    """The hint of the lesson's own on a mistake that the attack judge gives `hint` for; `hint` where it has none."""
    text = probe.statement.text if probe.statement else ""
    fitting = (one for one in HINTS if one.mapper == mapper and one.mistake == hint)
    return next((one.words for one in fitting if re.search(one.statement, text)), hint)
