"""The selected fusion, fused unit and cell, shared by the pages through the address."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from fusionscope.base.numbers import class_name
from fusionscope.base.streams import COLOURS
from fusionscope.explain.fusion.unit_evidence import strongest, telling_cell
from fusionscope_app.components.player import Click
from fusionscope_app.fusion import results
from fusionscope_app.fusion.results import Cell
from fusionscope_app.state import address
from fusionscope_app.state.opened import Opened

Stage = tuple[str, str]  # stream, name


@dataclass(frozen=True)
class Pick:
    """One fused value of one run."""

    place: str
    unit: int
    cell: Cell


def place_of(opened: Opened, places: tuple[str, ...]) -> str:
    """The fusion in the address, else the last one that has a grid of cells."""
    if address.word("place") in places:
        return address.word("place")
    wide = [p for p in places if can_move(opened, p)]
    return (wide or list(places))[-1]


def can_move(opened: Opened, place: str) -> bool:
    """Are the streams fused on a grid, so that one can be shifted against the other?"""
    maps = opened.trace.temporal.get(place)
    return results.is_ours(opened) and maps is not None and min(maps.shape[2:]) > 1


def keeps_cells(opened: Opened) -> bool:
    """Do the outputs of all fusions have a grid of cells, as the lens needs?"""
    return all(operator.keeps_cells for operator in results.operators_of(opened))


def stage_of(opened: Opened, places: tuple[str, ...]) -> Stage:
    """Stream and stage marked in the diagram: from the address, else a fusion."""
    stream, _, name = address.word("stage").partition(".")
    if stream in COLOURS and name in opened.trace.maps(stream):
        return stream, name
    if places:
        return "fused", place_of(opened, places)
    stream = next(s for s in COLOURS if opened.trace.maps(s))
    return stream, [*opened.trace.maps(stream)][-1]


def open_stage(stage: Stage) -> None:
    """Show another stage; if the streams are fused there, its lens."""
    stream, name = stage
    place = {"place": name} if stream == "fused" else {}
    address.put(stage=f"{stream}.{name}", unit=None, cell=None, **place)


def pick_of(opened: Opened, place: str) -> Pick:
    """The unit and the cell in the address, else the most influential ones."""
    chunks, units, rows, columns = opened.trace.fused[place].shape
    evidence = results.evidence_of(opened, place)
    unit = address.number("unit")
    if unit is None or unit >= units:
        unit = strongest(evidence, 1)[0]
    cell = address.numbers("cell")
    inside = len(cell) == 3 and all(
        at < size for at, size in zip(cell, (chunks, rows, columns), strict=True)
    )
    return Pick(
        place, unit, (cell[0], cell[1], cell[2]) if inside else telling_cell(evidence, unit)
    )


def clicked(click: Click | None, opened: Opened, place: str) -> bool:
    """Select the cell under a click; False if there was no click, or no cell under it."""
    cell = cell_under(click, opened, place)
    if cell is not None:
        address.put(cell=cell)
    return cell is not None


def cell_under(click: Click | None, opened: Opened, place: str) -> Cell | None:
    """The clicked cell of a fusion's map, None outside the map."""
    if click is None or click.row is None or click.column is None:
        return None
    chunks, _, rows, columns = opened.trace.fused[place].shape
    if click.row >= rows or click.column >= columns:
        return None
    return min(click.chunk, chunks - 1), click.row, click.column


def unit_choice(opened: Opened, pick: Pick) -> None:
    """Widgets that select a unit: by number, or among the most influential ones."""
    told = strongest(results.evidence_of(opened, pick.place), 6)
    count = opened.trace.fused[pick.place].shape[1]
    number, pills = st.columns([1, 3], vertical_alignment="bottom")
    number.number_input(
        f"Fused unit, 0 to {count - 1}",
        0,
        count - 1,
        **address.bound("unit", pick.unit, widget="fusion_unit", clear=("cell",)),
    )
    passes = opened.passes
    pills.pills(
        f"Most influential units for “{class_name(passes.said)}”"
        if passes.taught
        else "Most active units",
        told,
        **address.bound(
            "unit",
            pick.unit if pick.unit in told else None,
            widget="fusion_told",
            clear=("cell",),
        ),
    )
