"""Reel: the record is immutable, checks that its parts match, and shares videos."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fusionscope.analysis.panel import Chunk, Look, MapOnPanel, Panel, Pin, Video
from fusionscope.analysis.reel import Reel
from fusionscope.base.records import InputError, size_in_bytes
from tests.numbered_reel import (
    CHUNKS,
    OTHER_CHUNKS,
    REELS,
    contents,
    read_reel,
    reel,
    two_runs,
    unpack_header,
    unpack_payload,
)


@pytest.fixture(scope="module")
def one() -> Reel:
    return REELS["first"]


@pytest.mark.parametrize("made", [reel("A"), reel("B", 9, unit="evidence"), two_runs("A")])
def test_the_bytes_contain_the_record(made: Reel):
    assert contents(read_reel(made.to_bytes())) == contents(made)


def test_neither_the_record_nor_a_map_in_it_can_be_changed():
    made = reel("A")
    with pytest.raises(AttributeError):
        made.frames = 3  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(TypeError):
        made.videos["frame"] = made.videos["flow"]  # pyright: ignore[reportIndexIssue]
    for panel in made.panels:
        if panel.map:
            with pytest.raises(ValueError, match="read-only"):
                panel.map.cells[0, 0, 0] = 1


def test_an_unknown_panel_is_refused(one: Reel):
    with pytest.raises(InputError, match="no panel 'sound'; there are frame, flow, spatial"):
        one.panel("sound")
    with pytest.raises(InputError, match="'sound'"):
        replace(one, shown=("frame", "sound"))
    with pytest.raises(InputError, match="'sound'"):
        one.to_bytes(shown=["sound"])


def test_panels_have_distinct_keys_and_an_existing_video(one: Reel):
    frame = one.panel("frame")
    with pytest.raises(ValueError, match="different keys"):
        replace(one, panels=(*one.panels, frame))
    with pytest.raises(ValueError, match="no video 'sound'"):
        replace(one, panels=(*one.panels, replace(frame, key="more", video="sound")))


def test_a_map_has_one_byte_per_cell_and_an_axis_of_chunks():
    for cells in (np.zeros((2, 3, 4)), np.zeros((3, 4), np.uint8)):
        with pytest.raises(ValueError, match=r"expected cells \(T, h, w\) uint8, got"):
            MapOnPanel(cells, 0.0, 1.0, (0.0, 0.0, 1.0, 1.0))


def test_a_byte_is_a_share_of_the_scale():
    cells = np.array([[[0, 51, 255]]], np.uint8)
    np.testing.assert_allclose(
        MapOnPanel(cells, -1.0, 4.0, (0.0, 0.0, 1.0, 1.0)).values, [[[-1.0, 0.0, 4.0]]]
    )


def test_a_cell_is_found_from_its_middle_and_from_beyond_the_grid(one: Reel):
    grid = one.panel("spatial").map  # 2 x 3 cells from 0.125 to 0.875
    assert grid is not None
    assert grid.middle_of(1, 2) == pytest.approx((0.75, 0.75))
    for row in range(2):
        for column in range(3):
            assert grid.cell_at(*grid.middle_of(row, column)) == (row, column)
    assert grid.cell_at(0.0, 0.0) == (0, 0)
    assert grid.cell_at(1.0, 1.0) == (1, 2)


def test_a_mark_selects_a_cell_of_the_panels_own_grid_or_the_fused_one(one: Reel):
    assert one.grid_of(one.panel("spatial")) is one.panel("spatial").map
    assert one.grid_of(one.panel("frame")) is one.panel("fused").map
    bare = replace(one, panels=one.panels[:3], shown=())
    assert bare.grid_of(bare.panel("frame")) is None


def test_the_nearest_chunk_belongs_to_the_panels_own_run():
    both = two_runs("A")
    for n in range(both.frames):
        for key, at in (("fused", CHUNKS), ("why", OTHER_CHUNKS)):
            nearest = min(range(3), key=lambda t, at=at: abs(at[t] - n))
            assert both.nearest_chunk(both.panel(key), n) == nearest
    assert replace(both, chunks=()).nearest_chunk(both.panel("fused"), 5) == 0


def test_shown_panels_and_pin_change_only_the_header(one: Reel):
    own, asked = one.to_bytes(), one.to_bytes(["why", "flow"], Pin(0.25, 0.5, 7, soft=True))
    assert unpack_payload(asked) == unpack_payload(own)
    before, after = unpack_header(own), unpack_header(asked)
    assert before.pop("shown") == ["frame", "flow", "spatial", "fused"]
    assert after.pop("shown") == ["why", "flow"]
    assert "pin" not in before
    assert after.pop("pin") == {"x": 0.25, "y": 0.5, "frame": 7, "soft": True}
    assert before == after
    assert before["digest"] == one.digest == replace(one, shown=("why",)).digest


def test_the_digest_depends_on_the_content(one: Reel):
    assert reel("A").digest == one.digest
    panels = (*one.panels[:-1], replace(one.panels[-1], detail="another"))
    pictures = one.videos["frame"].pictures
    turned = {**one.videos, "frame": Video(pictures[::-1])}
    others = [
        replace(one, clip="B"),
        replace(one, panels=panels),
        replace(one, videos=turned),
        replace(one, chunks=one.chunks[:-1]),
        replace(one, look=Look(0.5, 0.5)),
    ]
    assert len({one.digest, *(other.digest for other in others)}) == 6


def test_the_payload_is_read_for_the_digest_once(monkeypatch: pytest.MonkeyPatch):
    made = reel("A")
    first = made.to_bytes()
    monkeypatch.setattr("fusionscope.analysis.reel.digest_of", lambda *_: "made again")
    assert made.to_bytes() == first


def test_a_video_repeats_its_last_picture(one: Reel):
    longer = replace(one, frames=one.frames + 2)
    pictures = read_reel(longer.to_bytes()).videos["frame"].pictures
    assert pictures[:-2] == one.videos["frame"].pictures
    assert pictures[-3] == pictures[-2] == pictures[-1]


def test_its_size_is_that_of_its_pictures_and_maps(one: Reel):
    assert size_in_bytes(one) == len(unpack_payload(one.to_bytes()))


def test_reels_share_the_videos_they_have_in_common(one: Reel):
    video, chunk = one.videos["frame"], Chunk(3, 2, 4)
    panel = Panel("frame", "frame", "", "appearance", "frame")
    other = replace(one, panels=(panel,), shown=("frame",), chunks=(chunk,))
    assert other.videos["frame"] is video
    assert all(a is b for a, b in zip(other.videos["frame"].pictures, video.pictures, strict=True))
