"""Where clips come from, and what is kept of them."""

import gc
import os
import socket
import threading
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from app import sources
from app.shelf import Shelf
from app.uploads import UploadFolder, Uploads
from core.records import InputError
from tests.videos import numbered


def test_the_data_folder_lists_videos_by_name_and_nothing_else(tmp_path):
    for name in ("b/two.MP4", "a/one.webm", "a/notes.txt", "ünï cödé %d.mov"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = sources.data_clips(tmp_path)
    assert sorted(found) == ["data:a/one.webm", "data:b/two.MP4", "data:ünï cödé %d.mov"]


def test_a_link_out_of_the_data_folder_is_not_followed(tmp_path):
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    outside.mkdir()
    (outside / "secret.mp4").touch()
    (inside / "link.mp4").symlink_to(outside / "secret.mp4")
    assert sources.data_clips(inside) == []
    with pytest.raises(InputError, match="outside the data folder"):
        sources.open_clip("data:link.mp4", inside)


def test_a_missing_data_folder_has_no_clips():
    assert sources.data_clips(Path("/nowhere")) == []


def test_the_data_folder_is_the_one_the_user_names(monkeypatch):
    monkeypatch.setenv("FUSIONSCOPE_DATA", "~/films")
    assert sources.data_folder() == Path.home() / "films"


def test_a_clip_of_jhmdb_is_known_by_its_name():
    known = sources.known("data:clips/shoot_ball_002.mp4")
    assert (known.world, known.label) == ("jhmdb", "shoot_ball")
    known = sources.known("data:clips/holiday_2019.mp4")
    assert (known.world, known.label) == ("", "")


def test_a_clip_of_a_data_set_is_found_wherever_its_root_lies():
    listed = ["data:a/clips/run_001.mp4", "data:b/run_001.mp4", "data:b/old/only.mp4"]
    assert sources.located("clips/run_001.mp4", listed) == "data:a/clips/run_001.mp4"
    assert sources.located("b/run_001.mp4", listed) == "data:b/run_001.mp4"
    assert sources.located("clips/only.mp4", listed) == "data:b/old/only.mp4"
    assert sources.located("clips/nly.mp4", listed) == ""
    assert sources.located("c/run_001.mp4", listed) == ""  # two are called so: which?


def test_a_shelf_makes_each_thing_once_however_many_ask():
    shelf, made, start = Shelf(10**6), [], threading.Barrier(8)

    def make() -> np.ndarray:
        made.append(1)
        return np.zeros(10)

    def ask() -> None:
        start.wait()
        shelf.get("key", make)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1


def test_a_shelf_lets_the_longest_unused_go_first():
    shelf = Shelf(250)
    for key in "abc":
        shelf.get(key, lambda: np.zeros(100, np.uint8))
        shelf.get("a", lambda: pytest.fail("a was let go"))
    assert "b" not in shelf
    assert "c" in shelf


def test_a_shelf_shows_what_is_too_large_to_keep():
    shelf = Shelf(10)
    assert len(shelf.get("key", lambda: np.zeros(100, np.uint8))) == 100
    assert "key" not in shelf


def test_what_could_not_be_made_is_tried_again():
    shelf = Shelf(10**6)
    with pytest.raises(InputError):
        shelf.get("key", lambda: (_ for _ in ()).throw(InputError("no")))
    assert shelf.get("key", lambda: 3) == 3


def test_an_upload_folder_goes_with_its_session():
    folder = UploadFolder()
    path = folder.path
    (path / "film.mp4").touch()
    del folder
    assert not path.exists()


def test_with_a_session_goes_what_was_made_of_its_clips_and_nothing_else():
    shelf = Shelf(10**6)
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
    twin = sources.twin("toybox:8")
    assert twin.startswith("toybox:8~")
    known, own = sources.known(twin), sources.known("toybox:8")
    assert known.label == sources.known(f"toybox:{twin.partition('~')[2]}").label
    assert known.label.split(", then ")[0] != own.label.split(", then ")[0]
    assert known.title.startswith("same places: ")
    assert sources.twin(twin).startswith("toybox:8~")
    assert sources.twin("data:walk_002.mp4") == ""
    ours, theirs = (sources.open_clip(one, Path("/nowhere")) for one in ("toybox:8", twin))
    np.testing.assert_array_equal(ours.frames[5], theirs.frames[5])  # the middle of a scene
    assert not np.array_equal(ours.frames[8], theirs.frames[8])


@pytest.mark.parametrize("name", ["8~", "8~x", "~8", "8~3~5"])
def test_a_mangled_twin_is_told(name: str):
    with pytest.raises(InputError, match="is no Toybox clip"):
        sources.known(f"toybox:{name}")
