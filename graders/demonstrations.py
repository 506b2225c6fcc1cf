"""What the demonstrations of lessons import: scratch databases, measurements, experiments, and pictures of them.

Each name is described in docs/functions-in-lessons.md.

from graders.demonstrations import draw_costs, open_lab
"""

from graders.figures.acceptance import draw_acceptance
from graders.figures.backup_timelines import Event, draw_pages, draw_recovery
from graders.figures.bar_charts import draw_costs, draw_counts, draw_guess_rates, draw_query_costs
from graders.figures.dependencies import draw_chase, draw_closure, draw_spurious_join
from graders.figures.joins import draw_fan_out
from graders.figures.line_charts import draw_crossover, draw_extraction, draw_growth
from graders.figures.migrations import draw_schema_difference, draw_timeline
from graders.figures.nights import draw_nights
from graders.figures.schedules import draw_isolation_matrix, draw_schedule, draw_waits
from graders.figures.sent_statements import draw_sent_statements, draw_waterfall
from graders.figures.shop_nights import draw_shop_night
from graders.figures.statements import draw_parse_trees, draw_statement
from graders.figures.tables import draw_rows
from graders.labs import EngineError, Waits, open_lab, open_shared_lab, why_no_postgres
from graders.labs.psql import run_psql
from graders.labs.recovery import open_archived_server, why_no_recovery
from graders.notebook.alembic_folder import AlembicFolder
from graders.notebook.messages import SentenceError
from graders.notebook.postgresql_locks import measure_locking
from graders.techniques.backups import pass_nights, read_crontab, restore_text, run_crontab, run_nights
from graders.techniques.batteries import offer_values
from graders.techniques.dependencies import Relation, SpuriousJoin, chase, join_all, parse_fds
from graders.techniques.migrations import LiveChange, find_hazard, read_plan, read_schema, run_timeline
from graders.techniques.plans import compare_indexes, measure_cost, read_accesses, time_query
from graders.techniques.scenarios import pass_shop_night
from graders.techniques.schedules import (
    explore,
    make_script,
    open_anomaly_lab,
    retry_while_locked,
    run_anomalies,
    run_in_order,
    take_turns,
)

__all__ = [
    "AlembicFolder",
    "EngineError",
    "Event",
    "LiveChange",
    "Relation",
    "SentenceError",
    "SpuriousJoin",
    "Waits",
    "chase",
    "compare_indexes",
    "draw_acceptance",
    "draw_chase",
    "draw_closure",
    "draw_costs",
    "draw_counts",
    "draw_crossover",
    "draw_extraction",
    "draw_fan_out",
    "draw_growth",
    "draw_guess_rates",
    "draw_isolation_matrix",
    "draw_nights",
    "draw_pages",
    "draw_parse_trees",
    "draw_query_costs",
    "draw_recovery",
    "draw_rows",
    "draw_schedule",
    "draw_schema_difference",
    "draw_shop_night",
    "draw_sent_statements",
    "draw_spurious_join",
    "draw_statement",
    "draw_timeline",
    "draw_waits",
    "draw_waterfall",
    "explore",
    "find_hazard",
    "join_all",
    "make_script",
    "measure_cost",
    "measure_locking",
    "offer_values",
    "open_anomaly_lab",
    "open_archived_server",
    "open_lab",
    "open_shared_lab",
    "parse_fds",
    "pass_nights",
    "pass_shop_night",
    "read_accesses",
    "read_crontab",
    "read_plan",
    "read_schema",
    "restore_text",
    "retry_while_locked",
    "run_anomalies",
    "run_crontab",
    "run_in_order",
    "run_nights",
    "run_psql",
    "run_timeline",
    "take_turns",
    "time_query",
    "why_no_postgres",
    "why_no_recovery",
]
