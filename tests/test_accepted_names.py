"""Accepted names: one list for the upload, the data folder, the data sets and the documents."""

from __future__ import annotations

import re

import pytest
from streamlit.testing.v1 import AppTest

from fusionscope.data.datasets import open_data
from fusionscope.video.accepted_names import ENDINGS, is_video_name
from fusionscope.video.clip import read_clip
from fusionscope.video.reading.video_file import FORMATS
from fusionscope_app import warmup
from fusionscope_app.state import clip_sources
from tests.serve import ROOT
from tests.videos import numbered, numbers


def test_upload_data_folder_and_data_sets_accept_the_same_names(tmp_path, monkeypatch):
    names = [f"walk/a{case(e)}" for e in ENDINGS for case in (str.lower, str.upper)]
    (tmp_path / "walk").mkdir()
    for name in (*names, "walk/notes.txt", "walk/mp4", "walk/a.mp3"):
        (tmp_path / name).touch()
    assert {one.removeprefix("data:") for one in clip_sources.data_clips(tmp_path)} == {*names}
    assert {item.id for item in open_data("folder", tmp_path).items} == {*names}
    monkeypatch.setattr(warmup, "warm", lambda: None)
    page = AppTest.from_file(str(ROOT / "app/main.py"), default_timeout=60)
    assert {*page.run().file_uploader(key="upload").proto.type} == {*ENDINGS}


@pytest.mark.parametrize(
    ("name", "codec"),
    [("cam.MTS", "libx264"), ("old.WMV", "wmv2"), ("old.flv", "flv"), ("cam.M2TS", "libx264")],
)
def test_a_file_of_a_camera_or_an_old_recorder_opens_from_the_data_folder(tmp_path, name, codec):
    numbered(tmp_path / name, 12, fps=25, codec=codec)
    (listed,) = clip_sources.data_clips(tmp_path)
    assert numbers(clip_sources.open_clip(listed, tmp_path).frames) == [*range(12)]
    assert numbers(read_clip(tmp_path / name).frames) == [*range(12)]


def test_each_format_that_is_opened_has_an_accepted_name():
    named = {"matroska": "mkv", "mpegts": "ts", "yuv4mpegpipe": "y4m"}
    for form in FORMATS.split(","):
        assert f".{named.get(form, form)}" in ENDINGS, form


def test_the_documents_name_every_ending():
    text = (ROOT / "docs/data.md").read_text("utf-8")
    line = next(line for line in text.splitlines() if "endings" in line)
    assert {*re.findall(r"`(\.\w+)`", line)} == {*ENDINGS}
    assert not is_video_name("notes.txt")
