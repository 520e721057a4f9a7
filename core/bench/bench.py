"""Bench: every measure on Toybox, and on a real clip where there is one, each with its aim.

A measure is a function and an entry in ``MEASURES``; its aim is an entry in ``AIMS``.
"""

from __future__ import annotations

import os
import platform
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import torch

from core.bench import explaining, memory, parts, whole
from core.bench.growth import FRAMES, Growth, growth
from core.bench.pair import Aim, Pair
from core.bench.parts import Rate
from core.bench.subject import Subject, subject, toybox_video
from core.nets.network import Network
from core.nets.precision import Trial, trial
from core.records import Progress, silent
from core.trace import fed

Measure = Callable[[Subject, int], list[Pair]]
"""On a subject, so many repetitions -> pairs, of which the one that fares worst counts."""


@dataclass(frozen=True)
class Machine:
    """Where it was measured, and how busy that was with other things."""

    processor: str
    cores: int
    threads: int  # that torch may use
    load: tuple[float, float] | None  # processes that wanted a core, before and after; None: unsaid
    device: str


@dataclass(frozen=True)
class Bench:
    """All that was measured in one run."""

    model: str
    repeats: int
    machine: Machine
    found: Mapping[str, list[Pair]]
    aims: Mapping[str, Aim]
    rate: Rate
    growth: Sequence[Growth]
    bfloat16: Mapping[str, Trial | None]  # subject -> what its towers gain; None: not to be had

    @property
    def ratios(self) -> dict[str, float | None]:
        """Measure -> its ratio; None where this machine does not let it be measured."""
        return {name: self.aims[name].of(pairs) for name, pairs in self.found.items()}


def bench(
    network: Network,
    repeats: int = 3,
    real: tuple[Network, Path] | None = None,
    progress: Progress = silent,
    quick: bool = False,
) -> Bench:
    """Measure a network on Toybox, and another on a real clip.

    Args:
        real: a network of real people and a video, for what is measured on both.
        quick: two steps of growth instead of three, from a clip of half the length.
    """
    before = _load()
    with tempfile.TemporaryDirectory(prefix="fusionscope-") as made:
        folder = Path(made)
        subjects = [subject("Toybox", network, toybox_video(folder))]
        if real:
            subjects.append(subject(real[1].stem, *real))
        found: dict[str, list[Pair]] = {}
        for number, (name, measure) in enumerate(MEASURES.items()):
            progress(name, number / (len(MEASURES) + 2))
            on = subjects[:1] if name in _ONCE else subjects
            found[name] = [pair for one in on for pair in measure(one, repeats)]
        progress("rate", len(MEASURES) / (len(MEASURES) + 2))
        rate = parts.rate(subjects[-1], max(3, repeats))
        halved = {on.name: trial(on.network, *fed(on.network, on.snippets)) for on in subjects}
        progress("growth", (len(MEASURES) + 1) / (len(MEASURES) + 2))
        steps, shortest = ((1, 2), 12) if quick else ((1, 2, 4), FRAMES)
        grown = growth(network, folder, repeats, steps, shortest)
    progress("done", 1.0)
    after = _load()
    load = None if before is None or after is None else (before, after)
    device = str(network.rgb_mean.device)
    machine = Machine(
        platform.processor() or platform.machine(),
        os.cpu_count() or 1,
        torch.get_num_threads(),
        load,
        device,
    )
    return Bench(network.card.name, repeats, machine, found, AIMS, rate, grown, halved)


def _load() -> float | None:
    try:
        return os.getloadavg()[0]
    except (AttributeError, OSError):  # Windows does not tell
        return None


MEASURES: Mapping[str, Measure] = MappingProxyType(
    {
        "decode": parts.decode,
        "flow": parts.flow,
        "forward": parts.forward,
        "analysis": whole.analysis,
        "trace_memory": memory.trace_memory,
        "occlusion_speedup": lambda on, n: explaining.occlusion_speedup(on.network, n),
        "shapley_speedup": lambda on, n: explaining.shapley_speedup(on.network, n),
    }
)
"""Name, as printed -> what finds it."""

_ONCE = frozenset({"occlusion_speedup", "shapley_speedup"})
"""Measured on a small clip that is made, whatever the subject: Captum's way takes long."""

AIMS: Mapping[str, Aim] = MappingProxyType(
    {
        "decode": Aim(1.15, most=True),
        "flow": Aim(parts.flow_limit(), most=False),
        "forward": Aim(1.3, most=True),
        "analysis": Aim(1.15, most=True),
        "trace_memory": Aim(1.2, most=True),
        "occlusion_speedup": Aim(8, most=False),
        "shapley_speedup": Aim(8, most=False),
    }
)
