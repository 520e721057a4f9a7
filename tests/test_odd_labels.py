"""Odd labels: planted wrong labels are found, most confident first."""

import numpy as np

from fusionscope.evaluation.answers import Answers
from fusionscope.evaluation.review.odd_labels import odd_labels


def head(scores: np.ndarray, labels: np.ndarray) -> Answers:
    classes = tuple(f"c{k}" for k in range(scores.shape[1]))
    return Answers("m", "h", classes, tuple(f"clip{n}" for n in range(len(labels))), labels, scores)


def test_by_hand_a_label_is_odd_if_another_class_reaches_its_threshold():
    given = np.array([[0.9, 0.1], [0.7, 0.3], [0.15, 0.85], [0.25, 0.75], [0.4, 0.6], [0.8, 0.2]])
    labels = np.array([0, 0, 1, 1, 0, 1])
    # thresholds: class 0 (0.9 + 0.7 + 0.4) / 3 = 0.667; class 1 (0.85 + 0.75 + 0.2) / 3 = 0.6
    found = odd_labels(head(np.log(given), labels))
    assert found.tolist() == [5, 4]  # margins -0.6 and -0.2


def test_planted_wrong_labels_are_found_and_few_others():
    random = np.random.default_rng(3)
    true = random.integers(0, 12, 1500)
    scores = random.normal(0, 1, (1500, 12))
    scores[np.arange(1500), true] += 5
    wrong = np.sort(random.choice(1500, 40, replace=False))
    labels = true.copy()
    labels[wrong] = (labels[wrong] + random.integers(1, 12, 40)) % 12
    found = odd_labels(head(scores, labels))
    assert len(np.intersect1d(found, wrong)) >= 25
    assert len(np.setdiff1d(found, wrong)) <= 5


def test_correct_confident_heads_and_a_class_without_clips_give_none():
    labels = np.array([0, 1, 1])
    scores = 8.0 * np.eye(3)[labels]
    assert odd_labels(head(scores, labels)).size == 0
    taken = np.add(
        scores, [[0, 0, 9], [0, 0, 0], [0, 0, 0]]
    )  # for a class that no clip is labelled with
    assert odd_labels(head(taken, labels)).size == 0
    assert odd_labels(head(np.zeros((1, 1)), np.zeros(1, int))).size == 0
