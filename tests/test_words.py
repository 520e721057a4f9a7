"""Words: the sentence for each thing that a network's streams can say."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from core.card import Card
from core.explain.ledger import Passes, four_passes
from core.explain.words import beside, sentence
from core.nets.network import Network
from core.trace import Trace

LABELS = ("up", "down", "left")
NINE, EIGHT = np.log(18), np.log(8)  # against two zeros: probability 0.9, 0.8


def passes(*rows: Sequence[float], head: str = "average") -> Passes:
    """Scores with both streams, appearance, motion, neither; another head says otherwise."""
    other = {"temporal": np.array([[0.0, 50, 0]] * 4)} if head == "average" else {}
    return Passes(LABELS, {**other, head: np.array(rows, float)})


def test_a_network_that_sees_appearance_only_says_so():
    said = sentence(passes((NINE, 0, 0), (NINE, 0, 0), (0, 0, 0), (0, 0, 0), head="spatial"))
    assert said == "Says *up* (0.90). This network sees appearance only."


def test_a_network_that_sees_motion_only_says_so():
    said = sentence(passes((NINE, 0, 0), (1, 0, 0), (NINE, 0, 0), (1, 0, 0), head="temporal"))
    assert said == "Says *up* (0.90). This network sees motion only."


def test_both_streams_alone_agree():
    said = sentence(passes((NINE, 0, 0), (1, 0, 0), (2, 0, 0), (0.5, 0, 0)))
    assert said == (
        "Says *up* (0.90). Either stream alone would say so too. "
        "Most of the score comes from motion (+1.5)."
    )


def test_one_stream_alone_agrees():
    said = sentence(passes((NINE, 0, 0), (0, NINE, 0), (EIGHT, 0, 0), (0, 0, 0)))
    assert said == (
        "Says *up* (0.90). Motion alone would say so too (0.80); "
        "appearance alone would say *down* (0.90). "
        "Most of the score comes from motion (+2.1)."
    )
    said = sentence(passes((NINE, 0, 0), (EIGHT, 0, 0), (0, 0, NINE), (0, 0, 0)))
    assert said == (
        "Says *up* (0.90). Appearance alone would say so too (0.80); "
        "motion alone would say *left* (0.90). "
        "Most of the score comes from appearance (+2.1)."
    )


def test_neither_stream_alone_agrees():
    said = sentence(passes((NINE, 0, 0), (0, NINE, 0), (0, 0, EIGHT), (0, 0, 0)))
    assert said == (
        "Says *up* (0.90). Motion alone would say *left* (0.80). "
        "Most of the score comes from the two streams together (+2.9)."
    )


def test_a_silent_stream_with_synergy_is_not_called_blind():
    said = sentence(passes((NINE, 0, 0), (0, 1, 0), (0, 1, 0), (0, 1, 0)))
    assert "only" not in said
    assert said.endswith("Most of the score comes from the two streams together (+2.9).")


def test_a_real_runs_sentence_is_of_the_deciding_head(network: Network, trace: Trace):
    made = four_passes(network, trace.snippets)
    label = trace.card.labels[int(trace.final.argmax())]
    assert sentence(made).startswith(f"Says *{label}* (")


@pytest.mark.parametrize(("missing", "sees"), [("temporal", "appearance"), ("spatial", "motion")])
def test_a_real_single_stream_says_what_it_sees(
    missing: str, sees: str, card: Card, build: Callable[..., Network], trace: Trace
):
    fields = {missing: None, "fusion": None}
    network = build(dataclasses.replace(card, **fields))  # pyright: ignore[reportArgumentType]
    said = sentence(four_passes(network, trace.snippets))
    assert said.endswith(f"This network sees {sees} only.")


def test_another_class_falls_short_for_a_reason():
    # up: baseline 0, appearance 1, motion 3, synergy 0; down: baseline 1, 2, -1, 0
    said = beside(passes((4, 2, 0), (1, 3, 0), (3, 0, 0), (0, 1, 0)), "down")
    assert said == (
        "*down* (0.12) scores 2.0 less than *up*, mostly because of motion (+4.0); "
        "the baseline speaks for *down* (+1.0)."
    )
    said = beside(passes((2, 0, 0), (0, 0, 0), (0, 0, 0), (0, 0, 0)), "left")
    assert (
        said == "*left* (0.11) scores 2.0 less than *up*, mostly because of both together (+2.0)."
    )
