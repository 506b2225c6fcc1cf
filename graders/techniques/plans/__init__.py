"""Plans and work: how an engine reaches the rows, in one vocabulary for all engines, and what it costs, counted."""

from graders.techniques.plans.b_tree import BTree, open_b_tree
from graders.techniques.plans.cost import (
    Cost,
    QueryCost,
    compare_indexes,
    measure_cost,
    read_accesses,
    read_plan,
    time_query,
)
from graders.techniques.plans.index_exercise import IndexExercise, index_exercise
from graders.techniques.plans.indexes import Index, created_indexes, read_indexes, run_index_script
from graders.techniques.plans.plan import Access, PlanNode
from graders.techniques.plans.rewrite_exercise import RewriteExercise, rewrite_exercise

__all__ = [
    "Access",
    "BTree",
    "Cost",
    "Index",
    "IndexExercise",
    "PlanNode",
    "QueryCost",
    "RewriteExercise",
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
