"""Taught network: the fused classifier as a ``Network`` on the towers of another.

Unit k of its 1x1 conv fusion is the evidence for class k in a cell: the classifiers of both
streams, added. After the ReLU come the maximum over cells and a classifier that scales each unit
to the score of its class.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import torch

from fusionscope.card import Card
from fusionscope.nets.network import Network
from fusionscope.nets.store.loading import prepared_for_inference
from fusionscope.teaching.classifiers import Classifiers
from fusionscope.teaching.measured import Measured
from fusionscope.teaching.tower_maps import place_of


def taught_network(
    base: Network, classes: Sequence[str], clips: int, found: Classifiers
) -> Network:
    """Build the network; its towers share the memory of those of ``base``."""
    card = taught_card(base, classes, clips)
    place = card.place
    with torch.device("meta"):
        made = Network(card)
    weight = np.concatenate((found.spatial.weight, found.temporal.weight), axis=1)
    learned = {
        f"fusions.{place}.mix.weight": torch.tensor(weight)[..., None, None],
        f"fusions.{place}.mix.bias": torch.tensor(found.spatial.bias + found.temporal.bias),
        "spatial.stages.fc8.weight": found.scale["fused"]
        * torch.eye(len(classes))[..., None, None],
        "spatial.stages.fc8.bias": torch.zeros(len(classes)),
    }
    towers = base.state_dict()
    state = {name: learned.get(name, towers.get(name)) for name in made.state_dict()}
    made.load_state_dict(state, strict=True, assign=True)
    made.rgb_mean = base.rgb_mean
    count = sum(value.numel() for value in made.parameters())
    made.card = dataclasses.replace(card, parameters=count)
    return prepared_for_inference(made)


def measured_card(card: Card, name: str, found: Measured | None) -> Card:
    """The card with a name and with what was measured, if anything was."""
    card = dataclasses.replace(card, name=name)
    if found is None:
        return card
    how = {"test": "other clips", "clip": "one clip left out at a time"}
    words = how.get(found.how, "one group left out at a time")
    return dataclasses.replace(
        card,
        data=f"{card.data}; measured on {found.n} clips: {words}",
        accuracy=(("spatiotemporal", found.accuracy["fused"]),),
        tested=found.n,
    )


def taught_card(base: Network, classes: Sequence[str], clips: int) -> Card:
    """The card of a network that was taught ``classes`` on the towers of ``base``."""
    old = base.card
    return dataclasses.replace(
        old,
        name="taught",
        title="Taught: " + ", ".join(classes)[:60],
        labels=tuple(classes),
        fusion="conv",
        place=place_of(base),
        start="",
        units=len(classes),
        classifier="peak",
        pool="2d",
        keep_temporal=False,
        weights="",
        world="taught",
        data=f"{clips} clips of {len(classes)} classes, on the frozen towers of {old.name}",
        task="",
        accuracy=(),
        tested=0,
        by_seed=(),
        ceiling=(),
        by_shift=(),
        seed=None,
        recipe=f"fusionscope teach FOLDER --model {old.name}",
        sha256="",
    )
