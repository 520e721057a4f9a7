"""MatConvNet's files as the authors' code writes them: SimpleNN or DagNN, of the nets of matnets.

By MATLAB's format 5 (scipy), or 7.3 (h5py, laid out as MATLAB does).
"""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from scipy.io import savemat

from tests.matconvnet_networks import L


def dag_struct(net: list[L], meta: dict[str, Any]) -> dict[str, Any]:
    """What saveobj gives, with a loss and an error behind each head as training leaves them."""
    names = {}
    for layer in net:
        ends = "fb" if layer.type != "BatchNorm" else "mbx"
        names[layer.name] = [
            f"{layer.name}{end}" for end, _ in zip(ends, layer.weights, strict=False)
        ]
    used = {name for layer in net for name in layer.inputs}
    ends = [layer.output for layer in net if layer.output not in used]
    losses = [
        L(f"{kind}{k}", "Loss", {"loss": loss}, [], [end, "label"], f"{kind}_{k}")
        for k, end in enumerate(ends)
        for kind, loss in (("loss", "softmaxlog"), ("err", "classerror"))
    ]
    layers = [
        {
            "name": layer.name,
            "type": f"dagnn.{layer.type}",
            "inputs": cell(layer.inputs),
            "outputs": cell([layer.output]),
            "params": cell(names.get(layer.name, [])),
            "block": {key: _matlab(value) for key, value in layer.block.items()}
            or {"opts": cell([])},
        }
        for layer in [*net, *losses]
    ]
    params = [
        {"name": name, "value": value, "learningRate": 1.0, "weightDecay": 1.0}
        for layer in net
        for name, value in zip(names[layer.name], layer.weights, strict=True)
    ]
    variables = [{"name": layer.output, "precious": False} for layer in net]
    return {
        "vars": array(variables),
        "params": array(params),
        "layers": array(layers),
        "meta": meta,
        "conserveMemory": True,
    }


_SIMPLE = {
    "Conv": "conv",
    "ReLU": "relu",
    "LRN": "normalize",
    "Pooling": "pool",
    "DropOut": "dropout",
    "BatchNorm": "bnorm",
}


def simple_struct(net: list[L], normalization: dict[str, Any], *, legacy: bool) -> dict[str, Any]:
    """A SimpleNN as ImageNet's were: a cell of structs; legacy: filters and biases."""
    layers = []
    for layer in net:
        block = {key: _matlab(value) for key, value in layer.block.items() if key != "size"}
        if "poolSize" in block:
            block["pool"] = block.pop("poolSize")
        if layer.weights and legacy:
            block |= {"filters": layer.weights[0], "biases": layer.weights[1]}
        elif layer.weights:
            block["weights"] = cell(layer.weights)
        layers.append({"type": _SIMPLE[layer.type], "name": layer.name, **block})
    layers.append({"type": "softmaxloss", "name": "loss"})
    net_ = {"layers": cell(layers)}
    return net_ | (
        {"normalization": normalization} if legacy else {"meta": {"normalization": normalization}}
    )


class array(list):
    """A struct array, where a list would be a cell."""


def cell(items: list[Any]) -> np.ndarray:
    """A 1 x n cell."""
    found = np.empty((1, len(items)), object)
    for k, item in enumerate(items):
        found[0, k] = item
    return found


def _matlab(value: Any) -> Any:
    return np.array([value], float) if isinstance(value, list) else value


def write5(path: Path, variables: dict[str, Any]) -> Path:
    """MATLAB's format 5."""
    savemat(path, {key: _struct5(value) for key, value in variables.items()}, do_compression=False)
    return path


def _struct5(value: Any) -> Any:
    if isinstance(value, array):
        kind = [(key, object) for key in value[0]]
        found = np.empty((1, len(value)), kind)
        for k, item in enumerate(value):
            for key, part in item.items():
                found[key][0, k] = _struct5(part)
        return found
    if isinstance(value, dict):
        return {key: _struct5(part) for key, part in value.items()}
    if isinstance(value, np.ndarray) and value.dtype == object:
        return (
            cell([_struct5(part) for part in value.ravel()])
            if value.size
            else np.empty((0, 0), object)
        )
    return value


def write73(path: Path, variables: dict[str, Any]) -> Path:
    """MATLAB's format 7.3: HDF5 behind 512 bytes of its own."""
    with h5py.File(path, "w", userblock_size=512) as file:
        for name, value in variables.items():
            _put(file, file, name, value)
    with path.open("r+b") as stream:
        stream.write(b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(124) + b"\x00\x02IM")
    return path


def _put(file: h5py.File, group: h5py.Group, name: str, value: Any) -> None:
    if isinstance(value, array):
        made = group.create_group(name)
        made.attrs["MATLAB_class"] = np.bytes_("struct")
        for key in value[0]:
            refs = [_ref(file, item[key]) for item in value]
            made.create_dataset(key, data=np.array([refs], h5py.ref_dtype).T, dtype=h5py.ref_dtype)
    elif isinstance(value, dict):
        made = group.create_group(name)
        made.attrs["MATLAB_class"] = np.bytes_("struct")
        for key, part in value.items():
            _put(file, made, key, part)
    elif isinstance(value, np.ndarray) and value.dtype == object and value.size:
        refs = np.array([[_ref(file, part)] for part in value.ravel()], h5py.ref_dtype)
        made = group.create_dataset(name, data=refs, dtype=h5py.ref_dtype)
        made.attrs["MATLAB_class"] = np.bytes_("cell")
    elif isinstance(value, str):
        made = group.create_dataset(name, data=np.array([[ord(c)] for c in value], np.uint16))
        made.attrs["MATLAB_class"] = np.bytes_("char")
    else:
        empty = isinstance(value, np.ndarray) and not value.size
        stored = np.array([0, 0], np.uint64) if empty else np.atleast_2d(value).T
        made = group.create_dataset(name, data=stored)
        kind = "cell" if empty and value.dtype == object else str(stored.dtype)
        made.attrs["MATLAB_class"] = np.bytes_(kind)
        if empty:
            made.attrs["MATLAB_empty"] = np.uint8(1)


_NUMBERS = count()


def _ref(file: h5py.File, value: Any) -> h5py.Reference:
    refs = file.require_group("#refs#")
    name = f"r{next(_NUMBERS)}"
    _put(file, refs, name, value)
    return refs[name].ref


def meta(size: int, channels: int, mean: np.ndarray | None) -> dict[str, Any]:
    """net.meta of a DagNN; the classes are still ImageNet's."""
    shown = np.zeros((0, 0)) if mean is None else mean.astype(np.float32)
    return {
        "normalization": {
            "imageSize": np.array([[size, size, channels]], float),
            "averageImage": shown,
            "border": np.array([[32, 32]], float),
            "interpolation": "bilinear",
        },
        "classes": {"name": cell(["tench", "goldfish"])},
    }
