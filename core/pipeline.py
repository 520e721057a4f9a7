"""Pipeline: from a clip and a network to all that the first page shows of them."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from core.explain.heatmaps import HeatMap, activation_maps, why
from core.explain.ledger import Passes, passes_of_run
from core.nets.network import Network
from core.records import InputError, Progress, seal, silent
from core.reel import pack_reel
from core.trace import Trace, run
from core.video.clip import Clip


@dataclass(frozen=True, eq=False)
class Analysis:
    """A run with what was read from it, ready to be shown."""

    trace: Trace
    passes: Passes
    maps: tuple[HeatMap, ...]
    reel: bytes

    def __post_init__(self) -> None:
        seal(self)


def analyse(
    network: Network,
    clip: Clip,
    flow: np.ndarray,
    progress: Progress = silent,
    full: float | None = None,
) -> Analysis:
    """Run a network on a clip, split its score, and draw where the score comes from.

    Args:
        full: pixels a frame that are drawn in full colour; None: what suits this flow.

    Raises:
        InputError: the clip is too short for the network.
    """
    progress("forward", 0.0)
    trace = run(network, clip, flow)
    progress("forward", 0.4)
    passes = passes_of_run(network, trace)
    progress("maps", 0.0)
    maps = activation_maps(trace, network)
    if passes.taught:
        with suppress(InputError):  # somebody's own network may give no map to ask
            maps.append(why(trace, network, passes.deciding))
    progress("maps", 1.0)
    return Analysis(trace, passes, tuple(maps), pack_reel(trace, maps, progress, full))
