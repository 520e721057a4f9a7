"""Cached results of the Why page."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from fusionscope.analysis.map_reel import attribution_reel
from fusionscope.analysis.reel import Reel
from fusionscope.base import paths
from fusionscope.base.records import Progress, no_progress
from fusionscope.data.actor_masks import mask_beside, read_mask
from fusionscope.data.toybox.world import STRIPED
from fusionscope.evaluation.actor_overlap_table import pointings_words, read_pointings
from fusionscope.explain.attribution.attribute import attribute, cost_of_method
from fusionscope.explain.attribution.cost import Cost
from fusionscope.explain.attribution.grad_cam import stages_of
from fusionscope.explain.attribution.methods import ATTRIBUTION_METHODS
from fusionscope.explain.attribution.records import Attribution
from fusionscope.explain.checks.actor_overlap import OnActor, masks_of, on_actor
from fusionscope.explain.checks.deletion_curves import (
    DeletionCurves,
    cost_of_curves,
    deletion_curves,
)
from fusionscope.explain.checks.weight_randomisation import (
    ALL,
    WeightRandomisation,
    depths_of,
    randomise_weights,
)
from fusionscope.explain.ledger.by_chunk import (
    ChunkLedger,
    averaged_ledger,
    chunk_ledger,
    cost_of_chunk_ledger,
)
from fusionscope.explain.target import Target
from fusionscope_app.state import clip_sources
from fusionscope_app.state.opened import Opened

QUICK = 6.0  # seconds: slower work waits for a click on Start


@dataclass(frozen=True)
class Asked:
    """One attribution: its method, the score it explains, and its stage."""

    method: str
    target: Target
    stage: str  # of a method that works on a stage; else empty


def stages(opened: Opened) -> list[str]:
    """The stages that Grad-CAM can use."""
    return stages_of(opened.trace)


def is_known(opened: Opened, asked: Asked) -> bool:
    """Whether that attribution is cached."""
    return opened.is_cached("attribution", asked)


def attribution_of(opened: Opened, asked: Asked, progress: Progress = no_progress) -> Attribution:
    """The maps of the method."""
    net, staged = opened.network, ATTRIBUTION_METHODS[asked.method].staged
    return opened.cached(
        "attribution",
        asked,
        make=lambda: attribute(
            net, opened.trace, asked.method, asked.target, asked.stage, progress
        ),
        progress=progress,
        long=not (staged or is_known(opened, asked)) and cost_of(opened, asked).seconds > QUICK,
    )


def cost_of(opened: Opened, asked: Asked) -> Cost:
    """Time and memory that the method will take."""
    net = opened.network
    return opened.cached(
        "cost",
        asked,
        make=lambda: cost_of_method(net, opened.trace, asked.method, asked.target),
    )


def attribution_reel_of(opened: Opened, asked: Asked) -> Reel:
    """The reel of the run with the method's maps."""
    return opened.cached(
        "why reel",
        asked,
        make=lambda: attribution_reel(
            opened.analysis.reel, opened.trace, attribution_of(opened, asked), opened.passes
        ),
    )


def others(opened: Opened, asked: Asked) -> dict[str, Attribution]:
    """Method -> its attribution of the same target, for all methods run so far.

    Grad-CAM takes one pass, so it is always run: on the chosen stage, else on the first.
    """
    stage = asked.stage or next(iter(stages(opened)), "")
    found = {}
    for name, method in ATTRIBUTION_METHODS.items():
        one = replace(asked, method=name, stage=stage if method.staged else "")
        if is_known(opened, one) or (method.staged and stage):
            found[name] = attribution_of(opened, one)
    return found


def were_checked(opened: Opened, asked: Asked) -> bool:
    """Whether both checks of a map are cached."""
    return all(opened.is_cached(name, asked) for name in ("curves", "sanity"))


def cost_of_checks(opened: Opened, asked: Asked) -> float:
    """Seconds that both checks of a map will take."""
    net, found = opened.network, attribution_of(opened, asked)
    cost = opened.cached(
        "curves' cost",
        asked,
        make=lambda: cost_of_curves(net, opened.trace.snippets, found),
    )
    return cost.seconds + len(_depths(opened, asked)) * found.seconds


def curves_of(
    opened: Opened, asked: Asked, progress: Progress = no_progress
) -> dict[str, DeletionCurves]:
    """The score as the highest cells of the map are deleted, or inserted, first."""
    net, found = opened.network, attribution_of(opened, asked)
    return opened.cached(
        "curves",
        asked,
        make=lambda: deletion_curves(net, opened.trace.snippets, found, progress=progress),
        progress=progress,
        long=True,
    )


def sanity_of(
    opened: Opened, asked: Asked, progress: Progress = no_progress
) -> WeightRandomisation:
    """Whether the map depends on what the network has learned."""
    net, found = opened.network, attribution_of(opened, asked)
    depths = _depths(opened, asked)
    return opened.cached(
        "sanity",
        asked,
        make=lambda: randomise_weights(net, opened.trace, found, depths, progress),
        progress=progress,
        long=True,
    )


def measured_words(opened: Opened, found: Attribution) -> str:
    """How well such maps find the actor over many clips; empty if not measured for this network.

    Raises:
        InputError: the project's table of these measurements cannot be read.
    """
    name = opened.card.name
    return pointings_words(
        [
            one
            for one in read_pointings()
            if (one.model, one.method, one.stage) == (name, found.method, found.stage)
        ]
    )


def on_actor_of(opened: Opened, asked: Asked) -> dict[str, OnActor]:
    """Stream -> overlap of its map with the actor; empty if the clip has no mask.

    Raises:
        InputError: the mask cannot be read, or belongs to another clip.
    """
    masks = _masks(opened)
    if masks is None:
        return {}
    snippets, found = opened.trace.snippets, attribution_of(opened, asked)
    return {
        stream: on_actor(one, masks_of(snippets, masks, stream))
        for stream, one in found.maps.items()
    }


def gradient_sums_of(opened: Opened, target: Target) -> tuple[float, float] | None:
    """Sums of the integrated gradients' maps of both streams, if they were run for this score."""
    asked = Asked("integrated-gradients", target, "")
    if not is_known(opened, asked):
        return None
    maps = attribution_of(opened, asked).maps
    return float(maps["spatial"].cells.sum()), float(maps["temporal"].cells.sum())


def chunk_ledger_of(
    opened: Opened, target: Target, progress: Progress = no_progress
) -> ChunkLedger:
    """The ledger of a score for each chunk."""
    net = opened.network
    return opened.cached(
        "chunks",
        target,
        make=lambda: chunk_ledger(net, opened.trace.snippets, target, progress),
        progress=progress,
        long=True,
    )


def chunk_ledger_seconds(opened: Opened, target: Target) -> float:
    """Seconds that the ledger of each chunk will take; 0 if it is cached.

    Raises:
        InputError: the network pools features over too many chunks to compute it.
    """
    if opened.is_cached("chunks", target):
        return 0.0
    net, snippets = opened.network, opened.trace.snippets
    found = averaged_ledger(net, snippets, target)
    if found is not None:
        opened.cached("chunks", target, make=lambda: found)
        return 0.0
    cost = opened.cached(
        "chunks' cost",
        target,
        make=lambda: cost_of_chunk_ledger(net, snippets, target),
    )
    return cost.seconds


def _depths(opened: Opened, asked: Asked) -> tuple[str, ...]:
    """The depths down to which weights are randomised: all of them if the method is quick."""
    if not ATTRIBUTION_METHODS[asked.method].staged:
        return (ALL,)
    return depths_of(opened.network)


def _masks(opened: Opened) -> np.ndarray | None:
    known = opened.known
    kind, _, name = known.id.partition(":")
    if clip_sources.is_made(known.id):
        return opened.cached_for_clip(
            "mask", make=lambda: clip_sources.world(known.id).masks[STRIPED].copy()
        )
    path = mask_beside(paths.data_folder() / name) if kind == "data" else None
    return None if path is None else read_mask(path)
