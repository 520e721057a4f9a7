"""Trial values: what a lesson can quote of the heads that page Errors compares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:  # scikit-learn is imported when a lesson needs it
    from fusionscope.evaluation.head_trial import HeadTrial

TrialValue = tuple[str, str, Callable[[Any], float | str]]


def _share(role: str) -> Callable[[HeadTrial], float]:
    return lambda trial: float(trial.roles[role].right.mean())


def _part(name: str) -> Callable[[HeadTrial], int]:
    def of(trial: HeadTrial) -> int:
        from fusionscope.evaluation.statistics import PARTS

        return int(PARTS[name](trial).sum())

    return of


def _all_wrong(trial: HeadTrial) -> int:
    return int((~(trial.spatial.right | trial.temporal.right | trial.fused.right)).sum())


def _accuracies(trial: HeadTrial) -> np.ndarray:
    """Accuracy of the fused head by class; 2 for a class without clips, so that it is last."""
    from fusionscope.evaluation.statistics import per_class

    return np.nan_to_num(per_class(trial.fused), nan=2.0)


def _worst(trial: HeadTrial) -> int:
    return int(_accuracies(trial).argmin())


def _sure(right: bool) -> Callable[[HeadTrial], float]:
    return lambda trial: float(trial.fused.sure[trial.fused.right == right].mean())


TRIAL_VALUES: Mapping[str, TrialValue] = MappingProxyType(
    {
        "clips": ("number of clips", "count", lambda trial: len(trial.labels)),
        "appearance.share": ("accuracy of the appearance head", "share", _share("spatial")),
        "motion.share": ("accuracy of the motion head", "share", _share("temporal")),
        "fused.share": ("accuracy of the fused head", "share", _share("fused")),
        "late.share": ("accuracy of late fusion", "share", _share("late")),
        "rescued": ("clips that only fusion predicts correctly", "count", _part("rescued")),
        "hurt": ("clips that a stream predicts correctly, and fusion not", "count", _part("hurt")),
        "all_wrong": ("clips that all three heads get wrong", "count", _all_wrong),
        "worst.class": (
            "class that the fused head predicts worst",
            "class",
            lambda trial: trial.classes[_worst(trial)],
        ),
        "worst.share": (
            "accuracy of the fused head in that class",
            "share",
            lambda trial: float(_accuracies(trial)[_worst(trial)]),
        ),
        "sure.right": (
            "mean confidence of the fused head where it is correct",
            "probability",
            _sure(True),
        ),
        "sure.wrong": (
            "mean confidence of the fused head where it is wrong",
            "probability",
            _sure(False),
        ),
    }
)
"""Name -> what it is, its form, and its value of a trial."""
