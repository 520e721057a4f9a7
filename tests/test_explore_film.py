"""Page Explore with a film: it offers the whole of it, works along it, and opens its seconds."""

from __future__ import annotations

import json
import struct
from threading import Event

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from fusionscope_app import warmup
from fusionscope_app.components.film_strip import packed
from tests.test_film_windows import MADE
from tests.test_views import MAIN, words
from tests.videos import numbered


@pytest.fixture
def page(monkeypatch, tmp_path):
    """The app with a film of 24 s, and a clip, in its data folder."""
    monkeypatch.setattr(warmup, "warm", lambda: None)
    numbered(tmp_path / "film.mp4", 144, fps=6)
    numbered(tmp_path / "clip.mp4", 24, fps=6)
    monkeypatch.setenv("FUSIONSCOPE_DATA", str(tmp_path))
    found = AppTest.from_file(MAIN, default_timeout=120)
    found.query_params["model"] = "toybox-temporal"
    return found


def buttons(page: AppTest) -> list[str]:
    return [button.key or "" for button in page.button]


def test_a_clip_of_20_s_or_less_has_no_film(page):
    page.query_params["clip"] = "data:clip.mp4"
    page.run()
    assert not page.exception
    assert "explore_film_open" not in buttons(page)


@pytest.mark.slow
def test_a_longer_file_offers_the_whole_film_and_works_along_it(page):
    page.query_params["clip"] = "data:film.mp4"
    page.run()
    assert not page.exception
    assert any("the first 20 s of a video of 24 s" in one.value for one in page.markdown)
    page.button(key="explore_film_open").click().run()
    assert page.query_params["explore_film"] == "true"
    page.button(key="explore_film_start").click().run()
    (job,) = page.session_state["film_jobs"].values()
    while job.running:
        Event().wait(0.05)
    page.run()
    assert not page.exception
    assert not page.error
    assert any(one.value.startswith(f"{len(job.windows)} windows.") for one in page.caption)
    assert len(job.windows) == 22
    part = "data:film.mp4#t=12,14.5"
    page.query_params["clip"] = part
    page.run()
    assert not page.exception
    assert "Clip: 15 frames" in words(page)
    assert len(page.session_state["film_jobs"]) == 1


@pytest.mark.slow
def test_an_uploaded_film_is_kept_for_its_parts(page, tmp_path):
    page.run()
    content = (tmp_path / "film.mp4").read_bytes()
    page.file_uploader(key="upload").upload("mine.mp4", content, "video/mp4").run()
    page.button(key="upload_film").click().run()
    assert not page.exception
    assert page.query_params["explore_film"] == "true"
    whole = page.query_params["clip"]
    assert whole.startswith("upload:")
    assert "explore_film_start" in buttons(page)
    page.query_params["clip"] = f"{whole}#t=3,5"
    page.run()
    assert not page.exception
    assert "Clip: 12 frames" in words(page)


def test_the_strip_gets_the_numbers_of_all_windows():
    data = packed(MADE, 6.0, 2, complete=True)
    (size,) = struct.unpack("<I", data[:4])
    header = json.loads(data[4 : 4 + size])
    assert header["count"] == 5
    assert header["chosen"] == 2
    assert header["classes"] == ["walk", "a <b> & c", "run"]
    assert [band["name"] for band in header["bands"]] == [
        *("average of the heads", "spatial head", "temporal head"),
    ]
    rest = data[4 + size :]
    assert len(rest) == 5 * (4 + 4 + 1 + 3 * (2 + 1))
    starts = np.frombuffer(rest, "<f4", 5)
    assert starts.tolist() == [one.start for one in MADE]
    assert list(rest[40:45]) == [0, 0, 1, 0, 0]
    assert np.frombuffer(rest, "<u2", 5, 45).tolist() == [0, 0, 0, 1, 1]
    assert packed([], 6.0, None, complete=False)
