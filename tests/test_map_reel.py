"""Map reel: other maps on the pictures of a run, on one scale, with the selected cell."""

import dataclasses
import math

import numpy as np
import pytest

from fusionscope.analysis.analysis import Analysis, analyse
from fusionscope.analysis.map_reel import lens_reel, pin_of, stage_reel
from fusionscope.analysis.panel import Look
from fusionscope.analysis.reel import Reel
from fusionscope.explain.fusion.contributions import unit_contributions
from fusionscope.nets.network import Network
from fusionscope.trace import Trace
from tests.numbered_reel import contents, read_reel, unpack_header, unpack_payload


@pytest.fixture(scope="module")
def analysis(network: Network, trace: Trace) -> Analysis:
    return analyse(network, trace.clip, trace.flow)


def drawn(reel: Reel, key: str) -> np.ndarray:
    """The values of a panel's map, as the player reads them."""
    grid = read_reel(reel.to_bytes()).panel(key).map
    assert grid is not None
    return grid.values


def test_the_parts_of_a_unit_are_drawn_on_one_scale(network: Network, analysis: Analysis):
    met = unit_contributions(network, analysis.trace, "relu5", 5)
    reel = lens_reel(analysis.reel, network, analysis.trace, met, 171)
    assert reel.shown == reel.keys == ("frame", "flow", "appearance", "motion", "fused")
    scales = {(panel.map.low, panel.map.high) for panel in reel.panels if panel.map}
    (scale,) = scales
    step = (scale[1] - scale[0]) / 255
    for key, cells in (
        ("appearance", met.appearance),
        ("motion", met.motion),
        ("fused", met.fused),
    ):
        np.testing.assert_allclose(drawn(reel, key), cells, atol=step)


def test_the_pictures_are_those_of_the_run(network: Network, analysis: Analysis):
    reel = stage_reel(analysis.reel, network, analysis.trace, "temporal", "relu3", None)
    assert all(reel.videos[name] is video for name, video in analysis.reel.videos.items())
    packed, own = reel.to_bytes(), analysis.reel.to_bytes()
    end = unpack_header(packed)["videos"]["flow"][-1]
    assert unpack_payload(packed)[:end] == unpack_payload(own)[:end]
    assert contents(read_reel(packed)) == contents(reel)
    mean = analysis.trace.temporal["relu3"].mean(axis=1)
    np.testing.assert_allclose(drawn(reel, "stage"), mean, atol=float(mean.max()) / 200)


def test_the_pin_is_in_the_selected_cell_at_the_frame_of_its_chunk(
    network: Network, analysis: Analysis
):
    met = unit_contributions(network, analysis.trace, "relu5", 5)
    reel = lens_reel(analysis.reel, network, analysis.trace, met, None)
    grid = reel.panel("appearance").map
    assert grid is not None
    left, top, right, bottom = grid.extent
    _, rows, columns = grid.cells.shape
    pin = pin_of(reel, (2, 1, 3))
    assert int((pin.y - top) / (bottom - top) * rows) == 1
    assert int((pin.x - left) / (right - left) * columns) == 3
    assert pin.frame == analysis.trace.snippets.frames[2]


def test_a_reel_without_a_fused_map_has_no_pin(analysis: Analysis):
    bare = dataclasses.replace(analysis.reel, panels=analysis.reel.panels[:2], shown=())
    with pytest.raises(ValueError, match="without"):
        pin_of(bare, (0, 0, 0))


def test_a_map_pooled_over_chunks_is_repeated_for_each(network: Network, analysis: Analysis):
    assert len(analysis.trace.fused["pool5"]) == 1
    reel = stage_reel(analysis.reel, network, analysis.trace, "fused", "pool5", math.inf)
    cells = drawn(reel, "stage")
    assert len(cells) == analysis.trace.card.chunks
    assert (cells == cells[0]).all()


@pytest.mark.parametrize(
    ("pixels", "shown"), [(139, 139), (171, 171), (math.inf, None), (None, None)]
)
def test_the_receptive_field_is_given_in_shares_of_the_picture(
    network: Network, analysis: Analysis, pixels: float | None, shown: int | None
):
    reel = stage_reel(analysis.reel, network, analysis.trace, "fused", "relu5", pixels)
    look, (height, width) = reel.look, analysis.trace.snippets.rgb.shape[2:]
    assert unpack_header(reel.to_bytes())["look"] == (look and dataclasses.asdict(look))
    if shown:
        assert look == Look(round(shown / width, 4), round(shown / height, 4))
    elif pixels:
        assert look is not None
        assert min(look.width, look.height) >= 2, (
            "the receptive field of a cell at one edge would not reach the other"
        )
    else:
        assert look is None
