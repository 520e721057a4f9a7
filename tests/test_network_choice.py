"""The network that suits a clip, and the notice where the two do not fit."""

import dataclasses
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from fusionscope.data.toybox.recognise import looks_generated
from fusionscope.data.toybox.world import BUNDLED, toy_world
from fusionscope.data.worlds import task_of
from fusionscope.video.clip import Clip
from fusionscope_app import warmup
from fusionscope_app.state import clip_sources, clips, results
from fusionscope_app.state.clip_sources import Known
from fusionscope_app.state.network_choice import Fit, fit, network_for, task_line
from tests.conftest import TINY
from tests.test_views import MAIN, words
from tests.videos import numbered

OURS = dataclasses.replace(TINY, world="toybox")
PEOPLE = dataclasses.replace(TINY, world="jhmdb")


@pytest.fixture
def page(monkeypatch):
    """The app, without the background work that would outlive the test."""
    monkeypatch.setattr(warmup, "warm", lambda: None)
    monkeypatch.setenv("FUSIONSCOPE_DATA", "/nowhere")
    return AppTest.from_file(MAIN, default_timeout=120)


@pytest.mark.parametrize(
    ("card", "known", "expected"),
    [
        (OURS, Known("toybox:8", "", "toybox"), Fit.OWN),
        (OURS, Known("data:walk_002.mp4", "", "jhmdb"), Fit.OUTSIDE),
        (OURS, Known("upload:1", ""), Fit.OUTSIDE),  # a Toybox clip would have been recognised
        (PEOPLE, Known("data:walk_002.mp4", "", "jhmdb"), Fit.OWN),
        (PEOPLE, Known("toybox:8", "", "toybox"), Fit.OUTSIDE),
        (PEOPLE, Known("upload:1", ""), Fit.UNKNOWN),
        (dataclasses.replace(TINY, world="kitchen"), Known("data:mine.mp4", ""), Fit.UNKNOWN),
        (dataclasses.replace(TINY, world=""), Known("toybox:8", "", "toybox"), Fit.OWN),
    ],
)
def test_a_clip_is_of_the_networks_data_set_or_outside_or_unknown(card, known, expected):
    assert fit(card, known) is expected
    own = task_of(card)
    line = f"Trained for another task: {own}" if expected is Fit.OUTSIDE else own
    assert task_line(card, known) == line


def test_a_clip_of_unknown_origin_gets_the_most_accurate_network_that_fuses_features():
    name = network_for(Known("upload:1", ""), "toybox-conv3d")
    cards = results.models()
    fused = [card for card in cards.values() if card.world == "jhmdb" and card.places]
    assert cards[name] in fused
    assert cards[name].final[0] == max(card.final[0] or 0 for card in fused)
    assert network_for(Known("upload:1", ""), "jhmdb-spatial") == "jhmdb-spatial"
    assert network_for(Known("upload:1", ""), "imagenet-conv3d") == "imagenet-conv3d"
    assert network_for(Known("toybox:8", "", "toybox"), "toybox-sum") == "toybox-sum"


@pytest.mark.parametrize("seed", BUNDLED)
def test_a_toybox_clip_is_recognised_by_its_frames_and_another_is_not(seed):
    clip = toy_world(seed).clip
    assert looks_generated(clip)
    assert not looks_generated(Clip(clip.frames[:49], clip.fps))
    assert not looks_generated(Clip(clip.frames[:, :200], clip.fps))
    assert not looks_generated(Clip(clip.frames[[*range(20), *range(20), *range(10)]], clip.fps))


def test_the_list_of_a_data_set_says_what_its_clips_are(tmp_path):
    for name in ("set/clips", "mine"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "set/clips.csv").write_text("id,label\nwalk_001,walk\nodd,sit\n", "utf-8")

    def label(name: str) -> str | None:
        return clip_sources.listed_label(f"data:{name}", tmp_path)

    assert label("set/clips/walk_001.mp4") == "walk"
    assert label("set/clips/odd.mp4") == "sit"
    assert label("set/clips/walk_900.mp4") == ""  # the list does not have it
    assert label("mine/walk_001.mp4") is None  # there is no list
    (tmp_path / "set/clips.csv").write_bytes(b"id,label\n\0\xff")
    assert not label("set/clips/walk_001.mp4")
    (tmp_path.parent / "clips.csv").write_text("id,label\nsecret,walk\n", "utf-8")
    assert label("../secret.mp4") is None


def test_the_list_goes_before_the_name(page, tmp_path, monkeypatch):
    numbered(tmp_path / "walk_001.mp4", count=16)
    monkeypatch.setenv("FUSIONSCOPE_DATA", str(tmp_path))
    page.query_params["clip"] = "data:walk_001.mp4"
    page.query_params["model"] = "jhmdb-temporal"
    page.run()
    assert not page.info
    assert "is unknown" not in words(page)  # its name is that of a clip of J-HMDB
    (tmp_path / "clips.csv").write_text("id,label\nrun_001,run\n", "utf-8")
    page.run()
    assert not page.exception
    assert "is unknown" in words(page)


def test_an_upload_chooses_a_network_of_people_and_says_so_once(page, tmp_path):
    mine = numbered(tmp_path / "mine.mp4", count=16).read_bytes()
    page.run()
    assert not [one for one in page.button if one.key == "network_back"]
    page.file_uploader(key="upload").upload("mine.mp4", mine, "video/mp4").run()
    assert not page.exception
    assert page.query_params["model"] == "jhmdb-conv"
    (said,) = (one.value for one in page.markdown if "was chosen" in one.value)
    assert said.startswith("This clip is not from Toybox, so a network trained on people")
    assert not page.info
    assert "is unknown" in words(page)  # whether the clip shows one of the classes
    page.button(key="network_back").click().run()
    assert page.query_params["model"] == "toybox-conv3d"
    assert not [one for one in page.button if one.key == "network_back"]
    (notice,) = page.info
    assert "Outside its training data" in notice.value
    # The network chosen by hand stays for the next clip of this kind.
    other = numbered(tmp_path / "other.mp4", count=18).read_bytes()
    page.file_uploader(key="upload").upload("other.mp4", other, "video/mp4").run()
    assert page.query_params["model"] == "toybox-conv3d"


def choosing() -> None:
    """Buttons that open clips, as the clip cards and the folder's thumbnails do."""
    import streamlit as st

    from fusionscope_app.state import network_choice
    from fusionscope_app.widgets import clip_chooser

    for clip in ("data:mine.mp4", "toybox:3"):
        st.button(clip, key=clip, on_click=network_choice.open_clip, args=(clip,))
    clip_chooser.model_choice()


def test_each_kind_of_clip_remembers_the_network_last_used_with_it(tmp_path, monkeypatch):
    numbered(tmp_path / "mine.mp4", count=16)
    monkeypatch.setenv("FUSIONSCOPE_DATA", str(tmp_path))
    clips.data_clips.clear()
    page = AppTest.from_function(choosing, default_timeout=120).run()
    page.selectbox(key="model_choice").set_value("toybox-conv").run()
    page.button(key="data:mine.mp4").click().run()
    assert page.query_params["model"] == "jhmdb-conv"
    page.selectbox(key="model_choice").set_value("jhmdb-late").run()
    page.button(key="toybox:3").click().run()
    assert page.query_params["model"] == "toybox-conv"
    page.button(key="data:mine.mp4").click().run()
    assert page.query_params["model"] == "jhmdb-late"
    assert not page.exception
    clips.data_clips.clear()


def test_an_uploaded_toybox_clip_keeps_its_network(page, tmp_path):
    clip = toy_world(8).clip
    video = _encoded(clip, tmp_path / "toy.mp4").read_bytes()
    page.run()
    page.file_uploader(key="upload").upload("toy.mp4", video, "video/mp4").run()
    assert not page.exception
    assert "model" not in page.query_params
    assert not page.info


def _encoded(clip: Clip, path: Path) -> Path:
    import av

    with av.open(path, "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width = stream.height = clip.frames.shape[1]
        stream.pix_fmt = "yuv420p"
        stream.options = {"crf": "28"}
        for frame in clip.frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode())
    return path


def test_a_clip_that_does_not_exist_shows_one_error(page):
    page.query_params["clip"] = "toybox:nine"
    page.run()
    assert not page.exception
    assert len(page.error) == 1
