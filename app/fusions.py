"""Fusions: what the pages ask core of a network's fusion, each made once and kept on the shelf."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from app import session
from core.explain.correspondence import Correspondence, contributions, correspondence
from core.explain.lens import Lens, lens
from core.explain.measures import probabilities
from core.explain.meeting import meeting
from core.explain.pairs import Pair, strongest_pairs
from core.explain.registration import Displacement, displaced_logits, shifts
from core.explain.units import fused_evidence, swapped_logits
from core.lens_reel import lens_reel, stage_reel
from core.nets.anatomy import Anatomy, anatomy
from core.pipeline import Analysis

Cell = tuple[int, int, int]  # chunk, row, column


def is_ours(analysis: Analysis) -> bool:
    """Is the network made of our towers, so that it can go on from a changed map?"""
    return session.network(analysis.trace.card).spatial is not None


def places_of(analysis: Analysis) -> tuple[str, ...]:
    """The stages at which a network shows how it fuses features, the first one first."""
    shown = session.network(analysis.trace.card).fusions
    return tuple(p for p in analysis.trace.card.places if p in shown and p in analysis.trace.fused)


def evidence_of(analysis: Analysis, place: str) -> np.ndarray:
    """(T, C', h, w): what each fused activation speaks for the class that the network says.

    Where it was taught none: how active each is.
    """
    if not analysis.passes.taught:
        return analysis.trace.fused[place]
    said, head = _said(analysis), analysis.passes.deciding
    key = ("evidence", *_run(analysis), place)
    net = session.network(analysis.trace.card)
    return session.shelf().get(key, lambda: fused_evidence(net, analysis.trace, place, head, said))


def lens_of(analysis: Analysis, place: str, unit: int, cell: Cell) -> Lens:
    """A fused unit at a cell, taken apart."""
    return lens(session.network(analysis.trace.card), analysis.trace, place, unit, cell)


def goes_on(analysis: Analysis, lens: Lens) -> float:
    """The number as it goes on, behind the ReLU where there is one."""
    chunk, row, column = lens.cell
    return float(analysis.trace.fused[lens.place][chunk, lens.channel, row, column])


def lens_reel_of(analysis: Analysis, place: str, unit: int) -> bytes:
    """The player's pictures with the parts of a fused unit."""
    net, trace = session.network(analysis.trace.card), analysis.trace

    def make() -> bytes:
        met = meeting(net, trace, place, unit)
        return lens_reel(analysis.reel, net, trace, met, _looks_at(analysis, "fused", place))

    return session.shelf().get(("lens reel", *_run(analysis), place, unit), make)


def stage_reel_of(analysis: Analysis, stream: str, stage: str) -> bytes:
    """The player's pictures with one stage's map."""
    net, trace = session.network(analysis.trace.card), analysis.trace
    key = ("stage reel", *_run(analysis), stream, stage)

    def make() -> bytes:
        look = _looks_at(analysis, stream, stage)
        return stage_reel(analysis.reel, net, trace, stream, stage, look)

    return session.shelf().get(key, make)


def anatomy_of(analysis: Analysis) -> Anatomy | None:
    """The network taken apart, for frames of the size that it was fed; None of a foreign one."""
    net = session.network(analysis.trace.card)
    if net.spatial is None and net.temporal is None:
        return None
    card, size = analysis.trace.card, analysis.trace.snippets.rgb.shape[2:]
    return session.shelf().get(("anatomy", card, size), lambda: anatomy(card, (size[0], size[1])))


def shift_map_of(analysis: Analysis, place: str) -> np.ndarray:
    """(h, w): P of the class the network says, motion shifted by each of the grid's steps."""

    def make() -> np.ndarray:
        table = shifts(analysis.trace.temporal[place].shape[2:])  # pyright: ignore[reportArgumentType]
        flat = [move for row in table for move in row]
        return displaced_p(analysis, place, flat)[0].reshape(len(table), -1)

    return session.shelf().get(("shift map", *_run(analysis), place), make)


def displaced_p(
    analysis: Analysis, place: str, moves: Sequence[Displacement]
) -> tuple[np.ndarray, list[str]]:
    """P of the class the network says under each move, and what it says then."""
    net, trace = session.network(analysis.trace.card), analysis.trace
    logits = displaced_logits(net, trace, place, moves)[analysis.passes.deciding]
    p = probabilities(logits)
    return p[:, _said(analysis)], [trace.card.labels[k] for k in p.argmax(axis=1)]


def swapped_of(analysis: Analysis, place: str, name: str) -> Mapping[str, np.ndarray]:
    """Head -> scores with another operator in the fusion's place, untrained for it."""
    return swapped_logits(session.network(analysis.trace.card), analysis.trace, place, name)


def pairs_of(analysis: Analysis, place: str, chunk: int) -> list[Pair]:
    """The pairs of channels of a bilinear fusion that speak most for what the network says."""
    net, spoken = session.network(analysis.trace.card), evidence_of(analysis, place)
    return strongest_pairs(net, analysis.trace, place, spoken, chunk)


def correspondence_of(analysis: Analysis, place: str) -> tuple[Correspondence, np.ndarray]:
    """A fusion's filters, and (C', 2) what came through each half of them on this clip."""
    net = session.network(analysis.trace.card)
    key = ("correspondence", *_run(analysis), place)
    return session.shelf().get(
        key, lambda: (correspondence(net, place), contributions(net, analysis.trace, place))
    )


def _looks_at(analysis: Analysis, stream: str, stage: str) -> float | None:
    """Pixels a side that a cell looks at: as the picture of the network says, or as told."""
    known = anatomy_of(analysis)
    if known is not None:
        size = known.stage(stream, stage).field
        return math.inf if size is None else size
    field = session.network(analysis.trace.card).field(stage)
    return field and field.size


def _run(analysis: Analysis) -> tuple[Any, ...]:
    return analysis.trace.clip.digest, analysis.trace.card


def _said(analysis: Analysis) -> int:
    return analysis.trace.card.labels.index(analysis.passes.said)
