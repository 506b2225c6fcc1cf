"""Plans and work: how an engine reaches the rows, in one vocabulary for all engines, and what it costs, counted."""

from graders.techniques.plans.index_asked import index_asked
from graders.techniques.plans.plan import Access, PlanNode
from graders.techniques.plans.reading import accesses, read_plan
from graders.techniques.plans.rewrite_asked import rewrite_asked
from graders.techniques.plans.work import Work, work_of

__all__ = ["Access", "PlanNode", "Work", "accesses", "index_asked", "read_plan", "rewrite_asked", "work_of"]
