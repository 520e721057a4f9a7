"""Chunk scores: a network's scores of windows that share chunks; each chunk is computed once.

Up to the first fusion, a tower handles each chunk alone: its maps there are kept and joined for
every window that contains the chunk.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from fusionscope.analysis.windows.window import OWN_HEADS
from fusionscope.base.streams import STREAMS
from fusionscope.nets.shared_stages import trunk_of

if TYPE_CHECKING:
    from fusionscope.nets.network import Network, Seen

Scores = dict[str, np.ndarray]
_MOST = 16  # chunks in one batch


class ChunkScores:
    """The chunks of a film that a network has seen, until ``forget``."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.upto = trunk_of(network)
        card = network.card
        two = len(card.streams or STREAMS) == len(STREAMS)
        self.replaced = [s for s, head in OWN_HEADS.items() if two and head not in card.heads]
        self._chunks: dict[int, list[Tensor | None]] = {}
        self._absent: list[Tensor | None] = []

    def __contains__(self, frame: int) -> bool:
        return frame in self._chunks

    def forget(self, before: int) -> None:
        """Drop the chunks before a frame."""
        for frame in [frame for frame in self._chunks if frame < before]:
            del self._chunks[frame]

    @torch.inference_mode()
    def add(self, frames: Sequence[int], rgb: np.ndarray, flow: np.ndarray) -> None:
        """Run the towers on new chunks: (n, 3, H, W) and (n, 2L, H, W) uint8, by frame."""
        for first in range(0, len(frames), _MOST):
            part = slice(first, first + _MOST)
            made = self._maps(rgb[part], flow[part])
            for place, frame in enumerate(frames[part]):
                # a copy: a view would keep the whole batch
                self._chunks[frame] = [None if m is None else m[place].clone() for m in made]
        if not self._absent:
            network, where = self.network, self.network.rgb_mean
            mean = where.expand(1, *rgb.shape[1:]).cpu().numpy()
            still = np.full_like(flow[:1], network.card.flow_mean, np.float32)
            self._absent = [None if m is None else m[0] for m in self._maps(mean, still)]

    def _maps(self, rgb: np.ndarray, flow: np.ndarray) -> list[Tensor | None]:
        """What is kept of each chunk, by stream: (n, C, h, w) maps, else the input itself."""
        network = self.network
        frames, fields = (torch.tensor(x, device=network.rgb_mean.device) for x in (rgb, flow))
        if not self.upto:
            return [frames, fields]
        towers = (network.spatial, network.temporal)
        inputs = network.normalised(frames.float(), fields.float())
        return [
            None if tower is None or cells is None else tower.until(self.upto, cells).float()
            for tower, cells in zip(towers, inputs, strict=True)
        ]

    @torch.inference_mode()
    def scores(self, frames: Sequence[int]) -> tuple[Scores, Scores]:
        """The scores of a window whose chunks were added: by head, and by replaced stream."""
        there = [_joined([self._chunks[frame][s] for frame in frames]) for s in (0, 1)]
        gone = [
            None if cells is None or absent is None else absent.expand_as(cells)
            for cells, absent in zip(there, self._absent, strict=True)
        ]
        cells, motion = [there[0]], [there[1]]
        for stream in self.replaced:  # appearance alone: its own maps, and absent motion
            cells.append(there[0] if stream == "appearance" else gone[0])
            motion.append(there[1] if stream == "motion" else gone[1])
        seen = self._onward(_stacked(cells), _stacked(motion))
        found = {head: s.cpu().numpy().astype(float) for head, s in seen.decisions.items()}
        *_, final = found.values()
        alone = {stream: final[n] for n, stream in enumerate(self.replaced, start=1)}
        return {head: scores[0] for head, scores in found.items()}, alone

    def _onward(self, cells: Tensor | None, motion: Tensor | None) -> Seen:
        if self.upto:
            return self.network.onward(cells, motion, after=self.upto)
        return self.network(cells, motion)


def _joined(chunks: Sequence[Tensor | None]) -> Tensor | None:
    there = [chunk for chunk in chunks if chunk is not None]
    return torch.stack(there).float() if there else None


def _stacked(parts: Sequence[Tensor | None]) -> Tensor | None:
    """(T, ...) each -> (B, T, ...); None if the network has no such stream."""
    there = [part for part in parts if part is not None]
    return torch.stack(there) if there else None
