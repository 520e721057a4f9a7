"""Tower: one stream's network as a sequence of named stages.

A stage maps (B, C, h, w) to (B, C', h', w'). Streams can be fused after any stage: relu1 ... relu5
output the last maps of each grid size; pool5, fc6, fc7 and fc8 follow. Fully connected layers are
convolutions, so that a tower runs on frames of any shape; fc8 returns the class scores at every
position, (B, K, h, w).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping

from torch import Tensor, nn

from fusionscope.base.records import InputError


class Tower(nn.Module):
    """A sequence of stages, and the number of output channels of each."""

    def __init__(self, stages: Mapping[str, nn.Module], channels: Mapping[str, int]) -> None:
        super().__init__()
        self.stages = nn.ModuleDict(OrderedDict(stages))
        self.channels = dict(channels)

    def end(self, place: str) -> None:
        """Remove all stages after a place."""
        names = list(self.stages)
        for name in names[names.index(place) + 1 :]:
            del self.stages[name]

    def widen(self, place: str, channels: int) -> None:
        """Change the input channels of the first filter after a place, with new weights.

        Raises:
            InputError: there is no filter after it.
        """
        names = list(self.stages)
        for name in names[names.index(place) + 1 :]:
            stage = self.stages[name]
            filters = {k: m for k, m in stage.named_modules() if isinstance(m, nn.Conv2d)}
            if not filters:
                continue
            first = next(iter(filters))
            beside = f"{first.rpartition('.')[0]}.downsample."  # a residual block's shortcut
            for path, layer in filters.items():
                if path == first or path.startswith(beside):
                    wide = _widened(layer, channels)
                    if path:
                        stage.set_submodule(path, wide)
                    else:
                        self.stages[name] = wide
            return
        raise InputError(
            f"concatenation at {place} outputs 2C channels, and no layer follows to take them"
        )

    def climb(self, place: str, x: Tensor) -> Iterator[tuple[str, Tensor]]:
        """Run the stages on (B, C, H, W) and yield each output, up to the stage at ``place``."""
        names = list(self.stages)
        for name in names[: names.index(place) + 1] if place else ():
            x = self.stages[name](x)
            yield name, x

    def until(self, place: str, x: Tensor) -> Tensor:
        """Output of the stage at ``place`` for (B, C, H, W); for an empty place, the input."""
        end = x
        for _, end in self.climb(place, x):  # noqa: B007  (only the last output is needed)
            pass
        return end

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        """Run all stages on (B, C, H, W): stage name -> output, first stage first."""
        return dict(self.climb([*self.stages][-1], x))


def _widened(layer: nn.Conv2d, channels: int) -> nn.Conv2d:
    """The same filter with other input channels and new weights."""
    (height, width), (down, across), padding = layer.kernel_size, layer.stride, layer.padding
    return nn.Conv2d(
        channels,
        layer.out_channels,
        (height, width),
        (down, across),
        padding if isinstance(padding, str) else (padding[0], padding[1]),
        bias=layer.bias is not None,
    )
