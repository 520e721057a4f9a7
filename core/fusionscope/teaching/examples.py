"""Examples: clips with their classes, as maps of the frozen towers, and what is learned from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fusionscope.base.records import InputError, printable
from fusionscope.base.streams import STREAMS
from fusionscope.nets.network import Network
from fusionscope.teaching.tower_maps import TowerMaps, towers_digest


@dataclass(frozen=True, eq=False)
class Example:
    """One clip of one class."""

    label: str
    maps: TowerMaps
    id: str  # unique among the examples
    group: str = ""  # the person or the sitting; empty: unknown


@dataclass(frozen=True)
class Options:
    """How a network is taught."""

    mirror: bool = True  # also learn from mirrored copies; off if left and right are the classes


def checked_examples(examples: Sequence[Example], network: Network) -> tuple[str, ...]:
    """The classes of the examples, in the order of their first clips.

    Raises:
        InputError: fewer than two classes, one id twice, or maps of another network's towers.
    """
    labels = tuple(dict.fromkeys(example.label for example in examples))
    if len(labels) < 2:
        found = f"one class ({printable(labels[0])})" if labels else "no clip"
        raise InputError(f"there is {found}; needed: two classes or more, with a clip each")
    if len({example.id for example in examples}) < len(examples):
        raise InputError("two clips have the same name; needed: each once")
    towers = towers_digest(network)
    for example in examples:
        if example.maps.towers != towers:
            raise InputError(
                f"the maps of {printable(example.id)} are from other towers than those of "
                f"{network.card.title}; needed: maps of this network"
            )
    return labels


def features(maps: Sequence[TowerMaps], view: int = 0) -> dict[str, np.ndarray]:
    """Stream -> (n, C) mean of a clip's maps over chunks and cells.

    Args:
        view: 0: the clip as it is; 1: mirrored.
    """
    return {stream: np.stack([one.means[stream][view] for one in maps]) for stream in STREAMS}
