"""Flow words: the sentence about the methods follows from their scores."""

from __future__ import annotations

from fusionscope.explain.ledger.flow_quality import least, quality
from fusionscope.video.flow.score import FlowScore

STILL = FlowScore(5.0, 1, 0, 0.5, 4.0)


def score(warp: float, moving: float | None = None) -> FlowScore:
    return FlowScore(warp, 1, 0, moving and moving / 10, moving)


def test_the_least_is_the_least_of_what_is_known():
    assert least({"dis": 2.0, "tvl1": 1.0, "farneback": None}) == "tvl1"
    assert least({"dis": 2.0, "tvl1": float("nan"), "farneback": 3.0}) == "dis"
    assert least({"dis": 2.0, "tvl1": 2.0}) == ""
    assert least({"dis": 2.0}) == ""
    assert least({}) == ""


def test_one_method_may_be_best_in_both():
    assert quality({"dis": score(1, 0.2), "farneback": score(2, 0.3)}, STILL) == (
        "DIS has the lowest warp error: 1.00 grey levels (5.00 with zero flow); it is also closest "
        "to the true flow, end-point error 0.20 px on moving pixels."
    )


def test_what_explains_best_need_not_be_nearest_to_the_truth():
    said = quality({"dis": score(1, 0.4), "tvl1": score(2, 0.3)}, STILL)
    assert said.startswith("DIS has the lowest warp error")
    assert said.endswith(
        "; TV-L1 is closest to the true flow, end-point error 0.30 px on moving pixels."
    )


def test_without_truth_or_a_second_method_less_is_said():
    assert "true flow" not in quality({"dis": score(1), "tvl1": score(2)}, STILL)
    assert quality({"dis": score(1, 0.3)}, STILL) == ""
