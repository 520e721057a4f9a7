"""MatConvNet's networks as rows of layers, narrow, with seeded weights, as the authors build them.

A layer's weights stand in MatConvNet's axes: H x W (x T) x C in x C out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np


@dataclass
class L:
    """A layer of a file to be."""

    name: str
    type: str  # DagNN's, without dagnn.
    block: dict[str, Any] = field(default_factory=dict)
    weights: list[np.ndarray] = field(default_factory=list)
    inputs: list[str] = field(default_factory=list)
    output: str = ""


LRN = [5, 2, 1e-4, 0.75]
RGB_MEAN = np.array([100.0, 110.0, 120.0])


def conv(
    random: np.random.Generator,
    name: str,
    shape: tuple[int, ...],
    *,
    pad: Any = 0,
    stride: Any = 1,
    gain: float = 1.0,
) -> L:
    """A filter H x W (x T) x C in x C out by He, with biases."""
    fan = np.prod(shape[:-1])
    value = random.normal(0, gain * np.sqrt(2 / fan), shape).astype(np.float32)
    bias = random.normal(0, 0.1, (1, shape[-1])).astype(np.float32)
    solid = len(shape) == 5
    pads = np.broadcast_to(pad, 6 if solid else 4)
    block = {"size": [*shape], "hasBias": True, "pad": [*pads]}
    block["stride"] = [*np.broadcast_to(stride, 3 if solid else 2)]
    return L(name, "Conv3D" if solid else "Conv", block, [value, bias])


def pool(name: str, size: int, stride: int, pad: Any = 0, method: str = "max") -> L:
    pads = [*np.broadcast_to(pad, 4)]
    sizes = {"poolSize": [size, size], "stride": [stride, stride], "pad": pads}
    return L(name, "Pooling", {"method": method, **sizes})


def cube(name: str, size: int, stride: int, depth: int) -> L:
    block = {"poolSize": [size, size, depth], "stride": [stride, stride, 2], "pad": [0] * 6}
    return L(name, "Pooling3D", {"method": "max", **block})


def relu(name: str) -> L:
    return L(name, "ReLU", {"leak": 0})


def vgg_m_mini(seed: int, channels: int, classes: int, *, temporal: bool) -> list[L]:
    """VGG-M, narrow, as ``vgg-m-mini`` has it, with the classifier that the authors put in."""
    random = np.random.default_rng(seed)
    norms = [L(f"norm{k}", "LRN", {"param": LRN}) for k in (1, 2)]
    row = [
        conv(random, "conv1", (7, 7, channels, 32), stride=2),
        relu("relu1"),
        norms[0],
        pool("pool1", 3, 2),
        conv(random, "conv2", (5, 5, 32, 64), pad=1, stride=2),
        relu("relu2"),
        norms[1],
        pool("pool2", 3, 2, [0, 1, 0, 1]),
        conv(random, "conv3", (3, 3, 64, 96), pad=1),
        relu("relu3"),
        conv(random, "conv4", (3, 3, 96, 96), pad=1),
        relu("relu4"),
        conv(random, "conv5", (3, 3, 96, 96), pad=1),
        relu("relu5"),
        pool("pool5", 3, 2),
        conv(random, "fc6", (2, 2, 96, 256)),
        relu("relu6"),
        L("layer19", "DropOut", {"rate": 0.85, "frozen": False}),
        conv(random, "fc7", (1, 1, 256, 128)),
        relu("relu7"),
        L("layer22", "DropOut", {"rate": 0.85, "frozen": False}),
        conv(random, "layer23", (1, 1, 128, classes), gain=0.1),
    ]
    return chained([layer for layer in row if not (temporal and layer.name == "norm2")])


def chained(row: list[L], first: str = "input", suffix: str = "") -> list[L]:
    """Each layer fed by the one before; names and variables with a suffix."""
    last = first
    for k, layer in enumerate(row, start=1):
        layer.name += suffix
        layer.inputs, layer.output = [last], f"x{k}{suffix}"
        last = layer.output
    return row


def fused(seed: int, stack: int, classes: int, depth: int = 3) -> list[L]:
    """Two towers as cnn_ucf101_fusion.m fuses them: conv53D at relu5, both pooled over chunks."""
    spatial = vgg_m_mini(seed, 3, classes, temporal=False)
    temporal = vgg_m_mini(seed + 1, 2 * stack, classes, temporal=True)
    chained(spatial, "input", "_spatial")
    chained(temporal, "input_flow", "_temporal")
    mix = conv(np.random.default_rng(seed + 2), "conv53D", (3, 3, 3, 192, 96), pad=1)
    meeting = [L("relu5_concat", "Concat", {"dim": 3}), mix, relu("relu3D5")]
    net = _met(spatial, temporal, meeting)
    for suffix in ("spatial", "temporal"):
        at = named(net, f"pool5_{suffix}")
        new = cube(f"pool3D5_{suffix}", 3, 2, depth)
        new.inputs, new.output = net[at].inputs, net[at].output
        net[at] = new
    return net


def fused_flat(seed: int, stack: int, classes: int, how: str = "conv") -> list[L]:
    """The 1x1 variant, conv_fusion_1 in the way of the spatial stream; or ``how`` = sum."""
    spatial = vgg_m_mini(seed, 3, classes, temporal=False)
    temporal = vgg_m_mini(seed + 1, 2 * stack, classes, temporal=True)
    chained(spatial, "input", "_spatial")
    chained(temporal, "input_flow", "_temporal")
    if how == "sum":
        return _met(spatial, temporal, [L("relu5_concat", "Sum", {})])
    mix = conv(np.random.default_rng(seed + 2), "conv_fusion_1", (1, 1, 192, 96))
    meeting = [L("relu5_concat", "Concat", {"dim": 3}), mix, relu("relu_fusion_1")]
    return _met(spatial, temporal, meeting)


def _met(spatial: list[L], temporal: list[L], meeting: list[L]) -> list[L]:
    at = named(spatial, "relu5_spatial")
    source = [spatial[at].output, temporal[named(temporal, "relu5_temporal")].output]
    chained(meeting, "?", "")
    for layer in meeting:
        layer.output = f"{layer.name}_out"
    for before, after in pairwise(meeting):
        after.inputs = [before.output]
    meeting[0].inputs = source
    spatial[at + 1].inputs = [meeting[-1].output]
    return [*spatial[: at + 1], *meeting, *spatial[at + 1 :], *temporal]


def named(net: list[L], name: str) -> int:
    """Index of a layer."""
    return next(k for k, layer in enumerate(net) if layer.name == name)


def batch_norm(random: np.random.Generator, name: str, channels: int) -> L:
    """Gains about 1, and moments [mean, sqrt(variance + epsilon)]."""
    gain, shift, mean = 1 + random.normal(0, 0.1, (3, channels)) - np.array([[0], [1], [1]])
    sigma = random.uniform(0.5, 2, channels)
    weights = [gain[:, None], shift[:, None], np.stack([mean, sigma], axis=1)]
    block = {"numChannels": channels, "epsilon": 1e-4}
    return L(name, "BatchNorm", block, [value.astype(np.float32) for value in weights])


def resnet_50(seed: int, channels: int, classes: int, grid: int, *, early: bool) -> list[L]:
    """ResNet-50 as imported from Caffe (``early`` strides, pool1 padded at the end), or as torch's.

    Layers are listed as Caffe lists them, branch1 first; conv1 has biases though it is normalised.
    """
    random = np.random.default_rng(seed)
    pad = [0, 1, 0, 1] if early else 1
    net = [conv(random, "conv1", (7, 7, channels, 64), pad=3, stride=2)]
    net += [batch_norm(random, "bn_conv1", 64), relu("conv1_relu"), pool("pool1", 3, 2, pad)]
    chained(net, "data")
    for level, width, blocks in ((2, 64, 3), (3, 128, 4), (4, 256, 6), (5, 512, 3)):
        for letter in "abcdef"[:blocks]:
            stride = 2 if level > 2 and letter == "a" else 1
            net += _block(random, f"{level}{letter}", net[-1].output, width, stride, early=early)
    last = [pool("pool5", grid, 1, 0, "avg"), conv(random, "prediction", (1, 1, 2048, classes))]
    chained(last, net[-1].output, "")
    for layer in last:
        layer.output = f"{layer.name}_out"
    last[1].inputs = [last[0].output]
    return [*net, *last]


def _block(
    random: np.random.Generator, name: str, source: str, width: int, stride: int, *, early: bool
) -> list[L]:
    """A bottleneck with, where it is the first of its level, a filter in its shortcut."""
    last = name.endswith("a")
    into = 4 * width if not last else 64 if width == 64 else 2 * width

    def filtered(branch: str, size: int, inside: int, outside: int, step: int) -> list[L]:
        shape = (size, size, inside, outside)
        layer = conv(random, f"res{branch}", shape, pad=size // 2, stride=step, gain=0.7)
        layer.weights = layer.weights[:1]
        layer.block["hasBias"] = False
        return [layer, batch_norm(random, f"bn{branch}", outside)]

    ways = []
    if last:
        ways.append(filtered(f"{name}_branch1", 1, into, 4 * width, stride))
    a, b = (stride, 1) if early else (1, stride)
    ways.append(
        [
            *filtered(f"{name}_branch2a", 1, into, width, a),
            relu(f"res{name}_branch2a_relu"),
            *filtered(f"{name}_branch2b", 3, width, width, b),
            relu(f"res{name}_branch2b_relu"),
            *filtered(f"{name}_branch2c", 1, width, 4 * width, 1),
        ]
    )
    for way in ways:
        before = source
        for layer in way:
            layer.inputs, layer.output = [before], f"{layer.name}_out"
            before = layer.output
    ends = [ways[0][-1].output if last else source, ways[-1][-1].output]
    added = L(f"res{name}", "Sum", {}, [], ends, f"res{name}_out")
    rectified = L(f"res{name}_relu", "ReLU", {"leak": 0}, [], [added.output], f"res{name}_relu_out")
    return [*(layer for way in ways for layer in way), added, rectified]
