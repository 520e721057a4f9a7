"""Normalisation: read a file's input means and pooling over chunks as fields of a card."""

from __future__ import annotations

from typing import Any

import numpy as np

from fusionscope.base.records import InputError
from fusionscope.nets.matconvnet.layer_graph import Graph

RGB_MEAN = (123.68, 116.779, 103.939)  # of the ImageNet networks that the authors started from
FLOW_MEAN = 128.0  # cnn_ucf101_temporal.m


def means(graph: Graph, *, rgb: bool, stack: int) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Read the means for a card; return them with notes on assumed values.

    Args:
        graph: the file; with both streams, its mean image has the flow channels first.
        rgb: whether it has a spatial stream.
        stack: L; 0 without a temporal stream.

    Raises:
        InputError: its mean image has a wrong number of channels, or differs between flow fields.
    """
    mean = graph.mean
    if mean is None:
        taken = ["ImageNet's for RGB"] * rgb + [f"{FLOW_MEAN:g} for flow"] * bool(stack)
        note = f"{graph.file} has no mean image: used {' and '.join(taken)}"
        return ({"rgb_mean": RGB_MEAN} if rgb else {}), (note,)
    if len(mean) != 2 * stack + 3 * rgb or not np.isfinite(mean).all():
        raise InputError(
            f"the averageImage of {graph.file} has {len(mean)} channels; "
            f"needed: {2 * stack + 3 * rgb}, all finite"
        )
    found: dict[str, Any] = {}
    if rgb:
        found["rgb_mean"] = tuple(float(value) for value in mean[-3:])
    if stack:
        flow = mean[: 2 * stack]
        if np.ptp(flow) > 1e-3:
            raise InputError(
                f"the averageImage of {graph.file} ranges from {flow.min():g} to {flow.max():g} "
                "over its flow fields; one mean for all of them is needed"
            )
        found["flow_mean"] = float(flow.mean())
    return found, ()


def pooling(graph: Graph, heads: int) -> dict[str, Any]:
    """Read the pooling over chunks and their number as fields of a card.

    Raises:
        InputError: the heads do not all pool over the same number of chunks.
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
            f"layer {first.name} of {graph.file} pools over {min(depths):g} chunks; needed: the "
            f"same pooling for each of the {heads} heads, without padding in time"
        )
    return {"pool": "3d", "chunks": int(depths.pop())}
