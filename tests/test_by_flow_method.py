"""Flow blame: what a network says under another flow, and the sentence made from it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping

import numpy as np
import pytest

from fusionscope.card import Card
from fusionscope.explain.ledger.by_flow_method import (
    Answer,
    answers,
    in_words,
    passes_under,
    verdict,
)
from fusionscope.explain.ledger.ledger import Passes, four_passes
from fusionscope.nets.network import Network
from fusionscope.trace import Trace
from fusionscope.video.clip import Clip
from fusionscope.video.flow.methods import FLOW_METHODS


def passes(*by_pass: tuple[float, float]) -> Passes:
    """Two classes; scores with both streams, appearance, motion, neither."""
    return Passes(("a", "b"), {"average": np.array(by_pass, float)})


def by(**said: str) -> list[Answer]:
    p = {"dis": 0.91, "farneback": 0.62, "tvl1": 0.87, "true": 0.914}
    return [Answer(method, label, p[method], 0.5, 1.0) for method, label in said.items()]


def test_an_answer_is_the_passes_by_hand():
    own = passes((2, 0), (1, 0), (0.5, 0), (0, 0))
    other = passes((0, 3), (1, 0), (-4, 0), (0, 0))
    one, two = answers({"dis": own, "tvl1": other}, "dis")
    assert one == Answer("dis", "a", one.p, one.p, 0.5)
    assert one.p == pytest.approx(1 / (1 + np.exp(-2)))
    assert (two.method, two.said) == ("tvl1", "b")
    assert two.p == pytest.approx(1 / (1 + np.exp(-3)))
    assert two.kept == pytest.approx(1 - two.p)
    assert two.motion == -4  # of "a", which it said under its own flow


def test_under_its_own_flow_a_network_says_what_it_said(network: Network, trace: Trace):
    again = passes_under(network, trace.clip, trace.flow)
    own = four_passes(network, trace.snippets)
    for head, scores in own.logits.items():
        np.testing.assert_array_equal(again.logits[head], scores)


def test_another_flow_changes_the_passes_with_motion_alone(network: Network, trace: Trace):
    own = four_passes(network, trace.snippets)
    other = passes_under(network, trace.clip, -3 * trace.flow)
    both, appearance, motion, neither = (
        np.abs(other.logits["average"] - own.logits["average"]).max(axis=1)
    )  # fmt: skip
    assert min(both, motion) > 1e-3
    assert max(appearance, neither) < 1e-6


def test_flow_of_another_clip_is_refused(network: Network, trace: Trace, numbered: Clip):
    with pytest.raises(ValueError, match="expected flow"):
        passes_under(network, numbered, trace.flow)


SAID: Mapping[str, tuple[dict[str, str], str]] = {
    "both": (
        {"dis": "a", "farneback": "a"},
        "The prediction is the same with both methods: *a* (0.62 to 0.91).",
    ),
    "each": (
        {"dis": "a", "tvl1": "a", "true": "a"},
        "The prediction is the same with all 3 methods: *a* (0.87 to 0.91).",
    ),
    "same": (
        {"dis": "a", "true": "a"},
        "The prediction is the same with both methods: *a* (0.91).",
    ),
    "one astray": (
        {"dis": "a", "farneback": "b"},
        "With Farnebäck the network predicts *b* (0.62); with DIS, the method it was trained on, "
        "*a* (0.91).",
    ),
    "two astray, one not": (
        {"farneback": "b", "dis": "a", "tvl1": "c", "true": "a"},
        "With Farnebäck the network predicts *b* (0.62) and with TV-L1 the network predicts *c* "
        "(0.87); with DIS, the method it was trained on, and with the true flow *a* (0.91).",
    ),
    "alone": (
        {"dis": "a"},
        "With DIS the network predicts *a* (0.91); choose a second method to see whether the "
        "prediction depends on the flow.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", SAID)
def test_the_sentence_follows_the_numbers(card: Card, case: str):
    said, sentence = SAID[case]
    assert verdict(card, by(**said)) == sentence


def test_a_network_without_motion_cannot_change_its_answer(card: Card):
    still = dataclasses.replace(card, temporal=None, fusion=None, place="")
    assert "the flow does not change" in verdict(still, by(dis="a", farneback="a"))


def test_every_method_has_a_name_in_a_sentence():
    names: Callable[[str], str] = in_words
    assert len({names(method) for method in (*FLOW_METHODS, "true")}) == len(FLOW_METHODS) + 1
