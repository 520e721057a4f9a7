"""Precision: in which arithmetic this machine runs a network's towers.

float32, unless the CPU has bfloat16 of its own, a pass is long, and with towers in bfloat16 it is
faster and scores the same within ``CLOSE``: then bfloat16, measured on the first clip that the
network sees here, and held to from then on. Where the streams meet and behind that, and for
gradients, it is float32 always: what is said to add up does, and backward bfloat16 is slow
(measured: up to 15 times).
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

from core.nets.network import Network, Seen
from core.nets.trunk import trunk_of

CLOSE = 0.05  # a score may be off by so much
FASTER = 1.2  # times, at least, or it is not worth what it is off
LONG = 0.25  # seconds; nobody waits for a pass that is shorter
_TRIALS = 2

_CHOSEN: MutableMapping[nn.Module, str] = WeakKeyDictionary()
_LOCK = threading.Lock()


@dataclass(frozen=True)
class Trial:
    """What towers in bfloat16 gain, and what they cost."""

    faster: float  # times
    apart: float  # the largest difference of a score

    @property
    def chosen(self) -> str:
        """The arithmetic that this speaks for."""
        return "bfloat16" if self.faster >= FASTER and self.apart <= CLOSE else "float32"


def has_bfloat16() -> bool:
    """Whether the CPU multiplies in bfloat16 by itself."""
    told = getattr(torch.cpu, "get_capabilities", dict)()
    return any(told.get(name) for name in ("avx512_bf16", "amx_bf16"))


def settle(network: Network, rgb: Tensor, flow: Tensor) -> str:
    """Choose for a network, by the inputs of its first pass; later the same is said again."""
    with _LOCK:
        if network not in _CHOSEN:
            found = trial(network, rgb, flow, LONG)
            _CHOSEN[network] = found.chosen if found else "float32"
        return _CHOSEN[network]


def precision_of(network: Network) -> str:
    """``bfloat16`` where that was chosen, else ``float32``."""
    return _CHOSEN.get(network, "float32")


@contextmanager
def computing(precision: str) -> Iterator[None]:
    """Make the passes within in this arithmetic."""
    with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bfloat16"):
        yield


def forward(network: Network, rgb: Tensor, flow: Tensor, precision: str) -> Seen:
    """A pass whose towers run in this arithmetic; what it returns is float32."""
    upto = trunk_of(network)
    if precision == "float32" or not upto:
        return network(rgb, flow)
    begun = Seen()
    ends: list[Tensor | None] = []
    towers = (network.spatial, begun.spatial), (network.temporal, begun.temporal)
    for (tower, maps), cells in zip(towers, network.normalised(rgb, flow), strict=True):
        if tower is None or cells is None:
            ends.append(None)
            continue
        with computing(precision):
            for name, made in tower.climb(upto, cells.flatten(0, 1)):
                maps[name] = made.float().unflatten(0, cells.shape[:2])
        ends.append(maps[upto])
    seen = network.onward(*ends, after=upto)
    seen.spatial = begun.spatial | seen.spatial
    seen.temporal = begun.temporal | seen.temporal
    return seen


@torch.inference_mode()
def trial(network: Network, rgb: Tensor, flow: Tensor, least: float = 0.0) -> Trial | None:
    """Time both ways in turn; None where there is no other way, or none that pays.

    Args:
        least: seconds; a pass that takes less is not tried twice.
    """
    if rgb.device.type != "cpu" or not has_bfloat16() or not trunk_of(network):
        return None
    seconds: dict[str, float] = {}
    found: dict[str, Tensor] = {}
    for precision in ("float32", "bfloat16") * _TRIALS:
        begun = time.perf_counter()
        found[precision] = forward(network, rgb, flow, precision).final
        taken = time.perf_counter() - begun
        seconds[precision] = min(taken, seconds.get(precision, taken))
        if seconds["float32"] < least:
            return None
    apart = float((found["float32"] - found["bfloat16"]).abs().max())
    return Trial(seconds["float32"] / seconds["bfloat16"], apart)
