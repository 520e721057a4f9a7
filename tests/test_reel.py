"""Reel: unpacked again, image by image and cell by cell."""

from __future__ import annotations

import dataclasses
import struct
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
import pytest

from core.card import Card
from core.explain.heatmaps import HeatMap
from core.explain.measures import full_colour
from core.nets.network import Network
from core.reel import pack_reel, thumbnail, unpack_header
from core.trace import Trace, run
from core.video.clip import Clip
from core.video.flow import flow_colours

EXTENT = (0.0637584, -0.25, 0.9228188, 1.125)


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
    return pack_reel(turning, maps)


@pytest.fixture(scope="module")
def header(reel: bytes) -> Any:
    return unpack_header(reel)


def payload_of(reel: bytes) -> bytes:
    (length,) = struct.unpack("<I", reel[:4])
    return reel[4 + length :]


def pictures(reel: bytes, header: Any, video: str) -> list[np.ndarray]:
    """Every image of a video panel, RGB."""
    payload, offsets = payload_of(reel), header["videos"][video]
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


def test_flow_pictures_lie_over_the_frame_they_lead_from(reel: bytes, header: Any, turning: Trace):
    found = pictures(reel, header, "flow")
    assert len(found) == 24
    for n, picture in enumerate(found):
        field = turning.flow[min(n, 22)]  # the last field once more over the last frame
        right = flow_colours(field, full_colour(turning.flow))
        assert np.abs(picture.mean(axis=(0, 1)) - right.mean(axis=(0, 1))).max() < 12
        next_one = flow_colours(turning.flow[(n + 5) % 23], 6.0)
        assert np.abs(picture.mean(axis=(0, 1)) - next_one.mean(axis=(0, 1))).max() > 30


def test_colours_keep_their_order_and_rows_and_columns_their_place(square: Clip, trace: Trace):
    packed = pack_reel(trace, ())
    picture = pictures(packed, unpack_header(packed), "frame")[9].astype(float)
    error = np.abs(picture - square.frames[9]).mean()
    for wrong in (picture[..., ::-1], picture[:, ::-1], picture[::-1]):
        assert np.abs(wrong - square.frames[9]).mean() > 2 * error


def test_maps_read_back_within_half_a_step(reel: bytes, header: Any, maps: tuple[HeatMap, ...]):
    payload = payload_of(reel)
    assert [panel["key"] for panel in header["panels"][2:]] == [heat.key for heat in maps]
    for panel, heat in zip(header["panels"][2:], maps, strict=True):
        described = panel["map"]
        assert described["shape"] == [*heat.cells.shape]
        first = described["offset"]
        values = np.frombuffer(payload[first : first + heat.cells.size], np.uint8)
        width = described["high"] - described["low"]
        back = described["low"] + values.reshape(heat.cells.shape) / 255 * width
        assert np.abs(back - heat.cells).max() <= width / 255 / 2 + 1e-9
        assert described["low"] == min(0, heat.cells.min())  # so that nothing is drawn as nothing
        assert described["high"] == heat.cells.max()
        assert described["extent"] == pytest.approx(EXTENT, abs=5e-5)


def test_the_payload_is_used_up_without_gaps(reel: bytes, header: Any):
    frame, flow = (header["videos"][video] for video in ("frame", "flow"))
    assert frame[0] == 0
    assert frame[-1] == flow[0]
    at = flow[-1]
    for panel in header["panels"][2:]:
        assert panel["map"]["offset"] == at
        at += int(np.prod(panel["map"]["shape"]))
    assert at == len(payload_of(reel))


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
    assert header["panels"][1]["detail"] == "DIS, full colour at 6.0 px/frame"
    assert (header["panels"][2]["title"], header["panels"][2]["detail"]) == ("a", "d")


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
    header = unpack_header(pack_reel(run(network, numbered, flow), ()))
    assert header["motion"] == [*range(23), 22]


def test_what_is_shown_first_follows_from_the_maps(turning: Trace, maps: tuple[HeatMap, ...]):
    spatial, temporal, why = maps
    fused = dataclasses.replace(spatial, key="fused")
    for given, shown in (
        ((), ["frame", "flow"]),
        ((spatial, temporal, fused, why), ["frame", "flow", "fused", "why"]),
        ((spatial, why), ["frame", "flow", "why", "spatial"]),
        ((temporal, why), ["frame", "flow", "why", "temporal"]),
    ):
        assert unpack_header(pack_reel(turning, given))["shown"] == shown


def test_the_digest_names_the_content(turning: Trace, maps: tuple[HeatMap, ...], header: Any):
    again = unpack_header(pack_reel(turning, maps))
    assert again["digest"] == header["digest"]
    assert unpack_header(pack_reel(turning, maps[:2]))["digest"] != header["digest"]
    other = dataclasses.replace(maps[0], cells=maps[0].cells[::-1])
    assert unpack_header(pack_reel(turning, (other, *maps[1:])))["digest"] != header["digest"]


def test_a_map_of_nothing_stays_nothing(turning: Trace, maps: tuple[HeatMap, ...]):
    empty = dataclasses.replace(maps[0], cells=np.zeros((3, 4, 5)))
    reel = pack_reel(turning, (empty,))
    described = unpack_header(reel)["panels"][2]["map"]
    assert described["low"] == 0
    assert described["high"] > 0
    assert not any(payload_of(reel)[described["offset"] :])


def test_progress_rises_to_one_and_what_it_raises_cancels(turning: Trace):
    told: list[float] = []
    pack_reel(turning, (), lambda stage, done: told.append(done if stage == "pictures" else -1))
    assert told == pytest.approx([n / 24 for n in range(1, 25)])

    def stop(stage: str, done: float) -> None:
        raise KeyboardInterrupt(stage, done)

    with pytest.raises(KeyboardInterrupt):
        pack_reel(turning, (), stop)


def test_another_flow_method_is_named(turning: Trace, card: Card):
    other = dataclasses.replace(turning, card=dataclasses.replace(card, flow="tvl1"))
    header = unpack_header(pack_reel(other, ()))
    assert header["panels"][1]["detail"].startswith("TV-L1, ")


def test_a_thumbnail_keeps_its_shape():
    picture = np.full((96, 128, 3), (200, 100, 50), np.uint8)
    small = cv2.imdecode(np.frombuffer(thumbnail(picture), np.uint8), cv2.IMREAD_COLOR)
    assert small is not None
    assert small.shape == (72, 96, 3)
    assert np.abs(small[..., ::-1].astype(int) - (200, 100, 50)).max() < 8
