"""Ceiling words: an accuracy above its ceiling is within chance of it, or a leak."""

from __future__ import annotations

import pytest
from scipy.stats import binomtest

from fusionscope.nets.inspect.ceiling_words import LEAK, WITHIN, above_ceiling, ceiling_words
from fusionscope.nets.store.catalogue import networks


def test_above_by_chance_and_above_by_more():
    assert above_ceiling(0.49, 0.5, 1200) == ""
    assert above_ceiling(0.516, 0.5, 1200) == WITHIN
    assert above_ceiling(0.56, 0.5, 1200) == LEAK
    assert "unknown number" in above_ceiling(0.56, 0.5, 0)
    assert ceiling_words(0.516, 0.5, 1200) == f"ceiling 50.0 % ({WITHIN})"
    assert ceiling_words(0.4, 0.5, 1200) == "ceiling 50.0 %"


@pytest.mark.parametrize("right", range(560, 700, 7))
def test_the_interval_is_the_binomial_one(right: int):
    low = binomtest(right, 1200).proportion_ci(method="wilson").low
    said = above_ceiling(right / 1200, 0.5, 1200)
    assert (said == LEAK) == (low > 0.5)
    assert (said == "") == (right <= 600)


def test_no_shipped_network_is_above_its_ceiling_by_more_than_chance():
    for one in networks():
        if one.card:
            ceiling = dict(one.card.ceiling)
            for head, share in one.card.accuracy:
                assert above_ceiling(share, ceiling.get(head), one.card.tested) in ("", WITHIN)
