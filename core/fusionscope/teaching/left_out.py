"""Left out: each clip predicted by classifiers that were learned from the others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fusionscope.base.records import Progress, no_progress
from fusionscope.teaching.classifiers import fit_classifiers
from fusionscope.teaching.examples import Example, Options
from fusionscope.teaching.measured import Measured, measured


def left_out(
    examples: Sequence[Example],
    classes: Sequence[str],
    options: Options,
    by: str = "clip",
    progress: Progress = no_progress,
) -> Measured | None:
    """Measure by leaving out one clip, or one group, at a time, and learning from the others.

    Args:
        by: ``clip``, or ``group``: clips without a group are left out alone.
        progress: called as ``progress("left out", done)``, ``done`` in 0..1.

    Returns:
        None if nothing can be left out, because a class would have no clip.
    """
    rows: dict[str, dict[int, np.ndarray]] = {}
    skipped: list[str] = []
    parts = _parts(examples, by)
    for done, part in enumerate(parts, start=1):
        kept = [example for number, example in enumerate(examples) if number not in part]
        asked = [examples[number] for number in part]
        if {example.label for example in kept} < {*classes}:
            skipped += [example.id for example in asked]
        else:
            found = fit_classifiers(kept, classes, options)
            for head, scores in found.scores([example.maps for example in asked]).items():
                rows.setdefault(head, {}).update(zip(part, scores, strict=True))
        progress("left out", done / len(parts))
    if not rows:
        return None
    order = sorted(rows["fused"])
    scores = {head: np.stack([by_row[n] for n in order]) for head, by_row in rows.items()}
    return measured(by, classes, [examples[n] for n in order], scores, skipped)


def _parts(examples: Sequence[Example], by: str) -> list[list[int]]:
    """Numbers of the examples that are left out together."""
    parts: dict[tuple[str, int], list[int]] = {}
    for number, example in enumerate(examples):
        together = by == "group" and example.group
        parts.setdefault((example.group, -1) if together else ("", number), []).append(number)
    return [*parts.values()]
