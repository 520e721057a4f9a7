"""Run reel: its bytes read back, image by image and cell by cell."""

from __future__ import annotations

import dataclasses
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
import pytest

from fusionscope.analysis.run_reel import run_reel, thumbnail
from fusionscope.card import Card
from fusionscope.explain.heatmaps import HeatMap
from fusionscope.explain.measures import full_colour
from fusionscope.nets.network import Network
from fusionscope.trace import Trace, run
from fusionscope.video.clip import Clip
from fusionscope.video.flow.methods import flow_colours
from tests.numbered_reel import contents, read_reel, unpack_header, unpack_payload

EXTENT = (0.0637584, -0.25, 0.9228188, 1.125)
WHOLE = (0.0, 0.0, 1.0, 1.0)


@pytest.fixture(scope="module")
def turning(network: Network, numbered: Clip) -> Trace:
    """A run on numbered frames; flow field n points n / 23 of a full turn from the right."""
    turn = 2 * np.pi * np.arange(23) / 23
    field = 6 * np.stack((np.cos(turn), np.sin(turn)), axis=1)
    flow = np.broadcast_to(field[:, :, None, None], (23, 2, 48, 64)).astype(np.float16)
    return run(network, numbered, flow)


@pytest.fixture(scope="module")
def maps() -> tuple[HeatMap, ...]:
    """Three maps of other shapes and ranges, one of them with negative values."""
    random = np.random.default_rng(0)
    return (
        HeatMap("spatial", "a", "d", "appearance", random.uniform(0, 7, (3, 4, 5)), EXTENT),
        HeatMap("temporal", "b", "e", "motion", random.uniform(-3, 1, (3, 2, 6)), EXTENT),
        HeatMap("why", "c", "f", "fused", random.uniform(2, 9, (3, 4, 5)), EXTENT, "evidence"),
    )


@pytest.fixture(scope="module")
def reel(turning: Trace, maps: tuple[HeatMap, ...]) -> bytes:
    return run_reel(turning, maps).to_bytes()


@pytest.fixture(scope="module")
def header(reel: bytes) -> Any:
    return unpack_header(reel)


def pictures(reel: bytes, header: Any, video: str) -> list[np.ndarray]:
    """Every image of a video panel, RGB."""
    payload, offsets = unpack_payload(reel), header["videos"][video]
    found = []
    for first, last in pairwise(offsets):
        decoded = cv2.imdecode(np.frombuffer(payload[first:last], np.uint8), cv2.IMREAD_COLOR)
        assert decoded is not None
        found.append(decoded[..., ::-1])
    return found


def test_frames_decode_back_in_order(reel: bytes, header: Any):
    found = pictures(reel, header, "frame")
    assert len(found) == 24
    for n, picture in enumerate(found):
        assert picture.shape == (48, 64, 3)
        assert np.abs(picture.astype(int) - 10 * n).max() <= 3


def test_a_flow_picture_belongs_to_the_first_frame_of_its_pair(
    reel: bytes, header: Any, turning: Trace
):
    found = pictures(reel, header, "flow")
    assert len(found) == 24
    for n, picture in enumerate(found):
        field = turning.flow[min(n, 22)]  # the last field once more over the last frame
        right = flow_colours(field, full_colour(turning.flow))
        assert np.abs(picture.mean(axis=(0, 1)) - right.mean(axis=(0, 1))).max() < 12
        next_one = flow_colours(turning.flow[(n + 5) % 23], 6.0)
        assert np.abs(picture.mean(axis=(0, 1)) - next_one.mean(axis=(0, 1))).max() > 30


def test_colours_keep_their_order_and_rows_and_columns_their_place(square: Clip, trace: Trace):
    packed = run_reel(trace, ()).to_bytes()
    picture = pictures(packed, unpack_header(packed), "frame")[9].astype(float)
    error = np.abs(picture - square.frames[9]).mean()
    for wrong in (picture[..., ::-1], picture[:, ::-1], picture[::-1]):
        assert np.abs(wrong - square.frames[9]).mean() > 2 * error


def test_maps_read_back_within_half_a_step(reel: bytes, header: Any, maps: tuple[HeatMap, ...]):
    payload = unpack_payload(reel)
    assert [panel["key"] for panel in header["panels"][2:]] == [heat.key for heat in maps]
    for panel, heat in zip(header["panels"][2:], maps, strict=True):
        described = panel["map"]
        assert described["shape"] == [*heat.cells.shape]
        first = described["offset"]
        values = np.frombuffer(payload[first : first + heat.cells.size], np.uint8)
        width = described["high"] - described["low"]
        back = described["low"] + values.reshape(heat.cells.shape) / 255 * width
        assert np.abs(back - heat.cells).max() <= width / 255 / 2 + 1e-9
        most, signed = np.abs(heat.cells).max(), heat.cells.min() < 0
        assert described["low"] == (-most if signed else 0)  # so that nothing is drawn as nothing
        assert described["high"] == pytest.approx(most * 128 / 127 if signed else most)
        assert described.get("ramp") == ("signed" if signed else None)
        assert described["extent"] == pytest.approx(EXTENT, abs=5e-5)


def test_the_payload_is_used_up_without_gaps(reel: bytes, header: Any):
    frame, flow = (header["videos"][video] for video in ("frame", "flow"))
    assert frame[0] == 0
    assert frame[-1] == flow[0]
    at = flow[-1]
    for panel in header["panels"][2:]:
        assert panel["map"]["offset"] == at
        at += int(np.prod(panel["map"]["shape"]))
    assert at == len(unpack_payload(reel))


def test_the_bytes_contain_the_record(turning: Trace, maps: tuple[HeatMap, ...]):
    made = run_reel(turning, maps)
    assert contents(read_reel(made.to_bytes())) == contents(made)


def test_the_header_is_complete(header: Any, numbered: Clip):
    assert header["version"] == 1
    assert header["clip"] == numbered.digest
    assert (header["fps"], header["frames"]) == (25, 24)
    assert (header["width"], header["height"]) == (64, 48)
    assert [panel["key"] for panel in header["panels"]] == [
        "frame",
        "flow",
        "spatial",
        "temporal",
        "why",
    ]
    assert [panel["video"] for panel in header["panels"]] == [
        "frame",
        "flow",
        "frame",
        "flow",  # motion is drawn over motion
        "frame",
    ]
    assert [panel["stream"] for panel in header["panels"]] == [
        "appearance",
        "motion",
        "appearance",
        "motion",
        "fused",
    ]
    assert [panel["unit"] for panel in header["panels"][2:]] == [
        "activation",
        "activation",
        "evidence",
    ]
    assert header["panels"][0]["map"] is header["panels"][1]["map"] is None
    words = "DIS, full colour at 6.0 px/frame, 0.0 % above (99th percentile)"
    assert header["panels"][1]["detail"] == words
    assert header["panels"][2]["title"] == "a"
    assert header["panels"][2]["detail"] == "d; lines at the edge: outside the map"


def test_chunks_and_motion_are_those_of_the_run(header: Any):
    assert header["chunks"] == [
        {"frame": 4, "first": 3, "last": 5},
        {"frame": 12, "first": 11, "last": 13},
        {"frame": 20, "first": 19, "last": 21},
    ]
    assert header["motion"] == pytest.approx([6.0] * 24, abs=0.01)


def test_motion_is_numbered_like_the_frames(network: Network, numbered: Clip):
    flow = np.zeros((23, 2, 48, 64), np.float16)
    flow[:, 0] = np.arange(23)[:, None, None]
    packed = run_reel(run(network, numbered, flow), ()).to_bytes()
    assert unpack_header(packed)["motion"] == [*range(23), 22]


def test_the_panels_shown_initially_depend_on_the_maps(turning: Trace, maps: tuple[HeatMap, ...]):
    spatial, temporal, why = maps
    fused = dataclasses.replace(spatial, key="fused")
    for given, shown in (
        ((), ["frame", "flow"]),
        ((spatial, temporal, fused, why), ["frame", "flow", "fused", "why"]),
        ((spatial, why), ["frame", "flow", "why", "spatial"]),
        ((temporal, why), ["frame", "flow", "why", "temporal"]),
    ):
        reel = run_reel(turning, given)
        assert [*reel.shown] == unpack_header(reel.to_bytes())["shown"] == shown


def test_the_digest_depends_on_the_content(turning: Trace, maps: tuple[HeatMap, ...], header: Any):
    again = run_reel(turning, maps)
    assert again.digest == header["digest"]
    assert run_reel(turning, maps[:2]).digest != again.digest
    other = dataclasses.replace(maps[0], cells=maps[0].cells[::-1])
    assert run_reel(turning, (other, *maps[1:])).digest != again.digest


def test_a_map_of_zeros_stays_zero(turning: Trace, maps: tuple[HeatMap, ...]):
    empty = dataclasses.replace(maps[0], cells=np.zeros((3, 4, 5)))
    reel = run_reel(turning, (empty,)).to_bytes()
    described = unpack_header(reel)["panels"][2]["map"]
    assert described["low"] == 0
    assert described["high"] > 0
    assert not any(unpack_payload(reel)[described["offset"] :])


def test_progress_rises_to_one_and_an_exception_in_it_cancels(turning: Trace):
    told: list[float] = []
    run_reel(turning, (), lambda stage, done: told.append(done if stage == "pictures" else -1))
    assert told == pytest.approx([n / 24 for n in range(1, 25)])

    def stop(stage: str, done: float) -> None:
        raise KeyboardInterrupt(stage, done)

    with pytest.raises(KeyboardInterrupt):
        run_reel(turning, (), stop)


def test_another_flow_method_is_named(turning: Trace, card: Card):
    other = dataclasses.replace(turning, card=dataclasses.replace(card, flow="tvl1"))
    assert run_reel(other, ()).panel("flow").detail.startswith("TV-L1, ")


def test_a_thumbnail_keeps_its_shape():
    picture = np.full((96, 128, 3), (200, 100, 50), np.uint8)
    small = cv2.imdecode(np.frombuffer(thumbnail(picture), np.uint8), cv2.IMREAD_COLOR)
    assert small is not None
    assert small.shape == (72, 96, 3)
    assert np.abs(small[..., ::-1].astype(int) - (200, 100, 50)).max() < 8


def test_one_hot_cell_neither_hides_the_rest_nor_loses_its_value(turning: Trace):
    cells = np.ones((3, 6, 8))
    cells[1, 2, 5] = 1000.0
    (panel,) = run_reel(turning, [HeatMap("why", "c", "f", "fused", cells, WHOLE)]).panels[2:]
    grid = panel.map
    assert grid is not None
    assert (grid.low, grid.high) == (0, 1)
    assert panel.detail == "f; 0.7 % of cells beyond the scale"  # one of 144
    assert grid.beyond == ((1 * 48 + 2 * 8 + 5, 1000.0),)
    assert (grid.cells == 255).all()
    np.testing.assert_array_equal(grid.values, cells)


def test_what_is_beyond_a_signed_scale_keeps_its_sign(turning: Trace):
    cells = np.tile([[1.0, -1.0]], (2, 100, 1))
    cells[0, 0] = (50, -70)
    heat = HeatMap("why", "c", "f", "fused", cells, WHOLE, signed=True)
    (panel,) = run_reel(turning, [heat]).panels[2:]
    grid = panel.map
    assert grid is not None
    assert grid.low == -1
    assert grid.beyond == ((0, 50.0), (1, -70.0))
    assert grid.cells[0, 0].tolist() == [255, 0]


def test_a_map_that_ends_before_the_picture_says_so(turning: Trace):
    cells = np.ones((3, 2, 2))
    for extent, said in ((WHOLE, False), ((0.1, -1, 1, 2), True), ((-0.1, 0, 1.1, 0.9), True)):
        (panel,) = run_reel(turning, [HeatMap("why", "c", "f", "fused", cells, extent)]).panels[2:]
        assert panel.detail.endswith("; lines at the edge: outside the map") == said


def test_the_evidence_of_a_chunk_is_the_sum_of_each_sign(turning: Trace):
    cells = np.array([[[1.0, -2.0]], [[3.0, 0.5]], [[-4.0, -0.25]]])
    heat = HeatMap("why", "c", "f", "fused", cells, WHOLE, signed=True)
    other = HeatMap("spatial", "c", "f", "fused", 2 * np.abs(cells), WHOLE, "evidence")
    made = run_reel(turning, [heat, other])
    panel = made.panel("why")
    assert panel.sums == ((1.0, -2.0), (3.5, 0.0), (0.0, -4.25))
    assert made.sums_limit(panel) == 4.25  # the other map is on another scale
    assert made.panel("spatial").sums == ((6.0, 0.0), (7.0, 0.0), (8.5, 0.0))
    header = unpack_header(made.to_bytes())["panels"][2]
    assert header["sums"] == [[1.0, -2.0], [3.5, 0.0], [0.0, -4.25]]
    assert header["sumsLimit"] == 4.25
    assert made.panel("frame").sums == ()


def test_the_view_opens_at_the_chunk_with_the_most_evidence(turning: Trace):
    def opened(*nets: float, key: str = "why") -> int | None:
        cells = np.array([[[5.0, net - 5.0]] for net in nets])
        heat = HeatMap(key, "c", "f", "fused", cells, WHOLE, signed=True)
        made = run_reel(turning, [heat])
        assert unpack_header(made.to_bytes()).get("strongest") == made.strongest
        return made.strongest

    assert opened(1, 3, 2) == 1
    assert opened(-9, 1, 2) == 2
    assert opened(2, 2, 1) == 0
    assert opened(-9, 0, -1) is None  # no chunk has evidence for the class
    assert opened(1, 3, 2, key="spatial") is None  # an activation is no evidence
    assert run_reel(turning, []).strongest is None


def test_one_fast_frame_does_not_flatten_the_motion_track(turning: Trace):
    made = run_reel(turning, [])
    assert made.motion_limit == pytest.approx(max(made.motion))
    jump = dataclasses.replace(made, motion=(*made.motion[:-1], 500.0))
    assert jump.motion_limit == pytest.approx(max(made.motion[:-1]))
    assert unpack_header(jump.to_bytes())["motionLimit"] == jump.motion_limit
    assert dataclasses.replace(made, beside=(9.0,) * 24).motion_limit == 9


def test_the_flow_panel_states_its_scale_and_the_share_above(network: Network, numbered: Clip):
    flow = np.zeros((23, 2, 48, 64), np.float16)
    flow[:, 0, :12] = 2  # a quarter of the picture
    slow = run(network, numbered, flow)
    detail = run_reel(slow, []).panel("flow").detail
    assert detail.endswith("full colour at 2.0 px/frame, 0.0 % above (99th percentile)")
    detail = run_reel(slow, [], full=1.5).panel("flow").detail
    assert detail.endswith("full colour at 1.5 px/frame, 25.0 % above")
