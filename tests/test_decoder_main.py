"""Decoder: the child process limits itself and decodes a file."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from fusionscope.video.reading import decoder_main, decoder_process
from fusionscope.video.reading.frame_times import Refusal
from tests.hostile.making import moving
from tests.videos import bars, decoded, numbered, numbers, write

SELF = (
    "import sys; sys.path.insert(0, {root!r}); from fusionscope.video.reading import decoder_main; "
)


def in_a_child(code: str) -> subprocess.CompletedProcess[str]:
    program = SELF.format(root=decoder_process.CHILD[-1]) + code
    return subprocess.run(
        [sys.executable, "-I", "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_child_loads_nothing_heavy():
    loaded = in_a_child("print(*sys.modules)").stdout.split()
    assert "av" in loaded
    assert {"torch", "cv2", "streamlit", "numpy", "fusionscope.base.records"}.isdisjoint(loaded)


def test_a_confined_process_can_take_no_more_memory():
    mapped = "import mmap; decoder_main.confine(9); mmap.mmap(-1, {})"
    assert "Cannot allocate memory" in in_a_child(mapped.format("decoder_main.MEMORY")).stderr
    assert in_a_child(mapped.format("decoder_main.MEMORY - (1 << 29)")).returncode == 0


def test_a_confined_process_writes_no_file_and_opens_few(tmp_path):
    path = tmp_path / "made"
    wrote = in_a_child(f"decoder_main.confine(9); open({str(path)!r}, 'wb', 0).write(b'x')")
    assert "File too large" in wrote.stderr
    assert path.stat().st_size == 0
    opened = in_a_child("decoder_main.confine(9); [open('/dev/null') for _ in range(40)]")
    assert "Too many open files" in opened.stderr


def test_a_confined_process_runs_out_of_time():
    assert in_a_child("decoder_main.confine(0.5)\nwhile True: pass").returncode < 0


def test_limits_that_the_system_does_not_support_are_skipped(monkeypatch):
    monkeypatch.setattr(decoder_main, "resource", None)
    decoder_main.confine(1.0)


@pytest.mark.parametrize(("part", "least"), [(0.5, 5), (0.8, 20), (0.95, 30)])
def test_a_truncated_file_gives_the_frames_that_are_there(tmp_path, part, least):
    options = {"g": "10", "bf": "0"}
    for name in ("t.mkv", "t.ts"):
        path = numbered(tmp_path / name, 40, options=options, height=240, width=320)
        data = path.read_bytes()
        path.write_bytes(data[: int(part * len(data))])
        found = numbers(decoded(path)[0])
        assert least <= len(found) < 40
        assert found == list(range(len(found)))


def test_a_truncated_file_that_declares_its_full_length_is_as_long_as_it_is(tmp_path):
    path = numbered(tmp_path / "t.mp4", 40, fps=1.6, options={"g": "10", "bf": "0"}, front=True)
    assert json.loads(next(decoder_main.describe(str(path))))["seconds"] == pytest.approx(25)
    data = path.read_bytes()
    path.write_bytes(data[: int(0.7 * len(data))])
    frames, rate = decoded(path)
    assert numbers(frames) == list(range(len(frames)))
    assert rate == pytest.approx(1.6)
    assert len(frames) < 30


def test_one_frame_is_no_video(tmp_path):
    for name, codec in (("a.mp4", "libx264"), ("a.gif", "gif"), ("a.avi", "mjpeg")):
        pix_fmt = {"gif": "gray", "mjpeg": "yuvj420p"}.get(codec, "yuv420p")
        path = write(tmp_path / name, [bars(0)], codec=codec, pix_fmt=pix_fmt)
        with pytest.raises(Refusal, match="1 frame; motion needs at least 2"):
            decoded(path)


@pytest.mark.parametrize("start", [None, 0.0, 3.0])
def test_a_film_whose_frames_have_the_same_time_is_refused(tmp_path, start):
    still = moving(bytes(9), 12, (32, 32), b"jpeg", 10, gap=0)
    (tmp_path / "still.mov").write_bytes(still)
    with pytest.raises(Refusal, match=r"all its frames at the same time; .*2"):
        decoded(tmp_path / "still.mov", start)


def test_a_window_of_one_picture_is_no_video(tmp_path):
    path = numbered(tmp_path / "all-keys.avi", 20, codec="mjpeg", pix_fmt="yuvj420p")
    with pytest.raises(Refusal, match=r"1 frame from 1\.9 s on; motion needs at least 2"):
        decoded(path, 1.9)
    path = numbered(tmp_path / "v.mp4", 4, times=[0.0, 0.1, 0.3, 25.0])
    with pytest.raises(Refusal, match=r"only 1 frame from 2 s on; .*at least 2"):
        decoded(path, 2.0)
    with pytest.raises(Refusal, match=r"only 1 frame from 29\.9 s on"):
        decoded(numbered(tmp_path / "w.mp4", 300), 29.9)


@pytest.mark.parametrize("start", [30.0, 30.5, 1e9, 1e300])
def test_a_window_past_the_end_is_refused_with_the_length(tmp_path, start):
    for name in ("w.mp4", "w.mkv", "w.avi"):
        path = numbered(tmp_path / name, 150, fps=5)
        with pytest.raises(Refusal, match=r"lasts 30\.00 s; a window must start before that"):
            decoded(path, start)


def test_a_description_needs_no_decoding(tmp_path):
    path = numbered(tmp_path / "w.mp4", 300, fps=10)
    (line,) = decoder_main.describe(str(path))
    assert json.loads(line) == {
        "seconds": pytest.approx(30.0),
        "fps": pytest.approx(10.0),
        "width": 80,
        "height": 60,
        "codec": "h264",
        "frames": 300,
        "needs_window": True,
    }
    data = path.read_bytes()
    start = data.index(b"mdat") + 4
    path.write_bytes(data[:start] + bytes(5000) + data[start + 5000 :])
    assert json.loads(next(decoder_main.describe(str(path))))["frames"] == 300


def test_no_more_frames_come_than_are_announced(tmp_path):
    path = numbered(tmp_path / "w.mp4", 300, fps=10)
    for start, count in ((0.0, 200), (12.0, 180)):
        head, *frames = decoder_main.decode(str(path), start)
        assert json.loads(head)["frames"] == len(frames) == count
