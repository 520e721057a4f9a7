"""Weight fit: check a sequence of layers against one of our towers and copy its weights.

Every filter, stride, padding and constant is checked, so that the tower computes exactly what the
file defines. MatConvNet's convolution is a correlation, as in torch: only axes are reordered.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from fusionscope.base.records import InputError
from fusionscope.nets.matconvnet.layer_graph import Layer
from fusionscope.nets.matconvnet.streams import Fork
from fusionscope.nets.matconvnet.tower_layers import Bend, Step

LRN = (5.0, 2.0, 1e-4, 0.75)  # constants of our towers: N, kappa, alpha, beta
_NO_BIAS = np.zeros(1)
M = TypeVar("M", bound=nn.Module)


class Fitting:
    """Collect weights by a tower's parameter names, and track the grid size layer by layer."""

    def __init__(self, file: str, tower: str, size: int) -> None:
        self.file = file
        self.tower = tower
        self.grid = size
        self.weights: dict[str, Tensor] = {}
        self._held = _NO_BIAS  # a bias to be merged into the next batch normalisation

    def fit(self, row: Sequence[Layer | Fork], wanted: Sequence[Step | Bend]) -> None:
        """Check a sequence of layers against a tower's steps, and copy its weights.

        Raises:
            InputError: a layer is missing, superfluous or different; names it.
        """
        for layer, step in zip_longest(row, wanted):
            if step is None:
                raise InputError(f"{self._of(layer)} comes after the last layer of {self.tower}")
            kind = "bend" if isinstance(step, Bend) else step.kind
            if layer is None or _kind(layer) != kind.replace("average", "pool"):
                found = f"has layer {layer.name}" if layer else "ends"
                raise InputError(f"{self.file} {found} where {self.tower} needs layer {step.name}")
            if isinstance(step, Bend) and isinstance(layer, Fork):
                start = self.grid
                self.fit(layer.shortcut, step.shortcut)
                self.grid = start
                self.fit(layer.main, step.main)
            elif isinstance(step, Step) and isinstance(layer, Layer):
                getattr(self, f"_{kind}")(layer, step)

    def _conv(self, layer: Layer, step: Step) -> None:
        module = _as(nn.Conv2d, step)
        height, width = _pair(module.kernel_size)
        shape = (height, width, module.in_channels, module.out_channels)
        value = self.filter(layer, shape)
        self._same(layer, "stride", _pair(layer.numbers("stride", 1)), _pair(module.stride))
        self._same(layer, "pad", sides(layer), _both(_pair(module.padding)))
        self._same(layer, "dilation", _pair(layer.numbers("dilate", 1)), (1, 1))
        bias = self.vector(layer, 1, module.out_channels)
        self.weights[f"{step.key}.weight"] = torch.from_numpy(value.transpose(3, 2, 0, 1).copy())
        if module.bias is not None:
            self.weights[f"{step.key}.bias"] = torch.from_numpy(bias).float()
        else:
            self._held = bias
        pad, stride = _pair(module.padding)[0], _pair(module.stride)[0]
        self.grid = (self.grid + 2 * pad - height) // stride + 1

    def _relu(self, layer: Layer, step: Step) -> None:  # noqa: ARG002
        self._same(layer, "leak", layer.numbers("leak", 0), (0,))

    def _lrn(self, layer: Layer, step: Step) -> None:  # noqa: ARG002
        self._same(layer, "[N kappa alpha beta]", layer.numbers("param", 5, 1, 2e-5, 0.75), LRN)

    def _pool(self, layer: Layer, step: Step) -> None:
        """Check a pooling; padding at the end may differ if the output grid is the same."""
        module = _as(nn.MaxPool2d, step)
        if layer.kind == "pool3d" and step.stage != "pool5":
            raise InputError(f"{self._of(layer)} pools over chunks; only pool5 may do so")
        if _text(layer, "method", "max") != "max":
            raise InputError(f"{self._of(layer)} takes the average; {self.tower} needs the maximum")
        kernel, stride = _pair(module.kernel_size), _pair(module.stride)
        pad = _pair(module.padding)
        self._same(layer, "window", window(layer), kernel)
        self._same(layer, "stride", _pair(layer.numbers("stride", 1)[:2]), stride)
        top, bottom, left, right = sides(layer)
        room = self.grid + 2 * pad[0] - kernel[0]
        cells = (room + (stride[0] - 1 if module.ceil_mode else 0)) // stride[0] + 1
        theirs = [(self.grid + top + end - kernel[0]) // stride[0] + 1 for end in (bottom, right)]
        if (top, left) != pad or theirs != [cells, cells]:
            raise InputError(
                f"{self._of(layer)} pools {self.grid}x{self.grid} cells to {theirs[0]:g}x"
                f"{theirs[1]:g} with pad {_text_of(sides(layer))}; {self.tower} needs "
                f"{cells}x{cells} with pad {pad[0]} before the first"
            )
        self.grid = cells

    def _average(self, layer: Layer, step: Step) -> None:  # noqa: ARG002
        """Check the mean over the whole grid, which our heads apply to the scores instead."""
        if _text(layer, "method", "max") != "avg":
            raise InputError(f"{self._of(layer)} takes the maximum; {self.tower} needs the average")
        self._same(layer, "window", window(layer), (self.grid, self.grid))
        self._same(layer, "pad", sides(layer), (0, 0, 0, 0))

    def _bnorm(self, layer: Layer, step: Step) -> None:
        """Convert y = m (x - mean) / sigma + b; the file's sigma includes epsilon of training."""
        module = _as(nn.BatchNorm2d, step)
        count = module.num_features
        gain, shift = (self.vector(layer, place, count) for place in (0, 1))
        if len(layer.weights) < 3 or np.squeeze(layer.weights[2]).shape != (count, 2):
            raise InputError(f"{self._of(layer)} has no moments of shape {count} x 2")
        mean, sigma = np.squeeze(layer.weights[2]).astype(np.float64).T
        if not (np.isfinite(mean).all() and (sigma > 0).all() and np.isfinite(sigma).all()):
            raise InputError(f"{self._of(layer)} has moments that are not finite or not positive")
        variance = np.maximum(sigma**2 - module.eps, 0)
        gain = gain * np.sqrt(variance + module.eps) / sigma  # factor 1 unless sigma^2 < epsilon
        for name, value in {
            "weight": gain,
            "bias": shift,
            "running_mean": mean - self._held,
            "running_var": variance,
        }.items():
            self.weights[f"{step.key}.{name}"] = torch.from_numpy(value).float()
        self.weights[f"{step.key}.num_batches_tracked"] = torch.tensor(0)
        self._held = _NO_BIAS

    def filter(self, layer: Layer, shape: tuple[int, ...]) -> np.ndarray:
        """A layer's filter in MatConvNet's axes, with axes of length 1 restored, float32."""
        value = layer.weights[0] if layer.weights else np.zeros(())
        found = tuple(n for n in value.shape if n > 1)
        if found != tuple(n for n in shape if n > 1):
            raise InputError(
                f"{self._of(layer)} has a filter of shape {_text_of(value.shape)}; {self.tower} "
                f"needs {_text_of(shape)}"
            )
        return self._finite(layer, value).reshape(shape).astype(np.float32, copy=False)

    def vector(self, layer: Layer, place: int, count: int) -> np.ndarray:
        """A layer's parameter with one value per channel, in float64; zeros if it has none."""
        if place >= len(layer.weights):
            return np.zeros(count)
        value = layer.weights[place]
        if value.size != count:
            raise InputError(f"{self._of(layer)} has {value.size} biases or gains; needed: {count}")
        return self._finite(layer, value).ravel().astype(np.float64)

    def _finite(self, layer: Layer, value: np.ndarray) -> np.ndarray:
        if value.dtype.kind not in "biuf" or not np.isfinite(value).all():
            raise InputError(f"{self._of(layer)} contains values that are not finite numbers")
        return value

    def _same(
        self, layer: Layer, what: str, found: Sequence[float], needed: Sequence[float]
    ) -> None:
        if len(found) != len(needed) or not np.allclose(found, needed, rtol=1e-3, atol=1e-9):
            raise InputError(
                f"{self._of(layer)} has {what} {_text_of(found)}; {self.tower} needs "
                f"{_text_of(needed)}"
            )

    def _of(self, layer: Layer | Fork) -> str:
        return f"layer {layer.name} of {self.file}"


def sides(layer: Layer) -> tuple[float, ...]:
    """Padding at the top, bottom, left and right; a 3-D layer's padding in time is left out."""
    pad = layer.numbers("pad", 0)
    return pad * 4 if len(pad) == 1 else _both(pad) if len(pad) == 2 else pad[:4]


def window(layer: Layer) -> tuple[float, ...]:
    """Height and width of a pooling window, called pool in SimpleNN and poolSize in DagNN."""
    return _pair((layer.numbers("poolSize") or layer.numbers("pool", 1))[:2])


def _kind(layer: Layer | Fork) -> str:
    """A layer's kind, as named in a ``Step``."""
    return "bend" if isinstance(layer, Fork) else layer.kind.removesuffix("3d")


def _text(layer: Layer, option: str, default: str) -> str:
    found = layer.options.get(option)
    found = found[0] if isinstance(found, tuple) and found else found
    return found if isinstance(found, str) else default


def _as(kind: type[M], step: Step) -> M:
    if not isinstance(step.module, kind):
        raise ValueError(f"expected {kind.__name__} at {step.name}, got {type(step.module)}")
    return step.module


def _pair(value: object) -> tuple:
    if isinstance(value, tuple):
        return value if len(value) > 1 else value * 2
    return (value, value)


def _both(pair: Sequence[float]) -> tuple[float, ...]:
    return (pair[0], pair[0], pair[1], pair[1])


def _text_of(values: Sequence[float]) -> str:
    return " ".join(f"{value:g}" for value in values) or "(none)"
