"""Words: the sentence for each thing that a network's streams can say."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from fusionscope.analysis.run_reel import map_panel, of_prediction
from fusionscope.base.colour_ramps import RAMPS
from fusionscope.base.numbers import MINUS, adding_up, difference, is_guess, signed
from fusionscope.card import Card
from fusionscope.explain.heatmaps import HeatMap
from fusionscope.explain.ledger.ledger import Passes, four_passes
from fusionscope.explain.ledger.sentence import beside, sentence
from fusionscope.nets.network import Network
from fusionscope.trace import Trace

LABELS = ("up", "down", "left")
NINE, EIGHT = np.log(18), np.log(8)  # against two zeros: probability 0.9, 0.8


def passes(*rows: Sequence[float], head: str = "spatiotemporal", **fields: Any) -> Passes:
    """Scores with both streams, appearance, motion, neither, of one head."""
    return Passes(LABELS, {head: np.array(rows, float)}, **fields)


def with_temporal_head(*rows: Sequence[float], temporal: Sequence[float]) -> Passes:
    """Scores of the average of two heads, of which one is the temporal stream's own."""
    return Passes(LABELS, {"temporal": np.array([temporal] * 4), "average": np.array(rows, float)})


@pytest.mark.parametrize(
    ("stream", "sees", "rows"),
    [
        ("spatial", "appearance", ((NINE, 0, 0), (NINE, 0, 0), (0, 0, 0), (0, 0, 0))),
        ("temporal", "motion", ((NINE, 0, 0), (0, 0, 0), (NINE, 0, 0), (0, 0, 0))),
    ],
)
def test_a_network_of_one_stream(stream: str, sees: str, rows: Sequence[Sequence[float]]):
    assert sentence(passes(*rows, head=stream, streams=(stream,))) == (
        f"Predicts *up* (0.90; chance 0.33). The network uses {sees} only. "
        f"Its score is 2.9 above that of *down*; the largest term of this lead: {sees} (+2.9)."
    )


def test_the_own_head_of_a_stream_is_quoted_and_nothing_is_called_alone():
    """Zero flow says walk, but the temporal head says golf: the head is what motion predicts."""
    said = sentence(
        with_temporal_head(
            *((NINE, 0, 0), (NINE, 0, 0), (0, EIGHT, 0), (0, 0, 0)), temporal=(0, 0, NINE)
        )
    )
    assert said.startswith(
        "Predicts *up* (0.90; chance 0.33). The temporal head predicts *left* (0.90); "
        "with motion replaced by zero flow, the prediction is the same (0.90). "
    )
    said = sentence(
        with_temporal_head((NINE, 0, 0), (0, 0, 0), (0, 0, 0), (0, 0, 0), temporal=(EIGHT, 0, 0))
    )
    assert "The temporal head agrees (0.80); " in said


def test_a_stream_without_a_head_is_judged_by_replacing_the_other():
    said = sentence(passes((NINE, 0, 0), (0, NINE, 0), (EIGHT, 0, 0), (0, 0, 0)))
    assert said == (
        "Predicts *up* (0.90; chance 0.33). With motion replaced by zero flow, the network "
        "predicts *down* (0.90); with appearance replaced by the training mean, the prediction is "
        "the same (0.80). Its score is 2.9 above that of *down*; the largest term "
        "of this lead: the interaction of both "
        f"streams (+3.7); against it: appearance ({MINUS}2.9)."
    )


def test_a_large_baseline_is_not_called_a_contribution_of_appearance():
    """The largest stream term is -0.1, the baseline +0.61: the network leans to the class."""
    said = sentence(passes((0.5, 0, 0), (0.51, 0, 0), (0.61, 0, 0), (0.61, 0, 0)))
    assert "the baseline (+0.61); against it" in said
    said = sentence(passes((1.5, 0, 0), (1.51, 0, 0), (1.61, 0, 0), (1.61, 0, 0)))
    assert said.endswith(
        "With neither stream, the network predicts *up* too. Its score is 1.5 above that of "
        f"*down*; the largest term of this lead: the baseline "
        f"(+1.6); against it: appearance ({MINUS}0.1)."
    )


def test_a_term_larger_than_the_lead_is_quoted_with_the_term_against_it():
    said = sentence(passes((5.9, 0, 0), (-4, 0, 0), (-6.6, 0, 0), (0, 0, 0)))
    assert said.endswith(
        "Its score is 5.9 above that of *down*; the largest term of this lead: the interaction of "
        "both streams (+16.5); "
        f"against it: motion ({MINUS}6.6)."
    )


def test_a_prediction_at_chance_is_said_to_be_and_no_reason_is_given():
    said = sentence(passes((0.05, 0, 0), (0, 0, 0), (0, 0, 0), (0, 0, 0)))
    assert said == "Predicts *up* (0.34; chance 0.33): no better than chance."
    sure = passes((NINE, 0, 0), (0, 0, 0), (0, 0, 0), (0, 0, 0), guesses=("spatiotemporal",))
    assert sentence(sure) == (
        "Predicts *up* (0.90; chance 0.33), but on test clips this network is no better than "
        "chance."
    )


def test_equal_terms_are_named_together():
    said = sentence(passes((4, 0, 0), (2, 0, 0), (2, 0, 0), (0, 0, 0)))
    assert said.endswith(
        "Its score is 4.0 above that of *down*; the largest terms of this lead: appearance (+2.0) "
        "and motion (+2.0)."
    )


def test_a_lead_of_nothing_has_no_largest_term():
    said = sentence(passes((3, 3, 0), (0, 2, 0), (2, 0, 0), (0, 0, 0)))
    assert said.endswith("Its lead over *down* rounds to 0.0.")


def test_a_class_is_shown_without_underscores():
    found = Passes(("shoot_gun", "shoot_bow"), {"average": np.array([[3.0, 0]] + [[0.0, 0]] * 3)})
    assert "*shoot gun*" in sentence(found)
    assert "*shoot bow*" in sentence(found)
    assert "_" not in sentence(found) + beside(found, "shoot_bow")


def test_a_real_runs_sentence_is_of_the_deciding_head(network: Network, trace: Trace):
    made = four_passes(network, trace.snippets)
    label = trace.card.labels[int(trace.final.argmax())]
    assert sentence(made).startswith(f"Predicts *{label}* (")
    assert made.streams == trace.card.streams


@pytest.mark.parametrize(("missing", "sees"), [("temporal", "appearance"), ("spatial", "motion")])
def test_a_real_single_stream_says_what_it_sees(
    missing: str, sees: str, card: Card, build: Callable[..., Network], trace: Trace
):
    fields = {missing: None, "fusion": None}
    network = build(dataclasses.replace(card, **fields))  # pyright: ignore[reportArgumentType]
    said = sentence(four_passes(network, trace.snippets))
    assert f" The network uses {sees} only." in said
    assert "replaced" not in said


def test_another_class_falls_short_for_a_reason():
    # up: baseline 0, appearance 1, motion 3, synergy 0; down: baseline 1, 2, -1, 0
    said = beside(passes((4, 2, 0), (1, 3, 0), (3, 0, 0), (0, 1, 0)), "down")
    assert said == (
        "*down* (0.12) scores 2.0 lower than *up*; largest difference: motion (+4.0); "
        "the baseline (+1.0) and appearance (+1.0) favour *down*."
    )
    said = beside(passes((2, 0, 0), (0, 0, 0), (0, 0, 0), (0, 0, 0)), "left")
    assert said == (
        "*left* (0.11) scores 2.0 lower than *up*; largest difference: "
        "the interaction of both streams (+2.0)."
    )


def test_a_difference_is_that_of_the_numbers_shown():
    """-1.14 and -1.06 are both shown as -1.1: their difference is 0.0, not -0.1."""
    assert difference(-1.14, -1.06, 1) == 0.0
    assert signed(difference(-1.14, -1.06, 1)) == "0.0"
    assert signed(-0.04) == signed(0.04) == "0.0"


def test_terms_add_up_as_shown():
    assert adding_up([0.04, 0.04, 0.04, 0.0], 1) == [0.1, 0.0, 0.0, 0.0]
    assert adding_up([0.06, -0.06], 1) == [0.1, -0.1]
    drawn = np.random.default_rng(0).normal(size=(2000, 4))
    for row in drawn:
        shown = adding_up(row.tolist(), 1)
        assert sum(shown) == pytest.approx(round(float(row.sum()), 1), abs=1e-9)
        assert np.abs(np.array(shown) - row).max() < 0.1
        assert (np.argsort(row)[np.argsort(shown, kind="stable")] >= 0).all()


@pytest.mark.parametrize(("p", "classes", "guess"), [
    (0.60, 2, True), (0.61, 2, False), (0.12, 12, True), (0.121, 12, False), (0.07, 21, False),
    (0.0697, 21, True), (1.0, 2, False), (1.0, 1, True),
])  # fmt: skip
def test_chance_is_judged_by_odds(p: float, classes: int, guess: bool):
    assert is_guess(p, classes) == guess


def test_a_head_that_is_at_chance_on_test_clips_is_known_from_the_card(card: Card):
    measured = (("spatial", 0.30), ("temporal", 0.31), ("average", 0.5))
    known = dataclasses.replace(card, accuracy=measured, tested=400)  # of 4 classes: 0.25
    assert known.guesses == ()
    assert dataclasses.replace(known, tested=40).guesses == ("spatial", "temporal")
    assert dataclasses.replace(known, tested=0).guesses == ()
    assert dataclasses.replace(card, ceiling=(("spatial", 0.25),)).guesses == ("spatial",)


def test_the_map_of_a_prediction_at_chance_is_grey_and_says_so():
    heat = HeatMap("why", "why", "Grad-CAM", "fused", np.ones((2, 3, 3)), (0, 0, 1, 1))
    weak = passes((0.05, 0, 0), (0, 0, 0), (0, 0, 0), (0, 0, 0))
    drawn = of_prediction(heat, weak)
    assert drawn.detail == "no better than chance: Grad-CAM"
    panel = map_panel(drawn)
    assert panel.map is not None
    assert panel.map.ramp == "chance"
    assert set(RAMPS["chance"]) == {"for"}  # hatching shows the sign
    strong = passes((NINE, 0, 0), (0, 0, 0), (0, 0, 0), (0, 0, 0))
    assert of_prediction(heat, strong) is heat
