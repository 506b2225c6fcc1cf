"""Mistakes made on purpose in SQL: in one statement that sqlglot can read, and in a script of several."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from functools import partial

import sqlglot
from sqlglot import exp

from graders.fairness.mutants import Mutant, WordChange, change_words, unlike
from graders.sql.lexer import dialect_of
from graders.sql.statements import split_statements

Change = Callable[[exp.Expr], object]
OPPOSITES: dict[type[exp.Expr], tuple[type[exp.Expr], ...]] = {
    exp.LT: (exp.LTE, exp.GT),
    exp.LTE: (exp.LT, exp.GTE),
    exp.GT: (exp.GTE, exp.LT),
    exp.GTE: (exp.GT, exp.LTE),
    exp.EQ: (exp.NEQ,),
    exp.NEQ: (exp.EQ,),
    exp.And: (exp.Or,),
    exp.Or: (exp.And,),
    exp.Add: (exp.Sub,),
    exp.Sub: (exp.Add,),
}
AGGREGATES: dict[type[exp.Expr], type[exp.Expr]] = {
    exp.Sum: exp.Avg,
    exp.Avg: exp.Sum,
    exp.Min: exp.Max,
    exp.Max: exp.Min,
}
# A bare number in a SELECT list is what EXISTS gives, in ORDER BY or GROUP BY the place of a column.
PLACES = (exp.Select, exp.Ordered, exp.Group)
DROPPED = (exp.Where, exp.Having, exp.Order, exp.Limit, exp.Offset, exp.OnConflict, exp.Returning)
CONSTRAINTS = (
    exp.ColumnConstraint,
    exp.UniqueColumnConstraint,
    exp.ForeignKey,
    exp.CheckColumnConstraint,
    exp.Constraint,
)
MAX_COLUMNS, ADDED_LIMIT = 3, 10
# sqlglot warns of what it does not know, which is no concern of whoever tries an exercise.
logging.getLogger("sqlglot").setLevel(logging.ERROR)


def mutate_statement(statement: str, dialect: str) -> Iterator[tuple[str, str, str]]:
    """For each mistake its kind, the statement with it, and the statement without it in the same layout.

    None, where sqlglot would lose a part of the statement. The mistakes are those of mutation analysis of SQL (Tuya,
    Suárez-Cabal, de la Riva: Mutating database queries, 2007), as far as students make them, and of schemas.
    """
    tree = read_whole(statement, dialect)
    if tree is None:
        return
    base = tree.sql(dialect, pretty=True)
    found = {base}
    for place, node in enumerate(tree.walk()):
        for kind, change in _changes(node, tree):
            copy = tree.copy()
            change(list(copy.walk())[place])
            text = copy.sql(dialect, pretty=True)
            if text not in found:
                found.add(text)
                yield kind, text, base


def read_whole(statement: str, dialect: str) -> exp.Expr | None:
    """The statement as a tree; None where sqlglot cannot read it, or would not write all of it again."""
    try:
        tree = sqlglot.parse_one(statement, dialect=dialect)
    except sqlglot.errors.SqlglotError:
        return None
    if isinstance(tree, (exp.Command, exp.Block)) or tree.sql(dialect).count("?") != statement.count("?"):
        return None
    written = tree.sql(dialect).upper()
    return tree if all(word in written for word in ("STRICT", "ROWID") if word in statement.upper()) else None


def _changes(node: exp.Expr, tree: exp.Expr) -> Iterator[tuple[str, Change]]:
    """The mistakes that can be made at `node`, each as a change to the same node of a copy of `tree`."""
    yield from _operators(node)
    yield from _clauses(node, tree)
    yield from _ordering(node)
    yield from _conjuncts(node)
    yield from _aggregates(node, tree)
    yield from _negations(node)
    yield from _literals(node)
    yield from _schema(node)


def _operators(node: exp.Expr) -> Iterator[tuple[str, Change]]:
    # `SET price = …` is an EQ too, and no comparison.
    if isinstance(node, exp.EQ) and isinstance(node.parent, (exp.Update, exp.OnConflict, exp.Pragma, exp.SetItem)):
        return
    for other in OPPOSITES.get(type(node), ()):
        yield "operator", partial(_become_operator, other=other)
    if isinstance(node, exp.Coalesce):
        yield "COALESCE dropped", lambda at: _become(at, at.this)


def _become(at: exp.Expr, new: exp.Expr) -> None:
    at.replace(new.copy())


def _become_operator(at: exp.Expr, other: type[exp.Expr]) -> None:
    at.replace(other(this=at.this, expression=at.expression))


def _set(at: exp.Expr, **changed: object) -> None:
    for name, value in changed.items():
        at.set(name, value)


def _pop(at: exp.Expr, name: str, place: int) -> None:
    at.args[name][place].pop()


def _clauses(node: exp.Expr, tree: exp.Expr) -> Iterator[tuple[str, Change]]:
    if isinstance(node, exp.Join) and (node.args.get("on") or node.args.get("using")):
        side = "" if node.side else "LEFT"
        yield "join kind", partial(_set, side=side, kind=None)
    if isinstance(node, exp.Select) and not node.find_ancestor(exp.Exists, exp.In) and not _gives_one_row(node):
        distinct = None if node.args.get("distinct") else exp.Distinct()
        yield "DISTINCT", lambda at: at.set("distinct", distinct)
    if isinstance(node, exp.Select) and node is tree and not node.args.get("limit") and not _gives_one_row(node):
        yield "LIMIT added", lambda at: at.set("limit", exp.Limit(expression=exp.Literal.number(ADDED_LIMIT)))
    if isinstance(node, exp.SetOperation):
        yield "UNION or UNION ALL", lambda at: at.set("distinct", not at.args.get("distinct"))
    if isinstance(node, DROPPED):
        yield f"{node.key.upper()} dropped", lambda at: at.pop()


def _gives_one_row(select: exp.Select) -> bool:
    """Whether it aggregates without GROUP BY, so that neither DISTINCT nor LIMIT changes anything."""
    found = (aggregate for column in select.expressions for aggregate in column.find_all(exp.AggFunc))
    own = [one for one in found if one.find_ancestor(exp.Select) is select and not one.find_ancestor(exp.Window)]
    return bool(own) and not select.args.get("group")


def _ordering(node: exp.Expr) -> Iterator[tuple[str, Change]]:
    if not isinstance(node, exp.Ordered):
        return
    yield "ORDER BY direction", _turn
    if node.parent is not None and len(node.parent.expressions) > 1:
        yield "ORDER BY key dropped", lambda at: at.pop()


def _turn(at: exp.Expr) -> None:
    at.set("desc", not at.args.get("desc"))
    at.set("nulls_first", not at.args.get("nulls_first"))


def _conjuncts(node: exp.Expr) -> Iterator[tuple[str, Change]]:
    if isinstance(node, (exp.And, exp.Or)):
        yield "condition dropped", lambda at: _become(at, at.this)
        yield "condition dropped", lambda at: _become(at, at.expression)


def _aggregates(node: exp.Expr, tree: exp.Expr) -> Iterator[tuple[str, Change]]:
    if type(node) in AGGREGATES:
        other = AGGREGATES[type(node)]
        yield "aggregate", lambda at: _become(at, other(this=at.this))
    if not isinstance(node, exp.Count):
        return
    counted = node.this
    if isinstance(counted, exp.Distinct):
        yield "COUNT without DISTINCT", lambda at: at.set("this", counted.expressions[0].copy())
    elif not isinstance(counted, exp.Star):
        yield "COUNT(*)", lambda at: at.set("this", exp.Star())
        yield "COUNT(DISTINCT)", lambda at: at.set("this", exp.Distinct(expressions=[counted.copy()]))
    else:
        for column in list(dict.fromkeys(tree.find_all(exp.Column)))[:MAX_COLUMNS]:
            yield "COUNT of a column", partial(_set, this=column.copy())


def _negations(node: exp.Expr) -> Iterator[tuple[str, Change]]:
    if not isinstance(node, (exp.Is, exp.In, exp.Exists, exp.Like, exp.Between)) or isinstance(node.parent, exp.Create):
        return
    if isinstance(node.parent, exp.Not):
        yield "NOT dropped", _drop_not
    else:
        yield "NOT added", lambda at: _become(at, exp.Not(this=at.copy()))


def _drop_not(at: exp.Expr) -> None:
    if at.parent is not None:
        at.parent.replace(at.copy())


def _literals(node: exp.Expr) -> Iterator[tuple[str, Change]]:
    if isinstance(node, exp.Literal) and node.is_int and not isinstance(node.parent, PLACES):
        for number in (int(node.this) - 1, int(node.this) + 1):
            yield "literal", partial(_become, new=exp.Literal.number(number))


def _schema(node: exp.Expr) -> Iterator[tuple[str, Change]]:
    if isinstance(node, CONSTRAINTS) and isinstance(node.parent, (exp.Schema, exp.ColumnDef)):
        yield "constraint dropped", lambda at: at.pop()
    if isinstance(node, exp.Create) and node.args.get("unique"):
        yield "UNIQUE dropped", lambda at: at.set("unique", False)
    if isinstance(node, exp.IndexParameters):
        yield from _index_columns(node)
    if isinstance(node, (exp.Reference, exp.ForeignKey)) and node.args.get("options"):
        yield "foreign key's action dropped", lambda at: at.set("options", None)
    if isinstance(node, exp.Update) and len(node.expressions) > 1:
        for index in range(len(node.expressions)):
            yield "SET dropped", partial(_pop, name="expressions", place=index)


def _index_columns(node: exp.IndexParameters) -> Iterator[tuple[str, Change]]:
    columns = node.args.get("columns") or []
    for place in range(len(columns)) if len(columns) > 1 else ():
        yield "column of the index dropped", partial(_pop, name="columns", place=place)
    for place in range(len(columns) - 1):
        yield "columns of the index swapped", partial(_swap_columns, place=place)


def _swap_columns(at: exp.Expr, place: int) -> None:
    columns = at.args["columns"]
    columns[place], columns[place + 1] = columns[place + 1], columns[place]


# What may be left out or exchanged in statements that no parser here reads as a whole, such as triggers.
WORDS: tuple[WordChange, ...] = (
    ("UNIQUE dropped", r"\bUNIQUE\b(?!\s*\()", ""),
    ("NOT NULL dropped", r"\bNOT\s+NULL\b", ""),
    ("REFERENCES dropped", r"\bREFERENCES\s+\w+\s*(\([^()]*\))?(\s+ON\s+\w+\s+(CASCADE|RESTRICT|SET\s+\w+))*", ""),
    ("columns of the trigger dropped", r"(?<=\bUPDATE)\s+OF\s+\w+(\s*,\s*\w+)*", ""),
    ("one column of the trigger", r"(?<=\bOF\s)(\w+)(\s*,\s*\w+)+", r"\1"),
    ("WHEN dropped", r"\bWHEN\b.*?(?=\bBEGIN\b)", ""),
    ("WHERE dropped", r"\bWHERE\b[^;]*", ""),
    ("event of the trigger", r"\b(BEFORE|AFTER)\s+INSERT\b", r"\1 UPDATE"),
    ("event of the trigger", r"\b(BEFORE|AFTER)\s+UPDATE(\s+OF\s+\w+(\s*,\s*\w+)*)?", r"\1 INSERT"),
    ("event of the trigger", r"\b(BEFORE|AFTER)\s+DELETE\b", r"\1 UPDATE"),
    ("time of the trigger", r"\bAFTER\b", "BEFORE"),
    ("time of the trigger", r"\bBEFORE\b", "AFTER"),
    ("IMMEDIATE dropped", r"\bIMMEDIATE\b", ""),
    ("IS for IS NOT", r"\bIS\s+NOT\b", "IS"),
    ("IS NOT for IS", r"\bIS\b(?!\s+NOT)", "IS NOT"),
    ("old for new", r"\bNEW\.", "OLD."),
    ("new for old", r"\bOLD\.", "NEW."),
    ("OR for AND", r"\bAND\b", "OR"),
)
COMMENTS = re.compile(r"\A(\s*--[^\n]*\n)*\s*")
TRIGGER = re.compile(r"(CREATE\s.*?\bTRIGGER\b.*?\bBEGIN\b)(.*)(\bEND\b)", re.I | re.S)


def sql_mutants(script: str, engine: str) -> list[Mutant]:
    """The scripts that differ from `script` by one mistake, each once."""
    statements = split_statements(script, engine)
    return list(unlike([*_between(statements), *_within(statements, engine)]))


def _join(statements: list[str]) -> str:
    return "".join(f"{statement};\n" for statement in statements)


def _between(statements: list[str]) -> Iterator[Mutant]:
    """A statement dropped or repeated, or two that follow each other swapped."""
    base = _join(statements)
    for place, statement in enumerate(statements) if len(statements) > 1 else ():
        before, after = statements[:place], statements[place + 1 :]
        yield Mutant("statement dropped", _join([*before, *after]), base)
        yield Mutant("statement repeated", _join([*before, statement, statement, *after]), base)
        if after:
            yield Mutant("statements swapped", _join([*before, after[0], statement, *after[1:]]), base)


def _within(statements: list[str], engine: str) -> Iterator[Mutant]:
    for place, statement in enumerate(statements):
        before, after = statements[:place], statements[place + 1 :]
        for kind, text, base in _changed(statement, engine):
            yield Mutant(kind, _join([*before, text, *after]), _join([*before, base, *after]))


def _changed(statement: str, engine: str) -> Iterator[tuple[str, str, str]]:
    """For each mistake in `statement` its kind, the statement with it, and the statement without.

    Comments before it stay as they are: plans of migrations are marked by them.
    """
    code = COMMENTS.sub("", statement)
    head = statement.removesuffix(code)
    for kind, text, base in _changed_code(code, engine):
        yield kind, head + text, head + base


def _changed_code(code: str, engine: str) -> Iterator[tuple[str, str, str]]:
    read = list(mutate_statement(code, dialect_of(engine)))
    yield from read
    if trigger := TRIGGER.search(code):
        yield from _changed_body(trigger, engine)
    if trigger or not read:
        yield from ((kind, text, code) for kind, text in change_words(code, WORDS, re.I | re.S))


def _changed_body(trigger: re.Match[str], engine: str) -> Iterator[tuple[str, str, str]]:
    head, body, end = trigger.groups()
    for mutant in (*_between(steps := split_statements(body, engine)), *_within(steps, engine)):
        yield mutant.kind, f"{head}\n{mutant.text}{end}", f"{head}\n{mutant.base}{end}"
