"""Towers from timm: ResNets, and any other network by its timm name, also pretrained."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from fusionscope.base.records import InputError
from fusionscope.nets.towers.tower import Tower


def resnet_50(channels: int, classes: int, temporal: bool) -> Tower:  # noqa: ARG001
    """ResNet-50; relu2 ... relu5 are conv2_x ... conv5_x, as in the larger ones."""
    return _resnet("resnet50", channels, classes)


def resnet_101(channels: int, classes: int, temporal: bool) -> Tower:  # noqa: ARG001
    """ResNet-101 (He et al. 2016)."""
    return _resnet("resnet101", channels, classes)


def resnet_152(channels: int, classes: int, temporal: bool) -> Tower:  # noqa: ARG001
    """ResNet-152 (He et al. 2016)."""
    return _resnet("resnet152", channels, classes)


def _resnet(name: str, channels: int, classes: int) -> Tower:
    net = _build(name, channels)
    parts = {
        "relu1": (net.conv1, net.bn1, net.act1),
        "relu2": (net.maxpool, net.layer1),
        "relu3": (net.layer2,),
        "relu4": (net.layer3,),
        "relu5": (net.layer4,),
    }
    stages: dict[str, nn.Module] = {name: nn.Sequential(*layers) for name, layers in parts.items()}
    return _headed(stages, (64, 256, 512, 1024, 2048), classes)


def resnet_50_caffe(channels: int, classes: int, temporal: bool) -> Tower:
    """ResNet-50 as released by He et al. and used by the authors.

    A block that halves the grid does so in its first convolution, not its second, and the first
    pooling is padded only at the end, not on all sides.
    """
    tower = resnet_50(channels, classes, temporal)
    tower.stages["relu2"].set_submodule("0", nn.MaxPool2d(3, stride=2, ceil_mode=True))
    for place in ("relu3", "relu4", "relu5"):
        block = tower.stages[place].get_submodule("0.0")
        for part, stride in (("conv1", 2), ("conv2", 1)):
            layer = block.get_submodule(part)
            if not isinstance(layer, nn.Conv2d):
                raise ValueError(f"expected a Conv2d at {place} {part}, got {type(layer)}")
            layer.stride = (stride, stride)
    return tower


def _build(name: str, channels: int, **options: Any) -> Any:
    """Build a timm network by name; without options, with newly initialised weights."""
    import timm  # here, as few networks need it and it also loads torch's compiler, which is slow

    return timm.create_model(name, in_chans=channels, **options)


def _headed(stages: dict[str, nn.Module], counts: Sequence[int], classes: int) -> Tower:
    """Add a linear classifier of every cell to stages of features."""
    stages |= {"pool5": nn.Identity(), "fc8": nn.Conv2d(counts[-1], classes, 1)}
    return Tower(stages, dict(zip(stages, (*counts, counts[-1], classes), strict=True)))


def timm_tower(name: str, channels: int, classes: int) -> Tower:
    """Build a tower from any timm network with feature maps at five sizes."""
    try:
        net = _build(name, channels, features_only=True)
    except (RuntimeError, AttributeError, TypeError) as problem:
        raise InputError(f"timm has no network {name!r} with feature maps: {problem}") from problem
    return _in_stages(net, name, classes)


def pretrained_timm_tower(
    name: str, given: Mapping[str, Tensor] | None = None, file: str = ""
) -> dict[str, Tensor]:
    """Load the values of a pretrained timm tower for 3 input channels, without a classifier.

    Args:
        given: tensors to load instead of those that timm downloads or has cached.
        file: what errors call them.

    Raises:
        InputError: there are no such weights, the download fails, or tensors are missing.
    """
    source = file or f"timm's {name}"
    overlay = {"pretrained_cfg_overlay": {"state_dict": dict(given)}} if given else {}
    with torch.random.fork_rng(devices=[]):  # an unloaded filter keeps its seeded values
        torch.manual_seed(0)
        fresh = timm_tower(name, 3, 1).state_dict()
        torch.manual_seed(0)
        try:
            net = _build(name, 3, features_only=True, pretrained=True, **overlay)
        except (OSError, RuntimeError, KeyError, AttributeError, ValueError) as problem:
            first = next(iter(str(problem).splitlines()), type(problem).__name__)
            raise InputError(
                f"the ImageNet weights of {source} cannot be loaded: {first}; give a file with "
                "--weights FILE"
            ) from problem
        found = _in_stages(net, name, 1).state_dict()
    found = {key: value for key, value in found.items() if not key.startswith("stages.fc8")}
    for key, value in found.items():
        if value.ndim > 1 and torch.equal(value, fresh[key]):
            raise InputError(f"{source} has no values for {key.removeprefix('stages.')}")
    return found


def timm_config(name: str) -> Any:
    """Timm's description of a network's pretrained weights.

    Raises:
        InputError: timm has no weights of that name.
    """
    import timm

    try:
        found = timm.get_pretrained_cfg(name, allow_unregistered=False)
    except (RuntimeError, ValueError) as problem:
        raise InputError(f"timm has no network {name!r}: {problem}") from problem
    if found is None or not (found.hf_hub_id or found.url):
        raise InputError(
            f"timm has no pretrained weights of {name!r}; give a file with --weights FILE"
        )
    return found


def _in_stages(net: Any, name: str, classes: int) -> Tower:
    """Divide a timm features-only network into stages."""
    info = net.feature_info
    stages: dict[str, nn.Module] = {}
    layers: list[nn.Module] = []
    for layer, ends in _row(net):
        layers.append(layer)
        if ends:
            level = int(info.reduction()[len(stages)]).bit_length() - 1
            stages[f"relu{level}"] = nn.Sequential(*layers)
            layers = []
    counts = info.channels()
    if not stages or len(stages) != len(counts):
        raise InputError(f"timm's {name} cannot be used: its layers do not form a single sequence")
    return _headed(stages, counts, classes)


def _row(net: Any) -> Iterator[tuple[nn.Module, bool]]:
    """Yield the layers of a timm features-only network, and whether each outputs features."""
    if hasattr(net, "return_layers"):
        for part, layer in net.named_children():
            yield layer, part in net.return_layers
    elif hasattr(net, "_stage_out_idx"):  # EfficientNet, MobileNet and similar
        ends: dict[int, int] = net._stage_out_idx
        stem = [layer for part, layer in net.named_children() if part != "blocks"]
        for number, layer in enumerate(stem):
            yield layer, number == len(stem) - 1 and 0 in ends
        for number, layer in enumerate(net.blocks, start=1):
            yield layer, number in ends
