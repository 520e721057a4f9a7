"""Graph: the layers of a file, SimpleNN or DagNN, as one kind of record.

What a network does nothing with once it is trained is gone: dropouts are passed over, losses and
their labels ignored. Weights keep MatConvNet's axes: H x W (x T) x C in x C out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.nets.matconvnet.values import fields, many, numbers, one, read_mat, words
from core.records import InputError, seal

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
"""Type as either format writes it, in small letters and without dagnn. -> what it is to us."""


@dataclass(frozen=True, eq=False)
class Layer:
    """One layer that makes one variable of others."""

    name: str
    kind: str
    inputs: tuple[str, ...]
    output: str
    options: Mapping[str, Any]
    weights: tuple[np.ndarray, ...] = ()

    def __post_init__(self) -> None:
        seal(self)

    def numbers(self, option: str, *default: float) -> tuple[float, ...]:
        """An option's numbers, as few as the file holds."""
        return numbers(self.options.get(option), default)


@dataclass(frozen=True, eq=False)
class Graph:
    """A file's layers, in its order, and what it says of the input."""

    file: str
    layers: tuple[Layer, ...]
    mean: np.ndarray | None  # (C,) of each channel of the input; None: the file names none
    size: int | None  # pixels


def read_graph(path: Path) -> Graph:
    """Read a network from a MATLAB file.

    Raises:
        InputError: it is not such a file, holds no network, or a layer is not to be understood.
    """
    found = read_mat(path)
    net = fields(found["net"]) if "net" in found else found
    if not many(net.get("layers")):
        holds = "no network" if "net" not in found else "a net without layers"
        raise InputError(f"{path.name} holds {holds}; needed net.layers, as MatConvNet saves it")
    layers = _dag(net, path.name) if "params" in net else _simple(net, path.name)
    feeding = fields(fields(net.get("meta")).get("normalization") or net.get("normalization"))
    mean = one(feeding.get("averageImage"))
    if isinstance(mean, np.ndarray) and mean.size and mean.dtype.kind in "iuf":
        mean = mean.astype(np.float64)
        mean = np.squeeze(mean) if mean.ndim < 3 else mean
        mean = mean.reshape(-1, mean.shape[-1] if mean.ndim else 1).mean(axis=0)
    else:
        mean = None
    size = numbers(feeding.get("imageSize"))
    return Graph(path.name, tuple(_awake(layers)), mean, int(size[0]) if size else None)


def _dag(net: dict[str, Any], file: str) -> list[Layer]:
    """DagNN: layers name their variables and parameters."""
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
            raise InputError(f"{file} lacks {lost[0]}, a parameter of the layer {name}")
        inputs, outputs = words(record.get("inputs")), words(record.get("outputs"))
        if not inputs or len(outputs) != 1:
            raise InputError(
                f"the layer {name} of {file} has {len(inputs)} inputs and {len(outputs)} outputs; "
                "needed one output and at least one input"
            )
        weights = tuple(values[param] for param in params) if kind != "loss" else ()
        layers.append(
            Layer(name, kind, tuple(inputs), outputs[0], fields(record.get("block")), weights)
        )
    return layers


def _simple(net: dict[str, Any], file: str) -> list[Layer]:
    """SimpleNN: a row of layers, each fed by the one before, with its weights inside."""
    layers = []
    for number, record in enumerate(map(fields, many(net["layers"])), start=1):
        (name,) = words(record.get("name"))[:1] or [f"layer{number}"]
        weights = many(record.get("weights"))
        if not weights:  # as files were written before 2015
            weights = [record[part] for part in ("filters", "biases") if part in record]
        arrays = [value for value in map(one, weights) if isinstance(value, np.ndarray)]
        kept = tuple(value for value in arrays if value.size)
        kind = _kind(record, name, file)
        layers.append(Layer(name, kind, (f"x{number - 1}",), f"x{number}", record, kept))
    return layers


def _kind(record: dict[str, Any], name: str, file: str) -> str:
    (said,) = words(record.get("type"))[:1] or ["nothing"]
    kind = _KINDS.get(said.removeprefix("dagnn.").lower())
    if kind is None:
        raise InputError(f"the layer {name} of {file} is of type {said}, which no network here has")
    return kind


def _awake(layers: list[Layer]) -> list[Layer]:
    """Only what works on pictures: no loss, and no dropout between a layer and the next."""
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
