"""Page Teach: the example, a lesson from files and lists, and what is taught on other pages."""

from __future__ import annotations

import io
import tempfile
import zipfile
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from fusionscope.base.records import InputError
from fusionscope_app import pages, warmup
from fusionscope_app.server import demo_mode
from fusionscope_app.state import clip_sources
from fusionscope_app.state.lesson import CLASSES, Lesson
from fusionscope_app.teach import example
from fusionscope_app.teach.kept_file import packed, taken_back
from fusionscope_app.teach.results import check
from tests.test_views import MAIN, words


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """Page Teach, without the background work that would outlive the test."""
    monkeypatch.setattr(warmup, "warm", lambda: None)
    monkeypatch.setenv("FUSIONSCOPE_DATA", "/nowhere")
    made = AppTest.from_file(MAIN, default_timeout=300)
    made.switch_page(pages.page_file("teach"))
    return made


def small(*seeds: int) -> Lesson:
    """Two classes of the example with a clip of each of its scenes."""
    made = Lesson()
    for (label, clips), seed in zip(example.example().classes.items(), seeds, strict=True):
        made.classes[label] = clips[:seed]
    return made


def test_the_example_is_taught_on_arrival_and_only_motion_can_tell(page: AppTest):
    page.run()
    assert not page.exception
    assert not page.error
    learned = page.session_state["lesson_learned"]
    found = learned.by_group
    assert found.how == "group"
    assert found.n == 8
    assert found.accuracy["appearance"] == 0.5
    assert found.accuracy["motion"] > 0.85
    assert found.accuracy["fused"] > 0.85
    said = words(page)
    assert "appearance 50 %" in said
    assert "Appearance (0.50) cannot decide; motion" in said


def test_a_clip_of_each_of_two_classes_is_enough_and_the_network_is_listed(page: AppTest):
    page.session_state["lesson"] = small(1, 1)
    page.run()
    assert not page.exception
    assert "Ready: 2 clips of 2 classes." in [one.value for one in page.markdown]
    page.button(key="lesson_teach").click().run()
    assert not page.exception
    assert not page.error
    learned = page.session_state["lesson_learned"]
    assert learned.by_clip is None
    assert "test it with new clips" in words(page)
    (name,) = page.session_state["taught"]
    assert name == f"taught-{learned.key[:8]}"
    content = packed(learned, name, page.session_state["taught"].folder)
    _is_taken_back(content, name, learned)


def _is_taken_back(content: bytes, name: str, learned) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as packing:
        assert sorted(packing.namelist()) == sorted(
            [f"{name}-features.npz", f"{name}.json", f"{name}.safetensors"]
        )
    with tempfile.TemporaryDirectory() as folder:
        card = taken_back(content, Path(folder))
        assert card.labels == learned.taught.classes
        assert len([*Path(folder).iterdir()]) == 2


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_kept_network_is_told_and_leaves_nothing(content: bytes, tmp_path: Path):
    with pytest.raises(InputError, match="taught network"):
        taken_back(content, tmp_path)
    assert [*tmp_path.iterdir()] == []


def test_names_in_a_zip_cannot_leave_the_folder(tmp_path: Path):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as packing:
        for ending in (".json", ".safetensors"):
            packing.writestr(f"../taught-x{ending}", "{}")
    with pytest.raises(InputError, match="taught network"):
        taken_back(made.getvalue(), tmp_path / "in")
    assert [*tmp_path.rglob("*")] == []


@pytest.mark.parametrize(
    ("classes", "says"),
    [
        ({}, "no class"),
        ({"open": []}, "one class"),
        ({"open": [], "close": []}, "open has no clip"),
    ],
)
def test_what_is_missing_is_told_in_a_sentence(classes, says):
    with pytest.raises(InputError, match=says):
        check(Lesson(classes))


def test_with_no_clip_the_page_says_what_is_missing(page: AppTest):
    page.session_state["lesson"] = Lesson({"open": [], "close": []})
    page.run()
    assert any("open has no clip" in one.value for one in page.markdown)
    page.button(key="lesson_teach").click().run()
    assert not page.exception
    (error,) = page.error
    assert "open has no clip" in error.value


def test_demo_mode_takes_no_clips_unless_its_operator_says_so(page: AppTest, monkeypatch):
    monkeypatch.setenv(demo_mode.VARIABLE, "1")
    assert not demo_mode.may_teach()
    page.run()
    assert not page.exception
    assert demo_mode.CLOSED in words(page)
    monkeypatch.setenv(demo_mode.TEACH, "1")
    assert demo_mode.may_teach()


def test_the_example_has_the_same_scenes_in_both_classes():
    one, other = example.CLASSES
    ids = {label: [clip.id for clip in clips] for label, clips in example.example().classes.items()}
    scenes = {label: [name.partition("~")[0] for name in some] for label, some in ids.items()}
    assert scenes[one] == scenes[other]
    assert all(clip_sources.is_made(clip_id) for clip_id in ids[one])


@pytest.mark.slow
def test_the_page_tells_what_came_of_the_example_and_takes_a_pair(page: AppTest):
    page.run()
    assert not page.exception
    told = "up and down</em>: appearance is right in 4 of 8 clips, as expected; motion is right in"
    assert told in words(page)
    page.button(key="lesson_use_0").click().run()
    assert not page.exception
    assert [*page.session_state["lesson"].classes] == ["open a book", "close a book"]
    assert page.button(key="lesson_use_0").disabled
    page.button(key="lesson_use_3").click().run()
    assert [*page.session_state["lesson"].classes] == ["clap", "wave"]


@pytest.mark.slow
def test_a_pair_keeps_classes_with_clips_and_says_where_there_is_no_room(page: AppTest):
    clips = [clip for _, clip in example.example()]
    lesson = Lesson({f"class {n}": [clip] for n, clip in enumerate(clips)})
    lesson.classes |= {f"more {n}": [clips[0]] for n in range(CLASSES - 1 - len(clips))}
    lesson.classes["empty"] = []
    page.session_state["lesson"] = lesson
    page.run()
    page.button(key="lesson_use_0").click().run()
    assert not page.exception
    assert len(lesson.classes) == CLASSES
    assert "open a book" in lesson.classes
    assert "empty" not in lesson.classes
    assert "that is the limit" in page.error[0].value
