"""The hints of the lesson on mappers: what the attack judge recognises, said of the call that the answer makes."""

from __future__ import annotations

import re
from dataclasses import dataclass

from graders.techniques.attacks import A_NAME, APOSTROPHE, HARMLESS, IN_QUOTES, UNKNOWN, WILDCARD


@dataclass(frozen=True)
class OwnHint:
    """A hint for one form of a mistake, in place of the attack judge's, which is for all of its forms."""

    general: str
    """The attack judge's hint on the mistake."""
    form: str
    """A regular expression that the answer contains if it makes the mistake in this form."""
    words: str
    """What the student reads."""


# The first that fits is given, so that a narrow form stands before a wide one.
OWN_HINTS = (
    OwnHint(
        IN_QUOTES,
        r"""replace\("'", "''"\)[\s\S]*\btext\(""",
        "You doubled the quotes, and `text` takes a colon in it for a parameter. A value that is bound needs neither.",
    ),
    OwnHint(
        IN_QUOTES,
        r"""replace\("'", "\\\\'"\)[\s\S]*\braw\(""",
        "A backslash before a quote means nothing to SQLite: the quote ends. `raw` takes values in a list, for `%s`.",
    ),
    OwnHint(
        IN_QUOTES,
        r"""replaceAll\("'", "\\\\'"\)""",
        "A backslash before a quote means nothing to SQLite: the quote ends. An object in `where` is escaped for it.",
    ),
    OwnHint(
        IN_QUOTES,
        r"""replace\("'", "\\\\'"\)[\s\S]*createQuery""",
        "HQL does not read a backslash as an escape: the quote still ends. Name a parameter, `:author`, and set it.",
    ),
    OwnHint(
        IN_QUOTES,
        r"""createNativeQuery\(""",
        "A native query takes text as it is. It has parameters too: `?1`, and `setParameter(1, author)`.",
    ),
    OwnHint(
        IN_QUOTES,
        r"""createQuery\(.*" \+""",
        "The plus sign makes the author a part of your HQL. What stands in HQL in the place of a value?",
    ),
    OwnHint(
        IN_QUOTES,
        r"""sequelize\.literal\(.*\.join\(""",
        "Each value is written into the literal, between quotes of yours. What does `where` take besides a literal?",
    ),
    OwnHint(
        IN_QUOTES,
        r"""sequelize\.literal\(""",
        "`literal` means: this is SQL already. Give `where` an object, and the value stays a value.",
    ),
    OwnHint(
        IN_QUOTES,
        r"""\$\{[\s\S]*sequelize\.query\(""",
        "Backquotes put the value into the text before `query` is called. What do `bind` and `replacements` do?",
    ),
    OwnHint(
        IN_QUOTES,
        r"""\braw\(f""",
        "`raw` takes this text as it is, and the f-string has put the value into it. Where does `raw` take its values?",
    ),
    OwnHint(
        IN_QUOTES,
        r"""\.join\(f[\s\S]*\btext\(""",
        "Each value is written into the condition. A place for it is `:title`, and the value goes beside the text.",
    ),
    OwnHint(
        IN_QUOTES,
        r"""\btext\(f""",
        "The f before the text writes the value into it before SQLAlchemy looks. What would `:author` do there?",
    ),
    OwnHint(
        APOSTROPHE,
        r"""replace(All)?\(/\[""",
        "Your pattern takes characters out of the author, and O'Neill is not found. In `bind` they do no harm.",
    ),
    OwnHint(
        APOSTROPHE,
        r"""replace\("'", ""\)""",
        "You took the apostrophe out, and O'Neill is not found any more. As a parameter it does no harm.",
    ),
    OwnHint(
        APOSTROPHE,
        r"""replace\("'", "''"\)""",
        "A parameter needs no doubling: now a value with two apostrophes is looked for.",
    ),
    OwnHint(
        HARMLESS,
        r"""\.setParameter\(""",
        "An author may have two hyphens or a semicolon. Your parameter keeps them harmless already: why refuse them?",
    ),
    OwnHint(
        HARMLESS,
        r"""raise [\s\S]*Book\.author == author""",
        "An author may be called like an attack. Your parameter keeps the name harmless already: why refuse it?",
    ),
    OwnHint(
        WILDCARD,
        r"""\braw\(.*LIKE %s""",
        "In `raw` too, LIKE takes `%` and `_` for any letters. Which sign compares for equality?",
    ),
    OwnHint(
        "",
        r"""__icontains""",
        "`icontains` finds every title in which the term occurs. The first page asked for the title itself.",
    ),
    OwnHint(
        "",
        r"""__iexact""",
        "`iexact` takes capitals and small letters for the same. The first page asked for exactly this title.",
    ),
    OwnHint(
        WILDCARD,
        r"""Op\.like""",
        "`Op.like` takes `%` and `_` in the author for any letters. Which operator compares for equality?",
    ),
    OwnHint(
        WILDCARD,
        r"""\.like\(""",
        "`like` takes `%` and `_` in the author for any letters. Which comparison asks for exactly this author?",
    ),
    OwnHint(
        UNKNOWN,
        r"""for key, value in filters\.items\(\) if key in""",
        "You left out the keys that are not yours, and answered all the same. Such a request has to be refused.",
    ),
    OwnHint(
        UNKNOWN,
        r"""\{ title, author, shelf \}""",
        "Your parameter picks three keys and drops the others without a word. Which part of it holds the rest?",
    ),
    OwnHint(
        A_NAME,
        r"""column not in "|"title or price"\.contains""",
        "A text contains each of its pieces, such as one letter. A list or a set contains whole names.",
    ),
    OwnHint(
        A_NAME,
        r"""order_by\(text\(order""",
        "The order is still text from outside. A dictionary from four orders to four columns of yours replaces it.",
    ),
    OwnHint(
        A_NAME,
        r"""^(?![\s\S]*(set\(| in \())[\s\S]*filter_by\(\*\*filters\)""",
        "Whoever sends a key chooses the column: every one of the class can be asked for. Which three are allowed?",
    ),
    OwnHint(
        A_NAME,
        r"""where: filters""",
        "Whoever sends a key chooses the column. Compare each key with the three that are allowed, before `findAll`.",
    ),
    OwnHint(
        A_NAME,
        r"""book\.get\(column\)""",
        "The builder lets no SQL in, but every field of the class. Which two fields may somebody sort by?",
    ),
    OwnHint(
        A_NAME,
        r"""\+ column \+""",
        "Both names are written into your HQL. A `switch` or a `Map` turns what was sent into text of yours.",
    ),
)


def choose_hint(hint: str, source: str) -> str:
    """The hint of the lesson's own on a mistake that the attack judge gives `hint` for, in the answer `source`."""
    return next((own.words for own in OWN_HINTS if own.general == hint and re.search(own.form, source)), hint)
