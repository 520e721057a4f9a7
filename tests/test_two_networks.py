"""Contrast: the sentence for each way in which two answers can stand to each other."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import pytest

from fusionscope.card import Card
from fusionscope.explain.ledger.ledger import Passes
from fusionscope.explain.ledger.two_networks import (
    Row,
    ledger_rows,
    relation,
    short_titles,
    verdict,
)
from fusionscope.nets.same_weights import SharedWeights
from fusionscope_app.markup.ledger_tables import ledgers_html

LABELS = ("up", "down", "left")
NINE, EIGHT = np.log(18), np.log(8)  # against two zeros: probability 0.9, 0.8
ALL = SharedWeights("relu5", "relu5", towers=True)


def passes(*rows: Sequence[float], labels: tuple[str, ...] = LABELS) -> Passes:
    """Scores with both streams, appearance, motion, neither; by default of the first only."""
    rest = [(0.0,) * len(labels)] * (4 - len(rows))
    return Passes(labels, {"average": np.array([*rows, *rest], float)})


UP, DOWN, OTHER = passes((NINE, 0, 0)), passes((0, EIGHT, 0)), passes((0, NINE), labels=("a", "b"))


@pytest.mark.parametrize(
    ("second", "expected", "said"),
    [
        (DOWN, "", "A, one, predicts *up* (0.90); B, two, predicts *down* (0.80): they differ."),
        (DOWN, "up", "): they differ, and A is correct."),
        (DOWN, "down", "): they differ, and B is correct."),
        (DOWN, "left", "): they differ, and neither is correct: the true class is *left*."),
        (DOWN, "unknown", "): they differ."),
        (UP, "", "Both predict *up*: A, one, with 0.90; B, two, with 0.90."),
        (UP, "up", "Both predict *up*, correct: A, one, with 0.90; B, two, with 0.90."),
        (
            UP,
            "down",
            "Both predict *up*, incorrect: A, one, with 0.90; B, two, with 0.90. "
            "The true class is *down*.",
        ),
        (OTHER, "up", "predicts *b* (0.95): their classes are not the same."),
    ],
)
def test_the_verdict_says_whether_they_differ_and_who_is_right(
    second: Passes, expected: str, said: str
):
    assert verdict(UP, second, ("one", "two"), expected).endswith(said)


def test_one_word_of_two_sets_of_classes_is_no_agreement():
    other = passes((NINE, 0), labels=("up", "away"))
    assert verdict(UP, other, ("one", "two"), "up").endswith("their classes are not the same.")


def test_an_expected_class_that_neither_knows_makes_no_answer_wrong():
    assert "incorrect" not in verdict(UP, UP, ("one", "two"), "walk")


def test_ledgers_stand_term_by_term_with_the_firsts_less_the_seconds():
    one = passes((9, 0, 0), (1, 0, 0), (3, 0, 0), (0.5, 0, 0))
    two = passes((4, 0, 0), (2, 0, 0), (1, 0, 0), (1, 0, 0))
    rows = ledger_rows(one, two, "up")
    assert rows == [
        Row("baseline", 0.5, 1),
        Row("appearance", 0.5, 1),
        Row("motion", 2.5, 0),
        Row("synergy", 5.5, 2),
        Row("score", 9, 4),
    ]
    assert [row.difference for row in rows] == [-0.5, -0.5, 2.5, 3.5, 5]
    terms = [row.difference or 0 for row in rows]
    assert sum(terms[:-1]) == pytest.approx(terms[-1])


def test_a_class_that_one_does_not_know_has_no_difference():
    rows = ledger_rows(OTHER, UP, "up")
    assert [row.first for row in rows] == [None] * 5
    assert rows[-1].second == 2.9  # as shown
    assert rows[-1].difference is None


def test_a_term_of_nothing_is_not_taken_for_an_unknown_class():
    assert ledger_rows(UP, UP, "down")[-1] == Row("score", 0.0, 0.0)


@pytest.mark.parametrize(
    ("one", "other", "short"),
    [
        ("Toybox, conv", "Toybox, late", ("conv", "late")),
        ("Toybox, conv", "People, late", ("Toybox, conv", "People, late")),
        ("Toybox", "Toybox, late", ("Toybox", "Toybox, late")),
        ("Mine", "Mine", ("first", "second")),
    ],
)
def test_titles_are_told_without_what_both_have(card: Card, one: str, other: str, short):
    first = dataclasses.replace(card, name="first", title=one)
    assert short_titles(first, dataclasses.replace(card, name="second", title=other)) == short


def test_of_the_same_towers_it_is_said_what_differs_and_no_more(card: Card):
    said = relation(card, dataclasses.replace(card, fusion="sum"), ALL)
    assert said == (
        "Both use the same towers, with identical weights up to relu5; they differ in the fusion "
        "(A: conv3d at relu5; B: sum at relu5). The later layers were trained separately."
    )
    said = relation(card, dataclasses.replace(card, pool="2d"), ALL)
    assert "the pooling over chunks (A: 3d; B: 2d)" in said
    assert "the fusion (" not in said
    late = dataclasses.replace(card, fusion=None, place="")
    assert "B: none, their predictions are averaged" in relation(card, late, ALL)
    assert "only the weights" in relation(card, dataclasses.replace(card, name="other"), ALL)


def test_of_one_stream_or_of_none_it_is_said_which_and_what_either_sees(card: Card):
    single = dataclasses.replace(card, spatial=None, fusion=None, place="")
    assert relation(card, single, SharedWeights("", "relu5", towers=False)) == (
        "Both use the same temporal tower, with identical weights up to relu5. "
        "A uses appearance and motion (fusion: conv3d at relu5); B uses motion only."
    )
    blind = dataclasses.replace(card, temporal=None, fusion=None, place="")
    nothing = SharedWeights("", "", towers=False)
    assert relation(single, blind, nothing).startswith("They have no stream in common.")
    assert relation(card, card, nothing).startswith("Their towers differ.")


def test_a_prediction_at_chance_is_not_simply_called_correct():
    weak, strong = passes((0.1, 0, 0)), passes((0, EIGHT, 0))
    said = verdict(weak, strong, ("one", "two"), "up")
    assert said.endswith("they differ, and A is correct, though no better than chance.")
    assert "predicts *up* (0.36, no better than chance)" in said
    said = verdict(weak, weak, ("one", "two"), "up")
    assert "with 0.36 (no better than chance)" in said


def test_differences_of_ledgers_are_those_of_the_numbers_shown():
    one, two = passes((2.14, 0, 0), (-1.14, 0, 0)), passes((2.04, 0, 0), (-1.06, 0, 0))
    for row in ledger_rows(one, two, "up"):
        assert row.first is not None
        assert row.second is not None
        assert row.difference == pytest.approx(round(row.first, 1) - round(row.second, 1))
    table = ledgers_html("up", [Row("motion", -1.14, -1.06)])
    assert "<td>−1.1</td><td>−1.1</td><td>0.0</td>" in table  # noqa: RUF001


def test_an_adapter_that_fuses_is_not_said_to_use_one_stream(card: Card):
    gate = dataclasses.replace(card, spatial=None, temporal=None, fusion="gate", place="conv2")
    said = relation(card, gate, SharedWeights("", "", towers=False))
    assert "B uses appearance and motion (fusion: gate at conv2)." in said
