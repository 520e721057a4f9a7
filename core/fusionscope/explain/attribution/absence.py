"""Absence: scores of a network with patches or chunks of one stream removed.

Absent appearance is the training mean, absent motion is zero flow.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Protocol

import torch
from torch import Tensor

from fusionscope.base.records import InputError
from fusionscope.base.streams import STREAMS
from fusionscope.explain.attribution.after_towers import AfterTowers
from fusionscope.explain.attribution.partial_rerun import Grid, Rerun
from fusionscope.explain.attribution.patches import Patches
from fusionscope.explain.target import Target
from fusionscope.nets.network import Network
from fusionscope.nets.shared_stages import junction_of
from fusionscope.trace import absent_inputs, network_inputs
from fusionscope.video.snippets import Snippets

ABSENT: Mapping[str, str] = MappingProxyType({"spatial": "training mean", "temporal": "no motion"})
"""Stream -> what replaces it where it is absent."""


class Absence(Protocol):
    """A clip and a network, with parts of one stream removable."""

    score: float  # of the unchanged clip

    def of_patches(self, patches: Patches, places: range, window: int) -> Tensor:
        """(places, T - window + 1) scores: a patch absent in ``window`` chunks from each start."""
        ...

    def of_chunks(self, present: Tensor) -> Tensor:
        """(B, T) mask of the chunks present -> (B,) scores."""
        ...


def absence(network: Network, snippets: Snippets, target: Target, stream: str) -> Absence:
    """Prepare a clip and a network for removing parts of one stream.

    Raises:
        InputError: the network has no such stream.
    """
    if stream not in ABSENT:
        raise InputError(f"there is no stream {stream!r}; choose one of {', '.join(ABSENT)}")
    if stream not in network.card.streams:
        raise InputError(f"{network.card.title} has no {stream} stream to remove")
    with torch.inference_mode():
        if network.spatial is None and network.temporal is None:
            return ByPasses(network, snippets, target, stream)
        return ByTowers(network, snippets, target, stream)


class ByPasses:
    """Removal by running the whole network each time: the only way for an adapted network."""

    def __init__(self, network: Network, snippets: Snippets, target: Target, stream: str) -> None:
        self._network, self._target, self._place = network, target, STREAMS.index(stream)
        self._parts = network_inputs(network, snippets)
        self._absent = absent_inputs(network, *self._parts)[self._place]
        self.score = float(self._scores(self._parts[self._place])[0])

    def of_patches(self, patches: Patches, places: range, window: int) -> Tensor:
        """See ``Absence``."""
        own, found = self._parts[self._place], []
        for first in range(own.shape[1] - window + 1):
            changed = own.expand(len(places), -1, -1, -1, -1).clone()
            for one, (r, c) in zip(changed, map(patches.at, places), strict=True):
                rows, columns = slice(*patches.rows[r]), slice(*patches.columns[c])
                there = self._absent[0, :1, :, rows, columns]
                one[first : first + window, :, rows, columns] = there
            found.append(self._scores(changed))
        return torch.stack(found, dim=1)

    def of_chunks(self, present: Tensor) -> Tensor:
        """See ``Absence``."""
        there = present[:, :, None, None, None].to(self._absent.device)
        return self._scores(torch.where(there, self._parts[self._place], self._absent))

    def _scores(self, own: Tensor) -> Tensor:
        pair = [part.expand(len(own), -1, -1, -1, -1) for part in self._parts]
        pair[self._place] = own
        return self._target.of(self._network(*pair), self._network.card.labels)


class ByTowers:
    """Removal by recomputing only the cells that change, from the stored maps of the clip."""

    def __init__(self, network: Network, snippets: Snippets, target: Target, stream: str) -> None:
        towers = dict(zip(STREAMS, (network.spatial, network.temporal), strict=True))
        parts = dict(
            zip(STREAMS, network.normalised(*network_inputs(network, snippets)), strict=True)
        )
        tower, chunks = towers.pop(stream), parts.pop(stream)
        (beside,), (others,) = towers.values(), parts.values()
        if tower is None or chunks is None:
            raise ValueError(f"expected a network with a {stream} tower, got none")
        upto = junction_of(network)
        self._tower = Rerun(tower, upto, chunks[0])
        self._own = self._tower.end[None]
        other = None
        if beside is not None and others is not None:
            other = beside.until(upto, others[0])[None]
        self._junction = AfterTowers(network, target, stream, self._own, other)
        self.score = self._junction.score
        self._grids: dict[Patches, Grid] = {}

    def of_patches(self, patches: Patches, places: range, window: int) -> Tensor:
        """See ``Absence``."""
        if patches not in self._grids:
            self._grids[patches] = Grid(self._tower, patches.rows, patches.columns)
        maps = self._grids[patches].without([*map(patches.at, places)])
        firsts = range(maps.shape[1] - window + 1)
        scores = [self._junction.scores(maps[:, t : t + window], t) for t in firsts]
        return torch.stack(scores, dim=1)

    def of_chunks(self, present: Tensor) -> Tensor:
        """See ``Absence``."""
        there = present[:, :, None, None, None].to(self._absent.device)
        return self._junction.scores(torch.where(there, self._own, self._absent))

    @cached_property
    def _absent(self) -> Tensor:
        """(1, C, h, w) the tower's output for an absent chunk, which is 0 once normalised."""
        return self._tower.of(torch.zeros_like(self._tower.start[:1]))
