"""Data sets by their lists: plain lists, Kinetics, Something-Something, folders with groups."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fusionscope.base.records import InputError
from fusionscope.data.datasets import DataSet, open_data


def videos(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"a video")


def rows(data: DataSet) -> list[tuple[str, str, str, str]]:
    return [(item.id, item.label, item.fold, item.group) for item in data.items]


def test_a_list_has_a_path_a_label_and_perhaps_a_group_in_each_line(tmp_path: Path):
    videos(tmp_path, "a/1.mp4", "a/2.mp4", "b/3.mp4")
    (tmp_path / "my_train_list.txt").write_text("a/1.mp4 run g1\n\n# a note\na/2.mp4,walk,g2\n")
    (tmp_path / "val.txt").write_text("b/3.mp4 walk\nb/4.mp4 walk\n")
    data = open_data("list", tmp_path)
    assert rows(data) == [
        ("a/1.mp4", "run", "train", "g1"),
        ("a/2.mp4", "walk", "train", "g2"),
        ("b/3.mp4", "walk", "val", "b/3.mp4"),
    ]
    assert data.problems == {"b/4.mp4": "b/4.mp4 not found"}


def test_labels_of_a_list_may_be_indices(tmp_path: Path):
    videos(tmp_path, "1.mp4")
    (tmp_path / "test.txt").write_text("1.mp4 1\n")
    (tmp_path / "classes.txt").write_text("run\nplay chess\n")
    assert rows(open_data("list", tmp_path)) == [("1.mp4", "play chess", "test", "1.mp4")]
    (tmp_path / "test.txt").write_text("1.mp4 2\n")
    with pytest.raises(InputError, match=r"line 1 of test\.txt has the label 2; needed: less than"):
        open_data("list", tmp_path)
    (tmp_path / "test.txt").write_text("1.mp4\n")
    with pytest.raises(InputError, match="needed: path, label and, if known, group"):
        open_data("list", tmp_path)


def test_kinetics_is_read_from_its_csv_and_clips_that_are_gone_are_named(tmp_path: Path):
    videos(tmp_path, "train/play chess/abc_000010_000020.mp4", "val/def.mp4")
    head = "label,youtube_id,time_start,time_end,split\n"
    (tmp_path / "train.csv").write_text(
        f"{head}play chess,abc,10,20,train\nplay chess,gone,0,10,train\n"
    )
    (tmp_path / "validate.csv").write_text(f"{head}run,def,5,15,validate\n")
    (tmp_path / "test.csv").write_text("youtube_id,time_start,time_end\nabc,1,2\n")
    data = open_data("kinetics", tmp_path)
    assert rows(data) == [
        ("abc_000010_000020", "play chess", "train", "abc"),
        ("def_000005_000015", "run", "val", "def"),
    ]
    assert data.problems.keys() == {"gone_000000_000010"}


def test_something_something_is_read_in_both_versions(tmp_path: Path):
    videos(tmp_path, "20bn/1.webm", "20bn/2.webm")
    template = "Holding [something] next to [something]"
    (tmp_path / "something-something-v2-train.json").write_text(
        json.dumps([{"id": "1", "label": "holding potato next to vest", "template": template}])
    )
    (tmp_path / "something-something-v2-labels.json").write_text(json.dumps({"Holding": "0"}))
    (tmp_path / "something-something-v1-validation.csv").write_text("2;Opening something\n3;Gone\n")
    data = open_data("something", tmp_path)
    assert sorted(rows(data)) == [
        ("1", "Holding something next to something", "train", "1"),
        ("2", "Opening something", "val", "2"),
    ]
    assert data.problems.keys() == {"3"}


def test_a_folder_may_have_groups_which_stay_in_one_fold(tmp_path: Path):
    videos(tmp_path, "run/ann/1.mp4", "run/ann/2.mp4", "run/bob/1.mp4", "run/own.mp4")
    found = {item.id: (item.fold, item.group) for item in open_data("folder", tmp_path).items}
    assert found == {
        "run/ann/1.mp4": ("0", "run/ann"),
        "run/ann/2.mp4": ("0", "run/ann"),
        "run/bob/1.mp4": ("1", "run/bob"),
        "run/own.mp4": ("2", "run/own"),
    }


def test_a_folder_may_have_its_own_split_files(tmp_path: Path):
    videos(tmp_path, "run/a b.mp4", "run/2.mp4", "walk/3.mp4")
    (tmp_path / "train.txt").write_text("run/a b.mp4\n")
    (tmp_path / "test.txt").write_text("walk/3.mp4\nwalk/gone.mp4\n")
    data = open_data("folder", tmp_path)
    folds = {item.id: item.fold for item in data.items}
    assert folds == {"run/a b.mp4": "train", "run/2.mp4": "unused", "walk/3.mp4": "test"}
    assert data.problems.keys() == {"walk/gone.mp4"}
    (tmp_path / "val.txt").write_text("walk/3.mp4\n")
    with pytest.raises(InputError, match=r"walk/3\.mp4 is listed in"):
        open_data("folder", tmp_path)
