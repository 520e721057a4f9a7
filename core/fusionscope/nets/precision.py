"""Precision: choose float32 or bfloat16 for a network's towers on this machine.

The choice is bfloat16 if the CPU supports it natively, a pass takes long, and bfloat16 is faster
with scores within ``CLOSE``; otherwise float32. It is measured on the network's first clip and then
kept. From the first fusion on, and for gradients, computation is always float32: contributions must
add up exactly, and backward passes in bfloat16 are slow (measured: up to 15 times).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn

from fusionscope.nets.network import Network, Seen
from fusionscope.nets.shared_stages import trunk_of

CLOSE = 0.05  # largest acceptable difference of a score
FASTER = 1.2  # least speed-up that justifies the difference
LONG = 0.25  # seconds; shorter passes stay in float32
_TRIALS = 2

_CHOSEN: MutableMapping[nn.Module, str] = WeakKeyDictionary()
_LOCK = threading.Lock()


@dataclass(frozen=True)
class PrecisionTrial:
    """Speed-up and error of towers in bfloat16."""

    faster: float  # speed-up factor
    apart: float  # largest difference of a score

    @property
    def chosen(self) -> str:
        """The better precision."""
        return "bfloat16" if self.faster >= FASTER and self.apart <= CLOSE else "float32"


def has_bfloat16() -> bool:
    """Whether the CPU multiplies natively in bfloat16."""
    found = getattr(torch.cpu, "get_capabilities", dict)()
    return any(found.get(name) for name in ("avx512_bf16", "amx_bf16"))


def choose_precision(network: Network, rgb: Tensor, flow: Tensor) -> str:
    """Choose a network's precision by timing its first inputs; later calls return that choice."""
    with _LOCK:
        if network not in _CHOSEN:
            found = precision_trial(network, rgb, flow, LONG)
            _CHOSEN[network] = found.chosen if found else "float32"
        return _CHOSEN[network]


def precision_of(network: Network) -> str:
    """``bfloat16`` if it was chosen for this network, else ``float32``."""
    return _CHOSEN.get(network, "float32")


@contextmanager
def computing(precision: str) -> Iterator[None]:
    """Run the passes inside the ``with`` in this precision."""
    with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bfloat16"):
        yield


def forward(network: Network, rgb: Tensor, flow: Tensor, precision: str) -> Seen:
    """Run a pass with the towers in this precision; the outputs are float32."""
    upto = trunk_of(network)
    if precision == "float32" or not upto:
        return network(rgb, flow)
    trunk = Seen()
    ends: list[Tensor | None] = []
    towers = (network.spatial, trunk.spatial), (network.temporal, trunk.temporal)
    for (tower, maps), cells in zip(towers, network.normalised(rgb, flow), strict=True):
        if tower is None or cells is None:
            ends.append(None)
            continue
        with computing(precision):
            for name, made in tower.climb(upto, cells.flatten(0, 1)):
                maps[name] = made.float().unflatten(0, cells.shape[:2])
        ends.append(maps[upto])
    seen = network.onward(*ends, after=upto)
    seen.spatial = trunk.spatial | seen.spatial
    seen.temporal = trunk.temporal | seen.temporal
    return seen


@torch.inference_mode()
def precision_trial(
    network: Network, rgb: Tensor, flow: Tensor, least: float = 0.0
) -> PrecisionTrial | None:
    """Time float32 and bfloat16 alternately; None if bfloat16 is unavailable or not worthwhile.

    Args:
        least: seconds; if a float32 pass is shorter, the trial stops.
    """
    if rgb.device.type != "cpu" or not has_bfloat16() or not trunk_of(network):
        return None
    seconds: dict[str, float] = {}
    found: dict[str, Tensor] = {}
    for precision in ("float32", "bfloat16") * _TRIALS:
        started = time.perf_counter()
        found[precision] = forward(network, rgb, flow, precision).final
        taken = time.perf_counter() - started
        seconds[precision] = min(taken, seconds.get(precision, taken))
        if seconds["float32"] < least:
            return None
    apart = float((found["float32"] - found["bfloat16"]).abs().max())
    return PrecisionTrial(seconds["float32"] / seconds["bfloat16"], apart)
