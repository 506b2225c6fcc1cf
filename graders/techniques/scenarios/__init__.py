"""Scenarios: a whole shop is put through a night of orders, power cuts, strangers, a migration and an accident."""

from graders.techniques.scenarios.drawing import BUYERS, draw_scenario
from graders.techniques.scenarios.events import (
    Accident,
    Copy,
    Deletion,
    Event,
    Events,
    Login,
    MigrationStep,
    Order,
    PowerCuts,
    Rush,
    Search,
    shorten,
)
from graders.techniques.scenarios.invariants import INVARIANTS
from graders.techniques.scenarios.judging import (
    Counterexample,
    ShopFindings,
    judge_scenario,
    judge_shop,
    pass_shop_night,
)
from graders.techniques.scenarios.running import ScenarioRun, Violation, clock, run_scenario
from graders.techniques.scenarios.shop import (
    FUNCTIONS,
    Shop,
    find_functions,
    order_script,
    take_in_currencies,
    take_in_euros,
)

__all__ = [
    "BUYERS",
    "FUNCTIONS",
    "INVARIANTS",
    "Accident",
    "Copy",
    "Counterexample",
    "Deletion",
    "Event",
    "Events",
    "Login",
    "MigrationStep",
    "Order",
    "PowerCuts",
    "Rush",
    "ScenarioRun",
    "Search",
    "Shop",
    "ShopFindings",
    "Violation",
    "clock",
    "draw_scenario",
    "find_functions",
    "judge_scenario",
    "judge_shop",
    "order_script",
    "pass_shop_night",
    "run_scenario",
    "shorten",
    "take_in_currencies",
    "take_in_euros",
]
