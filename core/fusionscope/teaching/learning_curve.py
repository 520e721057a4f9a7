"""Learning curve: accuracy on the clips left, against the number of clips taught of each class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fusionscope.base.records import Progress, no_progress
from fusionscope.teaching.classifiers import fit_classifiers
from fusionscope.teaching.examples import Example, Options
from fusionscope.teaching.measured import Measured, measured

STEPS = (1, 2, 3, 5, 7, 10, 15, 20)
DRAWS = 5


@dataclass(frozen=True)
class CurvePoint:
    """Mean over draws of what was measured with so many clips of each class."""

    clips: int  # of each class
    draws: int
    tested: int  # clips tested in each draw
    accuracy: Mapping[str, float]  # head -> 0..1


def learning_curve(
    examples: Sequence[Example],
    classes: Sequence[str],
    options: Options,
    draws: int = DRAWS,
    progress: Progress = no_progress,
) -> list[CurvePoint]:
    """Teach 1, 2, 3, 5, ... clips of each class, drawn at random, and test on the others.

    Every class keeps at least one clip to be tested on. Empty if a class has only one clip.

    Args:
        progress: called as ``progress("learning curve", done)``, ``done`` in 0..1.
    """
    least = min(sum(example.label == label for example in examples) for label in classes)
    counts = [count for count in STEPS if count < least]
    random, points = np.random.default_rng(0), []
    for done, count in enumerate(counts, start=1):
        found = [draw(examples, classes, options, count, random) for _ in range(draws)]
        accuracy = {h: float(np.mean([one.accuracy[h] for one in found])) for h in found[0].heads}
        points.append(CurvePoint(count, draws, found[0].n, accuracy))
        progress("learning curve", done / len(counts))
    return points


def draw(
    examples: Sequence[Example],
    classes: Sequence[str],
    options: Options,
    count: int,
    random: np.random.Generator,
) -> Measured:
    """Teach ``count`` clips of each class, drawn at random, and measure on all others."""
    taught: set[int] = set()
    for label in classes:
        own = [number for number, example in enumerate(examples) if example.label == label]
        taught.update(random.choice(own, count, replace=False).tolist())
    found = fit_classifiers([examples[number] for number in sorted(taught)], classes, options)
    rest = [example for number, example in enumerate(examples) if number not in taught]
    return measured("test", classes, rest, found.scores([example.maps for example in rest]))
