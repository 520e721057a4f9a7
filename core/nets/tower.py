"""Tower: one stream's network as a row of named stages.

A stage takes (B, C, h, w) and gives (B, C', h', w'). The names are places where streams can be
fused: relu1 ... relu5 are the last maps of each grid size; pool5, fc6, fc7 and fc8 follow. Fully
connected layers are convolutions, so that a tower runs on frames of any shape, and fc8 gives
(B, K, h, w), the classes' scores at every position.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping

from torch import Tensor, nn

from core.records import InputError


class Tower(nn.Module):
    """A row of stages, and the number of channels that each gives."""

    def __init__(self, stages: Mapping[str, nn.Module], channels: Mapping[str, int]) -> None:
        super().__init__()
        self.stages = nn.ModuleDict(OrderedDict(stages))
        self.channels = dict(channels)

    def end(self, place: str) -> None:
        """Drop all stages behind a place."""
        names = list(self.stages)
        for name in names[names.index(place) + 1 :]:
            del self.stages[name]

    def widen(self, place: str, channels: int) -> None:
        """Fit the first filter behind a place to more channels, with fresh weights.

        Raises:
            InputError: there is no filter behind it.
        """
        names = list(self.stages)
        for name in names[names.index(place) + 1 :]:
            stage = self.stages[name]
            filters = {k: m for k, m in stage.named_modules() if isinstance(m, nn.Conv2d)}
            if not filters:
                continue
            first = next(iter(filters))
            beside = f"{first.rpartition('.')[0]}.downsample."  # a residual block's other way in
            for path, layer in filters.items():
                if path == first or path.startswith(beside):
                    wide = _widened(layer, channels)
                    if path:
                        stage.set_submodule(path, wide)
                    else:
                        self.stages[name] = wide
            return
        raise InputError(f"concatenation at {place} needs a layer behind it that takes 2C channels")

    def climb(self, place: str, x: Tensor) -> Iterator[tuple[str, Tensor]]:
        """(B, C, H, W) -> every stage and what it made, up to the one of that name."""
        names = list(self.stages)
        for name in names[: names.index(place) + 1] if place else ():
            x = self.stages[name](x)
            yield name, x

    def until(self, place: str, x: Tensor) -> Tensor:
        """(B, C, H, W) -> what the stage of that name made; none named: the input itself."""
        end = x
        for _, end in self.climb(place, x):  # noqa: B007  (the last is what is asked for)
            pass
        return end

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        """(B, C, H, W) -> what each stage made, first stage first."""
        return dict(self.climb([*self.stages][-1], x))


def _widened(layer: nn.Conv2d, channels: int) -> nn.Conv2d:
    """The same filter, fresh, for so many channels."""
    kernel, stride, padding = layer.kernel_size, layer.stride, layer.padding
    return nn.Conv2d(
        channels,
        layer.out_channels,
        kernel,  # pyright: ignore[reportArgumentType]
        stride,  # pyright: ignore[reportArgumentType]
        padding,  # pyright: ignore[reportArgumentType]
        bias=layer.bias is not None,
    )
