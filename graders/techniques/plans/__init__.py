"""Plans and work: how an engine reaches the rows, in one vocabulary for all engines, and what it costs, counted."""

from graders.techniques.plans.b_tree import BTree, Key, Page, Visit, open_b_tree
from graders.techniques.plans.cost import (
    Cost,
    QueryCost,
    compare_indexes,
    measure_cost,
    read_accesses,
    read_plan,
    time_query,
)
from graders.techniques.plans.index_exercise import index_exercise
from graders.techniques.plans.index_hints import ONE_VALUE, REDUNDANT
from graders.techniques.plans.index_observations import IndexExercise
from graders.techniques.plans.indexes import Index, created_indexes, read_indexes, run_index_script
from graders.techniques.plans.plan import COVERING_SCAN, SCAN, STEP, Access, PlanNode
from graders.techniques.plans.rewrite_exercise import RewriteExercise, rewrite_exercise

__all__ = [
    "COVERING_SCAN",
    "ONE_VALUE",
    "REDUNDANT",
    "SCAN",
    "STEP",
    "Access",
    "BTree",
    "Cost",
    "Index",
    "IndexExercise",
    "Key",
    "Page",
    "PlanNode",
    "QueryCost",
    "RewriteExercise",
    "Visit",
    "compare_indexes",
    "index_exercise",
    "measure_cost",
    "open_b_tree",
    "created_indexes",
    "read_accesses",
    "read_indexes",
    "read_plan",
    "rewrite_exercise",
    "run_index_script",
    "time_query",
]
