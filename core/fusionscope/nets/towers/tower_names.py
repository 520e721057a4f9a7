"""Tower names: the layers of our towers in files that other programs wrote, and their shapes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from torch import Tensor

from fusionscope.base.records import InputError, printable

Layers = Mapping[str, tuple[str, ...]]
"""Our layer -> its names in files: torchvision's or a port's, timm's, Caffe's."""


def _vgg_16() -> dict[str, tuple[str, ...]]:
    found, at = {}, 0
    for stage, count in enumerate((2, 2, 3, 3, 3), start=1):
        for layer in range(count):
            found[f"relu{stage}.{2 * layer}"] = (f"features.{at}", f"conv{stage}_{layer + 1}")
            at += 2  # a filter and its ReLU
        at += 1  # the pooling after the stage
    found["fc6.0"] = ("classifier.0", "pre_logits.fc1", "fc6")
    found["fc7.0"] = ("classifier.3", "pre_logits.fc2", "fc7")
    return found


_VGG_M = {
    "relu1.0": ("features.0", "conv1"),
    "relu2.0": ("features.4", "conv2"),
    "relu3.0": ("features.8", "conv3"),
    "relu4.0": ("features.10", "conv4"),
    "relu5.0": ("features.12", "conv5"),
    "fc6.0": ("classif.0", "classifier.0", "fc6"),
    "fc7.0": ("classif.3", "classifier.3", "fc7"),
}

_RESNET = {
    "relu1.0": ("conv1",),
    "relu1.1": ("bn1",),
    "relu2.1": ("layer1",),
    "relu3.0": ("layer2",),
    "relu4.0": ("layer3",),
    "relu5.0": ("layer4",),
}

LAYERS: Mapping[str, Layers] = MappingProxyType(
    {
        "vgg-m-2048": _VGG_M,
        "vgg-m-mini": _VGG_M,
        "vgg-16": _vgg_16(),
        **dict.fromkeys(("resnet-50", "resnet-50-caffe", "resnet-101", "resnet-152"), _RESNET),
    }
)
"""Tower -> the names of its layers in files."""


def renamed(given: Mapping[str, Tensor], tower: str, source: str) -> dict[str, Tensor]:
    """Give the tensors of a file our names, ``stages.relu1.0.weight``; others are left out.

    Raises:
        InputError: the file has none of the tower's layers.
    """
    ours = {theirs: own for own, names in LAYERS[tower].items() for theirs in names}
    found = {}
    for name, value in given.items():
        for theirs, own in ours.items():
            if name.startswith(f"{theirs}."):
                found[f"stages.{own}{name.removeprefix(theirs)}"] = value
    if not found:
        first = printable(next(iter(given), "no tensor"))
        raise InputError(
            f"{source} has no layers of {tower} (it has {first!r}, ...); needed: names like "
            f"{' or '.join(next(iter(LAYERS[tower].values())))}"
        )
    return found


def fitted_values(
    own: Mapping[str, Tensor], given: Mapping[str, Tensor], source: str, wider_after: str = ""
) -> dict[str, Tensor]:
    """Select the given values for a tower's tensors, except for its classifier.

    Linear layers become filters of the same weights. A first layer of other input channels gets the
    mean of the RGB filters in each. If the names of ``given`` are numbers, the order counts.

    Args:
        own: the tower's tensors; only their names and shapes are used.
        wider_after: a stage of fusion; a layer after it that takes more channels is left out.

    Raises:
        InputError: a tensor is missing or has another shape.
    """
    names = [name for name in own if not name.startswith("stages.fc8")]
    if given and all(name.isdigit() for name in given):
        given = dict(zip(names, given.values(), strict=False))
    stages = list(dict.fromkeys(name.split(".")[1] for name in own))
    after = stages[stages.index(wider_after) + 1 :] if wider_after in stages else []
    first = next((name for name in names if own[name].ndim == 4), "")
    found = {}
    for name in names:
        if name not in given:
            if name.endswith("num_batches_tracked"):  # which old files do not have
                continue
            raise InputError(f"{source} has no values for {_plain(name)}")
        value, shape = given[name], own[name].shape
        if value.ndim == 2 and len(shape) == 4 and value.numel() == shape.numel():
            value = value.reshape(shape)
        if name == first and value.ndim == 4 and value.shape[1] == 3 != shape[1]:
            value = value.mean(dim=1, keepdim=True).expand(-1, shape[1], -1, -1)
        if value.shape == shape:
            found[name] = value
        elif not (name.split(".")[1] in after and _is_wider(shape, value.shape)):
            raise InputError(
                f"{source} does not fit: {_plain(name)} has the shape {_size(value)}; "
                f"needed: {_size(own[name])}"
            )
    return found


def _is_wider(shape: tuple[int, ...], than: tuple[int, ...]) -> bool:
    """Whether a filter differs only in taking more input channels."""
    same = shape[:1] == than[:1] and shape[2:] == than[2:]
    return len(shape) == 4 and same and shape[1] > than[1]


def _plain(name: str) -> str:
    return re.sub(r"^stages\.", "", name)


def _size(value: Tensor) -> str:
    return "x".join(map(str, value.shape)) or "a single number"
