"""Track choice: of several video tracks, the one that ffmpeg would play."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import pytest
from av.stream import Disposition

from tests.videos import bars, decoded, numbers


@dataclass(frozen=True)
class Track:
    """A track of bars, whose numbers tell which one it is."""

    first: int
    count: int
    height: int = 60
    codec: str = "libx264"
    disposition: Disposition = Disposition.default
    bit_rate: int = 100_000


def write(path: Path, tracks: Sequence[Track], rate: int = 10) -> Path:
    with av.open(str(path), "w") as out:
        streams = []
        for track in tracks:
            stream = out.add_stream(track.codec, rate=rate)
            assert isinstance(stream, av.VideoStream)
            stream.height, stream.width = track.height, track.height * 4 // 3
            stream.pix_fmt = "yuvj420p" if track.codec == "mjpeg" else "yuv420p"
            stream.bit_rate = track.bit_rate
            stream.disposition = track.disposition
            streams.append(stream)
        for track, stream in zip(tracks, streams, strict=True):
            for number in range(track.first, track.first + track.count):
                picture = bars(number, stream.height, stream.width)
                out.mux(stream.encode(av.VideoFrame.from_ndarray(picture)))
            out.mux(stream.encode(None))
    return path


FILM = Track(0, 12)
OTHER = Disposition.dub


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "mov"])
@pytest.mark.parametrize(
    "other",
    [
        Track(100, 1, 36, "mjpeg"),  # a thumbnail, as drones store it
        Track(100, 1, 120, "mjpeg"),  # larger than the film
        Track(100, 12, 120, disposition=OTHER),  # larger, and not the default
        Track(100, 12, 36),
        Track(100, 1, 120, "mjpeg", Disposition.attached_pic),
        Track(100, 12, 120, "mjpeg", Disposition.timed_thumbnails),
    ],
)
def test_the_moving_then_the_default_then_the_larger_track_is_read(tmp_path, suffix, other):
    if suffix != "mkv" or not other.disposition & Disposition.timed_thumbnails:
        for tracks in ([other, FILM], [FILM, other]):
            path = write(tmp_path / f"a.{suffix}", tracks)
            assert numbers(decoded(path)[0]) == [*range(12)]


def test_of_equals_the_track_with_more_frames_is_read_and_else_the_first(tmp_path):
    more = Track(100, 20)
    for tracks in ([FILM, more], [more, FILM]):
        assert numbers(decoded(write(tmp_path / "a.mp4", tracks))[0]) == [*range(100, 120)]
    assert numbers(decoded(write(tmp_path / "b.mkv", [FILM, Track(100, 12)]))[0]) == [*range(12)]


def test_a_track_that_can_be_read_comes_before_one_that_cannot(tmp_path):
    large = Track(100, 12, 120, "jpeg2000")
    for tracks in ([large, FILM], [FILM, large]):
        assert numbers(decoded(write(tmp_path / "a.mkv", tracks))[0]) == [*range(12)]


def test_a_window_is_read_from_the_same_track(tmp_path):
    path = write(tmp_path / "a.mkv", [Track(500, 1, 120, "mjpeg"), Track(0, 300)])
    assert numbers(decoded(path, 12.0)[0]) == [*range(120, 300)]
