"""Sources of clips, and uploads and their deletion."""

import gc
import os
import shutil
import socket
import time
from pathlib import Path

import numpy as np
import pytest

from fusionscope.base import paths
from fusionscope.base.records import InputError
from fusionscope_app.server.result_cache import Shelf
from fusionscope_app.server.work_queue import Turns
from fusionscope_app.state import clip_sources
from fusionscope_app.state.uploads import UploadFolder, Uploads
from tests.videos import numbered


def test_the_data_folder_lists_videos_by_name_and_nothing_else(tmp_path):
    for name in ("b/two.MP4", "a/one.webm", "a/notes.txt", "ünï cödé %d.mov"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = clip_sources.data_clips(tmp_path)
    assert sorted(found) == ["data:a/one.webm", "data:b/two.MP4", "data:ünï cödé %d.mov"]


def test_a_link_out_of_the_data_folder_is_not_followed(tmp_path):
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    outside.mkdir()
    (outside / "secret.mp4").touch()
    (inside / "link.mp4").symlink_to(outside / "secret.mp4")
    assert clip_sources.data_clips(inside) == []
    with pytest.raises(InputError, match="outside the data folder"):
        clip_sources.open_clip("data:link.mp4", inside)


def test_a_data_folder_may_be_a_link_and_contain_links_to_its_own_files(tmp_path):
    (tmp_path / "films/old").mkdir(parents=True)
    numbered(tmp_path / "films/old/a.mp4", 3)
    (tmp_path / "films/b.mp4").symlink_to("old/a.mp4")
    (tmp_path / "films/new").symlink_to("old")
    folder = tmp_path / "data"
    folder.symlink_to("films")
    assert clip_sources.data_clips(folder) == ["data:b.mp4", "data:old/a.mp4"]
    for name in ("b.mp4", "old/a.mp4", "new/a.mp4"):
        assert len(clip_sources.open_clip(f"data:{name}", folder).frames) == 3


ODD = (
    *(b"new\nline.mp4", b"%03d.mp4", b"a:b.mp4", b"<b>x.mp4", b" .mp4", b"-i.mp4", b"-..mp4"),
    *(b"$x$.mp4", b"![](http:).mp4", b"'; drop.mp4", b'"q".mp4', b"x" * 251 + b".mp4", b"~.mp4"),
    *(
        b"tab\t.mp4",
        b"\x01\x1b[31m.mp4",
        b"back\\slash.mp4",
        b"toybox:8.mp4",
        b"#?&=.mp4",
        b"-.mp4",
    ),
    *("rtl\u202egpj.mp4".encode(), "\N{GRINNING FACE}.mp4".encode()),
)


@pytest.mark.slow
def test_clips_of_odd_names_are_listed_and_open(tmp_path):
    numbered(tmp_path / "plain.mp4", 3)
    for name in ODD:
        (tmp_path / os.fsdecode(name)).hardlink_to(tmp_path / "plain.mp4")
    listed = clip_sources.data_clips(tmp_path)
    assert sorted(listed) == sorted(["data:plain.mp4", *(f"data:{os.fsdecode(n)}" for n in ODD)])
    for clip_id in listed:
        assert clip_sources.known(clip_id).title
        assert clip_sources.stamp(clip_id, tmp_path)
        clip = clip_sources.open_clip(clip_id, tmp_path)
        assert len(clip.frames) == 3
        assert clip.name.isprintable()


@pytest.fixture
def snares(tmp_path):
    """A data folder with one valid clip and many invalid entries."""
    folder = tmp_path / "in"
    folder.mkdir()
    numbered(folder / "good.mp4", 3)
    numbered(tmp_path / "out.mp4", 3)
    (folder / os.fsdecode(b"bad\xff\xfe.mp4")).touch()  # not UTF-8: an address cannot hold it
    os.mkfifo(folder / "pipe.mp4")
    (folder / "folder.mp4").mkdir()
    for name, target in {
        **{"ring.mp4": "ring.mp4", "one.mp4": "two.mp4", "two.mp4": "one.mp4"},
        **{"gone.mp4": "nothing", "zero.mp4": "/dev/zero", "out.mp4": "../out.mp4"},
        **{"root": "/", "self": ".", "again.mp4": "good.mp4"},
    }.items():
        (folder / name).symlink_to(target)
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(f"/proc/self/fd/{os.open(folder, os.O_RDONLY)}/socket.mp4")
    deep = folder
    for _ in range(40):
        deep = deep / "d"
        deep.mkdir()
    (deep / "deep.mp4").touch()
    return folder


def test_invalid_entries_of_the_data_folder_are_not_listed(snares):
    assert clip_sources.data_clips(snares) == ["data:again.mp4", "data:good.mp4"]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("ring.mp4", "ring.mp4 is not a valid file name in the data folder"),
        ("one.mp4", "not a valid file name"),
        ("ring.mp4/a.mp4", "not a valid file name"),
        ("zero.mp4", "outside the data folder"),
        ("out.mp4", "outside the data folder"),
        ("root/etc/passwd", "outside the data folder"),
        ("/etc/passwd", "outside the data folder"),
        ("../out.mp4", "outside the data folder"),
        ("gone.mp4", "gone.mp4 not found"),
        ("pipe.mp4", "pipe.mp4 is not a regular file"),
        ("socket.mp4", "socket.mp4 is not a regular file"),
        ("folder.mp4", "folder.mp4 is a folder"),
        ("", "is a folder"),
        ("a\0.mp4", "not a valid file name"),
        ("a" * 300 + ".mp4", "not a valid file name"),
        ("a/" * 3000 + "b.mp4", "not a valid file name"),
        ("\ud800.mp4", "not a valid file name"),
        ("good.mp4/a.mp4", "a.mp4 not found"),
    ],
)
def test_opening_an_invalid_entry_raises_a_short_printable_error(snares, name, says):
    clip_id = f"data:{name}"
    clip_sources.known(clip_id)
    clip_sources.stamp(clip_id, snares)
    with pytest.raises(InputError) as caught:
        clip_sources.open_clip(clip_id, snares)
    assert says in str(caught.value)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 300


def test_a_missing_data_folder_has_no_clips():
    assert clip_sources.data_clips(Path("/nowhere")) == []


def test_the_data_folder_is_the_one_the_user_names(monkeypatch):
    monkeypatch.setenv("FUSIONSCOPE_DATA", "~/films")
    assert paths.data_folder() == Path.home() / "films"


def test_a_clip_of_jhmdb_is_known_by_its_name():
    known = clip_sources.known("data:clips/shoot_ball_002.mp4")
    assert (known.world, known.label) == ("jhmdb", "shoot_ball")
    known = clip_sources.known("data:clips/holiday_2019.mp4")
    assert (known.world, known.label) == ("", "")


def test_a_clip_of_a_data_set_is_found_wherever_its_root_is():
    listed = ["data:a/clips/run_001.mp4", "data:b/run_001.mp4", "data:b/old/only.mp4"]
    assert clip_sources.located("clips/run_001.mp4", listed) == "data:a/clips/run_001.mp4"
    assert clip_sources.located("b/run_001.mp4", listed) == "data:b/run_001.mp4"
    assert clip_sources.located("clips/only.mp4", listed) == "data:b/old/only.mp4"
    assert clip_sources.located("clips/nly.mp4", listed) == ""
    assert clip_sources.located("c/run_001.mp4", listed) == ""  # two files have this name


def test_a_path_of_another_system_or_from_another_root_is_found():
    listed = ["data:set/walk/clip0.mp4", "data:set/run/clip0.mp4", "data:odd\\name.mp4"]
    for path in (
        "walk\\clip0.mp4",
        "D:\\sets\\mine\\walk\\clip0.mp4",
        "/home/a/mine/walk/clip0.mp4",
    ):
        assert clip_sources.located(path, listed) == "data:set/walk/clip0.mp4"
    assert clip_sources.located("odd\\name.mp4", listed) == "data:odd\\name.mp4"
    assert clip_sources.located("D:\\clip0.mp4", listed) == ""  # two files have this name


def test_hidden_names_are_not_listed(tmp_path):
    names = ("a.mp4", "._a.mp4", ".ipynb_checkpoints/a.mp4", "__MACOSX/a.mp4", "walk/.b.mp4")
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert clip_sources.data_clips(tmp_path) == ["data:a.mp4"]


def test_an_upload_is_stored_in_a_random_folder_that_other_users_cannot_read():
    one, other = UploadFolder(), UploadFolder()
    assert one.path != other.path
    assert one.path.stat().st_mode & 0o077 == 0
    path = one.keep("../../evil.mp4", b"video")
    assert path == one.path / "evil.mp4"
    assert path.read_bytes() == b"video"


def test_only_the_last_file_of_a_visitor_is_kept():
    folder = UploadFolder()
    folder.keep("one", b"1")
    folder.keep("two", b"2")
    assert [path.name for path in folder.path.iterdir()] == ["two"]
    assert folder.keep("two", b"not written again").read_bytes() == b"2"
    folder.clear()
    assert list(folder.path.iterdir()) == []


def test_an_upload_folder_deleted_by_the_system_is_created_again_with_another_name():
    folder = UploadFolder()
    before = folder.path
    folder.keep("one", b"1")
    shutil.rmtree(before)
    path = folder.keep("one", b"again")
    assert path.read_bytes() == b"again"
    assert path.parent == folder.path != before
    assert folder.path.stat().st_mode & 0o077 == 0
    del folder
    assert not path.exists()


def test_an_upload_folder_is_deleted_with_its_session():
    folder = UploadFolder()
    path = folder.path
    (path / "film.mp4").touch()
    del folder
    assert not path.exists()


def test_the_end_of_a_session_deletes_the_results_of_its_clips_and_no_others():
    shelf = Shelf(10**6, Turns(1, 1))
    kept = Uploads(shelf)
    kept.digests.add("mine")
    for key in (("flow", "mine", "dis"), ("analysis", "mine", 1), ("flow", "other", "dis"), "mine"):
        shelf.get(key, lambda: np.zeros(10))
    del kept
    gc.collect()
    until = time.monotonic() + 10
    while ("analysis", "mine", 1) in shelf and time.monotonic() < until:
        time.sleep(0.01)
    assert ("analysis", "mine", 1) not in shelf
    assert ("flow", "mine", "dis") not in shelf
    assert ("flow", "other", "dis") in shelf
    assert "mine" in shelf


def test_a_twin_has_the_places_of_one_toybox_clip_and_the_moves_of_another():
    twin = clip_sources.twin("toybox:8")
    assert twin.startswith("toybox:8~")
    known, own = clip_sources.known(twin), clip_sources.known("toybox:8")
    assert known.label == clip_sources.known(f"toybox:{twin.partition('~')[2]}").label
    assert known.label.split(", then ")[0] != own.label.split(", then ")[0]
    assert known.title.startswith("twin (")
    assert clip_sources.twin(twin).startswith("toybox:8~")
    assert clip_sources.twin("data:walk_002.mp4") == ""
    ours, theirs = (clip_sources.open_clip(one, Path("/nowhere")) for one in ("toybox:8", twin))
    np.testing.assert_array_equal(ours.frames[5], theirs.frames[5])  # the middle of a scene
    assert not np.array_equal(ours.frames[8], theirs.frames[8])


@pytest.mark.parametrize("name", ["8~", "8~x", "~8", "8~3~5"])
def test_an_invalid_twin_is_refused(name: str):
    with pytest.raises(InputError, match="is not a Toybox clip"):
        clip_sources.known(f"toybox:{name}")
