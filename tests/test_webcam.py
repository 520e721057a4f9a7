"""The webcam's Python side: what is believed of a recording, and what becomes of it."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from fusionscope.base.records import InputError
from fusionscope_app import warmup
from fusionscope_app.components.webcam import LIMIT, read_recording
from fusionscope_app.state import results
from tests.videos import numbered, numbers

MAIN = str(Path(__file__).parents[1] / "app" / "main.py")


def test_a_recording_is_read_as_it_was_sent():
    for size in (1, 2, 3, LIMIT):
        video = bytes(range(256)) * (size // 256) + bytes(size % 256)
        assert read_recording(base64.b64encode(video).decode()) == video


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        (None, "not a video"),
        (b"AAAA", "not a video"),
        ({"video": "AAAA"}, "not a video"),
        ("", "is empty"),
        ("AAA", "incomplete or damaged"),
        ("AA AA", "incomplete or damaged"),
        ("data:video/webm;base64,AAAA", "incomplete or damaged"),
        ("ÄÄÄÄ", "incomplete or damaged"),
        ("A" * (LIMIT // 3 * 4 + 4), "the limit is 3 MB"),
    ],
)
def test_what_is_no_recording_is_told_in_a_sentence(sent, says):
    with pytest.raises(InputError, match=says):
        read_recording(sent)


@pytest.fixture
def page(monkeypatch):
    """The app, without the background work that would outlive the test."""
    monkeypatch.setattr(warmup, "warm", lambda: None)
    monkeypatch.setenv("FUSIONSCOPE_DATA", "/nowhere")
    return AppTest.from_file(MAIN, default_timeout=60)


@pytest.mark.parametrize("view", ["explore", "fusion", "compare"])
def test_every_page_with_clips_has_a_camera_and_renders(page, view):
    page.switch_page(str(Path(MAIN).parent / f"fusionscope_app/views/{view}.py"))
    page.run()
    assert not page.exception
    assert not page.error
    assert [one.proto.popover.label for one in page.get("popover")].count("Webcam") == 1
    assert page.session_state["webcam_heard"] == {"number": 0, "trouble": ""}


def record(video: bytes) -> None:
    """A page that opens a recording, as Explore does."""
    import streamlit as st

    from fusionscope.base.records import InputError
    from fusionscope_app.state import clips
    from fusionscope_app.widgets import clip_chooser

    try:
        clip_chooser._open_recording(video)
    except InputError as problem:
        st.error(str(problem))
    st.text(list(clips.upload_folder().path.iterdir()))


def test_a_recording_is_opened_under_the_time_and_its_file_is_gone(tmp_path):
    video = numbered(tmp_path / "a.webm", count=16, codec="libvpx", live=True).read_bytes()
    page = AppTest.from_function(record, args=(video,)).run()
    assert not page.exception
    assert not page.error
    assert page.text[0].value == "[]"
    ((clip_id, clip),) = page.session_state["uploads"].items()
    assert page.query_params["clip"] == clip_id == f"upload:{clip.digest[:12]}"
    assert clip.name.startswith("webcam, ")
    assert len(clip.name) == len("webcam, 14:32:05")
    assert numbers(clip.frames) == list(range(16))


def test_a_recording_that_is_no_video_is_told_and_its_file_is_gone():
    page = AppTest.from_function(record, args=(b"no video" * 99,)).run()
    assert not page.exception
    assert "contains no readable video" in page.error[0].value
    assert page.text[0].value == "[]"
    assert "clip" not in page.query_params


def upload_five() -> None:
    """A page that opens five clips, one more than are kept, and makes something of each."""
    import numpy as np
    import streamlit as st

    from fusionscope.video.clip import Clip
    from fusionscope_app.state import clips, results

    for n in range(5):
        clip = Clip(np.full((2, 8, 8, 3), 100 + n, np.uint8), 10.0)
        results.shelf().get(("made", clip.digest), lambda: np.zeros(10))
        clips.keep_upload(clip)
        st.text(clip.digest)


def test_of_a_clip_that_makes_room_nothing_is_kept():
    page = AppTest.from_function(upload_five).run()
    assert not page.exception
    there = [("made", text.value) in results.shelf() for text in page.text]
    assert there == [False, True, True, True, True]
    assert page.session_state["uploads"].digests == {text.value for text in page.text}
