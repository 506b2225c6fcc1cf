"""Queries, judged by the rows they give on many small data sets."""

from graders.techniques.queries.comparison import (
    ResultDifference,
    Row,
    compare,
    describe_columns,
    format_value,
    multiset_difference,
    require_columns,
)
from graders.techniques.queries.exercise import QueryTrial, query_exercise, state_query_claims
from graders.techniques.queries.instances import Instance, generate_instances, shrink
from graders.techniques.queries.key import QueryExercise, QueryKey, make_query_key
from graders.techniques.queries.query_syntax import text_literals
from graders.techniques.queries.reusable_lab import ReusableLab, read_query, serialize_database
from graders.techniques.queries.tables import BaseTable, read_tables

__all__ = [
    "BaseTable",
    "ResultDifference",
    "Instance",
    "QueryExercise",
    "QueryKey",
    "QueryTrial",
    "ReusableLab",
    "Row",
    "compare",
    "describe_columns",
    "generate_instances",
    "format_value",
    "make_query_key",
    "multiset_difference",
    "require_columns",
    "query_exercise",
    "read_query",
    "read_tables",
    "serialize_database",
    "shrink",
    "state_query_claims",
    "text_literals",
]
