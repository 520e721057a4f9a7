"""Timm's networks as towers: ResNet-50, EfficientNet-Lite0, and any other by its name there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from torch import nn

from core.nets.tower import Tower
from core.records import InputError


def efficientnet_lite0(channels: int, classes: int, temporal: bool) -> Tower:  # noqa: ARG001
    """EfficientNet-Lite0 by timm. Its blocks end linear: relu1 ... relu5 are names of places."""
    net = _made("efficientnet_lite0", channels)
    blocks = list(net.blocks)  # pyright: ignore[reportArgumentType]
    stages = {
        "relu1": nn.Sequential(net.conv_stem, net.bn1, blocks[0]),  # pyright: ignore[reportArgumentType]
        "relu2": blocks[1],
        "relu3": blocks[2],
        "relu4": nn.Sequential(*blocks[3:5]),
        "relu5": nn.Sequential(*blocks[5:7]),
        "pool5": nn.Identity(),
        "fc6": nn.Sequential(net.conv_head, net.bn2),  # pyright: ignore[reportArgumentType]
        "fc8": nn.Sequential(nn.Dropout(0.2), nn.Conv2d(1280, classes, 1)),
    }
    return Tower(stages, dict(zip(stages, (16, 24, 40, 112, 320, 320, 1280, classes), strict=True)))


def resnet_50(channels: int, classes: int, temporal: bool) -> Tower:  # noqa: ARG001
    """ResNet-50 by timm; relu2 ... relu5 are its conv2_x ... conv5_x."""
    net = _made("resnet50", channels)
    parts = {
        "relu1": (net.conv1, net.bn1, net.act1),
        "relu2": (net.maxpool, net.layer1),
        "relu3": (net.layer2,),
        "relu4": (net.layer3,),
        "relu5": (net.layer4,),
    }
    stages: dict[str, nn.Module] = {name: nn.Sequential(*layers) for name, layers in parts.items()}  # pyright: ignore[reportArgumentType]
    return _headed(stages, (64, 256, 512, 1024, 2048), classes)


def resnet_50_caffe(channels: int, classes: int, temporal: bool) -> Tower:
    """ResNet-50 as He et al. released it and the authors began with.

    A block that halves the grid does so in its first filter, not in its second, and the first
    pooling is padded at the end, not all round.
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


def _made(name: str, channels: int, *, features_only: bool = False) -> nn.Module:
    """A network of timm by its name there, with fresh weights."""
    import timm  # here: with it comes torch's compiler, as long as torch itself, for few networks

    return timm.create_model(name, pretrained=False, in_chans=channels, features_only=features_only)


def _headed(stages: dict[str, nn.Module], counts: Sequence[int], classes: int) -> Tower:
    """Stages of features, with a linear classifier of every cell behind them."""
    stages |= {"pool5": nn.Identity(), "fc8": nn.Conv2d(counts[-1], classes, 1)}
    return Tower(stages, dict(zip(stages, (*counts, counts[-1], classes), strict=True)))


def timm_tower(name: str, channels: int, classes: int) -> Tower:
    """Any network of timm that gives features at five sizes, by its name there."""
    try:
        net = _made(name, channels, features_only=True)
    except (RuntimeError, AttributeError, TypeError) as problem:
        raise InputError(
            f"timm has no network {name!r} that gives features: {problem}"
        ) from problem
    info = net.feature_info
    stages: dict[str, nn.Module] = {}
    layers: list[nn.Module] = []
    for layer, ends in _row(net):
        layers.append(layer)
        if ends:
            level = int(info.reduction()[len(stages)]).bit_length() - 1  # pyright: ignore[reportCallIssue, reportAttributeAccessIssue]
            stages[f"relu{level}"] = nn.Sequential(*layers)
            layers = []
    counts = info.channels()  # pyright: ignore[reportCallIssue, reportAttributeAccessIssue]
    if not stages or len(stages) != len(counts):
        raise InputError(f"timm's {name} does not give its features in one row of layers")
    return _headed(stages, counts, classes)


def _row(net: nn.Module) -> Iterator[tuple[nn.Module, bool]]:
    """The layers of timm's features-only nets in order: do features come out behind each?"""
    if hasattr(net, "return_layers"):
        for part, layer in net.named_children():
            yield layer, part in net.return_layers  # pyright: ignore[reportOperatorIssue]
    elif hasattr(net, "_stage_out_idx"):  # EfficientNet, MobileNet and their kin
        ends: dict[int, int] = net._stage_out_idx  # pyright: ignore[reportAssignmentType]
        stem = [layer for part, layer in net.named_children() if part != "blocks"]
        for number, layer in enumerate(stem):
            yield layer, number == len(stem) - 1 and 0 in ends
        for number, layer in enumerate(net.blocks, start=1):  # pyright: ignore[reportArgumentType]
            yield layer, number in ends
