"""Reports as plain data: how they travel between processes and lie in a store, without pickle."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from typing import Any

from graders.kernel.report import Outcome, Report, Table, Verdict
from graders.sandbox.plain_data import decode, encode


def report_text(report: Report) -> str:
    """`report` as one line of JSON, which `read_report` reads back as an equal report."""
    verdicts = [_verdict_to_plain(verdict) for verdict in report.verdicts]
    plain = {each.name: getattr(report, each.name) for each in fields(Report)}
    return json.dumps(plain | {"verdicts": verdicts})


def read_report(text: str) -> Report:
    """Read what `report_text` wrote; raise `ValueError` for anything else."""
    try:
        plain = json.loads(text)
        verdicts = tuple(_verdict_from_plain(verdict) for verdict in plain["verdicts"])
        return Report(**plain | {"verdicts": verdicts, "remarks": tuple(plain["remarks"])})
    except (LookupError, TypeError, AttributeError) as error:
        raise ValueError(f"no report: {error}") from error


def _verdict_to_plain(verdict: Verdict) -> dict[str, Any]:
    plain = {each.name: getattr(verdict, each.name) for each in fields(Verdict)}
    tables = [_table_to_plain(table) for table in verdict.tables]
    return plain | {"outcome": verdict.outcome.value, "tables": tables}


def _verdict_from_plain(plain: dict[str, Any]) -> Verdict:
    tables = tuple(_table_from_plain(table) for table in plain["tables"])
    return Verdict(**plain | {"outcome": Outcome(plain["outcome"]), "tables": tables})


def _table_to_plain(table: Table) -> dict[str, Any]:
    rows = [list(map(encode, row)) for row in table.rows]
    return asdict(table) | {"rows": rows, "marked": sorted(table.marked)}


def _table_from_plain(plain: dict[str, Any]) -> Table:
    rows = [tuple(map(decode, row)) for row in plain["rows"]]
    return Table(**plain | {"rows": rows, "columns": tuple(plain["columns"]), "marked": frozenset(plain["marked"])})
