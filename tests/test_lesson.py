"""The lesson of page Teach: classes, clips, files on disk, and what the browser sends."""

from __future__ import annotations

import base64
import gc
from pathlib import Path

import pytest

from fusionscope.base.records import InputError
from fusionscope_app.components.lesson_board import read_act
from fusionscope_app.server.result_cache import Shelf
from fusionscope_app.server.work_queue import Turns
from fusionscope_app.state import clip_files
from fusionscope_app.state.clip_files import ClipFiles
from fusionscope_app.state.lesson import CLASSES, CLIPS, Lesson, LessonClip
from tests.videos import numbered


def clip(number: int) -> LessonClip:
    return LessonClip(f"upload:{number}", f"digest {number}", f"clip {number}", b"")


@pytest.fixture
def lesson() -> Lesson:
    made = Lesson({"open": [], "close": []})
    made.add("open", clip(1))
    return made


def test_a_clip_moves_with_its_name_and_a_renamed_class_keeps_place_and_clips(lesson: Lesson):
    lesson.change("upload:1", name="book", who="Ann")
    lesson.move("upload:1", "close")
    lesson.rename_class("close", "shut")
    assert [*lesson.classes] == ["open", "shut"]
    label, moved = lesson.find("upload:1")
    assert (label, moved.name, moved.who) == ("shut", "book", "Ann")
    assert lesson.filled == ["shut"]
    lesson.delete("upload:1")
    assert lesson.filled == []


def test_a_class_is_made_for_a_clip_of_a_folder(lesson: Lesson):
    lesson.add("wave", clip(2))
    assert [*lesson.classes] == ["open", "close", "wave"]


@pytest.mark.parametrize(
    ("act", "says"),
    [
        (lambda it: it.add("close", clip(1)), "already in the class open"),
        (lambda it: it.add_class("open"), "another name"),
        (lambda it: it.add_class("\n"), "1 to 60 printable"),
        (lambda it: it.rename_class("open", "close"), "another name"),
        (lambda it: it.rename_class("gone", "x"), "no class gone"),
        (lambda it: it.move("upload:9", "close"), "no longer in a class"),
        (lambda it: [it.add_class() for _ in range(CLASSES)], f"{CLASSES} classes"),
        (lambda it: [it.add("open", clip(n)) for n in range(2, CLIPS + 3)], f"{CLIPS} clips"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_sentence(lesson: Lesson, act, says):
    with pytest.raises(InputError, match=says):
        act(lesson)
    assert lesson.find("upload:1")[0] == "open"


@pytest.fixture
def files() -> ClipFiles:
    return ClipFiles(Shelf(10**6, Turns(1, 1)))


def test_a_file_is_read_kept_read_again_and_deleted(files: ClipFiles, tmp_path: Path):
    numbered(tmp_path / "a.mp4", 12)
    kept = files.keep((tmp_path / "a.mp4").read_bytes(), "a.mp4")
    clip_id = f"upload:{kept.digest[:12]}"
    assert clip_id in files
    assert files.read(clip_id).digest == kept.digest
    folder = files._folder.path
    files.drop(clip_id)
    assert clip_id not in files
    assert [*folder.iterdir()] == []
    del files
    gc.collect()


def test_a_broken_file_and_one_too_many_leave_nothing(
    files: ClipFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    with pytest.raises(InputError, match=r"broken\.mp4"):
        files.keep(b"not a video", "broken.mp4")
    monkeypatch.setattr(clip_files, "ROOM", 10)
    numbered(tmp_path / "a.mp4", 12)
    with pytest.raises(InputError, match="delete some first"):
        files.keep((tmp_path / "a.mp4").read_bytes(), "a.mp4")
    assert [*files._folder.path.iterdir()] == []


VIDEO = base64.b64encode(b"video").decode()


def test_an_act_is_read_as_it_was_sent():
    act = read_act(
        {"kind": "file", "label": "open", "name": "a.mp4", "video": VIDEO, "batch": 3}, 9
    )
    assert (act.kind, act.label, act.name, act.video, act.batch) == (
        *("file", "open", "a.mp4", b"video", 3),
    )


@pytest.mark.parametrize(
    ("sent", "most", "says"),
    [
        (None, 9, "not known"),
        ({"kind": "reformat"}, 9, "not known"),
        ({"kind": "move", "to": 3}, 9, "not known"),
        ({"kind": "file", "name": "a.mp4", "video": VIDEO}, 0, "takes no clips"),
        ({"kind": "file", "name": "a.mp4", "video": VIDEO * 9}, 9, "a.mp4 has"),
        ({"kind": "record", "video": ""}, 9, "is empty"),
        ({"kind": "test", "video": "AAA"}, 9, "incomplete or damaged"),
    ],
)
def test_what_is_no_act_is_told_in_a_sentence(sent, most, says):
    with pytest.raises(InputError, match=says):
        read_act(sent, most)
