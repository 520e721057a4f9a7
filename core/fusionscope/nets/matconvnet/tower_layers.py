"""Tower layers: the layers that a file must contain for one of our towers, with MatConvNet's names.

They are read from the tower's own modules, so that a file is compared with what will run.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from timm.models.resnet import Bottleneck
from torch import nn

from fusionscope.nets.towers.tower import Tower
from fusionscope.nets.towers.vgg import LocalResponseNorm


@dataclass(frozen=True)
class Step:
    """One layer of a tower. ``average`` is the mean over the grid, which our heads compute."""

    name: str
    kind: str  # conv, relu, lrn, pool, bnorm, average
    module: nn.Module
    key: str  # prefix of its weights in the tower
    stage: str


@dataclass(frozen=True)
class Bend:
    """A residual block up to its sum."""

    name: str
    main: tuple[Step, ...]
    shortcut: tuple[Step, ...]
    stage: str


_KINDS: dict[type[nn.Module], str] = {
    nn.Conv2d: "conv",
    nn.ReLU: "relu",
    LocalResponseNorm: "lrn",
    nn.MaxPool2d: "pool",
    nn.BatchNorm2d: "bnorm",
    nn.Identity: "average",
}
_STEMS = {"conv": "conv", "relu": "relu", "lrn": "norm", "pool": "pool", "average": "pool"}


def steps(tower: Tower) -> list[Step | Bend]:
    """List a tower's layers in order, without dropout."""
    row: list[Step | Bend] = []
    for stage, whole in tower.stages.items():
        level = stage.lstrip("relupofc")
        leaves = [*_leaves(whole, f"stages.{stage}")]
        convs = sum(isinstance(module, nn.Conv2d) for _, module in leaves)
        seen, block = 0, "a"
        for key, module in leaves:
            if isinstance(module, Bottleneck):
                row += _bent(module, key, f"{level}{block}", stage)
                block = chr(ord(block) + 1)
                continue
            kind = _KINDS[type(module)]
            seen += kind == "conv"
            name = _STEMS.get(kind, "bn_conv") + level
            if stage.startswith("fc") and kind == "conv":
                name = stage
            elif convs > 1 and kind in ("conv", "relu"):
                name += f"_{seen}"
            elif kind == "pool" and stage == "relu2":  # only in ResNet
                name = "pool1"
            row.append(Step(name, kind, module, key, stage))
    return row


def _leaves(module: nn.Module, key: str) -> Iterator[tuple[str, nn.Module]]:
    """Yield layers and whole residual blocks, in order."""
    if isinstance(module, Bottleneck) or not [*module.children()]:
        if not isinstance(module, nn.Dropout):
            yield key, module
        return
    for name, child in module.named_children():
        yield from _leaves(child, f"{key}.{name}")


def _bent(block: Bottleneck, key: str, name: str, stage: str) -> Iterator[Step | Bend]:
    """Yield a bottleneck block: its two paths, then the ReLU after their sum."""
    main = []
    for number, letter in enumerate("abc", start=1):
        branch = f"{name}_branch2{letter}"
        for kind, part, title in (
            ("conv", f"conv{number}", f"res{branch}"),
            ("bnorm", f"bn{number}", f"bn{branch}"),
            ("relu", f"act{number}", f"res{branch}_relu"),
        )[: 3 if number < 3 else 2]:
            main.append(Step(title, kind, getattr(block, part), f"{key}.{part}", stage))
    shortcut = []
    if block.downsample is not None:
        for (part, module), title in zip(
            block.downsample.named_children(),
            (f"res{name}_branch1", f"bn{name}_branch1"),
            strict=True,
        ):
            shortcut.append(
                Step(title, _KINDS[type(module)], module, f"{key}.downsample.{part}", stage)
            )
    yield Bend(f"res{name}", tuple(main), tuple(shortcut), stage)
    yield Step(f"res{name}_relu", "relu", block.act3, f"{key}.act3", stage)
