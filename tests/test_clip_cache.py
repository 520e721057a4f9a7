"""Clip cache: cached clips equal their files, are decoded once, and are never incomplete."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fusionscope.base.records import InputError
from fusionscope.data.clip_cache import Kept, keep
from fusionscope.data.datasets import Item
from fusionscope.video.clip import read_clip
from fusionscope.video.flow.methods import dense_flow, from_net_view, net_view
from fusionscope.video.reading import decoder_process
from tests.disk import a_disk_with_room_for
from tests.videos import numbered, numbers, write

COUNT = 9


def item(path: Path, label: str = "one") -> Item:
    return Item(path.stem, label, path, "0", path.stem)


def files(folder: Path) -> dict[str, tuple[int, int]]:
    """Name -> which file that is and when it was written."""
    return {p.name: (p.stat().st_ino, p.stat().st_mtime_ns) for p in folder.iterdir()}


@pytest.fixture
def video(tmp_path: Path) -> Path:
    return numbered(tmp_path / "film.mp4", COUNT)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store"


def test_frames_are_those_of_the_file_in_their_order_read_where_they_lie(video: Path, store: Path):
    (kept,), broken = keep([item(video)], store)
    assert broken == {}
    pictures, fields = kept.pictures(), kept.fields()
    assert isinstance(pictures, np.memmap)
    assert isinstance(fields, np.memmap)
    assert not pictures.flags.writeable
    assert not fields.flags.writeable
    assert numbers(np.array(pictures)) == list(range(COUNT))
    assert (pictures == read_clip(video, start=0.0).frames).all()
    assert (pictures.shape, pictures.dtype) == ((COUNT, 256, 342, 3), np.uint8)


@pytest.mark.parametrize("method", ["dis", "farneback"])
def test_flow_is_that_of_the_frames_in_the_nets_view_x_before_y(
    tmp_path: Path, store: Path, method: str
):
    """The ground moves by turns to the right and down, by 2 of 64 pixels, so by 8 of 256."""
    random = np.random.default_rng(0)
    picture = np.kron(random.integers(0, 255, (16, 20, 3)), np.ones((4, 4, 1))).astype(np.uint8)
    frames = [picture]
    for n in range(5):
        frames.append(np.roll(frames[-1], 2, axis=0 if n % 2 else 1))
    path = write(tmp_path / "turns.mp4", frames, options={"crf": "5"})
    (kept,), _ = keep([item(path)], store, method)
    fields = np.array(kept.fields())
    assert (fields.shape, fields.dtype) == ((5, 256, 320, 2), np.uint8)
    clip = read_clip(path, start=0.0)
    assert (fields == net_view(dense_flow(clip, method)).transpose(0, 2, 3, 1)).all()
    u, v = np.median(from_net_view(fields), axis=(1, 2)).T
    np.testing.assert_allclose(u, [8, 0, 8, 0, 8], atol=1)
    np.testing.assert_allclose(v, [0, 8, 0, 8, 0], atol=1)


def test_a_second_time_nothing_is_decoded(
    video: Path, store: Path, monkeypatch: pytest.MonkeyPatch
):
    keep([item(video)], store)
    before = files(store)
    monkeypatch.setattr(decoder_process, "CHILD", ("/nowhere/decoder",))
    (kept,), _ = keep([item(video)], store)
    assert files(store) == before
    assert numbers(np.array(kept.pictures())) == list(range(COUNT))
    other = numbered(video.with_name("other.mp4"), 4)
    with pytest.raises(FileNotFoundError):  # the decoder was indeed out of reach
        keep([item(other)], store)


def test_another_way_to_estimate_flow_is_another_file(video: Path, store: Path):
    (one,), _ = keep([item(video)], store)
    (other,), _ = keep([item(video)], store, "farneback")
    assert one.frames == other.frames
    assert one.flow != other.flow
    assert (np.array(one.fields()) != other.fields()).any()


def test_unreadable_clips_are_listed_and_the_rest_kept_in_order(
    tmp_path: Path, video: Path, store: Path
):
    cut, empty, text = (tmp_path / name for name in ("cut.mp4", "empty.mp4", "text.mp4"))
    cut.write_bytes(video.read_bytes()[:300])
    empty.write_bytes(b"")
    text.write_text("no film")
    still = numbered(tmp_path / "still.mp4", 1)
    last = numbered(tmp_path / "last.mp4", 5)
    (tmp_path / "folder.mp4").mkdir()
    paths = [cut, video, tmp_path / "gone.mp4", empty, tmp_path / "folder.mp4", text, still, last]
    done: list[float] = []
    kept, broken = keep(map(item, paths), store, progress=lambda _, share: done.append(share))
    assert [one.item.id for one in kept] == ["film", "last"]
    assert [len(one.pictures()) for one in kept] == [COUNT, 5]
    assert broken.keys() == {"cut", "gone", "empty", "folder", "text", "still"}
    for name, problem in broken.items():
        assert problem.startswith(f"{name}.mp4 "), problem
    assert "No such file" in broken["gone"]
    assert done == [n / 8 for n in range(1, 9)]
    assert len(files(store)) == 4


def test_a_changed_file_of_the_same_name_is_decoded_again(video: Path, store: Path):
    (old,), _ = keep([item(video)], store)
    numbered(video, 6)
    (new,), _ = keep([item(video)], store)
    assert len(new.pictures()) == 6
    assert len(new.fields()) == 5
    assert len(old.pictures()) == COUNT  # what was made before stays what it was


def test_one_film_under_two_names_is_kept_once(video: Path, store: Path):
    copy = video.with_name("copy.mp4")
    copy.write_bytes(video.read_bytes())
    kept, _ = keep([item(video), item(copy, "two")], store)
    assert [(one.item.id, one.item.label) for one in kept] == [("film", "one"), ("copy", "two")]
    assert len({one.frames for one in kept}) == 1
    assert len(files(store)) == 2


def test_a_full_disk_leaves_nothing_that_is_taken_for_whole(video: Path, store: Path):
    def kept() -> list[Kept]:
        return keep([item(video)], store)[0]

    size = COUNT * 256 * 342 * 3
    with a_disk_with_room_for(size // 2), pytest.raises(InputError, match="cannot be written"):
        kept()
    assert files(store) == {}
    (whole,) = kept()
    assert np.array(whole.pictures()).size == size
    assert len(whole.fields()) == COUNT - 1
    assert numbers(np.array(whole.pictures())) == list(range(COUNT))


def test_frames_without_their_flow_are_decoded_again(video: Path, store: Path):
    """As a process leaves them that is killed between the two."""
    (kept,), _ = keep([item(video)], store)
    fields = np.array(kept.fields())
    kept.flow.rename(kept.flow.with_name(f"{kept.flow.name}.1.partial"))
    (again,), _ = keep([item(video)], store)
    assert (np.array(again.fields()) == fields).all()


def test_a_clip_too_long_to_be_read_whole_says_so_when_cached_and_later(
    tmp_path: Path, store: Path, caplog: pytest.LogCaptureFixture
):
    caplog.set_level("INFO")
    path = numbered(tmp_path / "long.mp4", 63, fps=3)
    for _ in range(2):
        caplog.clear()
        (kept,), _ = keep([item(path)], store)
        assert len(kept.pictures()) == 60
        assert kept.notes == ("the first 20 s of the 21.0 s in the file",)
        assert "long: the first 20 s of the 21.0 s in the file" in caplog.text
