"""Blending: final weights drawn back towards the first ones, between which the loss is low.

Half way, a fine-tuned network keeps what it learned and much of what it began with, and does better
on what neither saw (Wortsman et al., "Robust fine-tuning of zero-shot models", CVPR 2022).
"""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor


def blended(
    first: Mapping[str, Tensor], last: Mapping[str, Tensor], share: float
) -> dict[str, Tensor]:
    """Two states of one network -> ``share`` of the first and the rest of the last.

    Whole numbers (how many batches a norm has seen) are the last one's.
    """
    return {
        name: value.lerp(first[name].to(value), share) if value.is_floating_point() else value
        for name, value in last.items()
    }
