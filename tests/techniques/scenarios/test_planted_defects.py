"""Is every planted defect reported by the invariant meant for it, by a short scenario, and the same for a seed?"""

from __future__ import annotations

import pytest
from defects import DEFECTS
from shops import PARTS, open_shop

from graders.techniques.scenarios import INVARIANTS, judge_shop

MAX_EVENTS = 4


@pytest.mark.parametrize("name", DEFECTS)
def test_reported_by_the_invariant_meant_for_it(name):
    defect = DEFECTS[name]
    needed = {**dict.fromkeys(PARTS, ""), "place_order": PARTS["place_order"], **defect.parts}
    with open_shop(3, plan=defect.plan, schema=defect.schema, **needed) as shop:
        findings = judge_shop(shop, 3)
    broken = set(findings.broken)
    assert defect.meant in broken, findings.night.violations
    assert broken <= {defect.meant, *defect.also}, {name: one.words for name, one in findings.broken.items()}
    shortest = findings.broken[defect.meant].run.events
    assert len(shortest) <= MAX_EVENTS + len(shop.plan)


def test_each_invariant_has_a_defect():
    assert {defect.meant for defect in DEFECTS.values()} == set(INVARIANTS)
    assert len(DEFECTS) >= 15
