"""Recipe: how one network is trained on a data set.

``recipe_file.py`` reads it from ``checkpoints/NAME.toml`` or a file of the user's.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Annotated

from fusionscope.card import Card

DATA_FIELDS = ("data", "split", "learn", "watch", "test", "protocol")
"""The fields of a recipe in its section ``[data]``; the others are in ``[train]``."""


@dataclass(frozen=True)
class Recipe:
    """A network and how it is trained; each field has its description, shown in the documents."""

    card: Card
    data: Annotated[str, "kind of the data set"] = "jhmdb"  # one of datasets.READERS
    split: Annotated[int, "split of UCF101 or HMDB51: 1, 2 or 3"] = 1
    learn: Annotated[tuple[str, ...], "folds for training"] = ("0", "1", "2")
    watch: Annotated[tuple[str, ...], "folds for validation, to keep the best weights"] = ()
    test: Annotated[tuple[str, ...], "folds for testing"] = ("3",)
    protocol: Annotated[
        str, "test protocol: fast (1 run per clip) or dense (the paper's 20 runs, also mirrored)"
    ] = "fast"
    spatial: Annotated[
        str, "first weights of the spatial tower: imagenet, a network's name, or empty for random"
    ] = "imagenet"
    temporal: Annotated[str, "first weights of the temporal tower, likewise"] = "imagenet"
    chunks: Annotated[int, "chunks of a training sample, T"] = 1
    spacing: Annotated[
        tuple[int, ...],
        "least and greatest distance of chunks, drawn anew for each sample (frames)",
    ] = (1, 10)
    crop: Annotated[int, "side of the input in training (pixels)"] = 160
    shown: Annotated[int, "short side of the clip at the scale of the crops (pixels)"] = 192
    jitter: Annotated[float, "width and height of crops vary by up to this share, separately"] = (
        0.25
    )
    border: Annotated[
        float, "crops lie within this share of the free space from a border; 0: anywhere"
    ] = 0.0
    epochs: Annotated[int, "passes over the clips; 0: only the probe is trained"] = 60
    batch: Annotated[int, "clips of a step, over all processes"] = 32
    accumulate: Annotated[
        int, "parts of a batch that are computed one after another, to save memory"
    ] = 1
    optimiser: Annotated[str, "adamw or sgd"] = "adamw"
    momentum: Annotated[float, "momentum of sgd"] = 0.9
    rate: Annotated[float, "highest learning rate"] = 1.5e-3
    schedule: Annotated[
        str, "cosine: the rate decreases to 0 as a cosine; step: it is divided at each drop"
    ] = "cosine"
    drops: Annotated[tuple[float, ...], "epochs after which the rate of a step schedule drops"] = ()
    drop: Annotated[float, "factor of the rate at each drop"] = 0.1
    warm: Annotated[float, "share of the steps with an increasing rate, at the start"] = 0.1
    bias_rate: Annotated[float, "rate factor of biases"] = 1.0
    towers: Annotated[
        float, "rate factor up to the last fusion, or to fc8 without one; 0: frozen"
    ] = 1.0
    norms: Annotated[bool, "the towers' batch norms use the statistics of the clips"] = True
    decay: Annotated[float, "weight decay, of filters only"] = 0.05
    clip: Annotated[float, "largest norm of the gradient; 0: no limit"] = 5.0
    balanced: Annotated[
        bool, "a clip's loss is weighted by the inverse of its class's frequency"
    ] = False
    probe: Annotated[
        float, "C of the logistic regression that initialises fc8; 0: a random fc8"
    ] = 0.0
    smoothing: Annotated[float, "label smoothing"] = 0.1
    average: Annotated[
        float, "decay of the running mean of the weights; 0: the last weights are kept"
    ] = 0.0
    whole: Annotated[
        bool, "clips as in inference, mirrored every other epoch: no crops or colours"
    ] = False
    colour: Annotated[float, "brightness, contrast and saturation vary by up to this share"] = 0.0
    mixup: Annotated[float, "alpha of the share of a second clip; 0: no mixup"] = 0.0
    ways: Annotated[int, "number of fixed variants of each clip; 0: a new one each epoch"] = 0
    dropout: Annotated[float, "rate of all dropout layers"] = 0.2
    moddrop: Annotated[
        float, "share of clips without motion, when a fusion is trained on stored maps"
    ] = 0.0
    temperature: Annotated[tuple[float, ...], "divisor of each head's scores; empty: none"] = ()
    seed: Annotated[int, "seed of first weights, order, crops and dropout"] = 0
    precision: Annotated[str, "no (float32), bf16 or fp16 (on GPUs only)"] = "no"
    text: str = field(default="", repr=False, compare=False)  # the file it was read from

    @property
    def name(self) -> str:
        """The network's name."""
        return self.card.name

    @property
    def steps_follow_from(self) -> str:
        """All settings that determine the training steps, as comparable text."""
        card = dataclasses.replace(self.card, name="", title="", recipe="", licence="")
        plan = dataclasses.replace(self, card=card, test=(), temperature=(), protocol="fast")
        return repr(plan)
