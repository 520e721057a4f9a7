"""Plans: how one network is trained on a data set, as a file of its own: ``checkpoints/NAME.toml``.

``[card]`` holds fields of the card, ``[data]`` what is learned from and measured on, ``[train]``
the fields of ``Plan``.
"""

from __future__ import annotations

import dataclasses
import math
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.card import Card, checked
from core.records import InputError

_LATER = ("learned",)  # labels that are the data set's, and known when that is opened


@dataclass(frozen=True)
class Plan:
    """A network without weights, and how it gets them. Numbers are a step's unless they say so."""

    card: Card
    data: str = "jhmdb"  # one of datasets.READERS
    split: int = 1  # of UCF101 and HMDB51
    learn: tuple[str, ...] = ("0", "1", "2")  # folds
    watch: tuple[str, ...] = ()  # folds looked at on the way, to keep the best of them
    test: tuple[str, ...] = ("3",)
    spatial: str = "imagenet"  # where a tower's first weights are from: imagenet, or a network
    temporal: str = "imagenet"
    chunks: int = 1  # seen of a clip at a time
    crop: int = 160  # pixels, the side of what is fed
    shown: int = 192  # pixels: the clip's short side at which crops of that size would be cut
    epochs: int = 60  # passes over the clips; 0: what the probe finds is all
    batch: int = 32  # clips, of all processes together
    rate: float = 1.5e-3  # AdamW's highest
    towers: float = 1.0  # times the rate, up to the fusion, or to fc8 without one; 0: frozen
    norms: bool = True  # the towers' batch norms take their statistics from the clips
    probe: float = 0.0  # C of the logistic regression that a stream's fc8 starts from; 0: at random
    warm: float = 0.1  # share of the steps in which the rate rises; then it falls as a cosine
    decay: float = 0.05
    smoothing: float = 0.1  # of the labels
    average: float = 0.0  # decay of the running mean of the weights; 0: the last weights are kept
    whole: bool = False  # clips are shown as in use, every other time mirrored: no crops or colours
    jitter: float = 0.25  # crops are wider and higher by up to this share, each on its own
    colour: float = 0.0  # brightness, contrast and saturation change by up to this share
    mixup: float = 0.0  # alpha of the share of a second clip; 0: none
    ways: int = 0  # to show each clip, seen again and again; 0: a new one each epoch
    dropout: float = 0.2
    moddrop: float = 0.0  # share of clips whose motion is kept from a fusion that learns on maps
    temperature: tuple[float, ...] = ()  # each head's scores are divided by one; empty: by none
    seed: int = 0
    precision: str = "no"  # no, bf16, fp16: accelerate's mixed precision

    @property
    def name(self) -> str:
        """The network's name."""
        return self.card.name

    @property
    def steps_follow_from(self) -> str:
        """All that the steps of a training follow from, in words that can be compared."""
        card = dataclasses.replace(self.card, name="", title="", recipe="")
        return repr(dataclasses.replace(self, card=card, test=(), temperature=()))


def read_plan(path: Path) -> Plan:
    """Read a recipe.

    Raises:
        InputError: it is no TOML, or has a field that there is not, or a value that cannot be.
    """
    try:
        parts = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise InputError(f"{path.name} cannot be read as a recipe: {problem}") from problem
    odd = parts.keys() - {"card", "data", "train"}
    if odd:
        raise InputError(
            f"{path.name} has a part {min(odd)!r}; needed: [card], [data] and [train] alone"
        )
    card = {"name": path.stem, "labels": _LATER, **_tuples(parts.get("card", {}))}
    fields = _tuples({**parts.get("data", {}), **parts.get("train", {})})
    try:
        plan = Plan(checked(Card(**card)), **fields)
    except TypeError as problem:
        said = re.sub(
            r"\w+\.__init__\(\) got an unexpected keyword argument", "has no field", str(problem)
        )
        raise InputError(f"{path.name} is no recipe: it {said}") from problem
    _check(plan, path.name)
    return plan


def _tuples(fields: dict[str, Any]) -> dict[str, Any]:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in fields.items()}


def _check(plan: Plan, name: str) -> None:
    defaults = {field.name: field.default for field in dataclasses.fields(Plan)}
    for field, default in defaults.items():
        value = getattr(plan, field)
        kinds = (int, float) if type(default) is float else type(default)
        if field != "card" and (
            not isinstance(value, kinds) or isinstance(value, bool) is not (kinds is bool)
        ):
            raise InputError(f"{name}: {field} is {value!r}; needed: one like {default!r}")
    for field in ("learn", "watch", "test"):
        value = getattr(plan, field)
        if not all(isinstance(fold, str) for fold in value):
            raise InputError(f"{name}: {field} is {value!r}; needed: names in quotes")
    if not plan.epochs and not plan.probe:
        raise InputError(f"{name}: epochs is 0; needed: 1 or more, or a probe")
    for field in ("chunks", "crop", "shown", "batch"):
        if getattr(plan, field) < 1:
            raise InputError(f"{name}: {field} is {getattr(plan, field)}; needed: 1 or more")
    if plan.ways and (plan.towers or not plan.card.places or plan.ways < 0):
        raise InputError(
            f"{name}: ways is {plan.ways}; needed: 0, unless towers that meet at a layer are "
            "frozen (towers = 0)"
        )
    if plan.whole and plan.mixup:
        raise InputError(f"{name}: whole clips are shown as they are; needed: no mixup, colour")
    if plan.moddrop and not plan.ways:
        raise InputError(f"{name}: moddrop is {plan.moddrop}; needed: 0, unless ways is set")
    for field in ("epochs", "rate", "towers", "decay", "probe", "mixup"):
        if not 0 <= getattr(plan, field) < math.inf:
            raise InputError(f"{name}: {field} is {getattr(plan, field)}; needed: 0 or more")
    for field in ("warm", "smoothing", "average", "jitter", "colour", "dropout", "moddrop"):
        if not 0 <= getattr(plan, field) < 1:
            raise InputError(
                f"{name}: {field} is {getattr(plan, field)}; needed: 0 or more, and less than 1"
            )
    numbers = all(isinstance(value, (int, float)) and value > 0 for value in plan.temperature)
    if plan.temperature and (not numbers or len(plan.temperature) != len(plan.card.heads)):
        raise InputError(
            f"{name}: temperature is {plan.temperature}; needed: a number above 0 for each of the "
            f"heads {', '.join(plan.card.heads)}"
        )
    shared = set(plan.learn) & (set(plan.test) | set(plan.watch)) | set(plan.watch) & set(plan.test)
    if shared:
        raise InputError(f"{name}: fold {min(shared)} is both learned from and looked at")
