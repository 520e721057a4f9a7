"""Captum reference: occlusion and Shapley values of the whole network, to test ours against."""

from __future__ import annotations

import numpy as np
import torch
from captum.attr import Occlusion, ShapleyValues
from torch import Tensor

from fusionscope.base.streams import STREAMS
from fusionscope.explain.target import Target
from fusionscope.nets.network import Network
from fusionscope.trace import absent_inputs, network_inputs
from fusionscope.video.snippets import Snippets


class Reference:
    """A clip and a network as Captum needs them: streams in, score of the target out."""

    def __init__(
        self, network: Network, snippets: Snippets, target: Target, at_once: int = 8
    ) -> None:
        """``at_once``: perturbed clips per batch."""
        self._network, self._target, self._at_once = network, target, at_once
        self._parts = network_inputs(network, snippets)
        self._absent = absent_inputs(network, *self._parts)

    @torch.inference_mode()
    def occlusion(self, stream: str, patch: int, stride: int, window: int = 1) -> np.ndarray:
        """(T, H, W) signed: the mean attribution of the patches over each pixel, per chunk."""
        place = STREAMS.index(stream)
        found = Occlusion(lambda part: self._score(part, place)).attribute(
            self._parts[place],
            sliding_window_shapes=(window, self._parts[place].shape[2], patch, patch),
            strides=(1, self._parts[place].shape[2], stride, stride),
            baselines=self._absent[place],
            perturbations_per_eval=self._at_once,
        )
        return found[0, :, 0].double().cpu().numpy()

    @torch.inference_mode()
    def frames(self, stream: str) -> np.ndarray:
        """(T,) Shapley values of a stream's chunks, from all orders."""
        place = STREAMS.index(stream)
        chunks = torch.arange(self._parts[place].shape[1], device=self._parts[place].device)
        found = ShapleyValues(lambda part: self._score(part, place)).attribute(
            self._parts[place],
            baselines=self._absent[place],
            feature_mask=chunks[None, :, None, None, None],
            perturbations_per_eval=self._at_once,
        )
        return found[0, :, 0, 0, 0].double().cpu().numpy()

    @torch.inference_mode()
    def streams(self) -> tuple[float, float]:
        """Shapley values of appearance and motion."""
        players = tuple(torch.full((1,) * 5, k, device=self._parts[0].device) for k in range(2))
        rgb, flow = ShapleyValues(self._both).attribute(
            self._parts, baselines=self._absent, feature_mask=players
        )
        return float(rgb.flatten()[0]), float(flow.flatten()[0])

    def _both(self, rgb: Tensor, flow: Tensor) -> Tensor:
        return self._target.of(self._network(rgb, flow), self._network.card.labels)

    def _score(self, part: Tensor, place: int) -> Tensor:
        pair = [other.expand(len(part), -1, -1, -1, -1) for other in self._parts]
        pair[place] = part
        return self._both(*pair)
