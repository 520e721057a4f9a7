"""Conversion: turn the layers of one file, or of two base streams, into a card and weights."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from fusionscope.base.records import InputError
from fusionscope.card import Card
from fusionscope.nets.matconvnet.fusion import FileFusion, mixed, read_fusion
from fusionscope.nets.matconvnet.layer_graph import Graph, Layer
from fusionscope.nets.matconvnet.normalisation import means, pooling
from fusionscope.nets.matconvnet.streams import Fork, Row, part
from fusionscope.nets.matconvnet.tower_layers import Bend, Step, steps
from fusionscope.nets.matconvnet.weight_fit import Fitting, sides
from fusionscope.nets.network import Network
from fusionscope.nets.towers.registry import build_tower

_BY_FIRST_FILTER = {
    (7, 96): "vgg-m-2048",
    (7, 32): "vgg-m-mini",
    (3, 64): "vgg-16",
    (7, 64): "resnet-50",
}
"""Height and number of the first filters -> tower; all other layers are checked afterwards."""

_SIZES = {"vgg-m-mini": 112}  # if the file does not specify it; else 224
_WORLDS = {101: "UCF101", 51: "HMDB51"}  # the authors' data sets, by number of classes

_SHARED: dict[str, Callable[[Card], object]] = {
    "the number of classes": lambda card: len(card.labels),
    "the size in pixels": lambda card: card.size,
    "pooling over chunks": lambda card: card.pool,
    "the number of chunks": lambda card: card.chunks,
}
"""Properties that must be equal for two streams to form one network."""


@dataclass(frozen=True)
class Converted:
    """A converted file: a card without a name, the weights, and notes on assumed values."""

    card: Card
    weights: dict[str, Tensor]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Stream:
    """One stream of a file, identified by its first filter."""

    input: str
    tower: str
    channels: int
    row: Row

    def steps(self, classes: int) -> list[Step | Bend]:
        temporal = self.channels != 3
        with torch.device("meta"):
            return steps(build_tower(self.tower, self.channels, classes, temporal=temporal))


def convert(graph: Graph) -> Converted:
    """Convert one file to a network of one stream, or of two fused streams.

    Raises:
        InputError: a card cannot represent the file's network; names the layer.
    """
    file = graph.file
    parts = part(graph)
    streams = [_stream(file, name, row) for name, row in parts.rows.items()]
    spatial = next((stream for stream in streams if stream.channels == 3), None)
    temporal = next((stream for stream in streams if stream.channels != 3), None)
    classes = _classes(file, parts.onward if parts.meeting else streams[0].row)
    fields: dict[str, Any] = {"keep_temporal": True}
    meeting = None
    if len(streams) == 2:
        if spatial is None or temporal is None:
            raise InputError(
                f"both streams of {file} take {streams[0].channels} channels; needed: a spatial "
                "stream with 3 channels, and a temporal one with two for each flow field"
            )
        both = (spatial.steps(classes), temporal.steps(classes))
        meeting = read_fusion(file, parts, (spatial.input, temporal.input), both)
        kept = len(temporal.row) > parts.ends[temporal.input]
        fields = {"fusion": meeting.fusion, "place": meeting.place, "keep_temporal": kept}
        row = [*spatial.row[: parts.ends[spatial.input]], *meeting.onward]
        spatial = dataclasses.replace(spatial, row=row)
    stack = temporal.channels // 2 if temporal else 0
    found, notes = means(graph, rgb=spatial is not None, stack=stack)
    fields |= found | pooling(graph, 2 if meeting and fields["keep_temporal"] else 1)
    card = Card(
        name="",
        title="",
        labels=tuple(f"class {k}" for k in range(1, classes + 1)),
        spatial=spatial.tower if spatial else None,
        temporal=temporal.tower if temporal else None,
        stack=stack or Card.stack,
        size=graph.size or _SIZES.get(streams[0].tower, 224),
        flow="tvl1",
        world=_WORLDS.get(classes, "other data"),
    )
    card = dataclasses.replace(card, **fields)
    return Converted(card, _weights(file, card, spatial, temporal, meeting), notes)


def join(one: Converted, other: Converted) -> Converted:
    """Combine two base streams into one network that averages their predictions: late fusion.

    Raises:
        InputError: they are not a spatial and a temporal stream for the same classes.
    """
    held = [found.card.heads for found in (one, other)]
    if sorted(held) != [("spatial",), ("temporal",)]:
        found = " and ".join("+".join(heads) for heads in held)
        raise InputError(
            f"the files contain {found}; one spatial and one temporal stream are needed"
        )
    spatial, temporal = (one, other) if held[0] == ("spatial",) else (other, one)
    for what, of in _SHARED.items():
        if of(one.card) != of(other.card):
            raise InputError(
                f"the files' streams have {of(one.card)} and {of(other.card)} for {what}; "
                "averaging their predictions needs the same in both"
            )
    card = dataclasses.replace(
        temporal.card,
        spatial=spatial.card.spatial,
        rgb_mean=spatial.card.rgb_mean,
        fusion="sum",
        place="softmax",
    )
    return Converted(card, spatial.weights | temporal.weights, spatial.notes + temporal.notes)


def _weights(
    file: str,
    card: Card,
    spatial: _Stream | None,
    temporal: _Stream | None,
    meeting: FileFusion | None,
) -> dict[str, Tensor]:
    """Collect all weights of the card's network, by its parameter names."""
    with torch.device("meta"):
        network = Network(card)
    weights: dict[str, Tensor] = {}
    for name, stream, tower in (
        ("spatial", spatial, network.spatial),
        ("temporal", temporal, network.temporal),
    ):
        if stream is None or tower is None:
            continue
        fitting = Fitting(file, stream.tower, card.size)
        fitting.fit(stream.row, steps(tower))
        weights |= {f"{name}.{key}": value for key, value in fitting.weights.items()}
        if meeting is not None and name == "temporal":
            weights |= mixed(fitting, meeting, tower.channels[meeting.place])
    return weights


def _stream(file: str, name: str, row: Row) -> _Stream:
    """Identify the tower of a row by its first filter."""
    first = next((item for item in row if isinstance(item, Layer) and item.kind == "conv"), None)
    shape = first.weights[0].shape if first is not None and first.weights else ()
    height, _, channels, count = shape if len(shape) == 4 else (0, 0, 0, 0)
    tower = _BY_FIRST_FILTER.get((height, count))
    if first is None:
        raise InputError(f"a stream of {file} has no filters; a convolutional network is needed")
    if tower is None:
        raise InputError(
            f"the first filter of {file}, {first.name}, has the shape "
            f"{' x '.join(map(str, shape)) or 'of a single number'}; needed: 7x7 with "
            "96 outputs (VGG-M), 3x3 with 64 (VGG-16) or 7x7 with 64 (ResNet-50)"
        )
    if channels != 3 and channels % 2:
        raise InputError(
            f"layer {first.name} of {file} takes {channels} channels; needed: 3 (RGB), or two for "
            "each flow field"
        )
    if tower == "resnet-50" and _strides_early(row):
        tower = "resnet-50-caffe"
    return _Stream(name, tower, channels, row)


def _strides_early(row: Row) -> bool:
    """Whether this ResNet is as first released: no padding at the top of its first pooling."""
    pools = [item for item in row if isinstance(item, Layer) and item.kind == "pool"]
    return bool(pools) and sides(pools[0])[0] == 0


def _classes(file: str, row: Row) -> int:
    """Number of classes: the outputs of the last layer."""
    last = row[-1] if row else None
    if not isinstance(last, Layer) or last.kind != "conv" or not last.weights:
        found = f"ends with layer {last.name}" if isinstance(last, Layer | Fork) else "has no layer"
        raise InputError(f"{file} {found}; it must end with a classifier, a convolutional layer")
    return last.weights[0].shape[-1]
