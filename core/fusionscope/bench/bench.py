"""Bench: run every measure on Toybox, and on a real clip if there is one, each with a target.

A measure is a function and an entry in ``MEASURES``; its target is an entry in ``AIMS``.
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

from fusionscope.base.records import Progress, no_progress
from fusionscope.bench import attribution, stages, trace_memory, whole_analysis
from fusionscope.bench.cold_start import cold_start, missing_reason
from fusionscope.bench.command import command
from fusionscope.bench.scaling import FRAMES, Growth, growth
from fusionscope.bench.stages import Rate
from fusionscope.bench.subject import Subject, subject, toybox_video
from fusionscope.bench.timed_pair import Aim, TimedPair
from fusionscope.nets.network import Network
from fusionscope.nets.precision import PrecisionTrial, precision_trial
from fusionscope.trace import network_inputs

Measure = Callable[[Subject, int], list[TimedPair]]
"""Subject, number of repetitions -> timed pairs, of which the worst counts."""


@dataclass(frozen=True)
class Machine:
    """The machine, and its load during the measurement."""

    processor: str
    cores: int
    threads: int  # of torch
    load: tuple[float, float] | None  # load average before and after; None: unknown
    device: str


@dataclass(frozen=True)
class Bench:
    """All results of one run."""

    model: str
    repeats: int
    machine: Machine
    found: Mapping[str, list[TimedPair]]
    aims: Mapping[str, Aim]
    rate: Rate
    growth: Sequence[Growth]
    bfloat16: Mapping[
        str, PrecisionTrial | None
    ]  # subject -> gain of its towers; None: not available
    cold_start: Mapping[str, float]  # step -> seconds, median
    missing: Mapping[str, str]  # measure -> why it was not made, in one sentence

    @property
    def ratios(self) -> dict[str, float | None]:
        """Measure -> ratio; None if it cannot be measured on this machine."""
        return {name: self.aims[name].of(pairs) for name, pairs in self.found.items()}


def bench(
    network: Network,
    repeats: int = 3,
    real: tuple[Network, Path] | None = None,
    progress: Progress = no_progress,
    quick: bool = False,
) -> Bench:
    """Measure a network on Toybox, and another on a real clip.

    Args:
        real: a network for real clips and a video, for the measures that use both.
        quick: two scaling steps instead of three, from a clip of half the length.
    """
    before = _load()
    with tempfile.TemporaryDirectory(prefix="fusionscope-") as made:
        folder = Path(made)
        subjects = [subject("Toybox", network, toybox_video(folder))]
        if real:
            subjects.append(subject(real[1].stem, *real))
        found: dict[str, list[TimedPair]] = {}
        for number, (name, measure) in enumerate(MEASURES.items()):
            progress(name, number / (len(MEASURES) + 2))
            on = subjects[:1] if name in _ONCE else subjects
            found[name] = [pair for one in on for pair in measure(one, repeats)]
        progress("cold_start", len(MEASURES) / (len(MEASURES) + 2))
        found["cold_start"], steps_of_start = cold_start(repeats)
        found["command"] = command(subjects[0], repeats)
        progress("rate", len(MEASURES) / (len(MEASURES) + 2))
        rate = stages.rate(subjects[-1], max(3, repeats))
        halved = {
            on.name: precision_trial(on.network, *network_inputs(on.network, on.snippets))
            for on in subjects
        }
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
    reason = missing_reason()
    return Bench(
        *(network.card.name, repeats, machine, found, AIMS, rate, grown, halved, steps_of_start),
        {"cold_start": reason} if reason else {},
    )


def _load() -> float | None:
    try:
        return os.getloadavg()[0]
    except (AttributeError, OSError):  # not available on Windows
        return None


MEASURES: Mapping[str, Measure] = MappingProxyType(
    {
        "decode": stages.decode,
        "flow": stages.flow,
        "forward": stages.forward,
        "analysis": whole_analysis.analysis,
        "trace_memory": trace_memory.trace_memory,
        "occlusion_speedup": lambda on, n: attribution.occlusion_speedup(on.network, n),
        "shapley_speedup": lambda on, n: attribution.shapley_speedup(on.network, n),
    }
)
"""Printed name -> measure."""

_ONCE = frozenset({"occlusion_speedup", "shapley_speedup"})
"""Measured only on a small generated clip, as Captum is slow."""

AIMS: Mapping[str, Aim] = MappingProxyType(
    {
        "decode": Aim(1.15, most=True),
        "flow": Aim(stages.flow_limit(), most=False),
        "forward": Aim(1.3, most=True),
        "analysis": Aim(1.15, most=True),
        "trace_memory": Aim(1.2, most=True),
        "occlusion_speedup": Aim(8, most=False),
        "shapley_speedup": Aim(8, most=False),
        "cold_start": Aim(1.6, most=True),
        "command": Aim(1.6, most=True),
    }
)
