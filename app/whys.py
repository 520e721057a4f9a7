"""Whys: what the page Why asks core of a run, each made once and kept on the shelf."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from app import session, sources
from core.explain.actor import OnActor, masks_of, on_actor
from core.explain.attributions import Attribution
from core.explain.bench import attribute, cost_of_method, stages_of
from core.explain.chunkledger import (
    ChunkLedger,
    averaged_ledger,
    chunk_ledger,
    cost_of_chunk_ledger,
)
from core.explain.cost import Cost
from core.explain.masking import Curves, cost_of_curves, curves
from core.explain.methods import METHODS
from core.explain.sanity import ALL, Sanity, depths_of, sanity
from core.explain.target import Target
from core.lens_reel import attribution_reel
from core.pipeline import Analysis
from core.records import Progress, silent
from core.study.masks import mask_beside, read_mask
from core.study.pointings import pointings_words, read_pointings
from core.study.toybox import STRIPED

QUICK = 6.0  # seconds of work that a page does unasked


@dataclass(frozen=True)
class Asked:
    """What is asked: of which score, by which method, of which stage."""

    method: str
    target: Target
    stage: str  # of a method that is asked of one; else empty


def stages(analysis: Analysis) -> list[str]:
    """Stages that Grad-CAM can be asked of."""
    return stages_of(analysis.trace)


def is_known(analysis: Analysis, asked: Asked) -> bool:
    """Has that been asked?"""
    return _key("attribution", analysis, asked) in session.shelf()


def attribution_of(analysis: Analysis, asked: Asked, progress: Progress = silent) -> Attribution:
    """What the method says."""
    net, staged = session.network(analysis.trace.card), METHODS[asked.method].staged
    return session.shelf().get(
        _key("attribution", analysis, asked),
        lambda: attribute(net, analysis.trace, asked.method, asked.target, asked.stage, progress),
        progress,
        long=not (staged or is_known(analysis, asked)) and cost_of(analysis, asked).seconds > QUICK,
    )


def cost_of(analysis: Analysis, asked: Asked) -> Cost:
    """What asking will take."""
    net = session.network(analysis.trace.card)
    return session.shelf().get(
        _key("cost", analysis, asked),
        lambda: cost_of_method(net, analysis.trace, asked.method, asked.target),
    )


def reel_of(analysis: Analysis, asked: Asked) -> bytes:
    """The player's pictures with the method's maps."""
    return session.shelf().get(
        _key("why reel", analysis, asked),
        lambda: attribution_reel(analysis.reel, analysis.trace, attribution_of(analysis, asked)),
    )


def others(analysis: Analysis, asked: Asked) -> dict[str, Attribution]:
    """Method -> its word on the same target, of all that have been asked, this one among them.

    Grad-CAM costs one pass, so it always has been; on the same stage, or the first.
    """
    stage = asked.stage or next(iter(stages(analysis)), "")
    found = {}
    for name, method in METHODS.items():
        one = replace(asked, method=name, stage=stage if method.staged else "")
        if is_known(analysis, one) or (method.staged and stage):
            found[name] = attribution_of(analysis, one)
    return found


def were_checked(analysis: Analysis, asked: Asked) -> bool:
    """Are both checks of a map done?"""
    keys = (_key(name, analysis, asked) for name in ("curves", "sanity"))
    return all(key in session.shelf() for key in keys)


def cost_of_checks(analysis: Analysis, asked: Asked) -> float:
    """Seconds that both checks of a map will take."""
    net, found = session.network(analysis.trace.card), attribution_of(analysis, asked)
    cost = session.shelf().get(
        _key("curves' cost", analysis, asked),
        lambda: cost_of_curves(net, analysis.trace.snippets, found),
    )
    return cost.seconds + len(_depths(analysis, asked)) * found.seconds


def curves_of(analysis: Analysis, asked: Asked, progress: Progress = silent) -> dict[str, Curves]:
    """The score while cells are taken out, or put in, by the map's rank."""
    net, found = session.network(analysis.trace.card), attribution_of(analysis, asked)
    return session.shelf().get(
        _key("curves", analysis, asked),
        lambda: curves(net, analysis.trace.snippets, found, progress=progress),
        progress,
        long=True,
    )


def sanity_of(analysis: Analysis, asked: Asked, progress: Progress = silent) -> Sanity:
    """Whether the map depends on what the network has learned."""
    net, found = session.network(analysis.trace.card), attribution_of(analysis, asked)
    depths = _depths(analysis, asked)
    return session.shelf().get(
        _key("sanity", analysis, asked),
        lambda: sanity(net, analysis.trace, found, depths, progress),
        progress,
        long=True,
    )


def measured_words(analysis: Analysis, found: Attribution) -> str:
    """How such maps of this network lie on the actor over many clips; empty where it is unknown.

    Raises:
        InputError: the table that comes with the project cannot be read.
    """
    name = analysis.trace.card.name
    return pointings_words(
        [
            one
            for one in read_pointings()
            if (one.model, one.method, one.stage) == (name, found.method, found.stage)
        ]
    )


def on_actor_of(analysis: Analysis, asked: Asked, known: sources.Known) -> dict[str, OnActor]:
    """Stream -> how its map lies on the actor; empty where no mask is known.

    Raises:
        InputError: the mask cannot be read, or is another clip's.
    """
    masks = _masks(analysis, known)
    if masks is None:
        return {}
    snippets, found = analysis.trace.snippets, attribution_of(analysis, asked)
    return {
        stream: on_actor(one, masks_of(snippets, masks, stream))
        for stream, one in found.maps.items()
    }


def chunk_ledger_of(analysis: Analysis, target: Target, progress: Progress = silent) -> ChunkLedger:
    """The ledger of a score, chunk by chunk."""
    net = session.network(analysis.trace.card)
    return session.shelf().get(
        _key("chunks", analysis, target),
        lambda: chunk_ledger(net, analysis.trace.snippets, target, progress),
        progress,
        long=True,
    )


def chunk_ledger_seconds(analysis: Analysis, target: Target) -> float:
    """What it will take; 0 where it is known.

    Raises:
        InputError: the network pools features over more chunks than can be tried.
    """
    key = _key("chunks", analysis, target)
    if key in session.shelf():
        return 0.0
    net, snippets = session.network(analysis.trace.card), analysis.trace.snippets
    found = averaged_ledger(net, snippets, target)
    if found is not None:
        session.shelf().get(key, lambda: found)
        return 0.0
    cost = session.shelf().get(
        _key("chunks' cost", analysis, target),
        lambda: cost_of_chunk_ledger(net, snippets, target),
    )
    return cost.seconds


def _depths(analysis: Analysis, asked: Asked) -> tuple[str, ...]:
    """How far down weights are drawn anew: step by step where asking again is quick."""
    if not METHODS[asked.method].staged:
        return (ALL,)
    return depths_of(session.network(analysis.trace.card))


def _masks(analysis: Analysis, known: sources.Known) -> np.ndarray | None:
    kind, _, name = known.id.partition(":")
    if sources.is_made(known.id):
        key = ("mask", analysis.trace.clip.digest)
        return session.shelf().get(key, lambda: sources.world(known.id).masks[STRIPED].copy())
    path = mask_beside(sources.data_folder() / name) if kind == "data" else None
    return None if path is None else read_mask(path)


def _key(what: str, analysis: Analysis, *of: Any) -> tuple[Any, ...]:
    return what, analysis.trace.clip.digest, analysis.trace.card, *of
