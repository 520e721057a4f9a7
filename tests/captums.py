"""Captum's: its occlusion and Shapley values of one stream, run over the whole network."""

from __future__ import annotations

import numpy as np
import torch
from captum.attr import Occlusion, ShapleyValues

from core.explain.target import Target
from core.nets.network import Network
from core.trace import fed
from core.video.snippets import Snippets


class Asked:
    """A network as Captum takes it: both streams in, the target's score out; one stream in play."""

    def __init__(
        self, network: Network, snippets: Snippets, target: Target, stream: str = ""
    ) -> None:
        self.network, self.target, self.stream = network, target, stream
        self.parts = fed(network, snippets)
        self.absent = (
            network.rgb_mean.expand_as(self.parts[0]),
            torch.full_like(self.parts[1], network.card.flow_mean),
        )

    def both(self, rgb: torch.Tensor, flow: torch.Tensor) -> torch.Tensor:
        return self.target.of(self.network(rgb, flow), self.network.card.labels)

    def one(self, part: torch.Tensor) -> torch.Tensor:
        other = self.parts[1 - self.place].expand(len(part), -1, -1, -1, -1)
        return self.both(part, other) if self.place == 0 else self.both(other, part)

    @property
    def place(self) -> int:
        return ("spatial", "temporal").index(self.stream)


@torch.inference_mode()
def captum_occlusion(
    asked: Asked, patch: int, stride: int, window: int = 1, at_once: int = 8
) -> np.ndarray:
    """(T, H, W) by Captum."""
    part = asked.parts[asked.place]
    found = Occlusion(asked.one).attribute(
        part,
        sliding_window_shapes=(window, part.shape[2], patch, patch),
        strides=(1, part.shape[2], stride, stride),
        baselines=asked.absent[asked.place],
        perturbations_per_eval=at_once,
    )
    return found[0, :, 0].double().cpu().numpy()


@torch.inference_mode()
def captum_frames(asked: Asked, at_once: int = 8) -> np.ndarray:
    """(T,) by Captum's exact Shapley values, every chunk a player."""
    part = asked.parts[asked.place]
    mask = torch.arange(part.shape[1])[None, :, None, None, None]
    found = ShapleyValues(asked.one).attribute(
        part,
        baselines=asked.absent[asked.place],
        feature_mask=mask,
        perturbations_per_eval=at_once,
    )
    return found[0, :, 0, 0, 0].double().cpu().numpy()


@torch.inference_mode()
def captum_streams(asked: Asked) -> tuple[float, float]:
    """Appearance and motion by Captum's exact Shapley values, either stream a player."""
    masks = tuple(torch.full((1, 1, 1, 1, 1), k) for k in range(2))
    rgb, flow = ShapleyValues(asked.both).attribute(
        asked.parts, baselines=asked.absent, feature_mask=masks
    )
    return float(rgb.flatten()[0]), float(flow.flatten()[0])
