"""Tower maps: what the frozen towers make of one clip, at the stage where a taught network fuses.

The towers are not trained, so one run for each clip is enough: everything is learned on its maps.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from functools import cached_property
from weakref import WeakKeyDictionary

import numpy as np
import torch
from torch import nn

from fusionscope.base.records import InputError, seal
from fusionscope.base.streams import STREAMS
from fusionscope.nets.module_state import state_digest
from fusionscope.nets.network import Network
from fusionscope.nets.precision import computing, precision_of
from fusionscope.trace import Trace, network_inputs
from fusionscope.video.clip import Clip
from fusionscope.video.flow.methods import dense_flow
from fusionscope.video.snippets import Snippets, mirrored, sample_snippets

_DIGESTS: MutableMapping[nn.Module, str] = WeakKeyDictionary()


@dataclass(frozen=True, eq=False)
class TowerMaps:
    """Maps of one clip, as it is and mirrored left to right: (2, T, C, h, w) float16 a stream."""

    clip: str  # digest of the clip
    towers: str  # digest of the towers up to ``place``
    place: str  # the stage, as in ``relu5``
    spatial: np.ndarray
    temporal: np.ndarray

    def __post_init__(self) -> None:
        seal(self)

    @cached_property
    def means(self) -> Mapping[str, np.ndarray]:
        """Stream -> (2, C) mean over chunks and cells, of each view."""
        return {s: getattr(self, s).mean(axis=(1, 3, 4), dtype=float) for s in STREAMS}


def tower_maps(network: Network, clip: Clip, flow: np.ndarray | None = None) -> TowerMaps:
    """Run the towers of a network on a clip.

    Args:
        flow: (N-1, 2, H, W) pixels; None: computed by the network's flow method.

    Raises:
        InputError: the clip is too short, or the network cannot be taught (``place_of``).
    """
    place_of(network)
    if flow is None:
        flow = dense_flow(clip, network.card.flow)
    return _maps(network, clip, sample_snippets(clip, flow, network.card), None)


def tower_maps_of_run(network: Network, trace: Trace) -> TowerMaps:
    """Like ``tower_maps``, reusing the maps of a run of the network on the clip.

    Raises:
        InputError: the network cannot be taught.
    """
    return _maps(network, trace.clip, trace.snippets, trace)


@torch.inference_mode()
def _maps(network: Network, clip: Clip, snippets: Snippets, trace: Trace | None) -> TowerMaps:
    place = place_of(network)
    found: dict[str, list[np.ndarray]] = {stream: [] for stream in STREAMS}
    views = (snippets, mirrored(snippets))
    for number, view in enumerate(views):
        if trace is not None and not number:
            for stream in STREAMS:
                found[stream].append(trace.maps(stream)[place].astype(np.float16))
            continue
        cells = network.normalised(*network_inputs(network, view))
        for stream, part in zip(STREAMS, cells, strict=True):
            tower = getattr(network, stream)
            if part is None:
                raise ValueError(f"expected input for the {stream} tower, got none")
            with computing(precision_of(network)):
                made = tower.until(place, part[0]).float()
            found[stream].append(made.cpu().numpy().astype(np.float16))
    stacked = {stream: np.stack(maps) for stream, maps in found.items()}
    return TowerMaps(clip.digest, towers_digest(network), place, **stacked)


def place_of(network: Network) -> str:
    """The stage whose maps are taught: the last ``relu`` stage before the first fusion.

    Raises:
        InputError: the network has only one tower, or is adapted and exposes none.
    """
    spatial, temporal = network.spatial, network.temporal
    title = network.card.title
    if spatial is None or temporal is None:
        raise InputError(f"{title} cannot be taught; needed: a network with both towers of its own")
    names = list(spatial.stages)
    first = next(iter(network.fusions), names[-1])
    shared = [
        name
        for name in names[: names.index(first) + 1]
        if name.startswith("relu")
        and name in temporal.stages
        and spatial.channels[name] == temporal.channels[name]
    ]
    if not shared:
        raise InputError(f"{title} cannot be taught; needed: a relu stage that both towers have")
    return shared[-1]


def towers_digest(network: Network) -> str:
    """The sha256 of both towers' weights up to ``place_of``, computed once for each network."""
    if network not in _DIGESTS:
        place = place_of(network)
        below = nn.ModuleList()
        for stream in STREAMS:
            stages = getattr(network, stream).stages
            names = list(stages)
            below.extend(stages[name] for name in names[: names.index(place) + 1])
        _DIGESTS[network] = state_digest(below)
    return _DIGESTS[network]
