"""After the towers: re-score a clip after the maps of one stream change.

Up to the end of the shared stages each chunk passes through its tower alone. After them the streams
are fused, and chunks are pooled or their scores averaged. A change in a few chunks of one stream is
therefore scored without running the other stream or the other chunks:

- if chunks are combined only by averaging scores, only the changed chunks are run;
- if chunks are pooled over time, only the changed chunks are fused again;
- a 3-D filter is linear before its ReLU, so the filtered change is added to the stored output.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import conv2d

from fusionscope.base.streams import STREAMS
from fusionscope.explain.target import Target
from fusionscope.nets.fusion import Fusion
from fusionscope.nets.network import FuseMaps, Network, Seen
from fusionscope.nets.shared_stages import junction_of


class AfterTowers:
    """The maps of one clip at the end of the towers, one stream of which may change."""

    def __init__(
        self,
        network: Network,
        target: Target,
        stream: str,
        own: Tensor,
        other: Tensor | None,
    ) -> None:
        """Store the unchanged maps and their score.

        Args:
            stream: the stream that may change.
            own: (1, T, C, h, w) its maps.
            other: the maps of the other stream; None if the network has none.
        """
        self._network, self._target, self._stream = network, target, stream
        self._own, self._other, self._after = own, other, junction_of(network)
        over_time = any(network.operator(place).reach[0] for place in network.fusions)
        self._apart = network.card.pool != "3d" and not over_time
        seen = self._onward(own, other)
        self.score = float(target.of(seen, network.card.labels)[0])
        self._fused = seen.fused.get(self._after)  # (1, T, C', h, w)
        self._filter = None
        if self._after != "fc8" and other is not None and own.shape == other.shape:
            operator = network.operator(self._after) if self._after in network.fusions else None
            if operator is not None and operator.linear and operator.reach[0]:
                self._filter, self._reach = _half(operator, stream), operator.reach
                self._before = operator(*((own, other) if stream == "spatial" else (other, own)))

    def scores(self, maps: Tensor, first: int = 0) -> Tensor:
        """(B, n, C, h, w) new maps of n chunks, starting at chunk ``first`` -> (B,) scores."""
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
        """(B,) scores of a range of chunks, as if the clip had no others."""
        other = None if self._other is None else self._other[:, run]
        return self._target.of(self._onward(maps, other), self._network.card.labels)

    def _onward(self, own: Tensor, other: Tensor | None, meet: FuseMaps | None = None) -> Seen:
        """Run the rest of the network; unchanged maps stay a batch of one."""
        pair = (own, other) if self._stream == "spatial" else (other, own)
        seen = self._network.onward(*pair, after=self._after, meet=meet or self._fuse)
        seen.logits = {head: scores.expand(len(own), -1) for head, scores in seen.logits.items()}
        return seen

    def _fuse(self, place: str, cells: Tensor, motion: Tensor) -> Tensor:
        """Fuse as the network does; either map may be a batch of one."""
        count = max(len(cells), len(motion))
        return self._network.fuse(
            place, *(part.expand(count, -1, -1, -1, -1) for part in (cells, motion))
        )

    def _met(self, run: slice, maps: Tensor, cells: Tensor, motion: Tensor) -> Tensor:
        """(B, T, C', h, w) the fused map, recomputed only in the changed chunks."""
        operator = self._network.operator(self._after)
        if self._filter is not None:
            added = self._added(self._filter, run, maps)
            return added.relu() if operator.is_rectified(self._after) else added
        if self._fused is None or operator.reach[0]:
            return self._fuse(self._after, cells, motion)
        fused = self._fused.expand(len(maps), -1, -1, -1, -1).clone()
        fused[:, run] = self._fuse(self._after, cells[:, run], motion[:, run])
        return fused

    def _added(self, weight: Tensor, run: slice, maps: Tensor) -> Tensor:
        """(B, T, C', h, w) before the ReLU: the stored output plus the filtered change."""
        change = (maps - self._own[:, run]).flatten(0, 1)
        reach, margin = self._reach
        given = conv2d(change, weight, padding=margin).unflatten(1, (2 * reach + 1, -1))
        given = given.unflatten(0, maps.shape[:2])  # (B, n, 2 reach + 1, C', h, w)
        total = self._before.expand(len(maps), -1, -1, -1, -1).clone()
        for n in range(given.shape[1]):
            for k in range(2 * reach + 1):
                chunk = run.start + n + reach - k
                if 0 <= chunk < total.shape[1]:
                    total[:, chunk] += given[:, n, k]
        return total


def _half(operator: Fusion, stream: str) -> Tensor:
    """(k C', C, r, r) a stream's half of a k x r x r filter: a 2-D filter for each chunk of it."""
    half = operator.filters()[:, STREAMS.index(stream)]  # (C', C, k, r, r)
    flat = half.permute(2, 0, 1, 3, 4).flatten(0, 1)
    return flat.contiguous(memory_format=torch.channels_last)
