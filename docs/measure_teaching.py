"""Measure teaching on J-HMDB and print the tables of docs/teach.md.

    python -m docs.measure_teaching DIR --folds 3

DIR is the folder of J-HMDB. A draw takes ten classes of one fold, and 1, 3 or 5 clips of each.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from fusionscope.base.records import InputError, percent
from fusionscope.data.datasets import open_data
from fusionscope.nets.store.loading import load_network
from fusionscope.teaching.classifiers import fit_classifiers
from fusionscope.teaching.examples import Example, Options
from fusionscope.teaching.tower_maps import tower_maps
from fusionscope.video.clip import read_clip

CLASSES, COUNTS, DRAWS = 10, (1, 3, 5), 20
HEADS = ("appearance", "motion", "late", "fused")

_Two = tuple[list[Example], list[Example]]
Split = Callable[[Sequence[Example], int, np.random.Generator], _Two]
"""Clips of one class, number to teach, random numbers -> the clips taught and tested; or none."""


def other_sources(clips: Sequence[Example], count: int, random: np.random.Generator) -> _Two:
    """Keep one source for the test and take clips of the other sources in turn.

    All clips of the sources that were not taught are tested.
    """
    sources = random.permutation(sorted({clip.group for clip in clips})).tolist()
    left = {
        source: random.permutation([n for n, c in enumerate(clips) if c.group == source]).tolist()
        for source in sources[1:]
    }
    taught: list[int] = []
    while len(taught) < count and any(left.values()):
        taught += [numbers.pop() for numbers in left.values() if numbers][: count - len(taught)]
    if len(taught) < count:
        return [], []
    used = {clips[n].group for n in taught}
    return [clips[n] for n in taught], [clip for clip in clips if clip.group not in used]


def any_clips(clips: Sequence[Example], count: int, random: np.random.Generator) -> _Two:
    """Take clips at random and test on all others, those of the same source too."""
    if len(clips) <= count:
        return [], []
    order = random.permutation(len(clips)).tolist()
    return [clips[n] for n in order[:count]], [clips[n] for n in order[count:]]


def drawn(
    folds: Sequence[Sequence[Example]], split: Split, count: int, options: Options, seed: int = 0
) -> np.ndarray:
    """Accuracy of each head in each draw, (DRAWS, 4); each draw is from one fold."""
    random, found = np.random.default_rng(seed), []
    for _ in range(DRAWS):
        clips = folds[int(random.integers(len(folds)))]
        taught, tested, classes = [], [], []
        for label in random.permutation(sorted({clip.label for clip in clips})):
            own, other = split([clip for clip in clips if clip.label == label], count, random)
            if own and len(classes) < CLASSES:
                taught, tested = taught + own, tested + other
                classes.append(str(label))
        fitted = fit_classifiers(taught, classes, options)
        scores = fitted.scores([clip.maps for clip in tested])
        labels = np.array([classes.index(clip.label) for clip in tested])
        found.append([(scores[head].argmax(axis=1) == labels).mean() for head in HEADS])
    return np.array(found)


def print_table(folds: Sequence[Sequence[Example]], options: Options = Options()) -> None:  # noqa: B008
    """Print both tables: mean over draws, and fused minus the better stream with its error."""
    for title, split in (("Other sources", other_sources), ("Any other clips", any_clips)):
        print(f"| {title} | {' | '.join(HEADS)} | fused \N{MINUS SIGN} better stream |")
        print("|---" * 6 + "|")
        for count in COUNTS:
            shares = drawn(folds, split, count, options)
            mean = shares.mean(axis=0)
            gain = shares[:, 3] - shares[:, int(mean[:2].argmax())]
            error = gain.std(ddof=1) / len(gain) ** 0.5
            numbers = " | ".join(percent(share, 1) for share in mean)
            print(f"| {count} | {numbers} | {100 * gain.mean():+.1f} ± {100 * error:.1f} |")
        print()


def main() -> None:
    """Compute the maps of the folds' clips and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("root", type=Path)
    parser.add_argument("--folds", default="3")
    parser.add_argument("--model", default="jhmdb-conv3d")
    asked = parser.parse_args()
    network, folds = load_network(asked.model), []
    for fold in asked.folds.split(","):
        clips = []
        for item in open_data("jhmdb", asked.root).of((fold,)).items:
            try:
                maps = tower_maps(network, read_clip(item.path, start=0.0))
            except InputError as problem:
                print(f"{item.id} is skipped: {problem}", file=sys.stderr)
                continue
            clips.append(Example(item.label, maps, item.id, item.group))
        folds.append(clips)
    print_table(folds)


if __name__ == "__main__":
    main()
