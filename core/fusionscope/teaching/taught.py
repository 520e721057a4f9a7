"""Teach: classifiers of appearance, of motion and of both, learned on the frozen towers' maps.

Late fusion adds the log-probabilities of the two streams' classifiers. The fused classifier is a
conv fusion with a linear classifier, so it is a network like any other (``Taught.network``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
from scipy.special import log_softmax

from fusionscope.base.records import Progress, no_progress
from fusionscope.card import Card
from fusionscope.nets.network import Network
from fusionscope.nets.store.loading import save_network
from fusionscope.teaching import left_out
from fusionscope.teaching.classifiers import Classifiers, fit_classifiers
from fusionscope.teaching.examples import Example, Options, checked_examples
from fusionscope.teaching.learning_curve import CurvePoint, learning_curve
from fusionscope.teaching.measured import Measured, measured
from fusionscope.teaching.taught_network import measured_card, taught_network
from fusionscope.teaching.tower_maps import TowerMaps, tower_maps
from fusionscope.video.clip import Clip


@dataclass(frozen=True, eq=False, repr=False)
class Taught:
    """What was learned from the examples; ``teach`` makes one."""

    base: Network  # the network whose towers are used
    examples: tuple[Example, ...]
    classes: tuple[str, ...]  # K
    options: Options
    classifiers: Classifiers
    problems: Mapping[str, str] = field(default_factory=dict)  # clip -> why it was left aside

    def __repr__(self) -> str:
        return f"<Taught: {len(self.classes)} classes, {len(self.examples)} clips>"

    @cached_property
    def network(self) -> Network:
        """The fused classifier as a network; it shares the towers of ``base``."""
        return taught_network(self.base, self.classes, len(self.examples), self.classifiers)

    def scores(self, maps: Sequence[TowerMaps]) -> Mapping[str, np.ndarray]:
        """Head -> (n, K) scores before the softmax, for appearance, motion, late and fused."""
        return self.classifiers.scores(maps)

    def predict(self, clip: Clip | TowerMaps) -> dict[str, dict[str, float]]:
        """Head -> class -> probability, the most probable class first.

        Raises:
            InputError: the clip is too short.
        """
        maps = tower_maps(self.base, clip) if isinstance(clip, Clip) else clip
        found = {}
        for head, rows in self.scores([maps]).items():
            shares = np.exp(log_softmax(rows[0]))
            found[head] = {self.classes[k]: float(shares[k]) for k in np.argsort(-shares)}
        return found

    def left_out(self, by: str = "clip", progress: Progress = no_progress) -> Measured | None:
        """Measure on the examples themselves, each predicted by what the others teach.

        Args:
            by: ``clip``: one clip is left out at a time; ``group``: all clips of one group.
            progress: called as ``progress("left out", done)``, ``done`` in 0..1.

        Returns:
            None if nothing can be left out: a class would have no clip.
        """
        return left_out.left_out(self.examples, self.classes, self.options, by, progress)

    def learning_curve(self, progress: Progress = no_progress) -> list[CurvePoint]:
        """Accuracy against the number of clips of each class, tested on the clips left.

        Args:
            progress: called as ``progress("learning curve", done)``, ``done`` in 0..1.
        """
        return learning_curve(self.examples, self.classes, self.options, progress=progress)

    def measured_on(self, examples: Sequence[Example]) -> Measured:
        """Measure on clips that were not taught, of the classes that were."""
        scores = self.scores([example.maps for example in examples])
        return measured("test", self.classes, examples, scores)

    def save(self, folder: Path, name: str = "taught", found: Measured | None = None) -> Card:
        """Write the network as NAME.json and NAME.safetensors, and return its card.

        ``FUSIONSCOPE_MODELS`` may name the folder; then the network is listed as any other.

        Args:
            found: what was measured, for the card.
        """
        return save_network(self.network, measured_card(self.network.card, name, found), folder)


def teach(
    examples: Sequence[Example],
    network: Network,
    options: Options = Options(),  # noqa: B008  (frozen)
    problems: Mapping[str, str] | None = None,
) -> Taught:
    """Learn classes from clips.

    Args:
        examples: clips of two classes or more; ``Example.maps`` from this network's towers.
        problems: clips that could not be used, kept with the result.

    Raises:
        InputError: as ``checked_examples``, or the network cannot be taught.
    """
    classes = checked_examples(examples, network)
    found = fit_classifiers(examples, classes, options)
    return Taught(network, tuple(examples), classes, options, found, dict(problems or {}))
