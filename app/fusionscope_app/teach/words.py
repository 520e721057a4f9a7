"""Words of page Teach: what was learned and what is predicted, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fusionscope.base.numbers import class_name
from fusionscope.base.records import percent

if TYPE_CHECKING:
    from fusionscope.teaching.measured import Measured
    from fusionscope_app.teach.results import Learned, Predictions

HEADS = ("appearance", "motion", "late", "fused")
TITLES = {
    "appearance": "appearance",
    "motion": "motion",
    "late": "late fusion",
    "fused": "conv fusion",
}
_CLEAR = 0.05  # the largest p-value of a difference that is called one
COLOURS = {"appearance": "appearance", "motion": "motion", "late": "ink", "fused": "fused"}


def verdict(learned: Learned) -> str:
    """What the left-out clips say about fusion, in one or two sentences."""
    found = learned.by_group or learned.by_clip
    if found is None:
        return (
            "Learned. A class has one clip only, so nothing can be left out to measure with: test "
            "it with new clips, or add a second clip to each class."
        )
    right = {head: percent(share) for head, share in found.accuracy.items()}
    said = (
        f"On clips left out: appearance {right['appearance']}, motion {right['motion']}, both by "
        f"conv fusion {right['fused']} (chance {percent(found.chance)})."
    )
    return f"{said} {_gain(found)}"


def _gain(found: Measured) -> str:
    few = [head for head in ("appearance", "motion", "fused") if head in found.too_few]
    if "fused" in few:
        return f"With {found.n} clips, too few to tell whether it is better than chance."
    gain = found.accuracy["fused"] - found.accuracy[found.better]
    points = f"{abs(100 * gain):.0f} points"
    if gain > 0:
        said = f"Fusion is {points} better than {found.better} alone"
    elif gain < 0:
        said = f"Fusion is {points} worse than {found.better} alone"
    else:
        return f"Fusion is as good as {found.better} alone."
    unclear = found.gain.chance > _CLEAR
    return f"{said}{': too few clips to tell whether that is chance' if unclear else ''}."


def prediction(predictions: Predictions) -> str:
    """Whether the streams agree, in a sentence with the classes in italics."""
    first = {head: next(iter(found.items())) for head, found in predictions.items()}
    (a, p_a), (m, p_m), (f, p_f) = (first[head] for head in ("appearance", "motion", "fused"))
    a, m, f = (class_name(one).replace("*", "") for one in (a, m, f))
    if a == m == f:
        return f"All agree: *{f}* ({p_f:.2f} with both)."
    streams = (
        f"Appearance predicts *{a}* ({p_a:.2f}), motion *{m}* ({p_m:.2f})"
        if a != m
        else f"Appearance and motion predict *{a}*"
    )
    return f"{streams}; both together, *{f}* ({p_f:.2f})."


def how(found: Measured) -> str:
    """What was left out at a time."""
    left = "all clips of one person or scene" if found.how == "group" else "one clip"
    return (
        f"Accuracy on {found.n} clips, {left} left out at a time, and 95 % interval (Wilson). "
        f"Line: chance ({percent(found.chance)})."
    )
