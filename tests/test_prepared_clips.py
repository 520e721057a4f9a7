"""Prepared clips: what is stored of a clip, how large it is, and how faithful."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fusionscope.base.records import InputError
from fusionscope.data.prepared.clip_file import MOST, ClipHeader, read_header, write_clip
from fusionscope.data.prepared.pictures import FLOW, FRAMES, StoredPictures
from fusionscope.data.prepared.preparing import fields_of
from fusionscope.video.clip import Clip, read_clip
from fusionscope.video.flow.methods import dense_flow, from_net_view
from tests.videos import numbered, numbers

SIZE = (120, 160)


def header(**fields: object) -> ClipHeader:
    known = {"id": "a", "source": "a.mp4", "source_bytes": 1, "flow": "dis", "fps": 25.0}
    shape = {"height": SIZE[0], "width": SIZE[1], "frames": 6, "quality": 0}
    return ClipHeader(**{**known, **shape, **fields})


def smooth(count: int) -> np.ndarray:
    """(count, 120, 160, 3) uint8: a textured ground that moves by two pixels a frame."""
    ground = np.kron(np.random.default_rng(0).integers(60, 200, (12, 16, 1)), np.ones((10, 10, 3)))
    return np.stack([np.roll(ground.astype(np.uint8), 2 * n, axis=1) for n in range(count)])


def test_frames_and_flow_come_back_in_order_and_nearly_as_they_were(tmp_path: Path):
    frames = smooth(6)
    fields = np.stack([np.full((2, *SIZE), 100 + 10 * n, np.uint8) for n in range(5)])
    fields[:, 1] = 255 - fields[:, 0]
    path = tmp_path / "clip.safetensors"
    told = write_clip(path, header(), frames, fields)
    assert read_header(path) == told
    shown, moved = StoredPictures(path, FRAMES, SIZE), StoredPictures(path, FLOW, SIZE)
    assert (shown.shape, moved.shape) == ((6, *SIZE, 3), (5, *SIZE, 2))
    error = np.asarray(shown).astype(float) - frames
    assert 10 * np.log10(255**2 / np.mean(error**2)) > 36  # dB
    assert np.abs(np.asarray(moved).astype(int) - fields.transpose(0, 2, 3, 1)).max() <= 1
    np.testing.assert_array_equal(shown[2:5], np.asarray(shown)[2:5])
    np.testing.assert_array_equal(moved[-1], np.asarray(moved)[4])
    np.testing.assert_array_equal(shown.some([4, 1]), np.asarray(shown)[[4, 1]])


def test_noise_keeps_to_the_limit_and_its_notes_say_so(tmp_path: Path):
    random = np.random.default_rng(0)
    frames = random.integers(0, 256, (6, *SIZE, 3), np.uint8)
    fields = random.integers(0, 256, (5, 2, *SIZE), np.uint8)
    path = tmp_path / "clip.safetensors"
    told = write_clip(path, header(), frames, fields)
    overhead = 2000  # the header, and 16 bytes a frame
    assert path.stat().st_size <= MOST * frames[..., 0].size + overhead
    assert told.quality < 60
    assert "JPEG quality" in told.notes[-1]
    assert MOST * 320 * 240 * 2_490_000 < 60e9  # UCF101


def test_a_damaged_file_is_named(tmp_path: Path):
    path = tmp_path / "clip.safetensors"
    write_clip(path, header(), smooth(6), np.full((5, 2, *SIZE), 128, np.uint8))
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(InputError, match=r"clip\.safetensors is damaged; remove it"):
        read_header(path)


def test_small_videos_are_not_scaled_up_and_large_ones_are_scaled_down(tmp_path: Path):
    small = read_clip(numbered(tmp_path / "small.mp4", 4), enlarge=False)
    assert small.frames.shape == (4, 60, 80, 3)
    assert numbers(small.frames) == [0, 1, 2, 3]
    large = numbered(tmp_path / "large.mp4", 4, height=300, width=400)
    assert read_clip(large, enlarge=False).frames.shape == (4, 256, 342, 3)


def test_stored_flow_is_that_of_the_enlarged_clip_in_its_pixels():
    clip = Clip(smooth(4), 25.0)
    fields = from_net_view(fields_of(clip, "dis", range(3)))
    assert fields.shape == (3, 2, *SIZE)
    scale = 256 / SIZE[0]  # two pixels of the small clip
    assert np.median(fields[:, 0]) == pytest.approx(2 * scale, abs=0.3)
    small = dense_flow(clip, "dis").astype(np.float32)
    assert np.median(small[:, 0]) == pytest.approx(2, abs=0.3)
