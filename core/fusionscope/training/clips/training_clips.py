"""Training clips: the readable clips of some folds, and what is missing, named before training."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fusionscope.base.numbers import class_name
from fusionscope.base.records import InputError
from fusionscope.data.clip_cache import Kept, keep
from fusionscope.data.datasets import DataSet
from fusionscope.data.prepared.store import Store
from fusionscope.training.recipe import Recipe

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class TrainingClips:
    """The usable clips of some folds, and the numbers of those that are not usable."""

    folds: tuple[str, ...]
    clips: list[Kept]
    missing: int  # listed, but their files are not there
    unreadable: int
    short: int  # shorter than one flow stack

    @property
    def in_words(self) -> str:
        """For a network's card: how many clips of which folds, and how many are left out."""
        left_out = {
            "missing": self.missing,
            "unreadable": self.unreadable,
            "too short": self.short,
        }
        told = ", ".join(f"{count} {why}" for why, count in left_out.items() if count)
        folds = f"{len(self.clips)} clips of folds {', '.join(self.folds)}"
        return f"{folds} (left out: {told})" if told else folds


def training_clips(
    plan: Recipe, data: DataSet, folds: Sequence[str], cache: Path, store: Store | None = None
) -> TrainingClips:
    """Find the clips of some folds, prepared or in the cache; name those that are left out.

    Classes with one usable clip, or none, are named too.

    Raises:
        InputError: a fold does not exist, or none of its clips is usable.
    """
    part = data.of(folds)
    for clip, problem in part.problems.items():
        log.warning("%s is skipped: %s", clip, problem)
    if store:
        found, broken = store.clips(part.items)
        for clip, problem in broken.items():
            log.warning("%s is skipped: %s", clip, problem)
    else:
        found, broken = keep(part.items, cache / "clips", plan.card.flow)
    least = plan.card.stack + 1
    long = [clip for clip in found if len(clip.pictures()) >= least]
    for clip in {clip.item.id for clip in found} - {clip.item.id for clip in long}:
        log.warning("%s is skipped: it has fewer than %d frames", clip, least)
    result = TrainingClips(
        tuple(folds), long, len(part.missing), len(broken), len(found) - len(long)
    )
    log.info("%s", result.in_words)
    if not long:
        raise InputError(
            f"folds {', '.join(folds)} of {data.root} have no readable clip with at least "
            f"{least} frames"
        )
    _warn_of_rare(data, result)
    return result


def _warn_of_rare(data: DataSet, found: TrainingClips) -> None:
    count = Counter(clip.item.label for clip in found.clips)
    for label in data.labels:
        if count[label] < 2:
            log.warning(
                "the class %s has %s usable clip in folds %s",
                class_name(label), count[label] or "no", ", ".join(found.folds),
            )  # fmt: skip
