"""The tables of a schema without its rules: no key decides in which order rows are stored and read."""

from __future__ import annotations

from sqlglot import exp

from graders.labs import Lab
from graders.sql import quote_identifier
from graders.sql.parsing import Unreadable, parse_script
from graders.techniques.instances.relations import relations

VIEWS = {
    "SQLite": "SELECT sql FROM sqlite_schema WHERE type = 'view' ORDER BY rowid",
    "DuckDB": "SELECT sql FROM duckdb_views() WHERE NOT internal ORDER BY view_oid",
}


def loose_schema(lab: Lab, schema: str) -> str:
    """The script that makes the tables of `lab` with names, types and collations only, and its views."""
    collations = _collations(schema, lab.engine)
    statements = []
    for table in relations(lab):
        columns = ", ".join(
            f"{quote_identifier(column.name)} {column.type} "
            + collations.get((table.name.lower(), column.name.lower()), "")
            for column in table.columns
        )
        statements.append(f"CREATE TABLE {quote_identifier(table.name)} ({columns})")
    statements += [sql.strip().rstrip(";") for (sql,) in lab.execute(VIEWS[lab.engine]).rows]
    return ";\n".join(statements)


def _collations(schema: str, engine: str) -> dict[tuple[str, str], str]:
    """The COLLATE clauses of `schema` by table and column, which the engines themselves do not tell."""
    try:
        trees = parse_script(schema, engine)
    except Unreadable:
        return {}
    found = {}
    for tree in trees:
        for collate in tree.find_all(exp.CollateColumnConstraint):
            column = collate.find_ancestor(exp.ColumnDef)
            found[tree.find(exp.Table).name.lower(), column.name.lower()] = f"COLLATE {collate.this.name}"
    return found
