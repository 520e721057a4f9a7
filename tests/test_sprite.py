"""Sprites: sixteen frames of a clip, evenly from its start, small; kept on disk within a limit."""

import io
import os
import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fusionscope.base.records import InputError
from fusionscope.video.sprite import properties_of, read_sprite, sprite_of
from fusionscope.video.sprite_cache import SpriteCache, sprite_key
from fusionscope_app.server import sprite_maker
from fusionscope_app.server.sprite_maker import SpriteMaker
from tests.videos import numbered, numbers


def tiles(sprite: bytes) -> np.ndarray:
    """The 16 tiles, (16, h, w, 3), row by row."""
    sheet = np.asarray(Image.open(io.BytesIO(sprite)).convert("RGB"))
    height, width = sheet.shape[0] // 4, sheet.shape[1] // 4
    return sheet.reshape(4, height, 4, width, 3).swapaxes(1, 2).reshape(16, height, width, 3)


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (32, [*range(0, 32, 2)]),
        (5, [0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4]),
        (200, [at * 75 // 16 for at in range(16)]),  # 75 frames: 3 s at 25 a second
    ],
)
def test_tiles_are_frames_evenly_from_the_first_three_seconds(tmp_path, count, expected):
    numbered(tmp_path / "a.mp4", count, fps=25)
    found = read_sprite(tmp_path / "a.mp4")
    assert numbers(tiles(found)) == expected
    assert properties_of(found) == (160, 120, pytest.approx(min(3.0, count / 25), abs=2e-3))
    assert len(found) < 60_000


@pytest.mark.parametrize(
    ("shape", "size"), [((90, 160), (160, 90)), ((160, 90), (68, 120)), ((64, 64), (120, 120))]
)
def test_a_tile_keeps_the_shape_of_its_frames_within_160_by_120(shape, size):
    found = sprite_of(np.zeros((4, *shape, 3), np.uint8), 1.5)
    assert properties_of(found) == (*size, 1.5)


def test_what_is_no_video_is_refused_and_what_is_no_sprite_has_no_properties(tmp_path):
    (tmp_path / "a.mp4").write_bytes(b"no video")
    with pytest.raises(InputError, match=r"a\.mp4 contains no readable video"):
        read_sprite(tmp_path / "a.mp4")
    with pytest.raises(InputError, match="not found"):
        read_sprite(tmp_path / "b.mp4")
    held = io.BytesIO()
    Image.new("RGB", (8, 8)).save(held, "WEBP")
    for content in (b"", b"x" * 50, held.getvalue(), held.getvalue()[:20]):
        assert properties_of(content) is None


def test_the_cache_keeps_the_newest_within_its_limit(tmp_path):
    cache = SpriteCache(tmp_path / "new", most=1000)
    assert cache.get("none") == b""
    for at in range(64):
        cache.put(f"k{at}", bytes(100))
        os.utime(tmp_path / f"new/k{at}.webp", (at, at))
    assert cache.get("k0") == bytes(100)  # used: now the newest
    cache.put("k64", bytes(100))
    kept = {path.stem for path in (tmp_path / "new").iterdir()}
    assert kept == {"k0", "k64", *(f"k{at}" for at in range(56, 64))}


def test_a_cache_that_cannot_be_written_is_none(tmp_path):
    (tmp_path / "file").write_text("")
    cache = SpriteCache(tmp_path / "file")
    cache.put("a", b"x")
    assert cache.get("a") == b""


def test_a_key_names_all_that_the_sprite_depends_on():
    assert sprite_key("a", 1) == sprite_key("a", 1)
    assert len({sprite_key("a", 1), sprite_key("a", 2), sprite_key("b", 1)}) == 3


@pytest.fixture
def maker(tmp_path: Path) -> SpriteMaker:
    return SpriteMaker(SpriteCache(tmp_path))


def test_the_newest_request_is_first_each_is_made_once_and_the_oldest_are_dropped(
    maker, monkeypatch
):
    monkeypatch.setattr(sprite_maker, "_WAITING", 3)
    made, begun, go = [], threading.Event(), threading.Event()

    def make(key: str) -> bytes:
        if key == "first":
            begun.set()
            go.wait(60)
        made.append(key)
        return key.encode()

    first = maker.wanted("first", lambda: make("first"))
    assert begun.wait(60)
    waiting = {key: maker.wanted(key, lambda key=key: make(key)) for key in "abcd"}
    assert maker.wanted("first", lambda: make("again")) is first
    assert maker.wanted("b", lambda: make("again")) is waiting["b"]  # and now it is the newest
    go.set()
    assert [waiting[key].result(60) for key in "bcd"] == [b"b", b"c", b"d"]
    assert waiting["a"].cancelled()
    assert made == ["first", "b", "d", "c"]
    assert maker.cache.get("c") == b"c"


def test_a_clip_that_cannot_be_read_is_tried_once_and_a_bug_does_not_end_the_thread(maker):
    tries = []

    def refuse() -> bytes:
        tries.append(1)
        raise InputError("damaged")

    def bug() -> bytes:
        raise ZeroDivisionError

    for _ in range(2):
        with pytest.raises(InputError, match="damaged"):
            maker.wanted("a", refuse).result(60)
    assert len(tries) == 1
    with pytest.raises(ZeroDivisionError):
        maker.wanted("b", bug).result(60)
    assert maker.wanted("c", lambda: b"c").result(60) == b"c"
