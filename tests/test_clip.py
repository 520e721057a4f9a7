"""Clip: video files are read in a separate process, and other files are refused."""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
import pytest

from fusionscope.base.records import InputError
from fusionscope.video.clip import Clip, Probe, probe, read_clip
from tests.videos import numbered, numbers


def test_the_digest_depends_on_frames_and_rate_but_not_on_the_name():
    frames = np.zeros((3, 4, 6, 3), np.uint8)
    clip = Clip(frames, 10.0, "a")
    assert clip.digest == Clip(frames.copy(), 10.0, "b").digest
    assert clip.digest != Clip(frames.copy(), 12.0, "a").digest
    assert clip.digest != Clip(frames + np.uint8(1), 10.0, "a").digest
    assert clip.seconds == 0.3


def test_nothing_in_a_clip_can_be_written():
    clip = Clip(np.zeros((3, 4, 6, 3), np.uint8), 10.0)
    with pytest.raises(ValueError, match="read-only"):
        clip.frames[0] = 1


def test_a_clip_is_made_of_two_or_more_rgb_frames():
    with pytest.raises(InputError, match="the clip has 1 frame"):
        Clip(np.zeros((1, 4, 6, 3), np.uint8), 10.0)
    with pytest.raises(ValueError, match="expected frames"):
        Clip(np.zeros((3, 4, 6, 3), np.float32), 10.0)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="expected fps > 0"):
        Clip(np.zeros((3, 4, 6, 3), np.uint8), 0.0)


def test_a_file_becomes_a_sealed_clip_of_its_own_frames(tmp_path):
    clip = read_clip(numbered(tmp_path / "some.mp4", 12))
    assert numbers(clip.frames) == list(range(12))
    assert (clip.frames.shape, clip.fps, clip.name) == ((12, 256, 342, 3), 10.0, "some.mp4")
    assert not clip.frames.flags.writeable
    assert clip.notes == ()


def test_reading_twice_gives_the_same_clip_by_any_name(tmp_path):
    path = numbered(tmp_path / "some.mp4", 12)
    linked = tmp_path / "link.mp4"
    linked.symlink_to(path)
    assert read_clip(path).digest == read_clip(str(linked), name="other").digest
    assert read_clip(linked, name="other").name == "other"


def test_twenty_seconds_of_a_long_file_are_read_from_its_start_or_a_chosen_one(tmp_path):
    path = numbered(tmp_path / "long.mp4", 300)
    for clip in (read_clip(path), read_clip(path, start=0.0)):
        assert numbers(clip.frames) == list(range(200))
        assert clip.notes == ("the first 20 s of the 30.0 s in the file",)
    clip = read_clip(path, start=5.0)
    assert clip.notes == ("5 s to 25.0 s of the 30.0 s in the file",)
    assert numbers(clip.frames) == list(range(50, 250))
    assert numbers(read_clip(path, start=25).frames) == list(range(250, 300))
    with pytest.raises(InputError, match=r"^long.mp4 lasts 30\.00 s; .* start before"):
        read_clip(path, start=31.0)


@pytest.mark.parametrize("start", [-0.1, float("nan"), float("inf")])
def test_a_window_starts_at_a_time(tmp_path, start):
    with pytest.raises(InputError, match="must start at 0 s or later"):
        read_clip(numbered(tmp_path / "some.mp4", 3), start=start)


def test_a_probe_describes_a_file(tmp_path):
    found = probe(numbered(tmp_path / "some.mp4", 12))
    assert found == Probe(found.seconds, found.fps, 80, 60, "h264", 12, False)
    assert (found.seconds, found.fps) == pytest.approx((1.2, 10.0))
    found = probe(
        numbered(tmp_path / "long.webm", 2520, fps=120, codec="libvpx", height=16, width=16)
    )
    assert (found.frames, found.needs_window, found.codec) == (2520, True, "vp8")
    assert (found.seconds, found.fps) == (pytest.approx(21.0, abs=0.01), pytest.approx(120.0))


NAMES = [
    *("with space.mp4", "%d.mp4", "-i.mp4", "a:b.mp4", "http:x.mp4", "ü✓.mp4", "new\nline.mp4"),
    *("quote'\".mp4", "none", "x.m3u8", os.fsdecode(b"latin\xff.mp4")),
]


@pytest.mark.parametrize("name", NAMES)
def test_any_name_will_do(tmp_path, name):
    path = numbered(tmp_path / "plain.mp4", 3).rename(tmp_path / name)
    clip = read_clip(path)
    assert numbers(clip.frames) == [0, 1, 2]
    assert clip.name.isprintable()


def test_a_name_without_a_folder_is_looked_for_here(tmp_path, monkeypatch):
    numbered(tmp_path / "-here.mp4", 3)
    monkeypatch.chdir(tmp_path)
    assert len(read_clip("-here.mp4").frames) == 3


def test_a_file_that_cannot_be_opened_is_refused_in_one_sentence(tmp_path):
    (tmp_path / "empty.mp4").touch()
    os.mkfifo(tmp_path / "pipe.mp4")
    (tmp_path / "loop.mp4").symlink_to(tmp_path / "loop.mp4")
    for path, said in [
        (tmp_path / "empty.mp4", "empty.mp4 is empty; a video file is needed"),
        (tmp_path / "none.mp4", "none.mp4 not found"),
        (tmp_path / "a\0b.mp4", r"'a\x00b.mp4' not found"),
        (tmp_path / "loop.mp4", "loop.mp4 not found"),
        (tmp_path / "pipe.mp4", "pipe.mp4 is not a regular file; a video file is needed"),
        (tmp_path, f"{tmp_path.name} is a folder; a video file is needed"),
        (Path("/"), "/ is a folder; a video file is needed"),
        (
            tmp_path / ("x" * 300),
            f"{'x' * 60}...{'x' * 17} cannot be opened (File name too long);"
            " a readable video file is needed",
        ),
    ]:
        for reading in (read_clip, probe):
            with pytest.raises(InputError) as told:
                reading(path)
            assert str(told.value) == said


def test_a_file_that_is_not_a_video_is_refused_whatever_its_name(tmp_path):
    picture = numbered(tmp_path / "a.mov", 2, codec="png", pix_fmt="rgb24").read_bytes()
    png = picture[picture.index(b"\x89PNG") : picture.index(b"IEND") + 8]
    text, listed = b"hello, this is no video\n" * 99, b"#EXTM3U\n/etc/passwd\n"
    for content in (text, bytes(9999), png, listed):
        (tmp_path / "some.mp4").write_bytes(content)
        with pytest.raises(InputError, match=r"^some.mp4 contains no readable video; mp4, "):
            read_clip(tmp_path / "some.mp4")


def test_progress_that_raises_cancels(tmp_path):
    def cancel(stage: str, _: float) -> None:
        raise InterruptedError(stage)

    with pytest.raises(InterruptedError, match="decode"):
        read_clip(numbered(tmp_path / "some.mp4", 12), progress=cancel)


def test_a_real_video_is_read_in_less_than_a_second():
    here = Path(__file__).parents[1]
    data = Path(os.environ.get("FUSIONSCOPE_DATA", here.parent / "shared")) / "jhmdb" / "clips"
    if not data.is_dir():
        pytest.skip(f"no J-HMDB clips at {data}")
    path = min(data.glob("*.mp4"))
    took, clip = [], read_clip(path)
    for _ in range(2):
        began = time.monotonic()
        assert read_clip(path).digest == clip.digest
        took.append(time.monotonic() - began)
    assert clip.frames.shape[1:] == (256, 342, 3)
    assert clip.fps == 30
    assert len(clip.frames) == probe(path).frames
    assert min(took) < 1
