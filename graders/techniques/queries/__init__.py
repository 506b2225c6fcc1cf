"""Queries, judged by the rows they give on many small data sets."""

from graders.techniques.queries.catalogue import BaseTable, ForeignKey, read_tables
from graders.techniques.queries.comparison import (
    Difference,
    Row,
    compare,
    describe_columns,
    in_words,
    multiset_difference,
    must_have_columns,
    normal,
)
from graders.techniques.queries.counterexample import shrink
from graders.techniques.queries.description import QueryExercise, read_query
from graders.techniques.queries.exercise import QueryTrial, query_exercise, state_query_claims
from graders.techniques.queries.generation import Instance, generate_instances
from graders.techniques.queries.key import QueryKey, make_query_key
from graders.techniques.queries.literals import texts_in
from graders.techniques.queries.reusable_lab import ReusableLab
from graders.techniques.queries.serialized import serialize_database

__all__ = [
    "BaseTable",
    "Difference",
    "ForeignKey",
    "Instance",
    "QueryExercise",
    "QueryKey",
    "QueryTrial",
    "ReusableLab",
    "Row",
    "compare",
    "describe_columns",
    "generate_instances",
    "in_words",
    "make_query_key",
    "multiset_difference",
    "must_have_columns",
    "normal",
    "query_exercise",
    "read_query",
    "read_tables",
    "serialize_database",
    "shrink",
    "state_query_claims",
    "texts_in",
]
