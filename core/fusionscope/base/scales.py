"""Scales: limits of colours and curves that one outlier does not set, and shares in words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def robust_limit(values: np.ndarray | Sequence[float]) -> float:
    """The largest magnitude on a scale: that of the values, unless it is an outlier.

    It is an outlier if it is more than twice the 99th percentile of the magnitudes other than 0.
    The limit is then that percentile, and what lies beyond is drawn like the limit.
    """
    sizes = np.abs(np.asarray(values)).ravel()
    sizes = sizes[sizes > 0]
    if not sizes.size:
        return 0.0
    most, usual = float(sizes.max()), float(np.percentile(sizes, 99, method="lower"))
    return usual if most > 2 * usual else most


def signed_scale(most: float) -> tuple[float, float]:
    """A scale with 0 in the middle that reaches ``most`` both ways; byte 127 is exactly 0."""
    most = max(most, 1e-6)
    return -most, most * 128 / 127


def shared_scale(scales: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The scale of several maps: 0 is in its middle if it is in the middle of one of them."""
    if all(low == 0 for low, _ in scales):
        return 0.0, max(high for _, high in scales)
    return signed_scale(max(-low if low < 0 else high for low, high in scales))


def share_words(share: float) -> str:
    """A share as a percentage with one decimal; what would round to zero is under 0.1 %."""
    return "under 0.1 %" if 0 < share < 0.0005 else f"{100 * share:.1f} %"
