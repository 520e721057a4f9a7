"""Edit reel: before and after in one reel, read back: whose pictures, whose maps, on what scale."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from core.edit_reel import pack_edit, readings_of_edit
from core.explain.edits.edit import Edit
from core.explain.edits.picture import Erase, Grey, Mirror
from core.explain.edits.stack import AGAIN, edited_clip, edited_flow, read_edits
from core.explain.measures import full_colour
from core.nets.network import Network
from core.pipeline import Analysis, analyse
from core.reel import unpack_header, unpack_payload
from core.video.clip import Clip
from core.video.flow import dense_flow
from tests.test_comparison import panels_of, values


@pytest.fixture(scope="module")
def before(network: Network, square: Clip) -> Analysis:
    return analyse(network, square, dense_flow(square))


def edited(network: Network, clip: Clip, text: str) -> tuple[Analysis, tuple[Edit, ...]]:
    edits = read_edits(text)
    made = edited_clip(clip, edits, (128.0, 128.0, 128.0))
    flow = edited_flow(clip, made, edits, AGAIN)
    full = full_colour(dense_flow(clip))
    return analyse(network, made, flow, full=full), edits


@pytest.fixture(scope="module")
def slower(network: Network, square: Clip) -> Analysis:
    return edited(network, square, "speed_0.5")[0]


@pytest.fixture(scope="module")
def doubled(network: Network, square: Clip) -> Analysis:
    return edited(network, square, "scale_2")[0]


def pictures(reel: bytes, video: str) -> list[bytes]:
    payload = unpack_payload(reel)
    return [bytes(payload[a:b]) for a, b in pairwise(unpack_header(reel)["videos"][video])]


def test_panels_come_in_pairs_what_was_above_what_is(before: Analysis, slower: Analysis):
    header = unpack_header(pack_edit(before, slower))
    keys = [panel["key"] for panel in header["panels"]]
    assert keys[:4] == ["frame", "b:frame", "flow", "b:flow"]
    assert keys[4:6] == ["a:spatial", "b:spatial"]
    assert header["shown"] == [
        "frame", "b:frame", "flow", "b:flow", "a:fused", "b:fused", "a:why", "b:why",
    ]  # fmt: skip
    assert header["paired"]
    titles = {panel["key"]: panel["title"] for panel in header["panels"]}
    assert (titles["frame"], titles["b:flow"]) == ("before frame", "after flow")
    assert (titles["a:why"], titles["b:why"]) == ("before why", "after why")


def test_either_runs_pictures_and_maps_are_its_own(before: Analysis, doubled: Analysis):
    reel = pack_edit(before, doubled)
    for side, run in (("", before), ("b:", doubled)):
        for video in ("frame", "flow"):
            assert pictures(reel, f"{side}{video}") == pictures(run.reel, video)
    assert pictures(reel, "flow") != pictures(reel, "b:flow")
    panels = panels_of(reel)
    for side, run in (("a:", before), ("b:", doubled)):
        for heat in run.maps:
            panel = panels[f"{side}{heat.key}"]
            step = (panel["map"]["high"] - panel["map"]["low"]) / 255
            assert np.abs(values(reel, panel) - heat.cells).max() <= step / 2 + 1e-6
            assert panel["video"] == {"a:": "", "b:": "b:"}[side] + (
                "flow" if heat.colour == "motion" else "frame"
            )


def test_flow_is_drawn_on_one_scale(before: Analysis, doubled: Analysis):
    panels = panels_of(pack_edit(before, doubled, (), "DIS, twice"))
    full = panels["flow"]["detail"].partition("full colour at ")[2]
    assert panels["b:flow"]["detail"] == f"DIS, twice, full colour at {full}"


def test_the_shorter_clip_stands_still_on_its_last_frame(before: Analysis, slower: Analysis):
    for one, other in ((before, slower), (slower, before)):
        reel = pack_edit(one, other)
        header = unpack_header(reel)
        assert header["frames"] == 27
        assert len(header["motion"]) == len(header["beside"]) == 27
        short = ("frame", "motion") if one is before else ("b:frame", "beside")
        shown = pictures(reel, short[0])
        assert len(shown) == 27
        assert set(shown[13:]) == {shown[13]}
        assert shown[12] != shown[13]
        assert header[short[1]][14:] == [0.0] * 13
        assert any(header[short[1]][:13])


def test_chunks_are_each_runs_own(before: Analysis, slower: Analysis, doubled: Analysis):
    header = unpack_header(pack_edit(before, slower))
    assert header["chunks"] == unpack_header(before.reel)["chunks"]
    assert header["whose"] == "before"
    for panel in header["panels"]:
        own = panel["key"].startswith("b:") and panel["map"]
        assert panel.get("chunks") == (unpack_header(slower.reel)["chunks"] if own else None)
    assert "whose" not in unpack_header(pack_edit(before, doubled))


def test_the_reel_names_the_clip_before_so_that_the_player_stays_in_place(
    before: Analysis, doubled: Analysis, square: Clip
):
    header = unpack_header(pack_edit(before, doubled))
    assert header["clip"] == square.digest
    assert header["digest"] != unpack_header(pack_edit(before, before))["digest"]


def test_a_box_is_outlined_where_it_lies_and_not_where_an_edit_moves_it(before: Analysis):
    box = Erase(0.8, 0.1, 0.5, 0.2, 3, 9)
    (found,) = unpack_header(pack_edit(before, before, [Grey(), box]))["boxes"]
    assert found == {"x": 0.8, "y": 0.1, "w": pytest.approx(0.2), "h": 0.2, "first": 3, "last": 9}
    assert unpack_header(pack_edit(before, before, [box, Mirror()]))["boxes"] == []


def test_a_place_is_read_before_and_after(before: Analysis, doubled: Analysis):
    found = readings_of_edit(before, doubled, 3, 0.5, 0.5)
    names = [one.name for one in found]
    assert names[:2] == ["before flow", "before spatial"]
    assert "after fused" in names
    assert len(found) == 2 * (1 + len(before.maps))
