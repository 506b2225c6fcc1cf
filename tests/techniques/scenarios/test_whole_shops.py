"""Do whole shops pass or fail as their authors say, whatever their form, on several seeds?"""

from __future__ import annotations

import pytest
from shops import open_shop
from whole_shops import FAULTY, SOUND

from graders.techniques.scenarios import draw_scenario, judge_shop


@pytest.mark.parametrize("name", SOUND)
def test_sound_shop_keeps_every_promise(name):
    parts = dict(SOUND[name])
    with open_shop(5, **parts) as shop:
        findings = judge_shop(shop, 5)
    assert {invariant: one.words for invariant, one in findings.broken.items()} == {}
    assert len(findings.night.events) == len(draw_scenario(shop, 5))


@pytest.mark.parametrize("name", FAULTY)
def test_faulty_shop_breaks_what_its_author_says(name):
    parts, broken = FAULTY[name]
    with open_shop(6, **parts) as shop:
        findings = judge_shop(shop, 6)
    assert set(findings.broken) == broken, {invariant: one.words for invariant, one in findings.broken.items()}


@pytest.mark.parametrize("seed", range(8))
def test_sound_parts_pass_on_every_seed(seed):
    with open_shop(seed) as shop:
        assert judge_shop(shop, seed).broken == {}


def test_same_seed_same_night():
    with open_shop(4) as shop:
        first, again = draw_scenario(shop, 4), draw_scenario(shop, 4)
        assert first == again != draw_scenario(shop, 5)
        kinds = {event.kind for event in first}
    assert kinds == {"orders", "power cut", "visit", "deletion", "migration", "copy", "accident"}
    assert max(len(event.orders) for event in first if event.kind == "orders") == 8
