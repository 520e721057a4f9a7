"""Fusion in a MatConvNet file: find its operator, its place and its weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from fusionscope.base.records import InputError
from fusionscope.nets.fusion import FUSIONS
from fusionscope.nets.matconvnet.layer_graph import Layer
from fusionscope.nets.matconvnet.streams import Fork, Row, Streams
from fusionscope.nets.matconvnet.tower_layers import Bend, Step
from fusionscope.nets.matconvnet.weight_fit import Fitting, sides


@dataclass(frozen=True)
class FileFusion:
    """The fusion of a file."""

    fusion: str  # name of the operator
    place: str  # the stage that it follows
    mix: Layer | None  # the layer with its weights
    onward: Row  # the layers after it
    swapped: bool  # the temporal stream is the first input


def read_fusion(
    file: str,
    streams: Streams,
    inputs: tuple[str, str],
    wanted: tuple[list[Step | Bend], list[Step | Bend]],
) -> FileFusion:
    """Read the fusion of a file with two streams.

    Args:
        file: the file's name, for errors.
        streams: the file's layers.
        inputs: the graph's inputs of the spatial and of the temporal stream.
        wanted: the steps of the corresponding towers, in the same order.

    Raises:
        InputError: no fusion operator computes it; names the layer.
    """
    layer = streams.meeting
    if layer is None:
        raise ValueError("expected a graph with a meeting, got none")
    places = [
        _place(file, layer, steps, streams.ends[name])
        for name, steps in zip(inputs, wanted, strict=True)
    ]
    if places[0] != places[1]:
        raise InputError(
            f"layer {layer.name} of {file} fuses {places[0]} of the spatial stream with "
            f"{places[1]} of the temporal stream; both must be the same stage"
        )
    if len(streams.rows[inputs[0]]) > streams.ends[inputs[0]]:
        raise InputError(
            f"after layer {layer.name} of {file} the spatial stream continues to its own head; "
            "only the temporal stream can have one"
        )
    outputs = [
        item.output if isinstance(item, Layer) else item.sum.output
        for item in streams.rows[inputs[0]][: streams.ends[inputs[0]]]
    ]
    swapped = layer.inputs[0] != outputs[-1]
    onward = list(streams.onward)
    if layer.kind == "sum":
        return FileFusion("sum", places[0], None, onward, swapped)
    if layer.kind != "concat" or layer.numbers("dim", 3) != (3,):
        raise InputError(
            f"layer {layer.name} of {file} fuses by {layer.kind}; a sum or a concatenation of "
            "channels is needed"
        )
    mix = onward[0] if onward else None
    if isinstance(mix, Layer) and (mix.kind == "conv3d" or _is_pointwise(mix, places[0])):
        rectified = onward[1] if len(onward) > 1 else None
        if not isinstance(rectified, Layer) or rectified.kind != "relu":
            raise InputError(f"{file} has no ReLU after the fusion layer {mix.name}; one is needed")
        fusion = "conv3d" if mix.kind == "conv3d" else "conv"
        return FileFusion(fusion, places[0], mix, onward[2:], swapped)
    if swapped:
        raise InputError(
            f"layer {layer.name} of {file} concatenates the temporal stream first; the spatial "
            "stream must come first"
        )
    return FileFusion("cat", places[0], None, onward, swapped)


def mixed(fitting: Fitting, meeting: FileFusion, channels: int) -> dict[str, Tensor]:
    """Weights of the fusion operator, by the network's parameter names.

    Raises:
        InputError: the filter does not fit the operator.
    """
    mix = meeting.mix
    if mix is None:
        return {}
    solid = FUSIONS[meeting.fusion].knows_order()
    cube = (3, 3, 3) if solid else (1, 1)
    value = fitting.filter(mix, (*cube, 2 * channels, channels))
    pad = mix.numbers("pad", 0) if solid else sides(mix)
    pad = pad * 6 if len(pad) == 1 else pad
    needed = float(solid)
    if set(pad) != {needed} or set(mix.numbers("stride", 1)) != {1.0}:
        raise InputError(
            f"layer {mix.name} of {fitting.file} has pad {pad} and stride "
            f"{mix.numbers('stride', 1)}; needed: pad {needed:g} and stride 1 along every axis"
        )
    if meeting.swapped:
        value = np.roll(value, channels, axis=-2)
    value = value.transpose(4, 3, 2, 0, 1) if solid else value.transpose(3, 2, 0, 1)
    bias = torch.from_numpy(fitting.vector(mix, 1, channels)).float()
    key = f"fusions.{meeting.place}.mix"
    return {f"{key}.weight": torch.from_numpy(value.copy()), f"{key}.bias": bias}


def _place(file: str, layer: Layer, steps: list[Step | Bend], end: int) -> str:
    """The stage that a stream has completed at the fusion."""
    stage = steps[min(end, len(steps)) - 1].stage
    if end > len(steps) or (end < len(steps) and steps[end].stage == stage):
        raise InputError(
            f"layer {layer.name} of {file} fuses within stage {stage}; it must fuse at its end"
        )
    return stage


def _is_pointwise(layer: Layer | Fork, place: str) -> bool:
    """Whether this is a 1x1 filter that belongs to the fusion, not to the tower's next stage."""
    return (
        isinstance(layer, Layer)
        and layer.kind == "conv"
        and bool(layer.weights)
        and (layer.weights[0].ndim == 2 or layer.weights[0].shape[:2] == (1, 1))
        and not place.startswith("fc")
    )
