"""Junction: the network behind its towers: what it says when a stream's maps become others.

Up to the junction every chunk goes through its tower alone. Behind it the streams meet, and chunks
are pooled or their scores averaged. So what one stream becomes in a few chunks is said without
running the other stream, or the other chunks, again:

- where chunks meet in nothing but the mean of their scores, only the changed ones go on;
- where they are pooled over time, they are fused anew only where they have changed;
- a 3-D filter is linear before its ReLU, so what the change gives is added to what was there.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d

from core.explain.target import Target
from core.nets.fusion import Conv3d
from core.nets.network import Meeting, Network, Seen
from core.nets.trunk import junction_of
from core.streams import STREAMS


class Junction:
    """One clip's maps at the junction, of which one stream may change."""

    def __init__(
        self,
        network: Network,
        target: Target,
        stream: str,
        own: Tensor,
        other: Tensor | None,
    ) -> None:
        """Go on from the maps as they are.

        Args:
            stream: the one that may change.
            own: (1, T, C, h, w) its maps.
            other: those of the other stream, None where the network has none.
        """
        self._network, self._target, self._stream = network, target, stream
        self._own, self._other, self._after = own, other, junction_of(network)
        operators = list(network.fusions.values())
        threed = any(isinstance(operator, Conv3d) for operator in operators)
        self._apart = network.card.pool != "3d" and not threed
        seen = self._onward(own, other)
        self.score = float(target.of(seen, network.card.labels)[0])
        self._fused = seen.fused.get(self._after)  # (1, T, C', h, w)
        self._filter = None
        if self._after != "fc8" and other is not None and own.shape == other.shape:
            operator = dict(network.fusions.items()).get(self._after)
            if isinstance(operator, Conv3d):
                self._filter = _half(operator, stream)
                self._before = operator(*((own, other) if stream == "spatial" else (other, own)))

    def scores(self, maps: Tensor, first: int = 0) -> Tensor:
        """(B, n, C, h, w), what the stream becomes in n chunks from ``first`` on -> (B,) scores."""
        chunks, labels = self._own.shape[1], self._network.card.labels
        run = slice(first, first + maps.shape[1])
        if self._apart:
            return self.score + maps.shape[1] / chunks * (
                self._by_themselves(run, maps) - self._by_themselves(run, self._own[:, run])
            )
        whole = self._own.expand(len(maps), -1, -1, -1, -1).clone()
        whole[:, run] = maps

        def meet(place: str, cells: Tensor, motion: Tensor) -> Tensor:
            if place == self._after:
                return self._met(run, maps, cells, motion)
            return self._fuse(place, cells, motion)

        return self._target.of(self._onward(whole, self._other, meet), labels)

    def _by_themselves(self, run: slice, maps: Tensor) -> Tensor:
        """(B,) scores of a run of chunks as if there were no others."""
        other = None if self._other is None else self._other[:, run]
        return self._target.of(self._onward(maps, other), self._network.card.labels)

    def _onward(self, own: Tensor, other: Tensor | None, meet: Meeting | None = None) -> Seen:
        """Go on from the junction; what does not change is a batch of one, and stays that."""
        pair = (own, other) if self._stream == "spatial" else (other, own)
        seen = self._network.onward(*pair, after=self._after, meet=meet or self._fuse)
        seen.logits = {head: scores.expand(len(own), -1) for head, scores in seen.logits.items()}
        return seen

    def _fuse(self, place: str, cells: Tensor, motion: Tensor) -> Tensor:
        """As the network does, be either a batch of one."""
        count = max(len(cells), len(motion))
        return self._network.fuse(
            place, *(part.expand(count, -1, -1, -1, -1) for part in (cells, motion))
        )

    def _met(self, run: slice, maps: Tensor, cells: Tensor, motion: Tensor) -> Tensor:
        """(B, T, C', h, w) fused at the junction, anew only where the stream has changed."""
        operator = self._network.fusions[self._after]
        if self._filter is not None:
            return self._added(self._filter, run, maps).relu()
        if self._fused is None or isinstance(operator, Conv3d):
            return self._fuse(self._after, cells, motion)
        fused = self._fused.expand(len(maps), -1, -1, -1, -1).clone()
        fused[:, run] = self._fuse(self._after, cells[:, run], motion[:, run])
        return fused

    def _added(self, weight: Tensor, run: slice, maps: Tensor) -> Tensor:
        """(B, T, C', h, w) before the ReLU: as it was, and what the change gives on top."""
        change = (maps - self._own[:, run]).flatten(0, 1)
        given = conv2d(change, weight, padding=1).unflatten(1, (3, -1))
        given = given.unflatten(0, maps.shape[:2])  # (B, n, 3, C', h, w)
        total = self._before.expand(len(maps), -1, -1, -1, -1).clone()
        for n in range(given.shape[1]):
            for k in range(3):
                chunk = run.start + n + 1 - k
                if 0 <= chunk < total.shape[1]:
                    total[:, chunk] += given[:, n, k]
        return total


def _half(operator: nn.Module, stream: str) -> Tensor:
    """(3 C', C, 3, 3) a stream's half of a 3-D filter, a 2-D filter for each step in time."""
    whole = operator.get_parameter("mix.weight")  # (C', 2C, 3, 3, 3)
    half = whole.chunk(2, dim=1)[STREAMS.index(stream)]
    flat = half.permute(2, 0, 1, 3, 4).flatten(0, 1)
    return flat.contiguous(memory_format=torch.channels_last)
