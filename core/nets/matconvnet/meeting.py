"""Meeting: how and after which stage the streams of a fused file are fused, in a card's words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from core.nets.matconvnet.fit import Fitting, sides
from core.nets.matconvnet.graph import Layer
from core.nets.matconvnet.rows import Fork, Row, Streams
from core.nets.matconvnet.steps import Bend, Step
from core.records import InputError


@dataclass(frozen=True)
class Meeting:
    """A fusion as a file has it."""

    fusion: str  # an operator's name
    place: str  # the stage behind which it stands
    mix: Layer | None  # the layer with its weights
    onward: Row  # what follows it
    swapped: bool  # the file names the temporal stream first


def meet(
    file: str,
    streams: Streams,
    inputs: tuple[str, str],
    wanted: tuple[list[Step | Bend], list[Step | Bend]],
) -> Meeting:
    """Read the fusion of a file whose streams hang on these inputs, the spatial one first.

    Args:
        file: how to speak of it.
        streams: the file's layers.
        inputs: the graph's inputs, of the spatial and of the temporal stream.
        wanted: the steps of the towers that they are, likewise.

    Raises:
        InputError: no operator here computes it; names the layer.
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
            f"the layer {layer.name} of {file} fuses {places[0]} of the spatial stream with "
            f"{places[1]} of the temporal one; needed the same stage of both"
        )
    if len(streams.rows[inputs[0]]) > streams.ends[inputs[0]]:
        raise InputError(
            f"behind the layer {layer.name} of {file} the spatial stream goes on to a head of its "
            "own; a network here can keep the temporal one alone"
        )
    outputs = [
        item.output if isinstance(item, Layer) else item.sum.output
        for item in streams.rows[inputs[0]][: streams.ends[inputs[0]]]
    ]
    swapped = layer.inputs[0] != outputs[-1]
    onward = list(streams.onward)
    if layer.kind == "sum":
        return Meeting("sum", places[0], None, onward, swapped)
    if layer.kind != "concat" or layer.numbers("dim", 3) != (3,):
        raise InputError(
            f"the layer {layer.name} of {file} fuses by {layer.kind}; needed a sum, or a "
            "concatenation of channels"
        )
    mix = onward[0] if onward else None
    if isinstance(mix, Layer) and (mix.kind == "conv3d" or _is_pointwise(mix, places[0])):
        rectified = onward[1] if len(onward) > 1 else None
        if not isinstance(rectified, Layer) or rectified.kind != "relu":
            raise InputError(f"{file} lacks a ReLU behind the layer {mix.name}, which fuses")
        fusion = "conv3d" if mix.kind == "conv3d" else "conv"
        return Meeting(fusion, places[0], mix, onward[2:], swapped)
    if swapped:
        raise InputError(f"the layer {layer.name} of {file} puts the temporal stream first")
    return Meeting("cat", places[0], None, onward, swapped)


def mixed(fitting: Fitting, meeting: Meeting, channels: int) -> dict[str, Tensor]:
    """The weights of the operator, by a network's names.

    Raises:
        InputError: the filter is not one that the operator has.
    """
    mix = meeting.mix
    if mix is None:
        return {}
    solid = meeting.fusion == "conv3d"
    cube = (3, 3, 3) if solid else (1, 1)
    value = fitting.filter(mix, (*cube, 2 * channels, channels))
    pad = mix.numbers("pad", 0) if solid else sides(mix)
    pad = pad * 6 if len(pad) == 1 else pad
    needed = float(solid)
    if set(pad) != {needed} or set(mix.numbers("stride", 1)) != {1.0}:
        raise InputError(
            f"the layer {mix.name} of {fitting.file} has pad {pad} and stride "
            f"{mix.numbers('stride', 1)}; needed pad {needed:g} and stride 1 along every axis"
        )
    if meeting.swapped:
        value = np.roll(value, channels, axis=-2)
    value = value.transpose(4, 3, 2, 0, 1) if solid else value.transpose(3, 2, 0, 1)
    bias = torch.from_numpy(fitting.vector(mix, 1, channels)).float()
    key = f"fusions.{meeting.place}.mix"
    return {f"{key}.weight": torch.from_numpy(value.copy()), f"{key}.bias": bias}


def _place(file: str, layer: Layer, steps: list[Step | Bend], end: int) -> str:
    """The stage that a stream has finished when it meets the other."""
    stage = steps[min(end, len(steps)) - 1].stage
    if end > len(steps) or (end < len(steps) and steps[end].stage == stage):
        raise InputError(
            f"the layer {layer.name} of {file} fuses within the stage {stage}; needed its end"
        )
    return stage


def _is_pointwise(layer: Layer | Fork, place: str) -> bool:
    """A 1x1 filter where the tower would have none: what comes next at relu5 is a pooling."""
    return (
        isinstance(layer, Layer)
        and layer.kind == "conv"
        and bool(layer.weights)
        and (layer.weights[0].ndim == 2 or layer.weights[0].shape[:2] == (1, 1))
        and not place.startswith("fc")
    )
