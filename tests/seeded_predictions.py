"""Predictions: seeded scores of a made-up data set with the size and shape of J-HMDB fold 3."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from fusionscope.evaluation.answers import Answers
from fusionscope.evaluation.predictions_file import Predictions, gathered, write_predictions

CLASSES = (
    *("brush_hair", "catch", "clap", "climb_stairs", "golf", "jump", "kick_ball", "pick", "pour"),
    *("pullup", "push", "run", "shoot_ball", "shoot_bow", "shoot_gun", "sit", "stand"),
    *("swing_baseball", "throw", "walk", "wave"),
)
COUNTS = (7, 6, 9, 8, 8, 8, 7, 8, 11, 12, 8, 8, 13, 10, 11, 8, 7, 7, 5, 8, 8)  # 177 clips
_ALIKE = (("catch", "throw"), ("run", "walk"), ("sit", "stand"), ("shoot_gun", "shoot_bow"))


def made_up(seed: int = 0) -> Predictions:
    """Two streams, late fusion and a fused network: six heads on 177 clips in 66 groups."""
    random = np.random.default_rng(seed)
    labels = np.repeat(np.arange(len(CLASSES)), COUNTS)
    n, k = len(labels), len(CLASSES)
    clips = tuple(
        f"{name}_{number:03d}"
        for name, count in zip(CLASSES, COUNTS, strict=True)
        for number in range(1, count + 1)
    )
    groups = tuple(f"g{at * 66 // n:03d}" for at in range(n))
    alike = np.eye(k)
    for pair in _ALIKE:
        one, other = map(CLASSES.index, pair)
        alike[one, other] = alike[other, one] = 0.8
    hard = random.normal(0, 0.8, n)

    def scores(signal: float) -> np.ndarray:
        noise = random.normal(0, 1.1, (n, k))
        return (signal - hard)[:, None] * alike[labels] + noise

    spatial, temporal = scores(2.7), scores(2.5)
    both = spatial + temporal + scores(1.4)
    kept = temporal + random.normal(0, 0.3, (n, k))
    shares = random.dirichlet((2, 2, 2), n)
    angle = 2 * np.pi * labels / k
    places = 20 * np.column_stack((np.cos(angle), np.sin(angle))) + random.normal(0, 3, (n, 2))
    paths = tuple(f"clips/{clip}.mp4" for clip in clips)

    def answers(model: str, head: str, given: np.ndarray, ledger: bool = False) -> Answers:
        split = (given[np.arange(n), labels] + 0.2)[:, None] * shares
        terms = np.column_stack((np.full(n, -0.2), split))
        about = (terms, places) if ledger else (None, None)
        return Answers(model, head, CLASSES, clips, labels, given, groups, paths, *about)

    return gathered(
        (
            answers("jhmdb-spatial", "spatial", spatial),
            answers("jhmdb-temporal", "temporal", temporal),
            answers("jhmdb-conv3d", "spatiotemporal", both, ledger=True),
            answers("jhmdb-conv3d", "temporal", kept),
            answers("jhmdb-conv3d", "average", (both + kept) / 2, ledger=True),
            answers("jhmdb-late", "average", (spatial + temporal) / 2),
        )
    )


if __name__ == "__main__":  # python -m tests.seeded_predictions FILE
    write_predictions(made_up(), Path(sys.argv[1]))
