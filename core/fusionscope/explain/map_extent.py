"""Map extent: the part of the picture covered by the cells of a stage."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fusionscope.nets.network import Network
    from fusionscope.trace import Trace


def extent_of(
    trace: Trace, network: Network, stage: str, cells: tuple[int, ...]
) -> tuple[tuple[float, float, float, float], str]:
    """Left, top, right, bottom of a stage's grid in shares of the picture, and a note.

    If the receptive field is known, the note is empty. Otherwise the grid is stretched over the
    whole picture, and the note states that for a caption.
    """
    field = network.field(stage)
    if field is None:
        return (0.0, 0.0, 1.0, 1.0), ", stretched over the picture"
    height, width = trace.snippets.rgb.shape[2:]
    top_, bottom = field.span(cells[0], height)
    left, right = field.span(cells[1], width)
    return (left, top_, right, bottom), ""
