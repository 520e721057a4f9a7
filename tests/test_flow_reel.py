"""Flow reel: the pictures of every method on one scale, with their legends."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from fusionscope.analysis.analysis import analyse
from fusionscope.analysis.flow_drawing import DRAWN, GREYS, Scale
from fusionscope.analysis.flow_reel import flow_reel, readings_of_flows
from fusionscope.analysis.panel import Bar
from fusionscope.analysis.reel import Reel
from fusionscope.analysis.run_reel import run_reel
from fusionscope.explain.measures import full_colour
from fusionscope.nets.network import Network
from fusionscope.trace import Trace
from fusionscope.video.flow.methods import BOUND, dense_flow
from tests.numbered_reel import contents, read_reel, unpack_header, unpack_payload


@pytest.fixture(scope="module")
def flows(trace: Trace) -> dict[str, np.ndarray]:
    return {"farneback": dense_flow(trace.clip, "farneback"), "true": 2 * trace.flow}


@pytest.fixture(scope="module")
def base(trace: Trace) -> Reel:
    return run_reel(trace, [])


def pictures(reel: Reel, video: str) -> list[np.ndarray]:
    coded = read_reel(reel.to_bytes()).videos[video].pictures
    raw = (np.frombuffer(one, np.uint8) for one in coded)
    return [cv2.imdecode(one, cv2.IMREAD_COLOR)[..., ::-1] for one in raw]  # pyright: ignore[reportOptionalSubscript]


@pytest.mark.parametrize("drawn", DRAWN)
def test_every_panel_reads_back_as_it_was_drawn(
    base: Reel, trace: Trace, flows: dict[str, np.ndarray], drawn: str
):
    reel = flow_reel(base, trace, flows, drawn)
    height, width = trace.snippets.flow.shape[2:]
    scale = Scale(full_colour(trace.flow), (height, width))
    assert reel.shown == reel.keys == ("frame", "farneback", "true")
    assert contents(read_reel(reel.to_bytes())) == contents(reel)
    for panel in reel.panels[1:]:
        found = pictures(reel, panel.video)
        assert len(found) == 14
        for n, field in ((0, 0), (12, 12), (13, 12)):  # the last frame has no flow of its own
            drew = DRAWN[drawn](flows[panel.key][field], trace.clip.frames[n], scale)
            assert np.abs(found[n].astype(int) - drew).mean() < 9  # WebP


def test_frames_and_time_are_those_of_the_run(base: Reel, trace: Trace, flows):
    reel = flow_reel(base, trace, flows, "wheel")
    assert reel.videos["frame"] is base.videos["frame"]
    packed, whole = reel.to_bytes(), base.to_bytes()
    header, own = unpack_header(packed), unpack_header(whole)
    for key in ("clip", "fps", "frames", "chunks", "motion", "width", "height"):
        assert header[key] == own[key]
    end = own["videos"]["frame"][-1]
    assert header["videos"]["frame"] == own["videos"]["frame"]
    assert unpack_payload(packed)[:end] == unpack_payload(whole)[:end]
    assert header["digest"] != own["digest"]


def test_only_the_wheel_has_its_own_legend_and_the_others_a_colour_bar(base, trace, flows):
    full = full_colour(trace.flow)
    for drawn in DRAWN:
        for panel in flow_reel(base, trace, flows, drawn).panels[1:]:
            assert panel.video.endswith("flow") == (drawn == "wheel")
            if drawn in ("u", "v"):
                assert panel.bar == Bar(-BOUND, BOUND, GREYS)
                assert "8 bits" in panel.detail
                assert "clipped" in panel.detail
            else:
                assert f"{full:.1f} px/frame" in panel.detail  # one for all methods
                assert (panel.bar is not None) == (drawn == "speed")


def test_the_clipped_share_is_given_for_each_method(base, trace):
    half = np.array(trace.flow)
    half[:, 0, :48] = 25
    reel = flow_reel(base, trace, {"dis": half, "true": 0 * half}, "u")
    details = [panel.detail for panel in reel.panels[1:]]
    assert "50.0 % of the pixels clipped" in details[0]
    assert "0.0 % of the pixels clipped" in details[1]


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


def test_an_analysis_has_a_flow_reel_too(network: Network, trace: Trace, flows):
    reel = flow_reel(analyse(network, trace.clip, trace.flow).reel, trace, flows, "wheel")
    assert set(reel.videos) == {"frame", "farneback flow", "true flow"}
