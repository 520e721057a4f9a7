"""Film: a long video comes as a stream of bounded size; its decoder is confined as for a clip."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Event

import numpy as np
import pytest

from fusionscope.base.records import InputError
from fusionscope.video.clip import read_clip
from fusionscope.video.film import Film, open_film
from fusionscope.video.reading import decoder_process
from fusionscope.video.reading.film_process import BLOCK, WAITING
from tests.videos import numbered, numbers

HEAD = {"frames": 300, "height": 256, "width": 342, "fps": 10.0, "seconds": 30.0, "hdr": ""}
FRAME = 256 * 342 * 3


@pytest.fixture(scope="module")
def long(tmp_path_factory) -> Path:
    """30 s at 10 frames/s."""
    return numbered(tmp_path_factory.mktemp("film") / "long.mp4", 300)


@pytest.fixture
def acting(tmp_path, monkeypatch):
    """Have another program run in the place of the decoder; gives a file that takes its id."""
    pid = tmp_path / "pid"

    def act(code: str) -> Path:
        program = (
            "import os, sys, time\nout = sys.stdout\n"
            f"open({str(pid)!r}, 'w').write(str(os.getpid()))\n{code}"
        )
        monkeypatch.setattr(decoder_process, "CHILD", (sys.executable, "-I", "-c", program))
        return pid

    return act


def says(head: object, frames: int, more: str = "") -> str:
    return (
        f"out.write({json.dumps(head)!r} + '\\n'); out.flush()\n"
        f"for n in range({frames}): out.buffer.write(bytes({FRAME}))\n"
        f"out.flush(); {more}"
    )


def frames_of(film: Film) -> list[int]:
    return [number for block in film.blocks for number in numbers(block)]


def ended(pid: Path) -> bool:
    try:
        os.kill(int(pid.read_text()), 0)
    except ProcessLookupError:
        return True
    return False


def test_every_frame_of_a_film_comes_once_and_in_order(long):
    film = open_film(long)
    assert (film.fps, film.frames, film.height, film.width) == (10.0, 300, 256, 342)
    assert film.notes == ()
    assert frames_of(film) == list(range(300))


def test_a_film_can_start_later(long):
    film = open_film(long, start=12.0)
    assert film.notes == ("12 s to 30.0 s of the 30.0 s in the file",)
    assert frames_of(film) == list(range(120, 300))


def test_its_frames_are_those_of_a_clip_at_the_same_time(long):
    with closing(open_film(long, start=5.0).blocks) as blocks:  # pyright: ignore
        first = next(blocks)
    clip = read_clip(long, start=5.0, seconds=1.0)
    assert clip.notes == ("5 s to 6.0 s of the 30.0 s in the file",)
    np.testing.assert_array_equal(clip.frames, first[:10])


def test_a_film_is_an_hour_at_most(tmp_path):
    path = numbered(tmp_path / "hours.mp4", 3700, fps=1)
    film = open_film(path)
    assert film.frames == 3600
    assert film.notes == ("the first 3600 s of the 3700.0 s in the file",)
    film.blocks.close()  # pyright: ignore[reportAttributeAccessIssue]


def test_the_decoder_waits_while_nobody_takes_its_frames(acting, tmp_path):
    file = tmp_path / "some.mp4"
    file.write_bytes(b"anything")
    written = tmp_path / "written"
    pid = acting(
        f"out.write({json.dumps(HEAD)!r} + '\\n'); out.flush()\n"
        "for n in range(300):\n"
        f"    out.buffer.write(bytes({FRAME})); out.flush()\n"
        f"    open({str(written)!r}, 'w').write(str(n + 1))\n"
    )
    film = open_film(file)
    most, before = (WAITING + 2) * BLOCK + 5, -1  # in the queue, one being read, and the pipe
    while before != (now := int(written.read_text() or 0) if written.exists() else 0) or not now:
        before = now
        Event().wait(0.3)
    assert now <= most
    assert sum(map(len, film.blocks)) == 300
    assert ended(pid)


def test_leaving_a_film_ends_its_decoder(acting, tmp_path):
    file = tmp_path / "some.mp4"
    file.write_bytes(b"anything")
    pid = acting(says(HEAD, 300, "time.sleep(60)"))
    film = open_film(file)
    next(film.blocks)
    film.blocks.close()  # pyright: ignore[reportAttributeAccessIssue]
    assert ended(pid)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("time.sleep(60)", "took more than 1 s to decode the next frames"),
        (says(HEAD, 40, "time.sleep(60)"), "took more than 1 s to decode the next frames"),
        (says(HEAD, 40, "os.kill(os.getpid(), 11)"), "made the decoder fail (SIGSEGV)"),
        (says(HEAD, 301), "made the decoder fail (bad output)"),
        (says({**HEAD, "frames": 108_001}, 0), "made the decoder fail (bad output)"),
        ("out.write('hello\\n')", "made the decoder fail (bad output)"),
        (says({"error": "has no video track"}, 0), "some.mp4 has no video track"),
    ],
    ids=["silent", "hangs", "crashes", "more", "hours", "garbage", "refuses"],
)
def test_whatever_the_decoder_does_is_a_clear_error(acting, tmp_path, code, words):
    file = tmp_path / "some.mp4"
    file.write_bytes(b"anything")
    pid = acting(code)

    def read() -> Iterator[np.ndarray]:
        yield from open_film(file, timeout=1.0).blocks

    with pytest.raises(InputError) as problem:
        list(read())
    assert words in str(problem.value)
    assert ended(pid)


def test_a_file_without_video_is_refused(tmp_path):
    (tmp_path / "no.mp4").write_bytes(b"no video" * 99)
    with pytest.raises(InputError, match=r"^no.mp4 contains no readable video"):
        open_film(tmp_path / "no.mp4")
    with pytest.raises(InputError, match="must start at 0 s or later"):
        open_film(numbered(tmp_path / "some.mp4", 3), start=-1.0)
