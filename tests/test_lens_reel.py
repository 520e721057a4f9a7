"""Lens reel: other maps on the pictures of a run, on one scale, with the picked cell."""

import math

import numpy as np
import pytest

from core.explain.meeting import meeting
from core.lens_reel import lens_reel, pin_of, stage_reel
from core.nets.network import Network
from core.pipeline import Analysis, analyse
from core.reel import unpack_header, unpack_payload
from core.trace import Trace


@pytest.fixture(scope="module")
def analysis(network: Network, trace: Trace) -> Analysis:
    return analyse(network, trace.clip, trace.flow)


def drawn(reel: bytes, key: str) -> np.ndarray:
    """The values of a panel's map, as the player reads them."""
    header = unpack_header(reel)
    (panel,) = (panel for panel in header["panels"] if panel["key"] == key)
    place = panel["map"]
    count, start = int(np.prod(place["shape"])), place["offset"]
    cells = np.frombuffer(unpack_payload(reel)[start : start + count], np.uint8)
    span = place["high"] - place["low"]
    return (place["low"] + cells / 255 * span).reshape(place["shape"])


def test_the_parts_of_a_unit_are_drawn_on_one_scale(network: Network, analysis: Analysis):
    met = meeting(network, analysis.trace, "relu5", 5)
    reel = lens_reel(analysis.reel, network, analysis.trace, met, 171)
    header = unpack_header(reel)
    assert header["shown"] == ["frame", "flow", "appearance", "motion", "fused"]
    scales = {(p["map"]["low"], p["map"]["high"]) for p in header["panels"][2:]}
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
    end = unpack_header(reel)["videos"]["flow"][-1]
    assert unpack_payload(reel)[:end] == unpack_payload(analysis.reel)[:end]
    mean = analysis.trace.temporal["relu3"].mean(axis=1)
    np.testing.assert_allclose(drawn(reel, "stage"), mean, atol=float(mean.max()) / 200)


def test_the_pin_lies_in_the_picked_cell_at_its_chunks_frame(network: Network, analysis: Analysis):
    met = meeting(network, analysis.trace, "relu5", 5)
    reel = lens_reel(analysis.reel, network, analysis.trace, met, None)
    header = unpack_header(reel)
    left, top, right, bottom = header["panels"][2]["map"]["extent"]
    _, rows, columns = header["panels"][2]["map"]["shape"]
    pin = pin_of(reel, (2, 1, 3))
    assert int((pin["y"] - top) / (bottom - top) * rows) == 1
    assert int((pin["x"] - left) / (right - left) * columns) == 3
    assert pin["frame"] == analysis.trace.snippets.frames[2]


def test_a_map_pooled_over_chunks_stands_for_each(network: Network, analysis: Analysis):
    assert len(analysis.trace.fused["pool5"]) == 1
    reel = stage_reel(analysis.reel, network, analysis.trace, "fused", "pool5", math.inf)
    cells = drawn(reel, "stage")
    assert len(cells) == analysis.trace.card.chunks
    assert (cells == cells[0]).all()


@pytest.mark.parametrize(
    ("pixels", "shown"), [(139, 139), (171, 171), (math.inf, None), (None, None)]
)
def test_what_a_cell_looks_at_is_told_in_shares(
    network: Network, analysis: Analysis, pixels: float | None, shown: int | None
):
    reel = stage_reel(analysis.reel, network, analysis.trace, "fused", "relu5", pixels)
    look, (height, width) = unpack_header(reel)["look"], analysis.trace.snippets.rgb.shape[2:]
    if shown:
        assert look == {"width": round(shown / width, 4), "height": round(shown / height, 4)}
    elif pixels:
        assert min(look.values()) >= 2, "a cell at an edge would not look at the other"
    else:
        assert look is None
