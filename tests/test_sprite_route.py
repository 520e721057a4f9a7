"""Sprite route: only clips that any visitor may open have a sprite, for pages of the app alone."""

import asyncio
from pathlib import Path
from urllib.parse import urlencode

import pytest
from starlette.requests import Request
from starlette.responses import Response

from fusionscope.video.sprite import properties_of
from fusionscope_app.server import demo_mode
from fusionscope_app.state import sprites
from tests.videos import numbered


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "data").mkdir()
    monkeypatch.setenv("FUSIONSCOPE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("FUSIONSCOPE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(sprites, "_PATIENCE", 60.0)
    sprites.maker.cache_clear()
    return tmp_path / "data"


def answer(clip: str, **headers: str) -> Response:
    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    query = urlencode({"clip": clip}).encode()
    scope = {"type": "http", "method": "GET", "query_string": query, "headers": named}
    return asyncio.run(sprites.answer(Request(scope)))


def test_a_video_and_a_generated_clip_have_sprites_that_are_kept_until_the_file_changes(data):
    numbered(data / "a.mp4", 16)
    found = answer("data:a.mp4", sec_fetch_site="same-origin")
    assert (found.status_code, found.media_type) == (200, "image/webp")
    assert found.headers["x-sprite"] == "160 120 1.6"
    assert found.headers["cross-origin-resource-policy"] == "same-origin"
    folder = data.parent / "cache/sprites"
    (kept,) = folder.iterdir()
    kept.write_bytes(bytes(found.body)[:100])  # damaged: made again
    assert answer("data:a.mp4").body == found.body
    numbered(data / "a.mp4", 24)
    assert answer("data:a.mp4").headers["x-sprite"] == "160 120 2.4"
    assert properties_of(bytes(answer("toybox:8").body)) is not None
    assert len([*folder.iterdir()]) == 3


@pytest.mark.parametrize(
    ("clip", "words"),
    [
        ("data:../secret.mp4", "outside the data folder"),
        ("data:/etc/passwd.mp4", "outside the data folder"),
        ("data:link.mp4", "outside the data folder"),
        ("data:none.mp4", "not found"),
        ("data:notes.txt", "not a video of the data folder"),
        ("data:a\0.mp4", "not a valid file name"),
        ("upload:12", "not a video of the data folder"),
        ("toybox:x", "not a Toybox clip"),
        ("", "not a video of the data folder"),
    ],
)
def test_other_clips_have_none(data, clip, words):
    numbered(data.parent / "secret.mp4", 3)
    (data / "link.mp4").symlink_to(data.parent / "secret.mp4")
    (data / "notes.txt").write_text("words")
    found = answer(clip)
    assert found.status_code == 404
    assert words in bytes(found.body).decode()


def test_pages_of_other_sites_and_visitors_of_a_demonstration_see_no_video(data, monkeypatch):
    numbered(data / "a.mp4", 16)
    assert answer("data:a.mp4", sec_fetch_site="cross-site").status_code == 403
    monkeypatch.setenv(demo_mode.VARIABLE, "1")
    assert answer("data:a.mp4").status_code == 404
    assert answer("toybox:8").status_code == 200


def test_a_sprite_that_is_not_ready_is_asked_for_again(data, monkeypatch):
    numbered(data / "a.mp4", 16)
    monkeypatch.setattr(sprites, "_PATIENCE", 0.0)
    assert answer("data:a.mp4").status_code == 202
    monkeypatch.setattr(sprites, "_PATIENCE", 60.0)
    assert answer("data:a.mp4").status_code == 200
