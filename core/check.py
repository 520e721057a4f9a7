"""Check: what of this project works with a network, line by line, and why the rest does not.

The network runs on a generated clip, and is asked for all that the pages ask of one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from core.card import Card
from core.explain.attribution import slope_of
from core.explain.heatmaps import activation_maps, why
from core.explain.ledger import APPEARANCE, BOTH, MOTION, four_passes
from core.explain.lens import before_relu, lens
from core.explain.measures import decisions
from core.nets.loading import load_network
from core.nets.network import Network, Seen
from core.nets.state import state_of
from core.records import InputError, Progress, silent
from core.streams import LANES
from core.trace import Trace, fed, run
from core.video.clip import Clip
from core.video.flow import dense_flow
from core.video.patch import moving_patch

WORKS, LACKS, BROKEN = "works", "not offered", "broken"
_CLOSE = 1e-4  # of the largest value: as far as two orders of adding up may part


@dataclass(frozen=True)
class Line:
    """One question and its answer; ``verdict`` is ``WORKS``, ``LACKS`` or ``BROKEN``."""

    name: str
    verdict: str
    detail: str


def check_model(card: Card, progress: Progress = silent) -> list[Line]:
    """Load a card's network and check it; one line says so where it cannot be loaded."""
    try:
        network = load_network(card)
    except InputError as problem:
        return [Line("loads", BROKEN, str(problem))]
    count = sum(value.numel() for value in network.parameters())
    loaded = Line("loads", WORKS, f"{count:,} parameters")
    return [loaded, *check_network(network, progress)]


def check_network(network: Network, progress: Progress = silent) -> list[Line]:
    """Check a network; where it cannot run, one line says so and the rest is not asked."""
    before = state_of(network)
    clip = moving_patch(max(24, network.card.stack + 2))
    try:
        trace = run(network, clip, dense_flow(clip, network.card.flow))
    except (InputError, RuntimeError, ValueError) as problem:
        return [Line("runs", BROKEN, str(problem))]
    lines = []
    for number, (name, asked) in enumerate(_QUESTIONS.items()):
        progress(name, number / (len(_QUESTIONS) + 1))
        lines.append(_answer(name, lambda asked=asked: asked(network, trace)))
    progress("left untouched", 1.0)
    after = state_of(network)
    changed = [part for part in before if before[part] != after[part]]
    same = "weights, buffers, mode, gradients and hooks are as before"
    verdict = Line("left untouched", BROKEN if changed else WORKS, ", ".join(changed) or same)
    return [*lines, verdict]


Answer = tuple[str, str]
"""Verdict and detail."""


def _answer(name: str, asked: Callable[[], Answer]) -> Line:
    try:
        return Line(name, *asked())
    except Exception as problem:  # a foreign network may fail in any way, and that is the answer
        return Line(name, BROKEN, str(problem) or type(problem).__name__)


def _runs(network: Network, trace: Trace) -> Answer:  # noqa: ARG001
    for name in ("logits", *LANES):
        for key, values in getattr(trace, name).items():
            if not np.isfinite(values).all():
                return BROKEN, f"{name} {key} holds values that are not finite"
    return WORKS, f"every value is finite; {trace.seconds['forward']:.2f} s a clip"


def _shapes(network: Network, trace: Trace) -> Answer:
    given, declared = set(trace.logits), set(network.card.heads)
    if given != declared:
        return BROKEN, (
            f"the heads are {', '.join(sorted(given))}; "
            f"its card declares {', '.join(sorted(declared))}"
        )
    counts = [f"{len(trace.maps(s))} {s}" for s in LANES]
    return WORKS, f"heads {', '.join(trace.logits)}; stages: {', '.join(counts)}"


def _graph(network: Network, trace: Trace) -> Answer:
    seen = _graph_of(network, trace)
    cut = [
        f"{stream} {stage}"
        for stream, stage, cells in _stages(seen)
        if slope_of(seen.final[0].sum(), cells) is None
    ]
    if cut:
        return BROKEN, f"the score does not depend on the maps returned as {', '.join(cut)}"
    count = sum(1 for _ in _stages(seen))
    return (WORKS, f"all {count} stages") if count else (LACKS, "it returns no stages")


def _ledger(network: Network, trace: Trace) -> Answer:
    passes = four_passes(network, trace.snippets)
    ledger = passes.ledger(passes.deciding, passes.said)
    alone = trace.final if passes.deciding == "average" else trace.logits[passes.deciding]
    apart = float(np.abs(passes.logits[passes.deciding][BOTH] - alone).max())
    if apart > _CLOSE * max(1.0, float(np.abs(alone).max())):
        return BROKEN, f"in a batch of four the score is {apart:.2g} off the score alone"
    return WORKS, (
        f"{ledger.baseline:+.2f} baseline {ledger.appearance:+.2f} appearance "
        f"{ledger.motion:+.2f} motion {ledger.synergy:+.2f} synergy = {ledger.logit:+.2f}"
    )


def _streams(network: Network, trace: Trace) -> Answer:
    passes = four_passes(network, trace.snippets)
    both, *alone = passes.logits[passes.deciding][[BOTH, MOTION, APPEARANCE]]
    moved = {
        name: float(np.abs(both - row).max())
        for name, row in zip(("appearance", "motion"), alone, strict=True)
    }
    still = [name for name, by in moved.items() if by <= 1e-6]
    if still:
        return LACKS, f"without {' or '.join(still)} the scores stay as they are"
    return WORKS, "; ".join(f"without {n} a score moves by {by:.2g}" for n, by in moved.items())


def _evidence(network: Network, trace: Trace) -> Answer:
    *_, deciding = decisions(trace)
    try:
        heat = why(trace, network, deciding)
    except InputError as problem:
        return LACKS, str(problem)
    if not np.isfinite(heat.cells).all():
        return BROKEN, f"{heat.detail}: values that are not finite"
    return WORKS, f"{heat.detail}, {heat.cells.shape[1]} x {heat.cells.shape[2]} cells"


def _lens(network: Network, trace: Trace) -> Answer:
    if not network.fusions:
        return LACKS, "it shows no fusion operator that could be taken apart"
    apart = []
    for place in network.fusions:
        try:
            value = before_relu(network, trace, place)
            cell = (len(value) // 2, value.shape[2] // 2, value.shape[3] // 2)
            channel = int(np.abs(value[cell[0], :, cell[1], cell[2]]).argmax())
            found = lens(network, trace, place, channel, cell).value
        except InputError as problem:
            return LACKS, str(problem)
        apart.append(abs(found - value[cell[0], channel, cell[1], cell[2]]))
        if apart[-1] > _CLOSE * max(1.0, float(np.abs(value).max())):
            return BROKEN, f"at {place} the terms are {apart[-1]:.2g} off the value"
    return WORKS, f"at {', '.join(network.fusions)}; the terms add up, to within {max(apart):.1g}"


def _geometry(network: Network, trace: Trace) -> Answer:
    if not (maps := activation_maps(trace, network)):
        return LACKS, "it returns no map with a grid for each chunk"
    if any(heat.detail.endswith("stretched over the picture") for heat in maps):
        return LACKS, "it tells no receptive field: maps are stretched over the picture"
    return WORKS, "every map lies where its cells look"


def _same_again(network: Network, trace: Trace) -> Answer:
    again = run(network, trace.clip, trace.flow)
    apart = _apart(trace, again)
    if apart > _CLOSE:
        return BROKEN, f"a second run of one clip is {apart:.2g} off"
    return WORKS, "a second run of one clip gave what the first gave"


def _threads(network: Network, trace: Trace) -> Answer:
    """Two threads, each with a clip of its own, three times over."""
    other = Clip(np.ascontiguousarray(trace.clip.frames[::-1]), trace.clip.fps, "reversed")
    alone = [trace, run(network, other, trace.flow[::-1])]
    with ThreadPoolExecutor(2) as pool:
        jobs = [
            (one, pool.submit(run, network, one.clip, one.flow)) for _ in range(3) for one in alone
        ]
        apart = max(_apart(one, job.result()) for one, job in jobs)
    if apart > _CLOSE:
        return BROKEN, f"beside another run its values are {apart:.2g} off"
    return WORKS, "six runs in two threads gave what they give alone"


_QUESTIONS: dict[str, Callable[[Network, Trace], Answer]] = {
    "runs": _runs,
    "shapes as declared": _shapes,
    "differentiable": _graph,
    "ledger adds up": _ledger,
    "both streams matter": _streams,
    "Grad-CAM": _evidence,
    "fusion lens": _lens,
    "geometry": _geometry,
    "same again": _same_again,
    "two at a time": _threads,
}


def _graph_of(network: Network, trace: Trace) -> Seen:
    rgb, flow = (part.requires_grad_() for part in fed(network, trace.snippets))
    with torch.enable_grad():
        return network(rgb, flow)


def _stages(seen: Seen) -> Iterator[tuple[str, str, Tensor]]:
    for stream in LANES:
        for stage, cells in getattr(seen, stream).items():
            yield stream, stage, cells


def _apart(one: Trace, other: Trace) -> float:
    """The largest difference of two runs in any score or map, as a share of its largest value."""
    far = 0.0
    for name in ("logits", *LANES):
        for key, values in getattr(one, name).items():
            scale = max(float(np.abs(values).max()), 1e-6)
            far = max(far, float(np.abs(values - getattr(other, name)[key]).max()) / scale)
    return far
