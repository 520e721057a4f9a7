"""``prepare``: a store of clips that is resumed after a kill and read without the videos."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from fusionscope.base.records import InputError
from fusionscope.data.datasets import open_data
from fusionscope.data.prepared.prepare import prepare
from fusionscope.data.prepared.store import open_store, prepared_data
from fusionscope_app.cli.shell import cli
from tests.videos import numbered, numbers


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Five clips in J-HMDB's layout: one broken, one missing."""
    (tmp_path / "set/clips").mkdir(parents=True)
    for name in ("walk_1", "walk_2", "run_1"):
        numbered(tmp_path / f"set/clips/{name}.mp4", 6)
    (tmp_path / "set/clips/run_2.mp4").write_bytes(b"no video")
    rows = ("walk_1,walk,0,g1", "walk_2,walk,3,g1", "run_1,run,0,g2", "run_2,run,3,g3")
    text = "\n".join(("id,label,fold,group", *rows, "run_3,run,3,g3"))
    (tmp_path / "set/clips.csv").write_text(text)
    return tmp_path / "set"


def command(*words: object) -> list[str]:
    return [sys.executable, "-m", "fusionscope_app.cli", *map(str, words)]


def test_the_command_prints_the_contract_and_an_estimate_first(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    out = tmp_path / "prepared"
    words = ["prepare", "--data", "jhmdb", "--root", root, "--out", out, "--jobs", "2", "--json"]
    cli([*map(str, words)], standalone_mode=False)
    shown = capsys.readouterr()
    told = json.loads(shown.out)
    assert (told["clips"], told["frames"]) == (3, 18)
    assert told["problems"].keys() == {"run_2", "run_3"}
    assert told["problems"]["run_3"] == "clips/run_3.mp4 not found"
    assert told["bytes"] == sum(path.stat().st_size for path in out.glob("*/*.safetensors"))
    assert "estimate for 4 clips: " in shown.err
    assert told["estimate"]["bytes"] <= told["estimate"]["most_bytes"]
    again = prepare("jhmdb", root, out)  # the broken clip alone is tried again
    assert (again.clips, again.frames, again.bytes) == (3, 18, told["bytes"])
    assert again.problems == told["problems"]


def test_a_store_is_read_without_the_videos(root: Path, tmp_path: Path):
    prepare("jhmdb", root, tmp_path / "prepared", jobs=1)
    whole = open_data("jhmdb", root)
    root.rename(tmp_path / "gone")
    store = open_store(tmp_path / "prepared")
    data = prepared_data(store)
    assert data.labels == whole.labels
    assert {i.id: i.fold for i in data.items} == {
        i.id: i.fold for i in (*whole.items, *whole.missing)
    }
    clips, problems = store.clips(data.of(("0",)).items)
    assert [numbers(np.asarray(clip.pictures())) for clip in clips] == [[0, 1, 2, 3, 4, 5]] * 2
    assert {len(clip.fields()) for clip in clips} == {5}
    _, problems = store.clips(data.of(("3",)).items)
    assert problems.keys() == {"run_2", "run_3"}
    assert "run_2.mp4" in problems["run_2"]
    assert "run fusionscope prepare" in problems["run_3"]


def test_killed_at_any_time_it_is_completed_by_the_next_run(root: Path, tmp_path: Path):
    out = tmp_path / "prepared"
    words = command("prepare", "--root", root, "--out", out, "--jobs", "1")
    killed = subprocess.Popen(words, stderr=subprocess.DEVNULL, start_new_session=True)
    while not [*out.glob("*/*")]:  # the first clip is there, or half of it
        assert killed.poll() is None
    os.killpg(killed.pid, signal.SIGKILL)
    killed.wait()
    found = prepare("jhmdb", root, out, jobs=1)
    assert (found.clips, found.frames) == (3, 18)
    assert {path.suffix for path in out.glob("*/*")} <= {".safetensors", ".problem", ".partial"}


def test_damaged_and_changed_clips_are_prepared_again(root: Path, tmp_path: Path):
    out = tmp_path / "prepared"
    prepare("jhmdb", root, out, jobs=1)
    store = open_store(out)
    cut = store.path_of("walk_1")
    cut.write_bytes(cut.read_bytes()[:-10])
    numbered(root / "clips/run_1.mp4", 9)
    found = prepare("jhmdb", root, out, jobs=1)
    assert (found.clips, found.frames) == (3, 6 + 6 + 9)


def test_a_folder_of_something_else_is_refused(root: Path, tmp_path: Path):
    prepare("jhmdb", root, tmp_path / "prepared", jobs=1)
    with pytest.raises(InputError, match=r"holds jhmdb with flow of dis; needed: another folder"):
        prepare("jhmdb", root, tmp_path / "prepared", "farneback")
    with pytest.raises(InputError, match="holds other files"):
        prepare("jhmdb", root, root)
    with pytest.raises(InputError, match="has no prepared clips"):
        open_store(root)


@pytest.mark.parametrize("layout", ["u/{}/frame{:06}.jpg v/{}/frame{:06}.jpg",
                                    "{}/flow_x_{:05}.jpg {}/flow_y_{:05}.jpg"])  # fmt: skip
def test_published_flow_is_read_in_both_layouts(root: Path, tmp_path: Path, layout: str):
    for clip, count in (("walk_1", 5), ("walk_2", 4), ("run_1", 2)):
        for number in range(1, count + 1):
            for value, pattern in zip((100, 180), layout.split(), strict=True):
                path = tmp_path / "flow" / pattern.format(clip, number)
                path.parent.mkdir(parents=True, exist_ok=True)
                cv2.imwrite(str(path), np.full((256, 340), value + 4 * number, np.uint8))
    found = prepare("jhmdb", root, tmp_path / "prepared", str(tmp_path / "flow"), jobs=1)
    assert (found.clips, found.frames) == (2, 6 + 5)
    assert "has 2 fields; needed: 5" in found.problems["run_1"]
    store = open_store(tmp_path / "prepared")
    items = {item.id: item for item in prepared_data(store).items}
    clip, short = store.clip(items["walk_1"]), store.clip(items["walk_2"])
    fields = np.asarray(clip.fields())
    assert fields.shape == (5, 60, 80, 2)
    np.testing.assert_allclose(
        fields[:, 5, 5], [[100 + 4 * n, 180 + 4 * n] for n in range(1, 6)], atol=1
    )
    assert short.notes == ("4 flow fields for 6 frames",)
    with pytest.raises(InputError, match="neither a flow method nor a folder"):
        prepare("jhmdb", root, tmp_path / "other", "tvl2")
