"""Feeding: what a file says of its input, in a card's fields."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.nets.matconvnet.graph import Graph
from core.records import InputError

RGB_MEAN = (123.68, 116.779, 103.939)  # of the ImageNet nets that the authors began with
FLOW_MEAN = 128.0  # cnn_ucf101_temporal.m


def means(graph: Graph, *, rgb: bool, stack: int) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The means of a card, and what the file does not say and was taken for granted.

    Args:
        graph: the file; with both streams its mean image has the flow's channels first.
        rgb: has it a spatial stream?
        stack: L; 0 where it has no temporal stream.

    Raises:
        InputError: its mean image is of other channels, or not one number for all flow fields.
    """
    mean = graph.mean
    if mean is None:
        taken = ["ImageNet's for RGB"] * rgb + [f"{FLOW_MEAN:g} for flow"] * bool(stack)
        note = f"{graph.file} names no mean image: took {' and '.join(taken)}"
        return ({"rgb_mean": RGB_MEAN} if rgb else {}), (note,)
    if len(mean) != 2 * stack + 3 * rgb or not np.isfinite(mean).all():
        raise InputError(
            f"the averageImage of {graph.file} has {len(mean)} channels; "
            f"needed {2 * stack + 3 * rgb}, all finite"
        )
    found: dict[str, Any] = {}
    if rgb:
        found["rgb_mean"] = tuple(float(value) for value in mean[-3:])
    if stack:
        flow = mean[: 2 * stack]
        if np.ptp(flow) > 1e-3:
            raise InputError(
                f"the averageImage of {graph.file} goes from {flow.min():g} to {flow.max():g} over "
                "its flow fields; a network here subtracts one number from all"
            )
        found["flow_mean"] = float(flow.mean())
    return found, ()


def pooling(graph: Graph, heads: int) -> dict[str, Any]:
    """How a card pools over chunks, and how many there are.

    Raises:
        InputError: some heads pool over chunks and others do not, or over other numbers of them.
    """
    cubes = [layer for layer in graph.layers if layer.kind == "pool3d"]
    if not cubes:
        return {"pool": "2d"}
    first = cubes[0]
    depths = {layer.numbers("poolSize", 1, 1, 1)[-1] for layer in cubes}
    if (
        len(cubes) != heads
        or len(depths) != 1
        or any(layer.numbers("pad")[4:] not in ((), (0, 0)) for layer in cubes)
    ):
        raise InputError(
            f"the layer {first.name} of {graph.file} pools over {min(depths):g} chunks; needed a "
            f"layer alike for each of the {heads} heads, without padding in time"
        )
    return {"pool": "3d", "chunks": int(depths.pop())}
