"""Words of page Teach: what was learned and what is predicted, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fusionscope.base.numbers import class_name, listed, sentence_of
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
_TIE = 0.015  # probabilities of two classes that differ by less are shown as equal, or nearly so
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
        return f"On these {found.n} clips fusion is right as often as {found.better} alone."
    unclear = found.gain.chance > _CLEAR
    return f"{said}{': too few clips to tell whether that is chance' if unclear else ''}."


def prediction(predictions: Predictions) -> str:
    """What each classifier predicts, in a sentence with the classes in italics."""
    parts: dict[str, list[str]] = {}
    for head, title in (("appearance", "appearance"), ("motion", "motion"), ("fused", "fusion")):
        (label, p), (_, second), *_ = predictions[head].items()
        said = f"*{class_name(label).replace('*', '')}*" if p - second > _TIE else ""
        parts.setdefault(said, []).append(f"{title} ({p:.2f})")
    said = [
        f"{listed(heads)} {'predict' if len(heads) > 1 else 'predicts'} {label}"
        if label
        else f"{listed(heads)} cannot decide"
        for label, heads in parts.items()
    ]
    return sentence_of("; ".join(said))


def how(found: Measured) -> str:
    """What was left out at a time."""
    left = "all clips of one person or scene" if found.how == "group" else "one clip"
    return (
        f"Accuracy on {found.n} clips, {left} left out at a time, and 95 % interval (Wilson). "
        f"Line: chance ({percent(found.chance)})."
    )
