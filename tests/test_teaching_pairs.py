"""Pairs of classes: what is expected of each stream, and what came of it."""

from __future__ import annotations

import numpy as np
import pytest

from fusionscope.teaching.measured import Measured, measured
from fusionscope.teaching.pairs import PAIRS, Outcome, Pair, outcomes
from fusionscope_app.teach import example
from fusionscope_app.teach.pairs_section import expected_words, outcome_words

PAIR = Pair(("open", "close"), "", {"appearance": False, "motion": True})


class Clip:
    """As much of an example as is measured."""

    def __init__(self, number: int, label: str) -> None:
        self.id, self.label, self.group = f"clip {number}", label, ""


def found(right: dict[str, int], each: int = 5, third: int = 4) -> Measured:
    """Each head is right in so many of the first clips of the pair; always wrong in a third class.

    The third class has the highest score of each clip, so deciding between two is another thing.
    """
    labels = ["open", "close"] * each + ["other"] * third
    classes = ("other", "open", "close")
    scores = {}
    for head in ("appearance", "motion", "late", "fused"):
        rows = np.zeros((len(labels), 3))
        rows[:, 0] = 5
        for n, label in enumerate(labels):
            said = label if n < right.get(head, 0) else {"open": "close"}.get(label, "open")
            rows[n, classes.index(said)] += 1
        scores[head] = rows
    clips = [Clip(n, label) for n, label in enumerate(labels)]
    return measured("clip", classes, clips, scores)  # pyright: ignore[reportArgumentType]


def test_only_the_clips_and_scores_of_the_two_classes_count():
    told = outcomes(PAIR, found({"appearance": 5, "motion": 10}))
    assert told == [
        Outcome("appearance", 10, 5, False, True),
        Outcome("motion", 10, 10, True, True),
    ]


@pytest.mark.parametrize(
    ("right", "held"),  # of ten clips; Wilson: 5 is 24 to 76 %, 9 is 60 to 98 %
    [(5, (True, False)), (9, (False, True)), (8, (None, None))],
)
def test_an_expectation_holds_by_the_interval_of_the_accuracy(right, held):
    told = outcomes(PAIR, found({"appearance": right, "motion": right}))
    assert tuple(one.held for one in told) == held


def test_two_clips_are_too_few_for_any_expectation():
    told = outcomes(PAIR, found({"appearance": 1, "motion": 2}, each=1))
    assert [one.held for one in told] == [None, None]


def test_a_pair_that_was_not_taught_is_an_error():
    with pytest.raises(ValueError, match="expected clips of clap, wave"):
        outcomes(Pair(("clap", "wave"), "", {}), found({}))


def test_the_sentences_say_what_was_expected_and_found():
    assert expected_words(PAIR) == "Expected: motion tells them apart, appearance is at chance."
    said = outcome_words(PAIR, outcomes(PAIR, found({"appearance": 9, "motion": 8})))
    assert said == (
        "*open / close*: appearance is right in 9 of 10 clips, though chance was expected; "
        "motion is right in 8 of 10 clips, too few to tell."
    )
    said = outcome_words(PAIR, outcomes(PAIR, found({"appearance": 5, "motion": 4})))
    assert "in 5 of 10 clips, as expected" in said
    assert "in 4 of 10 clips, though more was expected" in said


def test_all_pairs_name_two_classes_and_expect_something():
    for pair in (example.PAIR, *PAIRS):
        assert len({*pair.classes}) == 2
        assert {*pair.expected} <= {"appearance", "motion"}
        assert any(pair.expected.values())
    assert {*example.PAIR.classes} == {*example.CLASSES}
