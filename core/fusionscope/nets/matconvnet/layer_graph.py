"""Layer graph: the layers of a file, SimpleNN or DagNN, as one kind of record.

Layers used only in training are removed: dropouts are bypassed, losses and their labels ignored.
Weights keep MatConvNet's axes: H x W (x T) x C in x C out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fusionscope.base.records import InputError, seal
from fusionscope.nets.matconvnet.mat_values import fields, many, numbers, one, read_mat, words

_KINDS = {
    "conv": "conv",
    "conv3d": "conv3d",
    "relu": "relu",
    "pool": "pool",
    "pooling": "pool",
    "pooling3d": "pool3d",
    "lrn": "lrn",
    "normalize": "lrn",
    "bnorm": "bnorm",
    "batchnorm": "bnorm",
    "sum": "sum",
    "concat": "concat",
    "dropout": "dropout",
    "loss": "loss",
    "softmax": "loss",
    "softmaxloss": "loss",
}
"""Layer type in either format, in lower case and without "dagnn." -> our kind of layer."""


@dataclass(frozen=True, eq=False)
class Layer:
    """One layer, which computes one variable from others."""

    name: str
    kind: str
    inputs: tuple[str, ...]
    output: str
    options: Mapping[str, Any]
    weights: tuple[np.ndarray, ...] = ()

    def __post_init__(self) -> None:
        seal(self)

    def numbers(self, option: str, *default: float) -> tuple[float, ...]:
        """Numbers of an option, as many as the file has, or the default."""
        return numbers(self.options.get(option), default)


@dataclass(frozen=True, eq=False)
class Graph:
    """A file's layers, in its order, and the normalisation of its input."""

    file: str
    layers: tuple[Layer, ...]
    mean: np.ndarray | None  # (C,) mean of each input channel; None: not in the file
    size: int | None  # pixels; None: not in the file


def read_graph(path: Path) -> Graph:
    """Read a network from a MATLAB file.

    Raises:
        InputError: it is not a MATLAB file, contains no network, or a layer is not supported.
    """
    found = read_mat(path)
    net = fields(found["net"]) if "net" in found else found
    if not many(net.get("layers")):
        content = "no network" if "net" not in found else "a net without layers"
        raise InputError(f"{path.name} contains {content}; MatConvNet's net.layers is needed")
    layers = _dag(net, path.name) if "params" in net else _simple(net, path.name)
    normalisation = fields(fields(net.get("meta")).get("normalization") or net.get("normalization"))
    mean = one(normalisation.get("averageImage"))
    if isinstance(mean, np.ndarray) and mean.size and mean.dtype.kind in "iuf":
        mean = mean.astype(np.float64)
        mean = np.squeeze(mean) if mean.ndim < 3 else mean
        mean = mean.reshape(-1, mean.shape[-1] if mean.ndim else 1).mean(axis=0)
    else:
        mean = None
    size = numbers(normalisation.get("imageSize"))
    return Graph(path.name, tuple(_inference(layers)), mean, int(size[0]) if size else None)


def _dag(net: dict[str, Any], file: str) -> list[Layer]:
    """Read a DagNN, whose layers refer to variables and parameters by name."""
    values = {
        name: one(record.get("value"))
        for record in map(fields, many(net["params"]))
        for name in words(record.get("name"))
    }
    layers = []
    for number, record in enumerate(map(fields, many(net["layers"])), start=1):
        (name,) = words(record.get("name"))[:1] or [f"layer{number}"]
        kind = _kind(record, name, file)
        params = words(record.get("params"))
        lost = [param for param in params if not isinstance(values.get(param), np.ndarray)]
        if lost and kind != "loss":
            raise InputError(f"{file} has no {lost[0]}, a parameter of layer {name}")
        inputs, outputs = words(record.get("inputs")), words(record.get("outputs"))
        if not inputs or len(outputs) != 1:
            raise InputError(
                f"layer {name} of {file} has {len(inputs)} inputs and {len(outputs)} outputs; "
                "needed: at least one input and exactly one output"
            )
        weights = tuple(values[param] for param in params) if kind != "loss" else ()
        layers.append(
            Layer(name, kind, tuple(inputs), outputs[0], fields(record.get("block")), weights)
        )
    return layers


def _simple(net: dict[str, Any], file: str) -> list[Layer]:
    """Read a SimpleNN: a sequence of layers that contain their weights."""
    layers = []
    for number, record in enumerate(map(fields, many(net["layers"])), start=1):
        (name,) = words(record.get("name"))[:1] or [f"layer{number}"]
        weights = many(record.get("weights"))
        if not weights:  # files from before 2015
            weights = [record[part] for part in ("filters", "biases") if part in record]
        arrays = [value for value in map(one, weights) if isinstance(value, np.ndarray)]
        kept = tuple(value for value in arrays if value.size)
        kind = _kind(record, name, file)
        layers.append(Layer(name, kind, (f"x{number - 1}",), f"x{number}", record, kept))
    return layers


def _kind(record: dict[str, Any], name: str, file: str) -> str:
    (found,) = words(record.get("type"))[:1] or ["(missing)"]
    kind = _KINDS.get(found.removeprefix("dagnn.").lower())
    if kind is None:
        raise InputError(f"layer {name} of {file} has type {found}, which is not supported")
    return kind


def _inference(layers: list[Layer]) -> list[Layer]:
    """Keep only layers used at inference: drop losses and bypass dropouts."""
    same = {layer.output: layer.inputs[0] for layer in layers if layer.kind == "dropout"}

    def source(name: str) -> str:
        for _ in same:
            name = same.get(name, name)
        return name

    return [
        Layer(
            layer.name,
            layer.kind,
            tuple(map(source, layer.inputs)),
            layer.output,
            layer.options,
            layer.weights,
        )
        for layer in layers
        if layer.kind not in ("dropout", "loss")
    ]
