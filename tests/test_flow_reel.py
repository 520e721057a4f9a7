"""Flow reel: every method's pictures beside the frame, on one scale, with the words that say it."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import pytest

from core.explain.measures import full_colour
from core.flow_reel import flow_reel, readings_of_flows
from core.nets.network import Network
from core.pipeline import analyse
from core.reel import pack_reel, unpack_header, unpack_payload
from core.trace import Trace
from core.video.flow import BOUND, dense_flow
from core.video.flowpictures import DRAWN, Scale


@pytest.fixture(scope="module")
def flows(trace: Trace) -> dict[str, np.ndarray]:
    return {"farneback": dense_flow(trace.clip, "farneback"), "true": 2 * trace.flow}


@pytest.fixture(scope="module")
def base(trace: Trace) -> bytes:
    return pack_reel(trace, [])


def pictures(reel: bytes, video: str) -> list[np.ndarray]:
    offsets, payload = unpack_header(reel)["videos"][video], unpack_payload(reel)
    raw = (np.frombuffer(payload[a:b], np.uint8) for a, b in pairwise(offsets))
    return [cv2.imdecode(one, cv2.IMREAD_COLOR)[..., ::-1] for one in raw]  # pyright: ignore[reportOptionalSubscript]


@pytest.mark.parametrize("drawn", DRAWN)
def test_every_panel_reads_back_as_it_was_drawn(
    base: bytes, trace: Trace, flows: dict[str, np.ndarray], drawn: str
):
    reel = flow_reel(base, trace, flows, drawn)
    height, width = trace.snippets.flow.shape[2:]
    scale = Scale(full_colour(trace.flow), (height, width))
    header = unpack_header(reel)
    assert header["shown"] == ["frame", "farneback", "true"]
    assert [panel["key"] for panel in header["panels"]] == header["shown"]
    for panel in header["panels"][1:]:
        found = pictures(reel, panel["video"])
        assert len(found) == 14
        for n, field in ((0, 0), (12, 12), (13, 12)):  # the last frame has no flow of its own
            drew = DRAWN[drawn](flows[panel["key"]][field], trace.clip.frames[n], scale)
            assert np.abs(found[n].astype(int) - drew).mean() < 9  # WebP


def test_frames_and_time_are_those_of_the_run(base: bytes, trace: Trace, flows):
    reel = flow_reel(base, trace, flows, "wheel")
    header, own = unpack_header(reel), unpack_header(base)
    for key in ("clip", "fps", "frames", "chunks", "motion", "width", "height"):
        assert header[key] == own[key]
    end = own["videos"]["frame"][-1]
    assert header["videos"]["frame"] == own["videos"]["frame"]
    assert unpack_payload(reel)[:end] == unpack_payload(base)[:end]
    assert header["digest"] != own["digest"]


def test_only_the_wheel_has_the_wheels_legend_and_a_bar_says_the_rest(base, trace, flows):
    full = full_colour(trace.flow)
    for drawn in DRAWN:
        for panel in unpack_header(flow_reel(base, trace, flows, drawn))["panels"][1:]:
            assert panel["video"].endswith("flow") == (drawn == "wheel")
            bar = panel.get("bar")
            if drawn in ("u", "v"):
                assert (bar["low"], bar["high"]) == (-BOUND, BOUND)
                assert "8 bits" in panel["detail"]
                assert "clipped" in panel["detail"]
            else:
                assert f"{full:.1f} px/frame" in panel["detail"]  # one for all methods
                assert (bar is not None) == (drawn == "speed")


def test_what_is_clipped_is_told_method_by_method(base, trace):
    half = np.array(trace.flow)
    half[:, 0, :48] = 25
    reel = flow_reel(base, trace, {"dis": half, "true": 0 * half}, "u")
    details = [panel["detail"] for panel in unpack_header(reel)["panels"][1:]]
    assert "50.0% of the pixels clipped" in details[0]
    assert "0.0% of the pixels clipped" in details[1]


def test_progress_rises_to_one(base, trace, flows):
    told: list[tuple[str, float]] = []
    flow_reel(base, trace, flows, "speed", lambda stage, done: told.append((stage, done)))
    assert told == sorted(told)
    assert told[-1] == ("pictures", 1.0)
    assert len(told) == 2 * 14


def test_readings_are_the_fields_at_the_place():
    flow = np.zeros((3, 2, 10, 20), np.float16)
    flow[2, :, 7, 5] = (-1.5, 4)
    (one,) = readings_of_flows({"tvl1": flow}, 2, 5.5 / 20, 7.5 / 10)
    assert (one.name, one.value) == ("TV-L1", "1.5 left, 4.0 down px/frame")
    (one,) = readings_of_flows({"true": flow}, 3, 5.5 / 20, 7.5 / 10)  # the last frame
    assert (one.name, one.value) == ("true flow", "1.5 left, 4.0 down px/frame")
    (one,) = readings_of_flows({"dis": flow}, 2, 1.0, 1.0)
    assert one.value.startswith("0.0")


def test_it_is_made_of_an_analysis_too(network: Network, trace: Trace, flows):
    reel = flow_reel(analyse(network, trace.clip, trace.flow).reel, trace, flows, "wheel")
    assert set(unpack_header(reel)["videos"]) == {"frame", "farneback flow", "true flow"}
