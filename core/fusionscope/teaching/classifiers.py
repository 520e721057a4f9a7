"""Classifiers: appearance, motion and their fusion, learned from the same examples.

Each stream has a linear classifier, which gives evidence for every class in every cell. All scores
are formed alike: ReLU, maximum over cells, mean over chunks. Late fusion adds the streams'
log-probabilities, so each stream may find its evidence anywhere. The conv fusion adds the evidence
of both streams cell by cell, before the ReLU and the maximum: it has to be in the same place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import log_softmax

from fusionscope.base.streams import STREAMS
from fusionscope.teaching.examples import Example, Options, features
from fusionscope.teaching.linear import Linear, fit_linear, peak
from fusionscope.teaching.tower_maps import TowerMaps

PEAKS = ("appearance", "motion", "fused")
"""The classifiers that read evidence; late fusion reads their scores."""


@dataclass(frozen=True, eq=False)
class Classifiers:
    """The classifier of each stream; both together are the filter of the conv fusion."""

    spatial: Linear
    temporal: Linear
    scale: Mapping[str, float]  # of ``PEAKS``: score / peak of the evidence

    def scores(self, maps: Sequence[TowerMaps]) -> Mapping[str, np.ndarray]:
        """Head -> (n, K) scores before the softmax: appearance, motion, late, fused."""
        evidence = [_evidence(self.spatial, self.temporal, one) for one in maps]
        alone = {
            head: self.scale[head] * np.stack([peak(cells[at]) for cells in evidence])
            for at, head in enumerate(PEAKS)
        }
        fused = alone.pop("fused")
        late = sum(log_softmax(scores, axis=1) for scores in alone.values())
        return {**alone, "late": np.asarray(late), "fused": fused}


def fit_classifiers(
    examples: Sequence[Example], classes: Sequence[str], options: Options
) -> Classifiers:
    """Fit the classifiers to the examples."""
    views = (0, 1) if options.mirror else (0,)
    maps = [example.maps for example in examples]
    found = [features(maps, view) for view in views]
    wanted = np.tile([classes.index(example.label) for example in examples], len(views))
    spatial, temporal = (
        fit_linear(np.concatenate([one[s] for one in found]), wanted) for s in STREAMS
    )
    return Classifiers(spatial, temporal, _scales(spatial, temporal, maps))


def _evidence(spatial: Linear, temporal: Linear, maps: TowerMaps) -> tuple[np.ndarray, ...]:
    """Evidence of each of ``PEAKS``, (T, K, h, w)."""
    appearance = spatial.evidence(maps.spatial[0])
    motion = temporal.evidence(maps.temporal[0])
    return appearance, motion, appearance + motion


def _scales(spatial: Linear, temporal: Linear, maps: Sequence[TowerMaps]) -> dict[str, float]:
    """Scales with which peaks differ among classes as much as means over all cells do.

    The regression was fitted to the means, and its probabilities are as moderate as few clips
    allow; peaks are several times larger.
    """
    means: dict[str, list[np.ndarray]] = {head: [] for head in PEAKS}
    peaks: dict[str, list[np.ndarray]] = {head: [] for head in PEAKS}
    for one in maps:
        for head, cells in zip(PEAKS, _evidence(spatial, temporal, one), strict=True):
            means[head].append(cells.mean(axis=(0, 2, 3)))
            peaks[head].append(peak(cells))
    spread = {h: (np.std(means[h], axis=1).mean(), np.std(peaks[h], axis=1).mean()) for h in PEAKS}
    return {h: float(np.float16(mean / max(top, 1e-6))) for h, (mean, top) in spread.items()}
