"""Picking: which fusion, which fused unit and which cell the pages speak of."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from app import address, fusions
from app.fusions import Cell
from app.player import Click
from core.explain.units import strongest, telling_cell
from core.pipeline import Analysis
from core.streams import COLOURS

Stage = tuple[str, str]  # stream, name


@dataclass(frozen=True)
class Pick:
    """One fused number of one run."""

    place: str
    unit: int
    cell: Cell


def place_of(analysis: Analysis, places: tuple[str, ...]) -> str:
    """The fusion that the address names, else the last one that has a grid of cells."""
    if address.word("place") in places:
        return address.word("place")
    wide = [p for p in places if can_move(analysis, p)]
    return (wide or list(places))[-1]


def can_move(analysis: Analysis, place: str) -> bool:
    """Do the streams meet on a grid, so that one can be moved against the other?"""
    maps = analysis.trace.temporal.get(place)
    return fusions.is_ours(analysis) and maps is not None and min(maps.shape[2:]) > 1


def keeps_cells(analysis: Analysis) -> bool:
    """Does the fusion give a map of cells, which a lens can be laid on?"""
    return analysis.trace.card.fusion != "bilinear"


def stage_of(analysis: Analysis, places: tuple[str, ...]) -> Stage:
    """Stream and stage that the picture of the network marks: by the address, else a fusion."""
    stream, _, name = address.word("stage").partition(".")
    if stream in COLOURS and name in analysis.trace.maps(stream):
        return stream, name
    if places:
        return "fused", place_of(analysis, places)
    stream = next(s for s in COLOURS if analysis.trace.maps(s))
    return stream, [*analysis.trace.maps(stream)][-1]


def open_stage(stage: Stage) -> None:
    """Show another stage; where the streams are fused there, its lens."""
    stream, name = stage
    address.put(stage=f"{stream}.{name}", unit=None, cell=None)
    if stream == "fused":
        address.put(place=name)


def pick_of(analysis: Analysis, place: str) -> Pick:
    """The unit and the cell that the address names, else those that say most for the answer."""
    chunks, units, rows, columns = analysis.trace.fused[place].shape
    evidence = fusions.evidence_of(analysis, place)
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


def clicked(click: Click | None, analysis: Analysis, place: str) -> bool:
    """Take over the cell under a click; False where there was none, or no cell there."""
    cell = cell_under(click, analysis, place)
    if cell is not None:
        address.put(cell=cell)
    return cell is not None


def cell_under(click: Click | None, analysis: Analysis, place: str) -> Cell | None:
    """The cell of a fusion's map that was clicked."""
    if click is None or click.row is None or click.column is None:
        return None
    chunks, _, rows, columns = analysis.trace.fused[place].shape
    if click.row >= rows or click.column >= columns:
        return None
    return min(click.chunk, chunks - 1), click.row, click.column


def unit_choice(analysis: Analysis, pick: Pick) -> None:
    """Choose another unit: by number, or among those that speak most for the answer."""
    told = strongest(fusions.evidence_of(analysis, pick.place), 6)
    count = analysis.trace.fused[pick.place].shape[1]
    st.session_state["fusion_unit"] = pick.unit
    st.session_state["fusion_told"] = pick.unit if pick.unit in told else None
    number, pills = st.columns([1, 3], vertical_alignment="bottom")
    number.number_input(
        f"Fused unit, 0 to {count - 1}",
        0,
        count - 1,
        key="fusion_unit",
        on_change=lambda: address.put(unit=st.session_state["fusion_unit"], cell=None),
    )
    passes = analysis.passes
    pills.pills(
        f"Units that speak most for “{passes.said}”" if passes.taught else "Most active units",
        told,
        key="fusion_told",
        on_change=lambda: address.put(unit=st.session_state["fusion_told"], cell=None),
    )
