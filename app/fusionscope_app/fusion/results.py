"""Cached results of page Fusion: lens, contributions, channel weights, shifts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from fusionscope.analysis.map_reel import lens_reel, stage_reel
from fusionscope.analysis.reel import Reel
from fusionscope.explain.fusion.bilinear_pairs import ChannelPair, strongest_pairs
from fusionscope.explain.fusion.channel_weights import Correspondence, contributions, correspondence
from fusionscope.explain.fusion.contributions import unit_contributions
from fusionscope.explain.fusion.lens import Lens, lens, swapped_lenses
from fusionscope.explain.fusion.misregistration import Displacement, displaced_logits, shifts
from fusionscope.explain.fusion.unit_evidence import fused_evidence, swapped_logits
from fusionscope.explain.measures import probabilities
from fusionscope.nets.fusion import Fusion
from fusionscope.nets.inspect.structure import Structure, structure
from fusionscope_app.components.diagram.stage_maps import StageMaps, stage_maps
from fusionscope_app.state import results
from fusionscope_app.state.opened import Opened

Cell = tuple[int, int, int]  # chunk, row, column


def is_ours(opened: Opened) -> bool:
    """Does the network have towers of this project, and so can run on from a changed map?"""
    return opened.network.spatial is not None


def places_of(opened: Opened) -> tuple[str, ...]:
    """The stages at which a network fuses features with an operator that is exposed."""
    shown = opened.network.fusions
    return tuple(p for p in opened.card.places if p in shown and p in opened.trace.fused)


def operators_of(opened: Opened) -> list[Fusion]:
    """The operators of a network, the first one first; none if it exposes none."""
    net = opened.network
    return [net.operator(place) for place in net.fusions]


def operator_of(opened: Opened, place: str) -> Fusion:
    """The operator at a place."""
    return opened.network.operator(place)


def evidence_of(opened: Opened, place: str) -> np.ndarray:
    """(T, C', h, w): evidence of each fused activation for the predicted class.

    With an untrained classifier: the activations themselves.
    """
    if not opened.passes.taught:
        return opened.trace.fused[place]
    said, head = _said(opened), opened.passes.deciding
    return opened.cached(
        "evidence",
        place,
        make=lambda: fused_evidence(opened.network, opened.trace, place, head, said),
    )


def lens_of(opened: Opened, place: str, unit: int, cell: Cell) -> Lens:
    """A fused unit at one cell, as a sum of contributions."""
    return lens(opened.network, opened.trace, place, unit, cell)


def goes_on(opened: Opened, lens: Lens) -> float:
    """The output: the value after the ReLU, where there is one."""
    chunk, row, column = lens.cell
    return float(opened.trace.fused[lens.place][chunk, lens.channel, row, column])


def lens_reel_of(opened: Opened, place: str, unit: int) -> Reel:
    """The player's pictures with the contributions to a fused unit."""
    net, trace = opened.network, opened.trace

    def make() -> Reel:
        met = unit_contributions(net, trace, place, unit)
        return lens_reel(opened.analysis.reel, net, trace, met, _looks_at(opened, "fused", place))

    return opened.cached("lens reel", place, unit, make=make)


def stage_reel_of(opened: Opened, stream: str, stage: str) -> Reel:
    """The player's pictures with one stage's map."""
    net, trace = opened.network, opened.trace

    def make() -> Reel:
        look = _looks_at(opened, stream, stage)
        return stage_reel(opened.analysis.reel, net, trace, stream, stage, look)

    return opened.cached("stage reel", stream, stage, make=make)


def anatomy_of(opened: Opened) -> Structure | None:
    """The stages of the network for the input size of this run; None if it has no towers."""
    net = opened.network
    if net.spatial is None and net.temporal is None:
        return None
    card, size = opened.card, opened.trace.snippets.rgb.shape[2:]
    return results.cached("anatomy", card, size, make=lambda: structure(card, (size[0], size[1])))


def stage_maps_of(opened: Opened) -> StageMaps:
    """What every stage made of the clip, for the diagram."""
    return opened.cached("stage maps", make=lambda: stage_maps(opened.trace, opened.network))


def shift_map_of(opened: Opened, place: str) -> np.ndarray:
    """(h, w): P of the predicted class for every shift of motion over the grid."""

    def make() -> np.ndarray:
        *_, height, width = opened.trace.temporal[place].shape
        table = shifts((height, width))
        flat = [move for row in table for move in row]
        return displaced_p(opened, place, flat).reshape(len(table), -1)

    return opened.cached("shift map", place, make=make)


def displaced_of(opened: Opened, place: str, moves: Sequence[Displacement]) -> np.ndarray:
    """(len(moves), K): scores of the deciding head under each move."""
    return displaced_logits(opened.network, opened.trace, place, moves)[opened.passes.deciding]


def displaced_p(opened: Opened, place: str, moves: Sequence[Displacement]) -> np.ndarray:
    """(len(moves),): P of the predicted class under each move."""
    return probabilities(displaced_of(opened, place, moves))[:, _said(opened)]


def swapped_of(opened: Opened, place: str, name: str) -> Mapping[str, np.ndarray]:
    """Head -> scores with another operator at a place, without retraining."""
    return swapped_logits(opened.network, opened.trace, place, name)


def swapped_lenses_of(opened: Opened, at: Lens, name: str) -> list[Lens]:
    """The same cell under another operator, as a sum of contributions."""
    return swapped_lenses(opened.network, opened.trace, at, name)


def pairs_of(opened: Opened, place: str, chunk: int) -> list[ChannelPair]:
    """The most influential pairs of channels for the predicted class."""
    net, spoken = opened.network, evidence_of(opened, place)
    return strongest_pairs(net, opened.trace, place, spoken, chunk)


def correspondence_of(opened: Opened, place: str) -> tuple[Correspondence, np.ndarray]:
    """A fusion's filters, and (C', 2) the contribution of each half of them on this clip."""
    net = opened.network
    return opened.cached(
        "correspondence",
        place,
        make=lambda: (correspondence(net, place), contributions(net, opened.trace, place)),
    )


def _looks_at(opened: Opened, stream: str, stage: str) -> float | None:
    """Receptive field in pixels a side: from the stages, or from the network itself."""
    known = anatomy_of(opened)
    if known is not None:
        size = known.stage(stream, stage).field
        return math.inf if size is None else size
    field = opened.network.field(stage)
    return field and field.size


def _said(opened: Opened) -> int:
    return opened.card.labels.index(opened.passes.said)
