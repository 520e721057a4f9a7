"""Change: what an edit did to an answer, in numbers and words."""

from __future__ import annotations

import dataclasses
import re

import numpy as np
import pytest

from fusionscope.explain.ledger.before_after import Shift, changed, shifts_of
from fusionscope.explain.ledger.ledger import Passes
from fusionscope_app.markup.ledger_tables import shifts_html


def passes(*by_class: tuple[float, float, float, float]) -> Passes:
    """Scores by pass (both, appearance, motion, neither) of classes left, right, up."""
    return Passes(("left", "right", "up")[: len(by_class)], {"average": np.array(by_class).T})


BEFORE = passes((6, 1, 3, 1), (0, 0, 0, 0), (0, 0, 0, 0))
AFTER = passes((1, 1, 0, 1), (5, 0, 5, 0), (0, 0, 0, 0))


def test_every_term_before_after_and_what_was_added():
    found = {shift.term: shift for shift in shifts_of(BEFORE, AFTER, "left")}
    assert [*found] == ["baseline", "appearance", "motion", "synergy", "score", "P"]
    assert (found["baseline"].before, found["baseline"].after, found["baseline"].by) == (1, 1, 0)
    assert (found["motion"].before, found["motion"].after, found["motion"].by) == (2, -1, -3)
    assert (found["synergy"].before, found["synergy"].after) == (3, 1)
    assert (found["score"].before, found["score"].after) == (6, 1)
    terms = [found[t].by for t in ("baseline", "appearance", "motion", "synergy")]
    assert sum(terms) == pytest.approx(found["score"].by)
    assert found["P"].before == round(np.exp(6) / (np.exp(6) + 2), 2)
    assert found["P"].after == round(np.exp(1) / (np.exp(1) + np.exp(5) + 1), 2)


def test_another_answer_is_set_against_the_first():
    assert changed(BEFORE, AFTER, "mirrored") == (
        "Mirrored: predicts *right* (0.98) instead of *left* (1.00). "
        "The score of *left* fell by 5.0; the contribution of motion fell by 3.0."
    )


def test_the_same_answer_is_still_said():
    less = passes((4, -1, 3, 1), (0, 0, 0, 0), (0, 0, 0, 0))
    assert changed(BEFORE, less, "in grey") == (
        "In grey: still predicts *left* (0.96, before 1.00). "
        "The score of *left* fell by 2.0; the contribution of appearance fell by 2.0."
    )


def test_what_cancels_out_is_told():
    other = passes((6, 1, 1, 1), (0, 0, 0, 0), (0, 0, 0, 0))
    assert changed(BEFORE, other, "x").endswith(
        "The score of *left* did not change; the contribution of motion fell by 2.0; "
        "the interaction of both streams rose by 2.0."
    )


def test_where_nothing_moves_the_score_is_the_same():
    assert changed(BEFORE, BEFORE, "in grey").endswith(
        "still predicts *left* (1.00, before 1.00). Its score is unchanged."
    )


@pytest.mark.parametrize(
    ("truth", "told"),
    [
        ("right", "predicts *right* (0.98), correct, instead of *left* (1.00)."),
        ("up", "predicts *right* (0.98), incorrect (true class: *up*), instead of *left* (1.00)."),
    ],
)
def test_where_the_truth_is_known_it_is_told(truth: str, told: str):
    assert told in changed(BEFORE, AFTER, "mirrored", truth)
    still = changed(BEFORE, BEFORE, "mirrored", "left")
    assert "(1.00, before 1.00), correct." in still


def test_a_network_without_classes_says_nothing():
    blank = dataclasses.replace(passes((0, 0, 0, 0), (0, 0, 0, 0)), taught=False)
    assert changed(blank, blank, "in grey") == (
        "In grey: untrained classifier, no prediction to compare."
    )


def test_small_terms_are_shown_with_two_digits_of_the_largest():
    html = shifts_html("up", [Shift("motion", 0.041, -0.12, 2), Shift("P", 0.041, 0.5)])
    assert re.findall(r"<td>([^<]+)</td>", html) == [
        *("+0.04", "\N{MINUS SIGN}0.12", "\N{MINUS SIGN}0.16"),
        *("0.04", "0.50", "+0.46"),
    ]
