"""Network check: test which features work with a network, with a line for each.

The network runs on a generated clip, with every computation that the app's pages need.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from fusionscope.base.numbers import signed
from fusionscope.base.records import InputError, Progress, no_progress
from fusionscope.base.streams import LANES
from fusionscope.card import Card
from fusionscope.explain.attribution.grad_cam import slope_of
from fusionscope.explain.fusion.lens import before_relu, lens
from fusionscope.explain.heatmaps import activation_maps, why
from fusionscope.explain.ledger.ledger import APPEARANCE, BOTH, MOTION, four_passes
from fusionscope.explain.ledger.sentence import shown_ledger
from fusionscope.explain.measures import decisions
from fusionscope.nets.module_state import state_of
from fusionscope.nets.network import Network, Seen
from fusionscope.nets.store.catalogue import CatalogueEntry
from fusionscope.nets.store.loading import load_network
from fusionscope.trace import Trace, network_inputs, run
from fusionscope.video.clip import Clip
from fusionscope.video.flow.methods import dense_flow
from fusionscope.video.sample_clip import moving_patch

WORKS, LACKS, BROKEN = "works", "not offered", "broken"
_CLOSE = 1e-4  # relative to the largest value: tolerance for the order of summation


@dataclass(frozen=True)
class Line:
    """Result of one check; ``verdict`` is ``WORKS``, ``LACKS`` or ``BROKEN``."""

    name: str
    verdict: str
    detail: str


def check_model(
    card: Card, progress: Progress = no_progress, entry: CatalogueEntry | None = None
) -> list[Line]:
    """Load a card's network and check it; if it cannot be loaded, return one line."""
    try:
        network = load_network(card, entry=entry)
    except InputError as problem:
        return [Line("loads", BROKEN, str(problem))]
    count = sum(value.numel() for value in network.parameters())
    loaded = Line("loads", WORKS, f"{count:,} parameters")
    return [loaded, *check_network(network, progress)]


def check_network(network: Network, progress: Progress = no_progress) -> list[Line]:
    """Check a network; if it cannot run, return one line."""
    before = state_of(network)
    clip = moving_patch(max(24, network.card.stack + 2))
    try:
        trace = run(network, clip, dense_flow(clip, network.card.flow))
    except (InputError, RuntimeError, ValueError) as problem:
        return [Line("runs", BROKEN, str(problem))]
    lines = []
    for number, (name, check) in enumerate(_CHECKS.items()):
        progress(name, number / (len(_CHECKS) + 1))
        lines.append(_line(name, lambda check=check: check(network, trace)))
    progress("network unchanged", 1.0)
    after = state_of(network)
    changed = [part for part in before if before[part] != after[part]]
    same = "weights, buffers, mode, gradients and hooks are unchanged"
    verdict = Line("network unchanged", BROKEN if changed else WORKS, ", ".join(changed) or same)
    return [*lines, verdict]


Result = tuple[str, str]
"""Verdict and detail."""


def _line(name: str, check: Callable[[], Result]) -> Line:
    try:
        return Line(name, *check())
    except Exception as problem:  # a third-party network may raise anything; report it
        return Line(name, BROKEN, str(problem) or type(problem).__name__)


def _runs(network: Network, trace: Trace) -> Result:  # noqa: ARG001
    for name in ("logits", *LANES):
        for key, values in getattr(trace, name).items():
            if not np.isfinite(values).all():
                return BROKEN, f"{name} {key} has values that are not finite"
    return WORKS, f"all values are finite; {trace.seconds['forward']:.2f} s per clip"


def _shapes(network: Network, trace: Trace) -> Result:
    found, declared = set(trace.logits), set(network.card.heads)
    if found != declared:
        return BROKEN, (
            f"the heads are {', '.join(sorted(found))}; "
            f"the card declares {', '.join(sorted(declared))}"
        )
    counts = [f"{len(trace.maps(s))} {s}" for s in LANES]
    return WORKS, f"heads {', '.join(trace.logits)}; stages: {', '.join(counts)}"


def _graph(network: Network, trace: Trace) -> Result:
    seen = _graph_of(network, trace)
    cut = [
        f"{stream} {stage}"
        for stream, stage, cells in _stages(seen)
        if slope_of(seen.final[0].sum(), cells) is None
    ]
    if cut:
        return BROKEN, f"the score does not depend on the returned maps {', '.join(cut)}"
    count = sum(1 for _ in _stages(seen))
    return (WORKS, f"all {count} stages") if count else (LACKS, "the network returns no stages")


def _ledger(network: Network, trace: Trace) -> Result:
    passes = four_passes(network, trace.snippets)
    ledger = passes.ledger(passes.deciding, passes.said)
    alone = trace.final if passes.deciding == "average" else trace.logits[passes.deciding]
    apart = float(np.abs(passes.logits[passes.deciding][BOTH] - alone).max())
    if apart > _CLOSE * max(1.0, float(np.abs(alone).max())):
        return BROKEN, f"in a batch of four the score differs by {apart:.2g} from a single run"
    shown = {term: signed(value, 2) for term, value in shown_ledger(ledger, 2).items()}
    return WORKS, (
        f"{shown['baseline']} baseline {shown['appearance']} appearance "
        f"{shown['motion']} motion {shown['synergy']} interaction = {shown['score']}"
    )


def _streams(network: Network, trace: Trace) -> Result:
    passes = four_passes(network, trace.snippets)
    both, *alone = passes.logits[passes.deciding][[BOTH, MOTION, APPEARANCE]]
    moved = {
        name: float(np.abs(both - row).max())
        for name, row in zip(("appearance", "motion"), alone, strict=True)
    }
    still = [name for name, by in moved.items() if by <= 1e-6]
    if still:
        return LACKS, f"without {' or '.join(still)} the scores do not change"
    return WORKS, "; ".join(f"without {n} a score changes by {by:.2g}" for n, by in moved.items())


def _evidence(network: Network, trace: Trace) -> Result:
    *_, deciding = decisions(trace)
    try:
        heat = why(trace, network, deciding)
    except InputError as problem:
        return LACKS, str(problem)
    if not np.isfinite(heat.cells).all():
        return BROKEN, f"{heat.detail}: has values that are not finite"
    return WORKS, f"{heat.detail}, {heat.cells.shape[1]} x {heat.cells.shape[2]} cells"


def _lens(network: Network, trace: Trace) -> Result:
    if not network.fusions:
        return LACKS, "the network exposes no fusion operator to decompose"
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
            return BROKEN, f"at {place} the sum of terms differs from the value by {apart[-1]:.2g}"
    return WORKS, f"at {', '.join(network.fusions)}; the terms add up within {max(apart):.1g}"


def _geometry(network: Network, trace: Trace) -> Result:
    if not (maps := activation_maps(trace, network)):
        return LACKS, "the network returns no maps with a grid for each chunk"
    if any(heat.detail.endswith("stretched over the picture") for heat in maps):
        return LACKS, "receptive fields are unknown: maps are stretched over the picture"
    return WORKS, "every map is positioned by its receptive fields"


def _same_again(network: Network, trace: Trace) -> Result:
    again = run(network, trace.clip, trace.flow)
    apart = _apart(trace, again)
    if apart > _CLOSE:
        return BROKEN, f"a second run on the same clip differs by {apart:.2g}"
    return WORKS, "a second run on the same clip gives the same values"


def _threads(network: Network, trace: Trace) -> Result:
    """Run two clips in two threads, three times each."""
    other = Clip(np.ascontiguousarray(trace.clip.frames[::-1]), trace.clip.fps, "reversed")
    alone = [trace, run(network, other, trace.flow[::-1])]
    with ThreadPoolExecutor(2) as pool:
        jobs = [
            (one, pool.submit(run, network, one.clip, one.flow)) for _ in range(3) for one in alone
        ]
        apart = max(_apart(one, job.result()) for one, job in jobs)
    if apart > _CLOSE:
        return BROKEN, f"during a concurrent run its values differ by {apart:.2g}"
    return WORKS, "six runs in two threads give the same values as single runs"


_CHECKS: dict[str, Callable[[Network, Trace], Result]] = {
    "runs": _runs,
    "shapes as declared": _shapes,
    "differentiable": _graph,
    "ledger adds up": _ledger,
    "both streams matter": _streams,
    "Grad-CAM": _evidence,
    "fusion lens": _lens,
    "receptive fields": _geometry,
    "repeatable": _same_again,
    "thread-safe": _threads,
}


def _graph_of(network: Network, trace: Trace) -> Seen:
    rgb, flow = (part.requires_grad_() for part in network_inputs(network, trace.snippets))
    with torch.enable_grad():
        return network(rgb, flow)


def _stages(seen: Seen) -> Iterator[tuple[str, str, Tensor]]:
    for stream in LANES:
        for stage, cells in getattr(seen, stream).items():
            yield stream, stage, cells


def _apart(one: Trace, other: Trace) -> float:
    """Largest difference between two runs in any score or map, relative to its largest value."""
    far = 0.0
    for name in ("logits", *LANES):
        for key, values in getattr(one, name).items():
            scale = max(float(np.abs(values).max()), 1e-6)
            far = max(far, float(np.abs(values - getattr(other, name)[key]).max()) / scale)
    return far
