"""MatConvNet in NumPy: a file's own layers evaluated as its manual defines them, H x W x C.

Knows nothing of core: it reads the file by scipy, and computes in double precision.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.io import loadmat


def evaluate(path: Path, inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Every variable of a file's net: name -> (T, H, W, C), of inputs (T, H, W, C)."""
    net = loadmat(path, squeeze_me=True, struct_as_record=False)["net"]
    if not hasattr(net, "params"):
        return _simple(net, inputs["input"])
    params = {param.name: param.value for param in np.atleast_1d(net.params)}
    values = dict(inputs)
    waiting = [layer for layer in net.layers if layer.type != "dagnn.Loss"]
    while waiting:
        layer = next(l for l in waiting if set(np.atleast_1d(l.inputs)) <= set(values))  # noqa: E741
        waiting.remove(layer)
        given = [values[name] for name in np.atleast_1d(layer.inputs)]
        own = (
            [params[name] for name in np.atleast_1d(layer.params)] if np.size(layer.params) else []
        )
        values[layer.outputs] = _layer(layer.type[6:], layer.block, given, own)
    return values


def _simple(net: Any, x: np.ndarray) -> dict[str, np.ndarray]:
    names = {
        "conv": "Conv",
        "relu": "ReLU",
        "normalize": "LRN",
        "pool": "Pooling",
        "dropout": "DropOut",
        "bnorm": "BatchNorm",
    }
    values = {}
    for layer in net.layers:
        if layer.type == "softmaxloss":
            continue
        own = [*layer.weights] if hasattr(layer, "weights") else []
        own = own or ([layer.filters, layer.biases] if hasattr(layer, "filters") else [])
        x = values[layer.name] = _layer(names[layer.type], layer, [x], own)
    return values


def _layer(kind: str, block: Any, given: list[np.ndarray], own: list[np.ndarray]) -> np.ndarray:
    x = given[0].astype(np.float64)
    if kind == "Conv":
        return _conv(x, own[0], own[1] if len(own) > 1 else 0.0, block.pad, block.stride)
    if kind == "Conv3D":
        return _conv3d(x, own[0], own[1], block.pad)
    if kind == "ReLU":
        return np.where(x > 0, x, getattr(block, "leak", 0) * x)
    if kind == "LRN":
        return _lrn(x, *np.asarray(block.param, float))
    if kind == "Pooling":
        size = block.poolSize if hasattr(block, "poolSize") else block.pool
        size = np.broadcast_to(size, 2)
        return _pool(x, size, block.stride, block.pad, block.method)
    if kind == "Pooling3D":
        flat = _pool(x, block.poolSize[:2], block.stride[:2], block.pad[:4], "max")
        depth, step = int(block.poolSize[2]), int(block.stride[2])
        return np.stack([flat[t : t + depth].max(0) for t in range(0, len(x) - depth + 1, step)])
    if kind == "BatchNorm":
        gain, shift, moments = own
        return gain * (x - moments[:, 0]) / moments[:, 1] + shift
    if kind == "Sum":
        return x + given[1]
    if kind == "Concat":
        return np.concatenate(given, axis=block.dim)
    if kind == "DropOut":
        return x
    raise ValueError(kind)


def _padded(x: np.ndarray, pad: Any, fill: float) -> np.ndarray:
    top, bottom, left, right = (int(p) for p in np.broadcast_to(pad, 4))
    return np.pad(x, ((0, 0), (top, bottom), (left, right), (0, 0)), constant_values=fill)


def _windows(x: np.ndarray, size: tuple[int, int], stride: Any) -> np.ndarray:
    """(T, h, w, C, kh, kw)"""
    down, right = (int(s) for s in np.broadcast_to(stride, 2))
    return sliding_window_view(x, size, axis=(1, 2))[:, ::down, ::right]


def _conv(x: np.ndarray, f: np.ndarray, bias: Any, pad: Any, stride: Any) -> np.ndarray:
    f = f if f.ndim == 4 else f.reshape(1, 1, *f.shape)
    seen = _windows(_padded(x, pad, 0), f.shape[:2], stride)
    return np.einsum("thwckl,klcd->thwd", seen, f.astype(float), optimize=True) + np.ravel(bias)


def _conv3d(x: np.ndarray, f: np.ndarray, bias: np.ndarray, pad: Any) -> np.ndarray:
    up, down, left, right, early, late = (int(p) for p in pad)
    x = np.pad(x, ((early, late), (0, 0), (0, 0), (0, 0)))
    depth = f.shape[2]
    return bias + np.stack(
        [
            sum(
                _conv(x[t + k][None], f[:, :, k], 0.0, (up, down, left, right), 1)[0]
                for k in range(depth)
            )
            for t in range(len(x) - depth + 1)
        ]
    )


def _lrn(x: np.ndarray, n: float, kappa: float, alpha: float, beta: float) -> np.ndarray:
    half = int(n - 1) // 2
    squares = np.stack(
        [(x[..., max(0, c - half) : c + half + 1] ** 2).sum(-1) for c in range(x.shape[-1])],
        axis=-1,
    )
    return x / (kappa + alpha * squares) ** beta


def _pool(x: np.ndarray, size: Any, stride: Any, pad: Any, method: str) -> np.ndarray:
    height, width = (int(s) for s in size)
    if method == "max":
        return _windows(_padded(x, pad, -np.inf), (height, width), stride).max((-2, -1))
    if np.any(pad):
        raise ValueError("padded averages are not needed")
    return _windows(x, (height, width), stride).mean((-2, -1))
