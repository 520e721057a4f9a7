"""Edit reel: pictures, maps and scales of a clip before and after edits, read back."""

from __future__ import annotations

import numpy as np
import pytest

from fusionscope.analysis.analysis import Analysis, analyse
from fusionscope.analysis.edit_reel import edit_reel, readings_of_edit
from fusionscope.analysis.panel import Box
from fusionscope.analysis.reel import Reel
from fusionscope.explain.edits.edit import Edit
from fusionscope.explain.edits.edit_list import AGAIN, edited_clip, edited_flow, read_edits
from fusionscope.explain.edits.picture_edits import Erase, Grey, Mirror
from fusionscope.explain.measures import full_colour
from fusionscope.nets.network import Network
from fusionscope.video.clip import Clip
from fusionscope.video.flow.methods import dense_flow
from tests.numbered_reel import contents, read_reel, unpack_header
from tests.test_comparison_reel import map_of, panels_of


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


def pictures(reel: Reel, video: str) -> list[bytes]:
    """A video, as the player reads it back."""
    return [*read_reel(reel.to_bytes()).videos[video].pictures]


def test_panels_come_in_pairs_before_and_after(before: Analysis, slower: Analysis):
    reel = edit_reel(before, slower)
    assert reel.keys[:4] == ("frame", "b:frame", "flow", "b:flow")
    assert reel.keys[4:6] == ("a:spatial", "b:spatial")
    assert reel.shown == (
        "frame", "b:frame", "flow", "b:flow", "a:fused", "b:fused", "a:why", "b:why",
    )  # fmt: skip
    assert reel.paired
    titles = {panel.key: panel.title for panel in reel.panels}
    assert (titles["frame"], titles["b:flow"]) == ("before frame", "after flow")
    assert (titles["a:why"], titles["b:why"]) == ("before why", "after why")


def test_each_run_has_its_own_pictures_and_maps(before: Analysis, doubled: Analysis):
    reel = edit_reel(before, doubled)
    for side, run in (("", before), ("b:", doubled)):
        for video in ("frame", "flow"):
            assert pictures(reel, f"{side}{video}") == pictures(run.reel, video)
            assert reel.videos[f"{side}{video}"] is run.reel.videos[video]
    assert pictures(reel, "flow") != pictures(reel, "b:flow")
    panels = panels_of(reel)
    for side, run in (("a:", before), ("b:", doubled)):
        for heat in run.maps:
            panel = panels[f"{side}{heat.key}"]
            drawn = map_of(panel)
            step = (drawn.high - drawn.low) / 255
            assert np.abs(drawn.values - heat.cells).max() <= step / 2 + 1e-6
            assert panel.video == {"a:": "", "b:": "b:"}[side] + (
                "flow" if heat.colour == "motion" else "frame"
            )


def test_flow_is_drawn_on_one_scale(before: Analysis, doubled: Analysis):
    panels = panels_of(edit_reel(before, doubled, (), "DIS, twice"))
    full = panels["flow"].detail.partition("full colour at ")[2].partition(",")[0]
    assert panels["b:flow"].detail.startswith(f"DIS, twice, full colour at {full}, ")


def test_the_shorter_clip_repeats_its_last_frame(before: Analysis, slower: Analysis):
    for one, other in ((before, slower), (slower, before)):
        reel = edit_reel(one, other)
        header = unpack_header(reel.to_bytes())
        assert contents(read_reel(reel.to_bytes())) == contents(reel)
        assert reel.frames == header["frames"] == 27
        assert len(header["motion"]) == len(header["beside"]) == 27
        short = ("frame", "motion") if one is before else ("b:frame", "beside")
        shown = pictures(reel, short[0])
        assert len(shown) == 27
        assert set(shown[13:]) == {shown[13]}
        assert shown[12] != shown[13]
        assert header[short[1]][14:] == [0.0] * 13
        assert any(header[short[1]][:13])


def test_each_run_has_its_own_chunks(before: Analysis, slower: Analysis, doubled: Analysis):
    reel = edit_reel(before, slower)
    assert reel.chunks == before.reel.chunks
    assert reel.whose == "before"
    for panel in reel.panels:
        own = panel.key.startswith("b:") and panel.map
        assert panel.chunks == (slower.reel.chunks if own else None)
    assert "whose" not in unpack_header(edit_reel(before, doubled).to_bytes())


def test_the_reel_has_the_digest_of_the_original_clip_so_that_the_player_keeps_its_frame(
    before: Analysis, doubled: Analysis, square: Clip
):
    reel = edit_reel(before, doubled)
    assert reel.clip == square.digest
    assert reel.digest != edit_reel(before, before).digest


def test_a_box_is_outlined_unless_an_edit_moves_its_content(before: Analysis):
    box = Erase(0.8, 0.1, 0.5, 0.2, 3, 9)
    reel = edit_reel(before, before, [Grey(), box])
    (found,) = reel.boxes
    assert found == Box(0.8, 0.1, 1 - 0.8, 0.2, 3, 9)
    (told,) = unpack_header(reel.to_bytes())["boxes"]
    assert told == {"x": 0.8, "y": 0.1, "w": pytest.approx(0.2), "h": 0.2, "first": 3, "last": 9}
    assert edit_reel(before, before, [box, Mirror()]).boxes == ()


def test_a_place_is_read_before_and_after(before: Analysis, doubled: Analysis):
    found = readings_of_edit(before, doubled, 3, 0.5, 0.5)
    names = [one.name for one in found]
    assert names[:2] == ["before flow", "before spatial"]
    assert "after fused" in names
    assert len(found) == 2 * (1 + len(before.maps))
