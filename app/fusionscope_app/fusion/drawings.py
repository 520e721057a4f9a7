"""Drawings of the lens: what each way of fusing makes of one cell, in one kind of picture."""

from __future__ import annotations

import numpy as np

from fusionscope.explain.fusion.bilinear_pairs import ChannelPair, pair_maps
from fusionscope.explain.fusion.lens import Lens
from fusionscope.explain.fusion.unit_picture import (
    UnitPicture,
    partners,
    swapped_pictures,
    unit_picture,
)
from fusionscope.explain.map_extent import extent_of
from fusionscope.explain.measures import decisions
from fusionscope_app.components.lens import lens_drawing
from fusionscope_app.components.lens.scenes import pairs_scene, scores_scene, unit_scene
from fusionscope_app.fusion.results import Cell
from fusionscope_app.state import address
from fusionscope_app.state.opened import Opened


def draw_unit(opened: Opened, lens: Lens) -> None:
    """Draw the selected value; a cell that is off offers the nearest strong one."""
    place, cell = lens.place, lens.cell

    def make() -> list[UnitPicture]:
        net, trace = opened.network, opened.trace
        units = [lens.channel, *partners(net, lens)]
        return [unit_picture(net, trace, place, unit, cell) for unit in units]

    pictures = opened.cached("unit picture", place, lens.channel, cell, make=make)
    _draw(opened, place, pictures, "fusion_picture")


def draw_swapped(opened: Opened, lens: Lens, name: str) -> None:
    """Draw the same cell under another operator."""
    pictures = swapped_pictures(opened.network, opened.trace, lens, name)
    _draw(opened, lens.place, pictures, "fusion_picture_swapped", offers=False)


def draw_pairs(opened: Opened, place: str, pairs: list[ChannelPair], chunk: int) -> None:
    """Draw the most influential pairs of a bilinear map."""
    shown = pairs[:6]
    maps = pair_maps(opened.network, opened.trace, place, shown)
    extent, _ = extent_of(opened.trace, opened.network, place, maps[0].shape[2:])
    lens_drawing(
        pairs_scene(shown, maps, chunk, opened.clip.digest, extent), key="fusion_picture_pairs"
    )


def draw_scores(opened: Opened) -> bool:
    """Draw the class scores that late fusion averages; False if there are not two heads."""
    heads = decisions(opened.trace)
    streams = [heads[name] for name in ("spatial", "temporal") if name in heads]
    if len(streams) < 2:
        return False
    scene = scores_scene(np.stack(streams), opened.card.labels, opened.clip.digest)
    lens_drawing(scene, key="fusion_picture_scores")
    return True


def _draw(
    opened: Opened, place: str, pictures: list[UnitPicture], key: str, offers: bool = True
) -> None:
    first = pictures[0]
    chunks, rows, columns = first.output.shape
    extent, _ = extent_of(opened.trace, opened.network, place, (rows, columns))

    def go(cell: Cell) -> None:
        address.put(cell=cell)

    lens_drawing(
        unit_scene(pictures, opened.clip.digest, extent, offers),
        key=key,
        shape=(chunks, rows, columns),
        on_cell=go,
    )
