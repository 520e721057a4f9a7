"""Card: everything needed to build one network and interpret its output, stored as JSON."""

from __future__ import annotations

import dataclasses
import json
import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from fusionscope.base.atomic_file import atomic_write
from fusionscope.base.numbers import share_interval
from fusionscope.base.records import InputError, printable
from fusionscope.base.streams import STREAMS
from fusionscope.base.user_files import read_text


@dataclass(frozen=True)
class Card:
    """The configuration of a network; vary it with ``dataclasses.replace(card, chunks=8)``."""

    name: str
    title: Annotated[str, "display name"]
    labels: tuple[str, ...]  # K of them, in the order of the logits
    spatial: Annotated[
        str | None, "tower of the spatial stream; without one, the network has no such stream"
    ] = None
    temporal: Annotated[str | None, "tower of the temporal stream, likewise"] = None
    fusion: Annotated[
        str | None, "fusion operator; without one, predictions are averaged at most"
    ] = None
    place: Annotated[str, "stage after which the streams are fused; several are joined by +"] = ""
    start: Annotated[str, "initialisation of a learned fusion; empty: the operator's default"] = ""
    units: Annotated[int, "output channels of a learned fusion; 0: as many as a stream has"] = 0
    classifier: Annotated[
        str,
        "after the last fusion: linear: one filter on each cell; peak: one filter on each "
        "channel's maximum over cells; empty: the spatial tower's later stages",
    ] = ""
    pool: Annotated[
        str, "2d: predictions averaged over chunks; 3d: features max-pooled over chunks"
    ] = "2d"
    keep_temporal: Annotated[
        bool, "the temporal tower continues to its own head after the fusion"
    ] = True
    chunks: Annotated[int, "chunks of a clip in inference, T"] = 5
    stack: Annotated[int, "flow fields of a chunk, L"] = 10
    size: Annotated[int, "short side of the input (pixels)"] = 224
    flow: Annotated[str, "flow method"] = "dis"
    rgb_mean: Annotated[
        tuple[float, float, float], "mean of R, G and B; the input is (x - mean) / scale"
    ] = (128.0, 128.0, 128.0)
    rgb_scale: Annotated[
        float | tuple[float, float, float], "divisor of all channels, or of R, G and B"
    ] = 1.0
    flow_mean: Annotated[float, "value of zero flow"] = 128.0
    flow_scale: Annotated[float, "divisor of flow"] = 1.0
    weights: Annotated[
        str,
        "empty: a file of its own; NAME+NAME: the towers of these networks; imagenet: ImageNet "
        "towers, an initialised fusion and an untrained classifier",
    ] = ""
    world: str = ""  # training data: toybox, jhmdb, ...; empty: untrained
    data: str = ""  # description of the training and test data
    task: Annotated[str, "the task in one line; empty: that of its data set"] = ""
    accuracy: tuple[tuple[str, float], ...] = ()  # by head, in 0..1, on the test data
    tested: int = 0  # clips on which the accuracy was measured; 0: unknown
    by_seed: tuple[tuple[str, tuple[float, ...]], ...] = ()  # accuracy by head: seed 0, 1, ...
    ceiling: tuple[tuple[str, float], ...] = ()  # best possible accuracy by head, if proved
    by_shift: tuple[float, ...] = ()  # fused head's accuracy, motion shifted right 0, 1, ... cells
    parameters: int = 0
    seed: int | None = None
    recipe: str = ""  # the command that reproduces its training
    licence: Annotated[str, "licence of the weights; empty: not stated"] = ""
    sha256: str = ""  # of the weights' file

    @property
    def backbone(self) -> str:
        """Display name of the towers: one name if both streams use the same."""
        names = [name for name in (self.spatial, self.temporal) if name]
        return " + ".join(dict.fromkeys(names))

    @property
    def taught(self) -> bool:
        """Whether its classifier is trained; if not, its predictions are meaningless."""
        return self.weights != "imagenet"

    @property
    def places(self) -> tuple[str, ...]:
        """The stages after which features are fused; empty if only predictions are."""
        if self.fusion is None or self.place == "softmax":
            return ()
        return tuple(self.place.split("+"))

    @property
    def streams(self) -> tuple[str, ...]:
        """The streams for which it has a tower."""
        return tuple(stream for stream in STREAMS if getattr(self, stream))

    @property
    def heads(self) -> tuple[str, ...]:
        """Names of the network's heads, in display order."""
        if not self.places:
            return self.streams
        return ("spatiotemporal", "temporal") if self.keep_temporal else ("spatiotemporal",)

    @property
    def final(self) -> tuple[float | None, float | None]:
        """Accuracy and ceiling of the network's final prediction; None if unknown."""
        heads = dict(self.accuracy)
        head = "average" if "average" in heads else next(iter(heads), "")
        return heads.get(head), dict(self.ceiling).get(head)

    @property
    def guesses(self) -> tuple[str, ...]:
        """Heads that are no better than chance: by proof, or on the test clips (95 % interval)."""
        chance = 1 / len(self.labels)
        found = [head for head, limit in self.ceiling if limit <= chance]
        found += [
            head
            for head, share in self.accuracy
            if self.tested and share_interval(share, self.tested)[0] <= chance
        ]
        return tuple(dict.fromkeys(found))


def write_card(card: Card, path: Path) -> None:
    """Write a card as JSON, one field per line."""
    text = json.dumps(dataclasses.asdict(card), indent=1, ensure_ascii=False)
    with atomic_write(path) as unfinished:
        unfinished.write_text(text + "\n", "utf-8")


def read_card(path: Path) -> Card:
    """Read a card from a JSON file.

    Raises:
        InputError: it is not JSON, or a field is missing, unknown or invalid.
    """
    try:
        fields: dict[str, Any] = json.loads(read_text(path))
        return checked(Card(**{key: _frozen(value) for key, value in fields.items()}))
    except (ValueError, TypeError, AttributeError, RecursionError) as problem:
        reason = str(problem).removeprefix("Card.__init__() ")
        raise InputError(f"{path.name} is not a fusionscope card: {reason}") from problem


def _frozen(value: Any) -> Any:
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value


def checked(card: Card) -> Card:
    """Return the card if all its fields are valid.

    Raises:
        InputError: a field is invalid; names it.
    """
    for name, kind in _kinds().items():
        value = getattr(card, name)
        if not _fits(value, kind):
            raise InputError(f"the field {name} is {str(value)[:40]!r}; needed: {_text_of(kind)}")
    if not card.labels or len(set(card.labels)) < len(card.labels):
        raise InputError("the labels are empty or not unique; needed: one for each class")
    for name, text in ((name, getattr(card, name)) for name in _kinds()):
        most = _LONGEST.get(name, 200)
        if isinstance(text, str) and (len(text) > most or not text.isprintable()):
            raise InputError(
                f"the field {name} is {printable(text)!r}; "
                f"needed: at most {most} printable characters"
            )
    if card.pool not in ("2d", "3d"):
        raise InputError(f"the field pool is {printable(card.pool)!r}; needed: 2d or 3d")
    if card.classifier not in ("", "linear", "peak"):
        found = printable(card.classifier)
        raise InputError(f"the field classifier is {found!r}; needed: linear, peak or nothing")
    for name in ("rgb_mean", "rgb_scale", "flow_mean", "flow_scale"):
        numbers = getattr(card, name)
        if max(map(abs, numbers if isinstance(numbers, tuple) else (numbers,))) > 1e6:
            raise InputError(f"the field {name} exceeds a million; needed: pixel values, 0 to 255")
    for name, what in (("tested", "clips"), ("units", "channels")):
        if getattr(card, name) < 0:
            found = getattr(card, name)
            raise InputError(f"the field {name} is {found}; needed: a number of {what}, or 0")
    for name, most in _MOST.items():
        if not 1 <= getattr(card, name) <= most:
            raise InputError(f"the field {name} is {getattr(card, name)}; needed: 1 to {most}")
    scale = card.rgb_scale
    if not all(scale if isinstance(scale, tuple) else (scale,)) or not card.flow_scale:
        raise InputError("rgb_scale or flow_scale is 0; needed: a divisor other than 0")
    return card


_LONGEST = {"data": 2000, "recipe": 2000, "task": 300}  # characters
_MOST = {"chunks": 256, "stack": 256, "size": 2048}


@cache
def _kinds() -> dict[str, Any]:
    return get_type_hints(Card)


def _text_of(kind: Any) -> str:
    return kind.__name__ if isinstance(kind, type) and not get_args(kind) else str(kind)


def _fits(value: Any, kind: Any) -> bool:
    """Whether a value has a type: str, int, float, a tuple of types, or one of several."""
    parts = get_args(kind)
    if get_origin(kind) is tuple:
        if not isinstance(value, tuple):
            return False
        if parts[-1] is ...:
            return all(_fits(item, parts[0]) for item in value)
        return len(value) == len(parts) and all(map(_fits, value, parts))
    if parts:
        return any(_fits(value, part) for part in parts)
    if kind is float:
        return type(value) in (int, float) and math.isfinite(value)
    return type(value) is kind
